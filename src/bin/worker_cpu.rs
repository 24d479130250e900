//! The engine's worker on the CPU: wasm SIMD, no burn in it.

fn main() {
    #[cfg(target_arch = "wasm32")]
    cnn_lens::worker::serve(async {
        let report = cnn_lens::protocol::DeviceReport {
            kind: "cpu".into(),
            name: if cfg!(target_feature = "relaxed-simd") { "wasm relaxed SIMD" } else { "wasm SIMD" }.into(),
            ..Default::default()
        };
        Ok((cnn_lens::engine::kernels::cpu::Cpu::default(), report))
    });
}
