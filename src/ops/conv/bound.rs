//! A convolution with its weights, laid out for the kernel that is fastest for its window.

use std::cell::OnceCell;
use std::rc::Rc;

use cnn_lens_simd::finish::Finish;
use cnn_lens_simd::pack::Packed;
use cnn_lens_simd::{Gate, Planes, Reweigh, Shape, depthwise, direct, im2row, winograd};

use super::Conv;
use crate::ops::values::dims;
use crate::ops::{LinearMap, Module, Pass};

/// The kernels, fastest first.
enum Kernel {
    /// 3x3, stride 1, padding 1.
    Winograd(winograd::Weights),
    /// The same with row-major `[out, in, 3, 3]`, transformed in every pass: a quarter of the memory.
    Transformed(Vec<f32>),
    /// The same for channels that Winograd's layout has no room for; the adjoint is packed at the first gradient.
    Direct(Packed, OnceCell<Packed>),
    /// Every group reads one channel.
    Depthwise(Vec<f32>),
    /// Anything else.
    Matrix(im2row::Weights),
}

/// Whether it is 3x3 with stride 1 and padding 1, in one group.
fn plain(conv: &Conv) -> bool {
    let Conv { out, bias, .. } = *conv;
    let (kernel, one) = ([3, 3], [1, 1]);
    *conv == Conv { out, bias, kernel, stride: one, dilation: one, groups: 1, pad: [1; 4] }
}

impl Kernel {
    fn new(conv: &Conv, cin: usize, weight: &[f32], direct: bool) -> Self {
        match () {
            () if plain(conv) && !direct && winograd::Weights::fits(conv.out, cin) => {
                Self::Winograd(winograd::Weights::new(conv.out, cin, weight))
            }
            () if plain(conv) => Self::Direct(Packed::forward(conv.out, cin, weight), OnceCell::new()),
            () if conv.groups == cin && cin > 1 => Self::Depthwise(weight.to_vec()),
            () => Self::Matrix(im2row::Weights::new(conv.window().geometry(), conv.out, conv.groups, weight)),
        }
    }

    fn small(conv: &Conv, cin: usize, weight: &[f32]) -> Self {
        match plain(conv) && winograd::Weights::fits(conv.out, cin) {
            true => Self::Transformed(weight.to_vec()),
            false => Self::new(conv, cin, weight, false),
        }
    }

    /// Whether the adjoint can end in a ReLU's gate.
    const fn gated(&self) -> bool {
        matches!(self, Self::Winograd(_) | Self::Transformed(_) | Self::Direct(..))
    }

    fn map(&self, how: Reweigh) -> Self {
        let change = |w: f32| how.weight(w);
        match self {
            Self::Winograd(w) => Self::Winograd(w.reweigh(how)),
            Self::Transformed(w) => Self::Transformed(w.iter().map(|w| change(*w)).collect()),
            Self::Direct(w, _) => {
                let data = w.data.iter().map(|w| change(*w)).collect();
                Self::Direct(Packed { data, ..*w }, OnceCell::new())
            }
            Self::Depthwise(w) => Self::Depthwise(w.iter().map(|w| change(*w)).collect()),
            Self::Matrix(w) => Self::Matrix(w.map(change)),
        }
    }
}

/// A convolution with its weights.
pub struct Convolution {
    conv: Conv,
    kernel: Kernel,
    bias: Option<Vec<f32>>,
}

impl Convolution {
    /// `weight` is row-major `[out, cin / groups, rows, columns]`.
    pub fn new(conv: Conv, cin: usize, weight: &[f32], bias: Option<&[f32]>) -> Self {
        Self { conv, kernel: Kernel::new(&conv, cin, weight, false), bias: bias.map(<[f32]>::to_vec) }
    }

    /// As [`Convolution::new`], without Winograd's transforms.
    pub fn direct(conv: Conv, cin: usize, weight: &[f32], bias: Option<&[f32]>) -> Self {
        Self { conv, kernel: Kernel::new(&conv, cin, weight, true), bias: bias.map(<[f32]>::to_vec) }
    }

    /// As [`Convolution::new`], with Winograd's transforms made anew in every pass.
    pub fn small(conv: Conv, cin: usize, weight: &[f32], bias: Option<&[f32]>) -> Self {
        Self { conv, kernel: Kernel::small(&conv, cin, weight), bias: bias.map(<[f32]>::to_vec) }
    }

    /// The transforms of [`Kernel::Transformed`].
    fn transformed(&self, cin: usize, weight: &[f32]) -> winograd::Weights {
        winograd::Weights::new(self.conv.out, cin, weight)
    }

    fn run(&self, x: &Planes, finish: &Finish) -> Planes {
        // checked when the graph was: the window fits
        let places = || self.conv.window().places(dims(x)).unwrap_or_default();
        match &self.kernel {
            Kernel::Winograd(weights) => winograd::conv3x3(x, weights, false, finish),
            Kernel::Transformed(weight) => winograd::conv3x3(x, &self.transformed(x.shape.c, weight), false, finish),
            Kernel::Direct(weights, _) => direct::conv3x3(x, weights, finish),
            Kernel::Depthwise(weight) => depthwise::conv(x, &self.conv.window().geometry(), weight, places(), finish),
            Kernel::Matrix(weights) => im2row::conv(x, weights, places(), finish),
        }
    }

    /// The adjoint; `finish` may have a gate only for the kernels of [`Kernel::gated`].
    fn run_back(&self, g: &Planes, below: Shape, finish: &Finish) -> Planes {
        match &self.kernel {
            Kernel::Winograd(weights) => winograd::conv3x3(g, weights, true, finish),
            Kernel::Transformed(weight) => winograd::conv3x3(g, &self.transformed(below.c, weight), true, finish),
            Kernel::Direct(weights, turned) => direct::conv3x3(g, turned.get_or_init(|| weights.adjoint()), finish),
            Kernel::Depthwise(weight) => depthwise::conv_adjoint(g, &self.conv.window().geometry(), weight, below),
            Kernel::Matrix(weights) => im2row::conv_adjoint(g, weights, below),
        }
    }
}

impl LinearMap for Convolution {
    fn apply(&self, a: &Planes, bias: bool) -> Planes {
        let bias = self.bias.as_deref().filter(|_| bias);
        self.run(a, &Finish { bias, ..Finish::default() })
    }

    fn adjoint(&self, g: &Planes, below: Shape) -> Planes {
        self.run_back(g, below, &Finish::default())
    }

    fn reweighed(&self, how: Reweigh) -> Rc<dyn LinearMap> {
        let bias = self.bias.as_ref().map(|bias| bias.iter().map(|b| how.bias(*b)).collect());
        Rc::new(Self { conv: self.conv, kernel: self.kernel.map(how), bias })
    }
}

impl Module for Convolution {
    fn forward(&self, x: &[&Planes]) -> Planes {
        self.apply(x[0], true)
    }

    fn rectified(&self, x: &[&Planes]) -> Option<Planes> {
        Some(self.run(x[0], &Finish { bias: self.bias.as_deref(), relu: true, gate: None }))
    }

    fn adjoint(&self, at: &Pass<'_>, g: &Planes, _: Gate) -> Vec<Planes> {
        vec![LinearMap::adjoint(self, g, at.x[0].shape)]
    }

    fn adjoint_and_relu(&self, at: &Pass<'_>, g: &Planes, gate: Gate) -> Option<Planes> {
        let x = at.x[0];
        let back = || self.run_back(g, x.shape, &Finish { gate: Some((gate, x)), ..Finish::default() });
        self.kernel.gated().then(back)
    }

    fn linear(self: Rc<Self>) -> Option<Rc<dyn LinearMap>> {
        Some(self)
    }
}
