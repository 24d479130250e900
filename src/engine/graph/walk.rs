//! The one backward walk: from some nodes down to others, what arrives over several ways summed up.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::network::GraphNetwork;
use super::tape::Tape;
use crate::engine::kernels::Gate;
use crate::engine::{EngineError, Pace, Planes};
use crate::ops::{Op, Pass, Rule};

/// Planes by the number of a node.
pub type ByNode = BTreeMap<usize, Planes>;

impl GraphNetwork {
    /// The gradients at what the nodes `wanted` wrote, given those at what the nodes of `seeds` wrote; `gate` is what happens at
    /// every ReLU on the way. A node that no seed depends on has none in the answer.
    ///
    /// # Errors
    /// [`EngineError::NotComputed`] when the tape does not reach a seed, or what `pace` returns.
    pub async fn backward(
        &self,
        tape: &Tape,
        seeds: ByNode,
        wanted: &[usize],
        gate: Gate,
        pace: &dyn Pace,
    ) -> Result<ByNode, EngineError> {
        self.walk(tape, seeds, wanted, &Hand::Gradient(gate), pace).await
    }

    /// The relevance of what the nodes `wanted` wrote, given that of what the nodes of `seeds` wrote, by the rule that `rules`
    /// has for each node (layer-wise relevance propagation, Bach et al. 2015). What a skip and its branch hand down is added up.
    ///
    /// # Errors
    /// As [`GraphNetwork::backward`].
    pub async fn relevance(
        &self,
        tape: &Tape,
        seeds: ByNode,
        wanted: &[usize],
        rules: &dyn Fn(usize) -> Rule,
        pace: &dyn Pace,
    ) -> Result<ByNode, EngineError> {
        self.walk(tape, seeds, wanted, &Hand::Relevance(rules), pace).await
    }

    async fn walk(
        &self,
        tape: &Tape,
        seeds: ByNode,
        wanted: &[usize],
        hand: &Hand<'_>,
        pace: &dyn Pace,
    ) -> Result<ByNode, EngineError> {
        let nodes = self.graph().nodes();
        // whether a way leads from a node down to one of those wanted
        let mut leads = vec![false; nodes.len()];
        for (at, node) in nodes.iter().enumerate() {
            leads[at] = wanted.contains(&at) || node.inputs.iter().any(|from| leads[*from]);
        }
        let mut arrived: Vec<Option<Planes>> = vec![None; nodes.len()];
        let top = seeds.keys().last().copied().unwrap_or_default();
        seeds.into_iter().for_each(|(at, seed)| arrived[at] = Some(seed));
        let mut found = ByNode::new();
        for at in (0..=top).rev() {
            let Some(given) = arrived[at].take() else { continue };
            let inputs = &nodes[at].inputs;
            if inputs.iter().any(|from| leads[*from]) {
                // a ReLU below that nobody asks about is passed at once
                let relu = self.lone_relu(at).filter(|relu| !wanted.contains(relu) && arrived[*relu].is_none());
                let module = self.module(at, pace).await?;
                let (x, y) = self.read(tape, at)?;
                let x: Vec<&Planes> = x.iter().map(Rc::as_ref).collect();
                let pass = Pass { x: &x, y: &y };
                let (below, parts) = match (hand, relu) {
                    (Hand::Gradient(gate), Some(relu)) => {
                        (&nodes[relu].inputs, vec![module.adjoint_and_relu(&pass, &given, *gate)])
                    }
                    (Hand::Gradient(gate), None) => (inputs, module.adjoint(&pass, &given, *gate)),
                    (Hand::Relevance(rules), _) => (inputs, module.relevance(&pass, &given, &rules(at))),
                };
                for (from, part) in below.iter().zip(parts).filter(|(from, _)| leads[**from]) {
                    match &mut arrived[*from] {
                        Some(sum) => sum.data.iter_mut().zip(&part.data).for_each(|(sum, part)| *sum += part),
                        empty => *empty = Some(part),
                    }
                }
            }
            if wanted.contains(&at) {
                found.insert(at, given);
            }
            pace.tick(top + 1 - at, top + 1).await?;
        }
        Ok(found)
    }

    /// The ReLU that is the only input of node `at`, and that nothing else reads.
    fn lone_relu(&self, at: usize) -> Option<usize> {
        let graph = self.graph();
        let [below] = graph.nodes()[at].inputs[..] else { return None };
        let relu = matches!(&graph.nodes()[below].op, Some(Op::Activation(kind)) if kind.is_relu());
        (relu && graph.consumers(below) == [at]).then_some(below)
    }

    /// What node `at` read and wrote.
    fn read(&self, tape: &Tape, at: usize) -> Result<(Vec<Rc<Planes>>, Rc<Planes>), EngineError> {
        let y = match (tape.value(at), self.rectifier(at)) {
            // no value of its own: it was computed together with its ReLU
            (None, Some(relu)) => self.kept(tape, relu)?,
            _ => self.kept(tape, at)?,
        };
        let read = |from: &usize| match tape.value(*from) {
            // a ReLU of its own output is that output
            None if self.plan().fused(at) == Some(*from) => Ok(Rc::clone(&y)),
            _ => self.kept(tape, *from),
        };
        let x = self.graph().nodes()[at].inputs.iter().map(read).collect::<Result<_, _>>()?;
        Ok((x, y))
    }

    /// The ReLU that is computed together with node `at`.
    fn rectifier(&self, at: usize) -> Option<usize> {
        self.graph().consumers(at).iter().copied().find(|reader| self.plan().fused(*reader) == Some(at))
    }
}

/// What is handed down.
enum Hand<'a> {
    /// Gradients, with this at every ReLU.
    Gradient(Gate),
    /// Relevance, by each node's rule.
    Relevance(&'a dyn Fn(usize) -> Rule),
}
