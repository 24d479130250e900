//! What is asked of the network, and answers that cannot be parted from it.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::{Map, Value};

use super::picture::{Source, own};
use crate::catalog::picture::Fit;
use crate::catalog::{NetworkSpec, ParamKind, ParamSpec, Unit};
use crate::methods::explainers::listed;
use crate::methods::params::check;
use crate::methods::spec::{LAYER, START, Start};
use crate::methods::{INFOS, find};

/// What is explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aim {
    /// A class.
    Class(usize),
    /// A channel or a neuron.
    Unit(Unit),
}

impl Aim {
    /// The target as the JavaScript API takes it: a class's number, or `layer:channel@column,row`.
    pub fn value(self, net: &NetworkSpec) -> Value {
        match self {
            Self::Class(class) => class.into(),
            Self::Unit(unit) => net.text(unit).into(),
        }
    }
}

/// A method's parameters that differ from their defaults.
pub type Settings = BTreeMap<&'static str, Value>;

/// Settings from pairs of id and value. (Collecting would sort them first, which costs the page 3 kB of code.)
pub fn settings(pairs: impl IntoIterator<Item = (&'static str, Value)>) -> Settings {
    let mut all = Settings::new();
    all.extend(pairs);
    all
}

/// The settings for `method` that can be kept when `net` is used from now on.
pub(super) fn fitted(net: &NetworkSpec, method: &str, mut params: Settings) -> Settings {
    params.retain(|id, value| fitting(net, method, id, value));
    params
}

/// Whether a setting for `method` can be kept when `net` is used from now on: of a layer or channel it may not be.
fn fitting(net: &NetworkSpec, method: &str, id: &str, value: &Value) -> bool {
    // a setting that is kept for another method fits if it does for any that has it
    let named = INFOS.iter().filter(|info| info.id == method).chain(INFOS.iter());
    let spec = named.flat_map(|info| info.params).find(|spec| spec.id == id && fits(&spec.kind, value));
    spec.is_some_and(|spec| check(net, spec, Some(value)).is_ok())
}

/// A picture as the engine has it: of which network, with which head.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// The network.
    pub net: Rc<NetworkSpec>,
    /// Which picture it is.
    pub source: Source,
    /// The teaching head is in use.
    pub taught: bool,
    /// Which part of it the network reads.
    pub fit: Fit,
}

/// Everything that an answer depends on.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The picture and the head.
    pub seen: Seen,
    /// The method.
    pub method: &'static str,
    /// What is explained; `None` for a method that takes no target, or when the most probable class is not known yet.
    pub target: Option<Aim>,
    /// The parameters that this method has and that are not at their defaults.
    params: Settings,
    /// The second picture, for a method that takes two.
    second: Option<Source>,
    /// Which state of the gallery, for a method that takes groups.
    gallery: Option<u32>,
}

/// In what a question differs from the one that was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// It was asked of another picture, or of another head.
    Picture,
    /// It was asked for another class or unit.
    Target,
    /// It was asked with other parameters, another second picture or gallery.
    Parameters,
}

impl Question {
    /// What `method` is asked with what the visitor chose for this and other methods.
    pub fn new(seen: Seen, method: &'static str, target: Option<Aim>, chosen: &Settings) -> Self {
        let (net, specs) = (Rc::clone(&seen.net), specs(method));
        let differs = |spec: &ParamSpec, v: &Value| match (check(&net, spec, Some(v)), check(&net, spec, None)) {
            (Ok(given), Ok(default)) => given != default,
            _ => true,
        };
        let value = |spec: &'static ParamSpec| {
            let v = chosen.get(spec.id).filter(|v| fits(&spec.kind, v) && differs(spec, v))?;
            Some((spec.id, v.clone()))
        };
        let own = specs.iter().filter(|s| !is_target(&s.kind) && s.id != START.id);
        let takes = specs.iter().any(|s| is_target(&s.kind));
        Self {
            seen,
            method,
            target: target.filter(|_| takes),
            params: settings(own.filter_map(value)),
            second: None,
            gallery: None,
        }
    }

    /// The same with the other pictures that the method takes.
    pub fn beside(mut self, second: Option<&Source>, gallery: u32) -> Self {
        let takes = |kind: fn(&ParamKind) -> bool| specs(self.method).iter().any(|s| kind(&s.kind));
        self.second = second.filter(|_| takes(|k| matches!(k, ParamKind::Picture { .. }))).cloned();
        self.gallery = takes(|k| matches!(k, ParamKind::Gallery { .. } | ParamKind::Group { .. })).then_some(gallery);
        self
    }

    /// The same at a layer that its unit can be explained at: one that stands above the unit gives way to what the unit reads.
    pub fn below_its_unit(mut self) -> Self {
        let Some(Aim::Unit(unit)) = self.target else { return self };
        let net = Rc::clone(&self.seen.net);
        let above = self.layer().and_then(|name| net.index(name)).is_some_and(|at| at > unit.layer);
        if let Some(below) = net.below(unit.layer).filter(|_| above) {
            self.params.insert(LAYER.id, net.name(below).into());
        }
        self
    }

    /// The same with its target, if it has to have one and none was known.
    pub fn with_target(mut self, known: Option<Aim>) -> Self {
        if self.target.is_none() && specs(self.method).iter().any(|s| is_target(&s.kind)) {
            self.target = known;
        }
        self
    }

    /// Whether a picture of the visitor's own is part of it. Groups are always theirs.
    pub fn own(&self) -> bool {
        own(&self.seen.source) || self.second.as_ref().is_some_and(own) || self.gallery.is_some()
    }

    /// Whether every setting is what it is at first.
    pub fn plain(&self) -> bool {
        self.params.is_empty()
    }

    /// The parameters as the API takes them; `resume`: from where the last run of the same question stopped.
    pub fn params(&self, resume: bool) -> Map<String, Value> {
        let target = specs(self.method).iter().find(|s| is_target(&s.kind)).zip(self.target);
        let start = resume.then(|| (START.id.to_owned(), Value::from(Start::Last.word())));
        let own = self.params.iter().map(|(id, v)| ((*id).to_owned(), v.clone()));
        let mut all = Map::new();
        all.extend(own.chain(target.map(|(s, t)| (s.id.to_owned(), t.value(&self.seen.net)))).chain(start));
        all
    }

    /// The layer at which the method looks, if it has one.
    pub fn layer(&self) -> Option<&str> {
        let spec = specs(self.method).iter().find(|s| s.id == LAYER.id)?;
        let ParamKind::Layer { default, .. } = spec.kind else { return None };
        let net = &self.seen.net;
        Some(self.params.get(LAYER.id).and_then(Value::as_str).unwrap_or_else(|| net.name(net.role(default))))
    }

    /// Whether the engine can go on with it after it was stopped or finished.
    pub fn continues(&self) -> bool {
        specs(self.method).iter().any(|s| s.id == START.id)
    }

    /// The same with the picture and target of another one: what would be asked beside it.
    pub fn of(&self, now: &Self) -> Self {
        let target = now.target.filter(|_| self.target.is_some());
        Self { seen: now.seen.clone(), target: target.or(self.target), ..self.clone() }
    }

    /// In what `self` differs from `other`, a question for the same method.
    pub fn difference(&self, other: &Self) -> Option<Difference> {
        if self == other {
            return None;
        }
        Some(match () {
            () if self.seen != other.seen => Difference::Picture,
            () if self.target != other.target => Difference::Target,
            () => Difference::Parameters,
        })
    }
}

/// An answer together with its question. Whoever shows it says under which question, and learns whether it is that one.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer<T> {
    question: Question,
    value: T,
}

impl<T> Answer<T> {
    /// An answer to `question`.
    pub fn new(question: Question, value: T) -> Self {
        Self { question, value }
    }

    /// What was asked.
    pub fn question(&self) -> &Question {
        &self.question
    }

    /// The answer together with its own question.
    pub fn own(&self) -> (&Question, &T) {
        (&self.question, &self.value)
    }

    /// Under the question that the page asks now: with what differs, which has to be said; nothing under another method.
    pub fn under(&self, now: &Question) -> Option<(&T, Option<Difference>)> {
        (self.question.method == now.method).then(|| (&self.value, self.question.difference(now)))
    }
}

fn specs(method: &str) -> &'static [ParamSpec] {
    find(method).map(|i| i.params).unwrap_or_default()
}

fn is_target(kind: &ParamKind) -> bool {
    matches!(kind, ParamKind::Class | ParamKind::Target)
}

/// Whether `method` can explain this kind of target at all.
pub fn explains(method: &str, aim: Aim) -> bool {
    matches!(aim, Aim::Class(_)) || specs(method).iter().any(|s| matches!(s.kind, ParamKind::Target))
}

/// Whether a value that was given to one method's parameter can be another's of the same name.
pub fn fits(kind: &ParamKind, value: &Value) -> bool {
    match kind {
        ParamKind::Choice { options, .. } => value.as_str().is_some_and(|w| options.contains(&w)),
        ParamKind::Number { min, max, .. } | ParamKind::Side { min, max, .. } => {
            value.as_f64().is_some_and(|v| (*min..=*max).contains(&v))
        }
        ParamKind::Count { min, .. } => value.as_f64().is_some_and(|v| v >= *min),
        ParamKind::Channels | ParamKind::Layer { .. } | ParamKind::Text { .. } | ParamKind::Region => value.is_string(),
        ParamKind::Methods { .. } => value.as_str().and_then(listed).is_some(),
        ParamKind::Group { .. } => value.as_str().is_some_and(|w| !w.is_empty()),
        ParamKind::Picture { .. } | ParamKind::Gallery { .. } => false,
        ParamKind::Class | ParamKind::Target | ParamKind::Channel => true,
    }
}
