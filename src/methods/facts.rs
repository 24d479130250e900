//! What a method tells beside its figures and reads back for its sentence: structs whose fields' names are the keys, so that each key
//! stands once. `facts!` makes one that is told and read as an object, `rows!` one that is a table's row.

use serde_json::{Map, Value};

use crate::figure::told::{Cell, Shade, Table};

/// A value among the facts.
pub trait Fact: Sized {
    /// As JSON; `None`: it is not told at all.
    fn told(self) -> Option<Value>;

    /// What was told; `None` when that is of another type. `told` is `None` when nothing was.
    fn read(told: Option<&Value>) -> Option<Self>;
}

/// A struct of facts, `facts! { Name { key: Type, ... } }`.
macro_rules! facts {
    ($(#[$doc:meta])* $name:ident { $($(#[$more:meta])* $key:ident: $value:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        #[allow(missing_docs, reason = "the method's `run` says what its facts are")]
        pub struct $name { $($(#[$more])* pub $key: $value),* }

        impl $name {
            /// Its keys and values.
            #[cfg_attr(not(feature = "engine"), allow(dead_code, reason = "read here, told in the engine"))]
            pub fn entries(self) -> serde_json::Map<String, serde_json::Value> {
                $crate::methods::facts::map([$((stringify!($key), $crate::methods::facts::Fact::told(self.$key))),*])
            }
        }

        impl $crate::methods::facts::Fact for $name {
            fn told(self) -> Option<serde_json::Value> {
                Some(self.entries().into())
            }

            fn read(told: Option<&serde_json::Value>) -> Option<Self> {
                let told = told?;
                Some(Self { $($key: $crate::methods::facts::Fact::read(told.get(stringify!($key)))?),* })
            }
        }
    };
}
pub(crate) use facts;

/// The entries that are told.
pub fn map<const N: usize>(entries: [(&str, Option<Value>); N]) -> Map<String, Value> {
    entries.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}

impl Fact for f64 {
    fn told(self) -> Option<Value> {
        Some(self.into())
    }

    fn read(told: Option<&Value>) -> Option<Self> {
        told?.as_f64()
    }
}

impl Fact for f32 {
    fn told(self) -> Option<Value> {
        Some(self.into())
    }

    fn read(told: Option<&Value>) -> Option<Self> {
        told?.as_f64().map(|v| v as Self)
    }
}

impl Fact for usize {
    fn told(self) -> Option<Value> {
        Some(self.into())
    }

    fn read(told: Option<&Value>) -> Option<Self> {
        told?.as_f64().filter(|v| *v >= 0.0 && v.fract() == 0.0).map(|v| v as Self)
    }
}

impl Fact for String {
    fn told(self) -> Option<Value> {
        Some(self.into())
    }

    fn read(told: Option<&Value>) -> Option<Self> {
        told?.as_str().map(str::to_owned)
    }
}

/// Told only when it is true.
impl Fact for bool {
    fn told(self) -> Option<Value> {
        self.then_some(Value::Bool(true))
    }

    fn read(told: Option<&Value>) -> Option<Self> {
        Some(told.is_some_and(|v| *v == true))
    }
}

/// `None` is told as well: there is no such number.
impl<T: Fact> Fact for Option<T> {
    fn told(self) -> Option<Value> {
        self.map_or(Some(Value::Null), T::told)
    }

    fn read(told: Option<&Value>) -> Option<Self> {
        Some(Some(told?).filter(|v| !v.is_null()).and_then(|v| T::read(Some(v))))
    }
}

impl<T: Fact> Fact for Vec<T> {
    fn told(self) -> Option<Value> {
        Some(self.into_iter().filter_map(T::told).collect())
    }

    fn read(told: Option<&Value>) -> Option<Self> {
        told?.as_array()?.iter().map(|v| T::read(Some(v))).collect()
    }
}

/// What only some runs tell.
#[derive(Clone, Copy, Debug)]
pub struct Sometimes<T>(pub Option<T>);

impl<T: Fact> Fact for Sometimes<T> {
    fn told(self) -> Option<Value> {
        self.0.and_then(T::told)
    }

    fn read(told: Option<&Value>) -> Option<Self> {
        Some(Self(told.and_then(|v| T::read(Some(v)))))
    }
}

/// Told as 1 or 0, which pages print as yes or no.
#[derive(Clone, Copy, Debug)]
pub struct YesNo(pub bool);

impl Fact for YesNo {
    fn told(self) -> Option<Value> {
        Some(u8::from(self.0).into())
    }

    fn read(told: Option<&Value>) -> Option<Self> {
        Some(Self(told?.as_f64()? > 0.5))
    }
}

facts! {
    /// A class's probability and logit before and after a change.
    Change { class: usize, before: f32, after: f32, logit_before: f32, logit_after: f32 }
}

/// A row of a table that a method prints.
pub trait Row: Sized {
    /// The table's name.
    const TABLE: &'static str;
    /// The columns' names.
    const COLUMNS: &'static [&'static str];

    /// Its cells, in the order of the columns.
    fn cells(self) -> Vec<Cell>;

    /// The row whose cell in the column of this name `cell` gives; `None` when one is of another type.
    fn read(cell: impl Fn(&str) -> Option<Value>) -> Option<Self>;

    /// A table for such rows.
    fn table(shade: Shade) -> Table {
        Table::new(Self::TABLE, shade, Self::COLUMNS)
    }

    /// Adds it to a table under a name.
    fn add_to(self, table: &mut Table, name: impl Into<String>) {
        table.row(name, self.cells());
    }
}

/// A table's row, `rows! { Name in "table" { column: Type, ... } }`.
macro_rules! rows {
    ($(#[$doc:meta])* $name:ident in $table:literal { $($column:ident: $value:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        #[allow(missing_docs, reason = "the method's `run` says what its tables are")]
        pub struct $name { $(pub $column: $value),* }

        impl $crate::methods::facts::Row for $name {
            const TABLE: &'static str = $table;
            const COLUMNS: &'static [&'static str] = &[$(stringify!($column)),*];

            fn cells(self) -> Vec<$crate::figure::told::Cell> {
                vec![$(self.$column.into()),*]
            }

            fn read(cell: impl Fn(&str) -> Option<serde_json::Value>) -> Option<Self> {
                Some(Self { $($column: $crate::methods::facts::Fact::read(cell(stringify!($column)).as_ref())?),* })
            }
        }
    };
}
pub(crate) use rows;

rows! {
    /// What the network says of one version of the picture: the class's probability, its change, rank and lead, and the answer.
    Said in "variants" { probability: f32, change: f32, rank: usize, margin: f32, answer: String }
}
