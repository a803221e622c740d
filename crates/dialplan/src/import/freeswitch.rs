//! IVR menus of FreeSWITCH (mod_dptools, `ivr.conf.xml`).

use super::model::{
    Choice, Failing, Keys, Kind, Menu, Model, Origin, Piece, Said, name_of, words_of,
};
use super::report::ImportReport;
use super::xml::{millis, origin, parsed};
use super::{fault, pattern, person};
use crate::Problem;
use crate::reading::is_transfer_address;
use roxmltree::Node;
use std::collections::BTreeMap;

/// What is read of a menu; the rest is told.
const READ: [&str; 9] = [
    "name",
    "greet-long",
    "greet-short",
    "invalid-sound",
    "exit-sound",
    "timeout",
    "inter-digit-timeout",
    "digit-len",
    "max-failures",
];

/// The first menu is where calls begin.
pub(super) fn read(
    texts: &[(String, String)],
    report: &mut ImportReport,
) -> Result<Model, Vec<Problem>> {
    let files = parsed(texts)?;
    let mut reader = Reader {
        model: Model::default(),
        report,
        names: BTreeMap::new(),
        above: BTreeMap::new(),
    };
    let mut menus = Vec::new();
    for (file, document) in &files {
        for node in document.descendants().filter(|n| n.has_tag_name("menu")) {
            let at = origin(file, node);
            let Some(name) = node.attribute("name") else {
                reader.report.left_out(&at, "a menu without a name");
                continue;
            };
            if reader.names.contains_key(name) {
                reader.report.left_out(
                    &at,
                    format!("menu '{name}': another of its name stands before"),
                );
                continue;
            }
            let place = reader.model.name(name);
            reader.names.insert(name.to_owned(), place.clone());
            menus.push((place, at, node));
        }
    }
    let Some((start, _, _)) = menus.first() else {
        let file = texts
            .first()
            .map(|(file, _)| file.clone())
            .unwrap_or_default();
        let at = Origin { file, line: 1 };
        let remedy = "give it files with '<menu name=…>'";
        return Err(vec![fault(
            &at,
            1,
            "no menu stands in these files".to_owned(),
            remedy,
        )]);
    };
    reader.model.start.clone_from(start);
    for (place, _, node) in &menus {
        reader.note_ways_down(place, *node);
    }
    for (place, at, node) in &menus {
        reader.menu(place, at, *node);
    }
    Ok(reader.model)
}

struct Reader<'r> {
    model: Model,
    report: &'r mut ImportReport,
    /// The places of the menus, by their names.
    names: BTreeMap<String, String>,
    /// The menus that lead down to each.
    above: BTreeMap<String, Vec<String>>,
}

impl Reader<'_> {
    fn note_ways_down(&mut self, place: &str, menu: Node<'_, '_>) {
        for entry in entries(menu).filter(|e| e.attribute("action") == Some("menu-sub")) {
            let name = entry.attribute("param").unwrap_or_default().trim();
            if let Some(below) = self.names.get(name) {
                let above = self.above.entry(below.clone()).or_default();
                if !above.iter().any(|menu| menu == place) {
                    above.push(place.to_owned());
                }
            }
        }
    }

    fn menu(&mut self, place: &str, at: &Origin, node: Node<'_, '_>) {
        for attribute in node.attributes().filter(|a| !READ.contains(&a.name())) {
            let (name, value) = (attribute.name(), attribute.value());
            self.report
                .left_out(at, format!("{name}=\"{value}\" of menu '{place}'"));
        }
        let say = self.sound(node.attribute("greet-long").unwrap_or_default(), at);
        let short = self.sound(node.attribute("greet-short").unwrap_or_default(), at);
        let short = if short.is_empty() { say.clone() } else { short };
        let invalid = self.sound(node.attribute("invalid-sound").unwrap_or_default(), at);
        let failures = node.attribute("max-failures").and_then(|n| n.parse().ok());
        let failures = failures.unwrap_or(3usize).clamp(1, 5);
        let tries = vec![short.clone(); failures - 1];
        let wrong: Said = invalid.into_iter().chain(short).collect();
        let wrong = vec![wrong; failures - 1];
        let goodbye = node
            .attribute("exit-sound")
            .filter(|sound| !sound.is_empty());
        let ended = goodbye
            .map(|sound| format!(" (after '{sound}')"))
            .unwrap_or_default();
        self.report.changed(at, format!("menu '{place}' ended the call{ended} after {failures} failures: now they lead to a person"));
        let mut choices = Vec::new();
        for entry in entries(node) {
            let at = Origin {
                file: at.file.clone(),
                line: origin(&at.file, entry).line,
            };
            choices.extend(self.entry(place, &at, entry));
        }
        self.report
            .imported(at, format!("menu '{place}' with {} entries", choices.len()));
        let menu = Menu {
            say,
            choices,
            failing: Failing {
                no_input: tries,
                no_match: wrong,
            },
            timeout: node.attribute("timeout").and_then(|t| millis(t, 1.0)),
            inter_digit: node
                .attribute("inter-digit-timeout")
                .and_then(|t| millis(t, 1.0)),
            falls_back_to: None,
        };
        if menu.choices.is_empty() {
            self.report.changed(
                at,
                format!("menu '{place}' has no entry that can be kept: it leads to a person"),
            );
            let next = self.model.add(&format!("{place}_person"), at, person());
            let whole = false;
            self.model.put(
                place,
                at,
                Kind::Play {
                    say: menu.say,
                    whole,
                    next,
                },
            );
            return;
        }
        self.model.put(place, at, Kind::Menu(menu));
    }

    fn entry(&mut self, menu: &str, at: &Origin, entry: Node<'_, '_>) -> Option<Choice> {
        let digits = entry.attribute("digits").unwrap_or_default();
        let action = entry.attribute("action").unwrap_or_default();
        let param = entry.attribute("param").unwrap_or_default().trim();
        let told = format!("entry '{digits}' ({action} {param})");
        let Some(keys) = keys_of(digits) else {
            self.report
                .left_out(at, format!("{told}: its keys are no list of numbers"));
            return None;
        };
        let (to, label) = self.action(menu, at, action, param, digits)?;
        self.report.imported(at, told);
        Some(Choice {
            keys,
            words: Vec::new(),
            label,
            to,
            at: at.clone(),
        })
    }

    fn action(
        &mut self,
        menu: &str,
        at: &Origin,
        action: &str,
        param: &str,
        digits: &str,
    ) -> Option<(String, String)> {
        match action {
            "menu-sub" => {
                match self.names.get(param) {
                    Some(place) => Some((place.clone(), words_of(param))),
                    None => {
                        self.report.changed(at, format!("menu '{param}' is in none of the files: the entry leads to a person"));
                        Some((self.model.add(param, at, person()), words_of(param)))
                    }
                }
            }
            "menu-top" => Some((self.model.start.clone(), "start".to_owned())),
            "menu-back" => {
                let above = self.above.get(menu).cloned().unwrap_or_default();
                if above.len() > 1 {
                    self.report.changed(
                        at,
                        format!(
                            "back from '{menu}' leads to '{}', the first of the menus above it",
                            above[0]
                        ),
                    );
                }
                let to = above.first().unwrap_or(&self.model.start);
                Some((to.clone(), "back".to_owned()))
            }
            "menu-exit" => {
                let end = Kind::End { say: Vec::new() };
                Some((
                    self.model.add(&format!("{menu}_end"), at, end),
                    "end".to_owned(),
                ))
            }
            "menu-play-sound" => {
                let say = self.sound(param, at);
                let (whole, next) = (false, menu.to_owned());
                let play = Kind::Play { say, whole, next };
                let hint = name_of(&words_of(param)).unwrap_or_else(|| format!("{menu}_sound"));
                Some((self.model.add(&hint, at, play), words_of(param)))
            }
            "menu-exec-app" | "menu-exec-dtmf" => Some(self.application(menu, at, param, digits)),
            _ => {
                self.report
                    .left_out(at, format!("action '{action}' on key '{digits}'"));
                None
            }
        }
    }

    /// `transfer 1000 XML default`, `bridge sofia/…`, `playback file`, `hangup`.
    fn application(
        &mut self,
        menu: &str,
        at: &Origin,
        param: &str,
        digits: &str,
    ) -> (String, String) {
        let (application, rest) = param.split_once(char::is_whitespace).unwrap_or((param, ""));
        let rest = rest.trim();
        match application {
            "hangup" => {
                let end = Kind::End { say: Vec::new() };
                (
                    self.model.add(&format!("{menu}_end"), at, end),
                    "end".to_owned(),
                )
            }
            "playback" => {
                let say = self.sound(rest, at);
                let next =
                    self.model
                        .add(&format!("{menu}_end"), at, Kind::End { say: Vec::new() });
                let play = Kind::Play {
                    say,
                    whole: false,
                    next,
                };
                (self.model.add(&words_of(rest), at, play), words_of(rest))
            }
            "transfer" | "bridge" => {
                let to = rest.split_whitespace().next().unwrap_or_default();
                let skill = name_of(to).filter(|_| !to.contains('$'));
                let told = match &skill {
                    Some(skill) => format!(
                        "{param}: a handoff with the skill '{skill}'; name a queue of the server after it"
                    ),
                    None => {
                        format!("{param}: a person; what was dialled is in the slot '{menu}_keys'")
                    }
                };
                self.report.changed(at, told);
                if is_transfer_address(to) {
                    self.model.transfers.push((at.clone(), to.to_owned()));
                }
                let hint = format!("to_{}", skill.as_deref().unwrap_or("extension"));
                let say = Vec::new();
                let label = words_of(to);
                (
                    self.model.add(&hint, at, Kind::Person { say, skill }),
                    label,
                )
            }
            _ => {
                self.report.changed(at, format!("{param} on key '{digits}': no part of a plan does this, a person is fetched"));
                let hint = name_of(application).unwrap_or_else(|| "application".to_owned());
                (self.model.add(&hint, at, person()), words_of(application))
            }
        }
    }

    /// `say:words`, `phrase:name` or a file.
    fn sound(&mut self, written: &str, at: &Origin) -> Said {
        let written = written.trim();
        if let Some(words) = written.strip_prefix("say:") {
            let words = words.rsplit_once(':').map_or(words, |(_, words)| words);
            return vec![Piece::Text(words.trim().to_owned())];
        }
        if let Some(name) = written.strip_prefix("phrase:") {
            let words = words_of(name);
            self.report.changed(
                at,
                format!("phrase '{name}' is a macro that is not read: '{words}' is said"),
            );
            return vec![Piece::Text(words)];
        }
        if let Some(silence) = written.strip_prefix("silence_stream://") {
            let pause = millis(silence.split(',').next().unwrap_or_default(), 1.0);
            return pause.map(Piece::Pause).into_iter().collect();
        }
        if written.is_empty() {
            return Vec::new();
        }
        vec![Piece::Sound(written.to_owned())]
    }
}

fn entries<'a, 'i>(menu: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    menu.children().filter(|n| n.has_tag_name("entry"))
}

fn keys_of(digits: &str) -> Option<Vec<Keys>> {
    if digits.starts_with('/') || digits.starts_with('^') {
        return pattern::of_expression(digits);
    }
    let is_keys = !digits.is_empty()
        && digits
            .chars()
            .all(|c| c.is_ascii_digit() || "*#".contains(c));
    is_keys.then(|| vec![Keys::Exact(digits.to_owned())])
}
