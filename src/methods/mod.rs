//! The registry. A new method is one file here and one word in the list below.

#[macro_use]
pub mod spec;
#[macro_use]
pub mod params;
#[macro_use]
mod family;
pub mod explainers;
pub(crate) mod facts;
pub mod names;
pub mod script;
pub mod sentence;

#[cfg(feature = "engine")]
mod aftermath;
#[cfg(feature = "engine")]
mod ascent;
#[cfg(feature = "engine")]
mod ascent_run;
mod attack;
mod class_map;
#[cfg(feature = "engine")]
pub(crate) mod ctx;
#[cfg(feature = "engine")]
mod error;
mod recipes;
#[cfg(feature = "engine")]
pub(crate) mod recorded;
#[cfg(feature = "engine")]
mod seen;
#[cfg(feature = "engine")]
mod trial;
#[cfg(feature = "engine")]
mod variants;
#[cfg(feature = "engine")]
pub use ctx::Ctx;
#[cfg(feature = "engine")]
pub use error::MethodError;
pub use params::Asked;
#[cfg(feature = "engine")]
pub use recorded::Recorded;
#[cfg(feature = "engine")]
pub use seen::{Judged, Seen};

use crate::catalog::{Lang, MethodInfo};

/// A method under way.
#[cfg(feature = "engine")]
type Running<'a> = crate::engine::pace::Local<'a, Result<Vec<crate::figure::Figure>, MethodError>>;

macro_rules! methods {
    ($($name:ident),* $(,)?) => {
        $(pub mod $name;)*

        /// Every method's description, in the order of the menu.
        pub const INFOS: &[&MethodInfo] = &[$(&$name::INFO),*];

        /// What the method called `id` found, in a sentence made from its numbers; `None` when they do not say.
        pub fn sentence(id: &str, found: &sentence::Found<'_>, lang: Lang) -> Option<String> {
            match id {
                $(id if id == $name::INFO.id => $name::sentence(found, lang),)*
                _ => None,
            }
        }

        /// Runs the method called `id`.
        ///
        /// # Errors
        /// [`MethodError`]: an unknown method, a bad parameter, no picture; the device fails, or the visitor cancels.
        #[cfg(feature = "engine")]
        pub async fn run<D: crate::engine::Device>(
            id: &str,
            ctx: &mut Ctx<'_, D>,
            given: &serde_json::Value,
        ) -> Result<(Vec<crate::figure::Figure>, Asked), MethodError> {
            let info = find(id).ok_or_else(|| MethodError::Unknown(id.to_owned()))?;
            if let Some(need) = ctx.network.spec.lacks(info) {
                return Err(MethodError::Lacks(need));
            }
            let checked = Asked::read(&ctx.network.spec, info.params, given).map_err(MethodError::Parameter)?;
            // one place that waits for whichever it is: a state machine that holds all of them is larger by a fifth
            let running: Running<'_> = match id {
                $(id if id == $name::INFO.id => {
                    let params: $name::Params = checked.decode().map_err(MethodError::Parameter)?;
                    Box::pin(async move { $name::run(ctx, &params).await })
                })*
                _ => return Err(MethodError::Unknown(id.to_owned())),
            };
            let figures = running.await?;
            Ok((figures, checked))
        }
    };
}

methods! {
    cam, feature_maps, saliency, smooth_grad, integrated_gradients, guided_backprop, deconvnet, grad_cam, grad_cam_pp,
    xgrad_cam, hires_cam, layer_cam, score_cam, ablation_cam, guided_grad_cam, dff, lrp, occlusion, rise, lime, contributions,
    cascade, layer_lens, ablation,
    maximise, invert, forgetting, dream, style,
    adversarial, patch, corruptions,
    cue_conflict, background, colour, shuffle, frequency, position, stamp, channel_ranking, audit,
    faithfulness, randomisation, tcav, dissection,
}

/// The description of the method called `id`; `None` when there is no such method.
pub fn find(id: &str) -> Option<&'static MethodInfo> {
    INFOS.iter().find(|i| i.id == id).copied()
}
