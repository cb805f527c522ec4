//! What a processor has beyond the baseline.

use crate::inst::Cpu;

macro_rules! features {
    ($($field:ident $name:literal $variant:ident;)*) => {
        /// Features beyond x86-64 baseline (SSE2) that selection may use.
        #[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
        pub struct CpuFeatures {
            $(#[doc = concat!("`", $name, "`.")] pub $field: bool,)*
        }

        impl CpuFeatures {
            /// The baseline: runs everywhere.
            pub const BASELINE: Self = Self { $($field: false,)* };
            /// Every feature that this crate knows.
            pub const ALL: Self = Self { $($field: true,)* };

            /// Whether instructions of this kind may be used.
            pub fn has(self, cpu: Cpu) -> bool {
                match cpu {
                    Cpu::Base => true,
                    $(Cpu::$variant => self.$field,)*
                }
            }
            /// Turns a feature on or off by its name; false if there is none of this name.
            pub fn set(&mut self, name: &str, on: bool) -> bool {
                match name {
                    $($name => self.$field = on,)*
                    _ => return false,
                }
                true
            }
        }
    };
}

features! {
    sse41 "sse4.1" Sse41;
    popcnt "popcnt" Popcnt;
    lzcnt "lzcnt" Lzcnt;
    bmi1 "bmi1" Bmi1;
    bmi2 "bmi2" Bmi2;
    fma "fma" Fma;
}

impl CpuFeatures {
    /// psABI level x86-64-v3 (2013 and later).
    pub const V3: Self = Self::ALL;
    /// psABI level x86-64-v2 (2009 and later).
    pub const V2: Self = Self { sse41: true, popcnt: true, ..Self::BASELINE };

    /// The processor of this machine. The AVX state that fma and bmi need is checked by std.
    #[cfg(target_arch = "x86_64")]
    pub fn host() -> Self {
        Self {
            sse41: std::arch::is_x86_feature_detected!("sse4.1"),
            popcnt: std::arch::is_x86_feature_detected!("popcnt"),
            lzcnt: std::arch::is_x86_feature_detected!("lzcnt"),
            bmi1: std::arch::is_x86_feature_detected!("bmi1"),
            bmi2: std::arch::is_x86_feature_detected!("bmi2"),
            fma: std::arch::is_x86_feature_detected!("fma"),
        }
    }
    /// The processor of this machine, which is of another kind.
    #[cfg(not(target_arch = "x86_64"))]
    pub fn host() -> Self {
        Self::BASELINE
    }

    /// By name: `x86-64`, `x86-64-v2`, `x86-64-v3`, `native`, then `+feature` and `-feature`,
    /// separated by commas.
    ///
    /// # Errors
    /// The part that is not known.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut features = Self::BASELINE;
        for part in text.split(',') {
            match part {
                "x86-64" | "x86-64-v1" => features = Self::BASELINE,
                "x86-64-v2" => features = Self::V2,
                "x86-64-v3" => features = Self::V3,
                "native" => features = Self::host(),
                _ => {
                    let (on, name) = (part.starts_with('+'), part.get(1..).unwrap_or(""));
                    let signed = on || part.starts_with('-');
                    if !signed || !features.set(name, on) {
                        return Err(part.to_string());
                    }
                }
            }
        }
        Ok(features)
    }
}
