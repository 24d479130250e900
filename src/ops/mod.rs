//! The operations that a network's graph is made of. A new one is one file here, and its name where the others stand below.
//!
//! An operation's file holds its parameters as a card writes them, the arithmetic of its shape and receptive field, the arrays
//! that it needs, and (with the engine) what it computes, its gradient, and how it hands down relevance.

mod activation;
mod add;
mod affine;
mod avg_pool;
mod concat;
#[cfg(feature = "engine")]
mod contribution;
mod conv;
mod field;
mod flatten;
mod global_avg_pool;
mod linear;
mod lrn;
mod max_pool;
mod misfit;
#[cfg(feature = "engine")]
mod module;
mod mul;
#[cfg(feature = "engine")]
mod rule;
mod softmax;
#[cfg(feature = "engine")]
pub mod values;
mod window;

use std::ops::RangeInclusive;

use crate::fields::{BadField, Fields};
pub use activation::Activation;
pub use add::Add;
pub use affine::Affine;
pub use avg_pool::AvgPool;
pub use concat::Concat;
pub use conv::Conv;
pub use field::{Field, Span};
pub use flatten::Flatten;
pub use global_avg_pool::GlobalAvgPool;
pub use linear::Linear;
pub use lrn::Lrn;
pub use max_pool::MaxPool;
pub use misfit::Misfit;
#[cfg(feature = "engine")]
pub use module::{LinearMap, Module, Pass};
pub use mul::Mul;
#[cfg(feature = "engine")]
pub use rule::{Rule, Share, Stabiliser, quotient, rms};
pub use softmax::Softmax;
pub use window::Window;

/// Channels, rows and columns of what a node writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dims {
    /// Channels.
    pub c: usize,
    /// Rows.
    pub h: usize,
    /// Columns.
    pub w: usize,
}

impl Dims {
    /// `[C, H, W]`.
    pub const fn new(c: usize, h: usize, w: usize) -> Self {
        Self { c, h, w }
    }

    /// A vector: one place.
    pub const fn vector(c: usize) -> Self {
        Self::new(c, 1, 1)
    }

    /// Places of a channel.
    pub const fn places(self) -> usize {
        self.h * self.w
    }
}

impl std::fmt::Display for Dims {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} x {} x {}", self.c, self.h, self.w)
    }
}

/// An array that a node needs: `conv1.weight` is that of the node `conv1` whose `suffix` is `weight`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArraySpec {
    /// What follows the node's name and a dot.
    pub suffix: &'static str,
    /// Outermost dimension first.
    pub shape: Vec<usize>,
}

/// What every operation tells of itself.
pub trait Operator {
    /// How many inputs it takes.
    fn arity(&self) -> RangeInclusive<usize> {
        1..=1
    }

    /// The shape of its output, given as many shapes as [`Operator::arity`] allows.
    ///
    /// # Errors
    /// [`Misfit`] when the inputs do not fit it, or its parameters not each other.
    fn shape(&self, inputs: &[Dims]) -> Result<Dims, Misfit>;

    /// The receptive field of its units, given that of its inputs' units (the union, where there are several).
    fn field(&self, below: Field) -> Field {
        below
    }

    /// The arrays that it needs, for inputs that [`Operator::shape`] accepts.
    fn arrays(&self, _: &[Dims]) -> Vec<ArraySpec> {
        Vec::new()
    }

    /// Whether what its output has of relevance is its input's, as it is.
    #[cfg(feature = "engine")]
    fn passes_relevance_on(&self) -> bool {
        false
    }

    /// The rule of layer-wise relevance propagation by which it goes when `rule` is asked for.
    #[cfg(feature = "engine")]
    fn rule(&self, rule: Rule) -> Rule {
        rule
    }

    /// The relevance of every input, given the output's, of an operation without arrays (Bach et al. 2015): the output's as it is,
    /// unless the operation says otherwise. One with arrays is a [`LinearMap`], which one algorithm serves.
    #[cfg(feature = "engine")]
    fn relevance(&self, at: &Pass<'_>, r: &cnn_lens_simd::Planes, _: &Rule) -> Vec<cnn_lens_simd::Planes> {
        vec![r.clone(); at.x.len()]
    }

    /// Ready to compute, with the values of [`Operator::arrays`] in that order, row-major.
    #[cfg(feature = "engine")]
    fn bind(&self, inputs: &[Dims], arrays: &[&[f32]]) -> std::rc::Rc<dyn Module>;
}

/// What a card's node says of an operation.
trait Read: Sized {
    /// Reads the operation's own fields.
    ///
    /// # Errors
    /// [`BadField`]: one is missing, or of another kind.
    fn read(fields: &mut Fields) -> Result<Self, BadField>;
}

/// `MaxPool` as `max_pool`.
pub fn snake_case(name: &str) -> String {
    let mut words = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !words.is_empty() {
            words.push('_');
        }
        words.push(c.to_ascii_lowercase());
    }
    words
}

macro_rules! ops {
    ($($name:ident),* $(,)?) => {
        /// An operation with its parameters.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Op {
            $(#[doc = concat!("[`", stringify!($name), "`].")] $name($name),)*
        }

        impl Op {
            /// Reads the field `op`, which names the operation as a card does (`max_pool`), and that operation's own fields.
            ///
            /// # Errors
            /// [`BadField`]: an unknown name; a field that is missing or of another kind.
            pub fn read(fields: &mut Fields) -> Result<Self, BadField> {
                let name = fields.text("op")?;
                $(if snake_case(stringify!($name)) == name {
                    return $name::read(fields).map(Self::$name);
                })*
                Err(BadField::Value { field: "op", value: name.into(), takes: "the name of an operation" })
            }

            /// Its name: `MaxPool`.
            pub const fn name(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => stringify!($name),)*
                }
            }
        }

        impl std::ops::Deref for Op {
            type Target = dyn Operator;

            fn deref(&self) -> &Self::Target {
                match self {
                    $(Self::$name(op) => op,)*
                }
            }
        }
    };
}

ops! {
    Conv, Linear, Affine, Activation, MaxPool, AvgPool, GlobalAvgPool, Add, Mul, Concat, Lrn, Flatten, Softmax,
}
