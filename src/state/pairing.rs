//! Two networks side by side: what each is asked of the photo, and of a folder of photos.

use std::rc::Rc;

use super::board::By;
use super::frame::View;
use super::job::Ask;
use super::model::State;
use super::pair::{Columns, Folder, MOST_PHOTOS, Photo, Table, same};
use super::picture::{ClassScore, Picture, Source};
use super::question::{Aim, Question, Seen, Settings, fitted};
use crate::catalog::picture::Fit;
use crate::catalog::{MethodInfo, NetworkSpec, networks};
use crate::figure::scale::largest_first;
use crate::methods::{find, grad_cam, hires_cam};

/// Classes that get a column of their own, each; with more of them a photo is only counted as agreed on or not.
const COLUMNS: usize = 8;

impl State {
    /// Whether networks are compared on the stage.
    pub fn paired(&self) -> bool {
        self.board.by == By::Networks && self.frame.view == View::Board && self.board.params.is_some()
    }

    /// Bytes that the visitor is asked about: the weights of the network in use, and of one that a link compares it with.
    pub fn offered(&self) -> Option<u64> {
        let other =
            self.pair.other.as_ref().filter(|_| self.board.by == By::Networks && self.frame.view == View::Board);
        Some(self.offer? + other.filter(|net| !net.own()).map_or(0, |net| networks::bytes(net.id())))
    }

    /// The other network's view of a picture: the same part of it, with its own head.
    fn seen_by_other(&self, seen: &Seen) -> Option<Seen> {
        let net = self.pair.other.clone().filter(|net| *net != self.net)?;
        Some(Seen { net, taught: false, ..seen.clone() })
    }

    /// The other network's view of the picture that is wanted.
    pub(super) fn pair_seen(&self) -> Option<Seen> {
        self.seen_by_other(&self.wants()?).filter(|_| self.board.by == By::Networks)
    }

    /// The other network's classes of the photo that is shown, the most probable first; empty before they are there.
    pub fn other_classes(&self) -> &[ClassScore] {
        let seen = self.shown().and_then(|seen| self.seen_by_other(&seen));
        let known = self.pair.classes.as_ref().filter(|(of, _)| Some(of) == seen.as_ref());
        known.map_or(&[], |(_, classes)| classes)
    }

    /// Networks that the one in use can be compared with.
    pub fn others(&self) -> Vec<Rc<NetworkSpec>> {
        let shipped = networks::ids().into_iter().filter_map(networks::get);
        shipped.chain(networks::own()).filter(|net| *net != self.net).collect()
    }

    /// The method whose maps are compared: the board's, if both networks have what it needs.
    pub fn pair_method(&self) -> &'static str {
        let has = |net: &NetworkSpec, info: &MethodInfo| net.lacks(info).is_none();
        let both = |id: &&str| {
            let other = self.pair.other.as_ref();
            find(id).is_some_and(|info| has(&self.net, info) && other.is_none_or(|net| has(net, info)))
        };
        let chosen = self.board.method();
        [chosen, grad_cam::INFO.id, hires_cam::INFO.id].into_iter().find(both).unwrap_or(chosen)
    }

    /// The class that the other network is asked about: the one of the same name, else its own first.
    pub fn other_class(&self) -> Option<usize> {
        let net = self.pair.other.as_ref()?;
        let first = self.other_classes().first()?.index;
        Some(self.class().and_then(|class| same(&self.net, class, net)).unwrap_or(first))
    }

    /// What both networks are asked: the one in use, and the other once its classes are known.
    pub(super) fn pair_cells(&self, params: &Settings) -> Vec<Question> {
        let method = self.pair_method();
        let own = self.class().and_then(|class| self.board_question(method, Aim::Class(class), params));
        let other = own.as_ref().and_then(|own| {
            let (seen, class) = (self.seen_by_other(&own.seen)?, self.other_class()?);
            // layers and channels are each network's own
            let mut params = fitted(&seen.net, method, params.clone());
            params.entry("detail").or_insert_with(|| "coarse".into());
            Some(Question::new(seen, method, Some(Aim::Class(class)), &params))
        });
        own.into_iter().chain(other).collect()
    }

    /// Compares with another network from now on.
    pub(super) fn against(&mut self, net: Rc<NetworkSpec>) {
        self.pair.awaited = None;
        self.pair.other = Some(net);
        self.pair.folder.sorting = !self.pair.folder.photos.is_empty();
        self.board.by = By::Networks;
        self.run_board();
    }

    /// The visitor opened a network's files: where networks are compared it is the other one, unless a link waits for it.
    pub(super) fn is_other(&self, net: &NetworkSpec) -> bool {
        let awaited = self.pair.awaited.as_deref() == Some(net.id());
        self.paired() && *net != *self.net && (awaited || self.missing.is_none())
    }

    /// Where none was chosen: the network that was opened last, else a shipped one that costs less than the one in use did.
    pub(super) fn choose_other(&mut self) {
        if self.board.by != By::Networks || self.pair.other.as_ref().is_some_and(|net| *net != self.net) {
            return;
        }
        let bytes = |net: &Rc<NetworkSpec>| networks::bytes(net.id());
        let own = || self.others().into_iter().rfind(|net| net.own());
        let small = || self.others().into_iter().find(|net| bytes(net) < bytes(&self.net));
        self.pair.other = own().or_else(small).filter(|_| self.pair.awaited.is_none());
    }

    /// The other network's classes, while they are not there.
    pub(super) fn other_ask(&self) -> Option<Ask> {
        let here = self.classified && self.opening.is_none() && self.live == self.wants();
        let seen = self.pair_seen().filter(|_| self.paired() && here)?;
        let has = self.pair.classes.as_ref().is_some_and(|(of, _)| *of == seen);
        (!has).then_some(Ask::Other(seen))
    }

    /// Whether the engine can be asked now about a picture: it has it, or it is the other network's view of it.
    pub(super) fn can_ask(&self, seen: &Seen) -> bool {
        self.live.as_ref() == Some(seen) || self.live == self.wants() && self.pair_seen().as_ref() == Some(seen)
    }

    /// Whether anybody still wants to know something of a picture.
    pub(super) fn still_wanted(&self, seen: &Seen) -> bool {
        self.wants().as_ref() == Some(seen) || self.pair_seen().as_ref() == Some(seen)
    }

    /// Photos for both networks; none: what was there is forgotten.
    pub(super) fn sort(&mut self, sources: Vec<Source>) {
        let left_out = sources.len().saturating_sub(MOST_PHOTOS);
        let photo = |source| Photo { source, small: None, refused: false, answers: Vec::new() };
        let photos: Vec<Photo> = sources.into_iter().take(MOST_PHOTOS).map(photo).collect();
        self.pair.folder = Folder { sorting: !photos.is_empty(), photos: Rc::new(photos), left_out };
        self.jobs.forgive();
    }

    /// How the two networks are asked about a photo of the folder.
    fn asked_of(&self, photo: &Photo) -> Option<[Seen; 2]> {
        let (net, source) = (Rc::clone(&self.net), photo.source.clone());
        let own = Seen { net, source, taught: self.taught, fit: Fit::default() };
        let other = self.seen_by_other(&own)?;
        Some([own, other])
    }

    /// Answers that are there, and those that there will be.
    pub fn sorted(&self) -> (usize, usize) {
        let photos = self.pair.folder.photos.iter().filter(|photo| !photo.refused);
        photos.fold((0, 0), |(done, all), photo| {
            let asked = self.asked_of(photo);
            let here = asked.iter().flatten().filter(|seen| photo.answer(seen).is_some()).count();
            (done + here, all + 2)
        })
    }

    /// The next photo: the network in use sees all of them first, as another engine may have to come up for the other.
    pub(super) fn sort_ask(&self) -> Option<Ask> {
        if !self.paired() || !self.pair.folder.sorting {
            return None;
        }
        let photos = || self.pair.folder.photos.iter().filter(|photo| !photo.refused);
        let next = |at: usize| {
            let mut asked = photos().filter_map(|photo| Some((photo, self.asked_of(photo)?)));
            asked.find_map(|(photo, seen)| photo.answer(&seen[at]).is_none().then(|| seen[at].clone()))
        };
        next(0).or_else(|| next(1)).map(Ask::Sort)
    }

    /// The class of a photo of the folder, and the photo as it is shown there; without one it could not be opened.
    pub(super) fn told(&mut self, seen: Seen, answer: Option<(Picture, ClassScore)>) {
        let photos = Rc::make_mut(&mut self.pair.folder.photos);
        let Some(photo) = photos.iter_mut().find(|photo| photo.source == seen.source) else { return };
        match answer {
            Some((small, score)) => {
                photo.small.get_or_insert(small);
                photo.answers.retain(|(of, _)| *of != seen);
                photo.answers.push((seen, score));
            }
            None => photo.refused = true,
        }
        if self.sort_ask().is_none() {
            self.pair.folder.sorting = false;
        }
    }

    /// What the two networks say of a photo of the folder, as far as they have.
    pub fn both_of(&self, photo: &Photo) -> Option<[ClassScore; 2]> {
        let [own, other] = self.asked_of(photo)?;
        Some([photo.answer(&own)?.clone(), photo.answer(&other)?.clone()])
    }

    /// What the two networks say of the folder's photos so far; `None` before there is anything to compare.
    pub fn agreement(&self) -> Option<Table> {
        let other = self.pair.other.as_ref()?;
        let (mut at, mut owns, mut others) = (Vec::new(), Vec::new(), Vec::new());
        for (i, photo) in self.pair.folder.photos.iter().enumerate() {
            if let Some([own, other]) = self.both_of(photo) {
                at.push(i);
                owns.push(own.index);
                others.push(other.index);
            }
        }
        if at.is_empty() {
            return None;
        }
        let (rows, theirs) = (frequent(&owns), frequent(&others));
        let called: Vec<Option<usize>> = rows.iter().map(|class| same(&self.net, *class, other)).collect();
        let columns = if theirs.len() <= COLUMNS { Columns::Classes(theirs) } else { Columns::Same };
        let wide = if let Columns::Classes(list) = &columns { list.len() } else { 2 };
        let mut cells = vec![vec![Vec::new(); wide]; rows.len()];
        let mut agreed = 0;
        for ((at, own), other) in at.iter().zip(&owns).zip(&others) {
            let row = rows.iter().position(|c| c == own).unwrap_or_default();
            let agree = called[row] == Some(*other);
            agreed += usize::from(agree);
            let column = match &columns {
                Columns::Classes(list) => list.iter().position(|c| c == other).unwrap_or_default(),
                Columns::Same => usize::from(!agree),
            };
            cells[row][column].push(*at);
        }
        let named = (0..self.net.classes()).any(|class| same(&self.net, class, other).is_some());
        Some(Table { cells, both: at.len(), agreed: named.then_some(agreed), rows, columns })
    }
}

/// The classes of a list, each once, the most frequent first; of equals the one that came first.
fn frequent(list: &[usize]) -> Vec<usize> {
    let (mut classes, mut counts) = (Vec::new(), Vec::<f32>::new());
    for class in list {
        match classes.iter().position(|c| c == class) {
            Some(at) => counts[at] += 1.0,
            None => {
                classes.push(*class);
                counts.push(1.0);
            }
        }
    }
    largest_first(&counts).into_iter().map(|at| classes[at]).collect()
}
