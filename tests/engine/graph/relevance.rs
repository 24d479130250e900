//! Layer-wise relevance propagation through skips, concatenations and pools.

use super::plan::mixed;
use super::{drawn, input, one_hot, without_biases};
use cnn_lens::engine::graph::ByNode;
use cnn_lens::engine::planes::{Planes, Shape};
use cnn_lens::engine::{GraphNetwork, Silent};
use cnn_lens::ops::{Rule, Share, Stabiliser};
use pollster::block_on;

fn total(r: &Planes) -> f64 {
    r.data.iter().map(|v| f64::from(*v)).sum()
}

/// In a network without biases these rules hand down all that they get: the sum at each stage is the logit, to the 1 % that the
/// stabilisers and the rounding of sums of both signs may take. (Alpha 2, beta 1 gives a unit that nothing inhibits twice its
/// relevance.)
#[test]
fn relevance_is_conserved_through_skips_and_concatenations() {
    let graph = mixed();
    let network = GraphNetwork::new(graph.clone());
    network.load(&without_biases(drawn(&graph))).unwrap();
    let x = input(Shape::new(3, 36, 33), 1.0);
    let output = graph.output();
    let tape = block_on(network.forward(&x, output, &Silent)).unwrap();
    let logits = tape.value(output).unwrap();
    let class = (0..10).max_by(|a, b| logits.row(*a, 0)[0].total_cmp(&logits.row(*b, 0)[0])).unwrap();
    let mut seed = one_hot(logits.shape, class);
    seed.data.iter_mut().for_each(|v| *v *= 3.0);
    let wanted: Vec<usize> = std::iter::once(0).chain(graph.stages()).collect();
    for share in [
        Share::Epsilon(Stabiliser::Absolute(1e-6)),
        Share::Epsilon(Stabiliser::Rms(1e-5)),
        Share::Gamma(0.25),
        Share::Z_PLUS,
        Share::Flat,
        Share::Box { low: vec![-3.0; 3], high: vec![3.0; 3] },
    ] {
        for average in [false, true] {
            let first = graph.find("conv1").unwrap();
            let rules = |at: usize| {
                // only where literature has them: at the picture, whose values have bounds and none of which is silent
                let first_only = matches!(share, Share::Box { .. } | Share::Flat) && at != first;
                Rule { share: if first_only { Share::Z_PLUS } else { share.clone() }, bias: false, average }
            };
            let seeds = ByNode::from([(output, vec![seed.clone()])]);
            let found = block_on(network.relevance(&tape, seeds, &wanted, &rules, &mut |_, _| {}, &Silent)).unwrap();
            for at in &wanted {
                let sum = total(&found[at][0]);
                let size: f64 = found[at][0].data.iter().map(|v| f64::from(v.abs())).sum();
                println!("{share:?} {:12} {sum:.4} of {size:.1}", graph.nodes()[*at].name);
                assert!((sum / 3.0 - 1.0).abs() <= 0.01, "{share:?} at {}: {sum} of 3", graph.nodes()[*at].name);
            }
        }
    }
}
