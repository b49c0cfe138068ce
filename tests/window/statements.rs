//! The statements: what is known of a file, its quarantine, files that ask for something, and taking a file out and back.

use std::path::PathBuf;

use eframe::egui::{Key, ThemePreference};
use egui_kittest::kittest::Queryable;
use ledgerline::ui::kit::dialogs::DialogAnswer;
use ledgerline::ui::shared::Screen;

use super::stage::{Window, click, open, picture, sample, shows, until, until_shown};
use crate::support::file;

const SMALL: [f32; 2] = [1280.0, 800.0];

fn statements(window: &Window) -> usize {
    window
        .state()
        .as_ref()
        .and_then(|app| app.engine())
        .map_or(0, |e| e.desk().statements().len())
}

#[test]
fn a_file_shows_its_details_and_its_quarantine_and_leads_to_the_row() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open(
        &sample(folder.path()),
        Screen::Statements,
        SMALL,
        ThemePreference::Dark,
        Vec::new(),
    );
    until_shown(&mut window, "Control totals");
    until_shown(&mut window, "BLAKE3");
    picture(&mut window, "statements-1280-dark");
    window
        .query_all_by_label_contains("Quarantine (")
        .next()
        .expect("the tab is there")
        .click();
    window.run_steps(4);
    until_shown(&mut window, "Show row");
    window.run_steps(10);
    picture(&mut window, "statements-quarantine-dark");
    click(&mut window, "Show row");
    until(&mut window, "the lines are shown", |w| {
        w.state().as_ref().unwrap().screen() == Screen::Lines
    });
    until_shown(&mut window, "Quarantined");
}

#[test]
fn a_wide_window_in_light() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open(
        &sample(folder.path()),
        Screen::Statements,
        [2560.0, 1440.0],
        ThemePreference::Light,
        Vec::new(),
    );
    until_shown(&mut window, "Physical lines");
    until_shown(&mut window, "Ties out");
    picture(&mut window, "statements-2560-light");
}

#[test]
fn a_statement_is_removed_after_a_question_and_put_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open(
        &sample(folder.path()),
        Screen::Statements,
        SMALL,
        ThemePreference::Light,
        Vec::new(),
    );
    let before = statements(&window);
    until_shown(&mut window, "BLAKE3");
    window.key_press(Key::Delete);
    window.run_steps(3);
    assert!(shows(&window, "Keep"));
    picture(&mut window, "statements-remove-light");
    click(&mut window, "Keep");
    window.key_press(Key::Delete);
    window.run_steps(3);
    window
        .query_all_by_label("Remove")
        .last()
        .expect("the strip asks")
        .click();
    until(&mut window, "it is gone", |w| statements(w) == before - 1);
    until_shown(&mut window, "its file is untouched");
    window
        .query_all_by_label("Undo")
        .next()
        .expect("it can be undone")
        .click();
    until(&mut window, "it is back", |w| statements(w) == before);
}

#[test]
fn a_file_that_asks_for_its_currency_is_answered_in_the_window() {
    let folder = tempfile::tempdir().unwrap();
    let text = "Title,Artist,ISRC,UPC,Label,Country,Quantity,Amount\nSong,Artist,USX122600001,,L,DE,3,0.51\nSong 2,Artist,USX122600002,,L,DE,1,0.17\n";
    let path = PathBuf::from(file(folder.path(), "no-currency.csv", text));
    let mut window = open(
        &folder.path().join("workspace"),
        Screen::Statements,
        SMALL,
        ThemePreference::Dark,
        vec![DialogAnswer::Chosen(vec![path])],
    );
    until_shown(&mut window, "No statements yet");
    picture(&mut window, "statements-empty-dark");
    click(&mut window, "Open…");
    until_shown(&mut window, "was not imported");
    picture(&mut window, "statements-asks-dark");
    window
        .query_all_by_label("Currency")
        .last()
        .expect("the field is there")
        .focus();
    window.run_steps(2);
    window
        .query_all_by_label("Currency")
        .last()
        .expect("the field is there")
        .type_text("EUR");
    window.run_steps(3);
    click(&mut window, "Import again");
    until(&mut window, "it is taken", |w| statements(w) == 1);
    assert!(!shows(&window, "was not imported"));
    until_shown(&mut window, "always EUR");
}

#[test]
fn a_statement_that_looks_wrong_is_taken_by_a_button_that_says_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let header = "Title,Artist,ISRC,Country,Sale Month,Quantity,Amount,Currency\n";
    let row = "Song,Artist,USX122600001,DE,2026-09,3,0.51,EUR\n";
    let first = PathBuf::from(file(folder.path(), "first.csv", format!("{header}{row}")));
    let copy = PathBuf::from(file(
        folder.path(),
        "copy.csv",
        format!("{header}{row}").replace(',', ";"),
    ));
    let lossy = PathBuf::from(file(
        folder.path(),
        "lossy.csv",
        format!(
            "{header}{}Song,Artist,USX122600001,DE,2026-09,3,?,EUR\n",
            row.replace("0.51", "0.7")
        ),
    ));
    let answers = vec![
        DialogAnswer::Chosen(vec![first]),
        DialogAnswer::Chosen(vec![copy]),
        DialogAnswer::Chosen(vec![lossy]),
    ];
    let mut window = open(
        &folder.path().join("workspace"),
        Screen::Statements,
        SMALL,
        ThemePreference::Light,
        answers,
    );
    until_shown(&mut window, "No statements yet");
    click(&mut window, "Open…");
    until(&mut window, "the first is taken", |w| statements(w) == 1);
    for (said, taken) in [
        ("already in first.csv", 2),
        ("1 of 2 rows (50 %) is in quarantine", 3),
    ] {
        click(&mut window, "Open…");
        until_shown(&mut window, "was not imported");
        until_shown(&mut window, said);
        assert_eq!(statements(&window), taken - 1, "it does not count yet");
        click(&mut window, "Take it all the same");
        until(&mut window, "it is taken", |w| statements(w) == taken);
        assert!(!shows(&window, "was not imported"));
    }
    until_shown(&mut window, "▲ copy.csv");
}
