//! The plainest shell: it wakes the call, plays its prompts and lends it an ear.

use super::script::{Act, Broken, Fit, Script, Utterance};
use super::shown::{shown_action, shown_deadline};
use call_engine::Call;
use call_model::{
    ApiRequestId, CallAction, CallInput, CallTime, Heard, Hypothesis, IntentQuestionId, Language,
    PerMille, PromptEnd, PromptId, SpottedWord, TurnId, WordClass,
};
use std::collections::BTreeMap;
use std::time::Duration;

const PROMPT_STARTS: Duration = Duration::from_millis(20);
const PROMPT_LASTS: Duration = Duration::from_secs(3);
const VOICE_NOTICED: Duration = Duration::from_millis(80);
const VOICE_MISSED: Duration = Duration::from_millis(200);
const WORD_LAG: Duration = Duration::from_millis(120);
const RESULT: Duration = Duration::from_millis(80);
const KEY_GAP: Duration = Duration::from_millis(200);

/// Something that will happen.
#[derive(Clone, Debug)]
enum Event {
    Step(usize),
    News(CallInput),
    /// The voice is on, or off, with the utterance behind it.
    VoiceOn(Utterance),
    VoiceOff(CallTime),
    /// So many parts of the utterance are understood by now.
    Partial(Utterance, usize, CallTime),
    PromptOver(PromptId),
}

struct Shell<'s> {
    call: Call,
    script: &'s Script,
    queue: BTreeMap<(CallTime, u64), Event>,
    queued: u64,
    lines: Vec<String>,
    turn: Option<(TurnId, Language)>,
    /// The ear tries another language beside the turn's.
    tries_both: bool,
    question: IntentQuestionId,
    request: ApiRequestId,
    /// What was said in the open turn: text, fit, spots, span.
    said: Option<Said>,
    in_air: BTreeMap<PromptId, CallTime>,
    broken: Vec<Broken>,
}

#[derive(Clone, Debug)]
struct Said {
    text: String,
    fit: Fit,
    spots: Vec<SpottedWord>,
}

pub fn play(call: Call, script: &Script) -> String {
    let mut shell = Shell {
        call,
        script,
        queue: BTreeMap::new(),
        queued: 0,
        lines: script.head.clone(),
        turn: None,
        tries_both: false,
        question: IntentQuestionId::default(),
        request: ApiRequestId::default(),
        said: None,
        in_air: BTreeMap::new(),
        broken: Vec::new(),
    };
    for (n, step) in script.steps.iter().enumerate() {
        shell.at(step.at, Event::Step(n));
    }
    shell.run();
    shell
        .lines
        .push(format!("{:>9} > end", script.until.to_string()));
    shell.lines.join("\n") + "\n"
}

impl Shell<'_> {
    fn at(&mut self, at: CallTime, event: Event) {
        self.queued += 1;
        self.queue.insert((at, self.queued), event);
    }

    fn run(&mut self) {
        loop {
            let event = self.queue.first_key_value().map(|((at, _), _)| *at);
            let wake = self.call.poll_timeout();
            match (event, wake) {
                (_, Some((at, deadline))) if event.is_none_or(|event| at < event) => {
                    if at > self.script.until {
                        return;
                    }
                    self.lines.push(shown_deadline(at, deadline));
                    self.feed(at, &CallInput::DeadlineReached);
                }
                (Some(at), _) if at <= self.script.until => {
                    if let Some(((at, _), event)) = self.queue.pop_first() {
                        self.happens(at, event);
                    }
                }
                (Some(_) | None, _) => return,
            }
        }
    }

    fn happens(&mut self, at: CallTime, event: Event) {
        match event {
            Event::Step(n) => self.step(at, n),
            Event::News(input) => self.feed(at, &input),
            Event::VoiceOn(utterance) => {
                let since = at.back(VOICE_NOTICED);
                self.feed(at, &CallInput::SpeechStarted { since });
                self.speak(since, &utterance);
            }
            Event::VoiceOff(since) => self.feed(at, &CallInput::SpeechEnded { since }),
            Event::Partial(utterance, parts, began) => self.partial(at, &utterance, parts, began),
            Event::PromptOver(id) => {
                if self.in_air.remove(&id).is_some() {
                    let end = PromptEnd::Finished;
                    self.feed(at, &CallInput::PromptEnded { prompt: id, end });
                }
            }
        }
    }

    fn step(&mut self, at: CallTime, n: usize) {
        let step = &self.script.steps[n];
        self.lines
            .push(format!("{:>9} > {}", step.at.to_string(), step.written));
        match step.act.clone() {
            Act::Speaks(utterance) => self.at(at + VOICE_NOTICED, Event::VoiceOn(utterance)),
            Act::Presses(keys) => {
                for (n, key) in keys.into_iter().enumerate() {
                    let gap = KEY_GAP * u32::try_from(n).expect("few");
                    self.at(at + gap, Event::News(CallInput::KeyPressed(key)));
                }
            }
            Act::News(input) => self.feed(at, &input),
            Act::Tier(news) => {
                let question = self.question;
                self.feed(at, &CallInput::Intent { question, news });
            }
            Act::BackEnd(number, outcome) => {
                let request = number.map_or(self.request, ApiRequestId);
                self.feed(at, &CallInput::Api { request, outcome });
            }
            Act::Breaks(broken) => self.broken.push(broken),
            Act::Mends => self.broken.clear(),
        }
    }

    fn speak(&mut self, began: CallTime, utterance: &Utterance) {
        let ends = began + utterance.length;
        let parts = parts(&utterance.text).len();
        for part in 1..=parts {
            let share = utterance.length * u32::try_from(part).expect("few")
                / u32::try_from(parts).expect("few");
            let at = began + share + WORD_LAG;
            self.at(at, Event::Partial(utterance.clone(), part, began));
        }
        if parts == 0 || is_rejected(utterance.fit) {
            self.said.get_or_insert(Said {
                text: utterance.text.clone(),
                fit: Fit::None,
                spots: Vec::new(),
            });
        }
        self.at(ends + VOICE_MISSED, Event::VoiceOff(ends));
    }

    fn partial(&mut self, at: CallTime, utterance: &Utterance, count: usize, began: CallTime) {
        let Some((turn, language)) = self.turn else {
            return;
        };
        let all = parts(&utterance.text);
        let text = joined(&all[..count]);
        let is_whole = count == all.len();
        let spots = spots(utterance, at, began, &self.call, language);
        let earlier = self.said.take();
        let fit = if is_whole {
            utterance.fit
        } else {
            Fit::Incomplete
        };
        self.said = Some(Said {
            text: text.clone(),
            fit: utterance.fit,
            spots: spots.clone(),
        });
        drop(earlier);
        let partial = Heard::Partial {
            turn,
            text: if is_rejected(utterance.fit) {
                String::new()
            } else {
                text
            }
            .into(),
            is_complete: matches!(fit, Fit::Complete | Fit::Unsure | Fit::Open),
            can_continue: !matches!(fit, Fit::Complete | Fit::Unsure),
            is_doubtful: utterance.fit == Fit::Doubtful,
            spotted: spots,
        };
        self.feed(at, &CallInput::Heard(partial));
    }

    fn feed(&mut self, at: CallTime, input: &CallInput) {
        self.call.handle(at, input);
        let mut actions = Vec::new();
        while let Some(action) = self.call.poll_action() {
            actions.push(action);
        }
        for action in actions {
            if let Some(line) = shown_action(at, &action) {
                self.lines.push(line);
            }
            self.act(at, action);
        }
    }

    fn act(&mut self, at: CallTime, action: CallAction) {
        match action {
            CallAction::Play { prompt, .. } => self.begin(at, prompt),
            CallAction::StopPlaying(prompt) => {
                let started = self.in_air.remove(&prompt).unwrap_or(at);
                let heard = at.since(started).as_millis();
                let end = PromptEnd::Stopped {
                    heard_ms: u32::try_from(heard).expect("short"),
                };
                self.at(at, Event::News(CallInput::PromptEnded { prompt, end }));
            }
            CallAction::CallApi(request) => self.request = request.request,
            CallAction::AskIntent(question) => self.question = question.question,
            CallAction::Listen {
                turn,
                language,
                also,
                ..
            } => {
                self.turn = Some((turn, language));
                self.tries_both = also.is_some();
                self.said = None;
            }
            CallAction::FinishHearing(turn) => self.finish(at, turn),
            CallAction::StopListening(_) => self.turn = None,
            CallAction::HangUp(cause) => {
                let input = CallInput::HungUp(cause.into());
                self.at(at, Event::News(input));
            }
            CallAction::Duck(_)
            | CallAction::Unduck(_)
            | CallAction::Escalate { .. }
            | CallAction::FetchPerson(_)
            | CallAction::BookCallback(_)
            | CallAction::ReleasePerson
            | CallAction::StartMusic
            | CallAction::StopMusic
            | CallAction::CancelIntent(_)
            | CallAction::TellIntent(_)
            | CallAction::AnalyseVoice(_)
            | CallAction::Decide(_) => {}
        }
    }

    fn begin(&mut self, at: CallTime, prompt: PromptId) {
        if self.broken.contains(&Broken::Prompts) {
            let end = PromptEnd::Failed;
            let input = CallInput::PromptEnded { prompt, end };
            return self.at(at + PROMPT_STARTS, Event::News(input));
        }
        if self.broken.contains(&Broken::Sound) {
            return;
        }
        let starts = at + PROMPT_STARTS;
        self.in_air.insert(prompt, starts);
        self.at(starts, Event::News(CallInput::PromptStarted(prompt)));
        self.at(starts + PROMPT_LASTS, Event::PromptOver(prompt));
    }

    fn finish(&mut self, at: CallTime, turn: TurnId) {
        if self.broken.contains(&Broken::Results) {
            return;
        }
        let said = self.said.take();
        let spotted = said.as_ref().map_or(Vec::new(), |said| said.spots.clone());
        let language = said
            .as_ref()
            .filter(|said| self.tries_both && !said.text.is_empty())
            .map(|said| match said.text.is_ascii() {
                true => Language::En,
                false => Language::Zh,
            });
        let reading = said.as_ref().map(|said| Hypothesis {
            text: said.text.clone().into(),
            confidence: PerMille::new(match said.fit {
                Fit::Guess | Fit::Doubtful => 200,
                Fit::Unsure => 550,
                Fit::Complete | Fit::Open | Fit::Incomplete | Fit::None => 850,
            }),
            words: Vec::new(),
        });
        let heard = match (reading, said.map(|said| said.fit)) {
            (Some(best), Some(Fit::Complete | Fit::Unsure | Fit::Open | Fit::Incomplete)) => {
                Heard::Final {
                    turn,
                    best,
                    others: Vec::new(),
                    spotted,
                    language,
                }
            }
            (reading, _) => Heard::NoMatch {
                turn,
                rejected: reading.filter(|reading| !reading.text.reveal().is_empty()),
                spotted,
                language,
            },
        };
        self.at(at + RESULT, Event::News(CallInput::Heard(heard)));
    }
}

const fn is_rejected(fit: Fit) -> bool {
    matches!(fit, Fit::None | Fit::Guess)
}

/// The words of an English text, pairs of characters of a Chinese one.
fn parts(text: &str) -> Vec<String> {
    if text.is_ascii() {
        text.split_whitespace().map(str::to_owned).collect()
    } else {
        let chars: Vec<char> = text.chars().collect();
        chars.chunks(2).map(|pair| pair.iter().collect()).collect()
    }
}

fn joined(parts: &[String]) -> String {
    parts.join(match parts.iter().all(|part| part.is_ascii()) {
        true => " ",
        false => "",
    })
}

fn spots(
    utterance: &Utterance,
    now: CallTime,
    began: CallTime,
    _call: &Call,
    _language: Language,
) -> Vec<SpottedWord> {
    let spot = |(word, share): &(String, u32)| {
        let from = began + utterance.length * *share / 100;
        let (word, class) = match word.strip_prefix('!') {
            Some(demand) => (demand.to_owned(), WordClass::Demand),
            None => (word.clone(), WordClass::Ask),
        };
        SpottedWord {
            word,
            class,
            from,
            to: from + Duration::from_millis(300),
            confidence: PerMille::new(800),
        }
    };
    let all = utterance.spots.iter().map(spot);
    all.filter(|spot| spot.to + WORD_LAG <= now).collect()
}
