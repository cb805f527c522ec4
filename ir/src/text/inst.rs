//! Reads one instruction: the counterpart, format by format, of the printer.

use super::lex::{Line, Parse, RANGE, Tok, UNKNOWN, shorten};
use super::raw::{Name, RawImm, RawInst, RawTarget, SymbolRef};
use crate::{Format, Opcode, Region, TrapCode, Type};
use pyexec_base::Loc;

/// `v1, v2 = op.T operands @loc`, with the current token first.
pub(super) fn instruction(line: &mut Line<'_>) -> Parse<RawInst> {
    let span = line.whole();
    let results = results(line)?;
    let (op, ty) = opcode(line)?;
    let mut inst = RawInst {
        results,
        op,
        ty,
        imm: RawImm::None,
        args: Vec::new(),
        targets: Vec::new(),
        loc: Loc::UNKNOWN,
        span,
    };
    operands(line, &mut inst)?;
    inst.loc = location(line)?;
    line.end()?;
    Ok(inst)
}

fn results(line: &mut Line<'_>) -> Parse<Vec<Name>> {
    let mut results = Vec::new();
    let is_value =
        |tok: &Tok<'_>| matches!(tok, Tok::Word(w) if w.as_bytes().get(1).is_some_and(u8::is_ascii_digit));
    if !is_value(&line.tok) {
        return Ok(results);
    }
    loop {
        results.push(value(line)?);
        if line.eat('=') {
            return Ok(results);
        }
        line.expect(',')?;
    }
}

fn opcode(line: &mut Line<'_>) -> Parse<(Opcode, Type)> {
    let Tok::Word(word) = line.tok else { return Err(line.expected("an instruction")) };
    let (name, suffix) = word.split_once('.').map_or((word, None), |(name, suffix)| (name, Some(suffix)));
    let unknown = |what: &str| line.error(UNKNOWN, what.into());
    let op = Opcode::from_name(name)
        .ok_or_else(|| unknown(&format!("no opcode is called `{}`", shorten(name))))?;
    let ty = match (op.has_type(), suffix.map(str::parse)) {
        (false, None) => op.info().default_type(),
        (true, Some(Ok(ty))) => ty,
        (true, None) => {
            return Err(unknown(&format!("`{op}` needs a type, as in `{op}.{}`", op.info().default_type())));
        }
        (false, Some(_)) => return Err(unknown(&format!("`{op}` takes no type"))),
        (true, Some(Err(()))) => {
            return Err(unknown(&format!("no type is called so in `{}`", shorten(word))));
        }
    };
    line.advance();
    Ok((op, ty))
}

fn operands(line: &mut Line<'_>, inst: &mut RawInst) -> Parse<()> {
    match inst.op.format() {
        Format::Plain | Format::Ret => inst.args = open_list(line)?,
        Format::IntConst => inst.imm = RawImm::Int(int_const(line)?),
        Format::FloatConst => inst.imm = RawImm::Bits(float_const(line, inst.ty)?),
        Format::Load | Format::Store | Format::Atomic => {
            let region = line.named("a region", |w| Region::ALL.into_iter().find(|r| r.name() == w))?;
            inst.args = open_list(line)?;
            inst.imm = RawImm::Mem(offset(line)?, region);
        }
        Format::SlotAddr => inst.imm = RawImm::Slot(id(line, "s", "a slot such as `s0`")?, offset(line)?),
        Format::GlobalAddr => inst.imm = RawImm::Global(symbol(line)?, offset(line)?),
        Format::FuncAddr => inst.imm = RawImm::Func(symbol(line)?),
        Format::Jump => inst.targets = vec![target(line)?],
        Format::BrIf => {
            inst.args = vec![value_comma(line)?];
            inst.targets = vec![target_comma(line)?, target(line)?];
        }
        Format::BrTable => {
            inst.args = vec![value_comma(line)?];
            inst.targets = vec![target_comma(line)?];
            line.expect('[')?;
            inst.targets.extend(line.list(']', target)?);
        }
        Format::Trap => inst.imm = RawImm::Trap(trap_code(line)?),
        Format::TrapIf => {
            inst.args = vec![value_comma(line)?];
            inst.imm = RawImm::Trap(trap_code(line)?);
        }
        Format::Call | Format::TailCall => {
            inst.imm = RawImm::Func(symbol(line)?);
            inst.args = closed_list(line)?;
        }
        Format::CallIndirect | Format::TailCallIndirect => {
            inst.imm = RawImm::Sig(id(line, "sig", "a signature such as `sig0`")?);
            inst.args = vec![value(line)?];
            inst.args.extend(closed_list(line)?);
        }
    }
    Ok(())
}

pub(super) fn id(line: &mut Line<'_>, prefix: &str, what: &str) -> Parse<Name> {
    let span = line.span;
    Ok(Name { number: line.id(prefix, what)?, span })
}
pub(super) fn value(line: &mut Line<'_>) -> Parse<Name> {
    id(line, "v", "a value such as `v0`")
}
pub(super) fn block(line: &mut Line<'_>) -> Parse<Name> {
    id(line, "b", "a block such as `b0`")
}
pub(super) fn symbol(line: &mut Line<'_>) -> Parse<SymbolRef> {
    let span = line.span;
    Ok(SymbolRef { name: line.symbol_name()?.into_owned(), span })
}

/// `v1, v2`, possibly nothing, without brackets.
fn open_list(line: &mut Line<'_>) -> Parse<Vec<Name>> {
    let mut items = Vec::new();
    if !matches!(line.tok, Tok::Word(_)) {
        return Ok(items);
    }
    loop {
        items.push(value(line)?);
        if !line.eat(',') {
            return Ok(items);
        }
    }
}
/// `(v1, v2)`.
fn closed_list(line: &mut Line<'_>) -> Parse<Vec<Name>> {
    line.expect('(')?;
    line.list(')', value)
}
fn value_comma(line: &mut Line<'_>) -> Parse<Name> {
    let value = value(line)?;
    line.expect(',')?;
    Ok(value)
}

/// `b1` or `b1(v2, v3)`.
fn target(line: &mut Line<'_>) -> Parse<RawTarget> {
    let block = block(line)?;
    let args = if line.eat('(') { line.list(')', value)? } else { Vec::new() };
    Ok(RawTarget { block, args })
}
fn target_comma(line: &mut Line<'_>) -> Parse<RawTarget> {
    let target = target(line)?;
    line.expect(',')?;
    Ok(target)
}

fn offset(line: &mut Line<'_>) -> Parse<i32> {
    Ok(line.offset(i32::MIN.into(), i32::MAX.into())? as i32)
}
fn trap_code(line: &mut Line<'_>) -> Parse<TrapCode> {
    line.named("a trap code", |word| word.parse().ok())
}

/// A signed number of 64 bits; from 2^63 to 2^64 - 1 it is read as the same bits.
fn int_const(line: &mut Line<'_>) -> Parse<i64> {
    Ok(line.integer(i64::MIN.into(), u64::MAX.into())? as i64)
}

/// The bits in hexadecimal, or a decimal number with a point, an exponent or the words `inf` and `nan`.
fn float_const(line: &mut Line<'_>, ty: Type) -> Parse<u64> {
    if matches!(line.tok, Tok::Number(digits) if digits.starts_with("0x")) {
        return Ok(line.integer(0, u64::MAX.into())? as u64);
    }
    let negative = line.eat('-');
    let (Tok::Number(digits) | Tok::Word(digits)) = line.tok else { return Err(line.expected("a number")) };
    let number: Option<f64> = digits.parse().ok();
    let number = number.ok_or_else(|| line.error(RANGE, format!("`{}` is no number", shorten(digits))))?;
    // The decimal is rounded once, straight to the type.
    let narrow: f32 = digits.parse().unwrap_or(f32::NAN);
    line.advance();
    let sign = if negative { -1.0 } else { 1.0 };
    Ok(match ty {
        Type::F32 => (narrow * sign as f32).to_bits().into(),
        _ => (number * sign).to_bits(),
    })
}

/// `@12`, the offset in the source, or nothing.
fn location(line: &mut Line<'_>) -> Parse<Loc> {
    let Tok::Loc(digits) = line.tok else { return Ok(Loc::UNKNOWN) };
    let offset = digits.parse().ok().filter(|offset| *offset < u32::MAX);
    let offset: u32 = offset.ok_or_else(|| line.error(RANGE, "the source offset is too large".into()))?;
    line.advance();
    Ok(Loc::at(offset))
}
