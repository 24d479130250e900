//! Every word of the page, in both languages.

pub use super::words::{family, figure, word};
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
    EXPLAIN_HINT: "Choose a method. What it explains:", "选择一种方法。所解释的是：";
    RUN: "Run", "运行";
    STRONGEST: "strongest", "最强";
    STALE: "of the picture before", "属于上一张图";
    NO_EVIDENCE: "No positive evidence for this class at this layer: try HiResCAM, another layer or another class.", "此层没有支持该类的证据：请尝试 HiResCAM、其他层或其他类别。";
    FACT_SWAP: "correlation with the map of", "与下列类别图的相关系数：";
    SO_FAR: "so far", "计算中的结果";
    LENS: "Rank of the class in each probe's guess (line), and what is usual (dashed). 1 is best.", "类别在各层探针猜测中的名次（实线）与通常情况（虚线）。1 为最好。";
    CURVE: "Objective step by step: what the ascent saw (line), and the picture as it can be shown (dots)", "逐步的目标值：优化所见（线）与可显示图像的值（点）";
    STEP: "Step", "步";
    PLAY: "Play", "播放";
    PAUSE: "Pause", "暂停";
    PAUSED: "paused", "已暂停";
    CONTINUE: "Continue", "继续";
    SECOND: "Second picture", "第二张图片";
    WANTS: "What it wants to see", "它想看到什么";
    GROW: "Grow it here", "在此生成";
    CODE_ERROR: "error at the layer", "层上的误差";
    PIXEL_LIKENESS: "pixels (Pearson)", "像素（Pearson）";
    GUESSES: "What each probe guesses", "各探针的猜测";
    RANK: "rank", "名次";
    REST: "the rest", "其余";
    LAYER: "Layer", "层";
    ACTIVATIONS: "in activations", "来自激活";
    BIASES: "in biases above", "来自上层偏置";
    CLASS: "Class", "类别";
    BEFORE: "before", "之前";
    AFTER: "after", "之后";
    BACK_TO_CLASS: "Explain the class again", "重新解释类别";
    HEAD: "Classifier head", "分类头";
    HEAD_DEFAULT: "with a hidden layer (64.7 %)", "含隐藏层（64.7%）";
    HEAD_LINEAR: "linear, for teaching (61.5 %)", "线性，教学用（61.5%）";
    SEARCH: "Find one of the 1000 classes", "在 1000 个类别中查找";
    NOTHING_FOUND: "No class has this in its name.", "没有名称包含此内容的类别。";
    EXPLAIN_UNIT: "Explain this channel", "解释该通道";
    EXPLAIN_PLACE: "Explain this neuron", "解释该神经元";
    PLACE_HINT: "Click a place of the map to ask about that neuron alone.", "点击图中某处，只询问那个神经元。";
    FEATURE_MAP: "Feature map", "特征图";
    DECONVNET: "Deconvnet", "反卷积网络";
    ABLATE: "Switch it off", "关闭它";
    SANKEY_HINT: "From the pixels (left) to the class (right). Choose a node to ask about it.", "从像素（左）到类别（右）。点击节点可进一步询问。";
    BOARD: "Compare methods", "方法对比";
    BOARD_HINT: "Up to six methods on the same picture and class. The pointer marks the same place on all maps.", "同一图像、同一类别，最多六种方法。指针在所有图上标出同一位置。";
    NOT_THIS_TARGET: "cannot explain this target", "不能解释这个目标";
    COMPARE: "Compare", "对比";
    LIKENESS: "How alike the maps are (Pearson)", "各图的相似度（Pearson）";
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

/// Single numbers among a method's facts, in the order shown.
pub const FACTS: &[(&str, Text)] = &[
    ("score", text("score that is explained", "被解释的得分")),
    ("sum", text("sum of the map", "图的总和")),
    ("conservation", text("conservation: sum / score", "守恒：总和 / 得分")),
    ("difference", text("difference of the scores", "得分之差")),
    ("error", text("completeness error", "完备性误差")),
    ("windows", text("windows", "窗口数")),
    ("masks", text("masks", "蒙版数")),
    ("halves", text("correlation of the two halves (enough at 0.95)", "两半的相关系数（达到 0.95 即足够）")),
    ("channels", text("channels tried", "尝试的通道数")),
    ("residual", text("left out by the parts (relative)", "各部分未能表示的比例")),
    ("segments", text("segments", "分割数")),
    ("r2", text("R² of the linear model", "线性模型的 R²")),
    ("objective", text("objective of the picture shown", "所示图像的目标值")),
    ("shaken", text("its mean under eight random warps", "八次随机扭动下的平均")),
    ("shaken_min", text("its least under them", "其中最小")),
    ("steps_done", text("steps done", "已完成的步数")),
    ("gradient", text("mean length of the gradient", "梯度的平均长度")),
    ("clipped", text("share of steps at which it was above 1", "其中超过 1 的步数比例")),
    ("relative_error", text("relative error at the layer", "层上的相对误差")),
    ("pixel_correlation", text("correlation of the pixels with the photo", "像素与照片的相关系数")),
    ("spread", text("mean deviation of a coefficient over three seeds", "系数在三个随机种子间的平均偏差")),
];
