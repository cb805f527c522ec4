//! Preheaders: one block in front of every loop that only enters the loop.

use crate::edit::{edge_args, make_jump, set_edge};
use pyexec_base::Loc;
use pyexec_ir::{Block, Cfg, DomTree, Func, Loop, Loops, Value};

/// The graph of a function and what is derived from it.
pub(crate) struct Shape {
    pub cfg: Cfg,
    pub dom: DomTree,
    pub loops: Loops,
}

impl Shape {
    pub fn new(func: &Func) -> Self {
        let cfg = Cfg::new(func);
        let dom = DomTree::new(&cfg);
        let loops = Loops::new(&cfg, &dom);
        Self { cfg, dom, loops }
    }

    /// The block that enters a loop and does nothing else.
    pub fn preheader(&self, l: Loop) -> Option<Block> {
        let &[edge] = &self.loops.entries(&self.cfg, l)[..] else { return None };
        (self.cfg.succs(edge.from).len() == 1 && self.cfg.is_reachable(edge.from)).then_some(edge.from)
    }
}

/// Gives every loop a preheader.
pub(crate) fn with_preheaders(func: &mut Func) -> Shape {
    let shape = Shape::new(func);
    let missing: Vec<Loop> =
        shape.loops.iter().map(|(l, _)| l).filter(|l| shape.preheader(*l).is_none()).collect();
    if missing.is_empty() {
        return shape;
    }
    missing.into_iter().for_each(|l| add_preheader(func, &shape, l));
    Shape::new(func)
}

/// All edges into the loop go to a new block that hands their values on.
fn add_preheader(func: &mut Func, shape: &Shape, l: Loop) {
    let header = shape.loops.get(l).header;
    let block = func.add_block();
    func.block_mut(block).cold = func.block(header).cold;
    let types: Vec<_> = func.block(header).params.iter().map(|p| func.ty(*p)).collect();
    let params: Vec<Value> = types.into_iter().map(|ty| func.add_param(block, ty)).collect();
    let jump = make_jump(func, header, &params, Loc::UNKNOWN);
    func.block_mut(block).insts.push(jump);
    for edge in shape.loops.entries(&shape.cfg, l) {
        let args = edge_args(func, edge).to_vec();
        set_edge(func, edge, block, &args);
    }
}
