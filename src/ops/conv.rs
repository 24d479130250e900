//! Convolution.

#[cfg(feature = "engine")]
mod bound;

#[cfg(feature = "engine")]
use std::rc::Rc;

#[cfg(feature = "engine")]
use super::Module;
use super::{ArraySpec, BadField, Dims, Field, Fields, Misfit, Operator, Read, Window};

/// A convolution (cross-correlation, as everywhere in the field) with zero padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conv {
    /// Channels written.
    pub out: usize,
    /// `[rows, columns]` of the kernel.
    pub kernel: [usize; 2],
    /// From one window to the next.
    pub stride: [usize; 2],
    /// From one tap to the next.
    pub dilation: [usize; 2],
    /// Groups that the channels are divided into; each writes its share from its share.
    pub groups: usize,
    /// `[top, left, bottom, right]`.
    pub pad: [usize; 4],
    /// Whether a number is added to each channel written.
    pub bias: bool,
}

impl Read for Conv {
    fn read(fields: &mut Fields) -> Result<Self, BadField> {
        Ok(Self {
            out: fields.whole("out")?,
            kernel: fields.wholes("kernel")?,
            stride: fields.wholes_or("stride", 1)?,
            dilation: fields.wholes_or("dilation", 1)?,
            groups: fields.whole_or("groups", 1)?,
            pad: fields.wholes_or("pad", 0)?,
            bias: fields.flag_or("bias", true)?,
        })
    }
}

impl Conv {
    /// Kernel, stride, padding and dilation.
    pub const fn window(&self) -> Window {
        let Self { kernel, stride, dilation, pad, .. } = *self;
        Window { kernel, stride, dilation, pad, ceil: false }
    }
}

#[cfg(feature = "engine")]
impl Conv {
    /// As [`Operator::bind`], without Winograd's transforms, whose rounding differs.
    pub fn bind_direct(&self, cin: usize, arrays: &[&[f32]]) -> Rc<dyn Module> {
        Rc::new(bound::Convolution::direct(*self, cin, arrays[0], arrays.get(1).copied()))
    }

    /// As [`Operator::bind`], with the weights as they are where Winograd's transforms would take fourfold the memory: they are
    /// transformed anew in every pass.
    pub fn bind_small(&self, cin: usize, arrays: &[&[f32]]) -> Rc<dyn Module> {
        Rc::new(bound::Convolution::small(*self, cin, arrays[0], arrays.get(1).copied()))
    }
}

impl Operator for Conv {
    fn shape(&self, inputs: &[Dims]) -> Result<Dims, Misfit> {
        Misfit::check("groups", self.groups)?;
        Misfit::check("out", self.out)?;
        for channels in [inputs[0].c, self.out] {
            if !channels.is_multiple_of(self.groups) {
                return Err(Misfit::Groups { channels, groups: self.groups });
            }
        }
        let [h, w] = self.window().places(inputs[0])?;
        Ok(Dims::new(self.out, h, w))
    }

    fn field(&self, below: Field) -> Field {
        self.window().field(below)
    }

    fn arrays(&self, inputs: &[Dims]) -> Vec<ArraySpec> {
        let [h, w] = self.kernel;
        let weight = ArraySpec { suffix: "weight", shape: vec![self.out, inputs[0].c / self.groups, h, w] };
        let bias = ArraySpec { suffix: "bias", shape: vec![self.out] };
        if self.bias { vec![weight, bias] } else { vec![weight] }
    }

    #[cfg(feature = "engine")]
    fn bind(&self, inputs: &[Dims], arrays: &[&[f32]]) -> Rc<dyn Module> {
        Rc::new(bound::Convolution::new(*self, inputs[0].c, arrays[0], arrays.get(1).copied()))
    }
}
