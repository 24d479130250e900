//! `robustness FOLDER`: of the first 50 labelled photos those that are answered correctly, and how many of them PGD (10 steps,
//! 2 grey levels, the laboratory's defaults) turns. `FOLDER/test_labels.csv` (file,label,...) and `FOLDER/test_jpg/`.

use std::path::Path;
use std::rc::Rc;

use anyhow::{Context, Result, anyhow};
use cnn_lens::engine::kernels::cpu::Cpu;
use cnn_lens::engine::{Alone, Silent};
use cnn_lens::job::Session;
use cnn_lens::native;
use pollster::block_on;
use serde_json::{Value, json};

fn main() -> Result<()> {
    let folder = std::env::args().nth(1).context("usage: robustness FOLDER")?;
    let mut session = Session::new(Rc::new(native::network(Cpu::default(), Path::new("weights"))?), Rc::new(Alone));
    let (mut photos, mut right, mut turned) = (0, 0, 0);
    for photo in native::labelled(Path::new(&folder))?.take(50) {
        let (file, label, bytes) = photo?;
        let failed = |p: cnn_lens::protocol::Problem| anyhow!("{file}: {}", p.detail);
        session.set_image(bytes, None, &Value::Null).map_err(failed)?;
        photos += 1;
        let answer = block_on(session.classify(1, &Silent)).map_err(failed)?;
        if answer.result["classes"][0]["index"] != label {
            continue;
        }
        right += 1;
        let attack = block_on(session.run("adversarial", &json!({}), &Silent)).map_err(failed)?;
        turned += i32::from(attack.result["facts"]["flipped"] == 1);
        println!("{turned} of {right} correct ones turned ({photos} photos)");
    }
    Ok(())
}
