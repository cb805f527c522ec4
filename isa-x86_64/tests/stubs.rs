//! The entry thunk, called from C: every argument register arrives, every result register comes back,
//! stack words travel both ways, callee-saved registers survive, and recovery returns 1.

use pyexec_isa_x86_64::stubs::{IMAGE_SIZE, stubs};
use std::fmt::Write as _;
use std::process::Command;

const HARNESS: &str = r#"
#include <stdint.h>
#include <stdio.h>
#include <string.h>
extern uint64_t enter(void *, void *, uint64_t *, uint64_t);
extern void recover(void *);
extern void probe(void), abandon(void);
void *image_for_abandon;
int main(void) {
  uint64_t image[IMAGE_SIZE / 8], stack[5], before[5];
  for (int words = 0; words <= 5; words++) {
    for (int i = 0; i < IMAGE_SIZE / 8; i++) image[i] = 1000 + i;
    for (int i = 0; i < 5; i++) stack[i] = before[i] = 77 * (i + 1);
    if (enter(probe, image, stack, words) != 0) return 1;
    int regs[] = {0, 1, 2, 6, 7, 8, 9, 10};
    for (int i = 0; i < 8; i++) if (image[regs[i]] != 1000 + regs[i] + 5) return 10 + i;
    if (image[11] % 16 != 0) return 2; /* the stack pointer at the call */
    for (int i = 16; i < 32; i++) if (image[i] != 2 * (1000 + i)) return 20 + i;
    for (int i = 0; i < 5; i++) if (stack[i] != before[i] + (i == 0 && words > 0)) return 60 + i;
    if (image[32] != 0) return 3;
  }
  image_for_abandon = image;
  if (enter(abandon, image, stack, 3) != 1) return 4;
  puts("ok");
  return 0;
}
"#;

/// `probe` adds 5 to every integer argument register, doubles every xmm lane, adds 1 to the first stack
/// word, reports rsp, and leaves rubbish nowhere; `abandon` ruins everything and recovers.
fn assembly(code: &[u8], enter: usize, recover: usize) -> String {
    let mut s = String::from(".intel_syntax noprefix\n.text\n.globl enter, recover, probe, abandon\ncode:\n");
    for byte in code {
        writeln!(s, ".byte {byte}").expect("write to a string");
    }
    writeln!(s, ".set enter, code+{enter}\n.set recover, code+{recover}\nprobe:").expect("write");
    for r in ["rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10"] {
        writeln!(s, "add {r}, 5").expect("write");
    }
    for x in 0..16 {
        writeln!(s, "paddq xmm{x}, xmm{x}").expect("write");
    }
    s.push_str(
        "add qword ptr [rsp+8], 1\nlea r11, [rsp+8]\nret\nabandon:\nmov rdi, image_for_abandon[rip]\n",
    );
    for r in ["rbx", "rbp", "r12", "r13", "r14", "r15"] {
        writeln!(s, "mov {r}, 1").expect("write");
    }
    s.push_str("sub rsp, 256\njmp recover\n.section .note.GNU-stack,\"\",@progbits\n");
    s
}

#[test]
fn registers_and_stack_words_travel_both_ways() {
    let stubs = stubs();
    let dir = std::env::temp_dir().join(format!("pyexec-stubs-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("temporary directory");
    let (c, s, exe) = (dir.join("h.c"), dir.join("s.s"), dir.join("h"));
    std::fs::write(&c, HARNESS.replace("IMAGE_SIZE", &IMAGE_SIZE.to_string())).expect("write");
    std::fs::write(&s, assembly(&stubs.code, stubs.enter, stubs.recover)).expect("write");
    let Ok(built) = Command::new("gcc").args(["-O2", "-o"]).arg(&exe).args([&c, &s]).output() else {
        eprintln!("skipped: gcc not found");
        return;
    };
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let run = Command::new(&exe).output().expect("run");
    let _ = std::fs::remove_dir_all(&dir);
    assert_eq!((run.status.code(), run.stdout.as_slice()), (Some(0), b"ok\n".as_slice()));
}
