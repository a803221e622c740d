//! What can be wrong with a node that asks a back end, and with the intent tier.

use super::support::{changed, finds, problems};
use dialplan::PlanSources;

/// The sound plan with a node that asks a back end.
fn with_api(api: &str, rest: &str) -> String {
    let to_it = changed(
        "      bye: {",
        "      order: { en: [my order], zh: [我的订单] }\n      bye: {",
    );
    format!(
        "{to_it}  order:
    collect: {{ en: Which order?, zh: 订单号？ }}
    slot: order
    digits: 4
    no_input: [{{ then: person }}]
    next: look
  look:
    api: {{ {api} }}
    say: {{ en: One moment., zh: 请稍等。 }}
{rest}"
    )
}

const URL: &str = "url: 'https://shop.example/orders/{order}'";
const REST: &str = "    next: bye\n    error: person\n";

#[test]
fn a_node_that_asks_a_back_end_is_sound() {
    let api = format!(
        "{URL}, method: post, body: {{ order: '{{order}}', copies: 2 }}, headers_env: {{ Authorization: SHOP_AUTH }}, deadline: 3s, retries: 1, keep: {{ state: /order/state }}"
    );
    let text = with_api(
        &api,
        "    next: told\n    on_status: { 404: hello }\n    error: hello\n  told: { say: { en: 'It is {state}.', zh: '{state}' }, next: bye }\n",
    );
    assert_eq!(problems(&PlanSources::of_head(text)), []);
    let text = with_api(
        URL,
        "    next: bye\n    not_found: order\n    error: person\n",
    );
    assert_eq!(problems(&PlanSources::of_head(text)), []);
}

#[test]
fn no_address_lets_a_caller_choose_whom_to_ask() {
    for (url, wanted) in [
        ("»'https://{order}.example/'", "a slot stands in the host"),
        (
            "»'https://shop.example?o={order}'",
            "a slot stands in the host",
        ),
        ("»'{order}'", "'{order}' is no address of a back end"),
        (
            "»'ftp://shop.example/'",
            "'ftp://shop.example/' is no address",
        ),
        (
            "»'https://me:pw@shop.example/{order}'",
            "'me:pw@shop.example' is no host",
        ),
        (
            "»'https://shop.example/a b'",
            "this character cannot stand in an address",
        ),
        (
            "»'https://shop.example/{or.der}'",
            "'{or.der}' names no slot",
        ),
        (
            "»'https://shop.example/{size}'",
            "'{size}' is a slot that no node fills",
        ),
    ] {
        finds(&with_api(&format!("url: {url}"), REST), wanted);
    }
}

#[test]
fn faults_of_a_request_are_found() {
    for (more, wanted) in [
        ("body: »{ a: b }", "a 'get' sends no body"),
        ("deadline: »61s", "no caller is kept waiting this long"),
        ("retries: »4", "'retries' is '4'"),
        ("method: »put", "'method' cannot be 'put'"),
        (
            "headers_env: { »Host: SHOP }",
            "'Host' is no header that a plan may set",
        ),
        (
            "headers_env: { Authorization: »Bearer x }",
            "'Bearer x' is no environment variable",
        ),
        (
            "keep: { state: »order.state }",
            "'order.state' points at no field",
        ),
        ("»kept: 1", "'api' of node 'look' has no field 'kept'"),
    ] {
        finds(&with_api(&format!("{URL}, {more}"), REST), wanted);
    }
    finds(
        &with_api(URL, "    next: bye\n").replace("    api:", "    »api:"),
        "node 'look' does not say what happens when no answer comes",
    );
    finds(
        &with_api(URL, REST)
            .replace("    api:", "    »api:")
            .replace("    say: { en: One moment., zh: 请稍等。 }\n", ""),
        "node 'look' says nothing while it waits",
    );
    finds(
        &with_api(URL, "    next: bye\n    error: »nobody\n"),
        "'look' leads to 'nobody', which is no node",
    );
    finds(
        &with_api(
            URL,
            "    next: bye\n    on_status: { »99: bye }\n    error: person\n",
        ),
        "'99' is no HTTP status",
    );
    finds(
        &with_api(
            URL,
            "    next: bye\n    on_status: { 404: bye }\n    »not_found: bye\n    error: person\n",
        ),
        "'not_found' and '404' say the same thing twice",
    );
}

#[test]
fn back_ends_that_ask_each_other_for_ever_are_found() {
    let marked = with_api(URL, "    next: look\n    error: person\n");
    let found = problems(&PlanSources::of_head(marked));
    let circles = found
        .iter()
        .filter(|p| p.message.contains("talks in a circle"));
    assert_eq!(circles.count(), 1, "{found:#?}");
}

/// The sound plan with phrases for the intent tier.
fn with_open(head: &str, open: &str) -> String {
    changed("nodes:", &format!("{head}nodes:")).replacen(
        "    no_input:",
        &format!("    {open}\n    no_input:"),
        1,
    )
}

#[test]
fn open_questions_need_somebody_who_answers_them() {
    let head = "intent: { tier: remote, first_piece: 2s, whole: 20s }\n";
    let open = "open: { en: ['can i bring [my|a] dog'], zh: [可以带狗吗] }";
    assert_eq!(problems(&PlanSources::of_head(with_open(head, open))), []);
    finds(
        &with_open("", &format!("»{open}")),
        "node 'hello' hears open questions that nobody answers",
    );
    finds(
        &with_open(head, &format!("by: keys\n    »{open}")),
        "node 'hello' hears keys alone, and open questions too",
    );
    finds(
        &with_open(head, "open: »{ en: [my dog] }"),
        "'open' of node 'hello' has no words in 'zh'",
    );
    finds(
        &with_open(head, "open: { en: [my dog, »goodbye], zh: [狗] }"),
        "'goodbye' leads to 'bye' and to 'the intent tier'",
    );
    finds(
        &with_open(head, "open: { en: [{ grammar: »pets.jsgf }], zh: [狗] }"),
        "there is no file 'pets.jsgf'",
    );
}

#[test]
fn faults_of_the_intent_tier_are_found() {
    for (intent, wanted) in [
        (
            "»{ first_piece: 2s }",
            "nothing says who answers open questions",
        ),
        ("{ tier: »local }", "'tier' cannot be 'local'"),
        (
            "{ tier: remote, first_piece: »20s }",
            "no caller is kept waiting this long",
        ),
        (
            "»{ tier: remote, first_piece: 5s, whole: 3s }",
            "the whole answer must be there",
        ),
        (
            "{ tier: remote, »model: x }",
            "'intent' has no field 'model'",
        ),
    ] {
        finds(
            &changed("nodes:", &format!("intent: {intent}\nnodes:")),
            wanted,
        );
    }
}
