//! Demands that callers only speak of: "my brother is a lawyer", 我在消协上班.

use super::patterns::{Mention, Patterns};

/// The most phrases between a word and who does it.
const DEEDS_MAX: usize = 8;
/// How far behind "I don't want to" a word is still denied by it.
const DENIED_MAX: usize = 8;
/// How far around a word it is looked for what was heard of it, and whether it is settled.
const AROUND: usize = 14;
/// And how far behind it for what came of it.
const AT_ONCE: usize = 6;

/// Whether the demand `word` is no demand of the caller's.
pub(super) fn is_mentioned(
    word: &[String],
    before: &[String],
    after: &[String],
    patterns: &Patterns,
) -> bool {
    let mention = &patterns.mention;
    // 我要投诉 is one word of the list.
    if mention.own.beginning(word).is_some() {
        return false;
    }
    let near = &before[before.len().saturating_sub(AROUND)..];
    let bare = without_article(before, patterns);
    let is_calling = mention.callings.has(word);
    is_another_s(before, mention)
        || is_denied(word, before, patterns)
        || !is_calling && mention.once.ending(bare).is_some()
        || mention.beside.ending(bare).is_some()
        || is_calling && mention.roles.ending(bare).is_some()
        || is_calling && mention.places.beginning(after).is_some()
        || was_told(near, after, mention)
        || is_settled(after, mention)
        || !is_wished_for(before, patterns)
            && (is_quoted(bare, after, mention)
                || has_met(bare, after, mention)
                || comes_to_another_matter(after, mention))
}

/// Whether a person is only spoken of: "the agent told me", "are you a human".
pub(super) fn is_spoken_of(
    word: &[String],
    before: &[String],
    after: &[String],
    patterns: &Patterns,
) -> bool {
    let mention = &patterns.mention;
    let bare = without_article(before, patterns);
    let is_trade = mention.trades.has(word);
    !is_wished_for(before, patterns)
        && (is_quoted(bare, after, mention)
            || has_met(bare, after, mention)
            || is_trade && mention.roles.ending(bare).is_some())
}

/// "I'd like to file a …", 我要….
fn is_wished_for(before: &[String], patterns: &Patterns) -> bool {
    let mention = &patterns.mention;
    let mut rest = before;
    for _ in 0..=DEEDS_MAX {
        if mention.quoting.ending(rest).is_some() || mention.met.ending(rest).is_some() {
            return false;
        }
        if mention.wishes.ending(rest).is_some() {
            return true;
        }
        let bridge = patterns.bridges.ending(rest);
        match bridge.or_else(|| patterns.articles.ending(rest)) {
            Some(length) => rest = &rest[..rest.len() - length],
            None => return false,
        }
    }
    false
}

/// "The word …", "if I wanted to …", … 这两个字.
fn is_quoted(bare: &[String], after: &[String], mention: &Mention) -> bool {
    mention.quoting.ending(bare).is_some() || mention.quoted.beginning(after).is_some()
}

/// "I spoke to an …", "the … told me", unless nothing has come of it.
fn has_met(bare: &[String], after: &[String], mention: &Mention) -> bool {
    let is_met = mention.met.ending(bare).is_some() || mention.acts.beginning(after).is_some();
    let near = &after[..after.len().min(AT_ONCE)];
    is_met && !mention.unsettled.stand_in(near)
}

/// "… I only want to know", unless the first matter still is none.
fn comes_to_another_matter(after: &[String], mention: &Mention) -> bool {
    let Some((at, _)) = mention.redirects.found_in(after).first().copied() else {
        return false;
    };
    !mention.unsettled.stand_in(&after[..at])
}

/// "I don't want to make a fuss or …", up to where something else is said.
fn is_denied(word: &[String], before: &[String], patterns: &Patterns) -> bool {
    let near = &before[before.len().saturating_sub(DENIED_MAX)..];
    let Some((at, length)) = patterns.denials.found_in(near).pop() else {
        return false;
    };
    let is_question = patterns.undenied.stand_in(near) || patterns.guards.stand_in(near);
    let between = &near[at + length..];
    let last = &near[at + length - 1];
    // "I don't want an apology" leaves open what is wanted, "I don't want to …" does not.
    let is_deed = !last.is_ascii()
        || [Some(last), between.first()]
            .into_iter()
            .flatten()
            .any(|unit| ["to", "think", "call"].contains(&unit.as_str()));
    let has_ended = between.iter().any(|unit| unit == "了");
    let begins_anew =
        patterns.contrasts.stand_in(between) || patterns.contrasts.beginning(word).is_some();
    is_deed && !is_question && !has_ended && !begins_anew
}

fn without_article<'u>(before: &'u [String], patterns: &Patterns) -> &'u [String] {
    match patterns.articles.ending(before) {
        Some(length) => &before[..before.len() - length],
        None => before,
    }
}

/// "My neighbour wants to file a …", but not "your colleague".
fn is_another_s(before: &[String], mention: &Mention) -> bool {
    let mut rest = before;
    for _ in 0..=DEEDS_MAX {
        if let Some(length) = mention.others.ending(rest) {
            let head = &rest[..rest.len() - length];
            return mention.yours.ending(head).is_none();
        }
        match mention.deeds.ending(rest) {
            Some(length) => rest = &rest[..rest.len() - length],
            None => return false,
        }
    }
    false
}

/// "I read that …", unless callers go on to speak of themselves.
fn was_told(near: &[String], after: &[String], mention: &Mention) -> bool {
    let following = &after[..after.len().min(4)];
    if mention.told.stand_in(following) && !mention.own.stand_in(near) {
        return true;
    }
    let Some((at, length)) = mention.told.found_in(near).pop() else {
        return false;
    };
    !mention.own.stand_in(&near[at + length..]) && !mention.own.stand_in(following)
}

/// "… but it's sorted now", unless it still is not.
fn is_settled(after: &[String], mention: &Mention) -> bool {
    let near = &after[..after.len().min(AROUND)];
    let Some((at, length)) = mention.settled.found_in(near).first().copied() else {
        return false;
    };
    let behind = &near[at + length..];
    let ends = &behind[..behind.len().min(2)];
    !mention.unsettled.stand_in(&near[..at]) && !mention.unsettled.stand_in(ends)
}
