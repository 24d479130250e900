//! Which channels fire together, whatever the place: Gram matrices, and how they change.

use crate::lanes::{axpy, dot};
use crate::planes::Planes;

/// `G[i][j]`: the sum over places of channel `i` times channel `j` of one image `[C, H, W]`; row-major `[C, C]`.
pub fn gram(y: &Planes) -> Vec<f32> {
    let (c, size) = (y.shape.c, y.shape.plane());
    let mut g = vec![0.0; c * c];
    // the border is zero and adds nothing
    for (i, a) in y.data.chunks_exact(size).enumerate() {
        for (j, b) in y.data.chunks_exact(size).enumerate().take(i + 1) {
            let value = dot(a, b);
            (g[i * c + j], g[j * c + i]) = (value, value);
        }
    }
    g
}

/// The gradient at `y`, given the one at its Gram matrix (`s`, symmetric): `2 s y`.
pub fn gram_adjoint(y: &Planes, s: &[f32]) -> Planes {
    let (c, size) = (y.shape.c, y.shape.plane());
    let mut out = Planes::zeros(y.shape);
    for (to, row) in out.data.chunks_exact_mut(size).zip(s.chunks_exact(c)) {
        for (from, s) in y.data.chunks_exact(size).zip(row) {
            axpy(2.0 * s, from, to);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planes::Shape;

    #[test]
    fn the_adjoint_is_the_slope() {
        let value = |i: usize| ((i * 37 % 23) as f32 - 11.0) / 7.0;
        let shape = Shape::new(3, 4, 5);
        let y = Planes::from_dense(shape, &(0..60).map(value).collect::<Vec<_>>());
        let d = Planes::from_dense(shape, &(0..60).map(|i| value(i + 90)).collect::<Vec<_>>());
        let g = gram(&y);
        assert!((g[1] - dot(&y.channel(0), &y.channel(1))).abs() < 1e-4);
        // f(G) = sum of s G for a symmetric s
        let s: Vec<f32> = (0..9).map(|i| value(i / 3 + i % 3)).collect();
        let f = |h: f32| {
            let data = y.data.iter().zip(&d.data).map(|(y, d)| y + h * d).collect();
            dot(&gram(&Planes { shape, data }), &s)
        };
        let (slope, want) = ((f(0.01) - f(-0.01)) / 0.02, dot(&gram_adjoint(&y, &s).data, &d.data));
        assert!((slope - want).abs() < 1e-2 * (1.0 + want.abs()), "{slope} {want}");
    }
}
