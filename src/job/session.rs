//! One visitor's session: a network, a picture, its recorded forward pass.

use std::rc::Rc;

use serde_json::{Map, Value, json};

use super::problem;
use crate::catalog::ProblemKind;
use crate::catalog::picture::Crop;
use crate::catalog::text::Lang;
use crate::catalog::{Target, Want};
use crate::engine::image::{self, Member, Note, Prepared};
use crate::engine::planes::Shape;
use crate::engine::score::{softmax, top};
use crate::engine::{Alone, Arrays, Device, Helpers, Network, Pace, Planes, probe};
use crate::fields::{BadField, Fields, object, word};
use crate::figure::{Figure, Kind};
use crate::methods::names::name;
use crate::methods::sentence::Found;
use crate::methods::{self, Ctx, MethodError};
use crate::protocol::Problem;

/// A job's answer.
#[derive(Debug, Default)]
pub struct Answer {
    /// The maps and pictures that were computed; empty for jobs that compute none.
    pub figures: Vec<Figure>,
    /// Everything that is no figure, as JSON; its keys depend on the job.
    pub result: Value,
    /// Pixels for the page (the prepared picture, RGBA).
    pub pixels: Option<Vec<u8>>,
}

/// What a picture is set with.
struct Options {
    /// Side of the square; by default the one that the network was trained on.
    size: Option<u32>,
    fit: image::Fit,
    crop: Option<Crop>,
    head: HeadChoice,
    role: Role,
    group: String,
    /// Of pixels: width and height of the picture that they were taken from.
    original: Option<(u32, u32)>,
    /// Of pixels: what the page has done to the file's picture before.
    notes: Vec<Note>,
}

const FITS: &[(&str, image::Fit)] =
    &[("crop", image::Fit::Crop), ("contain", image::Fit::Contain), ("stretch", image::Fit::Stretch)];
const HEADS: &[(&str, HeadChoice)] = &[("default", HeadChoice::Default), ("linear", HeadChoice::Linear)];
const ROLES: &[(&str, Role)] = &[("main", Role::Main), ("second", Role::Second), ("gallery", Role::Gallery)];
const NOTES: &[(&str, Note)] = &[
    ("first_frame", Note::FirstFrame),
    ("alpha_on_white", Note::AlphaOnWhite),
    ("oriented", Note::Oriented),
    ("converted", Note::Converted),
    ("profile_ignored", Note::ProfileIgnored),
    ("decoded_by_browser", Note::DecodedByBrowser),
    ("damaged", Note::Damaged),
];

impl Options {
    fn read(mut fields: Fields) -> Result<Self, BadField> {
        let image::Options { fit, .. } = image::Options::default();
        let from = &mut fields;
        let notes = from.list("notes")?.into_iter().map(|note| word("notes", note, NOTES));
        let options = Self {
            size: if from.has("size") { Some(from.small("size")?) } else { None },
            fit: from.word_or("fit", FITS, fit)?,
            crop: from.perhaps_object("crop")?.map(crop).transpose()?,
            head: from.word_or("head", HEADS, HeadChoice::Default)?,
            role: from.word_or("role", ROLES, Role::Main)?,
            group: from.perhaps_text("group")?.unwrap_or_default(),
            original: match from.perhaps_wholes("original")? {
                Some([w, h]) => u32::try_from(w).ok().zip(u32::try_from(h).ok()),
                None => None,
            },
            notes: notes.collect::<Result<_, _>>()?,
        };
        fields.end()?;
        Ok(options)
    }
}

fn crop(mut fields: Fields) -> Result<Crop, BadField> {
    let crop = Crop { x: fields.small("x")?, y: fields.small("y")?, side: fields.small("side")? };
    fields.end()?;
    Ok(crop)
}

/// What a picture is set for.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Role {
    /// The one that everything is about.
    #[default]
    Main,
    /// The second one of a method that takes two.
    Second,
    /// One of many; `group` names which.
    Gallery,
}

/// Which of the two classifier heads answers.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum HeadChoice {
    /// The distilled one with a hidden layer.
    #[default]
    Default,
    /// The teaching head: global average of `relu5_3`, linear.
    Linear,
}

/// Figures of one result that are kept for the report.
const LOGGED: usize = 24;
/// Pictures that the gallery holds at most: 150 MB of them.
const MOST: usize = 1000;

/// The state that a worker keeps.
pub struct Session<D: Device> {
    /// Shared with the loader, which adds weights as they arrive.
    pub network: Rc<Network<D>>,
    helpers: Rc<dyn Helpers>,
    image: Option<Prepared>,
    second: Option<Prepared>,
    gallery: Vec<Member>,
    recorded: methods::Recorded<D>,
    /// The last result of every method on this picture, oldest first.
    pub(super) log: Vec<(Value, Vec<Figure>)>,
}

impl<D: Device> Session<D> {
    /// A session in which no picture has been set; `helpers` are other engines with the same weights.
    pub fn new(network: Rc<Network<D>>, helpers: Rc<dyn Helpers>) -> Self {
        Self {
            network,
            helpers,
            image: None,
            second: None,
            gallery: Vec::new(),
            recorded: methods::Recorded::default(),
            log: Vec::new(),
        }
    }

    /// Takes a new picture; on an error the old one stays.
    ///
    /// # Errors
    /// A [`Problem`] with the reason.
    pub fn set_image(&mut self, bytes: Vec<u8>, pixels: Option<[u32; 2]>, options: &Value) -> Result<Answer, Problem> {
        let options = match options {
            Value::Null => Options::read(Map::new().into()),
            given => object("options", given.clone()).and_then(Options::read),
        }
        .map_err(|e| Problem::new(ProblemKind::BadParameter, format!("{e}; given: {options}")))?;
        let Options { size, fit, crop, head, role, group, original, notes } = options;
        let trained = self.network.spec.card().input.size as u32;
        let fit = image::Options { size: size.unwrap_or(trained), fit, crop };
        let taught = head == HeadChoice::Linear;
        let side = fit.size as usize;
        if let Err(e) = self.network.check_size(Shape::new(3, side, side)) {
            return Err(Problem::new(ProblemKind::BadParameter, format!("size = {side}: {e}")));
        }
        if let Some(bad) = crop.filter(|c| !c.valid()) {
            let takes = "x and y take 0 to 1000, side 100 to 1000: thousandths of width, height and shorter side";
            return Err(Problem::new(ProblemKind::BadParameter, format!("crop = {bad}: {takes}")));
        }
        let prepared = match pixels {
            Some([w, h]) => image::prepare_rgba(w, h, bytes, fit).map(|p| {
                let also = p.notes.iter().filter(|n| !notes.contains(n));
                Prepared {
                    original: original.unwrap_or(p.original),
                    notes: notes.iter().chain(also).copied().collect(),
                    ..p
                }
            }),
            None => image::prepare(&bytes, fit),
        }
        .map_err(|r| Problem::new(r.kind, r.detail))?;
        let rgba = prepared.rgb.pixels().flat_map(|p| [p.0[0], p.0[1], p.0[2], 255]).collect();
        let (width, height) = prepared.original;
        let result = json!({ "width": width, "height": height, "size": fit.size, "notes": prepared.notes });
        match role {
            Role::Main => {}
            Role::Second => {
                (self.second, self.recorded.kept) = (Some(prepared), None);
                return Ok(Answer { result, pixels: Some(rgba), ..Answer::default() });
            }
            Role::Gallery if self.gallery.len() >= MOST => {
                let why = format!("the gallery holds {MOST} pictures; forget a group first");
                return Err(Problem::new(ProblemKind::BadParameter, why));
            }
            Role::Gallery => {
                self.gallery.push(Member { group, image: prepared });
                return Ok(Answer { result, pixels: Some(rgba), ..Answer::default() });
            }
        }
        self.recorded = methods::Recorded::default();
        self.log.clear();
        self.network.teach(taught);
        self.network.device().tidy();
        self.image = Some(prepared);
        Ok(Answer { result, pixels: Some(rgba), ..Answer::default() })
    }

    /// Forgets the gallery's pictures of `group`, or all of them.
    pub fn forget(&mut self, group: Option<&str>) -> Answer {
        self.gallery.retain(|m| group.is_some_and(|g| g != m.group));
        Answer { result: json!({ "left": self.gallery.len() }), ..Answer::default() }
    }

    /// The `count` most probable classes.
    ///
    /// # Errors
    /// A [`Problem`] with the reason.
    pub async fn classify(&mut self, count: usize, pace: &dyn Pace) -> Result<Answer, Problem> {
        let mut ctx = self.ctx(pace).map_err(problem)?;
        let logits = ctx.logits().await.map_err(problem)?;
        let (probabilities, spec) = (softmax(&logits), &ctx.network.spec);
        let classes: Vec<Value> = top(&logits, count)
            .into_iter()
            .map(|i| {
                let [en, zh] = [Lang::En, Lang::Zh].map(|lang| spec.label(i, lang));
                json!({ "index": i, "label": en, "label_zh": zh, "logit": logits[i], "probability": probabilities[i] })
            })
            .collect();
        Ok(Answer { result: json!({ "classes": classes }), ..Answer::default() })
    }

    /// Runs the method called `id`: its figures, and `{ method, params, network, target, facts, sentence }`.
    ///
    /// # Errors
    /// A [`Problem`] with the reason.
    pub async fn run(&mut self, id: &str, params: &Value, pace: &dyn Pace) -> Result<Answer, Problem> {
        let mut ctx = self.ctx(pace).map_err(problem)?;
        let (figures, params) = methods::run(id, &mut ctx, params).await.map_err(problem)?;
        let mut result = json!({ "method": id, "params": params, "network": ctx.network.spec.id() });
        if let Some((chosen, score)) = params.explained() {
            result["target"] = match ctx.explained(chosen, score).await.map_err(problem)? {
                Target::Class { class, .. } => {
                    let logit = ctx.logits().await.map_err(problem)?.get(class).copied();
                    json!({ "index": class, "label": ctx.network.spec.label(class, Lang::En), "label_zh": ctx.network.spec.label(class, Lang::Zh), "logit": logit })
                }
                Target::Unit(unit) => {
                    let value = ctx.value(Target::Unit(unit)).await.map_err(problem)?;
                    json!({ "unit": ctx.network.spec.text(unit), "value": value })
                }
            };
        }
        result["facts"] = std::mem::take(&mut ctx.facts).into();
        let shared: Vec<Rc<Figure>> = figures.into_iter().map(Rc::new).collect();
        let found = Found { net: &self.network.spec, figures: &shared, meta: &result, name };
        let sentences =
            Lang::ALL.iter().map(|lang| (lang.id().to_owned(), methods::sentence(id, &found, *lang).into()));
        result["sentence"] = Value::Object(sentences.collect());
        let figures: Vec<Figure> = shared.into_iter().map(Rc::unwrap_or_clone).collect();
        self.log.retain(|(told, _)| told["method"] != id);
        let most = figures.iter().filter(|f| f.info.kind != Kind::Tiles).take(LOGGED).cloned().collect();
        self.log.push((result.clone(), most));
        Ok(Answer { figures, result, pixels: None })
    }

    /// The picture that was set last.
    pub(super) const fn image(&self) -> Option<&Prepared> {
        self.image.as_ref()
    }

    /// Takes weights from the page; what was recorded or logged with others is forgotten.
    ///
    /// # Errors
    /// A [`Problem`] with the reason; then nothing has changed.
    pub fn set_arrays(&mut self, arrays: &Arrays) -> Result<Answer, Problem> {
        if let Some((name, _)) =
            arrays.iter().find(|(_, a)| a.data.exact().is_none_or(|data| data.iter().any(|v| !v.is_finite())))
        {
            return Err(Problem::new(ProblemKind::BadParameter, format!("{name} holds a value that is no number")));
        }
        self.network.replace(arrays).map_err(|e| Problem::new(ProblemKind::BadParameter, e))?;
        self.recorded = methods::Recorded::default();
        self.log.clear();
        Ok(Answer::default())
    }

    /// Independent passes on normalised inputs `[N, 3, H, W]`: one figure with every input's answer.
    ///
    /// # Errors
    /// A [`Problem`] with the reason.
    pub async fn probe(
        &self,
        x: &[f32],
        [height, width]: [usize; 2],
        want: &Want,
        alone: bool,
        pace: &dyn Pace,
    ) -> Result<Answer, Problem> {
        let one = Shape::new(3, height, width);
        self.network.check_size(one).map_err(problem)?;
        if let Want::Slopes { stage, .. } = want
            && !self.network.roles().feeds(*stage)
        {
            let (spec, roles) = (&self.network.spec, self.network.roles());
            let last = spec.stages().iter().copied().rfind(|at| roles.feeds(*at)).unwrap_or_default();
            let why = format!("stage = {}: the head in use reads {}", spec.name(*stage), spec.name(last));
            return Err(Problem::new(ProblemKind::BadParameter, why));
        }
        let inputs: Vec<&[f32]> = x.chunks_exact(one.len().max(1)).collect();
        let mut answers = vec![Vec::new(); inputs.len()];
        let make = |i: usize| Planes::from_dense(one, inputs[i]);
        let take = |i: usize, answer| answers[i] = answer;
        let helpers: &dyn Helpers = if alone { &Alone } else { helpers(&self.network, self.helpers.as_ref()) };
        probe::spread(&self.network, helpers, inputs.len(), want, make, take, pace).await.map_err(problem)?;
        let figure = |a: Vec<f32>| Figure::new(Kind::Tiles, "answer", [1, 1, a.len()], a);
        Ok(Answer { figures: answers.into_iter().map(figure).collect(), ..Answer::default() })
    }

    fn ctx<'a>(&'a mut self, pace: &'a dyn Pace) -> Result<Ctx<'a, D>, MethodError> {
        let image = self.image.as_ref().ok_or(MethodError::NoImage)?;
        let helpers = helpers(&self.network, self.helpers.as_ref());
        let (network, second, gallery) = (&self.network, self.second.as_ref(), self.gallery.as_slice());
        Ok(Ctx {
            network,
            image,
            second,
            gallery,
            pace,
            helpers,
            facts: serde_json::Map::new(),
            recorded: &mut self.recorded,
        })
    }
}

/// Helpers know the shipped weights with the default head only: with anything else an engine is alone.
fn helpers<'a, D: Device>(network: &Network<D>, helpers: &'a dyn Helpers) -> &'a dyn Helpers {
    if network.is_taught() || network.is_replaced() { &Alone } else { helpers }
}
