//! `make_catalogue [CHANNELS] [--net ID]`: what the most used channels of every convolution want to see, as one sprite sheet per
//! layer.
//!
//! Most used: largest mean activation, behind the convolution's ReLU, over the example pictures. The pictures are those of the
//! method `maximise` with its Lucid recipe; shallow layers need fewer steps. Finished pictures are kept under `target/catalogue`,
//! so it can be stopped and continued; two run at a time.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Mutex;
use std::time::Instant;

use anyhow::{Context, Result, anyhow};
use cnn_lens::catalog::examples::EXAMPLES;
use cnn_lens::catalog::{NetworkSpec, networks};
use cnn_lens::engine::kernels::cpu::Cpu;
use cnn_lens::engine::{Alone, Silent};
use cnn_lens::job::Session;
use cnn_lens::native;
use cnn_lens::ops::Field;
use image::{RgbImage, imageops};
use pollster::block_on;
use serde_json::{Value, json};

/// Side of a picture on a sheet.
const CELL: u32 = 96;
/// Pictures in a row of a sheet.
const COLUMNS: u32 = 8;

/// Side and steps of a layer's pictures, and the side of the middle that is kept: how many pixels a unit sees decides how large
/// and how long. Those that see least are drawn to the edge, where the picture ends: there only the middle shows what they want
/// inside.
fn effort(net: &NetworkSpec, layer: usize) -> (usize, usize, usize) {
    let seen = match net.receptive_field(layer) {
        Field::Window { y, x } => y.size.max(x.size),
        Field::Whole => usize::MAX,
    };
    match seen {
        ..6 => (96, 256, 40),
        6..16 => (64, 64, 64),
        16..48 => (96, 96, 96),
        48..96 => (96, 128, 96),
        _ => (96, 160, 96),
    }
}

fn session(net: &str) -> Result<Session<Cpu>> {
    Ok(Session::new(Rc::new(native::named(net, Cpu::default(), Path::new("weights"))?), Rc::new(Alone)))
}

/// The `count` channels of largest mean activation over the examples, per convolution.
fn ranked(net: &NetworkSpec, session: &mut Session<Cpu>, count: usize) -> Result<Vec<(usize, Vec<usize>)>> {
    let layers: Vec<usize> = net.convs().collect();
    let mut sums: Vec<Vec<f32>> = layers.iter().map(|l| vec![0.0; net.channels(*l)]).collect();
    for example in EXAMPLES {
        let bytes = std::fs::read(format!("www/examples/{}.jpg", example.id)).context(example.id)?;
        session.set_image(bytes, None, &Value::Null).map_err(|p| anyhow!(p.detail))?;
        for (conv, sums) in layers.iter().zip(&mut sums) {
            let params = json!({ "layer": net.name(net.relu(*conv).unwrap_or(*conv)) });
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
    Ok(layers.iter().copied().zip(sums.iter().map(most)).collect())
}

/// Where a unit's picture is kept, and what is to be said of it.
fn kept(folder: &Path, layer: &str, channel: usize) -> [PathBuf; 2] {
    ["png", "json"].map(|end| folder.join(format!("{layer}_{channel}.{end}")))
}

/// Grows one picture, unless it is there.
fn grow(net: &NetworkSpec, session: &mut Session<Cpu>, folder: &Path, unit: (usize, usize)) -> Result<()> {
    let (layer, channel) = (net.name(unit.0), unit.1);
    let [png, told] = kept(folder, layer, channel);
    if told.exists() {
        return Ok(());
    }
    // a layer's name can be a path: fire2/squeeze1x1
    png.parent().map_or(Ok(()), std::fs::create_dir_all)?;
    let ((side, steps, kept), start) = (effort(net, unit.0), Instant::now());
    let params = json!({ "class": format!("{layer}:{channel}"), "side": side, "steps": steps });
    let answer = block_on(session.run("maximise", &params, &Silent)).map_err(|p| anyhow!(p.detail))?;
    let figure = answer.figures.first().context("no figure")?;
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
        let [png, told] = kept(folder, layer, *channel);
        let picture = image::open(png)?.to_rgb8();
        let cell = imageops::resize(&picture, CELL, CELL, imageops::FilterType::CatmullRom);
        let (x, y) = (i as u32 % COLUMNS * CELL, i as u32 / COLUMNS * CELL);
        imageops::replace(&mut sheet, &cell, i64::from(x), i64::from(y));
        let entry: Value = serde_json::from_slice(&std::fs::read(told)?)?;
        seconds += entry["seconds"].as_f64().unwrap_or_default();
        entries.push(entry["channel"].clone());
    }
    let path = out.join(format!("{layer}.jpg"));
    path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
    let file = std::fs::File::create(path)?;
    image::codecs::jpeg::JpegEncoder::new_with_quality(file, 85).encode_image(&sheet)?;
    Ok((entries.into(), seconds))
}

fn main() -> Result<()> {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let id = match args.iter().position(|a| a == "--net") {
        Some(at) => args.drain(at..(at + 2).min(args.len())).nth(1).context("--net takes a network's id")?,
        None => networks::ids()[0].to_owned(),
    };
    let count = args.first().map_or(Ok(16), |n| n.parse())?;
    let place = networks::folder(&id).with_context(|| format!("{id}: no network that is shipped"))?;
    let [folder, out] = ["target/catalogue", "www/catalogue"].map(|root| Path::new(root).join(place));
    std::fs::create_dir_all(&folder)?;
    std::fs::create_dir_all(&out)?;
    let net = networks::get(&id).context("no card")?;
    let layers = ranked(&net, &mut session(&id)?, count)?;
    // the deepest take longest: first
    let tasks = layers.iter().flat_map(|(layer, channels)| channels.iter().map(|c| (*layer, *c))).collect();
    let queue: Mutex<Vec<(usize, usize)>> = Mutex::new(tasks);
    let work = || -> Result<()> {
        // a network's description is of one thread
        let (net, mut session) = (networks::get(&id).context("no card")?, session(&id)?);
        let bytes = std::fs::read(format!("www/examples/{}.jpg", EXAMPLES[0].id))?;
        session.set_image(bytes, None, &Value::Null).map_err(|p| anyhow!(p.detail))?;
        loop {
            let Some(unit) = queue.lock().map_err(|_| anyhow!("a worker panicked"))?.pop() else {
                return Ok(());
            };
            grow(&net, &mut session, &folder, unit)?;
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|w| w.join().map_err(|_| anyhow!("a worker panicked"))?)
    })?;
    let (mut index, mut pictures, mut total) = (serde_json::Map::new(), 0, 0.0);
    for (layer, channels) in &layers {
        let layer = net.name(*layer);
        let (entries, seconds) = sheet(&folder, &out, layer, channels)?;
        index.insert(layer.to_owned(), entries);
        (pictures, total) = (pictures + channels.len(), total + seconds);
    }
    println!("{pictures} pictures, {total:.0} s of one core");
    let index = json!({ "cell": CELL, "columns": COLUMNS, "channels": index });
    std::fs::write(out.join("index.json"), index.to_string() + "\n")?;
    Ok(())
}
