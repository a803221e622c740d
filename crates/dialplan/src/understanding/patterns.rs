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
    /// Say that callers do not want what follows. "I can't" and "I haven't" are none: they say
    /// what is wrong.
    pub denials: Phrases,
    /// The same of a thing that is named: "not the balance".
    pub namings: Phrases,
    /// Look like denials and are none: 是不是, "not working".
    pub undenied: Phrases,
    /// May stand before what is denied.
    pub denial_bridges: Phrases,
    /// Begin what callers want instead.
    pub contrasts: Phrases,
    /// Begin another thing.
    pub openings: Phrases,
    /// What stands before is taken back: "no wait", 说错了.
    pub corrections: Phrases,
    /// Begin what callers ask for.
    pub requests: Phrases,
    /// How a demand stands that is only spoken of.
    pub mention: Mention,
}

/// How a demand stands that callers only speak of.
pub(super) struct Mention {
    /// Who else does it: "my neighbour".
    pub others: Phrases,
    /// Before them, they are those the caller speaks to: "your colleague".
    pub yours: Phrases,
    /// May stand between them and the word: "wants to file a".
    pub deeds: Phrases,
    /// Those whose names are demands by themselves, and what may stand around them:
    /// "lawyer", "he is a …", "… 's office".
    pub callings: Phrases,
    pub roles: Phrases,
    pub places: Phrases,
    /// Before any demand: a place beside it, or what was once meant.
    pub beside: Phrases,
    pub once: Phrases,
    /// How callers say that they heard of it, and how they come to speak of themselves.
    pub told: Phrases,
    pub own: Phrases,
    /// How they say that it is over, and that it is not.
    pub settled: Phrases,
    pub unsettled: Phrases,
    /// How callers begin what they want for themselves, before the word and before what may stand between.
    pub wishes: Phrases,
    /// What they say when they come to what they want instead.
    pub redirects: Phrases,
    /// Before and after a word that is spoken of as a word, or of which is only asked what it is.
    pub quoting: Phrases,
    pub quoted: Phrases,
    /// Before and after people who were spoken to once, or who did something.
    pub met: Phrases,
    pub acts: Phrases,
    /// People of these names are also a trade: "my wife is the manager".
    pub trades: Phrases,
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
             never, can't, cannot, without, nobody, no one, nobody's, no need, no reason, instead of, rather than, ain't",
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
             mean, asking, asked, call, calling, mention, this, want to be, require, wish, like, made, had, ever, hear, hearing, after, is, have, got, single, one, word of, talks, get, any of, \
             think i'll, think i will, think i need",
        ),
        question_ends: Phrases::default(),
        withdrawals_before: of(
            "forget, forget about, drop, dropping, ignore, ignore what i said about, withdrew, took back, dropped, withdraw, withdrawing, cancel, skip, never mind, \
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
        denials: of(
            "don't want, dont want, do not want, didn't want, don't need, do not need, didn't need, don't wish, \
             don't care about, not trying, not looking, not calling, not asking, not here, not going, not gonna, wasn't trying, \
             no need, not after, don't think, do not think, wouldn't call, nothing to, would rather not, instead of, rather than, never mind, forget, didn't ask, didn't say, did not ask, did not say, \
             don't mean, didn't mean, not want, not interested, don't tell me, not to, not planning",
        ),
        namings: of(
            "not, no, isn't, is not, wasn't, it's not, isn't about, not about, nothing to do with",
        ),
        undenied: of(
            "why not, not working, not able, not sure, not only, not just, no longer, no idea, not coming, not know, \
             not yet, not enough, not there, not been, not received, not arrived, not got, not a single, no power, no electricity, \
             no light, no lights",
        ),
        denial_bridges: of(
            "to, the, a, an, my, your, for, about, of, any, be, another, want, need, in, this, that, me, it, with",
        ),
        contrasts: of(
            "but, just, only, i, i'm, i'd, i've, i'll, we, we're, it's, can you, can i, could you, could i, what, when, where, how, rather, instead, though, \
             because, so, tell me, please, let me, it is, but rather",
        ),
        openings: of("the, my, a, an, your, this, that, for"),
        corrections: of(
            "no wait, wait no, oh wait, wait, sorry i mean, sorry i meant, i mean, i meant, no sorry, sorry no, actually no, no actually, \
             or rather, scratch that, make that, no no, well actually, no i want, no i need, no i'd like",
        ),
        requests: of(
            "i want to, i wanted to, i'd like to, i would like to, i need to, i have to, can you, could you, can i, could i, \
             i only want to know, i need to know, i just want, i just need, i want, i'd like, i need, how do i, my question is",
        ),
        mention: Mention {
            others: of(
                "he, she, he's, she's, they, they're, they've, somebody, someone, people, everybody, everyone, neighbour, neighbours, neighbor, \
                 neighbors, friend, friends, brother, sister, cousin, uncle, aunt, landlord, tenant, tenants, flatmate, roommate, \
                 customers, customer, a guy, this guy, a man, a woman, a lady, mate, others, nobody, no one, \
                 the council, boss, coworker, ex, ex wife, ex husband, wife, husband, mother, father, mum, mom, dad, partner, boyfriend, girlfriend, airline, brother in law, sister in law, other people, my son, my daughter, my nephew, my niece, \
                 the man, the woman, the lady, the guy, the letter, the website",
            ),
            yours: of("your, one of your, you've, of your"),
            deeds: of(
                "wants, wanted, want, to, is, was, are, were, is going, was going, going, has, had, have, did, made, makes, make, making, \
                 threatened, planning, got, hired, keeps, always, who, that, works, work, worked, as, for, a, an, the, file, filed, filing, \
                 taking, take, already, also, once, studying, studied, become, becoming, be, been, being, get, getting, \
                 sent, said, says, once, never, his, her, their, about, talking, thinking, of, some, who's, used, won, received, \
                 at, with, in, from, told, me, advised, suggested, threatens, looking, needs, need, called, or, really, just, ever, then, \
                 told me, told us, said i, i should, i could get, i can get, on the phone, yesterday, threatened to call, of mine",
            ),
            callings: of(
                "lawyer, lawyers, attorney, solicitor, ombudsman, trading standards, consumer protection, consumer rights, better business bureau, \
                 small claims",
            ),
            roles: of(
                "is, was, i'm, am, be, become, becoming, being, as, work for, works for, working for, worked for, work at, works at, \
                 work with, working at, work in, works in, working in, used to be, married to, studying to be, trained as, training as, job as, office of, called, named, there",
            ),
            places: of(
                "office, offices, building, next door, general, general's, firm, street, association, downstairs, upstairs, by profession, \
                 by trade, you recommend, you can recommend, you know, has no, has the, has a problem, is out, needs, myself, friend, who lives, said, told, says, tells",
            ),
            beside: of(
                "next to, next door to, near, opposite, across from, behind, above, below, past, work for, works for, work at, works at, \
                 work in, works in, working in, working at, working for, article about, book about, film about, movie about, show about, news about, \
                 programme about, something about, read about, heard about, story about, joke about, joking about",
            ),
            once: of(
                "was going to, was about to, were going to, nearly, almost, would have, used to, was thinking of, was thinking about, \
                 could have, had thought of, far from, hardly, not one to, wouldn't dream of, i got, i received, we got, we received",
            ),
            told: of(
                "heard, read, saw, on the news, on tv, in the paper, on the radio, is it true, the news, film, movie, story, \
                 documentary, newspaper, podcast, tv show",
            ),
            own: of(
                "i'll, i will, i want, i'm going to, we'll, i'd like, i would like, i am going to, we want, give me, i demand, i need, for me, my own, i expect",
            ),
            settled: of(
                "sorted, resolved, settled, handled, been solved, is solved, been dealt with, was dealt with, taken care of, all good now, \
                 all fine now, is closed, was closed, cleared up, worked out, sorted out, went well, was handled, was paid, been paid, has arrived, thank you",
            ),
            unsettled: of(
                "not, never, still, hasn't, isn't, wasn't, haven't, until, unless, when, get, won't, has, yet, want",
            ),
            wishes: of(
                "i want, i'd like, i would like, i'll, i will, i shall, i'm going, i am going, i have, i've got, i need, i demand, i expect, \
                 let me, give me, get me, can i, could i, may i, how do i, how can i, where do i, where can i, put me, transfer me, connect me, \
                 we want, we'll, we will, we need, we have, i'm calling, i am calling, i'm making, here to, you owe, about",
            ),
            redirects: of(
                "i just want, i just need, i just wanted, i'm just, i am just, i only want, i only need, i only wanted, i'm only, just give me, \
                 just tell me, just the, only the, anyway, i meant, it's more, i need something else, but that's another, what i need is, \
                 all i want, all i need, that's not why, the thing i want, could you just, can you just, when are you, when do you, i'd rather",
            ),
            quoting: of(
                "the word, word, i said, you said, it says, are you, you're not, you are not, is this, am i talking to, am i speaking to, \
                 if i wanted to, if i wanted, if i had wanted to, do i need, would i need, do you need, should i get, not like i'm going to, \
                 not like i am going to, wouldn't call it, not calling it, not the, nothing to, hold the, no more, there was, there were",
            ),
            quoted: of(
                "i meant, means, is written, or a machine, or a robot, or a computer, or a bot, in my name, is my name, jokes, joke, type, \
                 that fixes, who fixes, taxable, for the form, to fill in, to sign",
            ),
            met: of(
                "spoke to, spoke with, talked to, talked with, was talking to, was speaking to, been speaking to, been talking to, was told by, \
                 were told by, got through to, phoned, emailed, chatted with, got, received, dropped, had, before i get to talk to, asked for",
            ),
            acts: of(
                "i talked, i spoke, i had, i got, who told, who said, who helped, who came, told, said, gave, left, fixed, helped, promised, \
                 sent, was very, was so, was really, has already, already, this morning, last time, last week, yesterday, earlier, of a",
            ),
            trades: of(
                "customer service, customer care, customer support, manager, the manager, supervisor, operator, the operator, receptionist, agent, \
                 an agent, advisor, adviser, representative, a representative, team leader",
            ),
        },
    }
});

static CHINESE: LazyLock<Patterns> = LazyLock::new(|| {
    let of = |list: &str| Phrases::of(list.split(','), Language::Zh);
    Patterns {
        negators: of(
            "不是,不要,不想,不用,不需要,不必,不会,不打算,不准备,不再,没有要,没想,没想要,没说,没说要,没要,没有说,\
             没有想,没有,没,没啥,别,无需,无须,并非,并不是,并不想,不,从没,从来没有,不愿意,不愿,不至于,用不着,犯不着",
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
             任何,好,可,过,搞,进行,提出,提,申请,请,打,拨打,打电话,专门,故意",
        ),
        question_ends: of("吗,嘛,么,服务吗,的吗"),
        withdrawals_before: of("取消,撤销,撤回,放弃,撤掉,收回,别管"),
        withdrawals_after: of(
            "算了,不用了,免了,不必了,不要了,没必要,没必要了,不需要了,撤了,作罢,取消了,取消吧,不了,下次再说,以后再说,\
             当我没说,不麻烦了",
        ),
        articles: of("我的,那个,这个,之前的,刚才的,的,我那个,对你们的,我,了"),
        afterthoughts: of("就,的事,这事,这件事,的,吧,那,先,也,我看,还是,什么的,啊,呢,嗯,哎"),
        numbers: of("电话,电话号码,热线,号码,邮箱,地址,渠道,方式,网址,专线,申请表,表格,模板"),
        offices: of("的,部门,部,中心,服务,服务部,联系,专用"),
        prepositions: Phrases::default(),
        asking: of(
            "多少,几号,几,什么,哪,告诉,给我,有没有,有吗,吗,查,知道,问一下,怎么打,发我,发给我,报一下",
        ),
        denials: of(
            "不是,不要,不想,不用,不需要,不必,不打算,不准备,没打算,别误会,没要,没想,没说,没说要,没让你,并非,别给我,不问,不查,不办,不是来,无需,又不是,用不着",
        ),
        namings: Phrases::default(),
        undenied: of(
            "是不是,要不要,用不用,想不想,不是吗,是不是有,要不是,不要紧,不要了,不用了,不想要了,不需要了",
        ),
        denial_bridges: of("要,想,来,去,问,说,办,我的,那个,这个,查,关于,因为"),
        contrasts: of("我,是,就,只,而,但,给,帮,请,想,问,麻烦,您,你"),
        openings: Phrases::default(),
        corrections: of(
            "不是不是,不对不对,说错了,我说错了,讲错了,哦不,啊不,不不,不对,搞错了,我是说,我的意思是,我意思是,不是我要,不是我想,不是我是",
        ),
        requests: of("我想,我要,我就想,帮我,给我,我想问,我就问,能不能,可不可以,麻烦"),
        mention: Mention {
            others: of(
                "他,她,他们,她们,前夫,前妻,老公,老婆,物业,婆婆,有人,别人,人家,邻居,朋友,同事,表哥,表姐,表弟,表妹,哥哥,姐姐,弟弟,妹妹,亲戚,隔壁,同学,室友,房东,老板,\
                 顾客,客户,我哥,我姐,我弟,我妹,我爸,我妈,我儿子,我女儿,大家,谁,那个人,网友,楼上,楼下",
            ),
            yours: of("你们,你,你们的,您,您的"),
            deeds: of(
                "要,想,说,说要,是,去,在,被,也,过,了,曾经,打算,准备,正在,找,请,当,做,跟,和,法院,来,就,都,老,总,个,名,一个,一名,一位,位,\
                 的,学,天天,经常,以前,之前,为了,因为,到,他,她,要去,把,让,找了,请了,从,做过,当过,工作,那边,那里,让我,叫我,劝我,要我,说要去,干",
            ),
            callings: of(
                "律师,律师函,消协,消费者协会,工商局,市场监管局,银保监会,法院,信访,找记者,记者",
            ),
            roles: of("是,当,做,学,当个,做个,是个,是一名,是一位,给,当过,做过,成为,在,想当,叫"),
            places: of(
                "事务所,协会,费,让我,说让,家,上班,工作,楼,旁边,对面,附近,门口,那边,大楼,朋友,的朋友,怎么写,模板,资格,考试,专业,的地址,在哪,办公室,楼下,楼上,隔壁",
            ),
            beside: of("新闻里,新闻说,新闻上,电视上,报纸上,网上说,书里,电影里,看到,关于,讲的是"),
            once: of(
                "本来想,本来要,本来是要,本来打算,原本想,原来想,差点,差点儿,差点要,之前想,之前是想,当时想,以前想,刚开始想,差一点,本来是想",
            ),
            told: of("新闻,听说,电视,电视剧,节目,报纸,网上,看到,电影,小说,故事,听人说,是真的吗"),
            own: of("我要,我就,我会,我想,我得,我们要,赔我,给我,我去,我非"),
            settled: of(
                "解决了,处理完了,处理好了,办好了,结了,已经处理,撤了,解决掉了,都好了,没事了,过去了,处理完",
            ),
            unsettled: of("没,不,还没,吗,没有,才,再,不给,怎么,什么时候"),
            wishes: of(
                "我要,我想,我就,我会,我得,我有,我必须,我去,我来,给我,帮我,让我,赔我,必须,一定,你们得,你得,你们要,我们要,能不能,可不可以,\
                 可以,哪里,哪儿,怎么,我的",
            ),
            redirects: of(
                "我就想,我就是,我就问,我就要,我只想,我只要,我只是,我就查,就想问,就想知道,就想结,就是问,就是来问,来问问,就问,只是问,我今天问,\
                 就查,再寄,是预约,只想知道,我问别的,问别的,我理解,另外一回事,算了,没意见",
            ),
            quoting: of(
                "说错了,说的是,写着,不算,不予,你是,您是,要不要找,需不需要找,用不用找,是不是要找,要不要,爱,喜欢,姓,早就,考,想考,学",
            ),
            quoted: of(
                "这两个字,两个字,这个词,这几个字,的意思,的律,还是机器,还是机器人,我早就,的人,要不要,金要不要,款要不要,怎么收费,证,考试",
            ),
            met: of("上次找,之前找,刚才找,问过,找过,打过,联系过,做,干,当,收到,登了那个,拿到"),
            acts: of(
                "跟我说,和我说,告诉我,说可以,说过,说让,给了我,已经,帮我办好,帮我弄好,给我办,就已经,款我已经,金我已经,我已经,款已经,金已经,\
                 电话,你们处理得,的你们处理,处理得",
            ),
            trades: of(
                "客服,客服人员,经理,主管,专员,客户经理,业务员,服务员,接线员,话务员,柜员,负责人",
            ),
        },
    }
});
