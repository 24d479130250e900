//! A pickle's values, without running anything: a subset of Python's pickle machine (protocols 0 to 5) whose objects stay what they
//! are in the file, a class's name with its arguments and its state.
//!
//! All values stand in one list and refer to each other by number, so that no nesting, however deep, costs stack; every opcode
//! costs a byte of the file, so that memory is bounded by the file's size.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::error::ReadError;
use crate::source::{Cursor, Shared};

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Python's `None`.
    None,
    /// A truth value.
    Bool(bool),
    /// A whole number; larger ones than 64 bits are cut.
    Int(i64),
    /// A number.
    Float(f64),
    /// A text.
    Text(Rc<str>),
    /// Bytes, which stay where they are: [`Pickle::source`] has them from `at` on.
    Bytes {
        /// The place of the first.
        at: u64,
        /// How many.
        size: u64,
    },
    /// A class or function: its module, a dot, its name.
    Global(Rc<str>),
    /// Something of several parts: [`Pickle::item`].
    At(usize),
}

/// Something of several parts.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A list or set.
    List(Vec<Value>),
    /// A tuple.
    Tuple(Vec<Value>),
    /// A dictionary, in order.
    Dict(Vec<(Value, Value)>),
    /// What stands outside the pickle under this name.
    Persistent(Value),
    /// An object that was not made.
    Object(Object),
}

/// What a pickle says of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// Its class, or the function that makes it.
    pub class: Value,
    /// Their arguments.
    pub args: Value,
    /// What is put into it afterwards.
    pub state: Value,
    /// Its entries, of a kind of dictionary.
    pub entries: Vec<(Value, Value)>,
}

/// A pickle that was read.
pub struct Pickle {
    items: Vec<Item>,
    /// What it was read from.
    pub source: Shared,
    /// What was pickled.
    pub root: Value,
}

/// No pickle of a model has more opcodes.
const MOST: usize = 20_000_000;
/// No text is longer: older pickles have the numbers of NumPy's arrays as one.
const LONGEST: u64 = 64 << 20;

const DAMAGED: ReadError = ReadError::Damaged { what: "pickle" };

impl Pickle {
    /// Reads one pickle; the cursor then stands behind it.
    ///
    /// # Errors
    /// [`ReadError`]: no pickle, one that ends early, or one made to use up memory.
    pub fn read(cursor: &mut Cursor) -> Result<Self, ReadError> {
        let source = Rc::clone(cursor.source());
        let mut machine =
            Machine { cursor, items: Vec::new(), stack: Vec::new(), marks: Vec::new(), memo: BTreeMap::new() };
        let root = machine.run()?;
        Ok(Self { items: machine.items, source, root })
    }

    /// The parts of a value that has some.
    pub fn item(&self, value: &Value) -> Option<&Item> {
        match value {
            Value::At(at) => self.items.get(*at),
            _ => None,
        }
    }

    /// A list's or tuple's values.
    pub fn list(&self, value: &Value) -> Option<&[Value]> {
        match self.item(value)? {
            Item::List(values) | Item::Tuple(values) => Some(values),
            _ => None,
        }
    }

    /// A dictionary's entries, those of an `OrderedDict` or of another class made of one too.
    pub fn entries(&self, value: &Value) -> Option<&[(Value, Value)]> {
        match self.item(value)? {
            Item::Dict(entries) => Some(entries),
            Item::Object(object) if !object.entries.is_empty() => Some(&object.entries),
            _ => None,
        }
    }

    /// The value of a dictionary's key.
    pub fn get(&self, value: &Value, key: &str) -> Option<&Value> {
        let entries = self.entries(value)?;
        entries.iter().find(|(name, _)| matches!(name, Value::Text(text) if **text == *key)).map(|(_, value)| value)
    }

    /// An object.
    pub fn object(&self, value: &Value) -> Option<&Object> {
        match self.item(value)? {
            Item::Object(object) => Some(object),
            _ => None,
        }
    }
}

impl Value {
    /// A whole number, not below 0.
    pub fn whole(&self) -> Option<usize> {
        match self {
            Self::Int(n) => usize::try_from(*n).ok(),
            _ => None,
        }
    }
}

struct Machine<'a> {
    cursor: &'a mut Cursor,
    items: Vec<Item>,
    stack: Vec<Value>,
    marks: Vec<usize>,
    memo: BTreeMap<u64, Value>,
}

impl Machine<'_> {
    fn run(&mut self) -> Result<Value, ReadError> {
        for _ in 0..MOST {
            let code = self.cursor.byte()?;
            if code == b'.' {
                return self.pop();
            }
            self.step(code)?;
        }
        Err(ReadError::Hostile { what: "a pickle of more steps than any model's" })
    }

    fn pop(&mut self) -> Result<Value, ReadError> {
        match self.marks.last() {
            Some(mark) if self.stack.len() <= *mark => Err(DAMAGED),
            _ => self.stack.pop().ok_or(DAMAGED),
        }
    }

    /// What stands above the last mark.
    fn above(&mut self) -> Result<Vec<Value>, ReadError> {
        let mark = self.marks.pop().ok_or(DAMAGED)?;
        Ok(self.stack.split_off(mark.min(self.stack.len())))
    }

    fn add(&mut self, item: Item) {
        self.stack.push(Value::At(self.items.len()));
        self.items.push(item);
    }

    fn tuple(&mut self, size: usize) -> Result<(), ReadError> {
        let mut values = (0..size).map(|_| self.pop()).collect::<Result<Vec<_>, _>>()?;
        values.reverse();
        self.add(Item::Tuple(values));
        Ok(())
    }

    fn object(&mut self, class: Value, args: Value) {
        self.add(Item::Object(Object { class, args, state: Value::None, entries: Vec::new() }));
    }

    fn unsigned(&mut self, size: usize) -> Result<u64, ReadError> {
        let bytes = self.cursor.take(size as u64)?;
        Ok(bytes.iter().rev().fold(0, |n, byte| n << 8 | u64::from(*byte)))
    }

    fn text(&mut self, size: u64, latin: bool) -> Result<Value, ReadError> {
        if size > LONGEST {
            return Err(if size > self.cursor.left() {
                ReadError::Truncated
            } else {
                ReadError::Hostile { what: "a text of more than 64 MB" }
            });
        }
        let bytes = self.cursor.take(size)?;
        Ok(Value::Text(match latin {
            // Python 2's texts are bytes
            true => bytes.iter().map(|byte| char::from(*byte)).collect::<String>().into(),
            false => String::from_utf8_lossy(&bytes).into(),
        }))
    }

    fn bytes(&mut self, size: u64) -> Result<(), ReadError> {
        if size > self.cursor.left() {
            return Err(ReadError::Truncated);
        }
        let at = self.cursor.at();
        self.cursor.go(at + size);
        self.stack.push(Value::Bytes { at, size });
        Ok(())
    }

    fn line(&mut self) -> Result<String, ReadError> {
        let line = self.cursor.until(b'\n', LONGEST as usize)?;
        Ok(String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned())
    }

    /// A whole number in two's complement; what does not fit is cut, for a magic number is all that is longer.
    fn long(&mut self, size: u64) -> Result<(), ReadError> {
        if size > 1 << 12 {
            return Err(DAMAGED);
        }
        let bytes = self.cursor.take(size)?;
        let filled = if bytes.last().is_some_and(|byte| *byte >= 0x80) { 0xff } else { 0 };
        let mut low = [filled; 8];
        low.iter_mut().zip(&bytes).for_each(|(low, byte)| *low = *byte);
        self.stack.push(Value::Int(i64::from_le_bytes(low)));
        Ok(())
    }

    fn put(&mut self, at: u64) -> Result<(), ReadError> {
        let top = self.stack.last().ok_or(DAMAGED)?.clone();
        self.memo.insert(at, top);
        Ok(())
    }

    fn get(&mut self, at: u64) -> Result<(), ReadError> {
        let value = self.memo.get(&at).ok_or(DAMAGED)?.clone();
        self.stack.push(value);
        Ok(())
    }

    /// Puts values into the list, set or object at the top.
    fn append(&mut self, values: Vec<Value>) -> Result<(), ReadError> {
        let Some(Value::At(at)) = self.stack.last() else { return Err(DAMAGED) };
        match self.items.get_mut(*at) {
            Some(Item::List(list)) => list.extend(values),
            Some(Item::Object(_)) => {} // a list of a class of its own: no tensors are kept in one
            _ => return Err(DAMAGED),
        }
        Ok(())
    }

    fn set(&mut self, values: Vec<Value>) -> Result<(), ReadError> {
        let Some(Value::At(at)) = self.stack.last() else { return Err(DAMAGED) };
        let entries = match self.items.get_mut(*at) {
            Some(Item::Dict(entries)) => entries,
            Some(Item::Object(object)) => &mut object.entries,
            _ => return Err(DAMAGED),
        };
        let mut values = values.into_iter();
        while let (Some(key), Some(value)) = (values.next(), values.next()) {
            entries.push((key, value));
        }
        Ok(())
    }

    fn global(&mut self, module: &str, name: &str) {
        self.stack.push(Value::Global(format!("{module}.{name}").into()));
    }

    fn step(&mut self, code: u8) -> Result<(), ReadError> {
        match code {
            b'(' => self.marks.push(self.stack.len()),
            b'0' => drop(self.pop()?),
            b'1' => drop(self.above()?),
            b'2' => {
                let top = self.stack.last().ok_or(DAMAGED)?.clone();
                self.stack.push(top);
            }
            b'N' => self.stack.push(Value::None),
            0x88 | 0x89 => self.stack.push(Value::Bool(code == 0x88)),
            b'I' | b'L' => {
                let line = self.line()?;
                self.stack.push(match line.as_str() {
                    "00" => Value::Bool(false),
                    "01" => Value::Bool(true),
                    digits => Value::Int(digits.trim_end_matches('L').parse().unwrap_or(i64::MAX)),
                });
            }
            b'F' => {
                let number = self.line()?.parse().map_err(|_| DAMAGED)?;
                self.stack.push(Value::Float(number));
            }
            b'J' => {
                let number = i32::from_le_bytes(self.cursor.array()?);
                self.stack.push(Value::Int(i64::from(number)));
            }
            b'K' | b'M' => {
                let number = self.unsigned(if code == b'K' { 1 } else { 2 })?;
                self.stack.push(Value::Int(number.cast_signed()));
            }
            0x8a | 0x8b => {
                let size = self.unsigned(if code == 0x8a { 1 } else { 4 })?;
                self.long(size)?;
            }
            b'G' => {
                let number = f64::from_be_bytes(self.cursor.array()?);
                self.stack.push(Value::Float(number));
            }
            b'S' | b'V' => {
                let line = self.line()?;
                let text = if code == b'S' { line.trim_matches(['\'', '"']) } else { &line };
                self.stack.push(Value::Text(text.into()));
            }
            b'U' | b'T' | b'X' | 0x8c | 0x8d => {
                let size = self.unsigned(match code {
                    b'U' | 0x8c => 1,
                    0x8d => 8,
                    _ => 4,
                })?;
                let text = self.text(size, matches!(code, b'U' | b'T'))?;
                self.stack.push(text);
            }
            b'B' | b'C' | 0x8e | 0x96 => {
                let size = self.unsigned(match code {
                    b'C' => 1,
                    b'B' => 4,
                    _ => 8,
                })?;
                self.bytes(size)?;
            }
            b'c' => {
                let (module, name) = (self.line()?, self.line()?);
                self.global(&module, &name);
            }
            0x93 => {
                let (Value::Text(name), Value::Text(module)) = (self.pop()?, self.pop()?) else { return Err(DAMAGED) };
                self.global(&module, &name);
            }
            b']' | 0x8f => self.add(Item::List(Vec::new())),
            b'}' => self.add(Item::Dict(Vec::new())),
            b')' => self.tuple(0)?,
            0x85..=0x87 => self.tuple(usize::from(code - 0x84))?,
            b't' => {
                let values = self.above()?;
                self.add(Item::Tuple(values));
            }
            b'l' | 0x91 => {
                let values = self.above()?;
                self.add(Item::List(values));
            }
            b'd' => {
                let values = self.above()?;
                self.add(Item::Dict(Vec::new()));
                self.set(values)?;
            }
            b'a' => {
                let value = self.pop()?;
                self.append(vec![value])?;
            }
            b'e' | 0x90 => {
                let values = self.above()?;
                self.append(values)?;
            }
            b's' => {
                let (value, key) = (self.pop()?, self.pop()?);
                self.set(vec![key, value])?;
            }
            b'u' => {
                let values = self.above()?;
                self.set(values)?;
            }
            b'p' | b'g' => {
                let at = self.line()?.parse().map_err(|_| DAMAGED)?;
                if code == b'p' { self.put(at)? } else { self.get(at)? }
            }
            b'q' | b'r' => {
                let at = self.unsigned(if code == b'q' { 1 } else { 4 })?;
                self.put(at)?;
            }
            b'h' | b'j' => {
                let at = self.unsigned(if code == b'h' { 1 } else { 4 })?;
                self.get(at)?;
            }
            0x94 => self.put(self.memo.len() as u64)?,
            b'P' => {
                let name = self.line()?;
                self.add(Item::Persistent(Value::Text(name.into())));
            }
            b'Q' => {
                let name = self.pop()?;
                self.add(Item::Persistent(name));
            }
            b'R' | 0x81 => {
                let (args, class) = (self.pop()?, self.pop()?);
                self.object(class, args);
            }
            0x92 => {
                let (_, args, class) = (self.pop()?, self.pop()?, self.pop()?);
                self.object(class, args);
            }
            b'o' => {
                let mut values = self.above()?;
                if values.is_empty() {
                    return Err(DAMAGED);
                }
                let class = values.remove(0);
                self.add(Item::Tuple(values));
                let args = self.pop()?;
                self.object(class, args);
            }
            b'i' => {
                let class = Value::Global(format!("{}.{}", self.line()?, self.line()?).into());
                let values = self.above()?;
                self.add(Item::Tuple(values));
                let args = self.pop()?;
                self.object(class, args);
            }
            b'b' => {
                let state = self.pop()?;
                if let Some(Value::At(at)) = self.stack.last()
                    && let Some(Item::Object(object)) = self.items.get_mut(*at)
                {
                    object.state = state;
                }
            }
            0x80 => {
                self.cursor.byte()?;
            }
            0x95 => {
                self.cursor.take(8)?;
            }
            _ => return Err(DAMAGED),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Pickle, ReadError> {
        Pickle::read(&mut Cursor::new(Rc::new(bytes.to_vec()), 0))
    }

    /// `pickle.dumps({'a': (1, -2, 2.5, None, True), 'b': [b'xy', 'é', 300, -70000, 2**40]}, protocol)`.
    #[test]
    fn pythons_values_are_read_in_every_protocol() {
        let old =
            b"(dp0\nVa\np1\n(I1\nI-2\nF2.5\nNI01\ntp2\nsVb\np3\n(lp4\nVx\np5\naI300\naI-70000\naL1099511627776L\nas.";
        let new = b"\x80\x04\x95P\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x01a\x94(K\x01J\xfe\xff\xff\xffG@\x04\x00\x00\x00\x00\x00\x00N\x88t\x94\x8c\x01b\x94]\x94(\x8c\x01x\x94M,\x01J\x90\xee\xfe\xff\x8a\x06\x00\x00\x00\x00\x00\x01eu.";
        for bytes in [&old[..], &new[..]] {
            let pickle = read(bytes).unwrap();
            let a = pickle.list(pickle.get(&pickle.root, "a").unwrap()).unwrap();
            assert_eq!(a, [Value::Int(1), Value::Int(-2), Value::Float(2.5), Value::None, Value::Bool(true)]);
            let b = pickle.list(pickle.get(&pickle.root, "b").unwrap()).unwrap();
            assert_eq!(b, [Value::Text("x".into()), Value::Int(300), Value::Int(-70000), Value::Int(1 << 40)]);
        }
    }

    #[test]
    fn what_is_no_pickle_is_refused_and_nothing_is_too_deep() {
        for bytes in [
            &b"."[..],
            b"(.",
            b"R.",
            b"h\x05.",
            b"]s.",
            b"\xff",
            b"X\xff\xff\xff\x7fa.",
            b"\x8d\xff\xff\xff\xff\xff\xff\xff\xff.",
        ] {
            assert!(read(bytes).is_err(), "{bytes:?}");
        }
        let mut deep = vec![b'N'];
        deep.extend(std::iter::repeat_n(0x85, 1_000_000));
        deep.push(b'.');
        assert!(read(&deep).is_ok());
    }
}
