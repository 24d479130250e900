//! What can be looked at in a layer; each is a few lines.

use cnn_lens_simd::dot;

use super::goal::Look;
use crate::catalog::{Score, Target, Unit};
use crate::engine::planes::Planes;
use crate::engine::probe::stack;

/// `f` of every picture of the batch, on its own.
pub fn each(y: &Planes, mut f: impl FnMut(usize, Planes) -> (f32, Planes)) -> (Vec<f32>, Planes) {
    let (values, gradients) = y.images().enumerate().map(|(i, y)| f(i, y)).unzip();
    (values, stack(gradients))
}

/// The mean of a channel, or a neuron; of the `i`-th picture times `shares[i]` (1 where there is none).
pub struct Of {
    /// The channel or neuron that is maximised.
    pub unit: Unit,
    /// What each picture of the batch counts; 1 for those beyond the list.
    pub shares: Vec<f32>,
}

impl Look for Of {
    fn look(&self, y: &Planes) -> (Vec<f32>, Planes) {
        each(y, |i, y| {
            let (share, mut g) = (self.shares.get(i).copied().unwrap_or(1.0), self.unit.seed(y.shape));
            g.data.iter_mut().for_each(|g| *g *= share);
            (share * self.unit.value(&y), g)
        })
    }
}

/// A class's score; looks at the logits.
pub struct OfClass {
    /// The class, from 0.
    pub class: usize,
    /// Logit, probability or its logarithm.
    pub score: Score,
}

impl Look for OfClass {
    fn look(&self, y: &Planes) -> (Vec<f32>, Planes) {
        let target = Target::Class { class: self.class, score: self.score };
        each(y, |_, y| (target.value_of(&y), target.seed(&y)))
    }
}

/// The mean square of the layer: whatever is there already, more of it (Mordvintsev et al. 2015, `DeepDream`).
pub struct Energy;

impl Look for Energy {
    fn look(&self, y: &Planes) -> (Vec<f32>, Planes) {
        let n = y.shape.batch(1).len().max(1) as f32;
        each(y, |_, mut y| {
            let value = dot(&y.data, &y.data) / n;
            y.data.iter_mut().for_each(|v| *v *= 2.0 / n);
            (value, y)
        })
    }
}

/// The mean over places of `(a . v) max(0.1, cos(a, v))^power` (Lucid's `direction` with `cossim_pow`).
pub struct Direction {
    /// The direction, of length 1: one number per channel.
    pub v: Vec<f32>,
    /// How much the angle counts beside the length.
    pub power: i32,
}

impl Look for Direction {
    fn look(&self, y: &Planes) -> (Vec<f32>, Planes) {
        let (w, places) = (y.shape.w, y.shape.h * y.shape.w);
        each(y, |_, y| {
            let (mut g, mut sum) = (Planes::zeros(y.shape), 0.0);
            for place in 0..places {
                let (row, x) = (place / w, place % w);
                let a: Vec<f32> = (0..y.shape.c).map(|c| y.row(c, row)[x]).collect();
                let (along, length) = (dot(&a, &self.v), dot(&a, &a).sqrt() + 1e-6);
                let (cos, power) = ((along / length).max(0.1), self.power);
                let p = cos.powi(power);
                sum += along * p;
                // d cos = v / |a| - along a / |a|^3, and 0 below the floor
                let turn = if cos > 0.1 { along * power as f32 * cos.powi(power - 1) } else { 0.0 };
                for (c, (a, v)) in a.iter().zip(&self.v).enumerate() {
                    let d = v * p + turn * (v / length - along * a / length.powi(3));
                    g.row_mut(c, row)[x] = d / places as f32;
                }
            }
            (sum / places as f32, g)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::f32::consts::FRAC_1_SQRT_2;

    use super::*;
    use crate::engine::noise::Noise;
    use crate::engine::planes::Shape;
    use crate::engine::synthesis::{Code, Diversity, Guide, Style};

    /// The gradient of every look is the slope of the sum of its values.
    #[test]
    fn gradients_are_slopes() {
        let shape = Shape::new(5, 4, 6).batch(3);
        let noise = |sample: u64| {
            let noise = Noise::new(9, sample);
            Planes::from_dense(shape, &(0..shape.len() as u64).map(|i| noise.normal(i)).collect::<Vec<_>>())
        };
        let (y, d) = (noise(0), noise(1));
        let other = noise(2).images().next().unwrap();
        // two features: of many, one is soon better than the best
        let guide = Planes::from_dense(Shape::new(5, 1, 2), &other.dense()[..10]);
        let unit = Unit { layer: 0, channel: 2, place: None };
        let v: Vec<f32> = [1.0, -1.0, 0.0, 0.0, 0.0].map(|v| v * FRAC_1_SQRT_2).to_vec();
        let mask = Planes::from_dense(other.shape, &[vec![1.0; 60], vec![0.0; 60]].concat());
        let code = Planes { shape: other.shape, data: other.data.iter().zip(&mask.data).map(|(a, b)| a * b).collect() };
        let looks: [(&str, Box<dyn Look>); 8] = [
            ("channel", Box::new(Of { unit, shares: vec![1.0, 0.5] })),
            ("neuron", Box::new(Of { unit: Unit { place: Some((3, 2)), ..unit }, shares: Vec::new() })),
            ("energy", Box::new(Energy)),
            ("direction", Box::new(Direction { v, power: 2 })),
            ("code", Box::new(Code { codes: vec![code], mask: Some(mask) })),
            ("style", Box::new(Style::of(&other))),
            ("diversity", Box::new(Diversity)),
            ("guide", Box::new(Guide::of(&guide))),
        ];
        for (name, look) in looks {
            let at = |h: f32| {
                let data = y.data.iter().zip(&d.data).map(|(y, d)| y + h * d).collect();
                look.look(&Planes { shape, data }).0.iter().map(|v| f64::from(*v)).sum::<f64>()
            };
            let slope = (at(5e-3) - at(-5e-3)) / 1e-2;
            let want = f64::from(dot(&look.look(&y).1.data, &d.data));
            assert!((slope - want).abs() < 1e-2 * (0.1 + want.abs()), "{name}: {slope} {want}");
        }
    }
}
