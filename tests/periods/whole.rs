//! The whole way from statements to payables by contract: with files given to `reconcile`, with terms kept in a workspace, from the desk.

use std::path::Path;

use ledgerline::contents::terms::terms_after;
use ledgerline::ident::Isrc;
use ledgerline::period::{OpenPeriod, WhatIf, closed_periods};
use ledgerline::review::{Action, Decision, Target, TermText, TermsChange};
use ledgerline::session::engine::{ChangeCommand, Event};

use super::House;
use crate::desk::Opened;
use crate::support::{file, rows, run_well, sample_dir, sample_statements, summary, text};

const CONTRACTS: &str = r#"
[[payee]]
name = "House"
currency = "EUR"
[[payee]]
name = "Artists"
currency = "USD"
minimum = 10
[[contract]]
name = "All"
profile = "net-receipts"
currency = "EUR"
everything = true
[[contract.fee]]
name = "distribution"
rate = 0.15
[[contract.charge]]
name = "discovery mode"
flag = "discovery_mode"
rate = 0.30
[[contract.split]]
name = "all"
shares = { House = "1/3", Artists = "2/3" }
"#;

const RATES: &str = "period,from,to,rate,source,date\n2020-01..2030-12,USD,EUR,0.9,bank,2026-09-30\n2020-01..2030-12,GBP,EUR,1.15,bank,2026-09-30\n";

fn arguments<'a>(start: &[&'a str], more: &'a [String]) -> Vec<&'a str> {
    start
        .iter()
        .copied()
        .chain(more.iter().map(String::as_str))
        .collect()
}

#[test]
fn contracts_settle_what_reconcile_matches_and_nothing_is_lost_between_the_two() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (contracts, rates) = (
        file(folder.path(), "contracts.toml", CONTRACTS),
        file(folder.path(), "rates.csv", RATES),
    );
    let catalog = sample_dir().join("catalog.csv").display().to_string();
    let statements = sample_statements();
    let (plain, given, workspace) = (at("plain"), at("given"), at("workspace"));
    let start = ["reconcile", "--catalog", &catalog, "--out", &plain];
    run_well(&arguments(
        &[&start[..], &["--statement"]].concat(),
        &statements,
    ));
    let start = [
        "reconcile",
        "--catalog",
        &catalog,
        "--out",
        &given,
        "--workspace",
        &workspace,
        "--contracts",
        &contracts,
        "--rates",
        &rates,
    ];
    run_well(&arguments(
        &[&start[..], &["--statement"]].concat(),
        &statements,
    ));
    // What is matched is settled; the totals are what they were; who is paid is another question.
    let (plain_summary, given_summary) = (summary(Path::new(&plain)), summary(Path::new(&given)));
    assert_eq!(plain_summary["totals"], given_summary["totals"]);
    assert_ne!(plain_summary["fingerprint"], given_summary["fingerprint"]);
    let claims = given_summary["proof"].as_array().unwrap();
    assert!(claims.iter().any(|line| {
        line["claim"]
            .as_str()
            .unwrap()
            .starts_with("money reported = money that contracts are settled from")
    }));
    assert!(
        !Path::new(&given).join("payouts.csv").exists()
            && Path::new(&plain).join("payouts.csv").exists()
    );
    // All pounds that are matched are income of the one contract, and so are those of whole releases, which it covers.
    let totals = plain_summary["totals"].as_array().unwrap().iter();
    let matched = totals
        .filter(|t| t["currency"] == "GBP" && t["status"] == "matched")
        .map(|t| super::amount(t["amount"].as_str().unwrap()));
    let exceptions = rows(&Path::new(&given).join("exceptions.csv"));
    let albums = exceptions
        .iter()
        .filter(|e| e[1] == "upc_release" && e[11] == "GBP")
        .map(|e| super::amount(&e[10]));
    let expected = ledgerline::money::Amount::sum(matched.chain(albums)).unwrap();
    let postings = rows(&Path::new(&given).join("postings.csv"));
    let pounds = postings
        .iter()
        .filter(|p| p[5] == "contract:All" && p[1] == "income" && p[6] == "GBP");
    let pounds = pounds.map(|p| super::amount(&p[7]).negated());
    assert_eq!(ledgerline::money::Amount::sum(pounds).unwrap(), expected);
    // The same from what the workspace keeps, and after it from the desk of the window.
    run_well(&[
        "terms",
        "import",
        &contracts,
        &rates,
        "--workspace",
        &workspace,
    ]);
    run_well(&[
        "payout",
        "show",
        "--out",
        &at("shown"),
        "--workspace",
        &workspace,
    ]);
    for name in ["payables.csv", "postings.csv", "balances.csv", "proof.json"] {
        assert_eq!(
            std::fs::read(folder.path().join("shown").join(name)).unwrap(),
            std::fs::read(Path::new(&given).join(name)).unwrap(),
            "{name}"
        );
    }
    let explained = text(
        &run_well(&[
            "payout",
            "explain",
            "--payee",
            "Artists",
            "--currency",
            "USD",
            "--workspace",
            &workspace,
        ])
        .stdout,
    );
    assert!(
        explained.starts_with("Artists, USD, 2026-09: ")
            && explained.contains("fees: distribution: 0.15 of"),
        "{explained}"
    );
    // What if the fee were lower, without taking it.
    let cheaper = file(
        folder.path(),
        "cheaper.toml",
        CONTRACTS.replace("0.15", "0.05"),
    );
    let what_if =
        text(&run_well(&["payout", "what-if", &cheaper, "--workspace", &workspace]).stdout);
    assert!(
        what_if.starts_with("payee")
            && what_if.contains("House    EUR")
            && what_if.contains("would be paid"),
        "{what_if}"
    );
    let same =
        text(&run_well(&["payout", "what-if", &contracts, "--workspace", &workspace]).stdout);
    assert_eq!(same, "nothing would be paid differently\n");
    // Without contracts again, what they gave before goes.
    run_well(&arguments(
        &[
            "reconcile",
            "--catalog",
            &catalog,
            "--out",
            &given,
            "--statement",
        ],
        &statements,
    ));
    assert!(
        Path::new(&given).join("payouts.csv").exists()
            && !Path::new(&given).join("payables.csv").exists()
    );
}

#[test]
fn terms_that_cannot_be_are_said_before_a_statement_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let bad = file(folder.path(), "bad.toml", CONTRACTS.replace("1/3", "1/2"));
    let catalog = sample_dir().join("catalog.csv").display().to_string();
    let out = folder.path().join("out").display().to_string();
    let mut command = vec![
        "reconcile",
        "--catalog",
        &catalog,
        "--out",
        &out,
        "--contracts",
        &bad,
        "--statement",
    ];
    let statements = sample_statements();
    command.extend(statements.iter().map(String::as_str));
    let output = crate::support::run(&command);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stderr).contains("bad.toml, line 23, shares: "),
        "{}",
        text(&output.stderr)
    );
    assert!(!Path::new(&out).exists());
}

/// What if: a changed contract, and a decision, show their effect before they are taken.
#[test]
fn the_effect_of_a_change_is_shown_before_it_is_taken() {
    for is_closed in [false, true] {
        let mut house = House::new();
        house.report(
            "sept.csv",
            &[
                (1, "US", "2026-09", "100"),
                (3, "US", "2026-09", "7"),
                (4, "US", "2026-09", "40"),
            ],
        );
        if is_closed {
            house.close("2026-09");
            house.report("oct.csv", &[(3, "US", "2026-10", "10")]);
        }
        let House { folder, session } = house;
        drop(session);
        let opened = Opened::new(&folder.path().join("workspace"));
        let (session, desk) = (opened.engine.contents().unwrap(), opened.engine.desk());
        let open = session
            .open_period_of(&desk, desk.terms(), desk.periods(), None)
            .unwrap();
        let key = ("contract".to_owned(), "Red".to_owned());
        let halved = desk.terms()[&key].replace(
            "shares = { Label = 1 }",
            "shares = { Label = 0.5, Ada = 0.5 }",
        );
        let change = TermsChange {
            set: vec![TermText {
                kind: key.0,
                name: key.1,
                text: halved,
            }],
            ..TermsChange::default()
        };
        let (texts, _) = terms_after(desk.terms(), &change).unwrap();
        let after = session
            .open_period_with(&open, &desk, &texts, desk.periods())
            .unwrap();
        let effect = WhatIf::of(&open, &after).unwrap();
        let label = effect.effects.iter().find(|e| e.payee == "Label").unwrap();
        // Closed, half of September's 6.30 was paid too much, beside half of October's 9.
        let expected = if is_closed {
            ["9", "1.35"]
        } else {
            ["6.3", "3.15"]
        };
        assert_eq!(
            [label.before.to_string(), label.after.to_string()],
            expected
        );
        assert_eq!(effect.corrected, if is_closed { 2 } else { 0 });
        // It is what comes of it.
        opened.engine.send(ChangeCommand::ChangeTerms(change));
        opened.wait(|event| matches!(event, Event::TermsChanged(_)));
        let desk = opened.engine.desk();
        let taken = session
            .open_period_of(&desk, desk.terms(), desk.periods(), None)
            .unwrap();
        assert_eq!(taken.settled.payables, after.settled.payables);
        assert_eq!(taken.fingerprint(), after.fingerprint());
        // The rest of the money waits for a decision about T4's lines.
        let isrc = Isrc::parse("XAAAA2600004").unwrap();
        let decision = Decision {
            target: Target::Isrc {
                isrc,
                dsp: None,
                upc: None,
            },
            action: Action::Ignore,
            note: String::new(),
        };
        let effect = session.what_if_decided(&desk, &taken, &[decision]).unwrap();
        assert!(effect.effects.is_empty());
        let waiting: Vec<_> = effect
            .waiting
            .iter()
            .map(|(currency, before, after)| {
                (currency.code(), before.to_string(), after.to_string())
            })
            .collect();
        assert_eq!(
            waiting,
            [("USD", "40".to_owned(), "0".to_owned())],
            "also when its period is closed"
        );
    }
}

/// Opens a workspace as the window does, and settles its open period from the desk.
fn from_desk(workspace: &Path) -> OpenPeriod {
    let opened = Opened::new(workspace);
    let engine = &opened.engine;
    let session = engine.contents().unwrap();
    let closed = closed_periods(&engine.history()).unwrap();
    session
        .open_period_of(&engine.desk(), &session.terms().unwrap(), &closed, None)
        .unwrap()
}

#[test]
fn the_desk_settles_to_what_the_workspace_settles_to() {
    let mut house = House::new();
    let rows = [
        (1, "US", "2026-09", "100"),
        (2, "DE", "2026-09", "31.7"),
        (3, "US", "2026-09", "7"),
        (4, "US", "2026-09", "40"),
    ];
    house.report("sept.csv", &rows);
    house.close("2026-09");
    house.assign(4, "T4");
    house.report(
        "oct.csv",
        &[
            (1, "US", "2026-10", "20"),
            (4, "GB", "2026-10", "11.11"),
            (9, "US", "2026-10", "3"),
        ],
    );
    let direct = house.session.contents().open_period(None).unwrap();
    let House { folder, session } = house;
    drop(session);
    let desk = from_desk(&folder.path().join("workspace"));
    assert_eq!(direct.fingerprint(), desk.fingerprint());
    assert_eq!(direct.corrections, desk.corrections);
    assert_eq!(direct.settled.payables, desk.settled.payables);
    assert!(!direct.corrections.is_empty());
}
