//! Histograms of oriented gradients (Dalal and Triggs 2005), as scikit-image computes them: what is left of a map when only
//! the directions of its edges count.

/// Bins of the histogram of gradient directions: 9 of 20 degrees each.
const BINS: usize = 9;
/// Pixels of a cell's side, and cells of a block's.
const CELL: usize = 16;
const BLOCK: usize = 3;

/// The descriptor of a map, blocks one after another, each of length 1 (L2-Hys).
pub fn hog(map: &[f32], width: usize) -> Vec<f32> {
    let height = map.len() / width.max(1);
    let (rows, columns) = (height / CELL, width / CELL);
    let mut cells = vec![[0.0_f64; BINS]; rows * columns];
    for y in 0..rows * CELL {
        for x in 0..columns * CELL {
            let at = |y: usize, x: usize| f64::from(map[y * width + x]);
            let dy = if y == 0 || y + 1 == height { 0.0 } else { at(y + 1, x) - at(y - 1, x) };
            let dx = if x == 0 || x + 1 == width { 0.0 } else { at(y, x + 1) - at(y, x - 1) };
            let angle = dy.atan2(dx).to_degrees().rem_euclid(180.0);
            let bin = ((angle / 20.0) as usize).min(BINS - 1);
            cells[y / CELL * columns + x / CELL][bin] += dy.hypot(dx) / (CELL * CELL) as f64;
        }
    }
    let mut out = Vec::new();
    for y in 0..(rows + 1).saturating_sub(BLOCK) {
        for x in 0..(columns + 1).saturating_sub(BLOCK) {
            let inside = (0..BLOCK * BLOCK).map(|i| (y + i / BLOCK) * columns + x + i % BLOCK);
            let mut block: Vec<f64> = inside.flat_map(|i| cells[i]).collect();
            scale(&mut block);
            block.iter_mut().for_each(|v| *v = v.min(0.2));
            scale(&mut block);
            out.extend(block.into_iter().map(|v| v as f32));
        }
    }
    out
}

fn scale(block: &mut [f64]) {
    let norm = (block.iter().map(|v| v * v).sum::<f64>() + 1e-10).sqrt();
    block.iter_mut().for_each(|v| *v /= norm);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vertical_stripes_have_one_direction() {
        let stripes: Vec<f32> = (0..64 * 64).map(|i| f32::from(u8::from(i % 64 / 4 % 2 == 0))).collect();
        let d = hog(&stripes, 64);
        assert_eq!(d.len(), 2 * 2 * 9 * 9);
        assert!(d.chunks_exact(9).all(|cell| cell[0] > 0.3 && cell[1..].iter().all(|v| v.abs() < 1e-6)));
    }
}
