//! Position: the photo moved pixel by pixel, and mirrored.

use super::facts::{Sometimes, facts};
use super::sentence::{Found, loss, percent, say};
use super::spec::{CLASS, number};
use crate::catalog::MethodInfo;
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::{Lang, text};

/// How menus, forms, links and the API describe Position (Zhang 2019; Azulay & Weiss 2019).
pub const INFO: MethodInfo = MethodInfo {
    id: "position",
    family: Family::Bias,
    name: text!("Position", "位置"),
    summary: text!(
        "The photo is moved to the right pixel by pixel and mirrored. Convolutions move along, but every pool looks at every second \
         place only: the probability ripples with periods of 2, 4, 8, 16 and 32 pixels.",
        "把照片逐像素右移，并左右翻转。卷积会随之移动，但每个池化层只看隔一个的位置：概率会以 2、4、8、16、32 像素为周期起伏。",
    ),
    formula: "p_c(x moved by d), d = 0 ... n;   jitter = mean |p_c(d + 1) - p_c(d)|",
    caveat: text!(
        "What leaves at the right is lost, and mean colour comes in at the left: for large moves that is a change too.",
        "右侧移出的部分会丢失，左侧补上平均色：移动较大时这本身也是一种改变。",
    ),
    paper: Paper {
        cite: "Zhang 2019; Azulay & Weiss 2019",
        title: "Making Convolutional Networks Shift-Invariant Again",
        at: "arXiv:1904.11486",
    },
    needs: &[],
    presets: &[],
    params: Params::SPECS,
};

params! {
    class: Option<usize> = CLASS,
    shift: usize = number(text!("Largest move (pixels)", "最大位移（像素）"), [32.0, 1.0, 64.0, 1.0]),
}

facts! {
    /// The lowest probability on the way, how much it changes from pixel to pixel, and what is gone in the mirror.
    Facts { lowest: f32, jitter: Sometimes<f32>, mirror_dependence: f32 }
}

/// The chart of the probability over the move.
const SHIFT: &str = "shift";

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use super::{Facts, Params, SHIFT, Sometimes};
    use crate::engine::Device;
    use crate::engine::change::{mirrored, moved};
    use crate::figure::Figure;
    use crate::figure::told::Chart;
    use crate::methods::variants::dependence;
    use crate::methods::{Ctx, MethodError};

    /// The photo mirrored, and moved furthest. Facts: the chart `shift`, `jitter` (mean change of the probability from one pixel
    /// to the next), `lowest`, `mirror_dependence`.
    ///
    /// # Errors
    /// [`MethodError::Engine`] when the device fails or the visitor cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let (class, x, size) = (ctx.target(params.class).await?, ctx.pixels(), ctx.size());
        let most = params.shift;
        let at = |d: usize| if d > most { mirrored(&x, size) } else { moved(&x, size, 0.0, 1.0, [d as f32, 0.0]) };
        let mut p = vec![0.0_f32; most + 2];
        ctx.judge(most + 2, at, |d, judged| p[d] = judged.p(class)).await?;
        let flipped = p.pop().unwrap_or_default();
        let jitter = p.windows(2).map(|w| (w[1] - w[0]).abs()).sum::<f32>() / most as f32;
        let lowest = p.iter().fold(1.0_f32, |m, v| m.min(*v));
        let mirror_dependence = dependence(p[0], flipped);
        ctx.facts.extend(Facts { lowest, jitter: Sometimes(Some(jitter)), mirror_dependence }.entries());
        let mut chart = Chart::new(SHIFT, "pixels");
        chart.line("probability", p.iter().enumerate().map(|(d, p)| [d as f32, *p]).collect());
        ctx.tell(chart);
        Ok(vec![ctx.photo("mirrored", &at(most + 1)), ctx.photo("moved", &at(most))])
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    let Facts { lowest, mirror_dependence, .. } = found.facts()?;
    let (target, lowest) = (found.target(lang)?, percent(lowest.into(), lang));
    let own = percent(*found.lines(SHIFT)?.first()?.points.first()?.get(1)?, lang);
    let most = found.params::<Params>()?.shift.to_string();
    let words = text!(
        "With the photo moved by up to {most} pixels, {target} falls from {own} to {lowest} at worst; mirrored, it {mirrored}.",
        "照片最多移动 {most} 像素时，{target}的概率最低由 {own} 降到 {lowest}；左右翻转后，{mirrored}。",
    );
    let stays = text!(
        "With the photo moved by up to {most} pixels, {target} never falls below the {own} that it has; mirrored, it {mirrored}.",
        "照片最多移动 {most} 像素时，{target}的概率从未低于原来的 {own}；左右翻转后，{mirrored}。",
    );
    let words = if lowest == own { stays } else { words };
    let mirrored = loss(mirror_dependence.into(), lang);
    let values =
        [("most", most.as_str()), ("target", &target), ("own", &own), ("lowest", &lowest), ("mirrored", &mirrored)];
    Some(say(words, lang, &values))
}
