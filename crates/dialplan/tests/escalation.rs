//! Which words bring a caller to a person, and which do not.

use Language::{En, Zh};
use call_model::{Language, WordClass};
use dialplan::{Counts, Node, Plan, PlanSources};

const PLAN: &str = "\
plan: example
languages: [en, zh]
start: hello
recording: off
people: { otherwise: callback }
nodes:
  hello:
    ask: { en: How can I help?, zh: 您好 }
    routes: { digits: { en: [my number], zh: [号码] } }
    no_input: [{ then: person }]
  digits:
    collect: { en: Your number?, zh: 号码？ }
    slot: number
    digits: { min: 5, max: 8 }
    no_input: [{ then: person }]
    next: bye
  bye: { end: }
";

fn plan() -> Plan {
    Plan::compile(&PlanSources::of_head(PLAN)).expect("a sound plan")
}

/// What was found, written down: `!` a demand, `?` an ask, and in brackets why it
/// does not count.
fn found(plan: &Plan, node: &str, language: Language, text: &str) -> String {
    let words = plan.escalation(node, language, text);
    let shown = words.iter().map(|found| {
        let sign = match found.class {
            WordClass::Demand => '!',
            WordClass::Ask => '?',
        };
        match found.counts {
            Counts::Yes => format!("{}{sign}", found.word),
            Counts::SetAside(why) => format!("{}{sign} ({why})", found.word),
        }
    });
    shown.collect::<Vec<_>>().join(", ")
}

fn holds(node: &str, table: &[(Language, &str, &str)]) {
    let plan = plan();
    let differing: Vec<String> = table
        .iter()
        .filter_map(|(language, text, wanted)| {
            let found = found(&plan, node, *language, text);
            (found != *wanted).then(|| format!("{text}\n   wanted: {wanted}\n   found:  {found}"))
        })
        .collect();
    assert!(
        differing.is_empty(),
        "{} of {} differ:\n{}",
        differing.len(),
        table.len(),
        differing.join("\n")
    );
}

#[test]
fn words_count_wherever_they_stand() {
    holds(
        "hello",
        &[
            (Zh, "你们这什么破服务我要投诉你们", "我要投诉!"),
            (Zh, "人工", "人工?"),
            (Zh, "请帮我转人工，谢谢", "转人工?"),
            (Zh, "请转 人工 服务。", "转人工服务?"),
            (Zh, "請轉人工", "转人工?"),
            (Zh, "有没有真人啊", "真人?"),
            (Zh, "我要找客服", "找客服?"),
            (Zh, "我要你们赔偿", "赔偿!"),
            (Zh, "我会让我的律师联系你们", "律师!"),
            (Zh, "我要打12315", "一二三一五!"),
            (Zh, "我要打幺二三幺五", "幺二三幺五!"),
            (Zh, "再这样我就去起诉你们", "起诉你们!"),
            (Zh, "我要上法院告你们", "上法院!, 告你们!"),
            (Zh, "叫你们经理来", "你们经理?"),
            (Zh, "查一下我的订单", ""),
            (
                En,
                "I want to make a complaint about this",
                "make a complaint!",
            ),
            (En, "this is rubbish I want to complain", "complain!"),
            (En, "Can I speak to a human, please?", "a human?"),
            (En, "agent", "agent?"),
            (
                En,
                "I would like to talk to a real person",
                "a real person?",
            ),
            (En, "get me the operator", "the operator?"),
            (En, "you will hear from my lawyer", "my lawyer!"),
            (
                En,
                "I'm going to sue you for compensation",
                "sue you!, compensation!",
            ),
            (En, "customer service", "customer service?"),
            (En, "there is an issue with my tissue order", ""),
            (En, "I need to speak to someone", "speak to someone?"),
        ],
    );
}

#[test]
fn each_occurrence_is_one() {
    holds(
        "hello",
        &[
            (Zh, "人工！人工！人工！", "人工?, 人工?, 人工?"),
            (Zh, "人工人工", "人工?, 人工?"),
            (Zh, "转人工转人工服务", "转人工?, 转人工服务?"),
            (En, "agent agent agent", "agent?, agent?, agent?"),
            (En, "human! a human!", "human?, a human?"),
            (
                En,
                "operator, operator, I want to complain",
                "operator?, operator?, complain!",
            ),
        ],
    );
}

#[test]
fn what_is_denied_does_not_count() {
    holds(
        "hello",
        &[
            (Zh, "我不是要投诉", "投诉! (negated)"),
            (Zh, "我不想投诉", "投诉! (negated)"),
            (Zh, "没有要投诉你们的意思", "投诉你们! (negated)"),
            (Zh, "不用转人工", "转人工? (negated)"),
            (Zh, "不要给我转人工", "转人工? (negated)"),
            (Zh, "别转人工", "转人工? (negated)"),
            (Zh, "我不需要人工服务", "人工服务? (negated)"),
            (Zh, "我不是要投诉，我要转人工", "投诉! (negated), 转人工?"),
            (Zh, "不会起诉的", "起诉! (negated)"),
            (En, "I don't want to complain", "complain! (negated)"),
            (
                En,
                "I do not want to make a complaint",
                "make a complaint! (negated)",
            ),
            (En, "it's not a complaint", "complaint! (negated)"),
            (En, "I'm not going to sue", "sue! (negated)"),
            (En, "no complaints", "complaints! (negated)"),
            (
                En,
                "please don't transfer me to an agent",
                "an agent? (negated)",
            ),
            (En, "I'm not saying I'll sue you", "sue you! (negated)"),
            (En, "can I do it without an agent", "an agent? (negated)"),
            (En, "there is no need for a lawyer", "lawyer! (negated)"),
        ],
    );
}

#[test]
fn a_no_to_something_else_denies_nothing() {
    holds(
        "hello",
        &[
            (Zh, "不，我要人工", "人工?"),
            (Zh, "不行，我要投诉", "我要投诉!"),
            (Zh, "不要机器人，要人工", "人工?"),
            (Zh, "为什么不转人工", "转人工?"),
            (Zh, "能不能转人工", "转人工?"),
            (Zh, "可不可以找客服", "找客服?"),
            (Zh, "没有人工吗", "人工?"),
            (Zh, "你们再不处理我就投诉", "投诉!"),
            (Zh, "如果不赔偿我就起诉", "赔偿!, 起诉!"),
            (Zh, "要不转人工吧", "转人工?"),
            (Zh, "别逼我投诉", "投诉!"),
            (En, "no, agent", "agent?"),
            (En, "no I want an agent", "an agent?"),
            (En, "I don't want a machine I want a human", "a human?"),
            (En, "why don't you give me an agent", "an agent?"),
            (En, "why not just get a human", "a human?"),
            (En, "I'm not happy, I want to complain", "complain!"),
            (En, "if you don't help me I'll sue", "sue!"),
            (En, "can't I talk to a real person", "a real person?"),
        ],
    );
}

#[test]
fn what_is_withdrawn_does_not_count() {
    holds(
        "hello",
        &[
            (Zh, "投诉就算了", "投诉! (withdrawn)"),
            (Zh, "投诉的事算了吧", "投诉! (withdrawn)"),
            (Zh, "人工不用了", "人工? (withdrawn)"),
            (Zh, "我要撤销投诉", "投诉! (withdrawn)"),
            (Zh, "投诉就算了，给我转人工", "投诉! (withdrawn), 转人工?"),
            (Zh, "算了我要投诉", "我要投诉!"),
            (En, "forget the complaint", "complaint! (withdrawn)"),
            (En, "complaint, no, never mind", "complaint! (withdrawn)"),
            (En, "agent, actually forget it", "agent? (withdrawn)"),
            (
                En,
                "I want to withdraw my complaint",
                "complaint! (withdrawn)",
            ),
            (En, "forget it I want an agent", "an agent?"),
        ],
    );
}

#[test]
fn a_question_for_a_number_is_no_demand() {
    holds(
        "hello",
        &[
            (Zh, "投诉电话是多少", "投诉! (asks for a number)"),
            (Zh, "你们的投诉热线是几号", "投诉! (asks for a number)"),
            (Zh, "客服电话多少", "客服? (asks for a number)"),
            (Zh, "告诉我投诉部门的电话", "投诉! (asks for a number)"),
            (Zh, "投诉电话一直打不通", "投诉!"),
            (
                En,
                "what is the number for complaints",
                "complaints! (asks for a number)",
            ),
            (
                En,
                "what's your complaints number",
                "complaints! (asks for a number)",
            ),
            (
                En,
                "do you have a complaints department phone number",
                "complaints! (asks for a number)",
            ),
            (
                En,
                "tell me the customer service number",
                "customer service? (asks for a number)",
            ),
            (En, "how do I make a complaint", "make a complaint!"),
        ],
    );
}

#[test]
fn a_part_of_another_word_is_another_word() {
    holds(
        "hello",
        &[
            (Zh, "我要理赔", "赔! (part of another word)"),
            (Zh, "理赔偿付什么时候到", "赔偿! (part of another word)"),
            (Zh, "我要办理赔偿", "赔偿!"),
            (Zh, "人工智能是什么", "人工? (part of another word)"),
            (
                Zh,
                "我的单号是4512315",
                "一二三一五! (part of another word)",
            ),
            (
                En,
                "put me through to human resources",
                "human? (part of another word)",
            ),
            (En, "I am a travel agent", "agent? (part of another word)"),
            (
                En,
                "a travel agent sold it to me, agent please",
                "agent? (part of another word), agent?",
            ),
        ],
    );
}

#[test]
fn among_collected_digits_a_number_counts_as_a_whole_utterance_alone() {
    holds(
        "digits",
        &[
            (Zh, "12315", "一二三一五!"),
            (Zh, "嗯，12315", "一二三一五!"),
            (Zh, "12315 678", "一二三一五! (among digits)"),
            (Zh, "四五一二三一五", "一二三一五! (among digits)"),
            (Zh, "我要投诉", "我要投诉!"),
            (En, "one two three agent", "agent?"),
        ],
    );
}

#[test]
fn a_plan_may_add_and_remove_words() {
    let words = "words:
  en:
    ask: { add: [Warden], remove: [manager] }
    demand: { only: [Tribunal] }
nodes:";
    let text = PLAN.replacen("nodes:", words, 1);
    let plan = Plan::compile(&PlanSources::of_head(text)).expect("a sound plan");
    assert_eq!(
        found(&plan, "hello", En, "get me the warden not the manager"),
        "warden?"
    );
    assert_eq!(
        found(
            &plan,
            "hello",
            En,
            "I will take my complaint to the tribunal"
        ),
        "tribunal!"
    );
    assert_eq!(found(&plan, "hello", Zh, "投诉"), "投诉!");
}

#[test]
fn what_other_speech_is_full_of_demands_only_where_it_is_meant_and_is_no_answer() {
    holds(
        "hello",
        &[
            (En, "I'm ready to go to court", "court!"),
            (
                En,
                "I have to go to court on Monday so I need to move the appointment",
                "court! (only mentioned)",
            ),
            (Zh, "你们必须给我一个说法", "说法!"),
            (Zh, "法院让我来打流水", "法院! (only mentioned)"),
        ],
    );
    let routes = "digits: { en: [my court number], zh: [法院编号] }";
    let text = PLAN.replacen("digits: { en: [my number], zh: [号码] }", routes, 1);
    let plan = Plan::compile(&PlanSources::of_head(text)).expect("a sound plan");
    assert_eq!(found(&plan, "hello", En, "I'm ready to go to court"), "");
    let words = dialplan::usual_escalation_words(En);
    assert!(words.words.iter().all(|word| word.text != "court"));
}

#[test]
fn a_part_of_a_sentence_asks_and_no_recogniser_searches_for_it() {
    let words = "words:
  en:
    ask_within: { add: [whoever runs the place] }
nodes:";
    let text = PLAN.replacen("nodes:", words, 1);
    let plan = Plan::compile(&PlanSources::of_head(text)).expect("a sound plan");
    for said in [
        "get me whoever runs the place",
        "i need someone who knows this",
    ] {
        assert!(found(&plan, "hello", En, said).ends_with('?'), "{said}");
    }
    let searched = &plan.escalation_words(En).words;
    let parts = ["whoever runs the place", "someone who knows"];
    assert!(
        searched
            .iter()
            .all(|word| !parts.contains(&word.text.as_str()))
    );
    let heard = plan.node("hello").and_then(|node| match node {
        Node::Ask(ask) => ask.listening.grammars.get(&En).copied(),
        _ => None,
    });
    let grammar = heard.expect("a grammar");
    assert!(plan.is_in_grammar(grammar, "an actual person"));
    assert!(!plan.is_in_grammar(grammar, "someone who knows"));
}

#[test]
fn a_word_is_found_at_its_place_in_the_normalised_text() {
    let words = plan().escalation("hello", Zh, "您好， 轉人工！ 投訴");
    let places: Vec<(usize, &str)> = words.iter().map(|w| (w.at, w.word.as_str())).collect();
    assert_eq!(places, [(2, "转人工"), (5, "投诉")]);
}
