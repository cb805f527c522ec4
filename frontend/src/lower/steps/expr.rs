//! Expressions without effects, and the statements that their effects become.

use super::{Steps, has_effect, is_literal};
use crate::hir::*;
use crate::types::Type;
use crate::walk;
use pyexec_base::Span;

impl Steps {
    /// The value, free of effects; what it does is done here.
    pub(super) fn pure(&mut self, expr: &Expr) -> Expr {
        if !has_effect(expr) {
            return expr.clone();
        }
        let kind = match &expr.kind {
            ExprKind::Call(callee, args) => {
                let call = self.call(*callee, args, expr);
                return self.keep(call);
            }
            ExprKind::Walrus(place, value) => return self.walrus(*place, value, expr),
            ExprKind::Seq(block, value) => {
                block.iter().for_each(|stmt| self.stmt(stmt));
                return self.pure(value);
            }
            ExprKind::And(items) => return self.operand_that_decides(items, true, expr),
            ExprKind::Or(items) => return self.operand_that_decides(items, false, expr),
            ExprKind::If(parts) => return self.choice(parts, expr),
            ExprKind::Compare(first, rest) => return self.compare(first, rest, expr),
            ExprKind::Unary(op, operand) => ExprKind::Unary(*op, Box::new(self.pure(operand))),
            ExprKind::Not(operand) => ExprKind::Not(Box::new(self.pure(operand))),
            ExprKind::Truth(operand) => ExprKind::Truth(Box::new(self.pure(operand))),
            ExprKind::Convert(convert, operand) => ExprKind::Convert(*convert, Box::new(self.pure(operand))),
            ExprKind::Item(tuple, index) => ExprKind::Item(Box::new(self.pure(tuple)), *index),
            ExprKind::Binary(op, left, right) => {
                let [left, right] = self.pair(left, right);
                ExprKind::Binary(*op, Box::new(left), Box::new(right))
            }
            ExprKind::Tuple(items) => ExprKind::Tuple(self.list(items)),
            ExprKind::Math(function, args) => ExprKind::Math(*function, self.list(args)),
            ExprKind::Text(parts) => ExprKind::Text(self.parts(parts)),
            ExprKind::Builtin(builtin, args) => {
                let value = ExprKind::Builtin(*builtin, self.list(args));
                let value = Expr::new(value, expr.ty.clone(), expr.span);
                return if super::is_effect(&value) { self.keep(value) } else { value };
            }
            other => other.clone(),
        };
        Expr::new(kind, expr.ty.clone(), expr.span)
    }

    /// A call whose arguments are free of effects. It has to stand alone in its statement.
    pub(super) fn call(&mut self, callee: FuncId, args: &[(usize, Expr)], expr: &Expr) -> Expr {
        let values: Vec<&Expr> = args.iter().map(|(_, arg)| arg).collect();
        let values = self.operands(&values);
        let args = args.iter().map(|(index, _)| *index).zip(values).collect();
        Expr::new(ExprKind::Call(callee, args), expr.ty.clone(), expr.span)
    }

    fn walrus(&mut self, place: Place, value: &Expr, expr: &Expr) -> Expr {
        let value = self.assign(place, value);
        self.push(value, expr.span);
        let read = match place {
            Place::Local(local) => ExprKind::Local(local, false),
            Place::Global(global) => ExprKind::Global(global, false),
        };
        Expr::new(read, expr.ty.clone(), expr.span)
    }

    pub(super) fn list(&mut self, items: &[Expr]) -> Vec<Expr> {
        self.operands(&items.iter().collect::<Vec<_>>())
    }

    fn pair(&mut self, left: &Expr, right: &Expr) -> [Expr; 2] {
        let values = self.operands(&[left, right]);
        <[Expr; 2]>::try_from(values).expect("invariant: as many operands as were given")
    }

    /// Operands from left to right, each free of effects. Those before the last effect are kept from it.
    pub(super) fn operands(&mut self, operands: &[&Expr]) -> Vec<Expr> {
        let last = operands.iter().rposition(|e| has_effect(e));
        let mut out = Vec::with_capacity(operands.len());
        for (index, operand) in operands.iter().enumerate() {
            let value = self.pure(operand);
            let later = &operands[index + 1..];
            let is_exposed = last.is_some_and(|last| index < last);
            out.push(if is_exposed { self.shelter(value, later) } else { value });
        }
        out
    }

    /// A value that what comes later cannot change.
    fn shelter(&mut self, value: Expr, later: &[&Expr]) -> Expr {
        let is_safe = match &value.kind {
            ExprKind::Local(local, false) => {
                !later.iter().any(|e| walk::assigned(&[], Some(e)).contains(local))
            }
            _ => is_literal(&value),
        };
        match is_safe || !value.ty.is_storable() {
            true => value,
            false => self.keep(value),
        }
    }

    // ---- What is evaluated only sometimes ----

    fn result(&mut self, expr: &Expr) -> (Place, Expr) {
        let local = self.temporary(&expr.ty);
        (Place::Local(local), Expr::new(ExprKind::Local(local, false), expr.ty.clone(), expr.span))
    }

    /// Statements that assign a value.
    fn assigning(&mut self, place: Place, value: &Expr) -> Block {
        let assign = |steps: &mut Self| {
            let kind = steps.assign(place, value);
            steps.push(kind, value.span);
        };
        self.aside(assign).0
    }

    /// `a and b`: `%1 = a; if %1: %1 = b`.
    fn operand_that_decides(&mut self, items: &[Expr], is_and: bool, expr: &Expr) -> Expr {
        let (place, result) = self.result(expr);
        let Some((first, rest)) = items.split_first() else { return result };
        let kind = self.assign(place, first);
        self.push(kind, first.span);
        self.continue_choice(place, &result, rest, is_and);
        result
    }

    fn continue_choice(&mut self, place: Place, result: &Expr, rest: &[Expr], is_and: bool) {
        let Some((next, rest)) = rest.split_first() else { return };
        let body = self.aside(|steps| {
            let kind = steps.assign(place, next);
            steps.push(kind, next.span);
            steps.continue_choice(place, result, rest, is_and);
        });
        let mut goes_on = truth(result.clone());
        if !is_and {
            let span = goes_on.span;
            goes_on = Expr::new(ExprKind::Not(Box::new(goes_on)), Type::Bool, span);
        }
        self.push(StmtKind::If(vec![(goes_on, body.0)], Vec::new()), next.span);
    }

    fn choice(&mut self, parts: &[Expr; 3], expr: &Expr) -> Expr {
        let cond = self.pure(&parts[0]);
        let (place, result) = self.result(expr);
        let (then, orelse) = (self.assigning(place, &parts[1]), self.assigning(place, &parts[2]));
        self.push(StmtKind::If(vec![(cond, then)], orelse), expr.span);
        result
    }

    /// `a < f() < g()`: `%1 = f(); %2 = a < %1; if %2: %3 = g(); %2 = %1 < %3`.
    fn compare(&mut self, first: &Expr, rest: &[(CompareOp, Expr)], expr: &Expr) -> Expr {
        if let [(op, second)] = rest {
            let [left, right] = self.pair(first, second);
            let kind = ExprKind::Compare(Box::new(left), vec![(*op, right)]);
            return Expr::new(kind, expr.ty.clone(), expr.span);
        }
        let (place, result) = self.result(expr);
        let left = self.pure(first);
        let later: Vec<&Expr> = rest.iter().map(|(_, e)| e).collect();
        let left = self.shelter(left, &later);
        self.compare_rest(left, rest, place, &result);
        result
    }

    fn compare_rest(&mut self, left: Expr, rest: &[(CompareOp, Expr)], place: Place, result: &Expr) {
        let Some(((op, right), rest)) = rest.split_first() else { return };
        let right = self.pure(right);
        let later: Vec<&Expr> = rest.iter().map(|(_, e)| e).collect();
        let right = if rest.is_empty() { right } else { self.shelter(right, &later) };
        let holds = ExprKind::Compare(Box::new(left), vec![(*op, right.clone())]);
        let span: Span = result.span;
        let holds = Expr::new(holds, result.ty.clone(), span);
        self.push(StmtKind::Assign(place, holds), span);
        if !rest.is_empty() {
            let body = self.aside(|steps| steps.compare_rest(right, rest, place, result)).0;
            self.push(StmtKind::If(vec![(truth(result.clone()), body)], Vec::new()), span);
        }
    }
}

/// A value as a condition.
fn truth(value: Expr) -> Expr {
    if value.ty == Type::Bool {
        return value;
    }
    let span = value.span;
    Expr::new(ExprKind::Truth(Box::new(value)), Type::Bool, span)
}
