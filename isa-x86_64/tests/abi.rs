//! System V against gcc, both ways at once (see `c_calls`).

mod common;

use common::machine::c_calls::{PROGRAM, Shape, generate, random_shape};
use common::{Dir, MACHINE, Rng, compile, listing};
use pyexec_isa_x86_64::{CpuFeatures, X86Target};

fn check(name: &str, shapes: &[Shape], opt_level: u8) {
    let (module, c) = generate(shapes);
    let blobs = compile(&X86Target::new(CpuFeatures::BASELINE), &module, opt_level);
    if !MACHINE.can_run(name) {
        return;
    }
    let dir = Dir::new(name);
    let asm = dir.write("code.s", listing(&module, &blobs));
    MACHINE.check_assembled(&dir, &asm, &blobs);
    let exe = MACHINE.link(&dir, &format!("{PROGRAM}{c}"), None);
    let output = MACHINE.command(&exe, None).output().expect("run");
    assert!(output.status.success(), "{:?}\n{}", output.status, String::from_utf8_lossy(&output.stdout));
}

#[test]
fn scalars_and_aggregates_travel_as_gcc_sends_them() {
    let mut rng = Rng(0xabcd_ef01_2345_6789);
    let shapes: Vec<Shape> = (0..150).map(|_| random_shape(&mut rng, false)).collect();
    check("abi", &shapes, 1);
    check("abi-fast", &shapes, 0);
}

#[test]
fn variadic_callees_find_their_arguments() {
    let mut rng = Rng(0x1111_2222_3333_4445);
    let shapes: Vec<Shape> = (0..60).map(|_| random_shape(&mut rng, true)).collect();
    check("variadic", &shapes, 1);
}
