//! Exceptions as compiled code and helpers hand them to each other, and as the user reads them.

use pyexec_ir::rt::{ERROR_SIZE, Exc};
use pyexec_runtime::helpers::{HostError, HostMemory, call_host};
use pyexec_runtime::traceback::{Frame, render};
use pyexec_runtime::{Capture, Exception, Message, State, Stream};

const ERROR: u64 = 64;

/// Memory from address 0 on.
struct Memory(Vec<u8>);

impl HostMemory for Memory {
    fn read(&self, address: u64, length: u64) -> Option<&[u8]> {
        self.0.get(address as usize..(address + length) as usize)
    }
    fn write(&mut self, address: u64, bytes: &[u8]) -> bool {
        let target = self.0.get_mut(address as usize..address as usize + bytes.len());
        target.map(|target| target.copy_from_slice(bytes)).is_some()
    }
}

/// The state, its output, and the memory of an interpreter with a text at `TEXT`.
struct Host {
    state: State,
    output: Capture,
    memory: Memory,
}

const TEXT: u64 = ERROR + ERROR_SIZE as u64;

impl Host {
    fn new(text: &str) -> Self {
        let output = Capture::default();
        let state = State::new(Stream::capture(output.clone()), Stream::capture(Capture::default()));
        let mut memory = vec![0; TEXT as usize];
        memory.extend(text.as_bytes());
        Self { state, output, memory: Memory(memory) }
    }
    fn call(&mut self, name: &str, args: &[i64]) -> Option<u128> {
        let args: Vec<u128> = args.iter().map(|a| u128::from(*a as u64)).collect();
        call_host(&mut self.state, name, &args, ERROR, &mut self.memory).unwrap()
    }
    fn kind(&self) -> i32 {
        i32::from_le_bytes(self.memory.read(ERROR, 4).unwrap().try_into().unwrap())
    }
    /// What a module's own code does to raise: kind, one frame, a text in its memory.
    fn raise(&mut self, kind: Exc, loc: i32, address: i64, length: i64) {
        let words = [(kind as i32).to_le_bytes(), 1_i32.to_le_bytes()].concat();
        let message = [address.to_le_bytes(), length.to_le_bytes()].concat();
        let parts = [(0, words), (8, message), (24, loc.to_le_bytes().to_vec())];
        assert!(parts.iter().all(|(at, bytes)| self.memory.write(ERROR + at, bytes)));
    }
    fn printed(&mut self) -> String {
        self.call("pyexec_out_print", &[]);
        self.call("pyexec_out_flush", &[]);
        String::from_utf8(self.output.take()).unwrap()
    }
}

#[test]
fn a_saved_exception_prints_and_comes_back_with_its_traceback() {
    let mut host = Host::new("it's bad");
    host.raise(Exc::ValueError, 7, TEXT as i64, 8);
    let handle = host.call("pyexec_exc_save", &[]).unwrap() as i64;
    assert_eq!(host.kind(), 0);
    let copy = host.call("pyexec_exc_copy", &[handle]).unwrap() as i64;
    assert_ne!(copy, handle);
    host.call("pyexec_exc_drop", &[handle]);
    host.call("pyexec_out_exc", &[copy]);
    host.call("pyexec_out_repr_exc", &[copy]);
    assert_eq!(host.printed(), "it's badValueError(\"it's bad\")");
    host.call("pyexec_exc_restore", &[copy]);
    assert_eq!(host.kind(), Exc::ValueError as i32);
    let exception = host.state.take_exception().unwrap();
    assert_eq!((exception.text().as_str(), exception.trace.as_slice()), ("it's bad", &[7][..]));
    assert_eq!(host.call("pyexec_exc_copy", &[copy]), Some(0), "the handle has ended");
}

#[test]
fn an_error_of_a_format_helper_voids_the_pending_text() {
    let mut host = Host::new("before.q");
    host.call("pyexec_out_str", &[TEXT as i64, 6]);
    host.call("pyexec_out_fmt_i64", &[1, TEXT as i64 + 7, 1]);
    assert_eq!(host.kind(), Exc::ValueError as i32);
    assert_eq!(host.printed(), "");
    let error = host.state.take_exception().unwrap().last_line();
    assert_eq!(error, "ValueError: Unknown format code 'q' for object of type 'int'");
}

#[test]
fn pending_text_becomes_a_message() {
    let mut host = Host::new("n is ");
    host.call("pyexec_out_str", &[TEXT as i64, 5]);
    host.call("pyexec_out_i64", &[-3]);
    host.call("pyexec_raise_pending", &[Exc::ValueError as i64, 4]);
    let exception = host.state.take_exception().unwrap();
    assert_eq!((exception.last_line().as_str(), exception.trace_len), ("ValueError: n is -3", 1));
    host.call("pyexec_raise_pending", &[Exc::ValueError as i64, 4]);
    let empty = host.state.take_exception().unwrap();
    assert_eq!((empty.last_line().as_str(), empty.repr().as_str()), ("ValueError", "ValueError('')"));
}

#[test]
fn computed_specs_gather_apart_from_the_text() {
    let mut host = Host::new(">5");
    host.call("pyexec_out_i64", &[1]);
    host.call("pyexec_out_spec_begin", &[]);
    host.call("pyexec_out_str", &[TEXT as i64, 1]);
    host.call("pyexec_out_i64", &[4]);
    host.call("pyexec_out_fmt_spec_i64", &[22]);
    assert_eq!(host.printed(), "1  22");
}

#[test]
fn wrong_calls_are_told_from_exceptions() {
    let mut host = Host::new("");
    let mut call = |name: &str, args: &[u128]| {
        call_host(&mut host.state, name, args, ERROR, &mut host.memory).unwrap_err()
    };
    assert_eq!(call("pyexec_nothing", &[]), HostError::Unknown("pyexec_nothing".into()));
    assert_eq!(call("pyexec_int_pow", &[2]), HostError::Arity);
    assert_eq!(call("pyexec_out_str", &[1 << 40, 3]), HostError::Memory(1 << 40));
}

fn frames(index: i32) -> Option<Frame> {
    let (line, function, source) = match index {
        0 => (9, "<module>", "    print(f(0))"),
        1 => (4, "f", "\treturn f(n + 1)  "),
        2 => (2, "f", ""),
        _ => return None,
    };
    Some(Frame { file: "a.py".into(), line, function: function.into(), source: Some(source.into()) })
}

fn exception(trace: Vec<i32>, trace_len: usize) -> Exception {
    Exception::new(Exc::RecursionError, Message::Text("deep\nvery".into()), trace, trace_len)
}

#[test]
fn repeated_lines_collapse_as_in_cpython() {
    let call = "  File \"a.py\", line 4, in f\n    return f(n + 1)\n";
    let outer = "  File \"a.py\", line 9, in <module>\n    print(f(0))\n";
    let inner = "  File \"a.py\", line 2, in f\n";
    for (calls, note) in [
        (3, ""),
        (4, "  [Previous line repeated 1 more time]\n"),
        (9, "  [Previous line repeated 6 more times]\n"),
    ] {
        let trace = [vec![2], vec![1; calls], vec![0]].concat();
        let shown = call.repeat(calls.min(3));
        let expected = format!(
            "Traceback (most recent call last):\n{outer}{shown}{note}{inner}RecursionError: deep\nvery\n"
        );
        assert_eq!(render(&exception(trace, calls + 2), frames), expected);
    }
}

#[test]
fn lost_frames_are_owned_up_to() {
    let text = render(&exception(vec![1; 64], 1000), frames);
    assert!(
        text.starts_with("Traceback (most recent call last):\n  [936 outer calls not recorded]\n"),
        "{text}"
    );
}

#[test]
fn exits_have_a_status_and_perhaps_a_text() {
    let exit = |message| Exception::new(Exc::SystemExit, message, vec![], 0).exit();
    assert_eq!(exit(Message::None), Some((0, None)));
    assert_eq!(exit(Message::Status(-1)), Some((255, None)));
    assert_eq!(exit(Message::Text("bye".into())), Some((1, Some("bye\n".into()))));
    assert_eq!(exception(vec![], 0).exit(), None);
}
