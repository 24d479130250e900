//! Every stage, the logits, the class activation map and two input gradients against PyTorch in float64.
//!
//! Tolerances: in float32 every stage stays within 1e-5 of the largest value (measured: 2e-7 to 2e-6, Winograd included;
//! direct: 2e-7 to 7e-7), held here to 1e-5. A gradient may differ where two values of a pooling window are equal to rounding:
//! such a window sends its whole gradient another way, hence 2e-2 here; `pooling_ties.rs` shows that nothing else differs.

use crate::support::{Golden, distance, golden, l2, max_norm, packed, photo, read_arrays, root};
use ::image::{Rgb, RgbImage};
use cnn_lens::catalog::networks;
use cnn_lens::engine::image::normalise;
use cnn_lens::engine::kernels::Gate;
use cnn_lens::engine::kernels::cpu::Cpu;
use cnn_lens::engine::{Kernels, Network, Planes, Silent, Trace, head};
use pollster::block_on;

async fn gradient<K: Kernels>(network: &Network<K>, trace: &Trace<K>, from: usize, g: &Planes) -> Planes {
    let g = network.kernels.upload(g);
    let g = network.backward(trace, from, g, 1, Gate::Relu, &Silent).await.unwrap();
    network.kernels.read(&g).await.unwrap()
}

async fn check<K: Kernels>(network: &Network<K>, input: &Planes, golden: &Golden, gradients: bool) {
    let trace = network.forward(input, 31, &Silent).await.unwrap();
    for i in 0..=30 {
        // torchvision counts from the first convolution, the graph from the picture
        let name = network.spec.name(i + 1);
        let dense = network.kernels.read(&network.stage(&trace, i + 1)).await.unwrap().dense();
        let d = distance(&dense, &golden[&format!("stage.{i}")]);
        let norm = &golden[&format!("norm.{i}")];
        assert_eq!(dense.len() as f32, norm[0], "{name}: number of values");
        let whole = (l2(&dense) / f64::from(norm[1]) - 1.0).abs();
        let max = max_norm(&dense, &golden[&format!("stage.{i}")]);
        println!("{name:8} relative L2 {d:.1e}, max norm {max:.1e}, sum of squares {whole:.1e}");
        assert!(d <= 1e-5 && max <= 1e-5 && whole <= 2e-5, "{name}: {d} {max} {whole}");
    }
    let pool5 = network.kernels.read(trace.output(31)).await.unwrap();
    let h = network.head().unwrap();
    let pass = h.forward(&pool5);
    let class = head::top(&pass.logits, 1)[0];
    for (what, got) in [("logits", &pass.logits), ("cam", &h.cam(&pass, class))] {
        let want = &golden[what];
        let d = (got.iter().zip(want).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>() / l2(want)).sqrt();
        println!("{what:8} relative L2 {d:.1e}");
        assert!(d <= 1e-4, "{what}: {d}");
    }
    if gradients {
        let relu5_3 = network.kernels.read(trace.output(30)).await.unwrap();
        let mut seed = Planes::zeros(relu5_3.shape);
        let share = 1.0 / (seed.shape.h * seed.shape.w) as f32;
        (0..seed.shape.h).for_each(|y| seed.row_mut(63, y).fill(share));
        let channel = gradient(network, &trace, 30, &seed).await;
        let logit = gradient(network, &trace, 31, &h.gradient(&pass, class)).await;
        for (what, g) in [("gradient.logit", logit), ("gradient.channel63", channel)] {
            let want = &golden[what];
            if l2(want) == 0.0 {
                continue;
            }
            let d = distance(&g.dense(), want);
            println!("{what} relative L2 {d:.1e}");
            assert!(d <= 2e-2, "{what}: {d}");
        }
    }
}

#[test]
fn cpu_matches_pytorch_at_224() {
    block_on(check(&packed(Cpu::default()), &photo(224), &golden("vgg16_224_packed.safetensors"), true));
}

#[test]
fn cpu_matches_pytorch_at_64() {
    block_on(check(&packed(Cpu::default()), &photo(64), &golden("vgg16_64_packed.safetensors"), true));
}

/// Flat areas: nearly every pooling window has equal values, and the first has the gradient, as in PyTorch. Winograd's transforms
/// round equal values differently, so there the winners are chance's, on each device its own; direct convolutions keep them equal.
fn flat() -> Planes {
    let colour = |x, y| match () {
        () if (12..40).contains(&x) && (8..30).contains(&y) => [180, 60, 40],
        () if (30..58).contains(&x) && (36..56).contains(&y) => [30, 80, 160],
        () => [200; 3],
    };
    normalise(&RgbImage::from_fn(64, 64, |x, y| Rgb(colour(x, y))), &networks::first())
}

#[test]
fn cpu_matches_pytorch_on_flat_areas() {
    let (direct, golden) = (packed(Cpu::direct()), golden("vgg16_64_flat.safetensors"));
    block_on(check(&direct, &flat(), &golden, true));
    // and only the winners differ: along the direct pass Winograd's gradient is the same
    let winograd = packed(Cpu::default());
    block_on(check(&winograd, &flat(), &golden, false));
    let trace = block_on(direct.forward(&flat(), 31, &Silent)).unwrap();
    let head = direct.head().unwrap();
    let pass = head.forward(trace.output(31));
    let seed = head.gradient(&pass, head::top(&pass.logits, 1)[0]);
    let [want, got] = [&direct, &winograd].map(|n| block_on(gradient(n, &trace, 31, &seed)).dense());
    let off = (got.iter().zip(&want).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>() / l2(&want)).sqrt();
    println!("Winograd's gradient along the direct pass: relative L2 {off:.1e}");
    assert!(off <= 1e-5, "{off}");
}

/// With the original float32 weights, where `make weights` has fetched them.
#[test]
fn cpu_matches_pytorch_with_float32_weights() {
    let source = root().join("target/weights/source.safetensors");
    if !source.exists() {
        println!("skipped: {} is made by `make weights`", source.display());
        return;
    }
    let network = Network::new(networks::first(), Cpu::default());
    network.load(&read_arrays(&source)).unwrap();
    block_on(check(&network, &photo(224), &golden("vgg16_224_float.safetensors"), true));
}

/// What quantisation costs: the packed network against PyTorch with float32 weights (weights/README.md has the table).
#[test]
fn packed_weights_are_close_to_float32() {
    let (network, golden) = (packed(Cpu::default()), golden("vgg16_224_float.safetensors"));
    let trace = block_on(network.forward(&photo(224), 31, &Silent)).unwrap();
    let (relu5_3, pool5) = (trace.output(30), trace.output(31));
    let error = distance(&relu5_3.dense(), &golden["stage.29"]);
    let h = network.head().unwrap();
    let pass = h.forward(pool5);
    let class = head::top(&pass.logits, 1)[0];
    assert_eq!(class, head::top(&golden["logits"], 1)[0]);
    let g = block_on(gradient(&network, &trace, 31, &h.gradient(&pass, class))).dense();
    let want = &golden["gradient.logit"];
    let got: Vec<f32> = (0..want.len()).map(|k| g[(k * 1_000_003) % g.len()]).collect();
    let dot: f64 = got.iter().zip(want).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
    let cosine = dot / (l2(&got) * l2(want)).sqrt();
    println!("relu5_3 relative L2 {error:.4}, input gradient cosine {cosine:.4}");
    assert!(error <= 0.02 && cosine >= 0.99, "{error} {cosine}");
}

/// It matches PyTorch at 64 pixels, and without Winograd on flat areas. See `webgpu.rs`.
#[cfg(feature = "gpu")]
pub fn on_webgpu(gpu: cnn_lens::engine::kernels::gpu::Gpu) {
    let network = packed(gpu);
    block_on(check(&network, &photo(64), &golden("vgg16_64_packed.safetensors"), true));
    let network = packed(network.kernels.direct());
    block_on(check(&network, &flat(), &golden("vgg16_64_flat.safetensors"), true));
}
