//! Patterns of keys: `10[01][0-9]` in an expression.

use super::model::Keys;

/// The most numbers' ranges that one pattern may stand for.
const RANGES_MAX: usize = 64;

/// What may be pressed at each place: the digits, ascending.
type Digits = Vec<u8>;

/// What a regular expression of digits matches; none where it is more than digits, classes and counts.
pub(super) fn of_expression(written: &str) -> Option<Vec<Keys>> {
    let body = written.trim();
    let body = body.strip_prefix('/').unwrap_or(body);
    let body = body.strip_suffix('/').unwrap_or(body);
    let body = body.strip_prefix('^').unwrap_or(body);
    let body = body.strip_suffix('$').unwrap_or(body);
    let body = body
        .strip_prefix('(')
        .and_then(|body| body.strip_suffix(')'))
        .unwrap_or(body);
    if body.contains(['(', ')']) {
        return None;
    }
    let mut all = Vec::new();
    for branch in body.split('|') {
        all.extend(ranges(&places_of_expression(branch)?)?);
    }
    Some(all)
}

/// What an extension of Asterisk is dialled with: `1`, `*`, or a pattern such as `_1[0-4]X`; none for
/// extensions that are not dialled (`s`, `t`, names) and for patterns of no fixed length.
pub(super) fn of_extension(written: &str) -> Option<Vec<Keys>> {
    match written.strip_prefix('_') {
        Some(pattern) => ranges(&places_of_extension(pattern)?),
        None => {
            let is_key = |c: char| c.is_ascii_digit() || matches!(c, '*' | '#');
            let is_keys = !written.is_empty() && written.chars().all(is_key);
            is_keys.then(|| vec![Keys::Exact(written.to_owned())])
        }
    }
}

/// Whether digits are dialled to a pattern of a fixed length.
pub(super) fn fits_extension(written: &str, digits: &str) -> bool {
    let places = written.strip_prefix('_').and_then(places_of_extension);
    places.is_some_and(|places| {
        places.len() == digits.len()
            && places
                .iter()
                .zip(digits.bytes())
                .all(|(place, digit)| digit.is_ascii_digit() && place.contains(&(digit - b'0')))
    })
}

fn places_of_extension(pattern: &str) -> Option<Vec<Digits>> {
    let mut places: Vec<Digits> = Vec::new();
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        places.push(match c {
            '0'..='9' => vec![c as u8 - b'0'],
            'X' | 'x' => (0..=9).collect(),
            'Z' | 'z' => (1..=9).collect(),
            'N' | 'n' => (2..=9).collect(),
            '[' => {
                let (class, after) = rest.split_once(']')?;
                rest = after;
                class_of(class)?
            }
            // Dashes are for the eye.
            '-' => continue,
            _ => return None,
        });
    }
    (!places.is_empty() && places.len() <= 16).then_some(places)
}

fn places_of_expression(written: &str) -> Option<Vec<Digits>> {
    let mut places: Vec<Digits> = Vec::new();
    let mut rest = written;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        rest = match c {
            '0'..='9' => {
                places.push(vec![c as u8 - b'0']);
                after
            }
            '[' => {
                let (class, after) = after.split_once(']')?;
                places.push(class_of(class)?);
                after
            }
            '\\' => {
                places.push((0..=9).collect());
                after.strip_prefix('d')?
            }
            '{' => {
                let (count, after) = after.split_once('}')?;
                let count: usize = count.parse().ok().filter(|n| (1..=16).contains(n))?;
                let last = places.last()?.clone();
                places.extend(std::iter::repeat_n(last, count - 1));
                after
            }
            _ => return None,
        };
    }
    (!places.is_empty() && places.len() <= 16).then_some(places)
}

/// `13-5` is 1, 3, 4 and 5.
fn class_of(written: &str) -> Option<Digits> {
    let bytes = written.as_bytes();
    let mut digits = Vec::new();
    let mut at = 0;
    while let Some(from) = bytes.get(at).copied().filter(u8::is_ascii_digit) {
        let to = match (bytes.get(at + 1), bytes.get(at + 2)) {
            (Some(b'-'), Some(to)) if to.is_ascii_digit() => {
                at += 2;
                *to
            }
            _ => from,
        };
        digits.extend(from.min(to) - b'0'..=to.max(from) - b'0');
        at += 1;
    }
    digits.sort_unstable();
    digits.dedup();
    (at == bytes.len() && !digits.is_empty()).then_some(digits)
}

/// Numbers are compared as numbers, so one that may begin with 0 is told key by key or not at all.
fn ranges(places: &[Digits]) -> Option<Vec<Keys>> {
    let free = places.iter().rev().take_while(|digits| digits.len() == 10);
    let free = free.count();
    let fixed = places.len() - free;
    let mut heads = vec![String::new()];
    for digits in &places[..fixed] {
        if heads.len() * digits.len() > RANGES_MAX {
            return None;
        }
        heads = heads
            .iter()
            .flat_map(|head| digits.iter().map(move |digit| format!("{head}{digit}")))
            .collect();
    }
    if free == 0 {
        return Some(heads.into_iter().map(Keys::Exact).collect());
    }
    if free == 1 && heads.len() * 10 <= RANGES_MAX {
        let all = heads
            .iter()
            .flat_map(|head| (0..10).map(move |d| format!("{head}{d}")));
        return Some(all.map(Keys::Exact).collect());
    }
    if heads
        .iter()
        .any(|head| head.is_empty() || head.starts_with('0'))
    {
        return None;
    }
    let range = |head: &String| {
        Keys::Range(
            format!("{head}{}", "0".repeat(free)),
            format!("{head}{}", "9".repeat(free)),
        )
    };
    Some(heads.iter().map(range).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(keys: &[&str]) -> Option<Vec<Keys>> {
        Some(keys.iter().map(|k| Keys::Exact((*k).to_owned())).collect())
    }

    #[test]
    fn patterns_are_the_numbers_they_match() {
        assert_eq!(of_expression("/^(2|34)$/"), exact(&["2", "34"]));
        let range = Keys::Range("1000".into(), "1099".into());
        assert_eq!(of_expression("^(10[0-9]{2})$"), Some(vec![range]));
    }

    #[test]
    fn what_cannot_be_told_key_by_key_is_refused() {
        for written in [
            "/^(.*)$/",
            "^(9[0-9]+)$",
            "(1)(2)",
            "[a-c]",
            "[0-9]{4}",
            "0[0-9]{3}",
            "",
        ] {
            assert_eq!(of_expression(written), None, "{written}");
        }
    }
}
