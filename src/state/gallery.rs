//! The gallery: pictures in groups, of which the page keeps a few to show.

use std::collections::BTreeMap;

use super::picture::Picture;

/// Pictures of a group that are shown.
const SHOWN: usize = 6;

/// One group of the gallery.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group {
    /// How many pictures the engine has.
    pub count: usize,
    /// The first ones, to be shown.
    pub shown: Vec<Picture>,
}

/// The visitor's pictures in groups, for methods that take many.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gallery {
    /// The groups by their names.
    pub groups: BTreeMap<String, Group>,
    /// Files of the last lot that were no pictures.
    pub refused: usize,
    /// Counts every change: what was computed from another gallery is another answer.
    pub revision: u32,
}

impl Gallery {
    /// The engine took a picture, or refused it.
    pub fn gather(&mut self, group: String, picture: Option<Picture>) {
        let Some(picture) = picture else {
            self.refused += 1;
            return;
        };
        self.revision += 1;
        let group = self.groups.entry(group).or_default();
        group.count += 1;
        if group.shown.len() < SHOWN {
            group.shown.push(picture);
        }
    }

    /// Forgets a group.
    pub fn forget(&mut self, group: &str) {
        self.revision += 1;
        self.groups.remove(group);
    }
}
