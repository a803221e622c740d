//! Plain comparisons of ECMAScript, as `cond` and `expr` hold them. Anything more is not read.

use super::super::model::{Condition, Piece, Said, Test, name_of};

/// The most cases that one condition may come to.
const CASES_MAX: usize = 16;

/// A condition as alternatives, each of tests that all must hold; none where it is more than comparisons
/// with `&&` and `||`.
pub(super) fn condition(written: &str) -> Option<Vec<Condition>> {
    let tokens = tokens(written)?;
    let cases: Option<Vec<Condition>> = tokens
        .split(|token| *token == Token::Sign("||"))
        .map(all_of)
        .collect();
    cases.filter(|cases| !cases.is_empty() && cases.len() <= CASES_MAX)
}

fn all_of(tokens: &[Token]) -> Option<Condition> {
    let mut tests: Condition = Vec::new();
    for part in tokens.split(|token| *token == Token::Sign("&&")) {
        let (slot, test) = comparison(part)?;
        let plain = |test: &Test| matches!(test, Test::Is(_));
        let clashes = |(other, before): &(String, Test)| {
            *other == slot
                && (plain(before)
                    || plain(&test)
                    || std::mem::discriminant(before) == std::mem::discriminant(&test)
                        && !matches!((before, &test), (Test::Number(a, _), Test::Number(b, _)) if a != b))
        };
        if tests.iter().any(clashes) {
            return None;
        }
        tests.push((slot, test));
    }
    Some(tests)
}

fn comparison(tokens: &[Token]) -> Option<(String, Test)> {
    match tokens {
        [Token::Name(name)] => Some((slot_of(name)?, Test::Is(vec!["yes".to_owned()]))),
        [Token::Sign("!"), Token::Name(name)] => {
            Some((slot_of(name)?, Test::IsNot(vec!["yes".to_owned()])))
        }
        [Token::Name(name), Token::Sign(sign), value] if !is_value_name(name) => {
            Some((slot_of(name)?, test(sign, value)?))
        }
        [value, Token::Sign(sign), Token::Name(name)] => {
            let turned = match *sign {
                "<" => ">",
                ">" => "<",
                "<=" => ">=",
                ">=" => "<=",
                same => same,
            };
            Some((slot_of(name)?, test(turned, value)?))
        }
        _ => None,
    }
}

fn test(sign: &str, value: &Token) -> Option<Test> {
    let text = match value {
        Token::Name(name) if name == "undefined" || name == "null" => {
            return match sign {
                "==" => Some(Test::Filled(false)),
                "!=" => Some(Test::Filled(true)),
                _ => None,
            };
        }
        Token::Name(name) if name == "true" => "yes".to_owned(),
        Token::Name(name) if name == "false" => "no".to_owned(),
        Token::Text(text) if text.is_empty() => {
            return match sign {
                "==" => Some(Test::Filled(false)),
                "!=" => Some(Test::Filled(true)),
                _ => None,
            };
        }
        Token::Text(text) => text.clone(),
        Token::Number(number) => number.clone(),
        Token::Name(_) | Token::Sign(_) => return None,
    };
    let number = |how| {
        let is_number = text.parse::<f64>().is_ok_and(f64::is_finite);
        is_number.then(|| Test::Number(how, text.clone()))
    };
    match sign {
        "==" => Some(Test::Is(vec![text])),
        "!=" => Some(Test::IsNot(vec![text])),
        "<" => number("below"),
        ">" => number("above"),
        "<=" => number("at_most"),
        ">=" => number("at_least"),
        _ => None,
    }
}

/// What an `expr` stands for: a text, a number, a truth, or the value of a variable.
pub(super) fn value(written: &str) -> Option<Said> {
    match tokens(written)?.as_slice() {
        [Token::Text(text)] if text.is_empty() => Some(Vec::new()),
        [Token::Text(text)] | [Token::Number(text)] => Some(vec![Piece::Text(text.clone())]),
        [Token::Name(name)] => match name.as_str() {
            "true" => Some(vec![Piece::Text("yes".to_owned())]),
            "false" => Some(vec![Piece::Text("no".to_owned())]),
            "undefined" | "null" => Some(Vec::new()),
            name => Some(vec![Piece::Slot(slot_of(name)?)]),
        },
        _ => None,
    }
}

/// The text in quotes that an `expr` is.
pub(super) fn literal(written: &str) -> Option<String> {
    match tokens(written)?.as_slice() {
        [Token::Text(text)] => Some(text.clone()),
        _ => None,
    }
}

fn is_value_name(name: &str) -> bool {
    matches!(name, "true" | "false" | "undefined" | "null")
}

/// The slot of a variable: what stands before its last dot is where the old system kept it.
pub(super) fn slot_of(variable: &str) -> Option<String> {
    if variable == "session.connection.remote.uri" || variable == "session.callerid" {
        return Some("call_number".to_owned());
    }
    if variable.contains('$') || is_value_name(variable) {
        return None;
    }
    let last = variable.rsplit('.').next().unwrap_or(variable);
    let name = name_of(last)?;
    // The slots that begin so are the engine's.
    Some(if name.starts_with("call_") {
        format!("old_{name}")
    } else {
        name
    })
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Token {
    Name(String),
    Text(String),
    Number(String),
    Sign(&'static str),
}

/// Longer signs first.
const SIGNS: [(&str, &str); 11] = [
    ("===", "=="),
    ("!==", "!="),
    ("==", "=="),
    ("!=", "!="),
    ("<=", "<="),
    (">=", ">="),
    ("&&", "&&"),
    ("||", "||"),
    ("<", "<"),
    (">", ">"),
    ("!", "!"),
];

fn tokens(written: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = written.trim();
    while let Some(c) = rest.chars().next() {
        if let Some((sign, plain)) = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign)) {
            tokens.push(Token::Sign(plain));
            rest = &rest[sign.len()..];
        } else if c == '\'' || c == '"' {
            let (text, after) = rest[1..].split_once(c)?;
            if text.contains('\\') {
                return None;
            }
            tokens.push(Token::Text(text.to_owned()));
            rest = after;
        } else {
            let fits = |c: char| c.is_alphanumeric() || "_.$".contains(c);
            let end = rest.find(|c| !fits(c)).unwrap_or(rest.len());
            if end == 0 {
                return None;
            }
            let word = rest[..end].to_owned();
            rest = &rest[end..];
            tokens.push(if c.is_ascii_digit() {
                word.parse::<f64>().ok()?;
                Token::Number(word)
            } else {
                Token::Name(word)
            });
        }
        rest = rest.trim_start();
    }
    (!tokens.is_empty()).then_some(tokens)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons_are_read() {
        let one = |slot: &str, test| Some(vec![vec![(slot.to_owned(), test)]]);
        let texts = |text: &str| vec![text.to_owned()];
        assert_eq!(
            condition("kind == 'lost'"),
            one("kind", Test::Is(texts("lost")))
        );
        assert_eq!(condition("sure"), one("sure", Test::Is(texts("yes"))));
        assert_eq!(condition("!sure"), one("sure", Test::IsNot(texts("yes"))));
        assert_eq!(
            condition("10 &lt; n".replace("&lt;", "<").as_str()),
            one("n", Test::Number("above", "10".into()))
        );
        assert_eq!(condition("a.b != undefined"), one("b", Test::Filled(true)));
        let both = condition("n >= 1 && n <= 5 || kind === \"x\"").expect("read");
        assert_eq!(both.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
    }

    #[test]
    fn more_than_comparisons_is_not_guessed_at() {
        for written in [
            "f(x)",
            "x + 1 == 2",
            "(a == 1)",
            "x == y",
            "n$.utterance == 'a'",
            "'a",
            "",
            "a =! b",
            "x == 1 && x == 2",
        ] {
            assert_eq!(condition(written), None, "{written}");
        }
    }
}
