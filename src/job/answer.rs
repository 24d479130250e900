//! From a message to its answer: the one way by which anything reaches the session.

use super::{Answer, Session, gif, raw, report};
use crate::catalog::ProblemKind;
use crate::engine::{Array, Device, Pace, image};
use crate::protocol::{Problem, ToWorker};

/// Bytes that came beside a message, wherever they lie.
pub trait Buffer {
    /// How many bytes there are.
    fn size(&self) -> usize;
    /// A copy of the bytes.
    fn bytes(&self) -> Vec<u8>;
    /// As float32; only asked for when their number is a multiple of 4.
    fn floats(&self) -> Vec<f32>;
}

impl Buffer for Vec<u8> {
    fn size(&self) -> usize {
        self.len()
    }

    fn bytes(&self) -> Vec<u8> {
        self.clone()
    }

    fn floats(&self) -> Vec<f32> {
        self.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect()
    }
}

/// Checks the message and does what it asks for.
///
/// # Errors
/// A [`Problem`] with the reason.
pub async fn answer<D: Device>(
    session: &mut Session<D>,
    message: ToWorker,
    buffers: &[impl Buffer],
    pace: &dyn Pace,
) -> Result<Answer, Problem> {
    message.check(&session.network.spec, &buffers.iter().map(Buffer::size).collect::<Vec<_>>())?;
    let bytes = || buffers.first().map(Buffer::bytes).unwrap_or_default();
    let input = || {
        let x = buffers.first().map(Buffer::floats).unwrap_or_default();
        if cnn_lens_simd::finite(&x) {
            Ok(x)
        } else {
            Err(Problem::new(ProblemKind::BadParameter, "the input holds a value that is no number"))
        }
    };
    match message {
        ToWorker::SetImage { options, pixels, .. } => {
            // limits first: what is copied makes a worker's memory larger for good
            image::check(buffers.first().map_or(0, Buffer::size), pixels)
                .map_err(|r| Problem::new(r.kind, r.detail))?;
            session.set_image(bytes(), pixels, &options)
        }
        ToWorker::Classify { top, .. } => session.classify(top, pace).await,
        ToWorker::Run { method, params, .. } => session.run(&method, &params, pace).await,
        ToWorker::Raw { op, height, width, .. } => {
            raw::run(&session.network, &op, [height, width], &input()?, pace).await
        }
        ToWorker::Arrays { arrays, .. } => {
            let named = arrays.into_iter().zip(buffers);
            session.set_arrays(&named.map(|(a, b)| (a.name, Array::new(a.shape, b.floats()))).collect())
        }
        ToWorker::Probe { want, height, width, alone, .. } => {
            session.probe(&input()?, [height, width], &want, alone, pace).await
        }
        ToWorker::Gif { width, height, delay, .. } => gif::encode(&bytes(), [width, height], delay, pace).await,
        ToWorker::Forget { group, .. } => Ok(session.forget(group.as_deref())),
        ToWorker::Report { lang, about, .. } => report::make(session, lang, &about),
        ToWorker::Load { .. } | ToWorker::Cancel { .. } => Ok(Answer::default()),
    }
}
