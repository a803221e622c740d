//! What single words tell about where an answer leads.

use call_model::Language;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Words that tell nothing by themselves, wherever they stand.
const ENGLISH_EMPTY: &str = "a an the my your our his her its their this that these those i i'm i'd i've i'll me \
    you you're you've you'd we we're we've it it's he she they them us is are am was were be been being do does \
    did done have has had having having's can could will would shall should may might must to of for in on at by \
    with from as and or if so than then there here about into what what's why any some all more just only also too very really actually please \
    yes yeah yep ok okay um uh er erm hi hello hey well like sorry thanks thank want wanted wanna need needed \
    let let's know tell ask asking say said saying call calling called wondering wonder think thought guess \
    mean sort kind bit lot thing things something anything everything somebody someone anybody anyone \
    0 1 2 3 4 5 6 7 8 9 because though but now today again still ever even maybe perhaps quite guys \
    please's question help speak talk possible able sure right got going gonna what're dear sir madam \
    morning afternoon evening good always already yet ago since while until till after before";

/// Words that tell little: verbs of every trade.
const ENGLISH_SLIGHT: &str = "get make take give go come find look see put use try keep show send work start \
    stop new old good next last first long much many time day week month year today tomorrow way place people \
    person number name check change move need bring happen happened got month's other another own since early \
    late soon far near phone one's live big small when when's where where's how how's which who anywhere somewhere \
    off out back up down over away";

/// The same for characters.
const CHINESE_EMPTY: &str = "的了吗我你您他她是在们个什么呢吧啊呀嗯那这就都也还要想请问一下帮给能可以喂好来去到里\
    哪怎样把被和跟与或者很太再又才会得着过说讲知道麻烦谢对但因为所以如果现然后先最时候点儿些几多少有从往让用";
const CHINESE_NEGATIVE: &str = "不没别无未";

/// What English words weigh that weigh less than others, by their roots.
static ENGLISH: LazyLock<BTreeMap<String, u32>> = LazyLock::new(|| {
    let of = |list: &'static str, weight: u32| {
        let words = list.split_ascii_whitespace();
        words.map(move |word| (root(word, Language::En).into_owned(), weight))
    };
    let mut weights: BTreeMap<String, u32> = of(ENGLISH_SLIGHT, 350).collect();
    weights.extend(of(ENGLISH_EMPTY, 0));
    weights
});

/// How much of a word's weight remains by its nature, in thousandths.
pub(super) fn nature(unit: &str, language: Language) -> u32 {
    match language {
        Language::En if is_negative(unit, language) => 700,
        Language::En => {
            let weight = ENGLISH.get(root(unit, language).as_ref());
            weight.copied().unwrap_or(1_000)
        }
        Language::Zh if CHINESE_EMPTY.contains(unit) => 250,
        Language::Zh if is_negative(unit, language) => 500,
        Language::Zh if unit.bytes().all(|b| b.is_ascii_digit()) => 250,
        Language::Zh => 1_000,
    }
}

/// Whether a unit turns a sentence into its contrary.
pub(super) fn is_negative(unit: &str, language: Language) -> bool {
    match language {
        Language::En => {
            unit.ends_with("n't")
                || matches!(unit, "not" | "no" | "never" | "cannot" | "dont" | "nothing")
        }
        Language::Zh => CHINESE_NEGATIVE.contains(unit),
    }
}

/// The form in which words of one root compare: "closing", "closed" and "close".
pub(super) fn root(unit: &str, language: Language) -> Cow<'_, str> {
    if language == Language::Zh {
        return Cow::Borrowed(unit);
    }
    if is_negative(unit, language) {
        return Cow::Borrowed("not");
    }
    if let Some(root) = irregular(unit) {
        return Cow::Borrowed(root);
    }
    let word = unit.strip_suffix("'s").unwrap_or(unit);
    let word = word.strip_suffix('\'').unwrap_or(word);
    if !word.is_ascii() {
        return Cow::Borrowed(word);
    }
    if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.len() > 1) {
        return Cow::Owned(format!("{stem}y"));
    }
    let word = match word.strip_suffix('s') {
        Some(stem) if word.len() > 3 && !stem.ends_with(['s', 'u', 'i']) => stem,
        Some(_) | None => word,
    };
    let stem = ["ing", "ed"].into_iter().find_map(|ending| {
        let stem = word.strip_suffix(ending)?;
        (stem.len() >= 3 && stem.contains(['a', 'e', 'i', 'o', 'u', 'y'])).then_some(stem)
    });
    let stem = stem.map_or(word, single_end);
    let stem = stem
        .strip_suffix('e')
        .filter(|s| s.len() >= 3)
        .unwrap_or(stem);
    let stem = match stem.strip_suffix("iz") {
        Some(begin) => return Cow::Owned(format!("{begin}is")),
        None => stem,
    };
    Cow::Borrowed(stem)
}

/// "cancell" as "cancel", "stopp" as "stop".
fn single_end(stem: &str) -> &str {
    let bytes = stem.as_bytes();
    match bytes {
        [.., a, b] if a == b && stem.len() > 3 && !b"aeious".contains(b) => &stem[..stem.len() - 1],
        _ => stem,
    }
}

/// Roots of the words that callers bend otherwise.
fn irregular(unit: &str) -> Option<&'static str> {
    Some(match unit {
        "lost" | "losing" => "los",
        "stole" | "stolen" => "steal",
        "forgot" | "forgotten" | "forgetting" => "forget",
        "paid" => "pay",
        "sent" => "send",
        "bought" => "buy",
        "broke" | "broken" => "break",
        "fell" | "fallen" => "fall",
        "came" => "com",
        "took" | "taken" => "tak",
        "left" => "leav",
        "made" => "mak",
        "gave" | "given" => "giv",
        "found" => "find",
        "hung" => "hang",
        "kept" => "keep",
        "went" | "gone" => "go",
        "shut" | "shutting" => "shut",
        "smelt" => "smell",
        "burnt" => "burn",
        "tore" | "torn" => "tear",
        "wrote" | "written" => "writ",
        "ran" => "run",
        "drove" | "driven" => "driv",
        "withdrew" | "withdrawn" => "withdraw",
        "cancellation" => "cancel",
        "electrical" | "electric" => "electricity",
        _ => return None,
    })
}
