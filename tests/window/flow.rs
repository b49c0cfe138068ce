//! A month from an empty folder to the exported payout, as a royalty manager does it: catalog by the dialog, statements dropped on the
//! window, a filter, a decision undone and taken again, a rule for a shared ISRC, many lines at once, and an export that is the command
//! line's to the byte.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use eframe::egui::{DroppedFile, Key, Modifiers, ThemePreference};
use ledgerline::matching::Status;
use ledgerline::ui::kit::dialogs::DialogAnswer;
use ledgerline::ui::shared::Screen;

use super::duplicates::{look_at, open_isrc, rules};
use super::review::{decided, desk, filter, press, rows_with};
use super::stage::{Window, click, open, shows, until, until_shown};
use crate::support::{file, run_well, sample_dir, sample_statements, summary};

/// A file of the disk, as the system hands it over.
#[derive(Debug)]
struct Dropped(PathBuf);

impl DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("the window reads files by their path, on another thread".into())
    }
}

fn drop_files(window: &mut Window, files: &[String]) {
    for path in files {
        window
            .input_mut()
            .dropped_files
            .push(Arc::new(Dropped(path.into())));
    }
    window.run_steps(2);
}

fn go_to(window: &mut Window, key: Key) {
    window.key_press_modifiers(Modifiers::COMMAND, key);
    window.run_steps(3);
}

fn statements(window: &Window) -> usize {
    desk(window).statements().len()
}

fn is_idle(window: &Window) -> bool {
    window.state().as_ref().is_some_and(|app| app.is_idle())
}

#[test]
fn a_month_is_opened_settled_and_exported() {
    let folder = tempfile::tempdir().unwrap();
    let (workspace, out) = (
        folder.path().join("workspace"),
        folder.path().join("by-window"),
    );
    let answers = vec![
        DialogAnswer::Chosen(vec![sample_dir().join("catalog.csv")]),
        DialogAnswer::Chosen(vec![out.clone()]),
    ];
    let mut window = open(
        &workspace,
        Screen::Review,
        [1280.0, 800.0],
        ThemePreference::Dark,
        answers,
    );

    // The catalog, by the dialog, with its preview.
    window.key_press_modifiers(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::I);
    until_shown(&mut window, "Tracks that are new");
    click(&mut window, "Import the catalog");
    until(&mut window, "the catalog is there", |w| {
        desk(w).catalog.tracks == 1902 && is_idle(w)
    });

    // The statements, dropped on the window.
    go_to(&mut window, Key::Num1);
    let files = sample_statements();
    drop_files(&mut window, &files);
    until(&mut window, "all statements are there", |w| {
        statements(w) == files.len() && is_idle(w)
    });

    // One decision, undone and taken again.
    go_to(&mut window, Key::Num2);
    until_shown(&mut window, "455 lines shown");
    let before = desk(&window);
    filter(&mut window, "status:ambiguous", "95 lines shown");
    until_shown(&mut window, "ambiguous → matched");
    press(&mut window, Key::Enter);
    until(&mut window, "the decision is saved", |w| decided(w) == 1);
    assert!(rows_with(&desk(&window), Status::Matched) > rows_with(&before, Status::Matched));
    window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    until(&mut window, "it is undone", |w| decided(w) == 0);
    assert_eq!(desk(&window).totals(), before.totals());
    window.key_press_modifiers(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::Z);
    until(&mut window, "it is taken again", |w| decided(w) == 1);

    // A rule for an ISRC that two tracks share.
    go_to(&mut window, Key::Num3);
    until_shown(&mut window, "Reported with it");
    let isrc = open_isrc(&window);
    look_at(&mut window, isrc);
    press(&mut window, Key::Num1);
    until_shown(&mut window, "ambiguous → matched");
    press(&mut window, Key::Enter);
    until(&mut window, "the rule is taken", |w| rules(w, isrc) == 1);

    // What is left of one DSP is held, as one entry.
    go_to(&mut window, Key::Num2);
    click(&mut window, "Clear");
    let entries = |w: &Window| {
        w.state()
            .as_ref()
            .unwrap()
            .engine()
            .unwrap()
            .history()
            .len()
    };
    let (many, rows) = (entries(&window), rows_with(&desk(&window), Status::Held));
    filter(&mut window, "dsp:spotify", "lines shown");
    until(&mut window, "the filter holds", |w| {
        !shows(w, "455 lines shown") && !shows(w, "95 lines shown")
    });
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    until_shown(&mut window, "lines selected");
    press(&mut window, Key::H);
    until_shown(&mut window, "unmatched → held");
    press(&mut window, Key::Enter);
    until(&mut window, "the lines are held", |w| {
        rows_with(&desk(w), Status::Held) > rows
    });
    assert_eq!(entries(&window), many + 1, "many lines are one entry");

    // The payout, proven and exported.
    go_to(&mut window, Key::Num7);
    until_shown(&mut window, "No money was lost on the way");
    click(&mut window, "With all rows");
    window.key_press_modifiers(Modifiers::COMMAND, Key::E);
    until(&mut window, "the results are written", |w| {
        shows(w, "their fingerprint is")
    });
    let held = rows_with(&desk(&window), Status::Held);
    drop(window);

    // The command line says the same of the same workspace, to the byte.
    let (shown, by_command) = (
        workspace.display().to_string(),
        folder.path().join("by-command"),
    );
    let to = by_command.display().to_string();
    let mut arguments = vec![
        "reconcile",
        "--workspace",
        &shown,
        "--out",
        &to,
        "--lines",
        "--statement",
    ];
    arguments.extend(files.iter().map(String::as_str));
    run_well(&arguments);
    for name in [
        "payouts.csv",
        "exceptions.csv",
        "quarantine.csv",
        "lines.csv",
    ] {
        assert!(
            std::fs::read(out.join(name)).unwrap() == std::fs::read(by_command.join(name)).unwrap(),
            "{name} differs"
        );
    }
    assert_eq!(
        summary(&out)["fingerprint"],
        summary(&by_command)["fingerprint"]
    );
    let total = |status: &str| -> u64 {
        let all = summary(&out)["totals"].as_array().unwrap().clone();
        all.iter()
            .filter(|t| t["status"] == status)
            .map(|t| t["rows"].as_u64().unwrap())
            .sum()
    };
    assert_eq!(total("held"), held);
}

#[test]
fn a_dropped_file_that_cannot_be_read_is_named_and_the_others_are_taken() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open(
        &folder.path().join("workspace"),
        Screen::Review,
        [1280.0, 800.0],
        ThemePreference::Light,
        Vec::new(),
    );
    let bad = file(folder.path(), "notes.csv", "this is,no statement\n1,2\n");
    let good = sample_statements().remove(0);
    drop_files(&mut window, &[bad, good]);
    until(&mut window, "the good one is there", |w| {
        statements(w) == 1 && is_idle(w)
    });
    until_shown(&mut window, "notes.csv");
    go_to(&mut window, Key::Num1);
    until_shown(&mut window, "notes.csv");
}

#[test]
fn a_dropped_folder_is_opened_as_a_workspace() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (folder.path().join("first"), folder.path().join("second"));
    let mut window = open(
        &first,
        Screen::Review,
        [1280.0, 800.0],
        ThemePreference::Light,
        Vec::new(),
    );
    std::fs::create_dir(&second).unwrap();
    drop_files(&mut window, &[second.display().to_string()]);
    until(&mut window, "the other workspace is open", |w| {
        w.state()
            .as_ref()
            .and_then(|app| app.engine())
            .is_some_and(|engine| engine.path() == second)
            && is_idle(w)
    });
    assert!(second.join("journal.jsonl").exists() || second.join("db").is_dir());
}
