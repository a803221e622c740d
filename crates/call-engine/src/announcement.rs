//! What a person is told before they have the caller: why, about what, and
//! whether the caller is verified. Once for the display of their telephone, once
//! as a sentence that is spoken to them alone.

use call_model::{
    EscalationReason, Evidence, Language, Pace, Private, PromptPiece, PromptText, Score,
};

/// What an announcement is made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Announced<'a> {
    pub(crate) reason: EscalationReason,
    pub(crate) evidence: &'a Evidence,
    /// What the caller was at, as the plan calls it.
    pub(crate) topic: Option<&'a str>,
    pub(crate) verified: Verified,
    pub(crate) language: Language,
}

/// Whether the plan knows who calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verified {
    /// The plan verifies nobody.
    NotAsked,
    No,
    Yes,
}

/// Four seconds of speech at a usual pace (150 English words a minute, 240
/// characters of Mandarin) hold so much.
const ENGLISH_WORDS: usize = 10;
const CHINESE_CHARACTERS: usize = 16;

impl Announced<'_> {
    /// For the telephone, e.g. `愤怒87·挂失·已核身` or `Anger 87·order·verified`.
    pub(crate) fn display(&self) -> Private<String> {
        Private::new(self.parts().join("·"))
    }

    /// For the ear, at most four seconds of it: where all of it is too long, the
    /// topic goes first, then whether the caller is verified.
    pub(crate) fn whisper(&self) -> PromptText {
        let parts = self.parts();
        let reason = &parts[..1];
        let verified = match self.verified {
            Verified::NotAsked => reason.to_vec(),
            Verified::No | Verified::Yes => [reason, &parts[parts.len() - 1..]].concat(),
        };
        let mut tries = [parts.clone(), verified].into_iter();
        let short = tries.find(|parts| is_short(&self.sentence(parts), self.language));
        let sentence = self.sentence(short.as_deref().unwrap_or(reason));
        PromptText {
            language: self.language,
            pieces: vec![PromptPiece::Text(Private::new(sentence))],
            pace: Pace::USUAL,
        }
    }

    fn parts(&self) -> Vec<String> {
        let mut parts = vec![self.why()];
        parts.extend(self.topic.map(str::to_owned));
        let verified = match (self.verified, self.language) {
            (Verified::NotAsked, _) => None,
            (Verified::No, Language::En) => Some("not verified"),
            (Verified::No, Language::Zh) => Some("未核身"),
            (Verified::Yes, Language::En) => Some("verified"),
            (Verified::Yes, Language::Zh) => Some("已核身"),
        };
        parts.extend(verified.map(str::to_owned));
        parts
    }

    fn sentence(&self, parts: &[String]) -> String {
        match self.language {
            Language::En => format!("{}.", parts.join(", ")),
            Language::Zh => format!("{}。", parts.join("，")),
        }
    }

    fn why(&self) -> String {
        let named = |en: &str, zh: &str| match self.language {
            Language::En => en.to_owned(),
            Language::Zh => zh.to_owned(),
        };
        match self.reason {
            EscalationReason::Demand => named("Complaint", "投诉"),
            // The caller declined since to have the voice scored.
            EscalationReason::Anger if self.evidence.anger.voice == Score::ZERO => {
                named("Anger", "愤怒")
            }
            EscalationReason::Anger => {
                let points = self.evidence.anger.fused.tenths() / 10;
                named(&format!("Anger {points}"), &format!("愤怒{points}"))
            }
            EscalationReason::RepeatedRequest => {
                let asks = self.evidence.asks.len();
                named(
                    &english_requests(asks),
                    &format!("第{}次要求人工", chinese_number(asks)),
                )
            }
            EscalationReason::Asked => named("Asked for a person", "要求人工"),
            // The wait raised them; what they came for weighs more.
            EscalationReason::Wait if !self.evidence.demands.is_empty() => {
                named("Complaint after a long wait", "投诉且等待过久")
            }
            EscalationReason::Wait => named("Long wait", "等待过久"),
            EscalationReason::NoProgress => named("No progress", "办理不顺"),
            EscalationReason::PlanHandoff => named("Transfer", "转接"),
            EscalationReason::IntentTransfer => named("Passed on by the bot", "机器人转接"),
            EscalationReason::Ladder => named("Not understood", "未能听懂"),
            EscalationReason::EarLost => named("Hearing failed", "识别故障"),
            EscalationReason::Fault => named("System fault", "系统故障"),
        }
    }
}

/// Whether a sentence is spoken within four seconds. A figure takes a word or a
/// character for each of its digits.
fn is_short(sentence: &str, language: Language) -> bool {
    match language {
        Language::En => {
            let words = sentence
                .split([' ', '-', '_'])
                .filter(|word| !word.is_empty());
            let spoken = words.map(|word| {
                let digits = word.bytes().filter(u8::is_ascii_digit).count();
                digits.max(1)
            });
            spoken.sum::<usize>() <= ENGLISH_WORDS
        }
        Language::Zh => {
            let spoken = sentence.chars().filter(|c| c.is_alphanumeric());
            spoken.count() <= CHINESE_CHARACTERS
        }
    }
}

fn english_requests(n: usize) -> String {
    match n {
        0 | 1 => "First request".to_owned(),
        2 => "Second request".to_owned(),
        3 => "Third request".to_owned(),
        more => format!("{more} requests"),
    }
}

fn chinese_number(n: usize) -> String {
    const FIGURES: [&str; 10] = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十"];
    match FIGURES.get(n.saturating_sub(1)) {
        Some(figure) => (*figure).to_owned(),
        None => n.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use call_model::{AngerEvidence, AskEvidence, AskMeans, CallTime, Score};

    fn evidence() -> Evidence {
        let ask = |n: u64| AskEvidence {
            means: AskMeans::KeyZero,
            at: CallTime::from_millis(n),
        };
        Evidence {
            asks: (0..3).map(ask).collect(),
            anger: AngerEvidence {
                voice: Score::from_tenths(800),
                fused: Score::from_tenths(874),
                ..AngerEvidence::default()
            },
            ..Evidence::default()
        }
    }

    fn told(
        reason: EscalationReason,
        topic: Option<&str>,
        verified: Verified,
        language: Language,
    ) -> (String, String) {
        let evidence = evidence();
        let announced = Announced {
            reason,
            evidence: &evidence,
            topic,
            verified,
            language,
        };
        let [PromptPiece::Text(spoken)] = &announced.whisper().pieces[..] else {
            panic!("one sentence");
        };
        let shown = announced.display().into_revealed();
        (shown, spoken.reveal().clone())
    }

    #[test]
    fn a_person_sees_and_hears_why_about_what_and_whether_verified() {
        use EscalationReason as Reason;
        for (reason, topic, verified, language, shown, spoken) in [
            (
                Reason::Anger,
                Some("挂失"),
                Verified::Yes,
                Language::Zh,
                "愤怒87·挂失·已核身",
                "愤怒87，挂失，已核身。",
            ),
            (
                Reason::Anger,
                Some("order"),
                Verified::Yes,
                Language::En,
                "Anger 87·order·verified",
                "Anger 87, order, verified.",
            ),
            (
                Reason::RepeatedRequest,
                None,
                Verified::No,
                Language::Zh,
                "第三次要求人工·未核身",
                "第三次要求人工，未核身。",
            ),
            (
                Reason::RepeatedRequest,
                None,
                Verified::NotAsked,
                Language::En,
                "Third request",
                "Third request.",
            ),
        ] {
            let told = told(reason, topic, verified, language);
            assert_eq!(told, (shown.to_owned(), spoken.to_owned()));
        }
    }

    #[test]
    fn a_long_wait_does_not_hide_a_complaint() {
        let mut evidence = evidence();
        evidence.demands.push(call_model::WordEvidence {
            word: "投诉".to_owned(),
            at: CallTime::ZERO,
            confidence: call_model::PerMille::ONE,
            text: String::new().into(),
        });
        for (language, shown) in [
            (Language::En, "Complaint after a long wait"),
            (Language::Zh, "投诉且等待过久"),
        ] {
            let announced = Announced {
                reason: EscalationReason::Wait,
                evidence: &evidence,
                topic: None,
                verified: Verified::NotAsked,
                language,
            };
            assert_eq!(announced.display().into_revealed(), shown);
        }
    }

    #[test]
    fn a_whisper_lasts_four_seconds_at_most_and_always_tells_the_reason() {
        let topics = [
            (Language::En, "a long and winding story of a lost card"),
            (Language::Zh, "信用卡遗失之后的挂失补办以及解除挂失手续"),
        ];
        for (language, topic) in topics {
            for reason in EscalationReason::ALL {
                for verified in [Verified::NotAsked, Verified::No, Verified::Yes] {
                    let (shown, spoken) = told(reason, Some(topic), verified, language);
                    assert!(is_short(&spoken, language), "{spoken}");
                    assert!(shown.contains(topic), "{shown}");
                    let why = shown.split('·').next().expect("a reason");
                    assert!(spoken.starts_with(why), "{spoken} without {why}");
                }
            }
        }
    }
}
