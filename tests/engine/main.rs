//! What needs the engine, natively: its arithmetic against the goldens, the methods, the jobs. One binary, for the compiler makes
//! every method's code anew in each; `cargo test --features native,gpu --test engine golden_forward::` runs one file.
#![allow(missing_docs, reason = "a test")]

mod support;

mod classifier;
mod corpus;
mod determinism;
mod diagnosis;
mod first_screens;
mod golden_attribution;
mod golden_diagnosis;
mod golden_forward;
mod golden_methods;
mod graph;
mod images;
mod job;
mod jpegs;
mod kernels;
mod large;
mod matrix;
mod messages;
mod pooling_ties;
mod synthesis;
#[cfg(feature = "gpu")]
mod webgpu;
