//! A figure with lines of text beneath, for slides and papers.

use super::paint::{canvas, context, read};
use super::pixels::{Pixels, address};

/// What [`captioned`] makes.
pub enum Captioned {
    /// As pixels, to be saved as a PNG.
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
            address(figure)?,
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
