//! The maximum of 3x3 windows, stride 2, and its adjoint: the pool of SqueezeNet, Inception and many others.
//!
//! A row of the input lies in two parts, its even and its odd places; the window `j` then reads `even[j]`, `odd[j]` and
//! `even[j + 1]`, and four windows are done side by side. Places outside the image lose: the parts go on behind the row.

use wide::f32x4;

use super::finish::pass;
use super::lanes::{load4, unzip, zip};
use super::window::{Axis, Window};
use super::{Gate, Planes, Shape};

/// Taps and stride of the windows that this file serves, in both directions; there may be no padding before the image.
const AXIS: Axis = Axis { kernel: 3, stride: 2, dilation: 1, before: 0 };

/// Whether these windows are such ones.
pub fn serves(window: &Window) -> bool {
    *window == Window { y: AXIS, x: AXIS }
}

/// The even and the odd places of a row, each followed by at least four places outside the image.
struct Parts {
    even: Vec<f32>,
    odd: Vec<f32>,
}

impl Parts {
    /// For rows of `n` places and `windows` windows.
    fn new(n: usize, windows: usize, outside: f32) -> Self {
        let len = n.div_ceil(2).max(windows).next_multiple_of(4) + 4;
        Self { even: vec![outside; len], odd: vec![outside; len] }
    }

    /// Takes a row: eight places at a time from `eight`, the last ones from `one`.
    #[inline(always)]
    fn take(&mut self, n: usize, eight: impl Fn(usize) -> [f32x4; 2], one: impl Fn(usize) -> f32) {
        let parts = self.even.as_chunks_mut::<4>().0.iter_mut().zip(self.odd.as_chunks_mut::<4>().0);
        for (i, (even, odd)) in parts.enumerate().take(n / 8) {
            [*even, *odd] = unzip(eight(8 * i)).map(f32x4::to_array);
        }
        for x in n / 8 * 8..n {
            let part = if x % 2 == 0 { &mut self.even } else { &mut self.odd };
            part[x / 2] = one(x);
        }
    }

    /// What the windows `j..j + 4` read: first, second and third column.
    #[inline(always)]
    fn columns(&self, j: usize) -> [f32x4; 3] {
        [load4(&self.even, j), load4(&self.odd, j), load4(&self.even, j + 1)]
    }
}

/// The rows that the windows in row `i` read, of `h`.
fn rows(i: usize, h: usize) -> std::ops::Range<usize> {
    2 * i..(2 * i + 3).min(h)
}

/// The maximum of every window; `h` x `w` windows a channel.
pub fn max_pool(x: &Planes, [h, w]: [usize; 2]) -> Planes {
    let mut out = Planes::zeros(Shape { h, w, ..x.shape });
    let n = x.shape.w;
    let mut parts = Parts::new(n, w, f32::NEG_INFINITY);
    for plane in 0..x.shape.planes() {
        for i in 0..h {
            let rows = rows(i, x.shape.h);
            // a row more than there is: the last one again
            let read: [&[f32]; 3] = std::array::from_fn(|k| x.row(plane, (rows.start + k).min(rows.end - 1)));
            let eight = |at| {
                let [a, b, c] = read.map(|row| [load4(row, at), load4(row, at + 4)]);
                [0, 1].map(|half| a[half].fast_max(b[half]).fast_max(c[half]))
            };
            // a comparison: wasm has no instruction of `f32::max`'s meaning, and a function would be called
            let larger = |a: f32, b: f32| if b > a { b } else { a };
            parts.take(n, eight, |at| read.iter().fold(f32::NEG_INFINITY, |max, row| larger(max, row[at])));
            let (whole, rest) = out.row_mut(plane, i).as_chunks_mut::<4>();
            let largest = |j| {
                let [a, b, c] = parts.columns(j);
                a.fast_max(b).fast_max(c).to_array()
            };
            whole.iter_mut().enumerate().for_each(|(i, out)| *out = largest(4 * i));
            rest.iter_mut().zip(largest(w / 4 * 4)).for_each(|(out, v)| *out = v);
        }
    }
    out
}

/// As [`super::pool_window::max_pool_adjoint`].
pub fn max_pool_adjoint(x: &Planes, y: &Planes, g: &Planes, gate: Option<Gate>) -> Planes {
    let mut out = Planes::zeros(x.shape);
    let (n, w) = (x.shape.w, y.shape.w);
    let padded = w.next_multiple_of(4);
    let mut read = Parts::new(n, w, f32::NAN);
    // what goes to the three columns of each window; the last begins with the window that would lie before the first
    let mut given = [(); 3].map(|()| vec![0.0; n.div_ceil(2).max(padded) + 8]);
    // what no place is equal to, where there is no window
    let mut max = vec![f32::NAN; padded];
    let mut left = vec![0.0; padded];
    for plane in 0..x.shape.planes() {
        for i in 0..y.shape.h {
            max[..w].copy_from_slice(y.row(plane, i));
            left[..w].copy_from_slice(g.row(plane, i));
            for r in rows(i, x.shape.h) {
                let row = x.row(plane, r);
                read.take(n, |at| [load4(row, at), load4(row, at + 4)], |at| row[at]);
                hand_down(&read, &max, &mut left, &mut given);
                hand_over(&given, out.row_mut(plane, r));
            }
        }
        if let Some(gate) = gate {
            let places = plane * x.shape.plane()..(plane + 1) * x.shape.plane();
            pass(gate, &x.data[places.clone()], &mut out.data[places]);
        }
    }
    out
}

/// One row of some windows: the first place that is a window's maximum is given what the window has left.
#[inline(always)]
fn hand_down(read: &Parts, max: &[f32], left: &mut [f32], [first, second, third]: &mut [Vec<f32>; 3]) {
    let windows = max.as_chunks::<4>().0.iter().zip(left.as_chunks_mut::<4>().0);
    let given = first.as_chunks_mut::<4>().0.iter_mut().zip(second.as_chunks_mut::<4>().0);
    let given = given.zip(third[1..].as_chunks_mut::<4>().0);
    for (i, ((max, left), ((first, second), third))) in windows.zip(given).enumerate() {
        let (max, mut rest) = (f32x4::new(*max), f32x4::new(*left));
        let parts = read.columns(4 * i).map(|x| {
            let (won, given) = (x.simd_eq(max), rest);
            rest = won.bitselect(f32x4::ZERO, given);
            (won & given).to_array()
        });
        [*first, *second, *third] = parts;
        *left = rest.to_array();
    }
}

/// Adds what was given to the columns to the row.
#[inline(always)]
fn hand_over([first, second, third]: &[Vec<f32>; 3], row: &mut [f32]) {
    let even = |j| load4(first, j) + load4(third, j);
    let (whole, rest) = row.as_chunks_mut::<8>();
    let done = 4 * whole.len();
    for (i, values) in whole.iter_mut().enumerate() {
        let [a, b] = zip([even(4 * i), load4(second, 4 * i)]);
        *values = bytemuck::cast([a + load4(values, 0), b + load4(values, 4)]);
    }
    let last: [[f32; 4]; 2] = zip([even(done), load4(second, done)]).map(f32x4::to_array);
    rest.iter_mut().zip(last.as_flattened()).for_each(|(v, given)| *v += given);
}
