//! The engine's worker on WebGPU (burn-wgpu).

fn main() {
    #[cfg(target_arch = "wasm32")]
    cnn_lens::worker::serve(async {
        cnn_lens::worker::log::install();
        let gpu = cnn_lens::engine::kernels::gpu::Gpu::new().await?;
        let report = cnn_lens::protocol::DeviceReport {
            kind: "webgpu".into(),
            name: gpu.adapter.clone(),
            software: gpu.software,
            ..Default::default()
        };
        Ok((gpu, report))
    });
}
