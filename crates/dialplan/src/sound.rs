//! What an audio file's header says of it.

/// The bytes of a file that are looked at: the header, and whatever notes stand before its sound.
pub(crate) const HEADER_MAX: u64 = 64 * 1024;

const PCM: u16 = 1;
const ALAW: u16 = 6;
const ULAW: u16 = 7;
const EXTENSIBLE: u16 = 0xFFFE;

/// The form of a sound: how it is stored, and how long it lasts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SoundForm {
    /// The tag of a WAVE format: 1 for PCM, 6 and 7 for G.711.
    pub tag: u16,
    /// How many channels.
    pub channels: u16,
    /// Samples a second.
    pub rate: u32,
    /// Bits a sample.
    pub bits: u16,
    /// How long it lasts, in milliseconds.
    pub millis: u32,
}

impl SoundForm {
    /// Reads the beginning of a WAV file of `length` bytes in all; none where it is no WAV
    /// file, or one that does not tell its form.
    ///
    /// A sound chunk whose length was never filled in reaches to the end.
    pub fn of_wav(start: &[u8], length: u64) -> Option<Self> {
        if start.get(..4)? != b"RIFF" || start.get(8..12)? != b"WAVE" {
            return None;
        }
        let mut at = 12;
        let mut form: Option<Self> = None;
        loop {
            let size = u32_at(start, at + 4)?;
            let body = at + 8;
            match start.get(at..at + 4)? {
                b"fmt " => form = Some(Self::of_chunk(start.get(body..)?)?),
                b"data" => {
                    let left = length.saturating_sub(u64::try_from(body).ok()?);
                    let bytes = if size == 0 {
                        left
                    } else {
                        left.min(size.into())
                    };
                    return form.map(|form| form.lasting(bytes));
                }
                _ => {}
            }
            // Chunks are padded to an even length.
            at = body.checked_add(usize::try_from(size.checked_add(size % 2)?).ok()?)?;
        }
    }

    fn of_chunk(chunk: &[u8]) -> Option<Self> {
        // An extensible format tells its tag in the first bytes of a GUID.
        let tag = match u16_at(chunk, 0)? {
            EXTENSIBLE => u16_at(chunk, 24)?,
            tag => tag,
        };
        Some(Self {
            tag,
            channels: u16_at(chunk, 2)?,
            rate: u32_at(chunk, 4)?,
            bits: u16_at(chunk, 14)?,
            millis: 0,
        })
    }

    fn lasting(self, bytes: u64) -> Self {
        let bits = u64::from(self.rate) * u64::from(self.channels) * u64::from(self.bits);
        let millis = (bytes * 8_000).checked_div(bits).unwrap_or_default();
        Self {
            millis: u32::try_from(millis).unwrap_or(u32::MAX),
            ..self
        }
    }

    /// Whether it can be played to a caller as it is: 8 or 16 kHz, one channel, PCM of
    /// 16 bits or G.711.
    pub fn fits_a_telephone(self) -> bool {
        let is_coded = matches!((self.tag, self.bits), (PCM, 16) | (ALAW | ULAW, 8));
        is_coded && self.channels == 1 && matches!(self.rate, 8_000 | 16_000)
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let two = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(two.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(four.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wav(tag: u16, channels: u16, rate: u32, bits: u16, data: u32) -> Vec<u8> {
        let mut bytes = b"RIFF\0\0\0\0WAVELIST".to_vec();
        bytes.extend(3_u32.to_le_bytes());
        bytes.extend(b"abc\0fmt ");
        bytes.extend(16_u32.to_le_bytes());
        bytes.extend(tag.to_le_bytes());
        bytes.extend(channels.to_le_bytes());
        bytes.extend(rate.to_le_bytes());
        bytes.extend([0; 6]);
        bytes.extend(bits.to_le_bytes());
        bytes.extend(b"data");
        bytes.extend(data.to_le_bytes());
        bytes
    }

    #[test]
    fn a_header_tells_form_and_length() {
        let header = wav(PCM, 1, 8_000, 16, 0);
        let length = header.len() as u64 + 24_000;
        let form = SoundForm::of_wav(&header, length).expect("a form");
        assert_eq!(form.millis, 1_500, "up to the end of the file");
        assert!(form.fits_a_telephone());
        let form = SoundForm::of_wav(&wav(ULAW, 1, 8_000, 8, 4_000), length).expect("a form");
        assert_eq!((form.millis, form.fits_a_telephone()), (500, true));
        for (tag, channels, rate, bits) in [
            (PCM, 2, 8_000, 16),
            (PCM, 1, 44_100, 16),
            (PCM, 1, 8_000, 8),
            (85, 1, 8_000, 16),
        ] {
            let form =
                SoundForm::of_wav(&wav(tag, channels, rate, bits, 4), length).expect("a form");
            assert!(!form.fits_a_telephone(), "{form:?}");
        }
    }

    #[test]
    fn no_header_harms() {
        let whole = wav(PCM, 1, 8_000, 16, 4);
        for end in 0..whole.len() {
            assert_eq!(SoundForm::of_wav(&whole[..end], 1_000), None);
        }
        assert_eq!(
            SoundForm::of_wav(b"ID3 and so on, which is no WAV", 40),
            None
        );
        let endless = [b"RIFF\0\0\0\0WAVEjunk".as_slice(), &[255; 4]].concat();
        assert_eq!(SoundForm::of_wav(&endless, 40), None);
    }
}
