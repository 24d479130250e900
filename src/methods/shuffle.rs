//! Patch shuffle: what is left of the decision when the parts are there and the whole is not.

use super::facts::rows;
use super::sentence::{Found, percent, say};
use super::spec::{CLASS, SEED, number};
use crate::catalog::MethodInfo;
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::{Lang, text};

/// How menus, forms, links and the API describe Patch shuffle (Brendel & Bethge 2019; Luo et al. 2019).
pub const INFO: MethodInfo = MethodInfo {
    id: "shuffle",
    family: Family::Bias,
    name: text!("Patch shuffle", "图块打乱"),
    summary: text!(
        "The photo is cut into 2 x 2, 4 x 4, 7 x 7 and 14 x 14 pieces and laid out at random. A person loses the object; a network \
         that goes by texture hardly notices.",
        "把照片切成 2×2、4×4、7×7、14×14 块并随机排列。人会认不出物体；依赖纹理的网络却几乎不受影响。",
    ),
    formula: "texture reliance = mean over orders of p_c(4 x 4 shuffled) / p_c(x)",
    caveat: text!(
        "The cuts are new edges that no photo has; what falls may fall because of them.",
        "切口是照片中没有的新边缘；概率下降也可能由它们造成。",
    ),
    paper: Paper {
        cite: "Brendel & Bethge 2019; Luo et al. 2019",
        title: "Approximating CNNs with Bag-of-local-Features models works surprisingly well on ImageNet",
        at: "arXiv:1904.00760",
    },
    needs: &[],
    presets: &[],
    params: Params::SPECS,
};

params! {
    class: Option<usize> = CLASS,
    orders: usize = number(text!("Orders", "排列次数"), [10.0, 1.0, 100.0, 1.0]),
    seed: u64 = SEED,
}

rows! {
    /// The mean and the spread of the class's probability over all orders of the pieces, and in what share of them it is the answer.
    Orders in "variants" { probability: f32, std: Option<f32>, keeps_the_answer: f32 }
}

/// The rows of the photo itself, and of its cut in 4 x 4 pieces.
const PHOTO: &str = "photo";
const CUT: &str = "4 x 4";

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use super::{Orders, PHOTO, Params};
    use crate::engine::Device;
    use crate::engine::change::shuffle;
    use crate::engine::noise::Noise;
    use crate::figure::Figure;
    use crate::figure::scale::stats;
    use crate::figure::told::Shade;
    use crate::methods::facts::Row;
    use crate::methods::{Ctx, MethodError};

    const CUTS: [usize; 4] = [2, 4, 7, 14];

    /// One shuffled photo per cut. Facts: the table `variants` (mean, standard deviation and share of orders that keep the
    /// answer), `texture_reliance`.
    ///
    /// # Errors
    /// [`MethodError::Engine`] when the device fails or the visitor cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let (class, x, size) = (ctx.target(params.class).await?, ctx.pixels(), ctx.size());
        let (orders, seed) = (params.orders, params.seed);
        let before = ctx.judged().await?;
        let laid = |i: usize| shuffle(&x, size, CUTS[i / orders], Noise::new(seed, i as u64));
        let (mut p, mut kept) = (vec![vec![0.0; orders]; CUTS.len()], [0_usize; CUTS.len()]);
        ctx.judge(CUTS.len() * orders, laid, |i, judged| {
            p[i / orders][i % orders] = judged.p(class);
            kept[i / orders] += usize::from(judged.top() == class);
        })
        .await?;
        let mut table = Orders::table(Shade::Bars);
        let own = f32::from(u8::from(before.top() == class));
        let row = Orders { probability: before.p(class), std: None, keeps_the_answer: own };
        row.add_to(&mut table, PHOTO);
        for (k, p) in p.iter().enumerate() {
            let s = stats(p);
            let share = kept[k] as f32 / orders as f32;
            let row = Orders { probability: s.mean, std: Some(s.std), keeps_the_answer: share };
            row.add_to(&mut table, format!("{0} x {0}", CUTS[k]));
        }
        ctx.tell(table);
        ctx.fact("texture_reliance", stats(&p[1]).mean / before.p(class).max(1e-12));
        Ok((0..CUTS.len()).map(|k| ctx.photo(&format!("{0} x {0}", CUTS[k]), &laid(k * orders))).collect())
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    let (target, rows) = (found.target(lang)?, found.rows::<Orders>()?);
    let row = |name: &str| rows.iter().find(|row| row.0 == name).map(|row| &row.1);
    let (photo, cut) = (row(PHOTO)?, row(CUT)?);
    let words = text!(
        "Cut into 4 x 4 pieces and shuffled, the photo is called {target} in {kept} of the orders; its probability goes from {p} to {q}.",
        "切成 4×4 块并打乱后，在 {kept} 的排列中照片被认作{target}；其概率由 {p} 变为 {q}。",
    );
    let kept = percent(cut.keeps_the_answer.into(), lang);
    let [p, q] = [photo, cut].map(|row| percent(row.probability.into(), lang));
    Some(say(words, lang, &[("target", &target), ("kept", &kept), ("p", &p), ("q", &q)]))
}
