//! VGG16's card against PyTorch's numbers and against today's network.
//!
//! Tolerances are those of `golden_forward.rs`, for the reasons given there: 1e-5 a stage, 1e-4 the logits, 2e-2 the gradient, for
//! a pooling window with two equal values sends all of its gradient one way or the other.

use super::{logits_and_gradient, off, one_hot};
use crate::support::{distance, golden, l2, packed, photo, root};
use cnn_lens::catalog::Card;
use cnn_lens::catalog::networks;
use cnn_lens::engine::graph::ByNode;
use cnn_lens::engine::head::top;
use cnn_lens::engine::kernels::Gate;
use cnn_lens::engine::kernels::cpu::Cpu;
use cnn_lens::engine::rule::{self, Composite, First};
use cnn_lens::engine::{GraphNetwork, Kernels, Planes, Silent, relevance};
use cnn_lens::ops::{Rule, Share, Stabiliser};
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
fn the_card_is_pytorchs_vgg16_and_todays_network() {
    let (network, today) = (network(), packed(Cpu::default()));
    let output = network.graph().output();
    for (size, file) in [(64, "vgg16_64_packed.safetensors"), (224, "vgg16_224_packed.safetensors")] {
        let (golden, x) = (golden(file), photo(size));
        let mut tape = block_on(network.forward(&x, output, &Silent)).unwrap();
        for at in 1..=31 {
            block_on(network.extend(&mut tape, at, &Silent)).unwrap();
            let d = distance(&tape.value(at).unwrap().dense(), &golden[&format!("stage.{}", at - 1)]);
            assert!(d <= 1e-5, "{} at {size}: {d}", today.spec.name(at));
        }
        let class = top(&golden["logits"], 1)[0];
        let (logits, gradient) = logits_and_gradient(&network, &x, class);
        let d = [off(&logits, &golden["logits"]), distance(&gradient.dense(), &golden["gradient.logit"])];
        println!("{size}: logits {:.1e}, gradient {:.1e}", d[0], d[1]);
        assert!(d[0] <= 1e-4 && d[1] <= 2e-2, "{d:?}");
        // the same kernels, so the same winners of each pooling window: much closer than to PyTorch
        let trace = block_on(today.forward(&x, 31, &Silent)).unwrap();
        let head = today.head().unwrap();
        let seed = head.gradient(&head.forward(trace.output(31)), class);
        let below = today.backward(&trace, 31, today.kernels.upload(&seed), 1, Gate::Relu, &Silent);
        let d = off(&gradient.dense(), &block_on(below).unwrap().dense());
        println!("{size}: gradient against today's {d:.1e}");
        assert!(d <= 1e-5 && l2(&gradient.dense()) > 0.0, "{d}");
    }
}

/// A preset of today's as a rule for every node.
fn rule(network: &GraphNetwork, rules: &Composite, at: usize) -> Rule {
    let share = |rule: rule::Rule| match rule {
        rule::Rule::Epsilon(share) => Share::Epsilon(Stabiliser::Rms(share)),
        rule::Rule::Gamma(gamma) => Share::Gamma(gamma),
        rule::Rule::AlphaBeta(alpha, beta) => Share::AlphaBeta(alpha, beta),
    };
    let vgg16 = networks::first();
    let [low, high] = [0.0, 1.0].map(|v| (0..3).map(|c| (v - vgg16.mean[c]) / vgg16.std[c]).collect());
    let share = match network.graph().nodes()[at].name.as_str() {
        // what has no weights shares by contribution alone
        _ if network.graph().arrays(at, network.graph().dims()).is_empty() => Share::Epsilon(Stabiliser::Absolute(0.0)),
        "conv1_1" if rules.first == First::Box => Share::Box { low, high },
        "conv1_1" if rules.first == First::Flat => Share::Flat,
        "head_conv" => share(rules.hidden),
        "logits" => share(rules.output),
        _ => share(rules.conv(at)),
    };
    Rule { share, bias: rules.bias, average: rules.average }
}

/// The walk over the graph hands down what today's two walks do, with every rule that a preset has: all the way for one preset
/// that needs no changed weights (changing all of VGG16's takes seconds), from pool3 down for all. Only the sums are added up in
/// another order; what cancels in them makes that 1e-4 of the map at most (measured: 3e-7 to 8e-5).
#[test]
fn relevance_is_todays() {
    let (network, today, x) = (network(), packed(Cpu::default()), photo(64));
    let output = network.graph().output();
    let tape = block_on(network.forward(&x, output, &Silent)).unwrap();
    let trace = block_on(today.forward(&x, 31, &Silent)).unwrap();
    let same = |what: &str, rules: &Composite, from: usize, seed: Planes, above: Planes| {
        let walk = relevance::walk((&today, &trace), from, above, 1, rules, |_, _| {}, &Silent);
        let want = block_on(walk).unwrap().dense();
        let at = |node: usize| rule(&network, rules, node);
        let top = if from == 31 { output } else { from };
        let found = block_on(network.relevance(&tape, ByNode::from([(top, seed)]), &[0], &at, &Silent)).unwrap();
        let d = off(&found[&0].dense(), &want);
        println!("{what:20} bias {:5} from {from} {d:.1e}", rules.bias);
        assert!(d <= 1e-4, "{what}: {d}");
    };
    let head = today.head().unwrap();
    let pass = head.forward(trace.output(31));
    let class = top(&pass.logits, 1)[0];
    let logit = pass.logits[class];
    let rules = Composite::named("epsilon", 0.25, 0.25, true);
    let above = head.relevance(trace.output(31), &pass, class, logit, &rules);
    let mut seed = one_hot(tape.value(output).unwrap().shape, class);
    seed.data.iter_mut().for_each(|v| *v *= logit);
    same("epsilon", &rules, 31, seed, above);
    let pool3 = today.spec.index("pool3").unwrap();
    for preset in ["gamma_box", "epsilon_plus", "alpha2_beta1_flat", "excitation", "epsilon", "composite"] {
        for bias in [false, true] {
            let above = Planes::clone(trace.output(pool3));
            same(preset, &Composite::named(preset, 0.25, 0.25, bias), pool3, above.clone(), above);
        }
    }
}
