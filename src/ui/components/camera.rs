//! A picture from the camera.

use gloo::utils::{document, window};
use js_sys::Array;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{HtmlCanvasElement, HtmlVideoElement, MediaStream, MediaStreamConstraints, MediaStreamTrack};
use yew::prelude::*;

use super::dialog::Dialog;
use crate::ui::{paint, texts, use_store};

/// See the module.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Takes the picture.
    pub open: Callback<web_sys::Blob>,
    /// Closes the dialog.
    pub close: Callback<()>,
}

/// The live view with a shutter.
#[component]
pub fn Camera(props: &Props) -> Html {
    let store = use_store();
    let video = use_node_ref();
    let failed = use_state(|| false);
    {
        let (video, failed) = (video.clone(), failed.setter());
        use_effect_with((), move |()| {
            let view = video.clone();
            spawn_local(async move {
                match (stream().await, view.cast::<HtmlVideoElement>()) {
                    (Some(stream), Some(view)) => {
                        view.set_src_object(Some(&stream));
                        // a refused autoplay shows the first frame, which is enough
                        let _ = view.play();
                    }
                    (Some(stream), None) => stop(&stream),
                    (None, _) => failed.set(true),
                }
            });
            move || {
                if let Some(stream) = video.cast::<HtmlVideoElement>().and_then(|v| v.src_object()) {
                    stop(&stream);
                }
            }
        });
    }
    let shoot = {
        let (video, open, close) = (video.clone(), props.open.clone(), props.close.clone());
        move |_| {
            if let Some(view) = video.cast::<HtmlVideoElement>() {
                let open = open.clone();
                if frame(&view, move |blob| open.emit(blob)).is_some() {
                    close.emit(());
                }
                if let Some(stream) = view.src_object() {
                    stop(&stream);
                }
            }
        }
    };
    let close = {
        let video = video.clone();
        props.close.reform(move |()| {
            if let Some(stream) = video.cast::<HtmlVideoElement>().and_then(|v| v.src_object()) {
                stop(&stream);
            }
        })
    };
    let lang = store.0.lang;
    html! {
        <Dialog id="camera" title={texts::CAMERA.get(lang)} {close}>
            if *failed { <p role="alert">{ texts::NO_CAMERA.get(lang) }</p> } else { <video ref={video} autoplay=true muted=true playsinline=true /> }
            if !*failed { <div class="row"><button class="primary" onclick={shoot}>{ texts::TAKE.get(lang) }</button></div> }
        </Dialog>
    }
}

async fn stream() -> Option<MediaStream> {
    let constraints = MediaStreamConstraints::new();
    constraints.set_video(&JsValue::TRUE);
    let devices = window().navigator().media_devices().ok()?;
    let promise = devices.get_user_media_with_constraints(&constraints).ok()?;
    JsFuture::from(promise).await.ok()?.dyn_into().ok()
}

fn stop(stream: &MediaStream) {
    Array::from(&stream.get_tracks()).iter().filter_map(|t| t.dyn_into().ok()).for_each(|t: MediaStreamTrack| t.stop());
}

/// The frame as a PNG.
fn frame(view: &HtmlVideoElement, done: impl FnOnce(web_sys::Blob) + 'static) -> Option<()> {
    let canvas: HtmlCanvasElement = document().create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width(view.video_width());
    canvas.set_height(view.video_height());
    paint::context(&canvas)?.draw_image_with_html_video_element(view, 0.0, 0.0).ok()?;
    let done = Closure::once_into_js(move |blob: JsValue| {
        if let Ok(blob) = blob.dyn_into() {
            done(blob);
        }
    });
    canvas.to_blob(done.unchecked_ref()).ok()
}
