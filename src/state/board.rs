//! The compare board: two to six maps side by side, of methods, classes, layers or photos.

use std::collections::VecDeque;
use std::rc::Rc;

use serde_json::Value;

use super::explain::Given;
use super::frame::{Chrome, View};
use super::model::{Picture, State};
use super::question::{Question, explains};
use crate::catalog::method::LAYER;
use crate::catalog::networks::VGG16;
use crate::catalog::{Layer, Op, ParamKind, Unit};
use crate::figure::Figure;
use crate::figure::scale::{correlation, resize};
use crate::methods::explainers::EXPLAINERS;
use crate::methods::{cam, find, grad_cam};

/// Cells at most.
pub const MOST: usize = 6;

/// Into how many cells the stage is split.
pub const SIZES: [usize; 3] = [2, 4, MOST];

/// Maps kept of photos that have gone.
const KEPT: usize = 24;

/// What is explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aim {
    /// A class.
    Class(usize),
    /// A channel or a neuron.
    Unit(Unit),
}

impl Aim {
    /// As the API takes it.
    pub fn value(self) -> Value {
        match self {
            Self::Class(class) => class.into(),
            Self::Unit(unit) => unit.to_string().into(),
        }
    }
}

/// In what the cells differ; all else is the same in all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// The method.
    #[default]
    Methods,
    /// The class: the most probable ones, and the one that is explained.
    Classes,
    /// The layer at which the map is made: the ends of the network's blocks.
    Layers,
    /// The photo: those that were opened, the last ones.
    Photos,
}

/// A map with what it answers.
#[derive(Clone, Debug, PartialEq)]
struct Kept {
    question: Question,
    /// `None`: the method cannot explain it.
    figure: Option<Rc<Figure>>,
    picture: Option<Picture>,
    /// It stood in a cell; other maps are only what cells are held against.
    shown: bool,
}

/// What stands side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct Board {
    /// In what the cells differ.
    pub by: By,
    /// The methods in the order shown; of the first one classes, layers or photos are compared.
    pub methods: Vec<&'static str>,
    /// Classes, layers or photos at most.
    pub size: usize,
    /// The parameters that Compare was pressed with; `None`: the board is not in use.
    pub params: Option<Given>,
    /// What is still to be computed, in order.
    pub todo: VecDeque<Question>,
    maps: Vec<Kept>,
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
    fn put(&mut self, question: Question, figure: Option<Rc<Figure>>, picture: Option<Picture>, shown: bool) {
        self.maps.retain(|kept| kept.question != question);
        self.maps.push(Kept { question, figure, picture, shown });
        self.maps.drain(..self.maps.len().saturating_sub(KEPT));
    }

    /// It stands in a cell (again): the last of those that are kept.
    fn touch(&mut self, question: &Question) {
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

/// The last `size` of the layers with which blocks end; where there are fewer blocks, the network's first activation before them.
fn ends(size: usize) -> Vec<&'static str> {
    let before = |pair: &[Layer]| (pair[1].op == Op::MaxPool).then_some(pair[0].name);
    let first = VGG16.layers.iter().find(|l| l.op == Op::Relu).map(|l| l.name);
    let all: Vec<_> = first.into_iter().chain(VGG16.layers.windows(2).filter_map(before)).collect();
    all[all.len().saturating_sub(size)..].to_vec()
}

impl State {
    /// Whether the board has the page's stage.
    pub fn comparing(&self) -> bool {
        self.frame.chrome == Chrome::Full && self.frame.view == View::Board
    }

    /// What a method is asked for the board: a target of its own, and the parameters that the board was started with.
    pub fn board_question(&self, method: &'static str, aim: Aim, params: &Given) -> Option<Question> {
        let mut params = params.clone();
        // a board is an overview
        params.entry("detail").or_insert_with(|| "coarse".into());
        Some(self.ask_of(self.shown()?, method, Some(aim), &params))
    }

    /// The questions whose answers stand side by side.
    pub fn board_cells(&self, params: &Given) -> Vec<Question> {
        let (board, method, aim) = (&self.board, self.board.method(), self.aim());
        let asked = |method, aim: Option<Aim>, params: &Given| self.board_question(method, aim?, params);
        match board.by {
            By::Methods => board.methods.iter().filter_map(|m| asked(m, aim, params)).collect(),
            By::Classes => {
                let mut classes: Vec<usize> = self.classes.iter().map(|c| c.index).take(board.size).collect();
                // the one that is explained is among them
                let missing = self.class().filter(|class| !classes.contains(class));
                if let (Some(class), Some(last)) = (missing, classes.last_mut()) {
                    *last = class;
                }
                classes.into_iter().filter_map(|c| asked(method, Some(Aim::Class(c)), params)).collect()
            }
            By::Layers => {
                let mut params = params.clone();
                let mut at = |layer: &str| {
                    params.insert(LAYER.id, layer.into());
                    asked(method, aim, &params)
                };
                ends(board.size).into_iter().filter_map(&mut at).collect()
            }
            By::Photos => {
                let Some(now) = asked(method, aim, params) else { return Vec::new() };
                // of every other photo what stood here last, of this head
                let mut all: Vec<&Question> = Vec::new();
                let same = |q: &&Question| q.of(&now) == now && q.seen.taught == now.seen.taught;
                for q in board.maps.iter().filter(|kept| kept.shown).map(|kept| &kept.question).filter(same) {
                    all.retain(|other| other.seen.source != q.seen.source);
                    all.push(q);
                }
                all.retain(|q| q.seen.source != now.seen.source);
                let first = (all.len() + 1).saturating_sub(board.size);
                all[first..].iter().copied().cloned().chain([now]).collect()
            }
        }
    }

    /// What the board has to have: its cells, and of methods also the maps of the class that they are held against.
    pub(super) fn board_wanted(&self, params: &Given) -> Vec<Question> {
        let other = self.other().filter(|_| self.board.by == By::Methods);
        let swapped = other.into_iter().flat_map(|aim| {
            self.board.methods.iter().filter_map(move |method| self.board_question(method, aim, params))
        });
        self.board_cells(params).into_iter().chain(swapped).collect()
    }

    /// The stage is split: what stands on it comes first.
    pub(super) fn compare(&mut self) {
        if self.board.params.is_none() {
            let method = Some(self.explain.method).filter(|m| EXPLAINERS.contains(m));
            self.board.place(0, method.unwrap_or(cam::INFO.id));
            self.board.resize(SIZES[0]);
        }
        if self.frame.chrome == Chrome::Full {
            self.frame.view = View::Board;
        }
        self.run_board();
    }

    /// Whether a cell's question is the one that is meant: a method that only explains classes was asked for the class instead of
    /// the channel or neuron.
    pub fn board_explains(&self, question: &Question) -> bool {
        match self.aim() {
            Some(aim) if matches!(self.board.by, By::Methods | By::Layers) => explains(question.method, aim),
            _ => true,
        }
    }

    /// The map that a cell shows.
    pub fn board_map(&self, question: &Question) -> Option<&Rc<Figure>> {
        self.board.map(question).filter(|_| self.board_explains(question))
    }

    /// An answer for the board.
    pub(super) fn board_takes(&mut self, question: Question, figure: Option<Rc<Figure>>) {
        let cells = self.board.params.as_ref().map(|params| self.board_cells(params)).unwrap_or_default();
        let shown = cells.contains(&question);
        self.board.put(question, figure, self.picture.clone(), shown);
    }

    /// A board in use follows the target.
    pub(super) fn board_follows(&mut self) {
        if let Some(params) = self.board.params.clone() {
            self.fill_board(&params);
        }
    }

    /// Compares with the parameters as they are now.
    pub(super) fn run_board(&mut self) {
        self.jobs.forgive();
        let params = self.explain.params.clone();
        self.fill_board(&params);
        self.board.params = Some(params);
    }

    /// Asks for what the board lacks: the first target of every method first.
    fn fill_board(&mut self, params: &Given) {
        self.board_cells(params).iter().for_each(|cell| self.board.touch(cell));
        let running = self.jobs.running.as_ref().filter(|j| j.stopped.is_none());
        let running = running.and_then(|j| j.ask.question()).map(|(q, _)| q);
        let questions = self.board_wanted(params).into_iter();
        let missing =
            questions.filter(|q| self.board_explains(q) && self.board.answer(q).is_none() && Some(q) != running);
        self.board.todo = missing.collect();
    }
}

/// How alike a method's maps of two targets are (Pearson).
pub fn swap(a: &Figure, b: &Figure) -> f32 {
    correlation(&a.data, &b.data)
}

/// How alike the maps of two methods are: Pearson at a common resolution.
pub fn alike(a: &Figure, b: &Figure) -> Option<f32> {
    let side = |f: &Figure| (f.info.channels == 1).then(|| resize(&f.data, f.info.width, f.info.height, 56, 56));
    Some(correlation(&side(a)?, &side(b)?))
}
