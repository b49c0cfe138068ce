//! What is asked before a statement counts: a loss in quarantine is loud, and the same rows in another dress are not paid twice.

use std::path::Path;

use ledgerline::contents::Accepted;
use ledgerline::ident::{Currency, SalePeriod};
use ledgerline::job::Job;
use ledgerline::money::Amount;
use ledgerline::statement::ReadOptions;
use ledgerline::statement::import::import;
use ledgerline::statement::layout::Layouts;
use ledgerline::statement::likeness::{Likeness, RowStanding};
use ledgerline::statement::source::parts;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{file, rows, run, run_well, summary, text};

const CATALOG: &str = "track_id,isrc,title,artist,payee\nT1,NLA1Z2600123,Tidewater,Mara Ellis,Mara Ellis\nT2,NLA1Z2600124,Low Sun,Mara Ellis,Mara Ellis\n";

const A: &str = "Sale Month,Store,Artist,Title,ISRC,UPC,Quantity,Country of Sale,Net Revenue,Currency\n\
    2025-07,Spotify,Mara Ellis,Tidewater,NLA1Z2600123,724384960650,10,NL,1.25,USD\n\
    2025-07,Spotify,Mara Ellis,Tidewater,NLA1Z2600124,724384960650,10,NL,0.75,USD\n";
const B: &str = "Sale Month;Store;Artist;Title;ISRC;UPC;Quantity;Country of Sale;Net Revenue;Currency\n\
    2025-07;Spotify;Mara Ellis;Tidewater;NLA1Z2600123;724384960650;10;NL;1,25;USD\n\
    2025-07;Spotify;Mara Ellis;Tidewater;NLA1Z2600124;724384960650;10;NL;0,75;USD\n";

/// A folder with a catalog.
struct Room {
    folder: tempfile::TempDir,
}

/// What a run said and did.
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
    summary: Value,
}

impl Room {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        file(folder.path(), "catalog.csv", CATALOG);
        Self { folder }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) {
        file(self.folder.path(), name, content);
    }

    fn out(&self) -> std::path::PathBuf {
        self.folder.path().join("out")
    }

    /// Settles files in a workspace of their own.
    fn run(&self, files: &[&str], more: &[&str]) -> Said {
        let _ = std::fs::remove_dir_all(self.out());
        let (catalog, out) = (self.path("catalog.csv"), self.path("out"));
        let files: Vec<String> = files.iter().map(|name| self.path(name)).collect();
        let mut arguments = vec!["reconcile", "--catalog", &catalog, "--out", &out];
        arguments.extend(more);
        arguments.push("--statement");
        arguments.extend(files.iter().map(String::as_str));
        let output = run(&arguments);
        let has_summary = self.out().join("summary.json").exists();
        let summary = if has_summary {
            summary(&self.out())
        } else {
            Value::Null
        };
        Said {
            code: output.status.code(),
            out: text(&output.stdout),
            err: text(&output.stderr),
            summary,
        }
    }
}

impl Said {
    /// Money of all statuses together, of which there is one.
    fn amount(&self) -> &str {
        let totals = self.summary["totals"].as_array().unwrap();
        assert_eq!(totals.len(), 1, "{totals:?}");
        totals[0]["amount"].as_str().unwrap()
    }

    /// Rows and money by currency and status. An item of two statements is two items.
    fn money(&self) -> Vec<String> {
        let totals = self.summary["totals"].as_array().unwrap();
        totals
            .iter()
            .map(|t| {
                format!(
                    "{} {} {} {}",
                    t["currency"], t["status"], t["rows"], t["amount"]
                )
            })
            .collect()
    }

    fn not_taken(&self) -> Vec<(&str, &str)> {
        let list = self.summary["not_taken"].as_array().unwrap();
        list.iter()
            .map(|n| (n["file"].as_str().unwrap(), n["reason"].as_str().unwrap()))
            .collect()
    }
}

// ---------------------------------------------------------------------- the same statement in another dress

#[test]
fn a_statement_saved_again_by_a_spreadsheet_is_paid_once() {
    let room = Room::new();
    room.file("a.csv", A);
    room.file("b.csv", B);
    for (first, second) in [("a.csv", "b.csv"), ("b.csv", "a.csv")] {
        let said = room.run(&[first, second], &[]);
        assert_eq!((said.code, said.amount()), (Some(1), "2"), "{}", said.err);
        assert_eq!(said.not_taken(), [(second, "duplicate")]);
        for word in [second, first, "2 rows", "2 USD", "--accept-duplicate"] {
            assert!(said.err.contains(word), "{word}: {}", said.err);
        }
        assert!(
            said.out.contains(&format!(
                "proof hold over what was read; {second} was not taken"
            )),
            "{}",
            said.out
        );
        let left_out = &said.summary["not_taken"][0];
        assert_eq!(
            (&left_out["rows"], &left_out["same_as"]),
            (&json!(2), &json!([first]))
        );
        assert_eq!(
            left_out["money"],
            json!([{"currency": "USD", "amount": "2"}])
        );
    }
}

#[test]
fn two_accounts_with_the_same_figures_are_both_paid_when_somebody_says_so() {
    let room = Room::new();
    room.file("a.csv", A);
    room.file("b.csv", B);
    let workspace = room.path("workspace");
    let said = room.run(
        &["a.csv", "b.csv"],
        &["--workspace", &workspace, "--accept-duplicate"],
    );
    assert_eq!(
        (said.code, said.amount(), said.not_taken()),
        (Some(0), "4", Vec::new()),
        "{}",
        said.err
    );
    assert!(
        said.err
            .contains("b.csv: counted on purpose although all its 2 rows are already in a.csv"),
        "{}",
        said.err
    );
    let accepted: Vec<&Value> = said.summary["statements"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| &s["accepted"])
        .collect();
    assert_eq!(accepted, [&json!([]), &json!(["duplicate"])]);
    // The journal has it with its figures, and History and the list have it in words.
    let journal = std::fs::read_to_string(Path::new(&workspace).join("journal.jsonl")).unwrap();
    let entries: Vec<Value> = journal
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |name: &str| {
        entries
            .iter()
            .find(|e| e["data"]["record"]["name"] == name)
            .unwrap()
    };
    let accepted: Accepted =
        serde_json::from_value(of("b.csv")["data"]["accepted"].clone()).unwrap();
    assert_eq!(
        accepted.duplicate.map(|again| (again.files, again.rows)),
        Some((vec!["a.csv".to_owned()], 2))
    );
    assert!(of("a.csv")["data"].get("accepted").is_none());
    let listed = text(&run_well(&["statement", "list", "--workspace", &workspace]).stdout);
    assert!(
        listed
            .lines()
            .any(|line| line.contains("b.csv") && line.contains("duplicate")),
        "{listed}"
    );
    assert!(
        !listed
            .lines()
            .any(|line| line.contains("a.csv") && line.contains("duplicate")),
        "{listed}"
    );
    // It was said once and holds: the same files once more ask nothing and give the same.
    let again = room.run(&["a.csv", "b.csv"], &["--workspace", &workspace]);
    assert_eq!(
        (again.code, again.amount()),
        (Some(0), "4"),
        "{}",
        again.err
    );
    assert_eq!(again.summary["statements"], said.summary["statements"]);
}

/// Twelve rows of one statement, as cells.
fn month() -> Vec<[String; 7]> {
    let row = |n: usize| {
        let isrc = ["NLA1Z2600123", "NLA1Z2600124", ""][n % 3];
        let cells = [
            "2025-07",
            "Spotify",
            ["Tidewater", "Low Sun", "Nobody Knows"][n % 3],
            isrc,
            "0724384960650",
            ["NL", "DE", "FR", "US"][n / 3],
        ];
        let [month, store, title, isrc, upc, country] = cells.map(str::to_owned);
        [
            month,
            store,
            title,
            isrc,
            upc,
            country,
            format!("{n}.0{n}1234567"),
        ]
    };
    (0..12).map(row).collect()
}

const NAMES: [&str; 7] = [
    "Sale Month",
    "Store",
    "Title",
    "ISRC",
    "UPC",
    "Country of Sale",
    "Net Revenue",
];

/// Rows as a file: a separator, the order of the columns, and whether amounts have a comma.
fn dressed(rows: &[[String; 7]], separator: char, columns: &[usize], has_comma: bool) -> String {
    let joined = |cells: &[&str]| {
        columns
            .iter()
            .map(|&c| cells.get(c).copied().unwrap_or_default())
            .collect::<Vec<_>>()
            .join(&separator.to_string())
    };
    let mut text = format!("{}{separator}Quantity{separator}Currency\n", joined(&NAMES));
    for row in rows {
        let amount = if has_comma {
            row[6].replace('.', ",")
        } else {
            row[6].clone()
        };
        let cells: Vec<&str> = row[..6]
            .iter()
            .map(String::as_str)
            .chain([amount.as_str()])
            .collect();
        text += &format!("{}{separator}3{separator}USD\n", joined(&cells));
    }
    text
}

const IN_ORDER: [usize; 7] = [0, 1, 2, 3, 4, 5, 6];

fn gzip(content: &str) -> Vec<u8> {
    use std::io::Write;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(content.as_bytes()).unwrap();
    gzip.finish().unwrap()
}

fn zip(members: &[(&str, &str)]) -> Vec<u8> {
    use std::io::Write;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in members {
        zip.start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn no_dress_hides_a_statement() {
    let room = Room::new();
    let all = month();
    room.file("first.csv", dressed(&all, ',', &IN_ORDER, false));
    let want = room.run(&["first.csv"], &[]);
    let mut reversed = all.clone();
    reversed.reverse();
    let mut mangled = all.clone();
    mangled
        .iter_mut()
        .for_each(|row| row[4] = "7.24385E+11".into());
    let with_empty_column = dressed(&all, ';', &[0, 1, 7, 2, 3, 4, 5, 6], true);
    let dresses: Vec<(&str, Vec<u8>)> = vec![
        ("rows.csv", dressed(&reversed, ',', &IN_ORDER, false).into()),
        (
            "columns.csv",
            dressed(&all, ',', &[6, 5, 4, 3, 2, 1, 0], false).into(),
        ),
        ("tabs.txt", dressed(&all, '\t', &IN_ORDER, false).into()),
        ("comma.csv", dressed(&all, ';', &IN_ORDER, true).into()),
        ("column.csv", with_empty_column.into()),
        ("upc.csv", dressed(&mangled, ';', &IN_ORDER, true).into()),
        (
            "packed.csv.gz",
            gzip(&dressed(&reversed, ';', &IN_ORDER, true)),
        ),
        ("part.csv", dressed(&all[3..7], ';', &IN_ORDER, true).into()),
    ];
    for (name, content) in dresses {
        room.file(name, content);
        let said = room.run(&["first.csv", name], &[]);
        assert_eq!(said.code, Some(1), "{name}: {}", said.err);
        assert_eq!(said.not_taken(), [(name, "duplicate")], "{name}");
        assert_eq!(said.summary["totals"], want.summary["totals"], "{name}");
    }
    // In halves, packed together.
    let halves = (
        dressed(&all[..5], ';', &IN_ORDER, true),
        dressed(&all[5..], '\t', &IN_ORDER, false),
    );
    room.file(
        "halves.zip",
        zip(&[("one.csv", &halves.0), ("two.txt", &halves.1)]),
    );
    let said = room.run(&["first.csv", "halves.zip"], &[]);
    assert_eq!(
        said.not_taken(),
        [
            ("halves.zip/one.csv", "duplicate"),
            ("halves.zip/two.txt", "duplicate")
        ],
        "{}",
        said.err
    );
    assert_eq!(said.money(), want.money());
    // And the other way round: the whole after its halves.
    let said = room.run(&["halves.zip", "first.csv"], &[]);
    assert_eq!(
        said.not_taken(),
        [("first.csv", "duplicate")],
        "{}",
        said.err
    );
    assert_eq!(
        said.summary["not_taken"][0]["same_as"],
        json!(["halves.zip/one.csv", "halves.zip/two.txt"])
    );
    assert_eq!(said.money(), want.money());
}

#[test]
fn what_is_another_statement_is_taken() {
    let room = Room::new();
    let all = month();
    room.file("first.csv", dressed(&all, ',', &IN_ORDER, false));
    // Another month, and another amount in every row.
    let mut later = all.clone();
    later.iter_mut().for_each(|row| row[0] = "2025-08".into());
    let mut higher = all.clone();
    higher.iter_mut().for_each(|row| row[6].push('9'));
    for (name, rows) in [("later.csv", later), ("higher.csv", higher)] {
        room.file(name, dressed(&rows, ';', &IN_ORDER, true));
        let said = room.run(&["first.csv", name], &[]);
        assert_eq!(
            (said.code, said.not_taken()),
            (Some(0), Vec::new()),
            "{name}: {}",
            said.err
        );
        assert_eq!(said.summary["overlaps"], json!([]), "{name}");
    }
    // A statement without rows has none twice.
    room.file("empty.csv", dressed(&[], ';', &IN_ORDER, true));
    assert_eq!(room.run(&["first.csv", "empty.csv"], &[]).code, Some(0));
}

#[test]
fn a_statement_of_one_row_is_compared_like_any_other() {
    let room = Room::new();
    room.file("one.csv", dressed(&month()[1..2], ',', &IN_ORDER, false));
    room.file("two.csv", dressed(&month()[1..2], ';', &IN_ORDER, true));
    let said = room.run(&["one.csv", "two.csv"], &[]);
    assert_eq!((said.code, said.amount()), (Some(1), "1.011234567"));
    assert!(
        said.err.contains("its only row is already in one.csv"),
        "{}",
        said.err
    );
}

#[test]
fn a_large_overlap_is_a_warning_with_rows_and_money_whatever_the_order() {
    let room = Room::new();
    let all = month();
    room.file("head.csv", dressed(&all[..8], ',', &IN_ORDER, false));
    room.file("tail.csv", dressed(&all[3..], ';', &IN_ORDER, true));
    // Rows 3 to 7 are in both: five of eight.
    let money: Amount =
        Amount::sum((3..8).map(|n| Amount::from_canonical(&all[n][6]).unwrap())).unwrap();
    let want = json!([{"files": ["head.csv", "tail.csv"], "rows": 5, "money": [{"currency": "USD", "amount": money.to_string()}], "is_about": false}]);
    for files in [["head.csv", "tail.csv"], ["tail.csv", "head.csv"]] {
        let said = room.run(&files, &[]);
        assert_eq!(
            (said.code, said.not_taken()),
            (Some(0), Vec::new()),
            "{}",
            said.err
        );
        let sentence = format!(
            "warning: {}: 5 rows are also in {}, {money} USD, and count in both",
            files[1], files[0]
        );
        assert!(said.err.contains(&sentence), "{}", said.err);
        assert_eq!(said.summary["overlaps"], want);
    }
    // Half of the smaller one is no more than chance may bring.
    room.file("half.csv", dressed(&all[4..], ';', &IN_ORDER, true));
    let said = room.run(&["head.csv", "half.csv"], &[]);
    assert_eq!(
        (said.code, &said.summary["overlaps"], said.err.as_str()),
        (Some(0), &json!([]), "")
    );
    // An earlier one that is wholly in the new one.
    room.file("part.csv", dressed(&all[..2], ';', &IN_ORDER, true));
    room.file("first.csv", dressed(&all, ',', &IN_ORDER, false));
    let said = room.run(&["part.csv", "first.csv"], &[]);
    assert!(
        said.code == Some(0) && said.err.contains("2 rows are also in part.csv"),
        "{}",
        said.err
    );
}

#[test]
fn a_removed_statement_does_not_come_back_beside_its_copy() {
    let room = Room::new();
    room.file("a.csv", A);
    room.file("b.csv", B);
    let workspace = room.path("workspace");
    room.run(&["a.csv"], &["--workspace", &workspace]);
    run_well(&["statement", "remove", "a.csv", "--workspace", &workspace]);
    let said = room.run(&["b.csv"], &["--workspace", &workspace]);
    assert_eq!((said.code, said.amount()), (Some(0), "2"), "{}", said.err);
    let layouts = Layouts::load(&[""; 0]).unwrap();
    let mut session =
        ledgerline::session::Session::open(Path::new(&workspace), layouts, Job::new(1)).unwrap();
    let key = {
        let history = session.contents().history().unwrap();
        let change = history
            .iter()
            .find(|c| c.entry.data["record"]["name"] == "a.csv")
            .unwrap();
        change.entry.data["key"].as_str().unwrap().to_owned()
    };
    let error = session.restore_statement(&key).unwrap_err().to_string();
    assert!(error.contains("counted by other statements"), "{error}");
}

// ---------------------------------------------------------------------- a loss is loud

/// A statement of so many good rows of one euro each, with these rows first.
fn with_bad(bad: &[&str], good: usize) -> String {
    let mut text =
        String::from("Sale Month,Title,ISRC,Country of Sale,Quantity,Net Revenue,Currency\n");
    bad.iter().for_each(|row| text += row);
    (0..good).for_each(|n| text += &format!("2025-07,Tidewater,NLA1Z2600123,NL,{n},1,EUR\n"));
    text
}

const NO_MONEY: &str = "2025-07,Tidewater,NLA1Z2600123,NL,1,oops,EUR\n";
const NO_PERIOD: &str = "2025-99,Tidewater,NLA1Z2600123,NL,1,1,EUR\n";

#[test]
fn above_five_percent_a_statement_is_not_taken_and_below_it_there_is_a_warning() {
    let room = Room::new();
    room.file("good.csv", A);
    for (name, content, code, has_warning) in [
        ("five.csv", with_bad(&[NO_PERIOD], 19), 0, true),
        ("more.csv", with_bad(&[NO_PERIOD], 18), 1, false),
        ("half.csv", with_bad(&[NO_PERIOD], 199), 0, false),
        ("over.csv", with_bad(&[NO_PERIOD], 198), 0, true),
        ("unknown.csv", with_bad(&[NO_MONEY], 999), 0, true),
        (
            "large.csv",
            with_bad(&["2025-99,Tidewater,NLA1Z2600123,NL,1,100,EUR\n"], 999),
            1,
            false,
        ),
        ("whole.csv", with_bad(&[NO_MONEY; 3], 0), 1, false),
        ("clean.csv", with_bad(&[], 10), 0, false),
    ] {
        room.file(name, content);
        let said = room.run(&["good.csv", name], &[]);
        assert_eq!(said.code, Some(code), "{name}: {}", said.err);
        assert_eq!(
            said.err.contains(&format!("warning: {name}: 1 of ")),
            has_warning,
            "{name}: {}",
            said.err
        );
        assert_eq!(
            said.err.contains("Look at these rows in quarantine.csv"),
            has_warning,
            "{name}: {}",
            said.err
        );
        assert_eq!(
            said.not_taken().len(),
            usize::try_from(code).unwrap(),
            "{name}"
        );
    }
}

#[test]
fn a_statement_that_is_not_taken_says_what_is_lost_and_shows_no_money() {
    let room = Room::new();
    room.file("good.csv", A);
    room.file("bad.csv", with_bad(&[NO_PERIOD, NO_MONEY, NO_MONEY], 7));
    let said = room.run(&["bad.csv", "good.csv"], &[]);
    assert_eq!(said.code, Some(1));
    for word in [
        "bad.csv",
        "3 of 10 rows (30 %) are in quarantine, 2 of them with unknown money, and with them 1 of the 8 EUR that could be read",
        "most often amount_unreadable (2 rows, 20 %), first in row 3, column “Net Revenue”",
        "(“2025-07,Tidewater,NLA1Z2600123,NL,1,oops,EUR”)",
        "its money is unknown, and it was not taken",
        "--accept-quarantine",
        "--layout",
    ] {
        assert!(said.err.contains(word), "{word}: {}", said.err);
    }
    assert!(
        said.out
            .contains("proof hold over what was read; bad.csv was not taken"),
        "{}",
        said.out
    );
    let want = json!([{"file": "bad.csv", "reason": "quarantine", "rows": 10, "quarantined": 3, "money": "unknown", "same_as": []}]);
    assert_eq!(said.summary["not_taken"], want);
    assert_eq!(
        (
            said.amount(),
            said.summary["statements"].as_array().unwrap().len()
        ),
        ("2", 1)
    );
    assert_eq!(
        rows(&room.out().join("quarantine.csv")),
        Vec::<Vec<String>>::new()
    );
    // Alone there is nothing to reconcile, and nothing that could be taken for a result.
    let said = room.run(&["bad.csv"], &[]);
    assert_eq!((said.code, &said.summary), (Some(1), &Value::Null));
}

#[test]
fn a_person_may_take_it_all_the_same_and_the_journal_says_so() {
    let room = Room::new();
    room.file("bad.csv", with_bad(&[NO_PERIOD, NO_MONEY, NO_MONEY], 7));
    let workspace = room.path("workspace");
    let said = room.run(
        &["bad.csv"],
        &["--workspace", &workspace, "--accept-quarantine"],
    );
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(
        said.out.contains(
            "proof hold over what was read; in quarantine: 2 rows of bad.csv with unknown money"
        ),
        "{}",
        said.out
    );
    let statement = &said.summary["statements"][0];
    assert_eq!(statement["accepted"], json!(["quarantine"]));
    let loss = &statement["quarantine"];
    assert_eq!(
        (
            &loss["rows"],
            &loss["quarantined_rows"],
            &loss["rows_with_unknown_money"]
        ),
        (&json!(10), &json!(3), &json!(2))
    );
    assert_eq!(
        loss["reasons"],
        json!({"amount_unreadable": 2, "period_unreadable": 1})
    );
    assert_eq!(
        loss["money"],
        json!([{"currency": "EUR", "quarantined": "1", "readable": "8"}])
    );
    assert_eq!(
        (&loss["first"]["row_number"], &loss["first"]["column"]),
        (&json!(3), &json!("Net Revenue"))
    );
    let journal = std::fs::read_to_string(Path::new(&workspace).join("journal.jsonl")).unwrap();
    let entry: Value = serde_json::from_str(journal.lines().last().unwrap()).unwrap();
    assert_eq!(entry["data"]["accepted"]["quarantine"], *loss);
    let again = room.run(&["bad.csv"], &["--workspace", &workspace]);
    assert_eq!(
        (again.code, &again.summary["statements"]),
        (Some(0), &said.summary["statements"]),
        "{}",
        again.err
    );
}

#[test]
fn a_statement_without_loss_says_nothing() {
    let room = Room::new();
    room.file("a.csv", A);
    let said = room.run(&["a.csv"], &[]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    assert!(
        said.out.contains("equations of the proof hold\n"),
        "{}",
        said.out
    );
    assert_eq!(
        (&said.summary["not_taken"], &said.summary["overlaps"]),
        (&json!([]), &json!([]))
    );
    let loss = json!({"rows": 2, "quarantined_rows": 0, "rows_with_unknown_money": 0, "reasons": {}, "money": []});
    assert_eq!(said.summary["statements"][0]["quarantine"], loss);
}

#[test]
fn a_file_that_is_refused_is_among_those_not_taken() {
    let room = Room::new();
    room.file("a.csv", A);
    room.file("colors.csv", "Color,Shape\nred,round\n");
    let said = room.run(&["colors.csv", "missing.csv", "a.csv"], &[]);
    assert_eq!(
        (said.code, said.not_taken()),
        (
            Some(1),
            vec![("colors.csv", "refused"), ("missing.csv", "refused")]
        )
    );
    assert_eq!(said.summary["not_taken"][0]["money"], "unknown");
    assert!(
        said.out
            .contains("colors.csv was not taken; missing.csv was not taken"),
        "{}",
        said.out
    );
}

// ---------------------------------------------------------------------- any statement, any dress

/// One record: track, territory, month, units, hundred-thousandths.
type Record = (usize, usize, u32, i64, i64);

fn records() -> impl Strategy<Value = Vec<Record>> {
    prop::collection::vec(
        (
            0..4usize,
            0..3usize,
            1..4u32,
            -3..40i64,
            -99_999..9_999_999i64,
        ),
        1..60,
    )
}

/// How a statement is written.
#[derive(Debug, Clone)]
struct Dress {
    separator: char,
    has_comma: bool,
    columns: Vec<usize>,
    empty_columns: usize,
    shuffle: u64,
    is_packed: bool,
    is_crlf: bool,
}

fn dress() -> impl Strategy<Value = Dress> {
    let columns = Just((0..8).collect::<Vec<usize>>()).prop_shuffle();
    (
        prop::sample::select(vec![',', ';', '\t', '|']),
        any::<bool>(),
        columns,
        0..3usize,
        any::<u64>(),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(
            |(separator, has_comma, columns, empty_columns, shuffle, is_packed, is_crlf)| Dress {
                separator,
                has_comma: has_comma && separator != ',',
                columns,
                empty_columns,
                shuffle,
                is_packed,
                is_crlf,
            },
        )
}

/// The records in a dress.
fn written(records: &[Record], dress: &Dress) -> Vec<u8> {
    let names = [
        "Sale Month",
        "Store",
        "Title",
        "ISRC",
        "Country of Sale",
        "Quantity",
        "Net Revenue",
        "Currency",
    ];
    let line = |cells: Vec<String>| {
        let mut all: Vec<String> = dress.columns.iter().map(|&c| cells[c].clone()).collect();
        all.resize(all.len() + dress.empty_columns, String::new());
        all.join(&dress.separator.to_string())
    };
    let mut rows: Vec<String> = records
        .iter()
        .map(|(track, territory, month, units, money)| {
            let (sign, size) = (if *money < 0 { "-" } else { "" }, money.unsigned_abs());
            let amount = format!("{sign}{}.{:05}", size / 100_000, size % 100_000);
            let amount = if dress.has_comma {
                amount.replace('.', ",")
            } else {
                amount
            };
            let isrc = ["NLA1Z2600123", "NLA1Z2600124", "", "NLA1Z2600125"][*track];
            let title = ["Tidewater", "Low Sun", "Without a code", "Third"][*track];
            let cells = [
                format!("2025-0{month}"),
                "Spotify".into(),
                title.into(),
                isrc.into(),
                ["NL", "DE", "US"][*territory].into(),
            ];
            line(
                cells
                    .into_iter()
                    .chain([units.to_string(), amount, "USD".into()])
                    .collect(),
            )
        })
        .collect();
    let mut state = dress.shuffle | 1;
    for at in (1..rows.len()).rev() {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        rows.swap(at, (state >> 33) as usize % (at + 1));
    }
    rows.insert(
        0,
        line(names.iter().map(|name| (*name).to_owned()).collect()),
    );
    let end = if dress.is_crlf { "\r\n" } else { "\n" };
    let text = rows.into_iter().map(|row| row + end).collect::<String>();
    if dress.is_packed {
        gzip(&text)
    } else {
        text.into_bytes()
    }
}

fn likeness(folder: &Path, content: &[u8]) -> Likeness {
    let path = folder.join("statement.csv");
    std::fs::write(&path, content).unwrap();
    let options = ReadOptions {
        decimal: Some(ledgerline::money::DecimalMark::Dot),
        batch_rows: Some(7),
        ..ReadOptions::default()
    };
    let imported = import(
        &parts(&path).unwrap()[0],
        &Layouts::load(&[""; 0]).unwrap(),
        &options,
        &Job::new(2),
    )
    .unwrap();
    assert_eq!(
        (
            imported.quarantine.len(),
            imported.cube.dims.iter().all(|d| d.currency == usd())
        ),
        (0, true)
    );
    assert_eq!(
        imported.sale_period == SalePeriod::UNKNOWN,
        imported.records == 0
    );
    imported.likeness
}

fn usd() -> Currency {
    Currency::parse("USD").unwrap()
}

fn is_again(new: &Likeness, earlier: &[Likeness]) -> bool {
    matches!(new.standing(earlier).unwrap(), RowStanding::Again { .. })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_statement_in_any_dress_is_recognized(records in records(), one in dress(), other in dress(), cut in 0..60usize) {
        let folder = tempfile::tempdir().unwrap();
        let first = likeness(folder.path(), &written(&records, &one));
        let second = likeness(folder.path(), &written(&records, &other));
        prop_assert!(is_again(&second, std::slice::from_ref(&first)), "the whole");
        let (head, tail) = records.split_at(cut.min(records.len()));
        let parts = [likeness(folder.path(), &written(head, &other)), likeness(folder.path(), &written(tail, &other))];
        for (part, rows) in parts.iter().zip([head, tail]) {
            prop_assert_eq!(is_again(part, std::slice::from_ref(&first)), !rows.is_empty(), "a part");
        }
        prop_assert!(is_again(&first, &parts), "after its parts");
    }

    #[test]
    fn one_amount_that_differs_makes_another_statement(records in records(), one in dress(), other in dress(), at in 0..60usize, by in 1..1000i64) {
        let folder = tempfile::tempdir().unwrap();
        let mut changed = records.clone();
        let place = at % records.len();
        changed[place].4 += by * 10_000_000;
        let first = likeness(folder.path(), &written(&records, &one));
        let second = likeness(folder.path(), &written(&changed, &other));
        prop_assert!(!is_again(&second, std::slice::from_ref(&first)));
        prop_assert!(!is_again(&first, std::slice::from_ref(&second)));
    }
}
