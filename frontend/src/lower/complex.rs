//! Complex arithmetic as CPython 3.13 does it: both operands complex, products by the four real products.

use super::func::Fx;
use crate::hir::BinaryOp;
use pyexec_base::Span;
use pyexec_ir::{self as ir, Region, SlotData, Value};

impl<'m> Fx<'m, '_> {
    pub(super) fn complex_binary(
        &mut self,
        op: BinaryOp,
        a: [Value; 2],
        b: [Value; 2],
        span: Span,
    ) -> [Value; 2] {
        match op {
            BinaryOp::Add => [self.b().fadd(a[0], b[0]), self.b().fadd(a[1], b[1])],
            BinaryOp::Sub => [self.b().fsub(a[0], b[0]), self.b().fsub(a[1], b[1])],
            BinaryOp::Mul => self.complex_product(a, b),
            BinaryOp::Div => self.pair_helper("pyexec_complex_div", &[a[0], a[1], b[0], b[1]], span),
            _ => self.pair_helper("pyexec_complex_pow", &[a[0], a[1], b[0], b[1]], span),
        }
    }

    fn complex_product(&mut self, a: [Value; 2], b: [Value; 2]) -> [Value; 2] {
        let mut builder = self.b();
        let (re_re, im_im) = (builder.fmul(a[0], b[0]), builder.fmul(a[1], b[1]));
        let (re_im, im_re) = (builder.fmul(a[0], b[1]), builder.fmul(a[1], b[0]));
        [builder.fsub(re_re, im_im), builder.fadd(re_im, im_re)]
    }

    /// The same on two `float32`; quotients and powers go through doubles.
    pub(super) fn complex64_binary(
        &mut self,
        op: BinaryOp,
        a: [Value; 2],
        b: [Value; 2],
        span: Span,
    ) -> [Value; 2] {
        match op {
            BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul => self.complex_binary(op, a, b, span),
            _ => {
                let wide = |fx: &mut Self, v: [Value; 2]| v.map(|v| fx.b().fpromote(ir::Type::F64, v));
                let (a, b) = (wide(self, a), wide(self, b));
                self.complex_binary(op, a, b, span).map(|v| self.b().fdemote(ir::Type::F32, v))
            }
        }
    }

    /// Calls a helper that writes two floats.
    pub(super) fn pair_helper(&mut self, name: &'static str, args: &[Value], span: Span) -> [Value; 2] {
        let slot = match self.pair_slot {
            Some(slot) => slot,
            None => self.func.slots.push(SlotData { size: 16, align: 8 }),
        };
        self.pair_slot = Some(slot);
        let address = self.b().stack_addr(slot, 0);
        let args: Vec<Value> = args.iter().copied().chain([address]).collect();
        self.checked_helper(name, &args, span);
        let address = self.b().stack_addr(slot, 0);
        [0, 8].map(|offset| self.b().load(ir::Type::F64, Region::Unknown, address, offset))
    }
}
