//! A header as a message, or whose it was and why it is none.

use serde_json::Value;

use super::{ArrayInfo, JobId, Problem, RawOp, ToWorker};
use crate::catalog::{Lang, ProblemKind, Want};
use crate::fields::{BadField, Fields, object};

/// A message that could not be read.
#[derive(Clone, Debug, PartialEq)]
pub struct Unread {
    /// The job that waits for an answer, if it has a number.
    pub job: Option<JobId>,
    /// What is wrong with the message.
    pub problem: Problem,
}

/// Characters of an unreadable message that its problem shows.
const SHOWN: usize = 300;

/// The words for `type`.
const KINDS: &str = "load, set_image, classify, run, raw, arrays, probe, gif, forget, report, cancel";

impl ToWorker {
    /// Reads a header.
    ///
    /// # Errors
    /// [`Unread`]: an unknown kind of message, a field that is missing, unknown, or of another type or range.
    pub fn read(header: &str) -> Result<Self, Unread> {
        let unread = |job, why| Unread { job, problem: Problem::new(ProblemKind::BadParameter, why) };
        let given: Value = serde_json::from_str(header).map_err(|error| unread(None, error.to_string()))?;
        object("header", given.clone()).and_then(Self::of).map_err(|error| {
            let job = given["job"].as_u64().and_then(|job| job.try_into().ok());
            unread(job, format!("{error}; given: {}", shown(given)))
        })
    }

    fn of(mut fields: Fields) -> Result<Self, BadField> {
        let from = &mut fields;
        let kind = from.value("type")?;
        let message = match kind.as_str().unwrap_or_default() {
            "load" => Self::Load { base: from.text("base")?, helpers: from.flag_or("helpers", false)? },
            "set_image" => Self::SetImage {
                job: from.small("job")?,
                options: from.any("options").unwrap_or_default(),
                pixels: match from.perhaps_wholes("pixels")? {
                    Some([w, h]) => Some([side(w)?, side(h)?]),
                    None => None,
                },
            },
            "classify" => Self::Classify { job: from.small("job")?, top: from.whole("top")? },
            "run" => Self::Run {
                job: from.small("job")?,
                method: from.text("method")?,
                params: from.any("params").unwrap_or_default(),
            },
            "raw" => Self::Raw {
                job: from.small("job")?,
                op: RawOp::of(from.object("op")?)?,
                height: from.whole("height")?,
                width: from.whole("width")?,
            },
            "arrays" => Self::Arrays {
                job: from.small("job")?,
                arrays: from.list("arrays")?.into_iter().map(ArrayInfo::of).collect::<Result<_, _>>()?,
            },
            "probe" => Self::Probe {
                job: from.small("job")?,
                want: Want::read(&mut from.object("want")?)?,
                height: from.whole("height")?,
                width: from.whole("width")?,
                alone: from.flag_or("alone", false)?,
            },
            "gif" => Self::Gif {
                job: from.small("job")?,
                width: from.small("width")?,
                height: from.small("height")?,
                delay: from.double("delay")?,
            },
            "forget" => Self::Forget { job: from.small("job")?, group: from.perhaps_text("group")? },
            "report" => Self::Report {
                job: from.small("job")?,
                lang: match from.any("lang") {
                    Some(id) => {
                        let known = Lang::ALL.iter().copied().find(|lang| id == lang.id());
                        known.ok_or(BadField::Value { field: "lang", value: id, takes: "the id of a language" })?
                    }
                    None => Lang::default(),
                },
                about: from.any("about").unwrap_or_default(),
            },
            "cancel" => Self::Cancel { job: from.small("job")? },
            _ => return Err(BadField::Value { field: "type", value: kind, takes: KINDS }),
        };
        fields.end()?;
        Ok(message)
    }
}

impl RawOp {
    fn of(mut fields: Fields) -> Result<Self, BadField> {
        let from = &mut fields;
        let (kind, layer) = (from.value("op")?, from.text("layer")?);
        let op = match kind.as_str().unwrap_or_default() {
            "forward" => Self::Forward { layer },
            "gradient" => Self::Gradient { layer, channel: from.whole("channel")? },
            "ascend" => Self::Ascend {
                layer,
                channel: from.whole("channel")?,
                steps: from.whole("steps")?,
                lr: from.number("lr")?,
                b1: from.number("b1")?,
                b2: from.number("b2")?,
                eps: from.number("eps")?,
            },
            _ => return Err(BadField::Value { field: "op", value: kind, takes: "forward, gradient or ascend" }),
        };
        fields.end()?;
        Ok(op)
    }
}

impl ArrayInfo {
    fn of(value: Value) -> Result<Self, BadField> {
        let mut fields = object("arrays", value)?;
        let info = Self { name: fields.text("name")?, shape: fields.many_wholes("shape")? };
        fields.end()?;
        Ok(info)
    }
}

fn side(pixels: usize) -> Result<u32, BadField> {
    let bad = |_| BadField::Value { field: "pixels", value: pixels.into(), takes: "width and height" };
    pixels.try_into().map_err(bad)
}

fn shown(mut given: Value) -> String {
    if let Value::Object(fields) = &mut given {
        fields.remove("job");
    }
    given.to_string().chars().take(SHOWN).collect()
}
