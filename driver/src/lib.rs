//! The façade: sources in, programs run or files written.
//!
//! Start reading at [`pipeline`]: it is the whole compiler on one screen. This crate knows how the stages fit
//! together and nothing of how any of them works.
#![forbid(unsafe_code)]

mod aot;
mod blame;
mod bug;
mod build;
mod callgraph;
mod cat;
mod exports;
mod failure;
mod files;
mod generate;
mod initialize;
mod link;
mod list;
mod native;
mod observe;
pub mod pipeline;
mod run;
mod session;
mod simulate;
mod targets;

pub use bug::{install_panic_hook, last_panic};
pub use build::{Output, OutputKind, build, object};
pub use cat::{cat, cat_allocation};
pub use failure::{Bug, Failure, exit};
pub use files::write_file;
pub use list::{constructs, pass_steps};
pub use native::Native;
pub use observe::{Artifact, Observer, StageId, Watch};
pub use run::{Program, load_program, load_simulation};
pub use session::{Exit, Input, Language, Options, Session};
pub use targets::{TARGETS, TargetRow, find as find_target, host as host_target};
