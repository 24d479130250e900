//! Why an operation refuses its inputs.

use super::Dims;

/// What does not fit, in words that follow the node's name.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum Misfit {
    /// Too few inputs, or too many.
    #[error("takes {takes} inputs, not {given}")]
    Inputs {
        /// The fewest that it takes.
        takes: usize,
        /// The value that the card gives.
        given: usize,
    },
    /// A parameter that must be at least 1.
    #[error("{0} must not be 0")]
    Zero(&'static str),
    /// A parameter that no network has: [`Misfit::LARGEST`].
    #[error("{0} is larger than {limit}", limit = Self::LARGEST)]
    Large(&'static str),
    /// The groups of a convolution.
    #[error("{channels} channels cannot be divided into {groups} groups")]
    Groups {
        /// Channels read or written.
        channels: usize,
        /// Groups asked for.
        groups: usize,
    },
    /// A window larger than the padded input.
    #[error("a window of {kernel} places is larger than the {input} of its padded input")]
    Window {
        /// Places that the window spans, dilation included.
        kernel: usize,
        /// Places of the input with its padding.
        input: usize,
    },
    /// A pool whose first or last window would see nothing but padding.
    #[error("a padding of {pad} leaves a pool's window of {kernel} places without a value")]
    Padding {
        /// Places of padding.
        pad: usize,
        /// Places that the window spans.
        kernel: usize,
    },
    /// Inputs that should be alike.
    #[error("its inputs differ: {0} and {1}")]
    Different(Dims, Dims),
    /// An input that should be a vector.
    #[error("reads {0}, where a vector (one place) is needed: flatten it first")]
    Places(Dims),
}

impl Misfit {
    /// No parameter of an operation may be larger: what is computed from several of them must not overflow.
    pub const LARGEST: usize = 1 << 20;

    /// # Errors
    /// [`Misfit::Zero`] or [`Misfit::Large`], unless `n` is from 1 to [`Misfit::LARGEST`].
    pub(super) const fn check(what: &'static str, n: usize) -> Result<(), Self> {
        match n {
            0 => Err(Self::Zero(what)),
            1..=Self::LARGEST => Ok(()),
            _ => Err(Self::Large(what)),
        }
    }
}
