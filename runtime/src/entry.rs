//! The way into compiled code: signature first, then the stubs, then the results or a trap.

use crate::cache;
use crate::link::{CodeHandle, LinkError};
use crate::memory::{Part, Sealed, Unsealed};
use crate::trap::{self, Activation};
use pyexec_base::Loc;
use pyexec_codegen::CodeBlob;
use pyexec_ir::{Signature, TrapCode, Type};
use std::cell::Cell;
use std::fmt;
use std::ptr;

/// A machine's fixed stubs, as its ISA crate makes them. `enter(target, image, stack, stack words)` calls `target`
/// with the registers of the image and can be left through `recover(image)`.
#[derive(Clone, Debug)]
pub struct EntryCode {
    /// Position-independent code.
    pub code: Vec<u8>,
    /// Offset of `enter`.
    pub enter: usize,
    /// Offset of `recover`.
    pub recover: usize,
    /// Size of the image in bytes.
    pub image_size: usize,
    /// Offsets in the image of the registers of the first three integer arguments in C.
    pub arguments: [usize; 3],
}

/// Executable stubs: the fixed ones, and one for each signature that is called from outside.
#[derive(Debug)]
pub struct Gate {
    memory: Sealed,
    enter: u64,
    recover: u64,
    image_words: usize,
    arguments: [usize; 3],
    stubs: Vec<(Signature, u64)>,
}

impl Gate {
    /// Maps the stubs.
    ///
    /// # Errors
    /// If there is no memory for code.
    pub fn new(entry: &EntryCode, stubs: &[(Signature, CodeBlob)]) -> Result<Self, LinkError> {
        let mut end = entry.code.len();
        let mut place = |blob: &CodeBlob| {
            let start = end.next_multiple_of(blob.align.max(1) as usize);
            end = start + blob.bytes.len();
            start
        };
        let offsets: Vec<usize> = stubs.iter().map(|(_, blob)| place(blob)).collect();
        let mut memory = Unsealed::new(end, 0, 0).map_err(LinkError::Memory)?;
        let bytes = memory.bytes(Part::Code);
        bytes[..entry.code.len()].copy_from_slice(&entry.code);
        for ((_, blob), offset) in stubs.iter().zip(&offsets) {
            bytes[*offset..offset + blob.bytes.len()].copy_from_slice(&blob.bytes);
        }
        let address = |offset: usize| memory.address(Part::Code, offset);
        let (enter, recover) = (address(entry.enter), address(entry.recover));
        let stubs = stubs.iter().zip(&offsets).map(|((sig, _), at)| (sig.clone(), address(*at))).collect();
        let image_words = entry.image_size.div_ceil(8);
        let memory = memory.seal().map_err(LinkError::Memory)?;
        Ok(Self { memory, enter, recover, image_words, arguments: entry.arguments, stubs })
    }

    fn stub(&self, sig: &Signature) -> Option<u64> {
        self.stubs.iter().find(|(s, _)| s == sig).map(|(_, address)| *address)
    }
}

/// A scalar on its way in or out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Val {
    /// Its type.
    pub ty: Type,
    /// Its bits; those above the type's width are zero.
    pub bits: u128,
}

impl Val {
    /// A value of any type; surplus bits are cut.
    pub fn new(ty: Type, bits: u128) -> Self {
        Self { ty, bits: bits & ty.mask() }
    }
    /// An `i64`.
    pub fn i64(value: i64) -> Self {
        Self::new(Type::I64, value as u128)
    }
    /// An `f64`.
    pub fn f64(value: f64) -> Self {
        Self::new(Type::F64, u128::from(value.to_bits()))
    }
    /// As a signed 64-bit integer.
    pub fn as_i64(self) -> i64 {
        self.bits as i64
    }
    /// As a float; sensible for `f64` only.
    pub fn as_f64(self) -> f64 {
        f64::from_bits(self.bits as u64)
    }
}

/// Why a call did not return values.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CallError {
    /// The unit has no function of this name.
    Unknown(String),
    /// So many arguments are wanted, so many were given.
    Arity(usize, usize),
    /// An argument, counted from 0, is of another type than wanted: wanted, given.
    Type(usize, Type, Type),
    /// The gate has no stub for the function's signature.
    NoStub(Signature),
    /// Standard output cannot be written any more, so the call was given up.
    Output,
    /// The code trapped: why, and where the instruction comes from.
    Trap(TrapCode, Loc),
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CallError::Unknown(name) => write!(f, "no function `{name}`"),
            CallError::Arity(wanted, given) => write!(f, "{wanted} arguments wanted, {given} given"),
            CallError::Type(index, wanted, given) => {
                write!(f, "argument {} is of type {given}, wanted {wanted}", index + 1)
            }
            CallError::NoStub(_) => f.write_str("no entry stub for this signature"),
            CallError::Output => f.write_str("standard output cannot be written"),
            CallError::Trap(code, _) => write!(f, "trap: {code}"),
        }
    }
}

impl std::error::Error for CallError {}

fn cells(ty: Type) -> usize {
    ty.bytes().div_ceil(8) as usize
}

fn check(sig: &Signature, args: &[Val]) -> Result<Vec<u64>, CallError> {
    if sig.params.len() != args.len() {
        return Err(CallError::Arity(sig.params.len(), args.len()));
    }
    let mut words = Vec::with_capacity(args.len());
    for (index, (param, arg)) in sig.params.iter().zip(args).enumerate() {
        if param.ty() != arg.ty {
            return Err(CallError::Type(index, param.ty(), arg.ty));
        }
        words.extend((0..cells(arg.ty)).map(|cell| (arg.bits >> (64 * cell)) as u64));
    }
    Ok(words)
}

fn values(sig: &Signature, words: &[u64]) -> Vec<Val> {
    let mut words = words.iter();
    let mut next = || u128::from(words.next().copied().unwrap_or(0));
    let value = |ty: &Type| {
        let low = next();
        Val::new(*ty, if cells(*ty) == 2 { low | next() << 64 } else { low })
    };
    sig.results.iter().map(value).collect()
}

impl CodeHandle {
    /// Calls a function of this unit on the current thread.
    ///
    /// The caller sees to what the code expects around it: symbols that were resolved still live, and code that
    /// uses runtime helpers runs inside [`Session::call`](crate::Session::call).
    ///
    /// # Errors
    /// See [`CallError`]. After a trap the unit's memory is as the code left it.
    pub fn call(&self, gate: &Gate, name: &str, args: &[Val]) -> Result<Vec<Val>, CallError> {
        let function = self.functions.get(name).ok_or_else(|| CallError::Unknown(name.to_string()))?;
        let words = check(&function.sig, args)?;
        let stub = gate.stub(&function.sig).ok_or_else(|| CallError::NoStub(function.sig.clone()))?;
        let mut results = vec![0u64; function.sig.results.iter().map(|t| cells(*t)).sum::<usize>().max(1)];
        let mut image = vec![0u64; gate.image_words];
        let given = [function.address, words.as_ptr() as u64, results.as_mut_ptr() as u64];
        for (offset, value) in gate.arguments.into_iter().zip(given) {
            image[offset / 8] = value;
        }
        self.enter(gate, stub, &mut image)?;
        Ok(values(&function.sig, &results))
    }

    fn enter(&self, gate: &Gate, stub: u64, image: &mut [u64]) -> Result<(), CallError> {
        let mut activation = Activation {
            code: self.code(),
            recover: gate.recover,
            image: image.as_mut_ptr() as u64,
            trapped_at: Cell::new(0),
            memory: Cell::new(false),
            left: Cell::new(false),
            outer: ptr::null(),
        };
        debug_assert!(gate.memory.code().contains(&gate.enter));
        type Enter = unsafe extern "C" fn(u64, *mut u64, *mut u64, u64) -> u64;
        let image = image.as_mut_ptr();
        // Another thread may have written the code.
        cache::synchronize();
        let left = trap::with(&mut activation, || {
            // SAFETY: `enter` lies in the gate's code and has this signature; the stub is the one for the
            // function's signature, and `check` made as many cells as it reads and `call` as it writes. That
            // the compiled code itself is sound is what the compiler is for.
            unsafe {
                std::mem::transmute::<*const u8, Enter>(gate.enter as *const u8)(
                    stub,
                    image,
                    ptr::null_mut(),
                    0,
                )
            }
        });
        if left == 0 {
            return Ok(());
        }
        if activation.left.get() {
            return Err(CallError::Output);
        }
        let pc = activation.trapped_at.get();
        let unexpected = if activation.memory.get() { TrapCode::Memory } else { TrapCode::Unreachable };
        let (code, loc) = self.trap_at(pc).unwrap_or((unexpected, Loc::UNKNOWN));
        Err(CallError::Trap(code, loc))
    }
}
