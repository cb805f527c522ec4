//! Compiling one function: the stages in order.

/// What a compiler is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CompileOptions {
    /// 0: the fast allocator; above: the backtracking one.
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
