//! Effects beside the main one: the gallery, and what is saved.

use wasm_bindgen::prelude::*;
use yew::prelude::*;

use super::effects::Outside;
use super::hear::picture;
use super::lens::{self, CnnLens, object};
use super::{page, save};
use crate::catalog::{Lang, ProblemKind};
use crate::figure::{Figure, png};
use crate::state::{Action, Source};

type Dispatch = UseReducerDispatcher<super::Model>;

impl Outside {
    /// Keeps a file until [`Outside::let_go`], however many there are.
    pub fn hold(&self, file: JsValue) -> Source {
        let id = self.next_file.get() + 1;
        self.next_file.set(id);
        let name = lens::field(&file, "name").as_string().unwrap_or_default();
        self.held.borrow_mut().insert(id, file);
        Source::File(id, name)
    }

    /// Lets go of what [`Outside::hold`] kept: the engine has it.
    fn let_go(&self) {
        self.held.borrow_mut().clear();
    }

    /// Gives the engine pictures one after another; one that is none is counted, and the others follow.
    pub(super) async fn gather(
        &self,
        lens: &CnnLens,
        list: Vec<(String, Source)>,
        dispatch: &Dispatch,
    ) -> Result<(), JsValue> {
        let done = self.give(lens, list, dispatch).await;
        // given or refused, the page needs the files no longer
        self.let_go();
        done
    }

    async fn give(&self, lens: &CnnLens, list: Vec<(String, Source)>, dispatch: &Dispatch) -> Result<(), JsValue> {
        let extra = self.extra(dispatch);
        let total = list.len();
        for (done, (group, source)) in list.into_iter().enumerate() {
            let options = object([("role", "gallery".into()), ("group", group.as_str().into())]);
            let given = self.given(&source);
            let taken = match lens.set_image(&given, &options, &extra).await {
                Ok(answer) => Some(picture(source, &answer)),
                Err(e) if lens::problem(&e).kind == ProblemKind::Cancelled => return Err(e),
                // the gallery is full
                Err(e) if lens::problem(&e).kind == ProblemKind::BadParameter => return Err(e),
                Err(_) => None,
            };
            dispatch.dispatch(Action::Gathered(group, taken));
            dispatch.dispatch(Action::Progress(done + 1, total));
        }
        Ok(())
    }

    /// Saves the report as a page, or as JSON.
    pub(super) async fn report(&self, lens: &CnnLens, lang: Lang, json: bool) -> Result<(), JsValue> {
        let code = if lang == Lang::Zh { "zh" } else { "en" };
        let report = lens.report(&object([("lang", code.into())])).await?;
        let (text, kind, name) = match json {
            true => (
                js_sys::JSON::stringify(&lens::field(&report, "json"))?.into(),
                "application/json",
                "cnn-lens-report.json",
            ),
            false => (lens::field(&report, "html"), "text/html", "cnn-lens-report.html"),
        };
        save::bytes(&text, kind, name)
    }

    /// Saves a film as a GIF.
    pub(super) async fn film(&self, lens: &CnnLens, film: &Figure, dispatch: &Dispatch) -> Result<(), JsValue> {
        let info = &film.info;
        let bytes: Vec<u8> = film.data.iter().map(|v| (v * 255.0).round() as u8).collect();
        let given = object([
            ("width", (info.width as u32).into()),
            ("height", (info.height as u32).into()),
            ("data", js_sys::Uint8Array::from(bytes.as_slice()).into()),
        ]);
        save::bytes(&lens.gif(&given, &self.extra(dispatch)).await?, "image/gif", "cnn-lens.gif")
    }
}

/// Hands what is shown to the page around this one: the figure as a PNG's address, or what the method told.
pub fn export(format: &str, told: Option<serde_json::Value>) {
    let find = |selector: &str| gloo::utils::document().query_selector(selector).ok().flatten();
    let canvas = find("#result canvas, #photo").and_then(|c| c.dyn_into::<web_sys::HtmlCanvasElement>().ok());
    let url = || canvas.and_then(|c| c.to_data_url().ok()).map(serde_json::Value::from);
    let data = if format == "png" { url() } else { told };
    page::tell("export", &serde_json::json!({ "format": format, "data": data }).to_string());
}

/// The address inside a PNG that this page saved.
pub async fn address_of(file: &web_sys::Blob) -> Option<String> {
    // it stands right behind the header
    let head = file.slice_with_i32_and_i32(0, 16_384).ok()?;
    let buffer = wasm_bindgen_futures::JsFuture::from(head.array_buffer()).await.ok()?;
    png::text_of(&js_sys::Uint8Array::new(&buffer).to_vec())
}
