//! Architectures that are recognised by the names and shapes of their tensors, with any number of classes. What is recognised uses
//! every tensor of the file; one tensor too many, and it is another architecture.

mod alexnet;
mod chain;
mod densenet;
mod inverted;
mod net;
mod resnet;
mod squeezenet;
mod vgg;

pub use net::Net;

use crate::assemble::{Preset, Read};
use crate::dict::Dict;
use crate::error::ReadError;
use crate::note::Note;

/// An architecture that was told from a state dict.
pub struct Known<'a> {
    /// As people call it.
    pub name: String,
    /// The network, all its tensors taken.
    pub net: Net<'a>,
    /// The node that writes its logits.
    pub output: usize,
    /// How its pictures are prepared.
    pub preset: Preset,
}

/// Looks whether the tensors are this architecture's; `None`: of another.
type Recogniser = for<'a> fn(&'a Dict, &Clue<'_>) -> Option<Result<Known<'a>, ReadError>>;

/// What else tells an architecture.
pub struct Clue<'a> {
    /// The file's name and what a configuration beside it says, in lower case.
    pub words: &'a str,
    /// Bytes that the arrays may take.
    pub memory: u64,
}

const ALL: [Recogniser; 7] =
    [resnet::read, vgg::read, squeezenet::read, alexnet::read, inverted::read, densenet::read, chain::read];

/// What a name begins with where somebody wrapped the network: `module.`, Lightning's `model.`.
const WRAPPED: usize = 3;

/// The network of these tensors.
///
/// # Errors
/// [`ReadError`]: they are of no architecture that is known here, or it lacks its classifier.
pub fn read(dict: &Dict, clue: &Clue<'_>) -> Result<Read, ReadError> {
    let whole = dict.bytes();
    if whole / 4 > clue.memory {
        return Err(ReadError::Memory { needs: whole, most: clue.memory });
    }
    let given = dict;
    let mut dict = squeezenet::of_caffe(&dict.unwrapped())?;
    let (mut first, mut others) = (None, Vec::new());
    for _ in 0..=WRAPPED {
        for recogniser in ALL {
            match recogniser(&dict, clue) {
                None => {}
                Some(Err(
                    error @ (ReadError::NoTensor { .. } | ReadError::TensorShape { .. } | ReadError::Op { .. }),
                )) => {
                    first.get_or_insert(error);
                }
                Some(Err(error)) => return Err(error),
                Some(Ok(known)) if known.net.unused().next().is_none() => return Ok(known.finish(&others)),
                Some(Ok(_)) => {}
            }
        }
        match dict.without_prefix() {
            Some((bare, beside)) => {
                others.extend(beside.into_iter().map(str::to_owned));
                dict = bare;
            }
            None => break,
        }
    }
    Err(unknown(given, first))
}

/// Why no architecture fits.
fn unknown(dict: &Dict, first: Option<ReadError>) -> ReadError {
    const TRANSFORMERS: [&str; 8] = [
        "attn",
        "attention",
        "cls_token",
        "pos_embed",
        "position_embedding",
        "self_attn",
        "class_token",
        "relative_position",
    ];
    if let Some(name) = dict.names().find(|name| TRANSFORMERS.iter().any(|word| name.contains(word))) {
        return ReadError::Transformer { found: name.to_owned() };
    }
    let maps = dict.names().filter(|name| dict.shape(name).len() == 4).count();
    let vectors = dict.names().filter(|name| dict.shape(name).len() == 2).count();
    if maps > 0
        && vectors == 0
        && first.is_none()
        && dict.names().all(|name| ["weight", "kernel", "bias"].iter().any(|end| name.ends_with(end)))
    {
        return ReadError::Headless;
    }
    first.unwrap_or_else(|| {
        // the last one tells most: of the first convolution all are alike
        ReadError::NoGraph { tensor: dict.names().last().unwrap_or_default().to_owned() }
    })
}

impl Known<'_> {
    /// It, and what else was in the file.
    fn finish(self, others: &[String]) -> Read {
        let mut draft = self.net.draft;
        draft.notes.insert(0, Note::Recognised { architecture: self.name });
        if let Some(example) = others.first() {
            draft.notes.push(Note::Unused { tensors: others.len(), example: example.clone() });
        }
        Read { draft, output: self.output, preset: self.preset }
    }
}
