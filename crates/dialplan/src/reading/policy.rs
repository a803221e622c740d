//! The rules in a plan's head.

use super::Place;
use super::fields::Fields;
use super::flow::Reading;
use super::values;
use super::yaml::{Item, Value, parse};
use crate::{AskInReply, Otherwise, Pauses, PlanSources, Policy, Problem, ProblemKind, TurnTaking};
use call_model::{EscalationReason, Language, PerMille, RecordingChoice, Score, VoiceAnalysis};
use std::collections::BTreeMap;
use std::time::Duration;

pub(super) const FIELDS: [&str; 22] = [
    "ask_limit",
    "ask_in_reply",
    "anger_above",
    "anger_leave",
    "anger_voice_floor",
    "anger_speech",
    "anger_rest",
    "wait_max",
    "no_progress",
    "withdraw_window",
    "stutter",
    "word_confidence",
    "listen_timeout",
    "inter_digit",
    "hold_on",
    "utterance_max",
    "confidence_min",
    "confirm_below",
    "pauses",
    "barge_in_confirm",
    "backchannel_max",
    "barge_in_resume",
];

pub(super) const PEOPLE: [&str; 5] = [
    "queue",
    "transfer",
    "verified_by",
    "after_person",
    "otherwise",
];

/// How soon a call back is promised where the plan says no time.
const CALLBACK_WITHIN: Duration = Duration::from_secs(24 * 60 * 60);

/// A policy with other rules: those that a text of its own names, as under a head's `policy:`.
///
/// # Errors
/// Every fault of the text, sorted by place.
pub(crate) fn read_alone(
    file: &str,
    text: &str,
    policy: Policy,
    languages: &[Language],
) -> Result<Policy, Vec<Problem>> {
    let sources = PlanSources::default();
    let mut reading = Reading::of(&sources, file);
    reading.languages = languages.to_vec();
    reading.policy = policy;
    match parse(text, &mut reading.problems) {
        Some(item) => reading.read_policy(Some(&item)),
        None if reading.problems.is_empty() => reading.problems.add(
            Place::default(),
            "no rule stands here",
            "write rules such as 'ask_limit: 2', as under a plan's 'policy:'",
        ),
        None => {}
    }
    match reading.problems.is_empty() {
        true => Ok(reading.policy),
        false => Err(reading.problems.into_sorted()),
    }
}

impl Reading<'_> {
    pub(super) fn read_policy(&mut self, item: Option<&Item>) {
        let fields =
            item.and_then(|item| Fields::of(item, "'policy'", &FIELDS, &mut self.problems));
        if let Some(fields) = fields {
            self.read_numbers(fields);
            self.read_scores(fields);
            self.read_times(fields);
            self.read_pauses(fields.get("pauses"));
        }
    }

    fn read_numbers(&mut self, fields: Fields<'_>) {
        let problems = &mut self.problems;
        let escalation = &mut self.policy.escalation;
        let number = fields.get("ask_limit");
        if let Some(limit) = number.and_then(|i| values::number(i, "'ask_limit'", 1..=3, problems))
        {
            escalation.ask_limit = u8::try_from(limit).unwrap_or(u8::MAX);
        }
        let replies = [
            ("transfer", AskInReply::Transfer),
            ("count", AskInReply::Count),
        ];
        let reply = fields.get("ask_in_reply");
        if let Some(reply) =
            reply.and_then(|i| values::choice(i, "'ask_in_reply'", &replies, problems))
        {
            escalation.ask_in_reply = reply;
        }
        let confidences = [
            ("word_confidence", &mut escalation.word_confidence),
            ("confidence_min", &mut self.policy.listening.confidence_min),
            ("confirm_below", &mut self.policy.listening.confirm_below),
        ];
        for (name, confidence) in confidences {
            let item = fields.get(name);
            if let Some(percent) = item.and_then(|i| values::number(i, name, 0..=100, problems)) {
                *confidence = PerMille::new(percent * 10);
            }
        }
    }

    fn read_scores(&mut self, fields: Fields<'_>) {
        let escalation = &mut self.policy.escalation;
        let scores: [(&str, &mut Score); 3] = [
            ("anger_above", &mut escalation.anger_above),
            ("anger_leave", &mut escalation.anger_leave),
            ("anger_voice_floor", &mut escalation.anger_voice_floor),
        ];
        for (name, score) in scores {
            let item = fields.get(name);
            if let Some(read) = item.and_then(|i| values::score(i, name, &mut self.problems)) {
                *score = read;
            }
        }
        if escalation.anger_leave >= escalation.anger_above {
            let at = fields
                .get("anger_leave")
                .or(fields.get("anger_above"))
                .map_or(fields.at, |i| i.at);
            self.problems.add(
                at,
                "anger is left where it begins, or above",
                "'anger_leave' lies below 'anger_above'",
            );
        }
    }

    fn read_times(&mut self, fields: Fields<'_>) {
        let Policy {
            escalation,
            listening,
            barge_in,
            ..
        } = &mut self.policy;
        let times: [(&str, &mut Duration); 12] = [
            ("anger_speech", &mut escalation.anger_speech),
            ("anger_rest", &mut escalation.anger_rest),
            ("wait_max", &mut escalation.wait_max),
            ("no_progress", &mut escalation.no_progress),
            ("withdraw_window", &mut escalation.withdraw_window),
            ("stutter", &mut escalation.stutter),
            ("listen_timeout", &mut listening.timeout),
            ("inter_digit", &mut listening.inter_digit),
            ("hold_on", &mut listening.hold_on),
            ("utterance_max", &mut listening.utterance_max),
            ("barge_in_confirm", &mut barge_in.confirm_after),
            ("barge_in_resume", &mut barge_in.resume_after),
        ];
        for (name, time) in times
            .into_iter()
            .chain([("backchannel_max", &mut barge_in.backchannel_max)])
        {
            let item = fields.get(name);
            if let Some(read) = item.and_then(|i| values::duration(i, name, &mut self.problems)) {
                *time = read;
            }
        }
    }

    /// `pauses: {en: {digits: {open: 900ms}}}`.
    fn read_pauses(&mut self, item: Option<&Item>) {
        let tags: Vec<&str> = self.languages.iter().map(|l| l.tag()).collect();
        let languages =
            item.and_then(|item| Fields::of(item, "'pauses'", &tags, &mut self.problems));
        for language in self.languages.clone() {
            let Some(item) = languages.and_then(|fields| fields.get(language.tag())) else {
                continue;
            };
            let kinds = ["choice", "digits", "yes_no"];
            let Some(fields) = Fields::of(item, "'pauses'", &kinds, &mut self.problems) else {
                continue;
            };
            let mut taking = TurnTaking::usual(language);
            for (kind, pauses) in
                kinds
                    .into_iter()
                    .zip([&mut taking.choice, &mut taking.digits, &mut taking.yes_no])
            {
                if let Some(item) = fields.get(kind) {
                    self.read_pause(item, pauses);
                }
            }
            self.policy.turn_taking.insert(language, taking);
        }
    }

    fn read_pause(&mut self, item: &Item, pauses: &mut Pauses) {
        let kinds = ["complete", "open", "incomplete"];
        let Some(fields) = Fields::of(item, "a kind of pause", &kinds, &mut self.problems) else {
            return;
        };
        for (kind, pause) in kinds.into_iter().zip([
            &mut pauses.complete,
            &mut pauses.open,
            &mut pauses.incomplete,
        ]) {
            let item = fields.get(kind);
            if let Some(read) = item.and_then(|i| values::duration(i, kind, &mut self.problems)) {
                *pause = read;
            }
        }
    }

    /// `recording: on`, `required` or `off`, and with it `notice: a-node` or `none`.
    pub(super) fn read_recording(&mut self, head: Fields<'_>) -> Option<(Place, String)> {
        let choices = [
            ("on", RecordingChoice::On),
            ("required", RecordingChoice::On),
            ("off", RecordingChoice::Off),
        ];
        let Some(item) = head.get("recording") else {
            self.problems.tell(
                ProblemKind::RecordingNotice,
                head.at,
                "nothing says whether calls are recorded",
                "add 'recording: on' or 'recording: off'",
            );
            return None;
        };
        let recording = values::choice(item, "'recording'", &choices, &mut self.problems)?;
        self.policy.recording = recording;
        self.must_record = values::as_text(item).is_some_and(|text| text == "required");
        match head.get("notice") {
            Some(notice) if values::as_text(notice).is_some_and(|text| text == "none") => None,
            Some(notice) => {
                let node = values::text(notice, "'notice'", &mut self.problems)?;
                self.policy.recording_notice = Some(node.to_owned());
                Some((notice.at, node.to_owned()))
            }
            None if recording == RecordingChoice::On => {
                self.problems.tell(ProblemKind::RecordingNotice,item.at, "calls are recorded and nobody is told", "add 'notice: the-start-node' (a 'say' marked 'legal: true'), or 'notice: none'");
                None
            }
            None => None,
        }
    }

    /// `voice_analysis: on` or `off`, in the head or at a node.
    pub(super) fn read_voice_analysis(&mut self, item: &Item) -> Option<VoiceAnalysis> {
        let choices = [("on", VoiceAnalysis::On), ("off", VoiceAnalysis::Off)];
        values::choice(item, "'voice_analysis'", &choices, &mut self.problems)
    }

    /// `people: {queue: desk, transfer: sip:…, verified_by: a_slot, otherwise: callback}`.
    pub(super) fn read_people(&mut self, head: Fields<'_>) -> Option<(Place, String)> {
        let Some(item) = head.get("people") else {
            self.problems.tell(
                ProblemKind::NoAfterHours,
                head.at,
                "nothing says what happens when a person is wanted and none is there",
                "add 'people:' with 'otherwise: callback'",
            );
            return None;
        };
        let fields = Fields::of(item, "'people'", &PEOPLE, &mut self.problems)?;
        let transfer = fields.get("transfer");
        self.policy.people.transfer =
            transfer.and_then(|item| self.sip_address(item, "'transfer'"));
        if let Some(item) = transfer {
            self.refuse_leaving_the_record(item, "take 'transfer' out and name a 'queue'");
        }
        let queue = fields.get("queue");
        let queue = queue.and_then(|item| values::name(item, "a queue", &mut self.problems));
        self.policy.people.queue = queue.map(str::to_owned);
        if let Some(item) = fields.get("verified_by")
            && let Some(slot) = values::name(item, "a slot", &mut self.problems)
        {
            self.marks.slots_used.push((item.at, slot.to_owned()));
            self.policy.people.verified_by = Some(slot.to_owned());
        }
        match fields.get("otherwise") {
            Some(item) => self.policy.people.otherwise = self.read_otherwise(item),
            None => self.problems.tell(
                ProblemKind::NoAfterHours,
                item.at,
                "nothing says what happens after hours, or when nobody answers",
                "add 'otherwise: callback', or a way for each reason",
            ),
        }
        let item = fields.get("after_person")?;
        let node = values::name(item, "a node", &mut self.problems)?;
        self.policy.people.after_person = Some(node.to_owned());
        Some((item.at, node.to_owned()))
    }

    /// Who is sent elsewhere (RFC 3515) is on record no longer.
    pub(super) fn refuse_leaving_the_record(&mut self, item: &Item, remedy: &str) {
        if self.must_record {
            let message = "calls must be on record to their end, and here they leave this server";
            let remedy = format!("{remedy}, or say 'recording: on'");
            let kind = ProblemKind::LeavesRecord;
            self.problems.tell(kind, item.at, message, remedy);
        }
    }

    fn read_otherwise(&mut self, item: &Item) -> BTreeMap<EscalationReason, Otherwise> {
        let is_one_way = match &item.value {
            Value::Map(entries) => entries
                .iter()
                .all(|e| matches!(e.key.as_str(), "callback" | "call")),
            Value::Scalar(_) | Value::List(_) => true,
        };
        if is_one_way {
            let way = self.way(item);
            return EscalationReason::ALL
                .into_iter()
                .filter_map(|reason| Some((reason, way.clone()?)))
                .collect();
        }
        let mut known = vec!["default"];
        known.extend(EscalationReason::ALL.map(EscalationReason::name));
        let Some(fields) = Fields::of(item, "'otherwise'", &known, &mut self.problems) else {
            return BTreeMap::new();
        };
        let usual = fields.get("default").and_then(|item| self.way(item));
        let mut ways = BTreeMap::new();
        let mut missing = Vec::new();
        for reason in EscalationReason::ALL {
            let own = fields.get(reason.name());
            match own.map_or_else(|| usual.clone(), |item| self.way(item)) {
                Some(way) => {
                    ways.insert(reason, way);
                }
                None if own.is_none() => missing.push(reason.name()),
                None => {}
            }
        }
        if !missing.is_empty() && fields.get("default").is_none() {
            let message = format!("no way after hours for: {}", missing.join(", "));
            self.problems.tell(
                ProblemKind::NoAfterHours,
                item.at,
                message,
                "add 'default: callback', or a way for each",
            );
        }
        ways
    }

    /// `callback`, `{callback: 4h}` or `{call: sip:…}`.
    fn way(&mut self, item: &Item) -> Option<Otherwise> {
        if values::as_text(item).is_some() {
            let callback = Otherwise::Callback {
                within: CALLBACK_WITHIN,
            };
            return values::choice(item, "a way", &[("callback", callback)], &mut self.problems);
        }
        let fields = Fields::of(item, "a way", &["callback", "call"], &mut self.problems)?;
        if let Some(item) = fields.get("call") {
            let number = self.sip_address(item, "'call'")?;
            return Some(Otherwise::OnCall { number });
        }
        let within = values::duration(fields.get("callback")?, "'callback'", &mut self.problems)?;
        Some(Otherwise::Callback { within })
    }

    /// An address to transfer to.
    fn sip_address(&mut self, item: &Item, what: &str) -> Option<String> {
        let text = values::text(item, what, &mut self.problems)?;
        if is_transfer_address(text) {
            return Some(text.to_owned());
        }
        self.problems.add(
            item.at,
            format!("'{text}' is no address to transfer to"),
            "write 'sip:desk@10.0.0.5' or 'tel:+86101234567'",
        );
        None
    }
}

/// Whether this is a SIP or telephone address (RFC 3261 §19.1, RFC 3966); its finer form is the trunk's to judge.
pub(crate) fn is_transfer_address(text: &str) -> bool {
    let rest = ["sip:", "sips:", "tel:"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme));
    rest.is_some_and(|rest| {
        let is_fit = |b: u8| b.is_ascii_graphic() && !b"<>\"".contains(&b);
        !rest.is_empty() && rest.bytes().all(is_fit)
    })
}

impl Policy {
    /// What holds where a plan says nothing.
    pub(crate) fn usual(languages: &[Language]) -> Self {
        Self {
            escalation: Default::default(),
            turn_taking: languages
                .iter()
                .map(|l| (*l, TurnTaking::usual(*l)))
                .collect(),
            barge_in: Default::default(),
            listening: Default::default(),
            recording: RecordingChoice::Off,
            recording_notice: None,
            voice_analysis: VoiceAnalysis::On,
            people: Default::default(),
            intent: None,
        }
    }
}
