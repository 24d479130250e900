//! What of a graph is computed together, and in which order for a given end.

use crate::catalog::Graph;
use crate::ops::Op;

/// How a graph is run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// For every node: the convolution that is computed together with it. Only a ReLU has one, and only where nothing else reads
    /// the convolution; the value before the ReLU is then not kept.
    fused: Vec<Option<usize>>,
}

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
        Self { fused: (0..graph.nodes().len()).map(fused).collect() }
    }

    /// Every node by itself: what the planned run is tested against.
    pub fn unfused(graph: &Graph) -> Self {
        Self { fused: vec![None; graph.nodes().len()] }
    }

    /// The convolution that is computed together with node `at`.
    pub fn fused(&self, at: usize) -> Option<usize> {
        self.fused[at]
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

/// Nodes that are computed together: one, or a convolution and its ReLU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The node whose inputs are read.
    pub first: usize,
    /// The node whose output is written.
    pub node: usize,
}
