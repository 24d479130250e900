//! The dialog that takes a picture with the camera.

use gloo::utils::{document, window};
use js_sys::Array;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    Blob, BlobPropertyBag, HtmlCanvasElement, HtmlVideoElement, MediaStream, MediaStreamConstraints, MediaStreamTrack,
};
use yew::prelude::*;

use super::dialog::Dialog;
use crate::catalog::Text;
use crate::ui::pixels::encoded;
use crate::ui::{page, paint, texts, use_store};

/// Where the camera's picture goes.
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
    let failed = use_state(|| None::<Text>);
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
                    (None, _) => failed.set(Some(texts::NO_CAMERA)),
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
        let (video, open, close, failed) = (video.clone(), props.open.clone(), props.close.clone(), failed.setter());
        move |_| {
            let Some(view) = video.cast::<HtmlVideoElement>() else { return };
            let (open, close, failed) = (open.clone(), close.clone(), failed.clone());
            spawn_local(async move {
                let picture = frame(&view).await;
                if let Some(stream) = view.src_object() {
                    stop(&stream);
                }
                match picture {
                    Some(picture) => {
                        open.emit(picture);
                        close.emit(());
                    }
                    None => failed.set(Some(texts::CAMERA_HIDDEN)),
                }
            });
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
            if let Some(words) = *failed { <p role="alert">{ words.get(lang) }</p> } else { <video ref={video} autoplay=true muted=true playsinline=true /> }
            if failed.is_none() { <div class="row"><button class="primary" onclick={shoot}>{ texts::TAKE.get(lang) }</button></div> }
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

/// What the camera sees, as a PNG; `None` where the browser does not let a page read it.
async fn frame(view: &HtmlVideoElement) -> Option<Blob> {
    let canvas: HtmlCanvasElement = document().create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width(view.video_width());
    canvas.set_height(view.video_height());
    paint::context(&canvas)?.draw_image_with_html_video_element(view, 0.0, 0.0).ok()?;
    let png = encoded(&page::seen(view, Some(canvas)).await?).ok()?;
    let options = BlobPropertyBag::new();
    options.set_type("image/png");
    let parts = Array::of1(&js_sys::Uint8Array::from(png.as_slice()));
    Blob::new_with_u8_array_sequence_and_options(&parts, &options).ok()
}
