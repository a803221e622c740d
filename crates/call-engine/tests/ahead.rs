//! The tier asked ahead, where the ear's last word is not what its partials were.

use call_engine::Call;
use call_model::{
    CallAction, CallHeader, CallId, CallInput, CallTime, Decision, Heard, Hypothesis, IntentFact,
    IntentNews, IntentQuestion, IntentQuestionId, Language, PerMille, PromptEnd, PromptId,
    RecordingChoice, TurnId,
};
use dialplan::{Plan, PlanSources};
use std::sync::Arc;

const SHOP: &str = include_str!("plans/shop.yaml");

/// A call at the shop's first question, which was heard.
struct Shop {
    call: Call,
    now: CallTime,
    turn: TurnId,
    asked: Vec<IntentQuestion>,
    cancelled: Vec<IntentQuestionId>,
    adopted: Vec<IntentQuestionId>,
    said: Vec<String>,
    filled: usize,
}

impl Shop {
    fn open(language: Language) -> Self {
        let plan = Plan::compile(&PlanSources::of_head(SHOP)).expect("a plan");
        let header = CallHeader {
            call: CallId::new(1, 1),
            sip_call_id: "ahead".to_owned(),
            started_unix_millis: 1,
            trunk: "test".to_owned(),
            caller: "caller".to_owned().into(),
            called: "100".to_owned(),
            plan: plan.name().to_owned(),
            plan_digest: plan.digest().to_owned(),
            engine_version: call_engine::ENGINE_VERSION.to_owned(),
            language,
            language_is_fixed: true,
            tier_is_asked_ahead: true,
            seed: 1,
            recording: RecordingChoice::Off,
        };
        let mut shop = Self {
            call: Call::new(&header, Arc::new(plan)),
            now: CallTime::ZERO,
            turn: TurnId(0),
            asked: Vec::new(),
            cancelled: Vec::new(),
            adopted: Vec::new(),
            said: Vec::new(),
            filled: 0,
        };
        shop.feed(0, CallInput::Answered);
        shop.feed(20, CallInput::PromptStarted(PromptId(1)));
        let (prompt, end) = (PromptId(1), PromptEnd::Finished);
        shop.feed(3_000, CallInput::PromptEnded { prompt, end });
        shop.said.clear();
        shop
    }

    fn feed(&mut self, at: u64, input: CallInput) {
        self.now = CallTime::from_millis(at);
        self.call.handle(self.now, &input);
        while let Some(action) = self.call.poll_action() {
            match action {
                CallAction::Listen { turn, .. } => self.turn = turn,
                CallAction::AskIntent(question) => self.asked.push(*question),
                CallAction::CancelIntent(question) => self.cancelled.push(question),
                CallAction::TellIntent(IntentFact::Adopted { question }) => {
                    self.adopted.push(question);
                }
                CallAction::Play { text, .. } => self.said.push(format!("{:?}", text.pieces.len())),
                CallAction::Decide(Decision::Collected { .. }) => self.filled += 1,
                _ => {}
            }
        }
    }

    /// The caller says this, as far as the ear can tell, and pauses until the tier is asked.
    fn pauses_after(&mut self, words: &str) {
        let turn = self.turn;
        let since = CallTime::from_millis(4_000);
        self.feed(4_080, CallInput::SpeechStarted { since });
        self.feed(5_000, partial(turn, words));
        let since = CallTime::from_millis(5_100);
        self.feed(5_300, CallInput::SpeechEnded { since });
    }

    /// The pause grows long; the ear's last word.
    fn ends_with(&mut self, words: &str, confidence: u16) {
        self.feed(6_000, CallInput::DeadlineReached);
        let best = Hypothesis {
            text: words.to_owned().into(),
            confidence: PerMille::new(confidence),
            words: Vec::new(),
        };
        let heard = Heard::Final {
            turn: self.turn,
            best,
            others: Vec::new(),
            spotted: Vec::new(),
            language: None,
        };
        self.feed(6_100, CallInput::Heard(heard));
    }

    fn tier(&mut self, at: u64, question: u32, news: IntentNews) {
        let question = IntentQuestionId(question);
        self.feed(at, CallInput::Intent { question, news });
    }
}

fn partial(turn: TurnId, words: &str) -> CallInput {
    CallInput::Heard(Heard::Partial {
        turn,
        text: words.to_owned().into(),
        is_complete: false,
        can_continue: true,
        is_doubtful: false,
        spotted: Vec::new(),
    })
}

fn says(text: &str) -> IntentNews {
    let text = text.to_owned().into();
    IntentNews::Say { text }
}

const QUESTIONS: [(Language, &str, &str, &str); 2] = [
    (
        Language::En,
        "do you sell umbrellas",
        "Do you sell umbrellas?",
        "do you sell umbrella stands",
    ),
    (
        Language::Zh,
        "你们卖雨伞吗",
        "你們卖雨伞嗎？",
        "你们卖雨伞架吗",
    ),
];

#[test]
fn the_same_words_written_otherwise_are_the_same_turn() {
    for (language, words, written, _) in QUESTIONS {
        let mut shop = Shop::open(language);
        shop.pauses_after(words);
        assert!(shop.asked[0].is_ahead, "{words}");
        shop.tier(5_400, 1, says("Yes."));
        assert_eq!(shop.said.len(), 0);
        shop.ends_with(written, 850);
        assert_eq!((shop.asked.len(), shop.said.len()), (1, 1), "{words}");
        assert_eq!(shop.adopted, [IntentQuestionId(1)]);
        assert!(shop.cancelled.is_empty());
    }
}

#[test]
fn other_words_or_unsure_ones_are_asked_about_anew_and_the_rest_is_forgotten() {
    for (language, words, _, others) in QUESTIONS {
        for (last, confidence) in [(others, 850), (words, 100)] {
            let mut shop = Shop::open(language);
            shop.pauses_after(words);
            shop.tier(5_400, 1, says("Yes."));
            let (slot, value) = ("order".to_owned(), "4271".to_owned().into());
            shop.tier(5_410, 1, IntentNews::Set { slot, value });
            let node = "look".to_owned();
            shop.tier(5_420, 1, IntentNews::Goto { node });
            shop.ends_with(last, confidence);
            assert_eq!(shop.cancelled, [IntentQuestionId(1)], "{last}");
            assert_eq!((shop.filled, shop.adopted.len()), (0, 0), "{last}");
            shop.tier(6_200, 1, says("No."));
            if confidence == 100 {
                // It fits nothing, and the plan says so.
                assert_eq!(shop.asked.len(), 1);
                continue;
            }
            assert_eq!((shop.asked.len(), shop.said.len()), (2, 0), "{last}");
            let asked = &shop.asked[1];
            assert!(!asked.is_ahead);
            let said: Vec<&str> = (asked.history.iter())
                .map(|line| line.text.reveal().as_str())
                .collect();
            assert_eq!(said.last(), Some(&last), "the turn as it was");
            assert!(!said.contains(&words), "nothing of a turn that never was");
        }
    }
}

#[test]
fn an_answer_ahead_is_as_long_as_any_and_no_longer() {
    let mut shop = Shop::open(Language::En);
    shop.pauses_after("do you sell umbrellas");
    for _ in 0..64 {
        shop.tier(5_400, 1, says("And."));
    }
    assert!(shop.cancelled.is_empty());
    shop.tier(5_410, 1, says("And."));
    assert_eq!(shop.cancelled, [IntentQuestionId(1)]);
    shop.ends_with("do you sell umbrellas", 850);
    assert_eq!((shop.asked.len(), shop.said.len()), (2, 0));
}

#[test]
fn a_deadline_of_an_adopted_question_counts_from_its_asking() {
    let mut shop = Shop::open(Language::En);
    shop.pauses_after("do you sell umbrellas");
    shop.ends_with("do you sell umbrellas", 850);
    assert_eq!(shop.adopted.len(), 1);
    // The plan's two seconds are over at 7.3, not at 8.1.
    shop.feed(7_299, CallInput::DeadlineReached);
    assert_eq!(shop.asked.len(), 1);
    shop.feed(7_300, CallInput::DeadlineReached);
    assert_eq!(shop.cancelled, [IntentQuestionId(1)]);
    assert_eq!((shop.asked.len(), shop.asked[1].attempt), (2, 2));
}

#[test]
fn a_key_in_the_pause_gives_up_what_was_asked_ahead() {
    let mut shop = Shop::open(Language::En);
    shop.pauses_after("do you sell umbrellas");
    shop.tier(5_400, 1, says("Yes."));
    let key = call_model::Key::try_from('2').expect("a key");
    shop.feed(5_500, CallInput::KeyPressed(key));
    assert_eq!(shop.cancelled, [IntentQuestionId(1)]);
    shop.ends_with("do you sell umbrellas", 850);
    assert_eq!((shop.asked.len(), shop.adopted.len()), (1, 0));
}
