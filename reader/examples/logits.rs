//! `logits INPUT OUTPUT FILE...`: reads a network from FILE..., gives it the numbers of INPUT (float32 of [C, H, W], as the network
//! takes them), and writes its logits and then the gradient of the largest of them at the input, as float32, to OUTPUT. What
//! `tests/golden/reader.py` compares with the networks' own runtimes.

use std::process::ExitCode;

use cnn_lens::engine::graph::ByNode;
use cnn_lens::engine::kernels::Gate;
use cnn_lens::engine::planes::{Planes, Shape};
use cnn_lens::engine::score::top;
use cnn_lens::engine::{GraphNetwork, Silent};
use cnn_lens_reader::{Limits, NamedSource, read};
use pollster::block_on;

#[path = "../tests/support/loaded.rs"]
mod loaded;

fn run(arguments: &[String]) -> Result<(), String> {
    let [input, output, files @ ..] = arguments else { return Err("takes INPUT OUTPUT FILE...".into()) };
    let open = |path: &String| std::fs::read(path).map_err(|error| format!("{path}: {error}"));
    let files = files.iter().map(|path| {
        let name = path.rsplit('/').next().unwrap_or(path).to_owned();
        Ok(NamedSource { name, source: std::rc::Rc::new(open(path)?) })
    });
    let files: Vec<NamedSource> = files.collect::<Result<_, String>>()?;
    let start = std::time::Instant::now();
    let mut network =
        read(&files, Limits { memory: 4 << 30 }).map_err(|error| format!("{error} {}", error.action().en))?;
    let read_in = start.elapsed();
    // the text of the card is the card
    let card = cnn_lens::catalog::Card::parse(&cnn_lens_reader::write::card(&network.card))
        .map_err(|error| error.to_string())?;
    if card != network.card {
        return Err("the card's text is another card".into());
    }
    let graph = GraphNetwork::new(card.graph);
    graph.load(&loaded::arrays(std::mem::take(&mut network.tensors))).map_err(|error| error.to_string())?;
    let dims = graph.graph().dims()[0];
    let values: Vec<f32> = open(input)?.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
    if values.len() != dims.c * dims.places() {
        return Err(format!("{input} has {} numbers; {dims} are needed", values.len()));
    }
    let x = Planes::from_dense(Shape::new(dims.c, dims.h, dims.w), &values);
    let at = graph.graph().output();
    let tape = block_on(graph.forward(&x, at, &Silent)).map_err(|error| error.to_string())?;
    let logits = tape.value(at).ok_or("no logits")?;
    let mut seed = Planes::zeros(logits.shape);
    seed.row_mut(top(&logits.dense(), 1)[0], 0)[0] = 1.0;
    let mut gradient = block_on(graph.backward(&tape, ByNode::from([(at, seed)]), &[0], Gate::Relu, &Silent))
        .map_err(|error| error.to_string())?;
    let gradient = gradient.remove(&0).ok_or("no gradient")?.dense();
    let bytes: Vec<u8> = logits.dense().iter().chain(&gradient).flat_map(|v| v.to_le_bytes()).collect();
    std::fs::write(output, bytes).map_err(|error| format!("{output}: {error}"))?;
    println!(
        "{} | {} nodes | {} classes | read in {:.2} s | {}",
        network.card.name,
        graph.graph().nodes().len() - 1,
        logits.shape.c,
        read_in.as_secs_f32(),
        network.notes.iter().map(|note| note.sentence().en).collect::<Vec<_>>().join(" ")
    );
    Ok(())
}

fn main() -> ExitCode {
    match run(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
