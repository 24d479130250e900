//! What a reader of the story predicted is judged by the result on the stage.

use std::rc::Rc;

use serde_json::Value;

use super::frame::View;
use super::model::State;
use super::question::Aim;
use super::story::{Guess, OFFERED, Verdict};
use super::tale::{Chapter, Kind, Prediction};
use crate::catalog::Region;
use crate::figure::{Figure, Kind as Drawn};
use crate::methods::names::name;
use crate::methods::sentence::{Changed, Found, answers, concentrated};

impl State {
    /// What was predicted is judged as soon as the result is on the stage.
    pub(super) fn judge(&mut self) {
        let (Some(guess), None) = (&self.story.guess, &self.story.verdict) else { return };
        let Some(question) = self.chapter().map(Chapter::question) else { return };
        if self.story.view.as_deref() == Some(question.view()) {
            self.story.verdict = self.verdict(question, guess);
        }
    }

    /// A prediction beside what is on the stage; `None` while that is not the answer.
    fn verdict(&self, question: Prediction<'_>, guess: &Guess) -> Option<Verdict> {
        let (figures, meta) = self.answer()?;
        let found = Found { net: &self.net, figures: &figures, meta, name };
        Some(match (question.kind(), guess) {
            (Kind::Draw, Guess::Drawn(region)) => inside(figures.first()?, region),
            (Kind::Class, Guess::Class(said)) => {
                let class = answers(&found.facts::<Changed>()?.classes)?[1].class;
                let listed = self.classes.iter().take(OFFERED).any(|c| c.index == class);
                Verdict::Class { class, right: if listed { *said == Some(class) } else { said.is_none() } }
            }
            (Kind::Range, Guess::Range(said)) => {
                let fact = self.number(&found, question.fact())?;
                let value = match question.over() {
                    Some(over) => fact.zip(self.number(&found, over)?).map(|(a, b)| a / b).filter(|v| v.is_finite()),
                    None => fact,
                };
                let range = question.range(value);
                Verdict::Range { value, range, right: *said == range }
            }
            _ => return None,
        })
    }

    /// The figures and numbers on the stage, when they are the answer to what is asked there now.
    fn answer(&self) -> Option<(Vec<Rc<Figure>>, &Value)> {
        if !self.classified || self.opening.is_some() {
            return None;
        }
        match self.frame.shown(self.explain.method) {
            View::Method => {
                let now = self.question(self.explain.method)?;
                let (outcome, None) = self.explain.result.as_ref()?.under(&now)? else { return None };
                Some((outcome.figures.clone(), &outcome.meta))
            }
            View::Maps => Some((vec![Rc::clone(&self.layer_maps()?.figure)], &Value::Null)),
            View::Page | View::Cam => {
                let (question, (map, _)) = self.cam.as_ref()?.own();
                let own = !self.precomputed && question.target == self.class().map(Aim::Class);
                own.then(|| (vec![Rc::clone(map)], &Value::Null))
            }
            View::Board => None,
        }
    }

    /// A number by its name; `Some(None)`: it was told that there is none.
    ///
    /// * `silent`: channels without a positive value; `zeros`: share of values that are not positive;
    /// * `eighth`: share of a map's evidence in the strongest eighth of the photo;
    /// * `five`: what the five most probable classes hold together;
    /// * `table:row:column`: a cell of a table among the facts;
    /// * else keys between slashes; a list's entry by its number, or by its layer.
    fn number(&self, found: &Found<'_>, name: &str) -> Option<Option<f64>> {
        let figure = found.figures.first();
        let share = |n: usize, of: usize| n as f64 / of.max(1) as f64;
        let computed = match name {
            "silent" => {
                let silent = |f: &&Rc<Figure>, c: usize| f.plane(c).iter().all(|v| *v <= 0.0);
                figure.map(|f| (0..f.info.channels).filter(|c| silent(&f, *c)).count() as f64)
            }
            "zeros" => figure.map(|f| share(f.data.iter().filter(|v| **v <= 0.0).count(), f.data.len())),
            "eighth" => return Some(figure.and_then(|f| concentrated(f)).map(|c| c.0)),
            "five" => Some(self.classes.iter().take(OFFERED).map(|c| f64::from(c.probability)).sum()),
            _ => return fact(found, name).map(Value::as_f64),
        };
        computed.map(Some)
    }
}

fn fact<'a>(found: &Found<'a>, name: &str) -> Option<&'a Value> {
    let mut cell = name.split(':');
    if let (Some(table), Some(row), Some(column)) = (cell.next(), cell.next(), cell.next()) {
        let table = found.table(table)?;
        return table.cell(table.row(row)?, column);
    }
    let step = |at: &'a Value, key: &str| match (at, key.parse::<usize>()) {
        (Value::Array(list), Ok(i)) => list.get(i),
        (Value::Array(list), Err(_)) => list.iter().find(|e| e["layer"] == key),
        _ => at.get(key),
    };
    name.split('/').try_fold(&found.meta["facts"], step)
}

/// How much of a map's evidence lies in what was drawn. Of a picture with colours any difference from nothing counts.
fn inside(figure: &Figure, region: &Region) -> Verdict {
    /// Cells along a side: coarse maps are drawn on finely.
    const SIDE: usize = 112;
    let (w, h) = (figure.info.width, figure.info.height);
    let mask = region.mask(SIDE, SIDE);
    let signed = figure.info.kind == Drawn::Rgb;
    let evidence = |at: usize| -> f64 {
        let planes = (0..figure.info.channels).map(|c| figure.plane(c)[at]);
        planes.map(|v| f64::from(if signed { v.abs() } else { v.max(0.0) })).sum()
    };
    let (mut held, mut whole) = (0.0, 0.0);
    for (i, drawn) in mask.iter().enumerate() {
        let value = evidence((i / SIDE * h / SIDE) * w + i % SIDE * w / SIDE);
        (held, whole) = (held + value * f64::from(*drawn), whole + value);
    }
    let area = mask.iter().map(|v| f64::from(*v)).sum::<f64>() / mask.len() as f64;
    Verdict::Inside { area, share: (whole > 0.0).then(|| held / whole) }
}
