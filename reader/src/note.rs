//! What the visitor should know of how a network was read.

use crate::sentence::{Sentence, shown, told};

/// Something that was decided while reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// A large fully connected matrix is kept in 16 bits.
    Quantised {
        /// The node.
        node: String,
        /// Its weights.
        weights: usize,
    },
    /// The architecture was told from names and shapes.
    Recognised {
        /// Which.
        architecture: String,
    },
    /// Activations and pools between the layers were assumed; the shapes leave no other choice of sizes.
    Assumed,
    /// Padding as PyTorch's was assumed, where TensorFlow's would have the same names and shapes.
    Padding,
    /// Tensors that the network does not use.
    Unused {
        /// How many.
        tensors: usize,
        /// One of them.
        example: String,
    },
    /// One output behind a sigmoid became two classes with half its logit each, the first negative: the same probabilities.
    TwoClasses,
    /// Several outputs behind a sigmoid: the classes do not exclude each other, but are compared here as if they did.
    ManyLabels,
    /// A number of labels that fits no class list of this network: they are not used.
    LabelCount {
        /// Labels given.
        labels: usize,
        /// Classes of the network.
        classes: usize,
    },
    /// 1001 classes: the first is the background, as in TensorFlow's ImageNet networks.
    Background,
    /// It was trained on grey pictures: colour ones are made grey in front of it.
    Grey,
    /// The network itself brings pixels from 0 to 255 into its range.
    OwnRange,
}

impl Note {
    /// It in one sentence.
    pub fn sentence(&self) -> Sentence {
        match self {
            Self::Quantised { node, weights } => told!(
                "The {weights} weights of {} are kept in 16 bits to save memory; all others are as in the file.",
                "{} 的 {weights} 个权重以 16 位保存以节省内存；其余权重与文件一致。",
                shown(node)
            ),
            Self::Recognised { architecture } => told!(
                "Recognised by the names and shapes of its weights: {}.",
                "由权重的名称和形状识别为：{}。",
                shown(architecture)
            ),
            Self::Assumed => told!(
                "The file does not say what stands between its layers: ReLU and 2 x 2 max pools were assumed, which fit its shapes.",
                "文件没有说明各层之间是什么：按 ReLU 和 2×2 最大池化处理，这与形状相符。"
            ),
            Self::Padding => told!(
                "Padding as PyTorch's was assumed; a port of TensorFlow's weights is told by tf_ in its file's name, or by its config.json.",
                "假定使用 PyTorch 的填充方式；若权重移植自 TensorFlow，请让文件名包含 tf_，或一并拖入 config.json。"
            ),
            Self::Unused { tensors, example } => told!(
                "Tensors of the file that are not used: {tensors}, such as {}.",
                "文件中有 {tensors} 个张量未使用，例如 {}。",
                shown(example)
            ),
            Self::TwoClasses => told!(
                "Its one output behind a sigmoid is shown as two classes with the same probabilities.",
                "其单个 sigmoid 输出显示为两个类别，概率不变。"
            ),
            Self::ManyLabels => told!(
                "Its outputs are independent labels (sigmoid); here they are compared as if one of them were right.",
                "其输出是相互独立的标签（sigmoid）；这里按只有一个正确来比较。"
            ),
            Self::LabelCount { labels, classes } => told!(
                "{labels} labels were given for {classes} classes; they are not used.",
                "给出了 {labels} 个标签，但网络有 {classes} 个类别；标签未使用。"
            ),
            Self::Background => told!(
                "1001 classes: the first is taken for the background, the others for ImageNet's.",
                "共 1001 个类别：第一个视为背景，其余为 ImageNet 类别。"
            ),
            Self::Grey => told!(
                "It was trained on grey pictures: a first layer makes yours grey.",
                "它用灰度图训练：最前面加了一层，把您的图片变为灰度。"
            ),
            Self::OwnRange => told!(
                "The network scales pixels itself; it is given values from 0 to 255.",
                "网络自己缩放像素；输入为 0 到 255 的值。"
            ),
        }
    }
}
