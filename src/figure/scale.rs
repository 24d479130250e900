//! Statistics of a plane, and how values become the 0..1 that a palette takes.

use serde::{Deserialize, Serialize};

/// Numbers that describe a plane.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Stats {
    /// Smallest value.
    pub min: f32,
    /// Largest value.
    pub max: f32,
    /// The mean of the values.
    pub mean: f32,
    /// Their (population) standard deviation.
    pub std: f32,
    /// Share of values that are exactly 0 or below.
    pub sparsity: f32,
}

/// Statistics of `values`; all 0 when there are none.
pub fn stats(values: &[f32]) -> Stats {
    if values.is_empty() {
        return Stats::default();
    }
    let n = values.len() as f64;
    let (mut min, mut max, mut sum, mut square, mut off) =
        (f32::INFINITY, f32::NEG_INFINITY, 0.0_f64, 0.0_f64, 0_usize);
    for v in values {
        min = min.min(*v);
        max = max.max(*v);
        sum += f64::from(*v);
        square += f64::from(*v) * f64::from(*v);
        off += usize::from(*v <= 0.0);
    }
    let mean = sum / n;
    let std = (square / n - mean * mean).max(0.0).sqrt();
    Stats { min, max, mean: mean as f32, std: std as f32, sparsity: off as f32 / n as f32 }
}

/// The value below which a share `p` (0..1) of the values lies; 0 for none.
pub fn percentile(values: &[f32], p: f32) -> f32 {
    let mut sorted: Vec<f32> = values.iter().copied().filter(|v| v.is_finite()).collect();
    if sorted.is_empty() {
        return 0.0;
    }
    let at = ((sorted.len() - 1) as f32 * p.clamp(0.0, 1.0)).round() as usize;
    *sorted.select_nth_unstable_by(at, f32::total_cmp).1
}

/// Indices of the values, largest first; ties by index. (One sort for all: each of its own would cost the page 3 kB.)
pub fn largest_first(values: &[f32]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|a, b| values[*b].total_cmp(&values[*a]).then(a.cmp(b)));
    order
}

/// Pearson's correlation of two maps; 0 when one is constant.
pub fn correlation(a: &[f32], b: &[f32]) -> f32 {
    let n = a.len().min(b.len()).max(1) as f64;
    let mean = |v: &[f32]| v.iter().map(|v| f64::from(*v)).sum::<f64>() / n;
    let (ma, mb) = (mean(a), mean(b));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (f64::from(*a) - ma, f64::from(*b) - mb);
        ab += a * b;
        aa += a * a;
        bb += b * b;
    }
    if aa * bb > 0.0 { (ab / (aa * bb).sqrt()) as f32 } else { 0.0 }
}

/// The three normalisations of feature maps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Normalise {
    /// Each map to its own range: contrast inside a map, no comparison between maps.
    Channel,
    /// All maps of a layer to one range (99.5 %): comparable across channels.
    #[default]
    Layer,
    /// All maps of the network to one range (99.5 %): comparable across layers.
    Model,
}

/// A linear map of values to the 0..1 that a palette takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// The value that becomes 0.
    pub low: f32,
    /// The value that becomes 1.
    pub high: f32,
}

impl Range {
    /// 0 to `high`; symmetric around 0 when `signed`.
    pub fn of(high: f32, signed: bool) -> Self {
        let high = if high > 0.0 { high } else { 1.0 };
        Self { low: if signed { -high } else { 0.0 }, high }
    }

    /// Where `v` lies between `low` and `high`, 0..1; values outside are clipped.
    pub fn unit(&self, v: f32) -> f32 {
        let span = self.high - self.low;
        if span > 0.0 { ((v - self.low) / span).clamp(0.0, 1.0) } else { 0.0 }
    }
}

/// A histogram of `bins` counts between the smallest and the largest value.
pub fn histogram(values: &[f32], bins: usize) -> Vec<usize> {
    let Stats { min, max, .. } = stats(values);
    let mut counts = vec![0; bins.max(1)];
    let last = counts.len() - 1;
    for v in values {
        let at = if max > min { ((v - min) / (max - min) * bins as f32) as usize } else { 0 };
        counts[at.min(last)] += 1;
    }
    counts
}

/// Bilinear resampling with half-pixel centres, edges repeated (as `F.interpolate(..., align_corners=False)`).
pub fn resize(values: &[f32], width: usize, height: usize, to_width: usize, to_height: usize) -> Vec<f32> {
    if values.len() != width * height || values.is_empty() {
        return vec![0.0; to_width * to_height];
    }
    let axis = |n: usize, to: usize| -> Vec<(usize, usize, f32)> {
        (0..to)
            .map(|i| {
                let at = ((i as f32 + 0.5) * n as f32 / to as f32 - 0.5).max(0.0);
                let low = (at as usize).min(n - 1);
                (low, (low + 1).min(n - 1), at - low as f32)
            })
            .collect()
    };
    let (xs, ys) = (axis(width, to_width), axis(height, to_height));
    let mix = |a: f32, b: f32, t: f32| a + (b - a) * t;
    ys.iter()
        .flat_map(|(y0, y1, ty)| {
            let (top, bottom) = (&values[y0 * width..], &values[y1 * width..]);
            xs.iter()
                .map(move |(x0, x1, tx)| mix(mix(top[*x0], top[*x1], *tx), mix(bottom[*x0], bottom[*x1], *tx), *ty))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_keep_their_order() {
        assert_eq!(largest_first(&[1.0, 3.0, 3.0, 2.0]), [1, 2, 3, 0]);
    }

    #[test]
    fn statistics_of_a_small_plane() {
        let s = stats(&[0.0, 1.0, 2.0, -1.0]);
        assert_eq!((s.min, s.max, s.mean, s.sparsity), (-1.0, 2.0, 0.5, 0.5));
        assert!((s.std - 1.118_034).abs() < 1e-6);
        assert_eq!(percentile(&[3.0, 1.0, 2.0], 0.5), 2.0);
        assert_eq!(histogram(&[0.0, 0.4, 1.0], 2), [2, 1]);
    }

    #[test]
    fn resize_has_half_pixel_centres() {
        // torch: F.interpolate(tensor([[[[0., 1.]]]]), size=(1, 4), mode="bilinear") = 0, .25, .75, 1
        assert_eq!(resize(&[0.0, 1.0], 2, 1, 4, 1), [0.0, 0.25, 0.75, 1.0]);
    }

    #[test]
    fn nothing_is_not_a_number() {
        assert_eq!(stats(&[]), Stats::default());
        assert_eq!(Range::of(0.0, false).unit(0.0), 0.0);
        assert_eq!(Range { low: 2.0, high: 2.0 }.unit(2.0), 0.0);
    }
}
