//! What a node is for the rest of the page, found from the graph alone: no names, no numbers.

use super::Graph;
use crate::ops::Op;

/// How the logits come from the last maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadKind {
    /// A global average, then nothing that is not linear (Lin et al. 2014): class activation maps (Zhou et al. 2016) are exact.
    Pooled,
    /// A global average, then layers with something between them that is not linear.
    Deep,
    /// Layers that know the places apart: flattened maps under fully connected layers, as AlexNet and VGG had them.
    Flat,
}

impl Graph {
    /// Which nodes lie on some path from the picture to the logits.
    fn on_a_path(&self) -> Vec<bool> {
        let (mut below, mut above) = (vec![false; self.nodes.len()], vec![false; self.nodes.len()]);
        (below[0], above[self.output]) = (true, true);
        for (i, node) in self.nodes.iter().enumerate() {
            below[i] |= node.inputs.iter().any(|from| below[*from]);
        }
        for (i, node) in self.nodes.iter().enumerate().rev() {
            if above[i] {
                node.inputs.iter().for_each(|from| above[*from] = true);
            }
        }
        below.into_iter().zip(above).map(|(below, above)| below && above).collect()
    }

    /// Whether the logits depend on what node `at` writes.
    pub fn feeds(&self, at: usize) -> bool {
        self.on_a_path()[at]
    }

    /// The nodes of many places that every path from the picture to the logits passes, in order, without the picture. A node
    /// whose only reader is an activation is left out: there it stands for both, as VGG's `relu5_3` does for `conv5_3`.
    pub fn stages(&self) -> Vec<usize> {
        let on_a_path = self.on_a_path();
        let readers = |at: usize| self.consumers[at].iter().copied().filter(|reader| on_a_path[*reader]);
        // a path can pass a node by exactly where an edge leads from before it to behind it
        let mut furthest = 0;
        let mut stages = Vec::new();
        for at in (0..=self.output).filter(|at| on_a_path[*at]) {
            let activated = |reader: usize| matches!(self.nodes[reader].op, Some(Op::Activation(_)));
            let stands_before = readers(at).count() == 1 && readers(at).all(activated);
            if at > 0 && furthest <= at && self.dims[at].places() > 1 && !stands_before {
                stages.push(at);
            }
            furthest = readers(at).fold(furthest, usize::max);
        }
        stages
    }

    /// The last of the [`Graph::stages`]: where class activation maps are drawn. `None` for a network without maps.
    pub fn last_spatial(&self) -> Option<usize> {
        self.stages().last().copied()
    }

    /// [`Field::halvings`](crate::ops::Field::halvings) on the way to node `at`.
    pub fn block(&self, at: usize) -> Option<u32> {
        self.fields()[at].halvings()
    }

    /// How the logits come from the last maps.
    pub fn head(&self) -> HeadKind {
        let on_a_path = self.on_a_path();
        let last = self.last_spatial().unwrap_or_default();
        let behind = || (last + 1..=self.output).filter(|at| on_a_path[*at]);
        let averages = behind().next().is_some_and(|at| {
            let average = matches!(self.nodes[at].op, Some(Op::GlobalAvgPool(_) | Op::AvgPool(_)));
            average && self.nodes[at].inputs == [last] && self.dims[at].places() == 1
        });
        let linear = |at: usize| {
            matches!(self.nodes[at].op, Some(Op::Linear(_) | Op::Conv(_) | Op::Affine(_) | Op::Flatten(_) | Op::Add(_)))
        };
        match averages {
            false => HeadKind::Flat,
            true if behind().skip(1).all(linear) => HeadKind::Pooled,
            true => HeadKind::Deep,
        }
    }

    /// The nodes that have arrays, from the logits down: the order in which Adebayo et al. 2018 draw them anew.
    pub fn weights(&self) -> Vec<usize> {
        let on_a_path = self.on_a_path();
        (1..=self.output).rev().filter(|at| on_a_path[*at] && !self.arrays(*at, &self.dims).is_empty()).collect()
    }
}
