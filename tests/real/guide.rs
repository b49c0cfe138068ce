//! The page of the guide that shows what was tried, made of the cases and of what the program says.

use std::fmt::Write;

use super::{Case, Exact, cases};
use crate::support::root;

const PAGE: &str = "assets/guide/real-files.md";

const HEAD: &str = "# Real files: what was tried\n\n\
Files in the shapes in which senders, databases and spreadsheets write them. Names, codes and amounts are invented; the files stand in\n\
`tests/fixtures/real`, the right values were worked out by hand. This page is made by a test (`cargo test real`, with `LEDGERLINE_WRITE_GUIDE=1`\n\
it is written anew), so what stands here is what the program says.\n\n\
The catalog of all tries holds two tracks of the artist Mara Ellis on one release: NLA1Z2600123 “Tidewater” and NLA1Z2600124 “Low Sun”.\n";

fn money(amounts: impl Iterator<Item = (String, Exact)>) -> String {
    let all: Vec<String> = amounts
        .map(|(currency, amount)| format!("{amount} {currency}"))
        .collect();
    if all.is_empty() {
        "nothing".into()
    } else {
        all.join(", ")
    }
}

fn row(case: &Case) -> (String, String) {
    let tried = case.tried();
    let right = if case.rows.is_none() {
        "a refusal that says why".to_owned()
    } else {
        money(case.right().into_iter())
    };
    let result = if tried.summary.is_none() {
        "refused".to_owned()
    } else {
        money(tried.amounts().into_iter())
    };
    let table = format!(
        "| {} | {} | {} | {right} | {result} |\n",
        case.names().join(", "),
        case.kind,
        case.source
    );
    let block = format!("```text\n$ {}\n{}```\n\n", case.command(), tried.said);
    (table, block)
}

fn page() -> String {
    let mut text = HEAD.to_owned();
    text.push_str("\n| File | What it stands for | Where it is known from | Right value | Result |\n|---|---|---|---|---|\n");
    let rows: Vec<(String, String)> = cases().iter().map(row).collect();
    rows.iter().for_each(|(table, _)| text.push_str(table));
    text.push_str("\n## The commands and what they say\n\n");
    rows.iter()
        .for_each(|(_, block)| write!(text, "{block}").unwrap());
    text
}

#[test]
fn the_guide_shows_what_was_tried() {
    let path = root().join(PAGE);
    let page = page();
    if std::env::var_os("LEDGERLINE_WRITE_GUIDE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    for (got, want) in written.lines().zip(page.lines()) {
        assert_eq!(
            got, want,
            "{PAGE} is not what the program says; write it anew with LEDGERLINE_WRITE_GUIDE=1"
        );
    }
    assert_eq!(
        written.len(),
        page.len(),
        "{PAGE} is longer or shorter than what the program says"
    );
}
