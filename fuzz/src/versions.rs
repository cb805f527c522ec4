//! Where CPython 3.13, the reference, differs from CPython 3.10, 3.11 and 3.12: every rule, with what to compare
//! nevertheless.
//!
//! A difference between two CPythons that no rule explains is reported: either the generated program depends on
//! something that is no semantics, or a rule is missing, and then one of the documents is wrong.

use crate::cpython::Outcome;

/// Texts that another version has in the place of the reference's.
const TEXTS: &[(&str, &str)] = &[
    // 3.13 names the operation.
    ("integer modulo by zero", "integer division or modulo by zero"),
    ("integer modulo by zero", "integer modulo by zero"),
    ("division by zero", "integer division or modulo by zero"),
    ("division by zero", "float division by zero"),
    ("division by zero", "float floor division by zero"),
    ("division by zero", "float divmod()"),
    ("division by zero", "float modulo"),
    ("division by zero", "complex division by zero"),
    ("float modulo by zero", "float modulo"),
    ("0.0 cannot be raised to a negative power", "zero to a negative power"),
];

/// Operations whose results changed.
const OPERATIONS: &[(&str, &str)] = &[
    ("sum(", "3.12: sums of floats are compensated (Neumaier)"),
    ("math.fma", "3.13 has it first"),
    ("math.cbrt", "3.11 has it first"),
    ("math.exp2", "3.11 has it first"),
    ("** ", "3.14 and before: complex powers of small integers go other ways"),
    ("math.nextafter", "3.12: a third argument"),
];

/// Whether a rule explains why another version does `got` where the reference does `expected`.
pub fn explain(version: &str, source: &str, expected: &Outcome, got: &Outcome) -> bool {
    debug_assert!(!version.is_empty());
    if OPERATIONS.iter().any(|(operation, _)| source.contains(operation)) {
        return true;
    }
    let (expected, got) = (lines(expected), lines(got));
    expected.len() == got.len() && expected.iter().zip(&got).all(|(a, b)| a == b || same_text(a, b))
}

fn lines(outcome: &Outcome) -> Vec<&str> {
    outcome.printed.lines().chain(outcome.said.lines()).collect()
}

fn same_text(reference: &str, other: &str) -> bool {
    TEXTS.iter().any(|(new, old)| reference.contains(new) && reference.replace(new, old) == other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(text: &str) -> Outcome {
        Outcome { printed: text.into(), ..Outcome::default() }
    }

    #[test]
    fn rules_explain_texts_and_nothing_else() {
        let expected = printed("1\nZeroDivisionError integer modulo by zero\n");
        let old = printed("1\nZeroDivisionError integer division or modulo by zero\n");
        assert!(explain("3.11.7", "print(1 % 0)", &expected, &old));
        assert!(!explain("3.11.7", "print(1)", &expected, &printed("2\n")));
        assert!(explain("3.11.7", "print(sum((0.1, 0.2)))", &expected, &printed("2\n")));
    }
}
