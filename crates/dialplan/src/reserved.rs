//! Slots that the call itself fills: a plan reads them and never writes one.

/// A slot that every plan has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CallSlot {
    /// The language the call is in: `en` or `zh`.
    Language,
    /// The caller's number, as the trunk tells it; empty where it is withheld.
    Number,
    /// `yes` within the plan's hours, `no` outside them.
    Open,
    /// How often a person was asked for so far.
    Asks,
}

impl CallSlot {
    /// Every one of them.
    pub const ALL: [Self; 4] = [Self::Language, Self::Number, Self::Open, Self::Asks];

    /// As a plan writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Language => "call_language",
            Self::Number => "call_number",
            Self::Open => "call_open",
            Self::Asks => "call_asks",
        }
    }

    /// The slot of a name, if it is one of these.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|slot| slot.name() == name)
    }
}
