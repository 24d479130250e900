//! The WebGPU kernels: WGSL of our own, launched through burn-wgpu's client (memory pool, one submit for many launches).

mod bound;
mod direct;
mod launch;
mod reweigh;
mod winograd;

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use burn_wgpu::{RuntimeOptions, WgpuDevice, graphics::AutoGraphicsApi, try_init_setup_async};
use cubecl::client::Client;
use cubecl::server::Handle;

use super::{Adam, EngineError, Gate, Kernels, Planes, REWEIGHED, Reweigh, Shape};
use cnn_lens_simd::pack::{GROUP, Packed};
use launch::{Source, floats, launch};

/// Launches that are submitted together: more than a forward and a backward pass have.
const TASKS: usize = 128;

struct Layer {
    cout: usize,
    cin: usize,
    forward: Handle,
    /// Made on the device at the first gradient.
    adjoint: OnceCell<Handle>,
    bias: Handle,
    /// A buffer of zeros, for the channels of either side: the bias where there is none.
    none: Handle,
}

/// A WebGPU device (natively: Vulkan, Metal or DirectX through wgpu). A clone is the same device.
#[derive(Clone)]
pub struct Gpu {
    client: Client,
    /// The graphics adapter's name, as the browser tells it.
    pub adapter: String,
    /// Whether the adapter is a CPU pretending (SwiftShader, lavapipe).
    pub software: bool,
    layers: Rc<RefCell<BTreeMap<usize, Rc<Layer>>>>,
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

    fn layer(&self, layer: usize) -> Rc<Layer> {
        Rc::clone(&self.layers.borrow()[&layer])
    }

    /// A convolution with weights `[cout, cin, 3, 3]`, row-major, and its bias.
    fn layer_of(&self, cout: usize, cin: usize, weight: &[f32], bias: &[f32]) -> Layer {
        let mut padded = bias.to_vec();
        padded.resize(cout.next_multiple_of(GROUP), 0.0);
        let create = |v: &[f32]| self.client.create_from_slice(&floats(v));
        Layer {
            cout,
            cin,
            forward: create(&Packed::forward(cout, cin, weight).data),
            adjoint: OnceCell::new(),
            bias: create(&padded),
            none: create(&vec![0.0; cin.max(cout).next_multiple_of(GROUP)]),
        }
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

    /// Winograd's transforms are worth their while from a few tiles on, and want channels in fours. Tiles of one picture: what
    /// else is computed with it must not change its numbers.
    fn convolve(&self, x: &Buf, layer: &Layer, adjoint: bool, relu: bool, gate: Option<(Gate, &Buf)>) -> Buf {
        let tiles = x.shape.h.div_ceil(4) * x.shape.w.div_ceil(4);
        if !self.direct && tiles >= 3 && layer.cout.is_multiple_of(4) && layer.cin.is_multiple_of(4) {
            return winograd::conv3x3(self, x, layer, adjoint, relu, gate);
        }
        let out = direct::conv3x3(self, x, layer, adjoint, relu);
        match gate {
            Some((gate, y)) => self.relu_adjoint(y, &out, gate),
            None => out,
        }
    }

    /// One invocation per float of the last buffer.
    fn elementwise(&self, source: Source, length: usize, buffers: &[&Handle]) {
        let blocks = length.div_ceil(64);
        let rows = blocks.div_ceil(65535);
        self.launch(source.set("length", length), [blocks.min(65535), rows, 1], buffers);
    }
}

impl Kernels for Gpu {
    type Buf = Buf;

    fn load(&self, layer: usize, cout: usize, cin: usize, weight: &[f32], bias: &[f32]) {
        let entry = self.layer_of(cout, cin, weight, bias);
        self.layers.borrow_mut().insert(layer, Rc::new(entry));
    }

    fn loaded(&self, layer: usize) -> bool {
        self.layers.borrow().contains_key(&layer)
    }

    fn reweigh(&self, layer: usize, how: Reweigh) {
        // the copy before goes first: the two together would take the most memory
        self.layers.borrow_mut().remove(&REWEIGHED);
        let copy = reweigh::layer(self, &self.layer(layer), how);
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
        self.convolve(x, &self.layer(layer), false, relu, None)
    }

    fn conv_adjoint(&self, g: &Buf, layer: usize, gate: Option<(Gate, &Buf)>) -> Buf {
        self.convolve(g, &self.layer(layer), true, false, gate)
    }

    fn relu_adjoint(&self, y: &Buf, g: &Buf, gate: Gate) -> Buf {
        let d = self.empty(g.shape);
        let source = Source::new(include_str!("wgsl/relu_adjoint.wgsl")).set("open", open(Some(gate)));
        self.elementwise(source, g.shape.padded_len(), &[&y.handle, &g.handle, &d.handle]);
        d
    }

    fn pool(&self, x: &Buf) -> Buf {
        let y = self.empty(x.shape.halved());
        let source = Source::new(include_str!("wgsl/pool.wgsl"))
            .set("h", y.shape.h)
            .set("w", y.shape.w)
            .set("plane", y.shape.plane())
            .set("in_pitch", x.shape.pitch())
            .set("in_plane", x.shape.plane());
        self.elementwise(source, y.shape.padded_len(), &[&x.handle, &y.handle]);
        y
    }

    fn pool_adjoint(&self, x: &Buf, g: &Buf, gate: Option<Gate>) -> Buf {
        let d = self.empty(x.shape);
        let source = Source::new(include_str!("wgsl/pool_adjoint.wgsl"))
            .set("h", x.shape.h)
            .set("w", x.shape.w)
            .set("plane", x.shape.plane())
            .set("out_pitch", g.shape.pitch())
            .set("out_plane", g.shape.plane())
            .set("open", open(gate));
        self.elementwise(source, x.shape.padded_len(), &[&x.handle, &g.handle, &d.handle]);
        d
    }

    fn adam(&self, x: &mut Buf, g: &Buf, m: &mut Buf, v: &mut Buf, step: &Adam) {
        // the corrections change with every step: data, not constants of a new shader
        let numbers = [step.lr, step.b1, step.b2, step.eps, step.corrections[0], step.corrections[1]];
        let numbers = self.client.create_from_slice(&floats(&numbers));
        let source = Source::new(include_str!("wgsl/adam.wgsl"));
        self.elementwise(source, x.shape.padded_len(), &[&x.handle, &g.handle, &m.handle, &v.handle, &numbers]);
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

/// The WGSL condition under which a gradient `g` passes a ReLU with output `r`.
fn open(gate: Option<Gate>) -> &'static str {
    match gate {
        None => "true",
        Some(Gate::Relu) => "r > 0.0",
        Some(Gate::Guided) => "r > 0.0 && g > 0.0",
        Some(Gate::Deconvnet) => "g > 0.0",
    }
}
