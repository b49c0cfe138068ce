//! The same inputs give the same bytes: with any number of threads, any size of batch, any order of files, in any packing.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use serde_json::Value;

use crate::support::{file, rows, run_well, sample_dir, sample_statements, summary, text};

const THREADS: [&str; 3] = ["1", "2", "5"];
const BATCH_ROWS: [&str; 6] = ["1", "2", "3", "7", "64", "1000"];

/// Files of a run by name.
type Results = BTreeMap<String, Vec<u8>>;

/// All that stands in the folder; of the summary everything before `run`, which alone may differ.
fn results(out: &Path) -> Results {
    let entries = std::fs::read_dir(out).unwrap().map(|e| e.unwrap().path());
    let mut results: Results = entries
        .map(|path| {
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                std::fs::read(path).unwrap(),
            )
        })
        .collect();
    let names: Vec<&str> = results.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "exceptions.csv",
            "lines.csv",
            "payouts.csv",
            "quarantine.csv",
            "summary.json"
        ]
    );
    let summary = results.get_mut("summary.json").unwrap();
    let run = b"\n  \"run\": {";
    let at = summary
        .windows(run.len())
        .position(|w| w == run)
        .expect("the summary ends with what differs from run to run");
    let rest: Value = serde_json::from_slice(&[b"{", &summary[at..]].concat())
        .expect("the rest of the summary is the rest of an object");
    assert_eq!(
        rest.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["run"],
        "nothing else may differ"
    );
    summary.truncate(at);
    results
}

/// Settles statements and gives back the results.
fn settle(catalog: &str, statements: &[String], more: &[&str]) -> Results {
    let out = tempfile::tempdir().unwrap();
    let folder = out.path().display().to_string();
    let mut arguments = vec!["reconcile", "--catalog", catalog, "--statement"];
    arguments.extend(statements.iter().map(String::as_str));
    arguments.extend(["--out", &folder, "--lines"]);
    arguments.extend(more);
    run_well(&arguments);
    results(out.path())
}

fn assert_same(case: &str, got: &Results, want: &Results) {
    for (name, want) in want {
        assert_same_lines(&format!("{case}: {name}"), &got[name], want);
    }
}

/// Like `assert_eq`, but shows the first line that differs and not two whole files.
fn assert_same_lines(case: &str, got: &[u8], want: &[u8]) {
    if got == want {
        return;
    }
    let (got, want) = (text(got), text(want));
    let place = got
        .lines()
        .zip(want.lines())
        .position(|(a, b)| a != b)
        .unwrap_or_else(|| got.lines().count().min(want.lines().count()));
    let line = |of: &str| of.lines().nth(place).unwrap_or("(the end)").to_owned();
    panic!(
        "{case}: line {} is\n{}\nand should be\n{}",
        place + 1,
        line(&got),
        line(&want)
    );
}

fn sample_catalog() -> String {
    sample_dir().join("catalog.csv").display().to_string()
}

fn settle_sample(more: &[&str]) -> Results {
    settle(&sample_catalog(), &sample_statements(), more)
}

#[test]
fn the_sample_is_the_same_for_any_number_of_threads_and_run_twice() {
    let want = settle_sample(&[]);
    assert!(
        want["lines.csv"].len() > 100_000 && want["quarantine.csv"].len() > 1000,
        "the sample has been read"
    );
    assert_same("run twice", &settle_sample(&[]), &want);
    for threads in THREADS {
        assert_same(
            &format!("{threads} threads"),
            &settle_sample(&["--threads", threads]),
            &want,
        );
    }
}

#[test]
fn the_sample_is_the_same_for_any_size_of_batch() {
    let want = settle_sample(&[]);
    for rows in BATCH_ROWS {
        assert_same(
            &format!("batches of {rows}"),
            &settle_sample(&["--batch-rows", rows, "--threads", "5"]),
            &want,
        );
    }
}

#[test]
fn the_sample_is_the_same_in_any_order_of_files() {
    let sorted = |mut results: Results| {
        let lines = results.get_mut("lines.csv").unwrap();
        let mut parts: Vec<&[u8]> = lines.split_inclusive(|b| *b == b'\n').collect();
        parts.sort_unstable();
        *lines = parts.concat();
        results
    };
    let want = settle_sample(&[]);
    let mut statements = sample_statements();
    statements.reverse();
    let reversed = settle(&sample_catalog(), &statements, &[]);
    assert!(
        reversed["lines.csv"] != want["lines.csv"],
        "lines stand in the order of the command"
    );
    let want = sorted(want);
    assert_same("reversed", &sorted(reversed), &want);
    statements.rotate_left(5);
    statements.swap(1, 9);
    assert_same(
        "shuffled",
        &sorted(settle(&sample_catalog(), &statements, &["--threads", "2"])),
        &want,
    );
}

#[test]
fn the_sample_is_the_same_in_a_workspace_new_or_old() {
    let want = settle_sample(&[]);
    let folder = tempfile::tempdir().unwrap();
    let workspace = folder.path().join("workspace").display().to_string();
    assert_same(
        "a new workspace",
        &settle_sample(&["--workspace", &workspace]),
        &want,
    );
    // Now everything is there already, and comes from what the workspace keeps.
    assert_same(
        "the same workspace",
        &settle_sample(&["--workspace", &workspace]),
        &want,
    );
    assert_same(
        "the same workspace, 1 thread",
        &settle_sample(&["--workspace", &workspace, "--threads", "1"]),
        &want,
    );
}

#[test]
fn another_order_of_catalog_rows_is_the_same_catalog() {
    let catalog = std::fs::read_to_string(sample_catalog()).unwrap();
    let (header, rows) = catalog.split_once('\n').unwrap();
    assert!(
        !rows.contains('"') || rows.lines().all(|row| row.matches('"').count() % 2 == 0),
        "no row of the sample goes over two lines"
    );
    let mut rows: Vec<&str> = rows.lines().collect();
    rows.reverse();
    let folder = tempfile::tempdir().unwrap();
    let reversed = file(
        folder.path(),
        "catalog.csv",
        format!("{header}\n{}\n", rows.join("\n")),
    );
    assert_same(
        "reversed catalog",
        &settle(&reversed, &sample_statements(), &[]),
        &settle_sample(&[]),
    );
}

// ---------------------------------------------------------------------- the same file again, however it is named and packed

/// With a byte order mark and a row that is no UTF-8; with quoted line ends; plain.
const ORIGINALS: [&str; 3] = [
    "orchard_2026-09.csv",
    "believe_2026-09.csv",
    "soundcloud_2026-09.csv",
];

fn path_of(original: &str) -> String {
    sample_dir()
        .join("statements")
        .join(original)
        .display()
        .to_string()
}

fn content_of(original: &str) -> Vec<u8> {
    let content = std::fs::read(path_of(original)).unwrap();
    assert!(!content.contains(&b'\r'), "{original} has plain line feeds");
    content
}

/// The original under another name, packed in every way, with other line ends, and with or without a byte order mark.
fn copies(folder: &Path, original: &str) -> Vec<(&'static str, String)> {
    let content = content_of(original);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(&content).unwrap();
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file(
        "inside.csv",
        zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated),
    )
    .unwrap();
    zip.write_all(&content).unwrap();
    let crlf = content
        .split(|b| *b == b'\n')
        .collect::<Vec<_>>()
        .join(&b"\r\n"[..]);
    let mark = "\u{FEFF}".as_bytes();
    let marked = content
        .strip_prefix(mark)
        .map_or_else(|| [mark, &content].concat(), <[u8]>::to_vec);
    vec![
        ("renamed.csv", file(folder, "renamed.csv", &content)),
        (
            "packed.csv.gz",
            file(folder, "packed.csv.gz", gzip.finish().unwrap()),
        ),
        (
            "packed.zip/inside.csv",
            file(folder, "packed.zip", zip.finish().unwrap().into_inner()),
        ),
        (
            "packed.csv.zst",
            file(
                folder,
                "packed.csv.zst",
                zstd::encode_all(content.as_slice(), 3).unwrap(),
            ),
        ),
        ("converted.csv", file(folder, "converted.csv", crlf)),
        ("marked.csv", file(folder, "marked.csv", marked)),
    ]
}

/// The original in UTF-16: the same text in other bytes, and read in another way.
fn in_utf_16(folder: &Path, original: &str) -> String {
    let content = String::from_utf8(content_of(original)).expect("the original is valid UTF-8");
    let bytes: Vec<u8> = format!("\u{FEFF}{content}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    file(folder, "unicode.csv", bytes)
}

/// Settles the original and then its copies in one run: all of them are noted, and none counts.
fn assert_counts_once(original: &str, copies: &[(&str, String)]) {
    let want = settle(&sample_catalog(), &[path_of(original)], &[]);
    let out = tempfile::tempdir().unwrap();
    let (catalog, first, out_text) = (
        sample_catalog(),
        path_of(original),
        out.path().display().to_string(),
    );
    let mut arguments = vec!["reconcile", "--catalog", &catalog, "--statement", &first];
    arguments.extend(copies.iter().map(|(_, path)| path.as_str()));
    arguments.extend(["--out", &out_text, "--lines"]);
    let output = run_well(&arguments);
    assert_same(
        &format!("{original} with copies"),
        &results(out.path()),
        &want,
    );
    let said = text(&output.stderr);
    let notes: Vec<&str> = said
        .lines()
        .filter(|line| line.starts_with("note: "))
        .collect();
    assert_eq!(notes.len(), copies.len(), "{original}: {said}");
    for ((name, _), note) in copies.iter().zip(notes) {
        assert!(
            note.contains(name) && note.contains("counted once"),
            "{original}: {note}"
        );
    }
}

#[test]
fn the_same_file_again_counts_once_in_one_run() {
    for original in ORIGINALS {
        let folder = tempfile::tempdir().unwrap();
        assert_counts_once(original, &copies(folder.path(), original));
    }
}

#[test]
fn the_same_file_in_utf_16_counts_once_in_one_run() {
    for original in &ORIGINALS[1..] {
        let folder = tempfile::tempdir().unwrap();
        assert_counts_once(
            original,
            &[("unicode.csv", in_utf_16(folder.path(), original))],
        );
    }
}

/// A workspace in a folder of its own.
struct Room {
    folder: tempfile::TempDir,
    workspace: String,
}

impl Room {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let workspace = folder.path().join("workspace").display().to_string();
        Self { folder, workspace }
    }

    /// Settles one file; gives back what was said and the figures.
    fn settle(&self, statement: &str, out: &str) -> (String, Figures) {
        let out = self.folder.path().join(out);
        let (catalog, out_text) = (sample_catalog(), out.display().to_string());
        let arguments = [
            "reconcile",
            "--catalog",
            &catalog,
            "--statement",
            statement,
            "--workspace",
            &self.workspace,
            "--out",
            &out_text,
            "--lines",
        ];
        let said = text(&run_well(&arguments).stdout);
        assert_eq!(self.statements(), 1, "there is still one statement: {said}");
        (said, figures(&out))
    }

    /// How many statements the workspace has.
    fn statements(&self) -> usize {
        text(&run_well(&["statement", "list", "--workspace", &self.workspace]).stdout)
            .lines()
            .count()
            - 1
    }
}

/// What must not change with the name of the file.
#[derive(Debug, PartialEq)]
struct Figures {
    totals: Value,
    payouts: Vec<Vec<String>>,
    exceptions: Vec<Vec<String>>,
    lines: Vec<Vec<String>>,
}

fn figures(out: &Path) -> Figures {
    let summary = summary(out);
    let statements = summary["statements"].as_array().unwrap();
    assert_eq!(statements.len(), 1);
    let without_name = |name: &str| {
        rows(&out.join(name))
            .into_iter()
            .map(|r| r[1..].to_vec())
            .collect()
    };
    Figures {
        totals: serde_json::json!([
            summary["totals"],
            statements[0]["rows"],
            statements[0]["totals"],
            statements[0]["sale_period"]
        ]),
        payouts: rows(&out.join("payouts.csv")),
        exceptions: rows(&out.join("exceptions.csv")),
        lines: without_name("lines.csv"),
    }
}

#[test]
fn the_same_file_again_counts_once_in_a_workspace() {
    for original in ORIGINALS {
        let room = Room::new();
        let (said, want) = room.settle(&path_of(original), "first");
        assert!(!said.contains("already in the workspace"), "{said}");
        assert!(want.lines.len() > 100, "the lines have been written");
        for (name, path) in copies(room.folder.path(), original) {
            let (said, got) = room.settle(&path, "again");
            assert!(
                said.contains(name) && said.contains("already in the workspace, not counted again"),
                "{name}: {said}"
            );
            assert!(
                got == want,
                "{original} as {name}: the figures are not those of the original"
            );
        }
    }
}

#[test]
fn the_same_file_in_utf_16_counts_once_in_a_workspace() {
    let room = Room::new();
    let original = ORIGINALS[2];
    let (_, want) = room.settle(&path_of(original), "first");
    // It is another reading of the same text: it takes the place of the first.
    let (_, got) = room.settle(&in_utf_16(room.folder.path(), original), "again");
    assert_eq!(got, want);
    let (_, back) = room.settle(&path_of(original), "back");
    assert_eq!(back, want);
}

#[test]
fn a_file_with_one_other_byte_is_another_file() {
    let folder = tempfile::tempdir().unwrap();
    let original = ORIGINALS[2];
    let mut content = text(&content_of(original));
    let at = content.rfind("0.").unwrap() + 2;
    let digit = if &content[at..=at] == "5" { "6" } else { "5" };
    content.replace_range(at..=at, digit);
    let other = file(folder.path(), "other.csv", content);
    let out = folder.path().join("out");
    let (catalog, out_text) = (sample_catalog(), out.display().to_string());
    let output = run_well(&[
        "reconcile",
        "--catalog",
        &catalog,
        "--statement",
        &path_of(original),
        &other,
        "--out",
        &out_text,
    ]);
    assert!(
        !text(&output.stderr).contains("counted once"),
        "{}",
        text(&output.stderr)
    );
    assert_eq!(summary(&out)["statements"].as_array().unwrap().len(), 2);
}

#[test]
fn equal_rows_of_one_file_all_count() {
    let folder = tempfile::tempdir().unwrap();
    let row = "XAQN21100007,Slow Ferry,1,0.25,EUR\n";
    let statement = file(
        folder.path(),
        "equal.csv",
        format!(
            "ISRC,Track Title,Quantity,Amount,Currency\n{}",
            row.repeat(40)
        ),
    );
    let out = folder.path().join("out");
    run_well(&[
        "reconcile",
        "--catalog",
        &sample_catalog(),
        "--statement",
        &statement,
        "--out",
        &out.display().to_string(),
    ]);
    assert_eq!(summary(&out)["totals"][0]["rows"], 40);
    assert_eq!(summary(&out)["totals"][0]["amount"], "10");
}

// ---------------------------------------------------------------------- files made so that a cut falls where it hurts most

const CATALOG: &str = "track_id,isrc,title,artist,payee\n\
    T-1,XAAAA2600001,Slow Ferry,Ada Ferrow,Ada Ferrow\n\
    T-2,XAAAA2600002,Distant Almanac,Bea Quillon,Bea Quillon\n";
const HEADER: &str = "ISRC,Track Title,Artist,Territory,Sales Month,Quantity,Amount,Currency\n";

/// A statement of a results' summary.
fn statement(results: &Results, name: &str) -> Value {
    // The part that differs from run to run was cut off, with the brace that ends the summary.
    let text = String::from_utf8(results["summary.json"].clone()).unwrap();
    let summary: Value =
        serde_json::from_str(&format!("{}}}", text.trim_end().trim_end_matches(','))).unwrap();
    summary["statements"]
        .as_array()
        .unwrap()
        .iter()
        .find(|s| s["file"] == name)
        .cloned()
        .unwrap()
}

/// The files give the same bytes for all sizes of batch and numbers of threads; gives back the results.
fn same_for_all_cuts(folder: &Path, statements: &[String]) -> Results {
    let catalog = file(folder, "catalog.csv", CATALOG);
    // Much of these files is in quarantine, and some have rows of the others: what is noted of that is to be the same, too.
    let settle = |more: &[&str]| {
        settle(
            &catalog,
            statements,
            &[more, &["--accept-quarantine", "--accept-duplicate"]].concat(),
        )
    };
    let want = settle(&["--threads", "1"]);
    for rows in BATCH_ROWS {
        assert_same(
            &format!("batches of {rows}"),
            &settle(&["--batch-rows", rows]),
            &want,
        );
    }
    for threads in THREADS {
        assert_same(
            &format!("batches of 5, {threads} threads"),
            &settle(&["--batch-rows", "5", "--threads", threads]),
            &want,
        );
    }
    want
}

fn row(n: u32, title: &str) -> String {
    format!(
        "XAAAA260000{},{title},Ada Ferrow,DE,2026-09,1,0.00{:03},EUR\n",
        n % 3 + 1,
        n % 1000
    )
}

/// The sum of `n % 1000` hundred-thousandths over so many rows, as the program writes it.
fn sum_of(rows: u32) -> String {
    let units: u32 = (0..rows).map(|n| n % 1000).sum();
    let text = format!("{}.{:05}", units / 100_000, units % 100_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Rows, money and units over all totals of a statement whose amounts have at most five decimals.
fn over_all(statement: &Value) -> (u64, String) {
    let totals = statement["totals"].as_array().unwrap();
    let units = |amount: &str| {
        let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
        format!("{whole}{fraction:0<5}").parse::<u32>().unwrap()
    };
    let sum: u32 = totals
        .iter()
        .map(|t| units(t["amount"].as_str().unwrap()))
        .sum();
    let text = format!("{}.{:05}", sum / 100_000, sum % 100_000);
    (
        totals.iter().map(|t| t["rows"].as_u64().unwrap()).sum(),
        text.trim_end_matches('0').trim_end_matches('.').to_owned(),
    )
}

#[test]
fn quoted_line_ends_in_most_rows_or_in_every_row_give_the_same_for_all_cuts() {
    let folder = tempfile::tempdir().unwrap();
    let titles = [
        "\"Slow\nFerry\"",
        "\"Slow\n\n\nFerry, again\"",
        "\"a \"\"quoted\"\"\nword\"",
        "\"\n\"",
    ];
    let every: String = (0..1500)
        .map(|n| row(n, titles[n as usize % titles.len()]))
        .collect();
    let most: String = (0..1500)
        .map(|n| {
            row(
                n,
                if n % 5 == 0 {
                    "Slow Ferry"
                } else {
                    titles[n as usize % titles.len()]
                },
            )
        })
        .collect();
    // Longer than the longest distance in which a cut is looked for.
    let long: String = (0..60)
        .map(|n| row(n, &format!("\"{}Ferry\"", "Slow\n".repeat(90))))
        .collect();
    let statements = [
        file(folder.path(), "every.csv", format!("{HEADER}{every}")),
        file(
            folder.path(),
            "every-crlf.csv",
            format!("{HEADER}{every}")
                .replace("900,", "901,")
                .replace('\n', "\r\n"),
        ),
        file(folder.path(), "most.csv", format!("{HEADER}{most}")),
        file(folder.path(), "long.csv", format!("{HEADER}{long}")),
    ];
    let results = same_for_all_cuts(folder.path(), &statements);
    for (name, rows) in [("every.csv", 1500), ("most.csv", 1500), ("long.csv", 60)] {
        let statement = statement(&results, name);
        assert_eq!(
            over_all(&statement),
            (u64::from(rows), sum_of(rows)),
            "{name}"
        );
        assert_eq!(
            (
                statement["line_ledger"]["quarantined"].as_u64(),
                statement["flagged_rows"].as_u64()
            ),
            (Some(0), Some(0)),
            "{name}"
        );
    }
    assert_eq!(
        statement(&results, "long.csv")["line_ledger"]["continuation"],
        60 * 90
    );
}

/// The next of a fixed sequence of numbers.
fn next(seed: &mut u64) -> u32 {
    *seed = seed
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 33) as u32
}

/// Rows with every trouble next to each other.
fn troubled(mut seed: u64, rows: u32) -> String {
    let mut content = HEADER.to_owned();
    for n in 0..rows {
        let whole = row(n, "Slow Ferry");
        content.push_str(&match next(&mut seed) % 16 {
            0 => row(n, "\"Slow\nFerry\""),
            1 => row(n, "\"Slow\r\n\r\nFerry\""),
            2 => row(n, "\"Slow Ferry"),
            3 => row(n, "Slow 12\" Ferry"),
            4 => row(n, "\"Slow \"Ferry\" again\""),
            // A whole row inside a quoted cell: a line that is a row by itself always is one.
            5 => row(n, &format!("\"Slow\n{whole}Ferry\"")),
            6 => row(n, "\"Slow, \"\"Ferry\"\"\""),
            7 => "\n".to_owned(),
            8 => "XAAAA2600001,\"Slow\n".to_owned(),
            9 => whole.replace("EUR", "\"EUR"),
            10 => whole.replace(",DE,", ",\"DE\n\",\"\n"),
            11 => row(
                n,
                &format!("\"{}\"", "x\n".repeat((next(&mut seed) % 130) as usize)),
            ),
            12 => "\"\n".repeat((next(&mut seed) % 4) as usize),
            13 => HEADER.to_owned(),
            14 => row(n, "\u{DC}berfahrt"),
            _ => whole,
        });
    }
    content
}

#[test]
fn troubled_files_give_the_same_for_all_cuts() {
    let folder = tempfile::tempdir().unwrap();
    let statements: Vec<String> = (1..=6)
        .map(|seed| {
            let mut content = troubled(seed, 600);
            if seed == 6 {
                content.truncate(content.len() - 3);
            }
            file(folder.path(), &format!("troubled-{seed}.csv"), content)
        })
        .collect();
    let results = same_for_all_cuts(folder.path(), &statements);
    for seed in 1..=6 {
        let statement = statement(&results, &format!("troubled-{seed}.csv"));
        assert_eq!(statement["balanced"], true);
        let count = |field: &str| statement["line_ledger"][field].as_u64().unwrap();
        assert!(
            count("quarantined") > 10 && count("continuation") > 10 && count("records") > 100,
            "{}",
            statement["line_ledger"]
        );
    }
}

#[test]
fn a_footer_that_ends_the_records_in_the_middle_is_the_same_for_all_cuts() {
    let folder = tempfile::tempdir().unwrap();
    let header = "Start Date\tEnd Date\tUPC\tISRC/ISBN\tVendor Identifier\tQuantity\tExtended Partner Share\tPartner Share Currency\tTitle\t\
        Artist/Show/Developer/Author\tCountry Of Sale\n";
    let row = |n: u32| {
        // Some titles go over two lines.
        let title = if n.is_multiple_of(7) {
            "\"Slow\nFerry\""
        } else {
            "Slow Ferry"
        };
        format!(
            "08/30/2026\t09/26/2026\t\tXAAAA260000{}\tV\t1\t0.{:05}\tEUR\t{title}\tAda Ferrow\tDE\n",
            n % 3 + 1,
            n % 1000
        )
    };
    let made = |stop: u32, rows: u32| {
        let before: String = (0..stop).map(row).collect();
        let after: String = (stop..rows).map(row).collect();
        let footer = format!(
            "Total_Rows\t{stop}\nTotal_Amount\t{}\nTotal_Units\t{stop}\n\n",
            sum_of(stop)
        );
        format!(
            "{header}{before}{footer}Country Of Sale\tPartner Share Currency\tQuantity\nDE\tEUR\t{stop}\n{after}"
        )
    };
    let stops = [0, 1, 64, 500, 999, 1000];
    let statements: Vec<String> = stops
        .iter()
        .map(|&stop| {
            file(
                folder.path(),
                &format!("stops-{stop}.txt"),
                made(stop, 1000),
            )
        })
        .collect();
    let results = same_for_all_cuts(folder.path(), &statements);
    for stop in stops {
        let statement = statement(&results, &format!("stops-{stop}.txt"));
        assert_eq!(statement["rows"], stop);
        assert_eq!(
            over_all(&statement),
            (u64::from(stop), sum_of(stop)),
            "{stop}"
        );
        let agrees: Vec<&Value> = statement["control_totals"]
            .as_array()
            .unwrap()
            .iter()
            .map(|t| &t["agrees"])
            .collect();
        assert_eq!(
            agrees,
            [true, true, true],
            "{}",
            statement["control_totals"]
        );
        assert_eq!(statement["balanced"], true);
    }
}

#[test]
fn an_encoding_that_shows_late_is_the_same_for_all_cuts() {
    let folder = tempfile::tempdir().unwrap();
    let catalog = file(folder.path(), "catalog.csv", CATALOG);
    // Windows-1252 whose only accent stands behind the first mebibyte.
    let mut content: Vec<u8> = HEADER.as_bytes().to_vec();
    for n in 0..20_000 {
        content.extend_from_slice(row(n, "Slow Ferry").as_bytes());
    }
    assert!(content.len() > 1 << 20);
    content.extend_from_slice(b"XAAAA2600001,\xDCberfahrt,Ada Ferrow,DE,2026-09,1,0.00001,EUR\n");
    let statements = [file(folder.path(), "late.csv", content)];
    let want = settle(&catalog, &statements, &[]);
    assert!(
        String::from_utf8(want["lines.csv"].clone())
            .unwrap()
            .contains(",Überfahrt,")
    );
    for more in [
        ["--threads", "1"],
        ["--threads", "5"],
        ["--batch-rows", "64"],
        ["--batch-rows", "1000"],
    ] {
        assert_same(
            &format!("{more:?}"),
            &settle(&catalog, &statements, &more),
            &want,
        );
    }
}

#[test]
fn one_quote_that_never_closes_loses_no_row() {
    let folder = tempfile::tempdir().unwrap();
    let catalog = file(folder.path(), "catalog.csv", CATALOG);
    let mut content = HEADER.to_owned();
    for n in 0..20_000 {
        content.push_str(&row(
            n,
            if n == 500 {
                "\"Slow Ferry"
            } else {
                "Slow Ferry"
            },
        ));
    }
    let statements = [file(folder.path(), "open.csv", &content)];
    let want = settle(&catalog, &statements, &[]);
    let open = statement(&want, "open.csv");
    assert_eq!(over_all(&open), (20_000, sum_of(20_000)));
    assert_eq!(
        (
            open["flagged_rows"].as_u64(),
            open["line_ledger"]["quarantined"].as_u64()
        ),
        (Some(1), Some(0))
    );
    for more in [
        ["--threads", "1"],
        ["--threads", "5"],
        ["--batch-rows", "64"],
        ["--batch-rows", "501"],
        ["--batch-rows", "1000"],
    ] {
        assert_same(
            &format!("{more:?}"),
            &settle(&catalog, &statements, &more),
            &want,
        );
    }

    // The negative control: a reader of the whole stream loses them without a word.
    let read = csv::Reader::from_reader(content.as_bytes())
        .records()
        .filter(Result::is_ok)
        .count();
    assert!(read < 1000, "the csv crate has read {read} rows of 20000");
}

#[test]
fn lines_over_a_threshold_of_threads_and_batches_keep_the_order_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let catalog = file(folder.path(), "catalog.csv", CATALOG);
    let content: String = (0..5000).map(|n| row(n, "Slow Ferry")).collect();
    let statement = file(folder.path(), "ordered.csv", format!("{HEADER}{content}"));
    let out = folder.path().join("out");
    let out_text = out.display().to_string();
    run_well(&[
        "reconcile",
        "--catalog",
        &catalog,
        "--statement",
        &statement,
        "--out",
        &out_text,
        "--lines",
        "--threads",
        "5",
        "--batch-rows",
        "3",
    ]);
    let rows: Vec<u64> = rows(&out.join("lines.csv"))
        .iter()
        .map(|l| l[1].parse().unwrap())
        .collect();
    assert_eq!(rows, (2..=5001).collect::<Vec<u64>>());
    assert_eq!(summary(&out)["run"]["threads"], 5);
}
