//! `make_catalogue [CHANNELS]`: what the most used channels of every convolution want to see, as one sprite sheet per layer.
//!
//! Most used: largest mean activation over the example pictures. The pictures are those of the method `maximise` with its Lucid
//! recipe; shallow layers need fewer steps. Finished pictures are kept under `target/catalogue`, so it can be stopped and
//! continued; two run at a time.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Mutex;
use std::time::Instant;

use anyhow::{Context, Result, anyhow};
use cnn_lens::catalog::examples::EXAMPLES;
use cnn_lens::catalog::networks;
use cnn_lens::engine::kernels::cpu::Cpu;
use cnn_lens::engine::{Alone, Silent};
use cnn_lens::job::Session;
use cnn_lens::native;
use image::{RgbImage, imageops};
use pollster::block_on;
use serde_json::{Value, json};

/// Side of a picture on a sheet.
const CELL: u32 = 96;
/// Pictures in a row of a sheet.
const COLUMNS: u32 = 8;

/// Side and steps of a layer's pictures, and the side of the middle that is kept: what its units see decides how large and how
/// long. The first block's are drawn to the edge, where the picture ends: there only the middle shows what they want inside.
fn effort(layer: &str) -> (usize, usize, usize) {
    match layer.as_bytes().get(4) {
        Some(b'1') => (96, 256, 40),
        Some(b'2') => (64, 64, 64),
        Some(b'3') => (96, 96, 96),
        Some(b'4') => (96, 128, 96),
        _ => (96, 160, 96),
    }
}

fn session() -> Result<Session<Cpu>> {
    Ok(Session::new(Rc::new(native::network(Cpu::default(), Path::new("weights"))?), Rc::new(Alone)))
}

/// The `count` channels of largest mean activation over the examples, per convolution.
fn ranked(session: &mut Session<Cpu>, count: usize) -> Result<Vec<(String, Vec<usize>)>> {
    let net = networks::first();
    let layers: Vec<usize> = net.convs().collect();
    let mut sums: Vec<Vec<f32>> = layers.iter().map(|l| vec![0.0; net.channels(*l)]).collect();
    for example in EXAMPLES {
        let bytes = std::fs::read(format!("www/examples/{}.jpg", example.id)).context(example.id)?;
        session.set_image(bytes, None, &Value::Null).map_err(|p| anyhow!(p.detail))?;
        for (conv, sums) in layers.iter().zip(&mut sums) {
            let params = json!({ "layer": net.name(conv + 1) });
            let answer = block_on(session.run("feature_maps", &params, &Silent)).map_err(|p| anyhow!(p.detail))?;
            let figure = answer.figures.first().context("no figure")?;
            let mean = |c| figure.plane(c).iter().sum::<f32>() / figure.plane(c).len() as f32;
            sums.iter_mut().enumerate().for_each(|(c, sum)| *sum += mean(c));
        }
    }
    let most = |sums: &Vec<f32>| {
        let mut order: Vec<usize> = (0..sums.len()).collect();
        order.sort_by(|a, b| sums[*b].total_cmp(&sums[*a]));
        order.truncate(count);
        order
    };
    Ok(layers.iter().zip(&sums).map(|(l, s)| (net.name(*l).to_owned(), most(s))).collect())
}

/// Grows one picture, unless it is there.
fn grow(session: &mut Session<Cpu>, folder: &Path, layer: &str, channel: usize) -> Result<()> {
    let (png, told) = (folder.join(format!("{layer}_{channel}.png")), folder.join(format!("{layer}_{channel}.json")));
    if told.exists() {
        return Ok(());
    }
    let ((side, steps, kept), start) = (effort(layer), Instant::now());
    let params = json!({ "class": format!("{layer}:{channel}"), "side": side, "steps": steps });
    let answer = block_on(session.run("maximise", &params, &Silent)).map_err(|p| anyhow!(p.detail))?;
    let figure = answer.figures.first().context("no figure")?;
    let net = networks::first();
    let mut picture = RgbImage::new(side as u32, side as u32);
    for (i, pixel) in picture.pixels_mut().enumerate() {
        let byte = |c: usize| (figure.plane(c)[i] * net.std[c] + net.mean[c]).clamp(0.0, 1.0) * 255.0;
        pixel.0 = [0, 1, 2].map(|c| byte(c).round() as u8);
    }
    let (edge, kept) = ((side - kept) as u32 / 2, kept as u32);
    imageops::crop_imm(&picture, edge, edge, kept, kept).to_image().save(&png)?;
    let facts = &answer.result["facts"];
    let seconds = start.elapsed().as_secs_f64();
    let entry =
        json!({ "channel": channel, "objective": facts["objective"], "shaken": facts["shaken"], "seconds": seconds });
    std::fs::write(told, entry.to_string())?;
    println!("{layer}:{channel} {:.1} in {seconds:.0} s", facts["objective"].as_f64().unwrap_or_default());
    Ok(())
}

/// A layer's sheet, and what the page must know to find a channel on it.
fn sheet(folder: &Path, out: &Path, layer: &str, channels: &[usize]) -> Result<(Value, f64)> {
    let rows = (channels.len() as u32).div_ceil(COLUMNS);
    let mut sheet = RgbImage::new(COLUMNS * CELL, rows * CELL);
    let (mut entries, mut seconds) = (Vec::new(), 0.0);
    for (i, channel) in channels.iter().enumerate() {
        let picture = image::open(folder.join(format!("{layer}_{channel}.png")))?.to_rgb8();
        let cell = imageops::resize(&picture, CELL, CELL, imageops::FilterType::CatmullRom);
        let (x, y) = (i as u32 % COLUMNS * CELL, i as u32 / COLUMNS * CELL);
        imageops::replace(&mut sheet, &cell, i64::from(x), i64::from(y));
        let entry: Value = serde_json::from_slice(&std::fs::read(folder.join(format!("{layer}_{channel}.json")))?)?;
        seconds += entry["seconds"].as_f64().unwrap_or_default();
        entries.push(entry["channel"].clone());
    }
    let file = std::fs::File::create(out.join(format!("{layer}.jpg")))?;
    image::codecs::jpeg::JpegEncoder::new_with_quality(file, 85).encode_image(&sheet)?;
    Ok((entries.into(), seconds))
}

fn main() -> Result<()> {
    let count = std::env::args().nth(1).map_or(Ok(16), |n| n.parse())?;
    let (folder, out) = (PathBuf::from("target/catalogue"), PathBuf::from("www/catalogue"));
    std::fs::create_dir_all(&folder)?;
    std::fs::create_dir_all(&out)?;
    let layers = ranked(&mut session()?, count)?;
    let tasks: Vec<_> =
        layers.iter().flat_map(|(layer, channels)| channels.iter().map(move |c| (layer.as_str(), *c))).collect();
    // the deepest take longest: first
    let queue = Mutex::new(tasks);
    let work = || -> Result<()> {
        let mut session = session()?;
        let bytes = std::fs::read(format!("www/examples/{}.jpg", EXAMPLES[0].id))?;
        session.set_image(bytes, None, &Value::Null).map_err(|p| anyhow!(p.detail))?;
        loop {
            let Some((layer, channel)) = queue.lock().map_err(|_| anyhow!("a worker panicked"))?.pop() else {
                return Ok(());
            };
            grow(&mut session, &folder, layer, channel)?;
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|w| w.join().map_err(|_| anyhow!("a worker panicked"))?)
    })?;
    let (mut index, mut total) = (serde_json::Map::new(), 0.0);
    for (layer, channels) in &layers {
        let (entries, seconds) = sheet(&folder, &out, layer, channels)?;
        index.insert(layer.clone(), entries);
        total += seconds;
    }
    let pictures = count * layers.len();
    println!("{pictures} pictures, {total:.0} s of one core");
    let index = json!({ "cell": CELL, "columns": COLUMNS, "channels": index });
    std::fs::write(out.join("index.json"), index.to_string() + "\n")?;
    Ok(())
}
