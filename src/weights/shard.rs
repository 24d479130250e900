//! One shard: gunzip, verify, dequantise.

use std::collections::BTreeMap;
use std::io::Read;

use safetensors::SafeTensors;
use sha2::{Digest, Sha256};

use super::manifest::ShardInfo;
use super::quant::{self, Scheme};

/// No shard unpacks to more: what does is cut off there, and its hash is wrong.
const LARGEST: u64 = 256 << 20;

/// A named array, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// Outermost dimension first.
    pub shape: Vec<usize>,
    /// The values, row by row.
    pub data: Vec<f32>,
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

/// The shard's arrays in `f32`.
///
/// `bytes` may be gzipped or (when a server has already decoded it) plain safetensors.
///
/// # Errors
/// [`WeightsError`] names the file and what is wrong with it.
pub fn unpack(info: &ShardInfo, bytes: &[u8]) -> Result<Arrays, WeightsError> {
    let file = || info.file.clone();
    let mut plain = Vec::new();
    let content = if bytes.starts_with(&[0x1f, 0x8b]) {
        flate2::read::GzDecoder::new(bytes)
            .take(LARGEST)
            .read_to_end(&mut plain)
            .map_err(|e| WeightsError::Damaged { file: file(), detail: e.to_string() })?;
        plain.as_slice()
    } else {
        bytes
    };
    let found = hex(&Sha256::digest(content));
    if found != info.sha256 {
        return Err(WeightsError::WrongHash { file: file(), found, expected: info.sha256.clone() });
    }
    let tensors =
        SafeTensors::deserialize(content).map_err(|e| WeightsError::Damaged { file: file(), detail: e.to_string() })?;
    let mut arrays = Arrays::new();
    for t in &info.tensors {
        let data = read(&tensors, &t.name, t.scheme)
            .filter(|d| t.shape.iter().try_fold(1_usize, |n, side| n.checked_mul(*side)) == Some(d.len()))
            .ok_or_else(|| WeightsError::Tensor { file: file(), name: t.name.clone() })?;
        arrays.insert(t.name.clone(), Array { shape: t.shape.clone(), data });
    }
    Ok(arrays)
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
