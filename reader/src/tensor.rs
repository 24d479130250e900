//! Tensors where a file has them, and as a network keeps them.

use std::rc::Rc;

use cnn_lens::ops::Linear;
use cnn_lens_simd::rounded::{round, scale};

use crate::error::ReadError;
use crate::source::Shared;

/// A kind of number, little-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "their names say it")]
pub enum Dtype {
    F16,
    Bf16,
    F32,
    F64,
    I8,
    U8,
    I16,
    U16,
    I32,
    I64,
    Bool,
}

impl Dtype {
    /// Bytes of one number.
    pub const fn size(self) -> u64 {
        match self {
            Self::I8 | Self::U8 | Self::Bool => 1,
            Self::F16 | Self::Bf16 | Self::I16 | Self::U16 => 2,
            Self::F32 | Self::I32 => 4,
            Self::F64 | Self::I64 => 8,
        }
    }

    /// Numbers as `f32`; what is left of an incomplete last one is passed over.
    pub fn decode(self, bytes: &[u8], into: &mut Vec<f32>) {
        match self {
            Self::F16 => into.extend(bytes.as_chunks().0.iter().map(|b| half::f16::from_le_bytes(*b).to_f32())),
            Self::Bf16 => into.extend(bytes.as_chunks().0.iter().map(|b| half::bf16::from_le_bytes(*b).to_f32())),
            Self::F32 => into.extend(bytes.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b))),
            Self::F64 => into.extend(bytes.as_chunks().0.iter().map(|b| f64::from_le_bytes(*b) as f32)),
            Self::I8 => into.extend(bytes.iter().map(|b| f32::from(b.cast_signed()))),
            Self::U8 | Self::Bool => into.extend(bytes.iter().map(|b| f32::from(*b))),
            Self::I16 => into.extend(bytes.as_chunks().0.iter().map(|b| f32::from(i16::from_le_bytes(*b)))),
            Self::U16 => into.extend(bytes.as_chunks().0.iter().map(|b| f32::from(u16::from_le_bytes(*b)))),
            Self::I32 => into.extend(bytes.as_chunks().0.iter().map(|b| i32::from_le_bytes(*b) as f32)),
            Self::I64 => into.extend(bytes.as_chunks().0.iter().map(|b| i64::from_le_bytes(*b) as f32)),
        }
    }
}

/// Numbers that can be read in slices.
pub trait Numbers {
    /// Calls `each` with every slice and the place of its first number, until there are no more.
    ///
    /// # Errors
    /// [`ReadError`]: the file does not give them.
    fn slices(&self, each: &mut dyn FnMut(usize, &[f32])) -> Result<(), ReadError>;
}

/// A tensor of a file: its shape is known, its numbers have not been read.
#[derive(Clone)]
pub struct Stored {
    /// Outermost dimension first.
    pub shape: Vec<usize>,
    numbers: Rc<dyn Numbers>,
}

impl std::fmt::Debug for Stored {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Stored").field(&self.shape).finish()
    }
}

/// Bytes that are read of a file at a time.
const SLICE: u64 = 4 << 20;

/// So many numbers may be repeated or passed over.
const FEW: usize = 1 << 16;

/// The product of a shape's sides, unless no file has so many numbers.
pub fn count(shape: &[usize]) -> Option<usize> {
    const MOST: usize = 1 << 31;
    // no side either, where another one is 0
    let count = shape.iter().try_fold(1_usize, |n, side| n.checked_mul(*side).filter(|_| *side < MOST))?;
    (count < MOST).then_some(count)
}

struct InFile {
    source: Shared,
    at: u64,
    dtype: Dtype,
    count: usize,
}

impl Numbers for InFile {
    fn slices(&self, each: &mut dyn FnMut(usize, &[f32])) -> Result<(), ReadError> {
        let size = self.dtype.size();
        let (mut done, count) = (0_u64, self.count as u64);
        let mut numbers = Vec::new();
        while done < count {
            let now = (SLICE / size).min(count - done);
            let bytes = crate::source::bytes(self.source.as_ref(), self.at + done * size, now * size)?;
            numbers.clear();
            self.dtype.decode(&bytes, &mut numbers);
            each(done as usize, &numbers);
            done += now;
        }
        Ok(())
    }
}

/// A view with strides of its own: the numbers that it spans are read, and picked from.
struct Strided {
    span: InFile,
    shape: Vec<usize>,
    strides: Vec<usize>,
}

impl Numbers for Strided {
    fn slices(&self, each: &mut dyn FnMut(usize, &[f32])) -> Result<(), ReadError> {
        let mut all = Vec::with_capacity(self.span.count);
        self.span.slices(&mut |_, slice| all.extend_from_slice(slice))?;
        let mut place = vec![0; self.shape.len()];
        let total = count(&self.shape).unwrap_or_default();
        let mut picked = Vec::with_capacity(total);
        for _ in 0..total {
            let at: usize = place.iter().zip(&self.strides).map(|(i, stride)| i * stride).sum();
            picked.push(all.get(at).copied().unwrap_or_default());
            for axis in (0..place.len()).rev() {
                place[axis] += 1;
                if place[axis] < self.shape[axis] {
                    break;
                }
                place[axis] = 0;
            }
        }
        each(0, &picked);
        Ok(())
    }
}

struct InMemory(Vec<f32>);

impl Numbers for InMemory {
    fn slices(&self, each: &mut dyn FnMut(usize, &[f32])) -> Result<(), ReadError> {
        each(0, &self.0);
        Ok(())
    }
}

/// One number, so many times.
struct Same {
    value: f32,
    count: usize,
}

impl Numbers for Same {
    fn slices(&self, each: &mut dyn FnMut(usize, &[f32])) -> Result<(), ReadError> {
        let slice = vec![self.value; self.count.min(1 << 16)];
        for first in (0..self.count).step_by(1 << 16) {
            each(first, &slice[..slice.len().min(self.count - first)]);
        }
        Ok(())
    }
}

impl Stored {
    /// Row by row from byte `at` of `source` on.
    ///
    /// # Errors
    /// [`ReadError`]: the shape is larger than any file, or than what there is of this one.
    pub fn in_file(source: &Shared, at: u64, dtype: Dtype, shape: Vec<usize>) -> Result<Self, ReadError> {
        let count = count(&shape).ok_or(ReadError::Damaged { what: "a shape larger than any file" })?;
        match at.checked_add(count as u64 * dtype.size()) {
            Some(end) if end <= source.size() => {}
            _ => return Err(ReadError::Truncated),
        }
        let numbers = Rc::new(InFile { source: Rc::clone(source), at, dtype, count });
        Ok(Self { shape, numbers })
    }

    /// With a stride for each dimension, in numbers.
    ///
    /// # Errors
    /// As [`Stored::in_file`]; or a large view repeats its numbers, or leaves most of what it spans out.
    pub fn strided(
        source: &Shared,
        at: u64,
        dtype: Dtype,
        shape: Vec<usize>,
        strides: Vec<usize>,
    ) -> Result<Self, ReadError> {
        let total = count(&shape).ok_or(ReadError::Damaged { what: "a shape larger than any file" })?;
        let mut dense = 1;
        let row_major = shape.iter().zip(&strides).rev().all(|(side, stride)| {
            let fits = *side == 1 || *stride == dense;
            dense *= side;
            fits
        });
        if row_major || total == 0 {
            return Self::in_file(source, at, dtype, shape);
        }
        let reach = shape.iter().zip(&strides).try_fold(1_usize, |reach, (side, stride)| {
            (side - 1).checked_mul(*stride).and_then(|more| reach.checked_add(more))
        });
        let reach = reach.ok_or(ReadError::Damaged { what: "strides larger than any file" })?;
        if total > reach && total > FEW {
            return Err(ReadError::Hostile { what: "a view that repeats its numbers" });
        }
        let span = Self::in_file(source, at, dtype, vec![reach])?;
        // more is spanned than any view of a model leaves out
        if reach / 16 > total && reach > FEW {
            return Err(ReadError::Hostile { what: "strides over numbers that are not read" });
        }
        drop(span);
        let span = InFile { source: Rc::clone(source), at, dtype, count: reach };
        Ok(Self { shape: shape.clone(), numbers: Rc::new(Strided { span, shape, strides }) })
    }

    /// Numbers that are there already.
    pub fn in_memory(shape: Vec<usize>, values: Vec<f32>) -> Self {
        Self { shape, numbers: Rc::new(InMemory(values)) }
    }

    /// One number everywhere.
    pub fn same(shape: Vec<usize>, value: f32) -> Self {
        let count = shape.iter().product();
        Self { shape, numbers: Rc::new(Same { value, count }) }
    }

    /// Numbers of another kind of file.
    pub fn of(shape: Vec<usize>, numbers: Rc<dyn Numbers>) -> Self {
        Self { shape, numbers }
    }

    /// The same numbers in another shape of as many.
    pub fn shaped(&self, shape: Vec<usize>) -> Self {
        Self { shape, numbers: Rc::clone(&self.numbers) }
    }

    /// How many numbers.
    pub fn count(&self) -> usize {
        self.shape.iter().product()
    }

    /// The numbers, in slices.
    ///
    /// # Errors
    /// [`ReadError`]: the file does not give them.
    pub fn slices(&self, each: &mut dyn FnMut(usize, &[f32])) -> Result<(), ReadError> {
        self.numbers.slices(each)
    }

    /// All numbers, row by row.
    ///
    /// # Errors
    /// [`ReadError`]: the file does not give them.
    pub fn values(&self) -> Result<Vec<f32>, ReadError> {
        let mut all = Vec::with_capacity(self.count());
        self.slices(&mut |_, slice| all.extend_from_slice(slice))?;
        match all.len() == self.count() {
            true => Ok(all),
            false => Err(ReadError::Truncated),
        }
    }

    /// All numbers of a tensor of shape `[...]` with its dimensions in another order: `order[i]` is the dimension of the file's
    /// tensor that becomes dimension `i`.
    ///
    /// # Errors
    /// [`ReadError`]: the file does not give them.
    pub fn permuted(&self, order: &[usize]) -> Result<Vec<f32>, ReadError> {
        let values = self.values()?;
        Ok(permute(&values, &self.shape, order))
    }
}

/// `values` of shape `shape`, with dimension `order[i]` as dimension `i`.
pub fn permute<T: Copy>(values: &[T], shape: &[usize], order: &[usize]) -> Vec<T> {
    let mut strides = vec![1; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis];
    }
    let (sides, steps): (Vec<usize>, Vec<usize>) = order.iter().map(|axis| (shape[*axis], strides[*axis])).unzip();
    let mut place = vec![0; sides.len()];
    let mut out = Vec::with_capacity(values.len());
    for _ in 0..values.len() {
        out.push(values[place.iter().zip(&steps).map(|(i, step)| i * step).sum::<usize>()]);
        for axis in (0..place.len()).rev() {
            place[axis] += 1;
            if place[axis] < sides[axis] {
                break;
            }
            place[axis] = 0;
        }
    }
    out
}

/// The numbers of an array of a network.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// As in the file.
    F32(Vec<f32>),
    /// `q * scale`, rounded to 16 bits, of a matrix that is too large in float32 (`cnn_lens_simd::rounded` says how).
    Int16 {
        /// The integers, row by row.
        q: Vec<i16>,
        /// One for each row.
        scales: Vec<f32>,
    },
}

/// An array of a network.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// Outermost dimension first.
    pub shape: Vec<usize>,
    /// The numbers, row by row.
    pub values: Values,
}

impl Tensor {
    /// In float32.
    pub const fn new(shape: Vec<usize>, values: Vec<f32>) -> Self {
        Self { shape, values: Values::F32(values) }
    }

    /// How many numbers.
    pub fn count(&self) -> usize {
        match &self.values {
            Values::F32(values) => values.len(),
            Values::Int16 { q, .. } => q.len(),
        }
    }

    /// Bytes that it takes.
    pub fn bytes(&self) -> u64 {
        match &self.values {
            Values::F32(values) => 4 * values.len() as u64,
            Values::Int16 { q, scales } => 2 * q.len() as u64 + 4 * scales.len() as u64,
        }
    }

    /// The numbers as `f32`.
    pub fn to_f32(&self) -> Vec<f32> {
        match &self.values {
            Values::F32(values) => values.clone(),
            Values::Int16 { q, scales } => {
                let row = (q.len() / scales.len().max(1)).max(1);
                let rows = q.chunks(row).zip(scales);
                rows.flat_map(|(q, scale)| q.iter().map(move |q| f32::from(*q) * scale)).collect()
            }
        }
    }

    /// Multiplies row `i` by `by[i]`.
    pub fn scale_rows(&mut self, by: &[f32]) {
        match &mut self.values {
            Values::F32(values) => {
                let row = (values.len() / by.len().max(1)).max(1);
                values.chunks_mut(row).zip(by).for_each(|(row, by)| row.iter_mut().for_each(|v| *v *= by));
            }
            Values::Int16 { q, scales } => {
                let row = (q.len() / scales.len().max(1)).max(1);
                for ((q, scale), by) in q.chunks_mut(row).zip(scales).zip(by) {
                    // a scale stays above 0
                    *scale *= by.abs();
                    if *by < 0.0 {
                        q.iter_mut().for_each(|q| *q = -*q);
                    }
                }
            }
        }
    }
}

/// How a matrix lies in its file.
#[derive(Clone, Copy, Debug, Default)]
pub struct Matrix<'a> {
    /// `[in, out]`, as Keras has it, instead of `[out, in]`.
    pub transposed: bool,
    /// Column `order[i]` of the file becomes column `i`.
    pub order: Option<&'a [usize]>,
}

impl Matrix<'_> {
    /// Reads a fully connected layer's weights as `[out, in]`: in slices and in 16 bits where there are more than
    /// [`Linear::LARGE`] of them.
    ///
    /// # Errors
    /// [`ReadError`]: the file does not give them.
    pub fn read(self, stored: &Stored) -> Result<Tensor, ReadError> {
        let [rows, columns] = match *stored.shape.as_slice() {
            [a, b] if self.transposed => [b, a],
            [a, b] => [a, b],
            _ => return Err(ReadError::Damaged { what: "a matrix of other than two dimensions" }),
        };
        // where in the row the file's column comes to stand
        let mut stands: Vec<usize> = (0..columns).collect();
        for (to, from) in self.order.into_iter().flatten().enumerate() {
            *stands.get_mut(*from).ok_or(ReadError::Damaged { what: "a column that there is not" })? = to;
        }
        // row and column of the number that is `at`th in the file
        let place = |at: usize| match self.transposed {
            true => (at % rows, stands[at / rows]),
            false => (at / columns, stands[at % columns]),
        };
        let shape = vec![rows, columns];
        if rows * columns <= Linear::LARGE {
            let mut values = vec![0.0; rows * columns];
            stored.slices(&mut |first, slice| {
                for (i, v) in slice.iter().enumerate() {
                    let (row, column) = place(first + i);
                    values[row * columns + column] = *v;
                }
            })?;
            return Ok(Tensor::new(shape, values));
        }
        if !self.transposed && self.order.is_none() {
            return Ok(Tensor { shape, values: by_rows(stored, columns)? });
        }
        let mut scales = vec![0.0_f32; rows];
        stored.slices(&mut |first, slice| {
            for (i, v) in slice.iter().enumerate() {
                let most = &mut scales[place(first + i).0];
                *most = most.max(v.abs());
            }
        })?;
        scales.iter_mut().for_each(|most| *most = scale(*most));
        let mut q = vec![0_i16; rows * columns];
        stored.slices(&mut |first, slice| {
            for (i, v) in slice.iter().enumerate() {
                let (row, column) = place(first + i);
                q[row * columns + column] = round(*v, scales[row]);
            }
        })?;
        Ok(Tensor { shape, values: Values::Int16 { q, scales } })
    }
}

/// Rounds a matrix whose rows follow one another, each as soon as it is read.
fn by_rows(stored: &Stored, columns: usize) -> Result<Values, ReadError> {
    let (mut q, mut scales) = (Vec::with_capacity(stored.count()), Vec::new());
    let mut add = |row: &[f32]| {
        let scale = scale(row.iter().fold(0.0, |most, v| v.abs().max(most)));
        scales.push(scale);
        q.extend(row.iter().map(|v| round(*v, scale)));
    };
    let mut begun = Vec::with_capacity(columns);
    stored.slices(&mut |_, mut slice| {
        if !begun.is_empty() {
            let (rest, after) = slice.split_at((columns - begun.len()).min(slice.len()));
            begun.extend_from_slice(rest);
            slice = after;
        }
        if begun.len() == columns {
            add(&begun);
            begun.clear();
        }
        let rows = slice.chunks_exact(columns);
        begun.extend_from_slice(rows.remainder());
        rows.for_each(&mut add);
    })?;
    match q.len() == stored.count() {
        true => Ok(Values::Int16 { q, scales }),
        false => Err(ReadError::Truncated),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn floats(values: &[f32]) -> Shared {
        Rc::new(values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>())
    }

    #[test]
    fn a_view_is_read_by_its_strides() {
        let source = floats(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        let read = |shape: &[usize], strides: &[usize]| {
            Stored::strided(&source, 4, Dtype::F32, shape.to_vec(), strides.to_vec()).and_then(|s| s.values())
        };
        assert_eq!(read(&[2, 3], &[3, 1]).unwrap(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert_eq!(read(&[3, 2], &[1, 3]).unwrap(), [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
        assert!(read(&[3, 3], &[3, 1]).is_err());
        assert!(read(&[1 << 20, 1 << 20], &[0, 0]).is_err());
        // as torch.Tensor.expand leaves it
        assert_eq!(read(&[1000], &[0]).unwrap(), [1.0; 1000]);
        assert!(read(&[FEW + 1], &[0]).is_err());
    }

    #[test]
    fn a_matrix_is_turned_and_its_columns_put_in_order() {
        let stored = Stored::in_memory(vec![3, 2], vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        let read = |transposed, order| Matrix { transposed, order }.read(&stored).unwrap().to_f32();
        assert_eq!(read(true, None), [1.0, 3.0, 5.0, 2.0, 4.0, 6.0]);
        assert_eq!(read(true, Some(&[2, 0, 1][..])), [5.0, 1.0, 3.0, 6.0, 2.0, 4.0]);
        assert_eq!(read(false, Some(&[1, 0][..])), [2.0, 1.0, 4.0, 3.0, 6.0, 5.0]);
    }

    #[test]
    fn a_large_matrix_is_kept_in_16_bits_within_half_a_step() {
        let (rows, columns) = (1000, Linear::LARGE / 1000 + 1);
        let values: Vec<f32> = (0..rows * columns).map(|i| ((i * 7919) % 2003) as f32 / 1000.0 - 1.0).collect();
        let tensor = Matrix::default().read(&Stored::in_memory(vec![rows, columns], values.clone())).unwrap();
        assert!(matches!(tensor.values, Values::Int16 { .. }) && tensor.bytes() < 20_000_000);
        let worst = tensor.to_f32().iter().zip(&values).fold(0.0_f32, |m, (a, b)| m.max((a - b).abs()));
        assert!(worst <= 0.501 * 1.002 / 32767.0, "{worst}");
        let mut other = tensor.clone();
        other.scale_rows(&(0..rows).map(|row| if row % 2 == 0 { -2.0 } else { 0.5 }).collect::<Vec<_>>());
        let pairs = tensor.to_f32().into_iter().zip(other.to_f32()).enumerate();
        pairs.for_each(|(i, (a, b))| assert_eq!(a * if i / columns % 2 == 0 { -2.0 } else { 0.5 }, b));
    }

    #[test]
    fn halves_and_brain_floats_are_read() {
        let decode = |dtype: Dtype, bytes: &[u8]| {
            let mut out = Vec::new();
            dtype.decode(bytes, &mut out);
            out
        };
        assert_eq!(decode(Dtype::F16, &[0x00, 0x3c, 0x00, 0xc0]), [1.0, -2.0]);
        assert_eq!(decode(Dtype::Bf16, &[0x80, 0x3f, 0x00, 0xc0]), [1.0, -2.0]);
        assert_eq!(decode(Dtype::F64, &1.5_f64.to_le_bytes()), [1.5]);
        assert_eq!(decode(Dtype::I64, &(-3_i64).to_le_bytes()), [-3.0]);
    }
}
