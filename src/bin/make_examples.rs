//! `make_examples [FOLDER]`: every network's first screen of every example picture, computed by the native engine with the shipped
//! weights; of the networks after the first in a folder of their own.

use std::path::Path;
use std::rc::Rc;

use anyhow::{Context, Result, anyhow};
use cnn_lens::catalog::examples::EXAMPLES;
use cnn_lens::catalog::networks;
use cnn_lens::engine::kernels::cpu::Cpu;
use cnn_lens::engine::{Alone, Silent};
use cnn_lens::job::Session;
use cnn_lens::native;
use cnn_lens::protocol::Problem;
use serde_json::{Value, json};

fn main() -> Result<()> {
    let out = std::env::args().nth(1).unwrap_or_else(|| "www/examples".into());
    networks::ids().into_iter().try_for_each(|id| screens(id, Path::new(&out)))
}

/// The first screens of the network `id`.
fn screens(id: &str, out: &Path) -> Result<()> {
    let out = out.join(networks::folder(id).unwrap_or_default());
    std::fs::create_dir_all(&out)?;
    let mut session = Session::new(Rc::new(native::named(id, Cpu::default(), Path::new("weights"))?), Rc::new(Alone));
    for example in EXAMPLES {
        let bytes = std::fs::read(format!("www/examples/{}.jpg", example.id)).context(example.id)?;
        let told = |p: Problem| anyhow!("{}: {}", example.id, p.detail);
        let image = session.set_image(bytes, None, &Value::Null).map_err(told)?.result;
        let classes = pollster::block_on(session.classify(5, &Silent)).map_err(told)?.result;
        // one map for every class that is listed
        let (mut side, mut maps) = ([0; 2], Vec::new());
        for class in classes["classes"].as_array().into_iter().flatten() {
            let given = json!({ "class": class["index"] });
            let mut cam = pollster::block_on(session.run("cam", &given, &Silent)).map_err(told)?;
            let figure = cam.figures.pop().context("no figure")?;
            side = [figure.info.width, figure.info.height];
            // a thousandth of the class score is finer than any screen shows
            maps.push(figure.data.iter().map(|v| (f64::from(*v) * 1000.0).round() / 1000.0).collect::<Vec<_>>());
        }
        let screen = json!({
            "image": image, "classes": classes["classes"],
            "cam": { "width": side[0], "height": side[1], "maps": maps },
        });
        std::fs::write(out.join(format!("{}.json", example.id)), screen.to_string() + "\n")?;
        println!("{id:11} {:11} {}", example.id, classes["classes"][0]["label"]);
    }
    Ok(())
}
