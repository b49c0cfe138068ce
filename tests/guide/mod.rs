//! The guide against the program: its tables are made from the code, its links lead somewhere, its catalog of messages is complete.
//!
//! With `LEDGERLINE_WRITE_GUIDE=1` what is made from the code is written anew.

mod messages;
mod tables;

use std::collections::BTreeSet;
use std::path::PathBuf;

use ledgerline::guide::{CHAPTERS, chapter};

use crate::support::{root, run, run_well};

fn file(id: &str) -> PathBuf {
    root().join("assets/guide").join(format!("{id}.md"))
}

/// The text with what stands between the marks of each table made anew.
fn made_anew(text: &str) -> String {
    let mut made = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("<!-- table: ") {
        let (name, behind) = behind.split_once(" -->\n").expect("a mark of a table ends");
        let (_, behind) = behind
            .split_once("<!-- end -->")
            .expect("a table has an end");
        made.push_str(before);
        made.push_str(&format!(
            "<!-- table: {name} -->\n{}<!-- end -->",
            tables::table(name)
        ));
        rest = behind;
    }
    made + rest
}

/// Writes the text when that is asked for; otherwise it must be there already.
fn check(id: &str, text: &str) {
    if std::env::var_os("LEDGERLINE_WRITE_GUIDE").is_some() {
        std::fs::write(file(id), text).unwrap();
        return;
    }
    let there = std::fs::read_to_string(file(id)).unwrap();
    let differs = there.lines().zip(text.lines()).find(|(a, b)| a != b);
    assert!(
        there == text,
        "{id}.md is not as the code says; run the tests of the guide with LEDGERLINE_WRITE_GUIDE=1: {differs:?}"
    );
}

#[test]
fn tables_are_as_the_code_says() {
    for chapter in CHAPTERS.iter().filter(|c| c.id != "errors") {
        let text = std::fs::read_to_string(file(chapter.id)).unwrap();
        check(chapter.id, &made_anew(&text));
    }
}

#[test]
fn every_message_is_in_the_catalog_of_messages() {
    check("errors", &messages::chapter());
}

#[test]
fn a_table_that_is_not_as_the_code_says_is_found() {
    let text = "before\n<!-- table: profiles -->\n| x |\n<!-- end -->\nbehind\n";
    let anew = made_anew(text);
    assert!(anew.starts_with("before\n<!-- table: profiles -->\n| Profile |"));
    assert!(anew.ends_with("<!-- end -->\nbehind\n") && anew != text);
}

#[test]
fn every_file_of_the_guide_is_a_chapter() {
    let there: BTreeSet<String> = std::fs::read_dir(root().join("assets/guide"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name != "real-files.md")
        .collect();
    let chapters = CHAPTERS.iter().map(|c| format!("{}.md", c.id)).collect();
    assert_eq!(there, chapters);
}

/// The anchor of a heading, as hosts of repositories make it.
fn anchor(heading: &str) -> String {
    let kept = heading
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .collect::<String>();
    kept.replace(' ', "-")
}

fn links(text: &str) -> Vec<&str> {
    let parts = text.split("](").skip(1);
    parts.filter_map(|part| part.split(')').next()).collect()
}

/// What is wrong with a link of a chapter.
fn fault_of(from: &str, link: &str) -> Option<String> {
    let (to, at) = link.split_once('#').unwrap_or((link, ""));
    let to = if to.is_empty() {
        from
    } else {
        to.strip_suffix(".md")?
    };
    let Some(target) = chapter(to) else {
        return Some(format!("{from}.md leads to {to}.md, which is no chapter"));
    };
    let has_anchor = target
        .text
        .lines()
        .any(|l| l.starts_with('#') && anchor(l.trim_start_matches('#').trim()) == at);
    (!at.is_empty() && !has_anchor)
        .then(|| format!("{from}.md leads to {link}, a heading that {to}.md does not have"))
}

#[test]
fn links_lead_to_chapters_and_their_headings() {
    let faults: Vec<String> = CHAPTERS
        .iter()
        .flat_map(|c| {
            links(c.text)
                .into_iter()
                .filter_map(|l| fault_of(c.id, l))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(fault_of("review", "nowhere.md").is_some());
    assert!(fault_of("review", "layouts.md#nothing").is_some());
    assert!(fault_of("review", "layouts.md#writing-a-layout").is_none());
}

#[test]
fn every_result_file_and_column_is_explained() {
    let text = chapter("result-files").unwrap().text.to_owned()
        + chapter("contracts").unwrap().text
        + chapter("payee-statements").unwrap().text;
    let columns = ledgerline::export::EXCEPTION_COLUMNS
        .iter()
        .chain(&ledgerline::export::PAYOUT_COLUMNS)
        .chain(&ledgerline::export::QUARANTINE_COLUMNS);
    let missing: Vec<_> = columns
        .filter(|c| {
            !text
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .any(|w| w == **c)
        })
        .collect();
    assert!(missing.is_empty(), "the guide does not explain {missing:?}");
}

#[test]
fn the_command_line_prints_chapters_and_options() {
    let said = |arguments: &[&str]| String::from_utf8(run_well(arguments).stdout).unwrap();
    let all = said(&["help"]);
    assert_eq!(all.matches("\n  help ").count(), 1, "{all}");
    for chapter in CHAPTERS {
        assert!(all.contains(chapter.title()), "{}", chapter.id);
        assert!(
            said(&["help", chapter.id]).contains(chapter.text),
            "{}",
            chapter.id
        );
    }
    assert!(said(&["help", "terms", "import"]).contains("--workspace <DIR>"));
    let both = said(&["help", "catalog"]);
    assert!(both.contains("Usage: ledgerline catalog") && both.contains("# Catalog"));
    let none = run(&["help", "nonsense"]);
    assert_eq!(none.status.code(), Some(1));
    let error = String::from_utf8(none.stderr).unwrap();
    assert!(
        error.contains("nonsense") && error.contains("first-month"),
        "{error}"
    );
}
