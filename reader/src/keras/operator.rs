//! What is written with operators between layers: `x / 127.5 - 1`, `x[..., ::-1]`. Keras 3 keeps each as an operation of its own
//! (`TrueDivide`, `GetItem`), Keras 2 as a layer that names one of TensorFlow's functions (`TFOpLambda`, `SlicingOpLambda`). The
//! numbers stand where the call is described.

use serde_json::Value;

use super::walk::CONSTANT;

/// An operation on every value, with a number (or one a channel) on one of its sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    /// `x + n`.
    Add,
    /// `x - n`, `n - x`.
    Subtract,
    /// `x n`.
    Multiply,
    /// `x / n`.
    Divide,
}

/// What an operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator<'a> {
    /// Between values and numbers, or between values.
    Arithmetic(Arithmetic),
    /// A part or another order of the values.
    Item,
    /// Another kind of number.
    Cast,
    /// Whatever else: the function's name, as activations are called.
    Function(&'a str),
}

/// The operation that a layer's class and configuration name; `None`: it is a layer.
pub fn operator<'a>(class: &'a str, config: &'a Value) -> Option<Operator<'a>> {
    let function = match class {
        "TFOpLambda" => config["function"].as_str().unwrap_or_default().rsplit('.').next().unwrap_or_default(),
        "SlicingOpLambda" => "GetItem",
        class => class,
    };
    Some(match function {
        "Add" | "add" | "bias_add" => Operator::Arithmetic(Arithmetic::Add),
        "Subtract" | "subtract" | "sub" => Operator::Arithmetic(Arithmetic::Subtract),
        "Multiply" | "multiply" | "mul" => Operator::Arithmetic(Arithmetic::Multiply),
        "TrueDivide" | "Divide" | "truediv" | "divide" => Operator::Arithmetic(Arithmetic::Divide),
        "GetItem" => Operator::Item,
        "Cast" | "cast" => Operator::Cast,
        "Relu" | "Relu6" | "Sigmoid" | "Tanh" | "Silu" | "HardSigmoid" | "HardSilu" | "Elu" => {
            Operator::Function(class)
        }
        function if class == "TFOpLambda" => Operator::Function(function),
        _ => return None,
    })
}

/// The numbers that a call has beside its tensors, and whether they stand before them: `(numbers, first)`.
pub fn numbers(node: &Value) -> Option<(Vec<f32>, bool)> {
    // Keras 3: { "args": [tensor, 127.5], "kwargs": {} }
    if let Some(arguments) = node["args"].as_array() {
        let named = node["kwargs"].as_object().into_iter().flat_map(|fields| fields.values());
        let mut all = arguments.iter().chain(named).enumerate();
        return all.find_map(|(place, value)| Some((list(value)?, place == 0)));
    }
    // Keras 2: ["name", call, output, { "y": 127.5 }], or ["_CONSTANT_VALUE", -1, 127.5, { "y": ["name", call, output] }]
    let call = node.as_array()?;
    if call.first()? == CONSTANT {
        return Some((list(call.get(2)?)?, true));
    }
    let fields = call.get(3)?.as_object()?;
    ["y", "x", "bias"].iter().find_map(|name| Some((list(fields.get(*name)?)?, false)))
}

/// A number, or a list of them in lists of one.
fn list(value: &Value) -> Option<Vec<f32>> {
    match value {
        Value::Number(number) => Some(vec![number.as_f64()? as f32]),
        Value::Array(parts) => match parts.as_slice() {
            [inside @ Value::Array(_)] => list(inside),
            parts if parts.len() <= 1 << 16 => parts.iter().map(|part| Some(part.as_f64()? as f32)).collect(),
            _ => None,
        },
        Value::Object(fields) => match fields.get("class_name")?.as_str()? {
            "__tensor__" | "__numpy__" => list(&value["config"]["value"]),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a call of `GetItem` turns the last dimension around and leaves all others: `x[..., ::-1]`.
pub fn turns(node: &Value) -> bool {
    let whole = |value: &Value| {
        let config = value.get("config").unwrap_or(value);
        let open = |field: &str| config.get(field).is_none_or(Value::is_null);
        value.is_object() && open("start") && open("stop") && open("step")
    };
    let backwards = |value: &Value| {
        let config = value.get("config").unwrap_or(value);
        config["step"] == -1 && config["start"].is_null() && config["stop"].is_null()
    };
    let spec = &node["args"][1];
    let spec = if spec.is_array() { spec } else { &node[3]["slice_spec"] };
    match spec.as_array().map(Vec::as_slice) {
        Some([others @ .., last]) => !others.is_empty() && others.iter().all(whole) && backwards(last),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_are_found_on_either_side() {
        let tensor = json!({"class_name": "__keras_tensor__", "config": {"keras_history": ["a", 0, 0]}});
        for (node, want) in [
            (json!({"args": [tensor, 127.5], "kwargs": {}}), Some((vec![127.5], false))),
            (json!({"args": [1, tensor], "kwargs": {}}), Some((vec![1.0], true))),
            (
                json!({"args": [tensor, {"class_name": "__tensor__", "config": {"value": [[[[1, 2, 3]]]]}}]}),
                Some((vec![1.0, 2.0, 3.0], false)),
            ),
            (json!({"args": [tensor, tensor], "kwargs": {}}), None),
            (json!(["a", 0, 0, {"y": 127.5, "name": null}]), Some((vec![127.5], false))),
            (
                json!(["a", 0, 0, {"bias": [1, 2, 3], "data_format": "channels_last"}]),
                Some((vec![1.0, 2.0, 3.0], false)),
            ),
            (json!(["_CONSTANT_VALUE", -1, 2.0, {"y": ["a", 0, 0]}]), Some((vec![2.0], true))),
            (json!(["a", 0, 0, {"y": ["b", 0, 0]}]), None),
            (json!([["a", 0, 0, {}]]), None),
        ] {
            assert_eq!(numbers(&node), want, "{node}");
        }
    }

    #[test]
    fn colours_that_are_turned_around_are_told_from_parts() {
        let step =
            |step: Value| json!({"class_name": "__slice__", "config": {"start": null, "stop": null, "step": step}});
        let dots = json!({"class_name": "__ellipsis__", "config": {}});
        let third = |spec: Value| json!({"args": [{"class_name": "__keras_tensor__"}, spec], "kwargs": {}});
        assert!(turns(&third(json!([dots, step(json!(-1))]))));
        assert!(turns(
            &json!(["a", 0, 0, {"slice_spec": [{"class_name": "__ellipsis__"}, {"start": null, "stop": null, "step": -1}]}])
        ));
        for spec in
            [json!([dots, step(json!(1))]), json!([dots, 2]), json!([1, step(json!(-1))]), json!([step(json!(-1))])]
        {
            assert!(!turns(&third(spec.clone())), "{spec}");
        }
    }
}
