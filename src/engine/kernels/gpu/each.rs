//! Kernels whose invocations know nothing of each other.

use std::fmt::Display;

use cubecl::server::Handle;

use super::launch::{Source, declared};
use super::{Buf, Gate, Gpu, Shape};

/// What becomes of a value on its way to memory.
#[derive(Clone, Copy)]
pub enum Keep<'a> {
    /// It is stored as it is.
    All,
    /// `max(0, .)` of it.
    Relu,
    /// It is a gradient, and passes the ReLU with this output.
    Gate(Gate, &'a Buf),
}

impl<'a> Keep<'a> {
    /// The ReLU's output, which a kernel has to read.
    pub fn relu(self) -> Option<&'a Buf> {
        if let Self::Gate(_, y) = self { Some(y) } else { None }
    }

    /// WGSL that makes `v` of the value `g` at index `i`; the ReLU's output is the buffer called `relu`.
    pub fn text(self, relu: &str) -> String {
        match self {
            Self::All => "v = g;".into(),
            Self::Relu => "v = max(g, 0.0);".into(),
            Self::Gate(gate, _) => {
                let open = match gate {
                    Gate::Relu => "r > 0.0",
                    Gate::Guided => "r > 0.0 && g > 0.0",
                    Gate::Deconvnet => "g > 0.0",
                };
                format!("let r = {relu}[i]; v = select(0.0, g, {open});")
            }
        }
    }
}

impl Gpu {
    /// Runs the WGSL `body` for each `i` below `length`. The buffers hold `f32` and are known to it by these names; each may be
    /// given once.
    pub fn each(&self, length: usize, buffers: &[(&str, &Handle)], functions: impl Display, body: impl Display) {
        let (names, handles): (Vec<&str>, Vec<&Handle>) = buffers.iter().copied().unzip();
        let source = Source::new(include_str!("../wgsl/each.wgsl"))
            .set("buffers", declared(names.into_iter().map(|name| (name, "f32"))))
            .set("length", length)
            .set("functions", functions)
            .set("body", body);
        let blocks = length.div_ceil(64);
        self.launch(source, [blocks.min(65535), blocks.div_ceil(65535), 1], &handles);
    }

    /// Planes whose values are the WGSL expression `value`, in which `i` is the index, `plane` that of the plane, and `at` the row
    /// and the column. The buffers `inputs` are `a`, `b`, `c`; each may be given once.
    pub fn map(&self, shape: Shape, inputs: &[&Handle], functions: impl Display, value: &str, keep: Keep<'_>) -> Buf {
        let y = self.empty(shape);
        let mut buffers: Vec<_> = ["a", "b", "c"].into_iter().zip(inputs.iter().copied()).collect();
        let gate = keep.relu().map(|relu| {
            let known = buffers.iter().find(|(_, input)| same(input, &relu.handle)).copied();
            known.unwrap_or_else(|| {
                buffers.push(("gate", &relu.handle));
                ("gate", &relu.handle)
            })
        });
        buffers.push(("y", &y.handle));
        let body = Source::new(include_str!("../wgsl/map.wgsl"))
            .set("value", value)
            .set("keep", keep.text(gate.map_or("", |(name, _)| name)));
        let (h, w, plane) = (shape.h, shape.w, shape.plane());
        let geometry = format!("const H = {h}u;\nconst W = {w}u;\nconst PITCH = W + 2u;\nconst PLANE = {plane}u;\n");
        self.each(shape.padded_len(), &buffers, format!("{geometry}{functions}"), body);
        y
    }

    /// As [`Gpu::map`], of two inputs that may be the same planes: `value` is told what the second is called.
    pub fn map_two(&self, a: &Buf, b: &Buf, value: impl Fn(&str) -> String) -> Buf {
        let (inputs, name): (&[_], _) =
            if same(&a.handle, &b.handle) { (&[&a.handle], "a") } else { (&[&a.handle, &b.handle], "b") };
        self.map(a.shape, inputs, "", &value(name), Keep::All)
    }
}

/// Whether two handles are of the same memory, which a launch may be given only once.
fn same(a: &Handle, b: &Handle) -> bool {
    a.memory.descriptor() == b.memory.descriptor()
}
