//! What became of a decision after the picture was changed: shared by the attacks.

use super::attack::{EIGHT_BIT, Facts, Survival, Wish};
use super::class_map::instead;
use super::facts::{Change, Row, Sometimes, YesNo};
use super::{Ctx, Judged, MethodError, Seen};
use crate::engine::attack::Norm;
use crate::engine::change::{gaussian_blur, jpeg};
use crate::engine::image::{rounded, unit};
use crate::engine::score::top;
use crate::engine::{Device, Planes};
use crate::figure::told::{Cell, Chart, SCALE, Shade, Table, class};
use crate::figure::{Figure, Kind};

/// An attacked picture: what it was, what it became, and what the network answered on the way.
pub struct Aftermath {
    /// The class whose fall or rise is shown: the network's answer before, or the one that is attacked.
    pub own: usize,
    /// The class that was aimed at.
    pub goal: Option<usize>,
    /// All classes' scores for the picture before.
    pub before: Judged,
    /// The picture before, `[3, H, W]` in 0..1.
    pub x: Vec<f32>,
    /// The attacked picture, `[3, H, W]` in 0..1, not rounded.
    pub adversarial: Vec<f32>,
    /// What was said at every step.
    pub path: Vec<Judged>,
}

impl Aftermath {
    /// Figures: the changed picture, the change times ten around grey, the class's map ([`class_map`](super::class_map)) before and
    /// after, the new class's after, all on one `scale`. Facts: `flipped`; `linf`, `l2` and `l2_relative` of the change; `classes` before and after; the chart
    /// `trajectory`; the tables `amplification` (`|da| / |a|` of every ReLU) and `survival` (as 8 bits, JPEG 90, blurred).
    ///
    /// # Errors
    /// [`MethodError::Engine`] when the device fails or the visitor cancels.
    pub async fn finish<D: Device>(mut self, ctx: &mut Ctx<'_, D>) -> Result<Vec<Figure>, MethodError> {
        let mut seen = Seen::exact(ctx, &self.adversarial);
        let after = ctx.on(&mut seen).judged().await?;
        let new = self.goal.unwrap_or_else(|| after.top());
        self.path.push(after.clone());
        let flipped = self.goal.map_or(after.top() != self.own, |g| after.top() == g);
        let d: Vec<f32> = self.adversarial.iter().zip(&self.x).map(|(a, b)| a - b).collect();
        let classes = before_and_after(&self.before, &after);
        let (linf, map) = (255.0 * Norm::Inf.of(&d), Sometimes(instead(&ctx.network.spec)));
        ctx.facts.extend(Facts { flipped: YesNo(flipped), linf, classes, map }.entries());
        ctx.fact("l2", Norm::Two.of(&d));
        ctx.fact("l2_relative", Norm::Two.of(&d) / Norm::Two.of(&self.x).max(1e-12));
        let [own, other] = [self.own, new].map(|k| self.path.iter().map(|j| j.p(k)).collect::<Vec<f32>>());
        ctx.tell(trajectory([(self.own, own.as_slice()), (new, other.as_slice())]));

        let mut amplification = Table::new("amplification", Shade::Bars, &["relative_change"]);
        for stage in ctx.network.spec.blocks().concat() {
            let (a, b) = (ctx.stage(stage).await?, ctx.on(&mut seen).stage(stage).await?);
            amplification.row(ctx.network.spec.name(stage), [Cell::from(relative_change(&a, &b))]);
        }
        ctx.tell(amplification);
        self.survival(ctx, new).await?;

        let grey: Vec<f32> = d.iter().map(|d| (0.5 + 10.0 * d).clamp(0.0, 1.0)).collect();
        let mut figures = vec![ctx.photo("adversarial", &self.adversarial), ctx.photo("difference", &grey)];
        figures.push(ctx.class_map("cam_before", self.own).await?);
        figures.push(ctx.on(&mut seen).class_map("cam_after", self.own).await?);
        if new != self.own {
            figures.push(ctx.on(&mut seen).class_map("cam_new", new).await?);
        }
        let maps = figures.iter().filter(|f| f.info.kind == Kind::Heat).flat_map(|f| &f.data);
        ctx.fact(SCALE, maps.fold(0.0_f32, |m, v| m.max(v.abs())));
        Ok(figures)
    }

    /// What is left of the change when the picture is saved or softened.
    async fn survival<D: Device>(&self, ctx: &mut Ctx<'_, D>, new: usize) -> Result<(), MethodError> {
        let size = ctx.size();
        let whole = unit(&rounded(&self.adversarial, size));
        let kept = [
            ("as_computed", self.adversarial.clone()),
            (EIGHT_BIT, whole.clone()),
            ("jpeg_90", jpeg(&whole, size, 90)),
            ("blurred", gaussian_blur(&self.adversarial, size, 1.0)),
        ];
        let mut said = vec![None; kept.len()];
        ctx.judge(kept.len(), |i| kept[i].1.clone(), |i, j| said[i] = Some(j)).await?;
        let mut table = Survival::table(Shade::Plain);
        for ((name, _), judged) in kept.iter().zip(said) {
            if let Some(j) = judged {
                let row = Survival { answer: class(j.top()), p_before_class: j.p(self.own), p_new_class: j.p(new) };
                row.add_to(&mut table, *name);
            }
        }
        ctx.tell(table);
        Ok(())
    }
}

/// The probability of some classes, step by step.
pub fn trajectory<'a>(lines: impl IntoIterator<Item = (usize, &'a [f32])>) -> Chart {
    let mut chart = Chart::new("trajectory", "step");
    for (k, p) in lines {
        chart.line(class(k), p.iter().enumerate().map(|(i, p)| [i as f32, *p]).collect());
    }
    chart
}

/// The fact `classes`: the five most probable before and after.
pub fn before_and_after(before: &Judged, after: &Judged) -> Vec<Change> {
    let mut shown = top(&before.logits, 5);
    shown.extend(top(&after.logits, 5).into_iter().filter(|c| !top(&before.logits, 5).contains(c)));
    let change = |class: usize| Change {
        class,
        before: before.p(class),
        after: after.p(class),
        logit_before: before.logits[class],
        logit_after: after.logits[class],
    };
    shown.into_iter().map(change).collect()
}

fn relative_change(a: &Planes, b: &Planes) -> f32 {
    let d: Vec<f32> = a.data.iter().zip(&b.data).map(|(a, b)| b - a).collect();
    Norm::Two.of(&d) / Norm::Two.of(&a.data).max(1e-12)
}

/// What an attack is after: away from the network's answer, or towards a class that is chosen.
pub struct Intent {
    /// Towards the chosen class: as asked for, or because it is not the answer.
    pub towards: bool,
    /// The network's answer, which falls.
    pub own: usize,
    /// The chosen class.
    pub class: usize,
}

impl Intent {
    /// What is asked for.
    ///
    /// # Errors
    /// [`MethodError`]: aimed at the class that the network answers already; the device fails, or the visitor cancels.
    pub async fn read<D: Device>(
        ctx: &mut Ctx<'_, D>,
        class: Option<usize>,
        wish: Wish,
        before: &Judged,
    ) -> Result<Self, MethodError> {
        let class = ctx.target(class).await?;
        let own = before.top();
        // what the network does not answer can only be made its answer
        let towards = wish == Wish::Towards || class != own;
        if towards && class == own {
            let why = "class: the network answers this already; choose another one to aim at";
            return Err(MethodError::Parameter(why.into()));
        }
        Ok(Self { towards, own, class })
    }
}
