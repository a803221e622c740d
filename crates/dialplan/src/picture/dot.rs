//! A picture for Graphviz.

use super::arrows::Arrow;
use super::{Kind, Picture, Seen};
use std::fmt::Write as _;

impl Picture {
    /// The picture in Graphviz's language, for `dot -Tsvg`.
    pub fn dot(&self) -> String {
        let mut dot = String::new();
        let _ = write!(
            dot,
            "digraph {} {{
  rankdir=LR; nodesep=0.18; ranksep=0.7; fontname=\"sans-serif\"; fontsize=13; compound=true;
  label={}; labelloc=t;
  node [fontname=\"sans-serif\", fontsize=10, style=\"rounded,filled\", shape=box, margin=\"0.1,0.05\", color=\"#475569\", fillcolor=\"#ffffff\"];
  edge [fontname=\"sans-serif\", fontsize=9, color=\"#64748b\", fontcolor=\"#334155\", arrowsize=0.7];
",
            quoted(&self.name),
            quoted(&self.title()),
        );
        let mut is_framed = vec![false; self.boxes.len()];
        for (number, (title, members)) in self.frames.iter().enumerate() {
            let _ = writeln!(
                dot,
                "  subgraph cluster_{number} {{\n    label={}; style=\"rounded,filled\"; color=\"#cbd5e1\"; fillcolor=\"#f8fafc\"; fontcolor=\"#475569\"; fontsize=11; labeljust=l;",
                quoted(title)
            );
            for member in members {
                is_framed[*member] = true;
                let _ = writeln!(dot, "    {}", self.dot_box(*member));
            }
            dot.push_str("  }\n");
        }
        for number in (0..self.boxes.len()).filter(|number| !is_framed[*number]) {
            let _ = writeln!(dot, "  {}", self.dot_box(number));
        }
        for arrow in &self.arrows {
            let _ = writeln!(
                dot,
                "  n{} -> n{}{};",
                arrow.from,
                arrow.to,
                self.dot_style(arrow)
            );
        }
        dot.push_str("}\n");
        dot
    }

    fn dot_box(&self, number: usize) -> String {
        let seen = &self.boxes[number];
        let (mut shape, mut fill) = match seen.kind {
            Kind::Say => ("", "#ffffff"),
            Kind::Ask => ("", "#dbeafe"),
            Kind::Collect => ("", "#dcfce7"),
            Kind::Api => ("shape=cylinder, style=filled, ", "#fef9c3"),
            Kind::Decide => ("shape=diamond, style=filled, ", "#f3e8ff"),
            Kind::Set => ("shape=box, style=filled, ", "#f1f5f9"),
            Kind::Person => ("style=filled, ", "#fed7aa"),
            Kind::End => ("shape=oval, style=filled, ", "#e2e8f0"),
        };
        if self.is_bypassed(seen) {
            fill = "#ffffff";
        }
        let mut more = String::new();
        if seen.is_start {
            more.push_str(", penwidth=2.5");
        }
        if self.is_bypassed(seen) {
            more.push_str(", color=\"#cbd5e1\", fontcolor=\"#94a3b8\"");
        } else if seen.leavings > 0 {
            more.push_str(", color=\"#dc2626\", penwidth=2.5");
        } else if seen.visits > 0 {
            more.push_str(", color=\"#1d4ed8\", penwidth=2");
        }
        if seen.kind == Kind::Api && seen.lines.len() > 3 {
            // A cylinder's lid takes the room of a line.
            shape = "shape=cylinder, style=filled, margin=\"0.1,0.12\", ";
        }
        format!(
            "n{number} [{shape}fillcolor=\"{fill}\", label=<{}>{more}];",
            self.html(seen)
        )
    }

    /// The name bold, what is said small, and what became of the calls.
    fn html(&self, seen: &Seen) -> String {
        let mut html = String::new();
        for (number, line) in seen.lines.iter().enumerate() {
            let line = escaped(line);
            if number == 0 {
                let _ = write!(html, "<b>{line}</b>");
            } else {
                let _ = write!(html, "<br/><font point-size=\"8.5\">{line}</font>");
            }
        }
        if let Some(counts) = self.counts(seen) {
            let _ = write!(
                html,
                "<br/><font color=\"#b91c1c\"><b>{}</b></font>",
                escaped(&counts)
            );
        }
        html
    }

    fn dot_style(&self, arrow: &Arrow) -> String {
        let mut style: Vec<String> = Vec::new();
        let word = self.word(arrow);
        if !word.is_empty() {
            style.push(format!("label={}", quoted(&word)));
        }
        if arrow.is_leap {
            style.push("style=dotted".to_owned());
        } else if arrow.is_ladder {
            style.push("style=dashed, color=\"#94a3b8\"".to_owned());
        }
        if arrow.is_ladder || arrow.is_aside {
            style.push("constraint=false".to_owned());
        }
        if arrow.gone > 0 {
            let width = match self.calls {
                Some(1) => 2.5,
                Some(_) | None => 1.5 + 4.0 * self.share(arrow.gone),
            };
            style.push(format!(
                "color=\"#1d4ed8\", fontcolor=\"#1d4ed8\", penwidth={width:.1}"
            ));
        } else if self.calls.is_some() {
            style.push("color=\"#cbd5e1\", fontcolor=\"#94a3b8\"".to_owned());
        }
        if style.is_empty() {
            String::new()
        } else {
            format!(" [{}]", style.join(", "))
        }
    }
}

impl Picture {
    /// The plan's name and, where calls lie over it, how many.
    pub(super) fn title(&self) -> String {
        match self.calls {
            None => self.name.clone(),
            Some(1) => format!("{}: the way of one call", self.name),
            Some(calls) => format!("{}: {calls} calls", self.name),
        }
    }

    /// Calls lie over the picture and none came here.
    pub(super) fn is_bypassed(&self, seen: &Seen) -> bool {
        self.calls.is_some() && seen.visits == 0
    }

    pub(super) fn counts(&self, seen: &Seen) -> Option<String> {
        let calls = self.calls.filter(|_| seen.visits > 0)?;
        match (calls, seen.leavings) {
            (1, 0) => None,
            (1, _) => Some("hung up here".to_owned()),
            (_, 0) => Some(format!("{} calls", seen.visits)),
            (_, left) => Some(format!("{} calls, {left} left here", seen.visits)),
        }
    }

    pub(super) fn word(&self, arrow: &Arrow) -> String {
        let steps: Vec<String> = arrow.steps.iter().map(ToString::to_string).collect();
        let told = match self.calls {
            Some(1) if !steps.is_empty() => format!("({})", steps.join(", ")),
            Some(calls) if calls > 1 && arrow.gone > 0 => arrow.gone.to_string(),
            Some(_) | None => String::new(),
        };
        match (arrow.word.is_empty(), told.is_empty()) {
            (_, true) => arrow.word.clone(),
            (true, false) => told,
            (false, false) => format!("{} · {told}", arrow.word),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a width on paper")]
    fn share(&self, gone: usize) -> f32 {
        gone as f32 / self.calls.unwrap_or(1).max(1) as f32
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
