//! `pyexec-cg`: the command line of the compiler.
//!
//! This crate reads arguments, renders messages and writes files; it knows nothing of how compiling works.
#![forbid(unsafe_code)]

mod args;
mod commands;
mod emit;
mod messages;
mod observers;
mod output;

use args::{Cli, Command};
use clap::Parser;
use clap::error::ErrorKind;
use pyexec_driver::exit;
use std::io::Write;
use std::process::ExitCode;

/// Syntax trees may be deep, and so may recursion of compiled programs; memory is only used if needed.
const STACK: usize = 64 << 20;

fn main() -> ExitCode {
    pyexec_driver::install_panic_hook();
    let worker = std::thread::Builder::new().name("main".into()).stack_size(STACK).spawn(work);
    let status = worker.map_or_else(|_| work(), |thread| thread.join().unwrap_or_else(|_| panicked()));
    ExitCode::from(status)
}

/// Compiling is guarded by the driver; this was something else.
fn panicked() -> u8 {
    let said = pyexec_driver::last_panic().unwrap_or_default();
    // Nobody may be reading.
    let _ = writeln!(std::io::stderr(), "internal error: {said}");
    exit::INTERNAL
}

fn work() -> u8 {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    match cli.command {
        _ if cli.list.is_some() => commands::list::run(cli.list),
        None => commands::build::run(&cli.build),
        Some(Command::Build(args)) => commands::build::run(&args),
        Some(Command::Run(args)) => commands::run::run(&args),
        Some(Command::Interp(args)) => commands::run::interp(&args),
        Some(Command::Cat(args)) => commands::cat::run(&args),
        Some(Command::Fuzz(args)) => commands::fuzz::run(&args),
        Some(Command::FuzzWorker) => commands::fuzz::worker(),
        Some(Command::Completions { shell }) => commands::meta::completions(shell),
        Some(Command::Man) => commands::meta::man(),
    }
}

/// Help and version go to standard output, errors to standard error.
fn usage(error: &clap::Error) -> u8 {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            commands::status(output::print(error.to_string().as_bytes()))
        }
        _ => {
            // Nobody may be reading.
            let _ = error.print();
            exit::USAGE
        }
    }
}
