//! Numbers to pixels, and pixels to a canvas and back.

use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

use super::pixels::Pixels;
use crate::catalog::NetworkSpec;
pub use crate::figure::colours::label as label_colour;
use crate::figure::scale::{Range, percentile, resize, stats};
use crate::figure::{Figure, Kind};
use crate::state::{Look, Mode, Palette, Shown};

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
pub fn photo(net: &NetworkSpec, figure: &Figure) -> Vec<u8> {
    let byte = |c: usize, v: f32| ((v * net.std[c] + net.mean[c]).clamp(0.0, 1.0) * 255.0).round() as u8;
    let [r, g, b] = [0, 1, 2].map(|c| figure.plane(c));
    r.iter().zip(g).zip(b).flat_map(|((r, g), b)| [byte(0, *r), byte(1, *g), byte(2, *b), 255]).collect()
}

/// The frame number `at` of a film, as RGBA.
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

/// The pixels of a figure, over its picture where it has one beneath.
pub fn shown(s: &Shown) -> Pixels {
    let (p, own) = (&s.picture, |f: &Figure, rgba| Pixels { width: f.info.width, height: f.info.height, rgba });
    let over = |rgba| Pixels { width: p.size, height: p.size, rgba };
    match s.figure.as_deref() {
        Some(f) if f.info.kind == Kind::Rgb => own(f, rgb(f)),
        Some(f) if f.info.kind == Kind::Photo => own(f, photo(&s.net, f)),
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

/// A new canvas of this size, which is on no page.
pub fn canvas(width: usize, height: usize) -> Option<HtmlCanvasElement> {
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

/// The canvas's 2D context.
pub fn context(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok().flatten()?.dyn_into().ok()
}
