//! What is known of two networks side by side: the other network, what it says of the photo, and what both say of a folder's.

use std::rc::Rc;

use super::picture::{ClassScore, Picture, Source};
use super::question::Seen;
use crate::catalog::card::LabelSet;
use crate::catalog::{Lang, NetworkSpec};

/// Photos of a folder at most.
pub const MOST_PHOTOS: usize = 500;

/// The other network, and what it says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pair {
    /// The network that is compared with the one in use.
    pub other: Option<Rc<NetworkSpec>>,
    /// The id of the network that a link compares with, while its file is not here.
    pub awaited: Option<String>,
    /// The other network's classes of the photo, the most probable first.
    pub(super) classes: Option<(Seen, Vec<ClassScore>)>,
    /// The photos that both networks are asked about.
    pub folder: Folder,
    /// Whether a second engine may be at work.
    pub(super) engaged: bool,
}

/// Photos of which each network tells the class.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Folder {
    /// In the order in which they came.
    pub photos: Rc<Vec<Photo>>,
    /// How many were more than [`MOST_PHOTOS`].
    pub left_out: usize,
    /// The networks are being asked.
    pub sorting: bool,
}

/// A photo of the folder.
#[derive(Clone, Debug, PartialEq)]
pub struct Photo {
    /// The file.
    pub source: Source,
    /// The square that a network reads of it, made small.
    pub small: Option<Picture>,
    /// It could not be opened.
    pub refused: bool,
    /// The most probable class, by network and head.
    pub(super) answers: Vec<(Seen, ClassScore)>,
}

impl Photo {
    /// What a network says of it, with the head that `asked` names.
    pub(super) fn answer(&self, asked: &Seen) -> Option<&ClassScore> {
        self.answers.iter().find(|(seen, _)| seen == asked).map(|(_, score)| score)
    }
}

/// In which columns the photos stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Columns {
    /// One for every class that the other network names.
    Classes(Vec<usize>),
    /// Those of the same class, and all others.
    Same,
}

/// What two networks say of the same photos: of each cell the numbers of its photos in the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The classes of the network in use, the most frequent first.
    pub rows: Vec<usize>,
    /// The columns.
    pub columns: Columns,
    /// By row and column.
    pub cells: Vec<Vec<Vec<usize>>>,
    /// Photos of which both networks have told the class.
    pub both: usize,
    /// Of these, photos of one class; `None` when no class of one has the name of a class of the other.
    pub agreed: Option<usize>,
}

/// The class of `b` that is called as `class` of `a`: by its number where they have the same names, else by its English name.
pub fn same(a: &NetworkSpec, class: usize, b: &NetworkSpec) -> Option<usize> {
    let (of_a, of_b) = (&a.card().labels, &b.card().labels);
    if of_a == of_b && a.classes() == b.classes() {
        return Some(class);
    }
    // a number is no name
    let numbered = |labels: &LabelSet| matches!(labels, LabelSet::Own(names) if names.is_empty());
    if numbered(of_a) || numbered(of_b) {
        return None;
    }
    let name = a.label(class, Lang::En);
    (0..b.classes()).find(|other| b.label(*other, Lang::En).trim().eq_ignore_ascii_case(name.trim()))
}
