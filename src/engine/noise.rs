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
        inside(mix(self.0 ^ i) >> 40)
    }

    /// Standard normal (Box & Muller 1958), the number at place `i`.
    pub fn normal(self, i: u64) -> f32 {
        let (u, v) = (self.uniform(2 * i), self.uniform(2 * i + 1));
        (-2.0 * u.ln()).sqrt() * (std::f32::consts::TAU * v).cos()
    }
}

/// 24 bits in (0, 1): half a step up so that 0 does not occur, and the one number that this rounds to 1 a step down.
fn inside(bits: u64) -> f32 {
    ((bits as f32 + 0.5) / (1 << 24) as f32).min(1.0 - f32::EPSILON / 2.0)
}

/// The `SplitMix64` finaliser (Steele et al. 2014): neighbouring counters become unrelated 64-bit numbers.
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
    #[test]
    fn the_goldens_draw_these() {
        // tests/golden/card.py has the same numbers; the last digit is the C library's
        let noise = Noise::new(19, 0);
        for (array, i, value) in
            [(0, 0, 1.484_582_8), (0, 1, -2.265_518_7), (3, 999_999, 0.027_467_36), (65_536, 12_345, -1.920_432_4_f32)]
        {
            let drawn = noise.normal((array << 32) + i);
            assert!((drawn - value).abs() <= 2.5e-7 * value.abs(), "{array} {i}: {drawn}");
        }
    }

    #[test]
    fn neither_end_of_the_interval_occurs() {
        let most = (1 << 24) - 1;
        assert_eq!(inside(0), 0.5_f32.powi(25));
        assert_eq!(inside(most), 1.0 - 0.5_f32.powi(24));
        assert_eq!(inside(most - 1), 1.0 - 0.5_f32.powi(23));
        // one in 16.8 million: a place where the stream has it (www/torch/cnn_lens.py draws the same)
        let last = Noise::new(0, 0).uniform(22_601_155);
        assert_eq!(last, 1.0 - 0.5_f32.powi(24));
        // an index drawn with it stays inside, whatever the length
        assert!((1..200_000).all(|n| (last * n as f32) < n as f32));
    }
}
