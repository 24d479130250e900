//! Name, device, weights on their way, language, theme.

use yew::prelude::*;

use super::busy::Left;
use super::choices::choices;
use super::network::network;
use super::story::STORY;
use crate::state::State;
use crate::ui::outside::Outside;
use crate::ui::page::SHEET;
use crate::ui::{Store, texts};

/// The top bar; `share` opens the dialog with the link.
pub fn header(store: &Store, outside: &Outside, share: &Callback<()>) -> Html {
    let s = &store.0;
    html! {
        <header>
            <h1>{ "CNN Lens" }<span class="tagline">{ texts::TAGLINE.get(s.lang) }</span></h1>
            <div class="status">
                { network(store, outside) }
                { device(s) }
                if !s.weights.loaded && s.weights.total > 0 {
                    <label class="weights">
                        <span><span class="words">{ texts::WEIGHTS.get(s.lang) }{ " " }</span>{ format!("{:.1} / {:.1} MB", megabytes(s.weights.bytes), megabytes(s.weights.total)) }</span>
                        <progress value={s.weights.bytes.to_string()} max={s.weights.total.to_string()} />
                        <Left done={s.weights.bytes as usize} total={s.weights.total as usize} lang={s.lang} />
                    </label>
                }
                <button class="primary" id="ask-open" popovertarget={SHEET}>{ texts::ASK.get(s.lang) }</button>
                <a class="story" href={STORY} aria-current={s.reading().map(|_| "page")} title={texts::STORY.get(s.lang)}>{ texts::STORY_SHORT.get(s.lang) }</a>
                <button id="share-open" onclick={share.reform(|_: MouseEvent| ())} aria-label={texts::SHARE.get(s.lang)} title={texts::SHARE.get(s.lang)}>{ texts::SHARE_SHORT.get(s.lang) }</button>
                { choices(store) }
            </div>
        </header>
    }
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn device(s: &State) -> Html {
    let Some(d) = &s.device else {
        return html! { <span key="starting" class="chip waiting" id="device">{ texts::STARTING.get(s.lang) }</span> };
    };
    let kind = if d.kind == "webgpu" { "WebGPU" } else { "CPU" };
    let software = if d.software { format!(" · {}", texts::SOFTWARE.get(s.lang)) } else { String::new() };
    html! { <span key="ready" class="chip" id="device" title={format!("{} ({})", d.name, d.reason)}>{ format!("{kind}{software}") }</span> }
}
