//! What a method found, in one plain sentence made from its own numbers: what the methods' `sentence` functions share.
//!
//! A number that is not there gives no sentence, never a wrong one. A class stands in quotation marks, so that it needs no article.

use std::rc::Rc;

use serde_json::Value;

use super::facts::{Change, Fact, Row, facts};
use super::params::{Decode, decoded};
use crate::catalog::text::{Lang, Text, text};
use crate::catalog::{NetworkSpec, Unit};
use crate::figure::Figure;

/// A method's result, from which its sentence is made.
#[derive(Clone, Copy)]
pub struct Found<'a> {
    /// The network that answered.
    pub net: &'a NetworkSpec,
    /// Its figures, as many and in the order that the method documents.
    pub figures: &'a [Rc<Figure>],
    /// `{ params, facts, target, ms }` as the engine told them.
    pub meta: &'a Value,
    /// What a key of a table, chart or figure is called in a language: [`name`](super::names::name). It is handed in because it
    /// knows the names of all methods, and each of them needs this module.
    pub name: fn(&NetworkSpec, &str, Lang) -> String,
}

impl<'a> Found<'a> {
    /// The method's parameters; what was not given is its default.
    pub fn params<T: Decode>(&self) -> Option<T> {
        decoded(self.net, &self.meta["params"]).ok()
    }

    /// The facts that the method told.
    pub fn facts<T: Fact>(&self) -> Option<T> {
        T::read(self.meta.get("facts"))
    }

    /// The rows of the table that the method printed, each with its name.
    pub fn rows<R: Row>(&self) -> Option<Vec<(&'a str, R)>> {
        let table = self.table(R::TABLE)?;
        let row = |row: &'a Value| Some((row[0].as_str()?, R::read(|column| table.cell(row, column).cloned())?));
        table.rows().iter().map(row).collect()
    }

    /// The class that was explained.
    pub fn class(&self) -> Option<usize> {
        usize::try_from(self.meta["target"]["index"].as_u64()?).ok()
    }

    /// The name of a key, in quotation marks.
    pub fn named(&self, key: &str, lang: Lang) -> String {
        quoted(&(self.name)(self.net, key, lang))
    }

    /// Names of keys, in quotation marks, one after another.
    pub fn listed(&self, keys: &[&str], lang: Lang) -> String {
        let names: Vec<String> = keys.iter().map(|k| self.named(k, lang)).collect();
        names.join(if lang == Lang::Zh { "、" } else { ", " })
    }

    /// A class's label in quotation marks; `None` when the network has no such class.
    pub fn label(&self, class: usize, lang: Lang) -> Option<String> {
        (class < self.net.classes()).then(|| quoted(&self.net.label(class, lang)))
    }

    /// The unit that was explained instead of a class.
    pub fn unit(&self) -> Option<Unit> {
        self.net.unit(self.meta["target"]["unit"].as_str()?)
    }

    /// What was explained: a class in quotation marks, a channel, or a neuron.
    pub fn target(&self, lang: Lang) -> Option<String> {
        let Some(unit) = self.unit() else { return self.label(self.class()?, lang) };
        let words = if unit.place.is_none() { CHANNEL } else { NEURON };
        Some(fill(words.get(lang), &[("unit", &self.net.text(unit))]))
    }

    /// The table called `name` that the method printed.
    pub fn table(&self, name: &str) -> Option<Printed<'a>> {
        self.printed("tables", name).map(Printed)
    }

    /// The lines of the chart called `name` that the method printed.
    pub fn lines(&self, name: &str) -> Option<Vec<Line>> {
        Fact::read(self.printed("charts", name)?.get("lines"))
    }

    /// The table or chart of this name.
    fn printed(&self, list: &str, name: &str) -> Option<&'a Value> {
        self.meta["facts"][list].as_array()?.iter().find(|t| t["name"] == name)
    }
}

facts! {
    /// A line of a chart: its name, and `[x, y]` from left to right.
    Line { name: String, points: Vec<Vec<f64>> }
}

facts! {
    /// What every method tells that changes a picture or the network: the most probable classes before and after.
    Changed { classes: Vec<Change> }
}

/// The most probable class before and after.
pub fn answers(classes: &[Change]) -> Option<[&Change; 2]> {
    Some([largest(classes, |c| f64::from(c.before))?, largest(classes, |c| f64::from(c.after))?])
}

/// A table that the method printed ([`Table`](crate::figure::told::Table) as JSON).
#[derive(Clone, Copy)]
pub struct Printed<'a>(&'a Value);

impl<'a> Printed<'a> {
    /// Its rows, each `[name, [cells]]`.
    pub fn rows(&self) -> &'a [Value] {
        self.0["rows"].as_array().map_or(&[], Vec::as_slice)
    }

    /// Names of its columns.
    pub fn columns(&self) -> Vec<&'a str> {
        self.0["columns"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// The row of this name.
    pub fn row(&self, name: &str) -> Option<&'a Value> {
        self.rows().iter().find(|r| r[0] == name)
    }

    /// A cell of a row.
    pub fn cell(&self, row: &'a Value, column: &str) -> Option<&'a Value> {
        let at = self.columns().iter().position(|c| *c == column)?;
        row[1].get(at)
    }

    /// A cell that is a number.
    pub fn number(&self, row: &'a Value, column: &str) -> Option<f64> {
        self.cell(row, column)?.as_f64()
    }

    /// A cell that is a name.
    pub fn word(&self, row: &'a Value, column: &str) -> Option<&'a str> {
        self.cell(row, column)?.as_str()
    }
}

const CHANNEL: Text = text!("channel {unit}", "通道“{unit}”");
const NEURON: Text = text!("neuron {unit}", "神经元“{unit}”");

/// The entry of which `of` is largest; the first among equals.
pub fn largest<T>(list: &[T], of: impl Fn(&T) -> f64) -> Option<&T> {
    let mut best = None;
    for entry in list {
        let value = of(entry);
        if best.is_none_or(|(_, b)| value > b) && value > f64::NEG_INFINITY {
            best = Some((entry, value));
        }
    }
    best.map(|b| b.0)
}

fn quoted(word: &str) -> String {
    ["“", word, "”"].concat()
}

/// Chinese characters begin here; quotation marks and Latin letters stand before them.
const FIRST_HAN: char = '\u{4e00}';

/// A template with what its `{names}` stand for; what is filled in is not read again.
pub fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::new();
    let mut parts = template.split('{');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (key, rest) = part.split_once('}').unwrap_or((part, ""));
        let value = values.iter().find(|v| v.0 == key).map_or("", |v| v.1);
        // Chinese words stand without a space; figures have one before them
        if out.ends_with(' ') && value.chars().next() >= Some(FIRST_HAN) {
            out.pop();
        }
        out.push_str(value);
        out.push_str(rest);
    }
    out
}

/// A whole sentence: filled in, and with a capital.
pub fn say(words: Text, lang: Lang, values: &[(&str, &str)]) -> String {
    let mut sentence = fill(words.get(lang), values);
    if lang == Lang::En
        && let Some(first) = sentence.get_mut(..1)
    {
        first.make_ascii_uppercase();
    }
    sentence
}

/// Two sentences, one after the other, with the space that the language puts between them.
pub fn two(first: String, second: Option<String>, lang: Lang) -> String {
    let Some(second) = second else { return first };
    [first.as_str(), second.as_str()].join(if lang == Lang::Zh { "" } else { " " })
}

/// A share as whole per cent; nothing is rounded to nothing, nor to everything.
pub fn percent(share: f64, lang: Lang) -> String {
    let (sign, words) = match share {
        v if v <= 0.0 => (0.0, AS_IT_IS),
        v if v < 0.005 => (0.01, LESS),
        v if (0.995..1.0).contains(&v) => (0.99, MORE),
        v => (v, AS_IT_IS),
    };
    fill(words.get(lang), &[("share", &format!("{:.0}", 100.0 * sign))])
}

const AS_IT_IS: Text = text!("{share} %", "{share}%");
const LESS: Text = text!("less than {share} %", "不到 {share}%");
const MORE: Text = text!("more than {share} %", "超过 {share}%");

/// What has become of a probability of which the share `lost` is gone: it falls, stays or rises.
pub fn loss(lost: f64, lang: Lang) -> String {
    let words = match lost {
        v if v > 0.005 => text!("falls by {share}", "减少 {share}"),
        v if v < -0.005 => text!("rises by {share}", "增加 {share}"),
        _ => text!("stays the same", "不变"),
    };
    fill(words.get(lang), &[("share", &percent(lost.abs(), lang))])
}

/// A number with at most one digit behind the point.
pub fn decimal(v: f64) -> String {
    let text = format!("{v:.1}");
    text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
}

/// Side of a square with an eighth of a picture's area, in shares of the picture's sides.
const SIDE: f64 = 0.353_553_390_593;
/// Rows and columns of a map that are told apart; of a larger one, neighbours are taken together.
const CELLS: usize = 56;
/// Below this share in the best eighth, which holds an eighth in any case, a map is spread out.
const SPREAD: f64 = 0.25;

/// The ninths of a picture, row by row.
pub const PLACES: [[Text; 3]; 3] = [
    [text!("upper left", "左上方"), text!("upper middle", "中上方"), text!("upper right", "右上方")],
    [text!("left", "左侧"), text!("centre", "中央"), text!("right", "右侧")],
    [text!("lower left", "左下方"), text!("lower middle", "中下方"), text!("lower right", "右下方")],
];

/// How much of a map lies together: of what is above 0 (of several channels: of their magnitudes) the largest share that a
/// window with an eighth of the picture's area (as wide in shares of the width as it is high in shares of the height) can hold,
/// and the ninth of the picture in which that window's centre lies. `None` for a map with nothing above 0.
///
/// A cell's value is taken to lie evenly over the cell, so the share is piecewise bilinear in the window's place, and the best
/// window has two of its edges on edges of cells: these are tried, with sums of all that lies above and to the left.
pub fn concentrated(figure: &Figure) -> Option<(f64, Text)> {
    let (w, h, channels) = (figure.info.width, figure.info.height, figure.info.channels);
    let (columns, rows) = (w.min(CELLS), h.min(CELLS));
    let pitch = columns + 1;
    let mut sums = vec![0.0_f64; pitch * (rows + 1)];
    for (i, v) in figure.data.iter().enumerate().filter(|(_, v)| **v > 0.0 || channels > 1) {
        let (y, x) = (i % (w * h) / w, i % w);
        sums[(y * rows / h + 1) * pitch + x * columns / w + 1] += f64::from(v.abs());
    }
    for i in pitch..sums.len() {
        if i % pitch > 0 {
            sums[i] += sums[i - 1] + sums[i - pitch] - sums[i - pitch - 1];
        }
    }
    let whole = sums.last().copied().filter(|s| *s > 0.0 && s.is_finite())?;
    let at = |y: f64, x: f64| {
        let (row, column) = ((y as usize).min(rows - 1), (x as usize).min(columns - 1));
        let (down, across) = (y - row as f64, x - column as f64);
        let along = |i: usize| sums[i] + across * (sums[i + 1] - sums[i]);
        let above = along(row * pitch + column);
        above + down * (along((row + 1) * pitch + column) - above)
    };
    let starts = |n: usize| -> Vec<f64> {
        let (n, side) = (n as f64, SIDE * n as f64);
        let edges = (0..=n as usize).map(|k| k as f64);
        edges.flat_map(|k| [k, k - side]).filter(|s| (0.0..=n - side).contains(s)).collect()
    };
    let (mut best, mut place) = (0.0, [0.0; 2]);
    let (high, wide) = (SIDE * rows as f64, SIDE * columns as f64);
    let across = starts(columns);
    for y in starts(rows) {
        for x in &across {
            let inside = at(y + high, x + wide) - at(y + high, *x) - at(y, x + wide) + at(y, *x);
            // of equals the first, whatever the rounding
            if inside > best * (1.0 + 1e-9) {
                (best, place) = (inside, [y / rows as f64, x / columns as f64]);
            }
        }
    }
    let [row, column] = place.map(|from| (3.0 * (from + SIDE / 2.0)) as usize);
    Some(((best / whole).min(1.0), PLACES[row.min(2)][column.min(2)]))
}

/// What a map is made of. Uncountable: it stands after "of the" and after "any".
pub mod of {
    use super::{Text, text};

    /// Of a map for a class.
    pub const EVIDENCE: Text = text!("evidence for {target}", "支持{target}的证据");
    /// Of a unit, which is no class to speak for.
    pub const SUPPORT: Text = text!("excitation of {target}", "对{target}的激发");
    /// Of a map of what speaks against the class.
    pub const AGAINST: Text = text!("evidence against {target}", "反对{target}的证据");
    /// Of a map of gradients.
    pub const SENSITIVITY: Text = text!("sensitivity of {target} to small changes", "{target}对微小变化的敏感度");
    /// Of gradients that change from copy to copy.
    pub const WAVERING: Text = text!("wavering in the sensitivity of {target}", "{target}敏感度的波动");
    /// Of a map of what hiding each part does.
    pub const HIDING: Text = text!("harm that hiding parts does to {target}", "遮住局部对{target}造成的损失");
    /// Of a map that is drawn around its own mean.
    pub const ABOVE_AVERAGE: Text = text!("above-average support for {target}", "对{target}高于平均的支持");
    /// Of a map of fine lines.
    pub const DETAIL: Text = text!("detail drawn for {target}", "为{target}画出的细节");
}

/// Where most of the first figure lies.
pub fn heat(found: &Found<'_>, lang: Lang, what: Text) -> Option<String> {
    let what = fill(what.get(lang), &[("target", &found.target(lang)?)]);
    lies(found.figures.first()?, lang, &what)
}

/// As [`heat`], of what speaks for the target.
pub fn evidence(found: &Found<'_>, lang: Lang) -> Option<String> {
    heat(found, lang, if found.unit().is_some() { of::SUPPORT } else { of::EVIDENCE })
}

/// Where most of a figure lies, which is made of `what`.
pub fn lies(figure: &Figure, lang: Lang, what: &str) -> Option<String> {
    let Some((share, place)) = concentrated(figure) else {
        // a figure without a finite sum says nothing at all
        let readable = !figure.data.is_empty() && figure.data.iter().all(|v| v.is_finite());
        return readable.then(|| say(NOTHING, lang, &[("what", what)]));
    };
    let words = if share < SPREAD { EVERYWHERE } else { LIES };
    let share = percent(share, lang);
    Some(say(words, lang, &[("share", &share), ("what", what), ("place", place.get(lang))]))
}

const LIES: Text = text!(
    "{share} of the {what} lies in an eighth of the photo, at the {place}.",
    "{what}有 {share} 集中在照片{place}的八分之一区域。",
);
const EVERYWHERE: Text = text!(
    "The {what} is spread out: no eighth of the photo holds more than about {share} of it.",
    "{what}分布得很散：照片中任何八分之一的区域最多只占约 {share}。",
);
const NOTHING: Text =
    text!("Nothing found: nowhere in the photo is there any {what}.", "什么也没有找到：照片中没有一处有{what}。");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::Kind;

    fn map(width: usize, height: usize, bright: &[(usize, f32)]) -> Figure {
        let mut data = vec![0.0; width * height];
        bright.iter().for_each(|(i, v)| data[*i] = *v);
        Figure::new(Kind::Heat, "map", [1, height, width], data)
    }

    fn read(figure: &Figure) -> Option<(f64, &'static str)> {
        concentrated(figure).map(|(share, place)| ((1000.0 * share).round() / 1000.0, place.get(Lang::En)))
    }

    #[test]
    fn the_best_eighth_is_found() {
        // of 8 x 8 cells the window has 2.83 x 2.83
        assert_eq!(read(&map(8, 8, &[(9, 3.0), (10, 1.0), (63, 1.0)])), Some((0.8, "upper left")));
        assert_eq!(read(&map(8, 8, &[(7, 2.0), (56, -9.0)])), Some((1.0, "upper right")));
        assert_eq!(read(&map(8, 8, &[(27, 1.0), (28, 1.0), (35, 1.0), (36, 1.0)])).map(|r| r.1), Some("centre"));
        // an even map holds an eighth in every eighth, whatever its size
        for (w, h) in [(1, 1), (7, 7), (14, 9), (224, 224), (500, 32)] {
            let even = Figure::new(Kind::Heat, "map", [1, h, w], vec![0.5; w * h]);
            let (share, _) = concentrated(&even).unwrap();
            assert!((share - 0.125).abs() < 0.01, "{w} x {h}: {share}");
        }
        assert_eq!((read(&map(5, 5, &[])), read(&map(5, 5, &[(3, -1.0)]))), (None, None));
        assert_eq!(read(&map(5, 5, &[(3, f32::INFINITY)])), None);
    }

    #[test]
    fn part_of_a_cell_counts_in_part() {
        // one of 2 x 2 cells is wider than the window: 0.707 of its width, twice
        assert_eq!(read(&map(2, 2, &[(3, 1.0)])), Some((0.5, "lower right")));
    }

    #[test]
    fn of_several_channels_magnitudes_count() {
        let mut data = vec![0.0; 3 * 64];
        (data[7], data[64 + 7], data[128 + 56]) = (-2.0, 1.0, 1.0);
        assert_eq!(read(&Figure::new(Kind::Rgb, "map", [3, 8, 8], data)), Some((0.75, "upper right")));
    }

    #[test]
    fn shares_are_never_rounded_to_nothing_or_everything() {
        let en = |v| percent(v, Lang::En);
        assert_eq!(
            [0.0, 0.001, 0.444, 0.999, 1.0].map(en),
            ["0 %", "less than 1 %", "44 %", "more than 99 %", "100 %"]
        );
        assert_eq!((percent(0.001, Lang::Zh), percent(0.65, Lang::Zh)), ("不到 1%".into(), "65%".into()));
        let share = |v| fill("占总量的 {share}。", &[("share", &percent(v, Lang::Zh))]);
        assert_eq!((share(0.001), share(0.65)), ("占总量的不到 1%。".into(), "占总量的 65%。".into()));
        assert_eq!((decimal(2.0), decimal(0.25), decimal(14.04)), ("2".into(), "0.2".into(), "14".into()));
    }

    #[test]
    fn what_is_filled_in_is_not_read_again() {
        assert_eq!(fill("{a} and {b}.", &[("a", "{b}"), ("b", "2")]), "{b} and 2.");
        assert_eq!(say(text!("{a} is {c}", ""), Lang::En, &[("a", "channel")]), "Channel is ");
    }
}
