//! Every word of the page, in both languages.

use crate::catalog::text::{Text, text};

macro_rules! texts {
    ($($name:ident: $en:literal, $zh:literal;)*) => { $(
        #[doc = $en]
        pub const $name: Text = text($en, $zh);
    )* };
}

texts! {
    TAGLINE: "A real VGG16, in your browser. Nothing is uploaded.", "在您的浏览器里运行的真实 VGG16。不上传任何内容。";
    THEME: "Light or dark", "浅色或深色";
    LANGUAGE: "中文", "English";
    STARTING: "starting the engine", "正在启动引擎";
    WEIGHTS: "Network weights", "网络权重";
    IMAGE: "Image", "图像";
    DROP: "Drop, paste or choose a photo", "拖入、粘贴或选择照片";
    DROP_HERE: "Drop it anywhere", "松开即可";
    CHOOSE: "Choose a file", "选择文件";
    CAMERA: "Camera", "相机";
    TAKE: "Take the picture", "拍照";
    CLOSE: "Close", "关闭";
    NO_CAMERA: "The camera could not be opened. Allow it in the browser, or choose a file.", "无法打开相机。请在浏览器中允许，或选择文件。";
    EXAMPLES: "Examples", "示例";
    FIRST_FRAME: "Animation: only the first frame is used.", "动图：只使用第一帧。";
    ALPHA_ON_WHITE: "Transparent pixels were laid on white.", "透明像素已铺在白色背景上。";
    ORIENTED: "Turned as the camera was held (EXIF).", "已按拍摄方向（EXIF）旋转。";
    CLASSES: "What VGG16 sees", "VGG16 看到了什么";
    CLASSES_HINT: "Choose a class to see where its evidence lies.", "选择一个类别，看它的证据在哪里。";
    PRECOMPUTED: "Example result, computed earlier", "示例结果（预先计算）";
    OVERLAY: "Overlay", "叠加";
    HEAT: "Map", "热图";
    PHOTO: "Photo", "照片";
    PALETTE: "Palette", "色板";
    OPACITY: "Opacity", "不透明度";
    SIGNED: "signed (for and against)", "带符号（支持与反对）";
    EVIDENCE: "evidence, in units of the class score", "证据（以类别得分为单位）";
    EXPLAIN: "Explain the decision", "解释这个决定";
    EXPLAIN_HINT: "Choose a method. It explains the class chosen on the left.", "选择一种方法，它解释左侧所选的类别。";
    RUN: "Run", "运行";
    STRONGEST: "strongest", "最强";
    STALE: "of the picture before", "属于上一张图";
    NO_EVIDENCE: "No positive evidence for this class at this layer: try HiResCAM, another layer or another class.", "此层没有支持该类的证据：请尝试 HiResCAM、其他层或其他类别。";
    FACT_SUM: "sum of the map", "图的总和";
    FACT_DIFFERENCE: "difference of the scores", "得分之差";
    FACT_ERROR: "completeness error", "完备性误差";
    FACT_SWAP: "correlation with the map of", "与下列类别图的相关系数：";
    FACT_HALVES: "correlation of the two halves (enough at 0.95)", "两半的相关系数（达到 0.95 即足够）";
    FACT_CHANNELS: "channels tried", "尝试的通道数";
    FACT_WINDOWS: "windows", "窗口数";
    FACT_WINNERS: "most probable with a window covered", "遮住窗口后最可能的类别";
    LAYERS: "All 31 layers", "全部 31 层";
    CHANNELS: "channels", "个通道";
    NORMALISE: "Brightness", "亮度";
    PER_CHANNEL: "each map its own range", "每张图各自的范围";
    PER_LAYER: "one range for the layer", "整层同一范围";
    PER_MODEL: "one range for all layers", "所有层同一范围";
    ORDER: "Order", "排序";
    BY_INDEX: "channel number", "通道编号";
    BY_MEAN: "largest mean", "平均值最大";
    BY_MAX: "largest maximum", "最大值最大";
    BY_SPARSITY: "fewest zeros", "零最少";
    PAGE: "Page", "页";
    PREVIOUS: "Previous page", "上一页";
    NEXT: "Next page", "下一页";
    GRID_HINT: "Hover to see which part of the photo a place sees; click for the large map.", "悬停查看某处对应照片的哪一部分；点击查看大图。";
    DEAD: "silent on this image", "对此图无响应";
    CHANNEL: "Channel", "通道";
    MEAN: "mean", "平均";
    STD: "std. deviation", "标准差";
    MINIMUM: "minimum", "最小";
    MAXIMUM: "maximum", "最大";
    SPARSITY: "zero or below", "不大于零";
    HISTOGRAM: "Histogram of the values", "数值直方图";
    FIELD: "Receptive field", "感受野";
    PIXELS: "pixels", "像素";
    VALUE: "value", "值";
    AT: "at", "位于";
    READ: "How to read this", "如何理解";
    CAVEAT: "What it does not show", "它没有说明什么";
    PAPER: "Source", "来源";
    COMPUTING: "computing", "计算中";
    CANCEL: "Cancel", "取消";
    RETRY: "Try again", "重试";
    DISMISS: "Dismiss", "知道了";
    DETAIL: "Detail", "详细信息";
    RESTARTED: "The engine was restarted; your picture was kept.", "引擎已重新启动；您的图片已保留。";
    WAITING: "waiting for the weights of this layer", "正在等待这一层的权重";
    SOFTWARE: "software", "软件";
    HEAD_NOTE: "The classifier head is our own distilled one (about 64 % top-1 on an easier subset; the original: 71.6 %).", "分类头是我们自己蒸馏的（在较易子集上 top-1 约 64%；原始为 71.6%）。";
    FOOTER: "VGG16 convolutions: torchvision IMAGENET1K_V1, 8 and 9 bit. The weights (15 MB) are kept in the browser.", "VGG16 卷积：torchvision IMAGENET1K_V1，8 位与 9 位量化。权重（15 MB）保存在浏览器中。";
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
        "grad_cam" => text("Grad-CAM", "Grad-CAM"),
        "grad_cam_pp" => text("Grad-CAM++", "Grad-CAM++"),
        "xgrad_cam" => text("XGrad-CAM", "XGrad-CAM"),
        "hires_cam" => text("HiResCAM", "HiResCAM"),
        "layer_cam" => text("Layer-CAM", "Layer-CAM"),
        other => text(other, other),
    }
}
