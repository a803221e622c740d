//! Every audio file that is named is there, and can be played.

use super::Whole;
use crate::ProblemKind;
use crate::reading::Problems;

pub(super) fn check(whole: &Whole<'_>, problems: &mut Problems) {
    for (at, file) in &whole.marks.files {
        if !whole.sources.has(file) {
            let message = format!("there is no file '{file}'");
            let remedy = "an audio file lies in the plan's folder and is named from there";
            problems.tell(ProblemKind::MissingFile, *at, message, remedy);
            continue;
        }
        let message = match whole.sources.sounds.get(file) {
            Some(None) => format!("'{file}' is no WAV file"),
            Some(Some(form)) if !form.fits_a_telephone() => format!(
                "'{file}' has {} samples a second, {} channels, {} bits and format {}",
                form.rate, form.channels, form.bits, form.tag
            ),
            Some(Some(_)) | None => continue,
        };
        let remedy = "make it a WAV file of 8 or 16 kHz, one channel, PCM of 16 bits or G.711";
        problems.tell(ProblemKind::AudioFormat, *at, message, remedy);
    }
}
