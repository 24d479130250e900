//! The keys, each with both directions.

use serde_json::Value;

use super::code::{decode, encode, value, word};
use crate::catalog::card::{Extra, LOCAL};
use crate::catalog::examples::example;
use crate::catalog::picture::{Crop, Fit};
use crate::catalog::text::Lang;
use crate::catalog::{LayerRole, ParamKind, ParamSpec, networks};
use crate::fields::decimal;
use crate::figure::scale::Normalise;
use crate::methods::params::check;
use crate::methods::{INFOS, find};
use crate::state::board::{By, MOST, SIZES};
use crate::state::frame::{Chrome, Missing, View, Wanted};
use crate::state::look::{Mode, Order, Palette, Theme};
use crate::state::model::State;
use crate::state::picture::Source;
use crate::state::story::Reading;

/// One key of the address.
pub struct Key {
    /// Its name in the address.
    pub id: &'static str,
    /// A change of it makes a step of the browser's history.
    pub step: bool,
    /// Whether it says which picture it is, or what was chosen in it: the part of a link that is private.
    pub own: bool,
    /// Its value, encoded; `None` at the default.
    pub print: fn(&State) -> Option<String>,
    /// Sets it; `false` if the value is none, and nothing was set.
    pub read: fn(&mut State, &str) -> bool,
}

const VIEWS: &[(&str, View)] =
    &[("page", View::Page), ("cam", View::Cam), ("method", View::Method), ("board", View::Board), ("maps", View::Maps)];
const CHROMES: &[(&str, Chrome)] = &[("full", Chrome::Full), ("min", Chrome::Min), ("none", Chrome::None)];
const SWITCH: &[(&str, bool)] = &[("0", false), ("1", true)];
const HEADS: &[(&str, bool)] = &[("default", false), ("linear", true)];
const ORDERS: &[(&str, Order)] =
    &[("mean", Order::Mean), ("max", Order::Max), ("sparsity", Order::Sparsity), ("index", Order::Index)];
const SCALES: &[(&str, Normalise)] =
    &[("layer", Normalise::Layer), ("channel", Normalise::Channel), ("model", Normalise::Model)];
const PALETTES: &[(&str, Palette)] = &[
    ("turbo", Palette::Turbo),
    ("inferno", Palette::Inferno),
    ("viridis", Palette::Viridis),
    ("cividis", Palette::Cividis),
    ("signed", Palette::Signed),
];
const MODES: &[(&str, Mode)] = &[("overlay", Mode::Overlay), ("heat", Mode::Heat), ("photo", Mode::Photo)];
const BYS: &[(&str, By)] = &[
    ("methods", By::Methods),
    ("classes", By::Classes),
    ("layers", By::Layers),
    ("photos", By::Photos),
    ("networks", By::Networks),
];
const THEMES: &[(&str, Theme)] = &[("auto", Theme::Auto), ("light", Theme::Light), ("dark", Theme::Dark)];
const ASKS: &[(&str, bool)] = &[("ask", true), ("auto", false)];

/// Puts a value where it belongs; `false` when there is none.
fn set<T>(slot: &mut T, new: Option<T>) -> bool {
    new.map(|v| *slot = v).is_some()
}

/// Puts a value into an optional field; `false` when there is none.
fn some<T>(slot: &mut Option<T>, new: Option<T>) -> bool {
    new.map(|v| *slot = Some(v)).is_some()
}

fn said<T: PartialEq + Copy>(table: &[(&str, T)], value: Option<T>) -> Option<String> {
    table.iter().find(|(_, v)| Some(*v) == value).map(|(word, _)| (*word).to_owned())
}

macro_rules! keys {
    ($($id:ident $($mark:ident)* { print: |$s:ident| $print:expr, read: |$t:ident, $v:ident| $read:expr $(,)? })*) => {
        /// All keys, in the order in which they are printed and read: a method before its parameters, a layer before its channel.
        pub const KEYS: &[Key] = &[$(Key {
            id: stringify!($id),
            step: false $(|| keys!(@step $mark))*,
            own: false $(|| keys!(@own $mark))*,
            print: |$s| $print,
            read: |$t, $v| $read,
        }),*];
    };
    (@step step) => { true };
    (@step own) => { false };
    (@own own) => { true };
    (@own step) => { false };
}

keys! {
    story step { print: |s| s.story.at.map(Reading::print), read: |s, v| some(&mut s.story.at, Reading::read(v)) }
    view step { print: |s| word(VIEWS, &s.frame.view), read: |s, v| set(&mut s.frame.view, value(VIEWS, v)) }
    net step {
        print: |s| match &s.missing {
            Some(missing) => Some(missing.id.clone()),
            None => (s.net != networks::first()).then(|| s.net.id().to_owned()),
        },
        read: |s, v| {
            if v.starts_with(LOCAL) && networks::get(v).is_none() {
                return some(&mut s.missing, Some(Missing { id: v.to_owned(), link: String::new() }));
            }
            let net = networks::get(v);
            s.layer = net.as_ref().map_or(s.layer, |net| net.role(LayerRole::First));
            set(&mut s.net, net)
        },
    }
    img step own {
        print: |s| match (&s.wanted, s.source()) {
            (Wanted { url: Some(url), .. }, _) | (_, Some(Source::Url(url))) => Some(address(url)),
            (Wanted { own_picture: true, .. }, _) | (_, Some(Source::File(..))) => Some("local".into()),
            (_, Some(Source::Example(id))) => Some(format!("sample:{id}")),
            (_, None) => None,
        },
        read: |s, v| picture(s, v),
    }
    fit step own {
        print: |s| match s.fit {
            // what was chosen in a picture of the visitor's own means nothing in another's
            _ if s.wanted.own_picture || matches!(s.source(), Some(Source::File(..))) => None,
            Fit::Crop(Crop::MIDDLE) => None,
            Fit::Crop(crop) => Some(crop.to_string()),
            Fit::Contain => Some("contain".into()),
            Fit::Stretch => Some("stretch".into()),
        },
        read: |s, v| {
            let fit = match v {
                "contain" => Some(Fit::Contain),
                "stretch" => Some(Fit::Stretch),
                crop => crop.parse().ok().map(Fit::Crop),
            };
            set(&mut s.fit, fit)
        },
    }
    head step { print: |s| word(HEADS, &s.taught), read: |s, v| {
        let taught = value(HEADS, v).filter(|taught| !taught || s.net.has(Extra::TeachingHead));
        set(&mut s.taught, taught)
    } }
    m step {
        print: |s| (!s.explain.method.is_empty()).then(|| s.explain.method.to_owned()),
        read: |s, v| set(&mut s.explain.method, find(v).map(|i| i.id)),
    }
    p own { print: |s| parameters(s), read: |s, v| read_parameters(s, v) }
    cls step own {
        print: |s| s.target.or(s.wanted.class).map(|c| c.to_string()),
        read: |s, v| {
            let classes = s.net.classes();
            some(&mut s.wanted.class, v.parse().ok().filter(|c| *c < classes))
        },
    }
    unit step own {
        print: |s| s.explain.unit.or(s.wanted.unit).map(|u| s.net.text(u)),
        read: |s, v| {
            let unit = s.net.unit(v);
            some(&mut s.wanted.unit, unit)
        },
    }
    layer step {
        print: |s| (s.layer != s.net.role(LayerRole::First)).then(|| s.net.name(s.layer).to_owned()),
        read: |s, v| {
            let layer = s.net.index(v);
            set(&mut s.layer, layer)
        },
    }
    ch step own {
        print: |s| s.channel.map(|c| c.to_string()),
        read: |s, v| {
            let channels = s.net.channels(s.layer);
            some(&mut s.channel, v.parse().ok().filter(|c| *c < channels))
        },
    }
    sort { print: |s| word(ORDERS, &s.order), read: |s, v| set(&mut s.order, value(ORDERS, v)) }
    scale { print: |s| word(SCALES, &s.normalise), read: |s, v| set(&mut s.normalise, value(SCALES, v)) }
    page own {
        print: |s| (s.page > 0).then(|| s.page.to_string()),
        read: |s, v| {
            let pages = s.net.channels(s.layer).div_ceil(State::PAGE);
            set(&mut s.page, v.parse().ok().filter(|p| *p < pages))
        },
    }
    pal { print: |s| word(PALETTES, &s.look.palette), read: |s, v| set(&mut s.look.palette, value(PALETTES, v)) }
    alpha {
        print: |s| (s.look.opacity != State::default().look.opacity).then(|| s.look.opacity.to_string()),
        read: |s, v| set(&mut s.look.opacity, decimal(v).map(|a| a as f32).filter(|a| (0.0..=1.0).contains(a))),
    }
    show { print: |s| word(MODES, &s.look.mode), read: |s, v| set(&mut s.look.mode, value(MODES, v)) }
    cmp {
        print: |s| (s.board.methods != State::default().board.methods).then(|| s.board.methods.join(",")),
        read: |s, v| set(&mut s.board.methods, board(v)),
    }
    by step { print: |s| word(BYS, &s.board.by), read: |s, v| set(&mut s.board.by, value(BYS, v)) }
    with step {
        print: |s| {
            let other = s.pair.other.as_ref().map(|net| net.id().to_owned());
            s.pair.awaited.clone().or(other).filter(|_| s.board.by == By::Networks)
        },
        read: |s, v| match networks::get(v) {
            None if v.starts_with(LOCAL) => some(&mut s.pair.awaited, Some(v.to_owned())),
            net => {
                let other = net.filter(|net| *net != s.net);
                some(&mut s.pair.other, other)
            }
        },
    }
    cells {
        print: |s| (s.board.size != State::default().board.size).then(|| s.board.size.to_string()),
        read: |s, v| set(&mut s.board.size, v.parse().ok().filter(|n| SIZES.contains(n))),
    }
    lang { print: |s| s.frame.lang.map(|l| l.id().to_owned()), read: |s, v| some(&mut s.frame.lang, Lang::ALL.iter().copied().find(|l| l.id() == v)) }
    theme { print: |s| said(THEMES, s.frame.theme), read: |s, v| some(&mut s.frame.theme, value(THEMES, v)) }
    ui { print: |s| word(CHROMES, &s.frame.chrome), read: |s, v| set(&mut s.frame.chrome, value(CHROMES, v)) }
    lock { print: |s| word(SWITCH, &s.frame.locked), read: |s, v| set(&mut s.frame.locked, value(SWITCH, v)) }
    autorun { print: |s| word(SWITCH, &s.frame.autorun), read: |s, v| set(&mut s.frame.autorun, value(SWITCH, v)) }
    dl { print: |s| said(ASKS, s.frame.ask), read: |s, v| some(&mut s.frame.ask, value(ASKS, v)) }
}

fn address(url: &str) -> String {
    format!("url:{}", encode(url, ":/-_.~"))
}

fn picture(s: &mut State, v: &str) -> bool {
    match v.split_once(':') {
        Some(("sample", id)) => some(&mut s.opening, example(id).map(|e| Source::Example(e.id))),
        Some(("url", url)) => {
            let url = decode(url).map(|u| u.trim().replace(char::is_whitespace, "%20"));
            some(&mut s.wanted.url, url.filter(|u| u.starts_with("https://") && u.len() <= 2000))
        }
        _ => set(&mut s.wanted.own_picture, (v == "local").then_some(true)),
    }
}

/// The ids of methods between commas; `None` for an unknown one, one that is there twice, or too many.
fn board(v: &str) -> Option<Vec<&'static str>> {
    let ids: Vec<&'static str> = v.split(',').map(|id| find(id).map(|i| i.id)).collect::<Option<_>>()?;
    let once = ids.iter().enumerate().all(|(i, id)| !ids[..i].contains(id));
    (once && ids.len() <= MOST).then_some(ids)
}

/// Parameters that an address can carry.
fn carried(method: &str) -> impl Iterator<Item = &'static ParamSpec> {
    let known = INFOS.iter().find(|i| i.id == method).map(|i| i.params).unwrap_or_default();
    known.iter().filter(|p| {
        let elsewhere = matches!(
            p.kind,
            ParamKind::Class | ParamKind::Target | ParamKind::Picture { .. } | ParamKind::Gallery { .. }
        );
        // a climb that was stopped cannot be continued elsewhere
        !elsewhere && p.id != crate::methods::spec::START.id
    })
}

/// `key:value,key:value` of what the chosen method was given.
fn parameters(s: &State) -> Option<String> {
    let one = |spec: &'static ParamSpec| {
        let given = check(&s.net, spec, s.explain.params.get(spec.id)).ok()?;
        let text = given.as_str().map_or_else(|| given.to_string(), str::to_owned);
        (check(&s.net, spec, None).ok()? != given).then(|| format!("{}:{}", spec.id, encode(&text, "-_.@/")))
    };
    let all: Vec<String> = carried(s.explain.method).filter_map(one).collect();
    (!all.is_empty()).then(|| all.join(","))
}

/// Sets the chosen method's parameters from an address: all of them, or none when one cannot be read.
fn read_parameters(s: &mut State, v: &str) -> bool {
    let one = |pair: &str| {
        let (id, text) = pair.split_once(':')?;
        let (spec, text) = (carried(s.explain.method).find(|p| p.id == id)?, decode(text)?);
        let number = decimal(&text);
        let value = match spec.kind {
            ParamKind::Number { .. } | ParamKind::Count { .. } | ParamKind::Side { .. } => number?.into(),
            ParamKind::Channel if text != "strongest" => text.parse::<u64>().ok()?.into(),
            _ => Value::from(text),
        };
        check(&s.net, spec, Some(&value)).ok().map(|v| (spec.id, v))
    };
    // a comma that was decoded on the way belongs to the value before it
    let mut pairs: Vec<String> = Vec::new();
    for part in v.split(',') {
        let begins = part.split_once(':').is_some_and(|(id, _)| carried(s.explain.method).any(|p| p.id == id));
        match pairs.last_mut() {
            Some(last) if !begins => last.extend([",", part]),
            _ => pairs.push(part.to_owned()),
        }
    }
    let Some(all) = pairs.iter().map(|p| one(p)).collect::<Option<Vec<_>>>() else { return false };
    s.explain.params.extend(all);
    true
}
