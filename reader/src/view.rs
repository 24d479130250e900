//! How a value of a file's graph lies over what a node of ours writes.
//!
//! Frameworks move dimensions about (channels last, flattened, with ones put in and taken out) where a node of ours always writes
//! `[C, H, W]`. A view says which of these axes stand in which dimension, so that a transpose or reshape costs no operation: it
//! only changes the view, and cancels with the one that undoes it.

use std::rc::Rc;

use cnn_lens::ops::Dims;

use crate::draft::Draft;
use crate::error::ReadError;

/// An axis of what a node writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// Channels.
    C,
    /// Rows.
    H,
    /// Columns.
    W,
}

use Axis::{C, H, W};

/// A value: a node, and which axes stand in each dimension. An axis of one place stands nowhere; a dimension without axes has one
/// place, as the batch has.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// The node.
    pub node: usize,
    /// The axes of each dimension, outermost first.
    pub groups: Vec<Vec<Axis>>,
    /// Of a vector whose values are not in the node's order: the place that the node's `i`th value has in the view.
    pub order: Option<Rc<[usize]>>,
    /// Zeros around the maps that the next operation is to take in: `[top, left, bottom, right]`.
    pub pad: [usize; 4],
}

fn side(dims: Dims, axis: Axis) -> usize {
    match axis {
        C => dims.c,
        H => dims.h,
        W => dims.w,
    }
}

impl View {
    fn of(node: usize, dims: Dims, axes: &[&[Axis]]) -> Self {
        let long = |axes: &&[Axis]| axes.iter().copied().filter(|axis| side(dims, *axis) > 1).collect();
        Self { node, groups: axes.iter().map(long).collect(), order: None, pad: [0; 4] }
    }

    /// `[N, C, H, W]`.
    pub fn channels_first(node: usize, dims: Dims) -> Self {
        Self::of(node, dims, &[&[], &[C], &[H], &[W]])
    }

    /// `[N, H, W, C]`.
    pub fn channels_last(node: usize, dims: Dims) -> Self {
        Self::of(node, dims, &[&[], &[H], &[W], &[C]])
    }

    /// `[N, C]` of a node that writes a vector.
    pub fn vector(node: usize, dims: Dims) -> Self {
        Self::of(node, dims, &[&[], &[C]])
    }

    /// The same view of another node that writes as many rows and columns.
    pub fn with(&self, node: usize) -> Self {
        Self { node, ..self.clone() }
    }

    /// Its shape, batch of one included.
    pub fn shape(&self, draft: &Draft) -> Vec<usize> {
        let dims = self.padded(draft.dims(self.node));
        self.groups.iter().map(|group| group.iter().map(|axis| side(dims, *axis)).product()).collect()
    }

    const fn padded(&self, dims: Dims) -> Dims {
        let [top, left, bottom, right] = self.pad;
        Dims::new(dims.c, dims.h + top + bottom, dims.w + left + right)
    }

    /// Whether it is `[N, C, H, W]`.
    pub fn is_channels_first(&self, draft: &Draft) -> bool {
        self.groups == Self::channels_first(self.node, draft.dims(self.node)).groups && self.order.is_none()
    }

    /// Whether it is `[N, H, W, C]`.
    pub fn is_channels_last(&self, draft: &Draft) -> bool {
        self.groups == Self::channels_last(self.node, draft.dims(self.node)).groups && self.order.is_none()
    }

    /// With its dimensions in another order.
    pub fn transposed(&self, order: &[usize]) -> Option<Self> {
        let groups: Option<Vec<_>> = order.iter().map(|at| self.groups.get(*at).cloned()).collect();
        let groups = groups.filter(|groups| groups.len() == self.groups.len())?;
        Some(Self { groups, ..self.clone() })
    }

    /// With another shape of as many values, where no axis would have to be cut. Of `target`, -1 is what is left.
    pub fn reshaped(&self, draft: &Draft, target: &[i64]) -> Option<Self> {
        let dims = self.padded(draft.dims(self.node));
        let axes: Vec<Axis> = self.groups.iter().flatten().copied().collect();
        let total: usize = axes.iter().map(|axis| side(dims, *axis)).product();
        let known: usize = target
            .iter()
            .filter(|n| **n != -1)
            .try_fold(1_usize, |all, n| usize::try_from(*n).ok().and_then(|n| all.checked_mul(n)))?;
        let mut rest = axes.iter().copied().peekable();
        let mut groups = Vec::new();
        for n in target {
            let n = if *n == -1 { total.checked_div(known)? } else { usize::try_from(*n).ok()? };
            let (mut group, mut have) = (Vec::new(), 1);
            while have < n {
                let axis = rest.next()?;
                group.push(axis);
                have *= side(dims, axis);
            }
            if have != n {
                return None;
            }
            groups.push(group);
        }
        rest.next().is_none().then(|| Self { groups, ..self.clone() })
    }

    /// With dimensions of one place put in, given their places in the result.
    pub fn unsqueezed(&self, places: &[usize]) -> Option<Self> {
        let mut groups = self.groups.clone();
        let mut places = places.to_vec();
        places.sort_unstable();
        for at in places {
            if at > groups.len() {
                return None;
            }
            groups.insert(at, Vec::new());
        }
        Some(Self { groups, ..self.clone() })
    }

    /// Without dimensions of one place; without all of them where none is named.
    pub fn squeezed(&self, places: &[usize]) -> Option<Self> {
        let gone = |at: &usize| if places.is_empty() { self.groups[*at].is_empty() } else { places.contains(at) };
        if places.iter().any(|at| self.groups.get(*at).is_none_or(|group| !group.is_empty())) {
            return None;
        }
        let groups = (0..self.groups.len()).filter(|at| !gone(at)).map(|at| self.groups[at].clone()).collect();
        Some(Self { groups, ..self.clone() })
    }

    /// The padding as an operation of its own, if there is any.
    ///
    /// # Errors
    /// As [`Draft::push`].
    pub fn settled(&self, draft: &mut Draft, name: &str) -> Result<Self, ReadError> {
        if self.pad == [0; 4] {
            return Ok(self.clone());
        }
        let node = draft.padded(name, self.node, self.pad)?;
        Ok(Self { node, pad: [0; 4], ..self.clone() })
    }

    /// As a vector `[N, values]` of a node that writes one: maps are flattened, and remember the order in which the file has them.
    ///
    /// # Errors
    /// As [`Draft::push`]. `None`: it is no `[N, values]`.
    pub fn flattened(&self, draft: &mut Draft) -> Result<Option<Self>, ReadError> {
        let [batch, axes] = self.groups.as_slice() else { return Ok(None) };
        if !batch.is_empty() {
            return Ok(None);
        }
        let view = self.settled(draft, "pad")?;
        let dims = draft.dims(view.node);
        if dims.places() == 1 {
            return Ok(Some(view));
        }
        let natural: Vec<Axis> = [C, H, W].into_iter().filter(|axis| side(dims, *axis) > 1).collect();
        let order: Option<Rc<[usize]>> = (*axes != natural).then(|| place_in(dims, axes).into());
        let node = draft.flatten(view.node)?;
        Ok(Some(Self { order, ..Self::vector(node, draft.dims(node)) }))
    }

    /// `values` given in the view's order, in the node's.
    pub fn ordered(&self, values: Vec<f32>) -> Vec<f32> {
        match &self.order {
            Some(order) if order.len() == values.len() => order.iter().map(|at| values[*at]).collect(),
            _ => values,
        }
    }
}

/// For every value of a node in its own order, its place when its axes are walked in the order `axes`.
fn place_in(dims: Dims, axes: &[Axis]) -> Vec<usize> {
    let step = |axis: Axis| {
        let at = axes.iter().position(|other| *other == axis);
        at.map_or(0, |at| axes[at + 1..].iter().map(|axis| side(dims, *axis)).product())
    };
    let [c, h, w] = [C, H, W].map(step);
    let places = |channel: usize| (0..dims.h).flat_map(move |y| (0..dims.w).map(move |x| channel * c + y * h + x * w));
    (0..dims.c).flat_map(places).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> Draft {
        Draft::new(Dims::new(3, 2, 4), 1 << 20)
    }

    #[test]
    fn transposes_cancel_and_reshapes_merge() {
        let draft = draft();
        let view = View::channels_first(0, draft.dims(0));
        let last = view.transposed(&[0, 2, 3, 1]).unwrap();
        assert!(last.is_channels_last(&draft) && !last.is_channels_first(&draft));
        assert_eq!(last.transposed(&[0, 3, 1, 2]).unwrap(), view);
        assert_eq!(view.reshaped(&draft, &[1, -1]).unwrap().shape(&draft), [1, 24]);
        assert_eq!(view.reshaped(&draft, &[1, 3, 8]).unwrap().groups, [vec![], vec![C], vec![H, W]]);
        assert_eq!(last.reshaped(&draft, &[1, 8, 3]).unwrap().groups, [vec![], vec![H, W], vec![C]]);
        assert_eq!(view.reshaped(&draft, &[1, 6, 4]).unwrap().groups, [vec![], vec![C, H], vec![W]]);
        for target in [&[1, 4, 6][..], &[1, 25], &[2, -1], &[-1, 0], &[1, 3, 2, 4, 2], &[-5, 24]] {
            assert_eq!(view.reshaped(&draft, target), None, "{target:?}");
        }
    }

    #[test]
    fn a_flattened_view_knows_the_order_of_its_file() {
        let mut draft = draft();
        let last = View::channels_last(0, draft.dims(0)).reshaped(&draft, &[1, -1]).unwrap();
        let flat = last.flattened(&mut draft).unwrap().unwrap();
        // the file has channel 0 of all pixels at 0, 3, 6, ...
        assert_eq!(flat.order.as_deref().unwrap()[..9], [0, 3, 6, 9, 12, 15, 18, 21, 1]);
        let first = View::channels_first(0, draft.dims(0)).reshaped(&draft, &[1, -1]).unwrap();
        let flat = first.flattened(&mut draft).unwrap().unwrap();
        assert_eq!((flat.order, draft.nodes.len()), (None, 2));
    }
}
