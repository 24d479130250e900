//! What the engine needs of a device; everything else is written once, on top of it.

use std::rc::Rc;

use super::EngineError;
use super::kernels::Adam;
use super::planes::{Planes, Shape};
use crate::ops::{Dims, Module, Op};

/// Where a network's arrays are, and where it computes.
///
/// Nothing but [`Device::read`] and [`Device::read_plane`] waits for the device.
#[allow(async_fn_in_trait, reason = "single-threaded by design: a worker owns one engine")]
pub trait Device {
    /// Padded planes on the device ([`super::planes`]).
    type Buf: 'static;

    /// An operation that is ready to compute here: with inputs of these shapes, and with the values of
    /// [`crate::ops::Operator::arrays`] in that order, row-major. `None`: this device has no kernel for it, and it is computed on
    /// the CPU.
    fn bind(&self, op: &Op, inputs: &[Dims], arrays: &[&[f32]]) -> Option<Rc<dyn Module<Self::Buf>>>;

    /// As [`Device::bind`], with as little memory as there is a kernel for, at the price of time.
    fn bind_small(&self, op: &Op, inputs: &[Dims], arrays: &[&[f32]]) -> Option<Rc<dyn Module<Self::Buf>>> {
        self.bind(op, inputs, arrays)
    }

    /// Copies planes to the device.
    fn upload(&self, planes: &Planes) -> Self::Buf;

    /// As [`Device::upload`], of planes that nobody needs any more: no copy where they are on the device already.
    fn take(&self, planes: Planes) -> Self::Buf {
        self.upload(&planes)
    }

    /// How many images, channels, rows and columns these are.
    fn shape(&self, buf: &Self::Buf) -> Shape;

    /// The sum: what two readers of a node hand down to it.
    fn add(&self, a: Self::Buf, b: &Self::Buf) -> Self::Buf;

    /// One step of Adam *ascent* on `x` along `g`; `m` and `v` are its moments.
    fn adam(&self, x: &mut Self::Buf, g: &Self::Buf, m: &mut Self::Buf, v: &mut Self::Buf, step: &Adam);

    /// Copies planes back to the CPU, and waits until the device has computed them.
    ///
    /// # Errors
    /// [`EngineError::Device`] when the device is lost or refused a shader.
    async fn read(&self, buf: &Self::Buf) -> Result<Planes, EngineError>;

    /// As [`Device::read`], of a buffer that nobody needs any more.
    ///
    /// # Errors
    /// As [`Device::read`].
    async fn give(&self, buf: Self::Buf) -> Result<Planes, EngineError> {
        self.read(&buf).await
    }

    /// One plane (`image * C + channel`) back to the CPU.
    ///
    /// # Errors
    /// As [`Device::read`].
    async fn read_plane(&self, buf: &Self::Buf, plane: usize) -> Result<Planes, EngineError>;

    /// Lets go of memory kept for reuse.
    fn tidy(&self) {}
}
