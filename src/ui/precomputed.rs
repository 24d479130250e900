//! An example's results that were computed when the page was built, with its picture.

use std::rc::Rc;

use serde_json::Value;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlImageElement;

use super::paint::{canvas, context, read};
use super::pixels::Pixels;
use super::prefs::absolute;
use super::{fetch, page};
use crate::catalog::{NetworkSpec, networks};
use crate::fields::{BadField, numbers, object};
use crate::figure::{Figure, Kind};
use crate::state::{ClassScore, Picture, Source};

struct Screen {
    image: Image,
    classes: Vec<ClassScore>,
    cam: Cam,
}

struct Image {
    width: u32,
    height: u32,
    size: usize,
}

struct Cam {
    width: usize,
    height: usize,
    /// One map for every class of `classes`, row by row.
    maps: Vec<Vec<f32>>,
}

impl Screen {
    fn read(file: Value) -> Result<Self, BadField> {
        let mut fields = object("screen", file)?;
        let (mut image, mut cam) = (fields.object("image")?, fields.object("cam")?);
        let map = |map| numbers("maps", map);
        Ok(Self {
            image: Image { width: image.small("width")?, height: image.small("height")?, size: image.whole("size")? },
            classes: fields.list("classes")?.into_iter().map(ClassScore::read).collect::<Result<_, _>>()?,
            cam: Cam {
                width: cam.whole("width")?,
                height: cam.whole("height")?,
                maps: cam.list("maps")?.into_iter().map(map).collect::<Result<_, _>>()?,
            },
        })
    }
}

/// The network's results for an example that were computed when the page was built, and its picture, cropped as the engine would.
pub async fn precomputed(
    net: &NetworkSpec,
    id: &'static str,
) -> Result<(Picture, Vec<ClassScore>, Vec<Figure>), JsValue> {
    let folder = networks::folder(net.id()).unwrap_or_default();
    let screen = Screen::read(fetch::json(&format!("examples/{folder}{id}.json")).await?);
    let screen = screen.map_err(|e| JsValue::from_str(&e.to_string()))?;
    let photo = HtmlImageElement::new()?;
    photo.set_src(&absolute(&format!("examples/{id}.jpg")));
    JsFuture::from(photo.decode()).await?;
    let size = screen.image.size;
    let drawn = canvas(size, size).ok_or(JsValue::NULL)?;
    let (w, h) = (f64::from(screen.image.width), f64::from(screen.image.height));
    let (side, n) = (w.min(h) * 7.0 / 8.0, size as f64);
    context(&drawn)
        .ok_or(JsValue::NULL)?
        .draw_image_with_html_image_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
            &photo,
            (w - side) / 2.0,
            (h - side) / 2.0,
            side,
            side,
            0.0,
            0.0,
            n,
            n,
        )?;
    let rgba = match read(&drawn) {
        Some(pixels) => pixels.rgba,
        None => middle(&page::seen(&photo, None).await.ok_or(JsValue::NULL)?, size),
    };
    let picture = Picture {
        source: Source::Example(id),
        original: (screen.image.width, screen.image.height),
        size,
        rgba: Rc::new(rgba),
        notes: Vec::new(),
    };
    let Cam { width, height, maps } = screen.cam;
    let maps = maps.into_iter().map(|data| Figure::new(Kind::Heat, "cam", [1, height, width], data));
    Ok((picture, screen.classes, maps.collect()))
}

/// The middle of a picture as the network gets it: seven eighths of its shorter side, at `size`.
fn middle(p: &Pixels, size: usize) -> Vec<u8> {
    let side = p.width.min(p.height) as f64 * 7.0 / 8.0;
    let (left, top) = ((p.width as f64 - side) / 2.0, (p.height as f64 - side) / 2.0);
    // the mean of 4 x 4 samples of every pixel
    let at = |from: f64, i: usize, k: usize| (from + (i as f64 + (k as f64 + 0.5) / 4.0) * side / size as f64) as usize;
    let mean = |i: usize, channel: usize| {
        let sample = |k: usize| {
            let (x, y) = (at(left, i % size, k % 4), at(top, i / size, k / 4));
            p.rgba.get((y * p.width + x) * 4 + channel).copied().map_or(0, u32::from)
        };
        ((0..16).map(sample).sum::<u32>() + 8) / 16
    };
    (0..size * size * 4).map(|i| mean(i / 4, i % 4) as u8).collect()
}
