//! How Python values look in IR.

use crate::types::{Buffer, Sized, Type};
use pyexec_ir as ir;

/// The IR types of a value's scalars, in order.
pub(super) fn flatten(ty: &Type) -> Vec<ir::Type> {
    let mut out = Vec::new();
    flatten_into(ty, &mut out);
    out
}

/// The IR types of a value's scalars, in order, and which of them are Python's `int`.
pub(super) fn scalars(ty: &Type) -> Vec<(ir::Type, bool)> {
    match ty {
        Type::Tuple(items) => items.iter().flat_map(scalars).collect(),
        ty => flatten(ty).into_iter().map(|scalar| (scalar, *ty == Type::Int)).collect(),
    }
}

/// How many scalars of a value are Python's `int`.
pub(super) fn ints(ty: &Type) -> usize {
    scalars(ty).into_iter().filter(|(_, is_int)| *is_int).count()
}

fn flatten_into(ty: &Type, out: &mut Vec<ir::Type>) {
    match ty {
        Type::None | Type::Unknown | Type::Text => {}
        Type::Bool => out.push(ir::Type::I8),
        Type::Int | Type::Exc => out.push(ir::Type::I64),
        Type::Float => out.push(ir::Type::F64),
        Type::Complex => out.extend([ir::Type::F64, ir::Type::F64]),
        Type::Str => out.extend([ir::Type::I64, ir::Type::I64]),
        Type::Sized(Sized::Complex64) => out.extend([ir::Type::F32, ir::Type::F32]),
        Type::Sized(sized) => out.push(sized_scalar(*sized)),
        Type::Tuple(items) => items.iter().for_each(|item| flatten_into(item, out)),
        // Address and length; then the distance of items in bytes, or the length of the second dimension.
        Type::Buffer(buffer) => out.extend(vec![ir::Type::I64; buffer_width(*buffer)]),
    }
}

/// How many scalars a buffer has.
fn buffer_width(buffer: Buffer) -> usize {
    if buffer.rank == 2 || buffer.strided { 3 } else { 2 }
}

/// Which of a value's scalars are addresses of buffers.
pub(super) fn addresses(ty: &Type) -> Vec<usize> {
    match ty {
        Type::Buffer(_) => vec![0],
        Type::Tuple(items) => {
            let within = |i: usize| {
                let start = item_range(items, i).start;
                addresses(&items[i]).into_iter().map(move |at| start + at)
            };
            (0..items.len()).flat_map(within).collect()
        }
        _ => Vec::new(),
    }
}

/// The parameters by which C passes a value: what has a sign says so.
pub(super) fn c_params(ty: &Type) -> Vec<ir::Param> {
    match ty {
        Type::Tuple(items) => items.iter().flat_map(c_params).collect(),
        ty if is_signed(ty) => flatten(ty).into_iter().map(ir::Param::Signed).collect(),
        ty => flatten(ty).into_iter().map(ir::Param::Value).collect(),
    }
}

/// Whether C's callers and callees see a narrow integer with a sign.
pub(super) fn is_signed(ty: &Type) -> bool {
    matches!(ty, Type::Sized(Sized::Int8 | Sized::Int16))
}

/// The IR type of a sized scalar (of one component).
pub(super) fn sized_scalar(sized: Sized) -> ir::Type {
    match sized {
        Sized::Int8 | Sized::Uint8 => ir::Type::I8,
        Sized::Int16 | Sized::Uint16 => ir::Type::I16,
        Sized::Int32 | Sized::Uint32 => ir::Type::I32,
        Sized::Int64 | Sized::Uint64 => ir::Type::I64,
        Sized::Float32 | Sized::Complex64 => ir::Type::F32,
    }
}

/// How many scalars a value has.
pub(super) fn width(ty: &Type) -> usize {
    match ty {
        Type::Tuple(items) => items.iter().map(width).sum(),
        Type::None | Type::Unknown | Type::Text => 0,
        Type::Complex | Type::Str | Type::Sized(Sized::Complex64) => 2,
        Type::Buffer(buffer) => buffer_width(*buffer),
        _ => 1,
    }
}

/// Where the scalars of an item lie among those of the tuple.
pub(super) fn item_range(items: &[Type], index: usize) -> std::ops::Range<usize> {
    let start = items[..index].iter().map(width).sum();
    start..start + width(&items[index])
}
