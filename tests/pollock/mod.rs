//! The polluted-CSV benchmark, with the dialect given: 2,290 broken files and the rows that should come out of them.
//!
//! The published scores hardly move when a few rows are lost, so there is a strict measure beside them: in the 2,268 files with one
//! damaged row, every other row comes out cell by cell, and the damaged one is flagged with its line and its bytes. A reader without
//! the rule of `statement::records` fails both; a test makes sure of it.
//!
//! The clean files have a header of several rows as one row. `header_lines` of the parameters says how many those are, and they
//! are joined here, on the way to the score; the reader returns them as they stand in the file.

mod corpus;
mod score;
mod spectrum;

use ledgerline::statement::records::{Dialect, Flag, ReadRows, RecordEnd, read_rows};

use self::corpus::{Case, Row, cases, for_each_case};
use self::score::score;

const SIMPLE_GATE: f64 = 9.966;
const WEIGHTED_GATE: f64 = 9.92;
const FILES: usize = 2_290;
const DAMAGED_FILES: usize = 2_268;

#[test]
fn the_corpus_is_complete() {
    assert_eq!(cases().len(), FILES);
    assert_eq!(
        cases()
            .iter()
            .filter(|case| case.damaged_row.is_some())
            .count(),
        DAMAGED_FILES
    );
    let weight: f64 = cases().iter().map(|case| case.weight).sum();
    assert!(
        (weight - 4_450.148_515).abs() < 1e-6,
        "the weights add up to {weight}"
    );
}

#[test]
fn scores_reach_the_gates() {
    let scores = Scores::of(|case| read(case).rows);
    let unjoined = Scores::of_unjoined(|case| read(case).rows);
    println!("dialect given: {scores}; with the rows of a header left apart: {unjoined}");
    assert!(
        scores.simple >= SIMPLE_GATE,
        "{scores}, the gate is {SIMPLE_GATE} simple"
    );
    assert!(
        scores.weighted >= WEIGHTED_GATE,
        "{scores}, the gate is {WEIGHTED_GATE} weighted"
    );
}

#[test]
fn every_damaged_row_is_flagged_and_no_other_row_is_altered() {
    let damage = Damage::of(read);
    assert_eq!(damage.files, DAMAGED_FILES);
    assert!(
        damage.altered.is_empty(),
        "undamaged rows lost or altered in {:?}",
        damage.altered
    );
    assert!(
        damage.unflagged.is_empty(),
        "damaged rows without a flag in {:?}",
        damage.unflagged
    );
    assert!(
        damage.false_alarms.is_empty(),
        "undamaged rows flagged in {:?}",
        damage.false_alarms
    );
}

#[test]
fn files_with_crlf_give_the_same_rows_and_flags() {
    let differing: Vec<&str> = for_each_case(|case| {
        let twin = read_rows(&case.text_with_crlf(), &case.dialect);
        let original = read(case);
        twin.rows == original.rows
            && twin
                .flags
                .iter()
                .map(place)
                .eq(original.flags.iter().map(place))
    })
    .into_iter()
    .zip(cases())
    .filter(|(is_same, _)| !is_same)
    .map(|(_, case)| case.name.as_str())
    .collect();
    assert!(differing.is_empty(), "line ends matter in {differing:?}");
}

#[test]
fn a_reader_without_the_rule_fails_the_gates() {
    let read_plainly = |case: &Case| ReadRows {
        rows: rows_of_the_csv_crate(case),
        flags: Vec::new(),
    };
    let scores = Scores::of(|case| read_plainly(case).rows);
    let unjoined = Scores::of_unjoined(|case| read_plainly(case).rows);
    let damage = Damage::of(read_plainly);
    let altered = damage.altered.len();
    println!(
        "csv crate, dialect given: {scores}; with the rows of a header left apart: {unjoined}; {altered} files with rows lost or altered"
    );
    let is_near = |one: f64, other: f64| (one - other).abs() < 0.001;
    assert!(
        is_near(unjoined.simple, 9.955) && is_near(unjoined.weighted, 9.750),
        "what this reader is known to score: {unjoined}"
    );
    assert!(
        scores.simple < SIMPLE_GATE && scores.weighted < WEIGHTED_GATE,
        "{scores}"
    );
    assert!(
        !damage.altered.is_empty(),
        "the strict measure finds nothing wrong with a reader that loses rows"
    );
    assert_eq!(
        damage.unflagged.len(),
        DAMAGED_FILES,
        "a reader that flags nothing passes for one that does"
    );
}

/// No file of the corpus reaches the conditions under which lines are joined; each of them has its case here.
#[test]
fn lines_are_joined_only_when_no_row_can_be_swallowed() {
    // What is tested, the text, the rows of three columns with `|` between cells, the indices of the flagged rows.
    let cases: [(&str, &str, &[&str], &[u64]); 4] = [
        (
            "a cell over several lines is one cell",
            "1,\"x\n\ny\",3\n4,5,6\n",
            &["1|x\n\ny|3", "4|5|6"],
            &[],
        ),
        (
            "a line that is a row by itself is never joined",
            "1,\"x\n4,5,6\ny\",3\n",
            &["1|\"x", "4|5|6", "y\"|3"],
            &[0, 2],
        ),
        (
            "two stray quotes do not make one row of two",
            "a,b,\"\nc,d,\"\ne,f,g\n",
            &["a|b|\"", "c|d|\"", "e|f|g"],
            &[0, 1],
        ),
        (
            "lines joined must give the known number of cells",
            "1,\"x\ny\"\n7,8,9\n",
            &["1|\"x", "y\"", "7|8|9"],
            &[0, 1],
        ),
    ];
    let dialect = Dialect {
        delimiter: b",".to_vec(),
        quote: Some(b'"'),
        escape: Some(b'"'),
        record_end: RecordEnd::Auto,
        preamble: 0,
        columns: Some(3),
    };
    for (what, text, want_rows, want_flagged) in cases {
        let read = read_rows(text.as_bytes(), &dialect);
        let rows: Vec<String> = read
            .rows
            .iter()
            .map(|row| String::from_utf8_lossy(&row.join(&b'|')).into_owned())
            .collect();
        let mut flagged: Vec<u64> = read.flags.iter().map(|flag| flag.row).collect();
        flagged.dedup();
        assert_eq!(
            (rows, flagged.as_slice()),
            (
                want_rows.iter().map(|&row| row.to_owned()).collect(),
                want_flagged
            ),
            "{what}"
        );
    }
}

/// The reader under test.
fn read(case: &Case) -> ReadRows {
    read_rows(&case.text, &case.dialect)
}

/// Another reader, told to accept rows of any length.
fn rows_of_the_csv_crate(case: &Case) -> Vec<Row> {
    let dialect = &case.dialect;
    let mut builder = csv::ReaderBuilder::new();
    builder
        .has_headers(false)
        .flexible(true)
        .delimiter(dialect.delimiter[0])
        .quoting(dialect.quote.is_some());
    builder.quote(dialect.quote.unwrap_or(b'"'));
    builder.double_quote(dialect.escape == dialect.quote);
    builder.escape(dialect.escape.filter(|_| dialect.escape != dialect.quote));
    if dialect.delimiter.len() > 1 {
        // It knows separators of one byte only; the blank of ", " has to be trimmed.
        builder.trim(csv::Trim::Fields);
    }
    if dialect.record_end == RecordEnd::Cr {
        builder.terminator(csv::Terminator::Any(b'\r'));
    }
    builder
        .from_reader(case.text.as_slice())
        .byte_records()
        .skip(dialect.preamble)
        .map(|record| {
            record
                .expect("a flexible reader of bytes refuses nothing")
                .iter()
                .map(<[u8]>::to_vec)
                .collect()
        })
        .collect()
}

/// The two published scores, at most 10 each.
struct Scores {
    /// The mean over all files.
    simple: f64,
    /// The mean weighted by how often each pollution was met.
    weighted: f64,
}

impl Scores {
    fn of(read: impl Fn(&Case) -> Vec<Row> + Sync) -> Self {
        Self::of_unjoined(|case| {
            let rows = read(case);
            if case.header_rows > 1 {
                with_one_header_row(&rows, case.header_rows)
            } else {
                rows
            }
        })
    }

    fn of_unjoined(read: impl Fn(&Case) -> Vec<Row> + Sync) -> Self {
        let scores = for_each_case(|case| (score(&case.clean, &read(case)), case.weight));
        let files: f64 = scores.iter().map(|_| 1.0).sum();
        let weights: f64 = scores.iter().map(|(_, weight)| weight).sum();
        Self {
            simple: scores.iter().map(|(score, _)| score).sum::<f64>() / files,
            weighted: scores
                .iter()
                .map(|(score, weight)| score * weight)
                .sum::<f64>()
                / weights,
        }
    }
}

impl std::fmt::Display for Scores {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "simple {:.4}, weighted {:.4}",
            self.simple, self.weighted
        )
    }
}

/// The first rows as one: its cells are those of each column, joined with a blank.
fn with_one_header_row(rows: &[Row], header_rows: usize) -> Vec<Row> {
    let (header, records) = rows.split_at(header_rows.min(rows.len()));
    let columns = header.iter().map(Vec::len).min().unwrap_or(0);
    let joined = (0..columns)
        .map(|column| {
            header
                .iter()
                .map(|row| row[column].as_slice())
                .collect::<Vec<_>>()
                .join(&b' ')
        })
        .collect();
    std::iter::once(joined)
        .chain(records.iter().cloned())
        .collect()
}

/// The strict measure: names of the files in which something went wrong.
struct Damage {
    /// Files looked at.
    files: usize,
    /// A row other than the damaged one is lost or altered.
    altered: Vec<String>,
    /// The damaged row is not flagged with its line and its bytes.
    unflagged: Vec<String>,
    /// Another row than the damaged one is flagged.
    false_alarms: Vec<String>,
}

impl Damage {
    fn of(read: impl Fn(&Case) -> ReadRows + Sync) -> Self {
        let findings: Vec<(String, Finding)> = for_each_case(|case| {
            let damaged_row = case.damaged_row?;
            Some((
                case.name.clone(),
                Finding::of(case, damaged_row, &read(case)),
            ))
        })
        .into_iter()
        .flatten()
        .collect();
        let names = |has: fn(&Finding) -> bool| {
            findings
                .iter()
                .filter(|(_, finding)| has(finding))
                .map(|(name, _)| name.clone())
                .collect()
        };
        Self {
            files: findings.len(),
            altered: names(|finding| finding.is_altered),
            unflagged: names(|finding| !finding.is_flagged),
            false_alarms: names(|finding| finding.is_false_alarm),
        }
    }
}

struct Finding {
    is_altered: bool,
    is_flagged: bool,
    is_false_alarm: bool,
}

impl Finding {
    fn of(case: &Case, damaged_row: usize, read: &ReadRows) -> Self {
        let is_same = |index: usize| index == damaged_row || read.rows[index] == case.clean[index];
        let (offset, raw) = case
            .line(damaged_row)
            .expect("the damaged row is in the file");
        let want = (number(damaged_row), number(damaged_row) + 1, raw);
        let is_it = |flag: &Flag| place(flag) == want && flag.byte_offset == number(offset);
        Self {
            is_altered: read.rows.len() != case.clean.len() || !(0..case.clean.len()).all(is_same),
            is_flagged: read.flags.iter().any(is_it),
            is_false_alarm: read.flags.iter().any(|flag| !is_it(flag)),
        }
    }
}

/// Where a flag points: row, line and bytes.
fn place(flag: &Flag) -> (u64, u64, &[u8]) {
    (flag.row, flag.line, &flag.raw)
}

fn number(index: usize) -> u64 {
    u64::try_from(index).expect("an index fits into 64 bits")
}
