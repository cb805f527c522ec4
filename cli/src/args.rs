//! The command line. Whatever clap can check is checked here; the rest by the command.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::emit::EmitSpec;

const EXIT_CODES: &str = "\
Exit status:
  0   all went well
  1   the program is wrong, or ended with an uncaught exception
  2   the command line is wrong
  3   the program uses Python that is not compiled (yet)
  4   a test failed
  70  a bug of the compiler (a replay file is written)
  74  a file cannot be read or written, or a tool is missing

`pyexec-cg run` ends with the program's own status.";

/// Compiles Python to native code.
#[derive(Parser, Debug)]
#[command(name = "pyexec-cg", version, about, after_help = EXIT_CODES)]
#[command(args_conflicts_with_subcommands = true, arg_required_else_help = true, max_term_width = 100)]
pub struct Cli {
    /// What to do; `build` if nothing is said.
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub build: BuildArgs,
    /// List what there is, one a line
    #[arg(long, value_name = "WHAT", exclusive = true)]
    pub list: Option<ListKind>,
}

/// What to do.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Compile a file and run it
    Run(RunArgs),
    /// Compile files to objects, libraries, headers, assembly or IR
    Build(BuildArgs),
    /// Run a file in the IR interpreter
    Interp(InterpArgs),
    /// Check a .pir or .ra file and print it, or print any stage of a Python file
    Cat(CatArgs),
    /// Run random programs and compare: Python with CPython, IR with the interpreter
    Fuzz(FuzzArgs),
    /// Compile and run programs for `fuzz`
    #[command(hide = true)]
    FuzzWorker,
    /// Print a completion script
    Completions {
        /// For which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

/// How to compile.
#[derive(Args, Debug, Clone)]
pub struct CompileArgs {
    /// Optimize: 0 not at all, 1 a little, 2 as usual, 3 at any compile time
    #[arg(short = 'O', value_name = "LEVEL", default_value_t = 2, value_parser = clap::value_parser!(u8).range(0..=3))]
    pub opt_level: u8,
    /// Compile for this machine and system
    #[arg(long, value_name = "TRIPLE")]
    pub target: Option<String>,
    /// Use what this processor can do: `native`, or a level as `--list targets` names them; for AArch64 with
    /// `,+bti` and `,+pac-ret` behind it for landing pads and signed return addresses
    #[arg(long, value_name = "CPU")]
    pub cpu: Option<String>,
    /// What integers beyond 64 bits do: go on exactly, which takes the runtime, or raise OverflowError
    #[arg(long, value_name = "HOW", value_enum, default_value_t = Ints::Exact)]
    pub ints: Ints,
    /// Write stages: ast, hir, ir, opt, vcode, ra, asm, obj; to standard output unless a path is given
    #[arg(long, value_name = "STAGE[=PATH]", value_delimiter = ',')]
    pub emit: Vec<EmitSpec>,
    /// Say how long every stage took
    #[arg(long)]
    pub time_passes: bool,
    /// Print the IR after every pass that changed it
    #[arg(long)]
    pub print_changed: bool,
    /// Verify the IR after every pass, and the register allocation
    #[arg(long)]
    pub verify: bool,
    #[command(flatten)]
    pub messages: MessageArgs,
}

/// What integers beyond 64 bits do.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ints {
    /// They are computed, as Python does.
    Exact,
    /// They raise OverflowError: for objects and libraries without the runtime.
    Checked,
}

/// How to speak.
#[derive(Args, Debug, Clone)]
pub struct MessageArgs {
    /// The form of messages
    #[arg(long, value_name = "FORM", value_enum, default_value_t = MessageFormat::Human)]
    pub message_format: MessageFormat,
    /// Colour in messages
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = ColorWhen::Auto)]
    pub color: ColorWhen,
}

/// `run`.
#[derive(Args, Debug)]
pub struct RunArgs {
    #[command(flatten)]
    pub compile: CompileArgs,
    /// A Python file, or a .pir file with a function @main (`-` is standard input); then the program's own
    /// arguments
    #[arg(required = true, trailing_var_arg = true, value_names = ["FILE", "ARGS"])]
    pub command: Vec<OsString>,
}

impl RunArgs {
    /// The file.
    pub fn file(&self) -> &Path {
        self.command.first().map_or(Path::new(""), Path::new)
    }

    /// What follows it.
    pub fn program_args(&self) -> &[OsString] {
        self.command.get(1..).unwrap_or(&[])
    }
}

/// `interp`.
#[derive(Args, Debug)]
pub struct InterpArgs {
    /// Stop after so many instructions
    #[arg(long, value_name = "STEPS")]
    pub fuel: Option<u64>,
    #[command(flatten)]
    pub run: RunArgs,
}

/// `build`.
#[derive(Args, Debug)]
pub struct BuildArgs {
    #[command(flatten)]
    pub compile: CompileArgs,
    /// Write to this file; its extension says what: .o .so .h .s .pir (repeatable)
    #[arg(short, value_name = "PATH")]
    pub output: Vec<PathBuf>,
    /// What to make, where the name does not say it
    #[arg(long, value_name = "KIND", value_enum, value_delimiter = ',')]
    pub kind: Vec<Kind>,
    /// Python or .pir files
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// `cat`.
#[derive(Args, Debug)]
pub struct CatArgs {
    #[command(flatten)]
    pub compile: CompileArgs,
    /// .pir, .ra or Python files
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
}

/// `fuzz`.
#[derive(Args, Debug)]
#[command(after_help = FUZZ_HELP)]
pub struct FuzzArgs {
    /// What to fuzz
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = FuzzTarget::All)]
    pub target: FuzzTarget,
    /// The first seed; program N of a run has the seed SEED + N
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Stop after so many minutes (1, unless --programs is given)
    #[arg(long, value_parser = minutes)]
    pub minutes: Option<Duration>,
    /// Stop after so many programs of each target
    #[arg(long, value_name = "COUNT")]
    pub programs: Option<u64>,
    /// Try the programs of this folder first; keep failing programs, and such that use something new, in it
    #[arg(long, value_name = "DIR")]
    pub corpus: Option<PathBuf>,
    /// Write a report in JSON
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Run so many processes at a time (as many as there are processors)
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
    /// Stop after so many different failures
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    pub failures: u16,
    /// Integers beyond 64 bits must be exact (the default)
    #[arg(long, overrides_with = "no_exact")]
    pub exact: bool,
    /// Accept an OverflowError where an integer leaves 64 bits
    #[arg(long, overrides_with = "exact")]
    pub no_exact: bool,
    /// Compare with this CPython; a second one is compared with the first
    #[arg(long, value_name = "PATH")]
    pub python: Vec<String>,
    /// Run some programs also by this pyexec-cg for AArch64, under qemu-aarch64
    #[arg(long, value_name = "PATH")]
    pub aarch64: Option<PathBuf>,
    #[command(flatten)]
    pub messages: MessageArgs,
}

const FUZZ_HELP: &str = "\
Without --python, the reference is $PYEXEC_PYTHON, python3.13 or python3, whichever is a CPython 3.13, and
python3.11 is the second if it is there.

Exit status: 0 if all agree, 4 if something differs, 2 and 74 as usual.";

/// A length of time in minutes.
fn minutes(text: &str) -> Result<Duration, String> {
    let minutes: f64 = text.parse().map_err(|_| "not a number".to_string())?;
    let time = Duration::try_from_secs_f64(minutes * 60.0).map_err(|_| "not a length of time".to_string())?;
    if time.is_zero() { Err("no time at all".into()) } else { Ok(time) }
}

/// What `fuzz` fuzzes.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum FuzzTarget {
    /// Random Python against CPython
    Python,
    /// Random IR: machine code against the interpreter
    Ir,
    /// The same for AArch64 under qemu
    Aarch64,
    /// Damaged text against the parsers
    Parser,
    /// Each for its share of the time
    All,
}

/// What `build` makes.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A relocatable object
    Obj,
    /// A shared library
    Lib,
    /// A C header
    Header,
    /// Assembly
    Asm,
    /// IR after optimization
    Ir,
}

/// The form of messages.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum MessageFormat {
    /// For people, with the source line
    Human,
    /// One line each
    Short,
    /// One JSON object a line
    Json,
}

/// Colour in messages.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ColorWhen {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What `--list` lists.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ListKind {
    /// Machines and systems
    Targets,
    /// Passes in their order
    Passes,
    /// Opcodes of the IR
    Opcodes,
    /// Functions of the runtime that compiled code calls
    Helpers,
    /// Python constructs and how they are compiled
    Constructs,
}
