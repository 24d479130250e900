//! Shared by the golden tests: the packed network, golden arrays, and the comparison.

pub mod every_method;
pub mod methods;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cnn_lens::catalog::networks;
use cnn_lens::engine::{Device, Network, Planes, image};
use cnn_lens::weights::{Array, Arrays};
use safetensors::SafeTensors;

pub type Golden = BTreeMap<String, Vec<f32>>;

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

pub fn read_arrays(path: &Path) -> Arrays {
    let bytes = std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let values = |b: &[u8]| b.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
    tensors.tensors().into_iter().map(|(n, t)| (n, Array::new(t.shape().to_vec(), values(t.data())))).collect()
}

pub fn golden(name: &str) -> Golden {
    let arrays = read_arrays(&root().join("tests/golden").join(name));
    arrays.into_iter().map(|(k, a)| (k, a.data.exact().unwrap().to_vec())).collect()
}

/// The shipped weights.
pub fn packed<D: Device>(device: D) -> Network<D> {
    cnn_lens::native::network(device, &root().join("weights")).unwrap()
}

/// The normalised golden photo, or its 64 x 64 window at (80, 60).
pub fn photo(size: u32) -> Planes {
    let bytes = std::fs::read(root().join("tests/golden/photo224.png")).unwrap();
    let mut rgb = image::prepare(&bytes, image::Options::default()).unwrap().rgb;
    if size == 64 {
        rgb = ::image::imageops::crop_imm(&rgb, 80, 60, 64, 64).to_image();
    }
    image::normalise(&rgb, &networks::first())
}

/// Relative L2 distance of `dense` to a golden sample (`k * 1000003 mod n`).
pub fn distance(dense: &[f32], sample: &[f32]) -> f64 {
    let n = dense.len();
    let (mut d, mut r) = (0.0_f64, 0.0_f64);
    for (k, want) in sample.iter().enumerate() {
        let got = dense[(k * 1_000_003) % n];
        d += f64::from(got - want).powi(2);
        r += f64::from(*want).powi(2);
    }
    (d / r).sqrt()
}

/// Largest difference to a golden sample, relative to its largest value.
pub fn max_norm(dense: &[f32], sample: &[f32]) -> f64 {
    let at = |k: usize| dense[(k * 1_000_003) % dense.len()];
    let worst = sample.iter().enumerate().fold(0.0_f32, |m, (k, want)| m.max((at(k) - want).abs()));
    f64::from(worst / sample.iter().fold(f32::MIN_POSITIVE, |m, v| m.max(v.abs())))
}

pub fn l2(dense: &[f32]) -> f64 {
    dense.iter().map(|v| f64::from(*v).powi(2)).sum()
}
