//! What selection merges: the mnemonics of small functions, and a piece of text where the operands matter.

mod common;

use common::{compile, listing};
use pyexec_ir::parse_module;
use pyexec_isa_x86_64::{CpuFeatures, X86Target};

/// Mnemonics up to the first return of `func`, whose body is `body`.
fn select(signature: &str, body: &str, cpu: CpuFeatures) -> (String, String) {
    let text =
        format!("global local data @here: size 64, align 8\nfunc fast export @f{signature} {{\n{body}}}\n");
    let module = parse_module(&text, 0).unwrap_or_else(|e| panic!("{e:?}"));
    let violations = pyexec_ir::verify(&module);
    assert!(violations.is_empty(), "{}", violations[0]);
    let text = listing(&module, &compile(&X86Target::new(cpu), &module, 1));
    let lines = text.lines().map(str::trim).filter(|l| !l.starts_with('.') && !l.ends_with(':'));
    let mnemonics: Vec<&str> = lines.filter_map(|l| l.split(' ').next()).collect();
    (mnemonics.join(" "), text)
}

#[track_caller]
fn expect(signature: &str, body: &str, mnemonics: &str, text: &str) {
    let (ours, listing) = select(signature, body, CpuFeatures::BASELINE);
    assert_eq!(ours, mnemonics, "{listing}");
    assert!(listing.contains(text), "no {text:?} in\n{listing}");
}

#[test]
fn addresses_are_merged_into_loads_and_loads_into_arithmetic() {
    let body = "b0(v0: i64, v1: i64, v2: i64):\n  v3 = iconst.i64 3\n  v4 = shl.i64 v1, v3\n  \
        v5 = iadd.i64 v0, v4\n  v6 = load.i64 array v5+16\n  v7 = iadd.i64 v2, v6\n  ret v7\n";
    expect("(i64, i64, i64) -> (i64)", body, "mov add ret", "[rdi+rsi*8+0x10]");
    let body = "b0(v0: i64, v1: f64):\n  v2 = load.f64 array v0+8\n  v3 = fmul.f64 v1, v2\n  ret v3\n";
    expect("(i64, f64) -> (f64)", body, "mulsd ret", "mulsd xmm0, qword ptr [rdi+8]");
    let body = "b0(v0: i64):\n  v1 = global_addr @here+8\n  v2 = load.i32 global v1+4\n  v3 = sext.i64 v2\n  ret v3\n";
    expect("(i64) -> (i64)", body, "movsxd ret", "movsxd rax, dword ptr [rip+here+0xc]");
}

#[test]
fn a_load_does_not_pass_a_store() {
    let body = "b0(v0: i64, v1: i64):\n  v2 = load.i64 unknown v0\n  store.i64 unknown v1, v0\n  \
        v3 = iadd.i64 v1, v2\n  ret v3\n";
    expect("(i64, i64) -> (i64)", body, "mov mov add ret", "mov qword ptr [rdi], rsi");
}

#[test]
fn memory_is_changed_in_place() {
    let body = "b0(v0: i64, v1: i64):\n  v2 = load.i64 unknown v0+8\n  v3 = iadd.i64 v2, v1\n  \
        store.i64 unknown v3, v0+8\n  ret\n";
    expect("(i64, i64) -> ()", body, "add ret", "add qword ptr [rdi+8], rsi");
    let body = "b0(v0: i64):\n  v1 = iconst.i8 32\n  v2 = load.i8 unknown v0\n  v3 = bor.i8 v2, v1\n  \
        store.i8 unknown v3, v0\n  ret\n";
    expect("(i64) -> ()", body, "or ret", "or byte ptr [rdi], 0x20");
}

#[test]
fn sums_of_three_are_one_lea() {
    let body = "b0(v0: i64, v1: i64):\n  v2 = iconst.i64 2\n  v3 = shl.i64 v1, v2\n  v4 = iadd.i64 v0, v3\n  ret v4\n";
    expect("(i64, i64) -> (i64)", body, "lea ret", "lea rax, [rdi+rsi*4]");
    let body = "b0(v0: i64):\n  v1 = iconst.i64 9\n  v2 = imul.i64 v0, v1\n  ret v2\n";
    expect("(i64) -> (i64)", body, "lea ret", "lea rax, [rdi+rdi*8]");
    let body =
        "b0(v0: i64):\n  v1 = iconst.i64 5\n  v2 = iadd.i64 v0, v1\n  v3 = imul.i64 v2, v0\n  ret v3\n";
    expect("(i64) -> (i64)", body, "lea imul ret", "lea rax, [rdi+5]");
}

#[test]
fn compares_and_overflows_are_branched_on_directly() {
    let arms = "b1:\n  v8 = iconst.i64 1\n  ret v8\nb2:\n  v9 = iconst.i64 2\n  ret v9\n";
    let signature = "(i64, i64) -> (i64)";
    let body = format!("b0(v0: i64, v1: i64):\n  v2 = slt.i64 v0, v1\n  br_if v2, b1, b2\n{arms}");
    expect(signature, &body, "cmp jge mov ret mov ret", "cmp rdi, rsi");
    let body = format!(
        "b0(v0: i64, v1: i64):\n  v2 = iconst.i64 8\n  v3 = band.i64 v0, v2\n  v4 = iconst.i64 0\n  \
         v5 = eq.i64 v3, v4\n  br_if v5, b1, b2\n{arms}"
    );
    expect(signature, &body, "test jne mov ret mov ret", "test rdi, 8");
    let body = "b0(v0: i64, v1: i64):\n  v2, v3 = sadd_overflow.i64 v0, v1\n  br_if v3, b1, b2\n\
        cold b1:\n  v4 = iconst.i64 -1\n  ret v4\nb2:\n  ret v2\n";
    expect(signature, body, "mov add jo ret mov ret", "jo ");
    let body = "b0(v0: i64, v1: i64):\n  v2, v3 = smul_overflow.i64 v0, v1\n  trap_if v3, user0\n  ret v2\n";
    expect(signature, body, "mov imul jo ret ud2", "jo ");
}

#[test]
fn constants_divide_by_multiplication() {
    let body = "b0(v0: i64):\n  v1 = iconst.i64 10\n  v2 = udiv.i64 v0, v1\n  ret v2\n";
    let (ours, listing) = select("(i64) -> (i64)", body, CpuFeatures::BASELINE);
    assert!(ours.contains("mul") && !ours.contains("div"), "{listing}");
    let body = "b0(v0: i64):\n  v1 = iconst.i64 16\n  v2 = urem.i64 v0, v1\n  ret v2\n";
    expect("(i64) -> (i64)", body, "mov and ret", "0xf");
}

#[test]
fn conversions_start_from_a_zeroed_register() {
    let body = "b0(v0: i64):\n  v1 = sint_to_float.f64 v0\n  ret v1\n";
    expect("(i64) -> (f64)", body, "xorps cvtsi2sd ret", "xorps xmm0, xmm0");
}

#[test]
fn products_of_extended_operands_take_one_multiplication() {
    let body = "b0(v0: i64, v1: i64):\n  v2 = sext.i128 v0\n  v3 = sext.i128 v1\n  v4 = imul.i128 v2, v3\n  ret v4\n";
    expect("(i64, i64) -> (i128)", body, "mov imul ret", "imul rsi");
}

#[test]
fn features_are_used_where_they_exist() {
    let body = "b0(v0: i64):\n  v1 = popcnt.i64 v0\n  ret v1\n";
    let signature = "(i64) -> (i64)";
    assert_eq!(select(signature, body, CpuFeatures::V3).0, "popcnt ret");
    assert!(!select(signature, body, CpuFeatures::BASELINE).0.contains("popcnt"));
    let body = "b0(v0: f64, v1: f64, v2: f64):\n  v3 = fma.f64 v0, v1, v2\n  ret v3\n";
    let signature = "(f64, f64, f64) -> (f64)";
    assert!(select(signature, body, CpuFeatures::V3).0.contains("vfmadd231sd"));
    assert!(select(signature, body, CpuFeatures::BASELINE).0.contains("call"));
}
