//! Names that are words of ours: figures, families, and the words of a choice.

use crate::catalog::method::Family;
use crate::catalog::text::{Text, text};

/// The name of a figure whose own is a word of ours.
pub fn figure(name: &str, lang: crate::catalog::Lang) -> String {
    let words = match name {
        "occlusion" => text("drop of the score", "得分下降"),
        "winners" => text("most probable with a window covered", "遮住窗口后最可能的类别"),
        "projections" => text("projections", "投影"),
        "patches" => text("patches of the photo", "照片图块"),
        "parts" => text("strongest part", "最强的部分"),
        "pixels" => text("pixels", "像素"),
        "maximise" => text("what it wants to see", "它想看到的"),
        "photo" => text("the photo", "照片"),
        "dream" => text("the dream", "梦境"),
        "style" => text("the photo in the other's style", "另一张图片风格的照片"),
        other => {
            let part = other.strip_prefix("part ").filter(|_| lang == crate::catalog::Lang::Zh);
            return part.map_or_else(|| other.to_owned(), |n| format!("部分 {n}"));
        }
    };
    words.get(lang).to_owned()
}

/// A family's name in the menu.
pub fn family(family: Family) -> Text {
    match family {
        Family::Gradient => text("Gradients", "梯度"),
        Family::Cam => text("Activation maps", "激活图"),
        Family::Relevance => text("Shares of the score", "得分的分配"),
        Family::Perturbation => text("Hiding and switching off", "遮挡与关闭"),
        Family::Unit => text("Units and layers", "单元与层"),
        Family::Synthesis => text("Pictures made by ascent", "由梯度上升生成"),
    }
}

/// A choice's word in both languages; words of the literature stay as they are.
pub fn word(id: &'static str) -> Text {
    match id {
        "logit" => text("logit", "logit"),
        "probability" => text("probability", "概率"),
        "max" => text("maximum", "最大值"),
        "sum" => text("sum", "总和"),
        "times_input" => text("times input", "乘以输入"),
        "mean" => text("mean", "平均"),
        "squares" => text("mean of squares", "平方平均"),
        "variance" => text("variance (VarGrad)", "方差（VarGrad）"),
        "black" => text("black", "黑"),
        "grey" => text("grey", "灰"),
        "white" => text("white", "白"),
        "blur" => text("blurred", "模糊"),
        "guided" => text("guided", "导向"),
        "deconvnet" => text("deconvnet", "反卷积网络"),
        "gradient" => text("gradient", "梯度"),
        "exact" => text("exact shortcut", "精确捷径"),
        "brute" => text("every pass", "逐个前向"),
        "strongest" => text("strongest place", "最强位置"),
        "nine" => text("nine strongest", "九个最强位置"),
        "channel" => text("whole channel", "整个通道"),
        "place" => text("chosen place", "自选位置"),
        "lucid" => text("Lucid (spectrum, shaken)", "Lucid（频谱、抖动）"),
        "no_warp" => text("spectrum, not shaken", "频谱、不抖动"),
        "yosinski" => text("Yosinski et al. (decay, blur)", "Yosinski 等（衰减、模糊）"),
        "keras" => text("Keras (variation, jitter)", "Keras（全变分、抖动）"),
        "seed" => text("pixels, as many tutorials do", "像素（许多教程的做法）"),
        "plain" => text("as it is", "原样"),
        "clip" => text("clipped to length 1", "裁剪到长度 1"),
        "normalise" => text("length 1", "归一化到长度 1"),
        "target" => text("the target", "目标"),
        "negative" => text("away from it (negative)", "远离它（取负）"),
        "layer" => text("a whole layer", "整个层"),
        "direction" => text("a direction (channels, or the photo's)", "一个方向（通道，或照片的）"),
        "joint" => text("together with other channels", "与其他通道一起"),
        "interpolation" => text("on the way to another channel", "通往另一通道的途中"),
        "diversity" => text("four that differ", "四幅互不相同"),
        "photo" => text("the photo", "照片"),
        "between" => text("from the photo to the second picture", "从照片到第二张图片"),
        "noise" => text("noise", "噪声"),
        "spectrum" => text("spectrum", "频谱"),
        "pixels" => text("pixels (Mahendran & Vedaldi)", "像素（Mahendran & Vedaldi）"),
        "auto" => text("as the layer needs", "按层自动"),
        "second" => text("by the second picture", "由第二张图片引导"),
        "class" => text("from the class", "从类别开始"),
        "average" => text("average of all four", "四种的平均"),
        "for" => text("for the class", "支持该类"),
        "against" => text("against the class", "反对该类"),
        "one" => text("this layer alone", "仅此层"),
        "off" => text("off", "关"),
        "on" => text("on (six views)", "开（六个视图）"),
        "rise" => text("rise of the probability", "概率的上升"),
        "softmax" => text("softmax over channels (paper)", "对通道做 softmax（论文）"),
        "coarse" => text("coarse (56 px)", "粗（56 像素）"),
        "medium" => text("medium (to 32 px)", "中（至 32 像素）"),
        "fine" => text("fine (to 32 px, step 8)", "细（32 像素，步长 8）"),
        "own" => text("own window", "自定窗口"),
        "agreed" => text("when the halves agree", "两半一致时"),
        "all" => text("after all of them", "全部完成后"),
        "slic" => text("superpixels (SLIC)", "超像素（SLIC）"),
        "grid" => text("squares", "方格"),
        "tutorial" => text("z^B, gamma, epsilon (tutorial)", "z^B、γ、ε（教程）"),
        "gamma_box" => text("z^B, gamma", "z^B、γ"),
        "epsilon_plus" => text("z+", "z+（仅正权重）"),
        "alpha2_beta1_flat" => text("alpha 2, beta 1, flat", "α2β1、平坦"),
        "excitation" => text("excitation backprop", "激发反向传播"),
        "excitation_contrast" => text("contrastive excitation", "对比激发"),
        "epsilon" => text("epsilon only", "仅 ε"),
        "with" => text("take their share", "参与分配"),
        "without" => text("left out", "不参与"),
        other => text(other, other),
    }
}
