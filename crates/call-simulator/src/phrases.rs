//! What simulated callers say, and what it truly means: the ground on which the
//! escalation checks stand, written down by hand and not by asking the engine.

use call_model::Language;

/// One thing a caller may say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Phrase {
    /// Words, parted by spaces (for the table's sake also in Chinese).
    pub(crate) words: &'static str,
    pub(crate) kind: Kind,
}

/// What a phrase truly means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// Something the plan may know.
    Matter,
    /// Nothing any plan knows.
    Foreign,
    /// Every word marked with `*` asks for a person.
    Ask,
    /// The word marked with `!` is a demand that stands.
    Demand,
    /// The word marked with `~` is an escalation word that is not meant.
    Denied,
    Backchannel,
    Repeat,
    Yes,
    No,
    /// Sound without words.
    Noise,
}

const fn phrase(words: &'static str, kind: Kind) -> Phrase {
    Phrase { words, kind }
}

const EN: &[Phrase] = &[
    phrase("order status", Kind::Matter),
    phrase("check my order", Kind::Matter),
    phrase("opening hours", Kind::Matter),
    phrase("balance", Kind::Matter),
    phrase("report a fault", Kind::Matter),
    phrase("four two seven one", Kind::Matter),
    phrase("one two three", Kind::Matter),
    phrase("goodbye", Kind::Matter),
    phrase("no thank you", Kind::Matter),
    phrase("the printer", Kind::Matter),
    phrase("purple elephants dance", Kind::Foreign),
    phrase("my neighbour has a dog", Kind::Foreign),
    phrase("*agent", Kind::Ask),
    phrase("please an *operator", Kind::Ask),
    phrase("*agent *agent", Kind::Ask),
    phrase("*agent *agent *agent", Kind::Ask),
    phrase("i want to file a !complaint", Kind::Demand),
    phrase("i will call my !lawyer", Kind::Demand),
    phrase("i don't want to make a ~complaint", Kind::Denied),
    phrase("uh huh", Kind::Backchannel),
    phrase("can you repeat that", Kind::Repeat),
    phrase("yes", Kind::Yes),
    phrase("no", Kind::No),
    phrase("", Kind::Noise),
];

const ZH: &[Phrase] = &[
    phrase("查 订单", Kind::Matter),
    phrase("营业 时间", Kind::Matter),
    phrase("查 余额", Kind::Matter),
    phrase("报修", Kind::Matter),
    phrase("四 二 七 一", Kind::Matter),
    phrase("一 二 三", Kind::Matter),
    phrase("再见", Kind::Matter),
    phrase("打印机", Kind::Matter),
    phrase("紫色 大象 跳舞", Kind::Foreign),
    phrase("隔壁 有 一只 狗", Kind::Foreign),
    phrase("*人工", Kind::Ask),
    phrase("*转人工", Kind::Ask),
    phrase("*人工 *人工", Kind::Ask),
    phrase("*人工 *人工 *人工", Kind::Ask),
    phrase("我要 !投诉 你们", Kind::Demand),
    phrase("我要 找 !律师", Kind::Demand),
    phrase("我 不是 要 ~投诉", Kind::Denied),
    phrase("嗯", Kind::Backchannel),
    phrase("再说一遍", Kind::Repeat),
    phrase("是的", Kind::Yes),
    phrase("不是", Kind::No),
    phrase("", Kind::Noise),
];

/// All phrases of a language.
pub(crate) const fn phrases(language: Language) -> &'static [Phrase] {
    match language {
        Language::En => EN,
        Language::Zh => ZH,
    }
}

/// The phrases of one kind.
pub(crate) fn of_kind(language: Language, kind: Kind) -> Vec<Phrase> {
    let all = phrases(language).iter().copied();
    all.filter(|phrase| phrase.kind == kind).collect()
}
