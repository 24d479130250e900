//! Functions of one value.

use super::each::Keep;
use super::launch::{Source, number};
use super::{Buf, Gate, On};
use crate::ops::{Activation, Module, Pass};

/// The function of `x` and its derivative, as WGSL over the functions of `activation.wgsl`; see [`Activation`]'s own.
fn formulas(kind: Activation) -> (String, String) {
    let within = |inside: &str, slope: &str| format!("select(0.0, {slope}, {inside})");
    match kind {
        Activation::Relu {} => ("max(x, 0.0)".into(), within("x > 0.0", "1.0")),
        Activation::Relu6 {} => ("clamp(x, 0.0, 6.0)".into(), within("x > 0.0 && x < 6.0", "1.0")),
        Activation::Clip { min, max } => {
            let [min, max] = [min, max].map(number);
            (format!("min(max(x, {min}), {max})"), within(&format!("x >= {min} && x <= {max}"), "1.0"))
        }
        Activation::LeakyRelu { alpha } => {
            let alpha = number(alpha);
            (format!("select({alpha} * x, x, x > 0.0)"), format!("select({alpha}, 1.0, x > 0.0)"))
        }
        Activation::Elu { alpha } => {
            let steep = format!("{} * exp(clamp(x, -80.0, 0.0))", number(alpha));
            (format!("select({steep} - {}, x, x > 0.0)", number(alpha)), format!("select({steep}, 1.0, x > 0.0)"))
        }
        Activation::Sigmoid {} => ("sigmoid(x)".into(), "sigmoid(x) * sigmoid(-x)".into()),
        Activation::Silu {} => ("x * sigmoid(x)".into(), "sigmoid(x) * (1.0 + x * sigmoid(-x))".into()),
        Activation::HardSigmoid { alpha, beta } => {
            let y = format!("({} * x + {})", number(alpha), number(beta));
            (format!("clamp({y}, 0.0, 1.0)"), within(&format!("{y} > 0.0 && {y} < 1.0"), &number(alpha)))
        }
        Activation::HardSwish {} => (
            "x * clamp(x / 6.0 + 0.5, 0.0, 1.0)".into(),
            "select(select(0.0, x / 3.0 + 0.5, x >= -3.0), 1.0, x > 3.0)".into(),
        ),
        Activation::Tanh {} => ("bounded_tanh(x)".into(), "1.0 - bounded_tanh(x) * bounded_tanh(x)".into()),
        Activation::Gelu { tanh: true } => {
            let t = "bounded_tanh(inner(x))";
            let slope = format!("0.5 * (1.0 + {t}) + 0.5 * x * (1.0 - {t} * {t}) * steep(x)");
            (format!("0.5 * x * (1.0 + {t})"), slope)
        }
        Activation::Gelu { tanh: false } => ("x * probability(x)".into(), "probability(x) + x * density(x)".into()),
    }
}

impl On<Activation> {
    fn functions(&self) -> Source {
        let (value, slope) = formulas(self.op);
        Source::new(include_str!("../wgsl/activation.wgsl")).set("value", value).set("slope", slope)
    }
}

impl Module<Buf> for On<Activation> {
    fn forward(&self, x: &[&Buf]) -> Buf {
        self.gpu.map(x[0].shape, &[&x[0].handle], self.functions(), "value(a[i])", Keep::All)
    }

    /// The rules of guided backpropagation and of the deconvnet are defined at ReLUs alone; the others hand down their gradient.
    fn adjoint(&self, at: &Pass<'_, Buf>, g: &Buf, gate: Gate) -> Vec<Buf> {
        vec![if self.op.is_relu() {
            self.gpu.map(g.shape, &[&g.handle], "", "a[i]", Keep::Gate(gate, at.y))
        } else {
            self.gpu.map(g.shape, &[&at.x[0].handle, &g.handle], self.functions(), "slope(a[i]) * b[i]", Keep::All)
        }]
    }
}
