//! Changes of a picture: what cameras, weather and files do to it, and what tells which cue a decision leans on. Pictures are
//! `[3, H, W]`, dense, in 0..1.

mod block;
mod colour;
mod corruption;
mod filter;
mod geometry;
mod jpeg;
mod noise;
mod spectrum;
mod stamp;

pub use block::{pixelate, shuffle};
pub use colour::{grey, hsv, hue, permuted, rgb, saturated};
pub use corruption::{CORRUPTIONS, Corruption, SEVERITIES};
pub use filter::{convolve, gaussian_blur};
pub use geometry::{mirrored, moved};
pub use jpeg::jpeg;
pub use spectrum::Bands;
pub use stamp::{Mark, stamped};

/// Rows and columns of a picture.
pub type Size = [usize; 2];

/// Applies `change` to each channel `[H, W]` of a picture by itself.
fn channels(x: &[f32], [h, w]: Size, change: impl Fn(&[f32]) -> Vec<f32>) -> Vec<f32> {
    x.chunks_exact(h * w).flat_map(change).collect()
}

/// Applies `change` to the red, green and blue of each pixel by itself.
fn pixels(x: &[f32], change: impl Fn([f32; 3]) -> [f32; 3]) -> Vec<f32> {
    let n = x.len() / 3;
    let mut out = vec![0.0; x.len()];
    for i in 0..n {
        let [r, g, b] = change([x[i], x[n + i], x[2 * n + i]]);
        (out[i], out[n + i], out[2 * n + i]) = (r, g, b);
    }
    out
}

/// The values cut to 0..1.
fn clipped(mut x: Vec<f32>) -> Vec<f32> {
    x.iter_mut().for_each(|v| *v = v.clamp(0.0, 1.0));
    x
}
