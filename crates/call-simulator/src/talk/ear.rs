//! An ear that hears what was said as a recogniser with the plan's grammars would.

use call_model::{CallTime, GrammarId, Heard, Hypothesis, Language, PerMille, Score, TurnId};
use dialplan::{Day, Node, Plan, Wanted};
use std::collections::BTreeMap;
use std::time::Duration;

/// Sound from before a turn was opened that still belongs to it.
const PRE_ROLL: Duration = Duration::from_millis(400);
/// How sure it is of what it hears.
const SURE: PerMille = PerMille::new(900);

/// By grammar the node that listens with it.
pub(super) type Listeners = BTreeMap<GrammarId, String>;

/// Finds the nodes that listen.
pub(super) fn listeners(plan: &Plan) -> Listeners {
    let mut listeners = Listeners::new();
    for (name, node) in plan.nodes() {
        let Some(listening) = node.listening() else {
            continue;
        };
        for grammar in listening
            .grammars
            .values()
            .chain(listening.offer_grammars.values())
        {
            listeners.insert(*grammar, name.to_owned());
        }
    }
    listeners
}

/// Something that was said.
#[derive(Clone, Debug)]
pub(super) struct Utterance {
    /// None: sound that nobody understands.
    pub(super) words: Option<String>,
    pub(super) began: CallTime,
    pub(super) ended: CallTime,
    /// How its voice is scored, where the script says so.
    pub(super) anger: Option<Score>,
}

/// A turn that is listened to.
#[derive(Clone, Debug)]
struct Open {
    turn: TurnId,
    /// The grammar and language that are tried, and perhaps another.
    first: (Option<GrammarId>, Language),
    second: Option<(Option<GrammarId>, Language)>,
    since: CallTime,
}

/// The simulated recogniser.
#[derive(Debug, Default)]
pub(super) struct Ear {
    open: Option<Open>,
    said: Vec<Utterance>,
}

/// What the ear makes of words.
struct Judged {
    text: String,
    is_heard: bool,
    is_whole: bool,
    /// The language that won, where two were tried.
    language: Option<Language>,
}

impl Ear {
    pub(super) fn listen(
        &mut self,
        turn: TurnId,
        now: CallTime,
        first: (Option<GrammarId>, Language),
        second: Option<(Option<GrammarId>, Language)>,
    ) {
        self.open = Some(Open {
            turn,
            first,
            second,
            since: now.back(PRE_ROLL),
        });
    }

    pub(super) fn stop(&mut self) {
        self.open = None;
    }

    pub(super) fn hear(&mut self, utterance: Utterance) {
        self.said.push(utterance);
    }

    /// What is understood so far.
    pub(super) fn partial(&self, plan: &Plan, listeners: &Listeners, today: Day) -> Option<Heard> {
        let open = self.open.as_ref()?;
        let judged = self.judged(open, plan, listeners, today)?;
        Some(Heard::Partial {
            turn: open.turn,
            text: if judged.is_heard {
                judged.text
            } else {
                String::new()
            }
            .into(),
            is_complete: judged.is_whole,
            can_continue: false,
            is_doubtful: false,
            spotted: Vec::new(),
        })
    }

    /// The last word on the turn.
    pub(super) fn finish(
        &mut self,
        turn: TurnId,
        plan: &Plan,
        listeners: &Listeners,
        today: Day,
    ) -> Heard {
        let judged = self
            .open
            .take()
            .and_then(|open| self.judged(&open, plan, listeners, today));
        self.said.clear();
        match judged {
            Some(judged) if judged.is_heard => Heard::Final {
                turn,
                best: Hypothesis {
                    text: judged.text.into(),
                    confidence: SURE,
                    words: Vec::new(),
                },
                others: Vec::new(),
                spotted: Vec::new(),
                language: judged.language,
            },
            judged => Heard::NoMatch {
                turn,
                rejected: None,
                spotted: Vec::new(),
                language: judged.and_then(|judged| judged.language),
            },
        }
    }

    /// None where nothing with words was said in the turn.
    fn judged(
        &self,
        open: &Open,
        plan: &Plan,
        listeners: &Listeners,
        today: Day,
    ) -> Option<Judged> {
        let mut words: Vec<&str> = Vec::new();
        for utterance in self.said.iter().filter(|said| said.ended >= open.since) {
            words.push(utterance.words.as_deref()?);
        }
        if words.is_empty() {
            return None;
        }
        let said = words.join(" ");
        let (grammar, language) = match open.second {
            Some(second) if tongue(&said).is_some_and(|spoken| spoken == second.1) => second,
            Some(_) | None => open.first,
        };
        let is_whole = grammar.is_some_and(|grammar| plan.is_in_grammar(grammar, &said));
        let node = grammar.and_then(|grammar| listeners.get(&grammar));
        let node = node.map_or("", String::as_str);
        // Where there is an intent tier, there is a recogniser of free speech.
        let is_free = grammar.is_some() && plan.policy().intent.is_some();
        Some(Judged {
            is_heard: is_whole || is_free || means_something(plan, node, language, &said, today),
            is_whole,
            text: match plan.node(node) {
                // The point of 12.50 is lost on the normaliser.
                Some(Node::Collect(collect)) if matches!(collect.wanted, Wanted::Value(_)) => said,
                Some(_) | None => spoken_text::normalise(&said, language),
            },
            language: open.second.map(|_| language),
        })
    }
}

/// Whether the plan's rules make anything of these words: a recogniser finds a phrase of its
/// grammar also where a caller wraps it in words of their own.
fn means_something(plan: &Plan, node: &str, language: Language, said: &str, today: Day) -> bool {
    !plan.understand(node, language, said).is_empty()
        || plan.collect(node, language, said, today).is_some()
        || plan.yes_no(language, said).is_some()
        || plan.wants_repeat(language, said)
        || plan.wants_time(language, said)
        || plan.says_goodbye(language, said)
        || plan.is_backchannel(language, said)
        || plan.is_open(node, language, said)
        || !plan.escalation(node, language, said).is_empty()
}

/// The language that a text is written in; none where it holds figures alone.
fn tongue(text: &str) -> Option<Language> {
    let has = |test: fn(char) -> bool| text.chars().any(test);
    if has(is_han) {
        Some(Language::Zh)
    } else if has(char::is_alphabetic) {
        Some(Language::En)
    } else {
        None
    }
}

/// CJK Unified Ideographs, the common block.
pub(super) const fn is_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}')
}
