//! The lines: any row at once, the rows behind a total, and what is said when a file is gone.

use std::path::Path;

use eframe::egui::{Key, Modifiers, Role, ThemePreference};
use egui_kittest::kittest::{NodeT, Queryable};
use ledgerline::ui::shared::Screen;

use super::stage::{Window, click, open, picture, sample, shows, until, until_shown};
use crate::support::{file, run_well, sample_dir};

const SMALL: [f32; 2] = [1280.0, 800.0];

/// Shows the rows of the file with this name.
fn choose(window: &mut Window, name: &str) {
    click(window, "Statement");
    window.run_steps(2);
    window
        .query_all_by_label(name)
        .last()
        .expect("the list has the file")
        .click_accesskit();
    window.run_steps(3);
    let path = format!("statements/{name}");
    until(window, name, |w| shows(w, &path) && shows(w, "Unchanged"));
}

fn go_to(window: &mut Window, row: &str) {
    window.key_press_modifiers(Modifiers::COMMAND, Key::G);
    window.run_steps(3);
    window.get_by_label("Go to row").type_text(row);
    window.run_steps(2);
    window.key_press(Key::Enter);
    window.run_steps(6);
}

#[test]
fn a_row_is_shown_by_its_number_with_what_became_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open(
        &sample(folder.path()),
        Screen::Lines,
        SMALL,
        ThemePreference::Dark,
        Vec::new(),
    );
    choose(&mut window, "orchard_2026-09.csv");
    until_shown(&mut window, "Header");
    picture(&mut window, "lines-1280-dark");
    go_to(&mut window, "150");
    until(&mut window, "row 150 is selected", |w| {
        !w.get_by_label("Rows of this item")
            .accesskit_node()
            .is_disabled()
    });
    picture(&mut window, "lines-row-150-dark");
    let button = window.get_by_label("Rows of this item");
    button.click();
    until_shown(&mut window, "Ties out");
    picture(&mut window, "lines-of-item-dark");
    window.key_press(Key::Escape);
    until_shown(&mut window, "Unchanged");
}

#[test]
fn a_filter_by_status_counts_and_ties_out() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open(
        &sample(folder.path()),
        Screen::Lines,
        [2560.0, 1440.0],
        ThemePreference::Light,
        Vec::new(),
    );
    choose(&mut window, "orchard_2026-09.csv");
    click(&mut window, "Show");
    window.run_steps(2);
    click(&mut window, "Quarantined");
    until_shown(&mut window, "Ties out");
    // The rows are those of the search: rows of the file, read before it was begun, must not stand in their place.
    for row in ["54", "72", "108", "126"] {
        until(&mut window, row, |w| {
            w.query_all_by_role_and_label(Role::GridCell, row)
                .next()
                .is_some()
        });
    }
    assert!(
        window
            .query_all_by_role_and_label(Role::GridCell, "Matched")
            .next()
            .is_none(),
        "only rows in quarantine are shown"
    );
    picture(&mut window, "lines-quarantined-2560-light");
    click(
        &mut window,
        "Filter: Quarantined rows of orchard_2026-09.csv; click to remove",
    );
    until_shown(&mut window, "Unchanged");
    picture(&mut window, "lines-2560-light");
    click(&mut window, "Compare every byte");
    until_shown(&mut window, "every byte is as imported");
}

#[test]
fn a_packed_file_is_shown_from_a_copy_and_a_file_that_is_gone_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read(sample_dir().join("statements/orchard_2026-09.csv")).unwrap();
    let packed = file(
        folder.path(),
        "packed.csv.zst",
        zstd::stream::encode_all(text.as_slice(), 1).unwrap(),
    );
    let workspace = folder.path().join("workspace");
    run_well(&[
        "statement",
        "import",
        "--workspace",
        &workspace.display().to_string(),
        &packed,
    ]);
    let mut window = open(
        &workspace,
        Screen::Lines,
        SMALL,
        ThemePreference::Light,
        Vec::new(),
    );
    until_shown(&mut window, "every byte is as imported");
    assert!(shows(&window, "packed"));
    picture(&mut window, "lines-packed-light");
    drop(window);

    std::fs::remove_file(Path::new(&packed)).unwrap();
    let mut window = open(
        &workspace,
        Screen::Lines,
        SMALL,
        ThemePreference::Dark,
        Vec::new(),
    );
    until_shown(&mut window, "is no longer at");
    picture(&mut window, "lines-gone-dark");
}
