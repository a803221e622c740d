//! What answers mean at the places of a plan.

use Language::{En, Zh};
use call_model::{Key, Language, PromptPiece};
use dialplan::{Answer, Collected, Line, Node, Plan, PlanSources, RouteKind, Slots, Wording};
use spoken_text::Day;

/// No value here depends on it.
const TODAY: Day = Day(0);

const PLAN: &str = "\
plan: example
languages: [en, zh]
start: first
recording: off
people: { otherwise: callback }
nodes:
  first:
    collect: { en: Your number?, zh: 号码？ }
    slot: code
    digits: 4
    no_input: [{ then: person }]
    next: menu
  menu:
    ask: { en: How can I help?, zh: 您好 }
    routes:
      code: { en: ['[account] balance'], zh: [余额, 查余额], key: 1 }
      right: { en: [report a fault], zh: [报修], key: 2 }
      desk: { en: [colleague], zh: [同事], key: 0 }
      size: { en: [opening hours], zh: [营业时间], key: 3 }
      bye: { en: ['no'], zh: [不, 没有] }
    no_input: [{ then: person }]
  code:
    collect: { en: Your code?, zh: 编号？ }
    slot: code
    digits: { min: 4, max: 6 }
    no_input: [{ en: 'Not {code}?', zh: '不是{code}？' }, { then: person }]
    next: right
  right:
    collect: { en: 'Is {code} right?', zh: '{code}对吗？' }
    slot: right
    yes_no: { yes: bye, no: code }
    no_input: [{ then: person }]
  size:
    collect: { en: Which size?, zh: 多大？ }
    slot: size
    one_of:
      small: { en: [small, little], zh: [小, 小的], key: 1 }
      large: { en: [large, big], zh: [大, 大的], key: 2 }
    no_input: [{ then: person }]
    next: drink
  drink:
    collect: { en: Which drink?, zh: 喝什么？ }
    slot: drink
    grammar: { en: en.jsgf, zh: zh.jsgf }
    no_input: [{ then: person }]
    next: bye
  desk: { handoff: }
  bye: { end: }
";

fn plan() -> Plan {
    let sources = PlanSources::of_head(PLAN)
        .with(
            "en.jsgf",
            "#JSGF V1.0; grammar d; public <d> = [a] (small|large)* (tea | coffee) [with milk] ;",
        )
        .with(
            "zh.jsgf",
            "#JSGF V1.0; grammar d; public <d> = [一杯] (茶 | 咖啡) ;",
        );
    Plan::compile(&sources).expect("a sound plan")
}

#[test]
fn an_answer_leads_where_its_words_say() {
    use RouteKind::{Contained, Exact, Partial};
    let table = [
        (En, "account balance", Some(("code", Exact))),
        (En, "balance please", Some(("code", Exact))),
        (En, "um, I'd like to report a fault", Some(("right", Exact))),
        (
            En,
            "could you tell me the balance of the thing",
            Some(("code", Contained)),
        ),
        (
            En,
            "I want to report some kind of fault",
            Some(("right", Partial)),
        ),
        (
            En,
            "not the balance, the opening hours",
            Some(("size", Contained)),
        ),
        (En, "I don't want the balance", None),
        (En, "no not my balance", None),
        (En, "no, thanks", Some(("bye", Exact))),
        (En, "there is no such thing", None),
        (Zh, "没有", Some(("bye", Exact))),
        (Zh, "你们有没有苹果", None),
        (En, "nonsense", None),
        (En, "", None),
        (Zh, "查余额", Some(("code", Exact))),
        (Zh, "我想查餘額，謝謝", Some(("code", Exact))),
        (Zh, "你们的营业时间是几点到几点", Some(("size", Contained))),
        (Zh, "不要查余额，我要报修", Some(("right", Contained))),
        (Zh, "不是查余额", None),
        (Zh, "天气怎么样", None),
    ];
    let plan = plan();
    for (language, text, wanted) in table {
        let routes = plan.understand("menu", language, text);
        let first = routes.first().map(|route| (route.to.as_str(), route.kind));
        assert_eq!(first, wanted, "{text}: {routes:?}");
    }
    assert!(
        plan.understand("code", En, "balance").is_empty(),
        "a collect has no routes"
    );
}

#[test]
fn the_better_fit_stands_first() {
    let routes = plan().understand("menu", En, "balance or opening hours");
    let order: Vec<&str> = routes.iter().map(|route| route.to.as_str()).collect();
    assert_eq!(order, ["size", "code"]);
    assert!(routes[0].score > routes[1].score);
}

#[test]
fn digits_are_collected_by_voice_and_by_keys_alike() {
    let value = |value: &str, can_continue| {
        Some(Collected::Value {
            value: value.to_owned(),
            can_continue,
        })
    };
    let plan = plan();
    let table = [
        (En, "four seven one two", value("4712", true)),
        (
            En,
            "it's double four, seven one two two",
            value("447122", false),
        ),
        (
            En,
            "well my code would be four seven one two",
            value("4712", true),
        ),
        (En, "four seven", Some(Collected::TooShort("47".to_owned()))),
        (
            En,
            "one two three four five six seven",
            Some(Collected::TooLong("1234567".to_owned())),
        ),
        (En, "I have no idea", None),
        (Zh, "四七幺二", value("4712", true)),
    ];
    for (language, text, wanted) in table {
        assert_eq!(
            plan.collect("code", language, text, TODAY),
            wanted,
            "{text}"
        );
    }
    let keys = |text: &str| -> Vec<Key> {
        text.chars()
            .map(|c| Key::try_from(c).expect("a key"))
            .collect()
    };
    assert_eq!(
        plan.collect_keys("code", En, &keys("4712"), TODAY),
        value("4712", true)
    );
    assert_eq!(
        plan.collect_keys("code", En, &keys("47"), TODAY),
        Some(Collected::TooShort("47".to_owned()))
    );
    assert_eq!(plan.collect_keys("code", En, &keys("4*"), TODAY), None);
    assert_eq!(
        plan.collect_keys("right", En, &keys("1"), TODAY),
        value("yes", false)
    );
    assert_eq!(
        plan.collect_keys("size", En, &keys("2"), TODAY),
        value("large", false)
    );
    assert_eq!(plan.collect_keys("menu", En, &keys("1"), TODAY), None);
}

#[test]
fn values_are_collected_by_their_words() {
    let value = |value: &str| {
        Some(Collected::Value {
            value: value.to_owned(),
            can_continue: false,
        })
    };
    let table = [
        ("size", En, "the small one", value("small")),
        ("size", En, "big", value("large")),
        ("size", En, "small or large", None),
        ("size", Zh, "要大的", value("large")),
        ("right", En, "Yes.", value("yes")),
        ("right", En, "yes that's right", value("yes")),
        ("right", En, "no it isn't", value("no")),
        ("right", En, "that's not right", value("no")),
        ("right", En, "banana", None),
        ("right", Zh, "对对", value("yes")),
        ("right", Zh, "不对", value("no")),
        ("right", Zh, "不是的", value("no")),
        ("right", Zh, "对不起我没听清", None),
        ("right", Zh, "好像不对", None),
        ("right", Zh, "是的，没错", value("yes")),
        ("right", En, "that isn't right", value("no")),
        (
            "drink",
            En,
            "A large coffee with milk!",
            value("a large coffee with milk"),
        ),
        ("drink", En, "coffee with", None),
        ("drink", Zh, "一杯 咖啡", value("一杯咖啡")),
        ("drink", Zh, "咖啡茶", None),
    ];
    let plan = plan();
    for (node, language, text, wanted) in table {
        assert_eq!(plan.collect(node, language, text, TODAY), wanted, "{text}");
    }
    assert_eq!(plan.yes_no(En, "yes please"), Some(Answer::Yes));
}

#[test]
fn key_zero_asks_unless_the_node_wants_it() {
    let plan = plan();
    let asks: Vec<&str> = plan
        .nodes()
        .map(|(name, _)| name)
        .filter(|name| plan.key_zero_asks(name))
        .collect();
    assert_eq!(asks, ["bye", "desk", "drink", "right", "size"]);
}

#[test]
fn a_request_to_repeat_is_no_answer() {
    let plan = plan();
    let table = [
        (En, "Could you repeat that, please?", true),
        (En, "pardon", true),
        (En, "say that again", true),
        (En, "repeat my order", false),
        (Zh, "请再说一遍", true),
        (Zh, "没听清。", true),
        (Zh, "再说一遍余额", false),
    ];
    for (language, text, wanted) in table {
        assert_eq!(plan.wants_repeat(language, text), wanted, "{text}");
    }
    assert!(
        plan.is_backchannel(Zh, "嗯。")
            && plan.is_backchannel(En, "uh-huh")
            && !plan.is_backchannel(En, "stop")
    );
    assert_eq!(plan.angry_words(Zh, "什么破服务，垃圾"), 2);
    assert_eq!(plan.angry_words(En, "thank you so much"), 0);
}

#[test]
fn a_slot_of_digits_is_read_out_one_by_one() {
    let plan = plan();
    let Some(Node::Collect(right)) = plan.node("right") else {
        panic!("a collect")
    };
    let said = |wording: &Wording, slots: &Slots, language| -> Vec<String> {
        let text = plan.render(wording, slots, language);
        let pieces = text.pieces.into_iter();
        pieces
            .map(|piece| match piece {
                PromptPiece::Text(text) => text.into_revealed(),
                other => format!("{other:?}"),
            })
            .collect()
    };
    let slots = Slots::from([("code".to_owned(), "4712".to_owned().into())]);
    assert_eq!(
        said(&right.prompt.wording, &slots, En),
        ["Is four seven one two right?"]
    );
    assert_eq!(said(&right.prompt.wording, &slots, Zh), ["四七一二对吗？"]);
    assert_eq!(
        said(&right.prompt.wording, &Slots::new(), En),
        ["Is right?"]
    );
}

#[test]
fn a_call_back_is_promised_with_its_time() {
    let plan = plan();
    let within = std::time::Duration::from_secs(4 * 3_600);
    for (language, told) in [(En, "back within 4 hours, on"), (Zh, "会在4小时内按")] {
        let said = plan.line_within(Line::CallbackBooked, within, language);
        let [call_model::PromptPiece::Text(text)] = &said.pieces[..] else {
            panic!("one text");
        };
        assert!(text.reveal().contains(told), "{}", text.reveal());
    }
}

#[test]
fn a_number_to_call_back_on_is_said_digit_by_digit() {
    let plan = plan();
    for (language, told) in [(En, "I have one three nine"), (Zh, "您输入的是一三九")] {
        let said = plan.line_on(Line::CallbackNumberCheck, "13900010002", language);
        let [call_model::PromptPiece::Text(text)] = &said.pieces[..] else {
            panic!("one text");
        };
        assert!(text.reveal().contains(told), "{}", text.reveal());
    }
}

#[test]
fn every_constant_prompt_is_known_before_the_first_call() {
    let plan = plan();
    let prompts = plan.all_prompts();
    for language in [En, Zh] {
        for line in Line::ALL {
            if line.tells_number() {
                continue;
            }
            let within = plan
                .policy()
                .people
                .callback_within(call_model::EscalationReason::Wait);
            let said = match line.tells_time() {
                true => plan.line_within(line, within, language),
                false => plan.line(line, language),
            };
            assert!(prompts.contains(&said), "{}", line.name());
        }
    }
    let shown = format!(
        "{:?}",
        prompts.iter().map(|p| &p.pieces).collect::<Vec<_>>()
    );
    assert!(
        !shown.contains("code"),
        "a prompt with a slot is no constant"
    );
}

#[test]
fn every_listening_node_has_a_grammar_in_every_language() {
    let plan = plan();
    for (name, node) in plan.nodes() {
        let Some(listening) = node.listening() else {
            continue;
        };
        for language in plan.languages() {
            for grammars in [&listening.grammars, &listening.offer_grammars] {
                let grammar = plan.grammar(grammars[language]).expect(name);
                assert_eq!(grammar.language, *language);
            }
        }
    }
}

#[test]
fn what_is_left_to_the_intent_tier_is_known_however_politely_it_is_asked() {
    let plan = Plan::compile(&PlanSources::of_head(
        "plan: shop
languages: [en, zh]
start: menu
recording: off
people: { otherwise: callback }
intent: { tier: remote }
nodes:
  menu:
    ask: { en: Yes?, zh: 您好 }
    routes: { bye: { en: [goodbye], zh: [再见] } }
    open:
      en: ['can i bring my dog [to the shop]']
      zh: ['[你们店里]可以带狗吗']
    no_input: [{ then: person }]
  bye: { end: }
",
    ))
    .expect("a sound plan");
    for (language, text, is_open) in [
        (
            Language::En,
            "Can I bring my dog to the shop, please?",
            true,
        ),
        (Language::En, "um hello can i bring my dog", true),
        (Language::En, "can i bring my cat", false),
        (Language::En, "goodbye", false),
        (Language::Zh, "请问你们店里可以带狗吗？", true),
        (Language::Zh, "可以带狗吗", true),
        (Language::Zh, "可以带猫吗", false),
    ] {
        assert_eq!(plan.is_open("menu", language, text), is_open, "{text}");
    }
}

#[test]
fn a_caller_who_has_nothing_else_is_understood() {
    let plan = Plan::compile(&PlanSources::of_head(
        "plan: shop
languages: [en, zh]
start: menu
recording: off
people: { otherwise: callback }
nodes:
  menu:
    ask: { en: Yes?, zh: 您好 }
    routes: { bye: { en: [farewell], zh: [告辞] } }
    no_input: [{ then: person }]
  bye: { end: }
",
    ))
    .expect("a sound plan");
    for (language, text, says_so) in [
        (Language::En, "No thank you, goodbye.", true),
        (Language::En, "no, that's all, thanks", true),
        (Language::En, "bye", true),
        (Language::En, "can i bring my dog", false),
        (
            Language::En,
            "before i say goodbye what are your hours",
            false,
        ),
        (Language::Zh, "没有了，谢谢，再见。", true),
        (Language::Zh, "不用了", true),
        (Language::Zh, "可以带狗吗", false),
    ] {
        assert_eq!(plan.says_goodbye(language, text), says_so, "{text}");
    }
}
