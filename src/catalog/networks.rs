//! The layer tables of the networks that are shipped.

use super::network::{Layer, NetworkSpec, Op};

const fn conv(name: &'static str, cin: usize, cout: usize) -> Layer {
    Layer { name, op: Op::Conv, cin, cout }
}

const fn relu(name: &'static str, c: usize) -> Layer {
    Layer { name, op: Op::Relu, cin: c, cout: c }
}

const fn pool(name: &'static str, c: usize) -> Layer {
    Layer { name, op: Op::MaxPool, cin: c, cout: c }
}

/// VGG16 (Simonyan & Zisserman 2014, configuration D): torchvision's `vgg16().features`, 31 stages.
pub const VGG16: NetworkSpec = NetworkSpec {
    name: "vgg16",
    layers: &[
        conv("conv1_1", 3, 64),
        relu("relu1_1", 64),
        conv("conv1_2", 64, 64),
        relu("relu1_2", 64),
        pool("pool1", 64),
        conv("conv2_1", 64, 128),
        relu("relu2_1", 128),
        conv("conv2_2", 128, 128),
        relu("relu2_2", 128),
        pool("pool2", 128),
        conv("conv3_1", 128, 256),
        relu("relu3_1", 256),
        conv("conv3_2", 256, 256),
        relu("relu3_2", 256),
        conv("conv3_3", 256, 256),
        relu("relu3_3", 256),
        pool("pool3", 256),
        conv("conv4_1", 256, 512),
        relu("relu4_1", 512),
        conv("conv4_2", 512, 512),
        relu("relu4_2", 512),
        conv("conv4_3", 512, 512),
        relu("relu4_3", 512),
        pool("pool4", 512),
        conv("conv5_1", 512, 512),
        relu("relu5_1", 512),
        conv("conv5_2", 512, 512),
        relu("relu5_2", 512),
        conv("conv5_3", 512, 512),
        relu("relu5_3", 512),
        pool("pool5", 512),
    ],
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
};
