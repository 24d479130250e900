//! Other pictures than the visitor's, seen by the same network: changed, attacked, of a gallery.

use ::image::RgbImage;
use serde_json::{Map, Value};

use super::{Asked, Ctx, MethodError, Recorded};
use crate::catalog::{Score, Target, Want};
use crate::engine::image::{Prepared, normalised, rounded, unit};
use crate::engine::kernels::Gate;
use crate::engine::pace::Local;
use crate::engine::score::{log_softmax, top};
use crate::engine::{Device, Planes};
use crate::figure::scale::resize;
use crate::figure::{Figure, Kind};

/// A picture with the forward pass that was recorded for it.
pub struct Seen<D: Device> {
    image: Prepared,
    recorded: Recorded<D>,
}

impl<D: Device> Seen<D> {
    /// A picture of whole grey levels.
    pub fn of(rgb: RgbImage) -> Self {
        let original = rgb.dimensions();
        Self { image: Prepared { rgb, original, notes: Vec::new() }, recorded: Recorded::default() }
    }

    /// A picture `[3, H, W]` in 0..1, not rounded.
    pub fn exact(ctx: &Ctx<'_, D>, x: &[f32]) -> Self {
        let mut seen = Self::of(rounded(x, ctx.size()));
        seen.recorded.input = Some(normalised(x, ctx.size(), &ctx.network.spec));
        seen
    }
}

/// What the network says of a picture.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The logit of every class.
    pub logits: Vec<f32>,
    /// The natural logarithm of every class's probability.
    pub logs: Vec<f32>,
}

impl Judged {
    /// The scores that follow from the logits of all classes.
    pub fn new(logits: Vec<f32>) -> Self {
        let logs = log_softmax(&logits);
        Self { logits, logs }
    }

    /// The probability of `class`.
    pub fn p(&self, class: usize) -> f32 {
        self.logs[class].exp()
    }

    /// The most probable class.
    pub fn top(&self) -> usize {
        top(&self.logits, 1)[0]
    }

    /// How many classes are more probable, plus 1.
    pub fn rank(&self, class: usize) -> usize {
        1 + self.logits.iter().filter(|v| **v > self.logits[class]).count()
    }

    /// The logit of `class` less the largest other one.
    pub fn margin(&self, class: usize) -> f32 {
        let others = self.logits.iter().enumerate().filter(|(k, _)| *k != class);
        self.logits[class] - others.fold(f32::NEG_INFINITY, |m, (_, v)| m.max(*v))
    }
}

impl<D: Device> Ctx<'_, D> {
    /// Rows and columns of the picture.
    pub fn size(&self) -> [usize; 2] {
        [self.image.rgb.height() as usize, self.image.rgb.width() as usize]
    }

    /// The picture in 0..1, `[3, H, W]`.
    pub fn pixels(&self) -> Vec<f32> {
        unit(&self.image.rgb)
    }

    /// What a run on another picture works with: the same network, helpers and pace.
    pub fn on<'b>(&'b self, seen: &'b mut Seen<D>) -> Ctx<'b, D> {
        let Self { network, second, gallery, pace, helpers, .. } = *self;
        let (image, recorded) = (&seen.image, &mut seen.recorded);
        Ctx { network, image, second, gallery, pace, helpers, facts: Map::new(), recorded }
    }

    /// Runs another method on this picture: its figures and the parameters that it ran with.
    pub fn explain<'b>(
        &'b mut self,
        id: &'b str,
        given: &'b Value,
    ) -> Local<'b, Result<(Vec<Figure>, Asked), MethodError>> {
        Box::pin(super::run(id, self, given))
    }

    /// A method's first figure as one map of the picture's size; of three channels the sum of magnitudes.
    ///
    /// # Errors
    /// [`MethodError`], as the other method's run.
    pub async fn map_of(&mut self, id: &str, given: &Value) -> Result<Vec<f32>, MethodError> {
        Ok(self.map_and_facts_of(id, given).await?.0)
    }

    /// As [`Ctx::map_of`], with what the method printed: it is not this run's own.
    ///
    /// # Errors
    /// [`MethodError`], as the other method's run.
    pub async fn map_and_facts_of(
        &mut self,
        id: &str,
        given: &Value,
    ) -> Result<(Vec<f32>, Map<String, Value>), MethodError> {
        let own = std::mem::take(&mut self.facts);
        let explained = self.explain(id, given).await;
        let told = std::mem::replace(&mut self.facts, own);
        let (figures, _) = explained?;
        let figure = figures.first().ok_or_else(|| MethodError::Unknown(id.to_owned()))?;
        let mut map = figure.plane(0).to_vec();
        if figure.info.channels > 1 {
            map = vec![0.0; map.len()];
            for c in 0..figure.info.channels {
                map.iter_mut().zip(figure.plane(c)).for_each(|(m, v)| *m += v.abs());
            }
        }
        let [h, w] = self.size();
        Ok((resize(&map, figure.info.width, figure.info.height, w, h), told))
    }

    /// What the network says of the visitor's picture.
    ///
    /// # Errors
    /// [`MethodError::Engine`] when the device fails or the visitor cancels.
    pub async fn judged(&mut self) -> Result<Judged, MethodError> {
        Ok(Judged::new(self.logits().await?))
    }

    /// What it says of `count` other pictures `[3, H, W]` in 0..1, in order.
    ///
    /// # Errors
    /// [`MethodError::Engine`] when the device fails or the visitor cancels.
    pub async fn judge(
        &self,
        count: usize,
        picture: impl FnMut(usize) -> Vec<f32>,
        take: impl FnMut(usize, Judged),
    ) -> Result<(), MethodError> {
        self.judge_at(self.size(), count, picture, take).await
    }

    /// As [`Ctx::judge`], of pictures of another size.
    ///
    /// # Errors
    /// [`MethodError::Engine`] when the device fails or the visitor cancels.
    pub async fn judge_at(
        &self,
        size: [usize; 2],
        count: usize,
        mut picture: impl FnMut(usize) -> Vec<f32>,
        mut take: impl FnMut(usize, Judged),
    ) -> Result<(), MethodError> {
        let spec = &self.network.spec;
        let input = |i: usize| normalised(&picture(i), size, spec);
        self.spread(count, &Want::Logits, input, |i, logits| take(i, Judged::new(logits))).await
    }

    /// The gradient of a class's score with respect to the picture in 0..1, `[3, H, W]`.
    ///
    /// # Errors
    /// [`MethodError::Engine`] when the device fails or the visitor cancels.
    pub async fn slope(&mut self, class: usize, score: Score) -> Result<Vec<f32>, MethodError> {
        let g: Planes = self.gradient(Target::Class { class, score }, 0, Gate::Relu).await?;
        let n = g.shape.h * g.shape.w;
        let std = self.network.spec.std;
        Ok(g.dense().iter().enumerate().map(|(i, g)| g / std[i / n]).collect())
    }

    /// A picture in 0..1 as a [`Kind::Photo`].
    pub fn photo(&self, name: &str, x: &[f32]) -> Figure {
        self.photo_at(name, x, self.size())
    }

    /// As [`Ctx::photo`], of another size.
    pub fn photo_at(&self, name: &str, x: &[f32], [h, w]: [usize; 2]) -> Figure {
        Figure::new(Kind::Photo, name, [3, h, w], normalised(x, [h, w], &self.network.spec).dense())
    }
}
