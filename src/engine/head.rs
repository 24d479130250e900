//! The classifier heads: a linear map of the mean of what stands at each place.
//!
//! * The default reads pool5 and has a 1x1 convolution + ReLU at each place first.
//! * The teaching head reads `relu5_3` and has none (the network of Zhou et al. 2016).
//!
//! Piecewise linear, so class activation maps (Zhou et al. 2016, eq. 2) are exact and need no gradient:
//! `cam_c(i, j) = sum_k W2[c, k] * f[k, i, j]` with `f = relu(W1 x + b1)` or `x`, and `logit_c = mean(cam_c) + b2[c]`.
//! The default costs 33 MFLOP and runs on the CPU beside either device.

mod relevance;
mod score;

use cnn_lens_simd::dot;

use super::EngineError;
use super::kernels::Gate;
use super::noise::Noise;
use super::planes::{Planes, Shape};
use crate::figure::scale::stats;
use crate::weights::{Array, Arrays};

pub use score::{frequent, log_softmax, softmax, top};

/// The classifier head: from the last feature maps to one logit per class.
pub struct Head {
    /// The 1x1 convolution: row-major `[hidden, 512]` and its biases.
    w1: Option<(Array, Vec<f32>)>,
    /// Row-major `[classes, features]`.
    w2: Array,
    b2: Vec<f32>,
}

/// What one pass through the head leaves for its backward pass.
pub struct HeadTrace {
    /// The geometry of what the head read.
    pub shape: Shape,
    /// What the head's last linear layer reads at every place of the map, `[positions, features]`.
    features: Vec<f32>,
    /// One number per class, temperature-scaled.
    pub logits: Vec<f32>,
}

impl Head {
    /// The head whose arrays' names begin with `prefix` (`head`, `linear`); `None` from a shard that has not got it.
    ///
    /// # Errors
    /// [`EngineError::BadArray`] when the shapes do not fit together.
    pub fn from_arrays(arrays: &Arrays, prefix: &str) -> Result<Option<Self>, EngineError> {
        let get = |name: &str| arrays.get(&format!("{prefix}.{name}")).cloned();
        let Some(w2) = get("output.weight") else { return Ok(None) };
        let bad = || EngineError::BadArray(prefix.into());
        let b2 = get("output.bias").ok_or_else(bad)?.data;
        let w1 = match get("hidden.weight") {
            Some(w1) => Some((w1, get("hidden.bias").ok_or_else(bad)?.data)),
            None => None,
        };
        let fits = match &w1 {
            Some((w1, b1)) => w1.shape.first() == Some(&b1.len()) && w2.shape == [b2.len(), b1.len()],
            None => w2.shape == [b2.len(), 512],
        };
        if fits { Ok(Some(Self { w1, w2, b2 })) } else { Err(bad()) }
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.b2.len()
    }

    fn width(&self) -> usize {
        self.w2.data.len() / self.b2.len().max(1)
    }

    /// Whether it has a hidden 1x1 convolution before its linear layer.
    pub const fn is_deep(&self) -> bool {
        self.w1.is_some()
    }

    /// A copy with one layer's weights drawn from a normal distribution of their standard deviation, and its biases 0.
    pub fn drawn(&self, hidden: bool, noise: Noise) -> Self {
        let drawn = |w: &Array, from: u64| {
            let std = stats(&w.data).std;
            Array { shape: w.shape.clone(), data: (from..).take(w.data.len()).map(|i| std * noise.normal(i)).collect() }
        };
        match &self.w1 {
            Some((w1, b1)) if hidden => {
                let w1 = Some((drawn(w1, 1 << 40), vec![0.0; b1.len()]));
                Self { w1, w2: self.w2.clone(), b2: self.b2.clone() }
            }
            w1 => Self { w1: w1.clone(), w2: drawn(&self.w2, 0), b2: vec![0.0; self.b2.len()] },
        }
    }

    /// Logits of what the head reads.
    pub fn forward(&self, x: &Planes) -> HeadTrace {
        let columns = columns(x);
        let features = match &self.w1 {
            None => columns.concat(),
            Some((w1, b1)) => {
                let place = |x: &Vec<f32>| {
                    let rows = w1.data.chunks_exact(x.len()).zip(b1);
                    rows.map(|(w, b)| (dot(w, x) + b).max(0.0)).collect::<Vec<_>>()
                };
                columns.iter().flat_map(place).collect()
            }
        };
        let mut mean = vec![0.0; self.width()];
        for row in features.chunks_exact(self.width()) {
            mean.iter_mut().zip(row).for_each(|(m, v)| *m += v / columns.len() as f32);
        }
        let logits = self.w2.data.chunks_exact(self.width()).zip(&self.b2).map(|(w, b)| dot(w, &mean) + b).collect();
        HeadTrace { shape: x.shape, features, logits }
    }

    /// The class activation map of `class`, `[H, W]` of what the head reads. Its mean plus the class's bias is the logit.
    pub fn cam(&self, trace: &HeadTrace, class: usize) -> Vec<f32> {
        trace.features.chunks_exact(self.width()).map(|row| dot(self.class_row(class), row)).collect()
    }

    /// The bias of `class`.
    pub fn bias(&self, class: usize) -> f32 {
        self.b2[class]
    }

    /// The gradient of `logit_class` with respect to what the head reads.
    pub fn gradient(&self, trace: &HeadTrace, class: usize) -> Planes {
        self.backward(trace, &[(class, 1.0)], Gate::Relu)
    }

    /// The gradient of a sum of weighted logits with respect to what the head reads, `gate` at the hidden ReLU.
    pub fn backward(&self, trace: &HeadTrace, seed: &[(usize, f32)], gate: Gate) -> Planes {
        let Shape { c, h, w, .. } = trace.shape;
        let n = h * w;
        let mut row = vec![0.0; self.width()];
        for (class, weight) in seed {
            row.iter_mut().zip(self.class_row(*class)).for_each(|(r, v)| *r += weight * v / n as f32);
        }
        let places = trace.features.chunks_exact(self.width()).map(|features| match &self.w1 {
            None => row.clone(),
            Some((w1, _)) => {
                let mut g = vec![0.0; c];
                for (k, y) in features.iter().enumerate() {
                    let scale = gate.pass(*y, row[k]);
                    if scale != 0.0 {
                        g.iter_mut().zip(&w1.data[k * c..]).for_each(|(g, w)| *g += scale * w);
                    }
                }
                g
            }
        });
        planes(trace.shape, places)
    }

    /// The logit of `class` without each channel of `x` in turn, exactly: only the features change.
    pub fn ablations(&self, x: &Planes, class: usize) -> Vec<f32> {
        let (columns, row) = (columns(x), self.class_row(class));
        let mut scores = vec![0.0_f64; x.shape.c];
        let mut whole = 0.0_f64;
        for x in &columns {
            let Some((w1, b1)) = &self.w1 else {
                whole += f64::from(dot(row, x));
                scores.iter_mut().zip(row.iter().zip(x)).for_each(|(s, (w, x))| *s -= f64::from(w * x));
                continue;
            };
            for (k, w) in w1.data.chunks_exact(x.len()).enumerate() {
                let z = dot(w, x) + b1[k];
                whole += f64::from(row[k] * z.max(0.0));
                // what the score loses when channel c falls silent here
                for ((score, w), x) in scores.iter_mut().zip(w).zip(x).filter(|(_, x)| **x != 0.0) {
                    *score += f64::from(row[k] * ((z - w * x).max(0.0) - z.max(0.0)));
                }
            }
        }
        let logit = |change: f64| ((whole + change) / columns.len() as f64) as f32 + self.b2[class];
        scores.into_iter().map(logit).collect()
    }

    fn class_row(&self, class: usize) -> &[f32] {
        &self.w2.data[class * self.width()..(class + 1) * self.width()]
    }
}

/// The planes turned around: for every place, row by row, the values of all channels.
fn columns(x: &Planes) -> Vec<Vec<f32>> {
    let (n, dense) = (x.shape.h * x.shape.w, x.dense());
    (0..n).map(|p| (0..x.shape.c).map(|c| dense[c * n + p]).collect()).collect()
}

/// Planes of this shape from the channel values of every place: the inverse of [`columns`].
fn planes(shape: Shape, columns: impl Iterator<Item = Vec<f32>>) -> Planes {
    let n = shape.h * shape.w;
    let mut dense = vec![0.0; shape.c * n];
    for (p, column) in columns.enumerate() {
        column.iter().enumerate().for_each(|(c, v)| dense[c * n + p] = *v);
    }
    Planes::from_dense(shape, &dense)
}
