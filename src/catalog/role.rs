//! Layers by the part that they play, so that a method's default is told without a network.

use serde::Serialize;

/// A part that every network has a layer for ([`super::NetworkSpec::role`]). Blocks end where the picture is halved; pools are
/// not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LayerRole {
    /// The first stage: VGG16's `relu1_1`.
    First,
    /// The middle stage of the block before the last: VGG16's `relu4_2`.
    MiddleBeforeLast,
    /// The last stage of the block before the last: VGG16's `relu4_3`.
    EndBeforeLast,
    /// The first stage of the last block: VGG16's `relu5_1`.
    StartOfLast,
    /// The last stage of the last block: VGG16's `relu5_3`.
    Last,
}
