//! Feature maps as the grid and the strip show them.

use std::rc::Rc;

use serde_json::Value;

use super::look::Order;
use crate::catalog::NetworkSpec;
use crate::figure::Figure;
use crate::figure::scale::{Stats, largest_first, stats};

/// A layer's feature maps with what the grid needs.
#[derive(Clone, Debug, PartialEq)]
pub struct Maps {
    /// The layer's node.
    pub layer: usize,
    /// Whether values can be negative (before a ReLU).
    pub signed: bool,
    /// All its channels, `[C, H, W]`.
    pub figure: Rc<Figure>,
    /// The statistics of every channel.
    pub stats: Rc<Vec<Stats>>,
}

/// One place of the strip: of a layer the channel that answers most.
#[derive(Clone, Debug, PartialEq)]
pub struct Strongest {
    /// `[1, H, W]`, named as its layer.
    pub figure: Rc<Figure>,
    /// The channel's number.
    pub channel: u64,
    /// The channel's largest value in this layer's map.
    pub largest: f32,
}

impl Strongest {
    /// From the figures and the fact `channels` that the engine told; a figure without a channel is left out.
    pub fn read(figures: Vec<Rc<Figure>>, meta: &Value) -> Vec<Self> {
        let channels = meta["facts"]["channels"].as_array().into_iter().flatten().map(Value::as_u64);
        let one = |(figure, channel): (Rc<Figure>, Option<u64>)| {
            let largest = figure.data.iter().copied().fold(0.0, f32::max);
            Some(Self { figure, channel: channel?, largest })
        };
        figures.into_iter().zip(channels).filter_map(one).collect()
    }
}

impl Maps {
    /// A layer's maps, with the statistics of every channel.
    pub fn new(net: &NetworkSpec, figure: Rc<Figure>) -> Self {
        let layer = net.index(&figure.info.name).unwrap_or_default();
        let stats = (0..figure.info.channels).map(|c| stats(figure.plane(c))).collect();
        Self { layer, signed: net.signed(layer), figure, stats: Rc::new(stats) }
    }

    /// The channels in the order asked for.
    pub fn ordered(&self, order: Order) -> Vec<usize> {
        let key = |s: &Stats| match order {
            Order::Index => 0.0,
            Order::Mean => s.mean,
            Order::Max => s.max,
            Order::Sparsity => -s.sparsity,
        };
        // equal ones stay in the order of their numbers
        largest_first(&self.stats.iter().map(key).collect::<Vec<f32>>())
    }
}
