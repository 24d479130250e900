//! What stands beside a method's name where it is chosen: its place in the pictures' sheet, and how long it takes. Both are taken
//! from the page itself by `make screenshots WHICH=menu` (tests/e2e/screenshots.mjs), which writes `posters.txt` and the sheet.

use super::networks;
use crate::fields::decimal;

/// A line for each method, in the order of the sheet: its id, and for each of [`networks::ids`] how many class activation maps its
/// time is; `-` where the network does not serve it.
const LINES: &str = include_str!("posters.txt");
/// Pictures in a row of the sheet.
pub const COLUMNS: usize = 9;

fn line(id: &str) -> Option<(usize, &'static str)> {
    let mut lines = LINES.lines().enumerate();
    lines.find_map(|(i, line)| Some((i, line.strip_prefix(id)?.strip_prefix(' ')?)))
}

/// Row and column in the sheet of the thumbnail of the method with this id; `None` for an unknown one.
pub fn poster(id: &str) -> Option<[usize; 2]> {
    line(id).map(|(i, _)| [i / COLUMNS, i % COLUMNS])
}

/// The time of the method with this id on a network, with the settings that it has at first, in class activation maps of the same
/// network on the same engine; `None` where it was not measured: the network does not serve it, or is not a shipped one.
pub fn maps(net: &str, id: &str) -> Option<f64> {
    let column = networks::ids().iter().position(|known| *known == net)?;
    line(id)?.1.split(' ').nth(column).and_then(decimal)
}
