//! The compare board: two to six maps side by side, of methods, classes, layers, photos or networks.

use std::collections::VecDeque;
use std::rc::Rc;

use super::picture::Picture;
use super::question::{Question, Settings};
use crate::catalog::ParamKind;
use crate::figure::scale::{correlation, largest_first, resize};
use crate::figure::{Figure, Kind};
use crate::methods::explainers::EXPLAINERS;
use crate::methods::spec::LAYER;
use crate::methods::{find, grad_cam};

/// How many cells the board has at most.
pub const MOST: usize = 6;

/// Into how many cells the stage is split.
pub const SIZES: [usize; 3] = [2, 4, MOST];

/// Maps kept of photos that have gone.
const KEPT: usize = 24;

/// In what the cells differ; all else is the same in all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// The method: each cell shows another one.
    #[default]
    Methods,
    /// The class: the most probable ones, and the one that is explained.
    Classes,
    /// The layer at which the map is made: the ends of the network's blocks.
    Layers,
    /// The photo: those that were opened, the last ones.
    Photos,
    /// The network: the one in use, and another one.
    Networks,
}

/// A map with the question that it answers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Kept {
    pub(super) question: Question,
    /// `None`: the method cannot explain it.
    figure: Option<Rc<Figure>>,
    picture: Option<Picture>,
    /// Whether it stood in a cell; other maps were computed only to be compared with those in cells.
    pub(super) shown: bool,
}

/// The compare board: what stands in its cells, and all maps that were computed for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Board {
    /// In what the cells differ.
    pub by: By,
    /// The methods in the order shown; of the first one classes, layers or photos are compared.
    pub methods: Vec<&'static str>,
    /// Classes, layers or photos at most.
    pub size: usize,
    /// The parameters that Compare was pressed with; `None`: the board is not in use.
    pub params: Option<Settings>,
    /// What is still to be computed, in order.
    pub todo: VecDeque<Question>,
    pub(super) maps: Vec<Kept>,
}

impl Default for Board {
    fn default() -> Self {
        Self {
            by: By::Methods,
            methods: vec!["cam", "grad_cam", "layer_cam", "lrp", "occlusion", "guided_backprop"],
            size: 4,
            params: None,
            todo: VecDeque::new(),
            maps: Vec::new(),
        }
    }
}

impl Board {
    /// Puts a method into a cell; where it stood before stands then what was there.
    pub fn place(&mut self, at: usize, method: &'static str) {
        let Some(old) = self.methods.get(at).copied() else { return };
        if let Some(other) = self.methods.iter().position(|m| *m == method) {
            self.methods[other] = old;
        }
        self.methods[at] = method;
    }

    /// Cells in all: methods go or come at the end.
    pub fn resize(&mut self, size: usize) {
        self.size = size;
        if self.by == By::Methods {
            self.methods.truncate(size);
            for method in Self::default().methods.into_iter().chain(EXPLAINERS.iter().copied()) {
                if self.methods.len() < size && !self.methods.contains(&method) {
                    self.methods.push(method);
                }
            }
        }
    }

    /// Another picture: the same board of that one if it is `looked_at`, else none until it is asked for. Photos that are compared
    /// stay beside it.
    pub fn clear(&mut self, looked_at: bool) {
        self.todo.clear();
        if self.by != By::Photos {
            self.maps.clear();
            self.params = self.params.take().filter(|_| looked_at);
        }
    }

    /// An answer: nothing that was computed is computed again.
    pub(super) fn put(
        &mut self,
        question: Question,
        figure: Option<Rc<Figure>>,
        picture: Option<Picture>,
        shown: bool,
    ) {
        self.maps.retain(|kept| kept.question != question);
        self.maps.push(Kept { question, figure, picture, shown });
        self.maps.drain(..self.maps.len().saturating_sub(KEPT));
    }

    /// Marks a map as shown in a cell, and as the last to be dropped.
    pub(super) fn touch(&mut self, question: &Question) {
        if let Some(at) = self.maps.iter().position(|kept| kept.question == *question) {
            self.maps[at].shown = true;
            self.maps[at..].rotate_left(1);
        }
    }

    fn kept(&self, question: &Question) -> Option<&Kept> {
        self.maps.iter().find(|kept| kept.question == *question)
    }

    /// What a method answered to a question; `Some(None)`: it cannot explain that.
    pub fn answer(&self, question: &Question) -> Option<Option<&Rc<Figure>>> {
        self.kept(question).map(|kept| kept.figure.as_ref())
    }

    /// The map that answers a question.
    pub fn map(&self, question: &Question) -> Option<&Rc<Figure>> {
        self.answer(question)?
    }

    /// The photo of a map that is there.
    pub fn picture(&self, question: &Question) -> Option<&Picture> {
        self.kept(question)?.picture.as_ref()
    }

    /// The method of which classes, layers or photos are compared.
    pub fn method(&self) -> &'static str {
        let first = self.methods.first().copied();
        first.filter(|m| self.by != By::Layers || takes_layer(m)).unwrap_or(grad_cam::INFO.id)
    }
}

/// Whether a method's map can be made at any layer.
pub fn takes_layer(method: &str) -> bool {
    find(method).is_some_and(|i| i.params.iter().any(|p| p.id == LAYER.id && matches!(p.kind, ParamKind::Layer { .. })))
}

/// How alike a method's maps of two targets are (Pearson).
pub fn swap(a: &Figure, b: &Figure) -> f32 {
    correlation(&a.data, &b.data)
}

/// Rows and columns at which maps are compared.
const SIDE: usize = 56;

/// A map at the common resolution; `None` for a figure of several channels.
fn side(f: &Figure) -> Option<Vec<f32>> {
    (f.info.channels == 1).then(|| resize(&f.data, f.info.width, f.info.height, SIDE, SIDE))
}

/// How alike the maps of two methods are: Pearson at a common resolution.
pub fn alike(a: &Figure, b: &Figure) -> Option<f32> {
    Some(correlation(&side(a)?, &side(b)?))
}

/// Which share of the fifth of the picture where one map is strongest is also of the other's strongest fifth, 0..1: 0.2 by chance.
/// `None` where a map is the same everywhere.
pub fn shared_fifth(a: &Figure, b: &Figure) -> Option<f32> {
    let fifth = |f: &Figure| {
        let map = side(f)?;
        let constant = map.iter().all(|v| *v == map[0]);
        let mut strongest = vec![false; map.len()];
        largest_first(&map).into_iter().take(map.len() / 5).for_each(|i| strongest[i] = true);
        (!constant).then_some(strongest)
    };
    let both = fifth(a)?.into_iter().zip(fifth(b)?).filter(|(a, b)| *a && *b).count();
    Some(both as f32 / (SIDE * SIDE / 5) as f32)
}

/// Where two maps differ: each divided by its own largest magnitude, the first less the second. Within -1..1 where the maps have
/// one sign, else within -2..2.
pub fn difference(a: &Figure, b: &Figure) -> Option<Figure> {
    let unit = |f: &Figure| {
        let map = side(f)?;
        let most = map.iter().fold(0.0_f32, |most, v| most.max(v.abs()));
        (most > 0.0).then(|| map.into_iter().map(|v| v / most).collect::<Vec<_>>())
    };
    let data = unit(a)?.iter().zip(unit(b)?).map(|(a, b)| a - b).collect();
    Some(Figure::new(Kind::Heat, "difference", [1, SIDE, SIDE], data))
}
