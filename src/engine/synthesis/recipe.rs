//! How a picture climbs: the step, the shaking, and what keeps the picture a picture.

use super::optimiser::{Tame, Update};
use super::warp::Shake;

/// What speaks against a picture, whatever the objective.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Penalty {
    /// Times the mean of `|difference|` of neighbours, right and below.
    pub variation: f32,
    /// Times the mean of their squares.
    pub roughness: f32,
    /// Times the mean of the values.
    pub brightness: f32,
    /// Times the mean of the sixth power of the distance to the mean colour (Mahendran & Vedaldi's alpha norm).
    pub extremes: f32,
}

impl Penalty {
    /// The penalty of a picture `[3, side, side]`, and its gradient there. `mean` is the mean colour.
    pub fn of(&self, x: &[f32], side: usize, mean: [f32; 3]) -> (f32, Vec<f32>) {
        let (n, plane) = (x.len() as f32, side * side);
        let (mut sum, mut g) = (0.0, vec![0.0; x.len()]);
        if *self == Self::default() {
            return (0.0, g);
        }
        for i in 0..x.len() {
            let next = [(i % side + 1 < side).then_some(i + 1), (i % plane + side < plane).then_some(i + side)];
            for j in next.into_iter().flatten() {
                let d = x[j] - x[i];
                sum += self.variation * d.abs() + self.roughness * d * d;
                let slope = self.variation * d.signum() + 2.0 * self.roughness * d;
                g[j] += slope;
                g[i] -= slope;
            }
            let far = x[i] - mean[i / plane];
            sum += self.brightness * x[i] + self.extremes * far.powi(6);
            g[i] += self.brightness + 6.0 * self.extremes * far.powi(5);
        }
        g.iter_mut().for_each(|g| *g /= n);
        (sum / n, g)
    }
}

/// How a picture climbs: one step after another, with everything that is done before and after it.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    /// How a gradient becomes a step.
    pub rule: Update,
    /// The step size.
    pub rate: f32,
    /// What is done to the gradient before.
    pub tame: Tame,
    /// How far the picture is shaken before the network sees it.
    pub shake: Shake,
    /// Part of the parameters lost at every step.
    pub decay: f32,
    /// Standard deviation in pixels of a blur, and the steps from one to the next.
    pub blur: Option<(f32, usize)>,
    /// Values are cut to 0..1 after every step.
    pub bounded: bool,
    /// What is taken off the objective.
    pub penalty: Penalty,
    /// What is left of the roughness's weight after every step.
    pub relax: f32,
}

impl Recipe {
    /// Steps of this rule and size alone: no shaking, no penalty, no blur, no bounds.
    pub fn plain(rule: Update, rate: f32) -> Self {
        let (shake, penalty) = (Shake::NONE, Penalty::default());
        Self { rule, rate, tame: Tame::Plain, shake, decay: 0.0, blur: None, bounded: false, penalty, relax: 1.0 }
    }
}

/// Blurs every channel of `[3, side, side]` with a Gaussian of `sigma` pixels; the edge is repeated.
pub fn blur(x: &[f32], side: usize, sigma: f32) -> Vec<f32> {
    let reach = (3.0 * sigma).ceil() as isize;
    let weight = |d: isize| (-(d * d) as f32 / (2.0 * sigma * sigma)).exp();
    let total: f32 = (-reach..=reach).map(weight).sum();
    let clamp = |i: isize| i.clamp(0, side as isize - 1) as usize;
    let along = |x: &[f32], step: usize| -> Vec<f32> {
        let value = |i: usize| {
            let at = (i / step % side) as isize;
            let start = i - at as usize * step;
            (-reach..=reach).map(|d| weight(d) * x[start + clamp(at + d) * step]).sum::<f32>() / total
        };
        (0..x.len()).map(value).collect()
    };
    along(&along(x, 1), side)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::noise::Noise;

    #[test]
    fn the_penalty_s_gradient_is_its_slope() {
        let (side, noise) = (6, Noise::new(2, 2));
        let x: Vec<f32> = (0..108).map(|i| noise.uniform(i)).collect();
        let d: Vec<f32> = (0..108).map(|i| noise.normal(500 + i)).collect();
        let penalty = Penalty { variation: 1.0, roughness: 2.0, brightness: 0.3, extremes: 5.0 };
        let at = |h: f32| penalty.of(&x.iter().zip(&d).map(|(x, d)| x + h * d).collect::<Vec<_>>(), side, [0.5; 3]).0;
        let slope = (at(1e-3) - at(-1e-3)) / 2e-3;
        let want: f32 = penalty.of(&x, side, [0.5; 3]).1.iter().zip(&d).map(|(g, d)| g * d).sum();
        assert!((slope - want).abs() < 2e-2 * (0.1 + want.abs()), "{slope} {want}");
    }

    #[test]
    fn a_blur_keeps_what_is_flat_and_spreads_a_point() {
        assert!(blur(&[0.4; 75], 5, 1.0).iter().all(|v| (v - 0.4).abs() < 1e-6));
        let mut point = vec![0.0; 3 * 81];
        point[40] = 1.0;
        let out = blur(&point, 9, 1.0);
        assert!((out[..81].iter().sum::<f32>() - 1.0).abs() < 1e-5 && (out[40] / out[41] - 0.5_f32.exp()).abs() < 1e-4);
    }
}
