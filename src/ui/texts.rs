//! Every word of the page, in both languages.

use crate::catalog::text::{Lang, Text, text};
pub use crate::catalog::words::{family, question, word};
pub use crate::methods::names::name as figure;
use crate::state::State;

/// A share of 1 in per cent, as the language writes it.
pub fn percent(share: f64, digits: usize, lang: Lang) -> String {
    let space = if lang == Lang::En { " " } else { "" };
    format!("{:.digits$}{space}%", share * 100.0)
}

/// Text of which no line ends between a number and its per cent sign.
pub fn unbroken(text: &str) -> String {
    text.replace(" %", "\u{a0}%")
}

macro_rules! texts {
    ($($name:ident: $en:literal, $zh:literal;)*) => { $(
        #[doc = $en]
        pub const $name: Text = text!($en, $zh);
    )* };
}

texts! {
    NETWORK: "Network", "网络";
    OWN_NETWORK: "Open your own network …", "打开您自己的网络……";
    OWN_NETWORK_HINT: "PyTorch, ONNX, Keras, safetensors or TensorFlow.js; or drop its file anywhere. It stays in this browser.", "PyTorch、ONNX、Keras、safetensors 或 TensorFlow.js；也可把文件拖到页面任意处。文件不会离开此浏览器。";
    MISSING_NETWORK: "This link was made with a network that is a file of its maker's. Open that file to see the view.", "此链接是用制作者自己的网络文件做的。打开该文件即可看到此视图。";
    OTHER_FILE: "This is another file than the one that the link was made with.", "这不是制作此链接时所用的文件。";
    KEEP_NETWORK: "Keep in this browser", "保存在此浏览器";
    DELETE_NETWORK: "Delete", "删除";
    DELETE_KEPT: "Kept in this browser. Delete", "已保存在此浏览器。删除";
    OWN_NETWORK_NOTE: "Your own, opened from a file.", "您自己的网络，来自文件。";
    TAGLINE: "A real network in your browser. Nothing is uploaded.", "真实的网络，在您的浏览器里运行。不上传任何内容。";
    THEME: "Light or dark", "浅色或深色";
    STARTING: "starting …", "启动中……";
    WEIGHTS: "Network weights", "网络权重";
    IMAGE: "Image", "图像";
    DROP: "Drop, paste or choose a photo", "拖入、粘贴或选择照片";
    DROP_HERE: "Drop it anywhere", "松开即可";
    CHOOSE: "Use my photo", "使用我的照片";
    CROP: "Which part is read", "读取哪一部分";
    CROP_HINT: "The network reads the bright square: drag it, or move it with the arrow keys.", "网络读取明亮的方框：可拖动，或用方向键移动。";
    CROP_SIDE: "Size of the square", "方框大小";
    FIT: "How the photo fits", "照片如何适配";
    FIT_CROP: "a square of it", "取一个方框";
    FIT_CONTAIN: "all of it, grey beside it", "整张照片，两侧补灰";
    FIT_STRETCH: "all of it, squeezed", "整张照片，压成方形";
    CAMERA: "Camera", "摄像头";
    TAKE: "Take the picture", "拍照";
    CLOSE: "Close", "关闭";
    NO_CAMERA: "The camera could not be opened. Allow it in the browser, or choose a file.", "无法打开摄像头。请在浏览器中允许，或选择文件。";
    CAMERA_HIDDEN: "This browser protects against fingerprinting and lets no page read what the camera shows. Take the photo with the camera's own program and choose the file.", "此浏览器的防指纹保护不允许网页读取摄像头画面。请用相机应用拍照，再选择文件。";
    EXAMPLES: "Examples", "示例";
    FIRST_FRAME: "Animation: only the first frame is used.", "动图：只使用第一帧。";
    ALPHA_ON_WHITE: "Transparent pixels were laid on white.", "透明像素已铺在白色背景上。";
    ORIENTED: "Turned as the camera was held (EXIF).", "已按拍摄方向（EXIF）旋转。";
    CONVERTED: "Its colours were converted to sRGB by the profile in the file.", "已按文件中的颜色配置文件转换为 sRGB。";
    PROFILE_IGNORED: "Its colour profile is of a kind that is not converted: the colours were taken as sRGB.", "其颜色配置文件的类型不受支持：颜色按 sRGB 处理。";
    DECODED_BY_BROWSER: "Decoded by the browser: another browser may show slightly different pixels.", "由浏览器解码：其他浏览器的像素可能略有不同。";
    DAMAGED: "Parts of this file are damaged: the picture is what could be read.", "此文件部分损坏：图片是尽力读取的结果。";
    CLASSES: "What {net} sees", "{net} 看到了什么";
    CLASSES_HINT: "Choose a class to see where its evidence lies.", "选择一个类别，看它的证据在哪里。";
    TWO_ANSWERS: "One photo, two answers. Tap a class.", "一张照片，两个答案。点选一个类别。";
    PRECOMPUTED: "Example result, computed earlier", "示例结果（预先计算）";
    OVERLAY: "Overlay", "叠加";
    HEAT: "Map", "热图";
    PHOTO: "Photo", "照片";
    PALETTE: "Palette", "配色";
    OPACITY: "Opacity", "不透明度";
    SIGNED: "signed (for and against)", "带符号（支持与反对）";
    EVIDENCE: "evidence for the class", "支持该类的证据";
    EXPLAIN: "Explain the decision", "解释这个决策";
    RUN: "Run", "运行";
    UPDATE: "Update", "更新";
    ABOUT: "about", "约";
    LEFT: "left: about", "还需约";
    STORY_SHORT: "Story", "导览";
    ASK: "Ask", "提问";
    LAYERS_BUTTON: "Layers", "各层";
    PLACES: "Places of the page", "页面各处";
    SETTINGS: "Settings and details", "设置与详情";
    DETAILS: "Formula, source, PyTorch, report", "公式、出处、PyTorch、报告";
    COMPUTED: "How this was computed", "计算方式";
    MORE_SETTINGS: "More settings", "更多设置";
    FIND_METHOD: "Find a method: name, author, year", "查找方法：名称、作者、年份";
    SKIP: "Skip to the methods", "跳到各种方法";
    STRONGEST: "strongest", "最强";
    STRONGEST_IN: "most of it in the", "最集中于";
    STALE: "result for the previous picture", "上一张图的结果";
    STALE_TARGET: "result for another class or unit than the one chosen now", "另一个类别或单元的结果，并非当前所选";
    STALE_PARAMETERS: "result for other settings than those chosen now: run again", "另一组参数的结果，并非当前所选：请重新运行";
    NO_EVIDENCE: "No positive evidence for this class at this layer: try HiResCAM, another layer or another class.", "此层没有支持该类的证据：请尝试 HiResCAM、其他层或其他类别。";
    FACT_SWAP: "likeness (1: the same) to the map of", "与此类别的图的相似度（1 为相同）";
    AFTER_OFFER: "The maps come with the network.", "特征图会在下载网络之后显示。";
    POSTER: "What the page will draw here on your photo, once the network is there; made in advance on the example of a cat.", "下载网络之后，本页会在您的照片上画出这样的图；此处为事先用猫的示例图做好的。";
    RUN_AGAIN: "Run again", "重新运行";
    SO_FAR: "still computing", "仍在计算";
    LENS: "Solid: rank of the class at each layer's probe. Dashed: typical rank. 1 is best.", "实线：该类别在各层探针中的名次。虚线：通常的名次。1 为最好。";
    CURVE: "Objective at each step: during optimisation (line); of the displayable picture (dots)", "每一步的目标值：优化过程中（线）；可显示的图像（点）";
    STEP: "Step", "步";
    PLAY: "Play", "播放";
    PAUSE: "Pause", "暂停";
    PAUSED: "paused", "已暂停";
    CONTINUE: "Continue", "继续";
    SECOND: "Second picture", "第二张图片";
    WANTS: "What it wants to see", "它想看到什么";
    GROW: "Generate it here", "在此生成";
    CODE_ERROR: "error at the layer", "层上的误差";
    PIXEL_LIKENESS: "pixels (Pearson)", "像素（Pearson）";
    GUESSES: "What each probe guesses", "各探针的猜测";
    RANK: "rank", "名次";
    REST: "the rest", "其余";
    LAYER: "Layer", "层";
    ACTIVATIONS: "from activations", "来自激活";
    BIASES: "from biases of later layers", "来自后面各层的偏置";
    CLASS: "Class", "类别";
    LABS: "Diagnose: is the decision robust, what does it lean on, can the explanation be trusted?", "诊断：决策是否稳健、依赖什么、解释是否可信？";
    REGION: "Region", "区域";
    REGION_HINT: "Mark a part of the photo: draw boxes, or paint.", "标出照片的一部分：画方框，或涂抹。";
    BOX: "Box", "方框";
    BRUSH: "Brush", "画笔";
    CLEAR: "Clear", "清除";
    GALLERY: "Pictures in groups", "分组的图片";
    GALLERY_HINT: "Drop files or folders here; a folder is a group. They stay in this browser.", "可把文件或文件夹拖到这里；一个文件夹为一组。图片只留在本浏览器中。";
    GROUP: "Group name for single files", "单个文件的组名";
    CONCEPT: "my concept", "我的概念";
    ADD_FILES: "Add files", "添加文件";
    ADD_FOLDER: "Add a folder", "添加文件夹";
    REMOVE: "Remove", "移除";
    REFUSED: "Files that could not be opened as pictures:", "无法作为图片打开的文件数：";
    AS_BOARD: "Use the compare board's methods", "使用对比面板中的方法";
    JUDGE: "Test them", "检验它们";
    GROW_CONCEPT: "Generate what the concept looks like", "生成该概念的样子";
    REPORT: "Report of this picture", "这张图片的报告";
    REPORT_HINT: "The last result of every method on this picture, with all numbers and parameters.", "每种方法在这张图片上的最近一次结果，含全部数值与参数。";
    VERDICT: "Fails: with all weights randomised, the map still resembles the original (rank correlation 0.2 or more). Passes: it changes. The limit of 0.2 is this page's own, not the paper's.", "未通过：所有权重随机化后，图仍与随机化之前相似（秩相关 ≥ 0.2）。通过：图随之改变。0.2 这一界限是本页自定的，并非出自论文。";
    CONCEPTS_HINT: "Shown only where the classifier finds the concept (accuracy at least 0.7) and chance is unlikely (p below 0.05 after correction for the number of concepts). Small sets are unstable: add pictures and run again.", "仅当分类器能识别该概念（准确率 ≥ 0.7）且不大可能出于偶然（校正后 p < 0.05）时才显示。图片少时结果不稳定：请添加图片后重试。";
    METRICS_HINT: "Compare with the columns random and centre: a method that is no better than these has not been shown to be faithful. The metrics disagree; there is no overall winner.", "请与“随机”“中心”两列比较：若不优于它们，就没有证据表明该方法忠实。各指标会互相矛盾；没有总冠军。";
    SAVE_AS: "Save as …", "另存为…";
    WITH_CAPTION: "PNG with caption", "带说明的 PNG";
    OFFER: "To compute here, and for your own photos, the network's weights have to be fetched once.", "要在这里计算、并用于您自己的照片，需要先下载一次网络权重。";
    FETCH: "Run the network here", "在此运行网络";
    ELSEWHERE: "This picture lies on another site, which would learn your IP address:", "此图片位于其他网站，打开时该网站会得知您的 IP 地址：";
    AROUND: "The page around this one asks for what you see here, which was made from a picture of your own: the picture, its maps, classes and numbers. It may keep them. May it have them, until this page is closed or reloaded? It is:", "外层网页请求获取此处所示的内容；它们来自您自己的图片：图片、热图、类别与数值，对方可能保存。在本页关闭或刷新之前，是否允许？该网页是：";
    ALLOW: "Yes, give them", "允许";
    REFUSE: "No", "不允许";
    MORE_DROPPED: "More pictures were dropped. They can be groups of the gallery, which concepts and the audit of groups use:", "您还拖入了其他图片。可将它们作为图片集中的分组，供概念与分组审计使用：";
    ADD_THEM: "Add them", "添加";
    OPEN_IT: "Open it", "打开";
    OWN_PICTURE: "This link was made with somebody's own photo, which no link can carry. Drop, paste or choose yours: everything else is set.", "此链接是用他人自己的照片制作的，链接无法携带照片。请拖入、粘贴或选择您的照片：其余均已设好。";
    REFUSED_KEYS: "A setting in this link is unknown; its default is used:", "此链接中有无法识别的设置，已改用默认值：";
    EXPLAINS: "Explain", "解释";
    DIAGNOSES: "Diagnose", "诊断";
    KEYBOARD: "Keyboard", "键盘";
    SHARE: "Share this view", "分享此视图";
    SHARE_SHORT: "Share", "分享";
    SHARE_LINK: "Link", "链接";
    SHARE_FRAME: "For a page: frame", "嵌入网页：iframe";
    SHARE_ELEMENT: "For a page: element (a poster until it is clicked)", "嵌入网页：自定义元素（点击前只显示预览图）";
    SHARE_CITE: "Citation", "引用";
    SHARE_LOCAL: "Your photo stays with you: whoever opens the link is asked for a photo of their own.", "您的照片不会随链接发出：打开链接的人会被要求提供自己的照片。";
    TORCH: "The same in PyTorch", "用 PyTorch 复现";
    TORCH_HINT: "Complete with the page's weights, classes and random numbers. Save the three files side by side, then: pip install torch numpy pillow. It was compared with this page: README, \"The same in PyTorch\".", "使用本页的权重、类别和随机数，可独立运行。将三个文件存到同一文件夹，并执行 pip install torch numpy pillow。已与本页逐项比较：见 README。";
    TORCH_OWN: "Complete with your network, its classes and preprocessing, and the page's random numbers. Save the four files side by side, then: pip install torch numpy pillow. The last but one is your network as this page read it: names of layers are those shown here, batch normalisation is folded into the convolutions.", "包含您的网络及其类别和预处理，以及本页的随机数，可独立运行。将四个文件存到同一文件夹，并执行 pip install torch numpy pillow。倒数第二个文件是本页所读取的您的网络：层名与此处显示的一致，批归一化已并入卷积。";
    TORCH_LEFT_OUT: "Settings the script leaves at their defaults:", "脚本中保持默认值的设置：";
    TORCH_HEAD: "The script has the default head, not the teaching one.", "脚本使用默认分类头，而非教学用分类头。";
    TORCH_FAILED: "The script could not be fetched: check the connection and try again.", "无法获取脚本：请检查网络后重试。";
    COPY: "Copy", "复制";
    COPIED: "Copied", "已复制";
    WHOLE: "Open in CNN Lens", "在 CNN Lens 中打开";
    BEFORE: "before", "之前";
    AFTER: "after", "之后";
    BACK_TO_CLASS: "Explain the class again", "重新解释类别";
    HEAD: "Classifier head", "分类头";
    HEAD_DEFAULT: "two layers (73.4 % right)", "两层（答对 73.4%）";
    HEAD_LINEAR: "one, for teaching (61.5 % right)", "一层，教学用（答对 61.5%）";
    SEARCH: "Find one of the {n} classes", "在 {n} 个类别中查找";
    NO_METHOD_FOUND: "No method has this in its name, question or paper.", "没有名称、问题或论文包含此内容的方法。";
    QUESTIONS: "What do you want to know?", "您想知道什么？";
    CROPPED: "Only a square of the photo is read. Choose it", "只读取照片中的一个方框。选择位置";
    NOTHING_FOUND: "No class has this in its name.", "没有名称包含此内容的类别。";
    EXPLAIN_UNIT: "Explain this channel", "解释该通道";
    EXPLAIN_PLACE: "Explain this neuron", "解释该神经元";
    PLACE_HINT: "Click a place of the map to ask about that neuron alone.", "点击图中某处，只询问那个神经元。";
    FEATURE_MAP: "Feature map", "特征图";
    DECONVNET: "Deconvnet", "反卷积网络";
    ABLATE: "Switch it off", "关闭它";
    SANKEY_HINT: "From the pixels (left) to the class (right). Choose a node to ask about it.", "从像素（左）到类别（右）。点击节点可进一步询问。";
    SANKEY_DOWN: "From the pixels (top) to the class (bottom). Choose a node to ask about it.", "从像素（上）到类别（下）。点击节点可进一步询问。";
    BOARD: "Compare", "对比";
    COMPARE_OPEN: "+ Compare", "＋ 对比";
    BY: "Side by side", "并排";
    BY_METHODS: "methods", "方法";
    BY_CLASSES: "classes", "类别";
    BY_LAYERS: "layers", "层";
    BY_PHOTOS: "photos", "照片";
    BY_NETWORKS: "networks", "网络";
    OTHER_NETWORK: "The other network", "另一个网络";
    OPEN_FILE: "Open a file …", "打开文件……";
    CHOOSE_NETWORK: "Choose the other network …", "选择另一个网络……";
    AWAITED_NETWORK: "This link compares with a network that is a file of its maker's. Open that file to see both.", "此链接还与制作者自己的网络文件作对比。打开该文件即可看到两者。";
    PAIR_SAME: "Both say {ca}: {a} with {pa}, {b} with {pb}.", "两者都认为是{ca}：{a} 为 {pa}，{b} 为 {pb}。";
    PAIR_OTHER: "{a} says {ca} ({pa}), {b} says {cb} ({pb}).", "{a} 认为是{ca}（{pa}），{b} 认为是{cb}（{pb}）。";
    PAIR_ONE_CLASS: "Both maps are for {class}.", "两张图解释的都是{class}。";
    PAIR_TWO_CLASSES: "{a}'s map is for {class}; {b} has no class of that name, so its map is for {theirs}.", "{a} 的图解释{class}；{b} 没有同名的类别，它的图解释{theirs}。";
    PAIR_METHOD: "{wished} cannot be made for both: the maps are {method}'s.", "{wished}不能同时用于两者，故改用 {method}。";
    PAIR_SHARE: "Their maps {how}: {share} of the strongest fifth is the same place (chance: 20 %).", "两张图{how}：最强的五分之一区域中有 {share} 重合（随机水平：20%）。";
    PAIR_WELL: "agree well", "相当一致";
    PAIR_PARTLY: "agree in part", "部分一致";
    PAIR_HARDLY: "hardly agree", "几乎不一致";
    PAIR_PLACES: "{a} looks more at the {x}, {b} more at the {y}.", "{a} 更多看{x}，{b} 更多看{y}。";
    DIFFERENCE: "Where they differ", "不同之处";
    DIFFERENCE_HINT: "Each map divided by its largest value. Red: {a} has more; blue: {b} has more.", "每张图除以自身最大值后相减。红：{a} 更强；蓝：{b} 更强。";
    FOLDER: "The two on a folder of photos", "两个网络看一个文件夹的照片";
    FOLDER_HINT: "Drop a folder or photos here, or choose them: both networks say what they see on each. They stay in this browser.", "将文件夹或照片拖到这里，或选择它们：两个网络会分别说出每张照片的类别。照片只留在本浏览器中。";
    AGREED: "They name the same class on {n} of {all} photos ({share}).", "{all} 张照片中有 {n} 张两者给出同一类别（{share}）。";
    NO_CLASS_IN_COMMON: "No class of one has the name of a class of the other: the table shows which go together on {all} photos.", "两者没有同名的类别：下表显示 {all} 张照片中哪些类别同时出现。";
    SAME_CLASS: "the same", "同一类别";
    OTHER_CLASS: "another", "其他类别";
    OPEN_A_CELL: "Choose a number to see its photos; choose a photo to compare the two on it.", "点选数字可查看其照片；点选照片可在上方对比。";
    LEFT_OUT: "Only the first {most} photos are taken; {n} were left out.", "只取前 {most} 张照片，另有 {n} 张未取。";
    METHOD: "Method", "方法";
    CELLS: "How many", "数量";
    OWN_SCALE: "One palette; every map up to its own largest value. The pointer marks the same place on all of them.", "同一配色；每张图以自身最大值为上限。指针在所有图上标出同一位置。";
    ONE_SCALE: "One palette and one scale for all maps. The pointer marks the same place on all of them.", "所有图使用同一配色和同一标尺。指针在所有图上标出同一位置。";
    MORE_PHOTOS: "Open another photo: it comes beside this one. Another method has to see each of them again.", "再打开一张照片，它会排在这张旁边。换了方法，每张都要重新打开。";
    NOT_THIS_TARGET: "cannot explain this target", "不能解释这个目标";
    COMPARE: "Compare", "对比";
    LIKENESS: "How alike the maps are (Pearson)", "各图的相似度（Pearson）";
    LAYERS: "The network: of each layer the channel that answers most", "网络：每层响应最强的通道";
    BEFORE_RELU: "before the ReLU", "ReLU 之前";
    AFTER_RELU: "after the ReLU", "ReLU 之后";
    BACK: "Back to the photo", "返回照片";
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
    PAGE: "Page {at} / {of}", "第 {at} / {of} 页";
    PREVIOUS: "Previous page", "上一页";
    NEXT: "Next page", "下一页";
    GRID_HINT: "Point at a map, or touch it, to see which part of the photo a place sees; open it to see it large.", "指向或触摸图中某处，查看它对应照片的哪一部分；点开可看大图。";
    DEAD: "silent on this image", "对此图无响应";
    CHANNEL: "Channel", "通道";
    MEAN: "mean", "平均";
    STD: "std. deviation", "标准差";
    MINIMUM: "minimum", "最小";
    MAXIMUM: "maximum", "最大";
    SPARSITY: "zero or below", "不大于零";
    HISTOGRAM: "Histogram of the values", "数值直方图";
    FIELD: "Receptive field", "感受野";
    WHOLE_PHOTO: "the whole photo", "整张照片";
    PIXELS: "pixels", "像素";
    VALUE: "value", "值";
    AT: "at", "位于";
    READ: "How to read this", "如何理解";
    CAVEAT: "What it does not show", "它不能说明什么";
    PAPER: "Source", "来源";
    COMPUTING: "computing", "计算中";
    CANCEL: "Cancel", "取消";
    RETRY: "Try again", "重试";
    DISMISS: "Dismiss", "知道了";
    DETAIL: "Detail", "详细信息";
    RESTARTED: "The engine was restarted; your picture was kept.", "引擎已重新启动；您的图片已保留。";
    WAITING: "waiting for the weights of this layer", "正在等待这一层的权重";
    SOFTWARE: "software", "软件";
    HEAD_NOTE: "The classifier head is our own: 73.4 % right on an easier subset (the original: 71.6 % of all).", "分类头是我们自己的：在较易子集上答对 73.4%（原始分类头在全部图片上为 71.6%）。";
    FOOTER: "VGG16 from torchvision, in 8 and 9 bit; its 15.5 MB stay in the browser.", "VGG16 来自 torchvision，8 位与 9 位；其 15.5 MB 权重保存在浏览器中。";
    STORY: "The story of VGG16", "VGG16 导览";
    STORY_MISSING: "The story could not be fetched: check the connection and try again.", "无法获取导览：请检查网络后重试。";
    SOURCE_CODE: "Source code", "源代码";
    LICENCE: "Code: MIT or Apache-2.0", "代码许可：MIT 或 Apache-2.0";
    HOW_TO_CITE: "How to cite", "如何引用";
}

/// An expected time in words: rounded, as it is no more than expected.
pub fn expected(lang: Lang, seconds: f64) -> String {
    let about = ABOUT.get(lang);
    match seconds {
        s if s < 1.0 => "< 1 s".into(),
        s if s < 20.0 => format!("{about} {:.0} s", s.ceil()),
        s if s < 90.0 => format!("{about} {:.0} s", (s / 10.0).ceil() * 10.0),
        s => format!("{about} {:.0} min", (s / 60.0).ceil()),
    }
}

/// A text that names the network in use.
pub fn of_network(text: Text, s: &State) -> String {
    text.get(s.lang).replace("{net}", &s.net.card().name)
}
