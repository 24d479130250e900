//! `accuracy FOLDER`: top-1 and top-5 of the whole pipeline (decode, resize, crop, packed network and head) on labelled
//! photos: `FOLDER/test_labels.csv` (file,label,...) and `FOLDER/test_jpg/`.

use std::path::Path;
use std::rc::Rc;

use anyhow::{Context, Result, anyhow};
use cnn_lens::engine::kernels::cpu::Cpu;
use cnn_lens::engine::{Alone, Silent};
use cnn_lens::job::Session;
use cnn_lens::native;
use serde_json::Value;

fn main() -> Result<()> {
    let folder = std::env::args().nth(1).context("usage: accuracy FOLDER")?;
    let mut session = Session::new(Rc::new(native::network(Cpu::default(), Path::new("weights"))?), Rc::new(Alone));
    let (mut n, mut first, mut five) = (0, 0, 0);
    for photo in native::labelled(Path::new(&folder))? {
        let (file, label, bytes) = photo?;
        session.set_image(bytes, None, &Value::Null).map_err(|p| anyhow!("{file}: {}", p.detail))?;
        let answer = pollster::block_on(session.classify(5, &Silent)).map_err(|p| anyhow!("{file}: {}", p.detail))?;
        let top: Vec<u64> =
            answer.result["classes"].as_array().into_iter().flatten().filter_map(|c| c["index"].as_u64()).collect();
        n += 1;
        first += usize::from(top.first() == Some(&label));
        five += usize::from(top.contains(&label));
    }
    let percent = |k: usize| 100.0 * k as f64 / f64::from(n.max(1));
    println!("{n} photos: top-1 {:.1} %, top-5 {:.1} %", percent(first), percent(five));
    Ok(())
}
