//! A smaller program that fails in the same way.
//!
//! Greedy: `reduce.py` lists smaller programs, the biggest steps first; the first that still fails takes the
//! place of the program, and the list goes on from the same place. When a whole round has found nothing, no
//! single step makes the program smaller (it is 1-minimal: Zeller, Hildebrandt 2002, section 3.2).
//!
//! A candidate may have lost what kept its numbers small; the reference runs it guarded. It must fail by the same
//! kind on the same lane: a program that is refused is no smaller form of one that prints a wrong number.

use crate::compare::{Difference, Judge, Kind, Runner, Verdict};
use crate::cpython::Mode;
use crate::lanes::{self, Lane};
use std::time::{Duration, Instant};

/// How many candidates are asked for at once.
const BATCH: usize = 16;

/// Makes a difference smaller until no step helps or the time is up.
pub fn shrink<R: Runner>(judge: &mut Judge<R>, mut smallest: Difference, time: Duration) -> Difference {
    let Some(lane) = lanes::lane(&smallest.lane) else { return smallest };
    let end = Instant::now() + time;
    let (mut skip, mut found_in_round) = (0, false);
    while Instant::now() < end {
        let Ok((candidates, more)) = judge.oracle.reductions(&smallest.source, skip, BATCH) else {
            return smallest;
        };
        match first_failing(judge, lane, &smallest, &candidates) {
            Some((index, smaller)) => {
                (smallest, found_in_round) = (smaller, true);
                skip += index;
            }
            None if more => skip += candidates.len().max(1),
            None if found_in_round => (skip, found_in_round) = (0, false),
            None => return smallest,
        }
    }
    smallest
}

fn first_failing<R: Runner>(
    judge: &mut Judge<R>,
    lane: &'static Lane,
    smallest: &Difference,
    candidates: &[String],
) -> Option<(usize, Difference)> {
    let new = |source: &&String| !source.is_empty() && **source != smallest.source;
    let numbered = candidates.iter().enumerate().filter(|(_, source)| new(source));
    numbered.into_iter().find_map(|(index, source)| {
        match judge.judge_in(Mode::Guarded, source, &[lane], true) {
            Verdict::Found(found) if is_same(smallest, &found) => Some((index, *found)),
            _ => None,
        }
    })
}

/// Whether a smaller program fails as the first one did. Refusals have many reasons: the text counts.
fn is_same(first: &Difference, found: &Difference) -> bool {
    let words =
        |d: &Difference| d.got.ended.split(['`', '0', '1', '2', '3', 'v', 'b']).next().map(String::from);
    match first.kind {
        Kind::Refused => found.kind == Kind::Refused && words(first) == words(found),
        kind => found.kind == kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::child::Lost;
    use crate::cpython::{Oracle, Outcome};

    /// A compiler that is wrong about every program with a remainder.
    struct NoRemainders;

    impl Runner for NoRemainders {
        fn run(&mut self, source: &str, _: &[&'static Lane], _: bool) -> Vec<Result<Outcome, Lost>> {
            let wrong = source.contains('%');
            let ended = if wrong { "wrong".into() } else { "ok".into() };
            vec![Ok(Outcome { ended, ..Outcome::default() })]
        }
    }

    #[test]
    fn only_what_matters_is_left() {
        let Some(oracle) = Oracle::reference() else { return };
        let mut judge = Judge { oracle, second: None, runner: NoRemainders, exact: true, ask_second: false };
        let source = "def f(x: int) -> int:\n    for i in range(3):\n        if x > 2:\n            x = x % 7 + i\n    return x\n\n\nf(5)\n";
        let lane = lanes::lane("-O2").expect("a lane");
        let Verdict::Found(found) = judge.judge(source, &[lane], false) else { panic!("it is wrong") };
        let small = shrink(&mut judge, *found, Duration::from_secs(20));
        assert!(small.source.contains('%') && small.source.lines().count() <= 3, "{}", small.source);
    }
}
