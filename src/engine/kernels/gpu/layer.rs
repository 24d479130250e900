//! A layer's weights and biases, as the kernels read them.
//!
//! # Layout
//! `[ceil(written / lanes)][read by each][taps][lanes]`, missing channels zero: `lanes` written channels side by side, which read
//! the same. They are 4, or 1 where the groups of a convolution write fewer.

use std::cell::OnceCell;

use cubecl::server::Handle;

use super::launch::{floats, number};
use super::{Gpu, Reweigh};

/// Written channels side by side.
const LANES: usize = 4;

/// The arrays of a convolution or a fully connected layer.
pub struct Layer {
    /// Channels written.
    pub cout: usize,
    /// Channels read.
    pub cin: usize,
    /// Taps of its window.
    pub taps: usize,
    /// Groups that both are divided into.
    pub groups: usize,
    /// The weights.
    pub forward: Handle,
    /// Those of the adjoint, made on the device at the first gradient.
    adjoint: OnceCell<Handle>,
    /// A number for every channel written.
    pub bias: Handle,
    /// A zero for every channel of either side: the bias where there is none.
    pub none: Handle,
}

impl Layer {
    /// `arrays` are the weights, row-major `[cout, cin / groups, taps]`, and the bias, if there is one.
    pub fn new(gpu: &Gpu, [cout, cin, taps]: [usize; 3], groups: usize, arrays: &[&[f32]]) -> Self {
        let create = |values: &[f32]| gpu.client.create_from_slice(&floats(values));
        let (lanes, block) = (lanes(cout, groups), cin / groups * taps);
        let mut packed = vec![0.0; cout.next_multiple_of(lanes) * block];
        for (co, row) in arrays[0].chunks_exact(block).enumerate() {
            let first = co / lanes * block * lanes + co % lanes;
            packed[first..].iter_mut().step_by(lanes).zip(row).for_each(|(packed, w)| *packed = *w);
        }
        let padded = |n: usize| n.next_multiple_of(LANES);
        let none = create(&vec![0.0; padded(cout.max(cin))]);
        let bias = arrays.get(1).map_or_else(
            || none.clone(),
            |bias| {
                let mut bias = bias.to_vec();
                bias.resize(padded(cout), 0.0);
                create(&bias)
            },
        );
        Self { cout, cin, taps, groups, forward: create(&packed), adjoint: OnceCell::new(), bias, none }
    }

    /// Channels that a pass reads and writes.
    pub const fn channels(&self, adjoint: bool) -> [usize; 2] {
        if adjoint { [self.cout, self.cin] } else { [self.cin, self.cout] }
    }

    /// Written channels side by side.
    pub const fn lanes(&self, adjoint: bool) -> usize {
        lanes(self.channels(adjoint)[1], self.groups)
    }

    /// The weights of either direction; `turned`: the adjoint's taps stand in reverse order.
    pub fn weights(&self, gpu: &Gpu, adjoint: bool, turned: bool) -> &Handle {
        if !adjoint {
            return &self.forward;
        }
        self.adjoint.get_or_init(|| {
            let [read, written] = self.channels(true);
            let [read, share] = [read, written].map(|channels| channels / self.groups);
            let (taps, to, from) = (self.taps, self.lanes(true), self.lanes(false));
            let length = written.next_multiple_of(to) * read * taps;
            let weights = gpu.client.empty(length * 4);
            let tap = if turned { format!("{}u - tap", taps - 1) } else { "tap".into() };
            let body = format!(
                "let tap = i / {to}u % {taps}u;
                 let ci = i / {block}u * {to}u + i % {to}u;
                 let co = ci / {share}u * {read}u + i / {row}u % {read}u;
                 var v = 0.0;
                 if (ci < {written}u) {{
                     v = x[((co / {from}u * {share}u + ci % {share}u) * {taps}u + {tap}) * {from}u + co % {from}u];
                 }}
                 y[i] = v;",
                row = to * taps,
                block = to * taps * read,
            );
            gpu.each(length, &[("x", &self.forward), ("y", &weights)], "", body);
            weights
        })
    }

    /// A copy whose positive and negative weights, and biases, are scaled apart: for the rules of LRP.
    pub fn reweighed(&self, gpu: &Gpu, how: Reweigh) -> Self {
        let changed = |x: &Handle, length: usize| {
            let y = gpu.client.empty(length * 4);
            let [positive, negative] = [how.positive, how.negative].map(number);
            let body = format!("y[i] = x[i] * select({negative}, {positive}, x[i] > 0.0);");
            gpu.each(length, &[("x", x), ("y", &y)], "", body);
            y
        };
        let length = self.cout.next_multiple_of(self.lanes(false)) * self.cin / self.groups * self.taps;
        Self {
            forward: changed(&self.forward, length),
            adjoint: OnceCell::new(),
            bias: if how.bias { changed(&self.bias, self.cout.next_multiple_of(LANES)) } else { self.none.clone() },
            none: self.none.clone(),
            ..*self
        }
    }
}

/// Lanes where groups write `written` channels together.
const fn lanes(written: usize, groups: usize) -> usize {
    if groups == 1 || (written / groups).is_multiple_of(LANES) { LANES } else { 1 }
}
