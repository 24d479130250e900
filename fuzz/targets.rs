//! What each target does with its bytes. Shared by libFuzzer's targets and by `tests/engine/corpus.rs`.

use std::future::Future;
use std::task::{Context, Waker};

use cnn_lens::catalog::networks;
use cnn_lens::engine::image::{Options, prepare};
use cnn_lens::engine::kernels::cpu::Cpu;
use cnn_lens::engine::{Alone, Network, Silent};
use cnn_lens::figure::png;
use cnn_lens::job::{Session, answer};
use cnn_lens::methods::{Asked, INFOS};
use cnn_lens::protocol::ToWorker;
use cnn_lens::state::{Action, State, link};
use cnn_lens::weights::{Manifest, Part, ShardInfo, TensorInfo, hex, quant::Scheme, unpack};
use sha2::{Digest, Sha256};

/// A file that was dropped on the page.
pub fn image(bytes: &[u8]) {
    if let Ok(prepared) = prepare(bytes, Options { size: 32, ..Options::default() }) {
        assert_eq!(prepared.rgb.width(), 32);
    }
}

/// Reads a `weights/manifest.json`.
pub fn manifest(bytes: &[u8]) {
    if let Ok(manifest) = Manifest::read(bytes) {
        let _ = manifest.bytes();
        for shard in &manifest.shards {
            let _ = unpack(shard, Vec::new());
        }
    }
}

/// A shard whose hash is right: what the manifest says of it is not.
pub fn shards(bytes: &[u8]) {
    let schemes = [Scheme::F32, Scheme::F16, Scheme::I8, Scheme::I9, Scheme::I10, Scheme::I16];
    let tensors = schemes.map(|scheme| TensorInfo { name: "a".into(), shape: vec![2, 3], scheme });
    let shard = |tensors: Vec<TensorInfo>| ShardInfo {
        file: "x".into(),
        part: Part::Head,
        bytes: bytes.len() as u64,
        sha256: hex(&Sha256::digest(bytes)),
        tensors,
    };
    for tensor in tensors {
        if let Ok(arrays) = unpack(&shard(vec![tensor]), bytes.to_vec()) {
            assert!(arrays.values().all(|a| a.data.len() == 6));
        }
    }
}

/// The hash of the page's address.
pub fn address(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let printed = link::print(&State::default().reduce(Action::Go(text.to_owned())));
    let again = State::default().reduce(Action::Go(printed.clone()));
    assert_eq!((link::print(&again), again.refused.len()), (printed, 0));
}

/// A message to the worker, and the parameters in it.
pub fn protocol(bytes: &[u8]) {
    let Ok(message) = ToWorker::read(&String::from_utf8_lossy(bytes)) else { return };
    if let ToWorker::Run { method, params, .. } = &message {
        for info in INFOS.iter().filter(|i| i.id == method) {
            let _ = Asked::read(&networks::first(), info.params, params);
        }
    }
    let _ = serde_json::to_string(&message);
}

/// A message and what it does to an engine whose weights have not come: a header, a line break, and the bytes of its buffers
/// between the marks `|`. Whatever it is, it gets an answer.
pub fn messages(bytes: &[u8]) {
    let (header, rest) = bytes.split_at(bytes.iter().position(|b| *b == b'\n').unwrap_or(bytes.len()));
    let Ok(message) = ToWorker::read(&String::from_utf8_lossy(header)) else { return };
    let buffers: Vec<Vec<u8>> =
        rest.get(1..).into_iter().flat_map(|r| r.split(|b| *b == b'|')).map(<[u8]>::to_vec).collect();
    let network = std::rc::Rc::new(Network::new(networks::first(), Cpu::default()));
    let mut session = Session::new(network, std::rc::Rc::new(Alone));
    let picture = vec![9; 4 * 32 * 32];
    let set = session.set_image(picture, Some([32, 32]), &serde_json::json!({ "size": 32 }));
    assert!(set.is_ok());
    let mut work = std::pin::pin!(answer(&mut session, message, &buffers, &Silent));
    // nothing here waits for anything
    let done = work.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(done.is_ready());
}

/// A PNG that may carry an address.
pub fn png(bytes: &[u8]) {
    if let Some(text) = png::text_of(bytes) {
        address(text.as_bytes());
    }
    if let Some(stamped) = png::with_text(bytes, "#v=1") {
        assert_eq!(png::text_of(&stamped).as_deref(), Some("#v=1"));
    }
}
