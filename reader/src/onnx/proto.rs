//! ONNX's protocol buffer, as much of it as a network needs. Tensors stay where they are.

use std::collections::BTreeMap;

use crate::error::ReadError;
use crate::source::{Cursor, Shared};
use crate::tensor::{Dtype, Stored};

/// What the file says.
#[derive(Debug, Default)]
pub struct Model {
    /// The operations, in order.
    pub nodes: Vec<Node>,
    /// Tensors by name.
    pub initializers: BTreeMap<String, Constant>,
    /// Inputs; initializers may be among them.
    pub inputs: Vec<Info>,
    /// Outputs.
    pub outputs: Vec<Info>,
}

/// A value's name and shape.
#[derive(Clone, Debug, Default)]
pub struct Info {
    /// Its name.
    pub name: String,
    /// Its dimensions: a number, or the name of one that is left open; `None` where no shape is given.
    pub shape: Option<Vec<Side>>,
}

/// A dimension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Side {
    /// So many.
    Of(i64),
    /// Left open.
    Open(String),
}

/// An operation.
#[derive(Clone, Debug, Default)]
pub struct Node {
    /// Its name; may be empty.
    pub name: String,
    /// What it does: `Conv`.
    pub op: String,
    /// Whose operation it is; empty for ONNX's own.
    pub domain: String,
    /// Values that it reads; an empty name is one left out.
    pub inputs: Vec<String>,
    /// Values that it writes.
    pub outputs: Vec<String>,
    /// Its parameters.
    pub attributes: BTreeMap<String, Attribute>,
}

/// A parameter.
#[derive(Clone, Debug)]
pub enum Attribute {
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f32),
    /// A text.
    Text(String),
    /// A tensor.
    Tensor(Constant),
    /// Whole numbers.
    Ints(Vec<i64>),
    /// Numbers.
    Floats(Vec<f32>),
    /// Something else: a graph, texts.
    Other,
}

/// A tensor that is known.
#[derive(Clone, Debug)]
pub struct Constant {
    /// Outermost dimension first.
    pub shape: Vec<usize>,
    /// Its numbers.
    pub data: Data,
}

/// The numbers of a known tensor.
#[derive(Clone, Debug)]
pub enum Data {
    /// Numbers, which may not have been read.
    Floats(Stored),
    /// Whole numbers: shapes and axes.
    Ints(Vec<i64>),
}

impl Constant {
    /// Whole numbers of one dimension.
    pub fn ints(values: Vec<i64>) -> Self {
        Self { shape: vec![values.len()], data: Data::Ints(values) }
    }

    /// Numbers that are there.
    pub fn floats(shape: Vec<usize>, values: Vec<f32>) -> Self {
        Self { data: Data::Floats(Stored::in_memory(shape.clone(), values)), shape }
    }

    /// How many numbers.
    pub fn count(&self) -> usize {
        self.shape.iter().product()
    }

    /// It as numbers of a file.
    pub fn stored(&self) -> Stored {
        match &self.data {
            Data::Floats(stored) => stored.shaped(self.shape.clone()),
            Data::Ints(values) => Stored::in_memory(self.shape.clone(), values.iter().map(|v| *v as f32).collect()),
        }
    }
}

/// No model has more nodes or tensors.
const MOST: usize = 50_000;
/// No whole numbers of more places are read: shapes are short.
const SHORT: usize = 4096;

const BAD: ReadError = ReadError::Damaged { what: "protocol buffer" };

/// A field's value.
enum Wire {
    Varint(u64),
    Double,
    Single(u32),
    /// Bytes: the cursor stands at the first of so many.
    Bytes(u64),
}

/// The next field of a message that ends at `end`; `None` at its end.
fn field(cursor: &mut Cursor, end: u64) -> Result<Option<(u64, Wire)>, ReadError> {
    if cursor.at() >= end {
        return if cursor.at() == end { Ok(None) } else { Err(BAD) };
    }
    let tag = varint(cursor)?;
    let wire = match tag & 7 {
        0 => Wire::Varint(varint(cursor)?),
        1 => {
            cursor.array::<8>()?;
            Wire::Double
        }
        2 => {
            let size = varint(cursor)?;
            match cursor.at().checked_add(size) {
                Some(to) if to <= end => Wire::Bytes(size),
                _ => return Err(ReadError::Truncated),
            }
        }
        5 => Wire::Single(u32::from_le_bytes(cursor.array()?)),
        _ => return Err(BAD),
    };
    Ok(Some((tag >> 3, wire)))
}

fn varint(cursor: &mut Cursor) -> Result<u64, ReadError> {
    let mut value = 0;
    for shift in (0..70).step_by(7) {
        let byte = cursor.byte()?;
        if shift < 64 {
            value |= u64::from(byte & 0x7f) << shift;
        }
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(BAD)
}

fn text(cursor: &mut Cursor, size: u64) -> Result<String, ReadError> {
    if size > 1 << 16 {
        return Err(ReadError::Hostile { what: "a name of more than 64 kB" });
    }
    Ok(String::from_utf8_lossy(&cursor.take(size)?).into_owned())
}

/// Reads all fields of the message of `size` bytes at the cursor. `each` may read a field's bytes, or leave them.
fn message(
    cursor: &mut Cursor,
    size: u64,
    each: &mut dyn FnMut(&mut Cursor, u64, Wire) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    let end = cursor.at() + size;
    while let Some((number, wire)) = field(cursor, end)? {
        let behind = match wire {
            Wire::Bytes(size) => cursor.at() + size,
            _ => cursor.at(),
        };
        each(cursor, number, wire)?;
        cursor.go(behind);
    }
    Ok(())
}

fn ints(cursor: &mut Cursor, wire: &Wire, into: &mut Vec<i64>) -> Result<(), ReadError> {
    match *wire {
        Wire::Varint(value) => into.push(value.cast_signed()),
        Wire::Bytes(size) => {
            let end = cursor.at() + size;
            while cursor.at() < end {
                into.push(varint(cursor)?.cast_signed());
            }
        }
        _ => return Err(BAD),
    }
    Ok(())
}

/// Reads a model.
///
/// # Errors
/// [`ReadError`]: no ONNX, a damaged one, or one whose tensors are in other files.
pub fn read(source: &Shared) -> Result<Model, ReadError> {
    let mut cursor = Cursor::new(std::rc::Rc::clone(source), 0);
    let mut model = Model::default();
    let mut graphs = 0;
    message(&mut cursor, source.size(), &mut |cursor, number, wire| {
        if let (7, Wire::Bytes(size)) = (number, wire) {
            graphs += 1;
            graph(cursor, size, &mut model)?;
        }
        Ok(())
    })?;
    if graphs != 1 {
        return Err(ReadError::NotAModel);
    }
    Ok(model)
}

fn graph(cursor: &mut Cursor, size: u64, model: &mut Model) -> Result<(), ReadError> {
    message(cursor, size, &mut |cursor, number, wire| {
        let Wire::Bytes(size) = wire else { return Ok(()) };
        match number {
            1 => model.nodes.push(node(cursor, size)?),
            5 => {
                let (name, tensor) = tensor(cursor, size)?;
                model.initializers.insert(name, tensor);
            }
            11 => model.inputs.push(info(cursor, size)?),
            12 => model.outputs.push(info(cursor, size)?),
            _ => {}
        }
        if model.nodes.len().max(model.initializers.len()) > MOST {
            return Err(ReadError::Nodes { nodes: model.nodes.len().max(MOST), most: crate::draft::MOST });
        }
        Ok(())
    })
}

fn info(cursor: &mut Cursor, size: u64) -> Result<Info, ReadError> {
    let mut info = Info::default();
    message(cursor, size, &mut |cursor, number, wire| {
        match (number, wire) {
            (1, Wire::Bytes(size)) => info.name = text(cursor, size)?,
            // TypeProto, in it the tensor's (1), in it the shape (2), in it the dimensions (1)
            (2, Wire::Bytes(size)) => message(cursor, size, &mut |cursor, number, wire| match (number, wire) {
                (1, Wire::Bytes(size)) => message(cursor, size, &mut |cursor, number, wire| match (number, wire) {
                    (2, Wire::Bytes(size)) => {
                        info.shape = Some(sides(cursor, size)?);
                        Ok(())
                    }
                    _ => Ok(()),
                }),
                _ => Ok(()),
            })?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(info)
}

fn sides(cursor: &mut Cursor, size: u64) -> Result<Vec<Side>, ReadError> {
    let mut sides = Vec::new();
    message(cursor, size, &mut |cursor, number, wire| {
        if let (1, Wire::Bytes(size)) = (number, wire) {
            let mut side = Side::Open(String::new());
            message(cursor, size, &mut |cursor, number, wire| {
                match (number, wire) {
                    (1, Wire::Varint(value)) => side = Side::Of(value.cast_signed()),
                    (2, Wire::Bytes(size)) => side = Side::Open(text(cursor, size)?),
                    _ => {}
                }
                Ok(())
            })?;
            sides.push(side);
        }
        Ok(())
    })?;
    Ok(sides)
}

fn node(cursor: &mut Cursor, size: u64) -> Result<Node, ReadError> {
    let mut node = Node::default();
    message(cursor, size, &mut |cursor, number, wire| {
        let Wire::Bytes(size) = wire else { return Ok(()) };
        match number {
            1 => node.inputs.push(text(cursor, size)?),
            2 => node.outputs.push(text(cursor, size)?),
            3 => node.name = text(cursor, size)?,
            4 => node.op = text(cursor, size)?,
            7 => node.domain = text(cursor, size)?,
            5 => {
                let (name, value) = attribute(cursor, size)?;
                node.attributes.insert(name, value);
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(node)
}

fn attribute(cursor: &mut Cursor, size: u64) -> Result<(String, Attribute), ReadError> {
    let (mut name, mut value) = (String::new(), Attribute::Other);
    let (mut whole, mut numbers) = (Vec::new(), Vec::new());
    message(cursor, size, &mut |cursor, number, wire| {
        match (number, wire) {
            (1, Wire::Bytes(size)) => name = text(cursor, size)?,
            (2, Wire::Single(bits)) => value = Attribute::Float(f32::from_bits(bits)),
            (3, Wire::Varint(n)) => value = Attribute::Int(n.cast_signed()),
            (4, Wire::Bytes(size)) if size <= 1 << 16 => value = Attribute::Text(text(cursor, size)?),
            (5, Wire::Bytes(size)) => value = Attribute::Tensor(tensor(cursor, size)?.1),
            (7, Wire::Single(bits)) => numbers.push(f32::from_bits(bits)),
            (7, Wire::Bytes(size)) => Dtype::F32.decode(&cursor.take(size)?, &mut numbers),
            (8, wire) => ints(cursor, &wire, &mut whole)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok((
        name,
        match value {
            Attribute::Other if !whole.is_empty() => Attribute::Ints(whole),
            Attribute::Other if !numbers.is_empty() => Attribute::Floats(numbers),
            value => value,
        },
    ))
}

/// Where the numbers of a tensor are.
#[derive(Default)]
struct Places {
    raw: Option<(u64, u64)>,
    singles: Option<(u64, u64)>,
    doubles: Option<(u64, u64)>,
    loose: Vec<f32>,
    ints: Vec<i64>,
    external: Option<String>,
}

fn tensor(cursor: &mut Cursor, size: u64) -> Result<(String, Constant), ReadError> {
    let (mut name, mut sides, mut kind) = (String::new(), Vec::new(), 0);
    let mut places = Places::default();
    message(cursor, size, &mut |cursor, number, wire| {
        let place = |size: u64, cursor: &Cursor| Some((cursor.at(), size));
        match (number, wire) {
            (1, wire) => ints(cursor, &wire, &mut sides)?,
            (2, Wire::Varint(n)) => kind = n,
            (4, Wire::Bytes(size)) => places.singles = place(size, cursor),
            (4, Wire::Single(bits)) => places.loose.push(f32::from_bits(bits)),
            (5 | 7, wire) => ints(cursor, &wire, &mut places.ints)?,
            (8, Wire::Bytes(size)) => name = text(cursor, size)?,
            (9, Wire::Bytes(size)) => places.raw = place(size, cursor),
            (10, Wire::Bytes(size)) => places.doubles = place(size, cursor),
            (13, Wire::Bytes(size)) => external(cursor, size, &mut places)?,
            (14, Wire::Varint(1)) => {
                places.external.get_or_insert_default();
            }
            _ => {}
        }
        Ok(())
    })?;
    if let Some(file) = places.external {
        return Err(ReadError::External { file });
    }
    let shape: Option<Vec<usize>> = sides.iter().map(|side| usize::try_from(*side).ok()).collect();
    let shape = shape.ok_or(ReadError::Damaged { what: "a tensor of negative size" })?;
    let source = std::rc::Rc::clone(cursor.source());
    let constant = constant(&source, &name, shape, kind, places)?;
    Ok((name, constant))
}

/// An entry of the list that says where a tensor's numbers are kept outside.
fn external(cursor: &mut Cursor, size: u64, places: &mut Places) -> Result<(), ReadError> {
    let (mut key, mut value) = (String::new(), String::new());
    message(cursor, size, &mut |cursor, number, wire| {
        match (number, wire) {
            (1, Wire::Bytes(size)) => key = text(cursor, size)?,
            (2, Wire::Bytes(size)) => value = text(cursor, size)?,
            _ => {}
        }
        Ok(())
    })?;
    if key == "location" {
        places.external = Some(value);
    }
    Ok(())
}

fn constant(source: &Shared, name: &str, shape: Vec<usize>, kind: u64, places: Places) -> Result<Constant, ReadError> {
    let unread = |kind: &str| ReadError::Numbers { tensor: name.to_owned(), kind: kind.to_owned() };
    let dtype = match kind {
        1 => Dtype::F32,
        2 => Dtype::U8,
        3 => Dtype::I8,
        5 => Dtype::I16,
        6 => Dtype::I32,
        7 => Dtype::I64,
        9 => Dtype::Bool,
        10 => Dtype::F16,
        11 => Dtype::F64,
        16 => Dtype::Bf16,
        8 => return Err(unread("text")),
        4 | 12..=15 => return Err(unread(&format!("ONNX type {kind}"))),
        _ => return Err(unread(&format!("quantised, ONNX type {kind}"))),
    };
    let count = crate::tensor::count(&shape).ok_or(ReadError::Damaged { what: "a shape larger than any file" })?;
    let whole = matches!(dtype, Dtype::I64 | Dtype::I32 | Dtype::Bool | Dtype::I16) && count <= SHORT;
    if let Some((at, size)) = places.raw.or(places.singles).or(places.doubles) {
        if size != count as u64 * dtype.size() {
            return Err(ReadError::Damaged { what: "a tensor with more or fewer numbers than its shape" });
        }
        if whole {
            let bytes = crate::source::bytes(source.as_ref(), at, size)?;
            let number = |b: &[u8]| {
                let low = b.iter().rev().fold(0_u64, |n, byte| n << 8 | u64::from(*byte));
                let unused = 64 - 8 * dtype.size();
                (low << unused).cast_signed() >> unused
            };
            let values = bytes.chunks_exact(dtype.size() as usize).map(number).collect();
            return Ok(Constant { shape, data: Data::Ints(values) });
        }
        let stored = Stored::in_file(source, at, dtype, shape.clone())?;
        return Ok(Constant { shape, data: Data::Floats(stored) });
    }
    if dtype == Dtype::F32 && places.loose.len() == count {
        return Ok(Constant::floats(shape, places.loose));
    }
    if places.ints.len() != count {
        return Err(ReadError::Damaged { what: "a tensor with more or fewer numbers than its shape" });
    }
    match dtype {
        // halves are kept as the whole numbers of their bits
        Dtype::F16 | Dtype::Bf16 => {
            let bytes: Vec<u8> = places.ints.iter().flat_map(|bits| (*bits as u16).to_le_bytes()).collect();
            let mut values = Vec::new();
            dtype.decode(&bytes, &mut values);
            Ok(Constant::floats(shape, values))
        }
        _ if whole => Ok(Constant { shape, data: Data::Ints(places.ints) }),
        _ => Ok(Constant::floats(shape, places.ints.iter().map(|v| *v as f32).collect())),
    }
}
