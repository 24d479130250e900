//! Noise of a sensor: the same seed gives the same noise.

use super::clipped;
use crate::engine::noise::Noise;

/// Plus `sigma` times a normal number.
pub fn gaussian(x: &[f32], sigma: f32, noise: Noise) -> Vec<f32> {
    clipped(x.iter().zip(0..).map(|(v, i)| v + sigma * noise.normal(i)).collect())
}

/// Plus the value times `sigma` times a normal number.
pub fn speckle(x: &[f32], sigma: f32, noise: Noise) -> Vec<f32> {
    clipped(x.iter().zip(0..).map(|(v, i)| v + v * sigma * noise.normal(i)).collect())
}

/// Light counted in quanta, `full` of which are white (Poisson).
pub fn shot(x: &[f32], full: f32, noise: Noise) -> Vec<f32> {
    let count = |mean: f32, i: u64| {
        // Knuth: how many uniform factors keep the product above e^-mean
        let (limit, mut product, mut k) = ((-f64::from(mean)).exp(), 1.0_f64, 0_u64);
        loop {
            product *= f64::from(noise.uniform(i * 4096 + k));
            if product <= limit {
                return k as f32;
            }
            k += 1;
        }
    };
    clipped(x.iter().zip(0..).map(|(v, i)| count(v * full, i) / full).collect())
}

/// A share of the values replaced by black or white, half and half.
pub fn impulse(x: &[f32], share: f32, noise: Noise) -> Vec<f32> {
    let value = |(v, i): (&f32, u64)| match noise.uniform(2 * i) < share {
        true => f32::from(u8::from(noise.uniform(2 * i + 1) < 0.5)),
        false => *v,
    };
    x.iter().zip(0..).map(value).collect()
}
