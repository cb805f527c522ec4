//! How an exact integer travels through compiled code: in one word.
//!
//! ```text
//!   0                      an empty slot
//!   ...vvvv vvvv vvv1      the value v, if it fits 63 bits: then never otherwise
//!   address (even)         of a `Shared`: reference count, value
//! ```
//!
//! Every non-empty word that compiled code keeps owns one reference. An operation borrows its operands and takes
//! over one more word, `old`: what the slot of its result held, possibly one of the operands. If nobody else
//! refers to `old`, its memory serves for the result, so `a += b` in a loop does not allocate at all.
//!
//! If an operation raises, `old` stays what it was: Python's variable keeps its value too.
//!
//! Counts are not atomic: words belong to the thread whose frames hold them.

use dashu_int::IBig;
use std::collections::BTreeSet;
use std::ptr::NonNull;

/// An exact integer as compiled code holds it.
pub(crate) type Word = i64;

/// What a word that is no small integer points to.
struct Shared {
    refs: usize,
    value: IBig,
}

const SMALL: std::ops::RangeInclusive<i64> = -(1 << 62)..=(1 << 62) - 1;

/// The value of a small integer.
pub(crate) fn small(word: Word) -> Option<i64> {
    (word & 1 != 0).then_some(word >> 1)
}

/// The word of a small integer.
pub(crate) fn encode(value: i64) -> Option<Word> {
    SMALL.contains(&value).then_some(value << 1 | 1)
}

fn pointer(word: Word) -> Option<NonNull<Shared>> {
    if word & 1 != 0 { None } else { NonNull::new(word as usize as *mut Shared) }
}

/// An operand: a value of its own, or one that others may see.
pub(super) enum Held<'a> {
    Own(IBig),
    Ref(&'a IBig),
}

impl Held<'_> {
    /// The value, whoever owns it.
    pub fn get(&self) -> &IBig {
        match self {
            Held::Own(value) => value,
            Held::Ref(value) => value,
        }
    }
}

fn held<'a>(word: Word) -> Held<'a> {
    if let Some(value) = small(word) {
        return Held::Own(value.into());
    }
    let shared = pointer(word).expect("invariant: an operand is no empty slot");
    // SAFETY: compiled code passes words that it owns a reference to, and none of them ends while this one is
    // looked at: every caller below gives the operand to a closure, for the time of its call.
    Held::Ref(unsafe { &(*shared.as_ptr()).value })
}

/// Looks at a word's value.
pub(super) fn look<R>(word: Word, body: impl FnOnce(&IBig) -> R) -> R {
    body(held(word).get())
}

/// Looks at the values of two words.
pub(super) fn look2<R>(a: Word, b: Word, body: impl FnOnce(&IBig, &IBig) -> R) -> R {
    body(held(a).get(), held(b).get())
}

/// The operands of an operation that may use up what it is given. A value comes by itself if it is about to be
/// replaced and nobody else refers to it.
pub(super) fn use_up<R>(a: Word, b: Word, old: Word, body: impl FnOnce(Held<'_>, Held<'_>) -> R) -> R {
    let taken = || take(old).map_or_else(|| held(old), Held::Own);
    match (a == old, b == old) {
        (true, false) => body(taken(), held(b)),
        (false, true) => body(held(a), taken()),
        _ => body(held(a), held(b)),
    }
}

/// Moves the value out of a word that has one reference, and leaves 0 until [`Heap::put`] replaces it.
fn take(word: Word) -> Option<IBig> {
    let mut shared = pointer(word)?;
    // SAFETY: as in `held`; with one reference, that of the slot to be overwritten, nobody else looks.
    let shared = unsafe { shared.as_mut() };
    (shared.refs == 1).then(|| std::mem::take(&mut shared.value))
}

/// Counts what is alive.
#[derive(Debug, Default)]
pub(crate) struct Heap {
    live: i64,
    /// Which addresses are alive, for the interpreter: it cannot trust what it runs.
    known: Option<BTreeSet<Word>>,
}

impl Heap {
    /// How many integers beyond 63 bits are alive.
    pub fn live(&self) -> i64 {
        self.live
    }

    /// From here on remembers which words are alive.
    pub fn watch(&mut self) {
        self.known.get_or_insert_default();
    }

    /// Whether this is a word that may be used; if it is not known, it is believed.
    pub fn knows(&self, word: Word, may_be_empty: bool) -> bool {
        match word {
            0 => may_be_empty,
            _ if word & 1 != 0 => true,
            _ => self.known.as_ref().is_none_or(|known| known.contains(&word)),
        }
    }

    /// Ends a word.
    pub fn drop(&mut self, word: Word) {
        let Some(mut pointer) = pointer(word) else { return };
        // SAFETY: the caller owns a reference and gives it up.
        let shared = unsafe { pointer.as_mut() };
        shared.refs -= 1;
        if shared.refs == 0 {
            self.live -= 1;
            if let Some(known) = &mut self.known {
                known.remove(&word);
            }
            // SAFETY: made by Box::leak in `put`, and this was the last reference.
            drop(unsafe { Box::from_raw(pointer.as_ptr()) });
        }
    }

    /// A new reference to a word.
    pub fn keep(&mut self, word: Word, old: Word) -> Word {
        if let Some(mut shared) = pointer(word) {
            // SAFETY: the caller owns a reference, so it is alive.
            unsafe { shared.as_mut() }.refs += 1;
        }
        self.drop(old);
        word
    }

    /// The word of a small or 64-bit value.
    pub fn put_i64(&mut self, value: i64, old: Word) -> Word {
        match encode(value) {
            Some(word) => {
                self.drop(old);
                word
            }
            None => self.put_large(value.into(), old),
        }
    }

    /// The word of a value that two registers hold.
    pub fn put_i128(&mut self, value: i128, old: Word) -> Word {
        match i64::try_from(value) {
            Ok(value) => self.put_i64(value, old),
            Err(_) => self.put_large(value.into(), old),
        }
    }

    /// The word of a value.
    pub fn put(&mut self, value: IBig, old: Word) -> Word {
        match i64::try_from(&value) {
            Ok(value) => self.put_i64(value, old),
            Err(_) => self.put_large(value, old),
        }
    }

    fn put_large(&mut self, value: IBig, old: Word) -> Word {
        if let Some(mut shared) = pointer(old) {
            // SAFETY: the slot of the result owns a reference to `old` and nobody looks at it any more.
            let shared = unsafe { shared.as_mut() };
            if shared.refs == 1 {
                shared.value = value;
                return old;
            }
            shared.refs -= 1;
        }
        self.live += 1;
        let shared = NonNull::from(Box::leak(Box::new(Shared { refs: 1, value })));
        let word = shared.as_ptr() as usize as Word;
        if let Some(known) = &mut self.known {
            known.insert(word);
        }
        word
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_to(power: usize) -> IBig {
        IBig::from(1) << power
    }

    #[test]
    fn what_fits_63_bits_is_small() {
        let mut heap = Heap::default();
        for value in [0, 1, -1, (1 << 62) - 1, -(1 << 62)] {
            let word = heap.put_i64(value, 0);
            assert_eq!(small(word), Some(value));
            assert_eq!(heap.put(value.into(), 0), word);
            assert_eq!(heap.put_i128(value.into(), 0), word);
        }
        assert_eq!(heap.live(), 0);
        for value in [1 << 62, -(1 << 62) - 1, i64::MAX, i64::MIN] {
            let word = heap.put_i64(value, 0);
            assert_eq!(small(word), None);
            assert_eq!((word & 1, heap.live()), (0, 1));
            heap.drop(word);
        }
        assert_eq!(heap.live(), 0);
    }

    #[test]
    fn the_last_reference_frees() {
        let mut heap = Heap::default();
        let word = heap.put(two_to(100), 0);
        let second = heap.keep(word, 0);
        assert_eq!((second, heap.live()), (word, 1));
        heap.drop(word);
        assert_eq!(heap.live(), 1);
        assert!(look(second, |value| *value == two_to(100)));
        heap.drop(second);
        assert_eq!(heap.live(), 0);
    }

    #[test]
    fn a_result_takes_the_place_of_what_nobody_else_has() {
        let mut heap = Heap::default();
        let word = heap.put(two_to(100), 0);
        assert_eq!(heap.put(two_to(200), word), word);
        let second = heap.keep(word, 0);
        let other = heap.put(two_to(300), word);
        assert_ne!(other, second);
        assert!(look(second, |value| *value == two_to(200)));
        heap.drop(second);
        assert_eq!(heap.keep(other, other), other, "a word kept in its own slot");
        assert_eq!(heap.put_i64(7, other), 15);
        assert_eq!(heap.live(), 0);
    }

    #[test]
    fn an_operand_used_twice_is_not_taken() {
        let mut heap = Heap::default();
        let word = heap.put(two_to(100), 0);
        let sum = use_up(word, word, word, |a, b| a.get() + b.get());
        assert_eq!(sum, two_to(101));
        let word = heap.put(sum, word);
        let product = use_up(word, 5, word, |a, b| a.get() * b.get());
        assert_eq!(product, two_to(102));
        let word = heap.put(product, word);
        heap.drop(word);
        assert_eq!(heap.live(), 0);
    }
}
