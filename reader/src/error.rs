//! Why a file cannot be used, each reason with a sentence and what to do, in both languages.

use cnn_lens::catalog::card::CardError;
use cnn_lens::catalog::graph::GraphError;
use cnn_lens::ops::Dims;

use crate::sentence::{Sentence, megabytes, shown, told};

/// A format that is recognised and not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Foreign {
    /// A PyTorch program: `torch.jit.save`.
    TorchScript,
    /// A PyTorch program: `torch.export.save`.
    ExportedProgram,
    /// Apple's.
    CoreMl,
    /// TensorFlow Lite.
    TfLite,
    /// Caffe's binary weights.
    CaffeModel,
    /// llama.cpp's.
    Gguf,
    /// TensorFlow's saved model or frozen graph.
    TensorFlowGraph,
    /// A TensorFlow.js graph model, which is no layers model.
    TfjsGraph,
    /// A pickled Python object that holds no tensors.
    Pickle,
    /// A NumPy archive or array.
    Numpy,
    /// An archive that holds no model.
    Archive,
    /// A picture.
    Picture,
    /// An HDF5 file that holds no Keras model with its architecture.
    Hdf5,
}

impl Foreign {
    const fn name(self) -> Option<&'static str> {
        match self {
            Self::TorchScript => Some("TorchScript"),
            Self::ExportedProgram => Some("PyTorch ExportedProgram (.pt2)"),
            Self::CoreMl => Some("Core ML"),
            Self::TfLite => Some("TensorFlow Lite"),
            Self::CaffeModel => Some("Caffe (.caffemodel)"),
            Self::Gguf => Some("GGUF"),
            Self::TensorFlowGraph => Some("TensorFlow SavedModel / GraphDef"),
            Self::TfjsGraph => Some("TensorFlow.js graph model"),
            Self::Numpy => Some("NumPy (.npy, .npz)"),
            Self::Pickle | Self::Archive | Self::Picture | Self::Hdf5 => None,
        }
    }
}

/// Why no network came of the files.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{}", self.sentence().en)]
pub enum ReadError {
    /// Nothing was given.
    NoFile,
    /// A file of 0 bytes.
    Empty,
    /// The file changed while it was read, or may not be read.
    Unreadable,
    /// Bytes of no format that is known.
    NotAModel,
    /// Another format than those that are opened.
    Foreign(Foreign),
    /// Several models at once.
    Several,
    /// Names and numbers without a graph, of no architecture that is known; one of its names.
    NoGraph {
        /// The name of a tensor that fits none.
        tensor: String,
    },
    /// A transformer.
    Transformer {
        /// What tells it.
        found: String,
    },
    /// An operation that no card can say.
    Op {
        /// The operation, with what of it cannot be said.
        op: String,
        /// The node's name.
        node: String,
    },
    /// The size of the input is not in the file.
    InputShape {
        /// The shape as it stands there.
        shape: String,
    },
    /// Pictures of other channels than 1 or 3, or no pictures.
    NoPicture {
        /// The shape that it reads.
        shape: String,
    },
    /// What the network writes are no classes.
    NoClasses {
        /// What its last node writes.
        writes: Dims,
    },
    /// More than one input or output.
    Ends {
        /// Inputs.
        inputs: usize,
        /// Outputs.
        outputs: usize,
    },
    /// Convolutions without a classifier.
    Headless,
    /// ONNX weights that stand in another file.
    External {
        /// That file's name.
        file: String,
    },
    /// A file of weights that the model names and that was not given.
    Missing {
        /// Its name.
        file: String,
    },
    /// Weights that are all one number: a graph that was saved without its training.
    NoWeights,
    /// A tensor that the architecture needs is not there.
    NoTensor {
        /// Its name.
        tensor: String,
    },
    /// A tensor of another shape than its place in the network needs.
    TensorShape {
        /// Its name.
        tensor: String,
    },
    /// Numbers of a kind that is not read.
    Numbers {
        /// Its name.
        tensor: String,
        /// The kind.
        kind: String,
    },
    /// The file ends before what it announces.
    Truncated,
    /// What the file says of itself cannot be.
    Damaged {
        /// What is wrong, in English for a report.
        what: &'static str,
    },
    /// Something that is made to use up the reader: nested deeper, or unpacked to more, than any model.
    Hostile {
        /// What is wrong, in English for a report.
        what: &'static str,
    },
    /// More nodes than any network for pictures has.
    Nodes {
        /// How many.
        nodes: usize,
        /// How many are opened.
        most: usize,
    },
    /// More memory than there is.
    Memory {
        /// Bytes that it would take.
        needs: u64,
        /// Bytes that may be used.
        most: u64,
    },
    /// The nodes do not fit one another.
    Graph(GraphError),
    /// The card that came of it is none.
    Card(String),
}

impl From<GraphError> for ReadError {
    fn from(error: GraphError) -> Self {
        Self::Graph(error)
    }
}

impl From<CardError> for ReadError {
    fn from(error: CardError) -> Self {
        match error {
            CardError::Graph(error) => Self::Graph(error),
            error => Self::Card(error.to_string()),
        }
    }
}

/// The one line that writes an ONNX file from PyTorch.
pub const FROM_PYTORCH: &str =
    "torch.onnx.export(model.eval(), torch.zeros(1, 3, 224, 224), 'model.onnx', dynamo=False)";
/// The one line that writes an ONNX file from Keras.
pub const FROM_KERAS: &str = "model.export('model.onnx', format='onnx')";

impl ReadError {
    /// What is wrong, in one sentence.
    pub fn sentence(&self) -> Sentence {
        match self {
            Self::NoFile => told!("No file was given.", "没有给出文件。"),
            Self::Empty => told!("This file is empty (0 bytes).", "这个文件是空的（0 字节）。"),
            Self::Unreadable => told!(
                "This file cannot be read any more: it was changed, moved or deleted after it was chosen.",
                "这个文件已无法读取：选择之后，它被更改、移动或删除了。"
            ),
            Self::NotAModel => told!("This file is not a model.", "这个文件不是模型。"),
            Self::Foreign(foreign) => match foreign.name() {
                Some(name) => told!(
                    "This is a model in the format {name}, which is not opened here.",
                    "这是 {name} 格式的模型，本页面不支持打开。"
                ),
                None => match foreign {
                    Foreign::Pickle => told!(
                        "This is a pickled Python object without the weights of a network.",
                        "这是一个 Python pickle 对象，其中没有网络权重。"
                    ),
                    Foreign::Hdf5 => told!(
                        "This HDF5 file holds no Keras model with its architecture (perhaps only its weights).",
                        "这个 HDF5 文件里没有带结构的 Keras 模型（可能只有权重）。"
                    ),
                    Foreign::Picture => told!("This is a picture, not a model.", "这是图片，不是模型。"),
                    _ => told!("This archive holds no model.", "这个压缩包里没有模型。"),
                },
            },
            Self::Several => told!("These files hold more than one model.", "这些文件里有不止一个模型。"),
            Self::NoGraph { tensor } => told!(
                "This file holds weights but not the network itself, and their names are of no architecture known \
                     here (such as {}).",
                "这个文件只有权重、没有网络结构，而且其名称不属于本页面认识的任何结构（例如 {}）。",
                shown(tensor)
            ),
            Self::Transformer { found } => told!(
                "This is a transformer ({}); only convolutional networks are shown here.",
                "这是 Transformer（{}）；本页面只展示卷积神经网络。",
                shown(found)
            ),
            Self::Op { op, node } => told!(
                "The operation {} (node {}) is not supported.",
                "不支持运算 {}（节点 {}）。",
                shown(op),
                shown(node)
            ),
            Self::InputShape { shape } => told!(
                "The file does not say how large the network's input is ({}).",
                "文件没有说明网络输入的大小（{}）。",
                shown(shape)
            ),
            Self::NoPicture { shape } => told!(
                "This network does not read pictures: its input is {}.",
                "这个网络的输入不是图片，而是 {}。",
                shown(shape)
            ),
            Self::NoClasses { writes } => told!(
                "This network does not tell classes apart: it writes {writes}.",
                "这个网络不是分类网络：它的输出是 {writes}。"
            ),
            Self::Ends { inputs, outputs } => told!(
                "This network has {inputs} inputs and {outputs} outputs; one picture in and one list of classes out is needed.",
                "这个网络有 {inputs} 个输入、{outputs} 个输出；需要一张图片输入和一组类别输出。"
            ),
            Self::Headless => told!(
                "This file holds a network's convolutions without its classifier.",
                "这个文件只有网络的卷积部分，没有分类头。"
            ),
            Self::External { file } => told!(
                "The weights of this ONNX model are in another file: {}.",
                "这个 ONNX 模型的权重在另一个文件里：{}。",
                shown(file)
            ),
            Self::Missing { file } => {
                told!("The model needs the file {}, which was not given.", "模型需要文件 {}，但没有给出。", shown(file))
            }
            Self::NoWeights => told!(
                "This file holds a network without its trained weights.",
                "这个文件只有网络结构，没有训练好的权重。"
            ),
            Self::NoTensor { tensor } => {
                told!("The weights {} are missing from the file.", "文件里缺少权重 {}。", shown(tensor))
            }
            Self::TensorShape { tensor } => told!(
                "The weights {} have another shape than their place in the network needs.",
                "权重 {} 的形状与它在网络中的位置不符。",
                shown(tensor)
            ),
            Self::Numbers { tensor, kind } => told!(
                "The weights {} are numbers of a kind that is not read here ({}).",
                "权重 {} 的数值类型（{}）无法读取。",
                shown(tensor),
                shown(kind)
            ),
            Self::Truncated => told!("This file is incomplete: it ends too early.", "这个文件不完整：提前结束。"),
            Self::Damaged { what } => {
                told!("This file is damaged ({what}).", "这个文件已损坏（{what}）。")
            }
            Self::Hostile { what } => told!(
                "This file is not opened: no model is made like this ({what}).",
                "未打开此文件：正常的模型不会是这样（{what}）。"
            ),
            Self::Nodes { nodes, most } => told!(
                "This network has {nodes} operations; at most {most} are opened.",
                "这个网络有 {nodes} 个运算；最多支持 {most} 个。"
            ),
            Self::Memory { needs, most } => told!(
                "This network needs {} of memory; {} fit here.",
                "这个网络需要 {} 内存；这里最多可用 {}。",
                megabytes(*needs),
                megabytes(*most)
            ),
            Self::Graph(error) => told!(
                "The parts of this network do not fit together: {}.",
                "这个网络的各部分不相符：{}。",
                shown(&error.to_string())
            ),
            Self::Card(what) => {
                told!("This network cannot be described here: {}.", "无法在此描述这个网络：{}。", shown(what))
            }
        }
    }

    /// What can be done about it, in one sentence.
    pub fn action(&self) -> Sentence {
        let export = || {
            told!(
                "Export it as ONNX, from PyTorch: {FROM_PYTORCH} or from Keras: {FROM_KERAS} and drop that file.",
                "请导出为 ONNX 后拖入。PyTorch：{FROM_PYTORCH}　Keras：{FROM_KERAS}"
            )
        };
        match self {
            Self::NoFile | Self::Empty | Self::NotAModel | Self::Foreign(Foreign::Picture | Foreign::Archive) => told!(
                "Drop a trained network: ONNX, PyTorch (.pth, .pt, .safetensors), Keras (.keras, .h5) or TensorFlow.js layers.",
                "请拖入训练好的网络：ONNX、PyTorch（.pth、.pt、.safetensors）、Keras（.keras、.h5）或 TensorFlow.js layers。"
            ),
            Self::Unreadable => told!("Choose it again.", "请重新选择该文件。"),
            Self::Foreign(_) | Self::NoGraph { .. } | Self::Op { .. } => export(),
            Self::Several => {
                told!("Drop one model at a time, with its labels if you like.", "每次拖入一个模型，可附上标签文件。")
            }
            Self::Transformer { .. } => {
                told!("Drop a convolutional network, such as a ResNet.", "请拖入卷积神经网络，例如 ResNet。")
            }
            Self::InputShape { .. } => told!(
                "Export it again with a fixed input size, from PyTorch: {FROM_PYTORCH}",
                "请用固定的输入尺寸重新导出，PyTorch：{FROM_PYTORCH}"
            ),
            Self::NoPicture { .. } | Self::NoClasses { .. } | Self::Ends { .. } => told!(
                "Drop a network that reads one picture (1 or 3 channels) and gives one score per class.",
                "请拖入读取一张图片（1 或 3 通道）并为每个类别给出分数的网络。"
            ),
            Self::NoWeights | Self::Headless => told!(
                "Drop the file that holds the whole network, classifier included.",
                "请拖入包含分类头的完整网络文件。"
            ),
            Self::External { .. } => told!(
                "Save it as one file: onnx.save(onnx.load('model.onnx'), 'whole.onnx')",
                "请保存为单个文件：onnx.save(onnx.load('model.onnx'), 'whole.onnx')"
            ),
            Self::Missing { .. } => {
                told!("Drop it together with the model, all files at once.", "请把它和模型一起，一次全部拖入。")
            }
            Self::Numbers { .. } => {
                told!("Save the weights as float32 or float16.", "请把权重保存为 float32 或 float16。")
            }
            Self::Truncated | Self::Damaged { .. } | Self::NoTensor { .. } | Self::TensorShape { .. } => told!(
                "Download or save it again; it may not have been written completely.",
                "请重新下载或保存；它可能没有完整写入。"
            ),
            Self::Hostile { .. } => told!("Use a file from a source you trust.", "请使用可信来源的文件。"),
            Self::Nodes { .. } => told!("Drop a smaller network.", "请拖入更小的网络。"),
            Self::Memory { .. } => told!(
                "Close other tabs, use a computer with more memory, or drop a smaller network.",
                "请关闭其他标签页、换用内存更大的电脑，或拖入更小的网络。"
            ),
            Self::Graph(_) | Self::Card(_) => export(),
        }
    }
}
