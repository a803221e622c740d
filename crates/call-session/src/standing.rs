//! From our answer to the hang-up: where the call stands outside the conversation.

use crate::settings::SessionLimits;
use call_model::{CallTime, FRAME_TIME, HangUpCause, HungUp};

/// Where the call stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Standing {
    /// Our answer is out, the ACK is not in.
    Answering { first_packet: FirstPacket },
    /// The ACK is in; the caller's first packet is awaited until then.
    Acked { until: CallTime },
    /// The caller hears us.
    Talking(Talk),
    /// The bot said its last word.
    Leaving {
        talk: Talk,
        cause: HangUpCause,
        at: CallTime,
    },
    /// The bot hangs up before the caller ever heard it.
    Declining { cause: HangUpCause, at: CallTime },
    /// The call is over.
    Over,
}

/// Whether the caller's media came through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum FirstPacket {
    Awaited,
    Came,
}

/// A call in which sound flows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Talk {
    /// It lasts at most until then.
    pub(crate) until: CallTime,
    /// Whether and since when packets are missing.
    pub(crate) media: Media,
    /// Its media clock stands here: 20 ms further at each tick.
    pub(crate) clock: CallTime,
}

/// Whether packets are expected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Media {
    /// They are; this is when the last one came.
    Expected { last: CallTime },
    /// The caller holds us.
    Held,
}

/// What is due outside the conversation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Due {
    /// The greeting waits no longer.
    Greet,
    /// The bot hangs up.
    Leave(HangUpCause),
    /// The call ends by itself.
    End(HungUp),
}

impl Standing {
    pub(crate) const fn new() -> Self {
        Self::Answering {
            first_packet: FirstPacket::Awaited,
        }
    }

    /// The ACK came; true if the greeting may begin.
    pub(crate) fn acked(&mut self, now: CallTime, limits: &SessionLimits) -> bool {
        let Self::Answering { first_packet } = *self else {
            return false;
        };
        match first_packet {
            FirstPacket::Awaited => {
                let until = now + limits.first_packet;
                *self = Self::Acked { until };
                false
            }
            FirstPacket::Came => {
                self.talk(now, limits);
                true
            }
        }
    }

    /// A packet came; true if the greeting may begin.
    pub(crate) fn packet(&mut self, now: CallTime, limits: &SessionLimits) -> bool {
        match self {
            Self::Answering { first_packet } => *first_packet = FirstPacket::Came,
            Self::Acked { .. } => {
                self.talk(now, limits);
                return true;
            }
            Self::Talking(talk) | Self::Leaving { talk, .. } => match &mut talk.media {
                Media::Expected { last } => *last = now,
                Media::Held => {}
            },
            Self::Declining { .. } | Self::Over => {}
        }
        false
    }

    /// The caller hears us from now on.
    pub(crate) fn talk(&mut self, now: CallTime, limits: &SessionLimits) {
        *self = Self::Talking(Talk {
            until: now + limits.longest_call,
            media: Media::Expected { last: now },
            clock: now,
        });
    }

    /// The media clock ticked.
    pub(crate) fn ticked(&mut self) {
        if let Self::Talking(talk) | Self::Leaving { talk, .. } = self {
            talk.clock = talk.clock + FRAME_TIME;
        }
    }

    /// A tick's sound belongs to the talk. Where ticks of before the answer come late and
    /// all at once, the talk is shorter than they are.
    pub(crate) fn records(&self, now: CallTime) -> bool {
        match self {
            Self::Talking(talk) | Self::Leaving { talk, .. } => talk.clock < now + FRAME_TIME,
            Self::Answering { .. } | Self::Acked { .. } | Self::Declining { .. } | Self::Over => {
                false
            }
        }
    }

    /// Ticks are overdue: the server stalled.
    pub(crate) fn owes_ticks(&self, now: CallTime) -> bool {
        match self {
            Self::Talking(talk) | Self::Leaving { talk, .. } => talk.clock + FRAME_TIME <= now,
            Self::Answering { .. } | Self::Acked { .. } | Self::Declining { .. } | Self::Over => {
                false
            }
        }
    }

    /// The caller holds us, or has us back.
    pub(crate) fn set_media(&mut self, media: Media) {
        match self {
            Self::Talking(talk) | Self::Leaving { talk, .. } => talk.media = media,
            Self::Answering { .. } | Self::Acked { .. } | Self::Declining { .. } | Self::Over => {}
        }
    }

    /// The bot said its last word; it hangs up a moment later.
    pub(crate) fn leave(&mut self, cause: HangUpCause, now: CallTime, limits: &SessionLimits) {
        match *self {
            Self::Talking(talk) => {
                let at = now + limits.farewell;
                *self = Self::Leaving { talk, cause, at };
            }
            Self::Answering { .. } | Self::Acked { .. } => {
                *self = Self::Declining { cause, at: now };
            }
            Self::Leaving { .. } | Self::Declining { .. } | Self::Over => {}
        }
    }

    /// Sound flows, and is recorded.
    pub(crate) const fn is_talking(&self) -> bool {
        matches!(self, Self::Talking(_) | Self::Leaving { .. })
    }

    pub(crate) const fn is_over(&self) -> bool {
        matches!(self, Self::Over)
    }

    /// The next thing that is due and when, if the world stays as it is.
    pub(crate) fn due(&self, limits: &SessionLimits) -> Option<(CallTime, Due)> {
        match *self {
            Self::Answering { .. } | Self::Over => None,
            Self::Acked { until } => Some((until, Due::Greet)),
            Self::Talking(talk) => Some(talk.due(limits)),
            Self::Declining { cause, at } => Some((at, Due::Leave(cause))),
            Self::Leaving { talk, cause, at } => {
                let own = talk.due(limits);
                let leave = (at, Due::Leave(cause));
                Some(if own.0 < at { own } else { leave })
            }
        }
    }
}

impl Talk {
    fn due(&self, limits: &SessionLimits) -> (CallTime, Due) {
        let too_long = (self.until, Due::End(HungUp::TooLong));
        match self.media {
            Media::Held => too_long,
            Media::Expected { last } => {
                let silent = last + limits.media_silence;
                if silent < self.until {
                    (silent, Due::End(HungUp::MediaLost))
                } else {
                    too_long
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> CallTime {
        CallTime::from_millis(millis)
    }

    #[test]
    fn the_greeting_waits_for_ack_and_packet_in_either_order() {
        let limits = SessionLimits::default();
        let mut standing = Standing::new();
        assert!(!standing.acked(at(100), &limits));
        assert!(standing.packet(at(150), &limits));
        let mut standing = Standing::new();
        assert!(!standing.packet(at(50), &limits));
        assert!(standing.acked(at(100), &limits));
        assert!(!standing.acked(at(120), &limits), "an ACK that came again");
    }

    #[test]
    fn without_a_packet_the_greeting_begins_300_ms_after_the_ack() {
        let limits = SessionLimits::default();
        let mut standing = Standing::new();
        assert_eq!(standing.due(&limits), None);
        standing.acked(at(100), &limits);
        assert_eq!(standing.due(&limits), Some((at(400), Due::Greet)));
    }

    #[test]
    fn a_silent_line_ends_the_call_unless_the_caller_holds() {
        let limits = SessionLimits::default();
        let mut standing = Standing::new();
        standing.talk(at(0), &limits);
        standing.packet(at(5_000), &limits);
        let lost = Due::End(HungUp::MediaLost);
        assert_eq!(standing.due(&limits), Some((at(35_000), lost)));
        standing.set_media(Media::Held);
        let too_long = Due::End(HungUp::TooLong);
        assert_eq!(standing.due(&limits), Some((at(3_600_000), too_long)));
        standing.set_media(Media::Expected { last: at(60_000) });
        assert_eq!(standing.due(&limits), Some((at(90_000), lost)));
    }

    #[test]
    fn the_bot_leaves_a_moment_after_its_last_word_and_for_its_first_cause() {
        let limits = SessionLimits::default();
        let mut standing = Standing::new();
        standing.talk(at(0), &limits);
        standing.leave(HangUpCause::PlanEnded, at(1_000), &limits);
        standing.leave(HangUpCause::Draining, at(1_100), &limits);
        let leave = Due::Leave(HangUpCause::PlanEnded);
        assert_eq!(standing.due(&limits), Some((at(1_200), leave)));
        assert!(standing.is_talking());
    }
    #[test]
    fn a_call_that_was_never_heard_is_declined_at_once_and_not_recorded() {
        let limits = SessionLimits::default();
        let mut standing = Standing::new();
        standing.leave(HangUpCause::Draining, at(50), &limits);
        let leave = Due::Leave(HangUpCause::Draining);
        assert_eq!(standing.due(&limits), Some((at(50), leave)));
        assert!(!standing.is_talking());
    }
}
