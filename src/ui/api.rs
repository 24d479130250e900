//! `cnn-lens.js` as Rust sees it.

use js_sys::{Array, Float32Array, Object, Reflect, Uint8ClampedArray};
use serde_json::{Map, Value};
use wasm_bindgen::prelude::*;

use crate::catalog::ProblemKind;
use crate::fields;
use crate::figure::{Figure, FigureInfo};
use crate::protocol::Problem;

#[wasm_bindgen(raw_module = "./cnn-lens.js")]
extern "C" {
    /// One engine: the JavaScript API's object, with a worker of its own.
    #[derive(Clone, PartialEq)]
    pub type CnnLens;

    /// Starts an engine.
    #[wasm_bindgen(static_method_of = CnnLens, catch)]
    pub async fn load(options: &JsValue) -> Result<JsValue, JsValue>;

    /// Gives the engine a picture; the answer is `{ width, height, size, rgba, notes }`.
    #[wasm_bindgen(method, catch, js_name = setImage)]
    pub async fn set_image(
        this: &CnnLens,
        source: &JsValue,
        options: &JsValue,
        extra: &JsValue,
    ) -> Result<JsValue, JsValue>;

    /// The most probable classes, as an array of `{ index, label, logit, probability }`.
    #[wasm_bindgen(method, catch)]
    pub async fn classify(this: &CnnLens, extra: &JsValue) -> Result<JsValue, JsValue>;

    /// Runs a method; the answer is `{ figures, meta }`.
    #[wasm_bindgen(method, catch)]
    pub async fn run(this: &CnnLens, id: &str, params: &JsValue, extra: &JsValue) -> Result<JsValue, JsValue>;

    /// Forgets a group of the gallery.
    #[wasm_bindgen(method, catch)]
    pub async fn forget(this: &CnnLens, group: &str) -> Result<JsValue, JsValue>;

    /// Everything that was computed for the picture.
    #[wasm_bindgen(method, catch)]
    pub async fn report(this: &CnnLens, options: &JsValue) -> Result<JsValue, JsValue>;

    /// The bytes of a film as a GIF.
    #[wasm_bindgen(method, catch)]
    pub async fn gif(this: &CnnLens, film: &JsValue, extra: &JsValue) -> Result<JsValue, JsValue>;

    /// Runs another network from now on; what runs or waits is cancelled.
    #[wasm_bindgen(method, catch, js_name = useNetwork)]
    pub async fn use_network(this: &CnnLens, id: &str, options: &JsValue) -> Result<JsValue, JsValue>;

    /// Runs the visitor's own network from now on; what runs or waits is cancelled.
    #[wasm_bindgen(method, catch, js_name = openNetwork)]
    pub async fn open_network(this: &CnnLens, read: &JsValue, options: &JsValue) -> Result<JsValue, JsValue>;

    /// Fetches the weights again.
    #[wasm_bindgen(method, catch)]
    pub async fn reload(this: &CnnLens) -> Result<JsValue, JsValue>;
}

/// A JavaScript object from pairs.
pub fn object<const N: usize>(pairs: [(&str, JsValue); N]) -> JsValue {
    let object = Object::new();
    for (key, value) in pairs {
        // setting a field of a plain object cannot fail
        let _ = Reflect::set(&object, &JsValue::from_str(key), &value);
    }
    object.into()
}

/// A method's parameters as a JavaScript object.
///
/// # Errors
/// What `JSON.parse` throws; JSON that `serde_json` wrote is always read.
pub fn parameters(params: Map<String, Value>) -> Result<JsValue, JsValue> {
    js_sys::JSON::parse(&Value::from(params).to_string())
}

/// What JavaScript told, as a value; null when it is none.
pub fn json(value: &JsValue) -> Value {
    let text = js_sys::JSON::stringify(value).map(String::from).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// A field; undefined when there is none.
pub fn field(value: &JsValue, name: &str) -> JsValue {
    Reflect::get(value, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

/// A number field; 0 when there is none.
pub fn number(value: &JsValue, name: &str) -> f64 {
    field(value, name).as_f64().unwrap_or_default()
}

/// A text field; empty when there is none.
pub fn text(value: &JsValue, name: &str) -> String {
    field(value, name).as_string().unwrap_or_default()
}

/// The figures of a JavaScript array; what is none is left out.
pub fn list(figures: &JsValue) -> Vec<Figure> {
    Array::from(figures).iter().filter_map(|f| one(&f)).collect()
}

fn one(figure: &JsValue) -> Option<Figure> {
    let data = Float32Array::from(field(figure, "data")).to_vec();
    // the numbers stay a typed array: only the description is decoded
    let info = Object::assign(&Object::new(), figure.dyn_ref::<Object>()?);
    Reflect::delete_property(&info, &JsValue::from_str("data")).ok()?;
    let info = FigureInfo::read(&mut fields::object("figure", json(&info)).ok()?).ok()?;
    Some(Figure { info, data })
}

/// The bytes of a typed array field.
pub fn bytes(value: &JsValue, name: &str) -> Vec<u8> {
    Uint8ClampedArray::from(field(value, name)).to_vec()
}

/// An error from JavaScript as a [`Problem`].
pub fn problem(error: &JsValue) -> Problem {
    let kind = ProblemKind::named(&text(error, "kind")).unwrap_or(ProblemKind::Internal);
    let detail = field(error, "detail").as_string();
    let message = field(error, "message").as_string();
    Problem::new(kind, detail.or(message).unwrap_or_else(|| format!("{error:?}")))
}
