//! A graph with its arrays.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::plan::{Plan, Step};
use super::tape::Tape;
use crate::catalog::Graph;
use crate::catalog::graph::{Fault, GraphError, INPUT};
use crate::engine::{EngineError, Pace, Planes};
use crate::ops::{Dims, Misfit, Module};
use crate::weights::Arrays;

/// A graph whose nodes can compute as soon as their arrays have arrived.
pub struct GraphNetwork {
    graph: Graph,
    plan: Plan,
    modules: RefCell<Vec<Option<Rc<dyn Module>>>>,
}

impl GraphNetwork {
    /// Without weights yet.
    pub fn new(graph: Graph) -> Self {
        let plan = Plan::new(&graph);
        Self::planned(graph, plan)
    }

    /// As [`GraphNetwork::new`], every node by itself: slower, and what the plan is measured against.
    pub fn unfused(graph: Graph) -> Self {
        let plan = Plan::unfused(&graph);
        Self::planned(graph, plan)
    }

    fn planned(graph: Graph, plan: Plan) -> Self {
        let module = |at: usize| {
            let op = graph.nodes()[at].op.as_ref()?;
            graph.arrays(at, graph.dims()).is_empty().then(|| op.bind(&below(&graph, at), &[]))
        };
        let modules = (0..graph.nodes().len()).map(module).collect();
        Self { graph, plan, modules: RefCell::new(modules) }
    }

    /// What it computes.
    pub const fn graph(&self) -> &Graph {
        &self.graph
    }

    pub(super) const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Takes the arrays of one shard, whichever it is: those of a node arrive together. A node's arrays may be replaced by others
    /// of the same shape.
    ///
    /// # Errors
    /// [`EngineError::BadArray`] names an array whose shape is not the graph's, or one that its node's others came without.
    pub fn load(&self, arrays: &Arrays) -> Result<(), EngineError> {
        for (at, node) in self.graph.nodes().iter().enumerate() {
            let named = self.graph.arrays(at, self.graph.dims());
            let named = named.iter().map(|spec| (format!("{}.{}", node.arrays, spec.suffix), &spec.shape));
            let found: Vec<_> = named.map(|(name, shape)| (arrays.get(&name), name, shape)).collect();
            if found.iter().all(|(array, ..)| array.is_none()) {
                continue;
            }
            let mut values = Vec::new();
            for (array, name, shape) in found {
                match array
                    .filter(|array| fits(&array.shape, shape) && array.data.len() == shape.iter().product::<usize>())
                {
                    Some(array) => values.push(array.data.as_slice()),
                    None => return Err(EngineError::BadArray(name)),
                }
            }
            let module = node.op.as_ref().map(|op| op.bind(&below(&self.graph, at), &values));
            self.modules.borrow_mut()[at] = module;
        }
        Ok(())
    }

    /// Node `at`, waiting for its arrays as long as `pace` waits.
    pub(super) async fn module(&self, at: usize, pace: &dyn Pace) -> Result<Rc<dyn Module>, EngineError> {
        loop {
            let module = self.modules.borrow()[at].clone();
            match module {
                Some(module) => return Ok(module),
                None => pace.wait(&self.graph.nodes()[at].name).await?,
            }
        }
    }

    /// Runs what node `until` needs on a normalised input `[N, C, H, W]`, and keeps all of it.
    ///
    /// # Errors
    /// [`EngineError::Graph`] when the graph does not take an input of this shape, or what `pace` returns.
    pub async fn forward(&self, input: &Planes, until: usize, pace: &dyn Pace) -> Result<Tape, EngineError> {
        let mut tape = self.tape(input)?;
        self.extend(&mut tape, until, pace).await?;
        Ok(tape)
    }

    fn tape(&self, input: &Planes) -> Result<Tape, EngineError> {
        let (dims, takes) = (Dims::new(input.shape.c, input.shape.h, input.shape.w), self.graph.dims()[0]);
        if dims.c != takes.c {
            return Err(GraphError { node: INPUT.into(), fault: Fault::Misfit(Misfit::Different(dims, takes)) }.into());
        }
        self.graph.shapes(dims.h, dims.w)?;
        Ok(Tape::new(self.graph.nodes().len(), Rc::new(input.clone())))
    }

    /// Continues a forward pass to node `until`; does nothing where it was computed already.
    ///
    /// # Errors
    /// What `pace` returns.
    pub async fn extend(&self, tape: &mut Tape, until: usize, pace: &dyn Pace) -> Result<(), EngineError> {
        let steps = self.plan.steps(&self.graph, until, |at| tape.value(at).is_some());
        for (done, step) in steps.iter().enumerate() {
            self.run(tape, *step, pace).await?;
            pace.tick(done + 1, steps.len()).await?;
        }
        Ok(())
    }

    /// What node `until` writes for a normalised input; every other value is let go of once its last reader has run.
    ///
    /// # Errors
    /// As [`GraphNetwork::forward`].
    pub async fn infer(&self, input: &Planes, until: usize, pace: &dyn Pace) -> Result<Rc<Planes>, EngineError> {
        let mut tape = self.tape(input)?;
        let steps = self.plan.steps(&self.graph, until, |at| tape.value(at).is_some());
        let reads = |step: &Step| self.graph.nodes()[step.first].inputs.clone();
        let mut readers = vec![0_usize; self.graph.nodes().len()];
        steps.iter().flat_map(reads).for_each(|from| readers[from] += 1);
        for (done, step) in steps.iter().enumerate() {
            self.run(&mut tape, *step, pace).await?;
            for from in reads(step) {
                readers[from] -= 1;
                if readers[from] == 0 {
                    tape.take(from);
                }
            }
            pace.tick(done + 1, steps.len()).await?;
        }
        self.kept(&tape, until)
    }

    /// Runs again what stands behind the nodes whose values are replaced, up to node `until`; all else is taken over from `tape`.
    /// Where a tape of one image meets values of a batch, it is repeated for every image of that.
    ///
    /// # Errors
    /// As [`GraphNetwork::extend`].
    pub async fn run_from(
        &self,
        tape: &Tape,
        values: BTreeMap<usize, Rc<Planes>>,
        until: usize,
        pace: &dyn Pace,
    ) -> Result<Tape, EngineError> {
        let images = values.values().next().map_or(1, |value| value.shape.n);
        let mut other = tape.clone();
        let mut changed = vec![false; self.graph.nodes().len()];
        for (at, node) in self.graph.nodes().iter().enumerate() {
            changed[at] = values.contains_key(&at) || node.inputs.iter().any(|from| changed[*from]);
            match (changed[at], tape.value(at)) {
                (true, _) => drop(other.take(at)),
                (false, Some(value)) if value.shape.n != images => other.put(at, Rc::new(repeated(value, images))),
                (false, _) => {}
            }
        }
        values.into_iter().for_each(|(at, value)| other.put(at, value));
        self.extend(&mut other, until, pace).await?;
        Ok(other)
    }

    async fn run(&self, tape: &mut Tape, step: Step, pace: &dyn Pace) -> Result<(), EngineError> {
        let module = self.module(step.first, pace).await?;
        let inputs = self.graph.nodes()[step.first].inputs.iter().map(|from| self.kept(tape, *from));
        let inputs: Vec<Rc<Planes>> = inputs.collect::<Result<_, _>>()?;
        let inputs: Vec<&Planes> = inputs.iter().map(Rc::as_ref).collect();
        let y = if step.first == step.node { module.forward(&inputs) } else { module.rectified(&inputs) };
        tape.put(step.node, Rc::new(y));
        Ok(())
    }

    /// What node `at` wrote.
    pub(super) fn kept(&self, tape: &Tape, at: usize) -> Result<Rc<Planes>, EngineError> {
        tape.value(at).cloned().ok_or_else(|| EngineError::NotComputed(self.graph.nodes()[at].name.clone()))
    }
}

/// The shapes of what node `at` reads, at the card's size.
fn below(graph: &Graph, at: usize) -> Vec<Dims> {
    graph.nodes()[at].inputs.iter().map(|from| graph.dims()[*from]).collect()
}

/// One image `n` times.
fn repeated(value: &Planes, n: usize) -> Planes {
    Planes { shape: value.shape.batch(n), data: value.data.repeat(n) }
}

/// Whether an array of one shape is one of the other: a 1x1 convolution's weights may come as a matrix.
fn fits(given: &[usize], takes: &[usize]) -> bool {
    let rest = takes.strip_prefix(given);
    rest.is_some_and(|rest| rest.iter().all(|side| *side == 1))
}
