//! The catalog: searching, one track in full, editing, adding, and an import with its preview.

use eframe::egui::{Key, Modifiers, Role, ThemePreference};
use egui_kittest::kittest::Queryable;
use ledgerline::catalog::Track;
use ledgerline::ui::kit::dialogs::DialogAnswer;
use ledgerline::ui::shared::Screen;

use super::stage::{Window, click, open, picture, sample, shows, until, until_shown};
use crate::support::{file, rows, sample_dir};

const SMALL: [f32; 2] = [1280.0, 800.0];

fn in_catalog(window: &Window, id: &str) -> Option<Track> {
    let session = window.state().as_ref()?.engine()?.contents()?;
    session.track(id).unwrap()
}

fn fill(window: &mut Window, name: &str, text: &str) {
    // Columns of the table are called as the fields are.
    window.get_by_role_and_label(Role::TextInput, name).focus();
    window.run_steps(2);
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.run_steps(1);
    window
        .get_by_role_and_label(Role::TextInput, name)
        .type_text(text);
    window.run_steps(3);
}

/// The first track of the sample's catalog: its id and its title.
fn first() -> (String, String) {
    let row = rows(&sample_dir().join("catalog.csv")).remove(0);
    (row[0].clone(), row[3].clone())
}

#[test]
fn a_track_is_found_and_its_isrc_edited() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open(
        &sample(folder.path()),
        Screen::Catalog,
        SMALL,
        ThemePreference::Dark,
        Vec::new(),
    );
    until_shown(&mut window, "Reported for it");
    picture(&mut window, "catalog-1280-dark");
    let (id, _) = first();
    fill(&mut window, "Search the catalog", &id);
    until_shown(&mut window, "1 of ");
    until_shown(&mut window, "Add one like it");
    window.get_by_label("Edit").click();
    until_shown(&mut window, "Ctrl+Enter saves");
    fill(&mut window, "ISRC", "US-X12");
    until_shown(&mut window, "an ISRC has 12 letters and digits");
    picture(&mut window, "catalog-edit-dark");
    fill(&mut window, "ISRC", "qz-999-99-00001");
    click(&mut window, "Save track");
    until(&mut window, "it is saved", |w| {
        in_catalog(w, &id)
            .and_then(|t| t.isrc)
            .is_some_and(|i| i.to_string() == "QZ9999900001")
    });
    until_shown(&mut window, "Saved track");
    until(&mut window, "the table shows it", |w| {
        shows(w, "QZ9999900001")
    });
}

#[test]
fn a_track_is_added_but_not_over_another() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open(
        &sample(folder.path()),
        Screen::Catalog,
        SMALL,
        ThemePreference::Light,
        Vec::new(),
    );
    until_shown(&mut window, "Reported for it");
    click(&mut window, "Add track");
    until_shown(&mut window, "New track");
    fill(&mut window, "Track id", &first().0);
    fill(&mut window, "Title", "Brand new");
    click(&mut window, "Save track");
    until_shown(&mut window, "Choose another id");
    picture(&mut window, "catalog-add-light");
    fill(&mut window, "Track id", "NEW-1");
    window.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    until(&mut window, "it is there", |w| {
        in_catalog(w, "NEW-1").is_some_and(|t| t.title == "Brand new")
    });
    fill(&mut window, "Search the catalog", "brand new");
    until_shown(&mut window, "1 of ");
}

#[test]
fn an_import_shows_first_what_it_changes() {
    let folder = tempfile::tempdir().unwrap();
    let (id, title) = first();
    let text = format!(
        "Track ID,ISRC,Title,Artist,Shelf,Payee\n{id},,Quite another title,Somebody,3,Ada\nX-1,USX129900001,New one,Ada,4,Ada\n,,No id,,,\n"
    );
    let path = file(folder.path(), "more.csv", text);
    let answers = vec![
        DialogAnswer::Chosen(vec![path.clone().into()]),
        DialogAnswer::Chosen(vec![path.into()]),
    ];
    let mut window = open(
        &sample(folder.path()),
        Screen::Catalog,
        SMALL,
        ThemePreference::Dark,
        answers,
    );
    until_shown(&mut window, "Reported for it");
    click(&mut window, "Import…");
    until_shown(&mut window, "What changes");
    for words in [
        "Shelf – passed over",
        "Title → title",
        "cannot be a track id",
        "+ new",
        "≠ changed",
        "Quite another title",
    ] {
        assert!(shows(&window, words), "{words}");
    }
    picture(&mut window, "catalog-import-dark");
    window.key_press(Key::Escape);
    window.run_steps(4);
    assert_eq!(in_catalog(&window, &id).map(|t| t.title), Some(title));
    click(&mut window, "Import…");
    until_shown(&mut window, "What changes");
    click(&mut window, "Import the catalog");
    until(&mut window, "it is imported", |w| {
        in_catalog(w, &id).is_some_and(|t| t.title == "Quite another title")
    });
    assert!(in_catalog(&window, "X-1").is_some());
}

#[test]
fn a_wide_window_in_light() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open(
        &sample(folder.path()),
        Screen::Catalog,
        [2560.0, 1440.0],
        ThemePreference::Light,
        Vec::new(),
    );
    until_shown(&mut window, "Reported for it");
    fill(&mut window, "Search the catalog", "live");
    until_shown(&mut window, " of ");
    window.run_steps(20);
    picture(&mut window, "catalog-2560-light");
}
