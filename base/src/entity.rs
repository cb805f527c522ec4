//! Dense identifiers and the vectors they index.
//!
//! An id is a newtype over `u32`, printed with one prefix everywhere (`v12`, `b3`) and never reused.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

/// A dense index that names one thing of one kind.
pub trait EntityId: Copy + Eq + Ord + fmt::Debug + fmt::Display {
    /// The id with this index. Panics above `u32::MAX - 1`.
    fn from_index(index: usize) -> Self;
    /// The position of this id in its [`EntityVec`].
    fn index(self) -> usize;
}

/// Defines an id type: `entity_id! { /// A block. pub struct Block("b"); }`.
#[macro_export]
macro_rules! entity_id {
    ($(#[$meta:meta])* $vis:vis struct $name:ident($prefix:literal);) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis struct $name(u32);

        impl $name {
            /// The id with this number.
            pub const fn new(number: u32) -> Self { Self(number) }
            /// The number behind the prefix.
            pub const fn as_u32(self) -> u32 { self.0 }
        }

        impl $crate::EntityId for $name {
            fn from_index(index: usize) -> Self {
                Self(u32::try_from(index).expect("invariant: fewer than 2^32 entities"))
            }
            fn index(self) -> usize { self.0 as usize }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(self, f)
            }
        }
    };
}

/// A vector indexed by one kind of id.
#[derive(Clone, PartialEq, Eq)]
pub struct EntityVec<K, V> {
    items: Vec<V>,
    key: PhantomData<K>,
}

impl<K: EntityId, V> EntityVec<K, V> {
    /// An empty vector.
    pub const fn new() -> Self {
        Self { items: Vec::new(), key: PhantomData }
    }

    /// `len` copies of `value`.
    pub fn filled(value: V, len: usize) -> Self
    where
        V: Clone,
    {
        Self { items: vec![value; len], key: PhantomData }
    }

    /// Appends `value` and returns its new id.
    pub fn push(&mut self, value: V) -> K {
        let id = K::from_index(self.items.len());
        self.items.push(value);
        id
    }

    /// The id that the next [`push`](Self::push) will return.
    pub fn next_id(&self) -> K {
        K::from_index(self.items.len())
    }

    /// How many entities exist.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether no entity exists.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The value of `id`, if it exists.
    pub fn get(&self, id: K) -> Option<&V> {
        self.items.get(id.index())
    }

    /// The value of `id`, if it exists.
    pub fn get_mut(&mut self, id: K) -> Option<&mut V> {
        self.items.get_mut(id.index())
    }

    /// All ids, ascending.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = K> + ExactSizeIterator + use<K, V> {
        (0..self.items.len()).map(K::from_index)
    }

    /// All ids with their values, ascending.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (K, &V)> {
        self.items.iter().enumerate().map(|(i, v)| (K::from_index(i), v))
    }

    /// All ids with their values, ascending.
    pub fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = (K, &mut V)> {
        self.items.iter_mut().enumerate().map(|(i, v)| (K::from_index(i), v))
    }

    /// All values in the order of their ids.
    pub fn values(&self) -> std::slice::Iter<'_, V> {
        self.items.iter()
    }

    /// All values in the order of their ids.
    pub fn values_mut(&mut self) -> std::slice::IterMut<'_, V> {
        self.items.iter_mut()
    }

    /// Grows to `len` entities with copies of `value`; never shrinks.
    pub fn grow(&mut self, len: usize, value: V)
    where
        V: Clone,
    {
        if len > self.items.len() {
            self.items.resize(len, value);
        }
    }
}

impl<K: EntityId, V> Default for EntityVec<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: EntityId, V: fmt::Debug> fmt::Debug for EntityVec<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<K: EntityId, V> FromIterator<V> for EntityVec<K, V> {
    fn from_iter<I: IntoIterator<Item = V>>(iter: I) -> Self {
        Self { items: iter.into_iter().collect(), key: PhantomData }
    }
}

impl<K: EntityId, V> Index<K> for EntityVec<K, V> {
    type Output = V;
    fn index(&self, id: K) -> &V {
        &self.items[id.index()]
    }
}

impl<K: EntityId, V> IndexMut<K> for EntityVec<K, V> {
    fn index_mut(&mut self, id: K) -> &mut V {
        &mut self.items[id.index()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    entity_id! { struct Thing("t"); }

    #[test]
    fn push_returns_dense_ids_that_print_with_their_prefix() {
        let mut vec = EntityVec::<Thing, &str>::new();
        let (a, b) = (vec.push("a"), vec.push("b"));
        assert_eq!((vec[a], vec[b]), ("a", "b"));
        assert_eq!(format!("{a} {b:?}"), "t0 t1");
        assert_eq!(vec.ids().collect::<Vec<_>>(), [a, b]);
        assert_eq!(vec.get(Thing::new(2)), None);
    }
}
