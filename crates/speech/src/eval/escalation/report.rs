//! What a run over a set found.

use super::{Kind, SpottedTurn, Utterance, is_kin, says};
use call_model::EscalationWords;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// How many words were said and how many of them found.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SpottingCount {
    /// Sentences that hold the word.
    pub said: usize,
    /// Those in which it was found.
    pub found: usize,
}

impl SpottingCount {
    /// Found ones, in percent.
    pub fn percent(&self) -> f64 {
        match self.said {
            0 => 0.0,
            said => 100.0 * self.found as f64 / said as f64,
        }
    }
}

/// The counts of one run.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct SpottingReport {
    /// All sentences that hold a word.
    pub all: SpottingCount,
    /// Sentences whose word was acted on before they ended.
    pub early: usize,
    /// From the end of each word that was found to when it is acted on, or to the end of the sound.
    pub delays: Vec<Duration>,
    /// By word.
    pub by_word: BTreeMap<String, SpottingCount>,
    /// By voice.
    pub by_voice: BTreeMap<String, SpottingCount>,
    /// Words that nobody said: which, and in what.
    pub false_alarms: Vec<(String, String)>,
    /// Hours of speech, by where it is from; the sentences with a word are among them.
    pub hours: BTreeMap<String, f64>,
    /// CPU seconds spent.
    pub cpu_seconds: f64,
}

impl SpottingReport {
    /// Words that nobody said, in an hour of speech.
    pub fn false_per_hour(&self) -> f64 {
        match self.all_hours() {
            0.0 => 0.0,
            hours => self.false_alarms.len() as f64 / hours,
        }
    }

    /// The delay that so many percent do not pass.
    pub fn delay(&self, percentile: usize) -> Duration {
        let mut sorted = self.delays.clone();
        sorted.sort();
        let place = (sorted.len() * percentile.min(100)).div_ceil(100);
        let found = sorted.get(place.saturating_sub(1));
        found.copied().unwrap_or_default()
    }

    /// Hours of speech in all.
    pub fn all_hours(&self) -> f64 {
        self.hours.values().fold(0.0, |sum, hours| sum + hours)
    }

    /// CPU seconds a second of sound.
    pub fn cpu_share(&self) -> f64 {
        match self.all_hours() {
            0.0 => 0.0,
            hours => self.cpu_seconds / (3600.0 * hours),
        }
    }

    /// Adds what the run over another part found.
    pub fn merge(&mut self, other: &Self) {
        let add = |one: &mut SpottingCount, other: &SpottingCount| {
            one.said += other.said;
            one.found += other.found;
        };
        add(&mut self.all, &other.all);
        self.early += other.early;
        self.delays.extend(&other.delays);
        for (word, count) in &other.by_word {
            add(self.by_word.entry(word.clone()).or_default(), count);
        }
        for (voice, count) in &other.by_voice {
            add(self.by_voice.entry(voice.clone()).or_default(), count);
        }
        self.false_alarms.extend(other.false_alarms.iter().cloned());
        for (source, hours) in &other.hours {
            *self.hours.entry(source.clone()).or_default() += hours;
        }
        self.cpu_seconds += other.cpu_seconds;
    }

    pub(super) fn add(
        &mut self,
        utterance: &Utterance,
        turn: &SpottedTurn,
        list: &EscalationWords,
        sounds_alike: &dyn Fn(&str, &str) -> bool,
    ) {
        let language = list.language;
        *self.hours.entry(utterance.source.clone()).or_default() += turn.audio_seconds / 3600.0;
        self.cpu_seconds += turn.cpu_seconds;
        if let Kind::Holding { word, .. } = &utterance.kind {
            let is_it = |found: &call_model::SpottedWord| is_kin(&found.word, word, language);
            let found = turn.acted_on().find(|(found, _)| is_it(found));
            let is_found = found.is_some();
            let delay = found.map(|(found, at)| at.since(found.to));
            self.delays.extend(delay);
            let of_word = self.by_word.entry(word.clone()).or_default();
            let of_voice = self.by_voice.entry(utterance.voice.clone()).or_default();
            for count in [&mut self.all, of_word, of_voice] {
                count.said += 1;
                count.found += usize::from(is_found);
            }
            self.early += usize::from(turn.stood.iter().any(|(stood, _)| is_it(stood)));
        }
        for (found, _) in turn.acted_on() {
            let is_said = match &utterance.kind {
                Kind::Holding { word, .. } => is_kin(&found.word, word, language),
                Kind::Other => false,
            };
            let mut words = utterance.text.split(' ');
            let is_homophone = words.any(|word| sounds_alike(word, &found.word));
            if !is_said && !is_homophone && !says(&utterance.text, &found.word, language) {
                let what = match utterance.text.is_empty() {
                    true => utterance.name(),
                    false => utterance.text.clone(),
                };
                self.false_alarms
                    .push((found.word.clone(), format!("{}: {what}", utterance.voice)));
            }
        }
    }
}

impl fmt::Display for SpottingReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} of {} found ({:.1} %), {} of them acted on before the end, {} and {} ms after the word (p50, p95); {} false in {:.2} h ({:.1} an hour); {:.3} CPU s/s",
            self.all.found,
            self.all.said,
            self.all.percent(),
            self.early,
            self.delay(50).as_millis(),
            self.delay(95).as_millis(),
            self.false_alarms.len(),
            self.all_hours(),
            self.false_per_hour(),
            self.cpu_share(),
        )?;
        let listed = |counts: &BTreeMap<String, SpottingCount>| {
            let shown: Vec<String> = counts
                .iter()
                .map(|(name, count)| format!("{name} {}/{}", count.found, count.said))
                .collect();
            shown.join(", ")
        };
        writeln!(f, "  by voice: {}", listed(&self.by_voice))?;
        writeln!(f, "  by word: {}", listed(&self.by_word))?;
        let hours: Vec<String> = self
            .hours
            .iter()
            .map(|(source, hours)| format!("{source} {hours:.2} h"))
            .collect();
        write!(f, "  speech: {}", hours.join(", "))?;
        for (word, place) in &self.false_alarms {
            write!(f, "\n  false: '{word}' in {place}")?;
        }
        Ok(())
    }
}
