//! Everything that can go wrong for a visitor: one sentence and one thing to do next, in both languages.

use serde::{Deserialize, Serialize};

use super::text::{Text, text};
use crate::ops::snake_case;

macro_rules! problems {
    ($($(#[$doc:meta])* $name:ident: $en:literal, $zh:literal => $en_do:literal, $zh_do:literal;)*) => {
        /// A kind of problem; its JavaScript name is in snake_case.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum ProblemKind { $($(#[$doc])* $name,)* }

        impl ProblemKind {
            /// Every kind of problem, in the order of this list.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The kind with this JavaScript name.
            pub fn named(id: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.id() == id)
            }

            /// Its JavaScript name.
            pub fn id(self) -> String {
                snake_case(match self { $(Self::$name => stringify!($name),)* })
            }

            /// Whether weights did not come: it helps to ask for them again.
            pub fn of_weights(self) -> bool {
                matches!(self, Self::WeightsMissing | Self::WeightsDamaged | Self::WeightsWrongHash | Self::PageForFile)
            }

            /// Whether it is a question that cannot be answered as it was asked: another one has nothing to do with it.
            pub fn of_question(self) -> bool {
                matches!(self, Self::BadParameter | Self::UnknownMethod | Self::OtherNetwork | Self::NoSecond | Self::NoGallery)
            }

            /// Whether it is this file or photo that cannot be used: another one may be.
            pub fn of_photo(self) -> bool {
                let file = matches!(self, Self::ImageMissing | Self::FileChanged | Self::EmptyFile | Self::UnknownSource);
                let kind = matches!(self, Self::NotAnImage | Self::UnsupportedFormat | Self::TruncatedImage | Self::DamagedImage);
                file || kind || matches!(self, Self::ImageTooLarge | Self::ImageTooSmall)
            }

            /// Whether the engine ended in the middle of its work: another one may do it.
            pub fn of_engine(self) -> bool {
                matches!(self, Self::EngineStopped | Self::DeviceLost)
            }

            /// What happened, in one sentence for the visitor.
            pub fn sentence(self) -> Text {
                match self { $(Self::$name => text!($en, $zh),)* }
            }

            /// What the visitor can do next.
            pub fn action(self) -> Text {
                match self { $(Self::$name => text!($en_do, $zh_do),)* }
            }
        }
    };
}

problems! {
    /// An image's address gave nothing.
    ImageMissing: "The image could not be fetched.", "无法获取图像。"
        => "Check the address; the other site must allow it (CORS), or save the picture and drop the file.", "请检查地址；对方网站须允许跨域（CORS），也可以先保存图片再拖入。";
    /// A file that was changed, moved or deleted after it was chosen.
    FileChanged: "This file cannot be read any more: it was changed, moved or deleted after it was chosen.", "这个文件已无法读取：选择之后，它被更改、移动或删除了。"
        => "Choose it again; the picture in use stays.", "请重新选择该文件；正在使用的图片不受影响。";
    /// A file of 0 bytes.
    EmptyFile: "This file is empty (0 bytes).", "这个文件是空的（0 字节）。"
        => "Choose another file; this one may not have been saved or downloaded completely.", "请换一个文件；它可能没有完整保存或下载。";
    /// Bytes of no known image format.
    NotAnImage: "This file is not an image.", "这个文件不是图像。"
        => "Drop a photo in PNG, JPEG, WebP or GIF format, or in another that this browser shows.", "请拖入 PNG、JPEG、WebP、GIF 或此浏览器能显示的其他格式的照片。";
    /// What was dropped holds no file and no image.
    NoPicture: "There is no picture in what was dropped.", "拖入的内容里没有图片。"
        => "Drop a photo, a folder with photos, or an image of another page; or save it and choose the file.", "请拖入照片、含照片的文件夹或其他网页中的图片；也可先保存再选择文件。";
    /// A known format that ends before its picture does.
    TruncatedImage: "This image is incomplete: the file ends too early.", "这张图像不完整：文件提前结束。"
        => "Download or export it again, or open it in an image viewer and save a copy.", "请重新下载或导出，或用看图软件打开后另存一份。";
    /// A known format with bytes that cannot be right.
    DamagedImage: "This image is damaged.", "这张图像已损坏。"
        => "Download or export it again, or open it in an image viewer and save a copy.", "请重新下载或导出，或用看图软件打开后另存一份。";
    /// More pixels or bytes than we decode.
    ImageTooLarge: "This image is too large: at most 64 megapixels and 32 MB are opened.", "这张图像太大：最多支持 6400 万像素和 32 MB。"
        => "Scale it down first; the network itself sees 224 x 224 pixels.", "请先缩小它；网络本身只看 224×224 像素。";
    /// Too few pixels to show anything.
    ImageTooSmall: "This image is too small to show the network anything: at least 16 x 16 pixels.", "这张图像太小，网络看不出内容：至少需要 16×16 像素。"
        => "Use a larger image.", "请使用更大的图像。";
    /// A format that neither we nor the browser decode.
    UnsupportedFormat: "This image format is not supported.", "不支持这种图像格式。"
        => "Save it as PNG or JPEG (a screenshot works too) and drop it again.", "请另存为 PNG 或 JPEG（截图也可以）后再拖入。";
    /// A picture element of another site without its permission.
    PixelsForbidden: "This picture comes from another site, which does not let this page read it.", "此图片来自其他网站，该网站不允许本页面读取。"
        => "Load it with crossorigin=\"anonymous\" from a site that allows it (CORS), or save the picture and give the file.", "请用 crossorigin=\"anonymous\" 从允许跨域（CORS）的网站加载，或保存图片后提供文件。";
    /// Protection against fingerprinting: what is read back from a canvas is not what was drawn.
    PixelsAltered: "This browser changes the pixels that a page reads back (protection against fingerprinting).", "此浏览器会改动网页读回的像素（防指纹保护）。"
        => "Give the picture as a file in PNG, JPEG, WebP or GIF format, or allow this page to read canvas data.", "请以 PNG、JPEG、WebP 或 GIF 文件提供图片，或允许本页面读取画布数据。";
    /// Something that holds no picture.
    UnknownSource: "A picture cannot be taken from this.", "无法从此对象获取图片。"
        => "Give a URL, Blob, File, ImageData, <img>, <canvas>, <video>, ImageBitmap, VideoFrame, ArrayBuffer or typed array.", "请提供 URL、Blob、File、ImageData、<img>、<canvas>、<video>、ImageBitmap、VideoFrame、ArrayBuffer 或类型化数组。";
    /// A weights file could not be fetched.
    WeightsMissing: "The network's weights could not be downloaded.", "无法下载网络权重。"
        => "Check the connection and try again; on your own server, copy the folder weights/ along and allow files that end in .gz.", "请检查网络连接后重试；若是自己的服务器，请一并复制 weights/ 文件夹，并允许提供以 .gz 结尾的文件。";
    /// A weights file ended early.
    WeightsDamaged: "The network's weights arrived damaged or incomplete.", "网络权重下载不完整或已损坏。"
        => "Try again: the damaged file is not kept.", "请重试：损坏的文件不会被保留。";
    /// A weights file is not the one in the manifest.
    WeightsWrongHash: "A weights file is not the one this page was built with.", "权重文件与本页面的版本不一致。"
        => "Reload the page; on your own server, copy weights/ again as a whole.", "请刷新页面；若是自己的服务器，请重新完整复制 weights/。";
    /// A web page came where a file was asked for.
    PageForFile: "The host answered with a web page instead of the file.", "主机返回的是网页，而不是所需的文件。"
        => "If this is your own server, copy the folder weights/ along and switch off the rule that answers every address with index.html; else check that no sign-in page of your network is in the way.", "若是自己的服务器，请一并复制 weights/ 文件夹，并关闭“所有地址都返回 index.html”的规则；否则请检查是否被网络登录页面拦截。";
    /// WebGPU was asked for and is not there.
    NoWebgpu: "WebGPU is not available in this browser.", "此浏览器不支持 WebGPU。"
        => "The CPU is used instead; everything works, only slower.", "已改用 CPU：所有功能可用，只是慢一些。";
    /// The GPU went away.
    DeviceLost: "The graphics device was lost.", "图形设备已丢失。"
        => "The engine restarts by itself; if it happens again it continues on the CPU.", "引擎会自动重启；若再次发生将改用 CPU。";
    /// Memory ran out.
    OutOfMemory: "There is not enough memory for this.", "内存不足。"
        => "Close other tabs or use a smaller input size.", "请关闭其他标签页或减小输入尺寸。";
    /// The worker crashed or fell silent.
    EngineStopped: "The engine stopped.", "引擎停止了。"
        => "It was restarted and your picture was kept; try again.", "已重新启动并保留了您的图片；请重试。";
    /// A file of the engine is not on the host, or is served as something else.
    EngineMissing: "A file of the engine is missing.", "引擎缺少一个文件。"
        => "Check the connection and reload the page; on your own server, copy every file of dist/ and serve .js and .wasm as they are.", "请检查网络连接并刷新页面；若是自己的服务器，请复制 dist/ 的全部文件，并原样提供 .js 与 .wasm。";
    /// The page and the engine are of different builds.
    MixedVersions: "Parts of two versions of this page met.", "此页面混入了两个版本的部件。"
        => "Save what you need and reload the page.", "请保存需要的内容，然后刷新页面。";
    /// A parameter outside its range.
    BadParameter: "A parameter has a value that this method does not take.", "某个参数的取值不被此方法接受。"
        => "Choose a value from the list or range shown.", "请从列出的选项或范围中选择。";
    /// No such method.
    UnknownMethod: "There is no such method.", "没有这个方法。"
        => "See methods() for the list.", "请查看 methods() 的列表。";
    /// A method that needs what the network in use has not got.
    OtherNetwork: "This method cannot serve this network.", "此方法不适用于这个网络。"
        => "Choose another method, or another network.", "请选择其他方法或其他网络。";
    /// A method needs a picture first.
    NoImage: "There is no picture yet.", "还没有图片。"
        => "Drop a photo or choose an example first.", "请先拖入照片或选择一个示例。";
    /// A method that takes two pictures has only one.
    NoSecond: "This method takes a second picture.", "此方法需要第二张图片。"
        => "Choose one under Second picture, beside the method's parameters.", "请在方法参数旁的“第二张图片”处选择一张。";
    /// A method that takes groups of pictures has none.
    NoGallery: "This method takes pictures in groups, and there are none.", "此方法需要分组的图片，而现在没有。"
        => "Add files or a folder under Pictures, beside the method's parameters.", "请在方法参数旁的“图片集”处添加文件或文件夹。";
    /// A network of the visitor's own could not be kept in the browser.
    NotKept: "This browser could not keep the network: it has no room left, or keeps nothing for this page.", "此浏览器无法保存该网络：空间已满，或不为此页面保存内容。"
        => "Delete networks that are kept, or free space on this device; until the page is closed the network works as it is.", "请删除已保存的网络，或清理设备空间；在页面关闭之前该网络仍可使用。";
    /// The visitor cancelled.
    Cancelled: "Cancelled.", "已取消。"
        => "Nothing was changed.", "没有任何改变。";
    /// A bug of ours.
    Internal: "Something unexpected went wrong in the engine.", "引擎出现意外错误。"
        => "Reload the page; please report the detail shown.", "请刷新页面，并反馈所示的详细信息。";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Lang;
    use crate::catalog::picture::LIMITS;

    #[test]
    fn the_sentences_name_the_limits() {
        let (large, small) = (ProblemKind::ImageTooLarge.sentence(), ProblemKind::ImageTooSmall.sentence());
        let has =
            |text: &str, words: &[String]| words.iter().for_each(|w| assert!(text.contains(w.as_str()), "{text}: {w}"));
        let (pixels, bytes, side) = (LIMITS.pixels, LIMITS.bytes >> 20, LIMITS.side);
        has(large.get(Lang::En), &[format!("{} megapixels", pixels / 1_000_000), format!("{bytes} MB")]);
        has(large.get(Lang::Zh), &[format!("{} 万像素", pixels / 10_000), format!("{bytes} MB")]);
        has(small.get(Lang::En), &[format!("{side} x {side}")]);
        has(small.get(Lang::Zh), &[format!("{side}×{side}")]);
    }

    #[test]
    fn every_problem_has_a_sentence_and_an_action_in_both_languages() {
        for kind in ProblemKind::ALL {
            for t in [kind.sentence(), kind.action()] {
                assert!(t.get(Lang::En).is_ascii() && t.get(Lang::En).ends_with('.'), "{kind:?}: {}", t.get(Lang::En));
                assert!(
                    !t.get(Lang::Zh).is_ascii() && (t.get(Lang::Zh).ends_with('。')),
                    "{kind:?}: {}",
                    t.get(Lang::Zh)
                );
            }
        }
    }
}
