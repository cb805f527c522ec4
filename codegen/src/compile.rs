//! Compiling one function: the stages in order.
//!
//! ```text
//!   ir::Func --lower--> VCode (virtual) --allocate--> Solution --rewrite--> VCode (physical)
//!            --emit--> CodeBuffer --finish--> CodeBlob
//! ```
//!
//! Everything is done in memory that is kept from one function to the next.

use crate::blob::CodeBlob;
use crate::error::{CodegenError, CodegenErrorKind};
use crate::frame::{FrameLayout, FrameNeeds};
use crate::isa::{FuncCompiler, Isa, KnownClobbers};
use crate::lower::{LowerScratch, lower};
use crate::observe::{Observer, Stage};
use crate::print::Listing;
use crate::relax::FinishError;
use crate::rewrite::rewrite;
use crate::vcode::VCode;
use crate::{CodeBuffer, emit};
use pyexec_base::Loc;
use pyexec_ir::{Func, FuncId, Module};
use pyexec_regalloc::{Allocator, Backtracking, Fast, PRegSet, Solution, check, text, verify};
use std::sync::Arc;
use std::time::Instant;

/// What a compiler is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CompileOptions {
    /// 0: the fast allocator; above: the backtracking one; from 2 on loop heads are aligned.
    pub opt_level: u8,
    /// Whether to verify every allocation problem and check every solution. The default in debug builds.
    pub check: bool,
}

impl CompileOptions {
    /// The options for an optimisation level.
    pub const fn at_level(opt_level: u8) -> Self {
        Self { opt_level, check: cfg!(debug_assertions) }
    }
}

/// Compiles functions for one target, one after another. The usual [`FuncCompiler`].
pub struct Compiler<I: Isa> {
    isa: Arc<I>,
    options: CompileOptions,
    allocator: Box<dyn Allocator + Send>,
    scratch: LowerScratch<I::Inst>,
    vcode: VCode<I::Inst>,
    frame: FrameNeeds,
    solution: Solution,
    buf: CodeBuffer<I::Fixup>,
    emit: emit::EmitScratch,
}

impl<I: Isa> Compiler<I> {
    /// A compiler with empty memory.
    pub fn new(isa: Arc<I>, options: CompileOptions) -> Self {
        let allocator: Box<dyn Allocator + Send> = match options.opt_level {
            0 => Box::new(Fast::default()),
            _ => Box::new(Backtracking::default()),
        };
        Self {
            isa,
            options,
            allocator,
            scratch: LowerScratch::default(),
            vcode: VCode::default(),
            frame: FrameNeeds::default(),
            solution: Solution::default(),
            buf: CodeBuffer::new(),
            emit: emit::EmitScratch::default(),
        }
    }

    fn allocate(&mut self, name: &str) -> Result<(), CodegenError> {
        let (problem, env) = (self.vcode.problem.view(), self.isa.machine_env());
        if self.options.check {
            let broken = verify(&problem, env);
            if let Some(first) = broken.first() {
                return Err(allocation_error(name, format!("the problem breaks a rule: {first}")));
            }
        }
        let answer = self.allocator.allocate(&problem, env, &mut self.solution);
        answer.map_err(|e| allocation_error(name, e.to_string()))?;
        // The checker's state grows with both; what is larger than this would take minutes.
        let effort = problem.insts.len() * (128 + self.solution.spill_slots as usize);
        if self.options.check && effort < 20_000_000 {
            let faults = check(&problem, env, &self.solution);
            if let Some(first) = faults.first() {
                return Err(allocation_error(name, format!("the solution is wrong: {first}")));
            }
        }
        Ok(())
    }

    fn rewrite(&mut self, func: &Func) -> Result<(FrameLayout, PRegSet), CodegenError> {
        let written = rewrite(&mut self.vcode, &self.solution);
        let callee_saved = self.isa.conv(func.sig.conv).callee_saved;
        self.frame.spill_slots = self.solution.spill_slots;
        self.frame.saved.extend(written.intersection(callee_saved).iter());
        let layout = FrameLayout::compute(&self.isa.frame_rules(), &self.frame);
        let scratch = self.isa.machine_env().scratch.into_iter().flatten().collect();
        let clobbers = written.union(scratch).difference(callee_saved);
        match layout {
            Some(layout) => Ok((layout, clobbers)),
            None => {
                let kind = CodegenErrorKind::TooLarge("the stack frame is larger than 1 GiB".into());
                Err(CodegenError { func: func.name.clone(), loc: Loc::UNKNOWN, kind })
            }
        }
    }

    fn encode(
        &mut self,
        func: &Func,
        frame: &FrameLayout,
        clobbers: PRegSet,
    ) -> Result<CodeBlob, CodegenError> {
        let align_loops = self.options.opt_level >= 2;
        let (isa, scratch) = (&*self.isa, &mut self.emit);
        emit::emit(isa, &self.vcode, &self.solution, frame, (&mut self.buf, scratch), align_loops);
        let finished = self.buf.finish(|bytes| isa.fill_padding(bytes));
        let mut blob = finished.map_err(|e| CodegenError {
            func: func.name.clone(),
            loc: Loc::UNKNOWN,
            kind: match e {
                FinishError::Unbound(_) => CodegenErrorKind::BadInput("a branch out of the layout".into()),
                FinishError::TooFar(_) => CodegenErrorKind::TooLarge("a branch does not reach".into()),
            },
        })?;
        blob.name.clone_from(&func.name);
        blob.frame_size = frame.total_size();
        blob.clobbers = clobbers;
        blob.guards = isa.guards();
        Ok(blob)
    }

    fn show_allocation(&self, func: &Func, observer: &mut dyn Observer) {
        if observer.wants(Stage::Allocate) {
            let (env, problem) = (Some(self.isa.machine_env()), self.vcode.problem.view());
            let printed = text::Printed { env, problem, solution: Some(&self.solution) };
            observer.artifact(Stage::Allocate, &func.name, &printed);
        }
    }

    fn show_vcode(&self, stage: Stage, func: &Func, observer: &mut dyn Observer) {
        if observer.wants(stage) {
            let edits = (stage == Stage::Rewrite).then_some(self.solution.edits.as_slice());
            let listing = Listing { name: &func.name, vcode: &self.vcode, edits };
            observer.artifact(stage, &func.name, &listing);
        }
    }
}

fn allocation_error(name: &str, message: String) -> CodegenError {
    CodegenError { func: name.into(), loc: Loc::UNKNOWN, kind: CodegenErrorKind::Allocation(message) }
}

/// Reads the clock only for observers that ask for it.
struct Clock(Option<Instant>);

impl Clock {
    fn lap(&mut self, stage: Stage, observer: &mut dyn Observer) {
        if let Some(start) = &mut self.0 {
            let now = Instant::now();
            observer.elapsed(stage, now - std::mem::replace(start, now));
        }
    }
    /// Leaves out the time that showing an artefact took.
    fn restart(&mut self) {
        self.0 = self.0.map(|_| Instant::now());
    }
}

impl<I: Isa> FuncCompiler for Compiler<I> {
    fn compile(
        &mut self,
        module: &Module,
        func: FuncId,
        known: &dyn KnownClobbers,
        observer: &mut dyn Observer,
    ) -> Result<CodeBlob, CodegenError> {
        let func = &module.funcs[func];
        if func.is_import() {
            let kind = CodegenErrorKind::BadInput("an import has no code".into());
            return Err(CodegenError { func: func.name.clone(), loc: Loc::UNKNOWN, kind });
        }
        let mut clock = Clock(observer.times().then(Instant::now));
        let isa = Arc::clone(&self.isa);
        let known = (known, self.options.opt_level > 0);
        lower(&*isa, (module, func), known, &mut self.scratch, &mut self.vcode, &mut self.frame)?;
        clock.lap(Stage::Lower, observer);
        self.show_vcode(Stage::Lower, func, observer);
        clock.restart();
        self.allocate(&func.name)?;
        clock.lap(Stage::Allocate, observer);
        self.show_allocation(func, observer);
        clock.restart();
        let (frame, clobbers) = self.rewrite(func)?;
        clock.lap(Stage::Rewrite, observer);
        self.show_vcode(Stage::Rewrite, func, observer);
        clock.restart();
        let blob = self.encode(func, &frame, clobbers)?;
        clock.lap(Stage::Encode, observer);
        Ok(blob)
    }
}
