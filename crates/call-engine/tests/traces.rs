//! Every trace is a claim, held in both languages.

mod trace;

macro_rules! traces {
    ($($name:ident)*) => {
        mod en {
            $(
                #[test]
                fn $name() {
                    crate::trace::check(stringify!($name), call_model::Language::En);
                }
            )*
        }
        mod zh {
            $(
                #[test]
                fn $name() {
                    crate::trace::check(stringify!($name), call_model::Language::Zh);
                }
            )*
        }
    };
}

traces! {
    a_caller_is_served_and_says_goodbye
    a_yes_is_not_waited_on
    an_order_that_could_go_on_is_waited_for
    a_filled_pause_keeps_the_turn
    a_cough_before_the_reply_leaves_no_silence
    an_uh_huh_over_a_prompt_lets_it_go_on
    speech_over_a_prompt_ducks_then_stops_it
    noise_over_a_prompt_brings_it_back
    early_speech_never_makes_two_voices
    a_key_stops_the_prompt_at_once
    a_short_entry_ends_by_its_timer_also_after_a_barge_in_by_key
    zeros_in_a_number_are_digits_and_alone_they_ask
    a_number_is_collected_by_voice_and_confirmed
    silence_is_never_called_an_invalid_entry
    words_that_fit_nothing_climb_their_own_ladder
    a_repeat_plays_the_question_again
    a_demand_escalates_in_the_middle_of_a_sentence
    a_withdrawn_demand_does_not_count
    the_first_ask_is_offered_and_the_second_put_through
    a_yes_to_the_offer_is_a_choice
    the_offer_can_be_answered_with_the_matter_itself
    three_asks_in_one_breath_are_three
    three_zeros_are_three_asks
    what_search_and_text_both_hear_counts_once
    anger_escalates_only_above_eighty
    one_shout_transfers_nobody
    a_voice_counts_from_a_yes_on
    a_declined_voice_counts_no_more
    a_no_that_is_not_told_to_its_end_is_a_no
    the_wait_adds_up_to_an_escalation
    the_callers_own_hold_is_no_wait
    nobody_free_offers_a_call_back_and_books_it
    a_declined_call_back_goes_back_by_choice
    a_promised_caller_who_says_nothing_gets_the_call_back
    an_ask_during_goodbye_refuses_the_end
    a_lost_ear_falls_to_keys
    a_result_that_never_comes_is_a_lost_ear_at_last
    prompts_that_fail_fetch_a_person
    a_legal_notice_is_finished_before_anything_takes_effect
    an_uninterruptible_prompt_still_hears_a_demand
    whoever_is_on_call_is_tried_before_a_call_back
    the_plan_hands_over_with_its_skill
    draining_says_goodbye_within_its_limit
    no_progress_is_an_offer
    hanging_up_ends_everything
    speech_over_an_uninterruptible_prompt_counts_after_it
    keys_during_a_legal_notice_wait_for_its_end
    a_third_ask_anywhere_has_priority
    a_voice_without_end_is_cut_off_and_talked_to
    a_re_invite_that_is_no_hold_restarts_nothing
    who_returns_from_hold_speaking_is_heard_out
    a_promise_outlives_a_call_that_grew_too_long
    a_promise_outlives_a_line_that_fell_silent
    a_call_back_is_booked_once
    a_legal_notice_that_fails_is_said_once_more
    who_never_heard_the_notice_gets_a_person
    a_notice_that_waits_for_the_floor_is_read_before_the_promise
    a_notice_that_waits_for_the_floor_is_read_before_the_goodbye
    without_an_ear_a_voice_holds_nothing_up
    a_goodbye_that_cannot_be_said_ends_the_call_at_once
    who_speaks_as_the_goodbye_ends_is_heard_out
    a_goodbye_in_return_ends_the_call_once_it_is_said
    a_sound_after_the_goodbye_does_not_keep_the_call
    speech_without_a_word_interrupts_after_its_stated_time
    speech_without_a_word_under_its_stated_time_interrupts_nothing
    the_intent_tier_answers_an_open_question
    what_no_route_covers_goes_to_the_intent_tier
    the_intent_tier_leads_to_a_node
    a_slow_intent_tier_is_covered_by_a_holding_line
    a_dead_intent_tier_is_tried_twice_then_the_rules_speak
    a_garbled_intent_tier_gives_way_at_once
    an_absent_intent_tier_is_no_failure
    an_intent_tier_that_stalls_is_not_waited_for
    an_answer_without_end_is_cut_off
    who_speaks_over_the_tiers_words_is_heard_and_the_rest_is_not_said
    an_uh_huh_over_the_tiers_words_lets_them_go_on
    who_adds_something_while_the_tier_thinks_is_asked_about_anew
    a_route_while_the_tier_thinks_is_followed_at_once
    a_key_while_the_tier_thinks_is_followed_at_once
    a_demand_while_the_tier_thinks_escalates
    a_first_ask_while_the_tier_speaks_is_offered
    the_intent_tier_fetches_a_person
    the_intent_tier_cannot_end_a_call_unasked
    a_yes_to_is_there_anything_else_asks_what
    the_intent_tier_may_end_a_call_whose_caller_said_goodbye
    the_intent_tier_cannot_end_a_call_while_an_ask_is_open
    a_tier_that_leads_nowhere_is_followed_nowhere
    rejected_words_and_coughs_are_no_question_for_the_tier
    what_is_known_decides_the_way
    a_plan_closes_while_its_caller_speaks
    who_asked_for_a_person_goes_another_way
    on_a_day_off_nobody_is_there
    what_is_ordered_again_is_another_order
    one_whom_a_person_left_goes_on_where_the_plan_says
    a_back_end_answers_and_the_call_goes_on
    a_slow_back_end_is_covered_by_holding_lines
    a_back_end_that_never_answers_ends_at_a_person
    a_back_end_that_fails_leads_to_the_way_for_that
    an_order_that_is_not_there_has_a_way_of_its_own
    a_demand_while_a_back_end_is_asked_escalates
    an_ask_while_a_back_end_is_asked_does_not_ask_it_twice
    a_slow_back_end_is_a_wait_that_escalates
    a_floor_that_is_given_without_a_word_comes_with_the_question
    the_first_words_choose_the_language
    words_of_the_usual_language_settle_it
    a_demand_in_the_other_language_escalates_in_the_first_turn
    a_demand_in_the_other_language_is_found_in_what_fits_nothing
    one_who_waited_long_takes_the_call_back
    a_drained_server_rings_no_phone_on
    a_full_room_leaves_the_caller_a_choice
    a_further_demand_overtakes_in_the_queue
    a_person_who_hangs_up_leaves_the_caller_a_choice
    a_queue_is_not_cut_off_after_a_minute
    a_third_request_overtakes_in_the_queue
    after_hours_the_time_of_the_call_back_is_told
    one_who_talks_on_after_a_person_hung_up_gets_another
    one_who_waited_long_waits_on_and_is_served
    silence_after_a_person_hung_up_ends_politely
    silence_after_the_offer_waits_on
}
