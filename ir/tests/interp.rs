//! The interpreter: control, calls, memory, limits.

use pyexec_base::Loc;
use pyexec_ir::interp::{Host, HostStop, Interp, Limits, Memory, NoHost, Stop};
use pyexec_ir::{Module, Opcode, TrapCode, Type, parse_module, verify};

fn module(text: &str) -> Module {
    let module = parse_module(text, 0).unwrap_or_else(|errors| panic!("{text}\n{errors:#?}"));
    assert_eq!(verify(&module), [], "{text}");
    module
}
fn run_with(text: &str, args: &[u128], limits: Limits, host: &mut dyn Host) -> Result<Vec<u128>, Stop> {
    let module = module(text);
    let func = module.func_by_name("main").expect("a main function");
    Interp::new(&module, limits)?.call(func, args, host)
}
fn run(text: &str, args: &[u128]) -> Result<Vec<u128>, Stop> {
    run_with(text, args, Limits::default(), &mut NoHost)
}
fn trap(code: TrapCode) -> Result<Vec<u128>, Stop> {
    Err(Stop::Trap(code, Loc::UNKNOWN))
}

const FIB: &str = "func fast local @main(i64) -> (i64) {\nb0(v0: i64):\nv1 = iconst.i64 2\nv2 = slt.i64 v0, v1\nbr_if v2, b1, b2\nb1:\nret v0\n\
    b2:\nv3 = iconst.i64 -1\nv4 = iadd.i64 v0, v3\nv5 = call @main(v4)\nv6 = iadd.i64 v4, v3\nv7 = call @main(v6)\nv8 = iadd.i64 v5, v7\nret v8\n}";

#[test]
fn recursion() {
    assert_eq!(run(FIB, &[20]), Ok(vec![6765]));
}

#[test]
fn a_loop_that_swaps_its_parameters() {
    let text = "func fast local @main(i64, i64, i64) -> (i64, i64) {\nb0(v0: i64, v1: i64, v2: i64):\njump b1(v0, v1, v2)\n\
        b1(v3: i64, v4: i64, v5: i64):\nv6 = iconst.i64 1\nv7 = isub.i64 v5, v6\nv8 = ne.i64 v5, v6\nbr_if v8, b1(v4, v3, v7), b2\nb2:\nret v3, v4\n}";
    assert_eq!(run(text, &[10, 20, 4]), Ok(vec![20, 10]));
    assert_eq!(run(text, &[10, 20, 5]), Ok(vec![10, 20]));
}

#[test]
fn branch_tables_take_the_default_beyond_their_end() {
    let text = "func fast local @main(i64) -> (i8) {\nb0(v0: i64):\nv1 = iconst.i8 10\nv2 = iconst.i8 20\nbr_table v0, b1(v1), [b1(v2), b2]\n\
        b1(v3: i8):\nret v3\nb2:\nv4 = iconst.i8 -1\nret v4\n}";
    let cases = [(0, 20), (1, 255), (2, 10), (u64::MAX as u128, 10), (1 << 32, 10), (u32::MAX as u128, 10)];
    for (index, expected) in cases {
        assert_eq!(run(text, &[index]), Ok(vec![expected]), "{index}");
    }
}

#[test]
fn every_load_and_store_touches_what_its_name_says() {
    for (store, ty) in
        [("store8", Type::I32), ("store16", Type::I32), ("store32", Type::I64), ("store", Type::I128)]
    {
        for op in Opcode::ALL.iter().filter(|op| op.name().starts_with("load")) {
            let to = op.info().class.types().last().expect("a type");
            let text = format!(
                "func fast local @main({ty}) -> ({to}) {{\nslot s0: size 32, align 16\nb0(v0: {ty}):\nv1 = stack_addr s0+4\n\
                 {store}.{ty} stack v0, v1+4\nv2 = {op}.{to} unknown v1+4\nret v2\n}}"
            );
            let bits = 0xfedc_ba98_7654_3210_0123_4567_89ab_cdef & ty.mask();
            let stored = match store {
                "store8" => bits & 0xff,
                "store16" => bits & 0xffff,
                "store32" => bits & 0xffff_ffff,
                _ => bits,
            };
            let (bytes, signed) = op.access(to).expect("a load");
            let cut = stored & u128::MAX >> (128 - 8 * u32::from(bytes));
            let negative = signed && cut >> (8 * bytes - 1) & 1 == 1;
            let expected = if negative { (cut | u128::MAX << (8 * bytes - 1)) & to.mask() } else { cut };
            assert_eq!(run(&text, &[bits]), Ok(vec![expected]), "{text}");
        }
    }
}

#[test]
fn what_lies_outside_of_objects_traps() {
    let text = |access: &str| {
        format!(
            "global local const @c: size 8, align 8 = \"12345678\"\nglobal local data @d: size 8, align 8\nfunc fast local @main(i64) -> (i64) {{\n\
             slot s0: size 8, align 8\nb0(v0: i64):\nv1 = stack_addr s0\nv2 = global_addr @c\nv3 = global_addr @d+8\nv4 = func_addr @main\n{access}\nret v0\n}}"
        )
    };
    let traps = [
        "v5 = load.i64 unknown v1+1",
        "v5 = load.i64 unknown v1-1",
        "v5 = load.i8 unknown v3",
        "v5 = load.i8 unknown v4",
        "v5 = load.i8 unknown v0",
        "store.i64 unknown v0, v0",
        "v5 = load.i128 unknown v3-8",
        "v5 = load.i8 unknown v1+2147483647",
        "v5 = load.i8 unknown v1-2147483648",
        "v6 = stack_ptr\nv5 = load.i8 unknown v6-16",
        "v5 = atomic_load.i32 unknown v1+2",
        "v5 = atomic_cas.i64 unknown v0, v0, v3",
        "v5 = atomic_add.i64 unknown v0, v2",
    ];
    for access in traps {
        assert_eq!(run(&text(access), &[0]), trap(TrapCode::Memory), "{access}");
    }
    assert_eq!(run(&text("store.i64 unknown v0, v2"), &[0]), trap(TrapCode::Memory));
    assert_eq!(run(&text("store.i64 unknown v0, v3-8\nv5 = load.i64 constant v2"), &[7]), Ok(vec![7]));
}

#[test]
fn slots_end_with_their_frame() {
    let text = "func fast local @leak() -> (i64) {\nslot s0: size 8, align 8\nb0:\nv0 = stack_addr s0\nret v0\n}\n\
        func fast local @main() -> (i64) {\nb0:\nv0 = call @leak()\nv1 = load.i64 unknown v0\nret v1\n}";
    assert_eq!(run(text, &[]), trap(TrapCode::Memory));
}

#[test]
fn relocations_hold_addresses() {
    let text = "sig0 = fast (i64) -> (i64)\nglobal local const @t: size 16, align 8 relocs [0: @twice, 8: @d+4]\nglobal local data @d: size 8, align 8 = \"abcdefgh\"\n\
        func fast local @twice(i64) -> (i64) {\nb0(v0: i64):\nv1 = iadd.i64 v0, v0\nret v1\n}\n\
        func fast local @main() -> (i64, i8) {\nb0:\nv0 = global_addr @t\nv1 = load.i64 constant v0\nv2 = iconst.i64 21\n\
        v3 = call_indirect sig0 v1(v2)\nv4 = load.i64 constant v0+8\nv5 = load.i8 global v4\nret v3, v5\n}";
    assert_eq!(run(text, &[]), Ok(vec![42, b'e'.into()]));
}

#[test]
fn indirect_calls_check_the_signature() {
    let text = "sig0 = fast (i64) -> (i64)\nsig1 = fast (i64, i64) -> (i64)\nfunc fast local @id(i64) -> (i64) {\nb0(v0: i64):\nret v0\n}\n\
        func fast local @main(i64) -> (i64) {\nb0(v0: i64):\nv1 = func_addr @id\nv2 = iadd.i64 v1, v0\nbr_if v5, b1, b2\nb1:\nv3 = call_indirect sig0 v2(v0)\nret v3\n\
        b2:\nv4 = call_indirect sig1 v2(v0, v0)\nret v4\n}";
    let with = |cond: &str| text.replace("br_if v5", &format!("v5 = iconst.i8 {cond}\nbr_if v5"));
    assert_eq!(run(&with("1"), &[0]), Ok(vec![0]));
    assert_eq!(run(&with("1"), &[1]), trap(TrapCode::BadSignature));
    assert_eq!(run(&with("1"), &[1 << 20]), trap(TrapCode::BadSignature));
    assert_eq!(run(&with("0"), &[0]), trap(TrapCode::BadSignature));
}

#[test]
fn tail_calls_need_no_depth() {
    let text = "sig0 = fast (i64, i64) -> (i64)\nfunc fast local @main(i64, i64) -> (i64) {\nslot s0: size 64, align 8\nb0(v0: i64, v1: i64):\nv2 = iconst.i64 1\n\
        v3 = iadd.i64 v1, v2\nv4 = isub.i64 v0, v2\nv5 = ne.i64 v0, v2\nv6 = stack_addr s0\nstore.i64 stack v4, v6\nv7 = load.i64 stack v6\nbr_if v5, b1, b2\n\
        b1:\ntail_call @other(v7, v3)\nb2:\nret v3\n}\nfunc fast local @other(i64, i64) -> (i64) {\nb0(v0: i64, v1: i64):\nv2 = func_addr @main\n\
        tail_call_indirect sig0 v2(v0, v1)\n}";
    let limits = Limits { depth: 2, stack_bytes: 4096, ..Limits::default() };
    assert_eq!(run_with(text, &[50_000, 0], limits, &mut NoHost), Ok(vec![50_000]));
}

#[test]
fn limits_stop_programs() {
    let endless = "func fast local @main() -> () {\nb0:\njump b1\nb1:\njump b1\n}";
    let fuel = Limits { fuel: 1000, ..Limits::default() };
    assert_eq!(run_with(endless, &[], fuel, &mut NoHost), Err(Stop::OutOfFuel));
    let deep = "func fast local @main() -> () {\nb0:\ncall @main() @77\nret\n}";
    let overflow = Err(Stop::Trap(TrapCode::StackOverflow, Loc::at(77)));
    assert_eq!(run(deep, &[]), overflow);
    let depth = Limits { depth: 10, ..Limits::default() };
    assert_eq!(run_with(deep, &[], depth, &mut NoHost), overflow);
    let huge = "func fast local @main() -> () {\nslot s0: size 1000000000, align 1\nb0:\nret\n}";
    assert_eq!(run(huge, &[]), trap(TrapCode::StackOverflow));
    let global =
        "global local data @g: size 4000000000, align 8\nfunc fast local @main() -> () {\nb0:\nret\n}";
    assert_eq!(run(global, &[]), Err(Stop::OutOfMemory));
}

#[test]
fn the_stack_pointer_falls_with_depth() {
    let text = "global import data @limit: size 8, align 8\nfunc fast local @main(i64) -> (i64) {\nslot s0: size 100, align 8\nb0(v0: i64):\nv1 = stack_ptr\n\
        v2 = global_addr @limit\nv3 = load.i64 global v2\nv4 = ult.i64 v1, v3\nbr_if v4, b1, b2\nb1:\nret v0\nb2:\nv5 = iconst.i64 1\nv6 = iadd.i64 v0, v5\n\
        v7 = call @main(v6)\nret v7\n}";
    let module = module(text);
    let mut interp =
        Interp::new(&module, Limits { stack_bytes: 1 << 20, ..Limits::default() }).expect("small");
    let (limit, end) = (interp.global_address("limit").expect("a global"), interp.stack_end());
    interp.memory.write_int(limit, 8, u128::from(end + 4096)).expect("writable");
    let func = module.func_by_name("main").expect("main");
    let depth = interp.call(func, &[0], &mut NoHost).expect("no overflow")[0];
    assert!((2000..6000).contains(&depth), "{depth}");
}

/// Doubles numbers, and sums bytes.
struct Sums(Vec<String>);
impl Host for Sums {
    fn call(&mut self, name: &str, args: &[u128], memory: &mut Memory) -> Result<Vec<u128>, HostStop> {
        self.0.push(name.into());
        match name {
            "sum" => {
                Ok(vec![memory.read(args[0] as u64, args[1] as usize)?.iter().map(|b| u128::from(*b)).sum()])
            }
            "text" => Ok(vec![memory.allocate_bytes(b"\x01\x02\x03").into(), 3]),
            "wide" => Ok(vec![u128::MAX]),
            "wrong" => Ok(vec![]),
            _ => Err(HostStop::Message("no".into())),
        }
    }
}

#[test]
fn hosts_see_memory_and_may_stop_the_program() {
    let text = |body: &str| {
        format!(
            "func c import @sum(i64, i64) -> (i64)\nfunc c import @text() -> (i64, i64)\nfunc c import @wide() -> (i8)\nfunc c import @wrong() -> (i8)\n\
         func c import @stop() -> ()\nfunc fast import @fast() -> (i64)\nfunc fast local @main() -> (i64) {{\nb0:\n{body}\n}}"
        )
    };
    let mut host = Sums(Vec::new());
    let mut go = |body: &str| run_with(&text(body), &[], Limits::default(), &mut host);
    assert_eq!(go("v0, v1 = call @text()\nv2 = call @sum(v0, v1)\nret v2"), Ok(vec![6]));
    assert_eq!(go("v0, v1 = call @text()\nv2 = call @sum(v1, v1)\nret v2"), trap(TrapCode::Memory));
    assert_eq!(go("v0 = call @wide()\nv1 = zext.i64 v0\nret v1"), Ok(vec![255]));
    assert_eq!(go("call @stop()\nv1 = iconst.i64 0\nret v1"), Err(Stop::Host("no".into())));
    assert_eq!(go("tail_call @fast()"), Err(Stop::Host("no".into())));
    assert!(matches!(go("v0 = call @wrong()\nv1 = iconst.i64 0\nret v1"), Err(Stop::Host(_))));
    assert_eq!(host.0, ["text", "sum", "text", "sum", "wide", "stop", "fast", "wrong"]);
}

#[test]
fn aggregates_by_value_are_copies() {
    let text = "func c local @change(byval(size 16, align 8, i64 at 0, i64 at 8)) -> (i64) {\nb0(v0: i64):\nv1 = load.i64 unknown v0+8\nstore.i64 unknown v0, v0+8\nret v1\n}\n\
        func c local @fill(result(size 8, align 8, i64 at 0), i64) -> () {\nb0(v0: i64, v1: i64):\nstore.i64 unknown v1, v0\nret\n}\n\
        func fast local @main(i64) -> (i64, i64, i64) {\nslot s0: size 16, align 8\nb0(v0: i64):\nv1 = stack_addr s0\nstore.i64 stack v0, v1+8\n\
        v2 = call @change(v1)\nv3 = load.i64 stack v1+8\ncall @fill(v1, v0)\nv4 = load.i64 stack v1\nret v2, v3, v4\n}";
    assert_eq!(run(text, &[9]), Ok(vec![9, 9, 9]));
}

#[test]
fn traps_name_their_place() {
    let text = "func fast local @main(i64) -> (i64) {\nb0(v0: i64):\nv1 = udiv.i64 v0, v0 @123\nv2 = iconst.i8 1\ntrap_if v2, user1 @5\nret v1\n}";
    assert_eq!(run(text, &[0]), Err(Stop::Trap(TrapCode::DivZero, Loc::at(123))));
    assert_eq!(run(text, &[1]), Err(Stop::Trap(TrapCode::User1, Loc::at(5))));
    assert_eq!(run(text, &[]), trap(TrapCode::BadSignature));
    let text = "func fast local @main() -> () {\nb0:\ntrap unreachable @8\n}";
    assert_eq!(run(text, &[]), Err(Stop::Trap(TrapCode::Unreachable, Loc::at(8))));
}

#[test]
fn memory_persists_from_call_to_call() {
    let text = "global local data @n: size 4, align 4\nfunc fast local @main() -> (i32) {\nb0:\nv0 = global_addr @n\nv1 = load.i32 global v0\nv2 = iconst.i32 1\n\
        v3 = iadd.i32 v1, v2\nstore.i32 global v3, v0\nret v3\n}";
    let module = module(text);
    let mut interp = Interp::new(&module, Limits::default()).expect("small");
    let func = module.func_by_name("main").expect("main");
    let results: Vec<_> = (0..3).map(|_| interp.call(func, &[], &mut NoHost).expect("runs")[0]).collect();
    assert_eq!(results, [1, 2, 3]);
    let block = interp.memory.allocate(8).expect("room");
    interp.memory.free(block);
    assert_eq!(interp.memory.read(block, 1), Err(TrapCode::Memory));
    assert_eq!(interp.memory.allocate(usize::MAX), None);
}
