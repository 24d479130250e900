//! Link, embed code and citation of what is shown.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::about::citation;
use super::dialog::Dialog;
use crate::state::{Chrome, Frame, Source, State, link};
use crate::ui::{page, prefs, texts, use_store};

/// Who closes the dialog.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Closes the dialog.
    pub close: Callback<()>,
}

/// The dialog with the link, and what embeds or cites the view.
#[component]
pub fn Share(props: &Props) -> Html {
    let store = use_store();
    let (s, lang) = (&store.0, store.0.lang);
    let copied = use_state(|| None::<usize>);
    let local = matches!(s.source(), Some(Source::File(..)));
    html! {
        <Dialog id="share" title={texts::SHARE.get(lang)} close={props.close.clone()}>
            if local { <p class="hint">{ texts::SHARE_LOCAL.get(lang) }</p> }
            { for codes(s).into_iter().enumerate().map(|(i, (name, code))| {
                let (copied, text) = (copied.clone(), code.clone());
                let done = *copied == Some(i);
                let copy = move |_| {
                    let (copied, text) = (copied.clone(), text.clone());
                    spawn_local(async move {
                        if page::copy(&text).await.is_truthy() {
                            copied.set(Some(i));
                        }
                    });
                };
                html! {
                    <label class="control">
                        <span class="row">{ name.get(lang) }<button class="quiet" onclick={copy}>{ if done { texts::COPIED } else { texts::COPY }.get(lang) }</button></span>
                        <textarea readonly=true rows={if i == 0 { "2" } else { "4" }} value={code} />
                    </label>
                }
            }) }
        </Dialog>
    }
}

/// What can be copied, each with its name: the link, an iframe, the `<cnn-lens>` element, a citation.
fn codes(s: &State) -> [(crate::catalog::text::Text, String); 4] {
    let site = prefs::absolute("./");
    let mut there = s.clone();
    there.frame = Frame { lang: Some(s.lang), ..link::frame(s) };
    let whole = link::print(&there);
    there.frame.chrome = Chrome::Min;
    let framed = link::print(&there);
    let html = framed.replace('&', "&amp;");
    [
        (texts::SHARE_LINK, format!("{site}{whole}")),
        (
            texts::SHARE_FRAME,
            format!(
                "<iframe src=\"{site}{html}\" title=\"CNN Lens\" width=\"720\" height=\"640\" style=\"border:0;max-width:100%\" loading=\"lazy\" \
                 allow=\"fullscreen\" sandbox=\"allow-scripts allow-same-origin allow-downloads allow-popups allow-popups-to-escape-sandbox\"></iframe>"
            ),
        ),
        (
            texts::SHARE_ELEMENT,
            format!("<script type=\"module\" src=\"{site}embed.js\"></script>\n<cnn-lens view=\"{html}\"></cnn-lens>"),
        ),
        (texts::SHARE_CITE, citation(s.lang)),
    ]
}
