//! Weights as the convolution kernels read them: four output channels side by side.
//!
//! # Layout
//! `[ceil(cout / 4)][cin][9 taps][4]`, missing channels zero. One walk over `cin` and the taps then reads weights in order.

/// Output channels that a kernel computes together.
pub const GROUP: usize = 4;

/// Packed weights of one direction of one convolution.
#[derive(Clone, Debug, PartialEq)]
pub struct Packed {
    /// Channels written.
    pub cout: usize,
    /// Channels read.
    pub cin: usize,
    /// The weights in the layout that the module describes.
    pub data: Vec<f32>,
}

impl Packed {
    /// The packed weights of a convolution whose weights are row-major `[cout, cin, 3, 3]`.
    pub fn forward(cout: usize, cin: usize, weight: &[f32]) -> Self {
        Self::build(cout, cin, |co, ci, tap| weight[(co * cin + ci) * 9 + tap])
    }

    /// The input gradient as a convolution: channels swapped and the kernel turned by 180 degrees.
    pub fn adjoint(&self) -> Self {
        Self::build(self.cin, self.cout, |co, ci, tap| self.at(ci, co, 8 - tap))
    }

    /// Weight of output channel `co`, input channel `ci`, tap `3 * row + column`.
    pub fn at(&self, co: usize, ci: usize, tap: usize) -> f32 {
        self.data[((co / GROUP * self.cin + ci) * 9 + tap) * GROUP + co % GROUP]
    }

    fn build(cout: usize, cin: usize, value: impl Fn(usize, usize, usize) -> f32) -> Self {
        let groups = cout.div_ceil(GROUP);
        let mut data = vec![0.0; groups * cin * 9 * GROUP];
        for (group, block) in data.chunks_exact_mut(cin * 9 * GROUP).enumerate() {
            for (i, v) in block.iter_mut().enumerate() {
                let (ci, tap, co) = (i / (9 * GROUP), i / GROUP % 9, group * GROUP + i % GROUP);
                if co < cout {
                    *v = value(co, ci, tap);
                }
            }
        }
        Self { cout, cin, data }
    }
}
