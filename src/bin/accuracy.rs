//! `accuracy FOLDER [--net ID]`: top-1 and top-5 of the whole pipeline (decode, resize, crop, packed network) on labelled photos:
//! `FOLDER/test_labels.csv` (file,label,...) and `FOLDER/test_jpg/`. The network is the first, or the shipped one called ID.

use std::path::Path;
use std::rc::Rc;

use anyhow::{Result, anyhow, bail};
use cnn_lens::catalog::networks;
use cnn_lens::engine::kernels::cpu::Cpu;
use cnn_lens::engine::{Alone, Silent};
use cnn_lens::job::Session;
use cnn_lens::native;
use serde_json::json;

/// The five most probable classes of a picture in a file.
type Answers = Box<dyn FnMut(Vec<u8>) -> Result<Vec<usize>>>;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let (folder, mut answer) = match args.as_slice() {
        [folder] => (folder, answers(networks::ids()[0])?),
        [folder, "--net", id] | ["--net", id, folder] => (folder, answers(id)?),
        _ => bail!("usage: accuracy FOLDER [--net ID]"),
    };
    let (mut n, mut first, mut five) = (0, 0, 0);
    for photo in native::labelled(Path::new(folder))? {
        let (file, label, bytes) = photo?;
        let top = answer(bytes).map_err(|e| e.context(file))?;
        let found = top.iter().position(|class| *class as u64 == label);
        n += 1;
        first += usize::from(found == Some(0));
        five += usize::from(found.is_some());
    }
    let percent = |k: usize| 100.0 * k as f64 / f64::from(n.max(1));
    println!("{n} photos: top-1 {:.1} %, top-5 {:.1} %", percent(first), percent(five));
    Ok(())
}

/// As the page runs it, at the network's own size.
fn answers(id: &str) -> Result<Answers> {
    let network = native::named(id, Cpu::default(), Path::new("weights"))?;
    let size = json!({ "size": network.spec.card().input.size });
    let mut session = Session::new(Rc::new(network), Rc::new(Alone));
    Ok(Box::new(move |bytes| {
        session.set_image(bytes, None, &size).map_err(|p| anyhow!("{}", p.detail))?;
        let answer = pollster::block_on(session.classify(5, &Silent)).map_err(|p| anyhow!("{}", p.detail))?;
        let classes = answer.result["classes"].as_array().into_iter().flatten();
        Ok(classes.filter_map(|c| c["index"].as_u64()).map(|class| class as usize).collect())
    }))
}
