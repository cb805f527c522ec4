//! Generated functions that C calls and that call C: a convention against a C compiler, both ways at once. C
//! calls `relay_n`, which we compile and which calls `callee_n`, of C, with the parameters in reverse order (so
//! that two wrongs do not make a right). Both ends of C's check every scalar. Narrow integers change on the
//! way, so that nobody lives on another's extension of them.

use super::Rng;
use pyexec_codegen::abi::{ArgLoc, Assignment, ConvDesc, assign};
use pyexec_ir::{
    Aggregate, Builder, CallConv, Func, FuncId, Linkage, Module, Opcode, Param, Signature, Type, Value,
};
use std::fmt::Write as _;

#[derive(Clone)]
enum Kind {
    Scalar(Type),
    /// `i8` or `i16` without a sign: all others have one.
    Unsigned(Type),
    Struct(Aggregate),
}

/// A parameter or result: its kind and the bits of its scalars.
#[derive(Clone)]
struct Item {
    kind: Kind,
    bits: Vec<u128>,
}

impl Item {
    fn types(&self) -> Vec<Type> {
        match &self.kind {
            Kind::Scalar(ty) | Kind::Unsigned(ty) => vec![*ty],
            Kind::Struct(layout) => layout.fields.iter().map(|f| f.1).collect(),
        }
    }

    /// Added on the way, for narrow integers.
    fn change(&self) -> Option<(Type, i64)> {
        match self.kind {
            Kind::Scalar(ty @ Type::I8) | Kind::Unsigned(ty @ Type::I8) => Some((ty, 0x5b)),
            Kind::Scalar(ty @ Type::I16) | Kind::Unsigned(ty @ Type::I16) => Some((ty, 0x5b5b)),
            _ => None,
        }
    }

    /// What comes out on the other side.
    fn changed(&self) -> Item {
        let mut item = self.clone();
        if let Some((ty, by)) = self.change() {
            item.bits[0] = item.bits[0].wrapping_add(by as u128) & ty.mask();
        }
        item
    }
}

fn changed(b: &mut Builder<'_>, item: &Item, value: Value) -> Value {
    let Some((ty, by)) = item.change() else { return value };
    let by = b.iconst(ty, by);
    b.plain(Opcode::Iadd, &[value, by])
}

fn c_type(ty: Type) -> &'static str {
    match ty {
        Type::I8 => "signed char",
        Type::I16 => "short",
        Type::I32 => "int",
        Type::I64 => "long long",
        Type::I128 => "__int128",
        Type::F32 => "float",
        Type::F64 => "double",
    }
}

/// One to five floats of one type: up to four of them travel in float registers.
fn homogeneous(rng: &mut Rng) -> Kind {
    let ty = rng.pick(&Type::FLOATS);
    let count = 1 + rng.below(5) as u32;
    let fields = (0..count).map(|i| (i * ty.bytes(), ty)).collect();
    Kind::Struct(Aggregate { size: count * ty.bytes(), align: ty.bytes(), fields })
}

fn random_struct(rng: &mut Rng) -> Kind {
    if rng.below(3) == 0 {
        return homogeneous(rng);
    }
    let limit = rng.pick(&[4, 8, 16, 16, 16, 24, 40, 300]);
    let (mut size, mut align, mut fields) = (0u32, 1, Vec::new());
    for _ in 0..if limit == 300 { 60 } else { 1 + rng.below(5) } {
        let ty = rng.pick(&Type::ALL);
        let own = ty.bytes();
        let at = size.next_multiple_of(own);
        if at + ty.bytes() > limit {
            continue;
        }
        fields.push((at, ty));
        (size, align) = (at + ty.bytes(), align.max(own));
    }
    if fields.is_empty() {
        (fields, size) = (vec![(0, Type::I8)], 1);
    }
    Kind::Struct(Aggregate { size: size.next_multiple_of(align), align, fields })
}

fn random_scalar(rng: &mut Rng) -> Kind {
    match rng.pick(&Type::ALL) {
        ty @ (Type::I8 | Type::I16) if rng.below(2) == 0 => Kind::Unsigned(ty),
        ty => Kind::Scalar(ty),
    }
}

fn random_item(rng: &mut Rng, structs: bool) -> Item {
    let kind = if structs && rng.below(3) == 0 { random_struct(rng) } else { random_scalar(rng) };
    let mut item = Item { kind, bits: Vec::new() };
    for ty in item.types() {
        let wide = u128::from(rng.next()) << 64 | u128::from(rng.next());
        // Floats stay finite, so that comparing bits is comparing values.
        item.bits.push(match ty {
            Type::F32 => u128::from((rng.next() as i32 as f32).to_bits()),
            Type::F64 => u128::from((rng.next() as i64 as f64).to_bits()),
            ty => wide & ty.mask(),
        });
    }
    item
}

/// What one relay and its callee take and return.
pub struct Shape {
    params: Vec<Item>,
    result: Option<Item>,
    /// How many of the callee's parameters are unnamed, if it is variadic.
    unnamed: usize,
}

/// A random one; if it is variadic, the callee's last parameters are unnamed.
pub fn random_shape(rng: &mut Rng, variadic: bool) -> Shape {
    let count = rng.pick(&[0, 1, 2, 3, 4, 6, 8, 12, 20]);
    let mut params: Vec<Item> = (0..count).map(|_| random_item(rng, true)).collect();
    let mut unnamed = 0;
    if variadic {
        // Reversed, these come last.
        unnamed = 1 + rng.below(12);
        let mut extra = Vec::new();
        while extra.len() < unnamed {
            let item = random_item(rng, false);
            if matches!(item.kind, Kind::Scalar(Type::I32 | Type::I64 | Type::F64)) {
                extra.push(item);
            }
        }
        params.truncate(7);
        params.push(Item { kind: Kind::Scalar(Type::I64), bits: vec![7] });
        params.splice(0..0, extra);
    }
    let result = (rng.below(8) != 0).then(|| random_item(rng, true));
    Shape { params, result, unnamed }
}

/// Whether a convention cuts one of the callee's aggregates in two.
pub fn is_split(shape: &Shape, conv: &ConvDesc) -> bool {
    let mut places = Assignment::default();
    let extra: Vec<Type> = shape.params[..shape.unnamed].iter().rev().flat_map(Item::types).collect();
    assign(conv, &callee_signature(shape), &extra, &mut places).expect("places for all");
    places.args.iter().any(|place| matches!(place, ArgLoc::Split(..)))
}

fn param(item: &Item) -> Param {
    match &item.kind {
        Kind::Scalar(ty @ (Type::I8 | Type::I16)) => Param::Signed(*ty),
        Kind::Scalar(ty) | Kind::Unsigned(ty) => Param::Value(*ty),
        Kind::Struct(layout) => Param::ByValue(layout.clone()),
    }
}

fn signature(items: &[&Item], result: &Option<Item>) -> Signature {
    let mut sig = Signature::new(CallConv::C, &[], &[]);
    match result.as_ref().map(|r| &r.kind) {
        Some(Kind::Scalar(ty) | Kind::Unsigned(ty)) => sig.results.push(*ty),
        Some(Kind::Struct(layout)) => sig.params.push(Param::ResultArea(layout.clone())),
        None => {}
    }
    sig.signed_result = matches!(result.as_ref().map(|r| &r.kind), Some(Kind::Scalar(Type::I8 | Type::I16)));
    sig.params.extend(items.iter().map(|i| param(i)));
    sig
}

fn callee_signature(shape: &Shape) -> Signature {
    let named: Vec<&Item> = shape.params[shape.unnamed..].iter().rev().collect();
    let mut sig = signature(&named, &shape.result);
    sig.variadic = shape.unnamed > 0;
    sig
}

/// The function that we compile.
fn relay(module: &mut Module, n: usize, shape: &Shape) {
    let forward: Vec<&Item> = shape.params.iter().collect();
    let callee_sig = callee_signature(shape);
    let results = callee_sig.results.clone();
    let callee: FuncId = module.import(format!("callee_{n}"), callee_sig);
    let sig = signature(&forward, &shape.result);
    let mut func = Func::new(format!("relay_{n}"), sig.clone(), Linkage::Export);
    let entry = func.add_block();
    let params: Vec<Value> = sig.params.iter().map(|p| func.add_param(entry, p.ty())).collect();
    let mut b = Builder::new(&mut func, entry);
    let has_area = params.len() > shape.params.len();
    let (area, rest) = params.split_at(usize::from(has_area));
    let mut args: Vec<Value> = area.to_vec();
    for (item, value) in shape.params.iter().zip(rest).rev() {
        args.push(changed(&mut b, item, *value));
    }
    let call = b.call(callee, &results, &args);
    let mut values: Vec<Value> = b.func.results(call).collect();
    if let (Some(item), [value]) = (&shape.result, values.as_mut_slice()) {
        *value = changed(&mut b, item, *value);
    }
    b.ret(&values);
    module.funcs.push(func);
}

/// C text of a type, declaring the struct on first sight.
fn type_name(item: &Item, name: &str, declarations: &mut String) -> String {
    match &item.kind {
        Kind::Scalar(ty) => c_type(*ty).into(),
        Kind::Unsigned(Type::I8) => "unsigned char".into(),
        Kind::Unsigned(_) => "unsigned short".into(),
        Kind::Struct(layout) => {
            write!(declarations, "struct {name} {{").expect("write");
            for (i, (_, ty)) in layout.fields.iter().enumerate() {
                write!(declarations, " {} m{i};", c_type(*ty)).expect("write");
            }
            writeln!(declarations, " }};").expect("write");
            writeln!(declarations, "_Static_assert(sizeof(struct {name}) == {}, \"\");", layout.size)
                .expect("write");
            format!("struct {name}")
        }
    }
}

fn scalar_text(ty: Type, bits: u128) -> String {
    match ty {
        Type::F32 => format!("{:?}f", f32::from_bits(bits as u32)),
        Type::F64 => format!("{:?}", f64::from_bits(bits as u64)),
        _ => format!(
            "({})((unsigned __int128){:#x}ull << 64 | {:#x}ull)",
            c_type(ty),
            (bits >> 64) as u64,
            bits as u64
        ),
    }
}

fn value_text(item: &Item, type_name: &str) -> String {
    let scalars: Vec<String> =
        item.types().iter().zip(&item.bits).map(|(ty, bits)| scalar_text(*ty, *bits)).collect();
    match item.kind {
        Kind::Scalar(_) | Kind::Unsigned(_) => format!("({type_name})({})", scalars[0]),
        Kind::Struct(_) => format!("({type_name}){{{}}}", scalars.join(", ")),
    }
}

/// Counts an error for every scalar of `what` that differs.
fn check_text(item: &Item, what: &str, number: usize) -> String {
    let mut text = String::new();
    for (i, (ty, bits)) in item.types().iter().zip(&item.bits).enumerate() {
        let (place, cast) = match item.kind {
            Kind::Scalar(_) => (what.to_string(), ""),
            Kind::Unsigned(Type::I8) => (what.to_string(), "(unsigned char)"),
            Kind::Unsigned(_) => (what.to_string(), "(unsigned short)"),
            Kind::Struct(_) => (format!("{what}.m{i}"), ""),
        };
        let value = format!("{cast}{}", scalar_text(*ty, *bits));
        writeln!(text, "  if ({place} != {value}) wrong(\"{what}.{i}\", {number});").expect("write");
    }
    text
}

fn c_code(n: usize, shape: &Shape) -> String {
    let mut declarations = String::new();
    let types: Vec<String> = (0..shape.params.len())
        .map(|i| type_name(&shape.params[i], &format!("S{n}_{i}"), &mut declarations))
        .collect();
    let result = match &shape.result {
        Some(item) => type_name(item, &format!("R{n}"), &mut declarations),
        None => "void".into(),
    };
    let count = types.len();
    let mut callee_params: Vec<String> =
        (shape.unnamed..count).rev().map(|i| format!("{} p{i}", types[i])).collect();
    let (mut unpack, mut checks) = (String::new(), String::new());
    if shape.unnamed > 0 {
        writeln!(unpack, "  va_list va; va_start(va, p{});", shape.unnamed).expect("write");
        for i in (0..shape.unnamed).rev() {
            writeln!(unpack, "  {} p{i} = va_arg(va, {});", types[i], types[i]).expect("write");
        }
        callee_params.push("...".into());
    }
    for (i, item) in shape.params.iter().enumerate() {
        checks.push_str(&check_text(&item.changed(), &format!("p{i}"), n));
    }
    let answer =
        shape.result.as_ref().map_or("return;".into(), |r| format!("return {};", value_text(r, &result)));
    let args: Vec<String> = shape.params.iter().zip(&types).map(|(p, t)| value_text(p, t)).collect();
    let call = format!("relay_{n}({})", args.join(", "));
    let check = match &shape.result {
        Some(item) => format!("  {result} r = {call};\n{}", check_text(&item.changed(), "r", n)),
        None => format!("  {call};\n"),
    };
    let relay_params = if types.is_empty() { "void".into() } else { types.join(", ") };
    let callee_list = if callee_params.is_empty() { "void".into() } else { callee_params.join(", ") };
    format!(
        "{declarations}{result} relay_{n}({relay_params});\n\
         {result} callee_{n}({callee_list}) {{\n{unpack}  called = {n};\n{checks}  {answer}\n}}\n\
         static void test_{n}(void) {{\n{check}  if (called != {n}) wrong(\"not called\", {n});\n}}\n"
    )
}

/// What the generated C shares with the program around it, which may be of another compiler: nothing but
/// integers and pointers in registers.
const HEAD: &str = "#include <stdarg.h>\nextern int called;\nvoid wrong(const char *what, int n);\n";

/// The program around the generated C.
pub const PROGRAM: &str = "#include <stdio.h>\nint called;\nstatic int errors;\nvoid all_tests(void);\n\
    void wrong(const char *what, int n) { if (errors++ < 30) printf(\"%d: %s\\n\", n, what); }\n\
    int main(void) { all_tests(); return errors != 0; }\n";

/// A module with the relays, and the C around them: it has `all_tests`.
pub fn generate(shapes: &[Shape]) -> (Module, String) {
    let mut module = Module::new();
    let mut c = String::from(HEAD);
    for (n, shape) in shapes.iter().enumerate() {
        relay(&mut module, n, shape);
        c.push_str(&c_code(n, shape));
    }
    c.push_str("void all_tests(void) {\n");
    for n in 0..shapes.len() {
        writeln!(c, "  test_{n}();").expect("write");
    }
    c.push_str("}\n");
    let violations = pyexec_ir::verify(&module);
    assert!(violations.is_empty(), "{}", violations[0]);
    (module, c)
}
