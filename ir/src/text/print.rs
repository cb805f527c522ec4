//! Prints modules and functions.

use crate::{
    Aggregate, BlockCall, CallConv, DataTarget, Format, Func, FuncId, Global, GlobalId, Imm, Inst, Linkage,
    Module, Param, Signature, Value,
};
use std::fmt::{self, Display, Formatter, Write};

/// The way a function is written. With its module, other functions and globals appear by name; without,
/// by id, which cannot be parsed.
pub struct FuncDisplay<'a> {
    func: &'a Func,
    module: Option<&'a Module>,
}

impl Func {
    /// The text of the function, other functions and globals by name.
    pub fn display<'a>(&'a self, module: &'a Module) -> FuncDisplay<'a> {
        FuncDisplay { func: self, module: Some(module) }
    }
}

impl Display for Func {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        FuncDisplay { func: self, module: None }.fmt(f)
    }
}

impl Display for Module {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (id, sig) in self.sigs.iter() {
            writeln!(f, "{id} = {} {sig}", sig.conv)?;
        }
        for global in self.globals.values() {
            write_global(f, self, global)?;
        }
        let declarations = !self.sigs.is_empty() || !self.globals.is_empty();
        let mut separate = declarations;
        for func in self.funcs.values() {
            // Functions with bodies stand apart; declarations stand together.
            if separate || !func.is_import() {
                f.write_str("\n")?;
            }
            write!(f, "{}", func.display(self))?;
            separate = !func.is_import();
        }
        Ok(())
    }
}

fn write_global(f: &mut Formatter<'_>, module: &Module, global: &Global) -> fmt::Result {
    write!(f, "global {} {}", global.linkage, if global.writable { "data" } else { "const" })?;
    f.write_str(if global.thread_local { " thread " } else { " " })?;
    write!(f, "{}: size {}, align {}", SymbolName(&global.name), global.size, global.align)?;
    if !global.init.is_empty() {
        write!(f, " = {}", Quoted(&global.init))?;
    }
    for (index, reloc) in global.relocs.iter().enumerate() {
        f.write_str(if index == 0 { " relocs [" } else { ", " })?;
        let name = match reloc.target {
            DataTarget::Func(id) => module.funcs.get(id).map(|f| &f.name),
            DataTarget::Global(id) => module.globals.get(id).map(|g| &g.name),
        };
        let name = name.map_or("?", String::as_str);
        write!(f, "{}: {}{}", reloc.offset, SymbolName(name), Offset(reloc.addend))?;
    }
    f.write_str(if global.relocs.is_empty() { "\n" } else { "]\n" })
}

impl FuncDisplay<'_> {
    fn write_inst(&self, f: &mut Formatter<'_>, inst: Inst) -> fmt::Result {
        let data = self.func.inst(inst);
        for (index, value) in self.func.results(inst).enumerate() {
            write!(f, "{}{value}", if index == 0 { "" } else { ", " })?;
        }
        f.write_str(if self.func.first_result(inst).is_some() { " = " } else { "" })?;
        f.write_str(data.op.name())?;
        if data.op.has_type() {
            write!(f, ".{}", data.ty)?;
        }
        self.write_operands(f, inst)?;
        match data.loc.offset() {
            Some(offset) => writeln!(f, " @{offset}"),
            None => f.write_str("\n"),
        }
    }

    fn write_operands(&self, f: &mut Formatter<'_>, inst: Inst) -> fmt::Result {
        let data = self.func.inst(inst);
        let args = self.func.args(inst);
        let targets = self.func.targets(inst);
        let target = |n: usize| Target(self, targets.get(n).copied());
        let arg = |n: usize| List(self, args.get(n..n + 1).unwrap_or(&[]));
        match data.op.format() {
            Format::Plain | Format::Ret if args.is_empty() => Ok(()),
            Format::Plain | Format::Ret => write!(f, " {}", List(self, args)),
            Format::IntConst | Format::FloatConst | Format::Trap => {
                write!(f, " {}", Immediate(self, data.imm))
            }
            Format::SlotAddr | Format::GlobalAddr | Format::FuncAddr => {
                write!(f, " {}", Immediate(self, data.imm))
            }
            Format::Load | Format::Store | Format::Atomic => {
                write!(f, " {}", Access(self, data.imm, args))
            }
            Format::Jump => write!(f, " {}", target(0)),
            Format::BrIf => write!(f, " {}, {}, {}", arg(0), target(0), target(1)),
            Format::BrTable => {
                write!(f, " {}, {}, [", arg(0), target(0))?;
                for n in 1..targets.len() {
                    write!(f, "{}{}", if n == 1 { "" } else { ", " }, target(n))?;
                }
                f.write_str("]")
            }
            Format::TrapIf => write!(f, " {}, {}", arg(0), Immediate(self, data.imm)),
            Format::Call | Format::TailCall => {
                write!(f, " {}({})", Immediate(self, data.imm), List(self, args))
            }
            Format::CallIndirect | Format::TailCallIndirect => {
                let rest = args.get(1..).unwrap_or(&[]);
                write!(f, " {} {}({})", Immediate(self, data.imm), arg(0), List(self, rest))
            }
        }
    }

    fn func_name(&self, f: &mut Formatter<'_>, id: FuncId) -> fmt::Result {
        match self.module.and_then(|m| m.funcs.get(id)) {
            Some(func) => SymbolName(&func.name).fmt(f),
            None => id.fmt(f),
        }
    }
    fn global_name(&self, f: &mut Formatter<'_>, id: GlobalId) -> fmt::Result {
        match self.module.and_then(|m| m.globals.get(id)) {
            Some(global) => SymbolName(&global.name).fmt(f),
            None => id.fmt(f),
        }
    }
    /// What stands for a value now; a name outside of the function is left as it is.
    fn resolved(&self, value: Value) -> Value {
        if self.func.is_value(value) { self.func.resolve(value) } else { value }
    }
}

impl Display for FuncDisplay<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let func = self.func;
        let cold = if func.cold { "cold " } else { "" };
        write!(f, "func {} {} {cold}{}{}", func.sig.conv, func.linkage, SymbolName(&func.name), func.sig)?;
        if func.is_import() {
            return f.write_str("\n");
        }
        f.write_str(" {\n")?;
        for (slot, data) in func.slots.iter() {
            writeln!(f, "  slot {slot}: size {}, align {}", data.size, data.align)?;
        }
        for &block in &func.layout {
            let data = func.block(block);
            f.write_str(if data.cold { "cold " } else { "" })?;
            write!(f, "{block}")?;
            for (index, param) in data.params.iter().enumerate() {
                write!(f, "{}{param}: {}", if index == 0 { "(" } else { ", " }, func.ty(*param))?;
            }
            f.write_str(if data.params.is_empty() { ":\n" } else { "):\n" })?;
            for &inst in &data.insts {
                f.write_str("  ")?;
                self.write_inst(f, inst)?;
            }
        }
        f.write_str("}\n")
    }
}

struct List<'a>(&'a FuncDisplay<'a>, &'a [Value]);
impl Display for List<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (index, value) in self.1.iter().enumerate() {
            write!(f, "{}{}", if index == 0 { "" } else { ", " }, self.0.resolved(*value))?;
        }
        Ok(())
    }
}

struct Target<'a>(&'a FuncDisplay<'a>, Option<BlockCall>);
impl Display for Target<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Some(call) = self.1 else { return f.write_str("?") };
        let args = self.0.func.block_call_args(call);
        match args {
            [] => write!(f, "{}", call.block),
            _ => write!(f, "{}({})", call.block, List(self.0, args)),
        }
    }
}

/// `region values, address+8` or `region address+8`.
struct Access<'a>(&'a FuncDisplay<'a>, Imm, &'a [Value]);
impl Display for Access<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Imm::Mem(offset, region) = self.1 else { return f.write_str("?") };
        write!(f, "{} {}{}", region.name(), List(self.0, self.2), Offset(offset.into()))
    }
}

struct Immediate<'a>(&'a FuncDisplay<'a>, Imm);
impl Display for Immediate<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.1 {
            Imm::None | Imm::Mem(..) => f.write_str("?"),
            Imm::Int(int) => int.fmt(f),
            Imm::Bits(bits) => write!(f, "{bits:#x}"),
            Imm::Slot(slot, offset) => write!(f, "{slot}{}", Offset(offset.into())),
            Imm::Global(id, offset) => {
                self.0.global_name(f, id)?;
                Offset(offset.into()).fmt(f)
            }
            Imm::Func(id) => self.0.func_name(f, id),
            Imm::Sig(sig) => sig.fmt(f),
            Imm::Trap(code) => code.fmt(f),
        }
    }
}

/// `+8`, `-8`, or nothing for 0.
struct Offset(i64);
impl Display for Offset {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.0 == 0 { Ok(()) } else { write!(f, "{:+}", self.0) }
    }
}

/// `@name`, or `@"name"` if it is not made of letters, digits, `_`, `.` and `$`.
struct SymbolName<'a>(&'a str);
impl Display for SymbolName<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if super::lex::is_plain_name(self.0) {
            return write!(f, "@{}", self.0);
        }
        f.write_str("@\"")?;
        for c in self.0.chars() {
            match c {
                '"' | '\\' => write!(f, "\\{c}")?,
                '\0'..='\x1f' | '\x7f' => write!(f, "\\x{:02x}", c as u32)?,
                _ => f.write_char(c)?,
            }
        }
        f.write_str("\"")
    }
}

struct Quoted<'a>(&'a [u8]);
impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for &byte in self.0 {
            match byte {
                b'"' | b'\\' => write!(f, "\\{}", byte as char)?,
                b' '..=b'~' => f.write_char(byte as char)?,
                _ => write!(f, "\\x{byte:02x}")?,
            }
        }
        f.write_str("\"")
    }
}

impl Display for Signature {
    /// `(i64, f64) -> (i64)`; the convention is written before the name.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("(")?;
        for (index, param) in self.params.iter().enumerate() {
            write!(f, "{}{param}", if index == 0 { "" } else { ", " })?;
        }
        match (self.variadic, self.params.is_empty()) {
            (false, _) => {}
            (true, true) => f.write_str("...")?,
            (true, false) => f.write_str(", ...")?,
        }
        f.write_str(") -> (")?;
        for (index, ty) in self.results.iter().enumerate() {
            let sign = if self.signed_result && index == 0 { " signed" } else { "" };
            write!(f, "{}{ty}{sign}", if index == 0 { "" } else { ", " })?;
        }
        f.write_str(")")
    }
}

impl Display for Param {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Param::Value(ty) => ty.fmt(f),
            Param::Signed(ty) => write!(f, "{ty} signed"),
            Param::ByValue(layout) => write!(f, "byval({layout})"),
            Param::ResultArea(layout) => write!(f, "result({layout})"),
        }
    }
}

impl Display for Aggregate {
    /// `size 16, align 8, i64 at 0, f64 at 8`.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "size {}, align {}", self.size, self.align)?;
        self.fields.iter().try_for_each(|(offset, ty)| write!(f, ", {ty} at {offset}"))
    }
}

impl Display for CallConv {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Display for Linkage {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl CallConv {
    /// Every convention.
    pub const ALL: [CallConv; 2] = [CallConv::C, CallConv::Fast];
    /// The name in text.
    pub const fn name(self) -> &'static str {
        match self {
            CallConv::C => "c",
            CallConv::Fast => "fast",
        }
    }
}

impl Linkage {
    /// Every linkage.
    pub const ALL: [Linkage; 4] = [Linkage::Import, Linkage::Local, Linkage::Export, Linkage::Weak];
    /// The name in text.
    pub const fn name(self) -> &'static str {
        match self {
            Linkage::Import => "import",
            Linkage::Local => "local",
            Linkage::Export => "export",
            Linkage::Weak => "weak",
        }
    }
}
