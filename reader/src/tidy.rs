//! What a network is freed of once it is read: scales behind a layer become part of it, activations that were written in several
//! steps become one, what changes nothing goes, and so does the softmax.

use cnn_lens::ops::{Activation, Linear, Op};

use crate::draft::{Draft, Node};
use crate::error::ReadError;
use crate::note::Note;
use crate::tensor::{Tensor, Values};

/// Cleans up a network whose last node is `output`; returns the node that writes the logits. Nodes that nothing needs are gone.
///
/// # Errors
/// [`ReadError::NoClasses`]: what is written is no vector.
pub fn tidy(draft: &mut Draft, output: usize) -> Result<usize, ReadError> {
    let mut tidying = Tidying { nodes: std::mem::take(&mut draft.nodes), output };
    tidying.without_probabilities(&mut draft.notes)?;
    // each of them can make another one possible
    for at in 1..tidying.nodes.len() {
        tidying.fold(at);
        tidying.unite(at);
    }
    if tidying.nodes[tidying.output].dims.places() != 1 {
        return Err(ReadError::NoClasses { writes: tidying.nodes[tidying.output].dims });
    }
    let output = tidying.prune();
    draft.nodes = tidying.nodes;
    Ok(output)
}

struct Tidying {
    nodes: Vec<Node>,
    output: usize,
}

impl Tidying {
    fn readers(&self, at: usize) -> usize {
        let reads = |node: &Node| node.inputs.iter().filter(|from| **from == at).count();
        self.nodes[at..].iter().map(reads).sum::<usize>() + usize::from(at == self.output)
    }

    /// Whoever reads `at` reads `instead`.
    fn replace(&mut self, at: usize, instead: usize) {
        for node in &mut self.nodes[at + 1..] {
            node.inputs.iter_mut().filter(|from| **from == at).for_each(|from| *from = instead);
        }
        if self.output == at {
            self.output = instead;
        }
        self.nodes[at].inputs.clear(); // it reads nothing any more
    }

    fn affine(&self, at: usize) -> Option<(Vec<f32>, Vec<f32>)> {
        let node = self.nodes.get(at)?;
        match (&node.op, node.arrays.as_slice()) {
            (Some(Op::Affine(_)), [scale, shift]) => Some((scale.to_f32(), shift.to_f32())),
            _ => None,
        }
    }

    /// An affine map that is the same for all channels: `(scale, shift)`.
    fn uniform(&self, at: usize) -> Option<(f32, f32)> {
        let (scale, shift) = self.affine(at)?;
        let (a, b) = (*scale.first()?, *shift.first()?);
        (scale.iter().all(|v| *v == a) && shift.iter().all(|v| *v == b)).then_some((a, b))
    }

    fn activation(&self, at: usize) -> Option<Activation> {
        match self.nodes.get(at)?.op {
            Some(Op::Activation(kind)) => Some(kind),
            _ => None,
        }
    }

    /// Cuts softmax and sigmoid off the end.
    fn without_probabilities(&mut self, notes: &mut Vec<Note>) -> Result<(), ReadError> {
        let last = &self.nodes[self.output];
        let below = last.inputs.first().copied();
        match (&last.op, below) {
            (Some(Op::Softmax(_)), Some(below)) => self.output = below,
            (Some(Op::Activation(Activation::Sigmoid {})), Some(below)) => {
                self.output = below;
                if self.nodes[below].dims.c > 1 {
                    notes.push(Note::ManyLabels);
                }
            }
            _ => {}
        }
        let last = &self.nodes[self.output];
        if last.dims.c != 1 || last.dims.places() != 1 {
            return Ok(());
        }
        // one logit z: two classes with -z/2 and z/2, whose softmax is the sigmoid
        let below = self.output;
        notes.push(Note::TwoClasses);
        let name = format!("{}_two_classes", last.name);
        let dims = cnn_lens::ops::Dims::vector(2);
        let weight = Tensor::new(vec![2, 1], vec![-0.5, 0.5]);
        let two = Node {
            name,
            op: Some(Op::Linear(Linear { out: 2, bias: false })),
            inputs: vec![below],
            arrays: vec![weight],
            dims,
        };
        match (&self.nodes[below].op, self.nodes[below].arrays.first().map(|weight| &weight.values)) {
            // where it is a layer with weights of its own, these are doubled instead
            (Some(Op::Linear(linear)), Some(Values::F32(weight))) if self.readers(below) == 1 => {
                let halves = |values: &[f32]| -> Vec<f32> {
                    [-0.5, 0.5].iter().flat_map(|by| values.iter().map(move |v| v * by)).collect()
                };
                let (columns, both) = (weight.len(), halves(weight));
                let bias = self.nodes[below].arrays.get(1).map(|bias| Tensor::new(vec![2], halves(&bias.to_f32())));
                let op = Op::Linear(Linear { out: 2, ..*linear });
                let node = &mut self.nodes[below];
                node.arrays = std::iter::once(Tensor::new(vec![2, columns], both)).chain(bias).collect();
                (node.op, node.dims) = (Some(op), dims);
            }
            _ => {
                self.nodes.push(two);
                self.output = self.nodes.len() - 1;
            }
        }
        Ok(())
    }

    /// An affine map becomes part of what stands before it.
    fn fold(&mut self, at: usize) {
        let Some((scale, shift)) = self.affine(at) else { return };
        let Some(&below) = self.nodes[at].inputs.first() else { return };
        if scale.iter().all(|v| *v == 1.0) && shift.iter().all(|v| *v == 0.0) {
            return self.replace(at, below);
        }
        if self.readers(below) != 1 {
            return;
        }
        if let Some((first, offset)) = self.affine(below) {
            let both = first.iter().zip(&scale).map(|(a, b)| a * b).collect();
            let moved = offset.iter().zip(&scale).zip(&shift).map(|((t, s), shift)| t * s + shift).collect();
            self.nodes[below].arrays =
                [both, moved].map(|values: Vec<f32>| Tensor::new(vec![values.len()], values)).into();
            return self.replace(at, below);
        }
        let node = &mut self.nodes[below];
        let bias = match &mut node.op {
            Some(Op::Conv(conv)) => &mut conv.bias,
            Some(Op::Linear(linear)) => &mut linear.bias,
            _ => return,
        };
        *bias = true;
        let (weight, bias) = node.arrays.split_at_mut(1);
        weight[0].scale_rows(&scale);
        let old = bias.first().map_or_else(|| vec![0.0; scale.len()], Tensor::to_f32);
        let new = old.iter().zip(&scale).zip(&shift).map(|((b, s), shift)| b * s + shift).collect();
        node.arrays.truncate(1);
        node.arrays.push(Tensor::new(vec![scale.len()], new));
        self.replace(at, below);
    }

    /// Activations that were written in several steps become one.
    fn unite(&mut self, at: usize) {
        let close = |a: f32, b: f32| (a - b).abs() <= 1e-6;
        let input = |at: usize| self.nodes[at].inputs.first().copied();
        // relu6(x + 3) / 6
        if let Some((scale, shift)) = self.uniform(at)
            && close(scale, 1.0 / 6.0)
            && shift == 0.0
            && let Some(gate) = input(at).filter(|gate| self.activation(*gate) == Some(Activation::Relu6 {}))
            && let Some(moved) = input(gate).filter(|moved| self.uniform(*moved) == Some((1.0, 3.0)))
            && let Some(x) = input(moved)
        {
            let node = &mut self.nodes[at];
            node.op = Some(Op::Activation(Activation::HardSigmoid { alpha: 1.0 / 6.0, beta: 0.5 }));
            (node.inputs, node.arrays) = (vec![x], Vec::new());
            return;
        }
        let Node { op: Some(Op::Mul(_)), inputs, .. } = &self.nodes[at] else { return };
        let &[a, b] = inputs.as_slice() else { return };
        for (x, gate) in [(a, b), (b, a)] {
            if input(gate) != Some(x) {
                continue;
            }
            let kind = match self.activation(gate) {
                Some(Activation::Sigmoid {}) => Activation::Silu {},
                Some(Activation::HardSigmoid { alpha, beta }) if close(alpha, 1.0 / 6.0) && close(beta, 0.5) => {
                    Activation::HardSwish {}
                }
                _ => continue,
            };
            let node = &mut self.nodes[at];
            (node.op, node.inputs) = (Some(Op::Activation(kind)), vec![x]);
            return;
        }
    }

    /// Leaves out what the output does not need; the order stays.
    fn prune(&mut self) -> usize {
        let mut needed = vec![false; self.nodes.len()];
        (needed[0], needed[self.output]) = (true, true);
        for at in (0..self.nodes.len()).rev().filter(|at| *at > 0) {
            if needed[at] {
                self.nodes[at].inputs.iter().for_each(|from| needed[*from] = true);
            }
        }
        let mut numbers = vec![0; self.nodes.len()];
        let mut kept = Vec::new();
        for (at, mut node) in std::mem::take(&mut self.nodes).into_iter().enumerate() {
            if needed[at] {
                node.inputs.iter_mut().for_each(|from| *from = numbers[*from]);
                numbers[at] = kept.len();
                kept.push(node);
            }
        }
        self.nodes = kept;
        numbers[self.output]
    }
}
