//! Programs that cannot outlive us: each runs in a process group of its own, which
//! ends when the program does, when we say so, and when we die.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long a program may run.
#[derive(Clone, Copy, Debug)]
pub struct Patience(pub Duration);

impl Patience {
    /// So many minutes.
    pub const fn minutes(minutes: u64) -> Self {
        Self(Duration::from_secs(minutes * 60))
    }
}

/// Runs the program and a guard beside it. The guard reads from a pipe that we hold:
/// that closes when we say so or when we die, however we do, and then the guard tells
/// the program to end. Whatever is left of the group when the program has ended is
/// told so too.
const GUARDED: &str = r#"
exec 3<&0 4>&2 2>/dev/null
"$@" </dev/null 2>&4 3<&- 4>&- &
program=$!
{ read -r _ <&3; kill -s TERM "$program"; } &
exec 3<&-
wait "$program"
status=$?
trap '' TERM
kill -s TERM 0
exit "$status"
"#;

/// How often a running program is looked at.
const LOOK: Duration = Duration::from_millis(20);
/// How long a program may take to end after SIGTERM.
const FAREWELL: Patience = Patience(Duration::from_secs(40));

/// A running program with all it starts.
#[derive(Debug)]
pub struct Group {
    shell: Child,
    name: String,
    has_ended: bool,
}

impl Group {
    /// Starts it. Of the command, its program, words, folder, environment and output
    /// are kept.
    pub fn start(command: &mut Command) -> Result<Self, String> {
        Self::start_writing_to(command, Stdio::inherit(), Stdio::inherit())
    }

    /// Starts it with its standard output and error led elsewhere.
    pub fn start_writing_to(
        command: &Command,
        output: Stdio,
        errors: Stdio,
    ) -> Result<Self, String> {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut shell = Command::new("sh");
        shell
            .args(["-c", GUARDED, "sh"])
            .arg(command.get_program())
            .args(command.get_args());
        if let Some(folder) = command.get_current_dir() {
            shell.current_dir(folder);
        }
        for (key, value) in command.get_envs() {
            match value {
                Some(value) => shell.env(key, value),
                None => shell.env_remove(key),
            };
        }
        shell.stdin(Stdio::piped()).stdout(output).stderr(errors);
        let shell = shell
            .process_group(0)
            .spawn()
            .map_err(|error| format!("cannot start {name}: {error}"))?;
        Ok(Self {
            shell,
            name,
            has_ended: false,
        })
    }

    /// The number of its process group.
    pub fn id(&self) -> u32 {
        self.shell.id()
    }

    /// Waits for its end.
    pub fn wait(&mut self, patience: Patience) -> Result<ExitStatus, String> {
        let began = Instant::now();
        loop {
            if let Some(status) = self.ended()? {
                return Ok(status);
            }
            if began.elapsed() > patience.0 {
                self.kill();
                return Err(format!("{} took longer than {:?}", self.name, patience.0));
            }
            thread::sleep(LOOK);
        }
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>, String> {
        let status = self
            .shell
            .try_wait()
            .map_err(|error| format!("cannot wait for {}: {error}", self.name))?;
        self.has_ended |= status.is_some();
        Ok(status)
    }

    /// Asks it to end with SIGTERM, and waits until it has.
    pub fn stop(&mut self) -> Result<ExitStatus, String> {
        drop(self.shell.stdin.take());
        self.wait(FAREWELL)
    }

    fn kill(&self) {
        let group = self.shell.id();
        let killed = Command::new("sh")
            .args(["-c", &format!("kill -s KILL -- -{group}")])
            .stderr(Stdio::null())
            .status();
        if let Err(error) = killed {
            eprintln!("cannot end {}: {error}", self.name);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if !self.has_ended {
            self.kill();
            // It was killed: there is no status to tell.
            let _ = self.shell.wait();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Patience = Patience(Duration::from_secs(20));

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_programs_own_status_is_told() {
        let mut group = Group::start(&mut shell("exit 7")).expect("started");
        assert_eq!(group.wait(SOON).expect("ended").code(), Some(7));
    }

    #[test]
    fn a_program_told_to_stop_says_how_it_went() {
        let script = "trap 'exit 5' TERM; echo up; while :; do sleep 0.05; done";
        let (mut out, into) = std::io::pipe().expect("a pipe");
        let errors = Stdio::null();
        let mut group =
            Group::start_writing_to(&shell(script), into.into(), errors).expect("started");
        let mut up = [0; 3];
        std::io::Read::read_exact(&mut out, &mut up).expect("it came up");
        assert_eq!(group.stop().expect("ended").code(), Some(5));
    }

    #[test]
    fn a_program_ends_when_whoever_started_it_is_gone() {
        let mut group = Group::start(&mut shell("exec sleep 600")).expect("started");
        // All that our death would do to it.
        drop(group.shell.stdin.take());
        let status = group.wait(SOON).expect("ended");
        assert_eq!(status.code(), Some(128 + 15));
    }

    #[test]
    fn what_a_program_leaves_behind_ends_with_it() {
        let (mut out, into) = std::io::pipe().expect("a pipe");
        let errors = Stdio::null();
        let script = shell("sleep 600 & echo left");
        let mut group = Group::start_writing_to(&script, into.into(), errors).expect("started");
        assert!(group.wait(SOON).expect("ended").success());
        let mut text = String::new();
        std::io::Read::read_to_string(&mut out, &mut text).expect("closed");
        assert_eq!(text, "left\n");
    }

    #[test]
    fn a_program_that_hangs_is_ended_with_all_it_started() {
        let script = "sleep 600 & echo $!; wait";
        let (mut out, into) = std::io::pipe().expect("a pipe");
        let errors = Stdio::inherit();
        let mut group =
            Group::start_writing_to(&shell(script), into.into(), errors).expect("started");
        let late = group.wait(Patience(Duration::from_millis(300)));
        assert!(late.is_err());
        // The pipe closes when its last holder, the child's child, is gone.
        let mut text = String::new();
        std::io::Read::read_to_string(&mut out, &mut text).expect("closed");
        assert!(text.trim().parse::<u32>().is_ok());
    }
}
