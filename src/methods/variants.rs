//! Other versions of the picture beside the picture itself: what the bias laboratory compares.

use serde_json::json;

use super::facts::{Row, Said};
use super::{Ctx, Judged, MethodError};
use crate::engine::Device;
use crate::figure::Figure;
use crate::figure::told::{Shade, Table, class as key};

/// A version's name and its picture `[3, H, W]` in 0..1.
pub type Variant = (String, Vec<f32>);

/// What the network says of the picture and of every variant: the fact-table `variants` with the class's probability, its
/// change, rank and lead, and the answer. The pictures follow as figures.
///
/// # Errors
/// [`MethodError::Engine`] when the device fails or the visitor cancels.
pub async fn compare<D: Device>(
    ctx: &mut Ctx<'_, D>,
    class: usize,
    variants: &[Variant],
) -> Result<(Judged, Vec<Judged>, Vec<Figure>), MethodError> {
    let before = ctx.judged().await?;
    let mut said = vec![None; variants.len()];
    let pace = ctx.pace;
    ctx.judge(
        variants.len(),
        |i| variants[i].1.clone(),
        |i, judged| {
            said[i] = Some(judged);
            if pace.due() {
                pace.preview_with(Vec::new(), json!({ "tables": [table(class, &before, variants, &said)] }));
            }
        },
    )
    .await?;
    ctx.tell(table(class, &before, variants, &said));
    let figures = variants.iter().map(|(name, x)| ctx.photo(name, x)).collect();
    Ok((before, said.into_iter().flatten().collect(), figures))
}

fn table(class: usize, before: &Judged, variants: &[Variant], said: &[Option<Judged>]) -> Table {
    let mut table = Said::table(Shade::Bars);
    let row = |j: &Judged| {
        let change = j.p(class) - before.p(class);
        Said { probability: j.p(class), change, rank: j.rank(class), margin: j.margin(class), answer: key(j.top()) }
    };
    row(before).add_to(&mut table, "photo");
    for ((name, _), judged) in variants.iter().zip(said) {
        if let Some(judged) = judged {
            row(judged).add_to(&mut table, name.clone());
        }
    }
    table
}

/// `1 - p / p0`: how much of the probability is gone.
pub fn dependence(before: f32, after: f32) -> f32 {
    1.0 - after / before.max(1e-12)
}

#[cfg(test)]
mod tests {
    use super::dependence;

    #[test]
    fn dependence_is_the_share_of_the_probability_that_is_gone() {
        for (before, after, gone) in
            [(0.8, 0.2, 0.75), (0.5, 0.5, 0.0), (0.2, 0.3, -0.5), (0.4, 0.0, 1.0), (0.0, 0.0, 1.0)]
        {
            assert!((dependence(before, after) - gone).abs() < 1e-6, "{before} {after}");
        }
    }
}
