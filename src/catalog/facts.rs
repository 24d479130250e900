//! The single numbers that methods print beside their figures.

use super::text::{Text, text};

/// Of these 1 is a yes and 0 a no.
pub const ANSWERS: &[&str] = &["flipped"];

/// Single numbers among a method's facts, in the order shown.
pub const FACTS: &[(&str, Text)] = &[
    ("score", text!("score that is explained", "被解释的得分")),
    ("sum", text!("sum of the map", "图的总和")),
    ("conservation", text!("conservation: sum / score", "守恒：总和 / 得分")),
    ("difference", text!("difference of the scores", "得分之差")),
    ("error", text!("completeness error", "完备性误差")),
    ("windows", text!("windows", "窗口数")),
    ("masks", text!("masks", "掩码数")),
    ("halves", text!("correlation of the two halves (enough at 0.95)", "两半的相关系数（达到 0.95 即足够）")),
    ("channels", text!("channels tried", "尝试的通道数")),
    ("residual", text!("share not reconstructed", "未能重建的比例")),
    ("segments", text!("segments", "分割数")),
    ("r2", text!("R² of the linear model", "线性模型的 R²")),
    ("objective", text!("objective of the picture shown", "所示图像的目标值")),
    ("shaken", text!("mean objective over eight random transformations", "八次随机变换下目标值的平均")),
    ("shaken_min", text!("lowest objective over eight random transformations", "八次随机变换下目标值的最小值")),
    ("steps_done", text!("steps done", "已完成的步数")),
    ("gradient", text!("mean length of the gradient", "梯度的平均长度")),
    ("clipped", text!("share of steps at which it was above 1", "其中超过 1 的步数比例")),
    ("relative_error", text!("relative error at the layer", "层上的相对误差")),
    ("pixel_correlation", text!("correlation of the pixels with the photo", "像素与照片的相关系数")),
    ("spread", text!("mean deviation of a coefficient over three seeds", "系数在三个随机种子间的平均偏差")),
    ("flipped", text!("answer changed", "答案是否改变")),
    ("linf", text!("largest change (grey levels)", "最大改变（灰度级）")),
    ("l2", text!("length of the change", "改变的长度（L2）")),
    ("l2_relative", text!("relative to the photo's", "相对于照片的长度")),
    ("wins", text!("share of other places at which the patch wins", "补丁在其他位置的成功比例")),
    ("wins_noise", text!("the same for a patch of noise", "噪声补丁的成功比例")),
    ("colour_dependence", text!("colour dependence", "颜色依赖度")),
    ("hue_dependence", text!("hue dependence", "色相依赖度")),
    ("texture_reliance", text!("texture reliance (4 x 4)", "纹理依赖度（4×4）")),
    (
        "low_half",
        text!("low-pass cutoff that keeps half the probability (periods)", "保留一半概率的低通截止频率（周期数）"),
    ),
    (
        "high_half",
        text!("high-pass cutoff that keeps half the probability (periods)", "保留一半概率的高通截止频率（周期数）"),
    ),
    ("jitter", text!("jitter: mean change from pixel to pixel", "抖动：逐像素的平均变化")),
    ("lowest", text!("lowest probability", "最低概率")),
    ("mirror_dependence", text!("mirror dependence", "镜像依赖度")),
    ("stamp_dependence", text!("stamp dependence", "印记依赖度")),
    ("background_reliance", text!("background reliance", "背景依赖度")),
    ("foreground_reliance", text!("foreground reliance", "前景依赖度")),
    ("marked", text!("marked share of the picture", "标出部分占图像的比例")),
    ("shape_bias", text!("shape bias", "形状偏好")),
    ("half", text!("channels to switch off to halve the probability", "使概率减半所需关闭的通道数")),
    ("detectors", text!("detectors (IoU above 0.04)", "检测器数（IoU > 0.04）")),
    ("seen", text!("pictures looked at", "所看的图片数")),
    ("silent", text!("better ones that fire in other pictures only", "更好但只在其他图片中响应的通道数")),
    ("pictures", text!("pictures of the class", "该类的图片数")),
];
