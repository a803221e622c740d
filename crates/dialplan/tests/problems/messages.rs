//! What can be wrong with a message to the caller's telephone.

use super::support::{HEAD, SOUND, finds, problems};
use dialplan::{Node, Plan, PlanSources};

const GATEWAY: &str = "messages: { url: 'https://sms.example' }\nnodes:\n";
const SEND: &str = "  send:
    message: { en: Fill this in., zh: 请填写。 }
    link: 'https://shop.example/f'
    next: bye
    error: person
";

fn with_send(from: &str, to: &str) -> String {
    assert!(SEND.contains(from), "'{from}' is no part of the example");
    let head = HEAD.replace("nodes:\n", GATEWAY);
    let sound = SOUND.replace(
        "key: 1 }",
        "key: 1 }\n      send: { en: [send it], zh: [发给我] }",
    );
    format!("{head}{sound}{}", SEND.replacen(from, to, 1))
}

#[test]
fn it_is_sent_in_the_language_of_the_call() {
    let sources = PlanSources::of_head(with_send("next", "next"));
    assert_eq!(problems(&sources), []);
    let plan = Plan::compile(&sources).expect("a sound plan");
    assert_eq!(
        plan.node("send").expect("a node").targets(),
        ["send.zh", "send.en"]
    );
    for part in ["send.en", "send.zh"] {
        let Some(Node::Api(api)) = plan.node(part) else {
            panic!("'{part}' asks the gateway");
        };
        assert!(api.call.is_idempotent && api.call.body.is_some());
        assert_eq!(api.next, "bye");
    }
}

#[test]
fn where_one_language_is_spoken_one_node_sends() {
    let text = with_send("{ en: Fill this in., zh: 请填写。 }", "Fill this in.");
    let text = text
        .replace("[en, zh]", "[en]")
        .replace(", zh: 您好", "")
        .replace(", zh: 再见。", "");
    let text = text
        .replace(", zh: [再见]", "")
        .replace(", zh: [发给我]", "");
    let plan = Plan::compile(&PlanSources::of_head(text)).expect("a sound plan");
    assert!(matches!(plan.node("send"), Some(Node::Api(_))));
}

#[test]
fn a_message_that_cannot_be_sent_is_found() {
    let without = with_send("    message", "    »message").replace(GATEWAY, "nodes:\n");
    finds(
        &without,
        "the plan's head does not say how messages are sent",
    );
    finds(
        &with_send(
            "{ en: Fill this in., zh: 请填写。 }",
            "»{ en: Fill this in. }",
        ),
        "'message' has no words in 'zh'",
    );
    finds(
        &with_send("{ en: Fill this in., zh: 请填写。 }", "»Fill this in."),
        "a message has its words in every language of the plan",
    );
    finds(
        &with_send("next: bye", "next: »by"),
        "'send' leads to 'by', which is no node",
    );
    finds(
        &with_send("Fill this in.", "»'Hello {nam}.'"),
        "'{nam}' is a slot that no node fills",
    );
    let untold =
        with_send("    error: person\n", "").replacen("  send:\n    m", "  send:\n    »m", 1);
    finds(
        &untold,
        "node 'send' does not say what happens when no answer comes",
    );
    let head = with_send("next", "next").replace("url: 'https", "url: »'ftp");
    finds(&head, "'ftp://sms.example' is no address of a back end");
}
