//! A picture for Mermaid, as web pages and code hosts draw it.

use super::{Kind, Picture};
use std::fmt::Write as _;

const CLASSES: &str = "  classDef say fill:#ffffff,stroke:#475569
  classDef ask fill:#dbeafe,stroke:#475569
  classDef collect fill:#dcfce7,stroke:#475569
  classDef api fill:#fef9c3,stroke:#475569
  classDef decide fill:#f3e8ff,stroke:#475569
  classDef note fill:#f1f5f9,stroke:#475569
  classDef person fill:#fed7aa,stroke:#475569
  classDef finish fill:#e2e8f0,stroke:#475569
  classDef bypassed fill:#ffffff,stroke:#cbd5e1,color:#94a3b8
  classDef left stroke:#dc2626,stroke-width:3px
";

impl Picture {
    /// The picture in Mermaid's language.
    pub fn mermaid(&self) -> String {
        let mut text = format!("---\ntitle: {}\n---\nflowchart LR\n", plain(&self.title()));
        let mut is_framed = vec![false; self.boxes.len()];
        for (number, (title, members)) in self.frames.iter().enumerate() {
            let _ = writeln!(text, "  subgraph f{number}[\"{}\"]", plain(title));
            for member in members {
                is_framed[*member] = true;
                let _ = writeln!(text, "    {}", self.mermaid_box(*member));
            }
            text.push_str("  end\n");
        }
        for number in (0..self.boxes.len()).filter(|number| !is_framed[*number]) {
            let _ = writeln!(text, "  {}", self.mermaid_box(number));
        }
        for arrow in &self.arrows {
            let line = match (arrow.gone > 0, arrow.is_ladder || arrow.is_leap) {
                (true, _) => "==>",
                (false, true) => "-.->",
                (false, false) => "-->",
            };
            let word = plain(&self.word(arrow));
            let word = if word.is_empty() {
                word
            } else {
                format!("|\"{word}\"|")
            };
            let _ = writeln!(text, "  n{} {line}{word} n{}", arrow.from, arrow.to);
        }
        text + CLASSES
    }

    fn mermaid_box(&self, number: usize) -> String {
        let seen = &self.boxes[number];
        let ([open, close], class) = match seen.kind {
            Kind::Say => (["(", ")"], "say"),
            Kind::Ask => (["{{", "}}"], "ask"),
            Kind::Collect => (["[/", "/]"], "collect"),
            Kind::Api => (["[(", ")]"], "api"),
            Kind::Decide => (["{", "}"], "decide"),
            Kind::Set => (["[", "]"], "note"),
            Kind::Person => (["[[", "]]"], "person"),
            Kind::End => (["([", "])"], "finish"),
        };
        let mut lines: Vec<String> = seen.lines.iter().map(|line| plain(line)).collect();
        lines[0] = format!("<b>{}</b>", lines[0]);
        lines.extend(self.counts(seen).map(|counts| plain(&counts)));
        let class = match self.is_bypassed(seen) {
            true => "bypassed",
            false => class,
        };
        let left = if seen.leavings > 0 {
            format!("\n  class n{number} left")
        } else {
            String::new()
        };
        format!(
            "n{number}{open}\"{}\"{close}:::{class}{left}",
            lines.join("<br/>")
        )
    }
}

/// Without what Mermaid would take for its own: quotes, brackets of tags, and `#`, which begins an entity.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for c in text.chars() {
        match c {
            '"' => plain.push_str("#quot;"),
            '<' => plain.push_str("#lt;"),
            '>' => plain.push_str("#gt;"),
            '#' => plain.push_str("#35;"),
            '\n' => plain.push(' '),
            _ => plain.push(c),
        }
    }
    plain
}
