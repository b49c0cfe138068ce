//! How the benchmark scores what a reader made of a file: ten numbers between 0 and 1, added.
//!
//! Success, then precision, recall and their harmonic mean for the header, the records and the cells, all as bags. The benchmark
//! divides the shared part by the clean file for "precision" and by the loaded one for "recall"; it is reproduced as it is.
//! The scores are ratios, not money, hence the floating point.

use std::collections::HashMap;
use std::hash::Hash;

use super::corpus::Row;

/// The score of one file, at most 10.
pub(super) fn score(clean: &[Row], loaded: &[Row]) -> f64 {
    const SUCCESS: f64 = 1.0;
    let Some((header, records)) = clean.split_first() else {
        return 10.0;
    };
    let (loaded_header, loaded_records) = loaded
        .split_first()
        .map_or((&[][..], &[][..]), |(first, rest)| (first.as_slice(), rest));
    SUCCESS
        + header_score(header, loaded_header)
        + record_score(records, loaded_records)
        + cell_score(clean, loaded)
}

fn header_score(clean: &[Vec<u8>], loaded: &[Vec<u8>]) -> f64 {
    let normalized =
        |cells: &[Vec<u8>]| cells.iter().map(|cell| normalize(cell)).collect::<Vec<_>>();
    three_measures(
        shared(normalized(clean), normalized(loaded)),
        clean.len(),
        loaded.len(),
    )
}

/// A record is its normalized cells in one string without separators, so that a shifted column goes unseen.
fn record_score(clean: &[Row], loaded: &[Row]) -> f64 {
    let joined = |rows: Vec<&Row>| {
        rows.into_iter()
            .map(|row| row.iter().map(|cell| normalize(cell)).collect::<String>())
            .collect()
    };
    let apart = Apart::of(clean, loaded);
    let shared: usize =
        apart.equal_rows + shared::<String>(joined(apart.clean), joined(apart.loaded));
    three_measures(shared, clean.len(), loaded.len())
}

/// Cells are compared as they are.
fn cell_score(clean: &[Row], loaded: &[Row]) -> f64 {
    let cells = |rows: Vec<&Row>| rows.into_iter().flatten().cloned().collect();
    let count = |rows: &[Row]| rows.iter().map(Vec::len).sum();
    let apart = Apart::of(clean, loaded);
    let shared: usize =
        apart.equal_cells + shared::<Vec<u8>>(cells(apart.clean), cells(apart.loaded));
    three_measures(shared, count(clean), count(loaded))
}

/// Two lists of rows without the rows that are equal in the same place: those are in both bags and need no further counting.
struct Apart<'a> {
    equal_rows: usize,
    equal_cells: usize,
    clean: Vec<&'a Row>,
    loaded: Vec<&'a Row>,
}

impl<'a> Apart<'a> {
    fn of(clean: &'a [Row], loaded: &'a [Row]) -> Self {
        let mut apart = Self {
            equal_rows: 0,
            equal_cells: 0,
            clean: Vec::new(),
            loaded: Vec::new(),
        };
        for index in 0..clean.len().max(loaded.len()) {
            match (clean.get(index), loaded.get(index)) {
                (Some(one), Some(other)) if one == other => {
                    apart.equal_rows += 1;
                    apart.equal_cells += one.len();
                }
                (one, other) => {
                    apart.clean.extend(one);
                    apart.loaded.extend(other);
                }
            }
        }
        apart
    }
}

/// The number of members two bags share.
fn shared<T: Eq + Hash>(one: Vec<T>, other: Vec<T>) -> usize {
    let mut counts: HashMap<T, usize> = HashMap::new();
    for member in one {
        *counts.entry(member).or_default() += 1;
    }
    let mut shared = 0;
    for member in other {
        if let Some(count) = counts.get_mut(&member).filter(|count| **count > 0) {
            *count -= 1;
            shared += 1;
        }
    }
    shared
}

fn three_measures(shared: usize, clean: usize, loaded: usize) -> f64 {
    let exact = |count: usize| {
        f64::from(u32::try_from(count).expect("a file of the benchmark has a few thousand cells"))
    };
    if clean == 0 {
        return 3.0;
    }
    if shared == 0 {
        return 0.0;
    }
    let precision = exact(shared) / exact(clean);
    let recall = exact(shared) / exact(loaded);
    precision + recall + 2.0 * precision * recall / (precision + recall)
}

/// A cell in the form in which headers and records are compared.
///
/// The benchmark tries truth values, whole numbers, decimal numbers, times, dates and prices in this order, and takes lower case for
/// the rest. Its guesses at dates go further than the forms that occur in its files; only those are rebuilt here.
fn normalize(cell: &[u8]) -> String {
    let text = String::from_utf8_lossy(cell);
    let value = text.trim();
    if value.is_empty() {
        return text.into_owned();
    }
    truth_value(value)
        .or_else(|| whole_number(value))
        .or_else(|| decimal_number(value))
        .or_else(|| time(value))
        .or_else(|| date(value))
        .or_else(|| price(value))
        .unwrap_or_else(|| text.to_lowercase())
}

fn truth_value(value: &str) -> Option<String> {
    let normalized = match value {
        "True" | "true" | "1" => "1",
        "False" | "false" | "0" => "0",
        _ => match whole_number(value)?.as_str() {
            "1" => "True",
            "0" => "False",
            _ => return None,
        },
    };
    Some(normalized.to_owned())
}

fn whole_number(value: &str) -> Option<String> {
    let (sign, digits) = signed(value);
    is_digits(digits).then(|| format!("{sign}{}", without_leading_zeros(digits)))
}

fn decimal_number(value: &str) -> Option<String> {
    let (sign, rest) = signed(value);
    let (whole, fraction) = rest.split_once('.')?;
    let is_number = is_digits(&format!("{whole}{fraction}"));
    is_number.then(|| {
        format!(
            "{sign}{}.{}",
            without_leading_zeros(whole),
            without_trailing_zeros(fraction)
        )
    })
}

fn time(value: &str) -> Option<String> {
    let parts: Vec<&str> = value.split(':').collect();
    let (hour, minute, second) = match parts.as_slice() {
        [hour, minute] => (*hour, *minute, "00"),
        [hour, minute, second] => (*hour, *minute, *second),
        _ => return None,
    };
    let hour = up_to_two_digits(hour).filter(|&hour| hour < 24)?;
    let minute = up_to_two_digits(minute).filter(|&minute| minute < 60)?;
    let second = up_to_two_digits(second).filter(|&second| second < 60)?;
    Some(format!("{hour:02}:{minute:02}:{second:02}"))
}

/// Month first, unless that cannot be.
fn date(value: &str) -> Option<String> {
    let mut parts = value.split('/');
    let (first, second, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 || !is_digits(year) {
        return None;
    }
    let (first, second) = (up_to_two_digits(first)?, up_to_two_digits(second)?);
    let (month, day) = if first > 12 {
        (second, first)
    } else {
        (first, second)
    };
    let is_date = (1..=12).contains(&month) && (1..=31).contains(&day);
    is_date.then(|| format!("{year}-{month:02}-{day:02} 00:00:00"))
}

/// A dollar sign and the number behind it, wherever they stand in the cell.
fn price(value: &str) -> Option<String> {
    let (_, behind) = value.split_once('$')?;
    let behind = behind.trim_start();
    let whole_len = behind.bytes().take_while(u8::is_ascii_digit).count();
    let (whole, rest) = behind.split_at(whole_len);
    let fraction_len = rest.strip_prefix('.').map_or(0, |rest| {
        rest.bytes().take_while(u8::is_ascii_digit).count()
    });
    let fraction = if fraction_len == 0 {
        ""
    } else {
        &rest[1..=fraction_len]
    };
    (whole_len > 0).then(|| {
        format!(
            "${}.{}",
            without_leading_zeros(whole),
            without_trailing_zeros(fraction)
        )
    })
}

fn signed(value: &str) -> (&str, &str) {
    match value.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", value.strip_prefix('+').unwrap_or(value)),
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn up_to_two_digits(text: &str) -> Option<u8> {
    if text.len() <= 2 && is_digits(text) {
        text.parse().ok()
    } else {
        None
    }
}

/// At least one digit stays.
fn without_leading_zeros(digits: &str) -> &str {
    let trimmed = digits.trim_start_matches('0');
    if trimmed.is_empty() { "0" } else { trimmed }
}

/// At least one digit stays.
fn without_trailing_zeros(digits: &str) -> &str {
    let trimmed = digits.trim_end_matches('0');
    if trimmed.is_empty() { "0" } else { trimmed }
}

#[test]
fn cells_are_normalized_as_the_benchmark_does() {
    let cases = [
        ("", ""),
        ("1", "1"),
        ("false", "0"),
        ("01", "True"),
        ("012", "12"),
        ("-3.50", "-3.5"),
        ("7.00", "7.0"),
        ("9:05", "09:05:00"),
        ("28/01/2018", "2018-01-28 00:00:00"),
        ("01/02/2018", "2018-01-02 00:00:00"),
        ("$48.00", "$48.0"),
        ("$72", "$72.0"),
        ("MG-8769", "mg-8769"),
        ("Kids' Hat", "kids' hat"),
    ];
    for (cell, want) in cases {
        assert_eq!(normalize(cell.as_bytes()), want, "{cell:?}");
    }
}

#[test]
fn shared_members_are_counted_as_in_bags() {
    assert_eq!(shared(vec!["a", "a", "b"], vec!["a", "c", "a", "a"]), 2);
    assert_eq!(shared::<&str>(vec![], vec!["a"]), 0);
}

#[test]
fn a_file_loaded_as_it_should_be_scores_ten() {
    let rows: Vec<Row> = vec![
        vec![b"a".to_vec(), b"b".to_vec()],
        vec![b"1".to_vec(), b"2".to_vec()],
    ];
    let is_near = |one: f64, other: f64| (one - other).abs() < 1e-9;
    assert!(is_near(score(&rows, &rows), 10.0));
    assert!(
        is_near(score(&[], &rows), 10.0),
        "nothing can be missed in an empty file"
    );
    assert!(is_near(score(&rows, &[]), 1.0), "only success is left");
    assert!(is_near(
        score(&rows, &rows[..1]),
        1.0 + 3.0 + 0.5 + 1.0 + 2.0 / 3.0
    ));
}
