//! Likeness to something given: a code, a style, a guide, or the other pictures of a batch.

use cnn_lens_simd::gram::{gram, gram_adjoint};
use cnn_lens_simd::{axpy, dot};

use super::goal::Look;
use super::looks::each;
use crate::engine::planes::Planes;
use crate::engine::probe::stack;

/// `-|m (a - t)|^2 / |m t|^2`: minus the relative error to a code `t` where the mask is 1 (Mahendran & Vedaldi 2015).
pub struct Code {
    /// The code of every picture, already masked; the last one serves all that follow.
    pub codes: Vec<Planes>,
    /// 1 where the code counts, 0 elsewhere; `None`: it counts everywhere.
    pub mask: Option<Planes>,
}

impl Look for Code {
    fn look(&self, y: &Planes) -> (Vec<f32>, Planes) {
        each(y, |i, mut y| {
            let Some(code) = self.codes.get(i).or(self.codes.last()) else { return (0.0, Planes::zeros(y.shape)) };
            let norm = dot(&code.data, &code.data).max(1e-12);
            if let Some(mask) = &self.mask {
                y.data.iter_mut().zip(&mask.data).for_each(|(y, m)| *y *= m);
            }
            axpy(-1.0, &code.data, &mut y.data);
            let value = -dot(&y.data, &y.data) / norm;
            y.data.iter_mut().for_each(|d| *d *= -2.0 / norm);
            (value, y)
        })
    }
}

/// `-|G - T|^2 / |T|^2`, minus the relative error to a Gram matrix (Gatys et al. 2016, each layer in units of its own style).
pub struct Style {
    /// The Gram matrix of the channels divided by the number of places, `[C, C]` row-major.
    pub target: Vec<f32>,
}

impl Style {
    /// The style of one picture's layer.
    pub fn of(y: &Planes) -> Self {
        Self { target: per_place(y) }
    }
}

fn per_place(y: &Planes) -> Vec<f32> {
    let places = (y.shape.h * y.shape.w).max(1) as f32;
    gram(y).into_iter().map(|g| g / places).collect()
}

impl Look for Style {
    fn look(&self, y: &Planes) -> (Vec<f32>, Planes) {
        let norm = dot(&self.target, &self.target).max(1e-12);
        let places = (y.shape.h * y.shape.w).max(1) as f32;
        each(y, |_, y| {
            let mut d = per_place(&y);
            axpy(-1.0, &self.target, &mut d);
            let value = -dot(&d, &d) / norm;
            d.iter_mut().for_each(|d| *d *= -2.0 / norm / places);
            (value, gram_adjoint(&y, &d))
        })
    }
}

/// Minus how alike the pictures of a batch are: the mean over pictures of the cosines of their Gram matrices (Lucid's
/// `diversity`).
pub struct Diversity;

impl Look for Diversity {
    fn look(&self, y: &Planes) -> (Vec<f32>, Planes) {
        let images: Vec<Planes> = y.images().collect();
        let (n, mut units, mut lengths) = (images.len(), Vec::new(), Vec::new());
        for image in &images {
            let mut g = gram(image);
            let length = dot(&g, &g).sqrt().max(1e-10);
            g.iter_mut().for_each(|g| *g /= length);
            units.push(g);
            lengths.push(length);
        }
        let mut values = vec![0.0; n];
        let gradients = (0..n).map(|i| {
            let mut s = vec![0.0; units[i].len()];
            for (_, other) in units.iter().enumerate().filter(|(j, _)| *j != i) {
                let cos = dot(&units[i], other);
                values[i] -= cos / n as f32;
                // every pair counts twice: once for each of its pictures
                let factor = -2.0 / n as f32 / lengths[i];
                axpy(factor, other, &mut s);
                axpy(-factor * cos, &units[i], &mut s);
            }
            gram_adjoint(&images[i], &s)
        });
        let gradients = gradients.collect();
        (values, stack(gradients))
    }
}

/// Features of a guide at most: every place of the dream is compared with all of them.
const MOST: usize = 400;

/// The mean over places of `a . b`, with `b` the guide's feature that is most like `a` there (Mordvintsev et al. 2015, guided
/// dreams).
pub struct Guide {
    /// The guide's feature vectors, one per place.
    features: Vec<Vec<f32>>,
}

impl Guide {
    /// From the guide's layer; of a large one, every so many places.
    pub fn of(y: &Planes) -> Self {
        let all = columns(y);
        let step = all.len().div_ceil(MOST).max(1);
        Self { features: all.into_iter().step_by(step).collect() }
    }
}

/// For every place, row by row, the values of all channels.
fn columns(y: &Planes) -> Vec<Vec<f32>> {
    let at = |row: usize, x: usize| (0..y.shape.c).map(|c| y.row(c, row)[x]).collect();
    (0..y.shape.h).flat_map(|row| (0..y.shape.w).map(move |x| (row, x))).map(|(row, x)| at(row, x)).collect()
}

impl Look for Guide {
    fn look(&self, y: &Planes) -> (Vec<f32>, Planes) {
        let (w, places) = (y.shape.w, (y.shape.h * y.shape.w).max(1));
        each(y, |_, y| {
            let (mut g, mut sum) = (Planes::zeros(y.shape), 0.0);
            for (place, a) in columns(&y).iter().enumerate() {
                let best = self.features.iter().map(|b| (dot(a, b), b)).max_by(|a, b| a.0.total_cmp(&b.0));
                let Some((value, b)) = best else { continue };
                sum += value / places as f32;
                for (c, b) in b.iter().enumerate() {
                    g.row_mut(c, place / w)[place % w] = b / places as f32;
                }
            }
            (sum, g)
        })
    }
}
