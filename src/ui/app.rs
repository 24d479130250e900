//! The page: store, engine, global drop and paste, layout.

use gloo::events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::components::{
    Board, Camera, Classes, Detail, Explain, Grid, Header, Heat, Help, Notices, PictureBox, ProblemCard, Reading,
    Share, Strip,
};
use super::effects::Outside;
use super::extra::address_of;
use super::{Model, keys, page, prefs, texts};
use crate::state::{Action, Chrome, State, View, link};

/// Everything.
#[component]
pub fn App() -> Html {
    // the first thing drawn is what the link says already
    let store = use_reducer(|| {
        Model(State { lang: prefs::lang(), theme: prefs::theme(), ..State::default() }.reduce(Action::Go(page::hash())))
    });
    let outside = use_memo((), |()| Outside::default());
    let dragging = use_state(|| false);
    let camera = use_state(|| false);
    {
        let (dispatch, ask) = (store.dispatcher(), store.0.frame.ask);
        use_effect_with((), move |()| {
            page::offer(ask, dispatch.clone());
            let listener = page::listen(dispatch);
            move || drop(listener)
        });
    }
    page::use_address(&store);
    {
        let (outside, store) = (outside.clone(), store.clone());
        use_effect_with(store.0.effects.clone(), move |effects| outside.perform_new(effects, &store.dispatcher()));
    }
    let linked = store.0.frame.lang.is_some() || store.0.frame.theme.is_some();
    use_effect_with((store.0.lang, store.0.theme, linked), |(lang, theme, linked)| {
        prefs::apply(*lang, *theme, *linked)
    });
    let open = {
        let (outside, dispatch, locked) = (outside.clone(), store.dispatcher(), store.0.frame.locked);
        Callback::from(move |file: web_sys::Blob| {
            if locked {
                return;
            }
            // a camera frame has no name
            let name = file.dyn_ref::<web_sys::File>().map_or_else(|| "camera.png".to_owned(), web_sys::File::name);
            let (outside, dispatch) = (outside.clone(), dispatch.clone());
            spawn_local(async move {
                // a figure that was saved here brings its view back
                dispatch.dispatch(match address_of(&file).await {
                    Some(hash) => Action::Go(hash),
                    None => Action::Open(outside.keep(file.into(), name)),
                });
            });
        })
    };
    {
        let (open, dragging) = (open.clone(), dragging.setter());
        use_effect_with(store.0.frame.locked, move |_| {
            let listeners = document_events(&open, &dragging);
            move || drop(listeners)
        });
    }
    let helping = use_state(|| false);
    {
        let (dispatch, help) = (store.dispatcher(), helping.setter());
        use_effect_with((), move |()| {
            let listener = keys::listen(dispatch, Callback::from(move |()| help.set(true)));
            move || drop(listener)
        });
    }
    let s = &store.0;
    let sharing = use_state(|| false);
    let [show_camera, help, share] = [&camera, &helping, &sharing].map(|shown| {
        let shown = shown.setter();
        Callback::from(move |on: bool| shown.set(on))
    });
    html! {
        <ContextProvider<super::Store> context={store.clone()}>
        <ContextProvider<super::Open> context={super::Open((*outside).clone())}>
            <div class={page::classes(s)}>
            if s.frame.chrome == Chrome::Full {
                <Header share={share.reform(|()| true)} help={help.reform(|()| true)} />
                <main class={classes!((*dragging).then_some("dragging"))}>
                    <aside class="left">
                        <PictureBox open={open.clone()} camera={show_camera.clone()} />
                        <Classes />
                    </aside>
                    <section class="centre">
                        <Notices />
                        <ProblemCard />
                        <Heat />
                        <Explain />
                        <Board />
                        <Strip />
                        <Grid />
                    </section>
                    <aside class="right">
                        if s.channel.is_some() { <Detail /> }
                        <Reading />
                    </aside>
                </main>
                <footer><p>{ texts::HEAD_NOTE.get(s.lang) }</p><p>{ texts::FOOTER.get(s.lang) }</p></footer>
            } else {
                <main class="only">{ only(s) }</main>
            }
            </div>
            if *helping { <Help close={help.reform(|()| false)} /> }
            if *sharing { <Share close={share.reform(|()| false)} /> }
            if *dragging { <div class="veil" aria-hidden="true"><p>{ texts::DROP_HERE.get(s.lang) }</p></div> }
            if *camera { <Camera open={open} close={show_camera.reform(|()| false)} /> }
        </ContextProvider<super::Open>>
        </ContextProvider<super::Store>>
    }
}

/// The one view of an embedded page.
fn only(s: &State) -> Html {
    let view = match s.frame.shown(s.explain.method) {
        View::Page | View::Cam => html! { <Heat /> },
        View::Method => html! { <Explain /> },
        View::Board => html! { <Board /> },
        View::Maps => html! { <><Grid />if s.channel.is_some() { <Detail /> }</> },
    };
    let mut whole = s.clone();
    whole.frame.chrome = Chrome::Full;
    html! {
        <>
            <Notices />
            <ProblemCard />
            { view }
            if s.frame.chrome == Chrome::Min {
                <p class="whole"><a href={format!("{}{}", prefs::absolute("./"), link::print(&whole))} target="_blank" rel="noopener">{ texts::WHOLE.get(s.lang) }{ " ↗" }</a></p>
            }
        </>
    }
}

/// Drop and paste work everywhere on the page.
fn document_events(open: &Callback<web_sys::Blob>, dragging: &UseStateSetter<bool>) -> Vec<EventListener> {
    let document = gloo::utils::document();
    let active = EventListenerOptions::enable_prevent_default();
    let on = |name: &'static str, f: Box<dyn FnMut(&web_sys::Event)>| {
        EventListener::new_with_options(&document, name, active, f)
    };
    let first = |files: Option<web_sys::FileList>| files.and_then(|f| f.get(0));
    let (over, leave, dropped) = (dragging.clone(), dragging.clone(), dragging.clone());
    let (drop_open, paste_open) = (open.clone(), open.clone());
    vec![
        on(
            "dragover",
            Box::new(move |e| {
                e.prevent_default();
                over.set(true);
            }),
        ),
        on(
            "dragleave",
            Box::new(move |e| {
                if e.dyn_ref::<web_sys::DragEvent>().is_some_and(|e| e.related_target().is_none()) {
                    leave.set(false);
                }
            }),
        ),
        on(
            "drop",
            Box::new(move |e| {
                e.prevent_default();
                dropped.set(false);
                // the gallery takes what is dropped there
                let target = e.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
                if target.is_some_and(|t| t.closest(".gallery").is_ok_and(|g| g.is_some())) {
                    return;
                }
                let transfer = e.dyn_ref::<web_sys::DragEvent>().and_then(web_sys::DragEvent::data_transfer);
                if let Some(file) = first(transfer.and_then(|t| t.files())) {
                    drop_open.emit(file.into());
                }
            }),
        ),
        on(
            "paste",
            Box::new(move |e| {
                let data = e.dyn_ref::<web_sys::ClipboardEvent>().and_then(web_sys::ClipboardEvent::clipboard_data);
                if let Some(file) = first(data.and_then(|d| d.files())) {
                    e.prevent_default();
                    paste_open.emit(file.into());
                }
            }),
        ),
    ]
}
