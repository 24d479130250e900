//! The example pictures: each free to use, each teaching something.

use super::text::{Text, text};

/// One of the bundled pictures, `www/examples/<id>.jpg`.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// File name without `.jpg`; the key in links.
    pub id: &'static str,
    /// What the picture shows, as the page names it.
    pub title: Text,
    /// Author and licence.
    pub licence: &'static str,
}

/// The first screen: the photo with two animals, and the class of the one that is not its first answer (tabby).
pub const TWO: (&str, usize) = ("cat_raccoon", 281);

/// The bundled pictures, in the order in which the page offers them; the first one opens where a link names none.
pub const EXAMPLES: &[Example] = &[
    Example { id: "cat", title: text!("Cat", "猫"), licence: "Chelsea by Stefan van der Walt, CC0 (scikit-image)" },
    Example {
        id: "cat_raccoon",
        title: text!("Two animals: cat and raccoon", "两只动物：猫和浣熊"),
        licence: "collage of cat and raccoon, CC0 and public domain",
    },
    Example {
        id: "coffee",
        title: text!("Coffee", "咖啡"),
        licence: "coffee cup by Rachel Michetti, CC0 (scikit-image)",
    },
    Example {
        id: "rocket", title: text!("Rocket", "火箭"), licence: "Falcon 9 launch by SpaceX, CC0 (scikit-image)"
    },
    Example {
        id: "camera",
        title: text!("Camera man (grey)", "摄影师（灰度）"),
        licence: "Lav Varshney, CC0 (scikit-image)",
    },
    Example {
        id: "astronaut", title: text!("Astronaut", "宇航员"), licence: "Eileen Collins by NASA, public domain"
    },
    Example {
        id: "raccoon",
        title: text!("Raccoon: no such class", "浣熊：没有这个类别"),
        licence: "raccoon by Judy Weggelaar, public domain (scipy)",
    },
    Example {
        id: "horse",
        title: text!("Horse: an outline only", "马：只有轮廓"),
        licence: "horse silhouette by Andreas Preuss, CC0 (scikit-image)",
    },
];

/// The example called `id`.
pub fn example(id: &str) -> Option<&'static Example> {
    EXAMPLES.iter().find(|e| e.id == id)
}
