//! The payout: proof shown, lines behind an amount, and an export that is the command line's to the byte.

use std::fs;

use eframe::egui::ThemePreference;
use ledgerline::ui::kit::dialogs::DialogAnswer;
use ledgerline::ui::shared::Screen;

use super::stage::{click, open, picture, sample, shows, until, until_shown};
use crate::support::{run_well, sample_statements, summary};

#[test]
fn the_proof_is_shown_and_an_amount_leads_to_its_lines() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open(
        &sample(folder.path()),
        Screen::Payout,
        [1280.0, 800.0],
        ThemePreference::Dark,
        Vec::new(),
    );
    until_shown(&mut window, "No money was lost on the way");
    assert!(shows(&window, "Holds") && !shows(&window, "Fails"));
    assert!(
        shows(&window, " reported = "),
        "the equations stand in words and numbers"
    );
    let payee = ledgerline::desk::payout::PayoutView::of(
        &window.state().as_ref().unwrap().engine().unwrap().desk(),
    )
    .unwrap()
    .payees[0]
        .clone();
    click(&mut window, &payee.payee);
    until_shown(&mut window, "Adds up");
    assert!(shows(&window, "Show all rows"));
    picture(&mut window, "payout-1280-dark");
}

#[test]
fn an_export_from_the_window_is_the_command_lines_to_the_byte() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = sample(folder.path());
    let (by_window, by_command) = (
        folder.path().join("by-window"),
        folder.path().join("by-command"),
    );
    let answers = vec![DialogAnswer::Chosen(vec![by_window.clone()])];
    let mut window = open(
        &workspace,
        Screen::Payout,
        [1280.0, 800.0],
        ThemePreference::Light,
        answers,
    );
    until_shown(&mut window, "No money was lost on the way");
    click(&mut window, "With all rows");
    click(&mut window, "Export results…");
    until(&mut window, "the results are written", |w| {
        shows(w, "their fingerprint is")
    });
    picture(&mut window, "payout-exported-light");
    let fingerprint = summary(&by_window)["fingerprint"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(shows(&window, &fingerprint));
    drop(window);
    let statements = sample_statements();
    let (shown, out) = (
        workspace.display().to_string(),
        by_command.display().to_string(),
    );
    let mut arguments = vec![
        "reconcile",
        "--workspace",
        &shown,
        "--out",
        &out,
        "--lines",
        "--statement",
    ];
    arguments.extend(statements.iter().map(String::as_str));
    run_well(&arguments);
    for name in [
        "payouts.csv",
        "exceptions.csv",
        "quarantine.csv",
        "lines.csv",
    ] {
        assert!(
            fs::read(by_window.join(name)).unwrap() == fs::read(by_command.join(name)).unwrap(),
            "{name} differs"
        );
    }
    let without_run = |folder| {
        let mut summary = summary(folder);
        summary["run"] = serde_json::Value::Null;
        summary
    };
    assert_eq!(without_run(&by_window), without_run(&by_command));
}
