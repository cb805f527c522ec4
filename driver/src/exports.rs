//! What C may call: the exported functions of a typed module, with their types as C spells them.

use crate::aot;
use pyexec_base::{Diagnostic, Severity};
use pyexec_emit_elf_macho_pe::{CType, ExportedFunc};
use pyexec_frontend::hir::{self, Function};
use pyexec_frontend::types::{Sized, Type};
use pyexec_ir::rt::ERROR_SYMBOL;
use pyexec_ir::{CallConv, Imm, Linkage, Module};

/// C programs have a `main` of their own: an object with another one could not be linked with them.
pub fn hide_main(hir: &mut hir::Module, module: &mut Module) -> Option<Diagnostic> {
    let function = hir.functions.values_mut().find(|f| f.exported && f.name == "main")?;
    function.exported = false;
    let entry = module.funcs.values_mut().find(|f| f.name == "main" && f.linkage == Linkage::Export)?;
    entry.linkage = Linkage::Local;
    let message = "`main` is not exported: C programs have a function of this name";
    Some(Diagnostic::warning("W0900", function.span, message).help("give it another name to call it from C"))
}

/// What to say of a module without exported functions.
pub fn nothing() -> Diagnostic {
    let message = "nothing is exported: there is no function whose parameters all have annotations";
    Diagnostic { severity: Severity::Warning, ..Diagnostic::error_nowhere("W0901", message) }
        .help("annotate the parameters: `def f(x: int) -> int`")
}

/// Every exported function, in the order of the source.
pub fn of_module(hir: &hir::Module, module: &Module) -> Vec<ExportedFunc> {
    let exported = hir.functions.values().filter(|f| f.exported);
    let mut funcs: Vec<_> = exported.map(|f| (f.span, describe(f, module))).collect();
    funcs.sort_by_key(|(span, _)| *span);
    funcs.into_iter().map(|(_, f)| f).collect()
}

fn describe(func: &Function, module: &Module) -> ExportedFunc {
    let mut params = Vec::new();
    for param in &func.params {
        let local = &func.locals[*param];
        flatten(&local.name, &local.ty, &mut params);
    }
    ExportedFunc {
        name: func.name.clone(),
        params,
        result: result(&func.result),
        doc: func.doc.clone(),
        raises: raises(&func.name, module),
    }
}

/// Parameters travel as scalars, as between compiled functions.
fn flatten(name: &str, ty: &Type, out: &mut Vec<(String, CType)>) {
    match ty {
        Type::Tuple(items) => {
            for (index, item) in items.iter().enumerate() {
                flatten(&format!("{name}_{}", items.label(index)), item, out);
            }
        }
        Type::Complex | Type::Sized(Sized::Complex64) => {
            let part = if *ty == Type::Complex { CType::Double } else { CType::Float };
            out.push((format!("{name}_real"), part.clone()));
            out.push((format!("{name}_imag"), part));
        }
        Type::Buffer(buffer) => {
            let item = scalar(&buffer.item.stored()).unwrap_or(CType::Double);
            out.push((name.to_owned(), CType::Pointer(Box::new(item))));
            let lengths: &[&str] = if buffer.rank == 2 { &["rows", "columns"] } else { &["length"] };
            out.extend(lengths.iter().map(|length| (format!("{name}_{length}"), CType::Int(64, true))));
        }
        _ => out.extend(scalar(ty).map(|c| (name.to_owned(), c))),
    }
}

fn scalar(ty: &Type) -> Option<CType> {
    Some(match ty {
        Type::Bool => CType::Bool,
        Type::Int => CType::Int(64, true),
        Type::Float => CType::Double,
        Type::Str => CType::Text,
        Type::Sized(Sized::Float32) => CType::Float,
        Type::Sized(sized) => CType::Int(sized.bits(), sized.is_signed()),
        _ => return None,
    })
}

/// More than one scalar comes back as a struct.
fn result(ty: &Type) -> CType {
    let mut fields = Vec::new();
    flatten("", ty, &mut fields);
    match (ty, fields.as_slice()) {
        (_, []) => CType::Void,
        (Type::Tuple(_) | Type::Complex | Type::Sized(Sized::Complex64), _) => {
            let named = |(name, ty): (String, CType)| (name.trim_start_matches('_').to_owned(), ty);
            CType::Struct(fields.into_iter().map(named).collect())
        }
        (_, [(_, one), ..]) => one.clone(),
    }
}

/// Whether the C entry can leave anything in the error state.
fn raises(name: &str, module: &Module) -> bool {
    let entry = module
        .funcs
        .iter()
        .find(|(_, f)| f.name == name && f.sig.conv == CallConv::C && f.linkage == Linkage::Export);
    let error = module.global_by_name(ERROR_SYMBOL);
    entry.is_some_and(|(id, _)| {
        crate::callgraph::reaches(module, id, |f| {
            let mut insts = f.layout.iter().flat_map(|b| &f.block(*b).insts);
            aot::raises(f) || insts.any(|i| matches!(f.inst(*i).imm, Imm::Global(g, _) if Some(g) == error))
        })
    })
}
