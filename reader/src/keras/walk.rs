//! Follows a model's layers from its input to its output. A model among a model's layers is walked in its place.

use std::collections::BTreeMap;

use cnn_lens::ops::Dims;
use serde_json::Value;

use super::Source;
use super::layer::{Call, apply};
use crate::draft::{Draft, MOST};
use crate::error::ReadError;
use crate::view::View;

const BAD: ReadError = ReadError::Damaged { what: "a Keras model's description" };
/// Models in models in models, no deeper.
const DEEPEST: usize = 6;

/// The network and the node that writes its scores.
pub fn network(source: &Source, memory: u64) -> Result<(Draft, usize), ReadError> {
    let mut shape = input_shape(&source.config, 0).ok_or(ReadError::InputShape { shape: "not given".into() })?;
    if let ([_, h @ None, w @ None, _], Some(sides)) = (shape.as_mut_slice(), resizing(&source.config, 0)) {
        (*h, *w) = sides;
    }
    let told = || {
        shape.iter().skip(1).map(|side| side.map_or("?".into(), |n| n.to_string())).collect::<Vec<String>>().join(" x ")
    };
    let dims = match *shape.as_slice() {
        [_, Some(h @ 1..=4096), Some(w @ 1..=4096), Some(c @ (1 | 3))] => Dims::new(c, h, w),
        [_, _, _, None | Some(1 | 3)] => return Err(ReadError::InputShape { shape: told() }),
        _ => return Err(ReadError::NoPicture { shape: told() }),
    };
    let mut draft = Draft::new(dims, memory);
    let mut walk = Walk { source, draft: &mut draft, calls: 0 };
    let outputs = walk.model(&source.config, &[View::channels_last(0, dims)], &mut Vec::new())?;
    let [view] = outputs.as_slice() else { return Err(ReadError::Ends { inputs: 1, outputs: outputs.len() }) };
    let view = view.settled(&mut draft, "pad")?;
    let dims = draft.dims(view.node);
    if view.order.is_some() || (dims.places() > 1 && view.groups.len() != 2) {
        return Err(ReadError::NoClasses { writes: dims });
    }
    let output = draft.flatten(view.node)?;
    Ok((draft, output))
}

/// The shape of a model's input, batch first.
fn input_shape(model: &Value, depth: usize) -> Option<Vec<Option<usize>>> {
    let config = &model["config"];
    let shape = |value: &Value| -> Option<Vec<Option<usize>>> {
        let sides = value.as_array().filter(|sides| !sides.is_empty())?;
        Some(sides.iter().map(|side| side.as_u64().and_then(|n| n.try_into().ok())).collect())
    };
    let own = ["batch_input_shape", "batch_shape", "build_input_shape"].iter().find_map(|key| shape(&config[*key]));
    let built = || shape(&model["build_config"]["input_shape"]);
    let inside = || layers(config)?.first().filter(|_| depth < DEEPEST).and_then(|first| input_shape(first, depth + 1));
    match layers(config) {
        // the input's layer knows more than what it was built with last
        Some(_) => inside().or(own).or_else(built),
        None => own.or_else(built),
    }
}

/// The size that a model's first layer of that kind brings its pictures to.
fn resizing(model: &Value, depth: usize) -> Option<(Option<usize>, Option<usize>)> {
    let config = &model["config"];
    if model["class_name"] == "Resizing" {
        let side = |field: &str| config[field].as_u64().and_then(|n| usize::try_from(n).ok());
        return Some((side("height"), side("width")));
    }
    layers(config).filter(|_| depth < DEEPEST)?.iter().find_map(|layer| resizing(layer, depth + 1))
}

fn layers(config: &Value) -> Option<&Vec<Value>> {
    config.as_array().or_else(|| config["layers"].as_array())
}

/// What stands for a tensor's name where an operator of TensorFlow's is given a number first: `["_CONSTANT_VALUE", -1, 2.0, ...]`.
pub const CONSTANT: &str = "_CONSTANT_VALUE";

/// A call of a layer: its name, and the number of the call.
type Tensor = (String, u64);

struct Walk<'a> {
    source: &'a Source,
    draft: &'a mut Draft,
    calls: usize,
}

impl Walk<'_> {
    /// What a model writes, given what it reads.
    fn model(&mut self, model: &Value, inputs: &[View], path: &mut Vec<String>) -> Result<Vec<View>, ReadError> {
        if path.len() >= DEEPEST {
            return Err(ReadError::Hostile { what: "models nested deeper than any" });
        }
        let config = &model["config"];
        let layers = layers(config).ok_or(BAD)?;
        match model["class_name"].as_str().unwrap_or_default() {
            "Sequential" => {
                let [view] = inputs else { return Err(BAD) };
                let mut view = view.clone();
                for layer in layers {
                    view = self.layer(layer, &Value::Null, vec![view], path)?;
                }
                Ok(vec![view])
            }
            "Functional" | "Model" => self.functional(config, layers, inputs, path),
            class => Err(ReadError::Op { op: format!("a model of the class {class}"), node: name(model).to_owned() }),
        }
    }

    fn functional(
        &mut self,
        config: &Value,
        layers: &[Value],
        inputs: &[View],
        path: &mut Vec<String>,
    ) -> Result<Vec<View>, ReadError> {
        let mut values = BTreeMap::<Tensor, View>::new();
        let starts = tensors(&config["input_layers"]);
        if starts.len() != inputs.len() {
            return Err(ReadError::Ends { inputs: starts.len(), outputs: tensors(&config["output_layers"]).len() });
        }
        for (start, view) in starts.into_iter().zip(inputs) {
            values.insert(start, view.clone());
        }
        let mut waiting: Vec<(&Value, (u64, &Value), Vec<Tensor>)> = Vec::new();
        for layer in layers {
            for (call, node) in layer["inbound_nodes"].as_array().into_iter().flatten().enumerate() {
                waiting.push((layer, (call as u64, node), tensors_in(node)));
            }
        }
        if waiting.len() > MOST {
            return Err(ReadError::Nodes { nodes: waiting.len(), most: MOST });
        }
        while !waiting.is_empty() {
            let before = waiting.len();
            let mut late = Vec::new();
            for (layer, call, reads) in waiting {
                let found: Option<Vec<View>> = reads.iter().map(|read| values.get(read).cloned()).collect();
                match found.filter(|found| !found.is_empty()) {
                    Some(views) => {
                        let view = self.layer(layer, call.1, views, path)?;
                        values.insert((name(layer).to_owned(), call.0), view);
                    }
                    None => late.push((layer, call, reads)),
                }
            }
            if late.len() == before {
                return Err(BAD);
            }
            waiting = late;
        }
        let ends = tensors(&config["output_layers"]);
        ends.iter().map(|end| values.get(end).cloned().ok_or(BAD)).collect()
    }

    /// What a layer writes, or a model in its place; `node`: what it is called with.
    fn layer(
        &mut self,
        layer: &Value,
        node: &Value,
        views: Vec<View>,
        path: &mut Vec<String>,
    ) -> Result<View, ReadError> {
        self.calls += 1;
        if self.calls > MOST {
            return Err(ReadError::Nodes { nodes: self.calls, most: MOST });
        }
        let class = layer["class_name"].as_str().unwrap_or_default();
        let name = name(layer).to_owned();
        if ["Sequential", "Functional", "Model"].contains(&class) {
            path.push(name);
            let outputs = self.model(layer, &views, path)?;
            path.pop();
            return outputs.into_iter().next().ok_or(BAD);
        }
        let call = Call { class, name: &name, config: &layer["config"], path, source: self.source, node };
        apply(&call, self.draft, views)
    }
}

fn name(layer: &Value) -> &str {
    layer["config"]["name"].as_str().or_else(|| layer["name"].as_str()).unwrap_or_default()
}

/// `["name", call, output]`, or a list of such.
fn tensors(value: &Value) -> Vec<Tensor> {
    match value.as_array() {
        Some(list) => match (list.first().and_then(Value::as_str), list.get(1).and_then(Value::as_u64)) {
            (Some(name), call) => vec![(name.to_owned(), call.unwrap_or_default())],
            _ => list.iter().take(MOST).flat_map(tensors).collect(),
        },
        None => Vec::new(),
    }
}

/// What a call reads: Keras 2 lists it, Keras 3 has it among the arguments.
fn tensors_in(node: &Value) -> Vec<Tensor> {
    fn find(value: &Value, depth: usize, found: &mut Vec<Tensor>) {
        if depth > 8 || found.len() > 1000 {
            return;
        }
        match value {
            Value::Object(fields) if fields.get("class_name").and_then(Value::as_str) == Some("__keras_tensor__") => {
                found.extend(tensors(&value["config"]["keras_history"]));
            }
            Value::Array(list) => list.iter().for_each(|value| find(value, depth + 1, found)),
            Value::Object(fields) => fields.values().for_each(|value| find(value, depth + 1, found)),
            _ => {}
        }
    }
    match node {
        Value::Array(list) if list.first().is_some_and(Value::is_array) => list.iter().flat_map(tensors).collect(),
        // an operator of TensorFlow's: ["name", call, output, { "y": ["name", call, output] }]
        Value::Array(list) if list.first().is_some_and(Value::is_string) => {
            let more = list.get(3).and_then(Value::as_object).into_iter().flat_map(|fields| fields.values());
            let named = |value: &&Value| value.get(0).is_some_and(Value::is_string);
            let first = Some(node).filter(|_| list[0] != CONSTANT);
            first.into_iter().chain(more.filter(named)).flat_map(tensors).collect()
        }
        node => {
            let mut found = Vec::new();
            find(node, 0, &mut found);
            found
        }
    }
}
