#![allow(missing_docs)]
use cnn_lens::engine::kernels::{Gate, cpu::Cpu};
use cnn_lens::engine::planes::{Planes, Shape};
use cnn_lens::engine::{Silent, graph::ByNode};
use pollster::block_on;
use std::time::Instant;
#[test]
fn speed() {
    let network = cnn_lens::native::network(Cpu::default(), std::path::Path::new("/tmp/eng/weights")).unwrap();
    let shape = Shape::new(3, 224, 224);
    let x = Planes::from_dense(shape, &(0..shape.len()).map(|i| 2.0 * (i as f32 * 0.37).sin()).collect::<Vec<_>>());
    let output = network.output();
    for _ in 0..4 {
        let t = Instant::now();
        let logits = block_on(network.infer(&x, output, &Silent)).unwrap().dense();
        let forward = t.elapsed();
        let t = Instant::now();
        let tape = block_on(network.forward(&x, output, &Silent)).unwrap();
        let mut seed = Planes::zeros(Shape::new(1000, 1, 1));
        seed.row_mut(285, 0)[0] = 1.0;
        let g = block_on(network.backward(&tape, ByNode::from([(output, seed)]), &[0], Gate::Relu, &Silent)).unwrap();
        println!("new forward {:.4} gradient {:.4} {} {}", forward.as_secs_f64(), t.elapsed().as_secs_f64(), logits[285], g[&0].data.iter().sum::<f32>());
    }
}
