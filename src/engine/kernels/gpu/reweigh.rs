//! A convolution whose positive and negative weights are scaled apart, for the rules of LRP.

use std::cell::OnceCell;

use cubecl::server::Handle;

use super::launch::Source;
use super::{GROUP, Gpu, Layer, Reweigh};

/// The changed copy of `from`; the adjoint's weights are made from it when they are asked for.
pub fn layer(gpu: &Gpu, from: &Layer, how: Reweigh) -> Layer {
    let changed = |x: &Handle, Reweigh { positive, negative, .. }: Reweigh, length: usize| {
        let y = gpu.client.empty(length * 4);
        let source = Source::new(include_str!("../wgsl/reweigh.wgsl"))
            .set("positive", format!("{positive:?}"))
            .set("negative", format!("{negative:?}"));
        gpu.elementwise(source, length, &[x, &y]);
        y
    };
    let bias = if how.bias { how } else { Reweigh { positive: 0.0, negative: 0.0, bias: false } };
    let rows = from.cout.next_multiple_of(GROUP);
    Layer {
        forward: changed(&from.forward, how, rows * from.cin * 9),
        adjoint: OnceCell::new(),
        bias: changed(&from.bias, bias, rows),
        none: from.none.clone(),
        ..*from
    }
}
