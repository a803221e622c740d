//! `loadtest speech`: the clips of a manifest, spoken through real calls.

use super::Outcome;
use super::speaker::{Pace, Speaker, Turn};
use crate::call::{self, Dial};
use crate::cli::SpeechArgs;
use crate::manifest::{self, Clip};
use crate::report::tell;
use crate::wav;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::io;
use std::time::Duration;
use tokio::task::JoinSet;

/// Silence before and after each clip: 0.1 s.
const PADDING: usize = 800;
/// Most calls at once.
const MOST_PARALLEL: usize = 64;

pub async fn speak(args: &SpeechArgs) -> Outcome {
    let mut clips = manifest::read(&args.manifest, &args.corpus)?;
    clips.truncate(args.most.unwrap_or(usize::MAX));
    let mut waiting = by_speaker(clips, args.per_call.max(1)).into_iter();
    let total = waiting.len();
    let pace = Pace {
        quiet: Duration::from_millis(args.quiet_ms),
        patience: Duration::from_secs(args.patience),
    };
    let mut under_way = JoinSet::new();
    let mut spoken = Vec::new();
    for number in 0u64.. {
        if under_way.len() == args.parallel.clamp(1, MOST_PARALLEL) || waiting.len() == 0 {
            match under_way.join_next().await {
                Some(done) => spoken.extend(done??),
                None => break,
            }
            eprintln!(
                "{} of {total} calls left, {} clips spoken",
                waiting.len() + under_way.len(),
                spoken.len()
            );
        }
        if let Some(clips) = waiting.next() {
            under_way.spawn(speak_one(args.target.dial(number)?, clips, pace));
        }
    }
    let said = spoken
        .iter()
        .filter(|row| matches!(row.outcome, Outspoken::Said | Outspoken::Interrupted))
        .count();
    std::fs::write(&args.out, table(&spoken))?;
    tell(format_args!(
        "{said} of {} clips spoken in {total} calls: {}",
        spoken.len(),
        args.out.display()
    ));
    Ok(said == spoken.len() && said > 0)
}

/// One call's clips each, speakers apart: what a server learns of a caller's line is that
/// caller's alone, so clips of unknown speakers are a call each.
fn by_speaker(clips: Vec<Clip>, per_call: usize) -> Vec<Vec<Clip>> {
    let mut speakers: BTreeMap<String, Vec<Clip>> = BTreeMap::new();
    for clip in clips {
        speakers.entry(clip.speaker.clone()).or_default().push(clip);
    }
    speakers
        .into_iter()
        .flat_map(|(speaker, clips)| {
            let at_once = if speaker.is_empty() { 1 } else { per_call };
            clips
                .chunks(at_once)
                .map(<[Clip]>::to_vec)
                .collect::<Vec<_>>()
        })
        .collect()
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Outspoken {
    /// Spoken, and something was heard after it.
    Said,
    /// Spoken, and answered only before its end: in a pause.
    Interrupted,
    /// Spoken, and nothing came back in time.
    Unanswered,
    /// The call ended before.
    Unsaid,
}

/// One line of the table.
struct Spoken {
    call_id: String,
    utterance: usize,
    clip: Clip,
    outcome: Outspoken,
    onset: Duration,
    end: Duration,
    reply: Option<Duration>,
}

async fn speak_one(dial: Dial, clips: Vec<Clip>, pace: Pace) -> io::Result<Vec<Spoken>> {
    let mut padded = Vec::with_capacity(clips.len());
    for clip in &clips {
        let audio = wav::read(&clip.file).map_err(io::Error::other)?;
        let mut samples = vec![0; PADDING];
        samples.extend_from_slice(&audio);
        samples.extend([0; PADDING]);
        padded.push(samples.into());
    }
    let mut speaker = Speaker::new(padded, pace);
    let record = call::place(&dial, &mut speaker).await?;
    let turns = speaker
        .into_turns()
        .into_iter()
        .map(Some)
        .chain(std::iter::repeat(None));
    let rows = (1..)
        .zip(clips)
        .zip(turns)
        .map(|((utterance, clip), turn)| Spoken {
            call_id: record.call_id.clone(),
            utterance,
            clip,
            outcome: match turn {
                None => Outspoken::Unsaid,
                Some(Turn { reply: None, .. }) => Outspoken::Unanswered,
                Some(Turn {
                    reply: Some(Duration::ZERO),
                    ..
                }) => Outspoken::Interrupted,
                Some(Turn { reply: Some(_), .. }) => Outspoken::Said,
            },
            onset: turn.map_or(Duration::ZERO, |turn| turn.onset),
            end: turn.map_or(Duration::ZERO, |turn| turn.end),
            reply: turn.and_then(|turn| turn.reply),
        });
    Ok(rows.collect())
}

fn table(rows: &[Spoken]) -> String {
    let mut text =
        "call_id,utterance,path,text,slots,speaker,outcome,onset_ms,end_ms,reply_ms\n".to_owned();
    for row in rows {
        let outcome = match row.outcome {
            Outspoken::Said => "said",
            Outspoken::Interrupted => "interrupted",
            Outspoken::Unanswered => "unanswered",
            Outspoken::Unsaid => "unsaid",
        };
        let reply = row
            .reply
            .map(|reply| reply.as_millis().to_string())
            .unwrap_or_default();
        let _ = writeln!(
            text,
            "{},{},{},{},{},{},{outcome},{},{},{reply}",
            row.call_id,
            row.utterance,
            manifest::quoted(&row.clip.path),
            manifest::quoted(&row.clip.text),
            manifest::quoted(&row.clip.slots),
            manifest::quoted(&row.clip.speaker),
            row.onset.as_millis(),
            row.end.as_millis(),
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_holds_one_speaker_and_not_too_many_clips() {
        let clip = |speaker: &str, path: &str| Clip {
            speaker: speaker.to_owned(),
            path: path.to_owned(),
            ..Clip::default()
        };
        let clips = vec![
            clip("b", "1"),
            clip("a", "2"),
            clip("b", "3"),
            clip("b", "4"),
            clip("", "5"),
            clip("", "6"),
        ];
        let calls: Vec<Vec<String>> = by_speaker(clips, 2)
            .into_iter()
            .map(|clips| clips.into_iter().map(|clip| clip.path).collect())
            .collect();
        assert_eq!(
            calls,
            [vec!["5"], vec!["6"], vec!["2"], vec!["1", "3"], vec!["4"]]
        );
    }
}
