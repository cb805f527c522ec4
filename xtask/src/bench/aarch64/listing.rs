//! A disassembly, read just far enough to count: functions, instructions, who refers to whom, what is cold.

use std::collections::{BTreeMap, BTreeSet};

/// Functions that each object of ours has once, for errors. What calls one of them is cold.
pub const SUPPORT: &[&str] = &["py.state", "py.raise", "py.trace"];
/// Of [`SUPPORT`], that which wrappers call in good times too.
const NEUTRAL: &str = "py.state";

struct Line {
    address: u64,
    mnemonic: String,
    /// The branch target in the same function, or the symbol that is called.
    jump: Option<u64>,
    symbol: Option<String>,
}

/// The functions of an object file.
pub struct Listing {
    funcs: BTreeMap<String, Vec<Line>>,
}

impl Listing {
    /// Reads the output of `objdump -dr --no-show-raw-insn`.
    pub fn parse(text: &str) -> Listing {
        let mut funcs: BTreeMap<String, Vec<Line>> = BTreeMap::new();
        let mut name = String::new();
        for line in text.lines() {
            if let Some(label) = line.strip_suffix(">:").and_then(|l| l.split_once('<')) {
                name = label.1.to_string();
                continue;
            }
            let body = funcs.entry(name.clone()).or_default();
            match line.split_once(":\t") {
                Some((address, rest)) if address.trim().bytes().all(|b| b.is_ascii_hexdigit()) => {
                    body.extend(instruction(&name, address.trim(), rest));
                }
                // A relocation names the symbol of the instruction above.
                _ if line.contains("R_AARCH64") => {
                    let symbol = line.split_whitespace().last().unwrap_or_default();
                    let symbol = symbol.split('+').next().unwrap_or_default().to_string();
                    if let Some(last) = body.last_mut() {
                        last.symbol = Some(symbol);
                    }
                }
                _ => {}
            }
        }
        Listing { funcs }
    }

    /// Instructions of a function and of all that it refers to, and how many of them are not cold.
    pub fn count(&self, root: &str) -> (usize, usize) {
        let (mut done, mut todo) = (BTreeSet::new(), vec![root.to_string()]);
        let (mut all, mut hot) = (0, 0);
        while let Some(name) = todo.pop() {
            let Some(lines) = self.funcs.get(&name) else { continue };
            if SUPPORT.contains(&name.as_str()) || !done.insert(name.clone()) {
                continue;
            }
            let warm = warm(lines);
            all += lines.len();
            hot += warm.iter().filter(|w| **w).count();
            let called = lines.iter().zip(&warm).filter(|(_, w)| **w).filter_map(|(l, _)| l.symbol.clone());
            todo.extend(called);
        }
        (all, hot)
    }
}

/// One instruction; padding and data are none.
fn instruction(func: &str, address: &str, rest: &str) -> Option<Line> {
    let mnemonic = rest.split_whitespace().next()?.to_string();
    if matches!(mnemonic.as_str(), "nop" | "udf") || mnemonic.starts_with('.') {
        return None;
    }
    let label = rest.split_once('<').and_then(|(_, l)| l.split_once('>')).map(|(l, _)| l);
    let (name, offset) =
        label.map_or(("", None), |l| l.split_once('+').map_or((l, None), |(n, o)| (n, Some(o))));
    let target = rest.split('<').next()?.split([' ', '\t', ',']).rfind(|w| !w.is_empty());
    let is_branch = mnemonic.starts_with('b') || mnemonic.starts_with("cb") || mnemonic.starts_with("tb");
    let own = name == func && (offset.is_some() || mnemonic != "bl");
    let jump = (is_branch && own).then(|| u64::from_str_radix(target?, 16).ok()).flatten();
    let symbol = (is_branch && !own && !name.is_empty()).then(|| name.to_string());
    Some(Line { address: u64::from_str_radix(address, 16).ok()?, mnemonic, jump, symbol })
}

/// For each instruction, whether it lies on some way from the entry to a return that avoids every call that
/// reports an error or goes on beyond 64 bits.
fn warm(lines: &[Line]) -> Vec<bool> {
    let index: BTreeMap<u64, usize> = lines.iter().enumerate().map(|(i, l)| (l.address, i)).collect();
    let successors: Vec<Vec<usize>> = lines.iter().enumerate().map(|(at, l)| next(at, l, &index)).collect();
    let mut returns = vec![false; lines.len()];
    let mut changed = true;
    while std::mem::take(&mut changed) {
        for at in (0..lines.len()).rev().filter(|at| !reports(&lines[*at])) {
            let line = &lines[at];
            let leaves =
                matches!(line.mnemonic.as_str(), "ret" | "br") || line.mnemonic == "b" && line.jump.is_none();
            if !returns[at] && (leaves || successors[at].iter().any(|s| returns.get(*s) == Some(&true))) {
                returns[at] = true;
                changed = true;
            }
        }
    }
    let (mut warm, mut todo) = (vec![false; lines.len()], vec![0]);
    while let Some(at) = todo.pop() {
        if returns.get(at) == Some(&true) && !std::mem::replace(&mut warm[at], true) {
            todo.extend(&successors[at]);
        }
    }
    warm
}

/// Whether an instruction leaves what is counted: for an error, a trap, or integers beyond 64 bits.
fn reports(line: &Line) -> bool {
    let is_support = |s: &str| {
        s != NEUTRAL && SUPPORT.contains(&s) || [".exact", ".resume"].iter().any(|end| s.ends_with(end))
    };
    line.mnemonic == "brk" || line.symbol.as_deref().is_some_and(is_support)
}

/// What may be executed after an instruction, in the same function.
fn next(at: usize, line: &Line, index: &BTreeMap<u64, usize>) -> Vec<usize> {
    let ends = matches!(line.mnemonic.as_str(), "b" | "br" | "ret");
    let jump = line.jump.and_then(|to| index.get(&to)).copied();
    jump.into_iter().chain((!ends).then_some(at + 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "
0000000000000000 <py.raise>:
   0:\tret

0000000000000010 <run>:
  10:\tcbz\tx0, 20 <run+0x10>
  14:\tbl\t0 <helper>
\t\t\t14: R_AARCH64_CALL26\thelper
  18:\tret
  1c:\tnop
  20:\tmov\tw0, #0x7
  24:\tbl\t0 <py.raise>
  28:\tret

0000000000000030 <helper>:
  30:\tmov\tx0, #0x1
  34:\tret
  38:\tudf\t#0
";

    #[test]
    fn what_leads_only_to_an_error_is_cold() {
        let listing = Listing::parse(TEXT);
        assert_eq!(listing.count("run"), (8, 5));
        assert_eq!(listing.count("helper"), (2, 2));
        assert_eq!(listing.count("nothing"), (0, 0));
    }
}
