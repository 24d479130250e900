//! One shard: gunzip, verify, dequantise.

use std::collections::BTreeMap;
use std::io::Read;
use std::rc::Rc;

use safetensors::SafeTensors;
use sha2::{Digest, Sha256};

use super::manifest::ShardInfo;
use super::quant::{self, Scheme};
use cnn_lens_simd::Rounded;

/// No shard unpacks to more: what does is cut off there, and its hash is wrong.
const LARGEST: u64 = 256 << 20;

/// A named array, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// Outermost dimension first.
    pub shape: Vec<usize>,
    /// The values, row by row.
    pub data: Numbers,
}

/// The values of an array.
#[derive(Clone, Debug, PartialEq)]
pub enum Numbers {
    /// In float32.
    Exact(Vec<f32>),
    /// A matrix that is too large for that.
    Rounded(Rounded),
}

impl Numbers {
    /// The values in float32, if they are kept so.
    pub fn exact(&self) -> Option<&[f32]> {
        match self {
            Self::Exact(values) => Some(values),
            Self::Rounded(_) => None,
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Exact(values) => values.len(),
            Self::Rounded(matrix) => matrix.rows() * matrix.columns(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Array {
    /// Values in float32.
    pub const fn new(shape: Vec<usize>, values: Vec<f32>) -> Self {
        Self { shape, data: Numbers::Exact(values) }
    }
}

/// Arrays by torchvision's key.
pub type Arrays = BTreeMap<String, Array>;

/// Why a shard was refused.
#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    /// The file ended early or is no gzip.
    #[error("{file}: cannot be unpacked ({detail})")]
    Damaged {
        /// The shard's file name.
        file: String,
        /// The decoder's words.
        detail: String,
    },
    /// The file was unpacked, but its content is not what the manifest describes.
    #[error("{file}: SHA-256 is {found}, the manifest says {expected}")]
    WrongHash {
        /// The shard's file name.
        file: String,
        /// The hash of what came.
        found: String,
        /// The hash that the manifest names.
        expected: String,
    },
    /// A tensor that the manifest names is not in the file, or has another shape or type.
    #[error("{file}: tensor {name} is missing or malformed")]
    Tensor {
        /// The shard's file name.
        file: String,
        /// The tensor's name.
        name: String,
    },
}

/// The shard's arrays: in `f32`, or within its bytes where they stay rounded ([`Scheme::I16`]).
///
/// `bytes` may be gzipped or (when a server has already decoded it) plain safetensors.
///
/// # Errors
/// [`WeightsError`] names the file and what is wrong with it.
pub fn unpack(info: &ShardInfo, bytes: Vec<u8>) -> Result<Arrays, WeightsError> {
    let file = || info.file.clone();
    let content = if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(bytes.as_slice())
            .take(LARGEST)
            .read_to_end(&mut plain)
            .map_err(|e| WeightsError::Damaged { file: file(), detail: e.to_string() })?;
        plain
    } else {
        bytes
    };
    let content = Rc::new(content);
    let found = hex(&Sha256::digest(content.as_slice()));
    if found != info.sha256 {
        return Err(WeightsError::WrongHash { file: file(), found, expected: info.sha256.clone() });
    }
    let tensors = SafeTensors::deserialize(&content)
        .map_err(|e| WeightsError::Damaged { file: file(), detail: e.to_string() })?;
    let mut arrays = Arrays::new();
    for t in &info.tensors {
        let data = match t.scheme {
            Scheme::I16 => rounded(&tensors, &t.name, &content).map(Numbers::Rounded),
            scheme => read(&tensors, &t.name, scheme).map(Numbers::Exact),
        };
        let data = data
            .filter(|d| t.shape.iter().try_fold(1_usize, |n, side| n.checked_mul(*side)) == Some(d.len()))
            .ok_or_else(|| WeightsError::Tensor { file: file(), name: t.name.clone() })?;
        arrays.insert(t.name.clone(), Array { shape: t.shape.clone(), data });
    }
    Ok(arrays)
}

/// A matrix within the file.
fn rounded(tensors: &SafeTensors<'_>, name: &str, file: &Rc<Vec<u8>>) -> Option<Rounded> {
    let matrix = tensors.tensor(name).ok()?;
    let &[rows, columns] = matrix.shape() else { return None };
    let scales = from_f32(tensors.tensor(&format!("{name}.scale")).ok()?.data());
    // the tensor's bytes are a part of the file's
    let from = (matrix.data().as_ptr() as usize).checked_sub(file.as_ptr() as usize)?;
    let fits = scales.len() == rows && matrix.data().len() == 2 * rows * columns;
    if fits { Rounded::new(Rc::clone(file), from, columns, scales) } else { None }
}

fn read(tensors: &SafeTensors<'_>, name: &str, scheme: Scheme) -> Option<Vec<f32>> {
    let bytes = |suffix: &str| tensors.tensor(&format!("{name}{suffix}")).ok().map(|t| t.data());
    let main = bytes("")?;
    Some(match scheme {
        Scheme::F32 => from_f32(main),
        Scheme::F16 => quant::from_f16(main),
        Scheme::I8 => {
            let scales = from_f32(bytes(".scale")?);
            quant::dequantise(main.iter().map(|b| i16::from(*b as i8)), &scales, main.len())
        }
        // kept as it is: see `rounded`
        Scheme::I16 => return None,
        Scheme::I9 | Scheme::I10 => {
            let scales = from_f32(bytes(".scale")?);
            let planes = main.iter().zip(bytes(".hi")?);
            let q = planes.map(|(lo, hi)| quant::unzigzag(u16::from_le_bytes([*lo, *hi])));
            quant::dequantise(q, &scales, main.len())
        }
    })
}

fn from_f32(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect()
}

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
