//! Closing, verifying, and what is corrected later.

use std::collections::BTreeMap;
use std::path::Path;

use ledgerline::ident::Currency;
use ledgerline::money::Amount;
use ledgerline::period::{AccountCorrection, PeriodError};
use ledgerline::results::{ExtraFiles, sheet_of};
use ledgerline::session::SessionError;
use ledgerline::settlement::{Claim, PayableState, Settled, Transfer};
use ledgerline::terms::AccountKind;
use proptest::prelude::*;

use super::{CONTRACTS, House, RATES, amount, month, owed};
use crate::desk::Opened;
use crate::support::{run, run_well, text};

fn september(house: &mut House) {
    house.report(
        "sept.csv",
        &[
            (1, "US", "2026-09", "100"),
            (2, "DE", "2026-09", "31.7"),
            (3, "US", "2026-09", "7"),
            (4, "US", "2026-09", "40"),
        ],
    );
}

fn october(house: &mut House) {
    house.report(
        "oct.csv",
        &[
            (1, "US", "2026-10", "20"),
            (2, "GB", "2026-10", "11.11"),
            (4, "US", "2026-10", "3"),
        ],
    );
}

#[test]
fn a_closed_period_is_reproduced_to_the_byte_and_outside_of_the_workspace() {
    let mut house = House::new();
    september(&mut house);
    let (closed, _) = house.close("2026-09");
    assert_eq!(closed.statements.len(), 1);
    let mut house = house.open_again();
    let verdict = house.session.contents().verify_period("2026-09").unwrap();
    assert!(verdict.is_sound, "{:?}", verdict.sentences);
    // What is given out can be settled by itself, and gives the same.
    let out = house.folder.path().join("out");
    house
        .session
        .contents()
        .export_period(
            "2026-09",
            &out,
            Some(|_: &Settled| Ok(ExtraFiles::default())),
        )
        .unwrap();
    let at = |name: &str| out.join(name).display().to_string();
    let again = house.folder.path().join("again").display().to_string();
    let inputs = [
        at("cells.csv"),
        at("contracts.toml"),
        at("rates.csv"),
        at("opening.csv"),
    ];
    let [cells, contracts, rates, opening] = inputs.each_ref().map(String::as_str);
    run_well(&[
        "settle",
        "--cells",
        cells,
        "--contracts",
        contracts,
        "--rates",
        rates,
        "--balances",
        opening,
        "--period",
        "2026-09",
        "--out",
        &again,
    ]);
    for name in [
        "postings.csv",
        "payables.csv",
        "balances.csv",
        "journal.csv",
        "proof.json",
    ] {
        assert_eq!(
            std::fs::read(out.join(name)).unwrap(),
            std::fs::read(Path::new(&again).join(name)).unwrap(),
            "{name}"
        );
    }
    // It never changes, whatever comes.
    october(&mut house);
    house.change("Blue", "rate = 0.15", "rate = 0.25");
    house.assign(4, "T4");
    assert!(
        house
            .session
            .contents()
            .verify_period("2026-09")
            .unwrap()
            .is_sound
    );
    assert!(matches!(
        house.session.close_period(month("2026-09")),
        Err(SessionError::Period(PeriodError::NotLater { .. }))
    ));
}

#[test]
fn a_kept_file_that_changed_is_found() {
    let mut house = House::new();
    september(&mut house);
    house.close("2026-09");
    let workspace = house.folder.path().join("workspace");
    let House { folder, session } = house;
    drop(session);
    let argument = workspace.display().to_string();
    run_well(&["payout", "verify", "2026-09", "--workspace", &argument]);
    for name in ["payables.csv", "contracts.toml", "cells.csv.zst"] {
        let path = workspace.join("periods/2026-09").join(name);
        let good = std::fs::read(&path).unwrap();
        let mut bad = good.clone();
        let middle = bad.len() / 2;
        bad[middle] ^= 1;
        std::fs::write(&path, bad).unwrap();
        let output = run(&["payout", "verify", "--workspace", &argument]);
        assert_eq!(
            output.status.code(),
            Some(1),
            "{name}: {}",
            text(&output.stdout)
        );
        assert!(
            text(&output.stdout).contains(name),
            "{}",
            text(&output.stdout)
        );
        std::fs::write(&path, good).unwrap();
    }
    run_well(&["payout", "verify", "--workspace", &argument]);
    drop(folder);
}

/// What a closing that was interrupted before its entry has left is swept away.
#[test]
fn a_period_without_an_entry_is_not_closed() {
    let mut house = House::new();
    september(&mut house);
    let leftover = house.folder.path().join("workspace/periods/2026-09");
    std::fs::create_dir_all(&leftover).unwrap();
    std::fs::write(leftover.join("payables.csv"), "half").unwrap();
    let mut house = house.open_again();
    assert!(!leftover.exists());
    assert!(
        house
            .session
            .contents()
            .closed_periods()
            .unwrap()
            .is_empty()
    );
    // Also when the program that closes is the one that was interrupted.
    std::fs::create_dir_all(&leftover).unwrap();
    std::fs::write(leftover.join("other.csv"), "half").unwrap();
    house.close("2026-09");
    assert!(!leftover.join("other.csv").exists());
    assert!(
        house
            .open_again()
            .session
            .contents()
            .verify_period("2026-09")
            .unwrap()
            .is_sound
    );
}

#[test]
fn a_decision_on_a_closed_period_is_a_correction_that_names_it() {
    let mut house = House::new();
    september(&mut house);
    let (_, before) = house.close("2026-09");
    october(&mut house);
    let open = house.session.contents().open_period(None).unwrap();
    assert_eq!(open.settled.period, month("2026-10"));
    assert!(open.corrections.is_empty());
    // 40 USD were ambiguous in September; they are T4's, whose label is Red: 40 USD are 36 EUR.
    house.assign(4, "T4");
    let open = house.session.contents().open_period(None).unwrap();
    let whole: Vec<_> = open
        .corrections
        .iter()
        .filter(|l| l.contract.is_empty())
        .collect();
    assert_eq!(whole.len(), 1, "{:?}", open.corrections);
    assert_eq!(
        (
            whole[0].period.as_str(),
            whole[0].payee.as_str(),
            whole[0].difference().unwrap()
        ),
        ("2026-09", "Label", amount("36"))
    );
    assert!(
        open.corrections
            .iter()
            .any(|l| l.contract == "Red" && l.difference().unwrap() == amount("36"))
    );
    let (_, after) = house.close("2026-10");
    let explained = after
        .explain("Label", ledgerline::ident::Currency::parse("EUR").unwrap())
        .unwrap()
        .join("\n");
    assert!(
        explained.contains("corrects 2026-09: correction 36"),
        "{explained}"
    );
    let letterhead = house.session.contents().letterhead(&after, None).unwrap();
    let sheet = sheet_of(
        &after,
        "Label",
        Currency::parse("EUR").unwrap(),
        &letterhead,
    )
    .unwrap()
    .unwrap();
    assert!(
        format!("{sheet:?}").contains("Correction of September 2026"),
        "the payee is told, too"
    );
    let label = |settled: &Settled| owed(&[settled], "Label")[0].1;
    assert_eq!(label(&before), amount("6.3"));
    assert_eq!(
        label(&after),
        amount("38.7"),
        "36 of September, and 3 USD of October"
    );
    // What is corrected once is not corrected again.
    house.report("nov.csv", &[(3, "US", "2026-11", "1")]);
    assert!(
        house
            .session
            .contents()
            .open_period(None)
            .unwrap()
            .corrections
            .is_empty()
    );
}

#[test]
fn statements_with_later_sales_wait_and_those_without_contracts_are_refused() {
    let mut house = House::new();
    september(&mut house);
    october(&mut house);
    let open = house
        .session
        .contents()
        .open_period(Some(month("2026-09")))
        .unwrap();
    assert_eq!(open.statements.len(), 1);
    assert_eq!(open.later, ["oct.csv"]);
    assert_eq!(
        house
            .session
            .contents()
            .open_period(None)
            .unwrap()
            .statements
            .len(),
        2,
        "without a month it is that of the last sales"
    );
    for contract in ["Blue", "Red"] {
        house.session.remove_term("contract", contract, "").unwrap();
    }
    assert!(matches!(
        house.session.contents().open_period(None),
        Err(PeriodError::NoContracts)
    ));
}

/// An adjustment of a month that no period holds is settled with the next one, once.
#[test]
fn adjustments_of_months_between_periods_are_settled_with_the_later_one() {
    let mut house = House::new();
    september(&mut house);
    house.close("2026-09");
    let adjustment = |name: &str, date: &str, amount: &str| {
        format!(
            "shares = {{ Label = 1 }}\n[[contract.adjustment]]\nname = \"{name}\"\namount = {amount}\ndate = {date}\nreason = \"{name}\"\n"
        )
    };
    house.change(
        "Red",
        "shares = { Label = 1 }\n",
        &adjustment("one", "2026-10-15", "3"),
    );
    house.report("nov.csv", &[(3, "US", "2026-11", "10")]);
    let open = house.session.contents().open_period(None).unwrap();
    assert_eq!(
        (open.settled.period, &open.settled.notes),
        (month("2026-11"), &vec![])
    );
    let (_, second) = house.close("2026-11");
    assert_eq!(owed(&[&second], "Label")[0].1, amount("12"), "9 EUR and 3");
    assert!(
        house
            .session
            .contents()
            .verify_period("2026-11")
            .unwrap()
            .is_sound
    );
    // Another one that is found later corrects the period that it belongs to.
    house.change(
        "Red",
        "shares = { Label = 1 }\n",
        &adjustment("two", "2026-10-20", "2"),
    );
    house.report("dec.csv", &[(3, "US", "2026-12", "1")]);
    let open = house.session.contents().open_period(None).unwrap();
    let label: Vec<_> = open
        .corrections
        .iter()
        .filter(|l| l.is_sum())
        .map(|l| (l.period.as_str(), l.difference().unwrap()))
        .collect();
    assert_eq!(label, [("2026-11", amount("2"))]);
    let posted = open
        .corrected_accounts
        .iter()
        .find(|l| l.account == "adjustment:Red")
        .unwrap();
    assert_eq!(posted.difference().unwrap(), amount("2"));
    assert_eq!(owed(&[&open.settled], "Label")[0].1, amount("2.9"));
}

/// A payee who is paid in another currency now gets what is corrected of months in which they were paid in the old one.
#[test]
fn a_correction_is_exchanged_for_a_payee_who_changed_currency() {
    let mut house = House::new();
    september(&mut house);
    let (_, first) = house.close("2026-09");
    let moved = CONTRACTS.replace(
        "name = \"Label\"\ncurrency = \"EUR\"",
        "name = \"Label\"\ncurrency = \"GBP\"",
    );
    let path = house.file("moved.toml", &moved);
    house.session.import_terms(&[path], "").unwrap();
    house.assign(4, "T4");
    october(&mut house);
    let label = |settled: &Settled| -> Vec<(Currency, PayableState, Amount)> {
        let number = settled.inputs.book.payee("Label").unwrap();
        let lines = settled.payables.iter().filter(|l| l.payee == number);
        lines.map(|l| (l.currency, l.state, l.exact)).collect()
    };
    let line = |code: &str, state, exact: &str| {
        vec![(Currency::parse(code).unwrap(), state, amount(exact))]
    };
    // Without a rate the 36 EUR stay, with the 2.70 EUR of October that wait for the same rate.
    let open = house.session.contents().open_period(None).unwrap();
    assert_eq!(
        label(&open.settled),
        line("EUR", PayableState::WaitsForRate, "38.7")
    );
    let header = "period,from,to,rate,source,date\n";
    let path = house.file(
        "pounds.csv",
        &format!("{header}2026-10..2026-12,EUR,GBP,0.8,bank,2026-10-30\n"),
    );
    house.session.import_terms(&[path], "").unwrap();
    let (_, second) = house.close("2026-10");
    assert_eq!(label(&second), line("GBP", PayableState::Paid, "30.96"));
    assert_eq!(label(&first), line("EUR", PayableState::Paid, "6.3"));
    // Nothing is corrected twice, and later corrections go the same way.
    house.report("nov.csv", &[(3, "US", "2026-11", "1")]);
    assert!(
        house
            .session
            .contents()
            .open_period(None)
            .unwrap()
            .corrections
            .is_empty()
    );
    house.assign(4, "T5");
    let open = house.session.contents().open_period(None).unwrap();
    assert!(
        open.corrections.iter().all(|l| !l.is_sum()),
        "T5 is Red's, too: {:?}",
        open.corrections
    );
}

/// What is corrected for somebody who came later stays theirs as it was, though they are paid in another currency since.
#[test]
fn a_payee_who_came_after_a_period_is_not_corrected_again_by_a_move() {
    let mut house = House::new();
    september(&mut house);
    house.close("2026-09");
    let with_cy = |currency: &str| {
        format!("{CONTRACTS}\n[[payee]]\nname = \"Cy\"\ncurrency = \"{currency}\"\n")
    };
    let path = house.file("cy.toml", &with_cy("EUR"));
    house.session.import_terms(&[path], "").unwrap();
    house.change(
        "Red",
        "shares = { Label = 1 }",
        "shares = { Label = 0.5, Cy = 0.5 }",
    );
    october(&mut house);
    let (_, second) = house.close("2026-10");
    assert_eq!(
        owed(&[&second], "Cy"),
        [(Currency::parse("EUR").unwrap(), amount("3.15"))],
        "half of what September brought"
    );
    let text = with_cy("USD").replace(
        "shares = { Label = 1 }",
        "shares = { Label = 0.5, Cy = 0.5 }",
    );
    let rates = format!("{RATES}2026-01..2026-12,EUR,GBP,0.8,bank,2026-09-30\n");
    let files = [
        house.file("cy.toml", &text),
        house.file("rates.csv", &rates),
    ];
    house.session.import_terms(&files, "").unwrap();
    house.report("nov.csv", &[(3, "US", "2026-11", "1")]);
    let open = house.session.contents().open_period(None).unwrap();
    assert!(
        open.corrections.is_empty() && open.corrected_accounts.is_empty(),
        "{:?}",
        open.corrections
    );
}

/// Balances that a workspace begins with may have what was corrected in another one.
#[test]
fn corrected_accounts_of_another_workspace_are_carried_in() {
    let mut house = House::new();
    let rows = "kind,contract,payee,name,territory,currency,amount,date\n\
        correction,,Ada,2026-07,,USD,-5,\n\
        corrected,,,earned:Ada,,USD,5,2026-07\n\
        corrected,,,fee income:Blue/distribution,,USD,-5,2026-07\n";
    let path = house.file("balances.csv", rows);
    house.session.import_terms(&[path], "").unwrap();
    september(&mut house);
    let (_, first) = house.close("2026-09");
    assert!(
        first
            .proof
            .iter()
            .any(|l| l.claim == Claim::CorrectionsEmpty)
    );
    house.change("Blue", "rate = 0.15", "rate = 0.25");
    october(&mut house);
    let open = house.session.contents().open_period(None).unwrap();
    assert!(
        open.corrected_accounts
            .iter()
            .all(|l| l.period == "2026-09")
            && !open.corrected_accounts.is_empty()
    );
}

/// A payee who moves, or whose minimum changes, does not change what was closed.
#[test]
fn parties_of_a_closed_period_are_those_that_it_was_closed_with() {
    let mut house = House::new();
    september(&mut house);
    house.close("2026-09");
    let moved = CONTRACTS
        .replace("residence = \"DE\"", "residence = \"US\"")
        .replace("rate = 0.30", "rate = 0.10");
    let path = house.file("moved.toml", &moved);
    let report = house.session.import_terms(&[path], "").unwrap();
    assert_eq!((report.changed["payee"], report.changed["tax"]), (1, 1));
    october(&mut house);
    assert!(
        house
            .session
            .contents()
            .open_period(None)
            .unwrap()
            .corrections
            .is_empty()
    );
}

/// A restated statement belongs to the period that is open; the earlier one is corrected away.
#[test]
fn a_restated_statement_takes_the_place_of_the_earlier_one_in_sum() {
    let mut house = House::new();
    september(&mut house);
    let (_, first) = house.close("2026-09");
    house.session.remove_statement("sept.csv").unwrap();
    house.report(
        "restated.csv",
        &[(3, "DE", "2026-09", "8"), (1, "US", "2026-09", "99")],
    );
    let open = house.session.contents().open_period(None).unwrap();
    assert_eq!(open.statements.len(), 1);
    let label: Vec<_> = open
        .corrections
        .iter()
        .filter(|l| l.payee == "Label" && l.contract.is_empty())
        .collect();
    assert_eq!(
        (label[0].before, label[0].now),
        (amount("6.3"), Amount::ZERO)
    );
    let (_, second) = house.close("2026-10");
    assert_eq!(
        owed(&[&first, &second], "Label")[0].1,
        amount("7.2"),
        "8 USD"
    );
    assert!(
        second.closing.carried.keys().any(|key| key.payee == "Ada"),
        "99 USD bear less than 100 have been paid for"
    );
    // The same file once more is the same statement, and belongs to the period that it was closed with.
    house.session.remove_statement("restated.csv").unwrap();
    september(&mut house);
    assert_eq!(
        owed(
            &[
                &first,
                &second,
                &house.session.contents().open_period(None).unwrap().settled
            ],
            "Label"
        )[0]
        .1,
        amount("6.3")
    );
}

/// Senders give every month's file the same name.
#[test]
fn money_received_names_one_statement_or_its_period() {
    let mut house = House::new();
    let header = "period,from,to,rate,source,date,statement,received\n";
    let month_file = |house: &mut House, month: &str, value: &str| {
        house.report(
            "report.csv",
            &[(3, "US", month, value), (9, "US", month, "1")],
        );
    };
    month_file(&mut house, "2026-09", "9");
    let path = house.file(
        "bank.csv",
        &format!("{header},USD,EUR,,bank,,report.csv,8\n"),
    );
    house.session.import_terms(&[path], "").unwrap();
    let (_, first) = house.close("2026-09");
    // 8 EUR came for 10 USD, of which 9 are T3's.
    assert_eq!(owed(&[&first], "Label")[0].1, amount("7.2"));
    month_file(&mut house, "2026-10", "3");
    let error = house
        .session
        .contents()
        .open_period(None)
        .unwrap_err()
        .to_string();
    let said = "rates \"bank.csv\", line 2: report.csv is the name of 2 statements; write the period in which it is settled beside it";
    assert_eq!(error, said);
    let path = house.file(
        "bank.csv",
        &format!(
            "{header}2026-09,USD,EUR,,bank,,report.csv,8\n2026-10,USD,EUR,,bank,,report.csv,2\n"
        ),
    );
    house.session.import_terms(&[path], "").unwrap();
    let (_, second) = house.close("2026-10");
    assert_eq!(
        owed(&[&first, &second], "Label")[0].1,
        amount("8.7"),
        "three quarters of 2 EUR"
    );
    // What came is known better later: 10 EUR, not 8.
    let path = house.file(
        "bank.csv",
        &format!(
            "{header}2026-09,USD,EUR,,bank,,report.csv,10\n2026-10,USD,EUR,,bank,,report.csv,2\n"
        ),
    );
    house.session.import_terms(&[path], "").unwrap();
    house.report("nov.csv", &[(3, "US", "2026-11", "1")]);
    let open = house.session.contents().open_period(None).unwrap();
    let label = open
        .corrections
        .iter()
        .find(|l| l.payee == "Label" && l.contract.is_empty())
        .unwrap();
    assert_eq!(
        (label.period.as_str(), label.difference().unwrap()),
        ("2026-09", amount("1.8"))
    );
}

/// What all postings come to by account, but for what was carried in, paid and carried on.
fn ledger(settled: &[&Settled]) -> BTreeMap<(String, Currency), Amount> {
    let mut sums: BTreeMap<(String, Currency), Amount> = BTreeMap::new();
    for settlement in settled {
        let book = &settlement.inputs.book;
        let is_carried_in = |t: &Transfer| {
            [&t.debit, &t.credit]
                .into_iter()
                .any(|account| account.kind() == AccountKind::Opening)
        };
        for transfer in settlement.movements().filter(|t| !is_carried_in(t)) {
            for (account, amount) in [
                (&transfer.debit, transfer.amount),
                (&transfer.credit, transfer.amount.negated()),
            ] {
                if !matches!(
                    account.kind(),
                    AccountKind::Earned
                        | AccountKind::CarriedForward
                        | AccountKind::Payable
                        | AccountKind::Rounding
                ) {
                    let sum = sums
                        .entry((account.label(book), transfer.currency))
                        .or_default();
                    *sum = sum.plus(amount).unwrap();
                }
            }
        }
    }
    sums.retain(|_, amount| !amount.is_zero());
    sums
}

/// Tax, fees and suspense of a closed period are corrected in their own accounts, beside what payees get.
#[test]
fn a_correction_is_posted_in_every_account_that_it_changes() {
    let mut house = House::new();
    september(&mut house);
    let (_, first) = house.close("2026-09");
    house.assign(4, "T1");
    house.change("Blue", "rate = 0.15", "rate = 0.25");
    october(&mut house);
    let open = house.session.contents().open_period(None).unwrap();
    let difference = |account: &str, currency: &str| {
        let found = open
            .corrected_accounts
            .iter()
            .find(|l| l.account == account && l.currency.code() == currency);
        found
            .unwrap_or_else(|| panic!("{account}: {:?}", open.corrected_accounts))
            .difference()
            .unwrap()
    };
    // 40 USD do not wait any more; with them 171.7 USD bear a fee of a quarter, where 131.7 bore 15 %.
    assert_eq!(difference("suspense:not_matched", "USD"), amount("40"));
    assert_eq!(
        difference("fee income:Blue/distribution", "USD"),
        amount("-23.17")
    );
    assert!(
        difference("tax withheld:us", "USD").is_negative(),
        "Ben earns more in the US, and is taxed there"
    );
    let sum = |lines: &[AccountCorrection]| {
        Amount::sum(lines.iter().map(|l| l.difference().unwrap())).unwrap()
    };
    assert_eq!(sum(&open.corrected_accounts), Amount::ZERO);
    // The proof goes over them.
    let claims: Vec<Claim> = open
        .settled
        .proof
        .iter()
        .filter(|l| l.holds())
        .map(|l| l.claim)
        .collect();
    assert!(
        claims.contains(&Claim::CorrectionsEmpty)
            && claims.contains(&Claim::CellsAndCorrectionsReceivable),
        "{claims:?}"
    );
    // What is given out says the same, and settles to the same outside of the workspace.
    let (_, second) = house.close("2026-10");
    let out = house.folder.path().join("out");
    house
        .session
        .contents()
        .export_period(
            "2026-10",
            &out,
            Some(|_: &Settled| Ok(ExtraFiles::default())),
        )
        .unwrap();
    let rows = std::fs::read_to_string(out.join("corrections.csv")).unwrap();
    assert!(
        rows.contains("2026-09,,,suspense:not_matched,USD,"),
        "{rows}"
    );
    let postings = std::fs::read_to_string(out.join("postings.csv")).unwrap();
    assert!(
        postings.contains(",correction,corrects 2026-09,,,fee income:Blue/distribution,USD,-23.17"),
        "{postings}"
    );
    assert!(
        house
            .session
            .contents()
            .verify_period("2026-10")
            .unwrap()
            .is_sound
    );
    // All books together are those of months that were settled so from the beginning.
    let mut early = House::new();
    september(&mut early);
    early.assign(4, "T1");
    early.change("Blue", "rate = 0.15", "rate = 0.25");
    let (_, early_first) = early.close("2026-09");
    october(&mut early);
    let (_, early_second) = early.close("2026-10");
    assert_eq!(
        ledger(&[&first, &second]),
        ledger(&[&early_first, &early_second])
    );
}

/// What is summed by account when a period is closed is what its postings say.
#[test]
fn accounts_of_a_period_are_those_of_its_postings() {
    let mut house = House::new();
    september(&mut house);
    let header = "period,from,to,rate,source,date,statement,received\n";
    let path = house.file(
        "bank.csv",
        &format!(
            "{header}2026-09,USD,EUR,,bank,,sept.csv,150\n2026-09,EUR,USD,1.1,bank,2026-09-30,,\n"
        ),
    );
    house.session.import_terms(&[path], "").unwrap();
    let (_, settled) = house.close("2026-09");
    let mut posted = settled.posted().unwrap();
    posted.retain(|(account, _), _| !account.starts_with("earned:"));
    assert_eq!(posted, ledger(&[&settled]));
    assert!(posted.len() > 8, "{posted:?}");
}

/// A period that was closed by a program that kept no accounts is corrected as a whole.
#[test]
fn a_period_without_accounts_is_corrected_against_its_opening() {
    let mut house = House::new();
    september(&mut house);
    let mut closed = house.close("2026-09").0;
    closed.files.retain(|f| f.name != "accounts.csv");
    house.assign(4, "T4");
    october(&mut house);
    let House { folder, session } = house;
    drop(session);
    let opened = Opened::new(&folder.path().join("workspace"));
    let (session, desk) = (opened.engine.contents().unwrap(), opened.engine.desk());
    let open = session
        .open_period_of(&desk, desk.terms(), &[closed], None)
        .unwrap();
    assert!(open.corrected_accounts.is_empty());
    assert_eq!(
        open.corrections
            .iter()
            .find(|l| l.is_sum())
            .unwrap()
            .difference()
            .unwrap(),
        amount("36")
    );
    let posted = open
        .settled
        .movements()
        .find(|t| &*t.reason.clause == "corrects 2026-09")
        .unwrap();
    assert_eq!(
        (posted.debit.kind(), posted.amount),
        (AccountKind::Opening, amount("36"))
    );
}

/// What may change after a month was reported.
#[derive(Debug, Clone)]
enum Later {
    Assign(&'static str),
    Fee(u32),
    Tiers(u32),
    Advance(u32),
    Rate(u32),
    Coverage,
}

fn laters() -> impl Strategy<Value = Vec<Later>> {
    let one = prop_oneof![
        prop::sample::select(vec!["T4", "T5", "T1"]).prop_map(Later::Assign),
        (1u32..90).prop_map(Later::Fee),
        (1u32..99).prop_map(Later::Tiers),
        (1u32..200).prop_map(Later::Advance),
        (1u32..300).prop_map(Later::Rate),
        Just(Later::Coverage),
    ];
    prop::collection::vec(one, 1..4)
}

impl Later {
    fn happen(&self, house: &mut House) {
        let replace = |house: &House, contract: &str, starts: &str, with: String| {
            let text = house.session.contents().terms().unwrap()
                [&("contract".to_owned(), contract.to_owned())]
                .clone();
            let line = text
                .lines()
                .find(|l| l.starts_with(starts))
                .unwrap()
                .to_owned();
            if line != with {
                house.change(contract, &line, &with);
            }
        };
        match self {
            Self::Assign(track) => house.assign(4, track),
            Self::Fee(per_cent) => {
                replace(house, "Blue", "rate = ", format!("rate = 0.{per_cent:02}"))
            }
            Self::Tiers(end) => replace(
                house,
                "Blue",
                "tiers = ",
                format!("tiers = {{ {end} = 0.5, rest = 0.6 }}"),
            ),
            Self::Advance(sum) => replace(house, "Blue", "amount = ", format!("amount = {sum}")),
            Self::Rate(per_mille) => {
                let text = format!(
                    "period,from,to,rate,source,date\n2026-01..2026-12,USD,EUR,0.{per_mille:03}1,bank,2026-09-30\n"
                );
                let path = house.file("rates.csv", &text);
                house.session.import_terms(&[path], "").unwrap();
            }
            Self::Coverage => {
                if house.session.contents().terms().unwrap()
                    [&("contract".to_owned(), "Red".to_owned())]
                    .contains("Red\"]")
                {
                    replace(
                        house,
                        "Red",
                        "labels = ",
                        "tracks = [\"T3\", \"T4\"]".into(),
                    );
                }
            }
        }
    }
}

fn all_owed(
    settled: &[&Settled],
) -> Vec<(&'static str, Vec<(ledgerline::ident::Currency, Amount)>)> {
    let nonzero = |payee| {
        owed(settled, payee)
            .into_iter()
            .filter(|(_, amount)| !amount.is_zero())
            .collect()
    };
    ["Ada", "Ben", "Label"]
        .map(|payee| (payee, nonzero(payee)))
        .into()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Closing and then correcting comes to the same, in sum and in all other balances, as correcting and then closing.
    #[test]
    fn closing_and_correcting_is_correcting_and_closing(laters in laters(), more in laters()) {
        let mut late = House::new();
        september(&mut late);
        let (_, late_first) = late.close("2026-09");
        laters.iter().for_each(|l| l.happen(&mut late));
        october(&mut late);
        let (_, late_second) = late.close("2026-10");
        more.iter().for_each(|l| l.happen(&mut late));
        late.report("nov.csv", &[(2, "US", "2026-11", "5"), (3, "US", "2026-11", "1")]);
        let (_, late_third) = late.close("2026-11");

        let mut early = House::new();
        september(&mut early);
        laters.iter().chain(&more).for_each(|l| l.happen(&mut early));
        let (_, early_first) = early.close("2026-09");
        october(&mut early);
        let (_, early_second) = early.close("2026-10");
        early.report("nov.csv", &[(2, "US", "2026-11", "5"), (3, "US", "2026-11", "1")]);
        let (_, early_third) = early.close("2026-11");

        prop_assert_eq!(all_owed(&[&late_first, &late_second, &late_third]), all_owed(&[&early_first, &early_second, &early_third]));
        let others = |settled: &Settled| {
            let mut closing = settled.closing.clone();
            closing.carried.clear();
            closing
        };
        prop_assert_eq!(others(&late_third), others(&early_third));
        prop_assert_eq!(ledger(&[&late_first, &late_second, &late_third]), ledger(&[&early_first, &early_second, &early_third]));
        for period in ["2026-09", "2026-10", "2026-11"] {
            prop_assert!(late.session.contents().verify_period(period).unwrap().is_sound);
        }
    }
}
