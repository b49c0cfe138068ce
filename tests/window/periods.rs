//! The payout by contract: payables with their reasons, what waits and where that leads, closing, corrections, verifying.

use std::path::Path;

use eframe::egui::{Key, Modifiers, ThemePreference};
use egui_kittest::kittest::{NodeT, Queryable};
use ledgerline::period::OpenPeriod;
use ledgerline::results::{SheetBlock, sheet_of};
use ledgerline::ui::kit::bidi;
use ledgerline::ui::kit::dialogs::DialogAnswer;
use ledgerline::ui::shared::Screen;
use ledgerline::ui::text;

use super::contracts::{CONTRACTS, SMALL, fill, with_contracts};
use super::review::{decided, filter, press};
use super::stage::{Window, click, open, picture, shows, until, until_shown};

fn open_period(window: &Window) -> OpenPeriod {
    let engine = window.state().as_ref().unwrap().engine().unwrap();
    let (session, desk) = (engine.contents().unwrap(), engine.desk());
    session
        .open_period_of(&desk, desk.terms(), desk.periods(), None)
        .unwrap()
}

fn closed(window: &Window) -> usize {
    window
        .state()
        .as_ref()
        .unwrap()
        .engine()
        .unwrap()
        .desk()
        .periods()
        .len()
}

fn screen(window: &Window) -> Screen {
    window.state().as_ref().unwrap().screen()
}

fn tab(window: &mut Window, title: &str) {
    // The name of a tab ends with a count; what else is called so does not.
    let is_tab = |label: &str| {
        label
            .strip_prefix(title)
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    let node = window
        .query_all_by_label_contains(title)
        .find(|n| n.accesskit_node().label().is_some_and(|l| is_tab(&l)));
    node.unwrap_or_else(|| panic!("there is no {title}"))
        .click();
    window.run_steps(4);
}

#[test]
fn payables_have_reasons_and_what_waits_leads_on() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("statements of artists");
    let workspace = with_contracts(folder.path(), CONTRACTS);
    let mut window = open(
        &workspace,
        Screen::Payout,
        SMALL,
        ThemePreference::Dark,
        vec![DialogAnswer::Chosen(vec![out.clone()])],
    );
    until_shown(&mut window, "2026-09, open");
    let period = open_period(&window);
    let book = &period.settled.inputs.book;
    for line in &period.settled.payables {
        let amount = text::money(line.payable, line.currency);
        assert!(
            shows(&window, &amount),
            "{} gets {amount}",
            book.payees[line.payee].name
        );
    }
    picture(&mut window, "period-1280-dark");
    click(&mut window, "Artists");
    until_shown(&mut window, "Account of Artists");
    let reasons = period
        .settled
        .reasons(
            "Artists",
            ledgerline::ident::Currency::parse("USD").unwrap(),
        )
        .unwrap();
    assert!(shows(
        &window,
        &text::exact_money(reasons.line.exact, reasons.line.currency)
    ));
    let fee = reasons.contracts[0]
        .steps
        .iter()
        .find(|s| s.step == "fees")
        .unwrap();
    assert!(shows(&window, &fee.arithmetic), "{}", fee.arithmetic);
    picture(&mut window, "period-why-dark");
    click(&mut window, "Cells behind it");
    until_shown(&mut window, "Income of All");
    picture(&mut window, "period-cells-dark");
    click(&mut window, "Statement");
    until_shown(&mut window, "Royalty statement");
    // What stands there is what stands in the PDF.
    let reader = window
        .state()
        .as_ref()
        .unwrap()
        .engine()
        .unwrap()
        .contents()
        .unwrap();
    let letterhead = reader.letterhead(&period.settled, None).unwrap();
    let sheet = sheet_of(
        &period.settled,
        "Artists",
        reasons.line.currency,
        &letterhead,
    )
    .unwrap()
    .unwrap();
    let tables = sheet.blocks.iter().filter_map(|b| {
        if let SheetBlock::Table(table) = b {
            Some(table)
        } else {
            None
        }
    });
    let cells: Vec<&String> = tables
        .flat_map(|t| &t.rows)
        .flat_map(|r| &r.cells)
        .filter(|c| !c.is_empty())
        .take(40)
        .collect();
    assert_eq!(cells.len(), 40);
    for cell in cells {
        assert!(shows(&window, &bidi::display(cell)), "{cell}");
    }
    picture(&mut window, "period-statement-dark");
    for (heading, name) in [
        ("Your account", "period-statement-account-dark"),
        ("Income of All", "period-statement-income-dark"),
    ] {
        window
            .query_all_by_label_contains(heading)
            .last()
            .unwrap()
            .scroll_to_me();
        window.run_steps(12);
        picture(&mut window, name);
    }
    click(&mut window, "Write PDF and CSV…");
    let written = |ending: &str| {
        std::fs::read_dir(&out).is_ok_and(|files| {
            files
                .flatten()
                .any(|f| f.path().extension().is_some_and(|e| e == ending))
        })
    };
    until(&mut window, "the statement is written", |_| {
        written("pdf") && written("csv")
    });
    tab(&mut window, "Waits ");
    assert!(shows(&window, "It is not matched to a track"));
    picture(&mut window, "period-waits-dark");
    tab(&mut window, "Proof ");
    until_shown(&mut window, "sum of all postings = 0");
    picture(&mut window, "period-proof-dark");
    tab(&mut window, "Statements ");
    until_shown(&mut window, "Settled with 2026-09");
    picture(&mut window, "period-statements-dark");
    tab(&mut window, "Waits ");
    window
        .query_all_by_label_contains("Review: ")
        .next()
        .unwrap()
        .click();
    until(&mut window, "the review is shown", |w| {
        screen(w) == Screen::Review
    });
    until_shown(&mut window, "lines shown");
}

#[test]
fn a_period_is_closed_corrected_verified_and_given_out() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let workspace = with_contracts(folder.path(), CONTRACTS);
    let mut window = open(
        &workspace,
        Screen::Payout,
        SMALL,
        ThemePreference::Light,
        vec![DialogAnswer::Chosen(vec![out.clone()])],
    );
    until_shown(&mut window, "2026-09, open");
    let paid = open_period(&window).payable().unwrap();
    picture(&mut window, "period-1280-light");
    click(&mut window, "Close period…");
    until_shown(&mut window, "It cannot be undone");
    for (currency, amount) in &paid {
        let currency = ledgerline::ident::Currency::parse(currency).unwrap();
        assert!(
            shows(&window, &text::money(*amount, currency)),
            "{amount} {currency}"
        );
    }
    picture(&mut window, "period-close-light");
    click(&mut window, "Not yet");
    assert_eq!(closed(&window), 0);
    click(&mut window, "Close period…");
    click(&mut window, "Close the period");
    until(&mut window, "it is closed", |w| closed(w) == 1);
    until_shown(&mut window, "2026-10, open");
    tab(&mut window, "Corrections ");
    assert!(shows(&window, "Corrections 0"));

    // A decision about an ambiguous line of the closed period is corrected in the next one.
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    window.run_steps(3);
    until_shown(&mut window, "lines shown");
    filter(&mut window, "status:ambiguous", "95 lines shown");
    until_shown(&mut window, "ambiguous → matched");
    press(&mut window, Key::Enter);
    until(&mut window, "the decision is saved", |w| decided(w) == 1);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num7);
    let corrections = open_period(&window).corrections;
    let first = corrections
        .iter()
        .find(|c| c.contract.is_empty())
        .expect("something is corrected");
    let difference = text::money(first.difference().unwrap(), first.currency);
    assert_ne!(
        difference,
        text::money(Default::default(), first.currency),
        "it can be seen"
    );
    until(&mut window, "the correction is shown", |w| {
        shows(w, "As it would be now") && shows(w, &difference)
    });
    picture(&mut window, "period-corrections-light");
    tab(&mut window, "By account ");
    until_shown(&mut window, "suspense:not_matched");
    let accounts = open_period(&window).corrected_accounts;
    let released = accounts
        .iter()
        .find(|a| a.account == "suspense:not_matched")
        .unwrap();
    assert!(
        shows(
            &window,
            &format!(
                "+{}",
                text::money(released.difference().unwrap(), released.currency)
            )
        ),
        "it does not wait any more"
    );
    picture(&mut window, "period-corrected-accounts-light");

    // The closed one is as it was.
    tab(&mut window, "Closed periods ");
    click(&mut window, "Verify 2026-09");
    until_shown(&mut window, "payables.csv comes out the same");
    assert!(shows(&window, "Sound"));
    picture(&mut window, "period-closed-light");
    click(&mut window, "Export 2026-09…");
    until(&mut window, "its files are written", |_| {
        Path::new(&out).join("postings.csv").exists()
    });
}

#[test]
fn a_missing_rate_is_filled_in_from_where_it_is_missed() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = super::stage::sample(folder.path());
    let contracts = crate::support::file(folder.path(), "contracts.toml", CONTRACTS);
    let rates = crate::support::file(
        folder.path(),
        "rates.csv",
        "period,from,to,rate,source,date\n2020-01..2030-12,USD,EUR,0.9,bank,2026-09-30\n",
    );
    crate::support::run_well(&[
        "terms",
        "import",
        &contracts,
        &rates,
        "--workspace",
        &workspace.display().to_string(),
    ]);
    let mut window = open(
        &workspace,
        Screen::Payout,
        SMALL,
        ThemePreference::Dark,
        Vec::new(),
    );
    until_shown(&mut window, "2026-09, open");
    tab(&mut window, "Waits ");
    window
        .query_all_by_label_contains("Rates: ")
        .next()
        .unwrap()
        .click();
    until_shown(&mut window, "Missing rates");
    picture(&mut window, "rates-missing-dark");
    window
        .query_all_by_label("Fill in AUD to EUR for 2026-09")
        .next()
        .unwrap()
        .click();
    window.run_steps(3);
    fill(&mut window, "Rate", "nonsense");
    fill(&mut window, "Source", "bank");
    click(&mut window, "Add the rate");
    until_shown(&mut window, "write it as 1.0837");
    fill(&mut window, "Rate", "0.6");
    click(&mut window, "Add the rate");
    until(&mut window, "it is saved", |w| {
        super::contracts::term(w, "rates", "by hand.csv")
            .is_some_and(|t| t.contains("AUD,EUR,0.6,bank"))
    });
    until(&mut window, "it is not missed any more", |w| {
        !shows(w, "Fill in AUD to EUR for 2026-09")
    });
    picture(&mut window, "rates-by-hand-dark");
}
