//! Pictures made by rule: random scenes for comparison, and concepts that can be made without photographs.

use super::change::{hsv, rgb};
use super::noise::Noise;

/// The built-in concepts of which pictures can be drawn.
pub const CONCEPTS: &[&str] = &["red", "green", "blue", "yellow", "stripes", "checks", "dots"];

/// A random scene `[3, side, side]` in 0..1: a slope of colour, a waviness, and a few discs, boxes and bars.
pub fn scene(side: usize, noise: Noise) -> Vec<f32> {
    let u = |i: u64| noise.uniform(i);
    let n = side * side;
    let mut x = vec![0.0; 3 * n];
    let (angle, waves, phase) = (u(0) * std::f32::consts::TAU, 1.0 + 12.0 * u(1), u(2));
    for i in 0..n {
        let (px, py) = ((i % side) as f32 / side as f32 - 0.5, (i / side) as f32 / side as f32 - 0.5);
        let along = px * angle.cos() + py * angle.sin() + 0.5;
        let ripple = 0.08 * (std::f32::consts::TAU * (waves * (px * angle.sin() - py * angle.cos()) + phase)).sin();
        for c in 0..3 {
            let (a, b) = (u(10 + c as u64), u(20 + c as u64));
            let grain = 0.06 * (noise.uniform(1_000 + (c * n + i) as u64) - 0.5);
            x[c * n + i] = (a + (b - a) * along + ripple + grain).clamp(0.0, 1.0);
        }
    }
    for shape in 0..3 + (u(3) * 6.0) as u64 {
        let u = |k: u64| noise.uniform(100 + 16 * shape + k);
        let (cx, cy, r) = (u(0), u(1), 0.05 + 0.2 * u(2));
        let (kind, turn) = ((u(3) * 3.0) as u32, u(4) * std::f32::consts::PI);
        for i in 0..n {
            let (dx, dy) = ((i % side) as f32 / side as f32 - cx, (i / side) as f32 / side as f32 - cy);
            let (rx, ry) = (dx * turn.cos() + dy * turn.sin(), dy * turn.cos() - dx * turn.sin());
            let inside = match kind {
                0 => dx.hypot(dy) < r,
                1 => rx.abs() < r && ry.abs() < 0.7 * r,
                _ => ry.abs() < 0.15 * r && rx.abs() < 3.0 * r,
            };
            if inside {
                (0..3).for_each(|c| x[c * n + i] = (u(5 + c as u64) + 0.3 * (ry / r) * u(9)).clamp(0.0, 1.0));
            }
        }
    }
    x
}

/// A scene that shows one of [`CONCEPTS`]; any other name is a plain scene.
pub fn concept(name: &str, side: usize, noise: Noise) -> Vec<f32> {
    let mut x = scene(side, noise);
    let u = |i: u64| noise.uniform((1 << 32) + i);
    let n = side * side;
    let hue = match name {
        "red" => Some(0.0),
        "yellow" => Some(1.0 / 6.0),
        "green" => Some(1.0 / 3.0),
        "blue" => Some(2.0 / 3.0),
        _ => None,
    };
    if let Some(hue) = hue {
        for i in 0..n {
            let [_, s, v] = hsv([x[i], x[n + i], x[2 * n + i]]);
            let near = hue + 0.03 * (u(0) - 0.5);
            let colour = rgb([near.rem_euclid(1.0), 0.7 + 0.3 * s, 0.3 + 0.7 * v]);
            (0..3).for_each(|c| x[c * n + i] = colour[c]);
        }
        return x;
    }
    let (angle, period) = (u(0) * std::f32::consts::PI, 0.04 + 0.1 * u(1));
    let mark = |i: usize| {
        let (px, py) = ((i % side) as f32 / side as f32, (i / side) as f32 / side as f32);
        let (a, b) = ((px * angle.cos() + py * angle.sin()) / period, (py * angle.cos() - px * angle.sin()) / period);
        let odd = |v: f32| v.rem_euclid(2.0) < 1.0;
        match name {
            "stripes" => odd(a),
            "checks" => odd(a) != odd(b),
            "dots" => (a.rem_euclid(2.0) - 1.0).hypot(b.rem_euclid(2.0) - 1.0) < 0.55,
            _ => false,
        }
    };
    let colours = [[u(2), u(3), u(4)], [1.0 - u(2), 1.0 - u(3), 1.0 - u(4)]];
    if matches!(name, "stripes" | "checks" | "dots") {
        for i in 0..n {
            let colour = colours[usize::from(mark(i))];
            (0..3).for_each(|c| x[c * n + i] = 0.25 * x[c * n + i] + 0.75 * colour[c]);
        }
    }
    x
}

/// The colours and textures that a place can be said to have: 11 basic colour terms (Berlin and Kay 1969), light, edges,
/// texture.
pub const KINDS: &[&str] = &[
    "black",
    "white",
    "grey",
    "red",
    "orange",
    "yellow",
    "green",
    "blue",
    "purple",
    "pink",
    "brown",
    "dark",
    "bright",
    "vertical edges",
    "horizontal edges",
    "fine texture",
];

/// Where each of [`KINDS`] is in a picture `[3, side, side]`.
pub fn places(x: &[f32], side: usize) -> Vec<Vec<bool>> {
    let n = side * side;
    let value = |i: usize| 0.299 * x[i] + 0.587 * x[n + i] + 0.114 * x[2 * n + i];
    let at = |y: isize, x: isize| {
        let inside = |v: isize| v.clamp(0, side as isize - 1) as usize;
        value(inside(y) * side + inside(x))
    };
    let mut found = vec![vec![false; n]; KINDS.len()];
    for i in 0..n {
        let [h, s, v] = hsv([x[i], x[n + i], x[2 * n + i]]);
        let degrees = h * 360.0;
        let colour = match () {
            () if v < 0.2 => "black",
            () if s < 0.15 => {
                if v > 0.8 {
                    "white"
                } else {
                    "grey"
                }
            }
            () if (15.0..70.0).contains(&degrees) && v < 0.6 => "brown",
            () if !(15.0..345.0).contains(&degrees) => {
                if s < 0.5 && v > 0.6 {
                    "pink"
                } else {
                    "red"
                }
            }
            () if degrees < 45.0 => "orange",
            () if degrees < 70.0 => "yellow",
            () if degrees < 170.0 => "green",
            () if degrees < 260.0 => "blue",
            () if degrees < 315.0 => "purple",
            () => "pink",
        };
        let (y, column) = ((i / side) as isize, (i % side) as isize);
        let dx = at(y, column + 1) - at(y, column - 1);
        let dy = at(y + 1, column) - at(y - 1, column);
        let bend =
            (4.0 * at(y, column) - at(y - 1, column) - at(y + 1, column) - at(y, column - 1) - at(y, column + 1)).abs();
        let light = value(i);
        let says = [
            (11, light < 0.25),
            (12, light > 0.75),
            (13, dx.abs() > 0.15 && dx.abs() > 2.0 * dy.abs()),
            (14, dy.abs() > 0.15 && dy.abs() > 2.0 * dx.abs()),
            (15, bend > 0.15),
        ];
        let colour = KINDS.iter().position(|k| *k == colour).unwrap_or_default();
        found[colour][i] = true;
        says.into_iter().for_each(|(kind, yes)| found[kind][i] = yes);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn red_scenes_are_red_and_others_are_not() {
        let share = |name: &str| {
            let x = concept(name, 32, Noise::new(4, 7));
            let found = places(&x, 32);
            let red = KINDS.iter().position(|k| *k == "red").unwrap();
            found[red].iter().filter(|v| **v).count() as f32 / 1024.0
        };
        assert!(share("red") > 0.8 && share("green") < 0.1 && share("blue") < 0.1);
        let bars: Vec<f32> = (0..3 * 1024).map(|i| f32::from(u8::from(i % 32 / 8 % 2 == 0))).collect();
        let found = places(&bars, 32);
        let count = |kind: usize| found[kind].iter().filter(|v| **v).count();
        assert!(count(13) > 100 && count(14) == 0);
        for k in CONCEPTS {
            assert!(concept(k, 24, Noise::new(1, 1)).iter().all(|v| (0.0..=1.0).contains(v)), "{k}");
        }
    }
}
