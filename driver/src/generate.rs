//! The back half of the compiler: functions to blobs, callees before callers.

use crate::observe::Watch;
use crate::pipeline::Unit;
use crate::{Failure, Options, callgraph};
use pyexec_base::Diagnostic;
use pyexec_codegen::{CodeBlob, CodegenErrorKind, CompileOptions, Target};
use pyexec_ir::{FuncId, Linkage};
use pyexec_regalloc::PRegSet;

/// The code of every function that `roots` reach, in the order in which it was made.
pub fn generate(
    unit: &Unit,
    roots: &[FuncId],
    target: &dyn Target,
    options: &Options,
    watch: &mut Watch<'_>,
) -> Result<Vec<(FuncId, CodeBlob)>, Failure> {
    let module = &unit.module;
    let mut compile_options = CompileOptions::at_level(options.opt_level);
    compile_options.check |= options.verify;
    let mut cold_options = CompileOptions::at_level(0);
    cold_options.check = compile_options.check;
    let mut compiler = target.compiler(compile_options);
    // What is not expected to run is made quickly.
    let mut cold_compiler = target.compiler(cold_options);
    let mut known: Vec<Option<PRegSet>> = vec![None; module.funcs.len()];
    let (mut code, mut wrong) = (Vec::new(), Vec::<Diagnostic>::new());
    for id in callgraph::postorder(module, roots) {
        let compiler = if module.funcs[id].cold { &mut cold_compiler } else { &mut compiler };
        match compiler.compile(module, id, &known, watch) {
            Ok(blob) => {
                // What others see they may also replace, when objects are linked.
                if module.funcs[id].linkage == Linkage::Local {
                    known[id.as_u32() as usize] = Some(blob.clobbers);
                }
                code.push((id, blob));
            }
            Err(error) => match error.kind {
                CodegenErrorKind::Unsupported(..) | CodegenErrorKind::TooLarge(_) => {
                    let mut diagnostic = error.diagnostic(target.name());
                    diagnostic.span = diagnostic.span.filter(|_| unit.has_source);
                    wrong.push(diagnostic);
                }
                // The verifier was content: whatever this is, the user cannot help it.
                CodegenErrorKind::Allocation(_) | CodegenErrorKind::BadInput(_) => {
                    return Err(Failure::bug("generate", vec![error.to_string()]));
                }
            },
        }
    }
    if wrong.is_empty() { Ok(code) } else { Err(Failure::Program(wrong)) }
}
