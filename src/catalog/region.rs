//! A part of the picture that the visitor marked: boxes and brush strokes, as text that fits into a link.

use std::fmt::Write;

use crate::fields::decimal;

/// One mark; numbers are per cent of the picture's sides.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    /// Left, top, width, height.
    Box([f32; 4]),
    /// Radius, then the stroke's points.
    Brush(f32, Vec<[f32; 2]>),
}

/// `box 10 20 30 40; brush 4 10 10 20 20`: all of them together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Region(pub Vec<Mark>);

impl std::str::FromStr for Region {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.split(';').map(str::trim).filter(|m| !m.is_empty()).map(mark).collect::<Result<_, _>>().map(Self)
    }
}

fn mark(text: &str) -> Result<Mark, String> {
    let bad = || format!("{text}: takes marks such as \"box 10 20 30 40\" or \"brush 4 10 10 20 20\", in per cent");
    let (kind, rest) = text.split_once(' ').ok_or_else(bad)?;
    let numbers: Option<Vec<f32>> = rest.split_whitespace().map(|n| Some(decimal(n)? as f32)).collect();
    let numbers = numbers.filter(|n| n.iter().all(|v| (0.0..=100.0).contains(v))).ok_or_else(bad)?;
    match (kind, numbers.as_slice()) {
        ("box", [x, y, w, h]) if *w > 0.0 && *h > 0.0 => Ok(Mark::Box([*x, *y, *w, *h])),
        ("brush", [radius, points @ ..]) if !points.is_empty() && points.len() % 2 == 0 && *radius > 0.0 => {
            Ok(Mark::Brush(*radius, points.as_chunks::<2>().0.to_vec()))
        }
        _ => Err(bad()),
    }
}

impl std::fmt::Display for Region {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let marks: Vec<String> = self
            .0
            .iter()
            .map(|mark| match mark {
                Mark::Box([x, y, w, h]) => format!("box {x} {y} {w} {h}"),
                Mark::Brush(radius, points) => points.iter().fold(format!("brush {radius}"), |mut s, [x, y]| {
                    // writing to a string cannot fail
                    let _ = write!(s, " {x} {y}");
                    s
                }),
            })
            .collect();
        f.write_str(&marks.join("; "))
    }
}

impl Region {
    /// 1 inside and 0 outside, `[height, width]`.
    pub fn mask(&self, height: usize, width: usize) -> Vec<f32> {
        let covered = |i: usize| {
            let at = [(i % width) as f32 + 0.5, (i / width) as f32 + 0.5];
            let at = [at[0] * 100.0 / width as f32, at[1] * 100.0 / height as f32];
            self.0.iter().any(|mark| mark.covers(at))
        };
        (0..height * width).map(|i| f32::from(u8::from(covered(i)))).collect()
    }
}

impl Mark {
    fn covers(&self, [x, y]: [f32; 2]) -> bool {
        match self {
            Self::Box([left, top, w, h]) => (*left..left + w).contains(&x) && (*top..top + h).contains(&y),
            Self::Brush(radius, points) => {
                let near = |a: [f32; 2], b: [f32; 2]| {
                    let (d, p) = ([b[0] - a[0], b[1] - a[1]], [x - a[0], y - a[1]]);
                    let length = d[0] * d[0] + d[1] * d[1];
                    let t = if length > 0.0 { ((d[0] * p[0] + d[1] * p[1]) / length).clamp(0.0, 1.0) } else { 0.0 };
                    (p[0] - t * d[0]).hypot(p[1] - t * d[1]) <= *radius
                };
                near(points[0], points[0]) || points.windows(2).any(|w| near(w[0], w[1]))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_marked_is_covered() {
        let region: Region = "box 0 0 50 50; brush 10 75 75 75 95".parse().unwrap();
        assert_eq!(region.to_string().parse(), Ok(region.clone()));
        let mask = region.mask(10, 10);
        assert_eq!(
            (mask[0], mask[4 * 10 + 4], mask[5 * 10 + 5], mask[8 * 10 + 7], mask[2 * 10 + 7]),
            (1.0, 1.0, 0.0, 1.0, 0.0)
        );
        for bad in ["box 1 2 3", "circle 1 2 3", "box 1 2 0 4", "box 1 2 300 4", "brush 4 1", "box a b c d"] {
            assert!(bad.parse::<Region>().is_err(), "{bad}");
        }
        assert_eq!("".parse(), Ok(Region::default()));
    }
}
