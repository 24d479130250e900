//! Removing pixels so that the mask does not show: each becomes the mean of its neighbours (Rong et al. 2022, eq. 3, without
//! the noise), a linear system solved by conjugate gradients.

/// Neighbours and their weights: 1/6 beside, 1/12 at the corners.
const NEAR: [(isize, isize, f64); 8] = [
    (0, 1, 1.0 / 6.0),
    (0, -1, 1.0 / 6.0),
    (1, 0, 1.0 / 6.0),
    (-1, 0, 1.0 / 6.0),
    (1, 1, 1.0 / 12.0),
    (1, -1, 1.0 / 12.0),
    (-1, 1, 1.0 / 12.0),
    (-1, -1, 1.0 / 12.0),
];

/// The picture `[C, H, W]` with the pixels of `removed` (indices into `[H, W]`) filled in. Residual at most 1e-5 of the known
/// neighbours' norm. All pixels removed: they stay.
pub fn impute(x: &[f32], [h, w]: [usize; 2], removed: &[usize]) -> Vec<f32> {
    let n = h * w;
    let mut out = x.to_vec();
    if removed.is_empty() || removed.len() >= n {
        return out;
    }
    let mut place = vec![usize::MAX; n];
    removed.iter().enumerate().for_each(|(k, i)| place[*i] = k);
    // per unknown its neighbours, as (pixel, weight), and the sum of the weights that exist
    let near: Vec<Vec<(usize, f64)>> = removed
        .iter()
        .map(|i| {
            let (y, x) = ((i / w) as isize, (i % w) as isize);
            let valid = |dy: isize, dx: isize| {
                let (y, x) = (y + dy, x + dx);
                ((0..h as isize).contains(&y) && (0..w as isize).contains(&x)).then(|| y as usize * w + x as usize)
            };
            NEAR.iter().filter_map(|(dy, dx, weight)| valid(*dy, *dx).map(|at| (at, *weight))).collect()
        })
        .collect();
    let diagonal: Vec<f64> = near.iter().map(|l| l.iter().map(|(_, weight)| weight).sum()).collect();
    let times = |v: &[f64]| -> Vec<f64> {
        near.iter()
            .enumerate()
            .map(|(k, list)| {
                let known = |at: usize| place[at] == usize::MAX;
                diagonal[k] * v[k]
                    - list.iter().filter(|(at, _)| !known(*at)).map(|(at, weight)| weight * v[place[*at]]).sum::<f64>()
            })
            .collect()
    };
    for plane in out.chunks_exact_mut(n) {
        let known = |list: &Vec<(usize, f64)>| {
            list.iter()
                .filter(|(at, _)| place[*at] == usize::MAX)
                .map(|(at, weight)| weight * f64::from(plane[*at]))
                .sum()
        };
        let side: Vec<f64> = near.iter().map(known).collect();
        let solution = conjugate_gradients(times, &side);
        removed.iter().zip(solution).for_each(|(i, v)| plane[*i] = v as f32);
    }
    out
}

/// Solves `A v = side` for a symmetric positive definite `A` (Hestenes and Stiefel 1952).
fn conjugate_gradients(times: impl Fn(&[f64]) -> Vec<f64>, side: &[f64]) -> Vec<f64> {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let (mut v, mut r) = (vec![0.0; side.len()], side.to_vec());
    let (mut p, mut square) = (r.clone(), dot(&r, &r));
    let enough = 1e-10 * square;
    for _ in 0..2000 {
        if square <= enough {
            break;
        }
        let ap = times(&p);
        let step = square / dot(&p, &ap).max(1e-300);
        v.iter_mut().zip(&p).for_each(|(v, p)| *v += step * p);
        r.iter_mut().zip(&ap).for_each(|(r, a)| *r -= step * a);
        let next = dot(&r, &r);
        p.iter_mut().zip(&r).for_each(|(p, r)| *p = r + next / square * *p);
        square = next;
    }
    v
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slope_is_continued() {
        let x: Vec<f32> = (0..81).map(|i| (i % 9) as f32 / 9.0).collect();
        let hole: Vec<usize> = [30, 31, 32, 39, 40, 41, 48, 49, 50].to_vec();
        let mut broken = x.clone();
        hole.iter().for_each(|i| broken[*i] = 9.0);
        let filled = impute(&broken, [9, 9], &hole);
        assert!(filled.iter().zip(&x).all(|(a, b)| (a - b).abs() < 1e-4));
    }
}
