//! What stands beside a method's name where it is chosen: its place in the pictures' sheet, and how long it takes. Both are taken
//! from the page itself by `make screenshots WHICH=menu` (tests/e2e/screenshots.mjs), which writes `posters.txt` and the sheet.

use crate::fields::decimal;

/// A line for each method, in the order of the sheet: its id, and how many class activation maps its time is.
const LINES: &str = include_str!("posters.txt");
/// Pictures in a row of the sheet.
pub const COLUMNS: usize = 9;

/// One method's thumbnail, and how long the method takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Poster {
    /// Row and column in the sheet.
    pub at: [usize; 2],
    /// Its time with the settings that it has at first, in class activation maps of the same engine.
    pub maps: f64,
}

/// The poster of the method with this id; `None` for an unknown one.
pub fn poster(id: &str) -> Option<Poster> {
    let mut lines = LINES.lines().enumerate();
    lines.find_map(|(i, line)| {
        let (_, maps) = line.split_once(' ').filter(|(name, _)| *name == id)?;
        Some(Poster { at: [i / COLUMNS, i % COLUMNS], maps: decimal(maps)? })
    })
}
