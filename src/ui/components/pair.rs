//! Two networks side by side: what each says of the photo, where their maps differ, and on which photos of a folder they agree.

use std::rc::Rc;

use yew::functional::Hook;
use yew::prelude::*;

use super::classes::share;
use super::controls::Select;
use super::gallery::takes;
use super::network::FILES;
use super::part::part;
use super::photo::Photo;
use super::plot::Plot;
use crate::catalog::{NetworkSpec, networks};
use crate::figure::Figure;
use crate::methods::find;
use crate::methods::sentence::{concentrated, fill, percent, say, two};
use crate::state::board::{difference, shared_fifth};
use crate::state::pair::{self, Columns, MOST_PHOTOS, Table, same};
use crate::state::{Action, Aim, ClassScore, Look, Palette, Question, Source, State};
use crate::ui::{Open, Store, page, texts, use_store};

/// Classes that stand above each map.
const LISTED: usize = 5;

/// With this share of the strongest fifth in common two maps agree well, or in part.
const WELL: f32 = 0.6;
const PARTLY: f32 = 0.35;

/// The other network: one that is there, or a file.
pub fn other(store: &Store) -> Html {
    let (s, dispatch) = (&store.0, store.dispatcher());
    let all = s.others();
    let now = s.pair.other.as_ref().and_then(|net| all.iter().position(|other| other == net));
    let nothing = now.is_none().then(|| AttrValue::from(texts::CHOOSE_NETWORK.get(s.lang)));
    let before = nothing.iter().len();
    let name =
        |net: &Rc<NetworkSpec>| format!("{} · {:.1} MB", net.card().name, networks::bytes(net.id()) as f64 / 1e6);
    let options: Vec<AttrValue> = nothing.into_iter().chain(all.iter().map(|net| name(net).into())).collect();
    let choose = move |at: usize| {
        if let Some(net) = at.checked_sub(before).and_then(|at| all.get(at)) {
            dispatch.dispatch(Action::Against(Rc::clone(net)));
        }
    };
    html! {
        <>
            <Select id="other-network" class="compare-set" name={texts::OTHER_NETWORK.get(s.lang)} {options} chosen={now.unwrap_or_default()} choose={Callback::from(choose)} />
            <button id="other-own" class="compare-set" onclick={|_| page::press(FILES)}>{ texts::OPEN_FILE.get(s.lang) }</button>
        </>
    }
}

/// The name of the network that a cell's question is for, and its classes of the photo.
pub fn answers(s: &State, question: &Question) -> Html {
    let net = &question.seen.net;
    let classes = if *net == s.net { s.classes.as_slice() } else { s.other_classes() };
    let asked = match question.target {
        Some(Aim::Class(class)) => Some(class),
        _ => None,
    };
    let row = |c: &ClassScore| {
        let (current, value) = ((asked == Some(c.index)).then_some("true"), f64::from(c.probability));
        html! { <li aria-current={current}>{ share(net, c.index, value, s.lang) }</li> }
    };
    html! {
        <div class="told">
            <h3>{ &net.card().name }</h3>
            <ol>{ for classes.iter().take(LISTED).map(row) }</ol>
        </div>
    }
}

/// The two maps, once both are there.
fn maps<'a>(s: &'a State, cells: &[Question]) -> Option<(&'a Rc<Figure>, &'a Rc<Figure>)> {
    let [a, b] = cells else { return None };
    Some((s.board_map(a)?, s.board_map(b)?))
}

/// In words: whether the two agree on the class, which maps these are, and how far the maps agree. Before that, what is missing.
pub fn sentence(s: &State, cells: &[Question]) -> Html {
    let (method, wished) = (s.pair_method(), s.board.method());
    let name = |id| find(id).map(|info| info.name.get(s.lang)).unwrap_or_default();
    let instead = say(texts::PAIR_METHOD, s.lang, &[("wished", name(wished)), ("method", name(method))]);
    let parts = [classes(s, cells), (method != wished).then_some(instead), agreement(s, cells)];
    let said = parts.into_iter().flatten().reduce(|all, next| two(all, Some(next), s.lang));
    // its place is kept
    let said = said.map_or_else(|| "\u{a0}".to_owned(), |text| texts::unbroken(&text));
    html! { <p class="sentence" id="pair-sentence" aria-live="polite">{ said }</p> }
}

/// Whether they agree on the class, and for which classes the maps are.
fn classes(s: &State, cells: &[Question]) -> Option<String> {
    let (other, lang) = (s.pair.other.as_ref()?, s.lang);
    let (a, b) = (s.classes.first()?, s.other_classes().first()?);
    let (class, theirs) = (s.class()?, s.other_class()?);
    let names = [&s.net, other].map(|net| net.card().name.clone());
    let quoted = |net: &NetworkSpec, class: usize| ["“", &net.label(class, lang), "”"].concat();
    let values = [
        ("a", names[0].clone()),
        ("b", names[1].clone()),
        ("ca", quoted(&s.net, a.index)),
        ("cb", quoted(other, b.index)),
        ("pa", percent(f64::from(a.probability), lang)),
        ("pb", percent(f64::from(b.probability), lang)),
        ("class", quoted(&s.net, class)),
        ("theirs", quoted(other, theirs)),
    ];
    let values: Vec<(&str, &str)> = values.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let agree = same(&s.net, a.index, other) == Some(b.index);
    let first = say(if agree { texts::PAIR_SAME } else { texts::PAIR_OTHER }, lang, &values);
    if cells.len() < 2 {
        return Some(first);
    }
    let maps = match same(&s.net, class, other) {
        // no word where it is the class that both have just been said to see
        Some(_) if agree && class == a.index => return Some(first),
        Some(_) => texts::PAIR_ONE_CLASS,
        None => texts::PAIR_TWO_CLASSES,
    };
    Some(two(first, Some(say(maps, lang, &values)), lang))
}

/// How far the maps agree, and where not.
fn agreement(s: &State, cells: &[Question]) -> Option<String> {
    let ((a, b), lang) = (maps(s, cells)?, s.lang);
    let share = shared_fifth(a, b)?;
    let how = match share {
        v if v >= WELL => texts::PAIR_WELL,
        v if v >= PARTLY => texts::PAIR_PARTLY,
        _ => texts::PAIR_HARDLY,
    };
    let all = say(texts::PAIR_SHARE, lang, &[("share", &percent(f64::from(share), lang)), ("how", how.get(lang))]);
    let more = difference(a, b)?;
    let less = Figure { data: more.data.iter().map(|v| -v).collect(), info: more.info.clone() };
    let places = concentrated(&more).zip(concentrated(&less)).map(|((_, a), (_, b))| [a.get(lang), b.get(lang)]);
    let names = cells.iter().map(|q| q.seen.net.card().name.as_str()).collect::<Vec<_>>();
    let words = match places? {
        [x, y] if x == y => return Some(all),
        [x, y] => say(texts::PAIR_PLACES, lang, &[("a", names[0]), ("b", names[1]), ("x", x), ("y", y)]),
    };
    Some(two(all, Some(words), lang))
}

/// Where the two maps differ, as a third one.
pub fn third(s: &State, cells: &[Question], cross: Option<(f64, f64)>, onplace: Callback<Option<(f64, f64)>>) -> Html {
    let Some(figure) = maps(s, cells).and_then(|(a, b)| difference(a, b)) else {
        // the other network's place, while its classes are not here
        let waits = s.pair.other.as_ref().filter(|_| cells.len() < 2);
        return html! { if let Some(net) = waits { <div class="compared waiting"><div class="told"><h3>{ &net.card().name }</h3></div><div class="plot"><div class="frame" /><p class="readout">{ "…" }</p></div></div> } };
    };
    let names: Vec<&str> = cells.iter().map(|q| q.seen.net.card().name.as_str()).collect();
    let look = Look { palette: Palette::Signed, high: Some(1.0), ..s.look };
    let hint = fill(texts::DIFFERENCE_HINT.get(s.lang), &[("a", names[0]), ("b", names[1])]);
    let over = cells.first().and_then(|q| s.board.picture(q)).cloned();
    html! {
        <div class="compared" id="difference">
            <div class="told"><h3>{ texts::DIFFERENCE.get(s.lang) }</h3><p class="hint">{ hint }</p></div>
            <Plot figure={Rc::new(figure)} title={texts::DIFFERENCE.get(s.lang)} {over} look={Some(look)} {cross} {onplace} />
        </div>
    }
}

/// A folder of photos, as a table of what the two networks say of them.
pub fn folder() -> Html {
    part("folder", |ctx| use_folder().run(ctx))
}

#[hook]
fn use_folder() -> Html {
    let store = use_store();
    let (s, lang) = (&store.0, store.0.lang);
    let keep = use_context::<Open>();
    let opened = use_state(|| None::<(usize, usize)>);
    let take = {
        let (dispatch, opened) = (store.dispatcher(), opened.setter());
        Callback::from(move |list: Vec<(String, Source)>| {
            if !list.is_empty() {
                opened.set(None);
                dispatch.dispatch(Action::Sort(list.into_iter().map(|(_, photo)| photo).collect()));
            }
        })
    };
    let (fields, drop) = takes(lang, ["folder-files", "folder-folder"], "", keep, take);
    let send = |action: fn() -> Action| {
        let dispatch = store.dispatcher();
        move |_: MouseEvent| dispatch.dispatch(action())
    };
    let cancel = {
        let dispatch = store.dispatcher();
        move |_: MouseEvent| dispatch.dispatch(Action::Sort(Vec::new()))
    };
    let folder = &s.pair.folder;
    let (done, all) = s.sorted();
    let refused = folder.photos.iter().filter(|photo| photo.refused).count();
    let table = s.agreement();
    html! {
        <div class="gallery folder" id="folder" role="group" aria-label={texts::FOLDER.get(lang)} ondrop={drop}>
            <h3>{ texts::FOLDER.get(lang) }</h3>
            <div class="row">
                { fields }
                if folder.sorting && done < all {
                    <span class="busy">
                        <progress value={done.to_string()} max={all.to_string()} aria-label={texts::COMPUTING.get(lang)} />
                        <span class="words">{ format!("{done} / {all}") }</span>
                        <button id="folder-cancel" class="quiet" onclick={send(|| Action::SortStop)}>{ texts::CANCEL.get(lang) }</button>
                    </span>
                } else if done < all {
                    <button id="folder-on" onclick={send(|| Action::SortOn)}>{ texts::CONTINUE.get(lang) }{ format!(" ({done} / {all})") }</button>
                }
                if !folder.photos.is_empty() { <button id="folder-forget" class="quiet" onclick={cancel}>{ texts::REMOVE.get(lang) }</button> }
            </div>
            if folder.photos.is_empty() { <p class="hint">{ texts::FOLDER_HINT.get(lang) }</p> }
            if folder.left_out > 0 { <p class="note">{ fill(texts::LEFT_OUT.get(lang), &[("most", &MOST_PHOTOS.to_string()), ("n", &folder.left_out.to_string())]) }</p> }
            if refused > 0 { <p class="note">{ texts::REFUSED.get(lang) }{ format!(" {refused}") }</p> }
            if let (Some(table), Some(other)) = (&table, &s.pair.other) { { agreed(&store, table, other, &opened) } }
        </div>
    }
}

/// The sentence, the table, and the photos of the cell that was opened.
fn agreed(store: &Store, table: &Table, other: &NetworkSpec, opened: &UseStateHandle<Option<(usize, usize)>>) -> Html {
    let (s, lang) = (&store.0, store.0.lang);
    let own = &s.net;
    let all = table.both.to_string();
    let said = match table.agreed {
        Some(n) => {
            let share = percent(n as f64 / table.both as f64, lang);
            say(texts::AGREED, lang, &[("n", &n.to_string()), ("all", &all), ("share", &share)])
        }
        None => say(texts::NO_CLASS_IN_COMMON, lang, &[("all", &all)]),
    };
    let row = |at: usize| own.label(table.rows[at], lang);
    let columns: Vec<String> = match &table.columns {
        Columns::Classes(list) => list.iter().map(|class| other.label(*class, lang)).collect(),
        Columns::Same => [texts::SAME_CLASS, texts::OTHER_CLASS].map(|words| words.get(lang).to_owned()).to_vec(),
    };
    let agreeing = |at: usize, column: usize| match &table.columns {
        Columns::Classes(list) => same(own, table.rows[at], other) == Some(list[column]),
        Columns::Same => column == 0,
    };
    let cell = |at: usize, column: usize| {
        let photos = &table.cells[at][column];
        if photos.is_empty() {
            return html! { <td class="none">{ "·" }</td> };
        }
        let (set, now) = (opened.setter(), **opened == Some((table.rows[at], column)));
        let place = (table.rows[at], column);
        let words = format!("{} · {}{}{}", row(at), columns[column], lang.colon(), photos.len());
        html! {
            <td class={agreeing(at, column).then_some("agree")}>
                <button aria-pressed={now.to_string()} aria-label={words} onclick={move |_| set.set((!now).then_some(place))}>{ photos.len() }</button>
            </td>
        }
    };
    let open = opened.and_then(|(class, column)| {
        let at = table.rows.iter().position(|c| *c == class)?;
        table.cells[at].get(column)
    });
    html! {
        <>
            <p class="sentence" id="folder-sentence" aria-live="polite">{ texts::unbroken(&said) }</p>
            <div class="scroll" tabindex="0" role="region" aria-label={texts::FOLDER.get(lang)}><table class="matrix" id="folder-table">
                <thead><tr><th scope="col">{ format!("{} ↓ · {} →", own.card().name, other.card().name) }</th>{ for columns.iter().map(|name| html! { <th scope="col">{ name }</th> }) }</tr></thead>
                <tbody>{ for (0..table.rows.len()).map(|at| html! {
                    <tr key={table.rows[at]}><th scope="row">{ row(at) }</th>{ for (0..columns.len()).map(|column| cell(at, column)) }</tr>
                }) }</tbody>
            </table></div>
            if open.is_none() { <p class="hint">{ texts::OPEN_A_CELL.get(lang) }</p> }
            <div class="row thumbs" id="folder-photos">{ for open.into_iter().flatten().filter_map(|at| thumb(store, &s.pair.folder.photos[*at], other)) }</div>
        </>
    }
}

/// A photo of the folder with what both say; a click puts it on the stage.
fn thumb(store: &Store, photo: &pair::Photo, other: &NetworkSpec) -> Option<Html> {
    let (s, dispatch, source) = (&store.0, store.dispatcher(), photo.source.clone());
    let [a, b] = s.both_of(photo)?;
    let said = |net: &NetworkSpec, c: &ClassScore| {
        let share = texts::percent(f64::from(c.probability), 0, s.lang);
        texts::unbroken(&format!("{}{}{} {share}", net.card().name, s.lang.colon(), net.label(c.index, s.lang)))
    };
    let name = super::picture::named(&photo.source, s.lang);
    let open = move |_| {
        dispatch.dispatch(Action::Open(source.clone()));
        page::top();
    };
    Some(html! {
        <button key={name.clone()} class="sorted" title={name.clone()} aria-pressed={(s.source() == Some(&photo.source)).to_string()} onclick={open}>
            if let Some(picture) = photo.small.clone() { <Photo {picture} {name} /> }
            <small>{ said(&s.net, &a) }<br />{ said(other, &b) }</small>
        </button>
    })
}
