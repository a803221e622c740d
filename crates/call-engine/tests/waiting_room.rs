//! Every trace of a waiting room is a claim.

mod room;

macro_rules! rooms {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                room::check(stringify!($name));
            }
        )*
    };
}

rooms! {
    who_entered_first_is_served_first
    priority_overtakes_all_who_have_none
    what_a_plan_holds_urgent_comes_after_priority_and_before_the_rest
    a_third_request_overtakes_while_others_wait
    a_raise_while_the_phone_rings_keeps_the_phone
    an_agent_who_does_not_answer_rests
    an_agent_who_refuses_rests_and_the_next_is_rung
    phones_that_all_rang_in_vain_are_not_waited_for
    a_full_queue_tries_the_overflow_target_and_tells
    a_full_queue_still_takes_one_with_priority
    one_who_waited_too_long_is_tried_at_the_overflow_target
    an_agent_who_comes_free_beats_the_overflow_target
    after_hours_nobody_waits
    a_queue_that_closes_tells_those_who_stand
    leaving_while_waiting_frees_the_place
    leaving_while_a_phone_rings_stops_it
    leaving_while_the_overflow_target_rings_stops_it
    leaving_after_the_answer_is_nothing_to_the_room
    an_agent_who_is_free_again_takes_the_next
    a_skill_and_a_language_choose_the_agent
    a_skill_nobody_has_is_no_reason_to_wait_for_ever
    who_comes_again_keeps_the_time_of_first_entering
    a_phone_counts_from_its_first_ringing
    a_queue_without_agents_tells_at_once
    an_agent_who_lets_go_during_the_whisper_rests
    a_phone_has_time_to_hang_up_before_it_is_rung_again
}
