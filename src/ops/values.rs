//! Arithmetic on all values of planes. Their border stays zero.

use cnn_lens_simd::{Planes, Shape};

use super::Dims;
use super::rule::quotient;

/// The shape of one image.
pub const fn dims(x: &Planes) -> Dims {
    Dims::new(x.shape.c, x.shape.h, x.shape.w)
}

/// `f` of every value.
pub fn map(x: &Planes, f: impl Fn(f32) -> f32) -> Planes {
    let mut out = x.clone();
    for plane in 0..x.shape.planes() {
        (0..x.shape.h).for_each(|y| out.row_mut(plane, y).iter_mut().for_each(|v| *v = f(*v)));
    }
    out
}

/// `f` of every two values, for an `f` with `f(0, 0) = 0`.
pub fn zip(mut a: Planes, b: &Planes, f: impl Fn(f32, f32) -> f32) -> Planes {
    a.data.iter_mut().zip(&b.data).for_each(|(a, b)| *a = f(*a, *b));
    a
}

/// The same number in every value of channel `c`.
pub fn fill(shape: Shape, value: impl Fn(usize) -> f32) -> Planes {
    let mut out = Planes::zeros(shape);
    for plane in 0..shape.planes() {
        (0..shape.h).for_each(|y| out.row_mut(plane, y).fill(value(plane % shape.c)));
    }
    out
}

/// `R / z`, value by value.
pub fn divided(r: &Planes, z: &Planes, epsilon: f32) -> Planes {
    zip(r.clone(), z, |r, z| quotient(r, z, epsilon))
}

/// `a * b`.
pub fn times(a: Planes, b: &Planes) -> Planes {
    zip(a, b, |a, b| a * b)
}
