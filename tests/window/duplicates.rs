//! Shared ISRCs: settling one with the keyboard, undoing it, a rule with clauses, and correcting the catalog.

use eframe::egui::{Key, Modifiers, ThemePreference};
use egui_kittest::kittest::Queryable;
use ledgerline::desk::duplicates::{State, duplicate_detail, duplicates_of};
use ledgerline::ident::Isrc;
use ledgerline::matching::Status;
use ledgerline::ui::shared::Screen;

use super::contracts::{CONTRACTS, with_contracts};
use super::stage::{Window, click, open, picture, sample, until, until_shown};

const SMALL: [f32; 2] = [1280.0, 800.0];

pub(super) fn rules(window: &Window, isrc: Isrc) -> usize {
    window
        .state()
        .as_ref()
        .and_then(|app| app.engine())
        .map_or(0, |e| e.desk().decisions().rules(isrc).count())
}

/// An ISRC with open money and two tracks.
pub(super) fn open_isrc(window: &Window) -> Isrc {
    let engine = window.state().as_ref().unwrap().engine().unwrap();
    let (session, desk) = (engine.contents().unwrap(), engine.desk());
    let shared = session.shared_isrcs(&|| false).unwrap().unwrap();
    let all = duplicates_of(&desk, &shared, &|| false).unwrap().unwrap();
    let has_upcs = |isrc: Isrc| duplicate_detail(&session, &desk, isrc).unwrap().upcs.len() > 1;
    let found = all
        .iter()
        .find(|d| d.state == State::Open && d.tracks == 2 && has_upcs(d.isrc))
        .or(all.iter().find(|d| d.state == State::Open));
    found.expect("the sample has one").isrc
}

/// Looks at an ISRC, and waits until its own tracks are shown: what was shown before belongs to another, and keys do nothing until then.
pub(super) fn look_at(window: &mut Window, isrc: Isrc) {
    let engine = window.state().as_ref().unwrap().engine().unwrap();
    let first = duplicate_detail(&engine.contents().unwrap(), &engine.desk(), isrc)
        .unwrap()
        .tracks[0]
        .id
        .clone();
    window.get_by_label("Filter shared ISRCs").focus();
    window.run_steps(2);
    window
        .get_by_label("Filter shared ISRCs")
        .type_text(&isrc.to_string());
    until_shown(window, &format!("1  {first}"));
    // The keys of the screen work when nobody types.
    window.get_by_label("Shared ISRCs").focus();
    window.run_steps(3);
}

#[test]
fn an_isrc_is_settled_with_the_keyboard_and_undone() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open(
        &sample(folder.path()),
        Screen::Duplicates,
        SMALL,
        ThemePreference::Dark,
        Vec::new(),
    );
    until_shown(&mut window, "Reported with it");
    picture(&mut window, "duplicates-1280-dark");
    let isrc = open_isrc(&window);
    look_at(&mut window, isrc);
    window.key_press(Key::Num1);
    until_shown(&mut window, "Settle");
    until_shown(&mut window, "ambiguous → matched");
    picture(&mut window, "duplicates-prepared-dark");
    window.key_press(Key::Enter);
    until(&mut window, "the rule is taken", |w| rules(w, isrc) == 1);
    until_shown(&mut window, "settled by a person");
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    until(&mut window, "the rule is undone", |w| rules(w, isrc) == 0);
}

#[test]
fn a_rule_shows_what_payees_would_get_before_it_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = with_contracts(folder.path(), CONTRACTS);
    let mut window = open(
        &workspace,
        Screen::Duplicates,
        SMALL,
        ThemePreference::Dark,
        Vec::new(),
    );
    until_shown(&mut window, "Reported with it");
    let isrc = open_isrc(&window);
    look_at(&mut window, isrc);
    window.key_press(Key::Num1);
    until_shown(&mut window, "ambiguous → matched");
    click(&mut window, "What payees would get");
    until_shown(&mut window, "Would be paid");
    until_shown(&mut window, "Money that waits");
    picture(&mut window, "duplicates-what-if-dark");
}

#[test]
fn a_rule_of_clauses_is_one_entry_and_can_be_cleared() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open(
        &sample(folder.path()),
        Screen::Duplicates,
        [2560.0, 1440.0],
        ThemePreference::Light,
        Vec::new(),
    );
    until_shown(&mut window, "Reported with it");
    let isrc = open_isrc(&window);
    look_at(&mut window, isrc);
    window.key_press(Key::Num2);
    window.run_steps(3);
    window.key_press(Key::A);
    until_shown(&mut window, "Remove clause 1");
    until_shown(&mut window, "→ matched");
    picture(&mut window, "duplicates-2560-light");
    let entries = |w: &Window| {
        w.state()
            .as_ref()
            .unwrap()
            .engine()
            .unwrap()
            .history()
            .len()
    };
    let before = entries(&window);
    click(&mut window, "Take");
    until(&mut window, "the rule is taken", |w| rules(w, isrc) == 2);
    assert_eq!(entries(&window), before + 1);
    until_shown(&mut window, "holds now");
    window.get_by_label("Shared ISRCs").focus();
    window.run_steps(2);
    window.key_press(Key::C);
    until_shown(&mut window, "Clear the rule of");
    until_shown(&mut window, "matched → ambiguous");
    window.key_press(Key::Enter);
    until(&mut window, "the rule is cleared", |w| rules(w, isrc) == 0);
    window.key_press(Key::L);
    until_shown(&mut window, "Moves no money now");
    window.key_press(Key::Enter);
    until_shown(&mut window, "left on purpose 1");
}

#[test]
fn the_code_of_one_track_is_corrected_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open(
        &sample(folder.path()),
        Screen::Duplicates,
        SMALL,
        ThemePreference::Light,
        Vec::new(),
    );
    until_shown(&mut window, "Reported with it");
    let isrc = open_isrc(&window);
    look_at(&mut window, isrc);
    window
        .query_all_by_label_contains("Correct ISRC of")
        .next()
        .expect("each track has it")
        .click();
    until_shown(&mut window, "New ISRC of");
    window.run_steps(2);
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.run_steps(1);
    window
        .query_all_by_label_contains("New ISRC of")
        .last()
        .expect("the field is there")
        .type_text("QZ9999900001");
    window.run_steps(3);
    picture(&mut window, "duplicates-correct-light");
    click(&mut window, "Save ISRC");
    let is_told_apart = |w: &Window| {
        let desk = w.state().as_ref().unwrap().engine().unwrap().desk();
        desk.lines()
            .of_isrc(isrc)
            .all(|line| desk.status(line) == Status::Matched)
    };
    until(&mut window, "the reports are matched", is_told_apart);
}
