//! A network as a table of layers, and the arithmetic of shapes and receptive fields on it.

/// What a layer computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// 3x3 convolution, stride 1, zero padding 1, with bias.
    Conv,
    /// max(x, 0).
    Relu,
    /// 2x2 maximum, stride 2, odd rows and columns dropped.
    MaxPool,
}

/// One row of the table: layer `i` of torchvision's `features`.
#[derive(Clone, Copy, Debug)]
pub struct Layer {
    /// The literature's (Caffe's) name: `conv4_2`, `relu4_2`, `pool4`.
    pub name: &'static str,
    /// What it computes.
    pub op: Op,
    /// Channels in.
    pub cin: usize,
    /// Channels out.
    pub cout: usize,
}

/// The part of the input that one unit can see, in pixels of the input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReceptiveField {
    /// Side of the square of input pixels that one unit sees.
    pub size: usize,
    /// Pixels between neighbouring units.
    pub stride: usize,
    /// Centre of unit 0.
    pub offset: f32,
}

impl ReceptiveField {
    /// The box `(x0, y0, x1, y1)` of unit (`x`, `y`), end exclusive, clipped to an input of `width` x `height`.
    pub fn clipped(&self, x: usize, y: usize, width: usize, height: usize) -> (usize, usize, usize, usize) {
        let side = |i: usize, n: usize| {
            let centre = self.offset + (i * self.stride) as f32;
            let half = (self.size as f32 - 1.0) / 2.0;
            let from = (centre - half).max(0.0).round() as usize;
            let to = ((centre + half).round().max(0.0) as usize + 1).min(n);
            (from.min(n), to)
        };
        let ((x0, x1), (y0, y1)) = (side(x, width), side(y, height));
        (x0, y0, x1, y1)
    }
}

/// A convolutional trunk: the table, and how its input is normalised.
#[derive(Clone, Copy, Debug)]
pub struct NetworkSpec {
    /// The network's id in files and links, such as `vgg16`.
    pub name: &'static str,
    /// The layers in order; the index is torchvision's `features[i]`.
    pub layers: &'static [Layer],
    /// Mean of R, G, B in 0..1, subtracted.
    pub mean: [f32; 3],
    /// Standard deviation of R, G, B in 0..1, divided by.
    pub std: [f32; 3],
}

impl NetworkSpec {
    /// The index of the layer called `name`.
    pub fn index(&self, name: &str) -> Option<usize> {
        self.layers.iter().position(|l| l.name == name)
    }

    /// `[C, H, W]` of layer `index`'s output for an input of `height` x `width`.
    pub fn shape(&self, index: usize, height: usize, width: usize) -> [usize; 3] {
        let pools = self.layers[..=index].iter().filter(|l| l.op == Op::MaxPool).count();
        [self.layers[index].cout, height >> pools, width >> pools]
    }

    /// The receptive field of layer `index`'s units.
    pub fn receptive_field(&self, index: usize) -> ReceptiveField {
        let mut rf = ReceptiveField { size: 1, stride: 1, offset: 0.0 };
        for layer in &self.layers[..=index] {
            match layer.op {
                Op::Conv => rf.size += 2 * rf.stride,
                Op::Relu => {}
                Op::MaxPool => {
                    rf.size += rf.stride;
                    rf.offset += rf.stride as f32 / 2.0;
                    rf.stride *= 2;
                }
            }
        }
        rf
    }

    /// The stages of the network as a picture of it shows them: a convolution stands after its ReLU.
    pub fn stages(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.layers.len()).filter(|i| !self.rectified(*i))
    }

    /// The layer that layer `index` reads; of a ReLU, what its convolution reads. `None` for what reads the picture.
    pub fn below(&self, index: usize) -> Option<usize> {
        let first = if self.layers[index].op == Op::Relu { index.checked_sub(1)? } else { index };
        first.checked_sub(1)
    }

    /// Whether a ReLU follows layer `index`.
    pub fn rectified(&self, index: usize) -> bool {
        self.layers.get(index + 1).is_some_and(|next| next.op == Op::Relu)
    }

    /// The indices of the convolutions, in order.
    pub fn convs(&self) -> impl Iterator<Item = usize> + '_ {
        self.layers.iter().enumerate().filter(|(_, l)| l.op == Op::Conv).map(|(i, _)| i)
    }
}

#[cfg(test)]
mod tests {
    use super::super::networks::VGG16;

    #[test]
    fn receptive_fields_are_those_of_the_literature() {
        let field = |name| {
            let rf = VGG16.receptive_field(VGG16.index(name).unwrap());
            (rf.size, rf.stride, rf.offset)
        };
        assert_eq!(field("conv1_1"), (3, 1, 0.0));
        assert_eq!(field("conv3_3"), (40, 4, 1.5));
        assert_eq!(field("relu5_3"), (196, 16, 7.5));
        assert_eq!(field("pool5"), (212, 32, 15.5));
    }

    #[test]
    fn a_box_is_clipped_to_the_photo() {
        let rf = VGG16.receptive_field(VGG16.index("conv1_1").unwrap());
        assert_eq!(rf.clipped(0, 5, 224, 224), (0, 4, 2, 7));
        assert_eq!(rf.clipped(223, 223, 224, 224), (222, 222, 224, 224));
    }

    #[test]
    fn a_convolution_stands_after_its_relu() {
        let names: Vec<_> = VGG16.stages().map(|i| VGG16.layers[i].name).collect();
        assert_eq!(names[..4], ["relu1_1", "relu1_2", "pool1", "relu2_1"]);
        assert_eq!(names.len(), 18);
        let below = |name| VGG16.below(VGG16.index(name).unwrap()).map(|i| VGG16.layers[i].name);
        assert_eq!(["relu4_3", "conv4_3", "pool4"].map(below), [Some("relu4_2"), Some("relu4_2"), Some("relu4_3")]);
        assert_eq!([below("conv1_1"), below("relu1_1")], [None; 2]);
    }

    #[test]
    fn odd_sides_lose_their_last_row_in_a_pool() {
        assert_eq!(VGG16.shape(30, 225, 63), [512, 7, 1]);
        assert_eq!(VGG16.shape(0, 225, 63), [64, 225, 63]);
    }
}
