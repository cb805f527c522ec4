//! The worker: a process that compiles and runs programs, so that a crash or a hang costs one program only.
//!
//! Questions come on standard input, answers go to standard output, both JSON, one line each:
//!
//! ```text
//! {"ask": "run", "source": ..., "lanes": ["-O0", ...], "verify": bool}  -> [{"ended", "printed", "said"}, ...]
//! {"ask": "features", "source": ...}                                    -> ["Iadd Brif", ...]
//! {"ask": "ir", "seed": n}       -> null, or {"message": ..., "text": the module}
//! {"ask": "aarch64", "seed": n}  -> the same for the seeds from n on that share a program
//! {"ask": "parser", "seed": n}   -> null, or {"message": ..., "text": the program}
//! ```

use crate::{aarch64, damage, ir, lanes};
use serde_json::{Value, json};
use std::io::{BufRead, Write};
use std::panic::catch_unwind;

/// Answers until the input ends.
///
/// # Errors
/// If nobody takes the answers.
pub fn serve(questions: impl BufRead, mut answers: impl Write) -> std::io::Result<()> {
    for line in questions.lines() {
        let question: Value = serde_json::from_str(&line?)?;
        writeln!(answers, "{}", answer(&question))?;
        answers.flush()?;
    }
    Ok(())
}

fn answer(question: &Value) -> Value {
    let source = question["source"].as_str().unwrap_or_default();
    let seed = question["seed"].as_u64().unwrap_or(0);
    match question["ask"].as_str() {
        Some("run") => run(source, question),
        Some("features") => json!(lanes::features(source)),
        Some("ir") => guarded(seed, |seed| {
            let found = ir::check(seed)?;
            Some((format!("the machine disagrees: {}", found.message), found.to_string()))
        }),
        Some("aarch64") => guarded(seed, |seed| match aarch64::check(seed) {
            Ok(found) => found.map(|f| (f.message.clone(), format!("; {}\n{}", f.message, f.module))),
            Err(error) => Some((error, String::new())),
        }),
        Some("parser") => guarded(seed, |seed| {
            ir::check_parser(seed);
            damage::check(seed)
        }),
        _ => json!({ "error": "unknown question" }),
    }
}

fn run(source: &str, question: &Value) -> Value {
    let names = question["lanes"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let verify = question["verify"].as_bool().unwrap_or(false);
    let outcomes = names.filter_map(lanes::lane).map(|lane| lanes::run(source, lane, verify).to_json());
    Value::Array(outcomes.collect())
}

/// A panic is a finding.
fn guarded(seed: u64, check: fn(u64) -> Option<(String, String)>) -> Value {
    match catch_unwind(|| check(seed)) {
        Ok(None) => Value::Null,
        Ok(Some((message, text))) => json!({ "message": message, "text": text }),
        Err(_) => {
            let said = pyexec_driver::last_panic().unwrap_or_default();
            json!({ "message": format!("panic: {said}"), "text": "" })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_run_and_nonsense_is_answered() {
        let questions =
            "{\"ask\": \"run\", \"source\": \"print(6 * 7)\", \"lanes\": [\"-O0\", \"interpreter\"]}\n{}\n";
        let mut answers = Vec::new();
        serve(questions.as_bytes(), &mut answers).expect("a vector takes everything");
        let text = String::from_utf8(answers).expect("UTF-8");
        let answers: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
        assert_eq!(answers[0][0]["printed"], "42\n");
        assert_eq!(answers[0][0], answers[0][1]);
        assert_eq!(answers[1]["error"], "unknown question");
    }
}
