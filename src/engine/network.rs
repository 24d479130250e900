//! A network on a device: its graph with both heads, its probes, and whose arrays they are.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeSet;
use std::ops::Deref;
use std::rc::Rc;

use super::graph::GraphNetwork;
use super::kernels::cpu::Cpu;
use super::lens::Lens;
use super::pace::{Awaited, Pace};
use super::planes::Shape;
use super::{Device, EngineError};
use crate::catalog::card::ChannelOrder;
use crate::catalog::picture::SIDES;
use crate::catalog::{Graph, NetworkSpec};
use crate::weights::{Arrays, Numbers};

/// A card's network with its arrays on a device, as sessions use it.
///
/// A [`GraphNetwork`] does the arithmetic of any graph, and knows no more than its nodes. Here stands what makes it a network that can be
/// asked: the card with its preprocessing, which of two heads answers, the probes, and which arrays are a visitor's own. It is read as
/// the graph's network wherever arithmetic is meant, hence the [`Deref`].
pub struct Network<D: Device = Cpu> {
    /// The network without its arrays.
    pub spec: Rc<NetworkSpec>,
    graph: GraphNetwork<D>,
    lens: OnceCell<Lens>,
    /// Names of the arrays that shards pass over.
    own: RefCell<BTreeSet<String>>,
    taught: Cell<bool>,
}

impl<D: Device> Deref for Network<D> {
    type Target = GraphNetwork<D>;

    fn deref(&self) -> &GraphNetwork<D> {
        &self.graph
    }
}

impl<D: Device> Network<D> {
    /// A network on a device, before any arrays have arrived.
    pub fn new(spec: Rc<NetworkSpec>, device: D) -> Self {
        let graph = GraphNetwork::on(device, spec.graph().clone());
        Self { spec, graph, lens: OnceCell::new(), own: RefCell::default(), taught: Cell::new(false) }
    }

    /// Takes the arrays of one shard, whichever it is, except those in whose place others were put.
    ///
    /// # Errors
    /// [`EngineError::BadArray`] when a shape is not the graph's.
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
    /// [`EngineError::BadArray`] when a shape is not the graph's.
    pub fn replace(&self, arrays: &Arrays) -> Result<(), EngineError> {
        self.put(arrays)?;
        self.own.borrow_mut().extend(arrays.keys().cloned());
        Ok(())
    }

    fn put(&self, arrays: &Arrays) -> Result<(), EngineError> {
        match self.spec.card().preprocessing.order {
            ChannelOrder::Rgb => self.graph.load(arrays)?,
            ChannelOrder::Bgr => self.graph.load(&self.turned(arrays))?,
        }
        if let Some(lens) = Lens::from_arrays(arrays)? {
            let _ = self.lens.set(lens);
        }
        Ok(())
    }

    /// The arrays of a network that reads blue, green, red, for one that reads red, green, blue as everything else does: the
    /// weights of what reads the picture, turned.
    fn turned(&self, arrays: &Arrays) -> Arrays {
        let mut turned = arrays.clone();
        let graph = self.spec.graph();
        for (at, node) in graph.nodes().iter().enumerate().filter(|(_, node)| node.inputs == [0]) {
            let weight = graph.arrays(at, graph.dims()).into_iter().next();
            let Some(weight) = weight.and_then(|spec| turned.get_mut(&format!("{}.{}", node.arrays, spec.suffix)))
            else {
                continue;
            };
            // rounded ones belong to layers that read no picture
            let Numbers::Exact(data) = &mut weight.data else { continue };
            let channels = weight.shape.get(1).copied().unwrap_or(1).max(1);
            let taps: usize = weight.shape.iter().skip(2).product();
            for filter in data.chunks_mut(channels * taps) {
                filter.reverse();
                filter.chunks_mut(taps.max(1)).for_each(<[f32]>::reverse);
            }
        }
        turned
    }

    /// Whether some arrays are not the shipped ones.
    pub fn is_replaced(&self) -> bool {
        !self.own.borrow().is_empty()
    }

    /// Whether the teaching head is in use.
    pub fn is_taught(&self) -> bool {
        self.taught.get()
    }

    /// Takes the teaching head into use, or the network's own.
    pub fn teach(&self, taught: bool) {
        self.taught.set(taught && self.spec.teaching().is_some());
    }

    /// The graph with the logits of the head in use: what roles are asked of.
    pub fn roles(&self) -> &Graph {
        self.spec.teaching().filter(|_| self.taught.get()).unwrap_or_else(|| self.spec.graph())
    }

    /// The node that writes the logits of the head in use.
    pub fn output(&self) -> usize {
        self.roles().output()
    }

    /// The probes, waiting for them as long as `pace` waits.
    ///
    /// # Errors
    /// As [`Pace::wait`].
    pub async fn lens_when_loaded(&self, pace: &dyn Pace) -> Result<&Lens, EngineError> {
        loop {
            match self.lens.get() {
                Some(lens) => return Ok(lens),
                None => pace.wait(Awaited::Probes).await?,
            }
        }
    }

    /// # Errors
    /// [`EngineError::BadSize`] or [`EngineError::Graph`] for an input that the network does not take.
    pub fn check_size(&self, Shape { h, w, .. }: Shape) -> Result<(), EngineError> {
        let own = self.spec.card().input;
        let fits = |n| if own.any_size { n <= *SIDES.end() } else { n == own.size };
        if !fits(h) || !fits(w) {
            let most = if own.any_size { *SIDES.end() } else { own.size };
            return Err(EngineError::BadSize { height: h, width: w, most });
        }
        Ok(self.spec.graph().shapes(h, w).map(drop)?)
    }
}
