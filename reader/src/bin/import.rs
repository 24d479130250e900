//! `import FILE... OUT`: reads a network (a model's file, with its labels and other files), and writes the folder OUT: `card.json`,
//! `weights.safetensors` and, where there are labels, `labels.txt`. Says what was read.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::Mutex;

use cnn_lens_reader::{Limits, NamedSource, Network, ReadError, Source, read, write};

/// A file that is read by slices.
struct OnDisk {
    file: Mutex<File>,
    size: u64,
}

impl OnDisk {
    fn open(path: &Path) -> std::io::Result<Self> {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        Ok(Self { file: Mutex::new(file), size })
    }
}

impl Source for OnDisk {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, at: u64, into: &mut [u8]) -> Result<(), ReadError> {
        let mut file = self.file.lock().map_err(|_| ReadError::Unreadable)?;
        file.seek(SeekFrom::Start(at)).map_err(|_| ReadError::Unreadable)?;
        file.read_exact(into).map_err(|_| ReadError::Truncated)
    }
}

fn named(path: &Path) -> Result<NamedSource, String> {
    let source = OnDisk::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(NamedSource { name, source: Rc::new(source) })
}

fn save(network: Network, out: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(out)?;
    std::fs::write(out.join("card.json"), write::card(&network.card))?;
    let mut file = File::create(out.join("weights.safetensors"))?;
    for shard in write::shards(network.tensors, u64::MAX) {
        shard.pieces(&mut |bytes| file.write_all(bytes))?;
    }
    match &network.labels {
        Some(labels) => std::fs::write(out.join("labels.txt"), labels.names.join("\n") + "\n"),
        None => Ok(()),
    }
}

fn run(arguments: &[PathBuf]) -> Result<(), String> {
    let [files @ .., out] = arguments else { return Err("takes FILE... OUT".into()) };
    let files = files.iter().map(|path| named(path)).collect::<Result<Vec<_>, _>>()?;
    let network = read(&files, Limits { memory: 4 << 30 })
        .map_err(|error| format!("{}\n{}", error.sentence().en, error.action().en))?;
    let card = &network.card;
    let weights: usize = network.tensors.values().map(cnn_lens_reader::Tensor::count).sum();
    println!(
        "{}: {} nodes, {weights} weights, {} x {} x {} pixels, {} classes",
        card.name,
        card.graph.nodes().len() - 1,
        card.input.channels,
        card.input.size,
        card.input.size,
        card.graph.dims()[card.graph.output()].c
    );
    network.notes.iter().for_each(|note| println!("* {}", note.sentence().en));
    save(network, out).map_err(|error| format!("{}: {error}", out.display()))
}

fn main() -> ExitCode {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
