//! The audit: groups of pictures, and whether the network treats them alike.

use super::class_map;
use super::facts::{Sometimes, facts, rows};
use super::sentence::{Found, largest, percent, say, two};
use super::spec::{CLASS, NEEDED_GALLERY, REGION};
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::{Lang, text};
use crate::catalog::{MethodInfo, Region};

/// How menus, forms, links and the API describe Audit of groups (Buolamwini & Gebru 2018).
pub const INFO: MethodInfo = MethodInfo {
    id: "audit",
    family: Family::Bias,
    name: text!("Audit of groups", "分组审计"),
    summary: text!(
        "Drop folders of your own pictures, each a group (indoors and outdoors, day and night, this camera and that): how sure the \
         network is in each, what it answers largest, how often that is the chosen class, and how much of the class activation map \
         lies in the marked region. Nothing leaves your machine.",
        "拖入您自己的图片文件夹，每个文件夹为一组（室内与室外、白天与夜晚、不同相机）：网络在每组中有多确定，最常给出什么答案，其中有多少是所选类别，以及类激活图有多少落在所标区域内。任何内容都不会离开您的电脑。",
    ),
    formula: "per group: mean max_k p_k;   mean -sum_k p_k ln p_k;   share of pictures whose answer is c;   mean share of the map inside the region",
    caveat: text!(
        "A few dozen pictures show a difference, not its cause; the groups may differ in more than their name.",
        "几十张图片只能显示差异，不能说明原因；各组之间的不同可能不只是名称所示。",
    ),
    paper: Paper {
        cite: "Buolamwini & Gebru 2018",
        title: "Gender Shades: Intersectional Accuracy Disparities in Commercial Gender Classification",
        at: "",
    },
    needs: &[],
    presets: &[],
    params: Params::SPECS,
};

params! {
    class: Option<usize> = CLASS,
    gallery: () = NEEDED_GALLERY,
    region: Region = REGION,
}

facts! {
    /// Which method drew the maps, where something was marked.
    Facts { map: Sometimes<String> }
}

rows! {
    /// What the network says of a group: the mean probability of its answer, the mean entropy, the class's mean probability, the share
    /// of pictures to which the class is the answer, and how much of its map lies where it was marked.
    Audited in "groups" {
        pictures: usize,
        confidence: f32,
        entropy: f32,
        p_class: f32,
        answers_class: f32,
        energy_inside: Option<f32>,
    }
}

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use std::collections::BTreeMap;

    use super::{Audited, Facts, Params, Sometimes};
    use crate::engine::Device;
    use crate::engine::image::scaled;
    use crate::engine::metrics::inside;
    use crate::engine::score::frequent;
    use crate::figure::Figure;
    use crate::figure::told::{Cell, Shade, Table, class as key};
    use crate::methods::class_map::instead;
    use crate::methods::facts::Row;
    use crate::methods::{Ctx, Judged, MethodError, Seen};

    /// The first picture of every group. Facts: the tables `groups` and `answers` (the three most frequent per group).
    ///
    /// # Errors
    /// [`MethodError`]: an empty gallery; the device fails, or the visitor cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let (class, [h, w], gallery) = (ctx.target(params.class).await?, ctx.size(), ctx.gallery);
        if gallery.is_empty() {
            return Err(MethodError::NoGallery("any".into()));
        }
        let picture = |i: usize| scaled(&gallery[i].image.rgb, h);
        let mut said: Vec<Option<Judged>> = vec![None; gallery.len()];
        ctx.judge(gallery.len(), picture, |i, judged| said[i] = Some(judged)).await?;
        let region = &params.region;
        let mask = (!region.0.is_empty()).then(|| region.mask(h, w));
        let mut shares = vec![None; gallery.len()];
        if let Some(mask) = &mask {
            for (i, share) in shares.iter_mut().enumerate() {
                let mut seen = Seen::exact(ctx, &picture(i));
                *share = inside(&ctx.on(&mut seen).large_class_map(class).await?, mask);
                ctx.pace.tick(i + 1, gallery.len()).await?;
            }
        }
        let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        gallery.iter().enumerate().for_each(|(i, m)| groups.entry(&m.group).or_default().push(i));
        let mut table = Audited::table(Shade::Plain);
        let mut answers = Table::new("answers", Shade::Plain, &["first", "share", "second", "share", "third", "share"]);
        for (name, members) in &groups {
            let judged: Vec<&Judged> = members.iter().filter_map(|i| said[*i].as_ref()).collect();
            let n = judged.len().max(1) as f32;
            let mean = |of: &dyn Fn(&Judged) -> f32| judged.iter().map(|j| of(j)).sum::<f32>() / n;
            let entropy = |j: &Judged| -j.logs.iter().map(|l| l.exp() * l).sum::<f32>();
            let known: Vec<f32> = members.iter().filter_map(|i| shares[*i]).collect();
            let share = (!known.is_empty()).then(|| known.iter().sum::<f32>() / known.len() as f32);
            let group = Audited {
                pictures: members.len(),
                confidence: mean(&|j| j.p(j.top())),
                entropy: mean(&entropy),
                p_class: mean(&|j| j.p(class)),
                answers_class: mean(&|j| f32::from(u8::from(j.top() == class))),
                energy_inside: share,
            };
            group.add_to(&mut table, *name);
            let counts = frequent(judged.iter().map(|j| j.top()));
            answers.row(
                *name,
                counts.iter().take(3).flat_map(|(k, count)| [Cell::from(key(*k)), (*count as f32 / n).into()]),
            );
        }
        ctx.tell(table);
        ctx.tell(answers);
        let map = Sometimes(instead(&ctx.network.spec).filter(|_| mask.is_some()));
        ctx.facts.extend(Facts { map }.entries());
        Ok(groups.iter().map(|(name, members)| ctx.photo(name, &picture(members[0]))).collect())
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    let (target, groups) = (found.target(lang)?, found.rows::<Audited>()?);
    let share = |group: &(&str, Audited)| f64::from(group.1.answers_class);
    let (high, low) = (largest(&groups, share)?, largest(&groups, |group| -share(group))?);
    let words = match share(high) > share(low) {
        true => text!(
            "{target} is the answer to {share} of the pictures in {group}, but to {other_share} in {other}.",
            "{group}中 {share} 的图片的答案是{target}，而{other}中只有 {other_share}。",
        ),
        false => text!(
            "{target} is the answer to {share} of the pictures in every group.",
            "每一组中都有 {share} 的图片的答案是{target}。",
        ),
    };
    let [(group, one), (other, rest)] =
        [high, low].map(|group| (found.named(group.0, lang), percent(share(group), lang)));
    let values =
        [("target", target.as_str()), ("share", &one), ("group", &group), ("other_share", &rest), ("other", &other)];
    let told = say(words, lang, &values);
    let map = found.facts::<Facts>().and_then(|facts| facts.map.0);
    Some(two(told, class_map::told(found, map.as_ref(), lang), lang))
}
