//! What JPEG does to a picture: libjpeg's own integer arithmetic, value for value, without the entropy coding, which loses nothing.

use super::Size;
use crate::engine::image::{rounded, unit};

/// ITU T.81, Annex K: quantisation at quality 50, for brightness and for colour.
const TABLES: [[i32; 64]; 2] = [
    [
        16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29,
        51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121,
        120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
    ],
    [
        17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99,
    ],
];

/// One colour plane, `w` values a row.
struct Plane {
    w: usize,
    h: usize,
    v: Vec<i32>,
}

impl Plane {
    fn new(w: usize, h: usize, value: impl Fn(usize, usize) -> i32) -> Self {
        Self { w, h, v: (0..w * h).map(|i| value(i % w, i / w)).collect() }
    }

    /// Beyond the edge the edge goes on.
    fn at(&self, x: usize, y: usize) -> i32 {
        self.v[y.min(self.h - 1) * self.w + x.min(self.w - 1)]
    }
}

/// Saved as JPEG (4:2:0) at a quality of 1 to 100, and opened again. `[3, h, w]` from 0 to 1.
pub fn jpeg(x: &[f32], [h, w]: Size, quality: u8) -> Vec<f32> {
    let mut rgb = rounded(x, [h, w]);
    let pixel = |i: usize, weights: [f64; 3]| {
        let value =
            rgb.as_raw()[3 * i..].iter().zip(weights).map(|(v, weight)| i32::from(*v) * fixed(weight)).sum::<i32>();
        value + (1 << 15)
    };
    let colour = |weights: [f64; 3]| Plane::new(w, h, |x, y| (pixel(y * w + x, weights) + (128 << 16) - 1) >> 16);
    let y = Plane::new(w, h, |x, y| pixel(y * w + x, [0.299, 0.587, 0.114]) >> 16);
    let [cb, cr] = [[-0.16874, -0.33126, 0.5], [0.5, -0.41869, -0.08131]].map(|weights| halved(&colour(weights)));
    let (y, [cb, cr]) =
        (coded(&y, &table(0, quality)), [cb, cr].map(|plane| doubled(&coded(&plane, &table(1, quality)))));
    for (x, y0, p) in rgb.enumerate_pixels_mut() {
        let at = |plane: &Plane| plane.at(x as usize, y0 as usize);
        let (y, b, r) = (at(&y), at(&cb) - 128, at(&cr) - 128);
        let part = |v: i32| (v + (1 << 15)) >> 16;
        p.0 = [
            y + part(fixed(1.402) * r),
            y + part(-fixed(0.34414) * b - fixed(0.71414) * r),
            y + part(fixed(1.772) * b),
        ]
        .map(|v| v.clamp(0, 255) as u8);
    }
    unit(&rgb)
}

fn fixed(v: f64) -> i32 {
    (v * 65536.0).round() as i32
}

fn table(which: usize, quality: u8) -> [i32; 64] {
    let quality = i32::from(quality.clamp(1, 100));
    let scale = if quality < 50 { 5000 / quality } else { 200 - 2 * quality };
    TABLES[which].map(|v| ((v * scale + 50) / 100).clamp(1, 255))
}

/// Half the size: means of four, rounded down and up in turns.
fn halved(p: &Plane) -> Plane {
    Plane::new(p.w.div_ceil(2), p.h.div_ceil(2), |x, y| {
        let four = p.at(2 * x, 2 * y) + p.at(2 * x + 1, 2 * y) + p.at(2 * x, 2 * y + 1) + p.at(2 * x + 1, 2 * y + 1);
        (four + 1 + (x as i32 & 1)) >> 2
    })
}

/// Twice the size, by the triangle filter (libjpeg's "fancy upsampling").
fn doubled(p: &Plane) -> Plane {
    Plane::new(2 * p.w, 2 * p.h, |x, y| {
        let other = if y % 2 == 0 { (y / 2).saturating_sub(1) } else { y / 2 + 1 };
        let column = |x: usize| 3 * p.at(x, y / 2) + p.at(x, other);
        let (own, next) = (column(x / 2), if x % 2 == 0 { (x / 2).saturating_sub(1) } else { x / 2 + 1 });
        (3 * own + column(next) + 8 - (x as i32 & 1)) >> 4
    })
}

/// Through the cosine transform, rounded to the table's steps, and back.
fn coded(p: &Plane, steps: &[i32; 64]) -> Plane {
    let mut out = Plane::new(p.w, p.h, |_, _| 0);
    for top in (0..p.h).step_by(8) {
        for left in (0..p.w).step_by(8) {
            let mut block: [i32; 64] = std::array::from_fn(|i| p.at(left + i % 8, top + i / 8) - 128);
            (0..8).for_each(|row| forward(&mut block, 8 * row, 1, -2, 11));
            (0..8).for_each(|column| forward(&mut block, column, 8, 2, 15));
            for (v, step) in block.iter_mut().zip(steps) {
                *v = (v.abs() + 4 * step) / (8 * step) * v.signum() * step;
            }
            (0..8).for_each(|column| backward(&mut block, column, 8, 11));
            (0..8).for_each(|row| backward(&mut block, 8 * row, 1, 18));
            for (i, v) in block.iter().enumerate() {
                let (x, y) = (left + i % 8, top + i / 8);
                if x < p.w && y < p.h {
                    out.v[y * p.w + x] = (v + 128).clamp(0, 255);
                }
            }
        }
    }
    out
}

/// Rounded division by a power of two; a negative one multiplies.
fn descale(v: i32, bits: i32) -> i32 {
    if bits < 0 { v << -bits } else { (v + (1 << (bits - 1))) >> bits }
}

/// The odd half that both directions share (Loeffler, Ligtenberg and Moschytz 1989, 13 bits), from the inputs 7, 5, 3, 1.
fn odd(t: [i32; 4]) -> [i32; 4] {
    let z5 = (t[0] + t[2] + t[1] + t[3]) * 9633;
    let [z1, z2] = [(t[0] + t[3]) * -7373, (t[1] + t[2]) * -20995];
    let [z3, z4] = [(t[0] + t[2]) * -16069 + z5, (t[1] + t[3]) * -3196 + z5];
    [t[0] * 2446 + z1 + z3, t[1] * 16819 + z2 + z4, t[2] * 25172 + z2 + z3, t[3] * 12299 + z1 + z4]
}

/// Eight values `by` apart into frequencies (jfdctint.c).
fn forward(block: &mut [i32; 64], from: usize, by: usize, sums: i32, bits: i32) {
    let d: [i32; 8] = std::array::from_fn(|i| block[from + i * by]);
    let [a, b, c, e] = [d[0] + d[7], d[1] + d[6], d[2] + d[5], d[3] + d[4]];
    let z1 = (b - c + a - e) * 4433;
    let [o7, o5, o3, o1] = odd([d[3] - d[4], d[2] - d[5], d[1] - d[6], d[0] - d[7]]).map(|v| descale(v, bits));
    let even = [descale(z1 + (a - e) * 6270, bits), descale(z1 - (b - c) * 15137, bits)];
    let out = [descale(a + e + b + c, sums), o1, even[0], o3, descale(a + e - b - c, sums), o5, even[1], o7];
    out.into_iter().enumerate().for_each(|(i, v)| block[from + i * by] = v);
}

/// Eight frequencies `by` apart into values, the inverse of [`forward`] (jidctint.c); shifted right by `bits`.
fn backward(block: &mut [i32; 64], from: usize, by: usize, bits: i32) {
    let d: [i32; 8] = std::array::from_fn(|i| block[from + i * by]);
    let z1 = (d[2] + d[6]) * 4433;
    let [low, high] = [z1 - d[6] * 15137, z1 + d[2] * 6270];
    let [sum, difference] = [(d[0] + d[4]) << 13, (d[0] - d[4]) << 13];
    let even = [sum + high, difference + low, difference - low, sum - high];
    let odd = odd([d[7], d[5], d[3], d[1]]);
    for i in 0..4 {
        block[from + i * by] = descale(even[i] + odd[3 - i], bits);
        block[from + (7 - i) * by] = descale(even[i] - odd[3 - i], bits);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jpeg_stays_near_whatever_the_size() {
        let x: Vec<f32> = (0..3 * 35 * 21).map(|i| (i % 35) as f32 / 40.0).collect();
        let y = jpeg(&x, [21, 35], 95);
        assert!(x != y && x.iter().zip(&y).all(|(a, b)| (a - b).abs() < 0.1));
    }
}
