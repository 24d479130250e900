//! The classifier head on pool5: 1x1 convolution + ReLU, global average, linear.
//!
//! Piecewise linear, so class activation maps (Zhou et al. 2016, eq. 2) are exact and need no gradient:
//! `cam_c(i, j) = sum_k W2[c, k] * relu(W1 x + b1)[k, i, j]` and `logit_c = mean(cam_c) + b2[c]`.
//! It costs 33 MFLOP and runs on the CPU beside either device.

use wide::f32x8;

use super::EngineError;
use super::kernels::Gate;
use super::planes::{Planes, Shape};
use crate::catalog::Score;
use crate::weights::{Array, Arrays};

/// The head's weights.
pub struct Head {
    /// Row-major `[hidden, 512]`.
    w1: Array,
    b1: Vec<f32>,
    /// Row-major `[classes, hidden]`.
    w2: Array,
    b2: Vec<f32>,
}

/// One pass through the head.
pub struct HeadTrace {
    /// The geometry of pool5.
    pub shape: Shape,
    /// After ReLU, `[positions, hidden]`.
    hidden: Vec<f32>,
    /// One number per class, temperature-scaled.
    pub logits: Vec<f32>,
}

impl Head {
    /// From a shard that has it; `None` from one that has not.
    ///
    /// # Errors
    /// [`EngineError::BadArray`] when the shapes do not fit together.
    pub fn from_arrays(arrays: &Arrays) -> Result<Option<Self>, EngineError> {
        let get = |name: &str| arrays.get(&format!("head.{name}")).cloned();
        let Some(w1) = get("hidden.weight") else { return Ok(None) };
        let bad = || EngineError::BadArray("head".into());
        let (b1, w2, b2) = (
            get("hidden.bias").ok_or_else(bad)?.data,
            get("output.weight").ok_or_else(bad)?,
            get("output.bias").ok_or_else(bad)?.data,
        );
        let fits = w1.shape.first() == Some(&b1.len()) && w2.shape == [b2.len(), b1.len()];
        if fits { Ok(Some(Self { w1, b1, w2, b2 })) } else { Err(bad()) }
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.b2.len()
    }

    /// Logits of pool5.
    pub fn forward(&self, pool5: &Planes) -> HeadTrace {
        let (n, channels) = (pool5.shape.h * pool5.shape.w, pool5.shape.c);
        let dense = pool5.dense();
        let mut hidden = Vec::with_capacity(n * self.b1.len());
        for p in 0..n {
            let x: Vec<f32> = (0..channels).map(|c| dense[c * n + p]).collect();
            let rows = self.w1.data.chunks_exact(channels).zip(&self.b1);
            hidden.extend(rows.map(|(w, b)| (dot(w, &x) + b).max(0.0)));
        }
        let width = self.b1.len();
        let mut mean = vec![0.0; width];
        for row in hidden.chunks_exact(width) {
            mean.iter_mut().zip(row).for_each(|(m, v)| *m += v / n as f32);
        }
        let logits = self.w2.data.chunks_exact(width).zip(&self.b2).map(|(w, b)| dot(w, &mean) + b).collect();
        HeadTrace { shape: pool5.shape, hidden, logits }
    }

    /// The class activation map of `class`, `[H, W]` of pool5. Its mean plus the class's bias is the logit.
    pub fn cam(&self, trace: &HeadTrace, class: usize) -> Vec<f32> {
        trace.hidden.chunks_exact(self.b1.len()).map(|row| dot(self.class_row(class), row)).collect()
    }

    /// The gradient of `logit_class` with respect to pool5.
    pub fn gradient(&self, trace: &HeadTrace, class: usize) -> Planes {
        self.backward(trace, &[(class, 1.0)], Gate::Relu)
    }

    /// The gradient with respect to pool5 of a sum of weighted logits, `gate` at the hidden ReLU.
    pub fn backward(&self, trace: &HeadTrace, seed: &[(usize, f32)], gate: Gate) -> Planes {
        let Shape { c, h, w, .. } = trace.shape;
        let (n, width) = (h * w, self.b1.len());
        let mut row = vec![0.0; width];
        for (class, weight) in seed {
            row.iter_mut().zip(self.class_row(*class)).for_each(|(r, v)| *r += weight * v);
        }
        let mut dense = vec![0.0; c * n];
        for (p, hidden) in trace.hidden.chunks_exact(width).enumerate() {
            let mut g = vec![0.0; c];
            for (k, y) in hidden.iter().enumerate() {
                let scale = gate.pass(*y, row[k] / n as f32);
                if scale != 0.0 {
                    g.iter_mut().zip(&self.w1.data[k * c..]).for_each(|(g, w)| *g += scale * w);
                }
            }
            g.iter().enumerate().for_each(|(channel, g)| dense[channel * n + p] = *g);
        }
        Planes::from_dense(trace.shape, &dense)
    }

    /// The logit of `class` without each channel of pool5 in turn, exactly: only the hidden units change.
    pub fn ablations(&self, pool5: &Planes, class: usize) -> Vec<f32> {
        let (n, channels) = (pool5.shape.h * pool5.shape.w, pool5.shape.c);
        let (dense, row) = (pool5.dense(), self.class_row(class));
        let mut scores = vec![0.0_f64; channels];
        let mut whole = 0.0_f64;
        for p in 0..n {
            let x: Vec<f32> = (0..channels).map(|c| dense[c * n + p]).collect();
            for (k, w) in self.w1.data.chunks_exact(channels).enumerate() {
                let z = dot(w, &x) + self.b1[k];
                whole += f64::from(row[k] * z.max(0.0));
                // what the score loses when channel c falls silent here
                for ((score, w), x) in scores.iter_mut().zip(w).zip(&x).filter(|(_, x)| **x != 0.0) {
                    *score += f64::from(row[k] * ((z - w * x).max(0.0) - z.max(0.0)));
                }
            }
        }
        let logit = |change: f64| ((whole + change) / n as f64) as f32 + self.b2[class];
        scores.into_iter().map(logit).collect()
    }

    fn class_row(&self, class: usize) -> &[f32] {
        let width = self.b1.len();
        &self.w2.data[class * width..(class + 1) * width]
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a, a_rest) = a.as_chunks::<8>();
    let (b, b_rest) = b.as_chunks::<8>();
    let sum = a.iter().zip(b).fold(f32x8::ZERO, |s, (a, b)| f32x8::new(*a).mul_add(f32x8::new(*b), s));
    sum.reduce_add() + a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum::<f32>()
}

impl Score {
    /// Its value for `class`.
    pub fn value(self, logits: &[f32], class: usize) -> f32 {
        let values = match self {
            Self::Logit => return logits.get(class).copied().unwrap_or_default(),
            Self::Probability => softmax(logits),
        };
        values.get(class).copied().unwrap_or_default()
    }

    /// Its derivative with respect to the logits: `1` at the class, or `p_c (delta - p)`.
    pub fn seed(self, logits: &[f32], class: usize) -> Vec<(usize, f32)> {
        match self {
            Self::Logit => vec![(class, 1.0)],
            Self::Probability => {
                let p = softmax(logits);
                let own = p.get(class).copied().unwrap_or_default();
                p.iter().enumerate().map(|(i, p)| (i, own * (f32::from(u8::from(i == class)) - p))).collect()
            }
        }
    }
}

/// Probabilities of logits.
pub fn softmax(logits: &[f32]) -> Vec<f32> {
    let max = logits.iter().fold(f32::NEG_INFINITY, |m, v| m.max(*v));
    let exp: Vec<f32> = logits.iter().map(|v| (v - max).exp()).collect();
    let sum: f32 = exp.iter().sum();
    exp.iter().map(|v| v / sum).collect()
}

/// The indices of the `top` largest values, largest first; ties by index.
pub fn top(values: &[f32], top: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*b].total_cmp(&values[*a]).then(a.cmp(b)));
    order.truncate(top);
    order
}
