//! `run` and `interp`: the program's own output, and its own exit status.

use super::{observed, stem, with_session};
use crate::args::{InterpArgs, RunArgs};
use pyexec_base::Diagnostic;
use pyexec_driver::{Failure, Input, Session, Watch};

/// Natively.
pub fn run(args: &RunArgs) -> u8 {
    execute(args, pyexec_driver::load_program)
}

/// In the interpreter.
pub fn interp(args: &InterpArgs) -> u8 {
    execute(&args.run, |session, input, argv, watch| {
        pyexec_driver::load_simulation(session, input, argv, args.fuel, watch)
    })
}

/// Compiling is observed, running is not.
fn execute(
    args: &RunArgs,
    load: impl Fn(&Session, &Input, Vec<String>, &mut Watch<'_>) -> Result<pyexec_driver::Program, Failure>,
) -> u8 {
    with_session(&args.compile, |session, messages| {
        let argv = argv(args)?;
        let input = session.load(args.file())?;
        let program =
            observed(&args.compile, &stem(args.file()), |w| load(session, &input, argv.clone(), w))?;
        let tell = |warning: &Diagnostic| messages.diagnostic(warning, &session.sources);
        program.warnings().iter().for_each(tell);
        program.run(session)
    })
}

/// `sys.argv`: the file as it was named, then what follows it.
fn argv(args: &RunArgs) -> Result<Vec<String>, Failure> {
    let mut argv = vec![args.file().display().to_string()];
    for arg in args.program_args() {
        let text = arg
            .to_str()
            .ok_or_else(|| Failure::Usage(format!("the argument {} is not UTF-8", arg.to_string_lossy())))?;
        argv.push(text.to_owned());
    }
    Ok(argv)
}
