//! The one backward walk: from some nodes down to others, what arrives over several ways summed up.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::network::GraphNetwork;
use super::tape::Tape;
use crate::engine::kernels::Gate;
use crate::engine::{EngineError, Pace, Planes};
use crate::ops::{Module, Pass, Rule};

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
        self.walk(tape, seeds, wanted, |_, module, pass, g| module.adjoint(pass, g, gate), pace).await
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
        self.walk(tape, seeds, wanted, |at, module, pass, r| module.relevance(pass, r, &rules(at)), pace).await
    }

    async fn walk(
        &self,
        tape: &Tape,
        seeds: ByNode,
        wanted: &[usize],
        hand_down: impl Fn(usize, &dyn Module, &Pass<'_>, &Planes) -> Vec<Planes>,
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
                let below = self.step(tape, at, &given, &hand_down, pace).await?;
                for (from, part) in inputs.iter().zip(below).filter(|(from, _)| leads[**from]) {
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

    /// What one node hands down to its inputs.
    async fn step(
        &self,
        tape: &Tape,
        at: usize,
        given: &Planes,
        hand_down: &impl Fn(usize, &dyn Module, &Pass<'_>, &Planes) -> Vec<Planes>,
        pace: &dyn Pace,
    ) -> Result<Vec<Planes>, EngineError> {
        let module = self.module(at, pace).await?;
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
        let x: Vec<Rc<Planes>> = self.graph().nodes()[at].inputs.iter().map(read).collect::<Result<_, _>>()?;
        let x: Vec<&Planes> = x.iter().map(Rc::as_ref).collect();
        Ok(hand_down(at, module.as_ref(), &Pass { x: &x, y: &y }, given))
    }

    /// The ReLU that is computed together with node `at`.
    fn rectifier(&self, at: usize) -> Option<usize> {
        self.graph().consumers(at).iter().copied().find(|reader| self.plan().fused(*reader) == Some(at))
    }
}
