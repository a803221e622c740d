//! `survey`: a question that nobody need answer.

use crate::reading::fields::Fields;
use crate::reading::flow::Reading;
use crate::{Collect, Ladder, LadderEnd, Next};

impl Reading<'_> {
    /// `survey: wording`, `slot: rating`, `digits: { min: 1, max: 1 }`, `next: bye`. Silence leads
    /// on at once, what fits nothing after one more try: nobody is fetched for an opinion.
    pub(in crate::reading) fn read_survey(
        &mut self,
        name: &str,
        fields: Fields<'_>,
    ) -> Option<Collect> {
        let prompt = self.prompt(fields, "survey");
        let no_input = Ladder {
            tries: Vec::new(),
            then: LadderEnd::Person,
        };
        let no_match = self.usual_no_match(&no_input);
        let listening = self.read_listening_with(name, fields, Some(no_input), Some(no_match));
        let mut survey = self.read_collect_with(name, fields, prompt, listening)?;
        if let Next::Always(next) = &survey.next {
            let on = LadderEnd::Goto(next.clone());
            survey.listening.no_input.then = on.clone();
            survey.listening.no_match.then = on;
        }
        Some(survey)
    }
}
