//! What a method needs of a network.

use serde::Serialize;

use super::text::{Text, text};

/// What a method needs and not every network has ([`super::NetworkSpec::lacks`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// ReLUs, whose backward pass it changes.
    Relu,
    /// A head that is a global average and a linear layer.
    PooledHead,
    /// A network that is linear wherever no ReLU and no pool changes its mind.
    PiecewiseLinear,
    /// Scores of ImageNet's 1000 classes.
    ImageNetLabels,
    /// Linear probes that were trained for its layers.
    Probes,
    /// Several layers with maps.
    Spatial,
}

impl Need {
    /// Every need, for tests and lists.
    pub const ALL: [Self; 6] =
        [Self::Relu, Self::PooledHead, Self::PiecewiseLinear, Self::ImageNetLabels, Self::Probes, Self::Spatial];

    /// What a network lacks that does not meet it.
    pub const fn sentence(self) -> Text {
        match self {
            Self::Relu => text!(
                "This method changes what happens at ReLUs, and this network has none.",
                "该方法改变 ReLU 处的计算，而这个网络没有 ReLU。"
            ),
            Self::PooledHead => text!(
                "This method needs a global average followed by linear layers only, and this network's head is built otherwise.",
                "该方法要求全局平均池化之后只有线性层，而这个网络的分类头不是这样。"
            ),
            Self::PiecewiseLinear => text!(
                "This method's sums hold only where a network is piecewise linear; this one has smooth operations.",
                "该方法的求和只在分段线性的网络中成立；这个网络含有平滑运算。"
            ),
            Self::ImageNetLabels => text!(
                "This method needs ImageNet's 1000 classes, and this network tells others apart.",
                "该方法需要 ImageNet 的 1000 个类别，而这个网络区分的是其他类别。"
            ),
            Self::Probes => text!(
                "This method needs linear probes trained for every layer; none were trained for this network.",
                "该方法需要为每一层训练的线性探针；这个网络没有训练过探针。"
            ),
            Self::Spatial => text!(
                "This method compares several layers with maps, and this network has only one.",
                "该方法比较多个含特征图的层，而这个网络只有一个。"
            ),
        }
    }
}
