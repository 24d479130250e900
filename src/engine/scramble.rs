//! A network whose weights are drawn anew, layer by layer from the top, and which gets its own back.

use super::graph::Bound;
use super::noise::Noise;
use super::{Device, Network};

/// Holds a network's own weights as long as it runs on others; gives them back when it goes, whatever happened.
pub struct Scrambled<'a, D: Device> {
    network: &'a Network<D>,
    seed: u64,
    own: Vec<(usize, Option<Bound<D>>)>,
}

impl<'a, D: Device> Scrambled<'a, D> {
    /// Watches over `network`, of which nothing is changed yet; `seed` is that of the random weights to come.
    pub const fn new(network: &'a Network<D>, seed: u64) -> Self {
        Self { network, seed, own: Vec::new() }
    }

    /// Draws the weights of node `at` from a normal distribution of their own standard deviation, and sets its biases to 0.
    pub fn draw(&mut self, at: usize) {
        let spec = &self.network.spec;
        // every layer of the trunk has a sequence of random numbers of its own, and the head's layers share one
        let (noise, first) = match spec.card().trunk {
            trunk if at <= trunk => (Noise::new(self.seed, at as u64 - 1), 0),
            _ => {
                let above = self.network.roles().weights().into_iter().take_while(|other| *other != at).count();
                (Noise::new(self.seed, u64::MAX), (above as u64) << 40)
            }
        };
        let own = self.network.draw(at, |deviation, n| deviation * noise.normal(first + n));
        if self.own.iter().all(|(other, _)| *other != at) {
            self.own.push((at, own));
        }
    }

    /// Puts all of the network's own weights back.
    pub fn restore(&mut self) {
        self.own.drain(..).for_each(|(at, own)| self.network.restore(at, own));
    }
}

impl<D: Device> Drop for Scrambled<'_, D> {
    fn drop(&mut self) {
        self.restore();
    }
}
