//! The corruptions of ImageNet-C that need no photographs of weather (Hendrycks and Dietterich 2019), and a few of geometry.

use super::{Size, block, colour, filter, geometry, jpeg, noise};
use crate::engine::noise::Noise;

/// How many severities each corruption has; they are counted from 1.
pub const SEVERITIES: usize = 5;

/// One way in which a picture is damaged.
pub struct Corruption {
    /// The key in parameters and tables.
    pub id: &'static str,
    /// Damages a picture `[3, H, W]` in 0..1 of the given size at a severity from 1 to 5; random ones draw from the noise.
    pub apply: fn(&[f32], Size, usize, Noise) -> Vec<f32>,
}

macro_rules! corruptions {
    ($($id:ident($x:ident, $size:ident, $noise:ident) [$($level:expr),*] |$v:pat_param| $apply:expr;)*) => {
        /// All corruptions, in the order of the table.
        pub const CORRUPTIONS: &[Corruption] = &[$(Corruption {
            id: stringify!($id),
            apply: |$x, $size, severity, $noise| {
                let _ = ($size, $noise);
                let $v = [$($level),*][severity.clamp(1, SEVERITIES) - 1];
                $apply
            },
        }),*];
    };
}

corruptions! {
    gaussian_noise(x, _s, n) [0.08, 0.12, 0.18, 0.26, 0.38] |v| noise::gaussian(x, v, n);
    shot_noise(x, _s, n) [60.0, 25.0, 12.0, 5.0, 3.0] |v| noise::shot(x, v, n);
    impulse_noise(x, _s, n) [0.03, 0.06, 0.09, 0.17, 0.27] |v| noise::impulse(x, v, n);
    speckle_noise(x, _s, n) [0.15, 0.2, 0.35, 0.45, 0.6] |v| noise::speckle(x, v, n);
    gaussian_blur(x, s, _n) [1.0, 2.0, 3.0, 4.0, 6.0] |v| filter::gaussian_blur(x, s, v);
    defocus_blur(x, s, _n) [(3.0, 0.1), (4.0, 0.5), (6.0, 0.5), (8.0, 0.5), (10.0, 0.5)] |(radius, soft)| {
        let (kernel, side) = filter::disk(radius, soft);
        filter::convolve(x, s, &kernel, side)
    };
    brightness(x, _s, _n) [0.1, 0.2, 0.3, 0.4, 0.5] |v| colour::brighter(x, v);
    contrast(x, _s, _n) [0.4, 0.3, 0.2, 0.1, 0.05] |v| colour::contrast(x, v);
    saturate(x, _s, _n) [(0.3, 0.0), (0.1, 0.0), (2.0, 0.0), (5.0, 0.1), (20.0, 0.2)] |(t, p)| colour::saturated(x, t, p);
    jpeg(x, s, _n) [25, 18, 15, 10, 7] |v| jpeg::jpeg(x, s, v);
    pixelate(x, s, _n) [0.6, 0.5, 0.4, 0.3, 0.25] |v| block::pixelate(x, s, v);
    rotation(x, s, _n) [10.0, 20.0, 30.0, 45.0, 90.0] |v| geometry::moved(x, s, v, 1.0, [0.0; 2]);
    translation(x, s, _n) [0.05, 0.1, 0.2, 0.3, 0.4] |v| {
        geometry::moved(x, s, 0.0, 1.0, [(v * s[1] as f32).round(), (v * s[0] as f32).round()])
    };
    scale(x, s, _n) [0.85, 0.7, 0.55, 0.4, 0.25] |v| geometry::moved(x, s, 0.0, v, [0.0; 2]);
    stripes(x, s, _n) [0.1, 0.2, 0.3, 0.4, 0.5] |v| geometry::striped(x, s, v);
}
