//! Numbers that a method prints in order: tables and charts. Names are keys that the page translates; a class is `class:281`.

use serde::Serialize;
use serde_json::Value;

use crate::fields::{BadField, Fields, numbers, object, text};

/// The fact that all of an answer's maps are to be drawn up to this magnitude.
pub const SCALE: &str = "scale";

/// A cell.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Cell {
    /// A finite number.
    Number(f32),
    /// A key that the page translates, or a word that stays as it is.
    Word(String),
    /// No value: it cannot be computed, or is not finite.
    Nothing,
}

impl From<f32> for Cell {
    fn from(v: f32) -> Self {
        if v.is_finite() { Self::Number(v) } else { Self::Nothing }
    }
}

impl From<Option<f32>> for Cell {
    fn from(v: Option<f32>) -> Self {
        v.map_or(Self::Nothing, Self::from)
    }
}

impl From<usize> for Cell {
    fn from(v: usize) -> Self {
        Self::Number(v as f32)
    }
}

impl From<&str> for Cell {
    fn from(v: &str) -> Self {
        Self::Word(v.to_owned())
    }
}

impl From<String> for Cell {
    fn from(v: String) -> Self {
        Self::Word(v)
    }
}

/// How a table's numbers are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shade {
    /// The numbers alone.
    #[default]
    Plain,
    /// On a background that is darker the nearer they are to 1.
    Heat,
    /// The first of each row as a bar too.
    Bars,
}

/// A table that a method prints beneath its figures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Table {
    /// The table's name, a key that the page translates.
    pub name: String,
    /// How its numbers are shown.
    pub shade: Shade,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Names and cells of the rows.
    pub rows: Vec<(String, Vec<Cell>)>,
}

const SHADES: &[(&str, Shade)] = &[("plain", Shade::Plain), ("heat", Shade::Heat), ("bars", Shade::Bars)];

impl Cell {
    fn read(value: Value) -> Self {
        match value {
            Value::String(word) => Self::Word(word),
            value => Self::from(value.as_f64().map(|v| v as f32)),
        }
    }
}

impl Table {
    /// Reads a table as a method's facts hold it.
    ///
    /// # Errors
    /// [`BadField`]: a field that is missing or of another kind.
    pub fn read(value: Value) -> Result<Self, BadField> {
        let mut fields = object("table", value)?;
        let columns = fields.list("columns")?.into_iter().map(|column| text("columns", column));
        let columns = columns.collect::<Result<_, _>>()?;
        let rows = fields.list("rows")?.into_iter().map(row).collect::<Result<_, _>>()?;
        Ok(Self { name: fields.text("name")?, shade: fields.word("shade", SHADES)?, columns, rows })
    }

    /// A table without rows.
    pub fn new(name: &str, shade: Shade, columns: &[&str]) -> Self {
        let columns = columns.iter().map(|c| (*c).to_owned()).collect();
        Self { name: name.to_owned(), shade, columns, rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row(&mut self, name: impl Into<String>, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push((name.into(), cells.into_iter().collect()));
    }
}

/// A row of a table: its name and its cells.
fn row(value: Value) -> Result<(String, Vec<Cell>), BadField> {
    match value {
        Value::Array(pair) => match <[Value; 2]>::try_from(pair) {
            Ok([name, Value::Array(cells)]) => Ok((text("rows", name)?, cells.into_iter().map(Cell::read).collect())),
            Ok([name, _]) => Err(BadField::Value { field: "rows", value: name, takes: "a name with its cells" }),
            Err(pair) => Err(BadField::Value { field: "rows", value: pair.into(), takes: "a name and cells" }),
        },
        value => Err(BadField::Value { field: "rows", value, takes: "a name and cells" }),
    }
}

/// One line of a chart.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// The line's name in the legend.
    pub name: String,
    /// `[x, y]`, from left to right.
    pub points: Vec<[f32; 2]>,
}

/// A chart that a method prints: lines over one axis.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Chart {
    /// The chart's name, a key that the page translates.
    pub name: String,
    /// The name of the quantity along the horizontal axis.
    pub x: String,
    /// The lines.
    pub lines: Vec<Line>,
}

impl Line {
    fn read(value: Value) -> Result<Self, BadField> {
        let mut fields: Fields = object("lines", value)?;
        let point = |value| match numbers("points", value)?[..] {
            [x, y] => Ok([x, y]),
            _ => Err(BadField::Value { field: "points", value: Value::Null, takes: "two numbers" }),
        };
        let points = fields.list("points")?.into_iter().map(point).collect::<Result<_, _>>()?;
        Ok(Self { name: fields.text("name")?, points })
    }
}

impl Chart {
    /// Reads a chart as a method's facts hold it.
    ///
    /// # Errors
    /// [`BadField`]: a field that is missing or of another kind.
    pub fn read(value: Value) -> Result<Self, BadField> {
        let mut fields = object("chart", value)?;
        let lines = fields.list("lines")?.into_iter().map(Line::read).collect::<Result<_, _>>()?;
        Ok(Self { name: fields.text("name")?, x: fields.text("x")?, lines })
    }

    /// A chart without lines.
    pub fn new(name: &str, x: &str) -> Self {
        Self { name: name.to_owned(), x: x.to_owned(), lines: Vec::new() }
    }

    /// Adds a line.
    pub fn line(&mut self, name: impl Into<String>, points: Vec<[f32; 2]>) {
        self.lines.push(Line { name: name.into(), points });
    }
}

/// A chart laid out: what its axes span, and its lines as SVG points.
pub struct Layout {
    /// Left and right end.
    pub x: [f32; 2],
    /// Bottom and top; both in 0..1 when everything is.
    pub y: [f32; 2],
    /// `x,y x,y ...` of every line.
    pub points: Vec<String>,
}

impl Chart {
    /// Lays the lines out in a drawing of this size, in SVG units, with 4 units around them.
    pub fn layout(&self, width: f32, height: f32) -> Layout {
        let all = || self.lines.iter().flat_map(|l| &l.points).filter(|p| p.iter().all(|v| v.is_finite()));
        let span = |k: usize| all().fold([f32::INFINITY, f32::NEG_INFINITY], |[a, b], p| [a.min(p[k]), b.max(p[k])]);
        let (x, mut y) = (span(0), span(1));
        if y[0] >= 0.0 && y[1] <= 1.0 {
            y = [0.0, 1.0];
        }
        let place = |v: f32, [a, b]: [f32; 2], size: f32| 4.0 + (v - a) / (b - a).max(1e-9) * (size - 8.0);
        let point = |p: &[f32; 2]| format!("{:.1},{:.1}", place(p[0], x, width), height - place(p[1], y, height));
        let line =
            |l: &Line| l.points.iter().filter(|p| p.iter().all(|v| v.is_finite())).map(point).collect::<Vec<_>>();
        Layout { x, y, points: self.lines.iter().map(|l| line(l).join(" ")).collect() }
    }
}

/// Three digits, whatever the size; whole numbers as they are.
pub fn short(v: f32) -> String {
    let size = v.abs();
    if v.fract() == 0.0 && size < 1e6 {
        format!("{v}")
    } else if (1e-4..1e6).contains(&size) {
        let behind = [1e-3, 1e-2, 0.1, 1.0, 10.0, 100.0].iter().filter(|limit| size < **limit).count();
        format!("{v:.behind$}")
    } else {
        format!("{v:.2e}")
    }
}

/// As [`short`], for probabilities and shares: one of 1e-11 says no more than that there is none.
pub fn about(v: f32) -> String {
    if v != 0.0 && v.abs() < 1e-4 { "≈ 0".into() } else { short(v) }
}

/// What [`crate::methods::Ctx::tell`] prints: a table or a chart.
pub enum Told {
    /// A table.
    Table(Table),
    /// A chart.
    Chart(Chart),
}

impl From<Table> for Told {
    fn from(table: Table) -> Self {
        Self::Table(table)
    }
}

impl From<Chart> for Told {
    fn from(chart: Chart) -> Self {
        Self::Chart(chart)
    }
}

/// The key of a class's name.
pub fn class(index: usize) -> String {
    format!("class:{index}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut table = Table::new("classes", Shade::Heat, &["before", "after"]);
        table.row("class:281", [Cell::from(0.5), Cell::from("yes"), Cell::Nothing]);
        assert_eq!(Table::read(serde_json::to_value(&table).unwrap()), Ok(table));
        let mut chart = Chart::new("deletion", "share");
        chart.line("cam", vec![[0.0, 1.0], [0.5, 0.25]]);
        let mut written = serde_json::to_value(&chart).unwrap();
        assert_eq!(Chart::read(written.clone()), Ok(chart));
        written["lines"][0]["points"][1] = serde_json::json!([1.0]);
        assert!(Chart::read(written).is_err() && Table::read(Value::Null).is_err());
    }

    #[test]
    fn numbers_have_three_digits() {
        let all = [65.779, -0.069_12, 0.002_58, 0.5, 123.4, 224.0, 0.0, 3.7e-12].map(short);
        assert_eq!([3.9e-19, 0.02, 0.0].map(about), ["≈ 0", "0.0200", "0"]);
        assert_eq!(all, ["65.8", "-0.0691", "0.00258", "0.500", "123", "224", "0", "3.70e-12"]);
    }
}
