//! Activations: channel planes with a border of zeros.
//!
//! # Layout
//! Channel `c`, row `y`, column `x` of a `[C, H, W]` array lies at `c * plane + (y + 1) * pitch + (x + 1)` (`n * C + c` for
//! image `n` of a batch), with
//! `pitch = W + 2` and `plane >= (H + 2) * pitch + SLACK`, a multiple of 8. The border is zero, so a 3x3 convolution with
//! zero padding is nine shifted multiply-adds over flat memory: no `im2col`, no bounds test. Both devices use it.

/// Floats past the last row that a kernel may read or scribble on.
pub const SLACK: usize = 24;

/// The geometry of padded planes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Images of a batch, one after another.
    pub n: usize,
    /// Channels.
    pub c: usize,
    /// Rows.
    pub h: usize,
    /// Columns.
    pub w: usize,
}

impl Shape {
    /// One image, `[C, H, W]`.
    pub const fn new(c: usize, h: usize, w: usize) -> Self {
        Self { n: 1, c, h, w }
    }

    /// A batch of `n` such images.
    pub const fn batch(self, n: usize) -> Self {
        Self { n, ..self }
    }

    /// The same batch with other channels.
    pub const fn channels(self, c: usize) -> Self {
        Self { c, ..self }
    }

    /// The shape after 2x2 pooling with stride 2: half the rows and columns, rounded down.
    pub const fn halved(self) -> Self {
        Self { h: self.h / 2, w: self.w / 2, ..self }
    }

    /// Channel planes of all images.
    pub const fn planes(&self) -> usize {
        self.n * self.c
    }

    /// Floats from one row to the next.
    pub const fn pitch(&self) -> usize {
        self.w + 2
    }

    /// Floats from one channel to the next.
    pub const fn plane(&self) -> usize {
        ((self.h + 2) * self.pitch() + SLACK).next_multiple_of(8)
    }

    /// Floats of all planes with their borders: the length of [`Planes::data`].
    pub const fn padded_len(&self) -> usize {
        self.planes() * self.plane()
    }

    /// Values without the border.
    pub const fn len(&self) -> usize {
        self.planes() * self.h * self.w
    }

    /// Whether there are no values at all.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Padded channel planes on the CPU.
#[derive(Clone, Debug, PartialEq)]
pub struct Planes {
    /// The geometry.
    pub shape: Shape,
    /// `shape.padded_len()` floats; the border is zero.
    pub data: Vec<f32>,
}

impl Planes {
    /// All zeros.
    pub fn zeros(shape: Shape) -> Self {
        Self { shape, data: vec![0.0; shape.padded_len()] }
    }

    /// From a dense row-major `[N, C, H, W]` array.
    pub fn from_dense(shape: Shape, dense: &[f32]) -> Self {
        let mut planes = Self::zeros(shape);
        if shape.is_empty() {
            return planes;
        }
        for (c, channel) in dense.chunks_exact(shape.h * shape.w).take(shape.planes()).enumerate() {
            for (y, row) in channel.chunks_exact(shape.w).enumerate() {
                planes.row_mut(c, y).copy_from_slice(row);
            }
        }
        planes
    }

    /// The values without borders, as a dense row-major `[N, C, H, W]` array.
    pub fn dense(&self) -> Vec<f32> {
        let mut out = Vec::with_capacity(self.shape.len());
        for c in 0..self.shape.planes() {
            (0..self.shape.h).for_each(|y| out.extend_from_slice(self.row(c, y)));
        }
        out
    }

    /// The images of a batch, one by one.
    pub fn images(&self) -> impl Iterator<Item = Self> {
        let one = self.shape.batch(1);
        let size = one.padded_len().max(1);
        self.data.chunks_exact(size).map(move |image| Self { shape: one, data: image.to_vec() })
    }

    /// One channel, dense `[H, W]`.
    pub fn channel(&self, c: usize) -> Vec<f32> {
        (0..self.shape.h).flat_map(|y| self.row(c, y)).copied().collect()
    }

    /// The `W` values of a row.
    pub fn row(&self, c: usize, y: usize) -> &[f32] {
        let at = c * self.shape.plane() + (y + 1) * self.shape.pitch() + 1;
        &self.data[at..at + self.shape.w]
    }

    /// The `W` values of a row, to write.
    pub fn row_mut(&mut self, c: usize, y: usize) -> &mut [f32] {
        let at = c * self.shape.plane() + (y + 1) * self.shape.pitch() + 1;
        &mut self.data[at..at + self.shape.w]
    }

    /// Makes the border zero again after a kernel wrote across it.
    pub fn clear_border(&mut self) {
        let (h, w, pitch, plane) = (self.shape.h, self.shape.w, self.shape.pitch(), self.shape.plane());
        for channel in self.data.chunks_exact_mut(plane) {
            channel[..=pitch].fill(0.0);
            for y in 1..=h {
                channel[y * pitch + w + 1..=(y + 1) * pitch].fill(0.0);
            }
            channel[(h + 1) * pitch..].fill(0.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dense_round_trip_and_a_clean_border() {
        let shape = Shape::new(2, 3, 5);
        let dense: Vec<f32> = (1..=30).map(|v| v as f32).collect();
        let mut planes = Planes::from_dense(shape, &dense);
        assert_eq!(planes.dense(), dense);
        let clean = planes.clone();
        let inside = |i: usize| {
            let (y, x) = (i % shape.plane() / shape.pitch(), i % shape.plane() % shape.pitch());
            (1..=3).contains(&y) && (1..=5).contains(&x)
        };
        for i in 0..planes.data.len() {
            if !inside(i) {
                planes.data[i] = 9.0;
            }
        }
        planes.clear_border();
        assert_eq!(planes, clean);
    }
}
