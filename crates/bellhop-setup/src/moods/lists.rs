//! Lists of recordings made out of one: what a model is taught, and who calls.

use std::fs;
use std::path::{Path, PathBuf};

/// Two lists out of one. Their files name recordings by whole paths.
#[derive(Debug)]
pub struct Lists {
    /// What a model may be trained on.
    pub taught: PathBuf,
    /// The recordings of those who call, all together.
    pub called: PathBuf,
    /// Who calls, in the order of the list.
    pub callers: Vec<Caller>,
}

/// Somebody who calls.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Caller {
    /// The speaker's name.
    pub speaker: String,
    /// The collection that the recordings come from.
    pub collection: String,
    /// Those recordings.
    pub list: PathBuf,
}

impl Lists {
    /// The file of what a model may be trained on.
    pub const TAUGHT: &str = "taught.csv";

    /// Parts a list by who calls, people being told by their place in it; voices that were made up never call.
    pub fn part(
        manifest: &Path,
        folder: &Path,
        is_caller: &dyn Fn(usize) -> bool,
    ) -> Result<Self, String> {
        let problem = |error: std::io::Error| format!("{}: {error}", manifest.display());
        let text = fs::read_to_string(manifest).map_err(problem)?;
        let mut lines = text.lines();
        let head = lines.next().unwrap_or_default();
        let column = |name: &str| {
            let place = head.split(',').position(|known| known == name);
            place.ok_or_else(|| format!("{}: there is no column '{name}'", manifest.display()))
        };
        let (path, speaker_column) = (column("path")?, column("speaker")?);
        let (collection, made_up) = (column("corpus")?, column("is_synthetic")?);
        let mut people: Vec<(String, String)> = Vec::new();
        let (mut taught, mut called) = (format!("{head}\n"), format!("{head}\n"));
        let beside = manifest.parent().unwrap_or(Path::new("."));
        let columns = head.split(',').count();
        for line in lines {
            let mut fields: Vec<&str> = line.split(',').collect();
            if fields.len() != columns {
                return Err(format!("{}: a row is odd: {line}", manifest.display()));
            }
            let whole = beside.join(fields[path]).display().to_string();
            let calls = fields[made_up] == "0"
                && is_caller(place(
                    &mut people,
                    fields[speaker_column],
                    fields[collection],
                ));
            fields[path] = &whole;
            let list = if calls { &mut called } else { &mut taught };
            *list += &(fields.join(",") + "\n");
        }
        let people = people.into_iter().enumerate();
        let mut callers = Vec::new();
        for (_, (speaker, collection)) in people.filter(|(place, _)| is_caller(*place)) {
            let own = |row: &&str| row.split(',').nth(speaker_column) == Some(&speaker);
            let rows = called.lines().skip(1).filter(own);
            let text = rows.fold(format!("{head}\n"), |text, row| text + row + "\n");
            callers.push(Caller {
                list: write(folder, &format!("callers-{speaker}.csv"), &text)?,
                speaker,
                collection,
            });
        }
        Ok(Self {
            taught: write(folder, Self::TAUGHT, &taught)?,
            called: write(folder, "callers.csv", &called)?,
            callers,
        })
    }
}

/// The place of a speaker, of this collection, among those met so far.
fn place(people: &mut Vec<(String, String)>, speaker: &str, collection: &str) -> usize {
    let known = people.iter().position(|(known, _)| known == speaker);
    known.unwrap_or_else(|| {
        people.push((speaker.to_owned(), collection.to_owned()));
        people.len() - 1
    })
}

fn write(folder: &Path, name: &str, text: &str) -> Result<PathBuf, String> {
    let path = folder.join(name);
    fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_one_of_the_people_calls_in_one_part_and_is_taught_in_the_others() {
        let folder = std::env::temp_dir().join(format!("mood-lists-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let manifest = folder.join("manifest.csv");
        let rows = "path,corpus,speaker,is_synthetic\n\
            a1.flac,one,anna,0\nx.flac,made,robot,1\nb.flac,one,ben,0\na2.flac,one,anna,0\nc.flac,two,cleo,0\n";
        fs::write(&manifest, rows).expect("written");
        let mut met = Vec::new();
        for part in 0..2 {
            let lists =
                Lists::part(&manifest, &folder, &|place| place % 2 == part).expect("parted");
            let read = |path: &PathBuf| fs::read_to_string(path).expect("a list");
            let (taught, called) = (read(&lists.taught), read(&lists.called));
            assert!(taught.contains("robot") && !called.contains("robot"));
            for Caller { speaker, list, .. } in &lists.callers {
                let own = read(list);
                let rows = called.lines().filter(|row| row.contains(speaker));
                assert!(own.lines().skip(1).eq(rows), "{own}");
                assert!(
                    called.contains(speaker) && !taught.contains(speaker),
                    "{speaker}"
                );
            }
            assert_eq!(taught.lines().count() + called.lines().count(), 7);
            met.extend(lists.callers);
        }
        let told = met
            .iter()
            .map(|caller| (caller.speaker.as_str(), caller.collection.as_str()));
        let told: Vec<_> = told.collect();
        assert_eq!(told, [("anna", "one"), ("cleo", "two"), ("ben", "one")]);
        fs::remove_dir_all(&folder).expect("removed");
    }
}
