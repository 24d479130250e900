//! AlexNet as torchvision has it (Krizhevsky 2014, "One weird trick", without the groups).

use super::net::Net;
use super::{Clue, Known};
use crate::assemble::Preset;
use crate::dict::Dict;
use crate::draft::{Slide, pool};
use crate::error::ReadError;

/// Recognises it.
pub fn read<'a>(dict: &'a Dict, clue: &Clue<'_>) -> Option<Result<Known<'a>, ReadError>> {
    let stem = dict.shape("features.0.weight") == [64, 3, 11, 11];
    (stem && dict.shape("features.10.weight") == [256, 256, 3, 3]).then(|| build(dict, clue))
}

fn build<'a>(dict: &'a Dict, clue: &Clue<'_>) -> Result<Known<'a>, ReadError> {
    let mut net = Net::new(dict, 3, 224, clue.memory);
    let mut x = 0;
    for (number, i, slide) in [
        (1, 0, Slide::new(4, 2)),
        (2, 3, Slide::new(1, 2)),
        (3, 6, Slide::new(1, 1)),
        (4, 8, Slide::new(1, 1)),
        (5, 10, Slide::new(1, 1)),
    ] {
        x = net.conv(&format!("conv{number}"), &format!("features.{i}"), x, slide)?;
        x = net.relu(&format!("relu{number}"), x)?;
        if [1, 2, 5].contains(&number) {
            x = net.draft.max_pool(&format!("pool{number}"), x, pool(3, 2))?;
        }
    }
    let output = net.head("classifier", x)?;
    Ok(Known { name: "AlexNet".into(), net, output, preset: Preset::Torchvision })
}
