//! The WebGPU kernels: WGSL of our own, launched through burn-wgpu's client (memory pool, one submit for many launches).

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
use std::collections::BTreeMap;
use std::rc::Rc;

use burn_wgpu::{RuntimeOptions, WgpuDevice, graphics::AutoGraphicsApi, try_init_setup_async};
use cubecl::client::Client;
use cubecl::server::Handle;

use super::{Adam, EngineError, Gate, Kernels, Planes, REWEIGHED, Reweigh, Shape};
use crate::ops::{Conv, Dims, MaxPool, Module, Pass, Window};
use conv::Convolution;
use each::Keep;
use launch::{Source, floats, launch};

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
    layers: Rc<RefCell<BTreeMap<usize, Rc<Convolution>>>>,
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
        Ok(Self { client, adapter: info.name, software, layers: Rc::default(), direct: false, arena: Rc::default() })
    }

    fn layer(&self, layer: usize) -> Rc<Convolution> {
        Rc::clone(&self.layers.borrow()[&layer])
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

impl Kernels for Gpu {
    type Buf = Buf;

    fn load(&self, layer: usize, cout: usize, cin: usize, weight: &[f32], bias: &[f32]) {
        let conv =
            Conv { out: cout, kernel: [3, 3], stride: [1, 1], dilation: [1, 1], groups: 1, pad: [1; 4], bias: true };
        let entry = Convolution::new(self, conv, cin, &[weight, bias]);
        self.layers.borrow_mut().insert(layer, Rc::new(entry));
    }

    fn loaded(&self, layer: usize) -> bool {
        self.layers.borrow().contains_key(&layer)
    }

    fn reweigh(&self, layer: usize, how: Reweigh) {
        // the copy before goes first: the two together would take the most memory
        self.layers.borrow_mut().remove(&REWEIGHED);
        let copy = self.layer(layer).changed(how);
        self.layers.borrow_mut().insert(REWEIGHED, Rc::new(copy));
    }

    fn exchange(&self, a: usize, b: usize) {
        super::exchange(&mut self.layers.borrow_mut(), a, b);
    }

    fn forget(&self, layer: usize) {
        self.layers.borrow_mut().remove(&layer);
    }

    fn upload(&self, planes: &Planes) -> Buf {
        Buf { handle: self.client.create_from_slice(&floats(&planes.data)), shape: planes.shape }
    }

    fn conv(&self, x: &Buf, layer: usize, relu: bool) -> Buf {
        let conv = self.layer(layer);
        if relu { conv.rectified(&[x]).unwrap_or_else(|| x.clone()) } else { conv.forward(&[x]) }
    }

    fn conv_adjoint(&self, g: &Buf, layer: usize, gate: Option<(Gate, &Buf)>) -> Buf {
        self.layer(layer).below(g, g.shape, gate.map_or(Keep::All, |(gate, y)| Keep::Gate(gate, y)))
    }

    fn relu_adjoint(&self, y: &Buf, g: &Buf, gate: Gate) -> Buf {
        self.map(g.shape, &[&g.handle], "", "a[i]", Keep::Gate(gate, y))
    }

    fn pool(&self, x: &Buf) -> Buf {
        self.halving().forward(&[x])
    }

    fn pool_adjoint(&self, x: &Buf, g: &Buf, gate: Option<Gate>) -> Buf {
        let y = self.pool(x);
        let at = Pass { x: &[x], y: &y };
        self.halving().below(&at, g, gate.map_or(Keep::All, |gate| Keep::Gate(gate, x)))
    }

    fn adam(&self, x: &mut Buf, g: &Buf, m: &mut Buf, v: &mut Buf, step: &Adam) {
        // the corrections change with every step: data, not constants of a new shader
        let numbers = [step.lr, step.b1, step.b2, step.eps, step.corrections[0], step.corrections[1]];
        let numbers = self.client.create_from_slice(&floats(&numbers));
        let buffers = [("x", &x.handle), ("g", &g.handle), ("m", &m.handle), ("v", &v.handle), ("k", &numbers)];
        self.each(x.shape.padded_len(), &buffers, "", include_str!("wgsl/adam.wgsl"));
    }

    async fn read(&self, buf: &Buf) -> Result<Planes, EngineError> {
        self.fetch(buf.handle.clone(), buf.shape).await
    }

    async fn read_plane(&self, buf: &Buf, plane: usize) -> Result<Planes, EngineError> {
        let bytes = (buf.shape.plane() * 4) as u64;
        let handle = buf.handle.clone().offset_start(plane as u64 * bytes);
        let rest = handle.size_in_used() - bytes;
        self.fetch(handle.offset_end(rest), Shape::new(1, buf.shape.h, buf.shape.w)).await
    }

    fn tidy(&self) {
        self.layers.borrow_mut().remove(&REWEIGHED);
        // memory that could not be returned stays in the pool for the next pass
        let _ = self.client.memory_cleanup();
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

impl Gpu {
    fn halving(&self) -> On<MaxPool> {
        let op = MaxPool { kernel: [2, 2], stride: [2, 2], dilation: [1, 1], pad: [0; 4], ceil: false };
        On { gpu: self.clone(), op }
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
