//! XML files, and where things stand in them.

use super::fault;
use super::model::Origin;
use crate::Problem;
use roxmltree::{Document, Node, ParsingOptions};

/// The most elements and texts of a file that are read.
const NODES_MAX: u32 = 200_000;

/// Parses every file; faults have their places.
pub(super) fn parsed(
    texts: &[(String, String)],
) -> Result<Vec<(&str, Document<'_>)>, Vec<Problem>> {
    let mut faults = Vec::new();
    let mut files = Vec::new();
    for (file, text) in texts {
        let options = ParsingOptions {
            allow_dtd: true,
            nodes_limit: NODES_MAX,
            ..ParsingOptions::default()
        };
        match Document::parse_with_options(text.trim_start_matches('\u{feff}'), options) {
            Ok(document) => files.push((file.as_str(), document)),
            Err(error) => {
                let place = error.pos();
                let at = Origin {
                    file: file.clone(),
                    line: place.row,
                };
                let remedy = "close what is opened, and write '&amp;' for '&' and '&lt;' for '<'";
                faults.push(fault(&at, place.col, format!("no XML: {error}"), remedy));
            }
        }
    }
    if faults.is_empty() {
        Ok(files)
    } else {
        Err(faults)
    }
}

/// The line on which an element begins.
pub(super) fn origin(file: &str, node: Node<'_, '_>) -> Origin {
    Origin {
        file: file.to_owned(),
        line: node.document().text_pos_at(node.range().start).row,
    }
}

/// `3s`, `500ms` or a bare number of the given unit, in milliseconds.
pub(super) fn millis(text: &str, bare: f64) -> Option<u32> {
    let text = text.trim();
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 1.0),
        None => match text.strip_suffix('s') {
            Some(number) => (number, 1_000.0),
            None => (text, bare),
        },
    };
    let number: f64 = number.trim().parse().ok()?;
    let millis = number * unit;
    (0.0..=600_000.0).contains(&millis).then_some(millis as u32)
}
