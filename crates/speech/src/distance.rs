//! How far two rows of units are from each other.

/// The fewest units left out, put in and put in another's place (V. I. Levenshtein, 1965).
pub(crate) fn distance<T: Copy>(one: &[T], other: &[T], is_same: impl Fn(T, T) -> bool) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (place, unit) in one.iter().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], place + 1);
        for (at, candidate) in other.iter().enumerate() {
            let changed = corner + usize::from(!is_same(*unit, *candidate));
            corner = row[at + 1];
            row[at + 1] = changed.min(row[at] + 1).min(corner + 1);
        }
    }
    row[other.len()]
}
