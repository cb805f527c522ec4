//! Recursion over deep trees on a stack of its own.

/// Trees up to this depth are walked on the caller's stack.
pub const SHALLOW: usize = 24;
/// As many functions may call one another in a chain on the caller's stack.
pub const FEW_FUNCTIONS: usize = 24;
/// Enough for the deepest tree that the parser lets through, in an unoptimised build; only touched pages
/// take memory.
const STACK_SIZE: usize = 1 << 30;

/// Runs `work` on a large stack if it is needed and can be had.
pub fn with_large_stack<T: Send>(needed: bool, work: impl FnOnce() -> T + Send) -> T {
    if !needed {
        return work();
    }
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_SIZE).spawn_scoped(scope, work);
        match thread.map(|t| t.join()) {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(error) => panic!("a thread with a large stack could not be started: {error}"),
        }
    })
}
