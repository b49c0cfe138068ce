//! Contracts: imported by a dialog, changed in a form and as text, tried out on the open period, saved, undone, removed.

use std::path::{Path, PathBuf};

use eframe::egui::{Key, Modifiers, Role, ThemePreference};
use egui_kittest::kittest::{NodeT, Queryable};
use ledgerline::contents::terms::terms_after;
use ledgerline::period::WhatIf;
use ledgerline::settlement::PayableLine;
use ledgerline::ui::kit::dialogs::DialogAnswer;
use ledgerline::ui::shared::Screen;

use super::stage::{Window, click, open, picture, sample, shows, until, until_shown};
use crate::support::{file, run_well};

pub(super) const SMALL: [f32; 2] = [1280.0, 800.0];
const LARGE: [f32; 2] = [2560.0, 1440.0];

pub(super) const CONTRACTS: &str = r#"
[[payee]]
name = "House"
currency = "EUR"
[[payee]]
name = "Artists"
currency = "USD"
residence = "US"
minimum = 10
bank = "021000021 / 4410"
[[payee]]
name = "Writers"
currency = "EUR"
[[contract]]
name = "All"
profile = "net-receipts"
currency = "EUR"
everything = true
[[contract.fee]]
name = "distribution"
rate = 0.15
[[contract.fee]]
name = "label"
rate = 0.05
[[contract.advance]]
name = "first advance"
amount = 40
date = 2026-08-01
[[contract.split]]
name = "abroad"
territories = ["US"]
shares = { House = 0.2, Artists = 0.5, Writers = 0.3 }
[[contract.split]]
name = "all"
shares = { House = "1/3", Artists = "2/3" }
"#;

pub(super) const RATES: &str = "period,from,to,rate,source,date\n2020-01..2030-12,USD,EUR,0.9,bank,2026-09-30\n2020-01..2030-12,GBP,EUR,1.15,bank,2026-09-30\n";

/// The sample with contracts.
pub(super) fn with_contracts(folder: &Path, contracts: &str) -> PathBuf {
    let workspace = sample(folder);
    let files = [
        file(folder, "contracts.toml", contracts),
        file(folder, "rates.csv", RATES),
    ];
    run_well(&[
        "terms",
        "import",
        &files[0],
        &files[1],
        "--workspace",
        &workspace.display().to_string(),
    ]);
    workspace
}

pub(super) fn term(window: &Window, kind: &str, name: &str) -> Option<String> {
    let desk = window.state().as_ref()?.engine()?.desk();
    desk.terms()
        .get(&(kind.to_owned(), name.to_owned()))
        .cloned()
}

pub(super) fn fill(window: &mut Window, name: &str, text: &str) {
    window.get_by_role_and_label(Role::TextInput, name).focus();
    window.run_steps(2);
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.run_steps(1);
    window
        .get_by_role_and_label(Role::TextInput, name)
        .type_text(text);
    window.run_steps(3);
}

pub(super) fn payables(window: &Window) -> Vec<PayableLine> {
    let engine = window.state().as_ref().unwrap().engine().unwrap();
    let (session, desk) = (engine.contents().unwrap(), engine.desk());
    session
        .open_period_of(&desk, desk.terms(), desk.periods(), None)
        .unwrap()
        .settled
        .payables
}

fn is_enabled(window: &Window, name: &str) -> bool {
    !window
        .query_all_by_label(name)
        .next()
        .unwrap()
        .accesskit_node()
        .is_disabled()
}

#[test]
fn contracts_are_imported_changed_tried_out_saved_and_undone() {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        file(folder.path(), "contracts.toml", CONTRACTS),
        file(folder.path(), "rates.csv", RATES),
    ];
    let answers = vec![DialogAnswer::Chosen(files.iter().map(Into::into).collect())];
    let mut window = open(
        &sample(folder.path()),
        Screen::Contracts,
        SMALL,
        ThemePreference::Dark,
        answers,
    );
    until_shown(&mut window, "There are no contracts yet");
    picture(&mut window, "contracts-empty-dark");
    click(&mut window, "Import contracts…");
    until_shown(&mut window, "Contracts 1");
    until_shown(&mut window, "Split 2");
    assert!(shows(
        &window,
        "Its steps, in this order: into the account's currency → charges → fees → advances and costs"
    ));
    picture(&mut window, "contracts-1280-dark");

    // A share that leaves the whole short: said at the key, and nothing can be saved.
    // Names of a map are in their order: Artists, then House.
    fill(&mut window, "Split 2: Shares, value 1", "3/4");
    until_shown(&mut window, "1 thing is wrong");
    assert!(
        window.query_all_by_label_contains("13/12").count() >= 2,
        "at the key and in the list"
    );
    assert!(!is_enabled(&window, "Save"));
    picture(&mut window, "contracts-fault-dark");

    // Put right, its effect is shown, and is what comes of it.
    fill(&mut window, "Split 2: Shares, value 2", "1/4");
    until_shown(&mut window, "Would be paid");
    until(&mut window, "it can be saved", |w| is_enabled(w, "Save"));
    picture(&mut window, "contracts-what-if-dark");
    let before = payables(&window);
    let (expected, effects) = {
        let engine = window.state().as_ref().unwrap().engine().unwrap();
        let (session, desk) = (engine.contents().unwrap(), engine.desk());
        let open = session
            .open_period_of(&desk, desk.terms(), desk.periods(), None)
            .unwrap();
        let text = term(&window, "contract", "All").unwrap().replace(
            "House = \"1/3\", Artists = \"2/3\"",
            "House = \"1/4\", Artists = \"3/4\"",
        );
        let text = text.replace(
            "Artists = \"2/3\", House = \"1/3\"",
            "Artists = \"3/4\", House = \"1/4\"",
        );
        let set = vec![ledgerline::review::TermText {
            kind: "contract".into(),
            name: "All".into(),
            text,
        }];
        let (texts, _) = terms_after(
            desk.terms(),
            &ledgerline::review::TermsChange {
                set,
                ..Default::default()
            },
        )
        .unwrap();
        let after = session
            .open_period_with(&open, &desk, &texts, desk.periods())
            .unwrap();
        let effects = WhatIf::of(&open, &after).unwrap().effects;
        (after.settled.payables, effects)
    };
    assert!(!effects.is_empty());
    for effect in &effects {
        let shown = ledgerline::ui::text::money(effect.after, effect.currency);
        assert!(shows(&window, &shown), "{} would get {shown}", effect.payee);
    }
    fill(&mut window, "Why it is changed", "signed anew");
    click(&mut window, "Save");
    until(&mut window, "it is saved", |w| {
        term(w, "contract", "All").is_some_and(|t| t.contains("3/4"))
    });
    until(&mut window, "it is not a draft any more", |w| {
        !shows(w, "Not saved")
    });
    assert_eq!(payables(&window), expected);
    let note = window
        .state()
        .as_ref()
        .unwrap()
        .engine()
        .unwrap()
        .history()
        .last()
        .unwrap()
        .entry
        .data["note"]
        .clone();
    assert_eq!(note, "signed anew");

    // Ctrl+Z takes it back, and the form shows it.
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    until(&mut window, "it is undone", |w| {
        term(w, "contract", "All").is_some_and(|t| !t.contains("3/4"))
    });
    assert_eq!(payables(&window), before);
    until(&mut window, "the form has it", |w| {
        shows(w, "Split 2: Shares, value 1") && !shows(w, "Not saved")
    });
}

#[test]
fn what_is_not_saved_stays_and_what_others_need_cannot_be_removed() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = with_contracts(folder.path(), CONTRACTS);
    let mut window = open(
        &workspace,
        Screen::Contracts,
        SMALL,
        ThemePreference::Light,
        Vec::new(),
    );
    until_shown(&mut window, "Split 2");
    picture(&mut window, "contracts-1280-light");
    // As text and as a form are one thing.
    click(&mut window, "As text");
    until(&mut window, "the text is shown", |w| {
        w.query_by_role_and_label(Role::MultilineTextInput, "Text of the piece")
            .is_some()
    });
    picture(&mut window, "contracts-text-light");
    window.get_by_label("Text of the piece").focus();
    window.run_steps(2);
    window.key_press_modifiers(Modifiers::COMMAND, Key::End);
    window.run_steps(1);
    window
        .get_by_label("Text of the piece")
        .type_text("\n[[contract.charge]]\nname = \"Discovery Mode\"\nrate = 0.3\n");
    until_shown(&mut window, "1 thing is wrong");
    click(&mut window, "Form");
    until_shown(&mut window, "Charge 1");
    fill(&mut window, "Charge 1: Flag", "discovery_mode");
    until(&mut window, "it can be saved", |w| is_enabled(w, "Save"));
    // Another piece, another screen, and back.
    window
        .query_all_by_label_contains("Payees 3")
        .next()
        .unwrap()
        .click();
    until_shown(&mut window, "Not saved:");
    until_shown(&mut window, "Minimum payout");
    picture(&mut window, "contracts-payees-light");
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num4);
    window.run_steps(3);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num5);
    window.run_steps(3);
    assert!(
        !term(&window, "contract", "All")
            .unwrap()
            .contains("Discovery"),
        "nothing is saved by leaving"
    );
    window
        .query_all_by_role_and_label(Role::Link, "All")
        .next()
        .unwrap()
        .click();
    until_shown(&mut window, "Charge 1");
    click(&mut window, "Save");
    until(&mut window, "it is saved", |w| {
        term(w, "contract", "All").is_some_and(|t| t.contains("flag = \"discovery_mode\""))
    });
    // A payee who has shares cannot go; one without can, and comes back.
    window
        .query_all_by_label_contains("Payees 3")
        .next()
        .unwrap()
        .click();
    until_shown(&mut window, "Minimum payout");
    click(&mut window, "Remove…");
    until_shown(&mut window, "cannot be removed: others need it");
    assert!(shows(&window, "there is no payee"));
    picture(&mut window, "contracts-refused-light");
    click(&mut window, "Leave it");
    click(&mut window, "Duplicate");
    fill(&mut window, "Name", "Somebody");
    until(&mut window, "it can be saved", |w| is_enabled(w, "Save"));
    window.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    until(&mut window, "it is saved", |w| {
        term(w, "payee", "Somebody").is_some()
    });
    let is_shown = |w: &Window| {
        w.query_by_role_and_label(Role::Heading, "Somebody")
            .is_some()
            && shows(w, "Remove…")
            && !shows(w, "Not saved")
    };
    until(&mut window, "it is shown", is_shown);
    click(&mut window, "Remove…");
    until_shown(&mut window, "Ctrl+Z brings it back");
    click(&mut window, "Remove it");
    until(&mut window, "it is gone", |w| {
        term(w, "payee", "Somebody").is_none()
    });
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    until(&mut window, "it is back", |w| {
        term(w, "payee", "Somebody").is_some()
    });
}

/// So many contracts of two payees each, with names that do not fit.
fn many(count: usize) -> String {
    let mut text = String::from("[[payee]]\nname = \"House\"\ncurrency = \"EUR\"\n");
    for n in 0..count {
        let name = match n % 3 {
            0 => format!("Artist {n:04}"),
            1 => format!(
                "{n:04} The Very Long and Distinguished Name of an Orchestra That Does Not Fit Into Any Column"
            ),
            _ => format!("{n:04} فيروز & Björk Guðmundsdóttir"),
        };
        text.push_str(&format!(
            "[[payee]]\nname = \"{name}\"\ncurrency = \"USD\"\n"
        ));
        text.push_str(&format!(
            "[[contract]]\nname = \"{name} – catalog\"\nprofile = \"net-receipts\"\ncurrency = \"EUR\"\ntracks = [\"HQ-{n:05}\"]\n"
        ));
        text.push_str(&format!(
            "[[contract.split]]\nname = \"all\"\nshares = {{ House = 0.3, \"{name}\" = 0.7 }}\n"
        ));
        text.push_str(&format!(
            "[[contract.advance]]\nname = \"first\"\namount = {}\ndate = 2026-01-01\n",
            100 + n
        ));
    }
    text
}

#[test]
fn a_thousand_contracts_are_searched_and_changed_and_given_out() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let workspace = with_contracts(folder.path(), &many(1000));
    let mut window = open(
        &workspace,
        Screen::Contracts,
        LARGE,
        ThemePreference::Light,
        vec![DialogAnswer::Chosen(vec![out.clone()])],
    );
    until_shown(&mut window, "Contracts 1,000");
    until_shown(&mut window, "Split 1");
    picture(&mut window, "contracts-2560-light");
    fill(&mut window, "Search contracts", "0777 catalog");
    until(&mut window, "one is found", |w| {
        shows(w, "0777 The Very") || shows(w, "Artist 0777") || shows(w, "0777 ")
    });
    window.run_steps(10);
    window
        .query_all_by_label_contains("0777")
        .find(|n| n.accesskit_node().role() == Role::GridCell)
        .unwrap()
        .click();
    until_shown(&mut window, "Advance 1");
    fill(&mut window, "Advance 1: Amount", "5");
    until_shown(&mut window, "What if it were saved");
    until(&mut window, "the effect is known", |w| {
        shows(w, "Would be paid") || shows(w, "Nobody would be paid")
    });
    picture(&mut window, "contracts-2560-found-light");
    click(&mut window, "Save");
    until(&mut window, "it is saved", |w| !shows(w, "Not saved"));
    window.query_all_by_label("Export…").next().unwrap().click();
    window.run_steps(4);
    click(&mut window, "As TOML…");
    until(&mut window, "they are written", |_| {
        out.join("contracts.toml").exists()
    });
    assert!(
        std::fs::read_to_string(out.join("contracts.toml"))
            .unwrap()
            .contains("amount = 5\n")
    );
    // The payout by these contracts in dark.
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num7);
    until_shown(&mut window, "settled by 1,000 contracts");
    window.run_steps(10);
    picture(&mut window, "period-2560-light");
    let first = {
        let engine = window.state().as_ref().unwrap().engine().unwrap();
        let open = engine
            .contents()
            .unwrap()
            .open_period_of(
                &engine.desk(),
                engine.desk().terms(),
                engine.desk().periods(),
                None,
            )
            .unwrap();
        open.settled.inputs.book.payees[open.settled.payables[0].payee]
            .name
            .clone()
    };
    click(&mut window, &first);
    until_shown(&mut window, &format!("Account of {first}"));
    click(&mut window, "Statement");
    until_shown(&mut window, "Royalty statement");
    picture(&mut window, "period-statement-2560-light");
}

#[test]
fn a_release_is_written_in_a_form() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open(
        &with_contracts(folder.path(), CONTRACTS),
        Screen::Contracts,
        SMALL,
        ThemePreference::Light,
        Vec::new(),
    );
    until_shown(&mut window, "Contracts 1");
    window
        .query_all_by_label_contains("Releases 0")
        .next()
        .unwrap()
        .click();
    window.run_steps(4);
    click(&mut window, "New release");
    until_shown(&mut window, "a release needs it");
    fill(&mut window, "UPC", "0085365572676");
    until(&mut window, "the code is taken", |w| {
        !shows(w, "UPC: a release needs it")
    });
    until_shown(&mut window, "Tracks: ");
    click(&mut window, "Add a line to Tracks");
    fill(&mut window, "Tracks, name 1", "HQ-00001");
    until(&mut window, "it can be saved", |w| is_enabled(w, "Save"));
    picture(&mut window, "contracts-release-light");
    click(&mut window, "Save");
    until(&mut window, "it is saved", |w| {
        term(w, "release", "0085365572676").is_some()
    });
}

#[test]
fn the_example_is_taken_and_a_new_contract_says_what_it_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open(
        &folder.path().join("workspace"),
        Screen::Contracts,
        SMALL,
        ThemePreference::Dark,
        Vec::new(),
    );
    until_shown(&mut window, "There are no contracts yet");
    click(&mut window, "Take the worked example");
    until_shown(&mut window, "Contracts 3");
    until_shown(&mut window, "Split 1");
    click(&mut window, "New contract");
    until_shown(&mut window, "a contract needs it");
    fill(&mut window, "Name", "Late Ferry");
    until_shown(&mut window, "Profile: ");
    picture(&mut window, "contracts-new-dark");
    assert!(!is_enabled(&window, "Save"));
    // Nothing moves any more when the name is no longer missed.
    until(&mut window, "the name is taken", |w| {
        !shows(w, "Name: a contract needs it")
    });
    click(&mut window, "Discard");
    until(&mut window, "the form is gone", |w| !shows(w, "Not saved"));
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    until_shown(&mut window, "There are no contracts yet");
}
