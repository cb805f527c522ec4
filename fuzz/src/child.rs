//! A process that answers questions: JSON, one line each way. It is started when it is first needed, and again
//! after it died or was killed because it took too long.

use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// Why there is no answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Lost {
    /// The process ended while it worked on the question; how.
    Died(String),
    /// It took too long and was killed.
    TimedOut,
    /// It could not be started.
    NotStarted(String),
}

/// A process for questions.
pub struct Service {
    command: Vec<String>,
    running: Option<Running>,
}

struct Running {
    child: Child,
    questions: ChildStdin,
    answers: Receiver<String>,
}

impl Service {
    /// A program with its arguments; it does not start yet.
    pub fn new(command: Vec<String>) -> Self {
        Self { command, running: None }
    }

    /// The answer to a question.
    ///
    /// # Errors
    /// If there is none; the next question goes to a new process.
    pub fn ask(&mut self, question: &Value, patience: Duration) -> Result<Value, Lost> {
        let mut running = match self.running.take() {
            Some(running) => running,
            None => start(&self.command).map_err(|error| Lost::NotStarted(error.to_string()))?,
        };
        let sent = writeln!(running.questions, "{question}").and_then(|()| running.questions.flush());
        // A process that died meanwhile cannot take the question, nor answer it.
        let line = match sent.map(|()| running.answers.recv_timeout(patience)) {
            Ok(Ok(line)) => line,
            Ok(Err(RecvTimeoutError::Timeout)) => {
                running.kill();
                return Err(Lost::TimedOut);
            }
            _ => return Err(Lost::Died(running.kill())),
        };
        self.running = Some(running);
        serde_json::from_str(&line).map_err(|error| Lost::Died(format!("no answer: {error}: {line}")))
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Some(running) = &mut self.running {
            running.kill();
        }
    }
}

impl Running {
    /// Ends it; how it ended, if it had by itself.
    fn kill(&mut self) -> String {
        // The pipe closes a moment before the status is there.
        for _ in 0..200 {
            match self.child.try_wait() {
                Ok(None) if self.is_silent() => std::thread::sleep(Duration::from_millis(5)),
                _ => break,
            }
        }
        let _ = self.child.kill();
        self.child.wait().map_or_else(|error| error.to_string(), |status| status.to_string())
    }

    /// Whether it has closed its output.
    fn is_silent(&self) -> bool {
        matches!(self.answers.try_recv(), Err(std::sync::mpsc::TryRecvError::Disconnected))
    }
}

fn start(command: &[String]) -> std::io::Result<Running> {
    let (program, args) = command.split_first().ok_or(std::io::ErrorKind::InvalidInput)?;
    let pipes =
        |c: &mut Command| c.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let mut child = pipes(Command::new(program).args(args))?;
    let (Some(questions), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(std::io::ErrorKind::BrokenPipe.into());
    };
    let (sender, answers) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines() {
            let Ok(line) = line else { return };
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    Ok(Running { child, questions, answers })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shell(script: &str) -> Service {
        Service::new(["sh", "-c", script].map(String::from).to_vec())
    }

    const SOON: Duration = Duration::from_secs(5);

    #[test]
    fn answers_come_back_and_the_process_stays() {
        let mut echo = shell("n=0; while read line; do n=$((n + 1)); echo \"[$n, $line]\"; done");
        assert_eq!(echo.ask(&json!("a"), SOON), Ok(json!([1, "a"])));
        assert_eq!(echo.ask(&json!("b"), SOON), Ok(json!([2, "b"])));
    }

    #[test]
    fn death_and_delay_are_told_and_survived() {
        let mut mortal = shell("read line; if [ \"$line\" = 1 ]; then kill -SEGV $$; fi; echo 7");
        let Err(Lost::Died(how)) = mortal.ask(&json!(1), SOON) else { panic!("it lives") };
        assert!(how.contains("11"), "{how}");
        assert_eq!(mortal.ask(&json!(2), SOON), Ok(json!(7)));
        let mut slow = shell("read line; sleep 60");
        assert_eq!(slow.ask(&json!(1), Duration::from_millis(100)), Err(Lost::TimedOut));
        let mut absent = Service::new(vec!["/nowhere/program".into()]);
        assert!(matches!(absent.ask(&json!(1), SOON), Err(Lost::NotStarted(_))));
    }
}
