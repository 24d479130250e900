//! One WGSL kernel with its constants filled in, and its launch.

use burn_wgpu::{CubeDim, KernelSource, SourceKernel, SourceTemplate};
use cubecl::client::Client;
use cubecl::prelude::*;
use cubecl::server::{Handle, KernelArguments};

/// WGSL in which `{{name}}` stands for a constant; the finished text is the pipeline's key.
pub struct Source(String);

impl Source {
    /// A shader's text in which constants are still to be filled in.
    pub fn new(template: &str) -> Self {
        Self(template.to_owned())
    }

    /// Puts a value in the place of the constant called `name`.
    pub fn set(self, name: &str, value: impl ToString) -> Self {
        Self(self.0.replace(&format!("{{{{{name}}}}}"), &value.to_string()))
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The declarations of a kernel's buffers, each a name and the type of its elements, bound in this order.
///
/// All may be written: buffers of one memory pool are one buffer to WebGPU, which takes no other mixture.
pub fn declared<'a>(buffers: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let line = |(i, (name, of)): (usize, (&str, &str))| {
        format!("@group(0) @binding({i}) var<storage, read_write> {name}: array<{of}>;\n")
    };
    buffers.into_iter().enumerate().map(line).collect()
}

/// Rows and columns, as the arguments of a `vec2`.
pub fn pair([rows, columns]: [usize; 2]) -> String {
    format!("{rows}, {columns}")
}

/// A number as WGSL writes it. What lies beyond 3.4e38 is no `f32` to every compiler, and nothing that a network has.
pub fn number(v: f32) -> String {
    format!("{:?}", v.clamp(-3.4e38, 3.4e38))
}

impl KernelSource for Source {
    fn source(&self) -> SourceTemplate {
        SourceTemplate::new(self.0.clone())
    }

    fn id(&self) -> KernelId {
        KernelId::new::<Self>().info(self.0.clone())
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}

/// Queues `source` over `count` workgroups.
pub fn launch(client: &Client, source: Source, [x, y, z]: [usize; 3], buffers: &[&Handle]) {
    let bindings = buffers.iter().map(|h| Handle::clone(h).binding()).collect();
    client.launch(
        // the workgroup's size is written in the WGSL
        Box::new(SourceKernel::new(source, CubeDim::new_single())),
        CubeCount::Static(x as u32, y as u32, z as u32),
        KernelArguments::new().with_buffers(bindings),
    );
}

/// Floats as the little-endian bytes that a buffer holds.
pub fn floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}
