//! Pictures of how well anger is told: reliability, ROC, and one call's curve.

use super::emotion_set::Recordings;
use super::emotion_turns::{by_speaker, play};
use anyhow::Context;
use call_model::{EmotionScore, Language};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;
use voice_emotion::evaluate::{Judged, Panel, split};
use voice_emotion::metrics::{reliability, share_above};
use voice_emotion::{Dice, EmotionScorer, SiteOffset};

/// Width and height of a picture, and of the margin around its axes.
const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 420.0;
const MARGIN: f64 = 50.0;
/// A letter of the legend takes so much room, and so much lies between two names.
const NAME_LETTER: f64 = 7.8;
const NAME_GAP: f64 = 14.0;
/// Told apart by people who tell few colours apart, too (Okabe, Ito 2008).
const COLOURS: [&str; 6] = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9",
];
/// Calm and angry turns of the call that is drawn.
const CALM_TURNS: usize = 6;
const ANGRY_TURNS: usize = 5;

/// A picture with axes.
struct Picture {
    svg: String,
    x: (f64, f64),
    y: (f64, f64),
    /// Where the next name of the legend ends.
    legend: f64,
}

impl Picture {
    fn new(title: &str, x_name: &str, y_name: &str, x: (f64, f64), y: (f64, f64)) -> Self {
        let mut picture = Self {
            svg: format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
                 font-family=\"sans-serif\" font-size=\"12\">\n\
                 <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
            ),
            x,
            y,
            legend: WIDTH - MARGIN,
        };
        picture.text(WIDTH / 2.0, 20.0, "middle", "black", title);
        picture.text(WIDTH / 2.0, HEIGHT - 12.0, "middle", "black", x_name);
        picture.text(8.0, MARGIN - 12.0, "start", "black", y_name);
        for step in 0..=5 {
            let part = f64::from(step) / 5.0;
            let (at_x, at_y) = (x.0 + part * (x.1 - x.0), y.0 + part * (y.1 - y.0));
            picture.line(&[(at_x, y.0), (at_x, y.1)], "#dddddd", 1.0);
            picture.line(&[(x.0, at_y), (x.1, at_y)], "#dddddd", 1.0);
            let (px, py) = picture.place((at_x, at_y));
            let told = |value: f64| format!("{}", (value * 100.0).round() / 100.0);
            picture.text(px, HEIGHT - MARGIN + 16.0, "middle", "black", &told(at_x));
            picture.text(MARGIN - 6.0, py + 4.0, "end", "black", &told(at_y));
        }
        picture
    }

    fn place(&self, at: (f64, f64)) -> (f64, f64) {
        let part = |value: f64, range: (f64, f64)| (value - range.0) / (range.1 - range.0);
        (
            MARGIN + part(at.0, self.x) * (WIDTH - 2.0 * MARGIN),
            HEIGHT - MARGIN - part(at.1, self.y) * (HEIGHT - 2.0 * MARGIN),
        )
    }

    fn line(&mut self, points: &[(f64, f64)], colour: &str, width: f64) {
        let mut places = String::new();
        for point in points {
            let (x, y) = self.place(*point);
            let _ = write!(places, "{x:.1},{y:.1} ");
        }
        let _ = writeln!(
            self.svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\"/>",
            places.trim_end()
        );
    }

    fn dot(&mut self, at: (f64, f64), colour: &str) {
        let (x, y) = self.place(at);
        let _ = writeln!(
            self.svg,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\" fill=\"{colour}\"/>"
        );
    }

    fn text(&mut self, x: f64, y: f64, anchor: &str, colour: &str, text: &str) {
        let text = text.replace('&', "&amp;").replace('<', "&lt;");
        let _ = writeln!(
            self.svg,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" fill=\"{colour}\">{text}</text>"
        );
    }

    /// Names what has a colour, in the row above the axes, where nothing is drawn.
    fn name(&mut self, colour: &str, name: &str) {
        self.text(self.legend, MARGIN - 12.0, "end", colour, name);
        self.legend -= NAME_LETTER * name.chars().count() as f64 + NAME_GAP;
    }

    fn write(mut self, path: &Path) -> anyhow::Result<()> {
        self.svg.push_str("</svg>\n");
        std::fs::write(path, self.svg).with_context(|| format!("cannot write {}", path.display()))
    }
}

/// Writes all pictures into a folder.
pub fn write(
    folder: &Path,
    judged: &[Judged<'_>],
    recordings: &Recordings,
    panel: &Panel,
) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut corpora: BTreeMap<&str, Vec<&Judged<'_>>> = BTreeMap::new();
    for one in judged {
        corpora.entry(&one.clip.corpus).or_default().push(one);
    }
    draw_reliability(&corpora).write(&folder.join("reliability.svg"))?;
    draw_roc(&corpora).write(&folder.join("roc.svg"))?;
    if let Some(curve) = draw_call(recordings, panel) {
        curve.write(&folder.join("call.svg"))?;
    }
    Ok(())
}

fn draw_reliability(corpora: &BTreeMap<&str, Vec<&Judged<'_>>>) -> Picture {
    let mut picture = Picture::new(
        "Reliability, either class weighing the same",
        "probability that was told",
        "share of anger",
        (0.0, 1.0),
        (0.0, 1.0),
    );
    picture.line(&[(0.0, 0.0), (1.0, 1.0)], "#888888", 1.0);
    for ((corpus, judged), colour) in corpora.iter().zip(COLOURS.iter().cycle()) {
        let (angry, rest) = split(judged);
        let bins = reliability(&angry, &rest);
        let points: Vec<(f64, f64)> = bins.iter().map(|bin| (bin.0, bin.1)).collect();
        picture.line(&points, colour, 2.0);
        points.iter().for_each(|point| picture.dot(*point, colour));
        picture.name(colour, corpus);
    }
    picture
}

fn draw_roc(corpora: &BTreeMap<&str, Vec<&Judged<'_>>>) -> Picture {
    let mut picture = Picture::new(
        "Anger against the rest",
        "share of the rest that passes",
        "share of anger that passes",
        (0.0, 1.0),
        (0.0, 1.0),
    );
    picture.line(&[(0.0, 0.0), (1.0, 1.0)], "#888888", 1.0);
    for ((corpus, judged), colour) in corpora.iter().zip(COLOURS.iter().cycle()) {
        let (angry, rest) = split(judged);
        let mut levels: Vec<f32> = angry.iter().chain(&rest).copied().collect();
        levels.sort_by(|a, b| b.total_cmp(a));
        let mut points = vec![(0.0, 0.0)];
        for level in levels.iter().step_by((levels.len() / 300).max(1)) {
            points.push((share_above(&rest, *level), share_above(&angry, *level)));
        }
        points.push((1.0, 1.0));
        picture.line(&points, colour, 2.0);
        picture.name(colour, corpus);
    }
    picture
}

/// A caller who is calm and then is not: the speaker with the most recordings of both.
fn draw_call(recordings: &Recordings, panel: &Panel) -> Option<Picture> {
    let clips = &recordings.clips;
    let pools = by_speaker(clips).into_iter().map(|(speaker, own)| {
        let of = |is_meant: &dyn Fn(usize) -> bool| -> Vec<usize> {
            own.iter().copied().filter(|at| is_meant(*at)).collect()
        };
        (
            speaker,
            of(&|at| clips[at].is_calm()),
            of(&|at| clips[at].is_angry()),
        )
    });
    let (speaker, calm, angry) =
        pools.max_by_key(|(_, calm, angry)| calm.len().min(angry.len()))?;
    let mut dice = Dice::new(3);
    let mut turns = Vec::new();
    for (pool, count) in [(&calm, CALM_TURNS), (&angry, ANGRY_TURNS)] {
        for _ in 0..count {
            turns.push(recordings.sounds[*dice.pick(pool)?].as_slice());
        }
    }
    let model = Arc::new(panel.judge(speaker).clone());
    let mut scorer = EmotionScorer::new(Arc::clone(&model), SiteOffset::default(), Language::En);
    let scores = play(&mut scorer, turns, None, &mut dice);
    Some(draw_scores(speaker, &scores))
}

fn draw_scores(speaker: &str, scores: &[EmotionScore]) -> Picture {
    let seconds = |score: &EmotionScore| score.at.as_micros() as f64 / 1e6;
    let points = |score: &EmotionScore| f64::from(score.anger.tenths()) / 10.0;
    let end = scores.last().map_or(1.0, seconds);
    let mut picture = Picture::new(
        &format!("One call by {speaker}: {CALM_TURNS} calm turns, then {ANGRY_TURNS} angry ones"),
        "seconds",
        "points",
        (0.0, end),
        (0.0, 100.0),
    );
    picture.line(&[(0.0, 80.0), (end, 80.0)], COLOURS[1], 1.0);
    let mut utterances: BTreeMap<u32, Vec<&EmotionScore>> = BTreeMap::new();
    for score in scores {
        utterances.entry(score.utterance).or_default().push(score);
    }
    let mut last: Vec<&EmotionScore> = Vec::new();
    for (number, own) in &utterances {
        let line: Vec<(f64, f64)> = own.iter().map(|s| (seconds(s), points(s))).collect();
        let colour = if *number as usize <= CALM_TURNS {
            COLOURS[0]
        } else {
            COLOURS[1]
        };
        picture.line(&line, colour, 2.0);
        line.iter().for_each(|point| picture.dot(*point, colour));
        last.extend(own.last());
        let pooled = &last[last.len().saturating_sub(3)..];
        let speech: f64 = pooled.iter().map(|s| s.speech().as_secs_f64()).sum();
        let sum: f64 = pooled
            .iter()
            .map(|s| points(s) * s.speech().as_secs_f64())
            .sum();
        if let Some(latest) = own.last() {
            let here = (seconds(latest), sum / f64::max(speech, 1e-9));
            picture.line(&[(here.0 - 0.02 * end, here.1), here], "black", 3.0);
        }
    }
    picture.name("black", "pooled over three utterances");
    picture.name(COLOURS[1], "angry turn");
    picture.name(COLOURS[0], "calm turn");
    picture
}
