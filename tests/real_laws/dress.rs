//! One statement in any dress: separator, marks, orders, empty columns, quotes, line ends, encoding and packing change nothing of it.

use std::path::Path;

use ledgerline::statement::ReadOptions;
use ledgerline::statement::likeness::RowStanding;
use proptest::prelude::*;

use super::sheet::{
    AMOUNT, ARTIST, Dress, Encoding, PLAIN, Row, TITLE, make, named, read_back, records, shuffled,
    written,
};
use super::{ONE_WAY, WAYS, comes_to, decimal, imported, same};
use crate::oracle::described::{Exact, number};
use crate::support::{file, run, summary, text};

fn dress() -> impl Strategy<Value = Dress> {
    let numbers = prop_oneof![
        3 => Just(('.', None, false)),
        3 => Just((',', None, false)),
        1 => Just(('.', Some(','), false)),
        1 => Just((',', Some('.'), false)),
        1 => prop::sample::select(&[' ', '\'', '’', '\u{A0}', '\u{202F}'][..]).prop_map(|group| ('.', Some(group), false)),
        1 => prop::sample::select(&[' ', '\'', '’', '\u{A0}', '\u{202F}'][..]).prop_map(|group| (',', Some(group), false)),
        1 => Just(('.', Some(','), true)),
    ];
    let empty_column = prop::option::of((0..12usize, prop::sample::select(&["", "Remarks"][..])));
    let encoding = prop::sample::select(
        &[
            Encoding::Utf8,
            Encoding::Utf8Marked,
            Encoding::Utf16Little,
            Encoding::Utf16Big,
        ][..],
    );
    let shape = (prop::bool::ANY, prop::bool::weighted(0.2), 0..3usize);
    let separator = prop::sample::select(&[',', ';', '\t', '|'][..]);
    (
        separator,
        numbers,
        0..40u64,
        empty_column,
        shape,
        any::<bool>(),
        encoding,
        any::<bool>(),
    )
        .prop_map(
            |(
                separator,
                (mark, group, is_lakh),
                column_order,
                empty_column,
                (is_quoted, is_wrapped, surplus),
                is_crlf,
                encoding,
                is_packed,
            )| Dress {
                separator,
                mark,
                group,
                is_lakh,
                column_order,
                empty_column,
                surplus: if surplus == 2 { 2 } else { 0 },
                is_quoted,
                is_wrapped,
                line_end: if is_crlf { "\r\n" } else { "\n" },
                lone_cr: None,
                encoding,
                is_packed,
            },
        )
}

fn sum(rows: &[Row]) -> Exact {
    rows.iter()
        .map(|row| number(&row[AMOUNT], '.').unwrap())
        .sum()
}

/// Law: a statement whose rows stand in another order and dress, perhaps with a total below them, comes to the same.
fn is_the_same(
    rows: &[Row],
    dress: &Dress,
    row_order: u64,
    has_total: bool,
    ways: &[(usize, usize)],
) -> Result<(), String> {
    let want = make(rows, u64::from(has_total));
    let mut dressed: Vec<Row> = shuffled(rows.len(), row_order)
        .into_iter()
        .map(|place| rows[place].clone())
        .collect();
    if has_total {
        let mut total = Row::default();
        total[AMOUNT] = decimal(&sum(rows));
        dressed.push(total);
    }
    let bytes = written(&dressed, dress);
    let shown = || {
        String::from_utf8_lossy(&written(
            &dressed,
            &Dress {
                is_packed: false,
                encoding: Encoding::Utf8,
                ..dress.clone()
            },
        ))
        .into_owned()
    };
    same(&read_back(&bytes, dress), &want)
        .map_err(|fault| format!("the oracle: {fault}\n{}", shown()))?;
    comes_to(&bytes, &want, ways).map_err(|fault| format!("{fault}\n{}", shown()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn a_statement_is_the_same_in_any_dress(
        rows in records(1..14), dress in dress(), row_order in 0..20u64, has_total in any::<bool>(), way in prop::sample::select(&WAYS[..]),
    ) {
        let has_total = has_total && sum(&rows) != Exact::default();
        prop_assert_eq!(is_the_same(&rows, &dress, row_order, has_total, &[way]), Ok(()));
    }

    #[test]
    fn a_lone_carriage_return_parts_records(
        mut rows in records(2..14), dress in dress(), at in 0..12usize, has_total in any::<bool>(), way in prop::sample::select(&WAYS[..]),
    ) {
        // No cell needs a quote.
        for row in &mut rows {
            (row[TITLE], row[ARTIST]) = ("Tidewater".to_owned(), "Mara Ellis".to_owned());
        }
        let has_total = has_total && sum(&rows) != Exact::default();
        let separator = if dress.mark == ',' || dress.group == Some(',') { ';' } else { dress.separator };
        let dress = Dress { lone_cr: Some(at), is_quoted: false, is_wrapped: false, surplus: 0, separator, ..dress };
        prop_assert_eq!(is_the_same(&rows, &dress, 0, has_total, &[way]), Ok(()));
    }

    #[test]
    fn a_lone_carriage_return_parts_records_with_quotes_and_surplus_cells(
        rows in records(2..14), dress in dress(), at in 0..12usize, way in prop::sample::select(&WAYS[..]),
    ) {
        let dress = Dress { lone_cr: Some(at), is_wrapped: false, ..dress };
        prop_assert_eq!(is_the_same(&rows, &dress, 0, false, &[way]), Ok(()));
    }
}

#[test]
fn another_digit_row_or_mark_would_be_noticed() {
    let rows = [
        named(1, "USD", "1234.5678"),
        named(2, "USD", "0.5"),
        named(3, "USD", "7.25"),
    ];
    let german = Dress {
        separator: ';',
        mark: ',',
        group: Some('.'),
        is_quoted: true,
        line_end: "\r\n",
        ..PLAIN
    };
    assert_eq!(is_the_same(&rows, &german, 3, true, &WAYS), Ok(()));
    let want = make(&rows, 0);
    let mut other = rows.clone();
    other[1][AMOUNT] = "0.50000001".to_owned();
    for wrong in [
        written(&other, &german),
        written(&rows[1..], &german),
        written(&[&rows[..], &rows[..1]].concat(), &german),
    ] {
        assert!(comes_to(&wrong, &want, ONE_WAY).is_err());
        assert!(same(&read_back(&wrong, &german), &want).is_err());
    }
    let small = &rows[1..2];
    assert_ne!(
        read_back(
            &written(small, &german),
            &Dress {
                mark: '.',
                ..german
            }
        ),
        make(small, 0),
        "0,5 is not 5"
    );
}

// ------------------------------------------------------------------------------------- paid once in any dress

/// Law: the second statement is the first once more, and no part or relative of it.
fn is_known_again(first: &[u8], second: &[u8]) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let likeness = |name: &str, bytes: &[u8]| {
        let path = file(folder.path(), name, bytes);
        imported(Path::new(&path), &ReadOptions::default(), 2).map(|imported| imported.likeness)
    };
    let (first, second) = (
        likeness("first.csv", first)?,
        likeness("second.csv", second)?,
    );
    let standing = second
        .standing(std::slice::from_ref(&first))
        .map_err(|e| e.to_string())?;
    if standing
        == (RowStanding::Again {
            of: vec![0],
            is_about: false,
        })
    {
        Ok(())
    } else {
        Err(format!("{standing:?}"))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_statement_is_known_again_in_any_dress(rows in records(1..14), one in dress(), other in dress(), row_order in 0..20u64) {
        let turned: Vec<Row> = shuffled(rows.len(), row_order).into_iter().map(|place| rows[place].clone()).collect();
        let law = is_known_again(&written(&rows, &one), &written(&turned, &other));
        prop_assert_eq!(law.map_err(|fault| format!("{fault}\n{rows:?}")), Ok(()));
    }

    #[test]
    fn a_statement_with_one_other_digit_is_another(rows in records(2..14), other in dress(), at in any::<usize>(), has_more in any::<bool>()) {
        let mut changed = rows.clone();
        changed[at % rows.len()][AMOUNT].push(if has_more { '1' } else { '7' });
        prop_assert!(is_known_again(&written(&rows, &PLAIN), &written(&changed, &other)).is_err());
    }
}

/// All money of a run by the program over these files, whatever became of it.
fn settled(folder: &Path, files: &[&str]) -> Exact {
    let catalog = file(
        folder,
        "catalog.csv",
        "track_id,isrc,upc,title,artist,payee\nT1,NLA1Z2600001,0724384960650,Tidewater,Mara Ellis,Mara Ellis\n",
    );
    let out = tempfile::tempdir().unwrap();
    let paths: Vec<String> = files
        .iter()
        .map(|name| folder.join(name).display().to_string())
        .collect();
    let mut arguments = vec![
        "reconcile",
        "--catalog",
        &catalog,
        "--out",
        out.path().to_str().unwrap(),
        "--statement",
    ];
    arguments.extend(paths.iter().map(String::as_str));
    let output = run(&arguments);
    assert!(
        out.path().join("summary.json").exists(),
        "{}",
        text(&output.stderr)
    );
    let totals = summary(out.path())["totals"].clone();
    totals
        .as_array()
        .unwrap()
        .iter()
        .map(|total| number(total["amount"].as_str().unwrap(), '.').unwrap())
        .sum()
}

/// Law: of two statements that mean the same, one is paid.
fn is_paid_once(first: &[u8], second: &[u8], once: &Exact) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    file(folder.path(), "first.csv", first);
    file(folder.path(), "second.csv", second);
    for files in [["first.csv", "second.csv"], ["second.csv", "first.csv"]] {
        let paid = settled(folder.path(), &files);
        if paid != *once {
            return Err(format!(
                "{files:?}: {} is paid, not {}",
                decimal(&paid),
                decimal(once)
            ));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, max_shrink_iters: 20, ..ProptestConfig::default() })]

    #[test]
    fn a_statement_is_paid_once_in_any_two_dresses(rows in records(2..14), one in dress(), other in dress(), row_order in 0..20u64) {
        let turned: Vec<Row> = shuffled(rows.len(), row_order).into_iter().map(|place| rows[place].clone()).collect();
        let law = is_paid_once(&written(&rows, &one), &written(&turned, &other), &sum(&rows));
        prop_assert_eq!(law, Ok(()));
    }
}

#[test]
fn another_statement_is_paid_as_well() {
    let rows = [
        named(1, "USD", "1234.5678"),
        named(2, "USD", "0.5"),
        named(3, "USD", "7.25"),
    ];
    let mut others = rows.clone();
    others.iter_mut().for_each(|row| row[AMOUNT].push('1'));
    let both = sum(&rows) + sum(&others);
    assert_eq!(
        is_paid_once(&written(&rows, &PLAIN), &written(&others, &PLAIN), &both),
        Ok(())
    );
    assert!(
        is_paid_once(
            &written(&rows, &PLAIN),
            &written(&others, &PLAIN),
            &sum(&rows)
        )
        .is_err()
    );
}
