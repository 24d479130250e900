//! What the targets of the reader do with their bytes. Shared by libFuzzer's targets and by `reader/tests/corpus.rs`. The corpus's
//! `small_*` are whole files of at most 4096 bytes, as libFuzzer is let have: it would cut off larger ones.

use std::rc::Rc;

use cnn_lens_reader::known::{self, Clue};
use cnn_lens_reader::source::Shared;
use cnn_lens_reader::{Limits, format, keras, onnx, read, torch};

/// Bytes that a fuzzed network's arrays may take: none of a few kilobytes takes more.
const MEMORY: u64 = 32 << 20;

/// An ONNX file.
pub fn onnx(bytes: &[u8]) {
    let source: Shared = Rc::new(bytes.to_vec());
    let _ = onnx::read(&source, MEMORY);
    let _ = read(&[format::named("m.onnx", bytes.to_vec())], Limits { memory: MEMORY });
}

/// A PyTorch file, as a zip and as a sequence of pickles; or whatever its bytes tell that it is.
pub fn pickle(bytes: &[u8]) {
    let source: Shared = Rc::new(bytes.to_vec());
    if let Ok(dict) = torch::legacy(&source) {
        let _ = known::read(&dict, &Clue { words: "", memory: MEMORY });
    }
    let _ = read(&[format::named("m.pth", bytes.to_vec())], Limits { memory: MEMORY });
}

/// A Keras file.
pub fn hdf5(bytes: &[u8]) {
    let source: Shared = Rc::new(bytes.to_vec());
    let _ = keras::hdf5(&source, MEMORY);
}
