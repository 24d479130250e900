//! How things are drawn and ordered.

use crate::figure::Kind;

/// In which order the grid shows the channels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// By channel number.
    Index,
    /// Largest mean first.
    #[default]
    Mean,
    /// Largest maximum first.
    Max,
    /// Fewest zeros first.
    Sparsity,
}

/// The colours of a map: each variant names them from the lowest to the highest value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Palette {
    /// Blue, green, yellow, red.
    #[default]
    Turbo,
    /// Black, purple, orange, yellow.
    Inferno,
    /// Purple, green, yellow.
    Viridis,
    /// Blue, grey, yellow: safe for colour blindness.
    Cividis,
    /// Blue, white, red around 0.
    Signed,
}

/// Whether the map, the photo, or both are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// The map over the photo.
    #[default]
    Overlay,
    /// The map alone.
    Heat,
    /// The photo alone.
    Photo,
}

/// How the map is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// The palette.
    pub palette: Palette,
    /// How opaque the map lies over the photo, 0..1.
    pub opacity: f32,
    /// Map, photo, or both.
    pub mode: Mode,
    /// The magnitude of the last colour; `None`: the map's own largest one.
    pub high: Option<f32>,
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the visitor's system is set.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Look {
    /// The look of a method's figure: evidence for and against has colours of its own, and many figures lie on no photo.
    pub fn over(self, kind: Kind, bare: bool) -> Self {
        let mode = if bare { Mode::Heat } else { self.mode };
        let palette = if kind == Kind::Heat { Palette::Signed } else { self.palette };
        Self { mode, palette, ..self }
    }
}
