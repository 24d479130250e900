//! A network's arrays as the page's engine gets them: written as shards, and unpacked.

use std::collections::BTreeMap;

use cnn_lens::engine::Arrays;
use cnn_lens::weights::quant::Scheme;
use cnn_lens::weights::{Part, ShardInfo, TensorInfo, unpack};
use cnn_lens_reader::{Tensor, write};
use sha2::{Digest, Sha256};

/// The arrays of `tensors`.
pub fn arrays(tensors: BTreeMap<String, Tensor>) -> Arrays {
    let mut all = Arrays::new();
    for shard in write::shards(tensors, 32 << 20) {
        let mut bytes = Vec::new();
        let written: Result<(), ()> = shard.pieces(&mut |piece| {
            bytes.extend_from_slice(piece);
            Ok(())
        });
        written.unwrap();
        let info = |stored: write::Stored| {
            let word = stored.scheme.word();
            let (_, scheme) = Scheme::WORDS.iter().find(|(known, _)| *known == word).unwrap();
            TensorInfo { name: stored.name, shape: stored.shape, scheme: *scheme }
        };
        let sha256 = cnn_lens::weights::hex(&Sha256::digest(&bytes));
        let tensors = shard.stored().into_iter().map(info).collect();
        let info = ShardInfo { file: "".into(), part: Part::Features, bytes: bytes.len() as u64, sha256, tensors };
        all.extend(unpack(&info, bytes).unwrap());
    }
    all
}
