//! A network on a device: the layer table, the kernels that hold its weights, and the head.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::kernels::{Gate, Kernels};
use super::lens::Lens;
use super::pace::Pace;
use super::planes::{Planes, Shape};
use super::trace::Trace;
use super::{EngineError, Head};
use crate::catalog::NetworkSpec;
use crate::figure::scale::stats;
use crate::weights::Arrays;

/// The name under which the teaching head and the lens are waited for.
pub const EXTRA: &str = "linear";

/// VGG16 (or another table) with its weights on a device.
pub struct Network<K: Kernels> {
    /// The layer table: what the network computes, without its weights.
    pub spec: Rc<NetworkSpec>,
    /// The device that holds the convolutions' weights and computes.
    pub kernels: K,
    head: RefCell<Option<Rc<Head>>>,
    teaching: RefCell<Option<Rc<Head>>>,
    /// Standard deviation of every convolution's weights.
    deviations: RefCell<BTreeMap<usize, f32>>,
    lens: OnceCell<Lens>,
    /// Names of the arrays that shards pass over.
    own: RefCell<BTreeSet<String>>,
    /// Whether the teaching head is in use.
    pub taught: Cell<bool>,
}

impl<K: Kernels> Network<K> {
    /// A network on a device, before any weights have arrived.
    pub fn new(spec: Rc<NetworkSpec>, kernels: K) -> Self {
        Self {
            spec,
            kernels,
            head: RefCell::default(),
            teaching: RefCell::default(),
            deviations: RefCell::default(),
            lens: OnceCell::new(),
            own: RefCell::default(),
            taught: Cell::new(false),
        }
    }

    /// Takes the arrays of one shard, whichever it is, except those in whose place others were put.
    ///
    /// # Errors
    /// [`EngineError::BadArray`] when a shape is not the table's.
    pub fn load(&self, arrays: &Arrays) -> Result<(), EngineError> {
        let own = self.own.borrow();
        if arrays.keys().any(|name| own.contains(name)) {
            let rest = arrays.iter().filter(|(name, _)| !own.contains(*name));
            return self.put(&rest.map(|(name, array)| (name.clone(), array.clone())).collect());
        }
        self.put(arrays)
    }

    /// Puts others into the place of the shipped arrays, whether those have arrived or not.
    ///
    /// # Errors
    /// [`EngineError::BadArray`] when a shape is not the table's.
    pub fn replace(&self, arrays: &Arrays) -> Result<(), EngineError> {
        self.put(arrays)?;
        self.own.borrow_mut().extend(arrays.keys().cloned());
        Ok(())
    }

    /// Whether some arrays are not the shipped ones.
    pub fn is_replaced(&self) -> bool {
        !self.own.borrow().is_empty()
    }

    fn put(&self, arrays: &Arrays) -> Result<(), EngineError> {
        for index in self.spec.convs() {
            let (shape, name) = (self.weight_shape(index), format!("{}.weight", self.spec.node(index).arrays));
            let Some(weight) = arrays.get(&name) else { continue };
            let bias = arrays.get(&format!("{}.bias", self.spec.node(index).arrays));
            match bias.filter(|b| b.data.len() == shape[0]) {
                Some(bias) if weight.shape == shape => {
                    self.deviations.borrow_mut().insert(index, stats(&weight.data).std);
                    self.kernels.load(index, shape[0], shape[1], &weight.data, &bias.data);
                }
                _ => return Err(EngineError::BadArray(name)),
            }
        }
        for (prefix, place) in [("head", &self.head), (EXTRA, &self.teaching)] {
            if let Some(head) = Head::from_arrays(arrays, prefix)? {
                *place.borrow_mut() = Some(Rc::new(head));
            }
        }
        if let Some(lens) = Lens::from_arrays(arrays)? {
            let _ = self.lens.set(lens);
        }
        Ok(())
    }

    /// The shape of a convolution's weights, `[cout, cin, 3, 3]`.
    pub(super) fn weight_shape(&self, index: usize) -> [usize; 4] {
        [self.spec.channels(index), self.spec.channels(self.spec.node(index).inputs[0]), 3, 3]
    }

    /// The classifier head.
    ///
    /// # Errors
    /// [`EngineError::NotLoaded`] before its shard has arrived.
    pub fn head(&self) -> Result<Rc<Head>, EngineError> {
        let (place, name) = self.head_in_use();
        place.borrow().clone().ok_or_else(|| EngineError::NotLoaded(name.into()))
    }

    fn head_in_use(&self) -> (&RefCell<Option<Rc<Head>>>, &'static str) {
        if self.taught.get() { (&self.teaching, EXTRA) } else { (&self.head, "head") }
    }

    /// Puts another head into the place of the one in use, and returns that.
    pub fn exchange_head(&self, head: Rc<Head>) -> Option<Rc<Head>> {
        self.head_in_use().0.replace(Some(head))
    }

    /// Standard deviation of the weights of convolution `index`; 0 before they were loaded.
    pub fn deviation(&self, index: usize) -> f32 {
        self.deviations.borrow().get(&index).copied().unwrap_or_default()
    }

    /// The stage whose output the head reads.
    pub fn end(&self) -> usize {
        let skips = if self.taught.get() { 1 } else { 0 };
        self.spec.card().trunk - skips
    }

    /// The head, waiting for its weights as long as `pace` waits.
    ///
    /// # Errors
    /// As [`Pace::wait`].
    pub async fn head_when_loaded(&self, pace: &dyn Pace) -> Result<Rc<Head>, EngineError> {
        loop {
            match self.head() {
                Ok(head) => return Ok(head),
                Err(_) => pace.wait(if self.taught.get() { EXTRA } else { "head" }).await?,
            }
        }
    }

    /// The layer lens's probes, waiting for them as long as `pace` waits.
    ///
    /// # Errors
    /// As [`Pace::wait`].
    pub async fn lens_when_loaded(&self, pace: &dyn Pace) -> Result<&Lens, EngineError> {
        loop {
            match self.lens.get() {
                Some(lens) => return Ok(lens),
                None => pace.wait(EXTRA).await?,
            }
        }
    }

    /// Runs the stages `1..=until` on a normalised input `[N, 3, H, W]` and records every one.
    ///
    /// # Errors
    /// [`EngineError::BadSize`]; [`EngineError::Cancelled`] when the visitor cancels, [`EngineError::Device`] when the device
    /// fails.
    pub async fn forward(&self, input: &Planes, until: usize, pace: &dyn Pace) -> Result<Trace<K>, EngineError> {
        check_size(input.shape)?;
        let mut trace = Trace::new(1, self.kernels.upload(input));
        self.extend(&mut trace, until, pace).await?;
        Ok(trace)
    }

    /// Continues a trace to stage `until`; does nothing where it already is. A trace that begins at a later stage
    /// ([`Trace::new`]) runs from there.
    ///
    /// # Errors
    /// [`EngineError::Cancelled`] when the visitor cancels, [`EngineError::Device`] when the device fails.
    pub async fn extend(&self, trace: &mut Trace<K>, until: usize, pace: &dyn Pace) -> Result<(), EngineError> {
        let total = until + 1;
        while trace.end() < total {
            let index = trace.end();
            let y = self.step(trace.top(), index, pace).await?;
            if self.spec.is_conv(index) {
                trace.push_conv_relu(y);
            } else {
                trace.push(y);
            }
            pace.tick(trace.end().min(total), total).await?;
        }
        Ok(())
    }

    /// As [`Network::extend`] from stage `first` on `x`, keeping nothing but the output of `until` (a ReLU or a pool).
    ///
    /// # Errors
    /// [`EngineError::Cancelled`] when the visitor cancels, [`EngineError::Device`] when the device fails.
    pub async fn infer(
        &self,
        mut x: K::Buf,
        first: usize,
        until: usize,
        pace: &dyn Pace,
    ) -> Result<K::Buf, EngineError> {
        let mut index = first;
        while index <= until {
            x = self.step(&x, index, pace).await?;
            index += if self.spec.is_conv(index) { 2 } else { 1 };
            pace.tick(index - first, until + 1 - first).await?;
        }
        Ok(x)
    }

    /// Stage `index`; a convolution together with the ReLU that follows every one (the value before it only when asked for).
    async fn step(&self, x: &K::Buf, index: usize, pace: &dyn Pace) -> Result<K::Buf, EngineError> {
        match op(&self.spec, index) {
            Op::Conv => {
                while !self.kernels.loaded(index) {
                    pace.wait(self.spec.name(index)).await?;
                }
                Ok(self.kernels.conv(x, index, true))
            }
            Op::MaxPool => Ok(self.kernels.pool(x)),
            Op::Relu => Err(EngineError::BadArray(self.spec.name(index).into())),
        }
    }

    /// The output of stage `index`, before ReLU for a convolution (recomputed from its input).
    pub fn stage(&self, trace: &Trace<K>, index: usize) -> K::Buf {
        match op(&self.spec, index) {
            Op::Conv => self.kernels.conv(trace.input_of(index), index, false),
            Op::Relu | Op::MaxPool => trace.output(index).clone(),
        }
    }

    /// The gradient at what stage `until` reads (1: the input), given the gradient `g` at the output of stage `from`. `gate`
    /// is what happens at every ReLU on the way.
    ///
    /// # Errors
    /// [`EngineError::Cancelled`] when the visitor cancels, [`EngineError::Device`] when the device fails.
    pub async fn backward(
        &self,
        trace: &Trace<K>,
        from: usize,
        mut g: K::Buf,
        until: usize,
        gate: Gate,
        pace: &dyn Pace,
    ) -> Result<K::Buf, EngineError> {
        let op = |index: usize| op(&self.spec, index);
        let mut index = from + 1;
        while index > until {
            index -= 1;
            // the ReLU below is computed together with what stands on it
            let below = (index > until && op(index) != Op::Relu && op(index - 1) == Op::Relu).then_some(gate);
            g = match op(index) {
                Op::Conv => {
                    let gate = below.map(|gate| (gate, trace.input_of(index)));
                    self.kernels.conv_adjoint(&g, index, gate)
                }
                Op::Relu => self.kernels.relu_adjoint(trace.output(index), &g, gate),
                Op::MaxPool => self.kernels.pool_adjoint(trace.input_of(index), &g, below),
            };
            index -= usize::from(below.is_some());
            pace.tick(from + 1 - index, from + 1 - until).await?;
        }
        Ok(g)
    }
}

/// What a layer of the trunk computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    Conv,
    Relu,
    MaxPool,
}

pub(super) fn op(spec: &NetworkSpec, index: usize) -> Op {
    match () {
        () if spec.is_conv(index) => Op::Conv,
        () if spec.is_relu(index) => Op::Relu,
        () => Op::MaxPool,
    }
}

/// # Errors
/// [`EngineError::BadSize`] for an input that the network does not take.
pub fn check_size(Shape { h, w, .. }: Shape) -> Result<(), EngineError> {
    let fits = |n| (32..=512).contains(&n);
    if fits(h) && fits(w) { Ok(()) } else { Err(EngineError::BadSize { height: h, width: w }) }
}
