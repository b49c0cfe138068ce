//! Bad input: each kind is refused or set aside with its place and the remedy, and everything else goes on.
//!
//! Every case runs the program over the bad file *and* a good one, in a workspace that already holds a decision. Whatever happens to
//! the bad file, the good one must be settled to the digit and the decision must still hold.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rocksdb::{DB, Options};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{file, program, rows as csv_rows, run, run_well, summary, text};

const CATALOG: &str = "track_id,isrc,title,artist,payee\n\
    T-1,XAAAA2600001,Slow Ferry,Ada Ferrow,Ada Ferrow\n\
    T-2,XAAAA2600002,Distant Almanac,Bea Quillon,Bea Quillon\n\
    T-3,XAAAA2600003,Winter Window,Cy Marrow,Cy Marrow\n";

const HEADER: &str = "ISRC,Track Title,Artist,Territory,Sales Month,Quantity,Amount,Currency\n";

const GOOD: &str = "ISRC,Track Title,Artist,Territory,Sales Month,Quantity,Amount,Currency\n\
    XAAAA2600001,Slow Ferry,Ada Ferrow,DE,2026-09,10,1.25,EUR\n\
    XAAAA2600002,Distant Almanac,Bea Quillon,FR,2026-09,5,0.75,EUR\n\
    XAAAA2600099,Unheard Of,Nobody Known,DE,2026-09,3,0.5,EUR\n";

/// The files of these tests have a handful of rows, most of them bad or in several files: that alone would refuse them (see `gates`).
const ACCEPT_ALL: [&str; 2] = ["--accept-quarantine", "--accept-duplicate"];

/// A label at work: a catalog, a good statement, and a workspace with one decision (the item “Unheard Of” is ignored).
struct Desk {
    folder: TempDir,
    item: String,
}

impl Desk {
    fn new() -> Self {
        let mut desk = Self {
            folder: tempfile::tempdir().unwrap(),
            item: String::new(),
        };
        let (catalog, good) = (
            desk.file("catalog.csv", CATALOG),
            desk.file("good.csv", GOOD),
        );
        let (workspace, before) = (desk.path("workspace"), desk.path("before"));
        run_well(&[
            "reconcile",
            "--catalog",
            &catalog,
            "--statement",
            &good,
            "--workspace",
            &workspace,
            "--out",
            &before,
        ]);
        let exceptions = csv_rows(&desk.folder.path().join("before/exceptions.csv"));
        assert_eq!(
            exceptions.len(),
            1,
            "one item of the good statement is not in the catalog"
        );
        desk.item = exceptions[0].last().unwrap().clone();
        desk.decide(&["ignore", &desk.item]);
        desk
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        file(self.folder.path(), name, content)
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    fn decide(&self, arguments: &[&str]) -> Output {
        let workspace = self.path("workspace");
        run_well(&[&["decide"], arguments, &["--workspace", &workspace]].concat())
    }

    /// Arguments that settle these files of the folder in the workspace.
    fn arguments(&self, files: &[&str], more: &[&str]) -> Vec<String> {
        let mut arguments: Vec<String> = vec!["reconcile".into(), "--statement".into()];
        arguments.extend(files.iter().map(|name| self.path(name)));
        arguments.extend([
            "--workspace".into(),
            self.path("workspace"),
            "--out".into(),
            self.path("out"),
            "--lines".into(),
        ]);
        arguments.extend(more.iter().chain(&ACCEPT_ALL).map(|&a| a.to_owned()));
        arguments
    }

    fn reconcile(&self, files: &[&str], more: &[&str]) -> Output {
        program()
            .args(self.arguments(files, more))
            .output()
            .expect("the program starts")
    }

    /// The file is refused by its name and with these words; the good file is settled all the same. Gives back what was said.
    fn refused(&self, name: &str, more: &[&str], words: &[&str]) -> String {
        let output = self.reconcile(&[name, "good.csv"], more);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{name}: {said}");
        for word in words.iter().chain([&name]) {
            assert!(
                said.contains(word),
                "{name}: the message lacks {word:?}: {said}"
            );
        }
        assert_eq!(self.names(), ["good.csv"], "nothing of {name} is taken");
        self.rest_is_well();
        said
    }

    /// The file is taken without an error; gives back its entry in the summary.
    fn taken(&self, name: &str, more: &[&str]) -> Value {
        let output = self.reconcile(&[name, "good.csv"], more);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{name}: {}",
            text(&output.stderr)
        );
        self.rest_is_well();
        let statement = self.statement(name);
        self.every_line_is_accounted_for(name, &statement);
        statement
    }

    fn names(&self) -> Vec<String> {
        summary(&self.out())["statements"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| s["file"].as_str().unwrap().to_owned())
            .collect()
    }

    fn statement(&self, name: &str) -> Value {
        let summary = summary(&self.out());
        let found = summary["statements"]
            .as_array()
            .unwrap()
            .iter()
            .find(|s| s["file"] == name)
            .cloned();
        found.unwrap_or_else(|| panic!("{name} is not in the summary"))
    }

    /// The good file is settled to the digit, and the earlier decision holds.
    fn rest_is_well(&self) {
        let good = self.statement("good.csv");
        assert_eq!(totals(&good), ["EUR matched 2 15 2", "EUR ignored 1 3 0.5"]);
        assert_eq!(good["balanced"], true);
        self.decision_stands();
    }

    fn decision_stands(&self) {
        let listed = text(&self.decide(&["list"]).stdout);
        assert!(
            listed.contains(&format!("{} ignore", self.item)),
            "the earlier decision is gone: {listed}"
        );
    }

    fn every_line_is_accounted_for(&self, name: &str, statement: &Value) {
        let ledger = &statement["line_ledger"];
        let count = |field: &str| ledger[field].as_u64().unwrap();
        let parts = [
            "preamble",
            "header",
            "records",
            "continuation",
            "blank",
            "footer",
            "quarantined",
        ];
        // Rows behind a lone carriage return begin within a line; these and rows that are set aside are rare.
        let rare = |field: &str| ledger[field].as_u64().unwrap_or(0);
        let all = parts.iter().map(|p| count(p)).sum::<u64>() + rare("aside");
        assert_eq!(
            all,
            count("physical_lines") + rare("within"),
            "{name}: {ledger}"
        );
        assert_eq!(
            count("accounted_bytes"),
            count("text_bytes"),
            "{name}: {ledger}"
        );
        assert_eq!(statement["balanced"], true, "{name}");
        let lines = csv_rows(&self.out().join("lines.csv"))
            .iter()
            .filter(|l| l[0] == name)
            .count() as u64;
        assert_eq!(
            Some(lines),
            statement["rows"].as_u64(),
            "{name}: lines.csv has one line for each row"
        );
    }

    /// Rows of a file in quarantine as `row line column reason`. Where the file is plain text, each must lie at its byte offset.
    fn quarantine(&self, name: &str) -> Vec<String> {
        let content = std::fs::read(self.path(name)).unwrap();
        let of_file = csv_rows_lossy(&self.out().join("quarantine.csv"))
            .into_iter()
            .filter(|r| r[0] == name);
        of_file
            .map(|r| {
                let offset: usize = r[3].parse().unwrap();
                let raw = String::from_utf8_lossy(&content[offset..]);
                assert!(
                    raw.starts_with(&r[7]),
                    "{name}: row {} is not at byte {offset}",
                    r[1]
                );
                format!("{} {} {} {}", r[1], r[2], r[4], r[5])
            })
            .collect()
    }
}

/// Rows below the header, bytes that are no text replaced.
fn csv_rows_lossy(path: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader
        .byte_records()
        .map(|r| {
            r.unwrap()
                .iter()
                .map(|c| String::from_utf8_lossy(c).into_owned())
                .collect()
        })
        .collect()
}

/// Totals of a statement or of a summary as `currency status rows quantity amount`.
fn totals(of: &Value) -> Vec<String> {
    let line = |t: &Value| {
        let word = |field: &str| t[field].as_str().unwrap().to_owned();
        format!(
            "{} {} {} {} {}",
            word("currency"),
            word("status"),
            t["rows"],
            word("quantity"),
            word("amount")
        )
    };
    of["totals"].as_array().unwrap().iter().map(line).collect()
}

/// A tab-separated statement with a row of one unit for each amount, all of track T-1 and in euros.
fn amounts(amounts: &[&str]) -> String {
    let mut content = HEADER.replace(',', "\t");
    for amount in amounts {
        content.push_str(&format!(
            "XAAAA2600001\tSlow Ferry\tAda Ferrow\tDE\t2026-09\t1\t{amount}\tEUR\n"
        ));
    }
    content
}

#[test]
fn wrong_usage_exits_with_2_and_does_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let statement = file(folder.path(), "good.csv", GOOD);
    let catalog = file(folder.path(), "catalog.csv", CATALOG);
    let out = folder.path().join("out").display().to_string();
    let cases: &[&[&str]] = &[
        &["settle"],
        &["reconcile"],
        &["reconcile", "--statement", &statement, "--out", &out],
        &["reconcile", "--catalog", &catalog, "--out", &out],
        &[
            "reconcile",
            "--catalog",
            &catalog,
            "--statement",
            &statement,
        ],
        &[
            "reconcile",
            "--catalog",
            &catalog,
            "--statement",
            &statement,
            "--out",
            &out,
            "--threads",
            "many",
        ],
        &[
            "reconcile",
            "--catalog",
            &catalog,
            "--statement",
            &statement,
            "--out",
            &out,
            "--decimal",
            "point",
        ],
        &[
            "reconcile",
            "--catalog",
            &catalog,
            "--statement",
            &statement,
            "--out",
            &out,
            "--currency",
            "deezer=EURO",
        ],
        &[
            "reconcile",
            "--catalog",
            &catalog,
            "--statement",
            &statement,
            "--out",
            &out,
            "--unheard-of",
        ],
        &["decide", "assign", "0123456789abcdef", "--workspace", &out],
        &["catalog", "import", &catalog],
    ];
    for arguments in cases {
        let output = run(arguments);
        assert_eq!(
            output.status.code(),
            Some(2),
            "{arguments:?}: {}",
            text(&output.stderr)
        );
        assert!(
            !output.stderr.is_empty(),
            "{arguments:?} is refused without a word"
        );
    }
    assert!(!Path::new(&out).exists(), "wrong usage has made a folder");
    assert_eq!(run(&["--version"]).status.code(), Some(0));
}

#[test]
fn the_desk_itself_is_settled_without_a_word_on_standard_error() {
    let desk = Desk::new();
    let output = desk.reconcile(&["good.csv"], &[]);
    assert_eq!(
        (output.status.code(), text(&output.stderr)),
        (Some(0), String::new())
    );
    desk.rest_is_well();
    assert_eq!(
        summary(&desk.out())["totals"],
        json!(desk.statement("good.csv")["totals"])
    );
}

// ---------------------------------------------------------------------- files that are no statement, or not the one they seem to be

#[test]
fn an_empty_file_is_refused() {
    let desk = Desk::new();
    for (name, content) in [
        ("empty.csv", ""),
        ("blank.csv", " \r\n\n"),
        ("mark.csv", "\u{FEFF}"),
    ] {
        desk.file(name, content);
        desk.refused(
            name,
            &[],
            &["the file is empty", "Download the statement again"],
        );
    }
}

#[test]
fn a_header_without_rows_is_a_statement_without_money() {
    let desk = Desk::new();
    for (name, content) in [
        ("header.csv", HEADER),
        ("header-only.csv", HEADER.trim_end()),
    ] {
        desk.file(name, content);
        let statement = desk.taken(name, &[]);
        assert_eq!(
            (statement["rows"].as_u64(), totals(&statement)),
            (Some(0), Vec::new()),
            "{name}"
        );
        assert_eq!(statement["line_ledger"]["header"], 1, "{name}");
    }
}

#[test]
fn a_missing_file_and_a_folder_are_refused() {
    let desk = Desk::new();
    desk.refused("missing.csv", &[], &["cannot open", "No such file"]);
    std::fs::create_dir(desk.folder.path().join("folder")).unwrap();
    desk.refused("folder", &[], &["this is a folder", "name the files in it"]);
}

#[test]
fn a_binary_file_is_refused() {
    let desk = Desk::new();
    let noise: Vec<u8> = (0..40_000u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let cases: [(&str, Vec<u8>, &[&str]); 4] = [
        (
            "noise.bin",
            [b"\x02noise".as_slice(), &noise].concat(),
            &["binary file", "CSV or tab-separated text"],
        ),
        (
            "program.bin",
            [b"\x7FELF\x02\x01\x01".as_slice(), &noise].concat(),
            &["a program"],
        ),
        (
            "invoice.pdf",
            b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog, /Pages 2 0 R >>\nendobj\n".to_vec(),
            &["a PDF document", "CSV or tab-separated text"],
        ),
        (
            "old.xls",
            [b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".as_slice(), &[0; 512]].concat(),
            &["Excel workbook", "as CSV (UTF-8)"],
        ),
    ];
    for (name, content, words) in cases {
        desk.file(name, content);
        desk.refused(name, &[], words);
    }
}

#[test]
fn when_no_file_can_be_taken_nothing_is_written() {
    let desk = Desk::new();
    desk.file("empty.csv", "");
    let output = desk.reconcile(&["empty.csv"], &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stderr).contains("no statement could be taken"),
        "{}",
        text(&output.stderr)
    );
    assert!(!desk.out().join("summary.json").exists());
    desk.decision_stands();
}

/// Long lines, packed: the same mebibyte 1,024 times between `before` and `after`.
fn gibibyte(before: &str, byte: u8, after: &str) -> Vec<u8> {
    let pack = |bytes: &[u8]| zstd::encode_all(bytes, 1).unwrap();
    [
        pack(before.as_bytes()),
        pack(&vec![byte; 1 << 20]).repeat(1024),
        pack(after.as_bytes()),
    ]
    .concat()
}

/// Memory is measured for two threads, so that it does not depend on the machine.
const UNPACK_ALL: [&str; 4] = ["--max-expansion", "1000000000", "--threads", "2"];

#[test]
fn a_line_of_a_gibibyte_goes_to_quarantine_in_little_memory() {
    let desk = Desk::new();
    let row = "XAAAA2600001,Slow Ferry,Ada Ferrow,DE,2026-09,1,0.5,EUR\n";
    desk.file(
        "long.csv.zst",
        gibibyte(&format!("{HEADER}{row}"), b'x', &format!("\n{row}")),
    );
    let statement = desk.taken("long.csv.zst", &UNPACK_ALL);
    assert_eq!(
        totals(&statement),
        ["EUR matched 2 2 1", "XXX quarantined 1 0 0"]
    );
    assert_only_quarantined(&desk, "long.csv.zst", "line_too_long", (1 << 30) + 1);
    assert_small(&desk);
}

#[test]
fn a_last_line_of_a_gibibyte_with_an_open_quote_goes_to_quarantine_in_little_memory() {
    let desk = Desk::new();
    let row = "XAAAA2600001,Slow Ferry,Ada Ferrow,DE,2026-09,1,0.5,EUR\n";
    desk.file(
        "endless.csv.zst",
        gibibyte(&format!("{HEADER}{row}XAAAA2600001,\""), b'x', ""),
    );
    let statement = desk.taken("endless.csv.zst", &UNPACK_ALL);
    assert_eq!(
        totals(&statement),
        ["EUR matched 1 1 0.5", "XXX quarantined 1 0 0"]
    );
    assert_only_quarantined(&desk, "endless.csv.zst", "line_too_long", (1 << 30) + 14);
    assert_small(&desk);
}

#[test]
fn a_file_that_is_one_line_of_a_gibibyte_is_refused_in_little_memory() {
    let desk = Desk::new();
    desk.file("one-line.csv.zst", gibibyte("", b'x', ""));
    desk.refused(
        "one-line.csv.zst",
        &UNPACK_ALL,
        &["no columns", "CSV or tab-separated text"],
    );
    assert_small(&desk);
    desk.file("one-header.csv.zst", gibibyte(HEADER.trim_end(), b',', ""));
    desk.refused(
        "one-header.csv.zst",
        &UNPACK_ALL,
        &["no layout fits", "--layout"],
    );
    assert_small(&desk);
}

#[test]
fn a_line_of_64_mib_of_a_plain_file_goes_to_quarantine_at_its_place() {
    let desk = Desk::new();
    let row = "XAAAA2600001,Slow Ferry,Ada Ferrow,DE,2026-09,1,0.5,EUR\n";
    let content = [
        HEADER.as_bytes(),
        row.as_bytes(),
        &vec![b'x'; 64 << 20],
        b"\n",
        row.as_bytes(),
        b"short\n",
        row.as_bytes(),
    ]
    .concat();
    desk.file("long.csv", content);
    assert_eq!(
        totals(&desk.taken("long.csv", &[])),
        ["EUR matched 3 3 1.5", "XXX quarantined 2 0 0"]
    );
    assert_eq!(
        desk.quarantine("long.csv"),
        ["3 3  line_too_long", "5 5  ragged"]
    );
}

#[test]
fn many_lines_just_below_the_limit_are_read_in_little_memory() {
    let desk = Desk::new();
    let pack = |bytes: &[u8]| zstd::encode_all(bytes, 1).unwrap();
    // Each is a row like any other, with a comment of 15 MiB.
    let header = format!("{},Comment\n", HEADER.trim_end());
    let row = format!(
        "XAAAA2600001,Slow Ferry,Ada Ferrow,DE,2026-09,1,0.5,EUR,{}\n",
        "x".repeat(15 << 20)
    );
    desk.file(
        "wide.csv.zst",
        [pack(header.as_bytes()), pack(row.as_bytes()).repeat(40)].concat(),
    );
    assert_eq!(
        totals(&desk.taken("wide.csv.zst", &UNPACK_ALL)),
        ["EUR matched 40 40 20"]
    );
    assert_small(&desk);
}

/// The third row of a file is the only one in quarantine, and so long.
fn assert_only_quarantined(desk: &Desk, name: &str, reason: &str, bytes: u64) {
    let quarantine = csv_rows(&desk.out().join("quarantine.csv"));
    assert_eq!(quarantine.len(), 1, "{quarantine:?}");
    let [file, row, line, _, _, why, detail, raw] = quarantine[0].as_slice() else {
        panic!("{quarantine:?}")
    };
    assert_eq!(
        [file, row, line, why].map(String::as_str),
        [name, "3", "3", reason]
    );
    assert!(detail.contains(&bytes.to_string()), "{detail}");
    assert!(
        (1000..10_000).contains(&raw.len()),
        "a sample of the line is kept, not all of it: {} bytes",
        raw.len()
    );
}

/// The limit of a line is 16 MiB; a line of a gibibyte must not be held as a whole.
fn assert_small(desk: &Desk) {
    let peak = summary(&desk.out())["run"]["peak_rss_bytes"]
        .as_u64()
        .unwrap();
    assert!(peak < 256 << 20, "{peak} bytes of memory");
}

#[test]
fn a_column_that_counts_must_not_be_there_twice() {
    let desk = Desk::new();
    desk.file(
        "twice.csv",
        format!(
            "{},Amount\nXAAAA2600001,Slow Ferry,Ada Ferrow,DE,2026-09,1,0.5,EUR,0.6\n",
            HEADER.trim_end()
        ),
    );
    desk.refused(
        "twice.csv",
        &[],
        &["“Amount” 2 times", "columns 7, 9", "rename"],
    );
    // A column that nobody reads may be there as often as it likes.
    desk.file(
        "notes.csv",
        format!(
            "{},Note,Note\nXAAAA2600001,Slow Ferry,Ada Ferrow,DE,2026-09,1,0.5,EUR,a,b\n",
            HEADER.trim_end()
        ),
    );
    assert_eq!(
        totals(&desk.taken("notes.csv", &[])),
        ["EUR matched 1 1 0.5"]
    );
}

#[test]
fn a_file_that_cannot_be_placed_names_what_was_found_and_how_to_go_on() {
    let desk = Desk::new();
    desk.file("colors.csv", "Color,Shape\nred,round\n");
    desk.refused(
        "colors.csv",
        &[],
        &["“Color”, “Shape”", "ledgerline layout new", "--layout"],
    );
    // Nearly a known layout: what is missing is named.
    desk.file(
        "nearly.txt",
        "URI\tISRC\tUPC\tTrack name\nspotify:track:1\tXAAAA2600001\t\tSlow Ferry\n",
    );
    desk.refused(
        "nearly.txt",
        &[],
        &["Spotify", "missing", "Payable", "--layout"],
    );
}

const OWN_LAYOUT: &str = r#"
id = "tin-rooster-shop"
name = "Tin Rooster, shop"
sender = "Tin Rooster"
dsp = "Tin Rooster Shop"
source = "made up"
require = ["Kode", "Betrag"]
decimal = ","

[columns]
isrc = ["Kode"]
title = ["Lied"]
quantity = ["Menge"]

[[amount]]
column = "Betrag"
currency = "EUR"
"#;

#[test]
fn a_layout_of_ones_own_reads_what_no_other_can() {
    let desk = Desk::new();
    desk.file("shop.csv", "Kode;Lied;Menge;Betrag\nXAAAA2600001;Slow Ferry;3;1,50\nXAAAA2600002;Distant Almanac;1;1.000,25\n");
    desk.refused(
        "shop.csv",
        &[],
        &["“Kode”, “Lied”, “Menge”, “Betrag”", "--layout"],
    );
    let layout = desk.file("shop.toml", OWN_LAYOUT);
    let statement = desk.taken("shop.csv", &["--layout", &layout]);
    assert_eq!(statement["layout"], "tin-rooster-shop");
    assert_eq!(totals(&statement), ["EUR matched 2 4 1001.75"]);
}

#[test]
fn a_layout_file_that_is_wrong_is_named() {
    let desk = Desk::new();
    for (name, content, word) in [
        ("no-toml.toml", "id = ", "no-toml.toml"),
        (
            "no-money.toml",
            "id = \"a\"\nname = \"A\"\nsender = \"A\"\nrequire = [\"A\"]\n",
            "[[amount]]",
        ),
        (
            "misspelled.toml",
            &OWN_LAYOUT.replace("title", "titel"),
            "titel",
        ),
    ] {
        let layout = desk.file(name, content);
        let output = desk.reconcile(&["good.csv"], &["--layout", &layout]);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(name) && said.contains(word), "{said}");
        desk.decision_stands();
    }
}

#[test]
fn a_statement_without_currency_is_asked_for_it() {
    let desk = Desk::new();
    let header = "Start Report\tEnd Report\tService\tCountry\tLabel\tArtist\tAlbum\tTitle\tISRC\tUPC\tNb of plays\tRoyalties\n";
    let row = "01/09/2026\t30/09/2026\tPremium\tFR\tQuill\tAda Ferrow\tFerries\tSlow Ferry\tXAAAA2600001\t\t7\t0.0421\n";
    desk.file("deezer.txt", format!("{header}{row}"));
    desk.refused(
        "deezer.txt",
        &[],
        &["Deezer", "currency", "--currency deezer="],
    );
    desk.refused(
        "deezer.txt",
        &["--currency", "soundcloud=USD"],
        &["--currency deezer="],
    );
    let statement = desk.taken("deezer.txt", &["--currency", "deezer=USD"]);
    assert_eq!(
        (
            statement["layout"].as_str(),
            statement["sale_period"].as_str()
        ),
        (Some("deezer"), Some("2026-09"))
    );
    assert_eq!(totals(&statement), ["USD matched 1 7 0.0421"]);
    // Given for all files, it answers only where a file does not say it itself.
    assert_eq!(
        totals(&desk.taken("deezer.txt", &["--currency", "GBP"])),
        ["GBP matched 1 7 0.0421"]
    );
}

#[test]
fn a_known_file_that_is_no_income_is_refused_with_the_reason() {
    let desk = Desk::new();
    let header = "Licensor\tProduct Type\tURI\tISRC\tUPC\tTrack Name\tArtist Name\tAlbum Name\tLabel\tCountry\tQuantity\n";
    let row = "Quill\tP\tspotify:track:1\tXAAAA2600001\t\tSlow Ferry\tAda Ferrow\tFerries\tQuill\tDE\t9000\n";
    desk.file("illegitimate-202609.txt", format!("{header}{row}"));
    desk.refused(
        "illegitimate-202609.txt",
        &[],
        &[
            "Spotify, illegitimate streams",
            "no money",
            "track-for-streaming",
            "Leave the file out",
        ],
    );
}

fn apple(rows: &[(&str, &str, &str)], footer: &str) -> String {
    let header = "Start Date\tEnd Date\tUPC\tISRC/ISBN\tVendor Identifier\tQuantity\tPartner Share\tExtended Partner Share\t\
        Partner Share Currency\tSales or Return\tApple Identifier\tArtist/Show/Developer/Author\tTitle\tCountry Of Sale";
    let row = |(isrc, quantity, amount): &(&str, &str, &str)| {
        format!(
            "08/30/2026\t09/26/2026\t\t{isrc}\tV\t{quantity}\t{amount}\t{amount}\tEUR\tS\t\tAda Ferrow\tSlow Ferry\tDE\n"
        )
    };
    format!(
        "{header}\n{}{footer}",
        rows.iter().map(row).collect::<String>()
    )
}

fn agreement(statement: &Value) -> Vec<String> {
    let line = |t: &Value| {
        format!(
            "{} {} {} {}",
            t["label"].as_str().unwrap(),
            t["stated"].as_str().unwrap(),
            t["read"],
            t["agrees"]
        )
    };
    statement["control_totals"]
        .as_array()
        .unwrap()
        .iter()
        .map(line)
        .collect()
}

#[test]
fn control_totals_that_disagree_are_reported() {
    let desk = Desk::new();
    let rows = [("XAAAA2600001", "2", "0.50"), ("XAAAA2600002", "1", "0.25")];
    desk.file(
        "agrees.txt",
        apple(&rows, "Total_Rows\t2\nTotal_Amount\t0.75\nTotal_Units\t3\n"),
    );
    let output = desk.reconcile(&["agrees.txt", "good.csv"], &[]);
    assert_eq!(
        (output.status.code(), text(&output.stderr)),
        (Some(0), String::new())
    );
    let statement = desk.statement("agrees.txt");
    assert_eq!(
        agreement(&statement),
        [
            r#"Total_Rows 2 "2" true"#,
            r#"Total_Amount 0.75 "0.75" true"#,
            r#"Total_Units 3 "3" true"#
        ]
    );

    desk.file(
        "disagrees.txt",
        apple(&rows, "Total_Rows\t3\nTotal_Amount\t0.74\nTotal_Units\t3\n"),
    );
    let output = desk.reconcile(&["disagrees.txt", "good.csv"], &[]);
    let said = text(&output.stderr);
    for words in [
        ["disagrees.txt", "Total_Rows 3", "2"],
        ["disagrees.txt", "Total_Amount 0.74", "0.75"],
    ] {
        assert!(
            said.lines()
                .any(|line| words.iter().all(|w| line.contains(w))),
            "{words:?}: {said}"
        );
    }
    assert!(!said.contains("Total_Units"), "{said}");
    desk.rest_is_well();
    let statement = desk.statement("disagrees.txt");
    assert_eq!(
        agreement(&statement),
        [
            r#"Total_Rows 3 "2" false"#,
            r#"Total_Amount 0.74 "0.75" false"#,
            r#"Total_Units 3 "3" true"#
        ]
    );
    assert_eq!(totals(&statement), ["EUR matched 2 3 0.75"]);
}

#[test]
fn a_song_called_total_is_no_footer() {
    let desk = Desk::new();
    let header = "Track Title,Artist,ISRC,Quantity,Amount,Currency\n";
    let rows = "Total,Ada Ferrow,XAAAA2600001,1,0.5,EUR\nGrand Total,,XAAAA2600002,1,0.25,EUR\nTotals,Bea Quillon,,1,0.125,EUR\n";
    desk.file("total.csv", format!("{header}{rows}Total,,,3,0.875,EUR\n"));
    let statement = desk.taken("total.csv", &[]);
    assert_eq!(
        (
            statement["rows"].as_u64(),
            statement["line_ledger"]["footer"].as_u64()
        ),
        (Some(3), Some(1))
    );
    assert_eq!(
        totals(&statement),
        ["EUR matched 2 2 0.75", "EUR unmatched 1 1 0.125"]
    );
}

#[test]
fn texts_that_a_spreadsheet_would_run_are_escaped_and_numbers_are_not() {
    let desk = Desk::new();
    let titles = [
        "=HYPERLINK(\"x\")",
        "+49 Ferries",
        "-273 Degrees",
        "@midnight",
        "Slow Ferry",
    ];
    let mut content = HEADER.replace(',', "\t");
    for title in titles {
        content.push_str(&format!(
            "XAAAA2600001\t{title}\t{title}\tDE\t2026-09\t-3\t-12.34\tEUR\n"
        ));
    }
    content.push_str("XAAAA2600098\t=1+1\t=cmd\tDE\t2026-09\t-1\t-0.5\tEUR\n");
    desk.file("formulas.txt", content);
    desk.taken("formulas.txt", &[]);
    let lines: Vec<Vec<String>> = csv_rows(&desk.out().join("lines.csv"))
        .into_iter()
        .filter(|l| l[0] == "formulas.txt")
        .collect();
    let shown: Vec<&str> = lines.iter().map(|l| l[8].as_str()).collect();
    assert_eq!(
        shown,
        [
            "'=HYPERLINK(\"x\")",
            "'+49 Ferries",
            "'-273 Degrees",
            "'@midnight",
            "Slow Ferry",
            "'=1+1"
        ]
    );
    assert!(
        lines.iter().all(|l| l[8] == l[9] || l[9] == "'=cmd"),
        "artists are escaped like titles: {lines:?}"
    );
    assert!(
        lines[..5]
            .iter()
            .all(|l| l[13] == "-3" && l[14] == "-12.34"),
        "{lines:?}"
    );
    let exceptions = csv_rows(&desk.out().join("exceptions.csv"));
    let formula = exceptions.iter().find(|e| e[2] == "XAAAA2600098").unwrap();
    assert_eq!(
        (
            formula[4].as_str(),
            formula[5].as_str(),
            formula[9].as_str(),
            formula[10].as_str()
        ),
        ("'=1+1", "'=cmd", "-1", "-0.5")
    );
    let payouts = csv_rows(&desk.out().join("payouts.csv"));
    // Five rows of −12.34 and the 1.25 of the good file.
    assert!(
        payouts
            .iter()
            .any(|p| p[0] == "Ada Ferrow" && p[4] == "-60.45" && p[5] == "-60.45"),
        "{payouts:?}"
    );
}

/// Settles a file while it is changed over and over again: at least one change falls between the opening and the end of the reading.
fn settled_while(change: impl Fn(&Path) + Sync) -> (Desk, String, Option<i32>) {
    let desk = Desk::new();
    let row = "XAAAA2600001,Slow Ferry,Ada Ferrow,DE,2026-09,1,0.5,EUR\n";
    desk.file("growing.csv", format!("{HEADER}{}", row.repeat(400_000)));
    let path = desk.folder.path().join("growing.csv");
    let ended = AtomicBool::new(false);
    let output = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                change(&path);
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        let output = desk.reconcile(&["growing.csv", "good.csv"], &[]);
        ended.store(true, Ordering::Relaxed);
        output
    });
    let said = text(&output.stderr);
    (desk, said, output.status.code())
}

#[test]
fn a_file_that_grows_while_it_is_read_is_an_error() {
    let (desk, said, code) = settled_while(|path| {
        let mut file = OpenOptions::new().append(true).open(path).unwrap();
        file.write_all(b"XAAAA2600001,Slow Ferry,Ada Ferrow,DE,2026-09,1,0.5,EUR\n")
            .unwrap();
    });
    assert_changed(&desk, &said, code);
}

#[test]
fn a_file_that_shrinks_while_it_is_read_is_an_error_and_never_a_crash() {
    let (desk, said, code) = settled_while(|path| {
        let file = OpenOptions::new().write(true).open(path).unwrap();
        // Forty whole rows at a time, of 56 bytes each: many times in the course of one reading, and never down to the header.
        let length = file.metadata().unwrap().len();
        file.set_len(length - 40 * 56).unwrap();
    });
    assert_changed(&desk, &said, code);
}

fn assert_changed(desk: &Desk, said: &str, code: Option<i32>) {
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("growing.csv changed while it was read") && said.contains("Import it again"),
        "{said}"
    );
    assert_eq!(desk.names(), ["good.csv"]);
    desk.rest_is_well();
}

// ---------------------------------------------------------------------- packed files: cut off, hostile, or larger than any statement

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated);
    for (name, content) in members {
        archive.start_file(*name, options).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A statement that repeats one row with a comment of so many bytes until it has so many bytes; and how many rows these are.
fn repeated(bytes: usize, comment: usize) -> (Vec<u8>, usize) {
    let mut content = HEADER.replace("Currency", "Currency,Comment").into_bytes();
    let row = format!(
        "XAAAA2600001,Slow Ferry,Ada Ferrow,DE,2026-09,1,0.5,EUR,{}\n",
        "x".repeat(comment)
    );
    let rows = bytes.div_ceil(row.len());
    for _ in 0..rows {
        content.extend_from_slice(row.as_bytes());
    }
    (content, rows)
}

/// Other rows than those of the good file, so that the two are not the same statement.
fn other() -> String {
    format!("{GOOD}XAAAA2600003,Winter Window,Cy Marrow,DE,2026-09,4,0.125,EUR\n")
}

#[test]
fn packed_files_are_read_like_plain_ones() {
    for (name, content) in [
        ("other.csv.gz", gzip(other().as_bytes())),
        (
            "other.csv.zst",
            zstd::encode_all(other().as_bytes(), 1).unwrap(),
        ),
        ("other.zip", zip(&[("other.csv", other().as_bytes())])),
    ] {
        let desk = Desk::new();
        desk.file(name, content);
        assert_eq!(
            desk.reconcile(&[name, "good.csv"], &[]).status.code(),
            Some(0),
            "{name}"
        );
        desk.rest_is_well();
        let shown = if name == "other.zip" {
            "other.zip/other.csv"
        } else {
            name
        };
        assert_eq!(
            totals(&desk.statement(shown)),
            ["EUR matched 3 19 2.125", "EUR ignored 1 3 0.5"],
            "{name}"
        );
    }
}

#[test]
fn files_that_are_cut_off_are_refused_whole() {
    let (content, _) = repeated(200_000, 4096);
    let cut_off = |mut bytes: Vec<u8>| {
        bytes.truncate(bytes.len() - 10);
        bytes
    };
    let desk = Desk::new();
    desk.file("cut.csv.gz", cut_off(gzip(&content)));
    desk.refused("cut.csv.gz", &[], &["cut off", "download it again"]);
    desk.file(
        "cut.csv.zst",
        cut_off(zstd::encode_all(content.as_slice(), 1).unwrap()),
    );
    desk.refused("cut.csv.zst", &[], &["cut off", "download it again"]);
    desk.file("cut.zip", cut_off(zip(&[("cut.csv", &content)])));
    desk.refused("cut.zip", &[], &["zip archive", "Download it again"]);
}

#[test]
fn a_gzip_file_cut_off_in_the_middle_of_its_rows_is_refused_whole() {
    // Titles that do not pack, so that half of the bytes hold about half of the rows.
    let mut content = HEADER.to_owned();
    let mut seed = 1u64;
    for _ in 0..20_000 {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        content.push_str(&format!(
            "XAAAA2600001,{seed:016x},Ada Ferrow,DE,2026-09,1,0.5,EUR\n"
        ));
    }
    let mut packed = gzip(content.as_bytes());
    packed.truncate(packed.len() / 2);
    let desk = Desk::new();
    desk.file("half.csv.gz", packed);
    desk.refused(
        "half.csv.gz",
        &[],
        &["cut off", "nothing of it was taken", "download it again"],
    );
}

#[test]
fn a_damaged_archive_member_is_refused_by_its_checksum() {
    let desk = Desk::new();
    let mut stored = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    stored
        .start_file(
            "other.csv",
            zip::write::SimpleFileOptions::default()
                .compression_method(zip::CompressionMethod::Stored),
        )
        .unwrap();
    stored.write_all(other().as_bytes()).unwrap();
    let mut bytes = stored.finish().unwrap().into_inner();
    let at = bytes.windows(5).position(|w| w == b"0.125").unwrap();
    bytes[at] = b'9';
    desk.file("damaged.zip", bytes);
    desk.refused("damaged.zip", &[], &["checksum", "ownload it again"]);
}

#[test]
fn an_archive_that_names_a_path_outside_itself_is_refused_and_nothing_is_written() {
    let desk = Desk::new();
    for entry in ["../../x", "month/../../x", "..\\..\\x"] {
        desk.file(
            "climbs.zip",
            zip(&[("statement.csv", other().as_bytes()), (entry, b"climbed")]),
        );
        desk.refused(
            "climbs.zip",
            &[],
            &[
                "x\"",
                "outside the archive",
                "unpack the statement yourself",
            ],
        );
    }
    let names = |folder: &Path| {
        std::fs::read_dir(folder)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(
        names(desk.folder.path()),
        [
            "before",
            "catalog.csv",
            "climbs.zip",
            "good.csv",
            "out",
            "workspace"
        ]
        .map(str::to_owned)
        .into()
    );
    let outside = desk.folder.path().parent().unwrap().join("x");
    assert!(!std::fs::read(outside).is_ok_and(|content| content == b"climbed"));
}

#[test]
fn an_empty_archive_and_a_workbook_are_refused() {
    let desk = Desk::new();
    desk.file("empty.zip", zip(&[]));
    desk.refused("empty.zip", &[], &["empty", "download"]);
    desk.file(
        "sheet.xlsx",
        zip(&[
            ("[Content_Types].xml", b"<Types/>"),
            ("xl/worksheets/sheet1.xml", b"<worksheet/>"),
        ]),
    );
    desk.refused("sheet.xlsx", &[], &["Excel workbook", "CSV"]);
}

/// A gibibyte of rows in little space: the same packed rows over and over, which both formats allow.
fn bomb(pack: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let (content, _) = repeated(1 << 20, 4096);
    let rows = content.iter().position(|b| *b == b'\n').unwrap() + 1;
    [pack(&content), pack(&content[rows..]).repeat(1023)].concat()
}

#[test]
fn what_unpacks_to_far_more_than_any_statement_is_refused_and_can_be_allowed() {
    let (content, rows) = repeated((64 << 20) + (2 << 20), 4096);
    let bombs = [
        (
            "bomb.csv.zst",
            bomb(|bytes| zstd::encode_all(bytes, 1).unwrap()),
            1 << 30,
        ),
        ("bomb.csv.gz", bomb(gzip), 1 << 30),
        ("bomb.zip", zip(&[("bomb.csv", &content)]), content.len()),
    ];
    let desk = Desk::new();
    for (name, packed, unpacked) in &bombs {
        assert!(
            packed.len() * 251 < *unpacked,
            "{name} has {} bytes, and would be allowed",
            packed.len()
        );
        desk.file(name, packed);
        desk.refused(
            name,
            &[],
            &["250 times", &packed.len().to_string(), "--max-expansion"],
        );
    }
    // A real bomb is given up long before it has unpacked.
    desk.refused("bomb.csv.zst", &["--threads", "2"], &[]);
    let peak = summary(&desk.out())["run"]["peak_rss_bytes"]
        .as_u64()
        .unwrap();
    assert!(peak < 256 << 20, "{peak} bytes of memory");
    let output = desk.reconcile(&["bomb.zip", "good.csv"], &["--max-expansion", "1000000"]);
    assert_eq!(output.status.code(), Some(0));
    desk.rest_is_well();
    assert_eq!(desk.statement("bomb.zip/bomb.csv")["rows"], rows as u64);
}

#[test]
fn a_small_file_may_pack_as_well_as_it_likes() {
    let (content, rows) = repeated(4 << 20, 4096);
    let packed = zstd::encode_all(content.as_slice(), 1).unwrap();
    assert!(packed.len() * 251 < content.len());
    let desk = Desk::new();
    desk.file("dense.csv.zst", packed);
    assert_eq!(desk.taken("dense.csv.zst", &[])["rows"], rows as u64);
}

// ---------------------------------------------------------------------- rows that cannot be taken, and amounts in every spelling

#[test]
fn nul_bytes_send_their_row_to_quarantine_with_its_money() {
    let desk = Desk::new();
    let content = format!(
        "{HEADER}XAAAA2600001,Slow Ferry,Ada Ferrow,DE,2026-09,1,0.5,EUR\nXAAAA2600001,Slow\0Ferry,Ada Ferrow,DE,2026-09,2,0.25,EUR\n\
        XAAAA2600002,Distant Almanac,Bea Quillon,DE,2026-09,1,0.125,EUR\n"
    );
    desk.file("nul.csv", content);
    let statement = desk.taken("nul.csv", &[]);
    assert_eq!(
        totals(&statement),
        ["EUR matched 2 2 0.625", "EUR quarantined 1 2 0.25"]
    );
    assert_eq!(desk.quarantine("nul.csv"), ["3 3  bad_encoding"]);
}

#[test]
fn bytes_that_are_no_text_send_their_row_to_quarantine() {
    let desk = Desk::new();
    let row = |title: &[u8]| {
        [
            b"XAAAA2600001,",
            title,
            b",Ada Ferrow,DE,2026-09,1,0.5,EUR\n",
        ]
        .concat()
    };
    let good = row("Überfahrt".as_bytes());
    desk.file(
        "damaged.csv",
        [HEADER.as_bytes(), &good, &row(b"\xC3\xC3berfahrt"), &good].concat(),
    );
    let statement = desk.taken("damaged.csv", &[]);
    assert_eq!(
        totals(&statement),
        ["EUR matched 2 2 1", "EUR quarantined 1 1 0.5"]
    );
    let quarantine = csv_rows_lossy(&desk.out().join("quarantine.csv"));
    assert_eq!(
        (quarantine[0][1].as_str(), quarantine[0][5].as_str()),
        ("3", "bad_encoding")
    );
}

#[test]
fn a_quote_that_never_closes_swallows_nothing() {
    let desk = Desk::new();
    let row = "XAAAA2600001,Slow Ferry,Ada Ferrow,DE,2026-09,1,0.5,EUR\n";
    // In the last row with and without a line end, and in the middle.
    for (name, content) in [
        (
            "at-end.csv",
            format!("{HEADER}{row}{row}{}", row.replace("Slow", "\"Slow")),
        ),
        (
            "at-very-end.csv",
            format!(
                "{HEADER}{row}{row}{}",
                row.trim_end().replace("Slow", "\"Slow")
            ),
        ),
        (
            "in-the-middle.csv",
            format!("{HEADER}{row}{}{row}", row.replace("Slow", "\"Slow")),
        ),
    ] {
        desk.file(name, content);
        let statement = desk.taken(name, &[]);
        assert_eq!(totals(&statement), ["EUR matched 3 3 1.5"], "{name}");
        assert_eq!(statement["flagged_rows"], 1, "{name}");
    }
    // Where the amount itself is behind the quote it is not guessed.
    desk.file(
        "amount.csv",
        format!("{HEADER}{row}{}", row.trim_end().replace("0.5", "\"0.5")),
    );
    assert_eq!(
        totals(&desk.taken("amount.csv", &[])),
        ["EUR matched 1 1 0.5", "EUR quarantined 1 1 0"]
    );
    assert_eq!(
        desk.quarantine("amount.csv"),
        ["3 3 Amount amount_unreadable"]
    );
}

#[test]
fn ragged_rows_go_to_quarantine_and_their_neighbors_do_not() {
    let desk = Desk::new();
    let row = "XAAAA2600001,Slow Ferry,Ada Ferrow,DE,2026-09,1,0.5,EUR\n";
    let short = "XAAAA2600001,Slow Ferry,Ada Ferrow,DE,2026-09\n";
    let long = "XAAAA2600001,Slow Ferry,Ada Ferrow,DE,2026-09,1,0.5,EUR,surplus\n";
    desk.file(
        "ragged.csv",
        format!("{HEADER}{row}{short}{row}{long}\n{row}"),
    );
    let statement = desk.taken("ragged.csv", &[]);
    assert_eq!(
        totals(&statement),
        ["EUR matched 3 3 1.5", "XXX quarantined 2 0 0"]
    );
    assert_eq!(
        desk.quarantine("ragged.csv"),
        ["3 3  ragged", "5 5  ragged"]
    );
    let details: Vec<String> = csv_rows(&desk.out().join("quarantine.csv"))
        .into_iter()
        .map(|r| r[6].clone())
        .collect();
    assert!(
        details[0].contains("5 cells")
            && details[1].contains("9 cells")
            && details[1].contains("header has 8"),
        "{details:?}"
    );
}

#[test]
fn row_and_line_numbers_part_where_a_row_goes_over_two_lines() {
    let desk = Desk::new();
    let content = format!(
        "{HEADER}XAAAA2600001,\"Slow\nFerry\",Ada Ferrow,DE,2026-09,1,0.5,EUR\nXAAAA2600001,Slow Ferry\n"
    );
    desk.file("two-lines.csv", content);
    let statement = desk.taken("two-lines.csv", &[]);
    assert_eq!(statement["line_ledger"]["continuation"], 1);
    assert_eq!(desk.quarantine("two-lines.csv"), ["3 4  ragged"]);
}

#[test]
fn mixed_line_ends_give_the_same_rows() {
    let rows: Vec<String> = (1..=6)
        .map(|n| format!("XAAAA2600001,Slow Ferry {n},Ada Ferrow,DE,2026-09,{n},0.{n},EUR"))
        .collect();
    let with = |ends: &[&str]| {
        let lines = std::iter::once(HEADER.trim_end()).chain(rows.iter().map(String::as_str));
        lines
            .zip(ends.iter().cycle())
            .map(|(line, end)| format!("{line}{end}"))
            .collect::<String>()
    };
    let desk = Desk::new();
    for (name, ends) in [
        ("lf.csv", &["\n"][..]),
        ("crlf.csv", &["\r\n"]),
        ("mixed.csv", &["\n", "\r\n", "\r\n"]),
        ("cr.csv", &["\r"]),
    ] {
        desk.file(name, with(ends));
        let statement = desk.taken(name, &[]);
        assert_eq!(totals(&statement), ["EUR matched 6 21 2.1"], "{name}");
        let lines = csv_rows(&desk.out().join("lines.csv"));
        let last = lines.iter().rfind(|l| l[0] == name).unwrap();
        assert_eq!(
            (last[8].as_str(), last[15].as_str()),
            ("Slow Ferry 6", "EUR"),
            "{name}: no line end is left in a cell"
        );
    }
    // A carriage return alone among line feeds ends a row where the pieces are rows.
    desk.file(
        "stray.csv",
        with(&["\n", "\n", "\n", "\r", "\n", "\n", "\n"]),
    );
    let statement = desk.taken("stray.csv", &[]);
    assert_eq!(totals(&statement), ["EUR matched 6 21 2.1"]);
    assert_eq!(desk.quarantine("stray.csv"), Vec::<String>::new());
}

#[test]
fn the_decimal_mark_is_decided_for_each_file() {
    let desk = Desk::new();
    desk.file("comma.txt", amounts(&["1.234,56", "0,44", "1.000"]));
    desk.file("dot.txt", amounts(&["1,234.56", "0.44", "1,000"]));
    let output = desk.reconcile(&["comma.txt", "dot.txt", "good.csv"], &[]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    desk.rest_is_well();
    for name in ["comma.txt", "dot.txt"] {
        assert_eq!(
            totals(&desk.statement(name)),
            ["EUR matched 3 3 2235"],
            "{name}"
        );
    }
}

#[test]
fn the_decimal_mark_is_never_decided_for_a_row() {
    let desk = Desk::new();
    desk.file(
        "mostly-dot.txt",
        amounts(&["0.25", "1,234.50", "0,25", "1.234,56"]),
    );
    let statement = desk.taken("mostly-dot.txt", &["--decimal", "dot"]);
    assert_eq!(
        totals(&statement),
        ["EUR matched 2 2 1234.75", "EUR quarantined 2 2 0"]
    );
    assert_eq!(
        desk.quarantine("mostly-dot.txt"),
        [
            "4 4 Amount amount_unreadable",
            "5 5 Amount amount_unreadable"
        ]
    );
    // Without a word from a person the majority decides, for all rows of the file.
    desk.file("two-to-one.txt", amounts(&["0.25", "1,234.50", "0,25"]));
    let statement = desk.taken("two-to-one.txt", &[]);
    assert_eq!(
        totals(&statement),
        ["EUR matched 2 2 1234.75", "EUR quarantined 1 1 0"]
    );
}

#[test]
fn an_undecidable_decimal_mark_is_asked_for() {
    let desk = Desk::new();
    desk.file("either.txt", amounts(&["1.234", "2.345"]));
    desk.refused(
        "either.txt",
        &[],
        &["Amount", "1.234", "--decimal dot", "--decimal comma"],
    );
    assert_eq!(
        totals(&desk.taken("either.txt", &["--decimal", "dot"])),
        ["EUR matched 2 2 3.579"]
    );
    assert_eq!(
        totals(&desk.taken("either.txt", &["--decimal", "comma"])),
        ["EUR matched 2 2 3579"]
    );
    // The answer holds for that file and that run only: asked again without it, the program asks again.
    desk.refused("either.txt", &[], &["--decimal"]);
}

#[test]
fn a_decimal_mark_that_only_the_last_of_many_rows_shows_is_found() {
    let desk = Desk::new();
    // More than the first mebibyte, in which nothing tells.
    let mut many = vec!["1.234"; 20_000];
    many.push("0,500");
    desk.file("late.txt", amounts(&many));
    assert_eq!(
        totals(&desk.taken("late.txt", &[])),
        ["EUR matched 20001 20001 24680000.5"]
    );
}

#[test]
fn amounts_in_every_spelling_are_exact() {
    let desk = Desk::new();
    for (spelled, want) in [
        ("(12.34)", "-12.34"),
        ("0E-18", "0"),
        ("0.1234567890123456789", "0.1234567890123456789"),
        ("-0.1234567890123456789", "-0.1234567890123456789"),
        (
            "999999999999999.99999999999999999999",
            "999999999999999.99999999999999999999",
        ),
        ("EUR 0.50", "0.5"),
        ("-€5.25", "-5.25"),
        ("12.34-", "-12.34"),
        (
            "0.01000246370629471467011063892",
            "0.01000246370629471467011063892",
        ),
        (
            "4.279320610876071116133903342E-7",
            "0.0000004279320610876071116133903342",
        ),
        ("7.38427E-05", "0.0000738427"),
        ("1.5e+2", "150"),
        ("12,34,567.89", "1234567.89"),
        ("1\u{2019}234.50", "1234.5"),
        ("\u{2013}5.25 zł", "-5.25"),
    ] {
        desk.file("spelled.txt", amounts(&[spelled]));
        assert_eq!(
            totals(&desk.taken("spelled.txt", &["--decimal", "dot"])),
            [format!("EUR matched 1 1 {want}")],
            "{spelled}"
        );
    }
}

#[test]
fn amounts_of_nineteen_decimals_add_up_to_the_last_digit() {
    let desk = Desk::new();
    desk.file("exact.txt", amounts(&["0.0000000000000000001"; 1000]));
    assert_eq!(
        totals(&desk.taken("exact.txt", &[])),
        ["EUR matched 1000 1000 0.0000000000000001"]
    );
    let payouts = csv_rows(&desk.out().join("payouts.csv"));
    let of = |payee: &str| {
        payouts
            .iter()
            .find(|p| p[0] == payee)
            .map(|p| (p[4].clone(), p[5].clone()))
            .unwrap()
    };
    assert_eq!(
        of("Ada Ferrow"),
        ("1.2500000000000001".to_owned(), "1.25".to_owned())
    );
    assert_eq!(
        of("(rounding)"),
        ("0".to_owned(), "0.0000000000000001".to_owned())
    );
}

#[test]
fn amounts_of_more_than_twenty_decimals_add_up_to_the_last_digit() {
    let desk = Desk::new();
    // What a DSP really writes: 27 to 40 decimals, and exponents where the number is small.
    let spelled = [
        "0.01000246370629471467011063892",
        "0.008670005946462820487961426107",
        "4.279320610876071116133903342E-7",
    ];
    desk.file("spotify.txt", amounts(&spelled));
    let statement = desk.taken("spotify.txt", &[]);
    assert_eq!(
        totals(&statement),
        ["EUR matched 3 3 0.0186728975848186227651836784173342"]
    );
    let payouts = csv_rows(&desk.out().join("payouts.csv"));
    let of = |payee: &str| {
        payouts
            .iter()
            .find(|p| p[0] == payee)
            .map(|p| (p[4].clone(), p[5].clone()))
            .unwrap()
    };
    assert_eq!(
        of("Ada Ferrow"),
        (
            "1.2686728975848186227651836784173342".to_owned(),
            "1.27".to_owned()
        )
    );
    assert_eq!(
        of("(rounding)"),
        (
            "0".to_owned(),
            "-0.0013271024151813772348163215826658".to_owned()
        )
    );
    let lines = csv_rows(&desk.out().join("lines.csv"));
    let written: BTreeSet<&str> = lines.iter().flatten().map(String::as_str).collect();
    for amount in [
        "0.01000246370629471467011063892",
        "0.008670005946462820487961426107",
        "0.0000004279320610876071116133903342",
    ] {
        assert!(written.contains(amount), "lines.csv has {amount}");
    }
    // Digits that cancel each other out carry and borrow.
    desk.file(
        "carried.txt",
        amounts(&[
            "0.000000000000000000009",
            "0.000000000000000000009",
            "-0.000000000000000000018",
            "1",
        ]),
    );
    assert_eq!(
        totals(&desk.taken("carried.txt", &[])),
        ["EUR matched 4 4 1"]
    );
}

#[test]
fn exponents_of_programs_are_read_and_those_that_a_spreadsheet_has_cut_are_not() {
    let desk = Desk::new();
    desk.file(
        "programs.txt",
        amounts(&["7.3842689137e-05", "1.00000000000E-7", "8.3E-05", "0.25"]),
    );
    assert_eq!(
        totals(&desk.taken("programs.txt", &[])),
        ["EUR matched 4 4 0.250156942689137"]
    );
    // No exponent has more than six digits, where the other amounts do.
    desk.file(
        "spreadsheet.txt",
        amounts(&["7.38427E-05", "0.0123456789", "8.3E-05"]),
    );
    let statement = desk.taken("spreadsheet.txt", &[]);
    assert_eq!(
        totals(&statement),
        ["EUR matched 2 2 0.0124286789", "EUR quarantined 1 1 0"]
    );
    assert_eq!(
        desk.quarantine("spreadsheet.txt"),
        ["2 2 Amount amount_unreadable"]
    );
    let details = std::fs::read_to_string(desk.out().join("quarantine.csv")).unwrap();
    assert!(details.contains("6 digits are left"), "{details}");
    desk.file("code.txt", amounts(&["0.25", "8.59E+11"]));
    let statement = desk.taken("code.txt", &[]);
    assert_eq!(
        totals(&statement),
        ["EUR matched 1 1 0.25", "EUR quarantined 1 1 0"]
    );
    let details = std::fs::read_to_string(desk.out().join("quarantine.csv")).unwrap();
    assert!(
        details.contains("3 of 12 digits are left; a spreadsheet has cut the others"),
        "{details}"
    );
}

#[test]
fn units_of_more_than_twenty_decimals_go_to_quarantine_with_their_money() {
    let desk = Desk::new();
    let row = |quantity: &str| {
        format!("XAAAA2600001,Slow Ferry,Ada Ferrow,DE,2026-09,{quantity},0.25,EUR\n")
    };
    desk.file(
        "units.csv",
        format!(
            "{HEADER}{}{}",
            row("0.00000000000000000001"),
            row("0.000000000000000000001")
        ),
    );
    let statement = desk.taken("units.csv", &[]);
    assert_eq!(
        totals(&statement),
        [
            "EUR matched 1 0.00000000000000000001 0.25",
            "EUR quarantined 1 0 0.25"
        ]
    );
    assert_eq!(
        desk.quarantine("units.csv"),
        ["3 3 Quantity quantity_unreadable"]
    );
}

#[test]
fn amounts_that_cannot_be_exact_go_to_quarantine() {
    let desk = Desk::new();
    let too_long = "0.00000000000000000000000000000000000000000000000000000000001";
    let spelled = [
        "0.25",
        "123456789012345678901234567890123456789",
        too_long,
        "8.59E+11",
        "1e15x",
        "tbd",
        "",
        "1_000",
        "--1",
    ];
    desk.file("not-exact.txt", amounts(&spelled));
    let statement = desk.taken("not-exact.txt", &[]);
    assert_eq!(
        totals(&statement),
        ["EUR matched 1 1 0.25", "EUR quarantined 8 8 0"]
    );
    let reasons = [
        "amount_too_large",
        "amount_too_large",
        "amount_unreadable",
        "amount_unreadable",
        "amount_unreadable",
        "amount_missing",
        "amount_unreadable",
        "amount_unreadable",
    ];
    let want: Vec<String> = (3..)
        .zip(reasons)
        .map(|(row, reason)| format!("{row} {row} Amount {reason}"))
        .collect();
    assert_eq!(desk.quarantine("not-exact.txt"), want);
}

#[test]
fn negative_units_take_back_what_was_paid() {
    let desk = Desk::new();
    let row = |quantity: &str, amount: &str| {
        format!("XAAAA2600001,Slow Ferry,Ada Ferrow,DE,2026-09,{quantity},{amount},EUR\n")
    };
    desk.file(
        "returns.csv",
        format!(
            "{HEADER}{}{}{}",
            row("5", "1.25"),
            row("-3", "-0.75"),
            row("-7", "-1.75")
        ),
    );
    assert_eq!(
        totals(&desk.taken("returns.csv", &[])),
        ["EUR matched 3 -5 -1.25"]
    );
    let payouts = csv_rows(&desk.out().join("payouts.csv"));
    let ada = payouts.iter().find(|p| p[0] == "Ada Ferrow").unwrap();
    // The good file pays her 1.25 for 10 units.
    assert_eq!(ada[2..], ["4", "5", "0", "0"]);
}

#[test]
fn units_that_are_no_number_go_to_quarantine_with_their_money() {
    let desk = Desk::new();
    let row = |quantity: &str| {
        format!("XAAAA2600001,Slow Ferry,Ada Ferrow,DE,2026-09,{quantity},0.5,EUR\n")
    };
    desk.file(
        "units.csv",
        format!("{HEADER}{}{}{}", row("many"), row(""), row("2")),
    );
    assert_eq!(
        totals(&desk.taken("units.csv", &[])),
        ["EUR matched 2 2 1", "EUR quarantined 1 0 0.5"]
    );
    assert_eq!(
        desk.quarantine("units.csv"),
        ["2 2 Quantity quantity_unreadable"]
    );
}

#[test]
fn dates_that_do_not_exist_go_to_quarantine_with_their_money() {
    let desk = Desk::new();
    let months = [
        "2026-09",
        "2026-13",
        "2026-02-30",
        "2026-02-28",
        "2025-02-29",
        "2024-02-29",
        "0000-00-00",
    ];
    let row = |month: &str| format!("XAAAA2600001,Slow Ferry,Ada Ferrow,DE,{month},1,0.5,EUR\n");
    desk.file("dates.csv", format!("{HEADER}{}", months.map(row).concat()));
    assert_eq!(
        totals(&desk.taken("dates.csv", &[])),
        ["EUR matched 3 3 1.5", "EUR quarantined 4 4 2"]
    );
    let want: Vec<String> = [3, 4, 6, 8]
        .map(|row| format!("{row} {row} Sales Month period_unreadable"))
        .into();
    assert_eq!(desk.quarantine("dates.csv"), want);
}

#[test]
fn an_undecidable_order_of_day_and_month_is_asked_for() {
    let desk = Desk::new();
    let row = |day: &str| format!("XAAAA2600001,Slow Ferry,Ada Ferrow,DE,{day},1,0.5,EUR\n");
    desk.file("either.csv", format!("{HEADER}{}", row("03/04/2026")));
    desk.refused(
        "either.csv",
        &[],
        &["dates", "--date-order mdy", "--date-order dmy"],
    );
    assert_eq!(
        desk.taken("either.csv", &["--date-order", "mdy"])["sale_period"],
        "2026-03"
    );
    assert_eq!(
        desk.taken("either.csv", &["--date-order", "dmy"])["sale_period"],
        "2026-04"
    );
    // One day that can only be read one way decides for the file.
    desk.file(
        "decided.csv",
        format!("{HEADER}{}{}", row("03/04/2026"), row("03/31/2026")),
    );
    assert_eq!(desk.taken("decided.csv", &[])["sale_period"], "2026-03");
}

#[test]
fn an_answer_is_for_files_that_cannot_tell_and_leaves_the_others_alone() {
    let desk = Desk::new();
    let row = |day: &str, amount: &str| {
        format!("XAAAA2600001\tSlow Ferry\tAda Ferrow\tDE\t{day}\t1\t{amount}\tEUR\n")
    };
    let file = |rows: String| format!("{}{rows}", HEADER.replace(',', "\t"));
    desk.file("either.txt", file(row("03/04/2026", "1.234")));
    desk.file(
        "month-first.txt",
        file(row("03/04/2026", "1,234.56") + &row("03/31/2026", "0.44")),
    );
    desk.file(
        "day-first.txt",
        file(row("03/04/2026", "1.234,56") + &row("30/04/2026", "0,44")),
    );
    for (decimal, order, amount, month) in [
        ("comma", "dmy", "1234", "2026-04"),
        ("dot", "mdy", "1.234", "2026-03"),
    ] {
        let output = desk.reconcile(
            &["either.txt", "month-first.txt", "day-first.txt", "good.csv"],
            &["--decimal", decimal, "--date-order", order],
        );
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let settled = |name: &str| {
            (
                totals(&desk.statement(name)),
                desk.statement(name)["sale_period"]
                    .as_str()
                    .unwrap()
                    .to_owned(),
            )
        };
        assert_eq!(
            settled("either.txt"),
            (vec![format!("EUR matched 1 1 {amount}")], month.to_owned())
        );
        assert_eq!(
            settled("month-first.txt"),
            (
                vec!["EUR matched 2 2 1235".to_owned()],
                "2026-03".to_owned()
            ),
            "with {decimal} and {order}"
        );
        assert_eq!(
            settled("day-first.txt"),
            (
                vec!["EUR matched 2 2 1235".to_owned()],
                "2026-04".to_owned()
            ),
            "with {decimal} and {order}"
        );
        desk.rest_is_well();
    }
}

#[test]
fn a_currency_that_does_not_exist_goes_to_quarantine_without_a_currency() {
    let desk = Desk::new();
    let row = |currency: &str| {
        format!("XAAAA2600001,Slow Ferry,Ada Ferrow,DE,2026-09,1,0.5,{currency}\n")
    };
    desk.file(
        "currencies.csv",
        format!("{HEADER}{}{}{}", row("EUR"), row("Dollars"), row("ZZZ")),
    );
    assert_eq!(
        totals(&desk.taken("currencies.csv", &[])),
        ["EUR matched 1 1 0.5", "XXX quarantined 2 2 0"]
    );
    assert_eq!(
        desk.quarantine("currencies.csv"),
        [
            "3 3 Currency currency_unreadable",
            "4 4 Currency currency_unreadable"
        ]
    );
}

// ---------------------------------------------------------------------- catalogs that contradict themselves, and catalogs that change

impl Desk {
    fn import_catalog(&self, name: &str) -> String {
        text(
            &run_well(&[
                "catalog",
                "import",
                &self.path(name),
                "--workspace",
                &self.path("workspace"),
            ])
            .stdout,
        )
    }

    fn catalog_refused(&self, name: &str, words: &[&str]) {
        let output = run(&[
            "catalog",
            "import",
            &self.path(name),
            "--workspace",
            &self.path("workspace"),
        ]);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{name}: {said}");
        for word in words {
            assert!(
                said.contains(word),
                "{name}: the message lacks {word:?}: {said}"
            );
        }
        // The catalog is as it was.
        assert_eq!(self.reconcile(&["good.csv"], &[]).status.code(), Some(0));
        self.rest_is_well();
    }
}

#[test]
fn a_track_id_that_stands_for_two_tracks_is_refused_with_both_lines() {
    let desk = Desk::new();
    let twice = format!(
        "{CATALOG}T-4,XAAAA2600004,Low Bridge,Ada Ferrow,Ada Ferrow\nT-2,XAAAA2600002,Another Title,Bea Quillon,Bea Quillon\n"
    );
    desk.file("twice.csv", &twice);
    desk.catalog_refused(
        "twice.csv",
        &[
            "T-2",
            "twice.csv, line 3 and twice.csv, line 6",
            "different Title",
            "Nothing was imported",
            "an id of its own",
        ],
    );
    // The same through the one command: without a catalog nothing can be settled.
    let out = desk.path("none");
    let output = run(&[
        "reconcile",
        "--catalog",
        &desk.path("twice.csv"),
        "--statement",
        &desk.path("good.csv"),
        "--out",
        &out,
    ]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stderr).contains("T-2"),
        "{}",
        text(&output.stderr)
    );
    assert!(!desk.folder.path().join("none/summary.json").exists());
}

#[test]
fn a_track_id_that_stands_for_two_tracks_is_refused_by_the_name_of_the_file() {
    let desk = Desk::new();
    desk.file(
        "twice.csv",
        format!("{CATALOG}T-2,XAAAA2600002,Another Title,Bea Quillon,Bea Quillon\n"),
    );
    desk.catalog_refused("twice.csv", &["twice.csv"]);
}

#[test]
fn lines_of_a_catalog_are_counted_from_the_beginning_of_the_file() {
    let desk = Desk::new();
    let twice = format!(
        "Catalog of Quill\n\n{CATALOG}T-2,XAAAA2600002,Another Title,Bea Quillon,Bea Quillon\n"
    );
    desk.file("preamble.csv", twice);
    desk.catalog_refused("preamble.csv", &["line 5 and preamble.csv, line 7"]);
}

#[test]
fn a_track_that_is_there_twice_with_the_same_row_is_one_track() {
    let desk = Desk::new();
    desk.file(
        "repeated.csv",
        format!("{CATALOG}T-2,XAAAA2600002,Distant Almanac,Bea Quillon,Bea Quillon\n"),
    );
    assert!(
        desk.import_catalog("repeated.csv")
            .contains("0 tracks new, 0 changed, 3 as they were, 1 rows repeated")
    );
    assert_eq!(desk.reconcile(&["good.csv"], &[]).status.code(), Some(0));
    desk.rest_is_well();
}

#[test]
fn importing_the_same_catalog_again_changes_nothing() {
    let desk = Desk::new();
    assert_eq!(desk.reconcile(&["good.csv"], &[]).status.code(), Some(0));
    let fingerprint = summary(&desk.out())["fingerprint"].clone();
    assert!(
        desk.import_catalog("catalog.csv")
            .contains("0 tracks new, 0 changed, 3 as they were")
    );
    // In another order of rows it is the same catalog too.
    let (header, rows) = CATALOG.split_once('\n').unwrap();
    let mut rows: Vec<&str> = rows.lines().collect();
    rows.reverse();
    desk.file("reversed.csv", format!("{header}\n{}\n", rows.join("\n")));
    assert!(
        desk.import_catalog("reversed.csv")
            .contains("0 tracks new, 0 changed, 3 as they were")
    );
    assert_eq!(desk.reconcile(&["good.csv"], &[]).status.code(), Some(0));
    desk.rest_is_well();
    assert_eq!(summary(&desk.out())["fingerprint"], fingerprint);
}

#[test]
fn a_changed_isrc_moves_its_track() {
    let desk = Desk::new();
    desk.file("moved.csv", CATALOG.replace("XAAAA2600001", "XAAAA2600077"));
    assert!(
        desk.import_catalog("moved.csv")
            .contains("0 tracks new, 1 changed, 2 as they were")
    );
    let old_and_new = "ISRC,Track Title,Quantity,Amount,Currency\nXAAAA2600001,Slow Ferry,1,0.5,EUR\nXAAAA2600077,Slow Ferry,1,0.25,EUR\n";
    desk.file("both.csv", old_and_new);
    assert_eq!(desk.reconcile(&["both.csv"], &[]).status.code(), Some(0));
    assert_eq!(
        totals(&desk.statement("both.csv")),
        ["EUR matched 1 1 0.25", "EUR unmatched 1 1 0.5"]
    );
    let lines = csv_rows(&desk.out().join("lines.csv"));
    let shown: Vec<[&str; 4]> = lines
        .iter()
        .map(|l| [l[6].as_str(), l[2].as_str(), l[3].as_str(), l[4].as_str()])
        .collect();
    assert_eq!(
        shown,
        [
            ["XAAAA2600001", "unmatched", "isrc_unknown", ""],
            ["XAAAA2600077", "matched", "isrc", "T-1"]
        ]
    );
    // And back again.
    assert!(desk.import_catalog("catalog.csv").contains("1 changed"));
    assert_eq!(
        desk.reconcile(&["both.csv", "good.csv"], &[]).status.code(),
        Some(0)
    );
    desk.rest_is_well();
    assert_eq!(
        totals(&desk.statement("both.csv")),
        ["EUR matched 1 1 0.5", "EUR unmatched 1 1 0.25"]
    );
}

#[test]
fn a_changed_payee_is_paid_from_then_on() {
    let desk = Desk::new();
    desk.file(
        "sold.csv",
        CATALOG.replace("Ada Ferrow,Ada Ferrow", "Ada Ferrow,Estate of Ferrow"),
    );
    assert!(desk.import_catalog("sold.csv").contains("1 changed"));
    assert_eq!(desk.reconcile(&["good.csv"], &[]).status.code(), Some(0));
    let payouts = csv_rows(&desk.out().join("payouts.csv"));
    let payees: Vec<(&str, &str)> = payouts
        .iter()
        .map(|p| (p[0].as_str(), p[5].as_str()))
        .collect();
    assert_eq!(
        payees,
        [
            ("(rounding)", "0"),
            ("Bea Quillon", "0.75"),
            ("Estate of Ferrow", "1.25")
        ]
    );
}

#[test]
fn shared_isrcs_are_listed() {
    let desk = Desk::new();
    desk.file(
        "shared.csv",
        format!("{CATALOG}T-9,xa-aaa-26-00001,Slow Ferry (Remaster),Ada Ferrow,Ada Ferrow\n"),
    );
    assert!(
        desk.import_catalog("shared.csv")
            .contains("1 tracks new, 0 changed, 3 as they were")
    );
    let listed = text(
        &run_well(&[
            "catalog",
            "duplicates",
            "--workspace",
            &desk.path("workspace"),
        ])
        .stdout,
    );
    assert_eq!(listed, "isrc,tracks,track_ids\nXAAAA2600001,2,T-1;T-9\n");
}

#[test]
fn a_catalog_that_is_none_is_refused_with_the_remedy() {
    let desk = Desk::new();
    for (name, content) in [
        ("empty.csv", ""),
        ("prose.csv", "just prose\n"),
        ("colors.csv", "color,shape\nred,round\n"),
    ] {
        desk.file(name, content);
        desk.catalog_refused(name, &[name, "track_id"]);
    }
    desk.file(
        "no-id.csv",
        "title,artist,payee\nSlow Ferry,Ada Ferrow,Ada Ferrow\n",
    );
    desk.catalog_refused(
        "no-id.csv",
        &["no-id.csv", "neither a track id nor an ISRC"],
    );
    desk.file(
        "two-columns.csv",
        "track_id,isrc,title,ISRC\nT-9,XAAAA2600009,Slow Ferry,XAAAA2600009\n",
    );
    desk.catalog_refused("two-columns.csv", &["two-columns.csv", "there twice"]);
}

#[test]
fn catalog_rows_that_cannot_be_taken_are_left_out_by_file_and_line() {
    let desk = Desk::new();
    desk.file(
        "ragged.csv",
        format!("{CATALOG}T-4,XAAAA2600004\nT-5,XAAAA2600005,Low Bridge,Ada Ferrow,Ada Ferrow\n"),
    );
    let output = run(&[
        "catalog",
        "import",
        &desk.path("ragged.csv"),
        "--workspace",
        &desk.path("workspace"),
    ]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("ragged.csv, line 5") && said.contains("2 cells"),
        "{said}"
    );
    assert!(text(&output.stdout).contains("1 tracks new, 0 changed, 3 as they were"));
    assert_eq!(desk.reconcile(&["good.csv"], &[]).status.code(), Some(0));
    desk.rest_is_well();
}

// ---------------------------------------------------------------------- decisions from the command line

impl Desk {
    /// Totals of the good file, and status, reason and track of the undecided item, in a new run.
    fn settled(&self) -> (Vec<String>, [String; 3]) {
        let output = self.reconcile(&["good.csv"], &[]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let lines = csv_rows(&self.out().join("lines.csv"));
        let line = lines.iter().find(|l| l[6] == "XAAAA2600099").unwrap();
        (
            totals(&self.statement("good.csv")),
            [line[2].clone(), line[3].clone(), line[4].clone()],
        )
    }
}

#[test]
fn each_decision_changes_the_next_run() {
    let desk = Desk::new();
    let item = desk.item.clone();
    let (sums, _) = desk.settled();
    assert_eq!(sums, ["EUR matched 2 15 2", "EUR ignored 1 3 0.5"]);

    desk.decide(&[
        "assign",
        &item,
        "T-3",
        "--note",
        "a remix of it",
        "--by",
        "ines",
    ]);
    let (sums, line) = desk.settled();
    assert_eq!(sums, ["EUR matched 3 18 2.5"]);
    assert_eq!((line[0].as_str(), line[2].as_str()), ("matched", "T-3"));
    let payouts = csv_rows(&desk.out().join("payouts.csv"));
    assert!(
        payouts.iter().any(|p| p[0] == "Cy Marrow" && p[5] == "0.5"),
        "{payouts:?}"
    );
    assert!(csv_rows(&desk.out().join("exceptions.csv")).is_empty());

    desk.decide(&["hold", &item]);
    let (sums, line) = desk.settled();
    assert_eq!(sums, ["EUR matched 2 15 2", "EUR held 1 3 0.5"]);
    assert_eq!(line[0], "held");

    desk.decide(&["clear", &item]);
    let (sums, line) = desk.settled();
    assert_eq!(sums, ["EUR matched 2 15 2", "EUR unmatched 1 3 0.5"]);
    assert_eq!(line, ["unmatched", "isrc_unknown", ""]);

    // All of them are listed, oldest first, with who and why.
    let listed = text(&desk.decide(&["list"]).stdout);
    let decisions: Vec<&str> = listed.lines().skip(1).collect();
    assert_eq!(decisions.len(), 4, "{listed}");
    for (decision, word) in decisions
        .iter()
        .zip(["ignore", "assign to T-3", "hold", "clear"])
    {
        assert!(
            decision.contains(&format!("{item} {word} (all DSPs)")),
            "{listed}"
        );
    }
    assert!(
        decisions[1].contains("ines") && decisions[1].contains("a remix of it"),
        "{listed}"
    );
}

#[test]
fn a_decision_for_one_dsp_leaves_the_others_alone() {
    let desk = Desk::new();
    let row = |store: &str| format!("{store},XAAAA2600055,Unplaced,1,0.5,EUR\n");
    desk.file(
        "stores.csv",
        format!(
            "Store,ISRC,Track Title,Quantity,Amount,Currency\n{}{}",
            row("Deezer"),
            row("TIDAL")
        ),
    );
    desk.taken("stores.csv", &[]);
    let exceptions = csv_rows(&desk.out().join("exceptions.csv"));
    let item = exceptions.iter().find(|e| e[2] == "XAAAA2600055").unwrap()[13].clone();
    desk.decide(&["assign", &item, "T-3", "--dsp", "Deezer"]);
    assert_eq!(
        totals(&desk.taken("stores.csv", &[])),
        ["EUR matched 1 1 0.5", "EUR unmatched 1 1 0.5"]
    );
    desk.decide(&["hold", &item, "--dsp", "TIDAL"]);
    assert_eq!(
        totals(&desk.taken("stores.csv", &[])),
        ["EUR matched 1 1 0.5", "EUR held 1 1 0.5"]
    );
}

#[test]
fn decisions_about_what_does_not_exist_are_refused() {
    let desk = Desk::new();
    let item = desk.item.clone();
    let cases: [(&[&str], &str); 5] = [
        (&["assign", &item, "T-404"], "no track T-404"),
        (
            &["assign", "0123456789abcdef", "T-1"],
            "reports the item 0123456789abcdef",
        ),
        (&["ignore", "0123456789abcdef"], "exceptions.csv"),
        (&["hold", "not-an-item"], "not-an-item"),
        (&["clear", "0123456789abcdef"], "exceptions.csv"),
    ];
    let before = text(&desk.decide(&["list"]).stdout);
    for (arguments, word) in cases {
        let workspace = desk.path("workspace");
        let output = run(&[&["decide"], arguments, &["--workspace", &workspace]].concat());
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(said.contains(word), "{arguments:?}: {said}");
    }
    assert_eq!(
        text(&desk.decide(&["list"]).stdout),
        before,
        "nothing was recorded"
    );
    desk.settled();
    desk.rest_is_well();
}

// ---------------------------------------------------------------------- workspaces that cannot be opened, and disks that are full

/// The version that the records of a workspace say they have.
fn set_version(workspace: &Path, version: &str) {
    let db = DB::open_cf(
        &Options::default(),
        workspace.join("db"),
        ["default", "meta", "catalog", "statements", "decisions"],
    )
    .unwrap();
    let meta = db.cf_handle("meta").unwrap();
    assert!(
        db.get_cf(meta, "schema_version").unwrap().is_some(),
        "the version stands where it is looked for"
    );
    db.put_cf(meta, "schema_version", version).unwrap();
}

#[test]
fn a_workspace_of_a_newer_version_is_refused_and_left_as_it_is() {
    let desk = Desk::new();
    let workspace = desk.folder.path().join("workspace");
    let journal = std::fs::read(workspace.join("journal.jsonl")).unwrap();
    set_version(&workspace, "2");
    let list = ["decide", "list", "--workspace", &desk.path("workspace")];
    for output in [desk.reconcile(&["good.csv"], &[]), run(&list)] {
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        for word in [
            desk.path("workspace").as_str(),
            "newer version",
            "version 2",
            "update the program",
        ] {
            assert!(said.contains(word), "the message lacks {word:?}: {said}");
        }
    }
    assert!(!desk.out().join("summary.json").exists());
    assert_eq!(
        std::fs::read(workspace.join("journal.jsonl")).unwrap(),
        journal
    );
    // The program that made it finds everything as it was.
    set_version(&workspace, "1");
    assert_eq!(desk.reconcile(&["good.csv"], &[]).status.code(), Some(0));
    desk.rest_is_well();
}

#[test]
fn a_folder_that_is_no_workspace_is_refused_and_left_as_it_is() {
    let desk = Desk::new();
    let folder = desk.folder.path().join("photos");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("cat.jpg"), "not really").unwrap();
    let output = run(&[
        "decide",
        "list",
        "--workspace",
        &folder.display().to_string(),
    ]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(
        said.contains("photos is not a workspace") && said.contains("choose another folder"),
        "{said}"
    );
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
}

/// Another process holds the workspace: it has opened it and waits for a statement that comes through a named pipe.
#[cfg(unix)]
#[test]
fn a_workspace_that_is_open_in_another_process_is_refused_until_that_one_ends() {
    use std::os::unix::fs::OpenOptionsExt;

    /// Opening a pipe for writing fails instead of waiting as long as nobody reads from it.
    const O_NONBLOCK: i32 = if cfg!(target_os = "linux") { 0o4000 } else { 4 };

    let desk = Desk::new();
    let pipe = desk.path("pipe.csv");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let arguments = [
        "statement",
        "import",
        &pipe,
        "--workspace",
        &desk.path("workspace"),
    ];
    let mut other = program()
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let writer = loop {
        match OpenOptions::new()
            .write(true)
            .custom_flags(O_NONBLOCK)
            .open(&pipe)
        {
            Ok(writer) => break writer,
            Err(_) => assert!(
                other.try_wait().unwrap().is_none(),
                "the other process has ended before it read its statement"
            ),
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let list = ["decide", "list", "--workspace", &desk.path("workspace")];
    for output in [desk.reconcile(&["good.csv"], &[]), run(&list)] {
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        for word in [
            desk.path("workspace").as_str(),
            "open in another",
            "close it there first",
        ] {
            assert!(said.contains(word), "the message lacks {word:?}: {said}");
        }
    }
    assert!(!desk.out().join("summary.json").exists());
    drop(writer);
    other.wait().unwrap();
    assert_eq!(desk.reconcile(&["good.csv"], &[]).status.code(), Some(0));
    desk.rest_is_well();
}

fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path());
    entries
        .map(|path| {
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                std::fs::read(&path).unwrap(),
            )
        })
        .collect()
}

/// A file size limit stands for the full disk: the write that would go beyond it fails.
#[cfg(unix)]
#[test]
fn a_disk_that_fills_up_while_exporting_leaves_the_earlier_results_as_they_were() {
    let desk = Desk::new();
    let row = "XAAAA2600001,Slow Ferry,Ada Ferrow,DE,2026-09,1,0.5,EUR\n";
    desk.file("month.csv", format!("{HEADER}{}", row.repeat(20_000)));
    assert_eq!(
        desk.reconcile(&["month.csv", "good.csv"], &[])
            .status
            .code(),
        Some(0)
    );
    desk.rest_is_well();
    let before = contents(&desk.out());
    assert!(
        before["lines.csv"].len() > 1 << 20,
        "the lines must not fit the limit"
    );

    // 512 KiB: the workspace's own files stay below it.
    let script = "trap '' XFSZ; ulimit -f 1024; exec \"$0\" \"$@\"";
    let limited = |files: &[&str]| {
        Command::new("sh")
            .args(["-c", script, env!("CARGO_BIN_EXE_ledgerline")])
            .args(desk.arguments(files, &[]))
            .output()
            .unwrap()
    };
    let output = limited(&["month.csv", "good.csv"]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("lines.csv") && said.contains("File too large"),
        "{said}"
    );
    assert!(
        said.contains("cannot write") && said.contains("what stood there before is unchanged"),
        "{said}"
    );
    assert!(
        contents(&desk.out()) == before,
        "the earlier results are not as they were, or something is left: {:?}",
        contents(&desk.out()).keys()
    );
    desk.decision_stands();

    // The negative control: what fits the limit is written under it.
    assert_eq!(limited(&["good.csv"]).status.code(), Some(0));
    desk.rest_is_well();
    // And with room again all is as before.
    assert_eq!(
        desk.reconcile(&["month.csv", "good.csv"], &[])
            .status
            .code(),
        Some(0)
    );
    desk.rest_is_well();
    assert_eq!(
        totals(&desk.statement("month.csv")),
        ["EUR matched 20000 20000 10000"]
    );
    assert!(contents(&desk.out())["lines.csv"] == before["lines.csv"]);
}

/// The disk is full before the first result: a statement that cannot be kept is not half there.
#[cfg(unix)]
#[test]
fn a_disk_that_fills_up_while_importing_leaves_the_workspace_as_it_was() {
    let desk = Desk::new();
    let mut content = HEADER.to_owned();
    for n in 0..20_000u32 {
        // As many items as rows, so that what is kept of the statement is large.
        content.push_str(&format!(
            "XAAAA2600001,{:x}{:x},Ada Ferrow,DE,2026-09,1,0.5,EUR\n",
            n.wrapping_mul(2_654_435_761),
            n.wrapping_mul(40_503)
        ));
    }
    desk.file("items.csv", content);
    let script = "trap '' XFSZ; ulimit -f 256; exec \"$0\" \"$@\"";
    let arguments = desk.arguments(&["items.csv", "good.csv"], &[]);
    let output = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_ledgerline")])
        .args(arguments)
        .output()
        .unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("File too large"), "{said}");
    let listed = run(&["statement", "list", "--workspace", &desk.path("workspace")]);
    let listed = text(&listed.stdout);
    assert!(
        listed.contains("good.csv") && !listed.contains("items.csv"),
        "{listed}"
    );
    assert_eq!(
        totals(&desk.taken("items.csv", &[])),
        ["EUR matched 20000 20000 10000"]
    );
}
