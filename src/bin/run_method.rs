//! `run_method PHOTO METHOD [JSON] [--net ID] [--second FILE] [--gallery FOLDER] [--direct yes]`: one method as the page runs it, with its
//! parameters as in a link or the API; facts and figures as JSON. A gallery has a folder per group. `--direct yes`: every convolution
//! directly, without the rounding of Winograd's transforms.

use std::path::Path;
use std::rc::Rc;

use anyhow::{Context, Result, anyhow};
use cnn_lens::catalog::networks;
use cnn_lens::engine::kernels::cpu::Cpu;
use cnn_lens::engine::{Alone, Silent};
use cnn_lens::job::Session;
use cnn_lens::native;
use serde_json::{Value, json};

fn main() -> Result<()> {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let mut option = |name: &str| {
        let at = args.iter().position(|a| a == name)?;
        args.drain(at..(at + 2).min(args.len())).nth(1)
    };
    let (net, second, gallery) = (option("--net"), option("--second"), option("--gallery"));
    let device = option("--direct").map_or_else(Cpu::default, |_| Cpu::direct());
    let [photo, method, given @ ..] = args.as_slice() else {
        return Err(anyhow!("usage: run_method PHOTO METHOD [JSON]"));
    };
    let params: Value = given.first().map_or(Ok(json!({})), |text| serde_json::from_str(text)).context("parameters")?;
    let net = net.as_deref().unwrap_or(networks::ids()[0]);
    let network = native::named(net, device, Path::new("weights"))?;
    let mut session = Session::new(Rc::new(network), Rc::new(Alone));
    let mut set = |path: &Path, options: Value| {
        let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
        session.set_image(bytes, None, &options).map_err(|p| anyhow!("{}: {}", path.display(), p.detail))
    };
    set(Path::new(photo), Value::Null)?;
    if let Some(second) = second {
        set(Path::new(&second), json!({ "role": "second" }))?;
    }
    let inside = |folder: &Path| std::fs::read_dir(folder).with_context(|| folder.display().to_string());
    for group in
        gallery.iter().map(|g| inside(Path::new(g))).collect::<Result<Vec<_>>>()?.into_iter().flatten().flatten()
    {
        let mut files: Vec<_> = inside(&group.path())?.filter_map(Result::ok).map(|f| f.path()).collect();
        files.sort();
        for file in files {
            set(&file, json!({ "role": "gallery", "group": group.file_name().to_string_lossy() }))?;
        }
    }
    let answer =
        pollster::block_on(session.run(method, &params, &Silent)).map_err(|p| anyhow!("{method}: {}", p.detail))?;
    let figures: Vec<Value> = answer.figures.iter().map(|f| json!({ "info": f.info, "data": f.data })).collect();
    println!("{}", json!({ "facts": answer.result["facts"], "figures": figures }));
    Ok(())
}
