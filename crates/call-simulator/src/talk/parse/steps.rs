//! The lines of a conversation by their first word.

use super::cursor::Cursor;
use crate::talk::script::{Act, BackEnd, EarState, Expected, Person, TalkProblem, Tier, What};
use crate::talk::seen::DECISIONS;
use call_model::{EscalationReason, IntentNews, Key, Private, Score};
use std::time::Duration;

/// The words that a line may begin with.
const BEGINNINGS: &str = "caller, recording, keys, silence, unclear, over, hangs up, bot, slot, decides, \
                          reaches, language, api, tier, angry, person, nobody, queue, ear";

/// What a line is for, and the column of the name in it that the plan must have.
pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<(What, u32), TalkProblem> {
    let column = cursor.column();
    if let Some(act) = act(cursor)? {
        let what = What::Caller {
            over: None,
            recordings: Vec::new(),
            act,
        };
        return Ok((what, column));
    }
    let here = *cursor;
    let what = match cursor.word() {
        "over" => over(cursor)?,
        "recording" => {
            let (recordings, act) = recordings(cursor)?;
            What::Caller {
                over: None,
                recordings,
                act,
            }
        }
        "api" => return back_end(cursor),
        "tier" => What::Tier(tier(cursor)?),
        "angry" => What::Angry(score(cursor)?),
        "person" | "nobody" | "queue" => {
            *cursor = here;
            What::Person(person(cursor)?)
        }
        "ear" if cursor.takes("is lost") => What::Ear(EarState::Lost),
        "ear" if cursor.takes("is back") => What::Ear(EarState::Back),
        "bot" => return bot(cursor),
        "slot" => return slot(cursor),
        "decides" => What::Expect(decides(cursor)?),
        "reaches" => return reaches(cursor),
        "language" => What::Expect(Expected::Language(cursor.language()?)),
        "" => return Err(here.problem("this line begins with no word", begin_with())),
        other => {
            return Err(here.problem(
                format!("'{other}' begins no line of a conversation"),
                begin_with(),
            ));
        }
    };
    Ok((what, column))
}

fn begin_with() -> String {
    format!("begin it with one of: {BEGINNINGS}")
}

/// What the caller does, if the line tells of that.
fn act(cursor: &mut Cursor<'_>) -> Result<Option<Act>, TalkProblem> {
    let here = *cursor;
    Ok(Some(match cursor.word() {
        "caller" => {
            cursor.colon("caller: where is my order")?;
            Act::Says(words(cursor)?)
        }
        "keys" => {
            cursor.colon("keys: 1234#")?;
            Act::Keys(keys(cursor)?)
        }
        "unclear" => Act::Unclear,
        "silence" if cursor.is_empty() => Act::Silence(None),
        "silence" => Act::Silence(Some(cursor.duration()?)),
        "hangs" if cursor.takes("up") => Act::HangsUp,
        _ => {
            *cursor = here;
            return Ok(None);
        }
    }))
}

fn words(cursor: &mut Cursor<'_>) -> Result<String, TalkProblem> {
    let here = *cursor;
    let text = cursor.all();
    if text.is_empty() {
        return Err(here.problem(
            "the caller says nothing",
            "write their words here, or 'silence' instead of the line",
        ));
    }
    if text.starts_with("audio ") && text.ends_with(".wav") {
        return Err(here.problem(
            "a recording stands before the words that are spoken in it",
            "write 'recording FILE caller: the words', or 'recording FILE unclear'",
        ));
    }
    Ok(text.to_owned())
}

fn keys(cursor: &mut Cursor<'_>) -> Result<Vec<Key>, TalkProblem> {
    let here = *cursor;
    let faces = cursor.all().chars().filter(|c| !c.is_whitespace());
    let keys: Result<Vec<Key>, _> = faces.map(Key::try_from).collect();
    match keys {
        Ok(keys) if !keys.is_empty() => Ok(keys),
        Ok(_) => Err(here.problem("no key is pressed", "write the keys: 1234#")),
        Err(error) => Err(here.problem(error.to_string(), "write the keys alone: 1234#")),
    }
}

/// `recording angry.wav caller: where is my order`, `recording one.flac two.flac unclear`.
fn recordings(cursor: &mut Cursor<'_>) -> Result<(Vec<String>, Act), TalkProblem> {
    let mut files = Vec::new();
    loop {
        let here = *cursor;
        let file = cursor.needed("the file of a recording")?;
        if [".wav", ".flac"].iter().any(|end| file.ends_with(end)) {
            files.push(file.to_owned());
            continue;
        }
        *cursor = here;
        if files.is_empty() {
            return Err(here.problem(
                format!("'{file}' is no recording"),
                "name a WAV or FLAC file by its path beside this one, without spaces",
            ));
        }
        return match act(cursor)? {
            Some(act @ (Act::Says(_) | Act::Unclear)) => Ok((files, act)),
            Some(Act::Keys(_) | Act::Silence(_) | Act::HangsUp) | None => Err(here.problem(
                "nothing is said in this recording",
                "write 'caller: …' with the words in it, or 'unclear', behind its name",
            )),
        };
    }
}

/// `over "Welcome" caller: …`, `over "Welcome" recording loud.wav caller: …`
fn over(cursor: &mut Cursor<'_>) -> Result<What, TalkProblem> {
    let words = Some(cursor.quoted()?);
    let here = *cursor;
    if cursor.takes("recording") {
        let (recordings, act) = recordings(cursor)?;
        return Ok(What::Caller {
            over: words,
            recordings,
            act,
        });
    }
    match act(cursor)? {
        Some(act @ (Act::Says(_) | Act::Keys(_) | Act::Unclear | Act::HangsUp)) => {
            Ok(What::Caller {
                over: words,
                recordings: Vec::new(),
                act,
            })
        }
        Some(Act::Silence(_)) | None => Err(here.problem(
            "nothing happens over these words",
            "write 'caller: …', 'keys: …', 'unclear' or 'hangs up' behind them",
        )),
    }
}

/// `api look_up: 200 {…}`, `api freeze/card: slow 5s 200`, `down`, `silent`.
fn back_end(cursor: &mut Cursor<'_>) -> Result<(What, u32), TalkProblem> {
    let column = cursor.column();
    let name = cursor.name("the node that asks the back end")?;
    let (node, part) = match name.split_once('/') {
        Some((node, part)) => (node, Some(part.to_owned())),
        None => (name, None),
    };
    let node = node.to_owned();
    cursor.colon("api look_up: 200 {\"state\": \"on its way\"}")?;
    let after = match cursor.takes("slow") {
        true => cursor.duration()?,
        false => Duration::ZERO,
    };
    let answer = if after.is_zero() && cursor.takes("down") {
        BackEnd::Down
    } else if after.is_zero() && cursor.takes("silent") {
        BackEnd::Silent
    } else {
        answers(cursor, after)?
    };
    Ok((What::BackEnd { node, part, answer }, column))
}

fn answers(cursor: &mut Cursor<'_>, after: Duration) -> Result<BackEnd, TalkProblem> {
    let here = *cursor;
    let status = cursor.word().parse::<u16>();
    let status = status.ok().filter(|status| (100..600).contains(status));
    let Some(status) = status else {
        return Err(here.problem(
            "this is no answer of a back end",
            "write a status and JSON as '200 {…}', 'slow 5s 200 {…}', 'down' or 'silent'",
        ));
    };
    let here = *cursor;
    let body = cursor.all().to_owned();
    if !body.is_empty()
        && let Err(error) = serde_json::from_str::<serde_json::Value>(&body)
    {
        return Err(here.problem(
            format!("this is no JSON: {error}"),
            "write it on one line, names and texts in straight quotes",
        ));
    }
    Ok(BackEnd::Answers {
        status,
        body,
        after,
    })
}

fn tier(cursor: &mut Cursor<'_>) -> Result<Tier, TalkProblem> {
    let here = *cursor;
    let news = match cursor.word() {
        "says" => IntentNews::Say {
            text: Private::new(cursor.quoted()?),
        },
        "asks" => IntentNews::Ask {
            text: match cursor.is_empty() {
                true => None,
                false => Some(Private::new(cursor.quoted()?)),
            },
        },
        "goes" if cursor.takes("to") => IntentNews::Goto {
            node: cursor.name("a node")?.to_owned(),
        },
        "fills" => {
            let (slot, value) = assignment(cursor)?;
            IntentNews::Set {
                slot,
                value: Private::new(value.unwrap_or_default()),
            }
        }
        "escalates" => IntentNews::Escalate {
            why: "as the conversation has it".to_owned(),
        },
        "ends" => IntentNews::End,
        "is" if cursor.takes("down") => return Ok(Tier::IsDown),
        _ => {
            return Err(here.problem(
                "the intent tier does nothing of the kind",
                "write 'says \"…\"', 'asks \"…\"', 'goes to NODE', 'fills SLOT = VALUE', \
                 'escalates', 'ends' or 'is down'",
            ));
        }
    };
    Ok(Tier::Says(news))
}

fn score(cursor: &mut Cursor<'_>) -> Result<Score, TalkProblem> {
    let here = *cursor;
    match cursor.word().parse::<u16>() {
        Ok(points) if points <= 100 => Ok(Score::from_points(points)),
        Ok(_) | Err(_) => Err(here.problem(
            "this is no score of anger",
            "write points from 0 to 100, as 'angry 87'",
        )),
    }
}

fn person(cursor: &mut Cursor<'_>) -> Result<Person, TalkProblem> {
    let here = *cursor;
    let known = [
        ("person answers", Person::Answers),
        ("person is busy", Person::IsBusy),
        ("person refuses", Person::Refuses),
        ("person hangs up", Person::HangsUp),
        ("nobody answers", Person::NobodyAnswers),
        ("nobody is there", Person::NobodyIsThere),
        ("queue is full", Person::QueueIsFull),
    ];
    let line = cursor.all();
    let found = known.iter().find(|(words, _)| *words == line);
    found.map(|(_, person)| *person).ok_or_else(|| {
        let words: Vec<&str> = known.iter().map(|(words, _)| *words).collect();
        here.problem(
            format!("'{line}' is no news of a person"),
            format!("write one of: {}", words.join(", ")),
        )
    })
}

/// `bot menu: "…"`, `bot menu`, `bot: "…"`.
fn bot(cursor: &mut Cursor<'_>) -> Result<(What, u32), TalkProblem> {
    let column = cursor.column();
    let node = Some(cursor.word().to_owned()).filter(|node| !node.is_empty());
    let words = match cursor.takes_colon() {
        true => Some(cursor.quoted()?),
        false if node.is_some() => None,
        false => {
            return Err(cursor.problem(
                "neither a node nor words of the bot are here",
                "write 'bot NODE: \"words\"', 'bot NODE' or 'bot: \"words\"'",
            ));
        }
    };
    Ok((What::Expect(Expected::Bot { node, words }), column))
}

/// `slot plate = 粤B12345`, `slot plate is empty`.
fn slot(cursor: &mut Cursor<'_>) -> Result<(What, u32), TalkProblem> {
    let column = cursor.column();
    let (name, value) = assignment(cursor)?;
    Ok((What::Expect(Expected::Slot { name, value }), column))
}

fn assignment(cursor: &mut Cursor<'_>) -> Result<(String, Option<String>), TalkProblem> {
    let name = cursor.name("the name of a slot")?.to_owned();
    if cursor.takes("is empty") {
        return Ok((name, None));
    }
    if !cursor.takes_equals() {
        let example = format!("write '{name} = VALUE' or '{name} is empty'");
        return Err(cursor.problem("this says nothing of a slot", example));
    }
    let here = *cursor;
    match cursor.all() {
        "" => Err(here.problem(
            "a value is missing",
            "write it, or 'is empty' instead of '='",
        )),
        value => Ok((name, Some(value.to_owned()))),
    }
}

fn decides(cursor: &mut Cursor<'_>) -> Result<Expected, TalkProblem> {
    let here = *cursor;
    let name = cursor.word();
    if !DECISIONS.contains(&name) {
        return Err(here.problem(
            format!("'{name}' is the name of no decision"),
            format!("write one of: {}", DECISIONS.join(", ")),
        ));
    }
    let about = Some(cursor.all().to_owned()).filter(|about| !about.is_empty());
    Ok(Expected::Decides {
        name: name.to_owned(),
        about,
    })
}

fn reaches(cursor: &mut Cursor<'_>) -> Result<(What, u32), TalkProblem> {
    let here = *cursor;
    let mut column = cursor.column();
    let expected = match cursor.word() {
        "person" if cursor.is_empty() => Expected::Person(None),
        "person" => Expected::Person(Some(reason(cursor)?)),
        "callback" => Expected::Callback,
        "end" => Expected::End,
        "node" => {
            column = cursor.column();
            Expected::Node(cursor.name("a node")?.to_owned())
        }
        other => {
            return Err(here.problem(
                format!("'{other}' is nothing that a call reaches"),
                "write 'person', 'person REASON', 'callback', 'end' or 'node NAME'",
            ));
        }
    };
    Ok((What::Expect(expected), column))
}

/// As journals have it, or as it is spelt in code: `repeated_request`, `RepeatedRequest`.
fn reason(cursor: &mut Cursor<'_>) -> Result<EscalationReason, TalkProblem> {
    let here = *cursor;
    let name = cursor.word();
    let bare = |name: &str| name.replace('_', "").to_lowercase();
    let mut all = EscalationReason::ALL.into_iter();
    all.find(|reason| bare(reason.name()) == bare(name))
        .ok_or_else(|| {
            let names = EscalationReason::ALL.map(EscalationReason::name);
            here.problem(
                format!("'{name}' is no reason for a person"),
                format!("write one of: {}", names.join(", ")),
            )
        })
}
