//! The rules for signatures.

use super::{Report, Rule};
use crate::{Aggregate, CallConv, Param, Signature, Type};

/// Checks one signature, called `name` in messages.
pub(super) fn check(sig: &Signature, name: &str, report: &mut Report) {
    let is_c = sig.conv == CallConv::C;
    report.check(!sig.variadic || is_c, Rule::SigVariadic, || format!("{name} is variadic, but not `c`"));
    let narrow = |ty: &Type| is_c && matches!(ty, Type::I8 | Type::I16);
    let fine = !sig.signed_result || sig.results.first().is_some_and(narrow);
    report.check(fine, Rule::SigSigned, || {
        format!("{name} has a signed result that is not narrow, or not `c`")
    });
    for (index, param) in sig.params.iter().enumerate() {
        match param {
            Param::Value(_) => continue,
            Param::Signed(ty) => {
                let message = || format!("{name} has a signed parameter {index} that is {ty}, or not `c`");
                report.check(narrow(ty), Rule::SigSigned, message);
                continue;
            }
            Param::ByValue(layout) => aggregate(layout, name, report),
            Param::ResultArea(layout) => {
                aggregate(layout, name, report);
                report.check(index == 0 && sig.results.is_empty(), Rule::SigResultArea, || {
                    format!(
                        "{name} has a result area as parameter {index}, and {} results",
                        sig.results.len()
                    )
                });
            }
        }
        report.check(is_c, Rule::SigAggregate, || format!("{name} has an aggregate, but is not `c`"));
    }
}

fn aggregate(layout: &Aggregate, name: &str, report: &mut Report) {
    let Aggregate { size, align, fields } = layout;
    let shape = align.is_power_of_two() && *align <= 16 && *size > 0 && size % align == 0;
    report.check(shape, Rule::SigAggregate, || {
        format!("{name} has an aggregate of size {size} and alignment {align}")
    });
    let mut free = 0u64;
    for (offset, ty) in fields {
        let (at, end) = (u64::from(*offset), u64::from(*offset) + u64::from(ty.bytes()));
        let fine = free <= at && end <= u64::from(*size) && offset % ty.bytes() == 0 && ty.bytes() <= *align;
        report.check(fine, Rule::SigAggregate, || format!("{name} has an aggregate with {ty} at {offset}"));
        free = end;
    }
}
