//! The one backward walk: from some nodes down to others, what arrives over several ways summed up.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::bound::read;
use super::network::GraphNetwork;
use super::relevance::Layer;
use super::tape::Tape;
use crate::engine::kernels::Gate;
use crate::engine::{Device, EngineError, Pace, Planes};
use crate::ops::values::zip;
use crate::ops::{Op, Pass, Rule, Share};

/// The values that a node read and wrote in the forward pass.
type Read<B> = (Vec<Rc<B>>, Rc<B>);

/// Planes by the number of a node.
pub type ByNode<B = Planes> = BTreeMap<usize, B>;

impl<D: Device> GraphNetwork<D> {
    /// The gradients at what the nodes `wanted` wrote, given those at what the nodes of `seeds` wrote; `gate` is what happens at
    /// every ReLU on the way. A node that no seed depends on has none in the answer.
    ///
    /// # Errors
    /// [`EngineError::NotComputed`] when the tape does not reach a seed, or what `pace` returns.
    pub async fn backward(
        &self,
        tape: &Tape<D::Buf>,
        seeds: ByNode<D::Buf>,
        wanted: &[usize],
        gate: Gate,
        pace: &dyn Pace,
    ) -> Result<ByNode<D::Buf>, EngineError> {
        self.walk(seeds, wanted, &mut Gradients { network: self, tape, gate }, pace).await
    }

    /// The relevance of what the nodes `wanted` wrote, given that of what the nodes of `seeds` wrote, by the rule that `rules`
    /// has for each node (layer-wise relevance propagation, Bach et al. 2015). What a skip and its branch hand down is added up.
    /// Several relevances (as many at every seed) are handed down together, each by itself: layers are changed for a rule only
    /// once. `seen` gets every node on the way and the relevances of what it wrote.
    ///
    /// # Errors
    /// As [`GraphNetwork::backward`].
    pub async fn relevance(
        &self,
        tape: &Tape<D::Buf>,
        seeds: ByNode<Vec<Planes>>,
        wanted: &[usize],
        rules: &dyn Fn(usize) -> Rule,
        seen: &mut dyn FnMut(usize, &[Planes]),
        pace: &dyn Pace,
    ) -> Result<ByNode<Vec<Planes>>, EngineError> {
        let found = self.walk(seeds, wanted, &mut Relevance { network: self, tape, rules, seen }, pace).await;
        self.device().tidy();
        found
    }

    /// Hands the relevances of what node `at` wrote down to its inputs: for every input as many.
    async fn step_down(
        &self,
        tape: &Tape<D::Buf>,
        at: usize,
        rule: &Rule,
        given: &[Planes],
        pace: &dyn Pace,
    ) -> Result<Vec<Vec<Planes>>, EngineError> {
        let Some(op) = self.graph().nodes()[at].op.as_ref() else { return Ok(Vec::new()) };
        if op.passes_relevance_on() {
            return Ok(vec![given.to_vec()]);
        }
        let (x, y) = self.read(tape, at)?;
        let x: Vec<&D::Buf> = x.iter().map(Rc::as_ref).collect();
        let x = read(self.device(), &x).await?;
        let Some(map) = self.module(at, pace).await?.linear() else {
            let (x, y): (Vec<&Planes>, _) = (x.iter().collect(), self.device().read(&y).await?);
            let mut inputs = vec![Vec::with_capacity(given.len()); x.len()];
            for r in given {
                let parts = op.relevance(&Pass { x: &x, y: &y }, r, rule);
                inputs.iter_mut().zip(parts).for_each(|(input, part)| input.push(part));
            }
            return Ok(inputs);
        };
        let rule = op.rule(rule.clone());
        let flat = rule.share == Share::Flat;
        let ones = if flat { self.ones(at).and_then(|ones| ones.linear()) } else { None };
        Ok(vec![Layer { device: self.device(), map, ones, a: &x[0] }.hand_down(&rule, given, pace).await?])
    }

    async fn walk<H: Hand>(
        &self,
        seeds: ByNode<H::Value>,
        wanted: &[usize],
        hand: &mut H,
        pace: &dyn Pace,
    ) -> Result<ByNode<H::Value>, EngineError> {
        let nodes = self.graph().nodes();
        // whether a way leads from a node down to one of those wanted
        let mut leads = vec![false; nodes.len()];
        for (at, node) in nodes.iter().enumerate() {
            leads[at] = wanted.contains(&at) || node.inputs.iter().any(|from| leads[*from]);
        }
        // whether a seed depends on a node
        let mut below = vec![false; nodes.len()];
        for at in (0..nodes.len()).rev() {
            if below[at] || seeds.contains_key(&at) {
                below[at] = true;
                nodes[at].inputs.iter().for_each(|from| below[*from] = true);
            }
        }
        let mut arrived: Vec<Option<H::Value>> = nodes.iter().map(|_| None).collect();
        let top = seeds.keys().last().copied().unwrap_or_default();
        seeds.into_iter().for_each(|(at, seed)| arrived[at] = Some(seed));
        let mut found = ByNode::new();
        for at in (0..=top).rev() {
            let Some(given) = arrived[at].take() else { continue };
            hand.seen(at, &given);
            if nodes[at].inputs.iter().any(|from| leads[*from]) {
                // a ReLU below that nobody asks about may be passed at once
                let relu = self.lone_relu(at, &below).filter(|relu| !wanted.contains(relu) && arrived[*relu].is_none());
                for (from, part) in
                    hand.down(at, relu, &given, pace).await?.into_iter().filter(|(from, _)| leads[*from])
                {
                    arrived[from] = Some(match arrived[from].take() {
                        Some(sum) => hand.add(sum, part),
                        None => part,
                    });
                }
            }
            if wanted.contains(&at) {
                found.insert(at, given);
            }
            pace.tick(top + 1 - at, top + 1).await?;
        }
        Ok(found)
    }

    /// The ReLU that is the only input of node `at`, and that nothing else reads on which a seed depends.
    fn lone_relu(&self, at: usize, below: &[bool]) -> Option<usize> {
        let graph = self.graph();
        let [input] = graph.nodes()[at].inputs[..] else { return None };
        let relu = matches!(&graph.nodes()[input].op, Some(Op::Activation(kind)) if kind.is_relu());
        let alone = graph.consumers(input).iter().all(|reader| *reader == at || !below[*reader]);
        (relu && alone).then_some(input)
    }

    /// What node `at` read and wrote.
    fn read(&self, tape: &Tape<D::Buf>, at: usize) -> Result<Read<D::Buf>, EngineError> {
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

    /// The node whose value a forward pass keeps for node `at`: its ReLU, where the two are computed together.
    pub fn kept_for(&self, at: usize) -> usize {
        self.rectifier(at).unwrap_or(at)
    }

    /// The ReLU that is computed together with node `at`.
    fn rectifier(&self, at: usize) -> Option<usize> {
        self.graph().consumers(at).iter().copied().find(|reader| self.plan().fused(*reader) == Some(at))
    }
}

/// The two quantities that a backward walk can hand down from node to node.
trait Hand {
    /// What a node gets of it.
    type Value;

    /// Looks at what a node got.
    fn seen(&mut self, at: usize, given: &Self::Value);

    /// What node `at` hands down of `given`, and to whom; through `relu`, its only input, at once where it can.
    async fn down(
        &mut self,
        at: usize,
        relu: Option<usize>,
        given: &Self::Value,
        pace: &dyn Pace,
    ) -> Result<Vec<(usize, Self::Value)>, EngineError>;

    /// The sum of what two readers handed down.
    fn add(&self, a: Self::Value, b: Self::Value) -> Self::Value;
}

/// Gradients, with this at every ReLU.
struct Gradients<'a, D: Device> {
    network: &'a GraphNetwork<D>,
    tape: &'a Tape<D::Buf>,
    gate: Gate,
}

impl<D: Device> Hand for Gradients<'_, D> {
    type Value = D::Buf;

    fn seen(&mut self, _: usize, _: &D::Buf) {}

    async fn down(
        &mut self,
        at: usize,
        relu: Option<usize>,
        given: &D::Buf,
        pace: &dyn Pace,
    ) -> Result<Vec<(usize, D::Buf)>, EngineError> {
        let (network, nodes) = (self.network, self.network.graph().nodes());
        let module = network.module(at, pace).await?;
        let (x, y) = network.read(self.tape, at)?;
        let x: Vec<&D::Buf> = x.iter().map(Rc::as_ref).collect();
        let pass = Pass { x: &x, y: &y };
        if let Some(relu) = relu
            && let Some(below) = module.adjoint_and_relu(&pass, given, self.gate)
        {
            return Ok(nodes[relu].inputs.iter().copied().zip([below]).collect());
        }
        let parts = module.adjoint(network.device(), &pass, given, self.gate).await?;
        Ok(nodes[at].inputs.iter().copied().zip(parts).collect())
    }

    fn add(&self, a: D::Buf, b: D::Buf) -> D::Buf {
        self.network.device().add(a, &b)
    }
}

/// Relevance, by each node's rule.
struct Relevance<'a, D: Device> {
    network: &'a GraphNetwork<D>,
    tape: &'a Tape<D::Buf>,
    rules: &'a dyn Fn(usize) -> Rule,
    seen: &'a mut dyn FnMut(usize, &[Planes]),
}

impl<D: Device> Hand for Relevance<'_, D> {
    type Value = Vec<Planes>;

    fn seen(&mut self, at: usize, given: &Vec<Planes>) {
        (self.seen)(at, given);
    }

    async fn down(
        &mut self,
        at: usize,
        _: Option<usize>,
        given: &Vec<Planes>,
        pace: &dyn Pace,
    ) -> Result<Vec<(usize, Vec<Planes>)>, EngineError> {
        let parts = self.network.step_down(self.tape, at, &(self.rules)(at), given, pace).await?;
        Ok(self.network.graph().nodes()[at].inputs.iter().copied().zip(parts).collect())
    }

    fn add(&self, a: Vec<Planes>, b: Vec<Planes>) -> Vec<Planes> {
        a.into_iter().zip(b).map(|(a, b)| zip(a, &b, |a, b| a + b)).collect()
    }
}
