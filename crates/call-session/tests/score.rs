//! What the scorer of the caller's voice gets, and when it gets nothing.

mod stage;

use call_model::{CallTime, EmotionScore, PerMille, Score};
use call_session::{SessionInput, VoiceScorer};
use stage::{Making, Stage, header, plan};

/// A caller may consent by key 1 and decline by key 2.
const CONSENT: &str = "
plan: consent
languages: [en]
start: welcome
recording: off
voice_analysis: off
people: {otherwise: callback}
nodes:
  welcome:
    ask: What can I do for you?
    routes:
      yes: {en: [listen], key: 1}
      no: {en: [do not listen], key: 2}
    no_input: [Hello?, then: person]
  yes: {say: Thank you., voice_analysis: on, next: welcome}
  no: {say: All right., voice_analysis: off, next: welcome}
";

const CLIP: &str = "slt/where-is-my-order";

fn scored() -> Stage {
    Stage::with(|settings| settings.scorer = VoiceScorer::Present)
}

fn consenting(scorer: VoiceScorer) -> Stage {
    Stage::with(|settings| {
        settings.plan = plan(CONSENT);
        settings.header = header(&settings.plan);
        settings.scorer = scorer;
    })
}

/// Says it to its end, and stays quiet.
fn says(stage: &mut Stage, clip: &str) {
    stage.say(clip);
    stage.advance(4_000);
}

/// Begins to say it; the time at which that is noticed.
fn begins(stage: &mut Stage, clip: &str) -> CallTime {
    stage.say(clip);
    let noticed = stage.until("> SpeechStarted");
    stage.advance(200);
    noticed
}

fn fails(stage: &mut Stage) {
    let what = "disk".to_owned();
    stage.feed(SessionInput::Failed { what });
}

fn anger(stage: &mut Stage) {
    stage.feed(SessionInput::Emotion(EmotionScore {
        utterance: 1,
        at: stage.now,
        anger: Score::MAX,
        log_odds_milli: 3_000,
        probability: PerMille::ONE,
        arousal: Score::MAX,
        speech_micros: 5_000_000,
        confidence: PerMille::ONE,
        is_calibrated: false,
        reasons: vec![],
    }));
}

fn scores(stage: &Stage) -> usize {
    stage.trace().matches("> Emotion").count()
}

#[test]
fn each_utterance_is_scored_whole_with_what_was_before_it() {
    let mut stage = scored();
    stage.until("> PromptEnded 1");
    says(&mut stage, CLIP);
    says(&mut stage, "slt/opening-hours");
    assert_eq!(stage.score, ["begin en", "end", "begin en", "end"]);
    for (clip, got) in [CLIP, "slt/opening-hours"].iter().zip(&stage.score_ms) {
        let said = stage::voice(clip).len() as u64 / 8;
        assert!(
            (said + 500..said + 1_500).contains(got),
            "{got} ms of {said}"
        );
    }
    anger(&mut stage);
    assert_eq!(scores(&stage), 1);
}

#[test]
fn a_call_that_ends_in_mid_utterance_drops_it() {
    let mut stage = scored();
    stage.until("> PromptEnded 1");
    begins(&mut stage, CLIP);
    stage.hang_up();
    assert_eq!(stage.score, ["begin en", "drop"]);
}

#[test]
fn without_a_scorer_there_is_nothing_to_do() {
    for mut stage in [Stage::set(), consenting(VoiceScorer::Absent)] {
        stage.until("> PromptEnded 1");
        stage.press("1");
        stage.advance(3_000);
        begins(&mut stage, CLIP);
        stage.hang_up();
        assert!(stage.score.is_empty(), "{:?}", stage.score);
    }
}

#[test]
fn the_voice_is_scored_from_a_yes_to_a_no() {
    let mut stage = consenting(VoiceScorer::Present);
    stage.until("> PromptEnded 1");
    says(&mut stage, CLIP);
    anger(&mut stage);
    begins(&mut stage, CLIP);
    stage.press("1");
    stage.until("< AnalyseVoice On");
    stage.advance(3_000);
    assert!(stage.score.is_empty(), "{:?}", stage.score);
    assert_eq!(scores(&stage), 0, "{}", stage.trace());

    says(&mut stage, CLIP);
    begins(&mut stage, CLIP);
    stage.press("2");
    stage.until("< AnalyseVoice Off");
    anger(&mut stage);
    says(&mut stage, CLIP);
    stage.hang_up();
    assert_eq!(stage.score, ["begin en", "end", "begin en", "drop"]);
    assert_eq!(scores(&stage), 0, "{}", stage.trace());
}

#[test]
fn whoever_waits_is_scored_and_whoever_talks_to_a_person_is_not() {
    let mut stage = scored();
    stage.whisper = Making::Hum(std::time::Duration::from_secs(3));
    stage.until("> PromptEnded 1");
    fails(&mut stage);
    stage.until("> PromptEnded 2");
    stage.advance(400);
    says(&mut stage, CLIP);
    assert_eq!(stage.score, ["begin en", "end"], "in the queue");

    stage.agent_answers();
    begins(&mut stage, "slt/opening-hours");
    assert_eq!(stage.score.len(), 3, "during the whisper");
    stage.say(CLIP);
    stage.until("> Person(Connected)");
    let at_the_bridge = stage.score.clone();
    says(&mut stage, CLIP);
    assert_eq!(stage.score, at_the_bridge, "with a person");

    stage.agent_leaves();
    says(&mut stage, CLIP);
    let after = &stage.score[at_the_bridge.len()..];
    assert_eq!(after, ["begin en", "end"], "after the person");
}

#[test]
fn a_bridge_in_mid_utterance_drops_it() {
    let mut stage = scored();
    stage.until("> PromptEnded 1");
    fails(&mut stage);
    stage.until("> PromptEnded 2");
    begins(&mut stage, CLIP);
    stage.whisper = Making::Fails;
    stage.agent_answers();
    assert_eq!(stage.wants, ["person for fault", "two people joined"]);
    assert_eq!(stage.score, ["begin en", "drop"]);
}
