//! Small changes of a picture that a network cannot bear: steps, and the balls that they stay in. Pictures are dense in 0..1.

use super::noise::Noise;

/// How the size of a change is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Norm {
    /// The largest change of a value.
    Inf,
    /// The root of the sum of squares.
    Two,
}

impl Norm {
    /// The norm of the difference `d`, in the units of its values.
    pub fn of(self, d: &[f32]) -> f32 {
        match self {
            Self::Inf => d.iter().fold(0.0, |m, v| m.max(v.abs())),
            Self::Two => d.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>().sqrt() as f32,
        }
    }

    /// The steepest step of this size along `g`: its signs, or `g` at another length.
    pub fn step(self, x: &mut [f32], g: &[f32], size: f32) {
        let by = |g: f32, scale: f32| match self {
            Self::Inf if g == 0.0 => 0.0,
            Self::Inf => size * g.signum(),
            Self::Two => scale * g,
        };
        let scale = size / self.of(g).max(1e-12);
        x.iter_mut().zip(g).for_each(|(x, g)| *x += by(*g, scale));
    }

    /// Back to at most `epsilon` from `from`, then into 0..1 (which takes nothing further away: `from` lies in it).
    pub fn project(self, x: &mut [f32], from: &[f32], epsilon: f32) {
        let d: Vec<f32> = x.iter().zip(from).map(|(x, f)| x - f).collect();
        let scale = match self {
            Self::Inf => 1.0,
            Self::Two => (epsilon / self.of(&d).max(1e-12)).min(1.0),
        };
        for ((x, f), d) in x.iter_mut().zip(from).zip(d) {
            let d = if self == Self::Inf { d.clamp(-epsilon, epsilon) } else { scale * d };
            *x = (f + d).clamp(0.0, 1.0);
        }
    }

    /// A place in the ball: each value within `epsilon`, or a direction at a random length.
    pub fn start(self, from: &[f32], epsilon: f32, seed: u64) -> Vec<f32> {
        let noise = Noise::new(seed, 0);
        let mut x: Vec<f32> = match self {
            Self::Inf => from.iter().zip(0..).map(|(f, i)| f + epsilon * (2.0 * noise.uniform(i) - 1.0)).collect(),
            Self::Two => {
                let d: Vec<f32> = (0..from.len() as u64).map(|i| noise.normal(i)).collect();
                let length = epsilon * noise.uniform(u64::MAX) / self.of(&d).max(1e-12);
                from.iter().zip(d).map(|(f, d)| f + length * d).collect()
            }
        };
        self.project(&mut x, from, epsilon);
        x
    }
}

/// The nearest of several flat borders, each `(f, w)`: another class's lead (negative) and its gradient. Returns the way there,
/// as `DeepFool` takes it: `(|f| / |w| + 1e-4) w / |w|`.
pub fn to_nearest(borders: &[(f32, Vec<f32>)]) -> Vec<f32> {
    let far = |(f, w): &(f32, Vec<f32>)| f.abs() / (Norm::Two.of(w) + 1e-8);
    let nearest = borders.iter().min_by(|a, b| far(a).total_cmp(&far(b)));
    nearest.map_or_else(Vec::new, |border| {
        let scale = (far(border) + 1e-4) / (Norm::Two.of(&border.1) + 1e-8);
        border.1.iter().map(|w| scale * w).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_the_ball_or_the_range() {
        let (noise, n) = (Noise::new(1, 1), 3000);
        let from: Vec<f32> = (0..n).map(|i| noise.uniform(i)).collect();
        let g: Vec<f32> = (0..n).map(|i| noise.normal(9000 + i)).collect();
        for (norm, epsilon) in [(Norm::Inf, 0.03), (Norm::Two, 0.5)] {
            let mut x = norm.start(&from, epsilon, 5);
            for _ in 0..9 {
                norm.step(&mut x, &g, epsilon / 4.0);
                norm.project(&mut x, &from, epsilon);
                let d: Vec<f32> = x.iter().zip(&from).map(|(a, b)| a - b).collect();
                assert!(norm.of(&d) <= epsilon + 1e-6, "{norm:?}");
                assert!(x.iter().all(|v| (0.0..=1.0).contains(v)));
            }
        }
    }

    #[test]
    fn the_nearest_border_is_just_crossed() {
        // x + y = 1 from the origin: sqrt(1/2) away; the other border lies further
        let way = to_nearest(&[(-1.0, vec![1.0, 1.0]), (-3.0, vec![0.0, 2.0])]);
        assert!((way[0] - 0.5).abs() < 2e-4 && way[0] + way[1] > 1.0);
    }
}
