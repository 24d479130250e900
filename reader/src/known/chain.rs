//! A plain chain of convolutions and fully connected layers, such as a tutorial's: only where exactly one common size of picture
//! makes the shapes fit, with ReLUs and 2 x 2 max pools between the layers.

use super::net::{EPSILON, Net, numbered};
use super::{Clue, Known};
use crate::assemble::Preset;
use crate::dict::Dict;
use crate::draft::{Slide, pool};
use crate::error::ReadError;
use crate::note::Note;

/// Sizes of pictures that tutorials and data sets have.
const SIDES: [usize; 14] = [28, 32, 48, 64, 96, 100, 112, 128, 150, 160, 180, 200, 224, 256];

/// A layer by its name in the file.
#[derive(Clone, Debug)]
enum Layer {
    Conv { name: String, kernel: usize, out: usize },
    Norm { name: String },
    Linear { name: String, takes: usize },
}

/// Where the pools stand, and how much is padded.
#[derive(Clone, Copy)]
struct Guess {
    side: usize,
    padded: bool,
    every: usize,
}

/// Recognises one: all names are layers', convolutions come first, and each reads what the one before it writes.
pub fn read<'a>(dict: &'a Dict, clue: &Clue<'_>) -> Option<Result<Known<'a>, ReadError>> {
    let layers = layers(dict)?;
    let [_, channels @ (1 | 3), ..] = dict.shape(&format!("{}.weight", layers.first()?.name())) else { return None };
    let pools = pools(dict, &layers);
    let fits: Vec<Guess> = guesses(pools.is_some()).filter(|guess| fits(&layers, pools.as_deref(), *guess)).collect();
    let [guess] = fits.as_slice() else { return None };
    Some(build(dict, clue, &layers, pools.as_deref(), *guess, *channels))
}

impl Layer {
    fn name(&self) -> &str {
        match self {
            Self::Conv { name, .. } | Self::Norm { name } | Self::Linear { name, .. } => name,
        }
    }
}

/// The layers in the file's order, if they are such a chain.
fn layers(dict: &Dict) -> Option<Vec<Layer>> {
    let mut layers = Vec::new();
    let (mut channels, mut values, mut linear) = (None, None, false);
    for tensor in dict.names() {
        let Some(name) = tensor.strip_suffix(".weight").map(str::to_owned) else { continue };
        match *dict.shape(tensor) {
            [out, takes, h, w] if h == w && h % 2 == 1 && !linear => {
                if channels.is_some_and(|channels| channels != takes) {
                    return None;
                }
                channels = Some(out);
                layers.push(Layer::Conv { name, kernel: h, out });
            }
            [n] if channels == Some(n) && !linear && dict.get(&format!("{name}.running_mean")).is_some() => {
                layers.push(Layer::Norm { name });
            }
            [out, takes] => {
                if values.is_some_and(|values| values != takes) {
                    return None;
                }
                (values, linear) = (Some(out), true);
                layers.push(Layer::Linear { name, takes });
            }
            _ => return None,
        }
    }
    (linear && channels.is_some()).then_some(layers)
}

/// Where pools stand behind convolutions, told by the numbers of one Sequential: a number left free behind convolution,
/// normalisation and ReLU. `None`: the layers are not numbered.
fn pools(dict: &Dict, layers: &[Layer]) -> Option<Vec<bool>> {
    let split = |name: &str| -> Option<(String, usize)> {
        let (before, number) = name.rsplit_once('.').unwrap_or(("", name));
        Some((before.to_owned(), number.parse().ok()?))
    };
    let convs: Vec<&Layer> = layers.iter().filter(|layer| matches!(layer, Layer::Conv { .. })).collect();
    let places: Vec<(String, usize)> = convs.iter().map(|conv| split(conv.name())).collect::<Option<_>>()?;
    if places.iter().any(|(before, _)| *before != places[0].0) {
        return None;
    }
    let all = numbered(dict, &places[0].0);
    let next = |number: usize| {
        let after =
            all.iter().find(|n| **n > number && !dict.has(&format!("{}.running_mean", join(&places[0].0, **n))));
        after.copied()
    };
    let mut pools = Vec::new();
    for (_, number) in &places {
        let normalised = usize::from(dict.has(&format!("{}.running_mean", join(&places[0].0, number + 1))));
        match next(*number) {
            Some(next) if next < number + 2 + normalised => return None,
            // the last one before the classifier: a pool, or a pool and a Flatten, or a Flatten alone
            Some(next) if places.last().is_some_and(|(_, last)| last == number) => {
                pools.push(next > number + 3 + normalised)
            }
            Some(next) => pools.push(next > number + 2 + normalised),
            None => pools.push(true),
        }
    }
    Some(pools)
}

fn join(before: &str, number: usize) -> String {
    if before.is_empty() { number.to_string() } else { format!("{before}.{number}") }
}

fn guesses(numbered: bool) -> impl Iterator<Item = Guess> {
    let every: &[usize] = if numbered { &[1] } else { &[1, 2] };
    SIDES.into_iter().flat_map(move |side| {
        [false, true]
            .into_iter()
            .flat_map(move |padded| every.iter().map(move |every| Guess { side, padded, every: *every }))
    })
}

/// Whether a pool stands behind the `i`th convolution.
fn pooled(pools: Option<&[bool]>, guess: Guess, i: usize) -> bool {
    pools.map_or((i + 1).is_multiple_of(guess.every), |pools| pools.get(i).copied().unwrap_or_default())
}

fn fits(layers: &[Layer], pools: Option<&[bool]>, guess: Guess) -> bool {
    let (mut side, mut channels, mut convs) = (guess.side, 0, 0);
    for layer in layers {
        match layer {
            Layer::Conv { kernel, out, .. } => {
                let lost = if guess.padded { 0 } else { kernel - 1 };
                if side <= lost {
                    return false;
                }
                side -= lost;
                if pooled(pools, guess, convs) {
                    side /= 2;
                }
                (channels, convs) = (*out, convs + 1);
            }
            Layer::Norm { .. } => {}
            Layer::Linear { takes, .. } => return side > 0 && channels * side * side == *takes,
        }
    }
    false
}

fn build<'a>(
    dict: &'a Dict,
    clue: &Clue<'_>,
    layers: &[Layer],
    pools: Option<&[bool]>,
    guess: Guess,
    channels: usize,
) -> Result<Known<'a>, ReadError> {
    let mut net = Net::new(dict, channels, guess.side, clue.memory);
    let (mut x, mut convs) = (0, 0);
    for (i, layer) in layers.iter().enumerate() {
        let normalised = matches!(layers.get(i + 1), Some(Layer::Norm { .. }));
        let name = layer.name();
        match layer {
            Layer::Conv { kernel, .. } => {
                x = net.conv(name, name, x, Slide::new(1, if guess.padded { kernel / 2 } else { 0 }))?;
                convs += 1;
            }
            Layer::Norm { .. } => x = net.norm(name, x, EPSILON)?,
            Layer::Linear { .. } => x = net.linear(name, name, x)?,
        }
        if normalised || i + 1 == layers.len() {
            continue;
        }
        x = net.relu(&format!("{name}_relu"), x)?;
        if !matches!(layer, Layer::Linear { .. }) && pooled(pools, guess, convs - 1) {
            x = net.draft.max_pool(&format!("{name}_pool"), x, pool(2, 2))?;
        }
    }
    net.draft.notes.push(Note::Assumed);
    let name = format!("a chain of {convs} convolutions, {} x {} pixels", guess.side, guess.side);
    Ok(Known { name, net, output: x, preset: Preset::MinusOneToOne })
}
