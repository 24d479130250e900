//! Every kind of file that a visitor may drop: refused with a reason, or accepted and said what was done to it.

use ::image::{Rgb, RgbImage};
use cnn_lens::catalog::ProblemKind;
use cnn_lens::catalog::card::{ChannelOrder, Preprocessing};
use cnn_lens::catalog::picture::Crop;
use cnn_lens::engine::image::{Fit, Note, Options, Prepared, Rejected, check, normalise_for, prepare, prepare_rgba};

fn open(name: &str) -> Result<Prepared, Rejected> {
    let path = format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    prepare(&std::fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}")), Options::default())
}

#[test]
fn bad_files_are_refused_with_their_kind() {
    use ProblemKind::{
        DamagedImage, EmptyFile, ImageTooLarge, ImageTooSmall, NotAnImage, TruncatedImage, UnsupportedFormat,
    };
    for (name, kind) in [
        ("empty.png", EmptyFile),
        ("text.jpg", NotAnImage),
        ("truncated.png", TruncatedImage),
        ("truncated.jpg", TruncatedImage),
        ("one_pixel.png", ImageTooSmall),
        ("huge.png", ImageTooLarge),
        ("photo.svg", UnsupportedFormat),
        ("photo.heic", UnsupportedFormat),
        ("photo.avif", UnsupportedFormat),
        ("unusual/half.gif", TruncatedImage),
        ("unusual/damaged.png", DamagedImage),
        ("unusual/no_end.jpg", DamagedImage),
        ("unusual/byte_before.jpg", NotAnImage),
        ("unusual/twelve_bit.jpg", UnsupportedFormat),
        ("unusual/page.html", NotAnImage),
    ] {
        let refused = open(name).expect_err(name);
        assert_eq!(refused.kind, kind, "{name}: {refused}");
    }
}

#[test]
fn unusual_files_are_accepted_and_look_like_the_plain_one() {
    let plain = open("photo.webp").unwrap().rgb;
    for (name, notes, grey) in [
        ("grey16.png", vec![], true),
        ("grey.png", vec![], true),
        ("rgb16.png", vec![], false),
        ("palette.png", vec![], false),
        ("cmyk.jpg", vec![], false),
        ("alpha.png", vec![Note::AlphaOnWhite], true),
        ("animated.gif", vec![Note::FirstFrame], false),
    ] {
        let got = open(name).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!((got.original, got.rgb.dimensions(), &got.notes), ((96, 64), (224, 224), &notes), "{name}");
        let difference: f64 = got.rgb.iter().zip(plain.iter()).map(|(a, b)| f64::from(a.abs_diff(*b))).sum();
        let mean = difference / plain.len() as f64;
        // lossy codecs and 32 colours differ by a few levels; without colour or on white by more
        assert!(grey || mean < 12.0, "{name}: {mean}");
    }
}

#[test]
fn a_format_that_is_not_decoded_is_named() {
    for (name, called) in [
        ("doctype.svg", "SVG"),
        ("photo.avif", "AVIF"),
        ("photo.bmp", "BMP"),
        ("photo.ico", "ICO"),
        ("photo.jp2", "JPEG 2000"),
        ("photo.ppm", "PNM"),
        ("photo.tga", "TGA"),
        ("photo.tif", "TIFF or camera RAW"),
    ] {
        let refused = open(&format!("unusual/{name}")).expect_err(name);
        assert_eq!((refused.kind, refused.detail.as_str()), (ProblemKind::UnsupportedFormat, called), "{name}");
    }
}

fn apart(a: &Prepared, b: impl Fn(usize) -> u8) -> f64 {
    let sum: f64 = a.rgb.iter().enumerate().map(|(i, v)| f64::from(v.abs_diff(b(i)))).sum();
    sum / a.rgb.len() as f64
}

#[test]
fn what_all_others_show_is_shown() {
    let plain = open("unusual/plain.jpg").unwrap().rgb.into_raw();
    for (name, notes) in [
        ("empty_comment.jpg", vec![]),
        ("short_app14.jpg", vec![]),
        ("no_end.png", vec![]),
        ("text_says_actl.png", vec![]),
        ("animated_after_text.png", vec![Note::FirstFrame]),
        ("screen_smaller.gif", vec![]),
        ("screen_0x0.gif", vec![]),
    ] {
        let got = open(&format!("unusual/{name}")).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!((got.original, &got.notes), ((96, 64), &notes), "{name}");
        let apart = apart(&got, |i| plain[i]);
        assert!(apart < 12.0, "{name}: {apart}");
    }
    for name in ["two_exif.jpg", "broken_exif_first.jpg"] {
        let got = open(&format!("unusual/{name}")).unwrap();
        assert_eq!((got.original, got.notes), ((64, 96), vec![Note::Oriented]), "{name}");
        // the first valid orientation: a quarter turn to the right
        let turned = image::imageops::rotate90(&image::RgbImage::from_raw(224, 224, plain.clone()).unwrap()).into_raw();
        assert!(apart(&open(&format!("unusual/{name}")).unwrap(), |i| turned[i]) < 12.0, "{name}");
    }
}

#[test]
fn a_colour_profile_is_converted() {
    let plain = open("unusual/plain.jpg").unwrap().rgb.into_raw();
    // its profile has the red and the green primary exchanged
    let exchanged = |i: usize| plain[[i + 1, i.wrapping_sub(1), i][i % 3]];
    for (name, notes) in [
        ("exchanged.jpg", vec![Note::Converted]),
        ("exchanged.png", vec![Note::Converted]),
        ("exchanged.webp", vec![Note::Converted]),
        ("animated_icc.webp", vec![Note::FirstFrame, Note::Converted]),
    ] {
        let got = open(&format!("unusual/{name}")).unwrap();
        assert_eq!(got.notes, notes, "{name}");
        let (as_meant, ignored) = (apart(&got, exchanged), apart(&got, |i| plain[i]));
        assert!(as_meant < 8.0 && ignored > 2.0 * as_meant, "{name}: {as_meant} {ignored}");
    }
}

#[test]
fn limits_come_first() {
    use cnn_lens::catalog::picture::LIMITS;
    assert_eq!(check(400 << 20, None).unwrap_err().kind, ProblemKind::ImageTooLarge);
    assert_eq!(check(4 << 26, Some([8192, 8192])).unwrap_err().kind, ProblemKind::ImageTooLarge);
    assert_eq!(check(4, Some([1, 1])).unwrap_err().kind, ProblemKind::ImageTooSmall);
    assert_eq!(check(0, None).unwrap_err().kind, ProblemKind::EmptyFile);
    assert!(check(LIMITS.bytes, None).is_ok() && check(4 * 64_000_000, Some([8000, 8000])).is_ok());
    // more pixels than the limit are refused even where the buffer lies about them
    assert_eq!(
        prepare_rgba(65_536, 65_536, Vec::new(), Options::default()).unwrap_err().kind,
        ProblemKind::ImageTooLarge
    );
}

#[test]
fn every_exif_orientation_is_turned_upright() {
    for orientation in 1..=8 {
        let got = open(&format!("exif{orientation}.jpg")).unwrap();
        assert_eq!(got.original, (48, 32), "{orientation}");
        let corner = |x, y| got.rgb.get_pixel(x, y).0;
        assert!(corner(20, 20)[0] > 200, "{orientation}: upper left is red, not {:?}", corner(20, 20));
        assert!(corner(200, 200)[2] > 180 && corner(200, 20)[2] > 180 && corner(20, 200)[2] > 180, "{orientation}");
        assert_eq!(got.notes, if orientation == 1 { vec![] } else { vec![Note::Oriented] });
    }
}

#[test]
fn what_a_phone_appends_to_a_jpeg_does_not_matter() {
    let path = format!("{}/tests/fixtures/exif1.jpg", env!("CARGO_MANIFEST_DIR"));
    let mut bytes = std::fs::read(path).unwrap();
    // a motion photo's video may contain any marker
    bytes.extend([0, 0, 0, 24, b'f', b't', b'y', b'p', 0xff, 0xda, 1, 2, 3]);
    assert_eq!(prepare(&bytes, Options::default()).unwrap().original, (48, 32));
}

#[test]
fn a_crop_is_that_part_of_the_picture_and_no_other() {
    // every pixel says where it is
    let (w, h) = (80_u32, 64_u32);
    let rgba: Vec<u8> = (0..w * h).flat_map(|i| [(i % w) as u8, (i / w) as u8, 7, 255]).collect();
    let read = |x, y, side| {
        let crop = Some(Crop { x, y, side });
        prepare_rgba(w, h, rgba.clone(), Options { size: 32, fit: Fit::Crop, crop }).unwrap()
    };
    // half of the shorter side: as large as what the network reads
    for (x, y, left, top) in [(0, 0, 0, 0), (1000, 1000, 48, 32), (500, 500, 24, 16), (400, 300, 16, 3)] {
        let got = read(x, y, 500);
        assert_eq!(got.original, (w, h));
        let all = got.rgb.enumerate_pixels();
        for (column, row, pixel) in all {
            assert_eq!(pixel.0, [(left + column) as u8, (top + row) as u8, 7], "{x}, {y}");
        }
    }
    // the whole shorter side, halved
    let whole = read(0, 500, 1000);
    let [first, last] = [whole.rgb.get_pixel(0, 0).0, whole.rgb.get_pixel(31, 31).0];
    assert!(first[0] <= 2 && first[1] <= 2 && (60..64).contains(&last[0]) && (60..64).contains(&last[1]));
}

#[test]
fn fits() {
    let tall = vec![255; 4 * 64 * 128];
    for (fit, size) in [(Fit::Crop, 224), (Fit::Contain, 64), (Fit::Stretch, 33)] {
        let got = prepare_rgba(64, 128, tall.clone(), Options { size, fit, crop: None }).unwrap();
        assert_eq!(got.rgb.dimensions(), (size, size));
    }
    // enlarged as a whole, this strip would take 3 GB
    let strip: Vec<u8> = (0..16 * 60_000)
        .flat_map(|i| if (29_990..30_010).contains(&(i % 60_000)) { [255, 0, 0, 255] } else { [0, 0, 255, 255] })
        .collect();
    let middle = prepare_rgba(60_000, 16, strip, Options::default()).unwrap();
    assert_eq!((middle.rgb.dimensions(), middle.original), ((224, 224), (60_000, 16)));
    assert!(middle.rgb.pixels().all(|p| p.0[0] > 250), "the middle 14 columns of it");
    let contained = prepare_rgba(64, 128, tall, Options { size: 64, fit: Fit::Contain, crop: None }).unwrap();
    assert_eq!(contained.rgb.get_pixel(0, 0).0, [124, 116, 104], "mean grey beside the picture");
    let short = prepare_rgba(64, 128, vec![0; 9], Options::default()).unwrap_err();
    assert_eq!(short.kind, ProblemKind::TruncatedImage);
}

#[test]
fn a_card_says_in_which_order_and_range_its_network_reads_colours() {
    let rgb = RgbImage::from_pixel(2, 1, Rgb([255, 102, 0]));
    let read = |order, scale, mean: &[f32], std: &[f32]| {
        let card = Preprocessing { mean: mean.to_vec(), std: std.to_vec(), scale, order };
        normalise_for(&rgb, &card).dense()
    };
    let std = [0.5, 0.25, 1.0];
    assert_eq!(read(ChannelOrder::Rgb, 1.0, &[0.0; 3], &std), [2.0, 2.0, 1.6, 1.6, 0.0, 0.0]);
    assert_eq!(read(ChannelOrder::Bgr, 255.0, &[1.0, 2.0, 5.0], &[1.0; 3]), [-1.0, -1.0, 100.0, 100.0, 250.0, 250.0]);
    // brightness: 0.299 red, 0.587 green, 0.114 blue
    let grey = read(ChannelOrder::Rgb, 1.0, &[0.0], &[1.0]);
    assert!(grey.len() == 2 && (grey[0] - (0.299 + 0.587 * 0.4)).abs() < 1e-6, "{grey:?}");
}
