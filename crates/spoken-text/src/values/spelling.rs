//! What is spelt out: letters, figures, and the provinces of Chinese number plates.

use super::pattern::{Pattern, is_carrier};
use crate::digits::{english, one_digit};
use crate::{fillers, read_digits, units};
use call_model::{Language, Phrase};

/// By letter what stands for it in English: its word of the NATO alphabet first.
const ENGLISH: [(char, &[&str]); 26] = [
    ('A', &["alpha", "alfa", "apple"]),
    ('B', &["bravo", "boy"]),
    ('C', &["charlie", "cat"]),
    ('D', &["delta", "dog", "david"]),
    ('E', &["echo", "edward"]),
    ('F', &["foxtrot", "frank"]),
    ('G', &["golf", "george"]),
    ('H', &["hotel", "henry"]),
    ('I', &["india", "ice"]),
    ('J', &["juliet", "juliett", "jack"]),
    ('K', &["kilo", "king"]),
    ('L', &["lima", "larry"]),
    ('M', &["mike", "mary"]),
    ('N', &["november", "nancy"]),
    ('O', &["oscar", "orange"]),
    ('P', &["papa", "peter"]),
    ('Q', &["quebec", "queen"]),
    ('R', &["romeo", "robert"]),
    ('S', &["sierra", "sam"]),
    ('T', &["tango", "tom"]),
    ('U', &["uniform", "uncle"]),
    ('V', &["victor"]),
    ('W', &["whiskey", "whisky", "william"]),
    ('X', &["x-ray"]),
    ('Y', &["yankee", "yellow"]),
    ('Z', &["zulu", "zebra"]),
];
/// Spellings that a recogniser's dictionary lacks.
const ONLY_WRITTEN: [&str; 1] = ["juliett"];
/// How many of the words above stand for a letter by themselves, as the NATO alphabet's do.
const ALONE: [&str; 29] = [
    "alpha", "alfa", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india",
    "juliet", "juliett", "kilo", "lima", "mike", "november", "oscar", "papa", "quebec", "romeo",
    "sierra", "tango", "uniform", "victor", "whiskey", "whisky", "x-ray", "yankee", "zulu",
];
/// By letter the characters that sound in Mandarin as the letter does: recognisers write them so.
const MANDARIN: [(char, &[&str]); 25] = [
    ('B', &["必"]),
    ('C', &["西"]),
    ('D', &["弟"]),
    ('E', &["伊"]),
    ('F', &["艾弗"]),
    ('G', &["鸡"]),
    ('H', &["艾尺"]),
    ('I', &["爱"]),
    ('J', &["街"]),
    ('K', &["开", "凯"]),
    ('L', &["艾路", "艾尔"]),
    ('M', &["艾姆"]),
    ('N', &["恩"]),
    ('O', &["欧"]),
    ('P', &["皮"]),
    ('Q', &["扣", "丘"]),
    ('R', &["阿尔", "阿"]),
    ('S', &["艾斯"]),
    ('T', &["踢"]),
    ('U', &["优"]),
    ('V', &["维"]),
    ('W', &["达不溜"]),
    ('X', &["艾克斯"]),
    ('Y', &["歪"]),
    ('Z', &["贼"]),
];
/// What a Mandarin ear listens for: dictionaries have letters with a full stop, but sound Z as G.
/// Some are also said otherwise.
const MANDARIN_HEARD: [&str; 28] = [
    "A.", "B.", "C.", "D.", "E.", "F.", "G.", "H.", "I.", "J.", "K.", "L.", "M.", "N.", "O.", "P.",
    "Q.", "R.", "S.", "T.", "U.", "V.", "W.", "X.", "Y.", "贼", "扣", "阿尔",
];
/// The provinces as plates have them, each with its English name.
const PROVINCES: [(char, &str); 31] = [
    ('京', "beijing"),
    ('津', "tianjin"),
    ('沪', "shanghai"),
    ('渝', "chongqing"),
    ('冀', "hebei"),
    ('豫', "henan"),
    ('云', "yunnan"),
    ('辽', "liaoning"),
    ('黑', "heilongjiang"),
    ('湘', "hunan"),
    ('皖', "anhui"),
    ('鲁', "shandong"),
    ('新', "xinjiang"),
    ('苏', "jiangsu"),
    ('浙', "zhejiang"),
    ('赣', "jiangxi"),
    ('鄂', "hubei"),
    ('桂', "guangxi"),
    ('甘', "gansu"),
    ('晋', "shanxi"),
    ('蒙', "mongolia"),
    ('陕', "shaanxi"),
    ('吉', "jilin"),
    ('闽', "fujian"),
    ('贵', "guizhou"),
    ('粤', "guangdong"),
    ('青', "qinghai"),
    ('藏', "tibet"),
    ('川', "sichuan"),
    ('宁', "ningxia"),
    ('琼', "hainan"),
];
/// Those that recognisers' dictionaries of English have.
const HEARD: &str = "beijing|tianjin|shanghai|chongqing|hebei|hunan|shandong|xinjiang|jiangsu|zhejiang|mongolia|shaanxi|fujian|guangdong|tibet|sichuan|hainan";

/// Whether a sign is a province's.
pub(super) fn is_province(sign: char) -> bool {
    PROVINCES.iter().any(|(province, _)| *province == sign)
}

/// The runs of signs in a text: capital letters, figures, provinces. Other words part them, mere
/// fillers do not.
pub(super) fn runs(text: &str, language: Language) -> Vec<String> {
    let units = units(&with_capitals_apart(text), language);
    let mut rest: Vec<&str> = units
        .iter()
        .map(String::as_str)
        .filter(|unit| !fillers(language).contains(unit))
        .collect();
    rest.reverse();
    let mut runs = vec![String::new()];
    while let Some(unit) = rest.pop() {
        // "b, m and w".
        if unit == "and" {
            continue;
        }
        let signs = match language {
            Language::En => in_english(unit, &mut rest),
            Language::Zh => in_mandarin(unit, &mut rest),
        };
        match (signs, runs.last_mut()) {
            (Some(signs), Some(run)) => run.push_str(&signs),
            (Some(_) | None, _) => runs.push(String::new()),
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}

/// "BMW" as "B M W": what is written in capitals was spelt.
fn with_capitals_apart(text: &str) -> String {
    let folded: String = text.chars().map(crate::fold::half_width).collect();
    let is_word = |c: char| c.is_ascii_alphanumeric();
    let mut apart = String::new();
    for word in folded.split_inclusive(|c: char| !is_word(c)) {
        let is_spelt = word.bytes().all(|b| !b.is_ascii_lowercase());
        for c in word.chars() {
            apart.push(c);
            if is_spelt && c.is_ascii_uppercase() {
                apart.push(' ');
            }
        }
    }
    apart
}

/// Reads the signs of `unit`; takes what belongs to it from the end of `rest`.
fn in_english(unit: &str, rest: &mut Vec<&str>) -> Option<String> {
    let times = match unit {
        "double" => 2,
        "triple" | "treble" => 3,
        _ => 1,
    };
    if times > 1
        && let Some(letter) = rest.last().and_then(|next| letter_named(next))
    {
        rest.pop();
        let is_w = times == 2 && letter == 'U';
        return Some(if is_w {
            "W".to_owned()
        } else {
            letter.to_string().repeat(times)
        });
    }
    if unit == "double" && rest.last() == Some(&"you") {
        rest.pop();
        return Some("W".to_owned());
    }
    if let Some(letter) = letter_named(unit) {
        if unit.len() == 1 {
            take_explanation(letter, rest);
        }
        if letter == 'X' {
            rest.pop_if(|next| *next == "ray");
        }
        return Some(letter.to_string());
    }
    let is_mixed = unit.bytes().any(|b| b.is_ascii_digit())
        && unit.bytes().any(|b| b.is_ascii_alphabetic())
        && unit.bytes().all(|b| b.is_ascii_alphanumeric());
    if is_mixed {
        // "ab12 cde" is one plate.
        let group = rest.pop_if(|next| is_group(next)).unwrap_or_default();
        return Some(format!("{unit}{group}").to_ascii_uppercase());
    }
    let province = PROVINCES.iter().find(|(_, name)| *name == unit);
    if let Some((province, _)) = province {
        return Some(province.to_string());
    }
    // Digits of other scripts are none here.
    english(unit, rest).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))
}

/// A few letters that are no word.
fn is_group(unit: &str) -> bool {
    (2..=3).contains(&unit.len())
        && unit.bytes().all(|b| b.is_ascii_alphabetic())
        && !is_carrier(unit, Language::En)
}

/// The letter that a word is or stands for.
fn letter_named(unit: &str) -> Option<char> {
    let mut chars = unit.chars();
    if let (Some(letter), None) = (chars.next(), chars.next()) {
        return letter
            .is_ascii_alphabetic()
            .then_some(letter.to_ascii_uppercase());
    }
    let known = ENGLISH.iter().find(|(_, words)| words.contains(&unit));
    match unit {
        "zed" => Some('Z'),
        _ if ALONE.contains(&unit) => known.map(|(letter, _)| *letter),
        _ => None,
    }
}

/// "b as in bravo", "b for boy": any word that begins so; "b bravo": one of those known.
fn take_explanation(letter: char, rest: &mut Vec<&str>) {
    let begins = |word: &&&str| {
        let first = word.chars().next();
        let is_word = word.len() > 1 || letter == 'X' && ***word == *"x";
        is_word && first.is_some_and(|c| c.eq_ignore_ascii_case(&letter))
    };
    let from_end = |place: usize| rest.len().checked_sub(place).and_then(|at| rest.get(at));
    let taken = match (from_end(1), from_end(2)) {
        (Some(&"as"), Some(&"in")) if from_end(3).is_some_and(|w| begins(&w)) => 3,
        (Some(&"for" | &"like"), Some(word)) if begins(&word) => 2,
        (Some(&"x"), Some(&"ray")) if letter == 'X' => 2,
        // "like" is a filler, and gone.
        (Some(word), _) if stands_for(letter, word) => 1,
        _ => 0,
    };
    rest.truncate(rest.len() - taken);
}

fn stands_for(letter: char, word: &str) -> bool {
    let known = ENGLISH.iter().find(|(known, _)| *known == letter);
    known.is_some_and(|(_, words)| words.contains(&word))
}

fn in_mandarin(unit: &str, rest: &mut Vec<&str>) -> Option<String> {
    if !unit.is_empty() && unit.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Some(unit.to_ascii_uppercase());
    }
    let ahead: String = std::iter::once(unit)
        .chain(rest.iter().rev().take(2).copied())
        .collect();
    let all = MANDARIN
        .iter()
        .flat_map(|(letter, sounds)| sounds.iter().map(move |sound| (*letter, *sound)));
    let heard = all
        .filter(|(_, sound)| ahead.starts_with(sound))
        .max_by_key(|(_, sound)| sound.len());
    if let Some((letter, sound)) = heard {
        rest.truncate(rest.len() - (sound.chars().count() - 1));
        return Some(letter.to_string());
    }
    if let Some(digit) = one_digit(unit, Language::Zh) {
        return Some(digit.to_string());
    }
    let sign = unit.chars().next()?;
    let is_sign = is_province(sign) || super::plates::ENDS.contains(sign);
    (is_sign && unit.chars().nth(1).is_none()).then(|| sign.to_string())
}

/// Which letters an ear listens for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Beside {
    Nothing,
    /// Figures: letters that sound as one of them are left to those who write.
    Figures,
}

/// A letter, as an ear hears it.
pub(super) fn letter(language: Language, beside: Beside) -> Option<Phrase> {
    match language {
        Language::En => {
            let each = ENGLISH.iter().map(english_letter);
            Pattern::Any(each.collect()).phrase(language)
        }
        Language::Zh => {
            // 一 is a figure first.
            let sounds = MANDARIN_HEARD.into_iter();
            let sounds = sounds.filter(|sound| *sound != "E." || beside == Beside::Nothing);
            let words = sounds.map(|sound| Phrase::Word(sound.to_owned()));
            Some(Phrase::OneOf(words.collect()))
        }
    }
}

/// By its words: on the telephone bare letters are heard as others, and for sure.
fn english_letter((letter, words): &(char, &[&str])) -> Pattern {
    let say = |texts: &str| Pattern::say(texts, Language::En);
    let heard: Vec<&str> = words
        .iter()
        .filter(|word| !ONLY_WRITTEN.contains(word))
        .copied()
        .collect();
    let alone: Vec<&str> = heard
        .iter()
        .filter(|word| ALONE.contains(word))
        .copied()
        .collect();
    let explained = Pattern::All(vec![
        say(&letter.to_ascii_lowercase().to_string()),
        say("as in|for"),
        say(&heard.join("|")),
    ]);
    Pattern::Any(vec![explained, say(&alone.join("|"))])
}

/// A figure beside letters: English "oh" is the letter there.
pub(super) fn figure(language: Language) -> Option<Phrase> {
    let words = crate::digit_words(language).iter().map(|(word, _)| *word);
    let words: Vec<&str> = words.filter(|word| !matches!(*word, "oh" | "两")).collect();
    Pattern::say(&words.join("|"), language).phrase(language)
}

/// A province, as an ear hears it.
pub(super) fn province(language: Language) -> Option<Phrase> {
    match language {
        Language::En => Pattern::say(HEARD, language).phrase(language),
        Language::Zh => {
            let signs = PROVINCES
                .iter()
                .map(|(sign, _)| Phrase::Word(sign.to_string()));
            Some(Phrase::OneOf(signs.collect()))
        }
    }
}

/// What an ear listens for: so many of these.
pub(super) fn repeated(of: Phrase, min: u8, max: u8) -> Phrase {
    Phrase::Repeat {
        of: Box::new(of),
        min,
        max,
    }
}

/// Signs as they are read out: "B, M, W", "Guangdong, B, one two three"; 粤B、一二三.
pub(super) fn read(value: &str, language: Language) -> Option<String> {
    let mut words = String::new();
    let mut last: Option<char> = None;
    for sign in value.chars() {
        let is_digit = sign.is_ascii_digit();
        if let Some(last) = last {
            let follows_digit = is_digit && last.is_ascii_digit();
            words.push_str(match language {
                Language::En if follows_digit => " ",
                Language::En => ", ",
                Language::Zh if follows_digit || is_province(last) => "",
                Language::Zh => "、",
            });
        }
        match PROVINCES.iter().find(|(province, _)| *province == sign) {
            Some((_, name)) if language == Language::En => {
                let (first, others) = name.split_at(1);
                words.push_str(&first.to_ascii_uppercase());
                words.push_str(others);
            }
            _ if is_digit => words.push_str(&read_digits(&sign.to_string(), language)),
            Some(_) => words.push(sign),
            None if sign.is_ascii_alphabetic() => words.push(sign.to_ascii_uppercase()),
            None if super::plates::ENDS.contains(sign) => words.push(sign),
            None => return None,
        }
        last = Some(sign);
    }
    last.map(|_| words)
}
