//! Adam on the CPU for parameters that live there; as an ascent.

/// First and second moments, and the step (Kingma & Ba 2015, algorithm 1).
pub struct Ascent {
    rate: f32,
    m: Vec<f32>,
    v: Vec<f32>,
    t: i32,
}

impl Ascent {
    /// For `length` parameters.
    pub fn new(length: usize, rate: f32) -> Self {
        Self { rate, m: vec![0.0; length], v: vec![0.0; length], t: 0 }
    }

    /// One step of `x` uphill along `g`.
    pub fn step(&mut self, x: &mut [f32], g: &[f32]) {
        const B1: f32 = 0.9;
        const B2: f32 = 0.999;
        self.t += 1;
        let (c1, c2) = (1.0 - B1.powi(self.t), 1.0 - B2.powi(self.t));
        for ((x, g), (m, v)) in x.iter_mut().zip(g).zip(self.m.iter_mut().zip(&mut self.v)) {
            *m = B1 * *m + (1.0 - B1) * g;
            *v = B2 * *v + (1.0 - B2) * g * g;
            *x += self.rate * (*m / c1) / ((*v / c2).sqrt() + 1e-8);
        }
    }
}
