//! Words that turn what stands beside them: negation, withdrawal, questions for
//! a number. All are phrases of units, tried longest first.

use super::phrases::Phrases;
use call_model::Language;
use std::sync::LazyLock;

/// The patterns of one language.
pub(super) struct Patterns {
    /// Turn what follows into its contrary.
    pub negators: Phrases,
    /// The same, but before a demand alone: "no complaints", where "no, agent" is an ask.
    pub weak_negators: Phrases,
    /// Look like negators and are none: "why don't you …", 能不能.
    pub guards: Phrases,
    /// A negator after one of these is none: "if you don't …".
    pub conditions: Phrases,
    /// May stand between a negator and its word.
    pub bridges: Phrases,
    /// After a negated word, make a question of it that asks for it all the same: 没有人工吗.
    pub question_ends: Phrases,
    /// Withdraw what follows, bridged by `articles`.
    pub withdrawals_before: Phrases,
    /// Withdraw what stands before, bridged by `afterthoughts`.
    pub withdrawals_after: Phrases,
    pub articles: Phrases,
    pub afterthoughts: Phrases,
    /// A number, an address or the like.
    pub numbers: Phrases,
    /// May stand between a word and its number: "complaints *department* number".
    pub offices: Phrases,
    /// May stand between a number and its word: "number *for* complaints"; empty
    /// where a language does not say it so.
    pub prepositions: Phrases,
    /// Mark a text as a question or request for something told.
    pub asking: Phrases,
}

pub(super) fn patterns(language: Language) -> &'static Patterns {
    match language {
        Language::En => &ENGLISH,
        Language::Zh => &CHINESE,
    }
}

static ENGLISH: LazyLock<Patterns> = LazyLock::new(|| {
    let of = |list: &str| Phrases::of(list.split(','), Language::En);
    Patterns {
        negators: of(
            "not, don't, dont, didn't, doesn't, isn't, wasn't, aren't, won't, wouldn't, haven't, \
             never, can't, cannot, without, no need, no reason, instead of, rather than, ain't",
        ),
        weak_negators: of("no, zero"),
        guards: of(
            "why not, why don't, why can't, why won't, can't i, don't i, won't you, not only, not just",
        ),
        conditions: of(
            "why, how come, if you, if they, unless, if it, if this, because you, because they, since you",
        ),
        bridges: of(
            "want, to, need, a, an, the, my, any, your, be, going, gonna, looking, trying, wanting, \
             planning, intending, here, for, with, speak, speaking, talk, talking, about, of, file, \
             filing, make, making, me, transfer, connect, put, through, really, actually, \
             necessarily, real, another, say, said, saying, saying i'll, saying i will, saying i, \
             mean, asking, asked, call, calling, mention, this, want to be, require, wish, like, \
             think i'll, think i will, think i need",
        ),
        question_ends: Phrases::default(),
        withdrawals_before: of(
            "forget, forget about, drop, dropping, withdraw, withdrawing, cancel, skip, never mind, \
             nevermind, scratch, retract, take back, changed my mind about",
        ),
        withdrawals_after: of(
            "never mind, nevermind, forget it, forget about it, forget that, scratch that, cancel that, \
             no longer needed, won't be necessary, isn't necessary, is not necessary, not necessary, \
             not needed, don't bother, i changed my mind, i take that back, i take it back",
        ),
        articles: of("the, about, my, that, a, an, this, your"),
        afterthoughts: of(
            "thing, then, actually, uh, um, no, ok, okay, but, well, oh, on second thought, on second thoughts, \
             it, is, please, wait, sorry",
        ),
        numbers: of(
            "number, phone number, telephone number, hotline, line, email, email address, address, phone, \
             website, contact, form",
        ),
        offices: of("department, team, office, desk, service, phone, telephone, contact, email"),
        prepositions: of(
            "for, of, to, for the, of the, for your, of your, for making, for filing, to make, to file, a, an",
        ),
        asking: of(
            "what, what's, which, where, tell, give, do you have, is there, know, find, need, have, can i have, \
             could i have, looking for, send",
        ),
    }
});

static CHINESE: LazyLock<Patterns> = LazyLock::new(|| {
    let of = |list: &str| Phrases::of(list.split(','), Language::Zh);
    Patterns {
        negators: of(
            "不是,不要,不想,不用,不需要,不必,不会,不打算,不准备,不再,没有要,没想,没想要,没说,没说要,没要,没有说,\
             没有想,没有,没,别,无需,无须,并非,并不是,并不想,不,从没,从来没有,不愿意,不愿,不至于,用不着,犯不着",
        ),
        weak_negators: Phrases::default(),
        guards: of(
            "为什么不,为啥不,怎么不,怎么还不,凭什么不,还不,不得不,不能不,不如,要不,要不然,不然,能不能,可不可以,\
             是不是,会不会,要不要,可以不可以,怎么没有,怎么没,为什么没有,为什么没,有没有,难道不,难道没有,再不,如果不,\
             要是不,若不,你们不,你不,他们不,不仅,不光,不但,不只",
        ),
        conditions: of("如果,要是,如果你们,要是你们,为什么,为啥,怎么,凭什么,难道"),
        bridges: of(
            "要,想,来,去,找,用,需要,打算,准备,说,会,再,转,接,是,给我,帮我,给我转,让你,您,真的,真,这么,为了,什么,\
             任何,搞,进行,提出,提,申请,请,打,拨打,打电话,专门,故意",
        ),
        question_ends: of("吗,嘛,么,服务吗,的吗"),
        withdrawals_before: of("取消,撤销,撤回,放弃,撤掉,收回,别管"),
        withdrawals_after: of(
            "算了,不用了,免了,不必了,不要了,没必要,没必要了,不需要了,撤了,作罢,取消了,取消吧,不了,下次再说,以后再说,\
             当我没说,不麻烦了",
        ),
        articles: of("我的,那个,这个,之前的,刚才的,的,我那个,对你们的,我,了"),
        afterthoughts: of("就,的事,这事,这件事,的,吧,那,先,也,我看,还是,什么的,啊,呢,嗯,哎"),
        numbers: of("电话,电话号码,热线,号码,邮箱,地址,渠道,方式,网址,专线"),
        offices: of("的,部门,部,中心,服务,服务部,联系,专用"),
        prepositions: Phrases::default(),
        asking: of(
            "多少,几号,几,什么,哪,告诉,给我,有没有,有吗,吗,查,知道,问一下,怎么打,发我,发给我,报一下",
        ),
    }
});
