//! Quantisation of weights, symmetric and linear with one scale per output channel.
//!
//! `q = round(w / scale)`, `scale = max|w| / levels`. With 127 levels for everything the relative L2 error at relu5_3 is
//! 2.1 % and the input gradient's cosine to float32 0.980; `weights/README.md` has the measured table that led to the
//! mixture in `pack`. Values of nine and ten bits are stored as two byte planes, because gzip then pays for the upper bits only
//! where they are used.

use half::f16;
use serde::Serialize;

/// How one array is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// IEEE single, as it is (biases, scales).
    F32,
    /// IEEE half.
    F16,
    /// 8 bits: `name` I8, `name.scale` F32.
    I8,
    /// 9 bits: zigzag low bytes `name` U8 and high bytes `name.hi` U8, `name.scale` F32.
    I9,
    /// 10 bits, stored as nine are.
    I10,
    /// 16 bits, which stay so in memory ([`cnn_lens_simd::Rounded`]): `name` I16, `name.scale` F32. What the reader of visitors' files
    /// writes for matrices that are too large in float32.
    I16,
}

impl Scheme {
    /// All of them as a manifest writes them.
    pub const WORDS: &[(&str, Self)] = &[
        ("f32", Self::F32),
        ("f16", Self::F16),
        ("i8", Self::I8),
        ("i9", Self::I9),
        ("i10", Self::I10),
        ("i16", Self::I16),
    ];

    /// The largest magnitude of an integer `q` of this scheme.
    pub fn levels(self) -> f32 {
        match self {
            Self::I16 => cnn_lens_simd::rounded::LEVELS,
            Self::I10 => 511.0,
            Self::I9 => 255.0,
            Self::I8 | Self::F16 | Self::F32 => 127.0,
        }
    }
}

/// Integers and one scale per output channel (`w` is `[channels, ...]`).
pub fn quantise(w: &[f32], channels: usize, levels: f32) -> (Vec<i16>, Vec<f32>) {
    let row = w.len() / channels.max(1);
    let mut scales = Vec::with_capacity(channels);
    let mut q = Vec::with_capacity(w.len());
    for values in w.chunks_exact(row.max(1)) {
        let max = values.iter().fold(0.0_f32, |m, v| m.max(v.abs()));
        let scale = if max > 0.0 { max / levels } else { 1.0 };
        scales.push(scale);
        q.extend(values.iter().map(|v| (v / scale).round().clamp(-levels, levels) as i16));
    }
    (q, scales)
}

/// `q * scale`, row by row.
pub fn dequantise(q: impl Iterator<Item = i16>, scales: &[f32], len: usize) -> Vec<f32> {
    let row = (len / scales.len().max(1)).max(1);
    q.enumerate().map(|(i, q)| f32::from(q) * scales.get(i / row).copied().unwrap_or(0.0)).collect()
}

/// 0, -1, 1, -2, ... to 0, 1, 2, 3, ...: small magnitudes have empty high bytes.
pub fn zigzag(q: i16) -> u16 {
    ((q << 1) ^ (q >> 15)) as u16
}

/// The inverse of [`zigzag`].
pub fn unzigzag(z: u16) -> i16 {
    ((z >> 1) as i16) ^ -((z & 1) as i16)
}

/// Little-endian half precision to `f32`.
pub fn from_f16(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<2>().0.iter().map(|b| f16::from_le_bytes(*b).to_f32()).collect()
}

/// `f32` to little-endian half precision.
pub fn to_f16(w: &[f32]) -> Vec<u8> {
    w.iter().flat_map(|v| f16::from_f32(*v).to_le_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn zigzag_is_a_bijection(q in any::<i16>()) {
            prop_assert_eq!(unzigzag(zigzag(q)), q);
        }

        #[test]
        fn an_error_is_at_most_half_a_step(w in prop::collection::vec(-3.0_f32..3.0, 24), scheme in prop::sample::select(&[Scheme::I8, Scheme::I9, Scheme::I10][..])) {
            let levels = scheme.levels();
            let (q, scales) = quantise(&w, 4, levels);
            let back = dequantise(q.into_iter(), &scales, w.len());
            for (i, (a, b)) in w.iter().zip(&back).enumerate() {
                prop_assert!((a - b).abs() <= scales[i / 6] * 0.5001);
            }
        }
    }
}
