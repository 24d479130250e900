//! Blank pictures: what a covered window shows, and where integrated gradients begin.

use ::image::imageops::{self, FilterType};
use ::image::{Rgb, RgbImage};

use super::normalise;
use crate::catalog::NetworkSpec;
use crate::catalog::choice::Fill;
use crate::engine::planes::{Planes, Shape};

/// A blank picture of the same size, normalised.
pub fn filled(rgb: &RgbImage, spec: &NetworkSpec, fill: Fill) -> Planes {
    let flat = |v: u8| RgbImage::from_pixel(rgb.width(), rgb.height(), Rgb([v; 3]));
    match fill {
        Fill::Black => normalise(&flat(0), spec),
        Fill::White => normalise(&flat(255), spec),
        Fill::Blur => normalise(&imageops::blur(rgb, 10.0), spec),
        Fill::Grey => Planes::zeros(Shape::new(3, rgb.height() as usize, rgb.width() as usize)),
    }
}

/// A square picture in 0..1 at another side, `[3, side, side]`.
pub fn scaled(rgb: &RgbImage, side: usize) -> Vec<f32> {
    let n = side as u32;
    let sized =
        if rgb.dimensions() == (n, n) { rgb.clone() } else { imageops::resize(rgb, n, n, FilterType::Triangle) };
    unit(&sized)
}

/// A picture in 0..1, `[3, H, W]`.
pub fn unit(rgb: &RgbImage) -> Vec<f32> {
    (0..3).flat_map(|c| rgb.pixels().map(move |p| f32::from(p.0[c]) / 255.0)).collect()
}

/// A picture `[3, H, W]` in 0..1 as the network reads it.
pub fn normalised(x: &[f32], [h, w]: [usize; 2], spec: &NetworkSpec) -> Planes {
    let x: Vec<f32> = x.iter().enumerate().map(|(i, v)| (v - spec.mean[i / (h * w)]) / spec.std[i / (h * w)]).collect();
    Planes::from_dense(Shape::new(3, h, w), &x)
}

/// A picture `[3, H, W]` in 0..1 as 8-bit RGB, rounded.
pub fn rounded(x: &[f32], [h, w]: [usize; 2]) -> RgbImage {
    RgbImage::from_fn(w as u32, h as u32, |column, row| {
        let at = row as usize * w + column as usize;
        Rgb([0, 1, 2].map(|c| (x[c * h * w + at] * 255.0).round().clamp(0.0, 255.0) as u8))
    })
}

/// The normalised picture `x` seen through a mask `[H, W]` of 0..1: grey where it is 0.
pub fn masked(x: &Planes, mask: &[f32]) -> Planes {
    let mut copy = x.clone();
    for c in 0..x.shape.c {
        for (y, mask) in mask.chunks_exact(x.shape.w).enumerate() {
            copy.row_mut(c, y).iter_mut().zip(mask).for_each(|(v, m)| *v *= m);
        }
    }
    copy
}
