//! The rules for one instruction.

use super::func::Shape;
use super::{Report, Rule};
use crate::{
    BlockCall, CallConv, Format, Func, FuncId, Imm, Inst, InstData, Module, Param, Region, SigId, Signature,
    TyRule, Type, Value, ValueDef,
};
use pyexec_base::EntityId;

/// Checks one instruction; `shape` is what the layout holds.
pub(super) fn check(module: &Module, func: &Func, shape: &Shape, inst: Inst, report: &mut Report) {
    let data = func.inst(inst);
    Checker { module, func, shape, inst, data, report }.run();
}

struct Checker<'a> {
    module: &'a Module,
    func: &'a Func,
    shape: &'a Shape,
    inst: Inst,
    data: &'a InstData,
    report: &'a mut Report,
}

impl Checker<'_> {
    fn run(&mut self) {
        let (op, ty) = (self.data.op, self.data.ty);
        self.report
            .check(op.info().class.allows(ty), Rule::TypeClass, || format!("`{op}` does not allow {ty}"));
        let args = self.func.args(self.inst);
        let known = self.exist(args);
        if known {
            self.fixed_operands(args);
        }
        let imm = self.immediate();
        match (op.format(), self.data.imm) {
            (Format::Call | Format::TailCall, Imm::Func(callee)) if imm && known => self.call(callee, args),
            (Format::CallIndirect | Format::TailCallIndirect, Imm::Sig(sig)) if imm && known => {
                self.call_indirect(sig, args)
            }
            (Format::Ret, _) if known => {
                self.operands(args, &self.func.sig.results.clone(), "the function returns")
            }
            _ => {}
        }
        self.results(imm);
        self.targets();
    }

    fn exists(&mut self, value: Value) -> bool {
        let exists = self.shape.values.contains(value) && !matches!(self.func.def(value), ValueDef::Alias(_));
        self.report.check(exists, Rule::Exists, || format!("{value} is not in the layout, or was replaced"));
        exists
    }

    /// Whether all exist; each that does not is reported.
    fn exist(&mut self, values: &[Value]) -> bool {
        values.iter().filter(|v| !self.exists(**v)).count() == 0
    }

    /// The operands of the opcode's row. Of formats with more operands, these come first.
    fn fixed_operands(&mut self, args: &[Value]) {
        let info = self.data.op.info();
        let open = matches!(
            self.data.op.format(),
            Format::Ret | Format::Call | Format::TailCall | Format::CallIndirect | Format::TailCallIndirect
        );
        let fits = if open { args.len() >= info.operands.len() } else { args.len() == info.operands.len() };
        self.report.check(fits, Rule::OperandCount, || {
            format!("`{}` has {} operands, not {}", info.name, info.operands.len(), args.len())
        });
        for (value, rule) in args.iter().zip(info.operands) {
            self.operand(*value, *rule);
        }
    }

    fn operand(&mut self, value: Value, rule: TyRule) {
        let (ty, actual) = (self.data.ty, self.func.ty(value));
        self.report.check(rule.accepts(ty, actual), Rule::OperandType, || {
            format!("`{}.{ty}` does not take {value} of type {actual}", self.data.op)
        });
    }

    /// Operands whose types are listed elsewhere.
    fn operands(&mut self, args: &[Value], types: &[Type], whose: &str) {
        self.report.check(args.len() == types.len(), Rule::OperandCount, || {
            format!("{} operands, but {whose} {}", args.len(), types.len())
        });
        for (value, ty) in args.iter().zip(types) {
            let actual = self.func.ty(*value);
            self.report.check(actual == *ty, Rule::OperandType, || format!("{value} is {actual}, not {ty}"));
        }
    }

    /// Whether the immediate is of the right kind and names what exists.
    fn immediate(&mut self) -> bool {
        let imm = self.data.imm;
        let kind = match (self.data.op.format(), imm) {
            (Format::IntConst, Imm::Int(_)) | (Format::Load, Imm::Mem(..)) => true,
            (Format::FloatConst, Imm::Bits(bits)) => u128::from(bits) <= self.data.ty.mask(),
            (Format::Store | Format::Atomic, Imm::Mem(_, region)) => {
                self.report
                    .check(region != Region::Constant, Rule::StoreRegion, || "a write to `constant`".into());
                true
            }
            (Format::SlotAddr, Imm::Slot(..)) | (Format::GlobalAddr, Imm::Global(..)) => true,
            (Format::FuncAddr | Format::Call | Format::TailCall, Imm::Func(_)) => true,
            (Format::CallIndirect | Format::TailCallIndirect, Imm::Sig(_)) => true,
            (Format::Trap | Format::TrapIf, Imm::Trap(_)) => true,
            (Format::Plain | Format::Jump | Format::BrIf | Format::BrTable | Format::Ret, Imm::None) => true,
            _ => false,
        };
        self.report.check(kind, Rule::Immediate, || format!("`{}` with immediate {imm:?}", self.data.op));
        let exists = match imm {
            Imm::Slot(slot, _) => self.func.slots.get(slot).is_some(),
            Imm::Global(global, _) => self.module.globals.get(global).is_some(),
            Imm::Func(func) => self.module.funcs.get(func).is_some(),
            Imm::Sig(sig) => self.module.sigs.get(sig).is_some(),
            _ => true,
        };
        self.report.check(exists, Rule::Exists, || format!("nothing is called {imm:?}"));
        kind && exists
    }

    fn call(&mut self, callee: FuncId, args: &[Value]) {
        let module = self.module;
        self.arguments(&module.funcs[callee].sig, args);
    }
    fn call_indirect(&mut self, sig: SigId, args: &[Value]) {
        let module = self.module;
        self.arguments(&module.sigs[sig], args.get(1..).unwrap_or(&[]));
    }

    fn arguments(&mut self, sig: &Signature, args: &[Value]) {
        let fixed: Vec<Type> = sig.params.iter().map(Param::ty).collect();
        let more = match sig.variadic && args.len() > fixed.len() {
            true => &args[fixed.len()..],
            false => &[],
        };
        self.operands(&args[..args.len() - more.len()], &fixed, "the callee takes");
        for value in more {
            let ty = self.func.ty(*value);
            let fine = matches!(ty, Type::I32 | Type::I64 | Type::F64);
            self.report.check(fine, Rule::VariadicArgs, || format!("{value} of type {ty} goes to `...`"));
        }
        if matches!(self.data.op.format(), Format::TailCall | Format::TailCallIndirect) {
            let mine = &self.func.sig;
            let fast = mine.conv == CallConv::Fast && sig.conv == CallConv::Fast;
            self.report.check(fast, Rule::TailCall, || format!("from `{}` to `{}`", mine.conv, sig.conv));
            self.report.check(mine.results == sig.results, Rule::TailCall, || {
                format!("the callee returns {:?}, not {:?}", sig.results, mine.results)
            });
        }
    }

    /// `known`: the callee or signature exists.
    fn results(&mut self, known: bool) {
        if !known {
            return;
        }
        let expected = match self.data.op.format() {
            Format::TailCall | Format::TailCallIndirect => Vec::new(),
            _ => crate::builder::result_types(self.module, self.data.op, self.data.ty, self.data.imm),
        };
        let actual: Vec<Type> = self.func.results(self.inst).map(|v| self.func.ty(v)).collect();
        self.report.check(actual == expected, Rule::ResultTypes, || {
            format!("`{}` has results {actual:?}, not {expected:?}", self.data.op)
        });
    }

    fn targets(&mut self) {
        let func = self.func;
        let targets = func.targets(self.inst);
        let fits = match self.data.op.format() {
            Format::Jump => targets.len() == 1,
            Format::BrIf => targets.len() == 2,
            Format::BrTable => !targets.is_empty(),
            _ => targets.is_empty(),
        };
        self.report
            .check(fits, Rule::TargetCount, || format!("`{}` has {} targets", self.data.op, targets.len()));
        for target in targets {
            self.target(*target);
        }
    }

    fn target(&mut self, call: BlockCall) {
        let (func, block) = (self.func, call.block);
        let args = func.block_call_args(call);
        let known = self.exist(args);
        if block.index() >= func.block_count() || !self.shape.blocks.contains(block) {
            return self.report.add(Rule::Exists, format!("{block} is not in the layout"));
        }
        self.report.check(func.entry() != Some(block), Rule::EntryPreds, || {
            format!("a branch to {block}, the entry")
        });
        let params = &func.block(block).params;
        self.report.check(args.len() == params.len(), Rule::TargetArgs, || {
            format!("{block} has {} parameters, but is passed {} values", params.len(), args.len())
        });
        for (arg, param) in args.iter().zip(params).filter(|_| known) {
            let (actual, ty) = (func.ty(*arg), func.ty(*param));
            self.report.check(actual == ty, Rule::TargetArgs, || {
                format!("{block} takes {param} of type {ty}, but is passed {arg} of type {actual}")
            });
        }
    }
}
