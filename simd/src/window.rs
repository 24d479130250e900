//! The geometry of a window that slides over an image: what a convolution or a pool reads for each of its outputs.

use std::ops::Range;

/// A sliding window along one axis. Tap `k` of window `i` reads place `i * stride + k * dilation - before`; places outside the
/// image are padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis {
    /// Taps of the window.
    pub kernel: usize,
    /// Places from one window to the next.
    pub stride: usize,
    /// Places from one tap to the next.
    pub dilation: usize,
    /// Places of padding before the image.
    pub before: usize,
}

impl Axis {
    /// One tap at every place.
    pub const ONE: Self = Self { kernel: 1, stride: 1, dilation: 1, before: 0 };

    /// The place that tap `k` of window `i` reads, if it lies among the `n` of the image.
    pub fn at(&self, i: usize, k: usize, n: usize) -> Option<usize> {
        (i * self.stride + k * self.dilation).checked_sub(self.before).filter(|at| *at < n)
    }

    /// Those of the windows `0..out` whose tap `k` lies among the `n` places of the image.
    pub fn inside(&self, k: usize, n: usize, out: usize) -> Range<usize> {
        let tap = k * self.dilation;
        let from = self.before.saturating_sub(tap).div_ceil(self.stride);
        let to = (n + self.before).saturating_sub(tap).div_ceil(self.stride).min(out);
        from.min(to)..to
    }
}

/// A sliding window in both directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Down the rows.
    pub y: Axis,
    /// Along a row.
    pub x: Axis,
}

impl Window {
    /// One tap at every place.
    pub const ONE: Self = Self { y: Axis::ONE, x: Axis::ONE };

    /// Taps of the window.
    pub const fn taps(&self) -> usize {
        self.y.kernel * self.x.kernel
    }
}

/// `to[i] += factor * from[i * stride]`.
pub(crate) fn gather(factor: f32, from: &[f32], stride: usize, to: &mut [f32]) {
    if stride == 1 {
        to.iter_mut().zip(from).for_each(|(to, from)| *to += factor * from);
    } else {
        to.iter_mut().zip(from.iter().step_by(stride)).for_each(|(to, from)| *to += factor * from);
    }
}

/// `to[i * stride] += factor * from[i]`, the adjoint of [`gather`].
pub(crate) fn scatter(factor: f32, from: &[f32], to: &mut [f32], stride: usize) {
    if stride == 1 {
        to.iter_mut().zip(from).for_each(|(to, from)| *to += factor * from);
    } else {
        to.iter_mut().step_by(stride).zip(from).for_each(|(to, from)| *to += factor * from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_windows_inside_are_those_whose_tap_is() {
        for (kernel, stride, dilation, before, n, out) in
            [(3, 1, 1, 1, 5, 5), (3, 2, 1, 0, 7, 4), (5, 3, 2, 4, 6, 3), (7, 4, 1, 2, 3, 1)]
        {
            let axis = Axis { kernel, stride, dilation, before };
            for k in 0..kernel {
                let want: Vec<usize> = (0..out).filter(|i| axis.at(*i, k, n).is_some()).collect();
                assert_eq!(axis.inside(k, n, out).collect::<Vec<_>>(), want, "{axis:?}, tap {k}");
            }
        }
    }
}
