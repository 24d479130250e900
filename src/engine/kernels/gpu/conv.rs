//! Convolution: by the kernel that is fastest for its window.

use std::rc::Rc;

use cubecl::server::Handle;

use super::conv_pass::ConvPass;
use super::each::Keep;
use super::layer::Layer;
use super::{Buf, Gate, Gpu, Reweigh, Shape, direct, pointwise_conv, window_conv, winograd};
use crate::ops::{Conv, LinearMap, Module, Pass};

/// A convolution with its weights.
pub struct Convolution {
    gpu: Gpu,
    conv: Conv,
    layer: Layer,
}

impl Convolution {
    /// `arrays` are those of [`Conv`]'s `arrays`, for inputs of `cin` channels.
    pub fn new(gpu: &Gpu, conv: Conv, cin: usize, arrays: &[&[f32]]) -> Self {
        let layer = Layer::new(gpu, [conv.out, cin, conv.kernel.iter().product()], conv.groups, arrays);
        Self { gpu: gpu.clone(), conv, layer }
    }

    /// The gradient at inputs of shape `below`.
    fn below(&self, g: &Buf, below: Shape, keep: Keep<'_>) -> Buf {
        self.run(g, [below.h, below.w], true, &self.layer.none, keep)
    }

    /// The convolution to `[rows, columns]`, or its adjoint.
    fn run(&self, x: &Buf, places: [usize; 2], adjoint: bool, bias: &Handle, keep: Keep<'_>) -> Buf {
        let Self { gpu, conv, layer } = self;
        let pass = ConvPass { gpu, layer, x, adjoint, bias, keep };
        let Conv { out, bias, .. } = *conv;
        let one = Conv { out, bias, kernel: [1, 1], stride: [1, 1], dilation: [1, 1], groups: 1, pad: [0; 4] };
        if *conv == one {
            return pointwise_conv::convolve(&pass);
        }
        if *conv != (Conv { kernel: [3, 3], pad: [1; 4], ..one }) {
            return window_conv::convolve(&pass, &conv.window(), places);
        }
        // Winograd's transforms are worth their while from a few tiles on, and want channels in fours. Tiles of one picture: what
        // else is computed with it must not change its numbers.
        let tiles = x.shape.h.div_ceil(4) * x.shape.w.div_ceil(4);
        if !gpu.direct && tiles >= 3 && pass.channels().iter().all(|c| c.is_multiple_of(4)) {
            winograd::conv3x3(&pass)
        } else {
            direct::conv3x3(&pass)
        }
    }
}

impl LinearMap<Buf> for Convolution {
    fn apply(&self, a: &Buf, bias: bool) -> Buf {
        let bias = if bias { &self.layer.bias } else { &self.layer.none };
        self.run(a, a.places(&self.conv.window()), false, bias, Keep::All)
    }

    fn adjoint(&self, g: &Buf, below: Shape) -> Buf {
        self.below(g, below, Keep::All)
    }

    fn reweighed(&self, how: Reweigh) -> Rc<dyn LinearMap<Buf>> {
        Rc::new(Self { gpu: self.gpu.clone(), conv: self.conv, layer: self.layer.reweighed(&self.gpu, how) })
    }
}

impl Module<Buf> for Convolution {
    fn forward(&self, x: &[&Buf]) -> Buf {
        self.apply(x[0], true)
    }

    fn rectified(&self, x: &[&Buf]) -> Option<Buf> {
        Some(self.run(x[0], x[0].places(&self.conv.window()), false, &self.layer.bias, Keep::Relu))
    }

    gradients!(self, at, g, keep => self.below(g, at.x[0].shape, keep));

    fn linear(self: Rc<Self>) -> Option<Rc<dyn LinearMap<Buf>>> {
        Some(self)
    }
}
