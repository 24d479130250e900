//! The only thing that leaves the engine: planes of plain numbers with a kind. Colours are the viewer's choice.

pub mod colours;
pub mod files;
pub mod png;
pub mod scale;
pub mod told;

use serde::{Deserialize, Serialize};

use crate::fields::{BadField, Fields};

/// How a figure is meant to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One map of evidence, signed: drawn over the photo.
    Heat,
    /// A map of magnitudes at or above 0: drawn over the photo.
    Magnitude,
    /// A picture in the network's own units, `[3, H, W]`: drawn around its mean.
    Rgb,
    /// A part of the normalised input, `[3, H, W]`: drawn as the photo that it was.
    Photo,
    /// A whole number per place (a class, a region): each in a colour of its own, with the fact `legend`.
    Labels,
    /// Pictures one after another, `[3 F, H, W]` in 0..1: played.
    Film,
    /// Many channels of one layer: drawn as a grid.
    Tiles,
}

/// A figure's description; its numbers travel beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FigureInfo {
    /// How to draw it.
    pub kind: Kind,
    /// What it shows, such as `conv4_2` or `cam`.
    pub name: String,
    /// Columns of a plane.
    pub width: usize,
    /// Rows of a plane.
    pub height: usize,
    /// How many planes there are.
    pub channels: usize,
    /// 99.5 % of the values of every layer of the network, when it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_scale: Option<f32>,
}

const KINDS: &[(&str, Kind)] = &[
    ("heat", Kind::Heat),
    ("magnitude", Kind::Magnitude),
    ("rgb", Kind::Rgb),
    ("photo", Kind::Photo),
    ("labels", Kind::Labels),
    ("film", Kind::Film),
    ("tiles", Kind::Tiles),
];

impl FigureInfo {
    /// Reads a description as it is sent.
    ///
    /// # Errors
    /// [`BadField`]: a field that is missing or of another kind.
    pub fn read(fields: &mut Fields) -> Result<Self, BadField> {
        let scale = fields.any("model_scale").and_then(|scale| scale.as_f64());
        Ok(Self {
            kind: fields.word("kind", KINDS)?,
            name: fields.text("name")?,
            width: fields.whole("width")?,
            height: fields.whole("height")?,
            channels: fields.whole("channels")?,
            model_scale: scale.map(|scale| scale as f32),
        })
    }
}

/// Planes of numbers, row-major `[channels, height, width]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What the numbers show, and their shape.
    pub info: FigureInfo,
    /// `channels * height * width` values.
    pub data: Vec<f32>,
}

impl Figure {
    /// A figure of `[channels, height, width]`.
    pub fn new(kind: Kind, name: &str, [channels, height, width]: [usize; 3], data: Vec<f32>) -> Self {
        Self { info: FigureInfo { kind, name: name.to_owned(), width, height, channels, model_scale: None }, data }
    }

    /// The values of one plane; empty beyond the last.
    pub fn plane(&self, channel: usize) -> &[f32] {
        let n = self.info.width * self.info.height;
        self.data.get(channel * n..(channel + 1) * n).unwrap_or(&[])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::object;

    #[test]
    fn what_is_written_is_read() {
        for (_, kind) in KINDS {
            let mut info = Figure::new(*kind, "conv1", [3, 2, 1], Vec::new()).info;
            for scale in [None, Some(0.5)] {
                info.model_scale = scale;
                let written = serde_json::to_value(&info).unwrap();
                assert_eq!(FigureInfo::read(&mut object("figure", written).unwrap()), Ok(info.clone()));
            }
        }
    }
}
