//! The sixteen entry-level classes of Geirhos et al. 2019 and their ImageNet members.

use super::text::{Text, text};

/// Name and members, each as ranges from first to last.
pub type Entry = (Text, &'static [(usize, usize)]);

/// The sixteen superclasses, each with its ImageNet classes.
pub const SIXTEEN: &[Entry] = &[
    (text!("airplane", "飞机"), &[(404, 404)]),
    (text!("bear", "熊"), &[(294, 297)]),
    (text!("bicycle", "自行车"), &[(444, 444), (671, 671)]),
    (
        text!("bird", "鸟"),
        &[(8, 8), (10, 16), (18, 20), (22, 24), (80, 83), (87, 96), (98, 100), (127, 133), (135, 145)],
    ),
    (text!("boat", "船"), &[(472, 472), (554, 554), (625, 625), (814, 814), (914, 914)]),
    (text!("bottle", "瓶子"), &[(440, 440), (720, 720), (737, 737), (898, 899), (901, 901), (907, 907)]),
    (text!("car", "汽车"), &[(436, 436), (511, 511), (817, 817)]),
    (text!("cat", "猫"), &[(281, 286)]),
    (text!("chair", "椅子"), &[(423, 423), (559, 559), (765, 765), (857, 857)]),
    (text!("clock", "钟"), &[(409, 409), (530, 530), (892, 892)]),
    (
        text!("dog", "狗"),
        &[(152, 191), (193, 203), (205, 226), (228, 241), (243, 250), (252, 257), (259, 259), (261, 263), (265, 268)],
    ),
    (text!("elephant", "大象"), &[(385, 386)]),
    (text!("keyboard", "键盘"), &[(508, 508), (878, 878)]),
    (text!("knife", "刀"), &[(499, 499)]),
    (text!("oven", "烤箱"), &[(766, 766)]),
    (
        text!("truck", "卡车"),
        &[(555, 555), (569, 569), (656, 656), (675, 675), (717, 717), (734, 734), (864, 864), (867, 867)],
    ),
];

/// The mean probability of an entry's members (the authors' recommendation).
pub fn mean(entry: &Entry, probability: impl Fn(usize) -> f32) -> f32 {
    let members = || entry.1.iter().flat_map(|(a, b)| *a..=*b);
    members().map(probability).sum::<f32>() / members().count() as f32
}

/// The entry that `class` belongs to.
pub fn of(class: usize) -> Option<&'static Entry> {
    SIXTEEN.iter().find(|(_, members)| members.iter().any(|(a, b)| (*a..=*b).contains(&class)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Lang;

    #[test]
    fn members_are_counted_as_the_authors_count_them() {
        let count = |name: &str| {
            let entry = SIXTEEN.iter().find(|e| e.0.get(Lang::En) == name).unwrap();
            entry.1.iter().map(|(a, b)| b - a + 1).sum::<usize>()
        };
        assert_eq!((SIXTEEN.len(), count("bird"), count("dog"), count("truck")), (16, 49, 109, 8));
        assert_eq!(of(285).map(|e| e.0.get(Lang::En)), Some("cat"));
        assert!(of(204).is_none() && of(999).is_none());
        assert!((mean(&SIXTEEN[1], |k| if k == 294 { 0.8 } else { 0.0 }) - 0.2).abs() < 1e-6);
    }
}
