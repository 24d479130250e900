//! The stage split into the cells of the compare board: what each cell is asked, and what is still to be computed.

use std::rc::Rc;

use super::board::{By, SIZES};
use super::frame::{Chrome, View};
use super::model::State;
use super::question::{Aim, Question, Settings, explains};
use crate::catalog::{LayerRole, NetworkSpec};
use crate::figure::Figure;
use crate::methods::cam;
use crate::methods::explainers::EXPLAINERS;
use crate::methods::spec::LAYER;

/// The last `size` of the layers with which blocks end; where there are fewer blocks, the network's first activation before them.
fn ends(net: &NetworkSpec, size: usize) -> Vec<&str> {
    let first = net.role(LayerRole::First);
    let ends = net.blocks().iter().filter_map(|block| block.last().copied()).filter(|at| *at != first);
    let all: Vec<usize> = std::iter::once(first).chain(ends).collect();
    all[all.len().saturating_sub(size)..].iter().map(|at| net.name(*at)).collect()
}

impl State {
    /// Whether the board has the page's stage.
    pub fn comparing(&self) -> bool {
        self.frame.chrome == Chrome::Full && self.frame.view == View::Board
    }

    /// What a method is asked for the board: a target of its own, and the parameters that the board was started with.
    pub fn board_question(&self, method: &'static str, aim: Aim, params: &Settings) -> Option<Question> {
        let mut params = params.clone();
        // a board is an overview
        params.entry("detail").or_insert_with(|| "coarse".into());
        Some(self.ask_of(self.shown()?, method, Some(aim), &params))
    }

    /// The questions whose answers stand side by side.
    pub fn board_cells(&self, params: &Settings) -> Vec<Question> {
        let (board, method, aim) = (&self.board, self.board.method(), self.aim());
        let asked = |method, aim: Option<Aim>, params: &Settings| self.board_question(method, aim?, params);
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
                ends(&self.net, board.size).into_iter().filter_map(&mut at).collect()
            }
            By::Networks => self.pair_cells(params),
            By::Photos => {
                let Some(now) = asked(method, aim, params) else { return Vec::new() };
                // of every other photo what stood here last, of this head
                let mut all: Vec<&Question> = Vec::new();
                let same =
                    |q: &&Question| q.of(&now) == now && q.seen.net == now.seen.net && q.seen.taught == now.seen.taught;
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
    pub(super) fn board_wanted(&self, params: &Settings) -> Vec<Question> {
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

    /// Keeps a map (or that there can be none) that was computed for the board.
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
        self.choose_other();
        let params = self.explain.params.clone();
        self.fill_board(&params);
        self.board.params = Some(params);
    }

    /// Asks for what the board lacks: the first target of every method first.
    fn fill_board(&mut self, params: &Settings) {
        self.board_cells(params).iter().for_each(|cell| self.board.touch(cell));
        let running = self.jobs.running.as_ref().filter(|j| j.stopped.is_none());
        let running = running.and_then(|j| j.ask.question()).map(|(q, _)| q);
        let questions = self.board_wanted(params).into_iter();
        let missing =
            questions.filter(|q| self.board_explains(q) && self.board.answer(q).is_none() && Some(q) != running);
        self.board.todo = missing.collect();
    }
}
