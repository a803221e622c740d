//! Scenario files, and what is read from them.

use super::*;
use crate::rtp::Key;
use std::time::Duration;

#[test]
fn every_step_of_one_caller_reads() {
    let text = "title: a call\nvoice: slt\n\n# comment\nexpect prompt a or b within 5s # why\nwait for quiet 300ms within 20s\n\
        wait 1.5s\nsay yes\nsay no after 1s of prompt\nkey 47#\nexpect speech within 2s\nexpect answer within 2s\nexpect ducking within 400ms\n\
        expect stop within 1s\nexpect prompt goes on for 2s\nexpect bye within 10s\nhang up\n";
    let scenario: Scenario = text.parse().unwrap();
    assert_eq!(
        (scenario.title.as_str(), scenario.parties[0].voice.as_str()),
        ("a call", "slt")
    );
    assert_eq!(scenario.steps.len(), 13);
    let first = &scenario.steps[0];
    assert_eq!(
        (first.line, first.text.as_str(), first.who),
        (5, "expect prompt a or b within 5s", 0)
    );
    let names = vec!["a".to_owned(), "b".to_owned()];
    let within = Duration::from_secs(5);
    assert_eq!(first.action, Action::ExpectPrompt { names, within });
    let pressed = ['4', '7', '#']
        .map(|face| Key::try_from(face).unwrap())
        .to_vec();
    let after = None;
    assert_eq!(
        scenario.steps[5].action,
        Action::Key {
            keys: pressed,
            after
        }
    );
}

const SEVERAL: &str = "\
title: two callers and a desk
to: helpline
voice: awb
caller other voice slt from 5550102
agent desk on 127.0.0.1:5071 voice kal16 rings 1s then answers
caller: call
caller: say zh:我 zh:要 人工 after 1s of prompt
desk: expect ring within 4s
agent: expect display \"Anger 87\" or 愤怒
agent: expect header X-Bellhop-Reason demand
agent: expect number of caller
agent: expect whisper within 2s
agent: expect voice of caller within 3s
caller: expect voice of agent within 3s
caller: expect no whisper
caller: expect music within 3s
caller: expect no silence above 4s
other: expect served before caller within 9s
agent: expect stops ringing within 1s
agent: expect no ring for 5s
agent: now is busy
agent: be busy
agent: refuse
agent: answer
agent: hang up
agent: expect bye within 1s
agent: expect idle within 1s
other: hang up
";

#[test]
fn several_parties_are_named_first_and_each_step_says_who_does_it() {
    let scenario: Scenario = SEVERAL.parse().unwrap();
    assert_eq!(scenario.to.as_deref(), Some("helpline"));
    let parties: Vec<_> = scenario
        .parties
        .iter()
        .map(|party| (party.name.as_str(), party.voice.as_str()))
        .collect();
    assert_eq!(
        parties,
        [("caller", "awb"), ("other", "slt"), ("desk", "kal16")]
    );
    let whose: Vec<usize> = scenario.steps.iter().map(|step| step.who).collect();
    assert_eq!(
        whose,
        [
            0, 0, 2, 2, 2, 2, 2, 2, 0, 0, 0, 0, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1
        ]
    );
    let clips = ["zh:我", "zh:要", "人工"].map(str::to_owned).to_vec();
    let after = Some(Duration::from_secs(1));
    assert_eq!(scenario.steps[1].action, Action::Say { clips, after });
    let within = Duration::from_secs(3);
    let voice = Action::ExpectVoiceOf { whom: 2, within };
    assert_eq!(scenario.steps[8].action, voice);
    let texts = ["Anger 87", "愤怒"].map(str::to_owned).to_vec();
    assert_eq!(scenario.steps[3].action, Action::ExpectDisplay(texts));
}

#[test]
fn the_first_caller_may_be_named_too() {
    let text = "caller caller voice slt from 4711\ncall\nhang up";
    let scenario: Scenario = text.parse().unwrap();
    assert_eq!(scenario.parties.len(), 1);
    let number = Some("4711".to_owned());
    assert_eq!(scenario.parties[0].role, Role::Caller { number });
}

#[test]
fn what_cannot_be_read_is_named_with_its_line() {
    let table = [
        ("", "line 1: a scenario needs at least one step"),
        ("wait 1s\nsing", "line 2: 'sing' is no step"),
        (
            "expect prompt a b within 5s",
            "line 1: 'a b' is no list of names",
        ),
        ("expect prompt within 5s", "line 1: '' is no list of names"),
        (
            "\nexpect rain within 1s",
            "line 2: 'expect rain within 1s' cannot be read",
        ),
        ("wait 5", "line 1: '5' is no time"),
        ("wait -1s", "line 1: '-1s' is no time"),
        ("wait 301s", "line 1: '301s' is too long"),
        ("key 4x", "line 1: 'x' stands on no telephone key"),
        ("say \"yes", "line 1: a quotation mark is missing"),
        (
            "say yes after lunch",
            "line 1: 'after lunch' cannot be read",
        ),
        (
            "hang up\nwait 1s",
            "line 2: nothing can be done after 'hang up'",
        ),
        ("expect ring within 1s", "line 1: only an agent's phone"),
        (
            "agent desk on nowhere\ncall",
            "line 1: 'nowhere' is no address",
        ),
        (
            "agent desk on 127.0.0.1:1 sleeps\ncall",
            "line 1: 'sleeps' is no manner",
        ),
        ("agent desk on 127.0.0.1:1\nwait 1s", "line 2: who does it?"),
        (
            "agent desk on 127.0.0.1:1\ndesk: call",
            "line 2: only a caller",
        ),
        (
            "agent desk on 127.0.0.1:1\ncaller: expect voice of nobody within 1s",
            "line 2: nobody is called 'nobody': caller, desk take part",
        ),
        ("caller other\ncaller other", "line 2: 'other' is taken"),
        ("caller other up", "line 1: 'up' cannot be read"),
        (
            "call\ncaller other",
            "line 2: who takes part is said before the first step, which is line 1",
        ),
        ("agent caller on 127.0.0.1:1", "line 1: an agent cannot"),
    ];
    for (text, problem) in table {
        let error = text.parse::<Scenario>().unwrap_err().to_string();
        assert!(error.starts_with(problem), "{text:?}: {error}");
    }
}
