//! The kinds of nodes, and the fields of each.

/// The fields that any node may have.
pub(super) const ANYWHERE: [&str; 3] = ["title", "voice_analysis", "task_done"];

/// The fields that say what kind of node it is, and all fields of that kind.
pub(super) const KINDS: [(&str, &[&str]); 14] = [
    (
        "ask",
        &[
            "ask",
            "routes",
            "open",
            "interruptible",
            "by",
            "timeout",
            "no_input",
            "no_match",
            "global_words",
        ],
    ),
    (
        "collect",
        &[
            "collect",
            "slot",
            "digits",
            "date",
            "time",
            "amount",
            "letters",
            "plate",
            "yes_no",
            "one_of",
            "grammar",
            "next",
            "interruptible",
            "by",
            "timeout",
            "inter_digit",
            "terminator",
            "sensitive",
            "confirm",
            "no_input",
            "no_match",
            "global_words",
        ],
    ),
    (
        "survey",
        &[
            "survey",
            "slot",
            "digits",
            "one_of",
            "next",
            "interruptible",
            "by",
            "timeout",
            "inter_digit",
            "terminator",
        ],
    ),
    (
        "verify",
        &[
            "verify", "say", "attempts", "next", "again", "failed", "error",
        ],
    ),
    (
        "message",
        &["message", "to", "link", "say", "next", "error"],
    ),
    (
        "api",
        &[
            "api",
            "say",
            "next",
            "partly",
            "on_status",
            "not_found",
            "error",
        ],
    ),
    (
        "menu",
        &[
            "menu",
            "keys",
            "interruptible",
            "timeout",
            "no_input",
            "no_match",
        ],
    ),
    ("decide", &["decide", "otherwise"]),
    ("call", &["call", "with", "next"]),
    ("set", &["set", "next"]),
    ("handoff", &["handoff", "say", "interruptible", "legal"]),
    (
        "queue",
        &[
            "queue",
            "priority",
            "overflow",
            "say",
            "interruptible",
            "legal",
        ],
    ),
    ("end", &["end", "interruptible", "legal"]),
    ("say", &["say", "next", "interruptible", "legal"]),
];

/// The kinds, as a message names them.
pub(super) fn named() -> String {
    let names: Vec<String> = KINDS.iter().map(|(kind, _)| format!("'{kind}'")).collect();
    let (last, others) = names.split_last().unwrap_or((&names[0], &[]));
    format!("{} or {last}", others.join(", "))
}
