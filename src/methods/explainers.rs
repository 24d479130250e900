//! The methods whose first figure is a map of what speaks for a class: what the laboratories compare and judge.

/// The methods' ids, in the menu's order.
pub const EXPLAINERS: &[&str] = &[
    "cam",
    "saliency",
    "smooth_grad",
    "integrated_gradients",
    "guided_backprop",
    "grad_cam",
    "grad_cam_pp",
    "xgrad_cam",
    "hires_cam",
    "layer_cam",
    "score_cam",
    "ablation_cam",
    "guided_grad_cam",
    "lrp",
    "occlusion",
    "rise",
    "lime",
    "contributions",
];

/// The ids between the commas of `text`; `None` when one is no explainer or is there twice.
pub fn listed(text: &str) -> Option<Vec<&'static str>> {
    let one = |id: &str| EXPLAINERS.iter().find(|e| **e == id).copied();
    let list: Vec<_> = text.split(',').map(|id| one(id.trim())).collect::<Option<_>>()?;
    let twice = list.iter().enumerate().any(|(i, id)| list[..i].contains(id));
    (!twice).then_some(list)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::ParamKind;

    #[test]
    fn every_explainer_is_a_method_that_takes_a_class() {
        for id in EXPLAINERS {
            let info = crate::methods::find(id).expect(id);
            assert!(info.params.iter().any(|p| matches!(p.kind, ParamKind::Class | ParamKind::Target)), "{id}");
        }
        assert_eq!(listed("lrp, grad_cam"), Some(vec!["lrp", "grad_cam"]));
        assert_eq!((listed("lrp, lrp"), listed("style"), listed("")), (None, None, None));
    }
}
