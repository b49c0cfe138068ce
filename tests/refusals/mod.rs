//! Refusals that lead somewhere: a file that is no statement is named as what it is, and what a message tells to do works.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ledgerline::statement::kind;
use tempfile::TempDir;

use crate::support::{file, root, rows, run, run_well, sample_statements, summary, text};

const CATALOG: &str = "track_id,isrc,title,artist,payee\n\
    T-1,NLA1Z2600123,Tidewater,Mara Ellis,Mara Ellis\n\
    T-2,NLA1Z2600124,Low Sun,Mara Ellis,Mara Ellis\n";

const GOOD: &str = "ISRC,Track Title,Artist,Territory,Sales Month,Quantity,Amount,Currency\n\
    NLA1Z2600123,Tidewater,Mara Ellis,DE,2025-06,10,1.25,EUR\n\
    NLA1Z2600124,Low Sun,Mara Ellis,FR,2025-06,5,0.75,EUR\n";

const DSR: &str = "HEAD\tdsrf/30\tUGCProfile\t1.1\t1453\t2026-01-21T15:09:26Z\t1\t1\t2025-10-01\t2025-12-31\tP1\tVideoSite\tAdSupport\tP2\tNORTHLINE\n\
    #SY02.01\tSummaryRecordId\tDistributionChannel\tDPID\tCommercialModel\tUseType\tTerritory\tService\tUsages\tUsers\tCurrency\tNetRevenue\n\
    SY02.01\t1\tVideoSite\tP1\tAdvertisementSupported\tOnDemandStream\tIS\tAdSupport\t12000\t300\tEUR\t4.20\n\
    #AS01\tBlockId\tResourceReference\tDspResourceId\tISRC\tTitle\tSubTitle\tDisplayArtistName\n\
    AS01\t1\t1\tab12\tNLA1Z2600123\tTidewater\t\tMara Ellis\nFOOT\t5\n";

const ERN: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ern:NewReleaseMessage xmlns:ern=\"http://ddex.net/xml/ern/43\">\n\
    <ResourceList><SoundRecording><ISRC>NLA1Z2600123</ISRC></SoundRecording></ResourceList>\n</ern:NewReleaseMessage>\n";

/// A statement that no layout fits: its names are known to nobody, and it lies below two lines.
const UNKNOWN: &str = "Nordlicht Abrechnung;;;;;;\n;;;;;;\nKode;Werkname;Gebiet;Zeitpunkt;Zahl;Entgelt;Geldart\n\
    NLA1Z2600123;Tidewater;DE;2025-06;12;1,25;EUR\nNLA1Z2600124;Low Sun;AT;2025-06;3;0,5;EUR\n";

struct Desk {
    folder: TempDir,
    catalog: String,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let catalog = file(folder.path(), "catalog.csv", CATALOG);
        Self { folder, catalog }
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        file(self.folder.path(), name, content)
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    fn reconcile(&self, files: &[&str], more: &[&str]) -> Output {
        let out = self.out().display().to_string();
        let mut arguments = vec![
            "reconcile",
            "--catalog",
            &self.catalog,
            "--out",
            &out,
            "--statement",
        ];
        arguments.extend(files);
        arguments.extend(more);
        run(&arguments)
    }

    /// The file is refused with these words, and a good one beside it is read.
    fn refused(&self, name: &str, content: impl AsRef<[u8]>, words: &[&str]) -> String {
        let (bad, good) = (self.file(name, content), self.file("good.csv", GOOD));
        let output = self.reconcile(&[&bad, &good], &[]);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{name}: {said}");
        for word in words.iter().chain([&name]) {
            assert!(
                said.contains(word),
                "{name}: the message lacks {word:?}: {said}"
            );
        }
        assert_eq!(
            self.money(),
            [("good.csv".to_owned(), "2".to_owned())],
            "{name}"
        );
        said
    }

    /// Statements that were read, with the sum of what they report.
    fn money(&self) -> Vec<(String, String)> {
        let summary = summary(&self.out());
        let statements = summary["statements"].as_array().unwrap().iter();
        statements
            .map(|s| {
                (
                    s["file"].as_str().unwrap().to_owned(),
                    s["totals"][0]["amount"].as_str().unwrap().to_owned(),
                )
            })
            .collect()
    }

    /// Runs a command as a person would who copies it out of a message into a shell, in the folder of the desk.
    fn shell(&self, command: &str) -> Output {
        let programs = Path::new(env!("CARGO_BIN_EXE_ledgerline"))
            .parent()
            .unwrap()
            .to_owned();
        let path = std::env::join_paths(std::iter::once(programs).chain(std::env::split_paths(
            &std::env::var_os("PATH").unwrap_or_default(),
        )));
        Command::new("sh")
            .arg("-c")
            .arg(command)
            .env("PATH", path.unwrap())
            .current_dir(self.folder.path())
            .output()
            .unwrap()
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in members {
        writer
            .start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// The command in a message, from its name to the end of what it is given.
fn command_in(said: &str) -> String {
    let start = said
        .find("ledgerline layout new ")
        .unwrap_or_else(|| panic!("no command in: {said}"));
    let end = said[start..]
        .find("--out layout.toml")
        .unwrap_or_else(|| panic!("no end of the command in: {said}"));
    said[start..start + end + "--out layout.toml".len()].to_owned()
}

#[test]
fn a_file_that_is_no_statement_is_named_with_what_to_ask_for() {
    let desk = Desk::new();
    let xls = [b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec(), vec![0; 600]].concat();
    let cases: [(&str, Vec<u8>, &[&str]); 14] = [
        (
            "dsr.tsv",
            DSR.into(),
            &[
                "DDEX DSR flat file (profile UGC 1.1)",
                "usage 2025-10-01 to 2025-12-31",
                "EUR",
                "financial report",
            ],
        ),
        (
            "ern.xml",
            ERN.into(),
            &[
                "XML release message (ERN 4.3)",
                "catalog data, no statement",
                "CSV",
            ],
        ),
        (
            "page.csv",
            "<!DOCTYPE html>\n<html><form><input type=\"password\"></form></html>".into(),
            &["asks to sign in", "download"],
        ),
        (
            "table.xls",
            "<html><table><tr><td>ISRC</td></tr></table></html>".into(),
            &["HTML page with a table", "CSV (UTF-8)"],
        ),
        ("old.xls", xls, &["Excel workbook", "CSV (UTF-8)"]),
        (
            "statement.pdf",
            b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n1 0 obj".to_vec(),
            &["PDF", "as CSV or tab-separated text"],
        ),
        (
            "scan.png",
            b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR".to_vec(),
            &["picture (PNG)"],
        ),
        (
            "rows.json",
            "[\n {\"isrc\": \"NLA1Z2600123\", \"net\": 1}\n]\n".into(),
            &["JSON"],
        ),
        (
            "works.v21",
            "HDRPB000000199ELLIS MUSIC    01.1020260101\nGRHNWR0000102.100000000001\n".into(),
            &["CWR", "works"],
        ),
        (
            "store.db",
            [b"SQLite format 3\0".to_vec(), vec![1; 100]].concat(),
            &["SQLite", "Export"],
        ),
        (
            "detail.parquet",
            b"PAR1\x15\x04\x15\0\0\0".to_vec(),
            &["Parquet"],
        ),
        (
            "month.rar",
            b"Rar!\x1A\x07\x01\0\0\0".to_vec(),
            &["RAR", "Unpack"],
        ),
        (
            "zeros.csv",
            vec![0; 4096],
            &["zeros only", "Download it again"],
        ),
        (
            "mail.eml",
            "Return-Path: <a@b>\nFrom: A <a@b>\nTo: C\nSubject: Statement\n\nSee attached.\n"
                .into(),
            &["a mail", "attached"],
        ),
    ];
    for (name, content, words) in cases {
        let said = desk.refused(name, &content, words);
        assert!(
            !said.contains("no layout fits") && !said.contains("header"),
            "{name}: {said}"
        );
        // Packed it is the same kind of file.
        desk.refused(&format!("{name}.gz"), gzip(&content), words);
    }
}

#[test]
fn a_picture_in_an_archive_is_refused_by_itself() {
    let desk = Desk::new();
    let archive = zip(&[
        ("june.csv", GOOD.as_bytes()),
        ("cover.png", b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR"),
        ("letter.pdf", b"%PDF-1.4\n"),
    ]);
    let path = desk.file("month.zip", archive);
    let output = desk.reconcile(&[&path], &[]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("month.zip/cover.png")
            && said.contains("PNG")
            && said.contains("month.zip/letter.pdf")
            && said.contains("PDF"),
        "{said}"
    );
    assert_eq!(
        desk.money(),
        [("month.zip/june.csv".to_owned(), "2".to_owned())]
    );
}

#[test]
fn no_statement_has_a_kind() {
    let spectrum = std::fs::read_dir(root().join("tests/fixtures/csv-spectrum/csvs"))
        .unwrap()
        .map(|entry| entry.unwrap().path().display().to_string());
    let files: Vec<String> = sample_statements()
        .into_iter()
        .chain(spectrum.filter(|path| path.ends_with(".csv")))
        .collect();
    assert!(files.len() > 14, "{files:?}");
    for path in files {
        let content = std::fs::read(&path).unwrap();
        for found in [
            kind::of_bytes(&content),
            kind::of_text(&content),
            kind::of_dsr(&content),
        ] {
            assert_eq!(found, None, "{path}");
        }
    }
}

#[test]
fn a_refusal_says_which_line_was_taken_for_the_header_and_what_is_missing() {
    let desk = Desk::new();
    let said = desk.refused(
        "month.csv",
        UNKNOWN,
        &[
            "line 3 was taken for the header",
            "7 of its 7 cells are names",
            "“Kode”",
            "a money column",
            "ISRC, UPC or title",
        ],
    );
    assert!(!said.contains("nearest"), "{said}");
}

#[test]
fn the_command_that_a_refusal_names_writes_a_layout_that_reads_the_file() {
    let desk = Desk::new();
    for name in ["month.csv", "juni 2025 (it's ours).csv", "-odd $HOME.csv"] {
        let said = desk.refused(name, UNKNOWN, &["--layout layout.toml"]);
        let layout = desk.folder.path().join("layout.toml");
        let _ = std::fs::remove_file(&layout);
        let made = desk.shell(&command_in(&said));
        assert!(made.status.success(), "{name}: {}", text(&made.stderr));
        let path = desk.folder.path().join(name).display().to_string();
        let output = desk.reconcile(&[&path], &["--layout", &layout.display().to_string()]);
        assert!(
            output.status.success(),
            "{name}: {}\n{}",
            text(&output.stderr),
            std::fs::read_to_string(&layout).unwrap()
        );
        assert_eq!(desk.money(), [(name.to_owned(), "1.75".to_owned())]);
    }
}

#[test]
fn a_member_of_an_archive_is_named_in_the_command() {
    let desk = Desk::new();
    let path = desk.file(
        "month.zip",
        zip(&[
            ("good.csv", GOOD.as_bytes()),
            ("own/june 1.csv", UNKNOWN.as_bytes()),
        ]),
    );
    let output = desk.reconcile(&[&path], &[]);
    let command = command_in(&text(&output.stderr));
    assert!(command.contains("--member 'own/june 1.csv'"), "{command}");
    let made = desk.shell(&command);
    assert!(made.status.success(), "{}", text(&made.stderr));
    let layout = desk.folder.path().join("layout.toml").display().to_string();
    assert!(
        desk.reconcile(&[&path], &["--layout", &layout])
            .status
            .success()
    );
    assert_eq!(
        desk.money()
            .iter()
            .map(|(_, sum)| sum.as_str())
            .collect::<Vec<_>>(),
        ["2", "1.75"]
    );
}

#[test]
fn a_layout_is_never_written_over_without_being_told_to() {
    let desk = Desk::new();
    let (path, out) = (
        desk.file("month.csv", UNKNOWN),
        desk.file("layout.toml", "mine"),
    );
    let kept = run(&["layout", "new", &path, "--out", &out]);
    assert_eq!(kept.status.code(), Some(1));
    assert!(
        text(&kept.stderr).contains("--force"),
        "{}",
        text(&kept.stderr)
    );
    assert_eq!(std::fs::read_to_string(&out).unwrap(), "mine");
    run_well(&[
        "layout",
        "new",
        &path,
        "--out",
        &out,
        "--force",
        "--name",
        "Nordlicht Vertrieb",
    ]);
    let written = std::fs::read_to_string(&out).unwrap();
    assert!(
        written.contains("id = \"nordlicht-vertrieb\"")
            && written.contains("sender = \"Nordlicht Vertrieb\""),
        "{written}"
    );
    assert_eq!(
        text(&run_well(&["layout", "new", &path, "--name", "Nordlicht Vertrieb"]).stdout),
        written
    );
}

#[test]
fn a_layout_that_would_not_read_is_handed_out_with_exit_code_1() {
    let desk = Desk::new();
    let path = desk.file("plays.csv", "Kode;Werk\nNLA1Z2600123;Tidewater\n");
    let output = run(&["layout", "new", &path]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stderr).contains("no column of the file looks like money"),
        "{}",
        text(&output.stderr)
    );
    assert!(
        text(&output.stdout).contains("# [[amount]]"),
        "{}",
        text(&output.stdout)
    );
    let path = desk.file("ern.xml", ERN);
    let refused = run(&["layout", "new", &path]);
    assert!(
        refused.status.code() == Some(1)
            && refused.stdout.is_empty()
            && text(&refused.stderr).contains("ERN 4.3")
    );
}

#[test]
fn a_currency_that_nobody_says_is_asked_and_can_be_given() {
    let desk = Desk::new();
    let path = desk.file(
        "month.csv",
        UNKNOWN
            .replace(";Geldart", "")
            .replace(";EUR", "")
            .replace(";;;;;;", ";;;;;"),
    );
    let output = run_well(&["layout", "new", &path]);
    assert!(
        text(&output.stderr).contains("--currency month=EUR")
            && text(&output.stdout).contains("currency = \"ask\""),
        "{}",
        text(&output.stderr)
    );
    let layout = desk.file(
        "layout.toml",
        text(&run_well(&["layout", "new", &path, "--currency", "SEK"]).stdout),
    );
    assert!(
        desk.reconcile(&[&path], &["--layout", &layout])
            .status
            .success()
    );
    assert_eq!(summary(&desk.out())["totals"][0]["currency"], "SEK");
}

#[test]
fn read_unpacks_as_reconcile_does_and_refuses_what_is_no_text() {
    let desk = Desk::new();
    let plain = desk.file("june.csv", GOOD);
    let want = run_well(&["read", &plain]).stdout;
    for (name, packed) in [
        ("june.csv.gz", gzip(GOOD.as_bytes())),
        (
            "june.csv.zst",
            zstd::encode_all(GOOD.as_bytes(), 1).unwrap(),
        ),
        ("june.zip", zip(&[("june.csv", GOOD.as_bytes())])),
    ] {
        let path = desk.file(name, packed);
        assert_eq!(
            text(&run_well(&["read", &path]).stdout),
            text(&want),
            "{name}"
        );
    }
    let several = desk.file(
        "months.zip",
        zip(&[("june.csv", GOOD.as_bytes()), ("july.csv", b"a,b\n1,2\n")]),
    );
    let output = run(&["read", &several]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        output.stdout.is_empty()
            && said.contains("--member")
            && said.contains("june.csv")
            && said.contains("july.csv"),
        "{said}"
    );
    assert_eq!(
        text(&run_well(&["read", &several, "--member", "july.csv"]).stdout),
        "a,b\n1,2\n"
    );
    let noise: Vec<u8> = (0..2000u32).map(|n| (n * 7919 % 251) as u8).collect();
    for (name, content, word) in [
        ("a.pdf", b"%PDF-1.7\n".to_vec(), "PDF"),
        ("b.gz", gzip(b"\x89PNG\r\n\x1A\n"), "PNG"),
        ("c.bin", noise, "binary"),
    ] {
        let path = desk.file(name, content);
        let output = run(&["read", &path]);
        let said = text(&output.stderr);
        assert!(
            output.status.code() == Some(1) && output.stdout.is_empty() && said.contains(word),
            "{name}: {said}"
        );
    }
}

#[test]
fn a_catalog_with_names_in_the_second_line_is_read() {
    let desk = Desk::new();
    let catalog = "Mandatory,Mandatory,Mandatory,Mandatory,Mandatory,Optional\n\
        LabelName,AlbumEAN_UPC,AlbumArtist,ISRC,TrackTitle,TrackArtist\n\
        Northline,0724384960650,Various,NLA1Z2600123,Tidewater,Mara Ellis\n";
    let (path, good) = (
        desk.file("template.csv", catalog),
        desk.file("good.csv", GOOD),
    );
    let (workspace, out) = (
        desk.folder.path().join("workspace").display().to_string(),
        desk.out().display().to_string(),
    );
    let said = text(&run_well(&["catalog", "import", &path, "--workspace", &workspace]).stdout);
    assert!(said.contains('1'), "{said}");
    run_well(&[
        "reconcile",
        "--workspace",
        &workspace,
        "--statement",
        &good,
        "--out",
        &out,
        "--lines",
    ]);
    let lines = rows(&desk.out().join("lines.csv"));
    assert_eq!(
        (lines[0][2].as_str(), lines[1][2].as_str()),
        ("matched", "unmatched"),
        "{lines:?}"
    );
    assert!(
        lines[0]
            .iter()
            .any(|cell| cell == "NLA1Z2600123-00724384960650"),
        "{lines:?}"
    );
}

#[test]
fn a_catalog_that_is_none_is_named() {
    let desk = Desk::new();
    let workspace = desk.folder.path().join("workspace").display().to_string();
    let cases: [(&str, &[u8], &[&str]); 4] = [
        (
            "ern.xml",
            ERN.as_bytes(),
            &["XML release message (ERN 4.3)", "CSV", "one row for each"],
        ),
        ("dsr.tsv", DSR.as_bytes(), &["DDEX DSR flat file", "CSV"]),
        ("catalog.pdf", b"%PDF-1.7\n", &["PDF", "CSV"]),
        (
            "names.csv",
            b"colour,shape\nred,round\n",
            &[
                "“isrc”",
                "“track_title”",
                "the first line is “colour,shape”",
            ],
        ),
    ];
    for (name, content, words) in cases {
        let path = desk.file(name, content);
        let output = run(&["catalog", "import", &path, "--workspace", &workspace]);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{name}: {said}");
        for word in words.iter().chain([&name]) {
            assert!(
                said.contains(word),
                "{name}: the message lacks {word:?}: {said}"
            );
        }
    }
}

#[test]
fn a_workspace_copied_without_its_lock_file_opens() {
    let desk = Desk::new();
    let workspace = desk.folder.path().join("workspace");
    let (path, out, good) = (
        workspace.display().to_string(),
        desk.out().display().to_string(),
        desk.file("good.csv", GOOD),
    );
    run_well(&[
        "reconcile",
        "--catalog",
        &desk.catalog,
        "--workspace",
        &path,
        "--statement",
        &good,
        "--out",
        &out,
    ]);
    let lock = workspace.join("ledgerline.lock");
    std::fs::remove_file(&lock).unwrap();
    run_well(&["audit", "verify", "--workspace", &path]);
    assert!(!lock.exists(), "an audit writes nothing");
    let listed = text(&run_well(&["statement", "list", "--workspace", &path]).stdout);
    assert!(listed.contains("good.csv"), "{listed}");
    assert!(
        lock.exists(),
        "a workspace that is opened has its lock again"
    );
    // A folder with something of that name is no workspace yet.
    for foreign in [&["journal.jsonl"][..], &["db/CURRENT"], &["notes.txt"]] {
        let folder = desk.folder.path().join("foreign");
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(folder.join("db")).unwrap();
        for name in foreign {
            std::fs::write(folder.join(name), "x").unwrap();
        }
        let path = folder.display().to_string();
        for arguments in [
            ["statement", "list", "--workspace", &path],
            ["audit", "verify", "--workspace", &path],
        ] {
            let refused = run(&arguments);
            assert!(
                refused.status.code() == Some(1)
                    && text(&refused.stderr).contains("not a workspace"),
                "{foreign:?}: {}",
                text(&refused.stderr)
            );
        }
        assert!(!folder.join("ledgerline.lock").exists());
    }
}
