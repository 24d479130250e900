//! Colour profiles (ICC.1:2022): what a picture's numbers mean. The network learned from sRGB.
//!
//! Cameras, telephones and editors write profiles of three primaries and a curve each; these are converted. Those of printers and
//! scanners are tables: a library for them would cost a tenth of what a visitor downloads, so they are left out, with a note.

use ::image::RgbImage;

/// Grey levels that count as the same colour: profiles that say sRGB differ in the last digits.
const SAME: u8 = 2;
/// From XYZ under D50, in which profiles are written, to linear sRGB.
const TO_SRGB: [[f32; 3]; 3] = [
    [3.133_856, -1.616_866_7, -0.490_614_6],
    [-0.978_768_4, 1.916_141_5, 0.033_454],
    [0.071_945_3, -0.228_991_4, 1.405_242_7],
];
/// Steps of the table that encodes linear light.
const FINE: usize = 8192;

/// What became of a picture's profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The profile describes sRGB: nothing was changed.
    Same,
    /// The profile describes other colours: they were converted to sRGB.
    Converted,
    /// The profile is a table or cannot be read: the numbers were taken as sRGB.
    Ignored,
}

/// Converts a picture to sRGB, as browsers do. A profile of another kind of colour than the picture's is ignored by all.
pub fn to_srgb(rgb: &mut RgbImage, grey: bool, profile: &[u8]) -> Outcome {
    let Some(light) = Light::read(profile, grey) else { return Outcome::Ignored };
    let encode: Vec<u8> = (0..=FINE).map(|i| encoded(i as f32 / FINE as f32)).collect();
    let convert = |pixel: [u8; 3]| {
        let linear: [f32; 3] = std::array::from_fn(|c| light.curves[c][usize::from(pixel[c])]);
        light.matrix.map(|row| {
            let sum: f32 = row.iter().zip(linear).map(|(m, v)| m * v).sum();
            encode[(sum.clamp(0.0, 1.0) * FINE as f32 + 0.5) as usize]
        })
    };
    let step = |i: u32| (i * 255 / 8) as u8;
    let mut colours = (0..729).map(|i| if grey { [step(i % 9); 3] } else { [i % 9, i / 9 % 9, i / 81].map(step) });
    if colours.all(|c| convert(c).iter().zip(c).all(|(a, b)| a.abs_diff(b) <= SAME)) {
        return Outcome::Same;
    }
    rgb.pixels_mut().for_each(|p| p.0 = convert(p.0));
    Outcome::Converted
}

/// Linear light (0..1) as an 8-bit sRGB value.
fn encoded(v: f32) -> u8 {
    let v = if v <= 0.003_130_8 { 12.92 * v } else { 1.055 * v.powf(1.0 / 2.4) - 0.055 };
    (v * 255.0 + 0.5) as u8
}

/// From the numbers of a picture to linear sRGB.
struct Light {
    curves: [Vec<f32>; 3],
    matrix: [[f32; 3]; 3],
}

impl Light {
    fn read(profile: &[u8], grey: bool) -> Option<Self> {
        let tag = |name: &[u8; 4]| {
            let mut entries = profile.get(132..)?.chunks_exact(12).take(number(profile, 128)?);
            let entry = entries.find(|e| e.starts_with(name))?;
            profile.get(number(entry, 4)?..)
        };
        match (profile.get(16..20)?, profile.get(20..24)?) {
            (b"GRAY", _) if grey => {
                let curve = curve(tag(b"kTRC")?)?;
                let matrix = std::array::from_fn(|i| std::array::from_fn(|j| f32::from(u8::from(i == j))));
                Some(Self { curves: [curve.clone(), curve.clone(), curve], matrix })
            }
            (b"RGB ", b"XYZ ") => {
                let columns = [tag(b"rXYZ")?, tag(b"gXYZ")?, tag(b"bXYZ")?].map(|t| [8, 12, 16].map(|at| fixed(t, at)));
                let mut matrix = [[0.0; 3]; 3];
                for (to, row) in matrix.iter_mut().zip(TO_SRGB) {
                    for (to, column) in to.iter_mut().zip(columns) {
                        for (a, b) in row.iter().zip(column) {
                            *to += a * b?;
                        }
                    }
                }
                Some(Self { curves: [curve(tag(b"rTRC")?)?, curve(tag(b"gTRC")?)?, curve(tag(b"bTRC")?)?], matrix })
            }
            _ => None,
        }
    }
}

fn number(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?)).ok()
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// A number with 16 bits behind the point.
fn fixed(bytes: &[u8], at: usize) -> Option<f32> {
    Some(i32::from_be_bytes(*bytes.get(at..)?.first_chunk()?) as f32 / 65_536.0)
}

/// A tag of a curve as the linear light of all 256 numbers.
fn curve(tag: &[u8]) -> Option<Vec<f32>> {
    let all = |f: &dyn Fn(f32) -> f32| Some((0..=255).map(|i| f(i as f32 / 255.0).clamp(0.0, 1.0)).collect());
    match tag.first_chunk()? {
        b"curv" => match number(tag, 8)? {
            0 => all(&|x| x),
            1 => {
                let gamma = f32::from(short(tag, 12)?) / 256.0;
                all(&|x| x.powf(gamma))
            }
            count => {
                let points = tag.get(12..)?.get(..count.checked_mul(2)?)?;
                let point = |i: usize| f32::from(u16::from_be_bytes([points[2 * i], points[2 * i + 1]])) / 65_535.0;
                all(&|x| {
                    let at = x * (count - 1) as f32;
                    let (i, rest) = ((at as usize).min(count - 2), at - (at as usize).min(count - 2) as f32);
                    point(i) * (1.0 - rest) + point(i + 1) * rest
                })
            }
        },
        b"para" => {
            let kind = short(tag, 8)?;
            let p = |i: usize| fixed(tag, 12 + 4 * i);
            // y = (a x + b)^g + e from x = d on, c x + f below
            let (g, [a, b, c, d, e, f]) = match kind {
                0 => (p(0)?, [1.0, 0.0, 0.0, f32::MIN, 0.0, 0.0]),
                1 => (p(0)?, [p(1)?, p(2)?, 0.0, -p(2)? / p(1)?, 0.0, 0.0]),
                2 => (p(0)?, [p(1)?, p(2)?, 0.0, -p(2)? / p(1)?, p(3)?, p(3)?]),
                3 => (p(0)?, [p(1)?, p(2)?, p(3)?, p(4)?, 0.0, 0.0]),
                4 => (p(0)?, [p(1)?, p(2)?, p(3)?, p(4)?, p(5)?, p(6)?]),
                _ => return None,
            };
            all(&|x| if x >= d { (a * x + b).max(0.0).powf(g) + e } else { c * x + f })
        }
        _ => None,
    }
}
