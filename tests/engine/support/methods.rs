//! Shared by the tests of methods: a session with the golden photo, and the comparison of a map.

use std::rc::Rc;

use cnn_lens::engine::kernels::cpu::Cpu;
use cnn_lens::engine::{Alone, Silent};
use cnn_lens::job::{Answer, Session};
use pollster::block_on;
use serde_json::Value;

use super::{Golden, distance, packed, root};

/// A session with the golden photo.
pub fn session() -> Session<Cpu> {
    let mut session = Session::new(Rc::new(packed(Cpu::default())), Rc::new(Alone));
    let photo = std::fs::read(root().join("tests/golden/photo224.png")).unwrap();
    session.set_image(photo, None, &Value::Null).unwrap();
    session
}

/// Runs a method.
pub fn run(session: &mut Session<Cpu>, method: &str, params: Value) -> Answer {
    block_on(session.run(method, &params, &Silent)).unwrap_or_else(|e| panic!("{method}: {}", e.detail))
}

/// Compares with a golden, relative L2.
pub fn compare(got: &[f32], golden: &Golden, name: &str) {
    let want = &golden[name];
    // whole maps up to 4096 values, else a sample
    let d = if got.len() == want.len() {
        let square = |v: f32| f64::from(v).powi(2);
        let (d, n) = got.iter().zip(want).fold((0.0, 0.0), |(d, n), (a, b)| (d + square(a - b), n + square(*b)));
        (d / n).sqrt()
    } else {
        distance(got, want)
    };
    println!("{name:32} relative L2 {d:.1e}");
    assert!(d <= if name.starts_with("smooth_grad") { 5e-3 } else { 1e-3 }, "{name}: {d}");
}
