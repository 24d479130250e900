// The functions of ops/activation.rs and their derivatives. Exponents are kept where no device overflows.
fn sigmoid(x: f32) -> f32 { return 1.0 / (1.0 + exp(clamp(-x, -80.0, 80.0))); }
fn bounded_tanh(x: f32) -> f32 { return tanh(clamp(x, -20.0, 20.0)); }
// the argument of GELU's approximation, and its derivative
fn inner(x: f32) -> f32 { return 0.7978846 * (x + 0.044715 * x * x * x); }
fn steep(x: f32) -> f32 { return 0.7978846 * (1.0 + 0.134145 * x * x); }
// the normal distribution's density, and its probability below x (Abramowitz & Stegun 1964, 7.1.26)
fn density(x: f32) -> f32 { return 0.3989423 * exp(max(-0.5 * x * x, -80.0)); }
fn probability(x: f32) -> f32 {
    let t = 1.0 / (1.0 + 0.3275911 * 0.70710678 * abs(x));
    let sum = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
    let tail = 0.5 * sum * exp(max(-0.5 * x * x, -80.0));
    return select(tail, 1.0 - tail, x > 0.0);
}
fn value(x: f32) -> f32 { return {{value}}; }
fn slope(x: f32) -> f32 { return {{slope}}; }
