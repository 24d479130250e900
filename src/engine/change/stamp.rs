//! A mark pasted over a picture: letters, a bar of colour, a frame.

use super::Size;

/// A mark that can be stamped over a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// White letters on a black strip at the bottom.
    Strip(String),
    /// Half-transparent white letters across the middle.
    Watermark(String),
    /// A bar of this colour at the left.
    Bar([u8; 3]),
    /// A black frame along the edges.
    Frame,
}

/// Letters of 5 x 7 dots, row by row from the top, five bits each.
const FONT: &[(char, [u8; 7])] = &[
    ('A', [14, 17, 17, 31, 17, 17, 17]),
    ('B', [30, 17, 17, 30, 17, 17, 30]),
    ('C', [14, 17, 16, 16, 16, 17, 14]),
    ('D', [30, 17, 17, 17, 17, 17, 30]),
    ('E', [31, 16, 16, 30, 16, 16, 31]),
    ('F', [31, 16, 16, 30, 16, 16, 16]),
    ('G', [14, 17, 16, 23, 17, 17, 14]),
    ('H', [17, 17, 17, 31, 17, 17, 17]),
    ('I', [14, 4, 4, 4, 4, 4, 14]),
    ('J', [7, 2, 2, 2, 2, 18, 12]),
    ('K', [17, 18, 20, 24, 20, 18, 17]),
    ('L', [16, 16, 16, 16, 16, 16, 31]),
    ('M', [17, 27, 21, 21, 17, 17, 17]),
    ('N', [17, 25, 21, 19, 17, 17, 17]),
    ('O', [14, 17, 17, 17, 17, 17, 14]),
    ('P', [30, 17, 17, 30, 16, 16, 16]),
    ('Q', [14, 17, 17, 17, 21, 18, 13]),
    ('R', [30, 17, 17, 30, 20, 18, 17]),
    ('S', [15, 16, 16, 14, 1, 1, 30]),
    ('T', [31, 4, 4, 4, 4, 4, 4]),
    ('U', [17, 17, 17, 17, 17, 17, 14]),
    ('V', [17, 17, 17, 17, 17, 10, 4]),
    ('W', [17, 17, 17, 21, 21, 27, 17]),
    ('X', [17, 17, 10, 4, 10, 17, 17]),
    ('Y', [17, 17, 10, 4, 4, 4, 4]),
    ('Z', [31, 1, 2, 4, 8, 16, 31]),
    ('0', [14, 17, 19, 21, 25, 17, 14]),
    ('1', [4, 12, 4, 4, 4, 4, 14]),
    ('2', [14, 17, 1, 6, 8, 16, 31]),
    ('3', [30, 1, 1, 14, 1, 1, 30]),
    ('4', [2, 6, 10, 18, 31, 2, 2]),
    ('5', [31, 16, 30, 1, 1, 17, 14]),
    ('6', [6, 8, 16, 30, 17, 17, 14]),
    ('7', [31, 1, 2, 4, 8, 8, 8]),
    ('8', [14, 17, 17, 14, 17, 17, 14]),
    ('9', [14, 17, 17, 15, 1, 2, 12]),
];

/// The picture `[3, H, W]` in 0..1 with the mark drawn over it.
pub fn stamped(x: &[f32], [h, w]: Size, mark: &Mark) -> Vec<f32> {
    let mut out = x.to_vec();
    let mut paint = |row: usize, column: usize, colour: [f32; 3], alpha: f32| {
        for (c, v) in colour.into_iter().enumerate() {
            let at = (c * h + row) * w + column;
            out[at] += alpha * (v - out[at]);
        }
    };
    match mark {
        Mark::Strip(text) => {
            let strip = (h / 8).max(9).min(h);
            (h - strip..h).for_each(|row| (0..w).for_each(|column| paint(row, column, [0.0; 3], 1.0)));
            letters(text, [h - strip, 0, strip, w], |row, column| paint(row, column, [1.0; 3], 1.0));
        }
        Mark::Watermark(text) => letters(text, [h / 3, 0, h / 3, w], |row, column| paint(row, column, [1.0; 3], 0.5)),
        Mark::Bar(colour) => {
            let colour = colour.map(|v| f32::from(v) / 255.0);
            (0..h).for_each(|row| (0..w / 8).for_each(|column| paint(row, column, colour, 1.0)));
        }
        Mark::Frame => {
            let edge = (h.min(w) / 16).max(1);
            for i in 0..h * w {
                let (row, column) = (i / w, i % w);
                if row.min(column).min(h - 1 - row).min(w - 1 - column) < edge {
                    paint(row, column, [0.0; 3], 1.0);
                }
            }
        }
    }
    out
}

/// Calls `dot` for every pixel of the text, as large as the box (top, left, height, width) allows, in its middle. Characters
/// that the font lacks are left blank.
fn letters(text: &str, [top, left, height, width]: [usize; 4], mut dot: impl FnMut(usize, usize)) {
    let text: Vec<char> = text.to_uppercase().chars().collect();
    let dots = (6 * text.len()).max(2) - 1;
    let size = (width / (dots + 2)).min(height / 9).max(1);
    let (y0, x0) = (top + (height.saturating_sub(7 * size)) / 2, left + (width.saturating_sub(dots * size)) / 2);
    for (i, letter) in text.iter().enumerate() {
        let Some((_, rows)) = FONT.iter().find(|(c, _)| c == letter) else { continue };
        for (r, bits) in rows.iter().enumerate() {
            for b in (0..5).filter(|b| bits >> (4 - b) & 1 == 1) {
                for (dy, dx) in (0..size * size).map(|k| (k / size, k % size)) {
                    let (row, column) = (y0 + r * size + dy, x0 + (6 * i + b) * size + dx);
                    if row < top + height && column < left + width {
                        dot(row, column);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_change_their_own_place_only() {
        let x = vec![0.5; 3 * 64 * 64];
        let y = stamped(&x, [64, 64], &Mark::Strip("IPOD".into()));
        assert!(y[..55 * 64].iter().all(|v| *v == 0.5) && y.contains(&1.0) && y.contains(&0.0));
        assert_eq!(stamped(&x, [64, 64], &Mark::Watermark("€".into())), x);
        // a picture lower than a letter is all strip
        let small = stamped(&x[..3 * 64], [8, 8], &Mark::Strip("A".into()));
        assert!(small.iter().all(|v| *v != 0.5), "{small:?}");
    }
}
