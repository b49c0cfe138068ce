//! The packed benchmark into cases: a polluted text, what should come out of it, the dialect it is said to have.
//!
//! Everything stays in memory; nothing is written to disk, so nothing is left behind.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use ledgerline::statement::records::{Dialect, RecordEnd};
use serde_json::Value;

/// The cells of one row.
pub(super) type Row = Vec<Vec<u8>>;

/// One file of the benchmark.
pub(super) struct Case {
    pub(super) name: String,
    /// The polluted file.
    pub(super) text: Vec<u8>,
    /// The rows that should come out of it, header first.
    pub(super) clean: Arc<Vec<Row>>,
    pub(super) dialect: Dialect,
    /// Rows the header takes up; the clean file has them as one.
    pub(super) header_rows: usize,
    /// How often this pollution was met in the survey.
    pub(super) weight: f64,
    /// 0-based index of the one row that was damaged, in files named `row_…`.
    pub(super) damaged_row: Option<usize>,
}

impl Case {
    /// The polluted file with CRLF at the end of its lines; the file that has CR alone stays as it is.
    pub(super) fn text_with_crlf(&self) -> Vec<u8> {
        let mut twin = Vec::with_capacity(self.text.len() + 256);
        for &byte in &self.text {
            if byte == b'\n' {
                twin.push(b'\r');
            }
            twin.push(byte);
        }
        twin
    }

    /// The physical line with this 0-based index and its offset in bytes, without its line end.
    pub(super) fn line(&self, index: usize) -> Option<(usize, &[u8])> {
        let mut offset = 0;
        for (number, line) in self.text.split(|&byte| byte == b'\n').enumerate() {
            if number == index {
                return Some((offset, line));
            }
            offset += line.len() + 1;
        }
        None
    }
}

/// All files of the benchmark, by name.
pub(super) fn cases() -> &'static [Case] {
    static CASES: OnceLock<Vec<Case>> = OnceLock::new();
    CASES.get_or_init(load)
}

/// Runs `work` on all files, on all cores, and returns what it gave in the order of the files.
pub(super) fn for_each_case<T: Send>(work: impl Fn(&Case) -> T + Sync) -> Vec<T> {
    let cases = cases();
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let work = &work;
    std::thread::scope(|scope| {
        let parts: Vec<_> = cases
            .chunks(cases.len().div_ceil(threads).max(1))
            .map(|part| scope.spawn(move || part.iter().map(work).collect::<Vec<T>>()))
            .collect();
        parts
            .into_iter()
            .flat_map(|part| {
                part.join()
                    .expect("a worker panicked, its message is above")
            })
            .collect()
    })
}

fn load() -> Vec<Case> {
    let mut files = unpack();
    let weights = weights();
    let mut known_answers = HashMap::new();
    let names: Vec<String> = files
        .keys()
        .filter_map(|path| path.strip_prefix("csv/").map(str::to_owned))
        .collect();
    names
        .into_iter()
        .map(|name| {
            let parameters = take(&mut files, &format!("parameters/{name}_parameters.json"));
            let parameters: Value =
                serde_json::from_slice(&parameters).expect("the parameters are JSON");
            let answer = take(&mut files, &format!("clean/{name}"));
            Case {
                text: take(&mut files, &format!("csv/{name}")),
                clean: Arc::clone(
                    known_answers
                        .entry(answer)
                        .or_insert_with_key(|answer| Arc::new(well_formed_rows(answer))),
                ),
                dialect: dialect(&parameters),
                header_rows: number(&parameters, "header_lines"),
                weight: weight(&weights, &name),
                damaged_row: damaged_row(&name),
                name,
            }
        })
        .collect()
}

/// Path in the archive → content.
fn unpack() -> BTreeMap<String, Vec<u8>> {
    let packed =
        File::open(fixture("polluted_files.tar.zst")).expect("the corpus is in the repository");
    let mut unpacked = zstd::stream::read::Decoder::new(packed).expect("the corpus is zstd");
    unpacked
        .window_log_max(31)
        .expect("31 is the largest window there is");
    let mut archive = tar::Archive::new(unpacked);
    let mut files = BTreeMap::new();
    for entry in archive.entries().expect("the corpus is a tar file") {
        let mut entry = entry.expect("the corpus is complete");
        let path = String::from_utf8(entry.path_bytes().into_owned()).expect("names are ASCII");
        let mut content = Vec::new();
        entry
            .read_to_end(&mut content)
            .expect("the corpus is complete");
        files.insert(path, content);
    }
    files
}

fn fixture(name: &str) -> PathBuf {
    crate::support::root()
        .join("tests/fixtures/pollock")
        .join(name)
}

fn take(files: &mut BTreeMap<String, Vec<u8>>, path: &str) -> Vec<u8> {
    files
        .remove(path)
        .unwrap_or_else(|| panic!("the corpus has no {path}"))
}

/// The answers are well formed, so another reader than the one under test can read them.
fn well_formed_rows(text: &[u8]) -> Vec<Row> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text);
    reader
        .byte_records()
        .map(|record| {
            record
                .expect("the answers are well formed")
                .iter()
                .map(<[u8]>::to_vec)
                .collect()
        })
        .collect()
}

/// The dialect as the benchmark gives it. An empty value stands for "none"; a file without any text has no separator either.
fn dialect(parameters: &Value) -> Dialect {
    let text = |key: &str| {
        parameters[key]
            .as_str()
            .expect("the parameters are complete")
            .as_bytes()
    };
    let delimiter = text("delimiter");
    Dialect {
        delimiter: if delimiter.is_empty() {
            b",".to_vec()
        } else {
            delimiter.to_vec()
        },
        quote: text("quotechar").first().copied(),
        escape: text("escapechar").first().copied(),
        // The files have LF where the parameters say CRLF.
        record_end: if text("row_delimiter") == b"\r" {
            RecordEnd::Cr
        } else {
            RecordEnd::Auto
        },
        preamble: number(parameters, "preamble_lines"),
        columns: Some(number(parameters, "n_columns")).filter(|&columns| columns > 0),
    }
}

fn number(parameters: &Value, key: &str) -> usize {
    let number = parameters[key]
        .as_u64()
        .expect("the parameters are complete");
    usize::try_from(number).expect("counts of rows and columns are small")
}

fn weights() -> BTreeMap<String, f64> {
    let text = std::fs::read(fixture("weights.json")).expect("the weights are in the repository");
    serde_json::from_slice(&text).expect("the weights are an object of numbers")
}

/// A name that ends in `*` stands for all files that begin so.
fn weight(weights: &BTreeMap<String, f64>, name: &str) -> f64 {
    let matches = |pattern: &str| {
        pattern
            .strip_suffix('*')
            .map_or(pattern == name, |start| name.starts_with(start))
    };
    let mut found = weights
        .iter()
        .filter(|(pattern, _)| matches(pattern))
        .map(|(_, &weight)| weight);
    let weight = found
        .next()
        .unwrap_or_else(|| panic!("no weight for {name}"));
    assert!(found.next().is_none(), "more than one weight for {name}");
    weight
}

fn damaged_row(name: &str) -> Option<usize> {
    const FAMILIES: [&str; 4] = [
        "row_extra_quote",
        "row_less_sep_row",
        "row_more_sep_row",
        "row_field_delimiter_",
    ];
    let rest = FAMILIES
        .iter()
        .find_map(|family| name.strip_prefix(family))?;
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    Some(
        digits
            .parse()
            .expect("the name of a damaged file holds its row"),
    )
}
