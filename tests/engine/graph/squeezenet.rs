//! SqueezeNet 1.1 as it is shipped, on the golden photo, against PyTorch and zennit in float64 (`tests/golden/squeezenet.py`).

use super::{logits_and_gradient, off, one_hot, zennits};
use crate::support::{distance, golden, l2, root};
use cnn_lens::catalog::networks;
use cnn_lens::engine::graph::ByNode;
use cnn_lens::engine::kernels::cpu::Cpu;
use cnn_lens::engine::planes::Planes;
use cnn_lens::engine::score::top;
use cnn_lens::engine::{GraphNetwork, Silent, image};
use cnn_lens::native;
use pollster::block_on;

/// Every node, the logits, the class's map and the gradient within 1e-4 relative L2; relevance within 1e-3, for in a denominator
/// that nearly cancels a rounding weighs more.
#[test]
fn it_is_pytorchs_and_zennits() {
    let golden = golden("squeezenet.safetensors");
    let spec = networks::get("squeezenet").unwrap();
    let (card, network) = (spec.card(), GraphNetwork::new(spec.graph().clone()));
    for arrays in native::shards(&root().join("weights/squeezenet")).unwrap() {
        network.load(&arrays.unwrap()).unwrap();
    }
    let photo = std::fs::read(root().join("tests/golden/photo224.png")).unwrap();
    let rgb = image::prepare(&photo, image::Options::default()).unwrap().rgb;
    let x = image::normalise_for(&rgb, &card.preprocessing);
    let output = card.graph.output();
    let mut tape = block_on(network.forward(&x, output, &Silent)).unwrap();
    for (at, node) in card.graph.nodes().iter().enumerate().skip(1) {
        block_on(network.extend(&mut tape, at, &Silent)).unwrap();
        let value = tape.value(at).unwrap().dense();
        let [count, squares] = [0, 1].map(|i| golden[&format!("{}.norm", node.name)][i]);
        let d = distance(&value, &golden[&format!("{}.sample", node.name)]);
        let whole = (l2(&value) / f64::from(squares) - 1.0).abs();
        assert_eq!(value.len() as f32, count, "{}", node.name);
        assert!(d <= 1e-4 && whole <= 2e-4, "{}: {d}, {whole}", node.name);
    }
    let class = golden["class"][0] as usize;
    // this network reads blue first; in the product its first layer is turned, and the picture stays red, green, blue
    let product = native::named("squeezenet", Cpu::default(), &root().join("weights")).unwrap();
    let turned = block_on(product.infer(&image::normalise(&rgb, &spec), output, &Silent)).unwrap();
    assert!(off(&turned.dense(), &golden["logits"]) <= 1e-4);
    let (logits, gradient) = logits_and_gradient(&network, &x, class);
    assert_eq!(top(&logits, 1), [class]);
    let map = tape.value(card.graph.last_spatial().unwrap()).unwrap();
    let cam = Planes::channel(map, class);
    let d = [
        off(&logits, &golden["logits"]),
        off(&cam, &golden["cam"]),
        distance(&gradient.dense(), &golden["gradient"]),
        (l2(&gradient.dense()) / f64::from(golden["gradient.norm"][1]) - 1.0).abs() / 2.0,
    ];
    println!("logits {:.1e}, map {:.1e}, gradient {:.1e}, its length {:.1e}", d[0], d[1], d[2], d[3]);
    assert!(d.iter().all(|d| *d <= 1e-4), "{d:?}");
    // class activation maps are exact: the last map's mean is the logit
    let mean = cam.iter().sum::<f32>() / cam.len() as f32;
    assert!((mean / logits[class] - 1.0).abs() <= 1e-5, "{mean} {}", logits[class]);
    let mut seed = one_hot(tape.value(output).unwrap().shape, class);
    seed.data.iter_mut().for_each(|v| *v *= logits[class]);
    for preset in ["epsilon", "zplus"] {
        let rules = |at: usize| zennits(&card.graph, preset, at);
        let seeds = ByNode::from([(output, vec![seed.clone()])]);
        let found = block_on(network.relevance(&tape, seeds, &[0], &rules, &mut |_, _| {}, &Silent)).unwrap();
        let d = distance(&found[&0][0].dense(), &golden[&format!("relevance.{preset}")]);
        println!("relevance, {preset}: {d:.1e}");
        assert!(d <= 1e-3, "{preset}: {d}");
        // without biases all of it arrives
        let rules = |at: usize| cnn_lens::ops::Rule { bias: false, ..zennits(&card.graph, preset, at) };
        let seeds = ByNode::from([(output, vec![seed.clone()])]);
        let found = block_on(network.relevance(&tape, seeds, &[0], &rules, &mut |_, _| {}, &Silent)).unwrap();
        let arrives: f64 = found[&0][0].data.iter().map(|v| f64::from(*v)).sum::<f64>() / f64::from(logits[class]);
        println!("relevance without biases, {preset}: {arrives:.4} arrives");
        assert!((arrives - 1.0).abs() <= 0.01, "{preset}: {arrives}");
    }
}

/// The whole network at 64 pixels on WebGPU is that on the CPU: logits within 1e-4, gradient and relevance within 1e-3 relative L2
/// (where the two devices' roundings turn a ReLU's gate or a pool's winner, a gradient jumps). See `webgpu.rs`.
#[cfg(feature = "gpu")]
pub fn on_webgpu(gpu: &cnn_lens::engine::kernels::gpu::Gpu) {
    use cnn_lens::engine::Device;
    use cnn_lens::engine::kernels::Gate;

    let spec = networks::get("squeezenet").unwrap();
    let card = spec.card();
    let (cpu, network) = (GraphNetwork::new(card.graph.clone()), GraphNetwork::on(gpu.clone(), card.graph.clone()));
    for arrays in native::shards(&root().join("weights/squeezenet")).unwrap() {
        let arrays = arrays.unwrap();
        cpu.load(&arrays).unwrap();
        network.load(&arrays).unwrap();
    }
    assert!(network.hosted().is_empty(), "{:?}", network.hosted());
    let photo = std::fs::read(root().join("tests/golden/photo224.png")).unwrap();
    let options = image::Options { size: 64, ..image::Options::default() };
    let x = image::normalise_for(&image::prepare(&photo, options).unwrap().rgb, &card.preprocessing);
    let output = card.graph.output();
    let (on_cpu, tape) =
        (block_on(cpu.forward(&x, output, &Silent)).unwrap(), block_on(network.forward(&x, output, &Silent)).unwrap());
    let logits = block_on(gpu.read(tape.value(output).unwrap())).unwrap();
    let want = on_cpu.value(output).unwrap();
    let d = off(&logits.dense(), &want.dense());
    println!("SqueezeNet on WebGPU: logits {d:.1e}");
    assert!(d <= 1e-4, "{d}");
    let class = top(&logits.dense(), 1)[0];
    let seed = one_hot(logits.shape, class);
    let want =
        block_on(cpu.backward(&on_cpu, ByNode::from([(output, seed.clone())]), &[0], Gate::Relu, &Silent)).unwrap();
    let seeds = ByNode::from([(output, gpu.upload(&seed))]);
    let found = block_on(network.backward(&tape, seeds, &[0], Gate::Relu, &Silent)).unwrap();
    let d = off(&block_on(gpu.read(&found[&0])).unwrap().dense(), &want[&0].dense());
    println!("SqueezeNet on WebGPU: gradient {d:.1e}");
    assert!(d <= 1e-3, "{d}");
    for preset in ["epsilon", "zplus"] {
        let rules = |at: usize| zennits(&card.graph, preset, at);
        let seeds = || ByNode::from([(output, vec![seed.clone()])]);
        let want = block_on(cpu.relevance(&on_cpu, seeds(), &[0], &rules, &mut |_, _| {}, &Silent)).unwrap();
        let found = block_on(network.relevance(&tape, seeds(), &[0], &rules, &mut |_, _| {}, &Silent)).unwrap();
        let d = off(&found[&0][0].dense(), &want[&0][0].dense());
        println!("SqueezeNet on WebGPU: relevance, {preset}: {d:.1e}");
        assert!(d <= 1e-3, "{preset}: {d}");
    }
}
