//! `accuracy FOLDER [--net ID]`: top-1 and top-5 of the whole pipeline (decode, resize, crop, packed network) on labelled photos:
//! `FOLDER/test_labels.csv` (file,label,...) and `FOLDER/test_jpg/`. The network is VGG16, or the card `weights/ID/card.json`.

use std::path::Path;
use std::rc::Rc;

use anyhow::{Result, anyhow, bail};
use cnn_lens::engine::kernels::cpu::Cpu;
use cnn_lens::engine::{Alone, Silent, head, image};
use cnn_lens::job::Session;
use cnn_lens::native;
use serde_json::Value;

/// The five most probable classes of a picture in a file.
type Answers = Box<dyn FnMut(Vec<u8>) -> Result<Vec<usize>>>;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let (folder, mut answers) = match args.as_slice() {
        [folder] => (folder, vgg16()?),
        [folder, "--net", id] | ["--net", id, folder] => (folder, of_card(id)?),
        _ => bail!("usage: accuracy FOLDER [--net ID]"),
    };
    let (mut n, mut first, mut five) = (0, 0, 0);
    for photo in native::labelled(Path::new(folder))? {
        let (file, label, bytes) = photo?;
        let top = answers(bytes).map_err(|e| e.context(file))?;
        let found = top.iter().position(|class| *class as u64 == label);
        n += 1;
        first += usize::from(found == Some(0));
        five += usize::from(found.is_some());
    }
    let percent = |k: usize| 100.0 * k as f64 / f64::from(n.max(1));
    println!("{n} photos: top-1 {:.1} %, top-5 {:.1} %", percent(first), percent(five));
    Ok(())
}

/// As the page runs it.
fn vgg16() -> Result<Answers> {
    let mut session = Session::new(Rc::new(native::network(Cpu::default(), Path::new("weights"))?), Rc::new(Alone));
    Ok(Box::new(move |bytes| {
        session.set_image(bytes, None, &Value::Null).map_err(|p| anyhow!("{}", p.detail))?;
        let answer = pollster::block_on(session.classify(5, &Silent)).map_err(|p| anyhow!("{}", p.detail))?;
        let classes = answer.result["classes"].as_array().into_iter().flatten();
        Ok(classes.filter_map(|c| c["index"].as_u64()).map(|class| class as usize).collect())
    }))
}

/// The network of a card, at its own size.
fn of_card(id: &str) -> Result<Answers> {
    let (card, network) = native::card(&Path::new("weights").join(id))?;
    let options = image::Options { size: u32::try_from(card.input.size)?, ..image::Options::default() };
    Ok(Box::new(move |bytes| {
        let rgb = image::prepare(&bytes, options)?.rgb;
        let input = image::normalise_for(&rgb, &card.preprocessing);
        let logits = pollster::block_on(network.infer(&input, card.graph.output(), &Silent))?;
        Ok(head::top(&logits.dense(), 5))
    }))
}
