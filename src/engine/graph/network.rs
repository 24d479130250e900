//! A graph with its arrays.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::bound::Bound;
use super::plan::{Memory, Plan, Step};
use super::tape::Tape;
use crate::catalog::Graph;
use crate::catalog::graph::{Fault, GraphError, INPUT};
use crate::engine::kernels::cpu::Cpu;
use crate::engine::pace::Awaited;
use crate::engine::planes::Shape;
use crate::engine::{Device, EngineError, Pace, Planes};
use crate::figure::scale::stats;
use crate::ops::{Conv, Dims, Linear, Misfit, Op};
use crate::weights::{Arrays, Numbers, Rounded};

/// A graph whose nodes can compute on a device as soon as their arrays have arrived.
pub struct GraphNetwork<D: Device = Cpu> {
    graph: Graph,
    plan: Plan,
    device: D,
    modules: RefCell<Vec<Option<Bound<D>>>>,
    /// The standard deviation of every node's first array, once it has arrived: of a layer's weights.
    deviations: RefCell<Vec<f32>>,
}

impl GraphNetwork {
    /// On the CPU, without weights yet.
    pub fn new(graph: Graph) -> Self {
        Self::on(Cpu::default(), graph)
    }

    /// As [`GraphNetwork::new`], every node by itself: slower, and what the plan is measured against.
    pub fn unfused(graph: Graph) -> Self {
        let plan = Plan::unfused(&graph);
        Self::planned(Cpu::default(), graph, plan)
    }
}

impl<D: Device> GraphNetwork<D> {
    /// On a device, without weights yet.
    pub fn on(device: D, graph: Graph) -> Self {
        let plan = Plan::new(&graph);
        Self::planned(device, graph, plan)
    }

    fn planned(device: D, graph: Graph, plan: Plan) -> Self {
        let module = |at: usize| {
            let op = graph.nodes()[at].op.as_ref()?;
            graph
                .arrays(at, graph.dims())
                .is_empty()
                .then(|| Bound::new(&device, Memory::Ample, op, &below(&graph, at), &[]))
        };
        let modules = (0..graph.nodes().len()).map(module).collect();
        Self {
            plan,
            device,
            modules: RefCell::new(modules),
            deviations: RefCell::new(vec![0.0; graph.nodes().len()]),
            graph,
        }
    }

    /// The graph whose nodes it computes.
    pub const fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Where it computes.
    pub const fn device(&self) -> &D {
        &self.device
    }

    pub(super) const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The nodes whose arrays are there and that are computed on the CPU because the device has no kernel for them.
    pub fn hosted(&self) -> Vec<usize> {
        let modules = self.modules.borrow();
        (0..modules.len()).filter(|at| matches!(modules[*at], Some(Bound::Host(_)))).collect()
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
                    Some(array) => values.push(&array.data),
                    None => return Err(EngineError::BadArray(name)),
                }
            }
            let deviation = match values.first() {
                Some(Numbers::Exact(values)) => stats(values).std,
                Some(Numbers::Rounded(matrix)) => matrix.deviation(),
                None => 0.0,
            };
            let module = self.bind(at, &values);
            if module.is_none() {
                return Err(EngineError::BadArray(node.arrays.clone()));
            }
            self.deviations.borrow_mut()[at] = deviation;
            self.modules.borrow_mut()[at] = module;
        }
        Ok(())
    }

    /// Node `at` with these arrays; `None` where they are rounded and its operation has no use for that. Rounded ones stay on the
    /// CPU, whatever the device.
    fn bind(&self, at: usize, arrays: &[&Numbers]) -> Option<Bound<D>> {
        let op = self.graph.nodes()[at].op.as_ref()?;
        if let (Op::Linear(linear), [Numbers::Rounded(weight), rest @ ..]) = (op, arrays) {
            return Some(Bound::Host(linear.bind_rounded(weight.clone(), rest.first().and_then(|bias| bias.exact()))));
        }
        let arrays: Vec<&[f32]> = arrays.iter().map(|numbers| numbers.exact()).collect::<Option<_>>()?;
        let memory = self.plan.memory(&self.graph, at);
        Some(Bound::new(&self.device, memory, op, &below(&self.graph, at), &arrays))
    }

    /// Node `at` with its first array drawn by `value` (of its standard deviation and the number's place in it) and the others 0;
    /// returns what it was before.
    pub(in crate::engine) fn draw(&self, at: usize, value: impl Fn(f32, u64) -> f32) -> Option<Bound<D>> {
        let deviation = self.deviations.borrow()[at];
        let specs = self.graph.arrays(at, self.graph.dims());
        let drawn = |i: usize, n: usize| if i == 0 { value(deviation, n as u64) } else { 0.0 };
        let arrays = specs.iter().enumerate().map(|(i, spec)| match spec.shape[..] {
            // what is too large in float32 is drawn as it is kept
            [rows, columns] if rows * columns > Linear::LARGE => {
                let fill = |row: usize, into: &mut [f32]| {
                    into.iter_mut().enumerate().for_each(|(column, v)| *v = drawn(i, row * columns + column));
                };
                Numbers::Rounded(Rounded::from_rows(rows, columns, fill))
            }
            _ => Numbers::Exact((0..spec.shape.iter().product()).map(|n| drawn(i, n)).collect()),
        });
        let arrays: Vec<Numbers> = arrays.collect();
        let drawn = self.bind(at, &arrays.iter().collect::<Vec<_>>());
        std::mem::replace(&mut self.modules.borrow_mut()[at], drawn)
    }

    /// Puts node `at` back as it was.
    pub(in crate::engine) fn restore(&self, at: usize, module: Option<Bound<D>>) {
        self.modules.borrow_mut()[at] = module;
    }

    /// Node `at`, waiting for its arrays as long as `pace` waits.
    pub(super) async fn module(&self, at: usize, pace: &dyn Pace) -> Result<Bound<D>, EngineError> {
        loop {
            let module = self.modules.borrow()[at].clone();
            match module {
                Some(module) => return Ok(module),
                None => pace.wait(Awaited::Layer(&self.graph.nodes()[at].name)).await?,
            }
        }
    }

    /// Runs what node `until` needs on a normalised input `[N, C, H, W]`, and keeps all of it.
    ///
    /// # Errors
    /// [`EngineError::Graph`] when the graph does not take an input of this shape, or what `pace` returns.
    pub async fn forward(&self, input: &Planes, until: usize, pace: &dyn Pace) -> Result<Tape<D::Buf>, EngineError> {
        let mut tape = self.tape(input)?;
        self.extend(&mut tape, until, pace).await?;
        Ok(tape)
    }

    /// The start of a forward pass on a normalised input `[N, C, H, W]`.
    ///
    /// # Errors
    /// [`EngineError::Graph`] when the graph does not take an input of this shape.
    pub fn tape(&self, input: &Planes) -> Result<Tape<D::Buf>, EngineError> {
        self.tape_of(Rc::new(self.device.upload(input)))
    }

    /// As [`GraphNetwork::tape`], for an input that is on the device.
    ///
    /// # Errors
    /// As [`GraphNetwork::tape`].
    pub fn tape_of(&self, input: Rc<D::Buf>) -> Result<Tape<D::Buf>, EngineError> {
        let shape = self.device.shape(&input);
        let (dims, takes) = (Dims::new(shape.c, shape.h, shape.w), self.graph.dims()[0]);
        if dims.c != takes.c {
            return Err(GraphError { node: INPUT.into(), fault: Fault::Misfit(Misfit::Different(dims, takes)) }.into());
        }
        self.graph.shapes(dims.h, dims.w)?;
        Ok(Tape::new(self.graph.nodes().len(), input))
    }

    /// Continues a forward pass to node `until`; does nothing where it was computed already.
    ///
    /// # Errors
    /// [`EngineError::Device`] when the device fails, or what `pace` returns.
    pub async fn extend(&self, tape: &mut Tape<D::Buf>, until: usize, pace: &dyn Pace) -> Result<(), EngineError> {
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
    pub async fn infer(&self, input: &Planes, until: usize, pace: &dyn Pace) -> Result<Rc<D::Buf>, EngineError> {
        self.last(self.tape(input)?, until, pace).await
    }

    /// As [`GraphNetwork::run_from`], but only what node `until` writes; all other new values are let go of on the way.
    ///
    /// # Errors
    /// As [`GraphNetwork::extend`].
    pub async fn infer_from(
        &self,
        tape: &Tape<D::Buf>,
        values: BTreeMap<usize, Rc<D::Buf>>,
        until: usize,
        pace: &dyn Pace,
    ) -> Result<Rc<D::Buf>, EngineError> {
        self.last(self.replaced(tape, values), until, pace).await
    }

    async fn last(&self, mut tape: Tape<D::Buf>, until: usize, pace: &dyn Pace) -> Result<Rc<D::Buf>, EngineError> {
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
        tape: &Tape<D::Buf>,
        values: BTreeMap<usize, Rc<D::Buf>>,
        until: usize,
        pace: &dyn Pace,
    ) -> Result<Tape<D::Buf>, EngineError> {
        let mut other = self.replaced(tape, values);
        self.extend(&mut other, until, pace).await?;
        Ok(other)
    }

    /// The tape with these values, and without what stands behind them.
    fn replaced(&self, tape: &Tape<D::Buf>, values: BTreeMap<usize, Rc<D::Buf>>) -> Tape<D::Buf> {
        let mut other = tape.clone();
        let mut changed = vec![false; self.graph.nodes().len()];
        for (at, node) in self.graph.nodes().iter().enumerate() {
            changed[at] = values.contains_key(&at) || node.inputs.iter().any(|from| changed[*from]);
            if changed[at] {
                other.take(at);
            }
        }
        values.into_iter().for_each(|(at, value)| other.put(at, value));
        other
    }

    async fn run(&self, tape: &mut Tape<D::Buf>, step: Step, pace: &dyn Pace) -> Result<(), EngineError> {
        let y = self.step(tape, step, pace).await?;
        tape.put(step.node, Rc::new(y));
        Ok(())
    }

    async fn step(&self, tape: &Tape<D::Buf>, step: Step, pace: &dyn Pace) -> Result<D::Buf, EngineError> {
        let module = self.module(step.first, pace).await?;
        let inputs = self.graph.nodes()[step.first].inputs.iter().map(|from| self.kept(tape, *from));
        let mut inputs: Vec<Rc<D::Buf>> = inputs.collect::<Result<_, _>>()?;
        self.repeat(&mut inputs).await?;
        let inputs: Vec<&D::Buf> = inputs.iter().map(Rc::as_ref).collect();
        if step.first == step.node {
            return module.forward(&self.device, &inputs).await;
        }
        match module.rectified(&inputs) {
            Some(y) => Ok(y),
            None => {
                let y = module.forward(&self.device, &inputs).await?;
                self.module(step.node, pace).await?.forward(&self.device, &[&y]).await
            }
        }
    }

    /// Repeats single images for every image of a batch beside them.
    async fn repeat(&self, inputs: &mut [Rc<D::Buf>]) -> Result<(), EngineError> {
        let images = |buf: &D::Buf| self.device.shape(buf).n;
        let most = inputs.iter().map(|input| images(input)).max().unwrap_or_default();
        for input in inputs.iter_mut().filter(|input| images(input) < most) {
            let one = self.device.read(input).await?;
            let data = one.data.repeat(most);
            *input = Rc::new(self.device.upload(&Planes { shape: one.shape.batch(most), data }));
        }
        Ok(())
    }

    /// What node `at` writes in a forward pass that came as far, also where its value was not kept (that of a convolution which
    /// was computed together with its ReLU).
    ///
    /// # Errors
    /// [`EngineError::NotComputed`] when the pass did not come as far, or what `pace` returns.
    pub async fn value(&self, tape: &Tape<D::Buf>, at: usize, pace: &dyn Pace) -> Result<Rc<D::Buf>, EngineError> {
        match tape.value(at) {
            Some(value) => Ok(Rc::clone(value)),
            None => Ok(Rc::new(self.step(tape, Step { first: at, node: at }, pace).await?)),
        }
    }

    /// What node `at` wrote.
    pub(super) fn kept(&self, tape: &Tape<D::Buf>, at: usize) -> Result<Rc<D::Buf>, EngineError> {
        tape.value(at).cloned().ok_or_else(|| EngineError::NotComputed(self.graph.nodes()[at].name.clone()))
    }

    /// The biases of a node with weights, one number a channel: what it writes for zeros.
    ///
    /// # Errors
    /// [`EngineError::Device`] when the device fails, or what `pace` returns.
    pub async fn biases(&self, at: usize, pace: &dyn Pace) -> Result<Vec<f32>, EngineError> {
        let (node, reads) = (&self.graph.nodes()[at], below(&self.graph, at));
        // the smallest input will do
        let fits =
            |side: &usize| node.op.as_ref().is_some_and(|op| op.shape(&[Dims::new(reads[0].c, *side, *side)]).is_ok());
        let side = (1..reads[0].h.max(2)).find(fits).unwrap_or(reads[0].h);
        let zeros = self.device.upload(&Planes::zeros(Shape::new(reads[0].c, side, side)));
        let y = self.module(at, pace).await?.forward(&self.device, &[&zeros]).await?;
        let y = self.device.read(&y).await?;
        Ok((0..y.shape.c).map(|c| y.row(c, 0)[0]).collect())
    }

    /// The weights of a node that mixes the channels of each place by itself, and no others: `None` for any other node. One row per
    /// channel written, in it one number per channel read.
    ///
    /// # Errors
    /// [`EngineError::Device`] when the device fails, or what `pace` returns.
    pub async fn mixing(&self, at: usize, pace: &dyn Pace) -> Result<Option<Planes>, EngineError> {
        let point = |conv: &Conv| {
            *conv == Conv { kernel: [1, 1], stride: [1, 1], groups: 1, pad: [0; 4], ..*conv } && conv.dilation == [1, 1]
        };
        match &self.graph.nodes()[at].op {
            Some(Op::Conv(conv)) if point(conv) => {}
            _ => return Ok(None),
        }
        let Some(map) = self.module(at, pace).await?.linear() else { return Ok(None) };
        // what it makes of a row of places at each of which one channel is 1
        let channels = below(&self.graph, at)[0].c;
        let mut each = Planes::zeros(Shape::new(channels, 1, channels));
        (0..channels).for_each(|c| each.row_mut(c, 0)[c] = 1.0);
        Ok(Some(map.apply(&self.device, &each, false).await?))
    }

    /// Node `at` with every weight 1 and nothing added.
    pub(super) fn ones(&self, at: usize) -> Option<Bound<D>> {
        if let Some(Op::Linear(linear)) = &self.graph.nodes()[at].op {
            return Some(Bound::Host(linear.bind_ones()));
        }
        let specs = self.graph.arrays(at, self.graph.dims());
        let fill = |i: usize| if i == 0 { 1.0 } else { 0.0 };
        let arrays = specs.iter().enumerate().map(|(i, spec)| vec![fill(i); spec.shape.iter().product()]);
        let arrays: Vec<Numbers> = arrays.map(Numbers::Exact).collect();
        self.bind(at, &arrays.iter().collect::<Vec<_>>())
    }
}

/// The shapes of what node `at` reads, at the card's size.
fn below(graph: &Graph, at: usize) -> Vec<Dims> {
    graph.nodes()[at].inputs.iter().map(|from| graph.dims()[*from]).collect()
}

/// Whether an array of one shape is one of the other: a 1x1 convolution's weights may come as a matrix.
fn fits(given: &[usize], takes: &[usize]) -> bool {
    let rest = takes.strip_prefix(given);
    rest.is_some_and(|rest| rest.iter().all(|side| *side == 1))
}
