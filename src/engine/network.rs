//! A network on a device: the layer table, the kernels that hold its weights, and the head.

use std::cell::OnceCell;

use super::kernels::Kernels;
use super::pace::Pace;
use super::planes::{Planes, Shape};
use super::trace::Trace;
use super::{EngineError, Head};
use crate::catalog::{NetworkSpec, Op};
use crate::weights::Arrays;

/// VGG16 (or another table) with its weights on a device.
pub struct Network<K: Kernels> {
    /// The layer table.
    pub spec: NetworkSpec,
    /// The device.
    pub kernels: K,
    head: OnceCell<Head>,
}

impl<K: Kernels> Network<K> {
    /// Without weights yet.
    pub fn new(spec: NetworkSpec, kernels: K) -> Self {
        Self { spec, kernels, head: OnceCell::new() }
    }

    /// Takes the arrays of one shard, whichever it is.
    ///
    /// # Errors
    /// [`EngineError::BadArray`] when a shape is not the table's.
    pub fn load(&self, arrays: &Arrays) -> Result<(), EngineError> {
        for index in self.spec.convs() {
            let (layer, name) = (&self.spec.layers[index], format!("features.{index}.weight"));
            let Some(weight) = arrays.get(&name) else { continue };
            let bias = arrays.get(&format!("features.{index}.bias")).filter(|b| b.data.len() == layer.cout);
            match bias {
                Some(bias) if weight.shape == [layer.cout, layer.cin, 3, 3] => {
                    self.kernels.load(index, layer.cout, layer.cin, &weight.data, &bias.data);
                }
                _ => return Err(EngineError::BadArray(name)),
            }
        }
        if let Some(head) = Head::from_arrays(arrays)? {
            // a second identical head is not an error
            let _ = self.head.set(head);
        }
        Ok(())
    }

    /// The classifier head.
    ///
    /// # Errors
    /// [`EngineError::NotLoaded`] before its shard has arrived.
    pub fn head(&self) -> Result<&Head, EngineError> {
        self.head.get().ok_or_else(|| EngineError::NotLoaded("head".into()))
    }

    /// The head, waiting for its weights as long as `pace` waits.
    ///
    /// # Errors
    /// As [`Pace::wait`].
    pub async fn head_when_loaded(&self, pace: &dyn Pace) -> Result<&Head, EngineError> {
        while self.head.get().is_none() {
            pace.wait("head").await?;
        }
        self.head()
    }

    /// Runs the stages `0..=until` on a normalised input `[3, H, W]` and records every one.
    ///
    /// # Errors
    /// [`EngineError::BadSize`], or what `pace` or the device returns.
    pub async fn forward(&self, input: &Planes, until: usize, pace: &dyn Pace) -> Result<Trace<K>, EngineError> {
        let Shape { h, w, .. } = input.shape;
        if !(32..=512).contains(&h) || !(32..=512).contains(&w) {
            return Err(EngineError::BadSize { height: h, width: w });
        }
        let mut trace = Trace::new(self.kernels.upload(input));
        self.extend(&mut trace, until, pace).await?;
        Ok(trace)
    }

    /// Continues a trace to stage `until`; does nothing where it already is.
    ///
    /// # Errors
    /// What `pace` or the device returns.
    pub async fn extend(&self, trace: &mut Trace<K>, until: usize, pace: &dyn Pace) -> Result<(), EngineError> {
        let total = until + 1;
        while trace.len() < total {
            let (index, x) = (trace.len(), trace.top());
            let layer = &self.spec.layers[index];
            match layer.op {
                Op::Conv => {
                    while !self.kernels.loaded(index) {
                        pace.wait(layer.name).await?;
                    }
                    // a ReLU follows every convolution: computed together, the value before it only when asked for
                    let y = self.kernels.conv(x, index, true);
                    trace.push_conv_relu(y);
                }
                Op::MaxPool => trace.push(self.kernels.pool(x)),
                Op::Relu => return Err(EngineError::BadArray(layer.name.into())),
            }
            pace.tick(trace.len().min(total), total).await?;
        }
        Ok(())
    }

    /// The output of stage `index`, before ReLU for a convolution (recomputed from its input).
    pub fn stage(&self, trace: &Trace<K>, index: usize) -> K::Buf {
        match self.spec.layers[index].op {
            Op::Conv => self.kernels.conv(trace.input_of(index), index, false),
            Op::Relu | Op::MaxPool => trace.output(index).clone(),
        }
    }

    /// The gradient with respect to the input, given the gradient `g` at the output of stage `from`.
    ///
    /// # Errors
    /// What `pace` or the device returns.
    pub async fn backward(
        &self,
        trace: &Trace<K>,
        from: usize,
        g: &Planes,
        pace: &dyn Pace,
    ) -> Result<Planes, EngineError> {
        let mut g = self.kernels.upload(g);
        for index in (0..=from).rev() {
            g = match self.spec.layers[index].op {
                Op::Conv => self.kernels.conv_adjoint(&g, index),
                Op::Relu => self.kernels.relu_adjoint(trace.output(index), &g),
                Op::MaxPool => self.kernels.pool_adjoint(trace.input_of(index), &g),
            };
            if self.spec.layers[index].op == Op::Conv {
                pace.tick(from + 1 - index, from + 1).await?;
            }
        }
        self.kernels.read(&g).await
    }
}
