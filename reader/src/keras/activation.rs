//! Keras's activations by name.

use cnn_lens::ops::Activation;
use serde_json::Value;

/// What an `activation` field or an activation layer says.
pub enum Kind {
    /// Nothing.
    Linear,
    /// A function of every value.
    Of(Activation),
    /// Probabilities.
    Softmax,
    /// One that is not supported: its name.
    Unknown(String),
}

/// The function of that name; `third`: of Keras 3.
pub fn named(value: &Value, third: bool) -> Kind {
    let name = match value {
        Value::Null => return Kind::Linear,
        Value::String(name) => name.as_str(),
        other => other["class_name"].as_str().or_else(|| other["config"].as_str()).unwrap_or("unknown"),
    };
    Kind::Of(match name.to_lowercase().replace('_', "").as_str() {
        "linear" => return Kind::Linear,
        "softmax" | "logsoftmax" => return Kind::Softmax,
        "relu" => Activation::Relu {},
        "relu6" => Activation::Relu6 {},
        "sigmoid" => Activation::Sigmoid {},
        "tanh" => Activation::Tanh {},
        "elu" => Activation::Elu { alpha: 1.0 },
        "swish" | "silu" => Activation::Silu {},
        "gelu" => Activation::Gelu { tanh: false },
        "leakyrelu" => Activation::LeakyRelu { alpha: 0.2 },
        "hardsigmoid" if third => Activation::HardSigmoid { alpha: 1.0 / 6.0, beta: 0.5 },
        "hardsigmoid" => Activation::HardSigmoid { alpha: 0.2, beta: 0.5 },
        "hardswish" | "hardsilu" => Activation::HardSwish {},
        _ => return Kind::Unknown(name.to_owned()),
    })
}

/// What an activation layer of a class of its own computes; `None`: it is no such layer.
pub fn layer(class: &str, config: &Value, third: bool) -> Option<Kind> {
    let number = |name: &str| config[name].as_f64().or_else(|| config[name]["value"].as_f64()).map(|v| v as f32);
    Some(match class {
        "Activation" => named(&config["activation"], third),
        "Softmax" => Kind::Softmax,
        "ELU" => Kind::Of(Activation::Elu { alpha: number("alpha").unwrap_or(1.0) }),
        "LeakyReLU" => {
            let alpha = number("negative_slope").or_else(|| number("alpha")).unwrap_or(0.3);
            Kind::Of(Activation::LeakyRelu { alpha })
        }
        "ReLU" => {
            let (slope, threshold) = (number("negative_slope").unwrap_or(0.0), number("threshold").unwrap_or(0.0));
            match (number("max_value"), slope, threshold) {
                (None, 0.0, 0.0) => Kind::Of(Activation::Relu {}),
                (Some(6.0), 0.0, 0.0) => Kind::Of(Activation::Relu6 {}),
                (Some(max), 0.0, 0.0) => Kind::Of(Activation::Clip { min: 0.0, max }),
                (None, alpha, 0.0) => Kind::Of(Activation::LeakyRelu { alpha }),
                _ => Kind::Unknown("ReLU with a threshold".to_owned()),
            }
        }
        _ => return None,
    })
}
