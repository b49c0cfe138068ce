//! Payout files: their sums are what is payable, and what cannot be paid refuses the file.

use std::collections::BTreeMap;
use std::path::Path;

use ledgerline::account::PayoutProfile;
use ledgerline::ident::Currency;
use ledgerline::money::Amount;
use ledgerline::settlement::Settled;

use super::{Texts, amount, currency};
use crate::support::{file, run, text};

const BANKS: [(&str, &str, &str); 4] = [
    ("Ada", "EUR", "DE89 3704 0044 0532 0130 00"),
    ("=Ben", "EUR", "GB29NWBK60161331926819"),
    ("Cy;ril", "JPY", "cy@example.org"),
    ("Dora", "USD", "dora@example.org"),
];

/// Four payees in three currencies, a quarter each of what is sold, and one who is below the minimum.
fn texts(banks: &[(&str, &str, &str)]) -> Texts {
    let payee = |(name, code, bank): &(&str, &str, &str)| {
        format!("[[payee]]\nname = \"{name}\"\ncurrency = \"{code}\"\nbank = \"{bank}\"\n")
    };
    let shares: Vec<String> = banks
        .iter()
        .map(|(name, ..)| format!("\"{name}\" = \"0.245\""))
        .collect();
    let contracts = banks.iter().map(payee).collect::<String>()
        + "[[payee]]\nname = \"Low\"\ncurrency = \"EUR\"\nminimum = 500\n[[contract]]\nname = \"C\"\nprofile = \"net-receipts\"\ncurrency = \"EUR\"\neverything = true\n"
        + &format!(
            "[[contract.split]]\nshares = {{ {}, Low = 0.02 }}\n",
            shares.join(", ")
        );
    let rates =
        "period,from,to,rate,source\n2026-09,EUR,JPY,162.25,bank\n2026-09,EUR,USD,1.085,bank\n";
    Texts::new(&contracts, &["T,DE,2026-09,stream,DSP,1,5000.777,EUR"]).with_rates(rates)
}

fn profile(name: &str) -> PayoutProfile {
    PayoutProfile::read(&[])
        .unwrap()
        .into_iter()
        .find(|p| p.name == name)
        .unwrap()
}

fn payable(settled: &Settled) -> BTreeMap<Currency, Amount> {
    let mut sums: BTreeMap<Currency, Amount> = BTreeMap::new();
    for line in settled.payables.iter().filter(|l| !l.payable.is_zero()) {
        let sum = sums.entry(line.currency).or_default();
        *sum = sum.plus(line.payable).unwrap();
    }
    sums
}

#[test]
fn the_rows_of_a_file_sum_to_what_is_payable() {
    let settled = texts(&BANKS).settle();
    for (name, at, mark) in [("payables", 2, '.'), ("paypal", 1, '.'), ("sepa", 2, ',')] {
        let ours: Vec<&str> = if name == "sepa" {
            vec!["EUR"]
        } else {
            vec!["EUR", "JPY", "USD"]
        };
        let payout = profile(name)
            .files(&settled)
            .unwrap_or_else(|faults| panic!("{name}: {faults:?}"));
        let mut rows: BTreeMap<Currency, Amount> = BTreeMap::new();
        for row in payout.files.iter().flat_map(|f| &f.rows) {
            let code = if name == "sepa" {
                3
            } else if name == "paypal" {
                2
            } else {
                3
            };
            let sum = rows.entry(currency(&row[code])).or_default();
            // A canonical amount has no zeros at its end.
            let digits = row[at].replace(mark, ".");
            let digits = if digits.contains('.') {
                digits.trim_end_matches('0').trim_end_matches('.')
            } else {
                &digits
            };
            *sum = sum.plus(amount(digits)).unwrap();
        }
        let mut wanted = payable(&settled);
        wanted.retain(|code, _| ours.contains(&code.code()));
        assert_eq!(rows, wanted, "{name}");
        let all: usize = payout.totals.iter().map(|t| t.payments).sum();
        assert_eq!(all, 4, "{name} counts what it leaves out too");
        assert_eq!(
            payout.totals.iter().any(|t| t.file.is_empty()),
            name == "sepa"
        );
    }
    assert_eq!(
        profile("paypal").files(&settled).unwrap().files.len(),
        3,
        "a file for each currency"
    );
}

#[test]
fn amounts_and_days_have_the_form_of_the_profile() {
    let settled = texts(&BANKS).settle();
    let rows = |name: &str| {
        profile(name)
            .files(&settled)
            .unwrap()
            .files
            .into_iter()
            .flat_map(|f| f.rows)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        rows("sepa")[1],
        [
            "Ada",
            "DE89370400440532013000",
            "1225,19",
            "EUR",
            "Royalties 01.09.2026 - 30.09.2026"
        ]
    );
    let jpy = rows("paypal").into_iter().find(|r| r[2] == "JPY").unwrap();
    assert_eq!(
        jpy,
        [
            "cy@example.org",
            "198787",
            "JPY",
            "",
            "Royalties 2026-09",
            "PAYPAL"
        ]
    );
}

#[test]
fn every_payment_without_a_bank_reference_is_named_and_nothing_is_made() {
    let mut banks = BANKS;
    (banks[0].2, banks[1].2) = ("", "GB29NWBK60161331926818");
    let settled = texts(&banks).settle();
    let faults: Vec<String> = profile("sepa")
        .files(&settled)
        .unwrap_err()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(
        faults.iter().any(|f| f.starts_with("contracts.toml, line ")
            && f.contains("Ada is to be paid 1225.19 EUR and has no bank reference")),
        "{faults:?}"
    );
    assert!(
        faults
            .iter()
            .any(|f| f.contains("=Ben") && f.contains("not an IBAN")),
        "{faults:?}"
    );
}

#[test]
fn a_file_has_no_more_rows_than_its_profile_allows() {
    let own = "[[profile]]\nname = \"few\"\ndelimiter = \"|\"\ndecimal = \".\"\nheader = true\nmost_rows = 3\ncolumns = [{ title = \"who\", field = \"payee\" }, { title = \"how much\", field = \"payable\" }]\n";
    let profiles = PayoutProfile::read(&[("own.toml".into(), own.into())]).unwrap();
    let payout = profiles[0].files(&texts(&BANKS).settle()).unwrap();
    let sizes: Vec<(&str, usize)> = payout
        .files
        .iter()
        .map(|f| (f.name.as_str(), f.rows.len()))
        .collect();
    assert_eq!(sizes, [("payout-few.csv", 3), ("payout-few-2.csv", 1)]);
}

fn settle(folder: &Path, texts: &Texts, more: &[&str]) -> std::process::Output {
    let given = [
        ("cells.csv", &texts.cells),
        ("contracts.toml", &texts.contracts),
        ("rates.csv", &texts.rates[0]),
    ];
    let [cells, contracts, rates] = given.map(|(name, content)| file(folder, name, content));
    let out = folder.join("out").display().to_string();
    let mut arguments = vec![
        "settle",
        "--cells",
        &cells,
        "--contracts",
        &contracts,
        "--rates",
        &rates,
        "--out",
        &out,
    ];
    arguments.extend(more);
    run(&arguments)
}

#[test]
fn the_command_writes_the_files_prints_their_totals_and_takes_profiles_of_your_own() {
    let folder = tempfile::tempdir().unwrap();
    let own = "[[profile]]\nname = \"house\"\ndelimiter = \"|\"\ndecimal = \",\"\nheader = true\ndate = \"DD/MM/YYYY\"\ncolumns = [{ title = \"who\", field = \"payee\" }, { title = \"how much\", field = \"payable\" }, { title = \"for\", text = \"{period_end} {currency} {bank}\" }]\n";
    let columns = file(folder.path(), "own.toml", own);
    let output = settle(
        folder.path(),
        &texts(&BANKS),
        &[
            "--payout-file",
            "house",
            "--payout-file",
            "sepa",
            "--columns",
            &columns,
        ],
    );
    assert!(output.status.success(), "{}", text(&output.stderr));
    let shown = text(&output.stdout);
    for line in [
        "payout-house.csv: 2 payments, 2450.38 EUR",
        "payout-house.csv: 1 payment, 198787 JPY",
        "payout-sepa.csv: 2 payments, 2450.38 EUR",
    ] {
        assert!(shown.contains(line), "{line} is not in\n{shown}");
    }
    assert!(
        text(&output.stderr).contains("left out of the payout file: 1 payment, 1329.33 USD"),
        "{}",
        text(&output.stderr)
    );
    let out = folder.path().join("out");
    let house = std::fs::read_to_string(out.join("payout-house.csv")).unwrap();
    let lines: Vec<&str> = house.lines().collect();
    assert_eq!(lines[0], "who|how much|for");
    assert!(
        lines.contains(&"'=Ben|1225,19|30/09/2026 EUR GB29NWBK60161331926819"),
        "{lines:?}"
    );
    assert!(
        lines.contains(&"Cy;ril|198787|30/09/2026 JPY cy@example.org"),
        "{lines:?}"
    );
    let proof: serde_json::Value =
        serde_json::from_slice(&std::fs::read(out.join("proof.json")).unwrap()).unwrap();
    assert_eq!(proof["payouts"][0]["amount"], "2450.38");
    // Another run without them leaves no payments behind that are not those of its payables.
    assert!(settle(folder.path(), &texts(&BANKS), &[]).status.success());
    assert!(!out.join("payout-house.csv").exists() && !out.join("payout-sepa.csv").exists());
}

#[test]
fn a_refused_payout_file_leaves_the_folder_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    assert!(
        settle(
            folder.path(),
            &texts(&BANKS),
            &["--payout-file", "payables"]
        )
        .status
        .success()
    );
    let out = folder.path().join("out");
    let before = std::fs::read(out.join("payout-payables.csv")).unwrap();
    let mut banks = BANKS;
    banks[3].2 = "";
    let refused = settle(
        folder.path(),
        &texts(&banks),
        &[
            "--payout-file",
            "payables",
            "--payout-file",
            "paypal",
            "--statements",
        ],
    );
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        text(&refused.stderr).contains("Dora is to be paid 1329.33 USD and has no bank reference, which \"paypal\" needs; add bank"),
        "{}",
        text(&refused.stderr)
    );
    assert_eq!(
        std::fs::read(out.join("payout-payables.csv")).unwrap(),
        before
    );
    assert!(!out.join("statements").exists());
    let names: Vec<_> = std::fs::read_dir(&out)
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert_eq!(names.len(), 6, "{names:?}");
    let unknown = settle(folder.path(), &texts(&BANKS), &["--payout-file", "bank"]);
    assert!(
        text(&unknown.stderr)
            .contains("there is no payout file \"bank\"; there are: payables, paypal, sepa"),
        "{}",
        text(&unknown.stderr)
    );
}
