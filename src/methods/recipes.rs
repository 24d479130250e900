//! How the recipe of activation maximisation evolved: five of them, as their authors published them.

use crate::catalog::choice::words;

words! {
    /// How a picture climbs.
    Recipe {
        /// Olah et al. 2017.
        Lucid = "lucid",
        /// The same, not shaken.
        NoWarp = "no_warp",
        /// Yosinski et al. 2015.
        Yosinski = "yosinski",
        /// tf-keras-vis.
        Keras = "keras",
        /// The tutorials': the network's own values, and no regularisation.
        Seed = "seed",
    }
}

words! {
    /// What becomes of the gradient before each step.
    Gradient {
        Plain = "plain",
        /// At most of length 1.
        Clip = "clip",
        /// Always of length 1.
        Normalise = "normalise",
    }
}

#[cfg(feature = "engine")]
pub use engine::{pre_relu, prepare};

#[cfg(feature = "engine")]
mod engine {
    use super::{Gradient, Recipe as Named};
    use crate::catalog::NetworkSpec;
    use crate::engine::noise::Noise;
    use crate::engine::synthesis::{Canvas, Penalty, Recipe, Shake, Tame, Update};

    /// Where an ascent begins: the parameters of the picture of this number.
    pub type Start = fn(&Canvas, u64, u64) -> Vec<f32>;

    /// The recipe of this name, what tames its gradient, the canvas it needs, and where it begins.
    ///
    /// * `lucid`: Olah et al. 2017. Spectrum, decorrelated colours, Adam 0.05, shaken.
    /// * `no_warp`: the same, not shaken.
    /// * `yosinski`: Yosinski et al. 2015, "most paper images": grey levels around the mean from N(0, 10²), decay 1e-4, blur of 1
    ///   pixel every 4 steps, cut to 0..255. The step is 1.5 grey levels of normalised gradient; theirs was fitted to `AlexNet`.
    /// * `keras`: tf-keras-vis. Grey levels from U(0, 255), `RMSprop` 1.0 (0.999), variation 1.0, brightness 0.3, jitter 4, 1 degree.
    /// * `seed`: the tutorials'. The network's own normalised values from N(0, 1), Adam 0.1, nothing else.
    pub fn prepare(spec: &NetworkSpec, named: Named, gradient: Gradient, side: usize) -> (Canvas, Recipe, Start) {
        let normal: Start = |canvas, seed, picture| canvas.noise(seed, picture, 1.0);
        let (canvas, mut recipe, start): (_, _, Start) = match named {
            Named::Yosinski => {
                let recipe =
                    Recipe { decay: 1e-4, blur: Some((1.0, 4)), bounded: true, ..Recipe::plain(Update::Even, 1.5) };
                (Canvas::grey_levels(side, spec.mean), recipe, |canvas, seed, picture| {
                    canvas.noise(seed, picture, 10.0)
                })
            }
            Named::Keras => {
                // their penalties are in grey levels
                let penalty = Penalty { variation: 255.0, brightness: 0.3 * 255.0, ..Penalty::default() };
                let shake = Shake { scale: 0.0, degrees: 1, jitter: [4, 0], around: false };
                let recipe = Recipe { penalty, shake, bounded: true, ..Recipe::plain(Update::RmsProp(0.999), 1.0) };
                (Canvas::grey_levels(side, [0.0; 3]), recipe, |canvas, seed, picture| {
                    let noise = Noise::new(seed, picture << 32);
                    (0..canvas.len() as u64).map(|i| 255.0 * noise.uniform(i)).collect()
                })
            }
            Named::Seed => (Canvas::normalised(side, spec), Recipe::plain(Update::Adam(0.999), 0.1), normal),
            Named::Lucid | Named::NoWarp => {
                let shake = if named == Named::NoWarp { Shake::NONE } else { Shake::LUCID };
                let recipe = Recipe { shake, ..Recipe::plain(Update::Adam(0.999), 0.05) };
                (Canvas::spectrum(side), recipe, |canvas, seed, picture| canvas.noise(seed, picture, 0.01))
            }
        };
        recipe.tame = match gradient {
            Gradient::Clip => Tame::Clip(1.0),
            Gradient::Normalise => Tame::Normalise,
            Gradient::Plain => Tame::Plain,
        };
        (canvas, recipe, start)
    }

    /// What stands under a ReLU: from noise many deep channels are silent behind it, and silence has no gradient.
    pub fn pre_relu(spec: &NetworkSpec, layer: usize) -> usize {
        if spec.is_relu(layer) { spec.node(layer).inputs[0] } else { layer }
    }
}
