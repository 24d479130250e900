//! Eight real graphs, refilled with numbers of the project's noise (`tests/golden/graphs.py`): the logits against onnxruntime,
//! the gradient against PyTorch in float64, relevance against zennit in float64.

use super::{drawn, input, logits_and_gradient, off, one_hot, without_biases, zennits};
use crate::support::{Golden, golden, root};
use cnn_lens::catalog::graph::HeadKind;
use cnn_lens::catalog::{Card, Graph};
use cnn_lens::engine::graph::ByNode;
use cnn_lens::engine::planes::Shape;
use cnn_lens::engine::score::top;
use cnn_lens::engine::{GraphNetwork, Silent};
use cnn_lens::ops::Dims;
use pollster::block_on;

const CLASS: usize = 7;

/// The graph called `id` for inputs of `h` rows and `w` columns.
fn real(id: &str, [h, w]: [usize; 2]) -> Graph {
    let json = std::fs::read_to_string(root().join(format!("tests/golden/graphs/{id}.json"))).unwrap();
    Card::parse(&json).unwrap().graph.resized(h, w).unwrap()
}

/// The same at the size of its golden, refilled, and the shape of its input.
fn refilled(id: &str, golden: &Golden) -> (GraphNetwork, Shape) {
    let graph = real(id, [0, 1].map(|i| golden[&format!("{id}.size")][i] as usize));
    let (arrays, Dims { c, h, w }) = (drawn(&graph), graph.dims()[0]);
    let network = GraphNetwork::new(graph);
    network.load(&arrays).unwrap();
    (network, Shape::new(c, h, w))
}

/// Logits within 1e-4 relative L2 of onnxruntime (both in float32), the gradient of one within 1e-3 of PyTorch's.
fn check(id: &str) {
    let golden = golden("graphs.safetensors");
    let (network, shape) = refilled(id, &golden);
    let (logits, gradient) = logits_and_gradient(&network, &input(shape, 0.5), CLASS);
    let [theirs, exact] = ["logits.onnxruntime", "logits"].map(|what| off(&logits, &golden[&format!("{id}.{what}")]));
    let slope = off(&gradient.dense(), &golden[&format!("{id}.gradient")]);
    println!("{id:15} logits {theirs:.1e} (float64: {exact:.1e}), gradient {slope:.1e}");
    assert!(theirs <= 1e-4 && exact <= 1e-4 && slope <= 1e-3, "{id}");
}

macro_rules! graphs {
    ($($name:ident),* $(,)?) => {$(
        #[test]
        fn $name() {
            check(stringify!($name));
        }
    )*};
}

graphs!(bvlc_alexnet, vgg19, resnet50, densenet121, inception_v1, inception_v2, squeezenet, zfnet512);

/// The relevance of the input, all of the logit `class` being handed down by a preset's rules; and that logit.
fn relevance(network: &GraphNetwork, shape: Shape, class: Option<usize>, preset: &str) -> (Vec<f32>, f32) {
    let output = network.graph().output();
    let tape = block_on(network.forward(&input(shape, 0.5), output, &Silent)).unwrap();
    let logits = tape.value(output).unwrap();
    let class = class.unwrap_or_else(|| top(&logits.dense(), 1)[0]);
    let (mut seed, logit) = (one_hot(logits.shape, class), logits.row(class, 0)[0]);
    seed.data.iter_mut().for_each(|v| *v *= logit);
    let rules = |at: usize| zennits(network.graph(), preset, at);
    let found =
        block_on(network.relevance(&tape, ByNode::from([(output, vec![seed])]), &[0], &rules, &mut |_, _| {}, &Silent))
            .unwrap();
    (found[&0][0].dense(), logit)
}

/// Within 1e-3 relative L2. In the same networks without biases all of it arrives (to 1 %, which the stabilisers may take),
/// through every skip and concatenation.
#[test]
fn relevance_is_zennits() {
    let golden = golden("graphs.safetensors");
    for id in ["squeezenet", "resnet50"] {
        let (network, shape) = refilled(id, &golden);
        let bare = GraphNetwork::new(network.graph().clone());
        bare.load(&without_biases(drawn(bare.graph()))).unwrap();
        for preset in ["epsilon", "zplus"] {
            let d =
                off(&relevance(&network, shape, Some(CLASS), preset).0, &golden[&format!("{id}.relevance.{preset}")]);
            let (r, logit) = relevance(&bare, shape, None, preset);
            let arrives = r.iter().map(|v| f64::from(*v)).sum::<f64>() / f64::from(logit);
            println!("{id:10} {preset:8} {d:.1e}; without biases {arrives:.4} of {logit} arrives");
            assert!(d <= 1e-3, "{id}, {preset}: {d}");
            assert!((arrives - 1.0).abs() <= 0.01, "{id}, {preset}: {arrives}");
        }
    }
}

/// What the page asks of a graph, on real ones at the size that they were made for: whether only linear layers follow an average
/// of the last maps, and how many maps no path can avoid.
#[test]
fn real_graphs_have_their_roles() {
    for (id, head, stages) in [
        // the first convolution and pool, and 16 blocks
        ("resnet50", HeadKind::Pooled, 2 + 16),
        // the same, two a fire module, two pools between them, the classifier's maps
        ("squeezenet", HeadKind::Pooled, 2 + 8 * 2 + 2 + 1),
        // the same, 58 layers that each append to what they read, three in each of three transitions, the last ReLU
        ("densenet121", HeadKind::Pooled, 2 + 58 + 3 * 3 + 1),
        // two convolutions more, two normalisations, 9 modules and the pools before two of them
        ("inception_v1", HeadKind::Pooled, 2 + 1 + 2 + 1 + 1 + 9 + 2),
        // five convolutions, three pools, two normalisations
        ("bvlc_alexnet", HeadKind::Flat, 5 + 3 + 2),
        ("vgg19", HeadKind::Flat, 16 + 5),
    ] {
        let graph = real(id, [224, 224]);
        let names: Vec<&str> = graph.stages().iter().map(|at| graph.nodes()[*at].name.as_str()).collect();
        println!("{id}: {} {names:?}", names.len());
        assert_eq!((graph.head(), names.len()), (head, stages), "{id}");
    }
}
