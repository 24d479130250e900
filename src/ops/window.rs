//! The parameters of a window that slides over an input, shared by convolutions and pools.

use super::{Dims, Field, Misfit};

/// Kernel, stride and dilation as `[rows, columns]`, padding as `[top, left, bottom, right]`, in places of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Taps.
    pub kernel: [usize; 2],
    /// From one window to the next.
    pub stride: [usize; 2],
    /// From one tap to the next.
    pub dilation: [usize; 2],
    /// Around the input.
    pub pad: [usize; 4],
    /// Whether a last window that lies only partly inside the padded input counts.
    pub ceil: bool,
}

impl Window {
    /// Rows and columns of the windows over an input.
    ///
    /// # Errors
    /// [`Misfit`]: a parameter is 0 or no network's, or the window is larger than the padded input.
    pub fn places(&self, input: Dims) -> Result<[usize; 2], Misfit> {
        for (what, pair) in [("kernel", self.kernel), ("stride", self.stride), ("dilation", self.dilation)] {
            pair.into_iter().try_for_each(|n| Misfit::check(what, n))?;
        }
        self.pad.into_iter().try_for_each(|n| Misfit::check("pad", n.max(1)))?;
        Ok([self.along(0, input.h)?, self.along(1, input.w)?])
    }

    fn along(&self, axis: usize, n: usize) -> Result<usize, Misfit> {
        let (stride, before, after) = (self.stride[axis], self.pad[axis], self.pad[axis + 2]);
        let (span, padded) = (self.span(axis), n + before + after);
        let Some(room) = padded.checked_sub(span) else { return Err(Misfit::Window { kernel: span, input: padded }) };
        let count = if self.ceil { room.div_ceil(stride) } else { room / stride } + 1;
        // a window that would begin behind the input does not count, as in PyTorch and ONNX
        let behind = self.ceil && count > 1 && (count - 1) * stride >= n + before;
        Ok(count - usize::from(behind))
    }

    /// As [`Window::places`], for a pool: every window must see at least one value.
    ///
    /// # Errors
    /// As [`Window::places`], and [`Misfit::Padding`].
    pub fn pooled(&self, input: Dims) -> Result<[usize; 2], Misfit> {
        let places = self.places(input)?;
        for axis in [0, 1] {
            let (kernel, pad) = (self.span(axis), self.pad[axis].max(self.pad[axis + 2]));
            if pad >= kernel {
                return Err(Misfit::Padding { pad, kernel });
            }
        }
        Ok(places)
    }

    /// Places that a window spans.
    const fn span(&self, axis: usize) -> usize {
        (self.kernel[axis] - 1) * self.dilation[axis] + 1
    }

    /// The receptive field of the windows over units that see `below`.
    pub fn field(&self, below: Field) -> Field {
        let Field::Window { y, x } = below else { return Field::Whole };
        let [y, x] = [(0, y), (1, x)]
            .map(|(axis, span)| span.under(self.kernel[axis], self.stride[axis], self.dilation[axis], self.pad[axis]));
        Field::Window { y, x }
    }

    /// As the kernels take it.
    #[cfg(feature = "engine")]
    pub fn geometry(&self) -> cnn_lens_simd::Window {
        let axis = |i: usize| cnn_lens_simd::Axis {
            kernel: self.kernel[i],
            stride: self.stride[i],
            dilation: self.dilation[i],
            before: self.pad[i],
        };
        cnn_lens_simd::Window { y: axis(0), x: axis(1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Window = Window { kernel: [3, 3], stride: [2, 2], dilation: [1, 1], pad: [0; 4], ceil: false };

    #[test]
    fn a_last_window_counts_when_it_begins_inside() {
        let side = |window: Window, n| window.places(Dims::new(1, n, n)).map(|[h, _]| h);
        let ceil = Window { ceil: true, ..WINDOW };
        assert_eq!([6, 7, 8].map(|n| side(WINDOW, n)), [Ok(2), Ok(3), Ok(3)]);
        assert_eq!([6, 7, 8].map(|n| side(ceil, n)), [Ok(3), Ok(3), Ok(4)]);
        // it would begin in the padding: torch.nn.MaxPool2d(1, 2, ceil_mode=True) of 2 places is 1
        assert_eq!(side(Window { kernel: [1, 1], ..ceil }, 2), Ok(1));
        let padded = Window { kernel: [3, 3], stride: [3, 3], pad: [1, 1, 1, 1], ..ceil };
        assert_eq!([5, 6, 7].map(|n| side(padded, n)), [Ok(2), Ok(3), Ok(3)]);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        assert_eq!(WINDOW.places(Dims::new(1, 2, 9)), Err(Misfit::Window { kernel: 3, input: 2 }));
        assert_eq!(Window { stride: [1, 0], ..WINDOW }.places(Dims::new(1, 9, 9)), Err(Misfit::Zero("stride")));
        assert_eq!(
            Window { pad: [0, 0, usize::MAX, 0], ..WINDOW }.places(Dims::new(1, 9, 9)),
            Err(Misfit::Large("pad"))
        );
        let padded = Window { pad: [0, 3, 0, 0], ..WINDOW };
        assert_eq!(padded.places(Dims::new(1, 9, 9)), Ok([4, 5]));
        assert_eq!(padded.pooled(Dims::new(1, 9, 9)), Err(Misfit::Padding { pad: 3, kernel: 3 }));
    }
}
