//! A closing that is killed, and kept files that are damaged.

use std::path::Path;
use std::process::Command;

use super::House;
use crate::reliability::{copy_folder, files_below, kill_after, moments, time_of};
use crate::support::{program, run, text};

const KILLS: u64 = 12;

fn close(workspace: &Path) -> Command {
    let mut command = program();
    command
        .args(["payout", "close", "2026-10", "--workspace"])
        .arg(workspace);
    command
}

/// A workspace with September closed, October open, and a correction to be settled.
fn prepared() -> (tempfile::TempDir, std::path::PathBuf) {
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
        &[(1, "US", "2026-10", "20"), (3, "GB", "2026-10", "11.11")],
    );
    let House { folder, session } = house;
    drop(session);
    let workspace = folder.path().join("workspace");
    (folder, workspace)
}

fn payout(arguments: &[&str], workspace: &Path) -> (Option<i32>, String, String) {
    let workspace = workspace.display().to_string();
    let output = run(&[&["payout"], arguments, &["--workspace", &workspace]].concat());
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

/// Judge: it is closed and verified, or it is open and closes to what it would have closed to.
fn closed_or_open(workspace: &Path, want: &str, printed: &str) -> Result<bool, String> {
    let (_, list, error) = payout(&["list"], workspace);
    let was_closed = list.contains("2026-10");
    if printed.contains("2026-10 is closed") && !was_closed {
        return Err(format!("it was called closed and is not: {list}{error}"));
    }
    if !was_closed && workspace.join("periods/2026-10").exists() {
        return Err("half a period is left".into());
    }
    if !was_closed {
        let (code, out, error) = payout(&["close", "2026-10"], workspace);
        if code != Some(0) {
            return Err(format!("it does not close any more: {out}{error}"));
        }
    }
    let (code, out, error) = payout(&["verify"], workspace);
    let (_, list, _) = payout(&["list"], workspace);
    let fingerprint = list
        .lines()
        .last()
        .and_then(|line| line.split_whitespace().last())
        .unwrap_or_default();
    if code != Some(0) || fingerprint != want {
        return Err(format!("it came to something else: {out}{error}{list}"));
    }
    Ok(was_closed)
}

#[test]
fn a_killed_closing_leaves_a_period_closed_or_open() {
    let (folder, base) = prepared();
    let copy = |name: &str| {
        let workspace = folder.path().join(name);
        copy_folder(&base, &workspace);
        workspace
    };
    let undisturbed = time_of(&mut close(&copy("whole")));
    let (_, list, _) = payout(&["list"], &folder.path().join("whole"));
    let want = list
        .lines()
        .last()
        .unwrap()
        .split_whitespace()
        .last()
        .unwrap()
        .to_owned();
    let mut killed = 0;
    for (number, delay) in moments(4, KILLS, undisturbed).into_iter().enumerate() {
        let workspace = copy(&format!("killed-{number}"));
        let remains = kill_after(&mut close(&workspace), delay);
        killed += usize::from(!remains.ended_by_itself);
        closed_or_open(&workspace, &want, &remains.printed)
            .unwrap_or_else(|fault| panic!("killed after {delay:?}: {fault}"));
    }
    assert!(killed > 0, "every closing had ended before it was killed");
    // The judge's own control: a period that is gone, and one with other figures.
    let workspace = copy("control");
    assert!(closed_or_open(&workspace, &want, "2026-10 is closed").is_err());
    assert!(closed_or_open(&workspace, "another fingerprint", "").is_err());
}

/// What a closed period keeps opens the next one: damage to it never changes a figure.
#[test]
fn a_damaged_kept_file_never_changes_a_figure() {
    let (folder, base) = prepared();
    let (code, want, error) = payout(&["show"], &base);
    assert_eq!(code, Some(0), "{error}");
    let (mut refused, mut unharmed) = (0, 0);
    for name in files_below(&base.join("periods")) {
        for damage in ["flip", "cut", "remove"] {
            let workspace = folder.path().join("damaged");
            let _ = std::fs::remove_dir_all(&workspace);
            copy_folder(&base, &workspace);
            let path = workspace.join("periods").join(&name);
            let mut bytes = std::fs::read(&path).unwrap();
            match damage {
                "flip" => {
                    let middle = bytes.len() / 2;
                    bytes[middle] ^= 4;
                    std::fs::write(&path, bytes).unwrap();
                }
                "cut" => std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap(),
                _ => std::fs::remove_file(&path).unwrap(),
            }
            let (code, shown, error) = payout(&["show"], &workspace);
            if code == Some(0) {
                assert_eq!(shown, want, "{damage} of {name}");
                unharmed += 1;
            } else {
                assert!(
                    error.contains("restore the workspace from its backup"),
                    "{damage} of {name}: {error}"
                );
                refused += 1;
            }
            let (code, found, error) = payout(&["verify"], &workspace);
            assert_eq!(code, Some(1), "{damage} of {name}: {found}{error}");
        }
    }
    assert!(
        refused > 5 && unharmed > 5,
        "{refused} refused, {unharmed} unharmed: both happen"
    );
}
