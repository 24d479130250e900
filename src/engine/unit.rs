//! Units as objectives: their value and its gradient at their own layer.

use super::planes::{Planes, Shape};
use crate::catalog::Unit;

impl Unit {
    /// Its value in the layer's output.
    pub fn value(&self, y: &Planes) -> f32 {
        match self.place {
            Some((x, row)) => y.row(self.channel, row)[x],
            None => {
                let channel = y.channel(self.channel);
                channel.iter().sum::<f32>() / channel.len().max(1) as f32
            }
        }
    }

    /// The gradient of its value at the layer's output.
    pub fn seed(&self, shape: Shape) -> Planes {
        let mut seed = Planes::zeros(shape);
        match self.place {
            Some((x, row)) => seed.row_mut(self.channel, row)[x] = 1.0,
            None => {
                let share = 1.0 / (shape.h * shape.w).max(1) as f32;
                (0..shape.h).for_each(|row| seed.row_mut(self.channel, row).fill(share));
            }
        }
        seed
    }
}
