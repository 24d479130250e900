//! Random numbers by counter: the same seed, sample and place give the same number on every device and in every order.

/// A stream of numbers, named by its seed and sample.
#[derive(Clone, Copy, Debug)]
pub struct Noise(u64);

impl Noise {
    /// The stream of `sample` under `seed`.
    pub fn new(seed: u64, sample: u64) -> Self {
        Self(mix(seed ^ mix(sample)))
    }

    /// Uniform in (0, 1), the number at place `i`.
    pub fn uniform(self, i: u64) -> f32 {
        // 24 bits, and half a step so that neither 0 nor 1 occurs
        ((mix(self.0 ^ i) >> 40) as f32 + 0.5) / (1 << 24) as f32
    }

    /// Standard normal (Box & Muller 1958), the number at place `i`.
    pub fn normal(self, i: u64) -> f32 {
        let (u, v) = (self.uniform(2 * i), self.uniform(2 * i + 1));
        (-2.0 * u.ln()).sqrt() * (std::f32::consts::TAU * v).cos()
    }
}

/// `SplitMix64` (Steele et al. 2014).
fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_the_distributions() {
        let noise = Noise::new(7, 3);
        let n = 40_000;
        let mean = |f: &dyn Fn(u64) -> f32| (0..n).map(|i| f64::from(f(i))).sum::<f64>() / n as f64;
        assert!((mean(&|i| noise.uniform(i)) - 0.5).abs() < 0.01);
        assert!(mean(&|i| noise.normal(i)).abs() < 0.02);
        assert!((mean(&|i| noise.normal(i).powi(2)) - 1.0).abs() < 0.03);
        assert!(mean(&|i| noise.normal(i) * Noise::new(7, 4).normal(i)).abs() < 0.02);
    }
}
