//! What is learnt from the examples of an open question.

use Language::{En, Zh};
use call_model::Language;
use dialplan::{Node, Plan, PlanSources, RouteKind};

const HEAD: &str = "\
plan: example
languages: [en, zh]
start: menu
recording: off
people: { otherwise: callback }
nodes:
  menu:
    ask: { en: How can I help?, zh: 您好 }
    routes:
      hours: { en: [opening hours], zh: [营业时间] }
      parcel: { en: [my parcel], zh: [我的快递] }
";
const TAIL: &str = "    no_input: [{ then: person }]
  hours: { end: { en: From nine., zh: 九点。 } }
  parcel: { end: { en: It is here., zh: 到了。 } }
";
const EXAMPLES: &str = "    examples:
      hours:
        en: [are you open on sunday, when do you close tonight, how late can i come, is the shop shut on monday]
        zh: [周日开门吗, 今晚几点关门, 最晚几点能来, 周一休息吗]
      parcel:
        en: [has it been sent yet, the courier never came, my lamp has not arrived, it still is not here]
        zh: [发货了没有, 送货的一直没来, 我买的灯还没到, 东西还没收到]
      nowhere:
        en: [are you hiring, do you sell shoes on credit]
        zh: [你们招人吗, 能分期付款吗]
";

fn plan(examples: &str) -> Plan {
    let text = [HEAD, examples, TAIL].concat();
    Plan::compile(&PlanSources::of_head(text)).expect("a sound plan")
}

fn leads(plan: &Plan, language: Language, text: &str) -> Option<String> {
    plan.way_on("menu", language, text).map(|route| route.to)
}

#[test]
fn what_is_like_the_examples_goes_where_they_go() {
    let (without, with) = (plan(""), plan(EXAMPLES));
    for (language, said, to) in [
        (En, "the courier has not arrived", "parcel"),
        (En, "when do you shut on sunday", "hours"),
        (Zh, "灯还没收到", "parcel"),
        (Zh, "周一几点开门", "hours"),
    ] {
        assert_eq!(leads(&without, language, said), None, "{said}");
        assert_eq!(leads(&with, language, said).as_deref(), Some(to), "{said}");
        let route = with.understand("menu", language, said).remove(0);
        assert_eq!((route.kind, route.by.as_str()), (RouteKind::Learnt, ""));
    }
}

#[test]
fn what_leads_nowhere_or_is_unknown_is_left_open() {
    let plan = plan(EXAMPLES);
    for (language, said) in [
        (En, "are you hiring"),
        (En, "giraffes wander over purple mountains"),
        (Zh, "你们还招人吗"),
        (Zh, "长颈鹿翻山越岭"),
    ] {
        assert_eq!(leads(&plan, language, said), None, "{said}");
    }
}

#[test]
fn what_is_denied_is_not_learnt_from() {
    let plan = plan(EXAMPLES);
    let said = "i don't want to know whether my lamp was sent";
    assert_ne!(leads(&plan, En, said).as_deref(), Some("parcel"));
}

#[test]
fn no_recogniser_hears_an_example() {
    let plan = plan(EXAMPLES);
    let Some(Node::Ask(ask)) = plan.node("menu") else {
        panic!("an open question");
    };
    let grammar = ask.listening.grammars[&En];
    assert!(plan.is_in_grammar(grammar, "my parcel"));
    assert!(!plan.is_in_grammar(grammar, "the courier never came"));
}

#[test]
fn an_example_leads_to_one_route_that_there_is() {
    for (examples, wanted) in [
        (
            "    examples: { hours: { en: [my parcel] } }\n",
            "'my parcel' leads to 'parcel' and to 'hours'",
        ),
        (
            "    examples: { parcels: { en: [it never came] } }\n",
            "'parcels' is no route here that sentences could lead to",
        ),
    ] {
        let text = [HEAD, examples, TAIL].concat();
        let checked = Plan::check(&PlanSources::of_head(text));
        let told: Vec<&str> = checked
            .problems
            .iter()
            .map(|p| p.message.as_str())
            .collect();
        assert_eq!(told, [wanted]);
    }
}
