//! Code in memory: signatures are checked, traps become values, memory is freed, helpers are reached.

use pyexec_ir::{Module, TrapCode, Type, parse_module};
use pyexec_runtime::{CallError, Val};
use pyexec_tests::native::Native;

fn module(text: &str) -> Module {
    let module = parse_module(text, 0).expect("the IR parses");
    assert_eq!(pyexec_ir::verify(&module), [], "the IR is well formed");
    module
}

const DIVIDE: &str = "
func fast export @divide(i64, i64) -> (i64) {
b0(v0: i64, v1: i64):
  v2 = sdiv.i64 v0, v1
  ret v2
}
func c export @half(f64) -> (f64) {
b0(v0: f64):
  v1 = fconst.f64 0x3fe0000000000000
  v2 = fmul.f64 v0, v1
  ret v2
}
";

#[test]
fn values_go_in_and_out() {
    for level in [0, 2] {
        let mut native = Native::new(&module(DIVIDE), level).expect("it links");
        assert_eq!(native.call("divide", &[Val::i64(-7), Val::i64(2)]), Ok(vec![Val::i64(-3)]));
        assert_eq!(native.call("half", &[Val::f64(3.0)]), Ok(vec![Val::f64(1.5)]));
    }
}

#[test]
fn a_trap_is_a_value_and_the_code_can_be_called_again() {
    let mut native = Native::new(&module(DIVIDE), 2).expect("it links");
    for _ in 0..3 {
        let zero = native.call("divide", &[Val::i64(1), Val::i64(0)]);
        assert!(matches!(zero, Err(CallError::Trap(TrapCode::DivZero, _))), "{zero:?}");
        let overflow = native.call("divide", &[Val::i64(i64::MIN), Val::i64(-1)]);
        assert!(matches!(overflow, Err(CallError::Trap(TrapCode::IntOverflow, _))), "{overflow:?}");
        assert_eq!(native.call("divide", &[Val::i64(9), Val::i64(3)]), Ok(vec![Val::i64(3)]));
    }
}

#[test]
fn wrong_calls_are_refused_before_they_run() {
    let mut native = Native::new(&module(DIVIDE), 2).expect("it links");
    assert_eq!(native.call("divide", &[Val::i64(1)]), Err(CallError::Arity(2, 1)));
    let mixed = native.call("divide", &[Val::i64(1), Val::f64(1.0)]);
    assert_eq!(mixed, Err(CallError::Type(1, Type::I64, Type::F64)));
    assert_eq!(native.call("none", &[]), Err(CallError::Unknown("none".into())));
}

#[test]
fn helpers_and_functions_of_the_process_are_reached() {
    let text = "
func c import @pyexec_out_i64(i64) -> ()
func c import @pyexec_out_print() -> ()
func c import @labs(i64) -> (i64)
func fast export @f(i64) -> (i64) {
b0(v0: i64):
  call @pyexec_out_i64(v0)
  call @pyexec_out_print()
  v1 = call @labs(v0)
  ret v1
}
";
    let mut native = Native::new(&module(text), 2).expect("it links");
    assert_eq!(native.call("f", &[Val::i64(-42)]), Ok(vec![Val::i64(42)]));
    native.state().stdout.flush();
    assert_eq!(native.output.take(), b"-42");
}

#[test]
fn an_undefined_symbol_is_named() {
    let text = "func c import @no_such_symbol_anywhere() -> ()\nfunc fast export @f() -> () {\nb0:\n  call @no_such_symbol_anywhere()\n  ret\n}\n";
    let error = Native::new(&module(text), 2).err().expect("nothing defines it");
    assert!(error.contains("no_such_symbol_anywhere"), "{error}");
}

#[test]
fn thread_local_data_is_refused_by_name() {
    let text = "global local data thread @mine: size 8, align 8\nfunc fast export @f() -> (i64) {\nb0:\n  v0 = global_addr @mine\n  ret v0\n}\n";
    let error = Native::new(&module(text), 2).err().expect("it is refused");
    assert!(error.contains("`mine` is thread-local"), "{error}");
}

#[test]
fn freed_code_gives_its_memory_back() {
    let pages = || {
        let statm = std::fs::read_to_string("/proc/self/statm").expect("memory figures");
        // Resident pages: reserved ones come and go with the threads of other tests.
        statm.split(' ').nth(1).and_then(|n| n.parse::<i64>().ok()).expect("a number")
    };
    let mappings = || std::fs::read_to_string("/proc/self/maps").expect("mappings").lines().count() as i64;
    // An emulator keeps what it made of code that is gone: there only mappings count, and fewer are enough.
    let (units, emulated) = if cfg!(target_arch = "x86_64") { (2000, false) } else { (200, true) };
    let module = module(DIVIDE);
    drop(Native::new(&module, 2).expect("it links"));
    let before = (pages(), mappings());
    for _ in 0..units {
        let mut native = Native::new(&module, 0).expect("it links");
        assert_eq!(native.call("half", &[Val::f64(1.0)]), Ok(vec![Val::f64(0.5)]));
    }
    let grown = (pages() - before.0, mappings() - before.1);
    assert!(grown.1 < units / 4, "{units} freed units left {} mappings", grown.1);
    assert!(emulated || grown.0 < 3 * units / 2, "{units} freed units left {} pages", grown.0);
}

#[test]
fn functions_are_linked_and_freed_one_by_one() {
    let twice =
        "func fast export @twice(i64) -> (i64) {\nb0(v0: i64):\n  v1 = iadd.i64 v0, v0\n  ret v1\n}\n";
    let user = |constant: i64| {
        format!(
            "func fast import @twice(i64) -> (i64)\nfunc fast export @f(i64) -> (i64) {{\nb0(v0: i64):\n  \
             v1 = call @twice(v0)\n  v2 = iconst.i64 {constant}\n  v3 = iadd.i64 v1, v2\n  ret v3\n}}\n"
        )
    };
    let callee = Native::new(&module(twice), 2).expect("it links");
    let mut first = Native::with_units(&module(&user(1)), 2, &[&callee]).expect("it links");
    assert_eq!(first.call("f", &[Val::i64(5)]), Ok(vec![Val::i64(11)]));
    drop(first);
    // The callee lives on, and a redefinition finds it.
    let mut second = Native::with_units(&module(&user(2)), 0, &[&callee]).expect("it links");
    assert_eq!(second.call("f", &[Val::i64(5)]), Ok(vec![Val::i64(12)]));
}
