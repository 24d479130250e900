//! Numbers to pixels, and precomputed results to a picture.

use std::rc::Rc;

use serde::Deserialize;
use wasm_bindgen::{Clamped, JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, HtmlImageElement, ImageData};

use super::prefs::absolute;
use super::{lens, page, save};
use crate::catalog::networks::VGG16;
pub use crate::figure::colours::label as label_colour;
use crate::figure::scale::{Range, percentile, resize, stats};
use crate::figure::{Figure, Kind};
use crate::state::{ClassScore, Look, Mode, Palette, Picture, Shown, Source};

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

/// The range in which a map is drawn: 0 (or minus the limit, when signed) to its largest magnitude, or 99 % of them; or to the
/// look's own limit.
pub fn heat_range(figure: &Figure, look: Look) -> Range {
    let signed = look.palette == Palette::Signed;
    if let Some(high) = look.high {
        return Range::of(high, signed);
    }
    let size = |v: &f32| if signed { v.abs() } else { *v };
    // maps of the picture's own size have outliers; a 7 x 7 map has none to spare
    let high = if figure.data.len() > 1024 {
        percentile(&figure.data.iter().map(size).collect::<Vec<_>>(), 0.99)
    } else {
        figure.data.iter().fold(0.0_f32, |m, v| m.max(size(v)))
    };
    Range::of(high, signed)
}

/// The picture, the map, or the map over the picture: RGBA, `size * size`.
pub fn overlay(rgba: &[u8], size: usize, figure: Option<&Figure>, look: Look) -> Vec<u8> {
    let Some(figure) = figure.filter(|_| look.mode != Mode::Photo) else { return rgba.to_vec() };
    let range = heat_range(figure, look);
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

/// What a canvas shows. It is what is saved, too: a canvas that is read back gives noise where the browser protects against
/// fingerprinting.
pub struct Pixels {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// RGBA, all of it opaque.
    pub rgba: Vec<u8>,
}

/// The pixels of a figure, over its picture where it has one beneath.
pub fn shown(s: &Shown) -> Pixels {
    let (p, own) = (&s.picture, |f: &Figure, rgba| Pixels { width: f.info.width, height: f.info.height, rgba });
    let over = |rgba| Pixels { width: p.size, height: p.size, rgba };
    match s.figure.as_deref() {
        Some(f) if f.info.kind == Kind::Rgb => own(f, rgb(f)),
        Some(f) if f.info.kind == Kind::Photo => own(f, photo(f)),
        Some(f) if f.info.kind == Kind::Film => own(f, frame(f, (f.info.channels / 3).saturating_sub(1))),
        Some(f) if f.info.kind == Kind::Labels => over(labels(&p.rgba, p.size, f, &s.legend)),
        figure => over(overlay(&p.rgba, p.size, figure, s.look)),
    }
}

/// Puts pixels on a canvas of their size.
pub fn draw_pixels(canvas: &HtmlCanvasElement, p: &Pixels) -> Option<()> {
    draw(canvas, p.width, p.height, &p.rgba)
}

/// Puts RGBA on a canvas of that size.
pub fn draw(canvas: &HtmlCanvasElement, width: usize, height: usize, rgba: &[u8]) -> Option<()> {
    canvas.set_width(width as u32);
    canvas.set_height(height as u32);
    let image = ImageData::new_with_u8_clamped_array_and_sh(Clamped(rgba), width as u32, height as u32).ok()?;
    context(canvas)?.put_image_data(&image, 0.0, 0.0).ok()
}

/// A new canvas.
fn canvas(width: usize, height: usize) -> Option<HtmlCanvasElement> {
    let canvas: HtmlCanvasElement = gloo::utils::document().create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width(width as u32);
    canvas.set_height(height as u32);
    Some(canvas)
}

/// What was drawn on a canvas; `None` where the browser does not give back what it was given.
pub fn read(canvas: &HtmlCanvasElement) -> Option<Pixels> {
    let all = |canvas: &HtmlCanvasElement| {
        let (w, h) = (canvas.width(), canvas.height());
        let rgba = context(canvas)?.get_image_data(0.0, 0.0, f64::from(w), f64::from(h)).ok()?.data().0;
        Some(Pixels { width: w as usize, height: h as usize, rgba })
    };
    const SIDE: usize = 32;
    let known: Vec<u8> = (0..SIDE * SIDE * 4).map(|i| if i % 4 == 3 { 255 } else { (i * 37 % 251) as u8 }).collect();
    let probe = self::canvas(SIDE, SIDE)?;
    draw(&probe, SIDE, SIDE, &known)?;
    if all(&probe)?.rgba == known { all(canvas) } else { None }
}

/// What an image or a video shows, at its own size: without a canvas where one cannot be read back.
pub async fn seen(source: &JsValue, drawn: Option<HtmlCanvasElement>) -> Option<Pixels> {
    if let Some(pixels) = drawn.as_ref().and_then(read) {
        return Some(pixels);
    }
    let given = page::pixels(source).await;
    let size = |name| lens::number(&given, name) as usize;
    given.is_object().then(|| Pixels {
        width: size("width"),
        height: size("height"),
        rgba: lens::bytes(&given, "rgba"),
    })
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

/// The canvas's 2D context.
pub fn context(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok().flatten()?.dyn_into().ok()
}

/// A figure with lines of text beneath, for slides and papers.
pub enum Captioned {
    /// As pixels.
    Pixels(Pixels),
    /// As SVG, where the browser draws text for the eye only.
    Svg(String),
}

/// Columns of a captioned figure.
const WIDTH: usize = 640;
const MARGIN: f64 = 10.0;
const LINE: f64 = 22.0;
const FONT: &str = "15px system-ui, sans-serif";

/// A figure with lines of text beneath it, on white.
pub fn captioned(figure: &Pixels, lines: &[String]) -> Option<Captioned> {
    let (w, h) = (figure.width.max(1), figure.height.max(1));
    let rows = wrapped(lines)?;
    let above = h * WIDTH / w;
    let below = (LINE * rows.len() as f64 + 20.0) as usize;
    let text = canvas(WIDTH, below)?;
    let draw = context(&text)?;
    draw.set_fill_style_str("#fff");
    draw.fill_rect(0.0, 0.0, WIDTH as f64, below as f64);
    draw.set_fill_style_str("#1d1f24");
    draw.set_font(FONT);
    for (i, row) in rows.iter().enumerate() {
        draw.fill_text(row, MARGIN, 26.0 + LINE * i as f64).ok()?;
    }
    let Some(text) = read(&text) else {
        let row = |(i, row): (usize, &String)| {
            let row = row.replace('&', "&amp;").replace('<', "&lt;");
            format!("<text x=\"{MARGIN}\" y=\"{}\">{row}</text>", above as f64 + 26.0 + LINE * i as f64)
        };
        return Some(Captioned::Svg(format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{0}\" viewBox=\"0 0 {WIDTH} {0}\"><rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\
             <image width=\"{WIDTH}\" height=\"{above}\" preserveAspectRatio=\"none\" style=\"image-rendering:pixelated\" href=\"{1}\"/>\
             <g fill=\"#1d1f24\" style=\"font:{FONT}\">{2}</g></svg>",
            above + below,
            save::address(figure)?,
            rows.iter().enumerate().map(row).collect::<String>()
        )));
    };
    // the figure itself is never read back
    let pixels = figure.rgba.as_chunks::<4>().0;
    let figure = (0..WIDTH * above).map(|i| pixels.get(i / WIDTH * h / above * w + i % WIDTH * w / WIDTH));
    let rgba = figure.flat_map(|p| p.copied().unwrap_or_default()).chain(text.rgba).collect();
    Some(Captioned::Pixels(Pixels { width: WIDTH, height: above + below, rgba }))
}

/// Lines broken where they become too long: Chinese anywhere, English between words.
fn wrapped(lines: &[String]) -> Option<Vec<String>> {
    let ruler = context(&canvas(1, 1)?)?;
    ruler.set_font(FONT);
    let mut rows: Vec<String> = Vec::new();
    for line in lines {
        let mut row = String::new();
        for part in line.split_inclusive(|c: char| c == ' ' || !c.is_ascii()) {
            let longer = format!("{row}{part}");
            if !row.is_empty() && ruler.measure_text(&longer).ok()?.width() > WIDTH as f64 - 2.0 * MARGIN {
                rows.push(std::mem::take(&mut row));
            }
            row.push_str(part);
        }
        rows.push(row);
    }
    Some(rows)
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
    /// One for every class.
    maps: Vec<Vec<f32>>,
}

/// An example's results that were computed when the page was built, and its picture, cropped as the engine would.
pub async fn precomputed(id: &'static str) -> Result<(Picture, Vec<ClassScore>, Vec<Figure>), JsValue> {
    let fetched = gloo::net::http::Request::get(&absolute(&format!("examples/{id}.json"))).send().await;
    let screen: Screen = match fetched {
        Ok(response) => response.json().await.map_err(|e| JsValue::from_str(&e.to_string()))?,
        Err(e) => return Err(JsValue::from_str(&e.to_string())),
    };
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
        None => middle(&seen(&photo, None).await.ok_or(JsValue::NULL)?, size),
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
