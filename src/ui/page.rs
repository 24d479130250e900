//! `page.js`: the address, the page around this one, and whether to ask before the weights are fetched.

use gloo::events::EventListener;
use gloo::utils::window;
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::pixels::{Pixels, address};
use super::store::{Dispatch, Store};
use super::{api, paint};
use crate::catalog::{NetworkSpec, networks};
use crate::protocol::Problem;
use crate::state::{Action, Chrome, Explained, Export, Format, State, View, link};

#[wasm_bindgen(raw_module = "./page.js")]
extern "C" {
    fn write(hash: &str, step: bool);
    /// The hash of the page's address, as it was read or written last; a change of it comes with its event.
    pub fn hash() -> String;
    #[wasm_bindgen(js_name = toAsk)]
    async fn to_ask(wish: &str, folder: &str) -> JsValue;
    /// Tells the page around this one: an origin, or `*`.
    fn tell(t: &str, detail: &str, to: &str);
    fn hear(back: &JsValue);
    /// Calls back whenever an element comes into sight or goes out of it.
    #[wasm_bindgen(js_name = inSight)]
    pub fn in_sight(element: &web_sys::Element, back: &JsValue);
    /// The pixels of an image or video, `{ width, height, rgba }` or null.
    async fn pixels(picture: &JsValue) -> JsValue;
    /// Keeps the page for times without a connection, with the engines and the network (their names) that are in use.
    pub async fn offline(parts: &JsValue) -> JsValue;
    /// Opens or closes the sheet of this id over the page.
    pub fn sheet(id: &str, open: bool);
    /// A piece of another version is in use: the page is loaded anew, once.
    pub fn mixed();
    /// Asks what is to be known of a network's files: what `openNetwork` takes, or null.
    #[wasm_bindgen(js_name = openNetwork)]
    pub async fn open_network(files: &JsValue, lang: &str, photo: &JsValue, wanted: &str) -> JsValue;
    /// The networks that are kept in this browser, a list of what `openNetwork` takes.
    #[wasm_bindgen(js_name = keptNetworks)]
    pub async fn kept_networks() -> JsValue;
    /// Keeps a network in this browser; whether that was possible.
    #[wasm_bindgen(js_name = keepNetwork)]
    pub async fn keep_network(read: &JsValue) -> JsValue;
    /// Deletes a network that was kept.
    #[wasm_bindgen(js_name = forgetNetwork)]
    pub async fn forget_network(id: &str) -> JsValue;
    /// A network that was read as one file, a blob; null where it cannot be read any more.
    #[wasm_bindgen(js_name = networkFile)]
    pub async fn network_file(read: &JsValue) -> JsValue;
    /// The engine that does a job, with the network `net` and the picture that it is about; `main` is the page's, which has `own`.
    #[wasm_bindgen(catch, js_name = engineFor)]
    pub async fn engine_for(main: &JsValue, own: &str, net: &str, job: &JsValue) -> Result<JsValue, JsValue>;
    /// The class of a photo that the engine is not given: the photo made small, with `{ index, logit, probability }`.
    #[wasm_bindgen(catch, js_name = classOf)]
    pub async fn class_of(
        engine: &JsValue,
        given: &JsValue,
        mean: &[f32],
        std: &[f32],
        extra: &JsValue,
    ) -> Result<JsValue, JsValue>;
    /// Nobody asks the other network any more.
    pub async fn release();
    /// Copies a text to the clipboard; whether the browser allowed it.
    pub async fn copy(text: &str) -> JsValue;
}

/// Fetches the network's weights at once, or asks first.
pub fn offer(ask: Option<bool>, net: &NetworkSpec, dispatch: Dispatch) {
    let folder = networks::folder(net.id()).unwrap_or_default();
    let wish = match ask {
        Some(true) => "ask",
        Some(false) => "auto",
        None => "",
    };
    spawn_local(async move {
        let bytes = to_ask(wish, folder).await.as_f64().unwrap_or_default() as u64;
        dispatch.dispatch(if bytes == 0 { Action::Accept } else { Action::Offer(bytes) });
    });
}

/// Follows the address and the page around this one.
pub fn listen(dispatch: Dispatch) -> EventListener {
    let ask = {
        let dispatch = dispatch.clone();
        Closure::<dyn Fn(String, String, String)>::new(move |kind: String, argument: String, origin: String| {
            dispatch.dispatch(match kind.as_str() {
                "set" => Action::Go(argument),
                "run" => Action::Explain,
                "cancel" => Action::Cancel,
                _ => Action::Export(if argument == "png" { Format::Png } else { Format::Json }, origin),
            });
        })
    };
    hear(&ask.into_js_value());
    tell("ready", "", ANYONE);
    EventListener::new(&window(), "hashchange", move |_| dispatch.dispatch(Action::Go(hash())))
}

/// The panel in which the chosen method answers: a selector for [`show`].
pub const ANSWER: &str = "#explain";

/// The id of the sheet of questions: `popovertarget` of what opens it.
pub const SHEET: &str = "ask";

/// Brings the first element of a selector into sight.
pub fn show(selector: &str) {
    let found = gloo::utils::document().query_selector(selector).ok().flatten();
    found.iter().for_each(web_sys::Element::scroll_into_view);
}

/// Presses what this selector finds: a field for files, which opens the browser's dialog.
pub fn press(selector: &str) {
    let found = gloo::utils::document().query_selector(selector).ok().flatten();
    found.and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok()).iter().for_each(web_sys::HtmlElement::click);
}

/// The page's top, with what has the stage. A page that is not scrolled does not keep its place when something comes in above.
pub fn top() {
    window().scroll_to_with_x_and_y(0.0, 0.0);
}

/// A message for whoever is around; for what says nothing of a picture of the visitor's own.
const ANYONE: &str = "*";

/// Messages, each with the origin that may hear it.
type Messages = Vec<(Value, String)>;

/// `whole` for everyone, or, when it may say something of a picture of the visitor's own, for those alone whom the visitor has
/// allowed; while there are none, everyone hears `rest`.
fn addressed(s: &State, own: bool, whole: Value, rest: Value) -> Messages {
    let allowed = s.around.allowed();
    match own {
        false => vec![(whole, ANYONE.into())],
        true if allowed.is_empty() => vec![(rest, ANYONE.into())],
        true => allowed.into_iter().map(|origin| (whole.clone(), origin.to_owned())).collect(),
    }
}

/// Sends the messages of kind `t` to the page around this one whenever they have changed.
#[hook]
fn use_messages(t: &'static str, messages: Option<Messages>) {
    use_effect_with(messages, move |messages| {
        messages.iter().flatten().for_each(|(message, to)| tell(t, &message.to_string(), to));
    });
}

/// Hands what is shown to the origin that asked for it, as the address of a PNG or as what the method told.
pub fn export(export: &Export) {
    let format = name(export.format);
    let data = match export.format {
        Format::Png => export.shown.as_ref().and_then(|shown| address(&paint::shown(shown))).map(Value::from),
        Format::Json => export.meta.clone(),
    };
    tell("export", &json!({ "format": format, "data": data }).to_string(), &export.to);
}

/// Tells an origin that the visitor did not agree.
pub fn refuse(to: &str, format: Format) {
    let detail = "a picture of the visitor's own, who did not agree";
    tell("error", &json!({ "kind": "not_allowed", "detail": detail, "format": name(format) }).to_string(), to);
}

fn name(format: Format) -> &'static str {
    match format {
        Format::Png => "png",
        Format::Json => "json",
    }
}

/// Writes the address when what is shown has changed, and tells the page around.
#[hook]
pub fn use_address(store: &Store) {
    let s = &store.0;
    let settled = s.picture.is_some() && s.opening.is_none();
    let last = use_mut_ref(String::new);
    let whole = link::print(s);
    // the address itself is one of them: two ways of writing it can mean the same
    use_effect_with((whole.clone(), link::step(s), settled, hash()), move |(whole, step, settled, _)| {
        if !settled {
            return;
        }
        let mut last = last.borrow_mut();
        // the first one names what the visitor came for; what was read from the address is no new step
        write(whole, !last.is_empty() && *last != *step && whole != &hash());
        last.clone_from(step);
    });
    let (own, nothing) = (s.own(), json!({ "own": true }));
    let outline = json!({ "hash": link::outline(s), "own": true });
    use_messages("state", settled.then(|| addressed(s, s.around.own_before(), json!({ "hash": whole }), outline)));
    let progress = |(done, total)| addressed(s, own, json!({ "done": done, "total": total }), nothing.clone());
    use_messages("progress", s.busy().map(progress));
    let error = |p: &Problem| {
        addressed(s, s.around.own_problem(), json!({ "kind": p.kind, "detail": p.detail }), json!({ "kind": p.kind }))
    };
    use_messages("error", s.problem.as_ref().map(error));
    let result = |r: &Explained| {
        addressed(s, own, json!({ "method": r.question().method, "meta": r.own().1.meta }), nothing.clone())
    };
    use_messages("result", s.explain.result.as_ref().map(result));
}

/// Beside the story the stage shows one view alone.
fn story_classes(s: &State) -> Option<Classes> {
    let at = s.reading()?;
    let view = match s.frame.shown(s.explain.method) {
        View::Page | View::Cam => "stage-cam",
        View::Method => "stage-method",
        View::Board => "stage-board",
        View::Maps => "stage-maps",
    };
    Some(classes!("in-story", view, at.paused.then_some("paused")))
}

/// What an embedded page shows: classes for the root.
pub fn classes(s: &State) -> Classes {
    let chrome = match s.frame.chrome {
        Chrome::Full => return classes!(s.frame.locked.then_some("locked"), story_classes(s)),
        Chrome::Min => "min",
        Chrome::None => "bare",
    };
    classes!("embedded", chrome, s.frame.locked.then_some("locked"))
}

/// What an image or a video shows, at its own size: without a canvas where one cannot be read back.
pub async fn seen(source: &JsValue, drawn: Option<web_sys::HtmlCanvasElement>) -> Option<Pixels> {
    if let Some(pixels) = drawn.as_ref().and_then(paint::read) {
        return Some(pixels);
    }
    let given = pixels(source).await;
    let size = |name| api::number(&given, name) as usize;
    given.is_object().then(|| Pixels { width: size("width"), height: size("height"), rgba: api::bytes(&given, "rgba") })
}
