//! Channels of several inputs, one after another.

use super::{Buf, Gate, On};
use crate::ops::{Concat, Module, Pass};

impl On<Concat> {
    /// Copies planes, for every image of a batch, between the planes `whole` and those of a `part` of them that lie `from` floats
    /// behind an image's first; `body` says in which direction.
    fn copy(&self, whole: &Buf, part: &Buf, from: usize, body: &str) {
        let [image, size] = [whole.shape, part.shape].map(|s| s.batch(1).padded_len());
        let at = format!("let p = i / {size}u * {image}u + {from}u + i % {size}u;\n");
        let buffers = [("whole", &whole.handle), ("part", &part.handle)];
        self.gpu.each(part.shape.padded_len(), &buffers, "", format!("{at}{body}"));
    }

    /// Where each part begins, in floats.
    fn offsets<'a>(parts: &'a [&Buf]) -> impl Iterator<Item = usize> + 'a {
        parts.iter().scan(0, |next, part| {
            let from = *next;
            *next += part.shape.batch(1).padded_len();
            Some(from)
        })
    }
}

impl Module<Buf> for On<Concat> {
    fn forward(&self, x: &[&Buf]) -> Buf {
        let whole = self.gpu.empty(x[0].shape.channels(x.iter().map(|x| x.shape.c).sum()));
        x.iter().zip(Self::offsets(x)).for_each(|(part, from)| self.copy(&whole, part, from, "whole[p] = part[i];"));
        whole
    }

    fn adjoint(&self, at: &Pass<'_, Buf>, g: &Buf, _: Gate) -> Vec<Buf> {
        let part = |(x, from): (&&Buf, usize)| {
            let part = self.gpu.empty(x.shape);
            self.copy(g, &part, from, "part[i] = whole[p];");
            part
        };
        at.x.iter().zip(Self::offsets(at.x)).map(part).collect()
    }
}
