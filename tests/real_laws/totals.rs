//! Totals among the records: found wherever they stand and however they are called; what only looks like one is kept and paid.

use proptest::prelude::*;

use super::sheet::{
    AMOUNT, ARTIST, COLUMNS, COUNTRY, CURRENCY, ISRC, LABEL, MONTH, PLAIN, Row, STORE, TITLE,
    UNITS, UPC, make, named, nameless, read_back, records, written,
};
use super::{ONE_WAY, WAYS, comes_to, decimal, same};
use crate::oracle::described::{Exact, Reading, number};

/// What a planted total is the sum of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    /// All records above it.
    All,
    /// Those since the last total.
    SinceLast,
    /// All records of the file in the store of the record above it.
    Store,
}

/// What a planted total states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum States {
    Amount,
    Both,
    UnitsOnly,
}

#[derive(Debug, Clone)]
struct Planted {
    /// After which record, counted round.
    after: usize,
    of: Of,
    states: States,
    label: &'static str,
    /// In which column the label stands.
    column: usize,
    says_currency: bool,
    /// Below it the same in another currency, which this column says.
    converted: Option<usize>,
}

/// Words by which a total is known wherever they stand, and no word at all.
const LABELS: [&str; 10] = [
    "",
    "Total",
    "TOTAL USD",
    "Gesamt",
    "Suma",
    "Total Earnings",
    "Grand Total:",
    "合計",
    "Summe",
    "Total (USD)",
];
/// Words that say nothing; they could be a title, so they stand in columns of other things.
const WORDS: [&str; 4] = [
    "Endbetrag",
    "Payable this month",
    "*",
    "Exchange rate 30.06.25",
];
const ANYWHERE: [usize; 9] = [
    MONTH, STORE, ARTIST, TITLE, ISRC, UPC, LABEL, COUNTRY, UNITS,
];
const NOT_OF_RECORDINGS: [usize; 6] = [MONTH, STORE, ARTIST, LABEL, COUNTRY, UNITS];

fn planted(of: &'static [Of], states: &'static [States]) -> impl Strategy<Value = Planted> {
    let label = prop_oneof![
        4 => (prop::sample::select(&LABELS[..]), prop::sample::select(&ANYWHERE[..])),
        1 => (prop::sample::select(&WORDS[..]), prop::sample::select(&NOT_OF_RECORDINGS[..])),
    ];
    let converted =
        prop::option::weighted(0.3, prop::sample::select(&[CURRENCY, LABEL, COUNTRY][..]));
    (
        any::<usize>(),
        prop::sample::select(of),
        prop::sample::select(states),
        label,
        any::<bool>(),
        converted,
    )
        .prop_map(
            |(after, of, states, (label, column), says_currency, converted)| Planted {
                after,
                of,
                states,
                label,
                column,
                says_currency,
                converted,
            },
        )
}

fn sum_of(rows: &[&Row], column: usize) -> Exact {
    rows.iter()
        .filter_map(|row| number(&row[column], '.'))
        .sum()
}

/// The records with totals among them, and how many there are; a sum of nothing is not planted.
fn plant(records: &[Row], plans: &[Planted]) -> (Vec<Row>, u64) {
    let (mut rows, mut totals, mut last) = (Vec::new(), 0, 0);
    for (place, record) in records.iter().enumerate() {
        rows.push(record.clone());
        for plan in plans
            .iter()
            .filter(|plan| plan.after % records.len() == place)
        {
            let summed: Vec<&Row> = match plan.of {
                Of::All => records[..=place].iter().collect(),
                Of::SinceLast => records[last..=place].iter().collect(),
                Of::Store => records
                    .iter()
                    .filter(|other| other[STORE] == record[STORE])
                    .collect(),
            };
            let (amount, units) = (sum_of(&summed, AMOUNT), sum_of(&summed, UNITS));
            if summed.is_empty() || amount == Exact::default() {
                continue;
            }
            rows.push(total(plan, record, &decimal(&amount), &decimal(&units)));
            totals += 1;
            if let Some(column) = plan.converted.filter(|_| plan.states != States::UnitsOnly) {
                let mut converted = Row::default();
                (converted[AMOUNT], converted[column]) = ("17.4321".to_owned(), "GBP".to_owned());
                rows.push(converted);
                totals += 1;
            }
            last = place + 1;
        }
    }
    (rows, totals)
}

fn total(plan: &Planted, record: &Row, amount: &str, units: &str) -> Row {
    let mut row = Row::default();
    if plan.states != States::UnitsOnly {
        row[AMOUNT] = amount.to_owned();
    }
    if plan.states != States::Amount {
        row[UNITS] = units.to_owned();
    }
    if plan.of == Of::Store {
        row[STORE].clone_from(&record[STORE]);
    }
    if plan.says_currency {
        row[CURRENCY] = "USD".to_owned();
    }
    if row[plan.column].is_empty() {
        row[plan.column] = plan.label.to_owned();
    }
    row
}

/// Law: a statement with totals comes to its records and so many totals, for the oracle and for the program in every way.
fn totals_are_found(rows: &[Row], records: &[Row], totals: u64) -> Result<(), String> {
    let (bytes, want) = (written(rows, &PLAIN), make(records, totals));
    let shown = || String::from_utf8_lossy(&bytes).into_owned();
    same(&read_back(&bytes, &PLAIN), &want)
        .map_err(|fault| format!("the oracle: {fault}\n{}", shown()))?;
    comes_to(&bytes, &want, &WAYS).map_err(|fault| format!("{fault}\n{}", shown()))
}

const RUNNING: &[Of] = &[Of::All, Of::SinceLast];
const WITH_AMOUNT: &[States] = &[States::Amount, States::Both];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn running_totals_are_found_anywhere(records in records(1..16), plans in prop::collection::vec(planted(RUNNING, WITH_AMOUNT), 1..4)) {
        let (rows, totals) = plant(&records, &plans);
        prop_assert_eq!(totals_are_found(&rows, &records, totals), Ok(()));
    }

    #[test]
    fn totals_of_units_are_found_anywhere(records in records(1..16), plans in prop::collection::vec(planted(RUNNING, &[States::UnitsOnly]), 1..4)) {
        let plans: Vec<Planted> = plans.into_iter().filter(|plan| plan.column != UNITS).collect();
        let (rows, totals) = plant(&records, &plans);
        prop_assert_eq!(totals_are_found(&rows, &records, totals), Ok(()));
    }

    #[test]
    fn a_total_of_a_group_is_found_anywhere(records in records(2..16), plan in planted(&[Of::Store], WITH_AMOUNT)) {
        let plan = Planted { converted: None, ..plan };
        let (rows, totals) = plant(&records, &[plan]);
        prop_assert_eq!(totals_are_found(&rows, &records, totals), Ok(()));
    }

    #[test]
    fn totals_of_all_groups_and_of_all_below_them_are_found(records in records(2..16), label in prop::sample::select(&LABELS[..])) {
        let (rows, totals) = with_a_block(&records, label);
        prop_assert_eq!(totals_are_found(&rows, &records, totals), Ok(()));
    }

    #[test]
    fn totals_in_two_currencies_are_found_month_by_month(months in prop::collection::vec(records(1..6), 1..4), labels in any::<bool>()) {
        let (rows, records, totals) = in_two_currencies(months, labels);
        prop_assert_eq!(totals_are_found(&rows, &records, totals), Ok(()));
    }

    #[test]
    fn what_resembles_a_total_and_names_a_recording_is_paid(
        records in records(1..12), after in any::<usize>(), since in any::<usize>(), named_by in 0..5usize, has_units in any::<bool>(),
    ) {
        let (rows, _) = with_a_likeness(&records, after, since, named_by, has_units);
        prop_assert_eq!(totals_are_found(&rows, &rows, 0), Ok(()));
    }

    #[test]
    fn rows_without_a_name_that_are_no_sums_are_paid(
        named in records(1..12), others in prop::collection::vec((any::<usize>(), nameless()), 1..4), has_total in any::<bool>(),
    ) {
        let mut rows = named;
        for (place, row) in others {
            // Not first: the decimal mark of the file is certain by the first amount.
            rows.insert(1 + place % rows.len(), row);
        }
        let records = rows.clone();
        if has_total {
            let mut total = Row::default();
            total[AMOUNT] = decimal(&sum_of(&records.iter().collect::<Vec<_>>(), AMOUNT));
            rows.push(total);
        }
        prop_assert_eq!(totals_are_found(&rows, &records, u64::from(has_total)), Ok(()));
    }

    #[test]
    fn nothing_but_totals_is_money_once_at_most(amounts in prop::collection::vec(1..4u32, 1..6), label in prop::sample::select(&LABELS[..])) {
        let rows: Vec<Row> = amounts.iter().map(|n| {
            let mut row = Row::default();
            (row[AMOUNT], row[CURRENCY], row[TITLE]) = (format!("{n}.2345"), "USD".to_owned(), label.to_owned());
            row
        }).collect();
        prop_assert_eq!(only_totals(&rows), Ok(()));
    }
}

/// Below the records a total of each store, and one of all without a store.
fn with_a_block(records: &[Row], label: &'static str) -> (Vec<Row>, u64) {
    let mut rows = records.to_vec();
    let stores: std::collections::BTreeSet<&String> =
        records.iter().map(|row| &row[STORE]).collect();
    let sums = stores.iter().map(|store| {
        (
            *store,
            records
                .iter()
                .filter(|row| row[STORE] == **store)
                .collect::<Vec<_>>(),
        )
    });
    let sums: Vec<(&String, Vec<&Row>)> = sums.collect();
    for (store, summed) in &sums {
        let mut row = Row::default();
        (row[STORE], row[AMOUNT], row[CURRENCY]) = (
            (*store).clone(),
            decimal(&sum_of(summed, AMOUNT)),
            "USD".to_owned(),
        );
        rows.push(row);
    }
    let mut all = Row::default();
    (all[COUNTRY], all[AMOUNT]) = (
        label.to_owned(),
        decimal(&sum_of(&records.iter().collect::<Vec<_>>(), AMOUNT)),
    );
    rows.push(all);
    (rows, stores.len() as u64 + 1)
}

/// Months of records in dollars and euros, below each month a total in either currency of what the month has of it.
fn in_two_currencies(months: Vec<Vec<Row>>, has_labels: bool) -> (Vec<Row>, Vec<Row>, u64) {
    let (mut rows, mut records, mut totals) = (Vec::new(), Vec::new(), 0);
    for mut month in months {
        let count = month.len();
        month.extend(
            (0..2).map(|n| named(count + n, "USD", &format!("{}.{:04}", 3 + n, 1_111 + count))),
        );
        for (place, row) in month.iter_mut().enumerate() {
            row[CURRENCY] = if place % 2 == 0 { "USD" } else { "EUR" }.to_owned();
        }
        rows.extend(month.iter().cloned());
        for currency in ["USD", "EUR"] {
            let summed: Vec<&Row> = month
                .iter()
                .filter(|row| row[CURRENCY] == currency)
                .collect();
            let mut total = Row::default();
            (total[CURRENCY], total[AMOUNT]) =
                (currency.to_owned(), decimal(&sum_of(&summed, AMOUNT)));
            if has_labels {
                total[STORE] = format!("Total {currency}");
            }
            rows.push(total);
            totals += 1;
        }
        records.extend(month);
    }
    (rows, records, totals)
}

/// The records and one more whose amount is a running sum, but which names a recording.
fn with_a_likeness(
    records: &[Row],
    after: usize,
    since: usize,
    named_by: usize,
    has_units: bool,
) -> (Vec<Row>, usize) {
    let place = after % records.len();
    let summed: Vec<&Row> = records[since % (place + 1)..=place].iter().collect();
    let mut row = Row::default();
    (row[AMOUNT], row[CURRENCY]) = (decimal(&sum_of(&summed, AMOUNT)), "USD".to_owned());
    if has_units {
        row[UNITS] = decimal(&sum_of(&summed, UNITS));
    }
    let name = |row: &mut Row, cells: &[(usize, &str)]| {
        cells
            .iter()
            .for_each(|(column, text)| row[*column] = (*text).to_owned())
    };
    match named_by {
        0 => name(&mut row, &[(ISRC, "NLA1Z2699999")]),
        1 => name(&mut row, &[(UPC, "724384960650")]),
        2 => name(&mut row, &[(TITLE, "Tidewater"), (ARTIST, "Mara Ellis")]),
        3 => name(&mut row, &[(TITLE, "Low Sun")]),
        // A song may be called so.
        _ => name(&mut row, &[(TITLE, "Total"), (ARTIST, "Mara Ellis")]),
    }
    let mut rows = records.to_vec();
    rows.insert(place + 1, row);
    (rows, place + 1)
}

/// Law: rows that name nothing come to what the oracle says, and none of their amounts is money twice.
fn only_totals(rows: &[Row]) -> Result<(), String> {
    let bytes = written(rows, &PLAIN);
    let want = read_back(&bytes, &PLAIN);
    let mut different: Vec<&String> = rows.iter().map(|row| &row[AMOUNT]).collect();
    different.sort();
    different.dedup();
    let most: Exact = different
        .iter()
        .map(|amount| number(amount, '.').unwrap())
        .sum();
    let money: Exact = want.money().into_values().sum();
    if rows
        .iter()
        .skip(1)
        .all(|row| row[AMOUNT] == rows[0][AMOUNT])
        && money > most
    {
        return Err(format!("{money} is more than {most}"));
    }
    comes_to(&bytes, &want, &WAYS)
        .map_err(|fault| format!("{fault}\n{}", String::from_utf8_lossy(&bytes)))
}

#[test]
fn a_statement_of_one_row_has_a_total_or_none() {
    for label in LABELS {
        for column in ANYWHERE {
            let record = named(1, "USD", "1.2345");
            assert_eq!(
                totals_are_found(
                    std::slice::from_ref(&record),
                    std::slice::from_ref(&record),
                    0
                ),
                Ok(())
            );
            let plan = Planted {
                after: 0,
                of: Of::All,
                states: States::Amount,
                label,
                column,
                says_currency: true,
                converted: None,
            };
            let (rows, totals) = plant(std::slice::from_ref(&record), &[plan]);
            assert_eq!(totals, 1);
            assert_eq!(
                totals_are_found(&rows, &[record], 1),
                Ok(()),
                "{label} in {}",
                COLUMNS[column]
            );
        }
    }
}

#[test]
fn words_in_the_column_of_a_code_name_no_recording() {
    for column in [ISRC, UPC] {
        for says_currency in [false, true] {
            let records = [named(1, "USD", "1.1401"), named(2, "USD", "0.3802")];
            let plan = Planted {
                after: 1,
                of: Of::All,
                states: States::Amount,
                label: WORDS[3],
                column,
                says_currency,
                converted: None,
            };
            let (rows, totals) = plant(&records, &[plan]);
            assert_eq!(
                totals_are_found(&rows, &records, totals),
                Ok(()),
                "{}",
                COLUMNS[column]
            );
        }
    }
}

#[test]
fn a_total_of_the_units_of_a_group_is_found() {
    let mut records = [
        named(1, "USD", "1.1401"),
        named(2, "USD", "0.3802"),
        named(3, "USD", "5.0001"),
    ];
    records[1][STORE] = "Deezer".to_owned();
    records[1][UNITS] = "7".to_owned();
    let plan = Planted {
        after: 0,
        of: Of::Store,
        states: States::UnitsOnly,
        label: "",
        column: LABEL,
        says_currency: true,
        converted: None,
    };
    let (mut rows, totals) = plant(&records, &[plan]);
    // Below all records it is no running sum.
    let total = rows.remove(1);
    rows.push(total);
    assert_eq!(totals_are_found(&rows, &records, totals), Ok(()));
}

// ------------------------------------------------------------------------------------------------ controls

fn three() -> Vec<Row> {
    vec![
        named(1, "USD", "1.1401"),
        named(2, "USD", "0.3802"),
        named(3, "USD", "5.0001"),
    ]
}

#[test]
fn a_total_that_is_paid_would_be_noticed() {
    let records = three();
    let plan = Planted {
        after: 2,
        of: Of::All,
        states: States::Both,
        label: "",
        column: STORE,
        says_currency: true,
        converted: None,
    };
    let (rows, totals) = plant(&records, &[plan]);
    assert_eq!(totals_are_found(&rows, &records, totals), Ok(()));
    let bytes = written(&rows, &PLAIN);
    // As if it were a record; as if a record had gone with it; as if nobody had seen it.
    let doubled = make(&rows, 0);
    let too_few = make(&records[1..], 1);
    let unseen = make(&records, 0);
    for wrong in [doubled, too_few, unseen] {
        assert!(comes_to(&bytes, &wrong, ONE_WAY).is_err());
        assert!(same(&read_back(&bytes, &PLAIN), &wrong).is_err());
    }
    // One digit off is no total: it is paid, and the law that takes it for one fails.
    let mut off = rows;
    off[3][AMOUNT] = "6.5205".to_owned();
    assert!(totals_are_found(&off, &records, 1).is_err());
    assert_eq!(totals_are_found(&off, &off, 0), Ok(()));
}

#[test]
fn a_record_that_is_taken_for_a_total_would_be_noticed() {
    let records = three();
    let (rows, place) = with_a_likeness(&records, 2, 0, 0, true);
    assert_eq!(totals_are_found(&rows, &rows, 0), Ok(()));
    assert!(totals_are_found(&rows, &records, 1).is_err());
    // Without its name it is a total.
    let mut bare = rows;
    bare[place][ISRC] = String::new();
    assert!(totals_are_found(&bare, &bare, 0).is_err());
    assert_eq!(totals_are_found(&bare, &records, 1), Ok(()));
}

#[test]
fn a_sum_in_another_currency_by_itself_is_no_total() {
    let records = three();
    let mut rows = records.clone();
    let mut foreign = Row::default();
    (foreign[AMOUNT], foreign[CURRENCY]) = ("17.4321".to_owned(), "GBP".to_owned());
    rows.push(foreign);
    assert_eq!(totals_are_found(&rows, &rows, 0), Ok(()));
    assert!(totals_are_found(&rows, &records, 1).is_err());
    let doubled = Reading {
        records: 2,
        ..make(&rows[..1], 0)
    };
    assert!(comes_to(&written(&rows[..1], &PLAIN), &doubled, ONE_WAY).is_err());
}
