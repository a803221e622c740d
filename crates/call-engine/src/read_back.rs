//! Values read back: one that is not right is asked for again, and its question remembers that.

use crate::asking::Failure;
use crate::call::Call;
use crate::phase::{Asking, Phase};
use call_model::Private;
use dialplan::{Node, Slots};
use std::sync::Arc;

impl Call {
    /// Remembers how often a question brought nothing while its value is read back.
    pub(crate) fn keep_question(&mut self, node: &str) {
        let mut question = Asking::new(node.to_owned());
        if let Phase::Asking(asking) = &self.phase
            && asking.node == node
        {
            question.tries = asking.tries;
        }
        self.read_back = Some(question);
    }

    /// The caller says that the value of `node` is not right: it was not understood. It is kept
    /// no longer, nor is the answer, which was about that value.
    pub(crate) fn ask_anew(&mut self, node: &str, confirmed: &str) {
        let kept = self.read_back.take().filter(|kept| kept.node == node);
        let question = kept.unwrap_or_else(|| Asking::new(node.to_owned()));
        if let Some(Node::Collect(collect)) = Arc::clone(&self.plan).node(node) {
            let empty = |slot: &str| (slot.to_owned(), Private::new(String::new()));
            self.fill(Slots::from([empty(&collect.slot), empty(confirmed)]));
        }
        self.judge_profile();
        self.note_entry(node);
        self.wishes.comes_to(node);
        self.phase = Phase::Asking(question);
        self.climb(Failure::NoMatch);
    }
}
