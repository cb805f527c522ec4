//! Memory for code and data: never writable and executable at once.
//!
//! ```text
//!   | code, stubs | constants, addresses | data        |     one mapping, so that 32-bit distances reach
//!   | R X         | R                    | R W         |     after `seal`; all of it R W before
//! ```

use crate::cache;
use memmap2::MmapMut;
use std::io;

/// The three parts of a mapping.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// Instructions.
    Code,
    /// What is never written after linking.
    Constant,
    /// What compiled code may write.
    Data,
}

/// A mapping that is being filled; [`seal`](Self::seal) makes it usable.
#[derive(Debug)]
pub struct Unsealed {
    map: MmapMut,
    starts: [usize; 4],
}

/// A mapping whose code can run. Dropping it unmaps it.
#[derive(Debug)]
pub struct Sealed {
    map: MmapMut,
    starts: [usize; 4],
}

fn page_size() -> usize {
    // SAFETY: sysconf has no preconditions.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(size).unwrap_or(4096)
}

impl Unsealed {
    /// Zeroed memory for parts of these sizes in bytes.
    ///
    /// # Errors
    /// If there is no memory, or the parts together pass 1 GiB: distances in code would not reach.
    pub fn new(code: usize, constants: usize, data: usize) -> io::Result<Self> {
        let page = page_size();
        let mut starts = [0; 4];
        for (index, size) in [code, constants, data].into_iter().enumerate() {
            starts[index + 1] = starts[index] + size.next_multiple_of(page);
        }
        if starts[3] > 1 << 30 {
            return Err(io::Error::other("code and data of one module pass 1 GiB"));
        }
        Ok(Self { map: MmapMut::map_anon(starts[3].max(page))?, starts })
    }

    /// The address of a byte of a part, as it will be after sealing.
    pub fn address(&self, part: Part, offset: usize) -> u64 {
        (self.map.as_ptr() as usize + self.starts[part as usize] + offset) as u64
    }

    /// The bytes of a part.
    pub fn bytes(&mut self, part: Part) -> &mut [u8] {
        let index = part as usize;
        &mut self.map[self.starts[index]..self.starts[index + 1]]
    }

    /// Makes the code executable and no longer writable, and the constants read-only.
    ///
    /// # Errors
    /// If the system refuses (a policy against new code).
    pub fn seal(self) -> io::Result<Sealed> {
        let Self { map, starts } = self;
        let base = map.as_ptr() as u64;
        cache::publish(base..base + starts[1] as u64);
        let protections = [libc::PROT_READ | libc::PROT_EXEC, libc::PROT_READ];
        for (index, protection) in protections.into_iter().enumerate() {
            let size = starts[index + 1] - starts[index];
            if size == 0 {
                continue;
            }
            // SAFETY: whole pages of a mapping that `map` owns; no reference into them exists here, and
            // afterwards the bytes are only read or executed.
            let failed = unsafe {
                libc::mprotect(map.as_ptr().add(starts[index]).cast_mut().cast(), size, protection)
            };
            if failed != 0 {
                return Err(io::Error::last_os_error());
            }
        }
        Ok(Sealed { map, starts })
    }
}

impl Sealed {
    /// The addresses of the code.
    pub fn code(&self) -> std::ops::Range<u64> {
        let base = self.map.as_ptr() as u64;
        base..base + self.starts[1] as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_lie_behind_each_other_on_pages_of_their_own() {
        let mut memory = Unsealed::new(10, 0, 5).expect("memory");
        assert_eq!(memory.bytes(Part::Constant).len(), 0);
        memory.bytes(Part::Code)[0] = 0xc3;
        let (code, data) = (memory.address(Part::Code, 0), memory.address(Part::Data, 0));
        assert_eq!(data - code, page_size() as u64);
        assert_eq!(memory.seal().expect("sealed").code(), code..data);
    }

    #[test]
    fn sealed_pages_are_never_writable_and_executable() {
        let sealed = Unsealed::new(1, 1, 1).and_then(Unsealed::seal).expect("sealed");
        let maps = std::fs::read_to_string("/proc/self/maps").expect("the list of mappings");
        let start = format!("{:x}-", sealed.code().start);
        let line = maps.lines().find(|l| l.starts_with(&start)).expect("our mapping");
        assert!(line.contains(" r-xp "), "{line}");
        assert!(!maps.lines().any(|l| l.contains(" rwx")), "a page is writable and executable");
    }

    #[test]
    fn too_much_is_refused() {
        assert!(Unsealed::new(1 << 30, 1, 1).is_err());
    }
}
