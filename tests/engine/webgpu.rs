//! What other files check on the CPU, on a Vulkan adapter: in one test, for burn-wgpu brings its device up once in a process.

use cnn_lens::engine::kernels::gpu::Gpu;
use pollster::block_on;

use crate::{determinism, golden_forward, graph, kernels};

#[test]
fn webgpu_kernels_batches_and_stages_are_right() {
    let gpu = block_on(Gpu::new()).expect("a Vulkan adapter (Mesa's lavapipe will do)");
    kernels::on_webgpu(&gpu);
    graph::webgpu::on_webgpu(&gpu);
    graph::squeezenet::on_webgpu(&gpu);
    golden_forward::on_webgpu(determinism::on_webgpu(gpu));
}
