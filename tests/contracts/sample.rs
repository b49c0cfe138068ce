//! The sample label's contracts: who gets what of September 2026, by the program and by the slow settlement.
//!
//! The contracts are a [`Label`] of the slow settlement, so `sample-data/contracts.toml` says what it settles, and nothing else. Its sales
//! come from the oracle, which reads the statements by itself.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use ledgerline::results::read_cells;
use ledgerline::settlement::{Inputs, Settled};
use ledgerline::terms::{Balances, Book, Rates};

use super::slow::{
    Deal, Label, Number, Party, RateTerm, Sale, Shelved, disagreement_with, payables, settle_slowly,
};
use crate::oracle;
use crate::support::{rows, run_well, sample_dir, sample_statements, text};

/// Each currency into those of contracts and payees. There is none for the peso, so that something waits for a rate.
const RATES: [(&str, &str, &str); 36] = [
    ("AUD", "EUR", "0.6021"),
    ("BRL", "EUR", "0.1584"),
    ("CAD", "EUR", "0.6177"),
    ("CHF", "EUR", "1.0684"),
    ("GBP", "EUR", "1.1498"),
    ("JPY", "EUR", "0.00585"),
    ("KWD", "EUR", "2.7931"),
    ("NOK", "EUR", "0.0851"),
    ("SEK", "EUR", "0.0903"),
    ("USD", "EUR", "0.8562"),
    ("AUD", "USD", "0.7032"),
    ("BRL", "USD", "0.1850"),
    ("CAD", "USD", "0.7214"),
    ("CHF", "USD", "1.2479"),
    ("EUR", "USD", "1.1679"),
    ("GBP", "USD", "1.3429"),
    ("JPY", "USD", "0.00683"),
    ("KWD", "USD", "3.2621"),
    ("NOK", "USD", "0.0994"),
    ("SEK", "USD", "0.1055"),
    ("AUD", "JPY", "102.92"),
    ("BRL", "JPY", "27.08"),
    ("CAD", "JPY", "105.59"),
    ("CHF", "JPY", "182.63"),
    ("EUR", "JPY", "170.94"),
    ("GBP", "JPY", "196.54"),
    ("KWD", "JPY", "477.45"),
    ("NOK", "JPY", "14.547"),
    ("SEK", "JPY", "15.436"),
    ("USD", "JPY", "146.36"),
    ("EUR", "GBP", "0.8697"),
    ("EUR", "KWD", "0.3580"),
    ("USD", "GBP", "0.7447"),
    ("USD", "KWD", "0.3066"),
    ("JPY", "GBP", "0.00509"),
    ("JPY", "KWD", "0.00209"),
];

fn party(
    name: &str,
    currency: &'static str,
    minimum: &'static str,
    residence: &'static str,
    has_form: bool,
) -> Party {
    Party {
        name: name.into(),
        currency,
        minimum,
        residence,
        has_form,
    }
}

/// Ids of an artist's tracks on a label, in the order of the catalog.
fn tracks(catalog: &[Vec<String>], wanted: impl Fn(&str, &str) -> bool) -> Vec<String> {
    catalog
        .iter()
        .filter(|row| wanted(&row[5], &row[6]))
        .map(|row| row[0].clone())
        .collect()
}

fn deal(name: &str, profile: &'static str, currency: &'static str, tracks: Vec<String>) -> Deal {
    Deal {
        name: name.into(),
        profile,
        currency,
        tracks,
        ..Deal::default()
    }
}

fn label() -> Label {
    let catalog = rows(&sample_dir().join("catalog.csv"));
    let of_artist = |name: &'static str| tracks(&catalog, move |artist, _| artist == name);
    // The parties stand in the order of their names, by which cents are given out.
    let parties = vec![
        party("Brisketh & Daughters", "USD", "10", "US", true),
        party("Halvor & The Quills GbR", "EUR", "5", "DE", true),
        party("Halvorsen & Quill", "EUR", "0", "NO", true),
        party("Lantern Light Ltd", "GBP", "1", "GB", true),
        party("Marrowen Family Trust", "USD", "25.00", "IN", true),
        party("Trigueirão Lda", "EUR", "0", "PT", false),
        party("Éditions Vaucreux", "EUR", "50", "FR", true),
        party("ООО «Чёрный Якорь»", "USD", "0", "", false),
        party("شركة آخر المرفأ", "KWD", "0", "KW", true),
        party("みなも灯工房", "JPY", "1000", "JP", true),
    ];
    let place = |name: &str| {
        parties
            .iter()
            .position(|p| p.name == name)
            .expect("deals name parties that exist")
    };
    let house = place("Halvorsen & Quill");
    let artists = [
        "Quenlo Brisketh",
        "Halvor & The Quills",
        "João Trigueirão",
        "Élodine Vaucreux",
        "Ансамбль «Чёрный Якорь»",
        "Silas Overmantel",
    ];
    let deals = vec![
        Deal {
            album_lines: Some("equal"),
            fees: vec!["0.1", "0.2"],
            rates: vec![RateTerm::Income("0.5")],
            payee_advance: Some((place("Brisketh & Daughters"), "3.75")),
            shares: vec![
                (place("Brisketh & Daughters"), "2/3"),
                (place("Marrowen Family Trust"), "1/3"),
            ],
            ..deal("Brisketh", "royalty", "USD", of_artist("Quenlo Brisketh"))
        },
        Deal {
            album_lines: Some("weights"),
            fees: vec!["0.15"],
            rates: vec![RateTerm::ByIncome("20", "0.5", "0.625")],
            advances: vec![("150", 1), ("12.5", 0)],
            local: Some(("DE", vec![(place("Halvor & The Quills GbR"), "1")])),
            shares: vec![(place("Halvor & The Quills GbR"), "0.8"), (house, "0.2")],
            ..deal("Halvor", "royalty", "EUR", of_artist("Halvor & The Quills"))
        },
        Deal {
            album_lines: Some("units"),
            fees: vec!["0.15"],
            shared_cost: Some("7.5"),
            rates: vec![RateTerm::Income("0.5"), RateTerm::Income("0.25")],
            shares: vec![(place("Trigueirão Lda"), "1/3"), (house, "2/3")],
            ..deal("Trigueirão", "royalty", "EUR", of_artist("João Trigueirão"))
        },
        Deal {
            fees: vec!["0.2"],
            rates: vec![RateTerm::Income("0.75")],
            advances: vec![("300", 2)],
            shares: vec![(place("Éditions Vaucreux"), "1")],
            ..deal("Vaucreux", "royalty", "EUR", of_artist("Élodine Vaucreux"))
        },
        Deal {
            album_lines: Some("equal"),
            rates: vec![RateTerm::ByUnits("5000", "0.4", "0.5")],
            adjustment: Some("-12.5"),
            shares: vec![(place("ООО «Чёрный Якорь»"), "0.85"), (house, "0.15")],
            ..deal(
                "Якорь",
                "royalty",
                "USD",
                of_artist("Ансамбль «Чёрный Якорь»"),
            )
        },
        Deal {
            not_in: Some("US"),
            fees: vec!["0.15"],
            shares: vec![(place("شركة آخر المرفأ"), "0.5"), (house, "0.5")],
            ..deal(
                "نغمة المنارة",
                "net-receipts",
                "EUR",
                tracks(&catalog, |artist, label| {
                    label == "نغمة المنارة" && !artists.contains(&artist)
                }),
            )
        },
        Deal {
            fees: vec!["0.1"],
            shares: vec![
                (place("みなも灯工房"), "0.7"),
                (place("Lantern Light Ltd"), "0.3"),
            ],
            ..deal(
                "みなも灯工房",
                "net-receipts",
                "JPY",
                tracks(&catalog, |artist, label| {
                    label == "みなも灯工房" && !artists.contains(&artist)
                }),
            )
        },
        Deal {
            album_lines: Some("equal"),
            fees: vec!["0.15"],
            advances: vec![("40", 0)],
            shares: vec![(place("Lantern Light Ltd"), "0.5"), (house, "0.5")],
            ..deal(
                "Lanternfish",
                "net-receipts",
                "EUR",
                tracks(&catalog, |artist, label| {
                    label == "Lanternfish Editions" && !artists.contains(&artist)
                }),
            )
        },
        Deal {
            album_lines: Some("equal"),
            fees: vec!["0.15"],
            shares: vec![(house, "1")],
            ..deal(
                "Roster",
                "net-receipts",
                "EUR",
                tracks(&catalog, |artist, label| {
                    label == "Halvorsen & Quill" && !artists.contains(&artist)
                }),
            )
        },
    ];
    let tracks = |tracks: BTreeSet<(String, Option<i64>)>| {
        let is_weighted = tracks.iter().all(|(_, seconds)| seconds.is_some());
        let weight = |seconds: Option<i64>| seconds.filter(|_| is_weighted).map(|s| s.to_string());
        Shelved {
            tracks: tracks
                .into_iter()
                .map(|(id, seconds)| (id, weight(seconds)))
                .collect(),
            is_written: false,
        }
    };
    let releases = oracle::releases(&sample_dir())
        .into_iter()
        .map(|(code, on)| (code, tracks(on)))
        .collect();
    let (sales, carried) = (Vec::new(), Vec::new());
    let mut label = Label {
        releases,
        parties,
        deals,
        joined: Vec::new(),
        has_catch_up: true,
        sales,
        carried,
        rates: &RATES,
    };
    label.deals.sort_by(|a, b| a.name.cmp(&b.name));
    label.joined = (0..label.deals.len())
        .filter(|at| ["Halvor", "Vaucreux"].contains(&label.deals[*at].name.as_str()))
        .collect();
    label.carried = label
        .parties
        .iter()
        .map(|p| match p.name.as_str() {
            "Marrowen Family Trust" => Some("24.5"),
            "Lantern Light Ltd" => Some("-3.1"),
            _ => None,
        })
        .collect();
    label.sales = oracle::sales(&sample_dir()).into_iter().map(sale).collect();
    label
}

fn sale(s: oracle::SampleSale) -> Sale {
    let oracle::SampleSale {
        track,
        album,
        territory,
        units,
        amount,
        currency,
    } = s;
    Sale {
        track,
        album,
        territory,
        period: "2026-09",
        units,
        amount,
        currency,
        is_flagged: false,
    }
}

const NOTE: &str = "# Made by tests/contracts/sample.rs; run the tests with UPDATE_EXPECTED=1 to write it anew. See sample-data/README.md.\n";

fn files(label: &Label) -> [(&'static str, String); 4] {
    let balances = super::BALANCES.to_owned()
        + &label
            .carried_rows()
            .iter()
            .map(|row| format!("{row}\n"))
            .collect::<String>();
    let mut expected = "payee,currency,exact_amount,payable_amount\n".to_owned();
    let slow = settle_slowly(label);
    let paid = payables(label, &slow);
    for (at, (_, _, exact)) in &slow.lines {
        let party = &label.parties[*at];
        let payable = paid.get(at).cloned().unwrap_or_default();
        writeln!(
            expected,
            "{},{},{},{}",
            party.name,
            party.currency,
            decimal(exact, 12),
            decimal(&payable, 3)
        )
        .unwrap();
    }
    [
        ("contracts.toml", NOTE.to_owned() + &label.contracts()),
        ("rates.csv", label.rates_text("made up")),
        ("balances.csv", balances),
        ("expected-payables.csv", expected),
    ]
}

/// A fraction with so many digits after the point, rounded half up; without zeros at its end.
fn decimal(value: &Number, digits: u32) -> String {
    let scale = Number::from(num_bigint::BigInt::from(10).pow(digits));
    let scaled = (value * scale).round().to_integer();
    let sign = if scaled.sign() == num_bigint::Sign::Minus {
        "-"
    } else {
        ""
    };
    let text = format!(
        "{:0>1$}",
        scaled.magnitude().to_string(),
        digits as usize + 1
    );
    let (whole, fraction) = text.split_at(text.len() - digits as usize);
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    }
}

#[test]
fn the_files_of_the_sample_say_what_the_slow_settlement_settles() {
    for (name, text) in files(&label()) {
        let path = sample_dir().join(name);
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        assert!(
            std::fs::read_to_string(&path).unwrap() == text,
            "{name} is not what is written with UPDATE_EXPECTED=1"
        );
    }
}

fn settled(out: &Path) -> Settled {
    let sample = |name: &str| {
        vec![(
            name.to_owned(),
            std::fs::read(sample_dir().join(name)).unwrap(),
        )]
    };
    let book = Book::read(&[(
        "contracts.toml".to_owned(),
        std::fs::read(out.join("contracts.toml")).unwrap(),
    )])
    .unwrap();
    let opening = Balances::read(&sample("balances.csv"), &book).unwrap();
    let cells = read_cells("cells.csv", &std::fs::read(out.join("cells.csv")).unwrap()).unwrap();
    Settled::of(Inputs {
        book,
        cells: cells.into(),
        rates: Rates::read(&sample("rates.csv")).unwrap(),
        opening,
        ..Inputs::default()
    })
    .unwrap()
}

/// From the statement files to what is paid: the program against two implementations that know nothing of it.
#[test]
fn the_sample_is_paid_as_the_slow_settlement_pays_it() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let sample = |name: &str| sample_dir().join(name).display().to_string();
    let (catalog, contracts, rates, balances) = (
        sample("catalog.csv"),
        sample("contracts.toml"),
        sample("rates.csv"),
        sample("balances.csv"),
    );
    let (out, workspace, period) = (at("out"), at("workspace"), at("period"));
    let mut command = vec![
        "reconcile",
        "--catalog",
        &catalog,
        "--out",
        &out,
        "--workspace",
        &workspace,
    ];
    command.extend([
        "--contracts",
        &contracts,
        "--rates",
        &rates,
        "--balances",
        &balances,
        "--statement",
    ]);
    let statements = sample_statements();
    command.extend(statements.iter().map(String::as_str));
    run_well(&command);
    let unguarded = |text: &str| text.strip_prefix('\'').unwrap_or(text).to_owned();
    let paid: BTreeSet<[String; 3]> = rows(&folder.path().join("out/payables.csv"))
        .iter()
        .filter(|r| r[2] != "rounding")
        .map(|r| [unguarded(&r[0]), r[1].clone(), r[8].clone()])
        .collect();
    let expected: BTreeSet<[String; 3]> = rows(&sample_dir().join("expected-payables.csv"))
        .iter()
        .map(|r| [r[0].clone(), r[1].clone(), r[3].clone()])
        .collect();
    assert_eq!(paid, expected);
    // The workspace comes to the same, and what it keeps of the closed period agrees in all accounts, not only in what is paid.
    run_well(&[
        "terms",
        "import",
        &contracts,
        &rates,
        &balances,
        "--workspace",
        &workspace,
    ]);
    let closed = text(&run_well(&["payout", "close", "2026-09", "--workspace", &workspace]).stdout);
    assert!(
        closed.contains("2026-09 is closed with 14 statements"),
        "{closed}"
    );
    run_well(&[
        "payout",
        "export",
        "2026-09",
        "--out",
        &period,
        "--workspace",
        &workspace,
    ]);
    assert_eq!(
        std::fs::read(at("period/payables.csv")).unwrap(),
        std::fs::read(at("out/payables.csv")).unwrap()
    );
    let (wrong, _) = disagreement_with(&label(), &settled(Path::new(&period)));
    assert_eq!(wrong, None);
}
