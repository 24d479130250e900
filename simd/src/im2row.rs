//! Any convolution as a matrix product: the values that a window reads become a column, the weights of an output channel a row.
//!
//! Places (outputs in reading order) are done in blocks that stay in the cache, so the unfolded input never exists as a whole.
//! Eight places side by side are a panel of the product: they are read from the planes once, and what comes out is written to
//! the planes at once. The adjoint is the same the other way: the product with the transposed weights, added where the window
//! read.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;

use wide::f32x8;

use super::finish::Finish;
use super::lanes::{load4, unzip};
use super::matrix::{GROUP, PANEL, Rows, multiply};
use super::window::{Axis, Window};
use super::{Planes, Shape};

/// Floats of a block of columns: what the cache near the core holds.
const BLOCK: usize = 96 * 1024;
/// Places of a block at most, so that the sums of a group of rows stay in the innermost cache.
const PLACES: usize = 512;

/// The weights of a convolution, one matrix `[cout / groups, cin / groups * taps]` a group.
pub struct Weights {
    window: Window,
    groups: Vec<Rows>,
    /// Transposed at the first gradient: who only looks forward never pays for it.
    turned: OnceCell<Vec<Rows>>,
}

impl Weights {
    /// From row-major `[cout, cin / groups, kernel.y, kernel.x]`.
    pub fn new(window: Window, cout: usize, groups: usize, weight: &[f32]) -> Self {
        let (rows, columns) = (cout / groups, weight.len() / cout.max(1));
        let matrices = weight.chunks_exact((rows * columns).max(1)).map(|w| Rows::new(rows, columns, w)).collect();
        Self { window, groups: matrices, turned: OnceCell::new() }
    }

    /// The same convolution with every weight changed.
    pub fn map(&self, change: impl Fn(f32) -> f32) -> Self {
        let groups = self.groups.iter().map(|rows| rows.map(&change)).collect();
        Self { groups, turned: OnceCell::new(), ..*self }
    }

    fn turned(&self) -> &[Rows] {
        self.turned.get_or_init(|| self.groups.iter().map(Rows::transposed).collect())
    }
}

/// The convolution of `x`; `h` x `w` outputs a channel. `finish` may not have a gate.
pub fn conv(x: &Planes, weights: &Weights, out: [usize; 2], finish: &Finish) -> Planes {
    product(x, &weights.groups, &weights.window, out, finish)
}

/// The gradient at the input of shape `shape`, given the one at the output. Channels in which that is zero everywhere cost
/// nothing when they are most: one class has a single channel of a last convolution.
pub fn conv_adjoint(g: &Planes, weights: &Weights, shape: Shape) -> Planes {
    let used = used(g);
    if weights.groups.len() == 1 && 2 * used.len() < g.shape.c {
        let rows = weights.turned().iter().map(|rows| rows.columns(&used)).collect::<Vec<_>>();
        return adjoint(&picked(g, &used), &weights.window, &rows, shape);
    }
    adjoint(g, &weights.window, weights.turned(), shape)
}

/// The channels that are not zero everywhere, in any image; one where all are.
fn used(g: &Planes) -> Vec<usize> {
    let mut used = vec![false; g.shape.c];
    for (i, plane) in g.data.chunks_exact(g.shape.plane()).enumerate() {
        let used = &mut used[i % g.shape.c];
        // all bits but the sign's: eight values at once
        *used =
            *used || plane.as_chunks::<8>().0.iter().any(|v| v.iter().fold(0, |bits, v| bits | v.to_bits() << 1) != 0);
    }
    let used: Vec<usize> = used.iter().enumerate().filter(|(_, used)| **used).map(|(c, _)| c).collect();
    if used.is_empty() { vec![0] } else { used }
}

/// These channels alone.
fn picked(g: &Planes, channels: &[usize]) -> Planes {
    let (shape, plane) = (g.shape.channels(channels.len()), g.shape.plane());
    let mut data = Vec::with_capacity(shape.padded_len());
    for image in g.data.chunks_exact(g.shape.c * plane) {
        channels.iter().for_each(|c| data.extend_from_slice(&image[c * plane..(c + 1) * plane]));
    }
    Planes { shape, data }
}

/// `turned` is the transposed matrix of every group.
fn adjoint(g: &Planes, window: &Window, turned: &[Rows], shape: Shape) -> Planes {
    if *window == Window::ONE {
        // every place is read once: the transposed product is all there is
        return product(g, turned, window, [shape.h, shape.w], &Finish::default());
    }
    let Some((rows, cout)) = turned.first().map(Rows::shape) else { return Planes::zeros(shape) };
    let (h, w, cin) = (g.shape.h, g.shape.w, rows / window.taps());
    let room = Room::new(window, shape, [h, w]);
    let mut sums = vec![0.0; shape.planes() * room.plane];
    let mut work = Work::new(cout, h * w);
    let [read, write] = [Steps::outputs(g.shape), room.steps(window)];
    let shifts: Vec<usize> = room.shifts(window).collect();
    for (part, g) in g.data.chunks_exact(cout * g.shape.plane()).enumerate() {
        let rows = &turned[part % turned.len()];
        let sums = &mut sums[part * cin * room.plane..][..cin * room.plane];
        for places in work.blocks(h * w) {
            work.unfold(g, &[0], [&read, &write], w, &places);
            work.product(rows, |row, values| {
                let plane = &mut sums[row / shifts.len() * room.plane..][..room.plane];
                let plane = &mut plane[shifts[row % shifts.len()]..];
                values.each(|panel, v| panel.add(plane, v, window.x.stride));
            });
        }
    }
    room.without_padding(sums, shape)
}

/// `rows` times what `window` reads at each of the `h` x `w` outputs, one matrix a group of channels.
fn product(x: &Planes, rows: &[Rows], window: &Window, [h, w]: [usize; 2], finish: &Finish) -> Planes {
    let Some((cout, depth)) = rows.first().map(Rows::shape) else { return Planes::zeros(x.shape.channels(0)) };
    let cin = depth / window.taps();
    let room = Room::new(window, x.shape, [h, w]);
    let padded = room.padded(x);
    let mut out = Planes::zeros(Shape { n: x.shape.n, c: cout * rows.len(), h, w });
    let mut work = Work::new(depth, h * w);
    let steps = [&room.steps(window), &Steps::outputs(out.shape)];
    let (plane, shifts) = (out.shape.plane(), room.shifts(window).collect::<Vec<_>>());
    let parts = padded.chunks_exact((cin * room.plane).max(1)).zip(out.data.chunks_exact_mut((cout * plane).max(1)));
    for (part, (x, out)) in parts.enumerate() {
        let (group, rows) = (part % rows.len(), &rows[part % rows.len()]);
        for places in work.blocks(h * w) {
            work.unfold(x, &shifts, steps, w, &places);
            work.product(rows, |row, values| {
                let (bias, plane) =
                    (f32x8::splat(finish.bias_of(group * cout + row)), &mut out[row * plane..][..plane]);
                values.each(|panel, v| {
                    let v = v + bias;
                    panel.put(plane, if finish.relu { v.max(f32x8::ZERO) } else { v });
                });
            });
        }
    }
    out
}

/// Planes with as much of a border as a window may read: their own of one place, where that is enough.
struct Room {
    /// Places before the first row and the first column.
    border: [usize; 2],
    pitch: usize,
    plane: usize,
    own: bool,
}

impl Room {
    fn new(window: &Window, x: Shape, [h, w]: [usize; 2]) -> Self {
        let end = |axis: &Axis, out: usize| out.saturating_sub(1) * axis.stride + (axis.kernel - 1) * axis.dilation + 1;
        let [down, along] = [end(&window.y, h), end(&window.x, w)];
        let fits = |axis: &Axis, end: usize, n: usize| axis.before <= 1 && end <= n + 1 + axis.before;
        if fits(&window.y, down, x.h) && fits(&window.x, along, x.w) {
            return Self { border: [1, 1], pitch: x.pitch(), plane: x.plane(), own: true };
        }
        let border = [window.y.before, window.x.before];
        let pitch = along.max(x.w + border[1]);
        Self { border, pitch, plane: pitch * down.max(x.h + border[0]), own: false }
    }

    /// Where the first tap of each output lies in a plane.
    fn steps(&self, window: &Window) -> Steps {
        let first = (self.border[0] - window.y.before) * self.pitch + self.border[1] - window.x.before;
        Steps { first, down: window.y.stride * self.pitch, along: window.x.stride }
    }

    /// How far each tap lies behind the first.
    fn shifts(&self, window: &Window) -> impl Iterator<Item = usize> {
        let (pitch, Window { y, x }) = (self.pitch, *window);
        (0..window.taps()).map(move |tap| tap / x.kernel * y.dilation * pitch + tap % x.kernel * x.dilation)
    }

    fn padded<'a>(&self, x: &'a Planes) -> Cow<'a, [f32]> {
        if self.own {
            return Cow::Borrowed(&x.data);
        }
        let mut data = vec![0.0; x.shape.planes() * self.plane];
        for (i, plane) in data.chunks_exact_mut(self.plane).enumerate() {
            let rows = plane.chunks_exact_mut(self.pitch).skip(self.border[0]).take(x.shape.h);
            rows.enumerate().for_each(|(y, row)| row[self.border[1]..][..x.shape.w].copy_from_slice(x.row(i, y)));
        }
        Cow::Owned(data)
    }

    fn without_padding(&self, data: Vec<f32>, shape: Shape) -> Planes {
        if self.own {
            let mut out = Planes { shape, data };
            out.clear_border();
            return out;
        }
        let mut out = Planes::zeros(shape);
        for (i, plane) in data.chunks_exact(self.plane).enumerate() {
            let rows = plane.chunks_exact(self.pitch).skip(self.border[0]).take(shape.h);
            rows.enumerate().for_each(|(y, row)| out.row_mut(i, y).copy_from_slice(&row[self.border[1]..][..shape.w]));
        }
        out
    }
}

/// Where the outputs' counterparts lie in a plane: that of the first, and how far it is to the one below and to the next.
struct Steps {
    first: usize,
    down: usize,
    along: usize,
}

impl Steps {
    /// The outputs themselves.
    fn outputs(shape: Shape) -> Self {
        Self { first: shape.pitch() + 1, down: shape.pitch(), along: 1 }
    }

    fn at(&self, place: usize, w: usize) -> usize {
        self.first + place / w * self.down + place % w * self.along
    }
}

/// Eight neighbouring places: where each is read and written in a plane.
struct Panel {
    read: [usize; PANEL],
    write: [usize; PANEL],
    /// How many of the eight there are.
    count: usize,
    /// Whether all lie in one row.
    row: bool,
}

impl Panel {
    fn new([read, write]: [&Steps; 2], w: usize, places: Range<usize>) -> Self {
        let at = |steps: &Steps| std::array::from_fn(|i| steps.at((places.start + i).min(places.end - 1), w));
        let count = places.len();
        Self { read: at(read), write: at(write), count, row: count == PANEL && places.start % w + PANEL <= w }
    }

    /// The eight values of a plane (of those that are not there: the last one's).
    #[inline(always)]
    fn get(&self, plane: &[f32], stride: usize) -> [f32; PANEL] {
        let run = plane.get(self.read[0]..).and_then(|run| run.first_chunk::<{ 2 * PANEL }>());
        match (run, stride) {
            (Some(run), 1) if self.row => std::array::from_fn(|i| run[i]),
            (Some(run), 2) if self.row => {
                let [low, high] = [0, 8].map(|at| unzip([load4(run, at), load4(run, at + 4)])[0]);
                bytemuck::cast([low, high])
            }
            _ => self.read.map(|at| plane.get(at).copied().unwrap_or_default()),
        }
    }

    #[inline(always)]
    fn put(&self, plane: &mut [f32], v: f32x8) {
        match plane.get_mut(self.write[0]..).and_then(|run| run.first_chunk_mut()) {
            Some(run) if self.row => *run = v.to_array(),
            _ => self.each(plane, v, |place, v| *place = v),
        }
    }

    #[inline(always)]
    fn add(&self, plane: &mut [f32], v: f32x8, stride: usize) {
        match plane.get_mut(self.write[0]..).and_then(|run| run.first_chunk_mut()) {
            Some(run) if self.row && stride == 1 => *run = (f32x8::new(*run) + v).to_array(),
            _ => self.each(plane, v, |place, v| *place += v),
        }
    }

    #[inline(always)]
    fn each(&self, plane: &mut [f32], v: f32x8, visit: impl Fn(&mut f32, f32)) {
        for (at, v) in self.write.iter().zip(v.to_array()).take(self.count) {
            if let Some(place) = plane.get_mut(*at) {
                visit(place, v);
            }
        }
    }
}

/// One row of a product.
struct Values<'a> {
    panels: &'a [Panel],
    /// `[panel][4][8]`, from this row's first eight on.
    sums: &'a [[f32; PANEL]],
}

impl Values<'_> {
    #[inline(always)]
    fn each(&self, mut visit: impl FnMut(&Panel, f32x8)) {
        for (panel, sums) in self.panels.iter().zip(self.sums.iter().step_by(GROUP)) {
            visit(panel, f32x8::new(*sums));
        }
    }
}

/// Scratch of one product: a block's places, their columns, and what they give with a group of rows.
struct Work {
    depth: usize,
    block: usize,
    panels: Vec<Panel>,
    columns: Vec<f32>,
    sums: Vec<f32>,
}

impl Work {
    fn new(depth: usize, places: usize) -> Self {
        let most = places.next_multiple_of(PANEL).min(PLACES);
        let block = (BLOCK / depth.max(1)).next_multiple_of(2 * PANEL).min(most).max(PANEL);
        Self {
            depth,
            block,
            panels: Vec::with_capacity(block / PANEL),
            columns: vec![0.0; depth * block],
            sums: vec![0.0; GROUP * block],
        }
    }

    fn blocks(&self, places: usize) -> impl Iterator<Item = Range<usize>> + use<> {
        let block = self.block;
        (0..places).step_by(block).map(move |from| from..(from + block).min(places))
    }

    /// What the taps at `shifts` of all channels of `x` hold for `places` of an output `w` wide, as panels of columns.
    fn unfold(&mut self, x: &[f32], shifts: &[usize], steps: [&Steps; 2], w: usize, places: &Range<usize>) {
        let panels = places.clone().step_by(PANEL).map(|at| Panel::new(steps, w, at..(at + PANEL).min(places.end)));
        self.panels.clear();
        self.panels.extend(panels);
        let (stride, plane) = (steps[0].along, x.len() * shifts.len() / self.depth.max(1));
        // panel by panel: columns are written in order
        let panels = self.columns.chunks_exact_mut((self.depth * PANEL).max(1)).zip(&self.panels);
        for (columns, panel) in panels {
            let channels = columns.as_chunks_mut::<PANEL>().0.chunks_exact_mut(shifts.len());
            for (columns, plane) in channels.zip(x.chunks_exact(plane.max(1))) {
                for (column, shift) in columns.iter_mut().zip(shifts) {
                    *column = panel.get(&plane[*shift..], stride);
                }
            }
        }
    }

    /// Hands every row of `rows` times the columns to `take`, with its number.
    fn product(&mut self, rows: &Rows, mut take: impl FnMut(usize, &Values)) {
        let count = self.panels.len();
        let columns = &self.columns[..count * self.depth * PANEL];
        let sums = &mut self.sums[..count * GROUP * PANEL];
        for (group, weights) in rows.groups().enumerate() {
            multiply(columns, weights, sums);
            for row in (0..GROUP).take_while(|row| group * GROUP + row < rows.shape().0) {
                let sums = &sums.as_chunks().0[row..];
                take(group * GROUP + row, &Values { panels: &self.panels, sums });
            }
        }
    }
}
