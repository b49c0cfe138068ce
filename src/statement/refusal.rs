//! Why no layout fits a file, and what leads on: its kind, or the line that was taken for the header, what was understood of it, what is
//! missing, and the command that proposes a layout.

use std::path::Path;

use super::layout::{Layout, Layouts, header_key};
use super::likely::{Likely, amount_by_name, fields_of, likely_header};
use super::recognize::Unrecognized;
use super::source::Part;
use super::{ReadOptions, StatementError, kind};

/// Stands in a remedy for the command that proposes a layout; who knows the file's name puts it there.
const COMMAND: &str = "ledgerline layout new FILE --out layout.toml";

/// Why none of the layouts fits.
pub(super) fn refusal(head: &[u8], layouts: &Layouts) -> Unrecognized {
    if let Some(kind) = kind::of_text(head) {
        return Unrecognized {
            reason: kind.reason(),
            remedy: kind.remedy,
        };
    }
    let Some(likely) = likely_header(head, layouts) else {
        return no_header(head);
    };
    let keys = likely.keys();
    let mut reason = format!(
        "no layout fits this file: line {} was taken for the header, because {}: ",
        likely.line + 1,
        likely.why()
    );
    reason.push_str(&quoted(likely.header.iter().map(String::as_str)));
    reason.push_str(&understood(&likely, &keys, layouts));
    reason.push_str(&nearest(&keys, layouts));
    Unrecognized {
        reason,
        remedy: format!(
            "If it is a statement, {COMMAND} proposes a layout that reads it; look through it and give it with --layout layout.toml"
        ),
    }
}

/// Why no line could be a header.
fn no_header(head: &[u8]) -> Unrecognized {
    if memchr::memchr3(b'\t', b',', b';', head).is_none() && memchr::memchr(b'|', head).is_none() {
        return Unrecognized {
            reason: "no layout fits this file: no line has a tab, comma, semicolon or bar, so there are no columns".into(),
            remedy: "Ask the sender for the detail as CSV or tab-separated text".into(),
        };
    }
    Unrecognized {
        reason: "no layout fits this file: none of its first lines could be a header, they are too long or stray quotes keep them together".into(),
        remedy: "If it is a statement, describe its columns in a layout file (see: ledgerline help layouts) and give it with --layout FILE".into(),
    }
}

/// Which columns are known by their names, and what is missing to read the file by them.
fn understood(likely: &Likely, keys: &[String], layouts: &Layouts) -> String {
    let generic = &layouts.generic;
    let mut found = Vec::new();
    let mut has_thing = false;
    for (field, names) in fields_of(&generic.columns) {
        let column = names
            .iter()
            .find_map(|name| keys.iter().position(|key| *key == header_key(name)));
        if let Some(column) = column {
            has_thing |= ["isrc", "upc", "title", "dsp_id"].contains(&field);
            found.push(format!(
                "“{}” ({})",
                shown(&likely.header[column]),
                field.replace('_', " ")
            ));
        }
    }
    let amount = amount_by_name(keys, generic);
    if let Some(amount) = amount {
        found.push(format!("“{}” (money)", amount.column));
    }
    let mut text = if found.is_empty() {
        "; no column is known by its name".to_owned()
    } else {
        format!("; known by their names are {}", found.join(", "))
    };
    let mut missing = Vec::new();
    if amount.is_none() {
        missing.push("a money column");
    }
    if !has_thing {
        missing.push("one of ISRC, UPC or title");
    }
    if !missing.is_empty() {
        text.push_str(&format!(
            "; to be read by names alone it needs {} too",
            missing.join(" and ")
        ));
    }
    if let Some(column) = generic
        .refuse_if
        .iter()
        .find(|name| keys.contains(&header_key(name)))
    {
        text.push_str(&format!(
            "; its column “{column}” changes what the money means, so names alone are not enough"
        ));
    }
    text
}

/// The layout that lacks least, when at least two thirds of what it requires are there.
fn nearest(keys: &[String], layouts: &Layouts) -> String {
    let has_any = |names: &String| {
        names
            .split('|')
            .any(|name| keys.contains(&header_key(name)))
    };
    let lacks = |layout: &Layout| {
        layout
            .require
            .iter()
            .filter(|names| !has_any(names))
            .cloned()
            .collect::<Vec<_>>()
    };
    let known = layouts
        .layouts
        .iter()
        .filter(|layout| layout.not_income.is_none() && !layout.require.is_empty());
    let near = known
        .map(|layout| (layout, lacks(layout)))
        .filter(|(layout, missing)| missing.len() * 3 <= layout.require.len());
    let Some((layout, missing)) = near.max_by_key(|(layout, missing)| {
        (
            layout.require.len() - missing.len(),
            usize::MAX - missing.len(),
        )
    }) else {
        return String::new();
    };
    let why = match (
        missing.is_empty(),
        layout
            .refuse_if
            .iter()
            .find(|name| keys.contains(&header_key(name))),
    ) {
        (false, _) => format!(
            "these are missing: {}",
            quoted(missing.iter().map(String::as_str))
        ),
        (true, Some(column)) => format!("the column “{column}” speaks against it"),
        (true, None) => "its money column is missing".into(),
    };
    format!("; the nearest layout is “{}”, but {why}", layout.name)
}

fn shown(name: &str) -> String {
    let line: String = name.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(60).collect()
}

fn quoted<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names
        .take(40)
        .map(|name| format!("“{}”", shown(name)))
        .collect::<Vec<_>>()
        .join(", ")
}

impl Unrecognized {
    /// The refusal of this part of a file; the command in its remedy is one that can be run as it stands.
    pub(super) fn of_part(self, part: &Part, options: &ReadOptions) -> StatementError {
        let mut command = format!("ledgerline layout new {}", shell_path(&part.path));
        if let Some(member) = part.member_name() {
            command.push_str(&format!(" --member {}", shell_word(member)));
        }
        if let Some(encoding) = options.encoding {
            command.push_str(&format!(" --encoding {}", encoding.name()));
        }
        command.push_str(" --out layout.toml");
        StatementError::Refused {
            file: part.shown(),
            reason: self.reason,
            remedy: self.remedy.replace(COMMAND, &command),
        }
    }
}

/// A path as a word of a command.
fn shell_path(path: &Path) -> String {
    let text = path.display().to_string();
    // A name that begins like an option is not taken for one behind the folder it lies in.
    shell_word(&if text.starts_with('-') {
        format!("./{text}")
    } else {
        text
    })
}

/// A text as one word of a command, for the shell of the system.
fn shell_word(text: &str) -> String {
    match () {
        () if !text.is_empty()
            && text.chars().all(|c| {
                c.is_ascii_alphanumeric()
                    || "_./-+,:=@%".contains(c)
                    || (cfg!(windows) && c == '\\')
            }) =>
        {
            text.to_owned()
        }
        () if cfg!(windows) => format!("\"{text}\""),
        () => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> Unrecognized {
        let own: [&Path; 0] = [];
        refusal(text.as_bytes(), &Layouts::load(&own).unwrap())
    }

    #[test]
    fn a_refusal_says_which_line_it_took_and_what_is_missing() {
        let account = "\"Account\",\"\",\"\",\"\"\n\"7f1f\",\"\",\"\",\"\"\n\"Track\",\"UPC\",\"Colour\",\"Mood\"\n\"Tidewater\",\"0724384960650\",\"red\",\"calm\"\n";
        let refused = refused(account);
        for words in [
            "line 3 was taken for the header",
            "4 of its 4 cells are names",
            "one line with as many",
            "“Track” (title)",
            "“UPC” (upc)",
            "a money column",
        ] {
            assert!(
                refused.reason.contains(words),
                "{words}: {}",
                refused.reason
            );
        }
        assert!(!refused.reason.contains("nearest"), "{}", refused.reason);
        assert!(
            refused.remedy.contains("ledgerline layout new FILE")
                && refused.remedy.contains("--layout")
        );
    }

    #[test]
    fn a_layout_is_near_only_with_two_thirds_of_its_names() {
        let spotify = "Country\tProduct\tURI\tUPC\tEAN\tISRC\tTrack name\tArtist name\tComposer name\tAlbum name\tQuantity\tLabel\tPaid\nDE\tP\tu\t\t\t\tx\ty\t\tz\t1\tl\t0.1\n";
        assert!(
            refused(spotify)
                .reason
                .contains("the nearest layout is “Spotify"),
            "{}",
            refused(spotify).reason
        );
        assert!(
            !refused("Country\tColour\nDE\tred\n")
                .reason
                .contains("nearest")
        );
    }

    #[test]
    fn a_file_of_a_known_kind_is_named_and_no_header_is_looked_for() {
        let refused = refused(
            "<?xml version=\"1.0\"?>\n<ern:NewReleaseMessage xmlns:ern=\"http://ddex.net/xml/ern/43\">a,b</ern:NewReleaseMessage>",
        );
        assert!(
            refused.reason.contains("ERN 4.3") && !refused.reason.contains("header"),
            "{}",
            refused.reason
        );
    }

    #[test]
    fn words_of_a_command_are_quoted_for_a_shell() {
        for (text, want) in [
            ("a.csv", "a.csv"),
            ("my file.csv", "'my file.csv'"),
            ("it's.csv", "'it'\\''s.csv'"),
            ("$HOME", "'$HOME'"),
        ] {
            assert!(cfg!(windows) || shell_word(text) == want, "{text}");
        }
        assert_eq!(shell_path(Path::new("-x.csv")), "./-x.csv");
    }
}
