//! The version of a build: the crate's, and a hash of everything that is compiled. Page and engine of different builds tell
//! each other so (`protocol::VERSION`).

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::{fs, io};

fn main() -> io::Result<()> {
    let mut hasher = DefaultHasher::new();
    for root in ["src", "simd/src", "crc32/src", "Cargo.toml", "Cargo.lock"] {
        println!("cargo::rerun-if-changed={root}");
        for file in files(Path::new(root))? {
            file.hash(&mut hasher);
            fs::read(&file)?.hash(&mut hasher);
        }
    }
    println!("cargo::rustc-env=CNN_LENS_VERSION={}+{:016x}", env!("CARGO_PKG_VERSION"), hasher.finish());
    Ok(())
}

fn files(path: &Path) -> io::Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.into()]);
    }
    let mut entries = fs::read_dir(path)?.map(|e| e.map(|e| e.path())).collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    entries.iter().map(|e| files(e)).collect::<io::Result<Vec<_>>>().map(|all| all.concat())
}
