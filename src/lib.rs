//! CNN Lens: a real, ImageNet-trained CNN (VGG16, or SqueezeNet 1.1) in the visitor's own browser.
//!
//! Layers; a module may use only what stands to its left, and no two files need each other (`tests/layering.rs` guards both):
//!
//! ```text
//! ops  <-  catalog  figure  weights  <-  engine  <-  methods  <-  job  <-  worker      (the engine's Web Worker)
//! ops  <-  catalog  figure  methods' descriptions  <-  protocol  <-  state  <-  ui     (the page, Yew)
//! ```
//!
//! * [`fields`]: what an object of JSON says, field by field; everything may use it.
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
//!   its arrays; it knows `ops`, `catalog` and how `simd` rounds a matrix.
//! * [`protocol`]: messages between page and worker.
//! * [`state`]: the page's brain: `reduce(state, action) -> effects`; pure.
//! * `worker`, `ui`: the two browser sides. They meet only in [`protocol`]; the page reaches the worker through
//!   `www/cnn-lens.js`, the same JavaScript API that a blog post uses.
//!
//! From a dropped photo to the canvas:
//!
//! 1. `ui::drops`: `drop_on` takes the file; the page's `open` callback (`ui::app`) keeps it and dispatches [`state::Action::Open`].
//! 2. `ui::store`: `Dispatch::dispatch` asks `State::reduce` (`state::reduce`) for the next state and its effects.
//! 3. `state::schedule`: `schedule`, called after every action, finds that the engine has another picture: `Effect::Ask(Ask::Picture)`.
//! 4. `ui::effects`: `perform` starts the job; `Outside::take` (`ui::outside`) calls `setImage` of `www/cnn-lens.js`.
//! 5. There `www/pictures.js` reads the file, and its bytes are posted to the worker as [`protocol::ToWorker::SetImage`].
//! 6. `worker`: the handler of `serve` puts the message into its `Inbox`; `run` takes it out and hands it to `job::answer`.
//! 7. `job::Session::set_image` decodes and resizes it (`engine::image::prepare`) and answers with the pixels, RGBA.
//! 8. The answer goes back as [`protocol::FromWorker`], and is dispatched as `Action::Answered(_, Reply::Picture)`.
//! 9. `state::answer`: `answered` keeps the picture; `schedule` asks for what else the page shows: classes, maps.
//! 10. Yew draws the page anew, and `ui::components::heat` puts the pixels on its canvas with `ui::paint::draw`.
//!
//! From a click on Run to a heat map:
//!
//! 1. The button of `ui::components::explain` dispatches [`state::Action::Explain`].
//! 2. `State::explain` (`state::reduce`) makes a [`state::Question`] of method, target and settings, and adds it to the jobs.
//! 3. `schedule` gives it to the engine when that is free: `Effect::Ask(Ask::Run)`, for which `ui::effects` calls `run` of `cnn-lens.js`.
//! 4. `job::answer` gets it in the worker as [`protocol::ToWorker::Run`] and calls `job::Session::run`.
//! 5. `methods::run` checks what the method needs and is given (`methods::params`), and calls the method's own `run` with its `Params`.
//! 6. That asks its `methods::Ctx`: `stage` for a layer's values, `gradient` for the score's gradient there, `relevance` for LRP.
//! 7. These ask `engine::GraphNetwork` to walk the graph, forward or backward; every node's work is done in its file of [`ops`].
//! 8. The method makes [`figure::Figure`]s and tells its facts, from which its `sentence` is made, in every language.
//! 9. They come back as `Action::Answered(_, Reply::Ran)`, and `state::answer` makes them the result that is shown.
//! 10. `ui::components::plot` draws the figure: `ui::paint::shown` colours its numbers, `draw_pixels` puts them on a canvas.

pub mod catalog;
#[cfg(feature = "engine")]
pub mod engine;
pub mod fields;
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
