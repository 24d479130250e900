//! Receptive fields: which pixels of the input a unit can see.

/// The pixels along one axis: unit `i` sees `first + i * stride .. first + i * stride + size`, of which some may lie outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first pixel of unit 0; negative where it begins in the padding.
    pub first: isize,
    /// Pixels that one unit sees.
    pub size: usize,
    /// Pixels from one unit to the next.
    pub stride: usize,
}

impl Span {
    /// A pixel sees itself.
    pub const PIXEL: Self = Self { first: 0, size: 1, stride: 1 };

    /// Of a window over units that see `self`: Araujo et al. 2019, "Computing receptive fields of convolutional neural
    /// networks", eq. 3 to 5.
    pub const fn under(self, kernel: usize, stride: usize, dilation: usize, before: usize) -> Self {
        Self {
            first: self.first - (before * self.stride) as isize,
            size: self.size + (kernel - 1) * dilation * self.stride,
            stride: self.stride * stride,
        }
    }

    /// The pixels that either sees; `None` when their units do not stand at the same step.
    pub fn union(self, other: Self) -> Option<Self> {
        let end = |s: Self| s.first + s.size as isize;
        let first = self.first.min(other.first);
        let size = (end(self).max(end(other)) - first) as usize;
        (self.stride == other.stride).then_some(Self { first, size, stride: self.stride })
    }

    /// The centre of unit 0, in pixels.
    pub fn offset(self) -> f32 {
        self.first as f32 + (self.size as f32 - 1.0) / 2.0
    }

    /// The pixels of unit `i` among the `n` that there are: from, and to (exclusive).
    pub fn clipped(self, i: usize, n: usize) -> (usize, usize) {
        let from = self.first + (i * self.stride) as isize;
        let inside = |at: isize| at.clamp(0, n as isize) as usize;
        (inside(from), inside(from + self.size as isize))
    }
}

/// The part of the input that a unit depends on: its receptive field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// A window.
    Window {
        /// Down the rows.
        y: Span,
        /// Along a row.
        x: Span,
    },
    /// All of it: behind a global average, a linear layer, or a join of units that do not stand at the same step.
    Whole,
}

impl Field {
    /// A pixel sees itself.
    pub const PIXEL: Self = Self::Window { y: Span::PIXEL, x: Span::PIXEL };

    /// The smallest field that holds both: of a unit that reads two others.
    pub fn union(self, other: Self) -> Self {
        let (Self::Window { y, x }, Self::Window { y: below, x: beside }) = (self, other) else { return Self::Whole };
        match (y.union(below), x.union(beside)) {
            (Some(y), Some(x)) => Self::Window { y, x },
            _ => Self::Whole,
        }
    }

    /// How often the picture was halved on the way here: the base-2 logarithm of the stride, rounded down. `None` where units
    /// stand at no place of the picture.
    pub fn halvings(self) -> Option<u32> {
        match self {
            Self::Window { y, x } => Some(y.stride.max(x.stride).ilog2()),
            Self::Whole => None,
        }
    }

    /// The box `(x0, y0, x1, y1)` of unit (`x`, `y`), end exclusive, inside an input of `width` x `height`.
    pub fn clipped(self, (x, y): (usize, usize), width: usize, height: usize) -> (usize, usize, usize, usize) {
        let Self::Window { y: down, x: along } = self else { return (0, 0, width, height) };
        let ((x0, x1), (y0, y1)) = (along.clipped(x, width), down.clipped(y, height));
        (x0, y0, x1, y1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_sees_what_its_taps_see() {
        // 3 taps, 2 apart, every 2nd place, 1 before: taps at -1, 1, 3 of units 4 pixels apart that see 5 pixels from -2
        let span = Span { first: -2, size: 5, stride: 4 }.under(3, 2, 2, 1);
        assert_eq!(span, Span { first: -6, size: 21, stride: 8 });
        assert_eq!(span.offset(), 4.0);
        assert_eq!((span.clipped(0, 40), span.clipped(4, 40)), ((0, 15), (26, 40)));
    }

    #[test]
    fn a_union_holds_both_and_units_at_another_step_see_everything() {
        let field = |first, size, stride| {
            let span = Span { first, size, stride };
            Field::Window { y: span, x: span }
        };
        assert_eq!(field(-3, 4, 2).union(field(0, 5, 2)), field(-3, 8, 2));
        assert_eq!(field(0, 1, 2).union(field(0, 1, 4)), Field::Whole);
        assert_eq!(Field::Whole.clipped((3, 3), 7, 5), (0, 0, 7, 5));
    }
}
