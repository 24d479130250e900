//! The jobs of a panel: how far they are, and a button for each that takes back that one.

use js_sys::Date;
use yew::prelude::*;

use crate::catalog::Lang;
use crate::methods::find;
use crate::state::{Action, Ask, Job, Slot};
use crate::ui::{Store, texts};

/// The panel of the page that a job belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Panel {
    /// The picture, its classes and its map.
    Heat,
    /// The grid of feature maps.
    Grid,
    /// The chosen method and what is beside it.
    Explain,
    /// The compare board.
    Board,
}

impl Panel {
    fn has(self, job: &Job) -> bool {
        // a folder's photos have a progress of their own
        let folder = matches!(job.ask, Ask::Sort(_));
        !folder
            && self
                == match job.slot() {
                    None | Some(Slot::Cam) => Self::Heat,
                    Some(Slot::Maps | Slot::Strip) => Self::Grid,
                    Some(Slot::Main | Slot::Beside) => Self::Explain,
                    Some(Slot::Board) => Self::Board,
                }
    }
}

/// The jobs of a panel, the running one first. What the page asks by itself is shown once it takes a while.
pub fn busy(store: &Store, panel: Panel) -> Html {
    let pressed = panel == Panel::Explain || panel == Panel::Board;
    let shown = store.0.jobs.all().filter(|j| panel.has(j) && (pressed || j.progress.is_some()));
    html! { <>{ for shown.map(|j| row(store, panel, j)) }</> }
}

fn row(store: &Store, panel: Panel, job: &Job) -> Html {
    let lang = store.0.lang;
    let (dispatch, id) = (store.dispatcher(), job.id);
    let (done, total) = job.progress.unwrap_or((0, 1));
    // another method than the one that stands above
    let other = job.ask.question().filter(|(q, _)| panel == Panel::Explain && q.method != store.0.explain.method);
    let name = other.and_then(|(q, _)| find(q.method)).map(|i| format!("{} ", i.name.get(lang)));
    html! {
        <span class="busy" key={id.0}>
            { name.unwrap_or_default() }
            <progress value={done.to_string()} max={total.to_string()} aria-label={texts::COMPUTING.get(lang)} />
            if job.progress.is_some() { <Left {done} {total} {lang} /> }
            <button class="quiet" onclick={move |_| dispatch.dispatch(Action::Stop(id))}>{ texts::CANCEL.get(lang) }</button>
        </span>
    }
}

/// How far a job is, for [`Left`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// How much of it is done, in whatever it is counted.
    pub done: usize,
    /// How much there is in all, counted alike.
    pub total: usize,
    /// The language of the words.
    pub lang: Lang,
}

/// Seconds that a job has run before its pace says how long it goes on.
const SURE: f64 = 1.5;

/// How long it goes on, at the pace at which it came so far.
#[component]
pub fn Left(props: &Props) -> Html {
    let Props { done, total, lang } = *props;
    let start = *use_memo((), |()| (Date::now(), done));
    let seconds = (Date::now() - start.0) / 1000.0;
    let came = done.saturating_sub(start.1);
    let left = seconds / came.max(1) as f64 * total.saturating_sub(done) as f64;
    // its place is kept
    let words = match came > 0 && seconds > SURE {
        true => {
            html! { <><span class="words">{ texts::LEFT.get(lang) }{ " " }</span>{ format!("{:.0} s", left.max(1.0)) }</> }
        }
        false => html! { "\u{a0}" },
    };
    html! { <span class="left-over">{ words }</span> }
}
