//! The head's part of layer-wise relevance propagation.

use cnn_lens_simd::dot;

use super::{Head, HeadTrace, columns, planes};
use crate::engine::planes::Planes;
use crate::engine::rule::{Composite, Rule, quotient};

impl Head {
    /// The relevance of what the head reads, when the logit of `class` has relevance `start`.
    pub fn relevance(&self, x: &Planes, trace: &HeadTrace, class: usize, start: f32, rules: &Composite) -> Planes {
        let (width, columns) = (self.width(), columns(x));
        let mut sum = vec![0.0; width];
        for row in trace.features.chunks_exact(width) {
            sum.iter_mut().zip(row).for_each(|(m, v)| *m += v);
        }
        let mean: Vec<f32> = sum.iter().map(|v| v / columns.len() as f32).collect();
        let mut features = vec![0.0; width];
        let layer = Linear {
            rule: rules.output,
            bias: if rules.bias { self.b2[class] } else { 0.0 },
            rms: trace.logits[class].abs(),
        };
        layer.hand_down(self.class_row(class), &mean, start, &mut features);
        // the average gives every place its share
        features.iter_mut().zip(&sum).for_each(|(r, s)| *r = quotient(*r, *s, 0.0));
        let places = trace.features.chunks_exact(width).map(|f| f.iter().zip(&features).map(|(f, t)| f * t));
        let Some((w1, b1)) = &self.w1 else { return planes(x.shape, places.map(Iterator::collect)) };
        let biased = |k: usize| if rules.bias { b1[k] } else { 0.0 };
        let rms = match rules.hidden {
            Rule::Epsilon(_) => {
                let z = |x: &Vec<f32>| {
                    w1.data
                        .chunks_exact(x.len())
                        .enumerate()
                        .map(|(k, w)| f64::from(dot(w, x) + biased(k)).powi(2))
                        .sum::<f64>()
                };
                (columns.iter().map(z).sum::<f64>() / (columns.len() * width) as f64).sqrt() as f32
            }
            _ => 0.0,
        };
        let place = |(r, x): (_, &Vec<f32>)| {
            let mut below = vec![0.0; x.len()];
            for (k, r) in Iterator::enumerate(r) {
                let layer = Linear { rule: rules.hidden, bias: biased(k), rms };
                layer.hand_down(&w1.data[k * x.len()..][..x.len()], x, r, &mut below);
            }
            below
        };
        planes(x.shape, places.zip(&columns).map(place))
    }
}

/// One output of a linear layer.
struct Linear {
    rule: Rule,
    bias: f32,
    rms: f32,
}

impl Linear {
    /// Adds to `below` what the relevance `r` of the output gives to each input `a`.
    fn hand_down(&self, w: &[f32], a: &[f32], r: f32, below: &mut [f32]) {
        if r == 0.0 {
            return;
        }
        let mut part = |factor: f32, epsilon: f32, weight: &dyn Fn(f32) -> f32| {
            let z: f32 = w.iter().zip(a).map(|(w, a)| weight(*w) * a).sum::<f32>() + weight(self.bias);
            let t = factor * quotient(r, z, epsilon);
            below.iter_mut().zip(w.iter().zip(a)).for_each(|(b, (w, a))| *b += weight(*w) * a * t);
        };
        match self.rule {
            Rule::Epsilon(share) => part(1.0, share * self.rms, &|w| w),
            Rule::Gamma(gamma) => part(1.0, 0.0, &|w| w + gamma * w.max(0.0)),
            Rule::AlphaBeta(alpha, beta) => {
                part(alpha, 0.0, &|w| w.max(0.0));
                if beta != 0.0 {
                    part(-beta, 0.0, &|w| w.min(0.0));
                }
            }
        }
    }
}
