//! The gates of reliability at their size for every change: killed processes, lost writes, damaged files, two owners, stopped imports, an
//! edited journal.
//!
//! What is right is said by judges, functions that give back what is wrong. Each of them has a negative control: a case that a program
//! without the defence would leave behind, and in which the judge has to find something.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{file, program, run, run_well, text};

// ------------------------------------------------------------------------------------------------------- stage

/// Results of a run that are written with `--lines`.
const NAMES: [&str; 5] = [
    "exceptions.csv",
    "lines.csv",
    "payouts.csv",
    "quarantine.csv",
    "summary.json",
];

/// Random numbers that are the same in every run (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
}

/// A label of twenty tracks with two statements, in which some items need a person.
struct Stage {
    folder: TempDir,
    catalog: String,
    statements: [String; 2],
    /// Codes of the items that do not match by themselves.
    items: Vec<String>,
}

/// What the last command on a workspace was: it decides which facts stand in the log, in the manifest and in table files.
#[derive(Debug, Clone, Copy)]
enum LastCommand {
    Decision,
    Statement,
    Catalog,
}

const HISTORIES: [LastCommand; 3] = [
    LastCommand::Decision,
    LastCommand::Statement,
    LastCommand::Catalog,
];

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let catalog = file(folder.path(), "catalog.csv", catalog_text());
        let statements = ["2026-08", "2026-09"].map(|month| {
            file(
                folder.path(),
                &format!("statement_{month}.csv"),
                statement_text(month),
            )
        });
        let mut stage = Self {
            folder,
            catalog,
            statements,
            items: Vec::new(),
        };
        let (workspace, out) = (stage.path("scratch"), stage.path("scratch-out"));
        run_well(&[
            "catalog",
            "import",
            &stage.catalog,
            "--workspace",
            shown(&workspace),
        ]);
        stage.reconcile_well(&workspace, &out);
        stage.items = crate::support::rows(&out.join("exceptions.csv"))
            .into_iter()
            .map(|row| row[13].clone())
            .collect();
        assert_eq!(stage.items.len(), 6);
        stage
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A workspace with the catalog, both statements and three decisions.
    fn workspace(&self, name: &str, last: LastCommand) -> PathBuf {
        let path = self.path(name);
        let workspace = shown(&path);
        let import =
            |what: &str, file: &str| run_well(&[what, "import", file, "--workspace", workspace]);
        if !matches!(last, LastCommand::Catalog) {
            import("catalog", &self.catalog);
        }
        import("statement", &self.statements[0]);
        if !matches!(last, LastCommand::Statement) {
            import("statement", &self.statements[1]);
        }
        for (number, action) in ["ignore", "hold", "hold"].iter().enumerate() {
            run_well(&[
                "decide",
                action,
                &self.items[number],
                "--workspace",
                workspace,
                "--note",
                &number.to_string(),
            ]);
        }
        match last {
            LastCommand::Decision => {}
            LastCommand::Statement => drop(import("statement", &self.statements[1])),
            LastCommand::Catalog => drop(import("catalog", &self.catalog)),
        }
        path
    }

    fn reconcile(&self, workspace: &Path, out: &Path) -> Output {
        let [first, second] = &self.statements;
        run(&[
            "reconcile",
            "--workspace",
            shown(workspace),
            "--statement",
            first,
            second,
            "--lines",
            "--out",
            shown(out),
        ])
    }

    fn reconcile_well(&self, workspace: &Path, out: &Path) -> Results {
        let output = self.reconcile(workspace, out);
        assert!(output.status.success(), "{}", text(&output.stderr));
        results(out)
    }
}

fn catalog_text() -> String {
    let mut text =
        String::from("track_id,isrc,upc,title,artist,label,duration,release_title,payee\n");
    for n in 0..20 {
        text += &format!(
            "T{n:02},QZAB12600{n:03},,Song {n},Artist {},Label,3:{n:02},Album,Payee {}\n",
            n % 4,
            n % 5
        );
    }
    text
}

fn statement_text(month: &str) -> String {
    let mut text = String::from(
        "ISRC,UPC,Title,Artist,Store,Country,Sale Month,Quantity,Net Revenue,Currency\n",
    );
    for n in 0..24 {
        let prefix = if n < 18 { "QZAB" } else { "QZXX" };
        text += &format!(
            "{prefix}12600{n:03},,Song {n},Artist {},Spotify,US,{month},{n},{n}.{n:03}7,USD\n",
            n % 4
        );
    }
    text + &format!("QZAB12600001,,Song 1,Artist 1,Spotify,US,{month},1,oops,USD\n")
}

fn shown(path: &Path) -> &str {
    path.to_str()
        .expect("temporary folders have names in UTF-8")
}

pub fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// Files below a folder, by their relative paths, sorted.
pub fn files_below(folder: &Path) -> Vec<String> {
    fn add(folder: &Path, prefix: &str, all: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                add(&entry.path(), &format!("{name}/"), all)
            } else {
                all.push(name)
            }
        }
    }
    let mut all = Vec::new();
    add(folder, "", &mut all);
    all.sort();
    all
}

/// The files of a run by name, `summary.json` without what differs from run to run.
type Results = BTreeMap<String, Vec<u8>>;

fn results(out: &Path) -> Results {
    let names = files_below(out)
        .into_iter()
        .filter(|name| !name.starts_with('.'));
    names
        .map(|name| {
            (
                name.clone(),
                comparable(&name, fs::read(out.join(&name)).unwrap()),
            )
        })
        .collect()
}

fn comparable(name: &str, bytes: Vec<u8>) -> Vec<u8> {
    if name != "summary.json" {
        return bytes;
    }
    let Ok(mut summary) = serde_json::from_slice::<Value>(&bytes) else {
        return bytes;
    };
    summary.as_object_mut().and_then(|all| all.remove("run"));
    summary.to_string().into_bytes()
}

/// Judge: results are exactly those.
fn same(got: &Results, want: &Results) -> Result<(), String> {
    if !got.keys().eq(want.keys()) {
        return Err(format!(
            "the files are {:?}, not {:?}",
            got.keys(),
            want.keys()
        ));
    }
    match want.iter().find(|(name, bytes)| got[*name] != **bytes) {
        None => Ok(()),
        Some((name, bytes)) => Err(format!(
            "{name} differs: {}",
            first_difference(&text(&got[name]), &text(bytes))
        )),
    }
}

fn first_difference(got: &str, want: &str) -> String {
    let lines = got.lines().chain([""]).zip(want.lines().chain([""]));
    let (got, want) = lines
        .into_iter()
        .find(|(got, want)| got != want)
        .unwrap_or_default();
    let beginning = |line: &str| line.chars().take(300).collect::<String>();
    format!("{:?} and not {:?}", beginning(got), beginning(want))
}

/// Results of two workspaces that differ in one decision.
fn two_results(stage: &Stage) -> (Results, Results) {
    let workspace = stage.workspace("other", LastCommand::Decision);
    let before = stage.reconcile_well(&workspace, &stage.path("other-out"));
    run_well(&[
        "decide",
        "assign",
        &stage.items[3],
        "T05",
        "--workspace",
        shown(&workspace),
    ]);
    (
        before,
        stage.reconcile_well(&workspace, &stage.path("other-out")),
    )
}

#[test]
fn results_of_another_workspace_and_a_changed_byte_of_an_output_are_noticed() {
    let stage = Stage::new();
    let (before, after) = two_results(&stage);
    assert!(same(&before, &after).is_err());
    let out = stage.path("other-out");
    assert_eq!(same(&results(&out), &after), Ok(()));
    for name in NAMES {
        let good = fs::read(out.join(name)).unwrap();
        // In the summary a byte of the fingerprint, elsewhere one in the middle.
        let place =
            memchr::memmem::find(&good, b"fingerprint\": \"").map_or(good.len() / 2, |at| at + 20);
        let mut bad = good.clone();
        bad[place] ^= 1;
        fs::write(out.join(name), &bad).unwrap();
        assert!(same(&results(&out), &after).is_err(), "{name}");
        fs::write(out.join(name), &good).unwrap();
    }
}

// -------------------------------------------------------------------------------------------------------- kill

/// What is left of a process that was killed, or had ended before that.
pub struct Remains {
    pub ended_by_itself: bool,
    pub printed: String,
}

impl Remains {
    fn of(child: Child, printed_before: String) -> Self {
        let output = child.wait_with_output().unwrap();
        assert!(
            !text(&output.stderr).contains("error:"),
            "{}",
            text(&output.stderr)
        );
        Self {
            ended_by_itself: output.status.success(),
            printed: printed_before + &text(&output.stdout),
        }
    }
}

fn start(command: &mut Command) -> Child {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts")
}

/// Kills the program (SIGKILL) after a while.
pub fn kill_after(command: &mut Command, delay: Duration) -> Remains {
    let mut child = start(command);
    std::thread::sleep(delay);
    child.kill().unwrap();
    Remains::of(child, String::new())
}

/// Kills the program as soon as it has printed a line that begins so.
fn kill_at_line(command: &mut Command, beginning: &str) -> Remains {
    let mut child = start(command);
    let mut printed = String::new();
    let mut lines = BufReader::new(child.stdout.take().expect("it is piped"));
    while !printed.lines().any(|line| line.starts_with(beginning))
        && lines.read_line(&mut printed).unwrap() > 0
    {}
    child.kill().unwrap();
    Remains::of(child, printed)
}

/// Moments spread over the time that an undisturbed run takes, a little beyond its end too.
pub fn moments(seed: u64, count: u64, undisturbed: Duration) -> Vec<Duration> {
    let mut random = Random(seed);
    let slot = u64::try_from(undisturbed.as_nanos()).unwrap() * 21 / 20 / count;
    (0..count)
        .map(|n| Duration::from_nanos(n * slot + random.next() % slot))
        .collect()
}

pub fn time_of(command: &mut Command) -> Duration {
    let started = Instant::now();
    assert!(command.output().unwrap().status.success());
    started.elapsed()
}

fn command(arguments: &[&str]) -> Command {
    let mut command = program();
    command.args(arguments);
    command
}

/// Hashes of the decisions that the program has called saved.
fn acknowledged(printed: &str) -> impl Iterator<Item = String> {
    let lines = printed
        .lines()
        .filter(|line| line.starts_with("saved as decision") && line.ends_with(')'));
    lines.filter_map(|line| Some(line.split_once('(')?.1.trim_end_matches(')').to_owned()))
}

/// Judge: the journal is a whole chain. Gives back its entries.
fn chain(workspace: &Path) -> Result<Vec<Value>, String> {
    let journal = fs::read_to_string(workspace.join("journal.jsonl")).unwrap_or_default();
    let mut entries: Vec<Value> = Vec::new();
    for line in journal.split_inclusive('\n') {
        let entry: Value =
            serde_json::from_str(line).map_err(|e| format!("the journal has {line:?}: {e}"))?;
        let previous = entries
            .last()
            .map_or(json!(""), |before| before["hash"].clone());
        if !line.ends_with('\n')
            || entry["seq"] != json!(entries.len() + 1)
            || entry["prev"] != previous
            || entry["hash"] != hash_of(&entry)
        {
            return Err(format!("the journal's chain breaks at {line:?}"));
        }
        entries.push(entry);
    }
    Ok(entries)
}

fn hash_of(entry: &Value) -> Value {
    let body = json!([
        entry["seq"],
        entry["at"],
        entry["who"],
        entry["kind"],
        entry["data"],
        entry["prev"]
    ]);
    json!(
        blake3::hash(body.to_string().as_bytes())
            .to_hex()
            .to_string()
    )
}

/// Judge: a workspace opens within two seconds, lists its decisions, and has every one that was called saved. Gives back the journal's decisions.
fn opens_with(workspace: &Path, saved: &[String]) -> Result<Vec<Value>, String> {
    let started = Instant::now();
    let decisions = run(&["decide", "list", "--workspace", shown(workspace)]);
    if !decisions.status.success() || started.elapsed() > Duration::from_secs(2) {
        return Err(format!(
            "opened with {} after {:?}: {}",
            decisions.status,
            started.elapsed(),
            text(&decisions.stderr)
        ));
    }
    let all = chain(workspace)?;
    let entries: Vec<Value> = all
        .iter()
        .filter(|entry| entry["kind"] == json!("decision"))
        .cloned()
        .collect();
    let listed = text(&decisions.stdout).lines().count() - 1;
    if listed != entries.len() {
        return Err(format!(
            "the list has {listed} decisions, the journal {}",
            entries.len()
        ));
    }
    match saved
        .iter()
        .find(|hash| all.iter().all(|e| e["hash"] != json!(hash)))
    {
        Some(lost) => Err(format!("decision {lost} was called saved and is lost")),
        None => Ok(entries),
    }
}

/// Names of the statements that the workspace lists.
fn listed_statements(workspace: &Path) -> Result<Vec<String>, String> {
    let output = run(&["statement", "list", "--workspace", shown(workspace)]);
    if !output.status.success() {
        return Err(text(&output.stderr));
    }
    Ok(text(&output.stdout)
        .lines()
        .skip(1)
        .filter_map(|line| line.split_whitespace().nth(1))
        .map(str::to_owned)
        .collect())
}

/// Judge: after a killed import the workspace has the statements it had, with or without the new one, and with it if its line was printed.
fn whole_or_absent(
    workspace: &Path,
    before: &[&str],
    new: &str,
    printed: &str,
) -> Result<(), String> {
    let listed = listed_statements(workspace)?;
    let mut with = before.to_vec();
    with.push(new);
    let is_acknowledged = printed
        .lines()
        .any(|line| line.starts_with(&format!("{new}:")));
    if listed == with || (listed == before && !is_acknowledged) {
        return Ok(());
    }
    Err(format!(
        "{listed:?} are listed; before it were {before:?}, printed was {printed:?}"
    ))
}

// The three tests below make the fifty kills of the gate.
const IMPORT_KILLS: u64 = 18;
const DECISION_KILLS: u64 = 16;
const EXPORT_KILLS: u64 = 16;

#[test]
fn a_killed_import_leaves_a_statement_whole_or_absent() {
    let stage = Stage::new();
    let want = stage.reconcile_well(
        &stage.workspace("undisturbed", LastCommand::Statement),
        &stage.path("want"),
    );
    let base = stage.path("base");
    run_well(&[
        "catalog",
        "import",
        &stage.catalog,
        "--workspace",
        shown(&base),
    ]);
    run_well(&[
        "statement",
        "import",
        &stage.statements[0],
        "--workspace",
        shown(&base),
    ]);
    for (number, action) in ["ignore", "hold", "hold"].iter().enumerate() {
        run_well(&[
            "decide",
            action,
            &stage.items[number],
            "--workspace",
            shown(&base),
            "--note",
            &number.to_string(),
        ]);
    }
    let saved: Vec<String> = chain(&base)
        .unwrap()
        .iter()
        .map(|e| e["hash"].as_str().unwrap().to_owned())
        .collect();
    let import = |workspace: &Path| {
        command(&[
            "statement",
            "import",
            &stage.statements[1],
            "--workspace",
            shown(workspace),
        ])
    };
    copy_folder(&base, &stage.path("timed"));
    let undisturbed = time_of(&mut import(&stage.path("timed")));
    let mut killed = 0;
    for (number, delay) in moments(1, IMPORT_KILLS / 2, undisturbed)
        .into_iter()
        .enumerate()
    {
        let workspace = stage.path(&format!("w{number}"));
        copy_folder(&base, &workspace);
        let remains = kill_after(&mut import(&workspace), delay);
        killed += usize::from(!remains.ended_by_itself);
        opens_with(&workspace, &saved).unwrap();
        whole_or_absent(
            &workspace,
            &["statement_2026-08.csv"],
            "statement_2026-09.csv",
            &remains.printed,
        )
        .unwrap();
        same(
            &stage.reconcile_well(&workspace, &stage.path(&format!("o{number}"))),
            &want,
        )
        .unwrap();
    }
    assert!(killed > 0, "every import had ended before it was killed");
}

#[test]
fn a_killed_first_import_leaves_a_workspace_that_opens() {
    let stage = Stage::new();
    let want = results(&stage.path("scratch-out"));
    let import = |workspace: &Path| {
        command(&[
            "statement",
            "import",
            &stage.statements[0],
            "--workspace",
            shown(workspace),
        ])
    };
    let undisturbed = time_of(&mut import(&stage.path("timed")));
    let mut killed = 0;
    for (number, delay) in moments(2, IMPORT_KILLS / 2, undisturbed)
        .into_iter()
        .enumerate()
    {
        let workspace = stage.path(&format!("w{number}"));
        let remains = kill_after(&mut import(&workspace), delay);
        killed += usize::from(!remains.ended_by_itself);
        opens_with(&workspace, &[]).unwrap();
        whole_or_absent(&workspace, &[], "statement_2026-08.csv", &remains.printed).unwrap();
        run_well(&[
            "catalog",
            "import",
            &stage.catalog,
            "--workspace",
            shown(&workspace),
        ]);
        same(
            &stage.reconcile_well(&workspace, &stage.path(&format!("o{number}"))),
            &want,
        )
        .unwrap();
    }
    assert!(killed > 0, "every import had ended before it was killed");
}

#[test]
fn no_decision_that_was_called_saved_is_lost_by_a_kill() {
    let stage = Stage::new();
    let (without, with) = two_results(&stage);
    let workspace = stage.workspace("w", LastCommand::Decision);
    let mut saved: Vec<String> = chain(&workspace)
        .unwrap()
        .iter()
        .map(|e| e["hash"].as_str().unwrap().to_owned())
        .collect();
    // Assigning and clearing one item by turns: the results can only be those with or those without.
    let decide = |number: usize| {
        let place = ["--workspace", shown(&workspace), "--note"].map(str::to_owned);
        let note = format!("kill {number}");
        let mut command = program();
        if number.is_multiple_of(2) {
            command.args(["decide", "assign", &stage.items[3], "T05"]);
        } else {
            command.args(["decide", "clear", &stage.items[3]]);
        }
        command.args(place).arg(note);
        command
    };
    let undisturbed = time_of(&mut decide(1));
    let mut killed = 0;
    for (number, delay) in moments(3, DECISION_KILLS, undisturbed)
        .into_iter()
        .enumerate()
    {
        let is_at_line = number % 4 > 1;
        let remains = if is_at_line {
            kill_at_line(&mut decide(number), "saved as")
        } else {
            kill_after(&mut decide(number), delay)
        };
        killed += usize::from(!remains.ended_by_itself);
        saved.extend(acknowledged(&remains.printed));
        let entries = opens_with(&workspace, &saved).unwrap();
        let is_assigned = entries.last().unwrap()["data"]["action"] == json!("assign");
        same(
            &stage.reconcile_well(&workspace, &stage.path("o")),
            if is_assigned { &with } else { &without },
        )
        .unwrap();
    }
    assert!(killed > 0, "every decision had ended before it was killed");
    assert!(
        saved.len() as u64 >= 3 + DECISION_KILLS / 2,
        "those killed at their line were called saved"
    );
}

/// Judge: each file of an export is the old or the new one, and if the summary is new, all are and it lists them rightly.
fn old_or_new(out: &Path, old: &Results, new: &Results) -> Result<bool, String> {
    let got = results(out);
    if !got.keys().eq(new.keys()) {
        return Err(format!("the files are {:?}", got.keys()));
    }
    if let Some((name, bytes)) = got
        .iter()
        .find(|(name, bytes)| old[*name] != **bytes && new[*name] != **bytes)
    {
        return Err(format!(
            "{name} is neither the old nor the new one:\n{}",
            text(bytes)
        ));
    }
    let is_new = got["summary.json"] == new["summary.json"];
    if is_new {
        same(&got, new)?;
    }
    let summary: Value = serde_json::from_slice(&got["summary.json"]).map_err(|e| e.to_string())?;
    let listed = summary["files"]
        .as_array()
        .ok_or("the summary lists no files")?;
    let wrong = listed.iter().find(|entry| {
        let bytes = &got[entry["name"].as_str().unwrap_or_default()];
        entry["blake3"] != json!(blake3::hash(bytes).to_hex().to_string())
            || entry["bytes"] != json!(bytes.len())
    });
    match wrong {
        // With the old summary the files may already be new: they get their names one after the other, the summary last.
        Some(entry) if is_new => Err(format!("the summary says {entry}")),
        _ => Ok(is_new),
    }
}

#[test]
fn a_killed_export_leaves_each_file_old_or_new() {
    let stage = Stage::new();
    let workspace = stage.workspace("w", LastCommand::Decision);
    let (old_out, new_out) = (stage.path("old"), stage.path("new"));
    let [first, second] = &stage.statements;
    run_well(&[
        "reconcile",
        "--workspace",
        shown(&workspace),
        "--statement",
        first,
        "--lines",
        "--out",
        shown(&old_out),
    ]);
    let (old, new) = (
        results(&old_out),
        stage.reconcile_well(&workspace, &new_out),
    );
    let export = |out: &Path| {
        command(&[
            "reconcile",
            "--workspace",
            shown(&workspace),
            "--statement",
            first,
            second,
            "--lines",
            "--out",
            shown(out),
        ])
    };
    let undisturbed = time_of(&mut export(&new_out));
    let saved: Vec<String> = chain(&workspace)
        .unwrap()
        .iter()
        .map(|e| e["hash"].as_str().unwrap().to_owned())
        .collect();
    let mut killed = 0;
    for (number, delay) in moments(4, EXPORT_KILLS, undisturbed)
        .into_iter()
        .enumerate()
    {
        let out = stage.path(&format!("o{number}"));
        copy_folder(&old_out, &out);
        let remains = kill_after(&mut export(&out), delay);
        killed += usize::from(!remains.ended_by_itself);
        let is_new = old_or_new(&out, &old, &new).unwrap();
        assert!(
            is_new || !remains.printed.contains("results in"),
            "the results were announced before they were there"
        );
        opens_with(&workspace, &saved).unwrap();
        assert_eq!(listed_statements(&workspace).unwrap().len(), 2);
        same(&stage.reconcile_well(&workspace, &out), &new).unwrap();
    }
    assert!(killed > 0, "every export had ended before it was killed");
}

#[test]
fn what_a_kill_would_leave_of_a_careless_program_is_noticed() {
    let stage = Stage::new();
    // A decision that was called saved and never written.
    let workspace = stage.workspace("w", LastCommand::Decision);
    assert!(opens_with(&workspace, &["0".repeat(64)]).is_err());
    // A statement whose line was printed before it was there, and one that pushed out another.
    let both = ["statement_2026-08.csv", "statement_2026-09.csv"];
    assert_eq!(whole_or_absent(&workspace, &both[..1], both[1], ""), Ok(()));
    assert!(whole_or_absent(&workspace, &both, "third.csv", "third.csv: 25 rows\n").is_err());
    assert!(whole_or_absent(&workspace, &["another.csv", both[0]], both[1], "").is_err());
    // Half a file under its final name, and a new summary beside an old file.
    let (old_out, new_out) = (stage.path("old"), stage.path("new"));
    run_well(&[
        "reconcile",
        "--workspace",
        shown(&workspace),
        "--statement",
        &stage.statements[0],
        "--lines",
        "--out",
        shown(&old_out),
    ]);
    let (old, new) = (
        results(&old_out),
        stage.reconcile_well(&workspace, &new_out),
    );
    assert_eq!(old_or_new(&old_out, &old, &new), Ok(false));
    assert_eq!(old_or_new(&new_out, &old, &new), Ok(true));
    for name in NAMES {
        let out = stage.path(&format!("half-{name}"));
        copy_folder(&old_out, &out);
        fs::write(
            out.join(name),
            &fs::read(new_out.join(name)).unwrap()[..100],
        )
        .unwrap();
        assert!(old_or_new(&out, &old, &new).is_err(), "{name}");
    }
    for name in &NAMES[..4] {
        let out = stage.path(&format!("early-{name}"));
        copy_folder(&new_out, &out);
        fs::copy(old_out.join(name), out.join(name)).unwrap();
        assert!(old_or_new(&out, &old, &new).is_err(), "{name}");
    }
}

// -------------------------------------------------------------------------------------------------- lost writes

/// A kill does not lose what was written and not synced; a library that holds such bytes back does (see `lostsync.c`).
#[cfg(target_os = "linux")]
mod lost_writes {
    use super::*;

    const CUTS: u64 = 24;

    fn losing_disk(stage: &Stage) -> PathBuf {
        let library = stage.path("lostsync.so");
        let source = crate::support::root().join("tests/reliability/lostsync.c");
        let mut compiler = Command::new("cc");
        let output = compiler
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(&library)
            .arg(source)
            .arg("-ldl")
            .output()
            .expect("cc is installed");
        assert!(output.status.success(), "{}", text(&output.stderr));
        library
    }

    fn decide_on(library: &Path, workspace: &Path, item: &str) -> Command {
        let mut command = command(&["decide", "hold", item, "--workspace", shown(workspace)]);
        command.env("LD_PRELOAD", library);
        command
    }

    #[test]
    fn no_decision_that_was_called_saved_was_left_unsynced() {
        let stage = Stage::new();
        let library = losing_disk(&stage);
        let workspace = stage.workspace("w", LastCommand::Decision);
        let mut saved = Vec::new();
        let undisturbed = time_of(&mut decide_on(&library, &workspace, &stage.items[3]));
        for (number, delay) in moments(5, CUTS, undisturbed).into_iter().enumerate() {
            let mut command = decide_on(&library, &workspace, &stage.items[number % 6]);
            let remains = if number % 2 == 0 {
                kill_at_line(&mut command, "saved as")
            } else {
                kill_after(&mut command, delay)
            };
            saved.extend(acknowledged(&remains.printed));
            opens_with(&workspace, &saved).unwrap();
        }
        assert!(
            saved.len() as u64 >= CUTS / 2,
            "those killed at their line were called saved"
        );
    }

    #[test]
    fn no_statement_whose_line_was_printed_was_left_unsynced() {
        let stage = Stage::new();
        let library = losing_disk(&stage);
        let workspace = stage.path("w");
        for (number, statement) in stage.statements.iter().enumerate() {
            let mut command = command(&[
                "statement",
                "import",
                statement,
                "--workspace",
                shown(&workspace),
            ]);
            kill_at_line(command.env("LD_PRELOAD", &library), "statement_");
            assert_eq!(listed_statements(&workspace).unwrap().len(), number + 1);
        }
        run_well(&[
            "catalog",
            "import",
            &stage.catalog,
            "--workspace",
            shown(&workspace),
        ]);
        same(
            &stage.reconcile_well(&workspace, &stage.path("o")),
            &results(&stage.path("scratch-out")),
        )
        .unwrap();
    }

    #[test]
    fn a_program_that_did_not_sync_would_fail() {
        let stage = Stage::new();
        let library = losing_disk(&stage);
        let workspace = stage.workspace("w", LastCommand::Decision);
        let remains = kill_at_line(
            decide_on(&library, &workspace, &stage.items[3]).env("LOSTSYNC_LIES", "1"),
            "saved as",
        );
        let saved: Vec<String> = acknowledged(&remains.printed).collect();
        assert_eq!(saved.len(), 1);
        assert_eq!(
            opens_with(&workspace, &saved).err(),
            Some(format!(
                "decision {} was called saved and is lost",
                saved[0]
            ))
        );
        let mut command = command(&[
            "statement",
            "import",
            &stage.statements[0],
            "--workspace",
            shown(&stage.path("new")),
        ]);
        kill_at_line(
            command
                .env("LD_PRELOAD", &library)
                .env("LOSTSYNC_LIES", "1"),
            "statement_",
        );
        assert_ne!(
            listed_statements(&stage.path("new")),
            Ok(vec!["statement_2026-08.csv".to_owned()])
        );
    }
}

// ------------------------------------------------------------------------------------------------------ damage

/// Damages of each kind.
const DAMAGES: usize = 200;

#[derive(Debug, Clone, Copy)]
enum Damage {
    BitFlip,
    Truncation,
    ZeroedBlock,
}

impl Damage {
    /// Changes the bytes; says how.
    fn apply(self, bytes: &mut Vec<u8>, random: &mut Random) -> String {
        let at = random.below(bytes.len());
        match self {
            Self::Truncation => {
                bytes.truncate(at);
                format!("cut to {at} bytes")
            }
            Self::ZeroedBlock => {
                // A block that holds something: zeros over zeros are no damage.
                let at = (at..bytes.len())
                    .chain(0..at)
                    .find(|&i| bytes[i] != 0)
                    .expect("no file is all zeros");
                let end = (at + [16, 64, 512][random.below(3)]).min(bytes.len());
                bytes[at..end].fill(0);
                format!("zeros in {at}..{end}")
            }
            Self::BitFlip => {
                let bit = random.below(8);
                bytes[at] ^= 1 << bit;
                format!("bit {bit} of byte {at} flipped")
            }
        }
    }
}

#[derive(Debug, PartialEq)]
enum Verdict {
    Refused,
    Harmless,
}

/// Judge: a run on a damaged workspace is refused with a message that names a place in it and writes nothing, or is exactly right.
fn verdict(
    output: &Output,
    workspace: &Path,
    out: &Path,
    want: &Results,
) -> Result<Verdict, String> {
    let message = text(&output.stderr);
    match output.status.code() {
        _ if message.contains("panicked") => Err(message),
        Some(0) => same(&results(out), want).map(|()| Verdict::Harmless),
        Some(1) if !message.contains(shown(workspace)) => Err(format!(
            "the message names no file of the workspace: {message}"
        )),
        Some(1) if out.exists() && !results(out).is_empty() => {
            Err(format!("refused, but figures were written: {message}"))
        }
        Some(1) => Ok(Verdict::Refused),
        _ => Err(format!("{}: {message}", output.status)),
    }
}

/// Files to damage: every one that is not empty, and those on whose few bytes all others depend more often.
fn targets(workspace: &Path) -> Vec<String> {
    let is_full = |name: &String| fs::metadata(workspace.join(name)).unwrap().len() > 0;
    let often = |name: String| {
        let is_root = name.ends_with(".log")
            || name.contains("MANIFEST")
            || name.ends_with("CURRENT")
            || name == "journal.jsonl";
        std::iter::repeat_n(name, if is_root { 4 } else { 1 })
    };
    files_below(workspace)
        .into_iter()
        .filter(is_full)
        .flat_map(often)
        .collect()
}

fn damage_everywhere(damage: Damage, seed: u64) {
    let stage = Stage::new();
    let bases: Vec<PathBuf> = HISTORIES
        .iter()
        .map(|last| stage.workspace(&format!("{last:?}"), *last))
        .collect();
    let copy_of_base = stage.path("copy");
    copy_folder(&bases[0], &copy_of_base);
    let want = stage.reconcile_well(&copy_of_base, &stage.path("want"));
    let places: Vec<(&PathBuf, String)> = bases
        .iter()
        .flat_map(|base| targets(base).into_iter().map(move |name| (base, name)))
        .collect();
    let mut random = Random(seed);
    let (mut refused, mut faults) = (0, Vec::new());
    for number in 0..DAMAGES {
        let (base, name) = &places[number * places.len() / DAMAGES];
        let (workspace, out) = (
            stage.path(&format!("w{number}")),
            stage.path(&format!("o{number}")),
        );
        copy_folder(base, &workspace);
        let mut bytes = fs::read(workspace.join(name)).unwrap();
        let how = damage.apply(&mut bytes, &mut random);
        fs::write(workspace.join(name), &bytes).unwrap();
        let found = match verdict(&stage.reconcile(&workspace, &out), &workspace, &out, &want) {
            Ok(Verdict::Harmless) if name.starts_with("statements/") || name == "journal.jsonl" => {
                Err("went unnoticed".into())
            }
            found => found,
        };
        refused += usize::from(found == Ok(Verdict::Refused));
        let last = base.file_name().unwrap().to_string_lossy();
        faults.extend(
            found
                .err()
                .map(|fault| format!("last command {last}, {name}, {how}: {fault}")),
        );
        fs::remove_dir_all(&workspace).unwrap();
    }
    assert!(
        faults.is_empty(),
        "{} of {DAMAGES}:\n{}",
        faults.len(),
        faults[..faults.len().min(3)].join("\n")
    );
    assert!(
        refused > DAMAGES / 2,
        "only {refused} were refused, so hardly anything of importance was damaged"
    );
}

#[test]
fn a_flipped_bit_in_a_workspace_never_changes_a_figure() {
    damage_everywhere(Damage::BitFlip, 11);
}

#[test]
fn a_truncated_file_in_a_workspace_never_changes_a_figure() {
    damage_everywhere(Damage::Truncation, 12);
}

#[test]
fn a_zeroed_block_in_a_workspace_never_changes_a_figure() {
    damage_everywhere(Damage::ZeroedBlock, 13);
}

#[test]
fn a_statement_never_vanishes_from_the_list_without_a_word() {
    let stage = Stage::new();
    let base = stage.workspace("base", LastCommand::Statement);
    let logs: Vec<String> = files_below(&base)
        .into_iter()
        .filter(|name| name.ends_with(".log"))
        .collect();
    let log = logs
        .iter()
        .find(|name| fs::metadata(base.join(name)).unwrap().len() > 0)
        .expect("the last import stands in the log");
    let whole = fs::read(base.join(log)).unwrap();
    for eighth in 0..8 {
        let workspace = stage.path(&format!("w{eighth}"));
        copy_folder(&base, &workspace);
        fs::write(workspace.join(log), &whole[..whole.len() * eighth / 8]).unwrap();
        let listed = listed_statements(&workspace);
        assert!(
            listed.as_ref().map_or_else(
                |message| message.contains(shown(&workspace)),
                |names| names.len() == 2
            ),
            "{eighth}: {listed:?}"
        );
    }
}

#[test]
fn the_judge_of_damage_notices_other_figures_and_bad_manners() {
    let stage = Stage::new();
    let (before, after) = two_results(&stage);
    let (workspace, out) = (stage.path("other"), stage.path("other-out"));
    let output = stage.reconcile(&workspace, &out);
    assert_eq!(
        verdict(&output, &workspace, &out, &after),
        Ok(Verdict::Harmless)
    );
    assert!(
        verdict(&output, &workspace, &out, &before).is_err(),
        "figures of another workspace"
    );
    // A refusal that names a place of the workspace is one; not with a message about something else, nor with figures beside it.
    fs::write(workspace.join("db/CURRENT"), "").unwrap();
    let refusal = stage.reconcile(&workspace, &stage.path("nothing"));
    assert_eq!(
        verdict(&refusal, &workspace, &stage.path("nothing"), &after),
        Ok(Verdict::Refused)
    );
    assert!(
        verdict(
            &refusal,
            &stage.path("elsewhere"),
            &stage.path("nothing"),
            &after
        )
        .is_err()
    );
    assert!(verdict(&refusal, &workspace, &out, &after).is_err());
    let panic = Output {
        stderr: [b"thread 'main' panicked\n", &refusal.stderr[..]].concat(),
        ..refusal
    };
    assert!(verdict(&panic, &workspace, &stage.path("nothing"), &after).is_err());
    let usage = run(&["reconcile"]);
    assert!(verdict(&usage, &workspace, &stage.path("nothing"), &after).is_err());
}

// -------------------------------------------------------------------------------------------------- two owners

/// Pairs of starts on a workspace that is there, and on one that is not: a hundred starts together.
const PAIRS: usize = 40;
const NEW_PAIRS: usize = 10;

/// A workspace whose list of shared ISRCs is longer than a pipe holds: who lists it and is not listened to stays its owner.
fn long_listing(folder: &Path, name: &str) -> PathBuf {
    let mut text = String::from("track_id,isrc,title,payee\n");
    for n in 0..4_000 {
        text += &format!(
            "TRACK-WITH-A-LONG-NUMBER-{n:07},QZAB126{:05},Song,Payee\n",
            n / 2
        );
    }
    let (catalog, workspace) = (file(folder, "long.csv", text), folder.join(name));
    run_well(&[
        "catalog",
        "import",
        &catalog,
        "--workspace",
        shown(&workspace),
    ]);
    workspace
}

fn list_duplicates(workspace: &Path) -> Child {
    start(&mut command(&[
        "catalog",
        "duplicates",
        "--workspace",
        shown(workspace),
    ]))
}

/// Judge: of two starts one lists and the other has said that the workspace is in use. Gives back the owner.
fn one_owner(starts: [Child; 2]) -> Result<Child, String> {
    let mut owners = Vec::new();
    let mut fault = None;
    for mut child in starts {
        // An owner prints until the pipe is full and waits; the other one ends without a word on this side.
        let mut beginning = [0u8; 4];
        let is_owner = child
            .stdout
            .as_mut()
            .expect("it is piped")
            .read_exact(&mut beginning)
            .is_ok();
        if is_owner {
            owners.push(child);
            continue;
        }
        let output = child.wait_with_output().unwrap();
        let message = text(&output.stderr);
        if output.status.code() != Some(1)
            || !message.contains("is open in another window or command")
        {
            fault = Some(format!("{}: {message}", output.status));
        }
    }
    if fault.is_none() && owners.len() == 1 {
        return owners.pop().ok_or_else(String::new);
    }
    let count = owners.len();
    for mut owner in owners {
        owner.kill().unwrap();
        owner.wait().unwrap();
    }
    Err(fault.unwrap_or(format!("{count} owners")))
}

#[test]
fn a_workspace_has_one_owner_and_a_stale_lock_never_blocks() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = long_listing(folder.path(), "w");
    for pair in 0..PAIRS {
        let owner = one_owner([list_duplicates(&workspace), list_duplicates(&workspace)]);
        let mut owner = owner.unwrap_or_else(|fault| panic!("pair {pair}: {fault}"));
        assert!(
            owner.try_wait().unwrap().is_none(),
            "the owner waits for someone to listen"
        );
        if pair % 2 == 0 {
            // Its lock file stays behind.
            owner.kill().unwrap();
            owner.wait().unwrap();
            assert!(workspace.join("ledgerline.lock").exists());
        } else {
            assert!(owner.wait_with_output().unwrap().status.success());
        }
    }
    run_well(&["decide", "list", "--workspace", shown(&workspace)]);
}

#[test]
fn two_first_starts_make_one_workspace() {
    let stage = Stage::new();
    for pair in 0..NEW_PAIRS {
        let workspace = stage.path(&format!("w{pair}"));
        let import = || {
            start(&mut command(&[
                "statement",
                "import",
                &stage.statements[0],
                "--workspace",
                shown(&workspace),
            ]))
        };
        let outputs = [import(), import()].map(|child| child.wait_with_output().unwrap());
        assert!(
            outputs.iter().any(|output| output.status.success()),
            "pair {pair}"
        );
        for output in outputs.iter().filter(|output| !output.status.success()) {
            let message = text(&output.stderr);
            assert!(
                output.status.code() == Some(1)
                    && message.contains("is open in another window or command"),
                "pair {pair}: {message}"
            );
        }
        assert_eq!(
            listed_statements(&workspace).unwrap().len(),
            1,
            "pair {pair}"
        );
    }
}

#[test]
fn two_owners_and_no_owner_would_be_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (
        long_listing(folder.path(), "one"),
        long_listing(folder.path(), "other"),
    );
    assert_eq!(
        one_owner([list_duplicates(&one), list_duplicates(&other)]).err(),
        Some("2 owners".into())
    );
    fs::write(one.join("db/CURRENT"), "").unwrap();
    assert!(one_owner([list_duplicates(&one), list_duplicates(&one)]).is_err());
}

// -------------------------------------------------------------------------------------------------- interruption

#[cfg(unix)]
mod interruption {
    use std::fmt::Write;
    use std::os::unix::fs::MetadataExt;

    use super::*;

    /// About 40 MB in the layout of YouTube's asset report.
    fn big_statement(folder: &Path) -> String {
        let mut text = String::with_capacity(44 << 20);
        text.push_str("Adjustment Type,Day,Country,Asset ID,Asset Title,Asset Labels,Asset Channel ID,Asset Type,Custom ID,ISRC,UPC,GRid,Artist,");
        text.push_str("Album,Label,Administer Publish Rights,Owned Views,YouTube Revenue Split : Auction,YouTube Revenue Split : Reserved,");
        text.push_str("YouTube Revenue Split : Partner Sold YouTube Served,YouTube Revenue Split : Partner Sold Partner Served,");
        text.push_str(
            "YouTube Revenue Split,Partner Revenue : Auction,Partner Revenue : Reserved,",
        );
        text.push_str("Partner Revenue : Partner Sold YouTube Served,Partner Revenue : Partner Sold Partner Served,Partner Revenue\n");
        for n in 0..200_000u32 {
            let item = n.wrapping_mul(2_654_435_761) % 100_000;
            writeln!(
                text,
                "None,202609{:02},US,A{item:015},A song with a title of some length {item},,UC{item:020},Sound Recording,CUSTOM{item:06},\
                 QZAB1{item:07},,,An artist {},An album {},A label,,{},1.0,0,0,0,1.0,0.0{item:05},0,0,0,0.00{n:06}",
                n % 28 + 1,
                item % 1_000,
                item % 5_000,
                n % 977
            )
            .unwrap();
        }
        assert!(text.len() > 36 << 20, "{}", text.len());
        file(folder, "youtube_big.csv", text)
    }

    fn signal(child: &Child, name: &str) {
        let sent = Command::new("sh")
            .args(["-c", &format!("kill -{name} {}", child.id())])
            .status()
            .unwrap();
        assert!(sent.success());
    }

    /// Waits until the process has opened the database, which is after it has learned to listen for signals.
    fn wait_until_open(workspace: &Path, inode_before: u64) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while fs::metadata(workspace.join("db/LOG")).map_or(0, |log| log.ino()) == inode_before {
            assert!(Instant::now() < deadline, "the workspace was not opened");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Interrupts an import a while after it began. The output is that of the import.
    fn interrupted(workspace: &Path, statement: &str, name: &str, delay: Duration) -> Output {
        let before = fs::metadata(workspace.join("db/LOG")).unwrap().ino();
        let child = start(&mut command(&[
            "statement",
            "import",
            statement,
            "--workspace",
            shown(workspace),
            "--batch-rows",
            "5000",
        ]));
        wait_until_open(workspace, before);
        std::thread::sleep(delay);
        signal(&child, name);
        child.wait_with_output().unwrap()
    }

    #[test]
    fn an_interrupted_import_leaves_the_workspace_as_it_was() {
        let stage = Stage::new();
        let base = stage.workspace("base", LastCommand::Decision);
        let big = big_statement(stage.folder.path());
        copy_folder(&base, &stage.path("undisturbed"));
        let undisturbed = time_of(&mut command(&[
            "statement",
            "import",
            &big,
            "--workspace",
            shown(&stage.path("undisturbed")),
        ]));
        assert_eq!(
            listed_statements(&stage.path("undisturbed")).unwrap().len(),
            3,
            "left alone, the import succeeds"
        );
        let before = listed_statements(&base).unwrap();
        let files = files_below(&base.join("statements"));
        let mut interrupted_runs = 0;
        for name in ["INT", "TERM"] {
            for tenth in [5, 3, 1, 0] {
                let workspace = stage.path(&format!("w-{name}-{tenth}"));
                copy_folder(&base, &workspace);
                let output = interrupted(&workspace, &big, name, undisturbed * tenth / 10);
                if output.status.success() {
                    // It had ended before it was asked to stop.
                    assert_eq!(listed_statements(&workspace).unwrap().len(), 3);
                    continue;
                }
                let message = text(&output.stderr);
                assert!(
                    output.status.code() == Some(1)
                        && message.contains("the workspace is as it was"),
                    "{}: {message}",
                    output.status
                );
                assert_eq!(listed_statements(&workspace).unwrap(), before);
                assert_eq!(files_below(&workspace.join("tmp")), Vec::<String>::new());
                assert_eq!(files_below(&workspace.join("statements")), files);
                interrupted_runs += 1;
            }
        }
        assert!(interrupted_runs >= 2, "hardly any import was interrupted");
    }

    #[test]
    fn an_interrupted_export_leaves_the_old_files() {
        let stage = Stage::new();
        let workspace = stage.workspace("w", LastCommand::Decision);
        let big = big_statement(stage.folder.path());
        run_well(&[
            "statement",
            "import",
            &big,
            "--workspace",
            shown(&workspace),
        ]);
        let old = stage.reconcile_well(&workspace, &stage.path("o"));
        let before = fs::metadata(workspace.join("db/LOG")).unwrap().ino();
        let out = stage.path("o");
        let arguments = [
            "reconcile",
            "--workspace",
            shown(&workspace),
            "--statement",
            &big,
            "--lines",
            "--out",
            shown(&out),
        ];
        let child = start(&mut command(&arguments));
        wait_until_open(&workspace, before);
        signal(&child, "INT");
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
        same(&results(&out), &old).unwrap();
        assert_eq!(
            files_below(&out).len(),
            NAMES.len(),
            "nothing is left beside the results"
        );
        // Left alone, the same command writes other files.
        run_well(&arguments);
        assert!(same(&results(&out), &old).is_err());
    }
}

// ------------------------------------------------------------------------------------------------------ journal

/// Judge: every command that looks at the workspace refuses it and names the journal.
fn journal_is_refused(stage: &Stage, workspace: &Path) -> Result<(), String> {
    let list = run(&["decide", "list", "--workspace", shown(workspace)]);
    let statements = run(&["statement", "list", "--workspace", shown(workspace)]);
    let decision = run(&[
        "decide",
        "hold",
        &stage.items[4],
        "--workspace",
        shown(workspace),
    ]);
    let run = stage.reconcile(workspace, &stage.path("refused"));
    for output in [list, statements, decision, run] {
        let message = text(&output.stderr);
        if output.status.code() != Some(1)
            || !message.contains(shown(&workspace.join("journal.jsonl")))
        {
            return Err(format!("{}: {message}", output.status));
        }
    }
    if stage.path("refused").join("summary.json").exists() {
        Err("figures were written".into())
    } else {
        Ok(())
    }
}

/// Lines of a journal in which one entry was changed, with all hashes made to fit again.
fn forged(lines: &[&str]) -> String {
    let mut previous = json!("");
    let mut text = String::new();
    for line in lines {
        let mut entry: Value = serde_json::from_str(line).unwrap();
        let mut line = line.to_string();
        if line.contains("\"hold\"") {
            line = line.replace("\"hold\"", "\"ignore\"");
            entry = serde_json::from_str(&line).unwrap();
        }
        let (old_previous, old_hash) = (entry["prev"].clone(), entry["hash"].clone());
        entry["prev"] = previous;
        let hash = hash_of(&entry);
        line = line.replace(
            &format!("\"prev\":{old_previous}"),
            &format!("\"prev\":{}", entry["prev"]),
        );
        line = line.replace(&format!("\"hash\":{old_hash}"), &format!("\"hash\":{hash}"));
        previous = hash;
        text += &format!("{line}\n");
    }
    text
}

#[test]
fn an_edited_or_shortened_journal_is_refused() {
    let stage = Stage::new();
    let base = stage.workspace("base", LastCommand::Decision);
    let journal = fs::read_to_string(base.join("journal.jsonl")).unwrap();
    let lines: Vec<&str> = journal.lines().collect();
    let whole = |lines: &[&str]| {
        lines
            .iter()
            .map(|line| format!("{line}\n"))
            .collect::<String>()
    };
    let edits = [
        (
            "an edited line",
            journal.replacen("\"hold\"", "\"ignore\"", 1),
        ),
        ("an edited line with fitting hashes", forged(&lines)),
        ("a removed last line", whole(&lines[..2])),
        ("a removed first line", whole(&lines[1..])),
        ("swapped lines", whole(&[lines[0], lines[2], lines[1]])),
        (
            "a repeated line",
            whole(&[lines[0], lines[1], lines[2], lines[2]]),
        ),
        ("no line at all", String::new()),
    ];
    for (number, (what, text)) in edits.iter().enumerate() {
        assert_ne!(*text, journal, "{what}");
        let workspace = stage.path(&format!("w{number}"));
        copy_folder(&base, &workspace);
        fs::write(workspace.join("journal.jsonl"), text).unwrap();
        journal_is_refused(&stage, &workspace).unwrap_or_else(|fault| panic!("{what}: {fault}"));
        assert_eq!(
            fs::read_to_string(workspace.join("journal.jsonl")).unwrap(),
            *text,
            "{what}: a refused journal is not touched"
        );
    }
    let workspace = stage.path("without");
    copy_folder(&base, &workspace);
    fs::remove_file(workspace.join("journal.jsonl")).unwrap();
    journal_is_refused(&stage, &workspace).unwrap();
    // The edit with fitting hashes is a whole chain, so that only the database can tell.
    fs::write(workspace.join("journal.jsonl"), forged(&lines)).unwrap();
    assert_eq!(chain(&workspace).unwrap().len(), lines.len());
    // Without an edit nothing is refused.
    assert!(journal_is_refused(&stage, &base).is_err());
}

#[test]
fn a_database_that_was_set_back_is_refused() {
    let stage = Stage::new();
    let workspace = stage.workspace("w", LastCommand::Decision);
    let early = stage.path("early");
    copy_folder(&workspace.join("db"), &early);
    let decide = || {
        drop(run_well(&[
            "decide",
            "hold",
            &stage.items[3],
            "--workspace",
            shown(&workspace),
        ]))
    };
    decide();
    let one_behind = stage.path("one-behind");
    copy_folder(&workspace, &one_behind);
    decide();
    set_back(&workspace, &early);
    journal_is_refused(&stage, &workspace).unwrap();
    // One entry more in the journal is what a crash between its two writes leaves: it is taken over and not lost.
    set_back(&one_behind, &early);
    assert_eq!(opens_with(&one_behind, &[]).unwrap().len(), 4);
}

fn set_back(workspace: &Path, early: &Path) {
    fs::remove_dir_all(workspace.join("db")).unwrap();
    copy_folder(early, &workspace.join("db"));
}
