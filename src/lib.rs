//! CNN Lens: a real, ImageNet-trained CNN (VGG16, or SqueezeNet 1.1) in the visitor's own browser.
//!
//! Layers; a module may use only what stands to its left, and no two files need each other (`tests/layering.rs` guards both):
//!
//! ```text
//! ops  <-  catalog  figure  weights  <-  engine  <-  methods  <-  job  <-  worker      (the engine's Web Worker)
//! ops  <-  catalog  figure  methods' descriptions  <-  protocol  <-  state  <-  ui     (the page, Yew)
//! ```
//!
//! * [`ops`]: what a network's graph is made of: one file an operation, with its shape, its receptive field, and (with the
//!   engine) what it computes, its gradient and its relevance.
//! * [`catalog`]: pure data: networks' graphs and cards, what is asked of them often, methods' parameters, class names, texts in both
//!   languages.
//! * [`figure`]: what leaves the engine: named planes of numbers, their statistics and colours. No tensors.
//! * [`weights`]: bytes of a shard to named `f32` arrays, and back (`pack`).
//! * [`engine`]: the arithmetic: decode an image; a network's graph on a device, forward and backward (gradients, relevance).
//! * [`methods`]: one file per visualisation and one line in its registry.
//! * [`job`]: runs a method with progress and cancel; knows no browser.
//! * `native`: the shipped weights from a folder, for native tools and tests.
//! * `reader/`, a crate of its own: a visitor's file (PyTorch, safetensors, ONNX, Keras, TensorFlow.js layers) to a [`catalog::Card`] and
//!   its arrays; it knows `ops` and `catalog` alone.
//! * [`protocol`]: messages between page and worker.
//! * [`state`]: the page's brain: `reduce(state, action) -> effects`; pure.
//! * `worker`, `ui`: the two browser sides. They meet only in [`protocol`]; the page reaches the worker through
//!   `www/cnn-lens.js`, the same JavaScript API that a blog post uses.

pub mod catalog;
#[cfg(feature = "engine")]
pub mod engine;
pub mod figure;
#[cfg(feature = "engine")]
pub mod job;
pub mod methods;
#[cfg(feature = "native")]
pub mod native;
pub mod ops;
pub mod protocol;
pub mod state;
#[cfg(feature = "ui")]
pub mod ui;
#[cfg(feature = "engine")]
pub mod weights;
#[cfg(all(feature = "worker", target_arch = "wasm32"))]
pub mod worker;
