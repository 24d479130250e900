//! Which units have a picture of what they want to see, and where on their layer's sheet it is.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::catalog::{NetworkSpec, Unit};

/// `catalogue/index.json`, or another network's beside its sheets, as `make catalogue` writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Sprites {
    /// Side of a picture in pixels.
    pub cell: usize,
    /// Pictures in a row of a sheet.
    pub columns: usize,
    /// The channels on a layer's sheet, in order.
    pub channels: BTreeMap<String, Vec<usize>>,
}

impl Sprites {
    /// The sheet's layer, its rows, and the column and row of a unit's picture.
    pub fn find<'a>(&self, net: &'a NetworkSpec, unit: Unit) -> Option<(&'a str, usize, [usize; 2])> {
        let unit = net.grown(unit);
        let name = net.name(unit.layer);
        let channels = self.channels.get(name)?;
        let at = channels.iter().position(|c| *c == unit.channel)?;
        Some((name, channels.len().div_ceil(self.columns.max(1)), [at % self.columns, at / self.columns]))
    }
}
