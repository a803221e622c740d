//! A JSGF grammar by itself, without a plan around it.

use crate::Problem;
use crate::reading::{Problems, jsgf};
use call_model::{Language, Phrase};

/// The phrase of a JSGF grammar: its public rule, with all rules put in. `file`
/// names it in problems.
///
/// # Errors
/// What is wrong with it, with line and column; never an empty list.
pub fn phrase_of_jsgf(file: &str, text: &str, language: Language) -> Result<Phrase, Vec<Problem>> {
    let mut problems = Problems::of(file);
    jsgf::grammar(text, language, &mut problems).ok_or_else(|| problems.into_sorted())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grammar_is_read_or_refused_with_its_place() {
        let good = "#JSGF V1.0;\ngrammar g;\npublic <g> = yes | no;\n";
        let phrase = phrase_of_jsgf("g.jsgf", good, Language::En).expect("a phrase");
        let words = ["yes", "no"].map(|word| Phrase::Word(word.into()));
        assert_eq!(phrase, Phrase::OneOf(words.into()));
        let problems = phrase_of_jsgf(
            "g.jsgf",
            "#JSGF V1.0;\ngrammar g;\npublic <g> = (yes;\n",
            Language::En,
        );
        assert_eq!(problems.expect_err("a problem")[0].line, 3);
    }
}
