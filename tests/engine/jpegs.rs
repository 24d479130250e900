//! JPEGs of every sampling, order of scans and restart interval, and with one byte changed: what is shown is what libjpeg-turbo
//! shows (`tests/fixtures/jpegs.py`), or it is refused; never another picture.

use std::io::Read;

use base64::{Engine, prelude::BASE64_STANDARD};
use cnn_lens::catalog::ProblemKind;
use cnn_lens::engine::image::{Fit, Options, Prepared, Rejected, prepare};
use serde::Deserialize;

/// Grey levels by which a cell's mean may differ: rounding, and how colours between two samples are filled in. The faults were
/// 48 to 113 off.
const TOLERANCE: u8 = 3;

#[derive(Deserialize)]
struct Made {
    grid: [u32; 2],
    size: (u32, u32),
    whole: Vec<Whole>,
    damaged: Vec<Damaged>,
}

#[derive(Deserialize)]
struct Whole {
    name: String,
    jpeg: String,
    shown: String,
}

#[derive(Deserialize)]
struct Damaged {
    of: String,
    at: usize,
    byte: u8,
    shown: Option<String>,
}

fn made() -> Made {
    let file = include_bytes!("../fixtures/jpegs.json.gz");
    let mut text = String::new();
    flate2::read::GzDecoder::new(file.as_slice()).read_to_string(&mut text).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn bytes(text: &str) -> Vec<u8> {
    BASE64_STANDARD.decode(text).unwrap()
}

/// The picture squeezed to a square whose side holds the grid's cells a whole number of times.
fn decoded(file: &[u8]) -> Result<Prepared, Rejected> {
    prepare(file, Options { size: 96, fit: Fit::Stretch, crop: None })
}

/// The largest difference of a cell's mean to what libjpeg-turbo shows.
fn apart(prepared: &Prepared, shown: &[u8], [across, down]: [u32; 2]) -> u8 {
    let (w, h) = (96 / across, 96 / down);
    let cell = |i: u32, c: usize| {
        let (x, y) = (i % across * w, i / across * h);
        let sum: u32 = (0..w * h).map(|k| u32::from(prepared.rgb.get_pixel(x + k % w, y + k / w).0[c])).sum();
        ((sum + w * h / 2) / (w * h)) as u8
    };
    let cells = (0..across * down).flat_map(|i| (0..3).map(move |c| cell(i, c)));
    cells.zip(shown).map(|(a, b)| a.abs_diff(*b)).max().unwrap()
}

#[test]
fn every_sampling_scan_script_and_restart_interval_is_shown_as_others_do() {
    let made = made();
    let mut arithmetic = 0;
    for Whole { name, jpeg, shown } in &made.whole {
        match decoded(&bytes(jpeg)) {
            Ok(got) => {
                assert_eq!(got.original, made.size, "{name}");
                let apart = apart(&got, &bytes(shown), made.grid);
                assert!(apart <= TOLERANCE, "{name}: {apart}");
            }
            Err(e) => {
                assert!(name.contains("arithmetic"), "{name}: {e}");
                assert_eq!(e.kind, ProblemKind::UnsupportedFormat, "{name}: {e}");
                arithmetic += 1;
            }
        }
    }
    assert!(made.whole.len() > 200 && arithmetic == 2, "{} {arithmetic}", made.whole.len());
}

#[test]
fn one_changed_byte_never_shows_another_picture() {
    use ProblemKind::{DamagedImage, TruncatedImage, UnsupportedFormat};
    let made = made();
    let (mut same, mut refused) = (0, 0);
    for Damaged { of, at, byte, shown } in &made.damaged {
        let mut file = bytes(&made.whole.iter().find(|w| w.name == *of).unwrap().jpeg);
        file[*at] = *byte;
        match (decoded(&file), shown) {
            (Ok(got), Some(shown)) => {
                let apart = apart(&got, &bytes(shown), made.grid);
                assert!(apart <= TOLERANCE, "{of}, byte {at} = {byte}: {apart}");
                same += 1;
            }
            // Pillow shows nothing of a file without its end marker; all browsers do
            (Ok(_), None) => assert!(*at + 2 >= file.len(), "{of}, byte {at} = {byte}: shown by us alone"),
            (Err(e), _) => {
                let kinds = [DamagedImage, TruncatedImage, UnsupportedFormat];
                assert!(kinds.contains(&e.kind) || *at < 300, "{of}, byte {at}: {:?} {e}", e.kind);
                refused += 1;
            }
        }
    }
    assert!(same > 200 && refused > 100, "{same} {refused}");
}
