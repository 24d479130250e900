//! The map of what speaks for a class that other methods draw beside their own results: the class activation map, and `HiResCAM` of the
//! last maps where a network's head does not average (Draelos & Carin 2020: there it adds up to the score as CAM does elsewhere).

use super::sentence::{Found, say};
#[cfg(feature = "engine")]
use super::{cam, hires_cam};
#[cfg(feature = "engine")]
use crate::catalog::NetworkSpec;
use crate::catalog::text::{Lang, text};

/// The id of the method that draws the map for this network, where that is another than CAM: the fact `map`.
#[cfg(feature = "engine")]
pub fn instead(net: &NetworkSpec) -> Option<String> {
    net.lacks(&cam::INFO).map(|_| hires_cam::INFO.id.to_owned())
}

/// That maps were drawn by another method than CAM.
pub fn told(found: &Found<'_>, map: Option<&String>, lang: Lang) -> Option<String> {
    Some(say(text!("Maps: {map}.", "图：{map}。"), lang, &[("map", &found.named(map?, lang))]))
}

#[cfg(feature = "engine")]
mod engine {
    use super::instead;
    use crate::catalog::{Need, Score, Target};
    use crate::engine::Device;
    use crate::figure::scale::resize;
    use crate::figure::{Figure, Kind};
    use crate::methods::{Ctx, MethodError, cam, family, hires_cam};

    impl<D: Device> Ctx<'_, D> {
        /// A [`Kind::Heat`] figure of the last maps' size, signed: CAM, or what is drawn [`instead`].
        ///
        /// # Errors
        /// [`MethodError`]: a network without maps; the device fails, or the visitor cancels.
        pub async fn class_map(&mut self, name: &str, class: usize) -> Result<Figure, MethodError> {
            let ([h, w], map) = if instead(&self.network.spec).is_none() {
                let figure = cam::run(self, &cam::Params { class: Some(class) }).await?.remove(0);
                ([figure.info.height, figure.info.width], figure.data)
            } else {
                let at = self.network.roles().last_spatial().ok_or(MethodError::Lacks(Need::Spatial))?;
                let target = Target::Class { class, score: Score::Logit };
                let (shape, map) = family::at(self, target, at, 1.0, hires_cam::add).await?;
                ([shape.h, shape.w], map)
            };
            Ok(Figure::new(Kind::Heat, name, [1, h, w], map))
        }

        /// The same of the picture's size, row by row.
        ///
        /// # Errors
        /// As [`Ctx::class_map`].
        pub async fn large_class_map(&mut self, class: usize) -> Result<Vec<f32>, MethodError> {
            let ([h, w], map) = (self.size(), self.class_map("", class).await?);
            Ok(resize(&map.data, map.info.width, map.info.height, w, h))
        }
    }
}
