//! The entry thunk, called from C under qemu: every argument register arrives, every result register comes
//! back, stack words travel both ways, callee-saved registers survive, and recovery returns 1.

mod common;

use common::{AS, Dir, GCC, QEMU, have, run};
use pyexec_isa_aarch64::stubs::{IMAGE_SIZE, SAVED_SP, stubs};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

const HARNESS: &str = r#"
#include <stdint.h>
#include <stdio.h>
extern uint64_t enter(void *, void *, uint64_t *, uint64_t);
extern void recover(void *);
extern void probe(void), abandon(void);
void *image_for_abandon;
int main(void) {
  uint64_t image[IMAGE_SIZE / 8], stack[5], before[5];
  for (int words = 1; words <= 5; words++) {
    for (int i = 0; i < IMAGE_SIZE / 8; i++) image[i] = 1000 + i;
    for (int i = 0; i < 5; i++) stack[i] = before[i] = 77 * (i + 1);
    if (enter(probe, image, stack, words) != 0) return 1;
    for (int i = 0; i < 13; i++) if (image[i] != 1000 + i + 5) return 10 + i;
    if (image[13] % 16 != 0) return 2; /* the stack pointer at the call */
    for (int i = 16; i < 24; i++) if (image[i] != 2 * (1000 + i)) return 20 + i;
    for (int i = 0; i < 5; i++) if (stack[i] != before[i] + (i == 0)) return 60 + i;
    if (image[SAVED_SP / 8] != 0) return 3;
  }
  image_for_abandon = image;
  if (enter(abandon, image, stack, 3) != 1) return 4;
  puts("ok");
  return 0;
}
"#;

/// `probe` adds 5 to every integer argument register, doubles every float lane, adds 1 to the first stack
/// word, reports sp in x13; `abandon` ruins everything and recovers.
fn assembly(code: &[u8], enter: usize, recover: usize) -> String {
    let mut s = String::from(".text\n.globl enter, recover, probe, abandon\n.balign 4\ncode:\n");
    for byte in code {
        writeln!(s, ".byte {byte}").expect("write to a string");
    }
    writeln!(s, ".set enter, code+{enter}\n.set recover, code+{recover}\nprobe:").expect("write");
    for r in 0..13 {
        writeln!(s, "add x{r}, x{r}, 5").expect("write");
    }
    for v in 0..8 {
        writeln!(s, "add d{v}, d{v}, d{v}").expect("write");
    }
    s.push_str("ldr x14, [sp]\nadd x14, x14, 1\nmov x13, sp\nstr x14, [sp]\nret\nabandon:\n");
    s.push_str("adrp x0, image_for_abandon\nldr x0, [x0, :lo12:image_for_abandon]\n");
    for r in 19..31 {
        writeln!(s, "mov x{r}, 1").expect("write");
    }
    for v in 8..16 {
        writeln!(s, "movi d{v}, 0").expect("write");
    }
    s.push_str("sub sp, sp, 256\nb recover\n.section .note.GNU-stack,\"\",@progbits\n");
    s
}

#[test]
fn registers_and_stack_words_travel_both_ways() {
    if !have("stubs", &[AS, GCC, QEMU]) {
        return;
    }
    let stubs = stubs();
    let dir = Dir::new("stubs");
    let c = HARNESS.replace("IMAGE_SIZE", &IMAGE_SIZE.to_string());
    let c = dir.write("h.c", c.replace("SAVED_SP", &SAVED_SP.to_string()));
    let s = dir.write("s.s", assembly(&stubs.code, stubs.enter, stubs.recover));
    let exe = dir.path("h");
    run(GCC, &[Path::new("-O2"), Path::new("-static"), Path::new("-o"), &exe, &c, &s]);
    let output = Command::new(QEMU).arg(&exe).output().expect("run");
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(0), b"ok\n".as_slice()));
}
