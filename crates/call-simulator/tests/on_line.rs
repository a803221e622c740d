//! Conversations on a real line: what the caller is told to do, and how the journal of such a call is
//! held against what was written.

use call_model::{
    CallAction, CallHeader, CallId, CallInput, CallOutcome, CallTime, Decision, HungUp,
    JournalEntry, JournalLine, Key, Language, Pace, PerMille, PersonFailure, PersonOutcome,
    Private, PromptId, PromptPiece, PromptText, RecordingChoice,
};
use call_simulator::talk::{CallScript, Rehearsal, Talk, read_talks};
use dialplan::{Plan, PlanSources};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const PLAN: &str = r#"
plan: orders
languages: [en, zh]
start: menu
recording: off
people: { queue: desk, otherwise: callback }
intent: { tier: remote, whole: 8s }
nodes:
  menu:
    ask: { en: What can I do for you?, zh: 请问有什么可以帮您？ }
    open: { en: [a dog, a cat], zh: [狗] }
    routes: { number: { en: [my order], zh: [订单], key: 1 } }
    no_input: [{ en: Please tell me., zh: 请讲。 }, { then: person }]
  number:
    collect: { en: Its number please., zh: 请按号码。 }
    slot: order
    digits: 4
    no_input: [{ then: person }]
    next: look_up
  look_up:
    api:
      url: "http://127.0.0.1:8099/orders/{order}?by={call_number}"
      keep: { state: /state }
      deadline: 2s
    say: { en: One moment., zh: 请稍候。 }
    next: told
    error: sorry
  told: { say: { en: "It is {state}.", zh: "{state}。" }, next: bye }
  sorry: { say: { en: We cannot tell., zh: 查不到。 }, next: bye }
  bye: { end: { en: Goodbye., zh: 再见。 } }
"#;

/// A Thursday at noon, UTC.
const NOW: u64 = 1_795_608_000_000;

fn plan() -> Arc<Plan> {
    let plan = Plan::compile(&PlanSources::of_head(PLAN));
    Arc::new(plan.expect("a plan"))
}

fn rehearsal() -> Rehearsal {
    Rehearsal::of(plan())
}

/// As a caller plays it now, with recordings in `/talks`.
fn written(text: &str) -> Result<CallScript, String> {
    rehearsal().call_script(&talk(text), &place, NOW)
}

fn place(file: &str) -> PathBuf {
    Path::new("/talks").join(file)
}

fn talk(text: &str) -> Talk {
    let mut talks = read_talks(text).expect("a conversation");
    talks.remove(0)
}

const ASKED: &str = "# Where is it\n\
    language en\n\
    fact caller +8613800000000\n\
    api look_up: slow 1s 200 {\"state\": \"packed\"}\n\
    caller: my order\n\
    silence 2s\n\
    keys: 4271\n\
    slot order = 4271\n\
    bot told: \"is packed\"\n\
    reaches end\n";

#[test]
fn a_conversation_becomes_what_its_caller_does() {
    let script = written(ASKED).expect("a caller can play it");
    let wanted = "title: Where is it\n\
        to: orders-en\n\
        caller caller from +8613800000000\n\
        expect speech within 20s\n\
        wait for quiet 2200ms within 120s\n\
        say text:\"my order\"\n\
        expect speech within 20s\n\
        wait for quiet 2200ms within 120s\n\
        wait 2000ms\n\
        key 4271\n\
        expect bye within 60s\n";
    assert_eq!(script.call, wanted);
    let answers = "- get: \"/orders/{order}\"\n  status: 200\n  after_ms: 1000\n  \
                   answer: {\"state\": \"packed\"}\n";
    assert_eq!(script.back_end, answers);
}

#[test]
fn silence_lasts_as_long_as_the_bot_waits() {
    let text = "# Nobody speaks\nlanguage en\nsilence\nbot menu: \"tell me\"\nhangs up\n";
    let script = written(text).expect("playable");
    let waits: Vec<&str> = script.call.lines().filter(|l| l.ends_with("ms")).collect();
    let millis = waits[0].trim_start_matches("wait ").trim_end_matches("ms");
    assert!(
        (5_000..9_000).contains(&millis.parse().expect("a time")),
        "{waits:?}"
    );
    assert!(script.call.ends_with("hang up\n"), "{}", script.call);
}

#[test]
fn what_nobody_understands_is_said_in_words_of_no_plan() {
    let text = "# A mumble\nlanguage zh\nunclear\nhangs up\n";
    let script = written(text).expect("playable");
    let said = script.call.lines().find_map(|l| l.strip_prefix("say "));
    let words = said.and_then(|said| said.strip_prefix("text:"));
    let words = words.expect("a made voice says it").trim_matches('"');
    for language in [Language::En, Language::Zh] {
        assert_eq!(plan().understand("menu", language, words), []);
    }
}

#[test]
fn what_no_caller_can_bring_about_is_told_with_its_line_and_the_reason() {
    for (lines, why) in [
        (
            "ear is lost",
            "line 3: 'ear is lost': a recogniser is not taken away",
        ),
        (
            "reaches end",
            "line 3: it departs from its script in virtual time",
        ),
        (
            "unclear\nangry 90\nunclear",
            "line 3: 'unclear': line 4 ('angry 90') scores the caller's voice",
        ),
        (
            "keys: 0\nkeys: 0\nqueue is full",
            "line 5: 'queue is full': nobody else calls",
        ),
    ] {
        let told = written(&format!("# A\nlanguage en\n{lines}\n"));
        let told = told.expect_err("nobody can play it");
        assert!(told.contains(why), "{lines}: {told}");
    }
    let dated = written("# A\nlanguage en\nat 2026-11-25 21:30\nhangs up\n");
    assert!(dated.expect_err("a date").contains("at 2026-11-25 21:30"));
    let called = written("# A\nlanguage en\nfact called 400\nhangs up\n");
    assert!(called.expect_err("a number").contains("fact called 400"));
}

#[test]
fn a_transfer_to_an_address_of_the_plans_is_not_played() {
    let plan = PLAN.replace("queue: desk", "transfer: sip:desk@example.org");
    let plan = Plan::compile(&PlanSources::of_head(plan)).expect("a plan");
    let text = "# A\nlanguage en\nkeys: 0\nkeys: 0\nperson answers\n";
    let told = Rehearsal::of(Arc::new(plan)).call_script(&talk(text), &place, NOW);
    let told = told.expect_err("no phone of ours is there");
    assert!(
        told.starts_with("line 5: 'person answers': the plan transfers"),
        "{told}"
    );
}

#[test]
fn a_persons_phone_does_what_the_conversation_says() {
    let text = "# A\nlanguage en\nkeys: 0\nkeys: 0\nperson is busy\nkeys: 1\nreaches callback\n";
    let script = written(text).expect("playable");
    assert_eq!(script.needs.name(), "usual");
    let wanted = "title: A\n\
        to: orders-en\n\
        agent desk on 127.0.0.1:15071\n\
        agent overflow on 127.0.0.1:15072 is busy\n";
    assert!(script.call.starts_with(wanted), "{}", script.call);
    let after = "caller: key 0\n\
        desk: expect ring within 60s\n\
        desk: wait 1000ms\n\
        desk: be busy\n\
        caller: expect speech within 20s\n\
        caller: wait for quiet 1200ms within 120s\n\
        caller: key 1\n";
    assert!(script.call.contains(after), "{}", script.call);
    let nobody = text.replace("person is busy", "nobody is there");
    let script = written(&nobody).expect("playable");
    assert_eq!(script.needs.name(), "closed");
    assert!(!script.call.contains("desk"), "{}", script.call);
}

#[test]
fn an_agent_who_answers_and_hangs_up_leaves_the_caller_with_the_bot() {
    let text = "# A\nlanguage en\nkeys: 0\nkeys: 0\nperson answers\nperson hangs up\nhangs up\n";
    let script = written(text).expect("playable");
    let after = "desk: answer\n\
        desk: wait 4000ms\n\
        desk: hang up\n\
        caller: expect speech within 20s\n";
    assert!(script.call.contains(after), "{}", script.call);
}

#[test]
fn what_the_intent_tier_says_is_written_question_by_question() {
    let text = "# A\nlanguage en\ntier says \"Of course.\"\ntier asks\ncaller: a dog\n\
                bot: \"Of course\"\ntier is down\ncaller: a cat\nhangs up\n";
    let script = written(text).expect("playable");
    assert_eq!(script.needs.name(), "tier");
    let wanted = "[{\"text\":\"Of course.\",\"type\":\"say\"},{\"type\":\"ask\"}]\n\
                  \"down\"\n\"down\"\n";
    assert_eq!(script.tier, wanted);
    // The last is asked without an answer, as if there were no tier.
    let more = text.replace("tier is down\n", "");
    let told = written(&more).expect_err("nobody answers the second");
    assert!(told.contains("asked more than"), "{told}");
}

#[test]
fn a_voice_that_is_scored_is_a_recording() {
    let text = "# A\nlanguage en\nrecording calm.wav caller: my order\nangry 90\n\
                over \"number\" recording a.flac b.flac unclear\nhangs up\n";
    let script = written(text).expect("playable");
    assert_eq!(script.needs.name(), "voice");
    for line in [
        "say file:\"/talks/calm.wav\"\n",
        "expect prompt number within 60s\nsay file:\"/talks/a.flac\" file:\"/talks/b.flac\"\n",
    ] {
        assert!(script.call.contains(line), "{}", script.call);
    }
}

#[test]
fn recorded_words_speak_mandarin_and_a_back_end_may_be_down() {
    let text = "# 查订单\nlanguage zh\napi look_up: down\ncaller: 订单\nkeys: 4271\n\
                bot sorry\nreaches end\n";
    let script = written(text).expect("playable");
    assert!(script.call.contains("to: orders-zh\n"), "{}", script.call);
    assert!(script.call.contains("say zh:订单\n"), "{}", script.call);
    let wanted = "- get: \"/orders/{order}\"\n  breaks_off: true\n";
    assert_eq!(script.back_end, wanted);
}

#[test]
fn a_back_end_that_changes_its_answer_gives_each_as_often_as_it_is_asked() {
    let plan = PLAN.replace("error: sorry", "error: sorry\n    not_found: number");
    let text = "# 查订单\nlanguage en\nfact caller 1\napi look_up: 404\nkeys: 1\nkeys: 4270\nbot number\n\
                keys: 4279\nbot number\napi look_up: 200 {\"state\": \"packed\"}\nkeys: 4271\n\
                bot told\nreaches end\n";
    let plan = Plan::compile(&PlanSources::of_head(plan)).expect("a plan");
    let rehearsal = Rehearsal::of(Arc::new(plan));
    let script = rehearsal.call_script(&talk(text), &place, NOW);
    let wanted = "- get: \"/orders/{order}\"\n  times: 2\n  status: 404\n  after_ms: 0\n  answer: {}\n\
                  - get: \"/orders/{order}\"\n  status: 200\n  after_ms: 0\n  answer: {\"state\": \"packed\"}\n";
    assert_eq!(script.expect("playable").back_end, wanted);
    let down = text
        .replace("look_up: 404", "look_up: down")
        .replace("bot number", "bot sorry");
    let told = rehearsal.call_script(&talk(&down), &place, NOW);
    assert!(told.expect_err("the call is over").starts_with("line "));
}

fn header() -> CallHeader {
    CallHeader {
        call: CallId::new(NOW, 1),
        sip_call_id: "one@127.0.0.1".to_owned(),
        started_unix_millis: NOW,
        trunk: "local".to_owned(),
        caller: Private::new("+8613800000000".to_owned()),
        called: "orders-en".to_owned(),
        plan: "orders".to_owned(),
        plan_digest: String::new(),
        engine_version: String::new(),
        language: Language::En,
        language_is_fixed: true,
        tier_is_asked_ahead: false,
        seed: 1,
        recording: RecordingChoice::Off,
    }
}

fn entered(node: &str) -> JournalEntry {
    JournalEntry::Out(CallAction::Decide(Decision::Entered {
        node: node.to_owned(),
        is_sensitive: false,
    }))
}

fn says(words: &str) -> JournalEntry {
    JournalEntry::Out(CallAction::Play {
        prompt: PromptId(1),
        text: PromptText {
            language: Language::En,
            pieces: vec![PromptPiece::Text(Private::new(words.to_owned()))],
            pace: Pace::USUAL,
        },
        interruption: Default::default(),
    })
}

fn keyed(face: char) -> JournalEntry {
    JournalEntry::In(CallInput::KeyPressed(Key::try_from(face).expect("a key")))
}

/// A call in which keys led to what was told.
fn journal(told: &str) -> Vec<JournalLine> {
    let collected = Decision::Collected {
        slot: "order".to_owned(),
        value: Private::new("4271".to_owned()),
        confidence: PerMille::ONE,
    };
    let mut entries = vec![
        entered("menu"),
        says("What can I do for you?"),
        keyed('1'),
        entered("number"),
        says("Its number please."),
    ];
    entries.extend("4271".chars().map(keyed));
    entries.extend([
        JournalEntry::Out(CallAction::Decide(collected)),
        entered("look_up"),
        entered("told"),
        says(told),
    ]);
    let times = (0..).map(|number| CallTime::from_millis(number * 500));
    let lines = times
        .zip(entries)
        .map(|(at, entry)| JournalLine::At(at, entry));
    let end = CallOutcome::Ended(HungUp::ByCaller);
    let begin = JournalLine::Begin(Box::new(header()));
    let end = JournalLine::End(CallTime::from_millis(60_000), end);
    std::iter::once(begin).chain(lines).chain([end]).collect()
}

const KEYED: &str = "# Keys\n\
    language en\n\
    api look_up: 200 {\"state\": \"packed\"}\n\
    bot menu\n\
    keys: 1\n\
    bot number: \"number\"\n\
    keys: 4271\n\
    slot order = 4271\n\
    bot told: \"is packed\"\n\
    hangs up\n";

#[test]
fn a_call_that_went_as_written_is_found_so_by_its_journal() {
    let departure = rehearsal().departure(&talk(KEYED), &journal("It is packed."));
    assert_eq!(departure, None);
}

#[test]
fn news_of_a_person_must_have_come_to_the_call() {
    let text = "# Keys\nlanguage en\nbot menu\nkeys: 1\nperson is busy\nbot number: \"number\"\n";
    let news = |why| JournalEntry::In(CallInput::Person(PersonOutcome::Failed(why)));
    let mut lines = journal("It is packed.");
    let departure = rehearsal().departure(&talk(text), &lines).expect("no news");
    assert_eq!(departure.line, 5);
    assert!(departure.got.contains("did not come about"), "{departure}");
    let at = CallTime::from_millis(1_600);
    lines.insert(5, JournalLine::At(at, news(PersonFailure::Refused)));
    assert!(rehearsal().departure(&talk(text), &lines).is_some());
    lines.insert(5, JournalLine::At(at, news(PersonFailure::Busy)));
    // What was said before the news does not count as said after it.
    assert_eq!(rehearsal().departure(&talk(text), &lines), None);
    let late = lines.remove(5);
    lines.insert(8, late);
    let departure = rehearsal()
        .departure(&talk(text), &lines)
        .expect("too late");
    assert_eq!(departure.line, 6);
}

#[test]
fn a_call_that_departed_is_told_with_its_line_and_what_was_so_instead() {
    let departure = rehearsal().departure(&talk(KEYED), &journal("It is lost."));
    let departure = departure.expect("it departed");
    assert_eq!(departure.line, 9);
    assert!(
        departure.got.contains("told: \"It is lost.\""),
        "{departure}"
    );
}

#[test]
fn what_never_reached_the_bot_is_told_at_its_line() {
    let speaks = KEYED.replace("keys: 1\n", "caller: my order\n");
    let departure = rehearsal().departure(&talk(&speaks), &journal("It is packed."));
    let departure = departure.expect("nobody spoke");
    assert_eq!(departure.line, 5);
    assert!(
        departure.got.contains("nothing of it reached the bot"),
        "{departure}"
    );
    let other = KEYED.replace("keys: 4271\n", "keys: 4272\n");
    let departure = rehearsal().departure(&talk(&other), &journal("It is packed."));
    assert_eq!(departure.expect("other keys").got, "keys 4271");
    assert!(rehearsal().departure(&talk(KEYED), &[]).is_some());
}
