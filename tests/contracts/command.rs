//! `settle` and `explain` as commands: the sample's settlement, exit codes, and files that appear whole or not at all.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ledgerline::money::Amount;

use super::amount;
use crate::support::{file, rows, run, run_well, sample_dir, text};

const FILES: [&str; 5] = [
    "postings.csv",
    "payables.csv",
    "balances.csv",
    "proof.json",
    "journal.csv",
];

fn sample(name: &str) -> PathBuf {
    sample_dir().join("settle").join(name)
}

fn arguments(command: &str, cells: &str, out: &Path) -> Vec<String> {
    let path = |name: &str| sample(name).display().to_string();
    let mut arguments = vec![command.to_owned(), "--cells".into(), cells.to_owned()];
    for (option, name) in [
        ("--contracts", "contracts.toml"),
        ("--rates", "rates.csv"),
        ("--balances", "balances.csv"),
    ] {
        arguments.extend([option.to_owned(), path(name)]);
    }
    if command == "settle" {
        arguments.extend(["--out".to_owned(), out.display().to_string()]);
    }
    arguments
}

fn refs(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}

fn contents(folder: &Path) -> Vec<String> {
    FILES
        .iter()
        .map(|name| {
            std::fs::read_to_string(folder.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
        })
        .collect()
}

#[test]
fn the_sample_settles_to_what_stands_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let cells = sample("cells.csv").display().to_string();
    let output = run_well(&refs(&arguments("settle", &cells, folder.path())));
    let written = contents(folder.path());
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        for (name, content) in FILES.iter().zip(&written) {
            std::fs::write(sample("expected").join(name), content).unwrap();
        }
    }
    assert_eq!(
        written,
        contents(&sample("expected")),
        "with UPDATE_EXPECTED=1 they are written anew"
    );
    let warnings = text(&output.stderr);
    assert!(
        warnings
            .contains("0.6 GBP wait (no_exchange_rate of Remix): give a file of rates that has it"),
        "{warnings}"
    );
    assert!(
        warnings.contains("0.041 EUR wait (no_contract)"),
        "{warnings}"
    );
}

#[test]
fn threads_and_the_order_of_rows_do_not_show_in_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let all = std::fs::read_to_string(sample("cells.csv")).unwrap();
    let mut lines: Vec<&str> = all.lines().collect();
    lines[1..].reverse();
    let turned = file(folder.path(), "turned.csv", lines.join("\r\n"));
    let semicolons = file(folder.path(), "semicolons.csv", all.replace(',', ";"));
    for (cells, threads) in [(turned, "1"), (semicolons, "4")] {
        let out = folder.path().join(threads);
        let mut arguments = arguments("settle", &cells, &out);
        arguments.extend(["--threads".into(), threads.into()]);
        run_well(&refs(&arguments));
        assert_eq!(contents(&out), contents(&sample("expected")));
    }
}

#[test]
fn the_journal_is_the_postings_and_balances_in_each_currency() {
    let mut left: BTreeMap<(String, String), Amount> = BTreeMap::new();
    let mut add = |account: &str, currency: &str, amount: Amount| {
        let sum = left
            .entry((account.to_owned(), currency.to_owned()))
            .or_default();
        *sum = sum.plus(amount).unwrap();
    };
    for row in rows(&sample("expected").join("postings.csv")) {
        add(row[5].split(':').next().unwrap(), &row[6], amount(&row[7]));
    }
    let mut currencies: BTreeMap<String, Amount> = BTreeMap::new();
    for row in rows(&sample("expected").join("journal.csv")) {
        let (debit, credit) = (amount(&row[2]), amount(&row[3]));
        assert!(debit >= Amount::ZERO && credit >= Amount::ZERO, "{row:?}");
        assert_eq!(debit.minus(credit).unwrap(), amount(&row[4]));
        add(&row[0], &row[1], credit.minus(debit).unwrap());
        let sum = currencies.entry(row[1].clone()).or_default();
        *sum = sum.plus(amount(&row[4])).unwrap();
    }
    assert!(left.values().all(|sum| sum.is_zero()), "{left:?}");
    assert!(
        currencies.len() == 4 && currencies.values().all(|sum| sum.is_zero()),
        "{currencies:?}"
    );
}

/// Statements beside the tables: those of the sample are kept, and threads do not show in them.
#[test]
fn statements_come_with_the_settlement_and_go_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let cells = sample("cells.csv").display().to_string();
    let settle = |more: &[&str]| {
        let mut arguments = arguments("settle", &cells, folder.path());
        arguments.extend(more.iter().map(|text| (*text).to_owned()));
        run_well(&refs(&arguments))
    };
    let all = |folder: &Path| -> BTreeMap<String, Vec<u8>> {
        let files = std::fs::read_dir(folder)
            .unwrap()
            .map(|e| e.unwrap().path());
        files
            .map(|path| {
                (
                    path.file_name().unwrap().to_string_lossy().into_owned(),
                    std::fs::read(&path).unwrap(),
                )
            })
            .collect()
    };
    let catalog = sample_dir().join("catalog.csv").display().to_string();
    let output = settle(&["--statements", "--catalog", &catalog, "--threads", "1"]);
    assert!(
        text(&output.stdout).contains("3 statements"),
        "{}",
        text(&output.stdout)
    );
    let statements = folder.path().join("statements");
    let first = all(&statements);
    assert_eq!(first.len(), 7, "{:?}", first.keys());
    let tables: BTreeMap<&String, &Vec<u8>> = first
        .iter()
        .filter(|(name, _)| name.ends_with(".csv") && *name != "index.csv")
        .collect();
    let kept = sample("expected").join("statements");
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::create_dir_all(&kept).unwrap();
        tables
            .iter()
            .for_each(|(name, content)| std::fs::write(kept.join(name), content).unwrap());
    }
    let kept = all(&kept);
    assert_eq!(
        tables,
        kept.iter().collect(),
        "with UPDATE_EXPECTED=1 they are written anew"
    );
    let index = rows(&statements.join("index.csv"));
    for row in &index {
        for (name, hash) in [(&row[5], &row[6]), (&row[7], &row[8])] {
            assert_eq!(
                blake3::hash(&std::fs::read(folder.path().join(name)).unwrap())
                    .to_hex()
                    .to_string(),
                *hash,
                "{name}"
            );
        }
    }
    settle(&["--statements", "--catalog", &catalog, "--threads", "4"]);
    assert_eq!(all(&statements), first);
    std::fs::write(statements.join("mine.txt"), "a note").unwrap();
    settle(&[]);
    assert_eq!(
        all(&statements).into_keys().collect::<Vec<_>>(),
        ["mine.txt"],
        "statements that do not fit the tables are gone, and nothing else"
    );
}

#[test]
fn postings_sum_to_zero_and_lead_to_the_payables() {
    let postings = rows(&sample("expected").join("postings.csv"));
    let mut sums: BTreeMap<String, Amount> = BTreeMap::new();
    let mut paid: BTreeMap<(String, String), Amount> = BTreeMap::new();
    for row in &postings {
        let sum = sums.entry(row[6].clone()).or_default();
        *sum = sum.plus(amount(&row[7])).unwrap();
        if let Some(payee) = row[5].strip_prefix("payable:") {
            let sum = paid.entry((payee.to_owned(), row[6].clone())).or_default();
            *sum = sum.minus(amount(&row[7])).unwrap();
        }
    }
    assert!(sums.values().all(|sum| sum.is_zero()), "{sums:?}");
    assert_eq!(sums.len(), 4);
    let payables = rows(&sample("expected").join("payables.csv"));
    for row in payables.iter().filter(|row| row[0] != "(rounding)") {
        assert_eq!(
            paid.get(&(row[0].clone(), row[1].clone()))
                .copied()
                .unwrap_or_default(),
            amount(&row[8]),
            "{row:?}"
        );
        let exact = amount(&row[3])
            .plus(amount(&row[4]))
            .unwrap()
            .minus(amount(&row[5]))
            .unwrap();
        assert_eq!(exact, amount(&row[6]), "{row:?}");
    }
    let proof: serde_json::Value = serde_json::from_str(&contents(&sample("expected"))[3]).unwrap();
    assert!(
        proof["proof"]
            .as_array()
            .unwrap()
            .iter()
            .all(|line| line["holds"] == true)
    );
    assert_eq!(proof["profiles"]["net-receipts"][1], "charges");
}

#[test]
fn explain_shows_each_step_with_clause_rate_and_cells() {
    let cells = sample("cells.csv").display().to_string();
    let explain = |payee: &str, code: &str| {
        let mut arguments = arguments("explain", &cells, Path::new(""));
        arguments.extend([
            "--payee".into(),
            payee.into(),
            "--currency".into(),
            code.into(),
        ]);
        arguments
    };
    let shown = text(&run_well(&refs(&explain("Ines Falk", "JPY"))).stdout);
    let wanted = [
        "Ines Falk, JPY, 2026-09: ",
        "profile \"royalty\": exchange > charges > fees > shared_costs > rate > reserve > recoup > adjustments > split > payee_recoup",
        "contracts.toml, line ",
        "charges: Discovery Mode: 0.3 of ",
        "recoup: first advance",
        "split: abroad: 1/3 of ",
        "tax: us, no form: 0.24 of ",
        "ECB euro reference rates, 2026-09-30",
        "cell HQ-00101 | US | 2026-09 | stream | Spotify | discovery_mode | spotify-2026-09: 98000 units, 391.2204 USD",
    ];
    for part in wanted {
        assert!(shown.contains(part), "{part:?} is not in\n{shown}");
    }
    // What others get is theirs alone.
    assert!(!shown.contains("2/3 of"), "{shown}");
    let none = run(&refs(&explain("Ines Falk", "USD")));
    assert_eq!(none.status.code(), Some(1));
    assert!(text(&none.stderr).contains("gets nothing in USD"));
    let nobody = run(&refs(&explain("Ines", "JPY")));
    assert!(text(&nobody.stderr).contains("no payee \"Ines\""));
}

#[test]
fn faults_name_file_and_line_and_leave_earlier_results_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let cells = sample("cells.csv").display().to_string();
    let out = folder.path().join("out");
    run_well(&refs(&arguments("settle", &cells, &out)));
    let before = contents(&out);
    let bad = file(
        folder.path(),
        "bad.csv",
        std::fs::read_to_string(&cells).unwrap() + "HQ-1,DE,2026-09,stream,Spotify,1,x,EUR,,,,\n",
    );
    let refused = run(&refs(&arguments("settle", &bad, &out)));
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        text(&refused.stderr).contains("bad.csv, line 13, amount: "),
        "{}",
        text(&refused.stderr)
    );
    assert_eq!(contents(&out), before);
    assert_eq!(
        std::fs::read_dir(&out).unwrap().count(),
        FILES.len(),
        "nothing half written lies there"
    );
    let missing = run(&refs(&arguments("settle", "nowhere.csv", &out)));
    assert_eq!(missing.status.code(), Some(1));
    assert!(
        text(&missing.stderr).contains("cannot read nowhere.csv"),
        "{}",
        text(&missing.stderr)
    );
    assert_eq!(run(&["settle", "--cells", &cells]).status.code(), Some(2));
    let mut wrong = arguments("settle", &cells, &out);
    wrong.extend(["--period".into(), "soon".into()]);
    assert_eq!(run(&refs(&wrong)).status.code(), Some(2));
}

#[test]
fn contracts_as_csv_give_what_contracts_as_toml_give() {
    let folder = tempfile::tempdir().unwrap();
    let toml = "[[payee]]\nname = \"Ada\"\ncurrency = \"EUR\"\nminimum = 5\n[[payee]]\nname = \"Ben\"\ncurrency = \"EUR\"\n[[contract]]\nname = \"C\"\nprofile = \"royalty\"\ncurrency = \"EUR\"\ntracks = [\"T1\", \"T2\"]\nfrom = 2026-01-01\n[[contract.fee]]\nname = \"f\"\nrate = 0.1\n[[contract.rate]]\nname = \"r\"\ncounts = \"income\"\ntiers = { 10 = 0.2, rest = 0.5 }\n[[contract.advance]]\nname = \"a\"\namount = 3\ndate = 2026-01-01\n[[contract.split]]\nshares = { Ada = \"1/3\", Ben = \"2/3\" }\n";
    let csv = "record,contract,name,currency,minimum,profile,tracks,from,rate,counts,tiers,amount,date,shares\n\
        payee,,Ada,EUR,5,,,,,,,,,\npayee,,Ben,EUR,,,,,,,,,,\ncontract,C,,EUR,,royalty,T1;T2,2026-01-01,,,,,,\nfee,C,f,,,,,,0.1,,,,,\n\
        rate,C,r,,,,,,,income,10=0.2;rest=0.5,,,\nadvance,C,a,,,,,,,,,3,2026-01-01,\nsplit,C,,,,,,,,,,,,Ada=1/3;Ben=2/3\n";
    let cells = file(
        folder.path(),
        "cells.csv",
        super::cells(&[
            "T1,DE,2026-09,stream,DSP,5,100,EUR",
            "T2,DE,2026-09,stream,DSP,5,7.77,EUR",
        ]),
    );
    let outs = [("c.toml", toml), ("c.csv", csv)].map(|(name, content)| {
        let out = folder.path().join(format!("out-{name}"));
        run_well(&[
            "settle",
            "--cells",
            &cells,
            "--contracts",
            &file(folder.path(), name, content),
            "--out",
            &out.display().to_string(),
        ]);
        contents(&out)
    });
    assert_eq!(outs[0], outs[1]);
    assert!(outs[0][1].contains("Ada,EUR,paid,"), "{}", outs[0][1]);
}
