//! A node that is ready to compute, wherever it does.

use std::rc::Rc;

use super::plan::Memory;
use crate::engine::kernels::{Gate, Reweigh};
use crate::engine::planes::Shape;
use crate::engine::{Device, EngineError, Planes};
use crate::ops::{Dims, LinearMap, Module, Op, Pass};

/// An operation with its arrays.
pub enum Bound<D: Device> {
    /// On the device.
    Device(Rc<dyn Module<D::Buf>>),
    /// On the CPU, because the device has no kernel for it.
    Host(Rc<dyn Module>),
}

// not derived: that would ask the same of D
impl<D: Device> Clone for Bound<D> {
    fn clone(&self) -> Self {
        match self {
            Self::Device(module) => Self::Device(Rc::clone(module)),
            Self::Host(module) => Self::Host(Rc::clone(module)),
        }
    }
}

impl<D: Device> Bound<D> {
    /// On the device, where it has a kernel for it; with little `memory` rather than fast, if that is scarce.
    pub fn new(device: &D, memory: Memory, op: &Op, inputs: &[Dims], arrays: &[&[f32]]) -> Self {
        let module = match memory {
            Memory::Ample => device.bind(op, inputs, arrays),
            Memory::Scarce => device.bind_small(op, inputs, arrays),
        };
        module.map_or_else(|| Self::Host(op.bind(inputs, arrays)), Self::Device)
    }

    /// As [`Module::forward`].
    pub async fn forward(&self, device: &D, x: &[&D::Buf]) -> Result<D::Buf, EngineError> {
        match self {
            Self::Device(module) => Ok(module.forward(x)),
            Self::Host(module) => {
                let x = read(device, x).await?;
                Ok(device.upload(&module.forward(&x.iter().collect::<Vec<_>>())))
            }
        }
    }

    /// As [`Module::rectified`].
    pub fn rectified(&self, x: &[&D::Buf]) -> Option<D::Buf> {
        match self {
            Self::Device(module) => module.rectified(x),
            Self::Host(_) => None,
        }
    }

    /// As [`Module::adjoint`].
    pub async fn adjoint(
        &self,
        device: &D,
        at: &Pass<'_, D::Buf>,
        g: &D::Buf,
        gate: Gate,
    ) -> Result<Vec<D::Buf>, EngineError> {
        match self {
            Self::Device(module) => Ok(module.adjoint(at, g, gate)),
            Self::Host(module) => {
                let (x, y, g) = (read(device, at.x).await?, device.read(at.y).await?, device.read(g).await?);
                let x: Vec<&Planes> = x.iter().collect();
                let below = module.adjoint(&Pass { x: &x, y: &y }, &g, gate);
                Ok(below.iter().map(|g| device.upload(g)).collect())
            }
        }
    }

    /// As [`Module::adjoint_and_relu`].
    pub fn adjoint_and_relu(&self, at: &Pass<'_, D::Buf>, g: &D::Buf, gate: Gate) -> Option<D::Buf> {
        match self {
            Self::Device(module) => module.adjoint_and_relu(at, g, gate),
            Self::Host(_) => None,
        }
    }

    /// As [`Module::linear`].
    pub fn linear(&self) -> Option<Map<D>> {
        match self {
            Self::Device(module) => Rc::clone(module).linear().map(Map::Device),
            Self::Host(module) => Rc::clone(module).linear().map(Map::Host),
        }
    }
}

/// Copies several planes back.
pub async fn read<D: Device>(device: &D, x: &[&D::Buf]) -> Result<Vec<Planes>, EngineError> {
    let mut planes = Vec::with_capacity(x.len());
    for x in x {
        planes.push(device.read(x).await?);
    }
    Ok(planes)
}

/// A layer `z = W a + b`, wherever it is, for planes of the CPU.
pub enum Map<D: Device> {
    /// On the device.
    Device(Rc<dyn LinearMap<D::Buf>>),
    /// On the CPU.
    Host(Rc<dyn LinearMap>),
}

impl<D: Device> Map<D> {
    /// As [`LinearMap::apply`].
    pub async fn apply(&self, device: &D, a: &Planes, bias: bool) -> Result<Planes, EngineError> {
        match self {
            Self::Device(map) => device.read(&map.apply(&device.upload(a), bias)).await,
            Self::Host(map) => Ok(map.apply(a, bias)),
        }
    }

    /// As [`LinearMap::adjoint`].
    pub async fn adjoint(&self, device: &D, g: &Planes, below: Shape) -> Result<Planes, EngineError> {
        match self {
            Self::Device(map) => device.read(&map.adjoint(&device.upload(g), below)).await,
            Self::Host(map) => Ok(map.adjoint(g, below)),
        }
    }

    /// As [`LinearMap::reweighed`]: the positive weights (and biases) times one number, the negative times another.
    pub fn reweighed(&self, positive: f32, negative: f32) -> Self {
        let how = Reweigh { positive, negative, bias: true };
        match self {
            Self::Device(map) => Self::Device(map.reweighed(how)),
            Self::Host(map) => Self::Host(map.reweighed(how)),
        }
    }
}
