//! Turned, moved, scaled, mirrored, striped. What lies outside of the picture is the training set's mean colour.

use super::{Size, channels};

/// The training set's mean, what the network reads as 0.
const MEAN: [f32; 3] = [0.485, 0.456, 0.406];

/// Turned by `degrees` anticlockwise and scaled by `scale` about the centre, then moved right and down, bilinear.
pub fn moved(x: &[f32], [h, w]: Size, degrees: f32, scale: f32, [right, down]: [f32; 2]) -> Vec<f32> {
    let (s, c) = degrees.to_radians().sin_cos();
    let (cy, cx) = ((h as f32 - 1.0) / 2.0, (w as f32 - 1.0) / 2.0);
    let mut out = Vec::with_capacity(x.len());
    for (channel, plane) in x.chunks_exact(h * w).enumerate() {
        let at = |y: isize, x: isize| {
            let inside = (0..h as isize).contains(&y) && (0..w as isize).contains(&x);
            if inside { plane[y as usize * w + x as usize] } else { MEAN[channel] }
        };
        for i in 0..h * w {
            let (dy, dx) = ((i / w) as f32 - cy - down, (i % w) as f32 - cx - right);
            let (y, x) = (cy + (s * dx + c * dy) / scale, cx + (c * dx - s * dy) / scale);
            let (y0, x0) = (y.floor(), x.floor());
            let (ty, tx) = (y - y0, x - x0);
            let (y0, x0) = (y0 as isize, x0 as isize);
            let row = |y: isize| at(y, x0) * (1.0 - tx) + if tx > 0.0 { at(y, x0 + 1) * tx } else { 0.0 };
            out.push(row(y0) * (1.0 - ty) + if ty > 0.0 { row(y0 + 1) * ty } else { 0.0 });
        }
    }
    out
}

/// The picture `[3, H, W]` with left and right exchanged.
pub fn mirrored(x: &[f32], [h, w]: Size) -> Vec<f32> {
    channels(x, [h, w], |plane| plane.chunks_exact(w).flat_map(|row| row.iter().rev().copied()).collect())
}

/// Seven vertical stripes that together cover `share` of the picture.
pub fn striped(x: &[f32], [h, w]: Size, share: f32) -> Vec<f32> {
    let covered = |column: usize| (column as f32 * 7.0 / w as f32).fract() < share;
    (0..x.len()).map(|i| if covered(i % w) { MEAN[i / (h * w)] } else { x[i] }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_moves_when_nothing_is_asked_and_whole_steps_are_exact() {
        let x: Vec<f32> = (0..3 * 35).map(|v| v as f32 / 105.0).collect();
        assert_eq!(moved(&x, [5, 7], 0.0, 1.0, [0.0; 2]), x);
        let y = moved(&x, [5, 7], 0.0, 1.0, [2.0, 1.0]);
        assert!((y[7 + 2] - x[0]).abs() < 1e-6 && (y[0] - MEAN[0]).abs() < 1e-6);
        assert_eq!(mirrored(&mirrored(&x, [5, 7]), [5, 7]), x);
    }
}
