//! Any convolution as a matrix product: the values that a window reads become a column, the weights of an output channel a row.
//!
//! Places (outputs in reading order) are done in blocks that stay in the cache, so the unfolded input never exists as a whole.
//! A 1x1 convolution reads every value once, so there nothing is unfolded; its values are only laid out in panels.

use std::cell::OnceCell;
use std::ops::Range;

use super::finish::Finish;
use super::matrix::{GROUP, PANEL, Rows, multiply};
use super::window::{Axis, Window, gather, scatter};
use super::{Planes, Shape};

/// Floats of a block of columns: what the cache near the core holds.
const BLOCK: usize = 96 * 1024;

/// The weights of a convolution, one matrix `[cout / groups, cin / groups * taps]` a group.
pub struct Weights {
    window: Window,
    /// Channels of one group, read and written.
    cin: usize,
    cout: usize,
    groups: Vec<Rows>,
    /// Transposed at the first gradient: who only looks forward never pays for it.
    turned: OnceCell<Vec<Rows>>,
}

impl Weights {
    /// From row-major `[cout, cin / groups, kernel.y, kernel.x]`.
    pub fn new(window: Window, cout: usize, groups: usize, weight: &[f32]) -> Self {
        let (rows, columns) = (cout / groups, weight.len() / cout.max(1));
        let matrices = weight.chunks_exact((rows * columns).max(1)).map(|w| Rows::new(rows, columns, w)).collect();
        Self { window, cin: columns / window.taps(), cout: rows, groups: matrices, turned: OnceCell::new() }
    }

    /// The same convolution with every weight changed.
    pub fn map(&self, change: impl Fn(f32) -> f32) -> Self {
        let groups = self.groups.iter().map(|rows| rows.map(&change)).collect();
        Self { groups, turned: OnceCell::new(), ..*self }
    }
}

/// The convolution of `x`; `h` x `w` outputs a channel. `finish` may not have a gate.
pub fn conv(x: &Planes, weights: &Weights, [h, w]: [usize; 2], finish: &Finish) -> Planes {
    let channels = weights.cout * weights.groups.len();
    let mut out = Planes::zeros(Shape { n: x.shape.n, c: channels, h, w });
    let mut work = Work::new(weights.cin * weights.window.taps(), h * w);
    for image in 0..x.shape.n {
        for (group, rows) in weights.groups.iter().enumerate() {
            let first = (image * weights.groups.len() + group) * weights.cout;
            let read = (image * weights.groups.len() + group) * weights.cin;
            for places in work.blocks(h * w) {
                work.unfold(x, read..read + weights.cin, &weights.window, w, &places);
                work.product(rows, |row, line| {
                    let bias = finish.bias_of(group * weights.cout + row);
                    line.iter_mut().for_each(|v| *v += bias);
                    if finish.relu {
                        line.iter_mut().for_each(|v| *v = v.max(0.0));
                    }
                    for run in runs(&places, w) {
                        out.row_mut(first + row, run.y)[run.x].copy_from_slice(&line[run.line]);
                    }
                });
            }
        }
    }
    out
}

/// The gradient at the input of shape `shape`, given the one at the output.
pub fn conv_adjoint(g: &Planes, weights: &Weights, shape: Shape) -> Planes {
    let (h, w) = (g.shape.h, g.shape.w);
    let mut out = Planes::zeros(shape);
    let mut work = Work::new(weights.cout, h * w);
    let turned = weights.turned.get_or_init(|| weights.groups.iter().map(Rows::transposed).collect());
    let (down, along) = (weights.window.y, weights.window.x);
    for image in 0..g.shape.n {
        for (group, rows) in turned.iter().enumerate() {
            let first = (image * turned.len() + group) * weights.cin;
            let read = (image * turned.len() + group) * weights.cout;
            for places in work.blocks(h * w) {
                work.unfold(g, read..read + weights.cout, &Window::ONE, w, &places);
                work.product(rows, |row, line| {
                    let (channel, tap) = (first + row / weights.window.taps(), row % weights.window.taps());
                    let (ky, kx) = (tap / along.kernel, tap % along.kernel);
                    let inside = along.inside(kx, shape.w, w);
                    for run in runs(&places, w) {
                        let Some(y) = down.at(run.y, ky, shape.h) else { continue };
                        let (x, from) = run.within(&inside);
                        let Some(at) = along.at(x.start, kx, shape.w).filter(|_| !x.is_empty()) else { continue };
                        scatter(1.0, &line[from], &mut out.row_mut(channel, y)[at..], along.stride);
                    }
                });
            }
        }
    }
    out
}

/// Places of one row of the output, and where they lie in a block's line.
struct Run {
    y: usize,
    x: Range<usize>,
    line: Range<usize>,
}

impl Run {
    /// The part whose columns lie in `inside`.
    fn within(&self, inside: &Range<usize>) -> (Range<usize>, Range<usize>) {
        let from = inside.start.clamp(self.x.start, self.x.end);
        let to = inside.end.clamp(from, self.x.end);
        (from..to, self.line.start + from - self.x.start..self.line.start + to - self.x.start)
    }
}

/// The rows of an output `w` wide that `places` touch.
fn runs(places: &Range<usize>, w: usize) -> impl Iterator<Item = Run> {
    let Range { start, end } = *places;
    (start / w..end.div_ceil(w)).map(move |y| {
        let (from, to) = (start.max(y * w), end.min((y + 1) * w));
        Run { y, x: from - y * w..to - y * w, line: from - start..to - start }
    })
}

/// Scratch of one product: the columns of a block, what they give with a group of rows, and one line of values.
struct Work {
    depth: usize,
    block: usize,
    columns: Vec<f32>,
    sums: Vec<f32>,
    line: Vec<f32>,
}

impl Work {
    fn new(depth: usize, places: usize) -> Self {
        let block = (BLOCK / depth.max(1)).next_multiple_of(2 * PANEL).min(places.next_multiple_of(PANEL)).max(PANEL);
        let zeros = |n: usize| vec![0.0; n];
        Self { depth, block, columns: zeros(depth * block), sums: zeros(GROUP * block), line: zeros(block) }
    }

    fn blocks(&self, places: usize) -> impl Iterator<Item = Range<usize>> + use<> {
        let block = self.block;
        (0..places).step_by(block).map(move |from| from..(from + block).min(places))
    }

    /// What the windows at `places` of an output `w` wide read of some planes, as panels of columns.
    fn unfold(&mut self, x: &Planes, planes: Range<usize>, window: &Window, w: usize, places: &Range<usize>) {
        let Window { y: down, x: along } = *window;
        let panels = places.len().div_ceil(PANEL);
        for (i, plane) in planes.enumerate() {
            for ky in 0..down.kernel {
                for kx in 0..along.kernel {
                    let line = &mut self.line[..panels * PANEL];
                    line.fill(0.0);
                    let inside = along.inside(kx, x.shape.w, w);
                    for run in runs(places, w) {
                        let Some(y) = down.at(run.y, ky, x.shape.h) else { continue };
                        let (xs, to) = run.within(&inside);
                        let Some(at) = along.at(xs.start, kx, x.shape.w).filter(|_| !xs.is_empty()) else { continue };
                        let row = &x.row(plane, y)[at..];
                        match along {
                            Axis { stride: 1, .. } => line[to.clone()].copy_from_slice(&row[..to.len()]),
                            Axis { stride, .. } => gather(1.0, row, stride, &mut line[to]),
                        }
                    }
                    let k = (i * down.kernel + ky) * along.kernel + kx;
                    let panels = self.columns.chunks_exact_mut(self.depth * PANEL);
                    for (panel, values) in panels.zip(line.as_chunks::<PANEL>().0) {
                        panel[k * PANEL..(k + 1) * PANEL].copy_from_slice(values);
                    }
                }
            }
        }
        self.sums.resize(panels * GROUP * PANEL, 0.0);
    }

    /// Hands every row of `rows` times the columns to `take`, with its number.
    fn product(&mut self, rows: &Rows, mut take: impl FnMut(usize, &mut [f32])) {
        let panels = self.sums.len() / (GROUP * PANEL);
        let columns = &self.columns[..panels * self.depth * PANEL];
        for (group, weights) in rows.groups().enumerate() {
            multiply(columns, weights, &mut self.sums);
            for row in (0..GROUP).take_while(|row| group * GROUP + row < rows.shape().0) {
                let line = self.line.as_chunks_mut::<PANEL>().0.iter_mut();
                for (line, sums) in line.zip(self.sums.as_chunks::<PANEL>().0.iter().skip(row).step_by(GROUP)) {
                    *line = *sums;
                }
                take(group * GROUP + row, &mut self.line[..panels * PANEL]);
            }
        }
    }
}
