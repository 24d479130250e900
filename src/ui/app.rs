//! The page: store, engine, global drop and paste, layout.

use std::rc::Rc;

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::components::{
    Camera, Share, about, bar, board, classes, detail, explain, grid, header, heat, help as keyboard, menu,
    network_field, notices, picture, problem, small, story, strip,
};
use super::extra::address_of;
use super::outside::Outside;
use super::store::use_page;
use super::{Store, drops, files, keys, page, prefs, texts};
use crate::state::{Action, Chrome, State, View, link};

#[wasm_bindgen(raw_module = "./translated.js")]
extern "C" {
    /// Keeps what a page translator replaces up to date.
    fn watch(root: &web_sys::Element);
}

/// The whole page: it owns the store, hears the keyboard and what is dropped, and lays the parts out.
#[component]
pub fn App() -> Html {
    let outside = use_memo((), |()| Outside::default());
    // the first thing drawn is what the link says already
    let store = use_page((*outside).clone(), || {
        (State { lang: prefs::lang(), theme: prefs::theme(), ..State::default() }, Action::Go(page::hash()))
    });
    // before the page writes its own address
    let linked = *use_memo((), |()| page::hash().len() > 1);
    let dragging = use_state(|| false);
    let camera = use_state(|| false);
    {
        let (outside, dispatch) = ((*outside).clone(), store.dispatcher());
        let (ask, net) = (store.0.frame.ask, Rc::clone(&store.0.net));
        use_effect_with((), move |()| {
            let listener = page::listen(dispatch.clone());
            spawn_local(async move {
                // the network that a link names can be one that is kept here
                outside.kept(&dispatch).await;
                page::offer(ask, &net, dispatch);
            });
            move || drop(listener)
        });
    }
    page::use_address(&store);
    use_effect_with((), |()| {
        if let Some(root) = gloo::utils::document().document_element() {
            watch(&root);
        }
    });
    // a layer's maps, or what is compared, begin at the top, wherever the page was; in the story the reader scrolls
    let opened = (store.0.layers_opened() || store.0.comparing()) && store.0.reading().is_none();
    use_effect_with(opened, |opened| {
        if *opened {
            page::top();
        }
    });
    let styled = store.0.frame.lang.is_some() || store.0.frame.theme.is_some();
    use_effect_with((store.0.lang, store.0.theme, styled), |(lang, theme, styled)| {
        prefs::apply(*lang, *theme, *styled)
    });
    let asked = use_memo((), |()| std::cell::Cell::new(0_u32));
    let open = {
        let (outside, dispatch, locked) = (outside.clone(), store.dispatcher(), store.0.frame.locked);
        Callback::from(move |file: web_sys::Blob| {
            if locked {
                return;
            }
            // a camera frame has no name
            let name = file.dyn_ref::<web_sys::File>().map_or_else(|| "camera.png".to_owned(), web_sys::File::name);
            let (outside, dispatch, asked) = (outside.clone(), dispatch.clone(), asked.clone());
            asked.set(asked.get() + 1);
            let mine = asked.get();
            let kept = files::Kept::read(file.clone());
            spawn_local(async move {
                // a figure that was saved here brings its view back
                let address = address_of(&file).await;
                // the one that was asked for last counts
                if asked.get() == mine {
                    dispatch.dispatch(match address {
                        Some(hash) => Action::Go(hash),
                        None => Action::Open(outside.keep(kept, name)),
                    });
                }
            });
        })
    };
    {
        let (open, dragging, outside, dispatch) =
            (open.clone(), dragging.setter(), (*outside).clone(), store.dispatcher());
        use_effect_with((store.0.frame.locked, store.0.lang), move |(locked, lang)| {
            let group = texts::CONCEPT.get(*lang);
            let listeners =
                (!locked).then(|| drops::listen(&drops::Drops { open, dragging, outside, dispatch, group }));
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
        <ContextProvider<Store> context={store.clone()}>
        <ContextProvider<super::Open> context={super::Open((*outside).clone())}>
            <div class={page::classes(s)}>
            if s.frame.chrome == Chrome::Full {
                <button class="skip" popovertarget={page::SHEET}>{ texts::SKIP.get(s.lang) }</button>
                { header(&store, &share.reform(|()| true)) }
                <main class={classes!((*dragging).then_some("dragging"), s.layers_opened().then_some("layers-opened"), s.comparing().then_some("comparing"), s.asking().then_some("asked"))}>
                    <aside class="left">
                        if s.asking() { { small(&store) } }
                        { picture(&store, &open, &show_camera) }
                        { classes() }
                    </aside>
                    <section class="centre">
                        { notices(&store, linked) }
                        { problem(&store) }
                        if s.comparing() {
                            { board() }
                        } else {
                            <>
                            { heat() }
                            if !s.explain.method.is_empty() { { explain() } }
                            <div class={classes!("maps", s.channel.is_some().then_some("opened"))}>
                                { grid() }
                                if s.channel.is_some() { { detail() } }
                            </div>
                            </>
                        }
                    </section>
                    { story() }
                    { strip(&store) }
                </main>
                { menu() }
                { about(&store, &help.reform(|()| true)) }
                { bar(&store) }
                { network_field(&store, &outside) }
            } else {
                <main class="only">{ only(&store) }</main>
            }
            </div>
            if *helping { { keyboard(s.lang, help.reform(|()| false)) } }
            if *sharing { <Share close={share.reform(|()| false)} /> }
            if *dragging { <div class="veil" aria-hidden="true"><p>{ texts::DROP_HERE.get(s.lang) }</p></div> }
            if *camera { <Camera open={open} close={show_camera.reform(|()| false)} /> }
        </ContextProvider<super::Open>>
        </ContextProvider<Store>>
    }
}

/// The one view of an embedded page.
fn only(store: &Store) -> Html {
    let s = &store.0;
    let view = match s.frame.shown(s.explain.method) {
        View::Page | View::Cam => heat(),
        View::Method => explain(),
        View::Board => board(),
        View::Maps => html! { <>{ grid() }if s.channel.is_some() { { detail() } }</> },
    };
    let mut whole = State::clone(s);
    whole.frame.chrome = Chrome::Full;
    html! {
        <>
            { notices(store, true) }
            { problem(store) }
            { view }
            if s.frame.chrome == Chrome::Min {
                <p class="whole"><a href={format!("{}{}", prefs::absolute("./"), link::print(&whole))} target="_blank" rel="noopener">{ texts::WHOLE.get(s.lang) }{ " ↗" }</a></p>
            }
        </>
    }
}
