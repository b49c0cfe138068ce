//! Laws of real statements on random ones: totals are found wherever they stand and records are kept, a statement comes to the same in any
//! dress, and no digit is lost. What is right is known twice: from how the statement was made, and from the oracle, which reads the bytes.
//!
//! A law is a function that gives back what is wrong. Beside each stands a control with a planted fault that the law must find.

mod dress;
mod fixtures;
mod sheet;
mod totals;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use ledgerline::ident::SalePeriod;
use ledgerline::job::Job;
use ledgerline::statement::ReadOptions;
use ledgerline::statement::import::{Imported, import};
use ledgerline::statement::item::Field;
use ledgerline::statement::layout::Layouts;
use ledgerline::statement::source::parts;

use crate::oracle::described::{Exact, Fact, Facts, Reading, number};

static LAYOUTS: LazyLock<Layouts> = LazyLock::new(|| Layouts::load(&[""; 0]).unwrap());

/// Sizes of batches and numbers of threads: they must make no difference.
const WAYS: [(usize, usize); 10] = [
    (4096, 1),
    (1, 1),
    (2, 1),
    (3, 1),
    (7, 1),
    (1, 2),
    (2, 2),
    (3, 2),
    (7, 2),
    (4096, 2),
];
/// The usual way alone.
const ONE_WAY: &[(usize, usize)] = &[(4096, 2)];

fn imported(path: &Path, options: &ReadOptions, threads: usize) -> Result<Imported, String> {
    let parts = parts(path).map_err(|e| e.to_string())?;
    import(&parts[0], &LAYOUTS, options, &Job::new(threads)).map_err(|e| e.to_string())
}

/// What the program makes of a statement, in the words of the oracle. Rows in quarantine, totals that do not agree and lines that are not
/// accounted for are faults.
fn reading(path: &Path, options: &ReadOptions, threads: usize) -> Result<Reading, String> {
    let imported = imported(path, options, threads)?;
    if let Some(bad) = imported.quarantine.first() {
        return Err(format!(
            "row {} is in quarantine: {}",
            bad.row_number, bad.detail
        ));
    }
    if !imported.ledger.ties_out() {
        return Err(format!("lines or bytes are lost: {:?}", imported.ledger));
    }
    // Where there is no record, no total agrees with what was read, and that is said.
    if let Some(wrong) = imported
        .control_totals
        .iter()
        .find(|total| total.agrees == Some(false) && imported.records > 0)
    {
        return Err(format!("a total does not agree: {wrong:?}"));
    }
    let mut reading = Reading {
        records: imported.records,
        totals: imported.sum_lines.len() as u64,
        ..Reading::default()
    };
    reading.aside = imported.aside.iter().map(|aside| aside.rows).sum();
    let cube = &imported.cube;
    for cell in cube.cells().iter() {
        let dims = &cube.dims[cell.dim as usize];
        let period = if dims.period == SalePeriod::UNKNOWN {
            String::new()
        } else {
            dims.period.to_string()
        };
        let fields = Field::ALL.into_iter().filter_map(|field| {
            Some((
                fact_of(field)?,
                cube.field(cell.item as usize, field).to_owned(),
            ))
        });
        let dims = [
            (Fact::Territory, dims.territory.clone()),
            (Fact::Period, period),
            (Fact::Usage, dims.usage.clone()),
            (Fact::Currency, dims.currency.to_string()),
        ];
        let facts: Facts = fields
            .chain(dims)
            .filter(|(_, text)| !text.is_empty())
            .collect();
        let exact = |text: String| number(&text, '.').expect("amounts are shown as plain decimals");
        let sum = reading.cells.entry(facts).or_default();
        sum.rows += cell.rows;
        sum.units += exact(cell.quantity.to_string());
        sum.amount += exact(cell.amount.to_string());
    }
    Ok(reading)
}

fn fact_of(field: Field) -> Option<Fact> {
    match field {
        Field::Dsp => Some(Fact::Store),
        Field::Isrc => Some(Fact::Isrc),
        Field::Upc => Some(Fact::Upc),
        Field::DspId => Some(Fact::Id),
        Field::Title => Some(Fact::Title),
        Field::Artist => Some(Fact::Artist),
        Field::Label => Some(Fact::Label),
        Field::Release => Some(Fact::Release),
        Field::Version | Field::Duration => None,
    }
}

/// Law: the program reads what is wanted, and the same in every way.
fn comes_to(bytes: &[u8], want: &Reading, ways: &[(usize, usize)]) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("statement.csv");
    std::fs::write(&path, bytes).unwrap();
    for &(batch_rows, threads) in ways {
        let options = ReadOptions {
            batch_rows: Some(batch_rows),
            ..ReadOptions::default()
        };
        let got = reading(&path, &options, threads).and_then(|got| same(&got, want));
        got.map_err(|fault| format!("batches of {batch_rows}, {threads} threads: {fault}"))?;
    }
    Ok(())
}

/// Law: two readings agree in every cell.
fn same(got: &Reading, want: &Reading) -> Result<(), String> {
    if got == want {
        return Ok(());
    }
    let only = |a: &Reading, b: &Reading| -> Vec<String> {
        let cells = a
            .cells
            .iter()
            .filter(|(facts, sum)| b.cells.get(*facts) != Some(sum));
        cells
            .map(|(facts, sum)| {
                format!(
                    "{facts:?}: {} rows, {} units, {}",
                    sum.rows,
                    sum.units,
                    decimal(&sum.amount)
                )
            })
            .collect()
    };
    let counts = |r: &Reading| (r.records, r.totals, r.aside);
    Err(format!(
        "(records, totals, aside) {:?}, not {:?}\nonly read:\n{}\nonly wanted:\n{}",
        counts(got),
        counts(want),
        only(got, want).join("\n"),
        only(want, got).join("\n")
    ))
}

/// A fraction of a power of ten as a decimal.
fn decimal(value: &Exact) -> String {
    let ten = num_bigint::BigInt::from(10);
    let mut value = value.clone();
    let mut places = 0;
    while !value.is_integer() {
        assert!(places < 100, "{value} is no decimal");
        value *= &ten;
        places += 1;
    }
    let digits = value.to_integer();
    let sign = if digits.sign() == num_bigint::Sign::Minus {
        "-"
    } else {
        ""
    };
    let digits = format!(
        "{:0>width$}",
        digits.magnitude().to_string(),
        width = places + 1
    );
    let (whole, fraction) = digits.split_at(digits.len() - places);
    if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    }
}

// ------------------------------------------------------------------------------------------------ digits

mod digits {
    use proptest::prelude::*;

    use super::sheet::{AMOUNT, CURRENCY, PLAIN, Row, make, named, read_back, written};
    use super::{ONE_WAY, comes_to, decimal, same};
    use crate::oracle::described::{Exact, Reading, number};

    /// An amount with up to forty digits after the point, and the same as one of several programs writes it.
    fn amount() -> impl Strategy<Value = String> {
        let parts = (
            any::<bool>(),
            0..1_000_000_000u64,
            any::<u128>(),
            any::<u128>(),
            0..=40usize,
            0..4u8,
        );
        parts.prop_map(|(is_negative, whole, high, low, places, form)| {
            let fraction: String =
                format!("{:038}{:038}", high % 10u128.pow(38), low % 10u128.pow(38))
                    .chars()
                    .take(places)
                    .collect();
            let sign = if is_negative { "-" } else { "" };
            match form {
                // Ten digits and more, so that nothing looks cut; up to forty places in all.
                0 => format!(
                    "{sign}{}.{:0<9}e-{:02}",
                    1 + whole % 9,
                    fraction.chars().take(28).collect::<String>(),
                    1 + high % 12
                ),
                1 => format!(
                    "{sign}{}.{:0<9}E-{}",
                    1 + whole % 9,
                    fraction.chars().take(28).collect::<String>(),
                    1 + high % 12
                ),
                _ if fraction.is_empty() => format!("{sign}{whole}"),
                _ => format!("{sign}{whole}.{fraction}"),
            }
        })
    }

    fn rows(amounts: &[String]) -> Vec<Row> {
        amounts
            .iter()
            .enumerate()
            .map(|(n, amount)| named(n, "USD", amount))
            .collect()
    }

    fn exact_sum(amounts: &[String]) -> Exact {
        amounts
            .iter()
            .map(|amount| number(amount, '.').unwrap())
            .sum()
    }

    /// Law: a statement of these amounts comes to their sum, to the last digit.
    fn adds_up(amounts: &[String], want: &Exact) -> Result<(), String> {
        let reading = make(&rows(amounts), 0);
        let sum = reading.money().remove("USD").unwrap_or_default();
        if sum != *want {
            return Err(format!("{} is not {}", decimal(&sum), decimal(want)));
        }
        comes_to(&written(&rows(amounts), &PLAIN), &reading, ONE_WAY)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        #[test]
        fn amounts_of_any_length_add_up_exactly(mut amounts in prop::collection::vec(amount(), 1..40)) {
            // The mark is certain, and a long amount is among them.
            amounts.push("0.1234567890123456789012345678901234567891".to_owned());
            prop_assert_eq!(adds_up(&amounts, &exact_sum(&amounts)), Ok(()));
        }
    }

    #[test]
    fn one_digit_in_the_fortieth_place_would_be_noticed() {
        let amounts = [
            "0.1234567890123456789012345678901234567891".to_owned(),
            "7.3842689137e-05".to_owned(),
            "2.5".to_owned(),
        ];
        let want = exact_sum(&amounts);
        assert_eq!(adds_up(&amounts, &want), Ok(()));
        let last = number("0.0000000000000000000000000000000000000001", '.').unwrap();
        assert!(adds_up(&amounts, &(want + last)).is_err());
        let mut wrong = make(&rows(&amounts), 0);
        wrong.cells.values_mut().next().unwrap().amount += number("1e-40", '.').unwrap();
        assert!(comes_to(&written(&rows(&amounts), &PLAIN), &wrong, ONE_WAY).is_err());
    }

    /// Twenty thousand records in two currencies, each amount with 33 digits after the point, and below them a line with the sum of each.
    fn long_statement() -> Vec<Row> {
        let mut state = 1u64;
        let mut rows: Vec<Row> = (0..20_000)
            .map(|n| {
                let digits: String = (0..33)
                    .map(|_| {
                        state = state
                            .wrapping_mul(6_364_136_223_846_793_005)
                            .wrapping_add(1_442_695_040_888_963_407);
                        char::from(b'0' + (state >> 33) as u8 % 10)
                    })
                    .collect();
                named(
                    n,
                    if n % 3 == 0 { "EUR" } else { "USD" },
                    &format!("{}.{digits}", n % 7),
                )
            })
            .collect();
        for currency in ["EUR", "USD"] {
            let amounts: Vec<String> = rows
                .iter()
                .filter(|row| row[CURRENCY] == currency)
                .map(|row| row[AMOUNT].clone())
                .collect();
            let mut total = Row::default();
            total[AMOUNT] = decimal(&exact_sum(&amounts));
            total[CURRENCY] = currency.to_owned();
            rows.push(total);
        }
        rows
    }

    fn of_records(rows: &[Row]) -> Reading {
        make(&rows[..20_000], rows.len() as u64 - 20_000)
    }

    #[test]
    fn thirty_three_decimals_in_a_long_statement_are_exact() {
        let rows = long_statement();
        let (bytes, want) = (written(&rows, &PLAIN), of_records(&rows));
        assert_eq!(same(&read_back(&bytes, &PLAIN), &want), Ok(()));
        assert_eq!(
            comes_to(&bytes, &want, &[(4096, 1), (4096, 2), (1000, 2)]),
            Ok(())
        );
    }

    #[test]
    fn a_digit_of_one_row_in_twenty_thousand_would_be_noticed() {
        let mut rows = long_statement();
        let want = of_records(&rows);
        rows[12_345][AMOUNT] = rows[12_345][AMOUNT].replace('.', ".0");
        assert!(
            comes_to(
                &written(&rows[..20_000], &PLAIN),
                &Reading { totals: 0, ..want },
                ONE_WAY
            )
            .is_err()
        );
    }
}

// ------------------------------------------------------------------------------------------------- names

mod names {
    use super::{imported, reading};
    use ledgerline::statement::ReadOptions;
    use proptest::prelude::*;

    const MONEY: [&str; 12] = [
        "Net Revenue",
        "Royalty",
        "Royalties",
        "Earnings",
        "Revenue",
        "Amount",
        "Net Amount",
        "Payable",
        "Total Amount",
        "Total Revenue",
        "Net Sales",
        "Gross Revenue",
    ];
    const CURRENCIES: [(&str, &[&str]); 6] = [
        ("USD", &["USD", "$US", "US$", "$ usd", "usd"]),
        ("EUR", &["EUR", "€", "eur", "Euro"]),
        ("GBP", &["GBP", "£"]),
        ("AUD", &["AUD", "A$"]),
        ("SEK", &["SEK"]),
        ("JPY", &["JPY"]),
    ];
    const FORMS: [&str; 14] = [
        "{name} ({code})",
        "{name} [{code}]",
        "{name}({code})",
        "{name} ({sign})",
        "{name} [{sign}]",
        "{name} {code}",
        "{name}_{code}",
        "{name}-{code}",
        "{name}{code}",
        "{name} in {code}",
        "{name} (in {code})",
        "{code} {name}",
        "{NAME} ({sign})",
        "{snake}_{small}",
    ];

    fn spelled(form: &str, name: &str, code: &str, sign: &str) -> String {
        form.replace("{name}", name)
            .replace("{NAME}", &name.to_uppercase())
            .replace("{snake}", &name.to_lowercase().replace(' ', "_"))
            .replace("{code}", code)
            .replace("{small}", &code.to_lowercase())
            .replace("{sign}", sign)
    }

    /// Law: a statement with this name over its money, and no other word about it, is in this currency, whatever a person says.
    fn is_in(name: &str, code: &str) -> Result<(), String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("statement.csv");
        let row = "2025-07,Spotify,Mara Ellis,Tidewater,NLA1Z2600123,NL,10,1.2345";
        std::fs::write(
            &path,
            format!(
                "Sale Month,Store,Artist,Title,ISRC,Country of Sale,Quantity,{name}\n{row}\n{row}\n"
            ),
        )
        .unwrap();
        let told = ledgerline::ident::Currency::parse("NOK").unwrap();
        for options in [
            ReadOptions::default(),
            ReadOptions {
                currencies: vec![(None, told)],
                ..ReadOptions::default()
            },
        ] {
            let money = reading(&path, &options, 1)?.money();
            let got: Vec<(&str, String)> = money
                .iter()
                .map(|(code, sum)| (code.as_str(), super::decimal(sum)))
                .collect();
            if got != [(code, "2.469".to_owned())] {
                return Err(format!("“{name}”: {got:?}, not {code}"));
            }
        }
        Ok(())
    }

    #[test]
    fn a_currency_behind_the_name_of_the_money_is_the_currency() {
        let mut faults = Vec::new();
        for name in MONEY {
            for (code, signs) in CURRENCIES {
                let names = signs.iter().flat_map(|sign| {
                    FORMS
                        .iter()
                        .map(move |form| spelled(form, name, code, sign))
                });
                let names: std::collections::BTreeSet<String> = names.collect();
                faults.extend(names.iter().filter_map(|name| is_in(name, code).err()));
            }
        }
        assert!(
            faults.is_empty(),
            "{} names\n{}",
            faults.len(),
            faults.join("\n")
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn blanks_and_case_in_a_name_make_no_difference(
            name in prop::sample::select(&MONEY[..]), blanks in "[ _]{1,3}", is_upper in any::<bool>(), (code, _) in prop::sample::select(&CURRENCIES[..]),
        ) {
            let name = if is_upper { name.to_uppercase() } else { name.to_owned() };
            let law = is_in(&format!("{}{blanks}({code})", name.replace(' ', &blanks)), code);
            prop_assert_eq!(law, Ok(()));
        }
    }

    #[test]
    fn another_currency_and_a_name_without_one_would_be_noticed() {
        assert_eq!(is_in("Net Revenue (EUR)", "EUR"), Ok(()));
        assert!(is_in("Net Revenue (EUR)", "USD").is_err());
        assert!(is_in("Net Revenue (Top)", "EUR").is_err());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("statement.csv");
        std::fs::write(&path, "Sale Month,Title,ISRC,Quantity,Net Revenue\n2025-07,Tidewater,NLA1Z2600123,10,1.2345\n").unwrap();
        let asked = imported(&path, &ReadOptions::default(), 1).unwrap_err();
        assert!(asked.contains("does not say its currency"), "{asked}");
    }
}

/// Money by currency, from texts.
fn amounts(pairs: &[(&str, &str)]) -> BTreeMap<String, Exact> {
    pairs
        .iter()
        .map(|(currency, amount)| ((*currency).to_owned(), number(amount, '.').unwrap()))
        .collect()
}
