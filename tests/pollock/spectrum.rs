//! The twelve files of csv-spectrum: what is read equals what their JSON twins say.

use std::fs;
use std::path::PathBuf;

use ledgerline::statement::records::{Dialect, RecordEnd, read_rows};
use serde_json::{Map, Value};

/// The CSV and the JSON of this file differ in this cell; not the reader's fault.
const KNOWN_MISMATCH: (&str, &str) = ("location_coordinates", "Contact Phone Number");

#[test]
fn csv_spectrum_is_read_as_its_json_says() {
    let names = names();
    assert_eq!(names.len(), 12);
    for name in names {
        let mut read = objects(&fixture(&format!("csvs/{name}.csv")));
        let mut want = answers(&fixture(&format!("json/{name}.json")));
        if name == KNOWN_MISMATCH.0 {
            for object in read.iter_mut().chain(&mut want) {
                assert!(
                    object.remove(KNOWN_MISMATCH.1).is_some(),
                    "{name} has the column that is skipped"
                );
            }
        }
        assert_eq!(read, want, "{name}");
    }
}

/// The objects of a JSON file; one alone may stand without a list around it.
fn answers(text: &[u8]) -> Vec<Map<String, Value>> {
    let answers = match serde_json::from_slice(text).expect("the answers are JSON") {
        Value::Array(answers) => answers,
        answer => vec![answer],
    };
    answers
        .into_iter()
        .map(|answer| answer.as_object().expect("an answer is an object").clone())
        .collect()
}

/// The rows under the first one, keyed by its cells.
fn objects(text: &[u8]) -> Vec<Map<String, Value>> {
    let dialect = Dialect {
        delimiter: b",".to_vec(),
        quote: Some(b'"'),
        escape: Some(b'"'),
        record_end: RecordEnd::Auto,
        preamble: 0,
        columns: None,
    };
    let rows = read_rows(text, &dialect).rows;
    let (header, records) = rows.split_first().expect("every file has a header");
    let string = |cell: &Vec<u8>| String::from_utf8(cell.clone()).expect("the files are UTF-8");
    records
        .iter()
        .map(|record| {
            assert_eq!(
                record.len(),
                header.len(),
                "every row is as wide as the header"
            );
            header
                .iter()
                .zip(record)
                .map(|(name, cell)| (string(name), Value::String(string(cell))))
                .collect()
        })
        .collect()
}

fn names() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder().join("csvs"))
        .expect("the files are in the repository")
        .map(|entry| entry.expect("the folder can be read").path())
        .filter_map(|path| {
            path.file_stem()
                .and_then(|stem| stem.to_str())
                .map(str::to_owned)
        })
        .collect();
    names.sort();
    names
}

fn fixture(path: &str) -> Vec<u8> {
    fs::read(folder().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn folder() -> PathBuf {
    crate::support::root().join("tests/fixtures/csv-spectrum")
}
