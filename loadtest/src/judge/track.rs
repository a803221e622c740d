//! Where a prompt stands in what was heard, also when it slips.

use std::ops::Range;

/// A reference laid along the heard samples. A sender that stood still for a moment goes on
/// later than it should: from there on the reference stands elsewhere.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Track {
    pieces: Vec<Piece>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Piece {
    /// The first heard sample it holds for.
    from: usize,
    /// The heard sample at which the reference's sample 0 would stand.
    offset: isize,
}

impl Track {
    /// A reference whose sample 0 stands at this heard sample; negative where its beginning was
    /// not heard.
    pub fn new(offset: isize) -> Self {
        let piece = Piece { from: 0, offset };
        Self {
            pieces: vec![piece],
        }
    }

    /// From a heard sample on it stands elsewhere.
    pub fn slip(&mut self, from: usize, offset: isize) {
        self.pieces.push(Piece { from, offset });
    }

    /// Where sample 0 of the reference stands for this heard sample.
    pub fn offset_at(&self, sample: usize) -> isize {
        let piece = self.pieces.iter().rev().find(|piece| piece.from <= sample);
        piece.map_or(0, |piece| piece.offset)
    }

    /// Where it stands since the last slip.
    pub fn last_offset(&self) -> isize {
        self.offset_at(usize::MAX)
    }

    /// How often it slipped.
    pub const fn slips(&self) -> usize {
        self.pieces.len() - 1
    }

    /// Heard samples cut where it slipped, each part with its offset.
    pub fn spans(&self, heard: Range<usize>) -> impl Iterator<Item = (Range<usize>, isize)> {
        let ends = self
            .pieces
            .iter()
            .skip(1)
            .map(|piece| piece.from)
            .chain([usize::MAX]);
        self.pieces
            .iter()
            .zip(ends)
            .filter_map(move |(piece, end)| {
                let span = piece.from.max(heard.start)..end.min(heard.end);
                (!span.is_empty()).then_some((span, piece.offset))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_holds_from_its_sample_on() {
        let mut track = Track::new(-40);
        track.slip(1_000, 120);
        assert_eq!(
            [0, 999, 1_000].map(|sample| track.offset_at(sample)),
            [-40, -40, 120]
        );
        let spans: Vec<_> = track.spans(500..1_500).collect();
        assert_eq!(spans, [(500..1_000, -40), (1_000..1_500, 120)]);
        assert_eq!(track.spans(0..800).count(), 1);
        assert_eq!((track.slips(), track.last_offset()), (1, 120));
    }
}
