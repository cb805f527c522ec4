//! C headers for exported functions.
//!
//! ```text
//!   def area(w: float, h: float) -> float:      /* Area of a rectangle. */
//!       """Area of a rectangle."""        ->    double area(double w, double h);
//! ```
//!
//! Valid as C99 and as C++. A name that C or C++ reserves is declared with an underscore behind it and bound
//! to its symbol by an assembler label.

use pyexec_ir::rt::{ERROR_TRACE_CAPACITY, Exc};
use std::fmt::Write;

/// A type as C spells it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CType {
    /// Nothing; only as a result.
    Void,
    /// `bool`.
    Bool,
    /// `int8_t` .. `uint64_t`: width in bits, signed.
    Int(u32, bool),
    /// `float`.
    Float,
    /// `double`.
    Double,
    /// Text: an address and a length in bytes, two parameters.
    Text,
    /// The address of items that lie one after another.
    Pointer(Box<CType>),
    /// A struct of these; a complex number is one of two fields.
    Struct(Vec<(String, CType)>),
}

/// A function that C may call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExportedFunc {
    /// The symbol.
    pub name: String,
    /// Names and types of the parameters.
    pub params: Vec<(String, CType)>,
    /// The result's type.
    pub result: CType,
    /// The docstring.
    pub doc: Option<String>,
    /// Whether it can fail and leave an exception.
    pub raises: bool,
}

/// What a header declares.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Header {
    /// The stem of the header's file name: `gcd` for `gcd.h`.
    pub stem: String,
    /// The files that the functions come from, as the user named them.
    pub sources: Vec<String>,
    /// The functions.
    pub funcs: Vec<ExportedFunc>,
}

/// The text of the header.
pub fn write_header(header: &Header) -> String {
    let guard = format!("PYEXEC_{}_H", identifier(&header.stem).to_uppercase());
    let sources = comment(&header.sources.join(", "));
    let mut out = format!("/* Made by pyexec-cg from {sources}. */\n#ifndef {guard}\n#define {guard}\n\n");
    out.push_str("#include <stdbool.h>\n#include <stdint.h>\n\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n");
    if header.funcs.iter().any(|f| f.raises) {
        error_state(&mut out);
    }
    let mut structs = Vec::new();
    let declared: Vec<_> = header.funcs.iter().map(|f| declare(f, &mut structs)).collect();
    for (name, fields) in &structs {
        out.push('\n');
        out.push_str(&struct_definition(name, fields));
    }
    for text in declared {
        out.push('\n');
        out.push_str(&text);
    }
    out.push_str("\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n");
    out
}

fn error_state(out: &mut String) {
    out.push_str("\n#ifndef PYEXEC_ERROR_STATE\n#define PYEXEC_ERROR_STATE\n");
    out.push_str("/* The exceptions that a call can leave behind, by number. */\nenum pyexec_exception {\n");
    out.push_str("    PYEXEC_NONE = 0");
    for exc in Exc::ALL {
        let _ = write!(out, ",\n    PYEXEC_{} = {}", screaming(exc.name()), *exc as i32);
    }
    let _ = write!(
        out,
        "
}};

/* What the last call on this thread left behind. A function that fails returns 0 and sets `kind`;
   one that succeeds leaves it 0. */
struct pyexec_error {{
    int32_t kind;           /* enum pyexec_exception */
    int32_t depth;          /* how many frames it passed; `lines` keeps the first {ERROR_TRACE_CAPACITY} */
    const char *message;    /* UTF-8, not terminated; NULL if there is none */
    int64_t message_length; /* in bytes */
    int32_t lines[{ERROR_TRACE_CAPACITY}];      /* lines of the Python source, the innermost first */
}};

/* The state of this thread. Never NULL. */
struct pyexec_error *pyexec_error_state(void);
#endif
"
    );
}

/// `ZeroDivisionError` -> `ZERO_DIVISION_ERROR`.
fn screaming(name: &str) -> String {
    let mut out = String::new();
    let mut previous = 'A';
    for c in name.chars() {
        if c.is_uppercase() && previous.is_lowercase() {
            out.push('_');
        }
        out.push(c.to_ascii_uppercase());
        previous = c;
    }
    out.replace("OSERROR", "OS_ERROR").replace("EOFERROR", "EOF_ERROR")
}

type Structs = Vec<(String, Vec<(String, CType)>)>;

fn declare(func: &ExportedFunc, structs: &mut Structs) -> String {
    let mut out = String::new();
    if let Some(doc) = func.doc.as_deref().filter(|d| !d.trim().is_empty()) {
        out.push_str(&doc_comment(doc));
    }
    let name = c_name(&func.name);
    let result = type_name(&func.result, &format!("{name}_result"), structs);
    let mut params = Vec::new();
    for (param, ty) in &func.params {
        let param = c_name(param);
        if *ty == CType::Text {
            params.push(format!("const char *{param}"));
            params.push(format!("int64_t {param}_length"));
        } else if let CType::Pointer(item) = ty {
            params.push(format!("{} *{param}", type_name(item, "", structs)));
        } else {
            params.push(format!("{} {param}", type_name(ty, &format!("{name}_{param}"), structs)));
        }
    }
    let params = if params.is_empty() { "void".to_owned() } else { params.join(", ") };
    let _ = write!(out, "{result} {name}({params})");
    if name != func.name {
        let _ = write!(out, " __asm__(\"{}\")", func.name);
    }
    out.push_str(";\n");
    out
}

fn type_name(ty: &CType, struct_name: &str, structs: &mut Structs) -> String {
    match ty {
        CType::Void => "void".into(),
        CType::Bool => "bool".into(),
        CType::Int(bits, true) => format!("int{bits}_t"),
        CType::Int(bits, false) => format!("uint{bits}_t"),
        CType::Float => "float".into(),
        CType::Double => "double".into(),
        CType::Text => "const char *".into(),
        CType::Pointer(item) => format!("{} *", type_name(item, struct_name, structs)),
        CType::Struct(fields) => {
            structs.push((struct_name.to_owned(), fields.clone()));
            format!("struct {struct_name}")
        }
    }
}

fn struct_definition(name: &str, fields: &[(String, CType)]) -> String {
    let mut out = format!("struct {name} {{\n");
    for (field, ty) in fields {
        // Nested structs have been flattened by whoever described the function.
        let _ = writeln!(out, "    {} {};", type_name(ty, name, &mut Vec::new()), c_name(field));
    }
    out.push_str("};\n");
    out
}

fn doc_comment(doc: &str) -> String {
    let lines: Vec<_> = doc.trim().lines().map(|l| comment(l.trim())).collect();
    match lines.as_slice() {
        [one] => format!("/** {one} */\n"),
        many => {
            let body: String = many.iter().map(|l| format!(" * {l}").trim_end().to_owned() + "\n").collect();
            format!("/**\n{body} */\n")
        }
    }
}

/// Text that cannot end the comment that it stands in, nor begin another one.
fn comment(text: &str) -> String {
    text.replace("*/", "* /").replace("/*", "/ *").replace('\\', "\\ ").replace(['\n', '\r'], " ")
}

fn c_name(name: &str) -> String {
    if RESERVED.binary_search(&name).is_ok() { format!("{name}_") } else { name.to_owned() }
}

fn identifier(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

/// The keywords of C23 and C++23 that are names in Python, sorted, and names that the included headers
/// define as macros.
const RESERVED: &[&str] = &[
    "alignas",
    "alignof",
    "and_eq",
    "asm",
    "auto",
    "bitand",
    "bitor",
    "bool",
    "case",
    "catch",
    "char",
    "char16_t",
    "char32_t",
    "char8_t",
    "co_await",
    "co_return",
    "co_yield",
    "compl",
    "concept",
    "const",
    "const_cast",
    "consteval",
    "constexpr",
    "constinit",
    "decltype",
    "default",
    "delete",
    "do",
    "double",
    "dynamic_cast",
    "enum",
    "explicit",
    "export",
    "extern",
    "false",
    "float",
    "friend",
    "goto",
    "inline",
    "int",
    "linux",
    "long",
    "mutable",
    "namespace",
    "new",
    "noexcept",
    "not_eq",
    "nullptr",
    "operator",
    "or_eq",
    "private",
    "protected",
    "public",
    "register",
    "reinterpret_cast",
    "requires",
    "restrict",
    "short",
    "signed",
    "sizeof",
    "static",
    "static_assert",
    "static_cast",
    "struct",
    "switch",
    "template",
    "this",
    "thread_local",
    "throw",
    "true",
    "typedef",
    "typeid",
    "typename",
    "typeof",
    "typeof_unqual",
    "union",
    "unix",
    "unsigned",
    "using",
    "virtual",
    "void",
    "volatile",
    "wchar_t",
    "xor",
    "xor_eq",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_names_are_sorted() {
        assert!(RESERVED.is_sorted());
    }

    #[test]
    fn exceptions_are_named_as_c_names_constants() {
        let names: Vec<_> = Exc::ALL.iter().map(|e| screaming(e.name())).collect();
        for name in ["ZERO_DIVISION_ERROR", "OS_ERROR", "EOF_ERROR", "SYSTEM_EXIT"] {
            assert!(names.iter().any(|n| n == name), "{name} in {names:?}");
        }
    }

    #[test]
    fn docstrings_cannot_end_their_comment() {
        assert_eq!(doc_comment("a */ b"), "/** a * / b */\n");
        assert_eq!(doc_comment("\n a\n\n b\n"), "/**\n * a\n *\n * b\n */\n");
    }
}
