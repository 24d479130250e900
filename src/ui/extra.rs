//! Effects beside the main one: the gallery, and what is saved.

use wasm_bindgen::prelude::*;

use super::api::{self, CnnLens, object};
use super::outside::{Job, Outside};
use super::save;
use super::store::Dispatch;
use crate::catalog::{Lang, ProblemKind};
use crate::figure::{Figure, png};
use crate::state::{Action, Reply, Source};

impl Outside {
    /// Gives the engine pictures one after another; one that is none is counted, and the others follow.
    pub(super) async fn gather(
        &self,
        engine: &CnnLens,
        list: Vec<(String, Source)>,
        job: &Job,
        dispatch: &Dispatch,
    ) -> Result<Reply, JsValue> {
        let total = list.len();
        for (done, (group, source)) in list.into_iter().enumerate() {
            let options = object([("role", "gallery".into()), ("group", group.as_str().into())]);
            let taken = match self.take(engine, source, &options, job).await {
                Ok(Reply::Picture(picture)) => Some(picture),
                // the gallery is full, or nobody wants the rest
                Err(e) if [ProblemKind::Cancelled, ProblemKind::BadParameter].contains(&api::problem(&e).kind) => {
                    return Err(e);
                }
                _ => None,
            };
            dispatch.dispatch(Action::Gathered(job.id, group, taken));
            dispatch.dispatch(Action::Progress(job.id, done + 1, total));
        }
        Ok(Reply::Done)
    }

    /// Saves the report as a page, or as JSON.
    pub(super) async fn report(&self, engine: &CnnLens, lang: Lang, json: bool, job: &Job) -> Result<Reply, JsValue> {
        let report =
            engine.report(&object([("lang", lang.id().into()), ("signal", api::field(&job.extra, "signal"))])).await?;
        let (text, kind, name) = match json {
            true => (
                js_sys::JSON::stringify(&api::field(&report, "json"))?.into(),
                "application/json",
                "cnn-lens-report.json",
            ),
            false => (api::field(&report, "html"), "text/html", "cnn-lens-report.html"),
        };
        save::bytes(&text, kind, name).map(|()| Reply::Done)
    }

    /// Saves a film as a GIF.
    pub(super) async fn film(&self, engine: &CnnLens, film: &Figure, job: &Job) -> Result<Reply, JsValue> {
        let info = &film.info;
        let bytes: Vec<u8> = film.data.iter().map(|v| (v * 255.0).round() as u8).collect();
        let given = object([
            ("width", (info.width as u32).into()),
            ("height", (info.height as u32).into()),
            ("data", js_sys::Uint8Array::from(bytes.as_slice()).into()),
        ]);
        save::bytes(&engine.gif(&given, &job.extra).await?, "image/gif", "cnn-lens.gif").map(|()| Reply::Done)
    }
}

/// The address inside a PNG that this page saved.
pub async fn address_of(file: &web_sys::Blob) -> Option<String> {
    // it stands right behind the header
    let start = file.slice_with_i32_and_i32(0, 16_384).ok()?;
    let buffer = wasm_bindgen_futures::JsFuture::from(start.array_buffer()).await.ok()?;
    png::text_of(&js_sys::Uint8Array::new(&buffer).to_vec())
}
