//! Text as people say it, in Mandarin and English.
//!
//! Whatever is compared with what a caller said goes through [`normalise`] first,
//! on both sides, so that width, case, punctuation and the script of Chinese
//! characters make no difference. Chinese is counted in characters, English in
//! words; [`words`] cuts both.
//!
//! ```
//! use call_model::Language::{En, Zh};
//! assert_eq!(spoken_text::normalise("I’d like ＡＮ agent!", En), "i'd like an agent");
//! assert_eq!(spoken_text::normalise("請轉 人工。", Zh), "请转人工");
//! assert_eq!(spoken_text::digits_of("double five, oh one", En).as_deref(), Some("5501"));
//! ```

mod cut;
mod digits;
mod fold;
mod normalise;
mod small_words;
mod values;

pub use cut::{units, words, words_with};
pub use digits::{digit_words, digits_of, digits_within, read_digits};
pub use fold::simplified;
pub use normalise::normalise;
pub use small_words::{
    backchannels, fillers, is_backchannel, is_backchannel_of, no_words, without_fillers, yes_words,
};
pub use values::{Day, Keyed, Plates, ReadAs, ValueKind, When};
