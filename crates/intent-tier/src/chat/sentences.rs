//! Cuts streaming text into sentences, so that the first is spoken while the next
//! is being made.

/// Beyond so many bytes a sentence is cut at a lesser mark.
const LONG: usize = 240;
/// Beyond so many bytes it is cut at any space, or anywhere.
const TOO_LONG: usize = 600;

/// English abbreviations whose full stop ends no sentence.
const ABBREVIATIONS: [&str; 12] = [
    "mr", "mrs", "ms", "dr", "prof", "st", "vs", "e.g", "i.e", "a.m", "p.m", "approx",
];

/// Gathers text and gives whole sentences away.
#[derive(Default)]
pub struct SentenceCutter {
    text: String,
}

impl SentenceCutter {
    /// The sentences that are whole now.
    pub fn push(&mut self, delta: &str) -> Vec<String> {
        self.text.push_str(delta);
        let mut sentences = Vec::new();
        while let Some(end) = sentence_end(&self.text).or_else(|| forced_end(&self.text)) {
            let rest = self.text.split_off(end);
            let sentence = std::mem::replace(&mut self.text, rest);
            sentences.extend(spoken(&sentence));
        }
        sentences
    }

    /// What is left at the end of the text.
    pub fn finish(&mut self) -> Option<String> {
        spoken(&std::mem::take(&mut self.text))
    }
}

/// The sentence without its margins; nothing where it holds no word.
fn spoken(sentence: &str) -> Option<String> {
    let is_margin = |c: char| c.is_whitespace() || is_closer(c) || is_end(c) || c == '.';
    let sentence = sentence.trim_start_matches(is_margin).trim_end();
    let has_words = sentence.chars().any(char::is_alphanumeric);
    has_words.then(|| sentence.to_owned())
}

/// Marks that end a sentence wherever they stand.
const fn is_end(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '；' | '…' | '!' | '?' | ';' | '\n')
}

/// Marks that belong to the sentence before them.
const fn is_closer(c: char) -> bool {
    matches!(c, '”' | '’' | '」' | '』' | '）' | '》' | ')')
}

/// Where the first sentence ends, if it is clear already.
fn sentence_end(text: &str) -> Option<usize> {
    let mut marks = text.char_indices().peekable();
    while let Some((at, mark)) = marks.next() {
        let end = at + mark.len_utf8();
        if is_end(mark) {
            return Some(with_closers(text, end));
        }
        // A full stop ends a sentence before white space alone: not in 3.5, not in bellhop.example.
        let is_before_space = marks.peek().is_some_and(|(_, next)| next.is_whitespace());
        if mark == '.' && is_before_space && !ends_in_abbreviation(&text[..at]) {
            return Some(end);
        }
    }
    None
}

fn with_closers(text: &str, end: usize) -> usize {
    let rest = text[end..].chars();
    end + rest
        .take_while(|&c| is_closer(c) || is_end(c))
        .map(char::len_utf8)
        .sum::<usize>()
}

fn ends_in_abbreviation(text: &str) -> bool {
    let word = text.rsplit(char::is_whitespace).next().unwrap_or("");
    let word = word.trim_start_matches(['(', '"', '“']).to_lowercase();
    let is_initial = word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
    // "I." ends a sentence more often than it begins a name.
    (is_initial && word != "i") || ABBREVIATIONS.contains(&word.as_str())
}

/// Where a sentence that goes on for too long is cut.
fn forced_end(text: &str) -> Option<usize> {
    let last_of = |is_mark: fn(char) -> bool| {
        let found = text.char_indices().rfind(|&(_, c)| is_mark(c));
        found.map(|(at, mark)| at + mark.len_utf8())
    };
    let at_comma = || last_of(|c| matches!(c, '，' | '、' | '：' | ',' | ':'));
    if text.len() <= LONG {
        None
    } else if text.len() <= TOO_LONG {
        at_comma()
    } else {
        let at_space = || last_of(char::is_whitespace);
        at_comma().or_else(at_space).or(Some(text.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cuts a text that comes in pieces of so many characters.
    fn cut(text: &str, size: usize) -> Vec<String> {
        let mut cutter = SentenceCutter::default();
        let characters: Vec<char> = text.chars().collect();
        let mut sentences = Vec::new();
        for piece in characters.chunks(size) {
            sentences.extend(cutter.push(&piece.iter().collect::<String>()));
        }
        sentences.extend(cutter.finish());
        sentences
    }

    fn always(text: &str, sentences: &[&str]) {
        for size in 1..=text.chars().count() {
            assert_eq!(cut(text, size), sentences, "in pieces of {size}");
        }
    }

    #[test]
    fn english_is_cut_at_its_marks_and_not_inside_numbers_and_names() {
        always(
            "We open at 9 a.m. and close at 6. The fee is 3.50 dollars! Dr. Smith? He is in. Bye",
            &[
                "We open at 9 a.m. and close at 6.",
                "The fee is 3.50 dollars!",
                "Dr. Smith?",
                "He is in.",
                "Bye",
            ],
        );
    }

    #[test]
    fn mandarin_is_cut_at_its_marks_and_not_inside_numbers() {
        always(
            "我们早上九点开门。费用是3.5元！您还有别的问题吗？好的；再见",
            &[
                "我们早上九点开门。",
                "费用是3.5元！",
                "您还有别的问题吗？",
                "好的；",
                "再见",
            ],
        );
    }

    #[test]
    fn a_sentence_is_given_away_as_soon_as_its_mark_is_there() {
        let mut cutter = SentenceCutter::default();
        assert_eq!(cutter.push("好的。"), ["好的。"]);
        assert_eq!(cutter.push("”请稍等。"), ["请稍等。"]);
        assert!(cutter.push("Yes.").is_empty());
        assert_eq!(cutter.push(" One"), ["Yes."]);
    }

    #[test]
    fn marks_alone_are_not_spoken() {
        assert!(cut("...\n\n!? 。", 2).is_empty());
    }

    #[test]
    fn a_sentence_without_end_is_cut_all_the_same() {
        for text in ["字".repeat(1_000), "word ".repeat(400), "一，".repeat(500)] {
            let sentences = cut(&text, 7);
            let is_short = |one: &String| one.len() <= TOO_LONG + 32;
            assert!(sentences.len() > 1 && sentences.iter().all(is_short));
            let words = |text: &str| text.split_whitespace().collect::<String>();
            assert_eq!(words(&sentences.concat()).len(), words(&text).len());
        }
    }
}
