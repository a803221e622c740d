//! How the last sound of an English word changes before the next word.
//!
//! Speakers run words together: the t of "bit of" is a tap, which English dictionaries write as d, and the one of
//! "roast latte" is not said at all. No dictionary has such pronunciations, since they belong to two words
//! (Wells, Accents of English, 1982, on tapping and on the elision of final stops).

use super::lexicon::is_vowel;

/// What the next word begins with.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Next {
    Vowel,
    Consonant,
}

/// How a word is said before another one, where that differs from these pronunciations by themselves.
pub(super) fn said_before(next: Next, pronunciations: &[String]) -> Vec<String> {
    let mut said: Vec<String> = Vec::new();
    for linked in pronunciations.iter().filter_map(|it| linked(next, it)) {
        if !pronunciations.contains(&linked) && !said.contains(&linked) {
            said.push(linked);
        }
    }
    said
}

fn linked(next: Next, pronunciation: &str) -> Option<String> {
    let (rest, last) = pronunciation.rsplit_once(' ')?;
    let before = rest.rsplit(' ').next()?;
    match next {
        Next::Vowel if last == "T" && is_vowel(before) => Some(format!("{rest} D")),
        Next::Consonant
            if matches!(last, "T" | "D")
                && !is_vowel(before)
                && before != "R"
                && rest.contains(' ') =>
        {
            Some(rest.to_owned())
        }
        Next::Vowel | Next::Consonant => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_final_t_is_tapped_before_a_vowel_and_left_out_between_consonants() {
        for (pronunciation, next, said) in [
            ("B IH T", Next::Vowel, Some("B IH D")),
            ("B IH T", Next::Consonant, None),
            ("R OW S T", Next::Consonant, Some("R OW S")),
            ("R OW S T", Next::Vowel, None),
            ("K OW L D", Next::Consonant, Some("K OW L")),
            ("HH AA R D", Next::Consonant, None),
            ("AE N D", Next::Consonant, Some("AE N")),
            ("B EH D", Next::Vowel, None),
            ("T UW", Next::Vowel, None),
        ] {
            let found = said_before(next, &[pronunciation.to_owned()]);
            assert_eq!(
                found.first().map(String::as_str),
                said,
                "{pronunciation} {next:?}"
            );
        }
        let known = ["L AA T".to_owned(), "L AA D".to_owned()];
        assert!(
            said_before(Next::Vowel, &known).is_empty(),
            "the dictionary has it"
        );
    }
}
