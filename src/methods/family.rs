//! What the CAM family shares: Grad-CAM and its kin differ by one function, what a channel adds to the map.

use super::sentence::{self, Found, of};
use super::spec::{Chosen, LAYER, Layer, SCORE, TARGET, choice};
use crate::catalog::choice::words;
use crate::catalog::text::text;
use crate::catalog::{Lang, Score};

params! {
    class: Chosen = TARGET,
    score: Score = SCORE,
    layer: Layer = LAYER,
    evidence: Evidence = choice(text!("Evidence", "证据")),
    fuse: Fuse = choice(text!("Layers", "层的融合")),
    smooth: Smooth = choice(text!("Test-time smoothing", "测试时平滑")),
}

words! {
    /// On which side of the decision the evidence is that is shown.
    Evidence {
        /// What speaks for the class.
        For = "for",
        /// What speaks against it.
        Against = "against",
    }
}

words! {
    /// How the maps of several layers become one.
    Fuse {
        /// Only the chosen layer's is made.
        One = "one",
        Mean = "mean",
        Max = "max",
    }
}

words! {
    /// Whether the map is the mean over changed copies of the picture.
    Smooth {
        Off = "off",
        On = "on",
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    match found.params()? {
        Params { evidence: Evidence::Against, .. } => sentence::heat(found, lang, of::AGAINST),
        _ => sentence::evidence(found, lang),
    }
}

/// The `run` of a kin, [`run`] with what a channel adds, and its `sentence`.
macro_rules! kin {
    ($add:ident) => {
        /// What the method is asked: as all of the family.
        pub type Params = super::family::Params;

        /// One map of the layer's size, in units of the score; see the module `family`.
        ///
        /// # Errors
        /// [`MethodError::Engine`](super::MethodError::Engine) when the device fails or the visitor cancels.
        #[cfg(feature = "engine")]
        pub async fn run<D: crate::engine::Device>(
            ctx: &mut super::Ctx<'_, D>,
            params: &Params,
        ) -> Result<Vec<crate::figure::Figure>, super::MethodError> {
            super::family::run(ctx, params, INFO.id, $add).await
        }

        /// What was found, in a sentence.
        pub fn sentence(found: &super::sentence::Found<'_>, lang: crate::catalog::Lang) -> Option<String> {
            super::family::sentence(found, lang)
        }
    };
}

#[cfg(feature = "engine")]
pub(super) use engine::{at, run};

#[cfg(feature = "engine")]
mod engine {
    use ::image::imageops::flip_horizontal;

    use super::{Evidence, Fuse, Params, Smooth};
    use crate::catalog::{NetworkSpec, Target};
    use crate::engine::Device;
    use crate::engine::kernels::Gate;
    use crate::engine::planes::Shape;
    use crate::figure::Figure;
    use crate::figure::scale::resize;
    use crate::methods::{Ctx, MethodError, Seen};

    /// Adds to a map what one channel has to say: its activations, and the score's gradient there.
    pub type Add = fn(&[f32], &[f32], &mut [f32]);

    /// One [`Magnitude`](crate::figure::Kind::Magnitude) figure of the layer's size, in units of the score; with fused layers of the picture's size,
    /// in shares of the layers' maxima. Fact `no_evidence` when it is empty.
    ///
    /// # Errors
    /// [`MethodError::Parameter`] for a unit outside its layer; [`MethodError::Engine`] when the device fails or the visitor
    /// cancels.
    pub async fn run<D: Device>(
        ctx: &mut Ctx<'_, D>,
        params: &Params,
        name: &str,
        add: Add,
    ) -> Result<Vec<Figure>, MethodError> {
        let (target, layer) = (ctx.explained(params.class, params.score).await?, params.layer.0);
        let sign = if params.evidence == Evidence::Against { -1.0 } else { 1.0 };
        let (side, fuse) = (ctx.image.rgb.height() as usize, params.fuse);
        if fuse == Fuse::One {
            let (shape, map) = averaged(ctx, params, target, layer, sign, add).await?;
            return Ok(ctx.evidence(name, shape, map));
        }
        let mut fused = vec![0.0_f32; side * side];
        let (spec, layers) = (&ctx.network.spec, ends_of_blocks(&ctx.network.spec, layer));
        for (done, at) in layers.iter().enumerate() {
            let (shape, map) = averaged(ctx, params, target, *at, sign, add).await?;
            let map: Vec<f32> = resize(&map, shape.w, shape.h, side, side).into_iter().map(|v| v.max(0.0)).collect();
            let largest = map.iter().fold(1e-7_f32, |m, v| m.max(*v));
            // Jiang et al. 2021: shallow layers answer weakly, so their maps are raised
            let raise = |v: f32| if fuse == Fuse::Max && spec.halvings(*at) <= SHALLOW { (2.0 * v).tanh() } else { v };
            for (f, v) in fused.iter_mut().zip(&map).map(|(f, v)| (f, raise(v / largest))) {
                *f = if fuse == Fuse::Max { f.max(v) } else { *f + v / layers.len() as f32 };
            }
            ctx.pace.tick(done + 1, layers.len()).await?;
        }
        Ok(ctx.evidence(name, Shape::new(1, side, side), fused))
    }

    /// Up to how many halvings of the picture a layer's maps are raised: VGG16's up to the third pool.
    const SHALLOW: u32 = 2;

    /// The layer, and the last stage of every block before it; a pool stands for the block that it ends.
    fn ends_of_blocks(spec: &NetworkSpec, layer: usize) -> Vec<usize> {
        let pooled = spec.below(layer).filter(|_| spec.is_pool(layer));
        let ends = spec.blocks().iter().filter_map(|block| block.last().copied());
        ends.filter(|at| *at < layer && Some(*at) != pooled).chain([layer]).collect()
    }

    /// The map at one layer; with smoothing, the mean over the picture and its mirror image in three brightnesses.
    async fn averaged<D: Device>(
        ctx: &mut Ctx<'_, D>,
        params: &Params,
        target: Target,
        layer: usize,
        sign: f32,
        add: Add,
    ) -> Result<(Shape, Vec<f32>), MethodError> {
        if params.smooth == Smooth::Off {
            return at(ctx, target, layer, sign, add).await;
        }
        let mut sum = None::<(Shape, Vec<f32>)>;
        let views = [(false, 0.9), (false, 1.0), (false, 1.1), (true, 0.9), (true, 1.0), (true, 1.1)];
        for (done, (mirrored, brightness)) in views.into_iter().enumerate() {
            let mut rgb = ctx.image.rgb.clone();
            rgb.iter_mut().for_each(|v| *v = (f32::from(*v) * brightness).round().min(255.0) as u8);
            let mut seen = Seen::of(if mirrored { flip_horizontal(&rgb) } else { rgb });
            let mut view = ctx.on(&mut seen);
            let (shape, mut map) = at(&mut view, target, layer, sign, add).await?;
            if mirrored {
                map.chunks_exact_mut(shape.w).for_each(<[f32]>::reverse);
            }
            let (_, total) = sum.get_or_insert_with(|| (shape, vec![0.0; map.len()]));
            total.iter_mut().zip(&map).for_each(|(t, v)| *t += v / views.len() as f32);
            ctx.pace.tick(done + 1, views.len()).await?;
        }
        sum.ok_or(MethodError::NoImage)
    }

    /// The map at one layer, before what speaks against is dropped.
    pub async fn at<D: Device>(
        ctx: &mut Ctx<'_, D>,
        target: Target,
        layer: usize,
        sign: f32,
        add: Add,
    ) -> Result<(Shape, Vec<f32>), MethodError> {
        let (a, g) = (ctx.stage(layer).await?, ctx.gradient(target, layer, Gate::Relu).await?);
        let mut map = vec![0.0_f32; a.shape.h * a.shape.w];
        for c in 0..a.shape.c {
            let g: Vec<f32> = g.channel(c).iter().map(|g| sign * g).collect();
            add(&a.channel(c), &g, &mut map);
        }
        Ok((a.shape, map))
    }
}
