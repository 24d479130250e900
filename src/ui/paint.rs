//! Numbers to pixels, and precomputed results to a picture.

use std::rc::Rc;

use serde::Deserialize;
use wasm_bindgen::{Clamped, JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, HtmlImageElement, ImageData};

use super::prefs::absolute;
use crate::catalog::networks::VGG16;
pub use crate::figure::colours::label as label_colour;
use crate::figure::scale::{Range, percentile, resize, stats};
use crate::figure::{Figure, Kind};
use crate::state::{ClassScore, Look, Mode, Palette, Picture, Source};

/// The colour of `t` in 0..1.
pub fn colour(palette: Palette, t: f32) -> [u8; 3] {
    let gradient = match palette {
        Palette::Turbo => colorous::TURBO,
        Palette::Inferno => colorous::INFERNO,
        Palette::Viridis => colorous::VIRIDIS,
        Palette::Cividis => colorous::CIVIDIS,
        // red for evidence, blue against it
        Palette::Signed => return colorous::RED_BLUE.eval_continuous(f64::from(1.0 - t)).as_array(),
    };
    gradient.eval_continuous(f64::from(t)).as_array()
}

/// A colour for each of 256 steps: drawing a layer asks for millions.
pub fn table(palette: Palette) -> Vec<[u8; 3]> {
    (0..256).map(|i| colour(palette, i as f32 / 255.0)).collect()
}

/// The range in which a map is drawn: 0 (or minus the limit, when signed) to its largest magnitude, or 99 % of them.
pub fn heat_range(figure: &Figure, palette: Palette) -> Range {
    let size = |v: &f32| if palette == Palette::Signed { v.abs() } else { *v };
    // maps of the picture's own size have outliers; a 7 x 7 map has none to spare
    let high = if figure.data.len() > 1024 {
        percentile(&figure.data.iter().map(size).collect::<Vec<_>>(), 0.99)
    } else {
        figure.data.iter().fold(0.0_f32, |m, v| m.max(size(v)))
    };
    Range::of(high, palette == Palette::Signed)
}

/// The picture, the map, or the map over the picture: RGBA, `size * size`.
pub fn overlay(rgba: &[u8], size: usize, figure: Option<&Figure>, look: Look) -> Vec<u8> {
    let Some(figure) = figure.filter(|_| look.mode != Mode::Photo) else { return rgba.to_vec() };
    let range = heat_range(figure, look.palette);
    let values = resize(&figure.data, figure.info.width, figure.info.height, size, size);
    let alpha = if look.mode == Mode::Heat { 1.0 } else { look.opacity };
    let colours = table(look.palette);
    let mut out = Vec::with_capacity(rgba.len());
    for (pixel, v) in rgba.as_chunks::<4>().0.iter().zip(values) {
        let heat = colours.get((range.unit(v) * 255.0) as usize).copied().unwrap_or_default();
        let mixed = [0, 1, 2].map(|i| (f32::from(pixel[i]) * (1.0 - alpha) + f32::from(heat[i]) * alpha) as u8);
        out.extend([mixed[0], mixed[1], mixed[2], 255]);
    }
    out
}

/// A picture in the network's own units, around its mean (Zeiler and Fergus's display): `(v - mean) / std * 0.1 + 0.5`.
pub fn rgb(figure: &Figure) -> Vec<u8> {
    let s = stats(&figure.data);
    let byte = |v: f32| (((v - s.mean) / (s.std + 1e-5) * 0.1 + 0.5).clamp(0.0, 1.0) * 255.0) as u8;
    let [r, g, b] = [0, 1, 2].map(|c| figure.plane(c));
    r.iter().zip(g).zip(b).flat_map(|((r, g), b)| [byte(*r), byte(*g), byte(*b), 255]).collect()
}

/// A normalised input as the photo that it was.
pub fn photo(figure: &Figure) -> Vec<u8> {
    let byte = |c: usize, v: f32| ((v * VGG16.std[c] + VGG16.mean[c]).clamp(0.0, 1.0) * 255.0).round() as u8;
    let [r, g, b] = [0, 1, 2].map(|c| figure.plane(c));
    r.iter().zip(g).zip(b).flat_map(|((r, g), b)| [byte(0, *r), byte(1, *g), byte(2, *b), 255]).collect()
}

/// One frame of a film.
pub fn frame(film: &Figure, at: usize) -> Vec<u8> {
    let byte = |v: f32| (v.clamp(0.0, 1.0) * 255.0).round() as u8;
    let [r, g, b] = [0, 1, 2].map(|c| film.plane(3 * at + c));
    r.iter().zip(g).zip(b).flat_map(|((r, g), b)| [byte(*r), byte(*g), byte(*b), 255]).collect()
}

/// A plane in colours, RGBA.
pub fn plane(values: &[f32], range: Range, colours: &[[u8; 3]]) -> Vec<u8> {
    let colour = |v: &f32| colours.get((range.unit(*v) * 255.0) as usize).copied().unwrap_or_default();
    values.iter().map(colour).flat_map(|[r, g, b]| [r, g, b, 255]).collect()
}

/// Labels over the picture, each in the colour of its place in `legend`: RGBA, `size * size`.
pub fn labels(rgba: &[u8], size: usize, figure: &Figure, legend: &[u64]) -> Vec<u8> {
    let (w, h) = (figure.info.width, figure.info.height);
    let mut out = Vec::with_capacity(rgba.len());
    for (i, pixel) in rgba.as_chunks::<4>().0.iter().enumerate() {
        let (x, y) = (i % size * w / size, i / size * h / size);
        let value = figure.data.get(y * w + x).copied().unwrap_or_default() as u64;
        let colour = label_colour(legend.iter().position(|v| *v == value).unwrap_or(usize::MAX));
        let mixed = [0, 1, 2].map(|c| ((u16::from(pixel[c]) + u16::from(colour[c])) / 2) as u8);
        out.extend([mixed[0], mixed[1], mixed[2], 255]);
    }
    out
}

/// Puts RGBA on a canvas of that size.
pub fn draw(canvas: &HtmlCanvasElement, width: usize, height: usize, rgba: &[u8]) -> Option<()> {
    canvas.set_width(width as u32);
    canvas.set_height(height as u32);
    let image = ImageData::new_with_u8_clamped_array_and_sh(Clamped(rgba), width as u32, height as u32).ok()?;
    context(canvas)?.put_image_data(&image, 0.0, 0.0).ok()
}

/// The canvas's 2D context.
pub fn context(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok().flatten()?.dyn_into().ok()
}

/// A canvas with lines of text beneath it, on white, for slides and papers.
pub fn captioned(figure: &HtmlCanvasElement, lines: &[String]) -> Option<HtmlCanvasElement> {
    const WIDTH: f64 = 640.0;
    let canvas: HtmlCanvasElement = gloo::utils::document().create_element("canvas").ok()?.dyn_into().ok()?;
    let font = "15px system-ui, sans-serif";
    let draw = context(&canvas)?;
    draw.set_font(font);
    let mut rows: Vec<String> = Vec::new();
    for line in lines {
        let mut row = String::new();
        // Chinese breaks anywhere, English between words
        for part in line.split_inclusive(|c: char| c == ' ' || !c.is_ascii()) {
            let longer = format!("{row}{part}");
            if !row.is_empty() && draw.measure_text(&longer).ok()?.width() > WIDTH - 20.0 {
                rows.push(std::mem::take(&mut row));
            }
            row.push_str(part);
        }
        rows.push(row);
    }
    let height = f64::from(figure.height()) * WIDTH / f64::from(figure.width().max(1));
    canvas.set_width(WIDTH as u32);
    canvas.set_height((height + 22.0 * rows.len() as f64 + 20.0) as u32);
    draw.set_fill_style_str("#fff");
    draw.fill_rect(0.0, 0.0, WIDTH, f64::from(canvas.height()));
    draw.set_image_smoothing_enabled(false);
    draw.draw_image_with_html_canvas_element_and_dw_and_dh(figure, 0.0, 0.0, WIDTH, height).ok()?;
    draw.set_fill_style_str("#1d1f24");
    draw.set_font(font);
    for (i, row) in rows.iter().enumerate() {
        draw.fill_text(row, 10.0, height + 26.0 + 22.0 * i as f64).ok()?;
    }
    Some(canvas)
}

#[derive(Deserialize)]
struct Screen {
    image: Image,
    classes: Vec<ClassScore>,
    cam: Cam,
}

#[derive(Deserialize)]
struct Image {
    width: u32,
    height: u32,
    size: usize,
}

#[derive(Deserialize)]
struct Cam {
    width: usize,
    height: usize,
    data: Vec<f32>,
}

/// An example's results that were computed when the page was built, and its picture, cropped as the engine would.
pub async fn precomputed(id: &'static str) -> Result<(Picture, Vec<ClassScore>, Figure), JsValue> {
    let fetched = gloo::net::http::Request::get(&absolute(&format!("examples/{id}.json"))).send().await;
    let screen: Screen = match fetched {
        Ok(response) => response.json().await.map_err(|e| JsValue::from_str(&e.to_string()))?,
        Err(e) => return Err(JsValue::from_str(&e.to_string())),
    };
    let photo = HtmlImageElement::new()?;
    photo.set_src(&absolute(&format!("examples/{id}.jpg")));
    JsFuture::from(photo.decode()).await?;
    let size = screen.image.size;
    let canvas: HtmlCanvasElement = gloo::utils::document().create_element("canvas")?.unchecked_into();
    canvas.set_width(size as u32);
    canvas.set_height(size as u32);
    let context = context(&canvas).ok_or(JsValue::NULL)?;
    let (w, h) = (f64::from(screen.image.width), f64::from(screen.image.height));
    let (side, n) = (w.min(h) * 7.0 / 8.0, size as f64);
    context.draw_image_with_html_image_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
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
    let rgba = context.get_image_data(0.0, 0.0, n, n)?.data().0;
    let picture = Picture {
        source: Source::Example(id),
        original: (screen.image.width, screen.image.height),
        size,
        rgba: Rc::new(rgba),
        notes: Vec::new(),
    };
    let Cam { width, height, data } = screen.cam;
    Ok((picture, screen.classes, Figure::new(Kind::Heat, "cam", [1, height, width], data)))
}
