use super::*;
use crate::talk::script::{Act, BackEnd, Expected, What};
use std::time::Duration;

fn whats(text: &str) -> Vec<What> {
    let talks = read_talks(text).unwrap_or_else(|problems| panic!("{problems:?}"));
    let steps = talks.into_iter().flat_map(|talk| talk.steps);
    steps.map(|step| step.what).collect()
}

#[test]
fn a_script_reads_like_one() {
    let text = "\u{feff}
// 一句话说不清的，写在这里。
# 保单丢了
language zh
fact caller +8613800000000
at 2026-11-25 21:30

bot menu：“请问有什么可以帮您”
caller：保单丢了
api freeze/card: slow 5s 200 {\"ok\": true}
over \"请稍等\" keys: 1 2 #
silence
slot plate=粤B12345
slot device is empty
decides Escalated Demand
reaches person repeatedRequest

# Another one
caller: hello: I am here
";
    let talks = read_talks(text).expect("sound");
    let [first, second] = talks.as_slice() else {
        panic!("{talks:?}");
    };
    assert_eq!((first.title.as_str(), first.line), ("保单丢了", 3));
    assert_eq!(first.stage.caller.known(), "+8613800000000");
    assert_eq!(second.steps.len(), 1);
    let whats: Vec<&What> = first.steps.iter().map(|step| &step.what).collect();
    let says = What::Caller {
        over: None,
        recordings: Vec::new(),
        act: Act::Says("保单丢了".to_owned()),
    };
    assert_eq!(whats[1], &says);
    let back_end = What::BackEnd {
        node: "freeze".to_owned(),
        part: Some("card".to_owned()),
        answer: BackEnd::Answers {
            status: 200,
            body: "{\"ok\": true}".to_owned(),
            after: Duration::from_secs(5),
        },
    };
    assert_eq!(whats[2], &back_end);
    let slot = |name: &str, value: Option<&str>| {
        What::Expect(Expected::Slot {
            name: name.to_owned(),
            value: value.map(str::to_owned),
        })
    };
    assert_eq!(whats[5], &slot("plate", Some("粤B12345")));
    assert_eq!(whats[6], &slot("device", None));
}

#[test]
fn the_language_is_settled_at_the_top_and_expected_below() {
    let steps = whats("# a\nlanguage any\ncaller: hi\nlanguage en\n");
    let expected = What::Expect(Expected::Language(call_model::Language::En));
    assert_eq!(steps.last(), Some(&expected));
}

#[test]
fn what_is_not_understood_is_told_with_its_place_and_remedy() {
    for (line, column, wrong) in [
        ("calller: hi", 1, "'calller' begins no line"),
        ("  bot menu \"hi\"", 12, "means nothing here"),
        ("bot menu: hi", 11, "words in quotes are missing"),
        ("bot menu: \"hi", 11, "not closed"),
        ("bot", 4, "neither a node nor words"),
        ("caller hi", 8, "a colon is missing"),
        ("caller:", 8, "the caller says nothing"),
        (
            "caller: audio one.wav",
            9,
            "a recording stands before the words",
        ),
        (
            "recording one.mp3 caller: hi",
            11,
            "'one.mp3' is no recording",
        ),
        (
            "recording one.wav keys: 1",
            19,
            "nothing is said in this recording",
        ),
        ("recording", 10, "the file of a recording is missing"),
        ("keys: 12x", 7, "no telephone key"),
        ("silence for long", 9, "no time of an hour"),
        (
            "over \"hi\" bot menu",
            11,
            "nothing happens over these words",
        ),
        ("api look_up 200", 13, "a colon is missing"),
        ("api look_up: fine", 14, "no answer of a back end"),
        ("api look_up: 200 {ok}", 18, "this is no JSON"),
        ("tier hums", 6, "the intent tier does nothing"),
        ("angry very", 7, "no score of anger"),
        ("person sleeps", 1, "no news of a person"),
        ("slot plate", 11, "says nothing of a slot"),
        ("slot plate =", 13, "a value is missing"),
        ("decides Everything", 9, "the name of no decision"),
        ("reaches heaven", 9, "nothing that a call reaches"),
        ("reaches person Boredom", 16, "no reason for a person"),
        ("unclear words", 9, "means nothing here"),
        ("fact mother Eve", 6, "no fact of a call"),
        ("at 2026-02-30 10:00", 4, "no day and time"),
    ] {
        let problems = read_talks(&format!("# a\n{line}\n")).expect_err(line);
        let [problem] = problems.as_slice() else {
            panic!("{line}: {problems:?}");
        };
        assert!(problem.message.contains(wrong), "{line}: {problem}");
        assert_eq!(
            (problem.line, problem.column),
            (2, column),
            "{line}: {problem}"
        );
        assert!(!problem.remedy.is_empty(), "{line}");
    }
    for (text, wrong) in [
        ("", "no conversation"),
        ("caller: hi", "begins with '# '"),
        ("#\n", "has a title"),
        ("# a\n# a\n", "the same title"),
        (
            "# a\ncaller: hi\nat 2026-01-01 10:00\n",
            "settled before the call begins",
        ),
    ] {
        let problems = read_talks(text).expect_err(text);
        assert!(problems[0].message.contains(wrong), "{text}: {problems:?}");
    }
}

#[test]
fn every_fault_of_a_file_is_told_in_one_run() {
    let problems = read_talks("# a\nhm\ncaller: hi\nhm\n").expect_err("faults");
    let lines: Vec<u32> = problems.iter().map(|problem| problem.line).collect();
    assert_eq!(lines, [2, 4]);
}
