//! The WebGPU kernels: WGSL of our own, launched through burn-wgpu's client (memory pool, one submit for many launches).
//!
//! * `bound`: which operation is which kernel. Each has a file of its name, but for the two that are left to the CPU (`Lrn`,
//!   `Softmax`).
//! * `each`, `sum`: the two forms that most kernels have: a value at each place of a map, and a vector of sums.
//! * `conv`: chooses between `winograd`, `direct` (both 3x3), `pointwise_conv` (1x1) and `window_conv` (any other); what they have
//!   in common is in `conv_pass`, and `tile` writes out the products of matrices.
//! * `layer`: weights, of convolutions and of fully connected layers.
//! * `launch`, `window`: constants and buffers of a shader.
//!
//! Every buffer is bound writable, so a launch is given each only once (`each` says how that is kept).

/// [`Module`](crate::ops::Module)'s two gradients of a kernel with one input: to it, and through the ReLU that it is the output of.
/// `$below` is the gradient at the input, of which a [`each::Keep`] is kept.
macro_rules! gradients {
    ($self:ident, $at:ident, $g:ident, $keep:ident => $below:expr) => {
        fn adjoint(&$self, $at: &Pass<'_, Buf>, $g: &Buf, _: Gate) -> Vec<Buf> {
            let $keep = Keep::All;
            vec![$below]
        }

        fn adjoint_and_relu(&$self, $at: &Pass<'_, Buf>, $g: &Buf, gate: Gate) -> Option<Buf> {
            let $keep = Keep::Gate(gate, $at.x[0]);
            Some($below)
        }
    };
}

mod activation;
mod add;
mod affine;
mod avg_pool;
mod bound;
mod concat;
mod conv;
mod conv_pass;
mod direct;
mod each;
mod flatten;
mod global_avg_pool;
mod launch;
mod layer;
mod linear;
mod max_pool;
mod mul;
mod pointwise_conv;
mod sum;
mod tile;
mod window;
mod window_conv;
mod winograd;

use std::cell::RefCell;
use std::rc::Rc;

use burn_wgpu::{RuntimeOptions, WgpuDevice, graphics::AutoGraphicsApi, try_init_setup_async};
use cubecl::client::Client;
use cubecl::server::Handle;

use super::{Adam, EngineError, Gate, Planes, Reweigh, Shape};
use crate::ops::{Dims, Window};
use launch::{Source, launch};

/// Launches that are submitted together: more than a forward and a backward pass have.
const TASKS: usize = 128;

/// A WebGPU device (natively: Vulkan, Metal or DirectX through wgpu). A clone is the same device.
#[derive(Clone)]
pub struct Gpu {
    client: Client,
    /// The graphics adapter's name, as the browser tells it.
    pub adapter: String,
    /// Whether the adapter is a CPU pretending (SwiftShader, lavapipe).
    pub software: bool,
    direct: bool,
    /// Scratch memory and its size, reused by every convolution: launches run in order.
    arena: Rc<RefCell<Option<(usize, Handle)>>>,
}

/// Padded planes in a GPU buffer.
#[derive(Clone)]
pub struct Buf {
    handle: Handle,
    shape: Shape,
}

impl Gpu {
    /// Brings up the default adapter. Once per process: burn-wgpu registers it.
    ///
    /// # Errors
    /// [`EngineError::Device`] when there is no adapter or it refuses a device.
    pub async fn new() -> Result<Self, EngineError> {
        let device = WgpuDevice::default();
        let failed = |e: burn_wgpu::WgpuInitError| EngineError::Device(e.to_string());
        let options = RuntimeOptions::with_tasks_max(Some(TASKS)).map_err(failed)?;
        let setup = try_init_setup_async::<AutoGraphicsApi>(&device, options).await.map_err(failed)?;
        let info = setup.adapter.get_info();
        let name = info.name.to_lowercase();
        let software = info.device_type == burn_wgpu::wgpu::DeviceType::Cpu
            || ["swiftshader", "llvmpipe", "lavapipe"].iter().any(|s| name.contains(s));
        let client = cubecl::Device::Wgpu(device).client();
        Ok(Self { client, adapter: info.name, software, direct: false, arena: Rc::default() })
    }

    fn empty(&self, shape: Shape) -> Buf {
        Buf { handle: self.client.empty(shape.padded_len() * 4), shape }
    }

    /// This device without Winograd: the reference for Winograd's speed and rounding.
    pub fn direct(self) -> Self {
        Self { direct: true, ..self }
    }

    /// Three slices of the arena, which has at least `total` bytes.
    fn arena(&self, total: usize, sizes: [usize; 3]) -> [Handle; 3] {
        let mut arena = self.arena.borrow_mut();
        let (size, whole) = match arena.take().filter(|(size, _)| *size >= total) {
            Some(kept) => kept,
            None => (total, self.client.empty(total)),
        };
        *arena = Some((size, whole.clone()));
        let mut from = 0;
        sizes.map(|bytes| {
            let slice = whole.clone().offset_start(from as u64).offset_end((size - from - bytes) as u64);
            from += bytes;
            slice
        })
    }

    fn launch(&self, source: Source, count: [usize; 3], buffers: &[&Handle]) {
        launch(&self.client, source, count, buffers);
    }
}

impl Gpu {
    async fn fetch(&self, handle: Handle, shape: Shape) -> Result<Planes, EngineError> {
        let bytes = self.client.read_async(vec![handle]).await;
        let bytes = bytes.map_err(|e| EngineError::Device(e.to_string()))?;
        let data: Vec<f32> = bytes.iter().flat_map(|b| b.as_chunks::<4>().0).map(|b| f32::from_le_bytes(*b)).collect();
        if data.len() < shape.padded_len() {
            return Err(EngineError::Device(format!("read {} of {} values", data.len(), shape.padded_len())));
        }
        Ok(Planes { shape, data })
    }
}

/// An operation without arrays, on a device.
struct On<O> {
    gpu: Gpu,
    op: O,
}

impl Buf {
    /// Rows and columns of the windows over these planes.
    fn places(&self, window: &Window) -> [usize; 2] {
        let Shape { c, h, w, .. } = self.shape;
        // checked when the graph was: the window fits
        window.places(Dims::new(c, h, w)).unwrap_or_default()
    }
}
