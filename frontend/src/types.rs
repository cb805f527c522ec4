//! The types of the native lane.

use std::fmt;
use std::sync::Arc;

/// A sized scalar that the user opted into: it wraps or rounds like the NumPy 2 scalar of that name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Sized {
    /// `int8`.
    Int8,
    /// `int16`.
    Int16,
    /// `int32`.
    Int32,
    /// `int64`.
    Int64,
    /// `uint8`.
    Uint8,
    /// `uint16`.
    Uint16,
    /// `uint32`.
    Uint32,
    /// `uint64`.
    Uint64,
    /// `float32`.
    Float32,
    /// `complex64`.
    Complex64,
}

impl Sized {
    /// Every sized type.
    pub const ALL: [Sized; 10] = [
        Sized::Int8,
        Sized::Int16,
        Sized::Int32,
        Sized::Int64,
        Sized::Uint8,
        Sized::Uint16,
        Sized::Uint32,
        Sized::Uint64,
        Sized::Float32,
        Sized::Complex64,
    ];

    /// The name in Python.
    pub const fn name(self) -> &'static str {
        match self {
            Sized::Int8 => "int8",
            Sized::Int16 => "int16",
            Sized::Int32 => "int32",
            Sized::Int64 => "int64",
            Sized::Uint8 => "uint8",
            Sized::Uint16 => "uint16",
            Sized::Uint32 => "uint32",
            Sized::Uint64 => "uint64",
            Sized::Float32 => "float32",
            Sized::Complex64 => "complex64",
        }
    }

    /// Width in bits (of one component).
    pub const fn bits(self) -> u32 {
        match self {
            Sized::Int8 | Sized::Uint8 => 8,
            Sized::Int16 | Sized::Uint16 => 16,
            Sized::Int32 | Sized::Uint32 | Sized::Float32 | Sized::Complex64 => 32,
            Sized::Int64 | Sized::Uint64 => 64,
        }
    }

    /// Whether it is an integer.
    pub const fn is_int(self) -> bool {
        !matches!(self, Sized::Float32 | Sized::Complex64)
    }

    /// Whether it is a signed integer.
    pub const fn is_signed(self) -> bool {
        matches!(self, Sized::Int8 | Sized::Int16 | Sized::Int32 | Sized::Int64)
    }

    /// Least and greatest value of an integer type.
    pub const fn range(self) -> (i128, i128) {
        let bits = self.bits();
        if self.is_signed() { (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) } else { (0, (1 << bits) - 1) }
    }

    /// The integer type of this width and signedness.
    pub fn int(bits: u32, signed: bool) -> Option<Sized> {
        Sized::ALL.into_iter().find(|s| s.is_int() && s.bits() == bits && s.is_signed() == signed)
    }
}

/// The type of a value.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Type {
    /// Not known (yet): the result of a function still being inferred, or of something already reported.
    Unknown,
    /// `None`.
    None,
    /// `bool`.
    Bool,
    /// `int`.
    Int,
    /// `float`.
    Float,
    /// `complex`.
    Complex,
    /// Text that exists before the program runs: literals and items of `sys.argv`.
    Str,
    /// Text made at run time: it can only be handed to `print` or `raise`.
    Text,
    /// A caught exception.
    Exc,
    /// A sized scalar.
    Sized(Sized),
    /// A tuple of fixed length.
    Tuple(Tuple),
    /// A typed buffer.
    Buffer(Buffer),
}

/// The items of a tuple, and the class if it is a namedtuple.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Tuple {
    items: Arc<[Type]>,
    /// The class.
    pub named: Option<Arc<Named>>,
}

/// A class of namedtuples.
#[derive(PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Named {
    /// The name of the class.
    pub name: String,
    /// The names of the fields, one for each item.
    pub fields: Vec<String>,
}

impl std::ops::Deref for Tuple {
    type Target = [Type];
    fn deref(&self) -> &[Type] {
        &self.items
    }
}

impl Tuple {
    /// What C and people call an item: its field, or its number.
    pub fn label(&self, index: usize) -> String {
        let field = self.named.as_ref().and_then(|named| named.fields.get(index));
        field.cloned().unwrap_or_else(|| format!("item{index}"))
    }
}

/// What a buffer holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Item {
    /// `bool_`.
    Bool,
    /// `float64`.
    Float64,
    /// A sized integer or `float32`.
    Sized(Sized),
}

impl Item {
    /// The name in Python.
    pub const fn name(self) -> &'static str {
        match self {
            Item::Bool => "bool_",
            Item::Float64 => "float64",
            Item::Sized(sized) => sized.name(),
        }
    }

    /// Size in bytes.
    pub const fn bytes(self) -> u32 {
        match self {
            Item::Bool => 1,
            Item::Float64 => 8,
            Item::Sized(sized) => sized.bits() / 8,
        }
    }

    /// The type of an item as it lies in memory.
    pub const fn stored(self) -> Type {
        match self {
            Item::Bool => Type::Bool,
            Item::Float64 => Type::Float,
            Item::Sized(sized) => Type::Sized(sized),
        }
    }

    /// The type of an item that was read: a plain Python number, as a memoryview gives it.
    pub const fn read(self) -> Type {
        match self {
            Item::Bool => Type::Bool,
            Item::Sized(sized) if sized.is_int() => Type::Int,
            _ => Type::Float,
        }
    }

    /// The format character of the `struct` module.
    pub const fn format(self) -> char {
        match self {
            Item::Bool => '?',
            Item::Float64 => 'd',
            Item::Sized(sized) => match sized {
                Sized::Int8 => 'b',
                Sized::Int16 => 'h',
                Sized::Int32 => 'i',
                Sized::Int64 => 'q',
                Sized::Uint8 => 'B',
                Sized::Uint16 => 'H',
                Sized::Uint32 => 'I',
                Sized::Uint64 => 'Q',
                _ => 'f',
            },
        }
    }
}

/// A typed buffer: memory that somebody else owns, as a memoryview shows it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Buffer {
    /// What it holds.
    pub item: Item,
    /// 1 or 2 dimensions.
    pub rank: u8,
    /// Whether items may lie apart: slices with a step. Only of one dimension.
    pub strided: bool,
}

impl Type {
    /// A tuple type.
    pub fn tuple(items: impl IntoIterator<Item = Type>) -> Type {
        Type::Tuple(Tuple { items: items.into_iter().collect(), named: None })
    }

    /// A namedtuple type.
    pub fn named(named: Arc<Named>, items: impl IntoIterator<Item = Type>) -> Type {
        Type::Tuple(Tuple { items: items.into_iter().collect(), named: Some(named) })
    }

    /// Whether it has at most `most` parts, itself and the parts of parts included.
    pub fn is_small(&self, most: usize) -> bool {
        fn count(ty: &Type, left: &mut usize) -> bool {
            if *left == 0 {
                return false;
            }
            *left -= 1;
            match ty {
                Type::Tuple(items) => items.iter().all(|item| count(item, left)),
                _ => true,
            }
        }
        count(self, &mut { most })
    }

    /// Whether arithmetic treats it as a Python number: `bool`, `int`, `float` or `complex`.
    pub fn is_number(&self) -> bool {
        matches!(self, Type::Bool | Type::Int | Type::Float | Type::Complex)
    }

    /// Whether it is `int` or `bool`.
    pub fn is_integral(&self) -> bool {
        matches!(self, Type::Bool | Type::Int)
    }

    /// Whether it or a part of it is unknown.
    pub fn is_unknown(&self) -> bool {
        match self {
            Type::Unknown => true,
            Type::Tuple(items) => items.iter().any(Type::is_unknown),
            _ => false,
        }
    }

    /// Whether it is a buffer or has one in it.
    pub fn has_buffer(&self) -> bool {
        match self {
            Type::Buffer(_) => true,
            Type::Tuple(items) => items.iter().any(Type::has_buffer),
            _ => false,
        }
    }

    /// Whether a value of this type can be kept in a variable, passed and returned.
    pub fn is_storable(&self) -> bool {
        match self {
            Type::Text => false,
            Type::Tuple(items) => items.iter().all(Type::is_storable),
            _ => true,
        }
    }

    /// Whether a value of this type may stand where the annotation says `declared`: the numeric tower of
    /// annotations (an `int` is welcome as a `float`), as type checkers have it.
    pub fn is_accepted_as(&self, declared: &Type) -> bool {
        match (self, declared) {
            (a, b) if a == b || a.is_unknown() => true,
            (Type::Bool, Type::Int | Type::Float | Type::Complex) => true,
            (Type::Int, Type::Float | Type::Complex) | (Type::Float, Type::Complex) => true,
            (Type::Buffer(a), Type::Buffer(b)) => a.item == b.item && a.rank == b.rank,
            (Type::Tuple(a), Type::Tuple(b)) => {
                let same_class = b.named.is_none() || a.named == b.named;
                same_class && a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.is_accepted_as(b))
            }
            _ => false,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Unknown => f.write_str("?"),
            Type::None => f.write_str("None"),
            Type::Bool => f.write_str("bool"),
            Type::Int => f.write_str("int"),
            Type::Float => f.write_str("float"),
            Type::Complex => f.write_str("complex"),
            Type::Str => f.write_str("str"),
            Type::Text => f.write_str("str (made at run time)"),
            Type::Exc => f.write_str("exception"),
            Type::Sized(sized) => f.write_str(sized.name()),
            Type::Buffer(Buffer { item, rank: 2, .. }) => write!(f, "{}[:, :]", item.name()),
            Type::Buffer(Buffer { item, strided: true, .. }) => write!(f, "{}[::step]", item.name()),
            Type::Buffer(Buffer { item, .. }) => write!(f, "{}[:]", item.name()),
            Type::Tuple(items) if items.is_empty() && items.named.is_none() => f.write_str("tuple[()]"),
            Type::Tuple(items) => {
                f.write_str(items.named.as_ref().map_or("tuple", |named| &named.name))?;
                f.write_str("[")?;
                for (i, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if i == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
        }
    }
}
