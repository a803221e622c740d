//! The people of the demo: agents' phones, their queues, and the plans whose callers
//! reach them.

use crate::server::free_udp;
use crate::workshop::Workshop;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// The plan that the others are made from.
const HELPLINE: &str = "helpline";
/// Where the scenarios have the agents' phones.
pub const DESK: &str = "127.0.0.1:15071";
pub const SLOW: &str = "127.0.0.1:15072";

/// Where the phones really are: on ports that are free here, so that two demos do not meet.
#[derive(Clone, Copy, Debug)]
pub struct Phones {
    /// Of the agent who takes calls.
    pub desk: SocketAddr,
    /// Of the one who does not.
    pub slow: SocketAddr,
    /// Of nobody: what overflows rings there in vain.
    pub nobody: SocketAddr,
}

impl Phones {
    /// Phones on free ports.
    pub fn somewhere() -> Result<Self, String> {
        Ok(Self {
            desk: free_udp()?,
            slow: free_udp()?,
            nobody: free_udp()?,
        })
    }

    /// The phone that the scenarios have at an address.
    pub fn at(&self, address: &str) -> SocketAddr {
        match address {
            SLOW => self.slow,
            _ => self.desk,
        }
    }
}

/// A number that callers dial, and what answers there.
struct Line {
    number: &'static str,
    plan: &'static str,
    language: Option<&'static str>,
}

const LINES: [Line; 5] = [
    Line {
        number: "helpline",
        plan: HELPLINE,
        language: Some("en"),
    },
    Line {
        number: "helpline-zh",
        plan: HELPLINE,
        language: Some("zh"),
    },
    Line {
        number: "helpline-impatient",
        plan: "helpline-impatient",
        language: Some("en"),
    },
    Line {
        number: "helpline-impatient-zh",
        plan: "helpline-impatient",
        language: Some("zh"),
    },
    Line {
        number: "helpline-at-night",
        plan: "helpline-at-night",
        language: Some("en"),
    },
];

/// How the demo's other plans differ from the helpline: in these lines alone.
const CHANGES: [(&str, &[(&str, &str)]); 2] = [
    (
        "helpline-impatient",
        &[
            (
                "plan: helpline\n",
                "plan: helpline-impatient\npolicy: { wait_max: 12s }\n",
            ),
            ("  queue: desk\n", "  queue: slow\n"),
        ],
    ),
    (
        "helpline-at-night",
        &[
            ("plan: helpline\n", "plan: helpline-at-night\n"),
            ("  queue: desk\n", "  queue: night\n"),
        ],
    ),
];

/// Writes the plans of the demo into a folder of their own, and returns it.
pub fn write_plans(workshop: &Workshop, folder: &Path) -> Result<PathBuf, String> {
    let originals = workshop.root().join("dialplans");
    let plans = folder.join("plans");
    for name in ["front-desk", HELPLINE] {
        copy(&originals.join(name), &plans.join(name))?;
    }
    let head = Path::new("flow.yaml");
    let original = read(&originals.join(HELPLINE).join(head))?;
    for (name, changes) in CHANGES {
        let mut text = original.clone();
        for (from, to) in changes {
            if !text.contains(from) {
                return Err(format!(
                    "dialplans/{HELPLINE} has no line '{}'",
                    from.trim_end()
                ));
            }
            text = text.replacen(from, to, 1);
        }
        let changed = plans.join(name);
        fs::create_dir_all(&changed).map_err(|error| problem(&changed, &error))?;
        write(&changed.join(head), &text)?;
    }
    Ok(plans)
}

/// The numbers that have prompts of their own, and the plan that says them.
pub fn numbers() -> impl Iterator<Item = (&'static str, &'static str)> {
    LINES.iter().map(|line| (line.number, line.plan))
}

/// The plan that answers a number.
pub fn plan_of(number: &str) -> &'static str {
    let line = LINES.iter().find(|line| line.number == number);
    line.map_or(HELPLINE, |line| line.plan)
}

/// What the configuration says of them: agents, queues, routes and the intent service.
pub fn configuration(music: &Path, mind: SocketAddr, phones: &Phones) -> String {
    let Phones { desk, slow, nobody } = phones;
    let mut text = format!(
        "[intent]\nkind = \"websocket\"\nurl = \"ws://{mind}\"\nahead = true\n\n\
         [people]\nrest_s = 2\n\n\
         [[agent]]\nname = \"desk\"\naddress = \"sip:desk@{desk}\"\n\n\
         [[agent]]\nname = \"slow\"\naddress = \"sip:slow@{slow}\"\n\n"
    );
    let night = weekday_of_no_use();
    for (queue, agent, hours) in [
        ("desk", "desk", None),
        ("slow", "slow", None),
        ("night", "desk", Some(night)),
    ] {
        text += &format!(
            "[[queue]]\nname = \"{queue}\"\nagents = [\"{agent}\"]\nring_s = 60\n\
             overflow = \"sip:nobody@{nobody}\"\nmusic = {music:?}\n"
        );
        if let Some(day) = hours {
            text += &format!("hours = \"{day} 09:00-10:00\"\n");
        }
        text.push('\n');
    }
    for line in &LINES {
        text += &format!(
            "[[route]]\ncalled = \"{}\"\nplan = \"{}\"\n",
            line.number, line.plan
        );
        if let Some(language) = line.language {
            text += &format!("language = \"{language}\"\n");
        }
        text.push('\n');
    }
    text
}

/// A day of the week that is neither today nor near it, in UTC, so that it is night now.
pub fn weekday_of_no_use() -> &'static str {
    const DAYS: [&str; 7] = ["thu", "fri", "sat", "sun", "mon", "tue", "wed"];
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
    let days = since_1970.map_or(0, |since| since.as_secs() / 86_400);
    DAYS[((days + 3) % 7) as usize]
}

/// Copies a folder with all that is in it.
pub fn copy(from: &Path, to: &Path) -> Result<(), String> {
    fs::create_dir_all(to).map_err(|error| problem(to, &error))?;
    for entry in fs::read_dir(from).map_err(|error| problem(from, &error))? {
        let path = entry.map_err(|error| problem(from, &error))?.path();
        let name = path.file_name().unwrap_or_default();
        match path.is_dir() {
            true => copy(&path, &to.join(name))?,
            false => {
                fs::copy(&path, to.join(name)).map_err(|error| problem(&path, &error))?;
            }
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| problem(path, &error))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| problem(path, &error))
}

fn problem(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_night_on_the_day_of_no_use_whatever_today_is() {
        let phones = Phones::somewhere().expect("free ports");
        let text = configuration(Path::new("m.wav"), ([127, 0, 0, 1], 1).into(), &phones);
        assert_eq!(text.matches("hours = ").count(), 1);
        assert!(text.contains(weekday_of_no_use()));
        assert_eq!(text.matches("[[route]]").count(), LINES.len());
    }
}
