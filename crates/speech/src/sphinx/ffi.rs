//! The C library libpocketsphinx (0.8+5prealpha, soname 3), loaded at run time.
//!
//! This is the one place of the crate with `unsafe` in it. What it guarantees:
//! - Every function is called with the signature of Debian's `pocketsphinx.h`,
//!   `fsg_model.h`, `fe.h` and `cmd_ln.h` for soname 3; the libraries stay loaded as long as
//!   anything made by them lives, because each such thing holds the [`Library`].
//! - A decoder or front end is made, used and freed through `&mut` alone: the library keeps
//!   no state between two of them but its log, which is switched off once, so they may move
//!   between threads ([`Send`]) but are not shared (no `Sync`).
//! - Pointers that the library keeps ownership of (hypotheses, words) are copied out
//!   before anything else is called; lengths given are the lengths of the slices given.
//! - The library ends the process on some broken model files. [`super::models`]
//!   therefore looks at every file before it is opened here; sound cannot cause it.
#![allow(unsafe_code)]

mod front_end;

pub(super) use front_end::FrontEnd;

use crate::SpeechError;
use crate::recognizer::CEPSTRUM;
use crate::scratch::Scratch;
use libloading::Library as Shared;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr::{self, NonNull};
use std::sync::Arc;

/// One analysis window of 10 ms.
pub(super) type Cepstrum = [f32; CEPSTRUM];

/// The most windows that are searched in one call.
const SEARCHED_MAX: usize = 64;
/// The same for words in any order, whose search looks ahead over the phones and loses its place
/// with more. Grammars are better off with many: digits 93.0 % right with two, 95.0 % with all.
const LOOKING_AHEAD_MAX: usize = 2;

/// A step of 0.1024 nats in the logarithms of a grammar, whose base is 1.0001.
const COST_STEP: i32 = 1_024;

macro_rules! functions {
    ($($name:ident: fn($($argument:ty),*) $(-> $result:ty)?;)*) => {
        /// The functions of the library that are used here.
        struct Functions {
            $($name: unsafe extern "C" fn($($argument),*) $(-> $result)?,)*
        }

        impl Functions {
            /// Safety: the libraries must be those of soname 3.
            unsafe fn find(sphinx: &Shared, base: &Shared) -> Result<Self, libloading::Error> {
                Ok(Self {
                    $($name: {
                        let name = stringify!($name);
                        // SAFETY: the signature is the one of the library's header.
                        let found = unsafe { sphinx.get(name).or_else(|_| base.get(name))? };
                        *found
                    },)*
                })
            }
        }
    };
}

type Object = *mut c_void;

functions! {
    ps_args: fn() -> *const c_void;
    cmd_ln_parse_r: fn(Object, *const c_void, c_int, *mut *mut c_char, c_int) -> Object;
    cmd_ln_free_r: fn(Object) -> c_int;
    err_set_logfp: fn(Object);
    ps_init: fn(Object) -> Object;
    ps_free: fn(Object) -> c_int;
    ps_get_logmath: fn(Object) -> Object;
    ps_add_word: fn(Object, *const c_char, *const c_char, c_int) -> c_int;
    ps_set_fsg: fn(Object, *const c_char, *mut FsgHead) -> c_int;
    ps_set_lm_file: fn(Object, *const c_char, *const c_char) -> c_int;
    ps_set_allphone: fn(Object, *const c_char, Object) -> c_int;
    ps_unset_search: fn(Object, *const c_char) -> c_int;
    ps_set_search: fn(Object, *const c_char) -> c_int;
    ps_start_utt: fn(Object) -> c_int;
    ps_process_cep: fn(Object, *mut *mut f32, c_int, c_int, c_int) -> c_int;
    ps_end_utt: fn(Object) -> c_int;
    ps_get_hyp: fn(Object, *mut i32) -> *const c_char;
    ps_seg_iter: fn(Object) -> Object;
    ps_seg_next: fn(Object) -> Object;
    ps_seg_word: fn(Object) -> *const c_char;
    ps_seg_frames: fn(Object, *mut c_int, *mut c_int);
    ps_seg_prob: fn(Object, *mut i32, *mut i32, *mut i32) -> i32;
    fsg_model_init: fn(*const c_char, Object, f32, i32) -> *mut FsgHead;
    fsg_model_free: fn(*mut FsgHead) -> c_int;
    fsg_model_word_add: fn(*mut FsgHead, *const c_char) -> c_int;
    fsg_model_trans_add: fn(*mut FsgHead, i32, i32, i32, i32);
    fsg_model_null_trans_add: fn(*mut FsgHead, i32, i32, i32) -> i32;
    fe_init_auto_r: fn(Object) -> Object;
    fe_free: fn(Object) -> c_int;
    fe_get_output_size: fn(Object) -> c_int;
    fe_start_utt: fn(Object) -> c_int;
    fe_process_frames: fn(Object, *mut *const i16, *mut usize, *mut *mut f32, *mut i32, *mut i32) -> c_int;
    fe_end_utt: fn(Object, *mut f32, *mut i32) -> c_int;
}

/// The beginning of the library's `fsg_model_t`, whose start and final state have no setter.
#[repr(C)]
struct FsgHead {
    refcount: c_int,
    name: *mut c_char,
    words: i32,
    words_allocated: i32,
    vocabulary: *mut *mut c_char,
    fillers: *mut c_void,
    alternatives: *mut c_void,
    logmath: *mut c_void,
    states: i32,
    start: i32,
    end: i32,
}

/// The library, loaded.
pub(super) struct Library {
    call: Functions,
    // Dropped after the functions that point into them.
    _sphinx: Shared,
    _base: Shared,
}

/// What a decoder or front end is opened with: options by name, as the
/// library's programs take them on their command line.
pub(super) type Options = [(&'static str, String)];

/// One word of a path, with its windows (both ends included) and scores.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Segment {
    pub(super) word: String,
    pub(super) from: u32,
    pub(super) to: u32,
    /// The acoustic score, in the library's steps of 0.1024 nats.
    pub(super) acoustic: i32,
}

/// One arc of a grammar: from state to state by a word.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct TokenArc<'a> {
    pub(super) from: u32,
    pub(super) to: u32,
    /// A word that the decoder has been given.
    pub(super) token: &'a str,
    /// What a path pays for it, in the library's steps of 0.1024 nats.
    pub(super) cost: u16,
}

/// A grammar as the library takes it. `nulls` must be closed over.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct TokenGrammar<'a> {
    pub(super) states: u32,
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) arcs: Vec<TokenArc<'a>>,
    pub(super) nulls: Vec<(u32, u32)>,
}

impl Library {
    /// Loads the library and silences its log.
    pub(super) fn load() -> Result<Arc<Self>, SpeechError> {
        let missing = |library, package| {
            move |error: libloading::Error| SpeechError::LibraryMissing {
                library,
                package,
                reason: error.to_string(),
            }
        };
        // SAFETY: both libraries run no code when loaded but the C runtime's own.
        let (base, sphinx) = unsafe {
            let base = Shared::new("libsphinxbase.so.3")
                .map_err(missing("libsphinxbase.so.3", "libsphinxbase3t64"))?;
            let sphinx = Shared::new("libpocketsphinx.so.3")
                .map_err(missing("libpocketsphinx.so.3", "libpocketsphinx3"))?;
            (base, sphinx)
        };
        // SAFETY: the soname says that these are the libraries of soname 3.
        let call = unsafe { Functions::find(&sphinx, &base) }
            .map_err(missing("libpocketsphinx.so.3", "libpocketsphinx3"))?;
        // SAFETY: no file means no log.
        unsafe { (call.err_set_logfp)(ptr::null_mut()) };
        Ok(Arc::new(Self {
            call,
            _sphinx: sphinx,
            _base: base,
        }))
    }

    /// Options in the library's own form; the caller frees them.
    fn config(&self, options: &Options) -> Result<Object, SpeechError> {
        let mut words = vec![text("bellhop")?];
        for (name, value) in options {
            words.push(text(name)?);
            words.push(text(value)?);
        }
        let mut pointers: Vec<*mut c_char> =
            words.iter().map(|word| word.as_ptr().cast_mut()).collect();
        let count = pointers.len() as c_int;
        // SAFETY: as many strings as counted, alive during the call; the library copies them.
        let config = unsafe {
            let known = (self.call.ps_args)();
            (self.call.cmd_ln_parse_r)(ptr::null_mut(), known, count, pointers.as_mut_ptr(), 1)
        };
        if config.is_null() {
            return Err(failed("an option was refused"));
        }
        Ok(config)
    }

    fn make(
        &self,
        options: &Options,
        what: &str,
        init: unsafe extern "C" fn(Object) -> Object,
    ) -> Result<NonNull<c_void>, SpeechError> {
        let config = self.config(options)?;
        // SAFETY: the configuration is whole; what is made keeps its own hold on it.
        let made = unsafe {
            let made = init(config);
            (self.call.cmd_ln_free_r)(config);
            made
        };
        NonNull::new(made).ok_or_else(|| failed(what))
    }
}

/// One decoder: a model, a dictionary, and searches by name, of which one runs.
pub(super) struct Decoder {
    library: Arc<Library>,
    object: NonNull<c_void>,
    is_begun: bool,
    searched_max: usize,
}

// SAFETY: see the head of this file.
unsafe impl Send for Decoder {}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: made by `ps_init`, freed once.
        unsafe { (self.library.call.ps_free)(self.object.as_ptr()) };
    }
}

impl Decoder {
    /// Opens a decoder. Every file named in the options must have been looked at before.
    pub(super) fn open(library: &Arc<Library>, options: &Options) -> Result<Self, SpeechError> {
        let object = library.make(options, "no decoder could be opened", library.call.ps_init)?;
        Ok(Self {
            library: Arc::clone(library),
            object,
            is_begun: false,
            searched_max: SEARCHED_MAX,
        })
    }

    /// Teaches a word by its pronunciations, each a list of phones parted by spaces.
    pub(super) fn teach(
        &mut self,
        token: &str,
        pronunciations: &[String],
    ) -> Result<(), SpeechError> {
        for (index, phones) in pronunciations.iter().enumerate() {
            match index {
                0 => self.add_word(token, phones)?,
                _ => self.add_word(&format!("{token}({})", index + 1), phones)?,
            }
        }
        Ok(())
    }

    /// Further pronunciations are words of their own, whose names end in `(2)`, `(3)` …
    fn add_word(&mut self, token: &str, phones: &str) -> Result<(), SpeechError> {
        let (token, phones) = (text(token)?, text(phones)?);
        // SAFETY: two strings, copied by the library.
        let id = unsafe {
            (self.library.call.ps_add_word)(
                self.object.as_ptr(),
                token.as_ptr(),
                phones.as_ptr(),
                0,
            )
        };
        if id < 0 {
            return Err(failed("a word was refused"));
        }
        Ok(())
    }

    /// Adds a search for a grammar, or replaces the one of this name.
    pub(super) fn set_grammar(
        &mut self,
        name: &str,
        grammar: &TokenGrammar<'_>,
    ) -> Result<(), SpeechError> {
        let name = text(name)?;
        let call = &self.library.call;
        // SAFETY: the decoder's own logarithms outlive it being used below.
        let model = unsafe {
            let logmath = (call.ps_get_logmath)(self.object.as_ptr());
            (call.fsg_model_init)(name.as_ptr(), logmath, 1.0, grammar.states as i32)
        };
        if model.is_null() {
            return Err(failed("no grammar could be made"));
        }
        let filled = self.fill(model, grammar);
        // SAFETY: the model was made above; the decoder takes its own hold on it.
        let status = unsafe {
            let status = match filled {
                Ok(()) => (call.ps_set_fsg)(self.object.as_ptr(), name.as_ptr(), model),
                Err(_) => 0,
            };
            (call.fsg_model_free)(model);
            status
        };
        filled.and_then(|()| checked(status, "a grammar was refused"))
    }

    /// Adds a search for words in any order, each with the logarithm (base ten) of its share in
    /// speech, or replaces the one of this name.
    pub(super) fn set_shares(
        &mut self,
        name: &str,
        shares: &[(&str, f32)],
    ) -> Result<(), SpeechError> {
        let name = text(name)?;
        // The library takes its language models from files only.
        let file = Scratch::holding(&unigrams(shares), "lm")?;
        let path = text(&file.path.to_string_lossy())?;
        // SAFETY: the library reads the file during the call and keeps nothing of it.
        let status = unsafe {
            let object = self.object.as_ptr();
            (self.library.call.ps_set_lm_file)(object, name.as_ptr(), path.as_ptr())
        };
        self.searched_max = LOOKING_AHEAD_MAX;
        checked(status, "a list of words was refused")
    }

    fn fill(&self, model: *mut FsgHead, grammar: &TokenGrammar<'_>) -> Result<(), SpeechError> {
        let call = &self.library.call;
        // SAFETY: a fresh model of the library; its layout is checked before it is written to.
        unsafe {
            if (*model).states != grammar.states as i32 || (*model).start != 0 || (*model).end != 0
            {
                return Err(failed("its grammars have another form than expected"));
            }
            (*model).start = grammar.start as i32;
            (*model).end = grammar.end as i32;
        }
        for arc in &grammar.arcs {
            let token = text(arc.token)?;
            // SAFETY: states are below the number the model was made with.
            unsafe {
                let word = (call.fsg_model_word_add)(model, token.as_ptr());
                let cost = -i32::from(arc.cost) * COST_STEP;
                (call.fsg_model_trans_add)(model, arc.from as i32, arc.to as i32, cost, word);
            }
        }
        for &(from, to) in &grammar.nulls {
            // SAFETY: as above.
            unsafe { (call.fsg_model_null_trans_add)(model, from as i32, to as i32, 0) };
        }
        Ok(())
    }

    /// Adds a free loop over the model's phones.
    pub(super) fn set_phone_loop(&mut self, name: &str) -> Result<(), SpeechError> {
        let name = text(name)?;
        // SAFETY: no language model is given, which the library allows.
        let status = unsafe {
            (self.library.call.ps_set_allphone)(
                self.object.as_ptr(),
                name.as_ptr(),
                ptr::null_mut(),
            )
        };
        checked(status, "a loop of phones was refused")
    }

    /// Takes a search away, so that a decoder does not grow with every plan.
    pub(super) fn unset(&mut self, name: &str) -> Result<(), SpeechError> {
        let name = text(name)?;
        // SAFETY: the library looks the name up and frees that search.
        unsafe { (self.library.call.ps_unset_search)(self.object.as_ptr(), name.as_ptr()) };
        Ok(())
    }

    /// Begins an utterance with the search of this name.
    pub(super) fn start(&mut self, name: &str) -> Result<(), SpeechError> {
        let name = text(name)?;
        self.end_if_begun()?;
        // SAFETY: between two utterances a search may be chosen.
        unsafe {
            let chosen = (self.library.call.ps_set_search)(self.object.as_ptr(), name.as_ptr());
            checked(chosen, "a search is not there")?;
            let started = (self.library.call.ps_start_utt)(self.object.as_ptr());
            checked(started, "no utterance could be begun")?;
        }
        self.is_begun = true;
        Ok(())
    }

    /// Searches the next windows.
    pub(super) fn push(&mut self, windows: &[Cepstrum]) -> Result<(), SpeechError> {
        for some in windows.chunks(self.searched_max) {
            // The library takes them as mutable, so it gets a copy.
            let mut copy = some.to_vec();
            let mut rows: Vec<*mut f32> = copy.iter_mut().map(|row| row.as_mut_ptr()).collect();
            let count = rows.len() as c_int;
            // SAFETY: `count` rows of as many coefficients as the front end was checked to give.
            let status = unsafe {
                let object = self.object.as_ptr();
                (self.library.call.ps_process_cep)(object, rows.as_mut_ptr(), count, 0, 0)
            };
            checked(status.min(0), "a search broke off")?;
        }
        Ok(())
    }

    /// Ends the utterance; [`Self::best`] then gives paths that reach the grammar's end alone.
    pub(super) fn end(&mut self) -> Result<(), SpeechError> {
        self.is_begun = false;
        // SAFETY: the library refuses when no utterance is under way.
        let status = unsafe { (self.library.call.ps_end_utt)(self.object.as_ptr()) };
        checked(status, "an utterance could not be ended")
    }

    /// Ends the utterance if one is under way.
    pub(super) fn end_if_begun(&mut self) -> Result<(), SpeechError> {
        if self.is_begun { self.end() } else { Ok(()) }
    }

    /// The score of the best path so far, or nothing where there is none.
    pub(super) fn best(&mut self) -> Option<i32> {
        let mut score = 0;
        // SAFETY: the text belongs to the decoder and is not kept here.
        let text = unsafe { (self.library.call.ps_get_hyp)(self.object.as_ptr(), &mut score) };
        (!text.is_null()).then_some(score)
    }

    /// The words of the best path so far.
    pub(super) fn segments(&mut self) -> Vec<Segment> {
        let call = &self.library.call;
        let mut segments = Vec::new();
        // SAFETY: the iterator is walked to its end, where the library frees it.
        unsafe {
            let mut at = (call.ps_seg_iter)(self.object.as_ptr());
            while !at.is_null() {
                let (mut from, mut to, mut acoustic) = (0, 0, 0);
                let (mut language, mut back) = (0, 0);
                (call.ps_seg_frames)(at, &mut from, &mut to);
                (call.ps_seg_prob)(at, &mut acoustic, &mut language, &mut back);
                let word = (call.ps_seg_word)(at);
                if !word.is_null() {
                    segments.push(Segment {
                        word: base_word(&CStr::from_ptr(word).to_string_lossy()),
                        from: u32::try_from(from).unwrap_or(0),
                        to: u32::try_from(to).unwrap_or(0),
                        acoustic,
                    });
                }
                at = (call.ps_seg_next)(at);
            }
        }
        segments
    }
}

/// A language model of single words in the ARPA format. Where speech ends is told by its
/// silence, so the end of a sentence is as likely as it is in telephone talk, one word in ten.
fn unigrams(shares: &[(&str, f32)]) -> String {
    let count = shares.len() + 2;
    let mut model = format!("\\data\\\nngram 1={count}\n\n\\1-grams:\n-99 <s>\n-1 </s>\n");
    for (word, share) in shares {
        model.push_str(&format!("{share:.3} {word}\n"));
    }
    model.push_str("\n\\end\\\n");
    model
}

/// A word's name without the number of its pronunciation.
fn base_word(word: &str) -> String {
    let base = word.split_once('(').map_or(word, |(base, _)| base);
    base.to_owned()
}

fn text(word: &str) -> Result<CString, SpeechError> {
    CString::new(word).map_err(|_| failed("a word holds a NUL"))
}

fn checked(status: c_int, what: &str) -> Result<(), SpeechError> {
    if status < 0 {
        return Err(failed(what));
    }
    Ok(())
}

fn failed(what: &str) -> SpeechError {
    SpeechError::Engine(format!("pocketsphinx: {what}"))
}
