//! A growable set of ids, one bit each.

use crate::EntityId;
use std::marker::PhantomData;

/// A set of ids of one kind; grows on insertion.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BitSet<K> {
    words: Vec<u64>,
    key: PhantomData<K>,
}

impl<K: EntityId> BitSet<K> {
    /// The empty set.
    pub const fn new() -> Self {
        Self { words: Vec::new(), key: PhantomData }
    }

    /// The empty set with room for ids below `len`.
    pub fn with_capacity(len: usize) -> Self {
        Self { words: vec![0; len.div_ceil(64)], key: PhantomData }
    }

    /// Adds `id`; true if it was absent.
    pub fn insert(&mut self, id: K) -> bool {
        let (word, bit) = (id.index() / 64, 1u64 << (id.index() % 64));
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        let fresh = self.words[word] & bit == 0;
        self.words[word] |= bit;
        fresh
    }

    /// Removes `id`; true if it was present.
    pub fn remove(&mut self, id: K) -> bool {
        let (word, bit) = (id.index() / 64, 1u64 << (id.index() % 64));
        match self.words.get_mut(word) {
            Some(w) if *w & bit != 0 => {
                *w &= !bit;
                true
            }
            _ => false,
        }
    }

    /// Whether `id` is in the set.
    pub fn contains(&self, id: K) -> bool {
        self.words.get(id.index() / 64).is_some_and(|w| w >> (id.index() % 64) & 1 == 1)
    }

    /// Adds all of `other`; true if anything was new.
    pub fn union_with(&mut self, other: &Self) -> bool {
        if other.words.len() > self.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        let mut changed = false;
        for (mine, theirs) in self.words.iter_mut().zip(&other.words) {
            let merged = *mine | theirs;
            changed |= merged != *mine;
            *mine = merged;
        }
        changed
    }

    /// Empties the set, keeping its memory.
    pub fn clear(&mut self) {
        self.words.fill(0);
    }

    /// How many ids are in the set.
    pub fn len(&self) -> usize {
        self.words.iter().map(|w| w.count_ones() as usize).sum()
    }

    /// Whether the set has no id.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|w| *w == 0)
    }

    /// The ids, ascending.
    pub fn iter(&self) -> impl Iterator<Item = K> + '_ {
        self.words.iter().enumerate().flat_map(|(i, &word)| {
            std::iter::successors(Some(word), |w| Some(w & w.wrapping_sub(1)))
                .take_while(|w| *w != 0)
                .map(move |w| K::from_index(i * 64 + w.trailing_zeros() as usize))
        })
    }
}

impl<K: EntityId> Default for BitSet<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: EntityId> FromIterator<K> for BitSet<K> {
    fn from_iter<I: IntoIterator<Item = K>>(iter: I) -> Self {
        let mut set = Self::new();
        for id in iter {
            set.insert(id);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    crate::entity_id! { struct Thing("t"); }

    #[test]
    fn behaves_as_a_set() {
        let ids = [3, 64, 65, 200].map(Thing::new);
        let mut set: BitSet<Thing> = ids.into_iter().collect();
        assert!(!set.insert(ids[0]));
        assert_eq!(set.iter().collect::<Vec<_>>(), ids);
        assert!(set.remove(ids[1]) && !set.remove(ids[1]) && !set.contains(ids[1]));
        let other: BitSet<Thing> = [Thing::new(500)].into_iter().collect();
        assert!(set.union_with(&other) && !set.union_with(&other));
        assert_eq!(set.len(), 4);
    }
}
