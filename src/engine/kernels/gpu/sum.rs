//! Sums that 64 invocations compute together: what makes a vector of maps.

use cubecl::server::Handle;

use super::launch::{Source, declared};
use super::{Buf, Gpu, Shape};

/// Floats of a vector's value with its border, and where among them it stands.
pub const PLANE: usize = Shape::new(1, 1, 1).plane();
/// See [`PLANE`].
pub const PLACE: usize = Shape::new(1, 1, 1).pitch() + 1;

/// The sums that make a vector, as WGSL.
pub struct Sum<'a> {
    /// How many of a vector's values one workgroup computes: 4, where what is summed is `vec4<f32>`, or 1.
    pub width: usize,
    /// How many terms each sum has.
    pub count: usize,
    /// Term `k` of the sum number `at` of `image`.
    pub term: String,
    /// What is written for the sum `sums[0]`; `l` counts the sums of a `vec4`, `c` the vector's values.
    pub value: &'a str,
}

impl Gpu {
    /// A vector of `written` values for each of `images`. The buffers are known to the sum by these names and types.
    pub fn sum(&self, [images, written]: [usize; 2], sum: &Sum<'_>, buffers: &[(&str, &str, &Handle)]) -> Buf {
        let y = self.empty(Shape::new(written, 1, 1).batch(images));
        let names = buffers.iter().map(|(name, of, _)| (*name, *of)).chain([("y", "f32")]);
        let source = Source::new(include_str!("../wgsl/sum.wgsl"))
            .set("buffers", declared(names))
            .set("lanes", if sum.width == 1 { "f32" } else { "vec4<f32>" })
            .set("width", sum.width)
            .set("count", sum.count)
            .set("written", written)
            .set("plane", PLANE)
            .set("place", PLACE)
            .set("term", &sum.term)
            .set("value", sum.value);
        let handles: Vec<&Handle> = buffers.iter().map(|(.., handle)| *handle).chain([&y.handle]).collect();
        let sums = written.div_ceil(sum.width);
        self.launch(source, [sums.min(65535), sums.div_ceil(65535), images], &handles);
        y
    }
}
