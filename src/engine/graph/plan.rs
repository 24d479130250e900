//! What of a graph is computed together, and in which order for a given end.

use crate::catalog::Graph;
use crate::ops::Op;

/// How a graph is run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// For every node: the convolution that is computed together with it. Only a ReLU has one, and only where nothing else reads
    /// the convolution; the value before the ReLU is then not kept.
    fused: Vec<Option<usize>>,
    /// Whether its weights are so many that those of large layers are kept small.
    large: bool,
}

/// What there is of memory for a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// As much as its fastest kernel takes.
    Ample,
    /// Little: its weights once.
    Scarce,
}

/// Weights of a network beside which there is no room for fast layouts of every layer: VGG11 to 19 with their own classifier.
const LARGE: usize = 100_000_000;
/// Weights of a layer whose fast layout is then given up: of a convolution 3x3 from 256 channels to 512 and more.
const LARGE_LAYER: usize = 1_000_000;

impl Plan {
    /// Every convolution with its ReLU, where it has one to itself.
    pub fn new(graph: &Graph) -> Self {
        let fused = |at: usize| match (&graph.nodes()[at].op, graph.nodes()[at].inputs.as_slice()) {
            (Some(Op::Activation(kind)), [below]) if kind.is_relu() => {
                let conv = matches!(graph.nodes()[*below].op, Some(Op::Conv(_)));
                (conv && graph.consumers(*below) == [at] && graph.output() != *below).then_some(*below)
            }
            _ => None,
        };
        let large = (0..graph.nodes().len()).map(|at| weights(graph, at)).sum::<usize>() > LARGE;
        Self { fused: (0..graph.nodes().len()).map(fused).collect(), large }
    }

    /// Every node by itself: what the planned run is tested against.
    pub fn unfused(graph: &Graph) -> Self {
        Self { fused: vec![None; graph.nodes().len()], large: false }
    }

    /// The convolution that is computed together with node `at`.
    pub fn fused(&self, at: usize) -> Option<usize> {
        self.fused[at]
    }

    /// What there is of memory for node `at`.
    pub fn memory(&self, graph: &Graph, at: usize) -> Memory {
        if self.large && weights(graph, at) > LARGE_LAYER { Memory::Scarce } else { Memory::Ample }
    }

    /// The nodes to compute, in order, for the value of `until`, where those that `have` is true of need not be.
    pub fn steps(&self, graph: &Graph, until: usize, have: impl Fn(usize) -> bool) -> Vec<Step> {
        let mut wanted = vec![false; until + 1];
        wanted[until] = true;
        let mut steps = Vec::new();
        for at in (0..=until).rev().filter(|at| !have(*at)) {
            if !wanted[at] {
                continue;
            }
            // an own value for the convolution (somebody replaced it) is used as it is
            let first = self.fused(at).filter(|conv| !have(*conv) && !wanted[*conv]);
            let step = Step { first: first.unwrap_or(at), node: at };
            graph.nodes()[step.first].inputs.iter().for_each(|from| wanted[*from] = true);
            steps.push(step);
        }
        steps.reverse();
        steps
    }
}

/// How many numbers the arrays of node `at` have.
fn weights(graph: &Graph, at: usize) -> usize {
    graph.arrays(at, graph.dims()).iter().map(|spec| spec.shape.iter().product::<usize>()).sum()
}

/// Nodes that are computed together: one, or a convolution and its ReLU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The node whose inputs are read.
    pub first: usize,
    /// The node whose output is written.
    pub node: usize,
}
