//! VGG16's card against PyTorch's numbers.
//!
//! Tolerances are those of `golden_forward.rs`, for the reasons given there: 1e-5 a stage, 1e-4 the logits, 2e-2 the gradient, for
//! a pooling window with two equal values sends all of its gradient one way or the other.

use super::{logits_and_gradient, off};
use crate::support::{distance, golden, l2, photo, root};
use cnn_lens::catalog::Card;
use cnn_lens::engine::score::top;
use cnn_lens::engine::{GraphNetwork, Silent};
use pollster::block_on;

/// The shipped arrays, by the names that the card gives for them.
fn network() -> GraphNetwork {
    let json = std::fs::read_to_string(root().join("weights/vgg16/card.json")).unwrap();
    let network = GraphNetwork::new(Card::parse(&json).unwrap().graph);
    for shard in cnn_lens::native::shards(&root().join("weights")).unwrap() {
        network.load(&shard.unwrap()).unwrap();
    }
    network
}

#[test]
fn the_card_is_pytorchs_vgg16() {
    let network = network();
    let output = network.graph().output();
    for (size, file) in [(64, "vgg16_64_packed.safetensors"), (224, "vgg16_224_packed.safetensors")] {
        let (golden, x) = (golden(file), photo(size));
        let mut tape = block_on(network.forward(&x, output, &Silent)).unwrap();
        for at in 1..=31 {
            block_on(network.extend(&mut tape, at, &Silent)).unwrap();
            let d = distance(&tape.value(at).unwrap().dense(), &golden[&format!("stage.{}", at - 1)]);
            assert!(d <= 1e-5, "{} at {size}: {d}", network.graph().nodes()[at].name);
        }
        let class = top(&golden["logits"], 1)[0];
        let (logits, gradient) = logits_and_gradient(&network, &x, class);
        let d = [off(&logits, &golden["logits"]), distance(&gradient.dense(), &golden["gradient.logit"])];
        println!("{size}: logits {:.1e}, gradient {:.1e}", d[0], d[1]);
        assert!(d[0] <= 1e-4 && d[1] <= 2e-2, "{d:?}");
        assert!(l2(&gradient.dense()) > 0.0);
    }
}
