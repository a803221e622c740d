//! Number plates: 粤B12345, "a b c one two three".

use super::spelling::{Beside, figure, is_province, letter, province, repeated, runs};
use call_model::{Language, Phrase};
use serde::{Deserialize, Serialize};

/// Which plates.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Plates {
    /// A province, a letter, and five or six letters and figures.
    Zh,
    /// Two to eight letters and figures.
    Any,
}

/// What may stand last on a Chinese plate: trailers, learners, the police, those of Hong Kong and Macau.
pub(super) const ENDS: &str = "挂学警港澳";
/// The length of what follows province and letter.
const REST: [u8; 2] = [5, 6];
/// The length of other plates.
const ANY: [u8; 2] = [2, 8];

/// The plates that a text tells.
pub(super) fn plates(text: &str, language: Language, of: Plates) -> Vec<String> {
    let mut found = runs(text, language);
    found.retain(|run| match of {
        Plates::Zh => is_chinese(run),
        Plates::Any => {
            let lengths = usize::from(ANY[0])..=usize::from(ANY[1]);
            run.bytes().all(|b| b.is_ascii_alphanumeric()) && lengths.contains(&run.len())
        }
    });
    found
}

fn is_chinese(run: &str) -> bool {
    let signs: Vec<char> = run.chars().collect();
    let [first, office, rest @ .., last] = signs.as_slice() else {
        return false;
    };
    let lengths = usize::from(REST[0])..=usize::from(REST[1]);
    is_province(*first)
        && office.is_ascii_uppercase()
        && lengths.contains(&(rest.len() + 1))
        && rest.iter().all(char::is_ascii_alphanumeric)
        && (last.is_ascii_alphanumeric() || ENDS.contains(*last))
}

/// What an ear listens for.
pub(super) fn phrase(language: Language, of: Plates) -> Option<Phrase> {
    let letter = letter(language, Beside::Figures)?;
    let sign = Phrase::OneOf(vec![figure(language)?, letter.clone()]);
    Some(match of {
        Plates::Any => repeated(sign, ANY[0], ANY[1]),
        Plates::Zh => Phrase::Sequence(vec![
            province(language)?,
            letter,
            repeated(sign, REST[0], REST[1]),
        ]),
    })
}
