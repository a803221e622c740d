//! What each application of a step becomes.

use super::super::model::{Collect, Failing, Kind, Piece, Said, Test, Wanted, name_of};
use super::super::person;
use super::super::xml::millis;
use super::conditions::{Judged, condition};
use super::lines::{Step, arguments};
use super::values::{said, slot_of, sounds_of};
use super::{Reader, Spot};
use crate::reading::is_transfer_address;
use crate::{Span, Weekday};

/// The most keys that are read at once.
const KEYS_MAX: u8 = 32;

/// Steps that callers do not notice.
pub(super) fn is_idle(app: &str) -> bool {
    matches!(
        app,
        "answer"
            | "noop"
            | "verbose"
            | "log"
            | "ringing"
            | "progress"
            | "proceeding"
            | "resetcdr"
            | "nocdr"
    )
}

impl Reader<'_> {
    pub(super) fn kind_of(&mut self, name: &str, spot: &Spot, step: &Step) -> Kind {
        let first = step.arguments.first().cloned().unwrap_or_default();
        match step.app.as_str() {
            "background" | "waitexten" => self.menu(name, spot, step),
            "playback" => {
                self.changed(step, "callers may interrupt it");
                let say = self.sounds(spot, &first);
                self.play(spot, say)
            }
            "wait" => {
                self.imported(step);
                let pause = millis(&first, 1_000.0).map(Piece::Pause);
                self.play(spot, pause.into_iter().collect())
            }
            "saydigits" | "saynumber" => self.read_out(spot, step, &first),
            "read" => self.collect(spot, step),
            "set" | "mset" => self.set(spot, step),
            "goto" => match self.target(spot, &step.arguments) {
                Some(next) => {
                    self.imported(step);
                    silently(next)
                }
                None => {
                    self.changed(
                        step,
                        "it leads nowhere that is written here: callers come to a person",
                    );
                    person()
                }
            },
            "gotoif" => self.goto_if(spot, step),
            "gotoiftime" => self.goto_if_time(spot, step),
            "dial" | "queue" | "transfer" | "bridge" => self.hand_over(spot, step, &first),
            "hangup" | "busy" | "congestion" => {
                self.imported(step);
                Kind::End { say: Vec::new() }
            }
            "voicemail" | "voicemailmain" | "directory" | "confbridge" | "meetme" | "page"
            | "disa" | "echo" | "park" | "macro" | "gosub" | "gosubif" | "while" | "switch"
            | "return" | "stackpop" | "pickup" | "record" | "dictate" | "privacymanager"
            | "authenticate" => {
                self.changed(
                    step,
                    "no part of a plan does this: callers come to a person",
                );
                person()
            }
            app if is_idle(app) => {
                self.imported(step);
                self.play(spot, Vec::new())
            }
            _ => {
                self.left_out(step, "");
                self.play(spot, Vec::new())
            }
        }
    }

    /// Sounds in a row, by names whose variables are known.
    pub(super) fn sounds(&self, spot: &Spot, files: &str) -> Said {
        let known = self.with_known(spot, files);
        sounds_of(known.as_deref().unwrap_or(files))
    }

    fn play(&mut self, spot: &Spot, say: Said) -> Kind {
        let next = self.next(spot);
        Kind::Play {
            say,
            whole: false,
            next,
        }
    }

    fn read_out(&mut self, spot: &Spot, step: &Step, what: &str) -> Kind {
        let say = match said(what, &self.known_at(spot)) {
            Some(say) => {
                self.imported(step);
                say
            }
            None => {
                self.left_out(step, "what it reads out is more than a variable");
                Vec::new()
            }
        };
        self.play(spot, say)
    }

    /// `Read(variable,sounds,digits,options,attempts,timeout)`
    fn collect(&mut self, spot: &Spot, step: &Step) -> Kind {
        let argument = |index: usize| step.arguments.get(index).map_or("", String::as_str);
        let Some(slot) = slot_of(argument(0)).filter(|slot| slot != "call_number") else {
            self.left_out(step, "its variable is no plain one");
            return self.play(spot, Vec::new());
        };
        let max = argument(2)
            .parse()
            .ok()
            .filter(|max| (1..=KEYS_MAX).contains(max));
        let say = self.sounds(spot, argument(1));
        let attempts: usize = argument(4).parse().unwrap_or(1);
        let more = attempts.clamp(2, 4) - 1;
        self.changed(step, "who pressed nothing went on with nothing; now they are asked again, and come to a person");
        let failing = Failing {
            no_input: vec![say.clone(); more],
            no_match: Vec::new(),
        };
        let next = self.next(spot);
        Kind::Collect(Collect {
            say,
            slot,
            wanted: Wanted::Digits {
                min: 1,
                max: max.unwrap_or(KEYS_MAX),
            },
            failing,
            timeout: millis(argument(5), 1_000.0).filter(|millis| *millis > 0),
            inter_digit: None,
            keys_alone: true,
            next,
        })
    }

    fn set(&mut self, spot: &Spot, step: &Step) -> Kind {
        let mut slots = Vec::new();
        let mut count = None;
        for argument in &step.arguments {
            let Some((variable, value)) = argument.split_once('=') else {
                continue;
            };
            let Some(slot) = slot_of(variable).filter(|slot| slot != "call_number") else {
                continue;
            };
            let written: String = value.chars().filter(|c| !c.is_whitespace()).collect();
            if written == format!("$[${{{}}}+1]", variable.trim()) {
                count = Some(slot);
            } else if let Some(said) = said(value, &self.known_at(spot)) {
                slots.push((slot, Some(said)));
            }
        }
        let next = self.next(spot);
        match (count, slots.len()) {
            (Some(slot), 0) if step.arguments.len() == 1 => {
                self.imported(step);
                Kind::Count { slot, next }
            }
            (None, kept) if kept == step.arguments.len() && kept > 0 => {
                self.imported(step);
                Kind::Set { slots, next }
            }
            (_, kept) => {
                let how = "a function or a reckoning is not kept";
                match kept {
                    0 => self.left_out(step, how),
                    _ => self.changed(step, how),
                }
                match kept {
                    0 => silently(next),
                    _ => Kind::Set { slots, next },
                }
            }
        }
    }

    /// The ways of `condition?yes:no`; a way that is not written is the next step.
    fn ways(&mut self, spot: &Spot, ways: &str) -> Option<(String, String)> {
        let (yes, no) = ways.split_once(':').unwrap_or((ways, ""));
        let mut way = |written: &str| match written.trim() {
            "" => Some(self.next(spot)),
            written => self.target(spot, &arguments(written)),
        };
        Some((way(yes)?, way(no)?))
    }

    fn goto_if(&mut self, spot: &Spot, step: &Step) -> Kind {
        let whole = step.arguments.join(",");
        let parted = whole.rsplit_once('?');
        let judged = parted.and_then(|(when, ways)| {
            let judged = condition(when, &self.known_at(spot))?;
            Some((judged, self.ways(spot, ways)?))
        });
        match judged {
            Some((Judged::Cases(cases), (yes, no))) => {
                self.imported(step);
                let cases = cases
                    .into_iter()
                    .map(|tests| (tests, yes.clone()))
                    .collect();
                Kind::Decide {
                    cases,
                    otherwise: no,
                }
            }
            Some((Judged::Always(holds), (yes, no))) => {
                self.imported(step);
                silently(if holds { yes } else { no })
            }
            None => {
                self.changed(
                    step,
                    "it is more than plain comparisons, or leads nowhere: callers come to a person",
                );
                person()
            }
        }
    }

    fn goto_if_time(&mut self, spot: &Spot, step: &Step) -> Kind {
        let whole = step.arguments.join(",");
        let ways = whole
            .split_once('?')
            .and_then(|(_, ways)| self.ways(spot, ways));
        let Some((yes, no)) = ways else {
            self.changed(
                step,
                "it leads nowhere that is written here: callers come to a person",
            );
            return person();
        };
        let hours = step.arguments.split_last().and_then(|(last, ahead)| {
            let last = last.split('?').next()?.to_owned();
            hours(&ahead.iter().cloned().chain([last]).collect::<Vec<_>>())
        });
        let is_other = self.model.hours.is_some() && self.model.hours != hours;
        let Some(hours) = hours.filter(|_| !is_other) else {
            self.changed(step, "these times are more than days of the week and one span, or others than before: callers come to a person");
            return person();
        };
        self.model.hours = Some(hours);
        self.changed(
            step,
            "these are the plan's 'hours'; set their 'zone', which is UTC for now",
        );
        let is_open = Test::Is(vec!["yes".to_owned()]);
        Kind::Decide {
            cases: vec![(vec![("call_open".to_owned(), is_open)], yes)],
            otherwise: no,
        }
    }

    fn hand_over(&mut self, spot: &Spot, step: &Step, to: &str) -> Kind {
        let peer = to.split('&').next().unwrap_or_default();
        let peer = self.with_known(spot, peer).unwrap_or_default();
        if is_transfer_address(&peer) {
            self.model.transfers.push((step.at.clone(), peer.clone()));
        }
        // `PJSIP/sales@trunk` is known as `sales`.
        let number = peer
            .split_once('/')
            .map_or(peer.as_str(), |(_, number)| number);
        let skill = name_of(number.split('@').next().unwrap_or_default());
        let told = match &skill {
            Some(skill) => format!(
                "a handoff with the skill '{skill}'; name a queue of the server after it, and what follows when nobody answers is the plan's 'otherwise'"
            ),
            None => "a person; whom it called is not known beforehand".to_owned(),
        };
        self.changed(step, &told);
        let say = Vec::new();
        Kind::Person { say, skill }
    }
}

/// `8:00-18:00`, `mon-fri`, `*`, `*` as days and a span of a plan's hours.
fn hours(arguments: &[String]) -> Option<(String, String)> {
    let [times, days, "*", "*"] = arguments.iter().map(|part| part.trim()).collect::<Vec<_>>()[..]
    else {
        return None;
    };
    let span = match times {
        "*" => "00:00-24:00".to_owned(),
        times => {
            let (from, to) = times.split_once('-')?;
            format!("{:0>5}-{:0>5}", from.trim(), to.trim())
        }
    };
    let days = match days {
        "*" => "mon-sun".to_owned(),
        days => days.to_ascii_lowercase(),
    };
    let are_days = days
        .split('-')
        .all(|day| Weekday::ALL.iter().any(|known| known.name() == day));
    let is_plain = are_days && days.split('-').count() <= 2 && Span::parse(&span).is_some();
    is_plain.then_some((days, span))
}

/// A place that is passed by.
const fn silently(next: String) -> Kind {
    Kind::Play {
        say: Vec::new(),
        whole: false,
        next,
    }
}
