//! Why a program stops.

use std::fmt;
use std::str::FromStr;

macro_rules! trap_codes {
    ($($variant:ident $name:literal $doc:literal;)*) => {
        /// The reason of a trap.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u8)]
        pub enum TrapCode { $(#[doc = $doc] $variant,)* }

        impl TrapCode {
            /// Every code.
            pub const ALL: &'static [TrapCode] = &[$(TrapCode::$variant,)*];
            /// The name in text.
            pub const fn name(self) -> &'static str {
                match self { $(TrapCode::$variant => $name,)* }
            }
            /// What it means.
            pub const fn doc(self) -> &'static str {
                match self { $(TrapCode::$variant => $doc,)* }
            }
        }
    };
}

trap_codes! {
    Unreachable "unreachable" "Code that the producer of the IR says is never reached.";
    DivZero "div_zero" "Integer division by zero.";
    IntOverflow "int_overflow" "MIN / -1.";
    BadConversion "bad_conversion" "Float to integer: NaN or out of range.";
    Memory "memory" "Access outside of any object.";
    StackOverflow "stack_overflow" "The stack is used up.";
    BadSignature "bad_signature" "Indirect call of a function with another signature, or of no function.";
    User0 "user0" "Free for the producer of the IR.";
    User1 "user1" "Free for the producer of the IR.";
}

impl fmt::Display for TrapCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for TrapCode {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.iter().copied().find(|c| c.name() == text).ok_or(())
    }
}
