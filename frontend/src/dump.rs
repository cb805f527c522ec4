//! HIR as text: what `--emit hir` shows. For people; nothing reads it back.

use crate::hir::*;
use crate::types::Type;
use std::fmt::{self, Display, Formatter, Write};

impl Display for Module {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (id, global) in self.globals.iter() {
            let flag = if global.flagged { "  # may be unbound" } else { "" };
            writeln!(f, "{id} {}: {}{flag}", global.name, global.ty)?;
        }
        for (index, (id, function)) in self.functions.iter().enumerate() {
            if index > 0 || !self.globals.is_empty() {
                writeln!(f)?;
            }
            write!(f, "{id} {}(", function.symbol)?;
            for (i, param) in function.params.iter().enumerate() {
                let local = &function.locals[*param];
                write!(f, "{}{}: {}", if i == 0 { "" } else { ", " }, local.name, local.ty)?;
            }
            writeln!(f, ") -> {}:{}", function.result, if function.exported { "  # exported" } else { "" })?;
            let mut out = String::new();
            let printer = Printer { module: self, function };
            printer.block(&function.body, 1, &mut out)?;
            f.write_str(&out)?;
        }
        Ok(())
    }
}

struct Printer<'a> {
    module: &'a Module,
    function: &'a Function,
}

impl Printer<'_> {
    fn local(&self, id: LocalId) -> String {
        let local = &self.function.locals[id];
        match local.name.strip_prefix('%') {
            Some(name) => format!("%{name}{}", id.as_u32()),
            None => format!("{}#{}", local.name, local.ty),
        }
    }

    fn place(&self, place: Place) -> String {
        match place {
            Place::Local(local) => self.local(local),
            Place::Global(global) => format!("@{}", self.module.globals[global].name),
        }
    }

    fn block(&self, block: &Block, depth: usize, out: &mut String) -> fmt::Result {
        if block.is_empty() {
            writeln!(out, "{:1$}pass", "", depth * 4)?;
        }
        block.iter().try_for_each(|stmt| self.stmt(stmt, depth, out))
    }

    fn nested(&self, head: &str, block: &Block, depth: usize, out: &mut String) -> fmt::Result {
        writeln!(out, "{:1$}{head}:", "", depth * 4)?;
        self.block(block, depth + 1, out)
    }

    fn otherwise(&self, block: &Block, depth: usize, out: &mut String) -> fmt::Result {
        if block.is_empty() { Ok(()) } else { self.nested("else", block, depth, out) }
    }

    fn stmt(&self, stmt: &Stmt, depth: usize, out: &mut String) -> fmt::Result {
        let pad = depth * 4;
        match &stmt.kind {
            StmtKind::If(arms, orelse) => {
                for (i, (cond, body)) in arms.iter().enumerate() {
                    let word = if i == 0 { "if" } else { "elif" };
                    self.nested(&format!("{word} {}", self.expr(cond)), body, depth, out)?;
                }
                self.otherwise(orelse, depth, out)
            }
            StmtKind::While(cond, body, orelse) => {
                self.nested(&format!("while {}", self.expr(cond)), body, depth, out)?;
                self.otherwise(orelse, depth, out)
            }
            StmtKind::For(node) => {
                let [start, stop, step] = [&node.start, &node.stop, &node.step].map(|e| self.expr(e));
                let range = format!("range({start}, {stop}, {step})");
                let range = if node.reversed { format!("reversed({range})") } else { range };
                let head = format!("for {} in {range}", self.place(node.target));
                self.nested(&head, &node.body, depth, out)?;
                self.otherwise(&node.orelse, depth, out)
            }
            StmtKind::ForItems(blocks, orelse) => {
                for (i, block) in blocks.iter().enumerate() {
                    self.nested(&format!("for item {i}"), block, depth, out)?;
                }
                self.otherwise(orelse, depth, out)
            }
            StmtKind::Try(node) => self.try_stmt(node, depth, out),
            _ => writeln!(out, "{:pad$}{}", "", self.simple(stmt)),
        }
    }

    fn try_stmt(&self, node: &Try, depth: usize, out: &mut String) -> fmt::Result {
        self.nested("try", &node.body, depth, out)?;
        for handler in &node.handlers {
            let classes: Vec<&str> = handler.classes.iter().map(|c| self.class(*c)).collect();
            let mut head = format!("except ({})", classes.join(", "));
            if let Some(bind) = handler.bind {
                let _ = write!(head, " as {}", self.local(bind));
            }
            self.nested(&head, &handler.body, depth, out)?;
        }
        self.otherwise(&node.orelse, depth, out)?;
        match &node.finally {
            Some(block) => self.nested("finally", block, depth, out),
            None => Ok(()),
        }
    }

    fn class(&self, number: i32) -> &str {
        let own = self.module.exceptions.iter().find(|class| class.bases.first() == Some(&number));
        let built_in = || pyexec_ir::rt::Exc::from_number(number).map_or("?", |exc| exc.name());
        own.map_or_else(built_in, |class| &class.name)
    }

    fn raised(&self, raise: &Raise) -> String {
        let text = |text: &Option<Vec<Part>>| {
            text.as_ref().map_or(String::new(), |t| format!("({})", self.parts(t)))
        };
        match raise {
            Raise::New(exc, parts) => format!("{}{}", exc.name(), text(parts)),
            Raise::Own(index, parts) => {
                let name = self.module.exceptions.get(*index).map_or("?", |class| &class.name);
                format!("{name}{}", text(parts))
            }
            Raise::From(inner, None) => format!("{} from None", self.raised(inner)),
            Raise::From(inner, Some(cause)) => format!("{} from {}", self.raised(inner), self.expr(cause)),
            Raise::Caught(value) => self.expr(value),
            Raise::Again => String::new(),
            Raise::Exit(status) => format!("exit {}", self.expr(status)),
        }
    }

    fn simple(&self, stmt: &Stmt) -> String {
        match &stmt.kind {
            StmtKind::Expr(value) => self.expr(value),
            StmtKind::Assign(place, value) => format!("{} = {}", self.place(*place), self.expr(value)),
            StmtKind::Delete(local) => format!("del {}", self.local(*local)),
            StmtKind::Return(None) => "return".to_owned(),
            StmtKind::Return(Some(value)) => format!("return {}", self.expr(value)),
            StmtKind::Break => "break".to_owned(),
            StmtKind::Continue => "continue".to_owned(),
            StmtKind::Raise(Raise::Exit(status)) => format!("exit {}", self.expr(status)),
            StmtKind::Raise(raise) => format!("raise {}", self.raised(raise)).trim_end().to_owned(),
            StmtKind::Assert(cond, None) => format!("assert {}", self.expr(cond)),
            StmtKind::Assert(cond, Some(text)) => format!("assert {}, {}", self.expr(cond), self.parts(text)),
            StmtKind::Print(print) => format!("print {}", self.parts(&print.parts)),
            StmtKind::Store(store) => {
                let at = self.exprs(&store.positions, ", ");
                format!("{}[{at}] = {}", self.expr(&store.buffer), self.expr(&store.value))
            }
            StmtKind::Sweep(mark, None) => format!("sweep {}", self.expr(mark)),
            StmtKind::Sweep(mark, Some(kept)) => {
                format!("sweep {}, keep {}", self.expr(mark), self.exprs(kept, ", "))
            }
            _ => String::new(),
        }
    }

    fn parts(&self, parts: &[Part]) -> String {
        let shown: Vec<String> = parts.iter().map(|part| self.part(part)).collect();
        format!("<{}>", shown.join(" "))
    }

    fn part(&self, part: &Part) -> String {
        match part {
            Part::Lit(text) => format!("{text:?}"),
            Part::Value { value, repr, spec } => {
                let repr = if *repr { "!r" } else { "" };
                let spec = match spec {
                    Spec::None => String::new(),
                    Spec::Lit(text) => format!(":{text}"),
                    Spec::Parts(parts) => format!(":{}", self.parts(parts)),
                };
                format!("{{{}{repr}{spec}}}", self.expr(value))
            }
            Part::Cond(cond, a, b) => {
                format!("({} if {} else {})", self.parts(a), self.expr(cond), self.parts(b))
            }
            Part::Repeat(parts, count) => format!("({} * {})", self.parts(parts), self.expr(count)),
        }
    }

    fn exprs(&self, exprs: &[Expr], between: &str) -> String {
        exprs.iter().map(|e| self.expr(e)).collect::<Vec<_>>().join(between)
    }

    fn expr(&self, expr: &Expr) -> String {
        match &expr.kind {
            ExprKind::Big(text) => text.to_string(),
            ExprKind::Int(value) if expr.ty == Type::Int => value.to_string(),
            ExprKind::Int(value) => format!("{}({value})", expr.ty),
            ExprKind::Float(value) => format!("{value:?}"),
            ExprKind::Bool(value) => (if *value { "True" } else { "False" }).to_owned(),
            ExprKind::Complex(re, im) => format!("({re:?}+{im:?}j)"),
            ExprKind::Str(text) => format!("{text:?}"),
            ExprKind::None => "None".to_owned(),
            ExprKind::Local(local, checked) => {
                format!("{}{}", self.local(*local), if *checked { "?" } else { "" })
            }
            ExprKind::Global(id, checked) => {
                format!("{}{}", self.place(Place::Global(*id)), if *checked { "?" } else { "" })
            }
            ExprKind::Walrus(place, value) => format!("({} := {})", self.place(*place), self.expr(value)),
            ExprKind::Unary(UnaryOp::Neg, value) => format!("(-{})", self.expr(value)),
            ExprKind::Unary(UnaryOp::Invert, value) => format!("(~{})", self.expr(value)),
            ExprKind::Binary(op, a, b) => format!("({} {} {})", self.expr(a), op.symbol(), self.expr(b)),
            ExprKind::Compare(first, rest) => {
                let rest: String =
                    rest.iter().map(|(op, e)| format!(" {} {}", op.symbol(), self.expr(e))).collect();
                format!("({}{rest})", self.expr(first))
            }
            ExprKind::And(items) => format!("({})", self.exprs(items, " and ")),
            ExprKind::Or(items) => format!("({})", self.exprs(items, " or ")),
            ExprKind::Not(value) => format!("(not {})", self.expr(value)),
            ExprKind::Truth(value) => format!("truth({})", self.expr(value)),
            ExprKind::If(parts) => {
                let [cond, a, b] = &**parts;
                format!("({} if {} else {})", self.expr(a), self.expr(cond), self.expr(b))
            }
            _ => self.operation(expr),
        }
    }

    fn operation(&self, expr: &Expr) -> String {
        match &expr.kind {
            ExprKind::Convert(_, value) => format!("{}<{}>", expr.ty, self.expr(value)),
            ExprKind::Tuple(items) => format!("({},)", self.exprs(items, ", ")),
            ExprKind::Item(value, index) => format!("{}[{index}]", self.expr(value)),
            ExprKind::Call(id, args) => {
                let args: Vec<String> = args.iter().map(|(i, e)| format!("{i}={}", self.expr(e))).collect();
                let name = self.module.functions.get(*id).map_or("?", |f| &f.symbol);
                format!("{name}({})", args.join(", "))
            }
            ExprKind::Builtin(builtin, args) => format!("{builtin:?}({})", self.exprs(args, ", ")),
            ExprKind::Math(function, args) => format!("{}({})", function.full_name(), self.exprs(args, ", ")),
            ExprKind::Text(parts) => self.parts(parts),
            ExprKind::Seq(block, value) => {
                let mut text = String::new();
                let _ = self.block(block, 0, &mut text);
                format!("{{ {}; {} }}", text.trim_end().replace('\n', "; "), self.expr(value))
            }
            _ => "<bad>".to_owned(),
        }
    }
}
