//! Which pictures are opened, and which part of one is read: for the engine, the page and `cnn-lens.js`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Rows and columns that an input may have, of a network that takes any: larger ones would take more memory than a browser gives.
pub const SIDES: std::ops::RangeInclusive<usize> = 32..=512;

/// The largest and the smallest picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Bytes of a file at most.
    pub bytes: usize,
    /// Pixels of a picture (width times height) at most.
    pub pixels: u64,
    /// Pixels of the shorter side at least.
    pub side: u32,
}

/// The limits. Fuzzing (cargo-fuzz's cfg) tries more files in the time that large ones would take.
pub const LIMITS: Limits =
    Limits { bytes: 32 << 20, pixels: if cfg!(fuzzing) { 1 << 16 } else { 64_000_000 }, side: 16 };

/// The square of a picture that the network reads, in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crop {
    /// Its centre, of the picture's width.
    pub x: u16,
    /// Its centre, of the picture's height.
    pub y: u16,
    /// Its side, of the picture's shorter side.
    pub side: u16,
}

impl Crop {
    /// The middle, as torchvision's recipe has it: 224 of 256.
    pub const MIDDLE: Self = Self { x: 500, y: 500, side: 875 };
    /// Sides of the square that is cut out, in thousandths of the picture's shorter side.
    pub const SIDES: std::ops::RangeInclusive<u16> = 100..=1000;

    /// Whether it is one: its centre in the picture, its side as large as [`Self::SIDES`] say.
    pub fn valid(&self) -> bool {
        self.x <= 1000 && self.y <= 1000 && Self::SIDES.contains(&self.side)
    }

    /// `(left, top, side)` in pixels of a picture of `width` x `height`: moved inside where it would stick out.
    pub fn square(&self, width: u32, height: u32) -> (u32, u32, u32) {
        let short = width.min(height);
        let part = |of: u32, thousandths: u16| f64::from(of) * f64::from(thousandths) / 1000.0;
        let side = (part(short, self.side).round() as u32).clamp(1, short);
        let from = |of: u32, centre: u16| {
            (part(of, centre) - f64::from(side) / 2.0).round().clamp(0.0, f64::from(of - side)) as u32
        };
        (from(width, self.x), from(height, self.y), side)
    }
}

impl fmt::Display for Crop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{},{}", self.x, self.y, self.side)
    }
}

impl FromStr for Crop {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.split(',').map(|p| p.parse::<u16>().map_err(drop));
        let mut next = || parts.next().unwrap_or(Err(()));
        let crop = Self { x: next()?, y: next()?, side: next()? };
        if parts.next().is_none() && crop.valid() { Ok(crop) } else { Err(()) }
    }
}

/// How a picture that is not square meets the square that the network reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// A square part of the picture.
    Crop(Crop),
    /// The whole picture, with the training set's mean grey beside it.
    Contain,
    /// The whole picture, squeezed into the square.
    Stretch,
}

impl Default for Fit {
    fn default() -> Self {
        Self::Crop(Crop::MIDDLE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crop_lies_inside_whatever_the_picture() {
        for (w, h) in [(451, 300), (300, 451), (16, 16), (17, 4000)] {
            for crop in [Crop::MIDDLE, Crop { x: 0, y: 1000, side: 1000 }, Crop { x: 1000, y: 0, side: 100 }] {
                let (left, top, side) = crop.square(w, h);
                assert!(side >= 1 && left + side <= w && top + side <= h, "{crop} of {w} x {h}");
            }
        }
        assert_eq!(Crop::MIDDLE.square(400, 200), (113, 13, 175));
        assert_eq!(Crop { x: 250, y: 500, side: 1000 }.square(400, 200), (0, 0, 200));
    }

    #[test]
    fn what_is_printed_is_read_and_nothing_else() {
        assert_eq!("500,500,875".parse(), Ok(Crop::MIDDLE));
        for text in ["", "1,2", "1,2,3", "500,500,1001", "1001,0,500", "500,500,875,1", "a,b,c", "-1,0,500"] {
            assert_eq!(text.parse::<Crop>(), Err(()), "{text}");
        }
    }
}
