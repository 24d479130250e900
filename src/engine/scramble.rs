//! A network whose weights are drawn anew, layer by layer from the top, and which gets its own back.

use std::rc::Rc;

use super::noise::Noise;
use super::{Head, Kernels, Network};

/// Where a layer's own weights wait, past the end of the layer table.
const ASIDE: usize = 1 << 16;

/// A part of the network whose weights are randomised as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The head's last layer.
    Output,
    /// The head's hidden layer.
    Hidden,
    /// A convolution, by its node.
    Conv(usize),
}

/// Holds a network's own weights as long as it runs on others; gives them back when it goes, whatever happened.
pub struct Scrambled<'a, K: Kernels> {
    network: &'a Network<K>,
    seed: u64,
    head: Option<Rc<Head>>,
    convs: Vec<usize>,
}

impl<'a, K: Kernels> Scrambled<'a, K> {
    /// Watches over `network`, of which nothing is changed yet; `seed` is that of the random weights to come.
    pub const fn new(network: &'a Network<K>, seed: u64) -> Self {
        Self { network, seed, head: None, convs: Vec::new() }
    }

    /// The parts from the score down.
    pub fn parts(network: &Network<K>) -> Vec<Part> {
        let mut parts = vec![Part::Output];
        if network.head().is_ok_and(|h| h.is_deep()) {
            parts.push(Part::Hidden);
        }
        let convs: Vec<usize> = network.spec.convs().collect();
        parts.extend(convs.into_iter().rev().map(Part::Conv));
        parts
    }

    /// Draws a part's weights from a normal distribution of their own standard deviation, and sets its biases to 0.
    pub fn draw(&mut self, part: Part) {
        let network = self.network;
        match part {
            Part::Conv(index) => {
                let ([cout, cin, ..], std) = (network.weight_shape(index), network.deviation(index));
                // numbered from 0, as draws always were
                let noise = Noise::new(self.seed, index as u64 - 1);
                let count = (cout * cin * 9) as u64;
                let weights: Vec<f32> = (0..count).map(|i| std * noise.normal(i)).collect();
                if !self.convs.contains(&index) {
                    network.kernels.exchange(index, ASIDE + index);
                    self.convs.push(index);
                }
                network.kernels.load(index, cout, cin, &weights, &vec![0.0; cout]);
            }
            Part::Output | Part::Hidden => {
                let Ok(head) = network.head() else { return };
                let drawn = Rc::new(head.drawn(part == Part::Hidden, Noise::new(self.seed, u64::MAX)));
                let own = network.exchange_head(drawn);
                self.head = self.head.take().or(own);
            }
        }
    }

    /// Puts all of the network's own weights back.
    pub fn restore(&mut self) {
        if let Some(head) = self.head.take() {
            self.network.exchange_head(head);
        }
        for index in self.convs.drain(..) {
            self.network.kernels.exchange(index, ASIDE + index);
            self.network.kernels.forget(ASIDE + index);
        }
    }
}

impl<K: Kernels> Drop for Scrambled<'_, K> {
    fn drop(&mut self) {
        self.restore();
    }
}
