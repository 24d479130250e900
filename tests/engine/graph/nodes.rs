//! ONNX's own cases of single nodes, and some of ours for what those leave out (`tests/golden/nodes.py`).

use std::collections::BTreeSet;

use super::off;
use crate::support::{read_arrays, root};
use cnn_lens::catalog::graph::NamedNode;
use cnn_lens::engine::kernels::Gate;
use cnn_lens::engine::planes::{Planes, Shape};
use cnn_lens::ops::{Dims, Pass};
use serde_json::Value;

/// The output, and the gradient at every input. Relative L2, 1e-5: a few sums in float32 (measured: at most 4e-7).
#[test]
fn every_op_computes_what_onnx_says() {
    let folder = root().join("tests/golden");
    let arrays = read_arrays(&folder.join("nodes.safetensors"));
    let cases: Vec<Value> = serde_json::from_slice(&std::fs::read(folder.join("nodes.json")).unwrap()).unwrap();
    let (mut ops, mut worst) = (BTreeSet::new(), (0.0, String::new()));
    for (i, case) in cases.into_iter().enumerate() {
        ops.insert(case["op"].as_str().unwrap().to_owned());
        let node = NamedNode::parse(i, case).unwrap();
        let name = &node.name;
        let get = |suffix: &str| &arrays[&format!("{name}.{suffix}")];
        let dims = |shape: &[usize]| Dims::new(shape[0], shape[1], shape[2]);
        let inputs: Vec<_> = node.inputs.iter().map(|input| get(input)).collect();
        let below: Vec<Dims> = inputs.iter().map(|input| dims(&input.shape)).collect();
        assert!(node.op.arity().contains(&below.len()), "{name}");
        let shape = node.op.shape(&below).unwrap_or_else(|misfit| panic!("{name}: {misfit}"));
        assert_eq!(shape, dims(&get("y").shape), "{name}");
        let weights: Vec<&[f32]> = node
            .op
            .arrays(&below)
            .iter()
            .map(|spec| {
                assert_eq!(get(spec.suffix).shape, spec.shape, "{name}.{}", spec.suffix);
                get(spec.suffix).data.exact().unwrap()
            })
            .collect();
        let planes = |array: &cnn_lens::engine::Array| {
            let dims = dims(&array.shape);
            Planes::from_dense(Shape::new(dims.c, dims.h, dims.w), array.data.exact().unwrap())
        };
        let x: Vec<Planes> = inputs.into_iter().map(planes).collect();
        let x: Vec<&Planes> = x.iter().collect();
        let module = node.op.bind(&below, &weights);
        let y = module.forward(&x);
        // half the sum of y's squares has y as its gradient there
        let gradients = module.adjoint(&Pass { x: &x, y: &y }, &y, Gate::Relu);
        assert_eq!(gradients.len(), x.len(), "{name}");
        let gradients = gradients.iter().enumerate().map(|(i, g)| (format!("gradient{i}"), g));
        for (what, got) in std::iter::once(("y".to_owned(), &y)).chain(gradients) {
            let mut clean = got.clone();
            clean.clear_border();
            assert_eq!(&clean, got, "{name}, {what}: the border is not zero");
            let d = off(&got.dense(), get(&what).data.exact().unwrap());
            if d > worst.0 {
                worst = (d, format!("{name}, {what}"));
            }
            assert!(d <= 1e-5, "{name}, {what}: {d}");
        }
    }
    println!("worst: {worst:?}");
    assert_eq!(ops.len(), 13, "{ops:?}");
}
