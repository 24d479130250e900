//! The constants of a window that slides over padded planes.

use super::Shape;
use super::launch::{Source, pair};
use crate::ops::Window;

/// WGSL's functions that say which places a window over maps of shape `below` reads for those `above`.
pub fn window(window: &Window, below: Shape, above: Shape) -> Source {
    placed(Source::new(include_str!("../wgsl/window.wgsl")), window)
        .set("below", pair([below.h, below.w]))
        .set("above", pair([above.h, above.w]))
        .set("below_plane", below.plane())
        .set("above_plane", above.plane())
}

/// `source` with the window's parameters.
pub fn placed(source: Source, window: &Window) -> Source {
    source
        .set("kernel", pair(window.kernel))
        .set("stride", pair(window.stride))
        .set("dilation", pair(window.dilation))
        .set("before", pair([window.pad[0], window.pad[1]]))
}
