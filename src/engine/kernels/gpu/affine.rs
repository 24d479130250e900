//! One number a channel to multiply with, and one to add.

use cubecl::server::Handle;

use super::each::Keep;
use super::launch::floats;
use super::{Buf, Gate, Gpu};
use crate::ops::{Module, Pass};

/// `scale x + shift`.
pub struct Scale {
    gpu: Gpu,
    scale: Handle,
    shift: Handle,
}

impl Scale {
    /// With one number a channel of each.
    pub fn new(gpu: &Gpu, arrays: &[&[f32]]) -> Self {
        let [scale, shift] = [arrays[0], arrays[1]].map(|values| gpu.client.create_from_slice(&floats(values)));
        Self { gpu: gpu.clone(), scale, shift }
    }

    fn below(&self, _: &Pass<'_, Buf>, g: &Buf, keep: Keep<'_>) -> Buf {
        let value = format!("a[i] * b[plane % {}u]", g.shape.c);
        self.gpu.map(g.shape, &[&g.handle, &self.scale], "", &value, keep)
    }
}

impl Module<Buf> for Scale {
    fn forward(&self, x: &[&Buf]) -> Buf {
        let (x, c) = (x[0], x[0].shape.c);
        let value = format!("a[i] * b[plane % {c}u] + c[plane % {c}u]");
        self.gpu.map(x.shape, &[&x.handle, &self.scale, &self.shift], "", &value, Keep::All)
    }

    gradients!(self, at, g, keep => self.below(at, g, keep));
}
