//! AArch64.
#![forbid(unsafe_code)]
