//! Which units have a picture of what they want to see, and where on their layer's sheet it is.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::catalog::{NetworkSpec, Unit};
use crate::fields::{BadField, object, wholes};

/// `catalogue/index.json`, or another network's beside its sheets, as `make catalogue` writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sprites {
    /// Side of a picture in pixels.
    pub cell: usize,
    /// Pictures in a row of a sheet.
    pub columns: usize,
    /// The channels on a layer's sheet, in order.
    pub channels: BTreeMap<String, Vec<usize>>,
}

impl Sprites {
    /// Reads the file.
    ///
    /// # Errors
    /// [`BadField`]: a field that is missing or of another kind.
    pub fn read(file: Value) -> Result<Self, BadField> {
        let mut fields = object("sprites", file)?;
        let sheet = |(layer, channels)| wholes("channels", channels).map(|channels| (layer, channels));
        let channels = fields.object("channels")?.into_iter().map(sheet).collect::<Result<_, _>>()?;
        Ok(Self { cell: fields.whole("cell")?, columns: fields.whole("columns")?, channels })
    }

    /// The sheet's layer, its rows, and the column and row of a unit's picture.
    pub fn find<'a>(&self, net: &'a NetworkSpec, unit: Unit) -> Option<(&'a str, usize, [usize; 2])> {
        let unit = net.grown(unit);
        let name = net.name(unit.layer);
        let channels = self.channels.get(name)?;
        let at = channels.iter().position(|c| *c == unit.channel)?;
        Some((name, channels.len().div_ceil(self.columns.max(1)), [at % self.columns, at / self.columns]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_file_is_read() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("www/catalogue/index.json");
        let file: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let sprites = Sprites::read(file.clone()).unwrap();
        assert_eq!(
            (sprites.cell as u64, sprites.columns as u64),
            (file["cell"].as_u64().unwrap(), file["columns"].as_u64().unwrap())
        );
        let first = file["channels"]["conv5_3"][0].as_u64().unwrap();
        assert_eq!(sprites.channels["conv5_3"][0] as u64, first);
        assert!(Sprites::read(Value::Null).is_err());
    }
}
