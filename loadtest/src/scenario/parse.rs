//! Reads a scenario file.
//!
//! ```text
//! title: asks for the opening hours
//! voice: slt
//! expect prompt greeting within 5s     # from here on one step a line
//! wait for quiet 300ms within 20s
//! say opening-hours
//! expect prompt hours within 2s
//! hang up
//! ```
//!
//! Where others take part they are named first, and each step says who does it:
//!
//! ```text
//! caller other voice slt from 5550102
//! agent desk on 127.0.0.1:5071 voice kal16 rings 1s then answers
//! caller: say complaint
//! desk: expect ring within 4s
//! ```

use super::action::Action;
use super::words::{after_prompt, alternatives, keys, manner, time, words};
use super::{Party, Role, Scenario, Step};
use crate::sip::{Decline, Manner};
use std::net::SocketAddr;

/// The voice of a scenario that names none.
const USUAL_VOICE: &str = "rms";
/// The first party.
const CALLER: &str = "caller";
/// What one phone may also be called, where it is the only one.
const AGENT: &str = "agent";

/// Why a scenario cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct ParseError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: String,
}

impl std::str::FromStr for Scenario {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let mut reader = Reader::new(text);
        for (number, line) in text.lines().enumerate() {
            let fail = |problem| ParseError {
                line: number + 1,
                problem,
            };
            reader
                .read(number + 1, without_comment(line))
                .map_err(fail)?;
        }
        if reader.scenario.steps.is_empty() {
            let problem = "a scenario needs at least one step".to_owned();
            return Err(ParseError {
                line: text.lines().count().max(1),
                problem,
            });
        }
        Ok(reader.scenario)
    }
}

/// A `#` begins a comment where it stands alone; `key 12#` keeps its own.
fn without_comment(line: &str) -> &str {
    let line = line.trim();
    if line.starts_with('#') {
        return "";
    }
    line.split(" # ").next().unwrap_or(line).trim()
}

struct Reader {
    scenario: Scenario,
}

impl Reader {
    /// The voice that the head names is everybody's who has no own, wherever it stands.
    fn new(text: &str) -> Self {
        let voice = text
            .lines()
            .find_map(|line| without_comment(line).strip_prefix("voice:"))
            .map_or(USUAL_VOICE, str::trim);
        let caller = Party {
            name: CALLER.to_owned(),
            voice: voice.to_owned(),
            role: Role::Caller { number: None },
        };
        Self {
            scenario: Scenario {
                title: String::new(),
                to: None,
                parties: vec![caller],
                steps: Vec::new(),
            },
        }
    }

    fn read(&mut self, number: usize, line: &str) -> Result<(), String> {
        if let Some(title) = line.strip_prefix("title:") {
            title.trim().clone_into(&mut self.scenario.title);
        } else if let Some(to) = line.strip_prefix("to:") {
            self.scenario.to = Some(to.trim().to_owned());
        } else if !line.is_empty() && !line.starts_with("voice:") {
            let words = words(line)?;
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            match words.as_slice() {
                ["caller", name, rest @ ..] => self.add_caller(name, rest)?,
                ["agent", name, "on", address, rest @ ..] => {
                    self.add_agent(name, address, rest)?;
                }
                words => self.add_step(number, line, words)?,
            }
        }
        Ok(())
    }

    fn add_caller(&mut self, name: &str, mut words: &[&str]) -> Result<(), String> {
        let (mut voice, mut number) = (None, None);
        loop {
            words = match words {
                [] => break,
                ["voice", named, rest @ ..] => {
                    voice = Some(*named);
                    rest
                }
                ["from", named, rest @ ..] => {
                    number = Some((*named).to_owned());
                    rest
                }
                _ => {
                    return Err(format!(
                        "'{}' cannot be read: caller NAME [voice VOICE] [from NUMBER]",
                        words.join(" ")
                    ));
                }
            };
        }
        self.add_party(name, voice, Role::Caller { number })
    }

    fn add_agent(&mut self, name: &str, address: &str, words: &[&str]) -> Result<(), String> {
        let address: SocketAddr = address
            .parse()
            .map_err(|_| format!("'{address}' is no address: 127.0.0.1:5071 is one"))?;
        let (voice, rest) = match words {
            ["voice", voice, rest @ ..] => (Some(*voice), rest),
            rest => (None, rest),
        };
        let manner = match rest {
            [] => Manner::RingsOn,
            rest => manner(rest)?,
        };
        self.add_party(name, voice, Role::Agent { address, manner })
    }

    fn add_party(&mut self, name: &str, voice: Option<&str>, role: Role) -> Result<(), String> {
        let scenario = &mut self.scenario;
        if let Some(first) = scenario.steps.first() {
            return Err(format!(
                "who takes part is said before the first step, which is line {}",
                first.line
            ));
        }
        let is_taken = ["title", "voice", "to"].contains(&name)
            || (scenario.parties.iter().any(|party| party.name == name) && name != CALLER);
        if is_taken {
            return Err(format!("'{name}' is taken; another name is needed"));
        }
        let caller = &mut scenario.parties[0];
        let party = Party {
            name: name.to_owned(),
            voice: voice.map_or_else(|| caller.voice.clone(), str::to_owned),
            role,
        };
        match (name == CALLER, party.is_agent()) {
            (true, false) => *caller = party,
            (true, true) => return Err("an agent cannot be called 'caller'".to_owned()),
            (false, _) => scenario.parties.push(party),
        }
        Ok(())
    }

    fn add_step(&mut self, line: usize, text: &str, words: &[&str]) -> Result<(), String> {
        let (who, words) = match words {
            [name, rest @ ..] if name.ends_with(':') => {
                (self.party(name.trim_end_matches(':'))?, rest)
            }
            words if self.scenario.parties.len() == 1 => (0, words),
            _ => return Err("who does it? several take part: NAME: STEP".to_owned()),
        };
        let action = self.action(words)?;
        let party = &self.scenario.parties[who];
        let name = &party.name;
        if action.is_agents() && !party.is_agent() {
            return Err(format!(
                "only an agent's phone can do so, and {name} is none"
            ));
        }
        if action.is_callers() && party.is_agent() {
            return Err(format!("only a caller can do so, and {name} is none"));
        }
        let has_left = |step: &Step| step.who == who && step.action == Action::HangUp;
        if !party.is_agent() && self.scenario.steps.iter().any(has_left) {
            return Err("nothing can be done after 'hang up'".to_owned());
        }
        self.scenario.steps.push(Step {
            line,
            text: text.to_owned(),
            who,
            action,
        });
        Ok(())
    }

    fn party(&self, name: &str) -> Result<usize, String> {
        let parties = &self.scenario.parties;
        if let Some(place) = parties.iter().position(|party| party.name == name) {
            return Ok(place);
        }
        let mut agents = (0..parties.len()).filter(|&place| parties[place].is_agent());
        match (name == AGENT, agents.next(), agents.next()) {
            (true, Some(only), None) => Ok(only),
            _ => {
                let names: Vec<&str> = parties.iter().map(|party| party.name.as_str()).collect();
                Err(format!(
                    "nobody is called '{name}': {} take part",
                    names.join(", ")
                ))
            }
        }
    }

    fn action(&self, words: &[&str]) -> Result<Action, String> {
        match words {
            ["hang", "up"] => Ok(Action::HangUp),
            ["call"] => Ok(Action::Call),
            ["answer"] => Ok(Action::Answer),
            ["refuse"] => Ok(Action::DeclineCall(Decline::Refused)),
            ["be", "busy"] => Ok(Action::DeclineCall(Decline::Busy)),
            ["now", rest @ ..] => manner(rest).map(Action::Behave),
            ["wait", "for", "quiet", quiet, "within", within] => Ok(Action::WaitForQuiet {
                quiet: time(quiet)?,
                within: time(within)?,
            }),
            ["wait", pause] => Ok(Action::Wait(time(pause)?)),
            ["say", clip, rest @ ..] => {
                let clips = rest.iter().take_while(|word| **word != "after").count();
                let all = std::iter::once(clip).chain(&rest[..clips]);
                Ok(Action::Say {
                    clips: all.map(|clip| (*clip).to_owned()).collect(),
                    after: after_prompt(&rest[clips..])?,
                })
            }
            ["key", pressed, after @ ..] => Ok(Action::Key {
                keys: keys(pressed)?,
                after: after_prompt(after)?,
            }),
            ["expect", expectation @ ..] => self.expect(expectation),
            [verb, ..] => Err(format!(
                "'{verb}' is no step: expect, wait, say, key or hang up is one; call is a caller's, \
                 answer, refuse, be busy and now are an agent's"
            )),
            [] => Err("an empty step".to_owned()),
        }
    }

    fn expect(&self, words: &[&str]) -> Result<Action, String> {
        match words {
            ["prompt", "goes", "on", "for", lasting] => Ok(Action::ExpectGoesOn {
                lasting: time(lasting)?,
            }),
            ["prompt", names @ .., "within", within] => Ok(Action::ExpectPrompt {
                names: alternatives(names)?,
                within: time(within)?,
            }),
            ["voice", "of", name, "within", within] => Ok(Action::ExpectVoiceOf {
                whom: self.party(name)?,
                within: time(within)?,
            }),
            ["served", "before", name, "within", within] => Ok(Action::ExpectServedBefore {
                whom: self.party(name)?,
                within: time(within)?,
            }),
            ["number", "of", name] => self.party(name).map(Action::ExpectNumberOf),
            ["display", texts @ ..] => alternatives(texts).map(Action::ExpectDisplay),
            ["header", name, texts @ ..] => Ok(Action::ExpectHeader {
                name: (*name).to_owned(),
                texts: alternatives(texts)?,
            }),
            ["no", "whisper"] => Ok(Action::ExpectNoWhisper),
            ["no", "silence", "above", above] => Ok(Action::ExpectNoSilence {
                above: time(above)?,
            }),
            ["no", "ring", "for" | "within", lasting] => Ok(Action::ExpectNoRing {
                lasting: time(lasting)?,
            }),
            [what @ .., "within", within] => {
                expect_soon(what, time(within)?).ok_or_else(|| unreadable(words))
            }
            _ => Err(unreadable(words)),
        }
    }
}

fn expect_soon(what: &[&str], within: std::time::Duration) -> Option<Action> {
    Some(match what {
        ["speech"] => Action::ExpectSpeech { within },
        ["answer"] => Action::ExpectAnswer { within },
        ["ducking"] => Action::ExpectDucking { within },
        ["stop"] => Action::ExpectStop { within },
        ["bye"] => Action::ExpectBye { within },
        ["done"] => Action::ExpectDone { within },
        ["music"] => Action::ExpectMusic { within },
        ["ring"] => Action::ExpectRing { within },
        ["stops", "ringing"] => Action::ExpectStopsRinging { within },
        ["whisper"] => Action::ExpectWhisper { within },
        ["idle"] => Action::ExpectIdle { within },
        _ => return None,
    })
}

fn unreadable(words: &[&str]) -> String {
    format!(
        "'expect {}' cannot be read: expect prompt NAME [or NAME] | speech | answer | ducking | stop | bye | done | \
         music | ring | stops ringing | idle | whisper | voice of NAME | served before NAME within TIME, \
         or expect prompt goes on for TIME | no ring for TIME | no whisper | no silence above TIME | \
         number of NAME | display TEXT [or TEXT] | header NAME TEXT [or TEXT]",
        words.join(" ")
    )
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
