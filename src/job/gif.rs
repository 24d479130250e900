//! A film as a GIF that loops.

use image::codecs::gif::{GifEncoder, Repeat};
use image::{Delay, Frame, RgbaImage};

use super::Answer;
use crate::catalog::ProblemKind;
use crate::engine::Pace;
use crate::protocol::Problem;

/// Encodes planes of bytes, `[3 F, height, width]`, `delay` milliseconds apart. The file is the answer's pixels.
///
/// # Errors
/// A size of 0, or a cancel.
pub async fn encode(film: &[u8], [width, height]: [u16; 2], delay: f64, pace: &dyn Pace) -> Result<Answer, Problem> {
    let bad = |why: String| Problem::new(ProblemKind::BadParameter, why);
    let (w, h) = (u32::from(width), u32::from(height));
    // that the film holds whole frames was checked with the message
    let plane = (w * h) as usize;
    if plane == 0 {
        return Err(bad(format!("gif: {width} x {height}")));
    }
    let mut file = Vec::new();
    let mut encoder = GifEncoder::new_with_speed(&mut file, 10);
    encoder.set_repeat(Repeat::Infinite).map_err(|e| bad(e.to_string()))?;
    let count = film.len() / (3 * plane);
    for (i, frame) in film.chunks_exact(3 * plane).enumerate() {
        let pixels = (0..plane).flat_map(|p| [frame[p], frame[plane + p], frame[2 * plane + p], 255]).collect();
        let picture = RgbaImage::from_raw(w, h, pixels).unwrap_or_default();
        let frame = Frame::from_parts(picture, 0, 0, Delay::from_numer_denom_ms(delay.round() as u32, 1));
        encoder.encode_frame(frame).map_err(|e| bad(e.to_string()))?;
        pace.tick(i + 1, count).await.map_err(super::problem)?;
    }
    drop(encoder);
    Ok(Answer { pixels: Some(file), ..Answer::default() })
}

#[cfg(all(test, feature = "native"))]
mod tests {
    use super::*;
    use crate::engine::Silent;
    use image::AnimationDecoder;
    use image::codecs::gif::GifDecoder;

    #[test]
    fn a_film_comes_back_frame_by_frame() {
        let film: Vec<u8> = (0..4 * 3 * 20 * 10).map(|i| if i % 1200 < 600 { 200 } else { 40 }).collect();
        let answer = pollster::block_on(encode(&film, [20, 10], 70.4, &Silent)).unwrap();
        let file = answer.pixels.unwrap();
        let frames = GifDecoder::new(std::io::Cursor::new(file)).unwrap().into_frames().collect_frames().unwrap();
        assert_eq!(frames.len(), 4);
        assert_eq!(frames[0].buffer().dimensions(), (20, 10));
        assert_eq!(frames[0].delay().numer_denom_ms(), (70, 1));
        assert!(pollster::block_on(encode(&film, [0, 10], 70.0, &Silent)).is_err());
    }
}
