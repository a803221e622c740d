//! The library's front end. What the head of [`super`] says of `unsafe` holds here too.

use super::{Cepstrum, Library, Options, checked, failed};
use crate::SpeechError;
use crate::recognizer::CEPSTRUM;
use std::ffi::c_void;
use std::ptr::NonNull;
use std::sync::Arc;

/// The most windows that are given in one call.
const WINDOWS_MAX: usize = 64;

/// Turns sound into windows of cepstra.
pub(in crate::sphinx) struct FrontEnd {
    library: Arc<Library>,
    object: NonNull<c_void>,
}

// SAFETY: see the head of this file.
unsafe impl Send for FrontEnd {}

impl Drop for FrontEnd {
    fn drop(&mut self) {
        // SAFETY: made by `fe_init_auto_r`, freed once.
        unsafe { (self.library.call.fe_free)(self.object.as_ptr()) };
    }
}

impl FrontEnd {
    /// Opens a front end with the same options as its decoders.
    pub(in crate::sphinx) fn open(
        library: &Arc<Library>,
        options: &Options,
    ) -> Result<Self, SpeechError> {
        let init = library.call.fe_init_auto_r;
        let object = library.make(options, "no front end could be opened", init)?;
        let front = Self {
            library: Arc::clone(library),
            object,
        };
        // SAFETY: a question about a front end that is whole.
        let size = unsafe { (front.library.call.fe_get_output_size)(front.object.as_ptr()) };
        if usize::try_from(size) != Ok(CEPSTRUM) {
            return Err(failed("its windows have another size than expected"));
        }
        Ok(front)
    }

    /// Begins an utterance.
    pub(in crate::sphinx) fn start(&mut self) -> Result<(), SpeechError> {
        // SAFETY: a front end that is whole.
        let status = unsafe { (self.library.call.fe_start_utt)(self.object.as_ptr()) };
        checked(status, "the front end could not begin")
    }

    /// Adds the windows that these samples complete.
    pub(in crate::sphinx) fn push(
        &mut self,
        samples: &[i16],
        windows: &mut Vec<Cepstrum>,
    ) -> Result<(), SpeechError> {
        let mut rest = samples;
        while !rest.is_empty() {
            let mut room = [[0.0_f32; CEPSTRUM]; WINDOWS_MAX];
            let mut rows = room.each_mut().map(|row| row.as_mut_ptr());
            let (mut at, mut left) = (rest.as_ptr(), rest.len());
            let (mut count, mut index) = (WINDOWS_MAX as i32, 0);
            // SAFETY: `left` samples, room for `count` windows; the library tells what it used of both.
            let status = unsafe {
                (self.library.call.fe_process_frames)(
                    self.object.as_ptr(),
                    &mut at,
                    &mut left,
                    rows.as_mut_ptr(),
                    &mut count,
                    &mut index,
                )
            };
            checked(status.min(0), "the front end broke off")?;
            let made = usize::try_from(count).unwrap_or(0).min(WINDOWS_MAX);
            windows.extend(&room[..made]);
            let used = rest.len() - left.min(rest.len());
            if used == 0 && made == 0 {
                return Err(failed("the front end stands still"));
            }
            rest = &rest[used..];
        }
        Ok(())
    }

    /// Ends the utterance and adds the last window, if one was begun.
    pub(in crate::sphinx) fn end(
        &mut self,
        windows: &mut Vec<Cepstrum>,
    ) -> Result<(), SpeechError> {
        let (mut last, mut count) = ([0.0_f32; CEPSTRUM], 0);
        // SAFETY: room for one window, which is the most that is given.
        let status = unsafe {
            (self.library.call.fe_end_utt)(self.object.as_ptr(), last.as_mut_ptr(), &mut count)
        };
        checked(status.min(0), "the front end could not end")?;
        if count > 0 {
            windows.push(last);
        }
        Ok(())
    }
}
