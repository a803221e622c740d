//! Words for what callers may want, made of the names on the way there. No two ends share a phrase.

use super::model::Origin;
use crate::reading::usual_words;
use call_model::Language;
use spoken_text::{normalise, units, words};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// The shortest English word that speaks for an end by itself, in letters.
const WORD_MIN: usize = 5;
/// The shortest English word that has an `s` of many taken off, in letters.
const ONE_MIN: usize = 3;
/// So many of the names above an end stand in phrases of it.
const LONGER_MAX: usize = 2;
/// Said about anything, so that they tell no end from what the tree does not have.
const ENGLISH_GENERAL: &str = "want need like help please make have other others more else with from \
    about information something someone account number call back start main menu press would could \
    this that there change report check other general enquiries inquiries services service close raise \
    direct current standing first second daily early another";
const CHINESE_GENERAL: &str = "办理 查询 申请 我要 我想 咨询 业务 服务 其他 别的 取消 修改 更换 问题 \
    可以 需要 号码 电话 时间 确认 什么 怎么 多少 开始 停止 返回 继续 重复";

/// In too many phrases to tell one from another.
const ENGLISH_SLIGHT: &str =
    "a an the my is are to of for i you what when where do your in on at it me about and";
const CHINESE_SLIGHT: &str = "的 了 吗 我 你 是 在 们 个 什 么";

/// Something that a caller may want.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub to: String,
    pub at: Origin,
    /// It is a menu with more below it.
    pub is_menu: bool,
    /// For each way there the names of the menus above, from the top, and its own.
    pub ways: Vec<(Vec<String>, Vec<String>)>,
}

/// The phrases of each, the most telling first; empty where nothing tells it from the others.
pub(super) fn phrases_of(
    all: &[Named],
    language: Language,
    is_person: impl Fn(&str) -> bool,
) -> Vec<Vec<String>> {
    let sieve = Sieve::of(language);
    let claims = claims(all, language);
    let telling = telling_words(all, language);
    let mut phrases = Vec::new();
    for (index, named) in all.iter().enumerate() {
        let fits = |phrase: &&String| {
            claims.are_of(index, phrase) && sieve.lets_pass(phrase, is_person(&named.to))
        };
        let mut chosen: Vec<String> = Vec::new();
        let own = named.ways.iter().flat_map(|(_, own)| own);
        let mut add = |phrase: &String| {
            let core = core(phrase, language);
            if !chosen
                .iter()
                .any(|other| self::core(other, language) == core)
            {
                chosen.push(phrase.clone());
            }
        };
        own.filter(fits).for_each(&mut add);
        telling[index].iter().filter(fits).for_each(&mut add);
        // With more of the branch, where that tells the end from all others.
        if !named.is_menu {
            for (branch, own) in &named.ways {
                for own in own {
                    let longer = longer(branch, own, language);
                    let telling = longer
                        .iter()
                        .filter(|forms| forms.iter().all(|form| fits(&form)));
                    telling.take(LONGER_MAX).flatten().for_each(&mut add);
                }
            }
        }
        phrases.push(chosen);
    }
    leave_to_ends(all, &mut phrases, language);
    phrases
}

/// A menu's name that stands in what an end is called would take its callers: who says "the balance of my
/// credit card" names an end, and the name of the menu "credit card" stands whole in it.
fn leave_to_ends(all: &[Named], phrases: &mut [Vec<String>], language: Language) {
    let of_ends = all
        .iter()
        .zip(&*phrases)
        .filter(|(named, _)| !named.is_menu);
    let of_ends = of_ends.flat_map(|(_, phrases)| phrases);
    let of_ends: Vec<Vec<String>> = of_ends.map(|phrase| core(phrase, language)).collect();
    for (named, phrases) in all.iter().zip(phrases) {
        phrases.retain(|phrase| {
            let name = core(phrase, language);
            let is_in = |end: &Vec<String>| end.windows(name.len()).any(|part| part == name);
            !(named.is_menu && of_ends.iter().any(is_in))
        });
    }
}

/// Who could be called what, and by how many names further up.
struct Claims {
    language: Language,
    /// The nearest claim to a phrase, and whose it is.
    nearest: BTreeMap<Vec<String>, (usize, BTreeSet<usize>)>,
}

impl Claims {
    /// Whether the phrase is this one's, and no other is as near to it.
    fn are_of(&self, index: usize, phrase: &str) -> bool {
        let claim = self.nearest.get(&core(phrase, self.language));
        claim.is_none_or(|(_, of)| of.len() == 1 && of.contains(&index))
    }

    fn claim(&mut self, phrase: &str, distance: usize, index: usize) {
        let claim = (distance, BTreeSet::from([index]));
        let core = core(phrase, self.language);
        let nearest = self.nearest.entry(core).or_insert_with(|| claim.clone());
        match distance.cmp(&nearest.0) {
            Ordering::Less => *nearest = claim,
            Ordering::Equal => drop(nearest.1.insert(index)),
            Ordering::Greater => {}
        }
    }
}

fn claims(all: &[Named], language: Language) -> Claims {
    let mut claims = Claims {
        language,
        nearest: BTreeMap::new(),
    };
    for (index, named) in all.iter().enumerate() {
        for (branch, own) in &named.ways {
            for own in own {
                claims.claim(own, 0, index);
                let longer = longer(branch, own, language).into_iter().enumerate();
                for (distance, forms) in longer.filter(|_| !named.is_menu) {
                    forms
                        .iter()
                        .for_each(|form| claims.claim(form, distance + 1, index));
                }
            }
        }
    }
    claims
}

/// A name with the nearest name above it, with the next, and so on, and with all of them; each as callers
/// would say it.
fn longer(branch: &[String], own: &str, language: Language) -> Vec<Vec<String>> {
    let nearest_first = branch.iter().rev().map(std::slice::from_ref);
    let all = nearest_first.chain([branch]);
    // An empty one keeps the distance of those after it.
    all.map(|above| joined(above, own, language)).collect()
}

/// Names together, no word twice: "cards" and "lost card" are no more than "lost card". English has them in
/// either order.
fn joined(above: &[String], own: &str, language: Language) -> Vec<String> {
    let stem_of = |word: &String| stem(word).to_owned();
    let mut stems: BTreeSet<String> = words(own, language).iter().map(stem_of).collect();
    // A single Chinese character is a part of a word of its own.
    let is_part = |word: &String| language == Language::Zh && word.chars().count() == 1;
    let more = above.iter().flat_map(|above| words(above, language));
    let more: Vec<String> = more
        .filter(|word| is_part(word) || !is_slight(word, language) && stems.insert(stem_of(word)))
        .collect();
    match language {
        _ if more.is_empty() => Vec::new(),
        Language::En => {
            let more = more.join(" ");
            vec![format!("{more} {own}"), format!("{own} {more}")]
        }
        Language::Zh => vec![format!("{}{own}", more.concat())],
    }
}

/// One or many: "cards" and "card" are the same to callers.
fn stem(word: &str) -> &str {
    match word.strip_suffix('s') {
        Some(one) if one.len() >= ONE_MIN && one.is_ascii() && !one.ends_with('s') => one,
        _ => word,
    }
}

/// What tells phrases apart: their units, without those that are in every other sentence.
fn core(phrase: &str, language: Language) -> Vec<String> {
    let all = units(phrase, language);
    let weighty: Vec<String> = all
        .iter()
        .filter(|unit| !is_slight(unit, language))
        .cloned()
        .collect();
    if weighty.is_empty() { all } else { weighty }
}

/// For each end the words of its own names that stand in no other name of the tree.
fn telling_words(all: &[Named], language: Language) -> Vec<Vec<String>> {
    let general: BTreeSet<&str> = match language {
        Language::En => ENGLISH_GENERAL,
        Language::Zh => CHINESE_GENERAL,
    }
    .split_whitespace()
    .collect();
    let mut owners: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for (index, named) in all.iter().enumerate() {
        let own = named.ways.iter().flat_map(|(_, own)| own);
        for word in own.flat_map(|name| words(name, language)) {
            owners
                .entry(stem(&word).to_owned())
                .or_default()
                .insert(index);
        }
    }
    let is_weighty = |word: &str| {
        let long = match language {
            Language::En => WORD_MIN,
            Language::Zh => 2,
        };
        word.chars().count() >= long
            && word.chars().all(char::is_alphabetic)
            && !is_slight(word, language)
            && !general.contains(word)
            && !general.contains(stem(word))
    };
    let of = |(index, named): (usize, &Named)| {
        let own = named.ways.iter().flat_map(|(_, own)| own);
        let mut found: Vec<String> = Vec::new();
        for word in own.flat_map(|name| words(name, language)) {
            let is_own = owners
                .get(stem(&word))
                .is_some_and(|of| of.len() == 1 && of.contains(&index));
            let elsewhere = |other: &Named| {
                other.to != named.to
                    && other
                        .ways
                        .iter()
                        .any(|(_, own)| own.iter().any(|own| own.contains(&word)))
            };
            if is_own && is_weighty(&word) && !found.contains(&word) && !all.iter().any(elsewhere) {
                found.push(word);
            }
        }
        found
    };
    all.iter().enumerate().map(of).collect()
}

/// Which phrases may lead to an end at all.
struct Sieve {
    language: Language,
    /// They fetch a person wherever they are said.
    for_person: BTreeSet<Vec<String>>,
    /// They mean something else at every question.
    taken: BTreeSet<String>,
}

impl Sieve {
    fn of(language: Language) -> Self {
        let words = usual_words(language);
        let for_person = words.for_person().map(|word| units(word, language));
        let for_person = for_person.filter(|word| !word.is_empty()).collect();
        let v = words.vocabulary;
        let taken = [v.yes, v.no, v.repeat, v.hold_on, v.goodbye]
            .into_iter()
            .flatten();
        Self {
            language,
            for_person,
            taken: taken.map(|word| normalise(&word, language)).collect(),
        }
    }

    fn lets_pass(&self, phrase: &str, is_person: bool) -> bool {
        let phrase = normalise(phrase, self.language);
        phrase.chars().any(char::is_alphabetic)
            && !self.taken.contains(&phrase)
            && (is_person || !self.fetches_person(&phrase))
    }

    /// Whether a word stands in it that fetches a person.
    fn fetches_person(&self, phrase: &str) -> bool {
        let parts = units(phrase, self.language);
        self.for_person
            .iter()
            .any(|word| parts.windows(word.len()).any(|part| part == word))
    }
}

fn is_slight(unit: &str, language: Language) -> bool {
    let slight = match language {
        Language::En => ENGLISH_SLIGHT,
        Language::Zh => CHINESE_SLIGHT,
    };
    slight.split_whitespace().any(|word| word == unit)
}
