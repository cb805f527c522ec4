//! `cat`: checks a text form and prints it as we write it.

use super::{observed, stem, with_session};
use crate::args::CatArgs;
use crate::output;
use pyexec_driver::{Exit, Failure, Session};
use std::path::Path;

/// Runs the command.
pub fn run(args: &CatArgs) -> u8 {
    with_session(&args.compile, |session, _| {
        for file in &args.files {
            one(args, session, file)?;
        }
        Ok(Exit::OK)
    })
}

fn one(args: &CatArgs, session: &mut Session, file: &Path) -> Result<(), Failure> {
    if file.extension().is_some_and(|e| e == "ra") {
        return output::print(pyexec_driver::cat_allocation(session, file)?.as_bytes());
    }
    let input = session.load(file)?;
    if args.compile.emit.is_empty() {
        let text = pyexec_driver::cat(session, &input)?;
        return output::print(text.as_bytes());
    }
    // Stages are shown by running the pipeline without outputs.
    observed(&args.compile, &stem(file), |w| pyexec_driver::build(session, &[input], &[], w)).map(|_| ())
}
