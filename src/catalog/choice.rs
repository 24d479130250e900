//! What stands for one of several words, as the parameters of methods take them: every choice is an enum that knows its words.

use super::want::Score;

/// One of several words; made by [`words!`].
pub trait Words: Sized + 'static {
    /// The words that forms, links and the API use.
    const WORDS: &'static [&'static str];

    /// What the word at this place of [`Words::WORDS`] stands for; `None` beyond them.
    fn nth(place: usize) -> Option<Self>;

    /// What this word stands for; `None` when it is none of them.
    fn of_word(word: &str) -> Option<Self> {
        Self::nth(Self::WORDS.iter().position(|own| *own == word)?)
    }
}

/// An enum of the words that a choice takes: `words! { Name { Variant = "word", ... } }`; the first is the default.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$more:meta])* $variant:ident = $word:expr),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "a variant is called as its word is; the parameter's label says what is chosen")]
        pub enum $name { $($(#[$more])* $variant),* }

        impl $crate::catalog::choice::Words for $name {
            const WORDS: &'static [&'static str] = &[$($word),*];

            fn nth(place: usize) -> Option<Self> {
                [$(Self::$variant),*].get(place).copied()
            }
        }

        impl $name {
            /// The word that it is chosen by.
            pub const fn word(self) -> &'static str {
                <Self as $crate::catalog::choice::Words>::WORDS[self as usize]
            }
        }
    };
}
pub(crate) use words;

words! {
    /// What is put in place of what is hidden.
    Fill {
        /// The training set's mean colour, which the network sees as 0.
        Grey = "grey",
        Black = "black",
        White = "white",
        /// The picture itself, blurred with a standard deviation of 10 pixels.
        Blur = "blur",
    }
}

words! {
    /// Sets of rules for layer-wise relevance propagation, one rule for every part of a network.
    Rules {
        /// Montavon et al. 2019, sec. 10.3: those of the network of their tutorial.
        Tutorial = "tutorial",
        /// Gamma everywhere, `z^B` at the pixels.
        GammaBox = "gamma_box",
        /// z+ in the trunk, epsilon in the head.
        EpsilonPlus = "epsilon_plus",
        /// Alpha 2, beta 1, flat at the pixels.
        Alpha2Beta1Flat = "alpha2_beta1_flat",
        /// z+ everywhere: excitation backpropagation (Zhang et al. 2016).
        Excitation = "excitation",
        /// The same, less what the other classes are due.
        ExcitationContrast = "excitation_contrast",
        /// Epsilon everywhere.
        Epsilon = "epsilon",
    }
}

impl Words for Score {
    const WORDS: &'static [&'static str] = &["logit", "probability"];

    fn nth(place: usize) -> Option<Self> {
        [Self::Logit, Self::Probability].get(place).copied()
    }
}
