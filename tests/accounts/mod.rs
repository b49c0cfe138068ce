//! What is paid, what changed, and what was done: against totals that are computed another way.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ledgerline::catalog::Track;
use ledgerline::desk::Desk;
use ledgerline::desk::history::{
    EntryKind, Facts, HistoryFilter, HistoryRow, Reversal, consequence, history_rows,
};
use ledgerline::desk::overview::{ByStatus, Dimension, Overview};
use ledgerline::desk::payout::PayoutView;
use ledgerline::ident::{Currency, Isrc, SalePeriod};
use ledgerline::matching::Status;
use ledgerline::money::Amount;
use ledgerline::review::{Action, Decision, SplitPart, Target};
use ledgerline::session::engine::{ChangeCommand, Engine, Event, JobCommand};
use ledgerline::statement::layout::Layouts;
use ledgerline::workspace::Workspace;

use crate::support::{file, rows, run, run_well, sample_dir, sample_statements, text};

/// A workspace with its engine, and what has happened in it.
struct Desktop {
    engine: Engine,
}

impl Desktop {
    fn open(path: &Path) -> Self {
        let own: [&Path; 0] = [];
        let engine = Engine::open(
            path.to_owned(),
            Layouts::load(&own).unwrap(),
            "ada".into(),
            Arc::new(|| {}),
        );
        let desktop = Self { engine };
        desktop.until(|event| matches!(event, Event::Opened));
        desktop
    }

    fn until(&self, is_wanted: impl Fn(&Event) -> bool) -> Event {
        let end = Instant::now() + Duration::from_secs(120);
        while Instant::now() < end {
            for event in self.engine.events() {
                if let Event::Failed(failure) | Event::NotOpened(failure) = &event {
                    panic!("{failure:?}");
                }
                if is_wanted(&event) {
                    return event;
                }
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        panic!("it did not happen");
    }

    fn decide(&self, decisions: Vec<Decision>) {
        self.engine.send(ChangeCommand::Decide(decisions));
        self.until(|event| matches!(event, Event::Decided { .. }));
    }

    fn rows(&self) -> Vec<HistoryRow> {
        let history = self.engine.history();
        let facts = Facts::read(&self.engine.contents().unwrap(), &history).unwrap();
        history_rows(&self.engine.desk(), &history, &facts, &|| false).unwrap()
    }

    fn consequence(&self, row: &HistoryRow) -> Vec<String> {
        consequence(&self.engine.desk(), &self.engine.history(), row).unwrap()
    }
}

fn sample(folder: &Path) -> PathBuf {
    let workspace = folder.join("workspace");
    let shown = workspace.display().to_string();
    run_well(&[
        "catalog",
        "import",
        &sample_dir().join("catalog.csv").display().to_string(),
        "--workspace",
        &shown,
    ]);
    let statements = sample_statements();
    let mut arguments = vec!["statement", "import", "--workspace", &shown];
    arguments.extend(statements.iter().map(String::as_str));
    run_well(&arguments);
    workspace
}

fn amount(text: &str) -> Amount {
    Amount::from_canonical(text).unwrap()
}

fn usd() -> Currency {
    Currency::parse("USD").unwrap()
}

fn isrc(number: u32) -> Isrc {
    Isrc::parse(&format!("QZAB1260{number:04}")).unwrap()
}

fn about(isrc: Isrc, dsp: Option<&str>, action: Action) -> Decision {
    Decision {
        target: Target::Isrc {
            isrc,
            dsp: dsp.map(str::to_owned),
            upc: None,
        },
        action,
        note: String::new(),
    }
}

const CATALOG: &str = "track_id,isrc,title,artist,label,payee\n\
    T1,QZAB12600001,One,Ada,North,Payee A\nT2,QZAB12600002,Two,Ada,North,Payee B\nT3,QZAB12600003,Three,Bo,South,Payee A\n";
const HEADER: &str =
    "ISRC,UPC,Title,Artist,Label,Store,Country,Sale Month,Quantity,Net Revenue,Currency\n";
const AUGUST: &str = "QZAB12600001,,One,Ada,North,Spotify,US,2026-08,3,3,USD\n\
    QZAB12600002,,Two,Ada,North,Deezer,FR,2026-08,1,4.0000000001,USD\n\
    QZAB12600009,,Nine,Cy,,Spotify,US,2026-08,1,1,USD\n";
const SEPTEMBER: &str = "QZAB12600001,,One,Ada,North,Spotify,US,2026-09,9,4,USD\n\
    QZAB12600002,,Two,Ada,North,Deezer,FR,2026-09,1,0.0000000001,USD\n\
    QZAB12600003,,Three,Bo,South,Spotify,US,2026-09,1,2.5,USD\n\
    QZAB12600003,,Three,Bo,South,Spotify,US,2026-09,1,7,EUR\n\
    QZAB12600003,,Three,Bo,South,Spotify,US,2026-09,1,oops,USD\n";

fn small(folder: &Path) -> PathBuf {
    let workspace = folder.join("workspace");
    let shown = workspace.display().to_string();
    run_well(&[
        "catalog",
        "import",
        &file(folder, "catalog.csv", CATALOG),
        "--workspace",
        &shown,
    ]);
    for (name, content) in [("august.csv", AUGUST), ("september.csv", SEPTEMBER)] {
        run_well(&[
            "statement",
            "import",
            &file(folder, name, format!("{HEADER}{content}")),
            "--workspace",
            &shown,
            "--accept-quarantine",
        ]);
    }
    workspace
}

fn assert_ties_out<'a>(
    desk: &Desk,
    currency: Currency,
    name: &str,
    sums: impl Iterator<Item = &'a ByStatus> + Clone,
) {
    for status in Status::ALL {
        let total = desk
            .totals()
            .get(&(currency, status))
            .copied()
            .unwrap_or_default();
        let amount = Amount::sum(sums.clone().map(|s| s.of(status).amount)).unwrap();
        let quantity = Amount::sum(sums.clone().map(|s| s.of(status).quantity)).unwrap();
        let rows: u64 = sums.clone().map(|s| s.of(status).rows).sum();
        assert_eq!(
            (amount, quantity, rows),
            (total.amount, total.quantity, total.rows),
            "{currency} {name} {status:?}"
        );
    }
}

#[test]
fn every_sum_of_the_overview_ties_out_and_every_payable_amount_has_its_lines() {
    let folder = tempfile::tempdir().unwrap();
    let desktop = Desktop::open(&sample(folder.path()));
    let first = desktop.engine.desk();
    // A split over payees, an item on hold and one ignored, so that every status and every kind of part is there.
    let open: Vec<u32> = (0..first.lines().len() as u32)
        .filter(|l| first.status(*l) == Status::Unmatched)
        .collect();
    let matched: Vec<String> = (0..first.lines().len() as u32)
        .filter(|l| first.status(*l) == Status::Matched)
        .map(|l| first.track_ids(l)[0].to_owned())
        .collect();
    let parts = vec![
        SplitPart {
            track: matched[0].clone(),
            share: 1,
        },
        SplitPart {
            track: matched[40].clone(),
            share: 2,
        },
    ];
    let decide = |line: u32, action: Action| Decision {
        target: Target::Item {
            item: first.lines().code(line),
            dsp: None,
        },
        action,
        note: String::new(),
    };
    desktop.decide(vec![
        decide(open[0], Action::Split { parts }),
        decide(open[1], Action::Hold),
        decide(open[2], Action::Ignore),
    ]);
    let desk = desktop.engine.desk();
    let currencies: std::collections::BTreeSet<Currency> = desk
        .totals()
        .keys()
        .map(|(currency, _)| *currency)
        .collect();
    assert!(currencies.len() > 2);
    for &currency in &currencies {
        let overview = Overview::of(&desk, currency, &|| false).unwrap();
        assert_ties_out(&desk, currency, "DSP", overview.dsps.iter().map(|(_, s)| s));
        assert_ties_out(
            &desk,
            currency,
            "territory",
            overview.territories.iter().map(|(_, s)| s),
        );
        assert_ties_out(
            &desk,
            currency,
            "period",
            overview.periods.iter().map(|(_, s)| s),
        );
    }
    let view = PayoutView::of(&desk).unwrap();
    assert!(view.is_proven() && view.block().is_none());
    assert_eq!(view.equations.len(), currencies.len() * 6);
    for payable in &view.payees {
        let lines = desk
            .owed_lines(&payable.payee, payable.currency, &|| false)
            .unwrap();
        let sum = Amount::sum(lines.iter().map(|l| l.part.amount)).unwrap();
        let rows: u64 = lines.iter().map(|l| l.part.rows).sum();
        assert_eq!(
            (sum, rows),
            (payable.exact, payable.rows),
            "{} {}",
            payable.payee,
            payable.currency
        );
    }
}

#[test]
fn a_proof_that_fails_blocks_the_export_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let desktop = Desktop::open(&small(folder.path()));
    let mut view = PayoutView::of(&desktop.engine.desk()).unwrap();
    assert_eq!(view.block(), None);
    view.equations[0].holds = false;
    assert!(!view.is_proven());
    assert!(
        view.block()
            .unwrap()
            .contains("EUR: money reported is not the sum of its parts"),
        "{:?}",
        view.block()
    );
}

#[test]
fn what_changed_is_exact() {
    let folder = tempfile::tempdir().unwrap();
    let desktop = Desktop::open(&small(folder.path()));
    let overview = Overview::of(&desktop.engine.desk(), usd(), &|| false).unwrap();
    let month = |m: u32| SalePeriod::month(2026, m).unwrap();
    assert_eq!(overview.latest_two(), Some((month(9), Some(month(8)))));
    let changes = overview.changes(Some(month(8)), month(9)).unwrap();
    let shown =
        |all: &[ledgerline::desk::overview::SumChange]| -> Vec<(String, String, Option<i128>)> {
            all.iter()
                .map(|c| (c.key.clone(), c.difference.to_string(), c.per_mille))
                .collect()
        };
    let expect = |rows: &[(&str, &str, Option<i128>)]| -> Vec<(String, String, Option<i128>)> {
        rows.iter()
            .map(|(key, difference, part)| ((*key).to_owned(), (*difference).to_owned(), *part))
            .collect()
    };
    assert_eq!(
        shown(changes.rises(Dimension::Track)),
        expect(&[("T3", "2.5", None), ("T1", "1", Some(333))])
    );
    assert_eq!(
        shown(changes.falls(Dimension::Track)),
        expect(&[("T2", "-4", Some(-999)), ("(no track)", "-1", Some(-1000))])
    );
    assert_eq!(
        shown(changes.rises(Dimension::Dsp)),
        expect(&[("Spotify", "2.5", Some(625))])
    );
    assert_eq!(
        shown(changes.falls(Dimension::Territory)),
        expect(&[("FR", "-4", Some(-999))])
    );
    assert_eq!(
        shown(changes.falls(Dimension::Label)),
        expect(&[
            ("North", "-3", Some(-428)),
            ("(not given)", "-1", Some(-1000))
        ])
    );
    assert!(
        changes
            .rises(Dimension::Label)
            .iter()
            .any(|c| c.key == "South"),
        "the same difference in EUR must not be added"
    );
    assert_eq!(changes.rises(Dimension::Label)[0].difference, amount("2.5"));
}

#[test]
fn every_entry_of_the_history_is_a_sentence_and_says_how_it_is_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let desktop = Desktop::open(&small(folder.path()));
    let nine = |dsp: Option<&str>, track: &str| {
        about(
            isrc(9),
            dsp,
            Action::Assign {
                track: track.into(),
            },
        )
    };
    desktop.decide(vec![Decision {
        note: "by the contract".into(),
        ..nine(Some("Spotify"), "T1")
    }]);
    desktop.decide(vec![
        about(isrc(1), None, Action::Hold),
        about(isrc(2), None, Action::Ignore),
    ]);
    desktop.engine.send(ChangeCommand::Undo(4));
    desktop.until(|event| matches!(event, Event::Undone(4)));
    let key = desktop.engine.desk().statements()[0].key.clone();
    desktop
        .engine
        .send(JobCommand::RemoveStatement(key.clone()));
    desktop.until(|event| matches!(event, Event::StatementRemoved(_)));
    let removed = desktop.rows();
    assert_eq!(removed[6].reversal, Reversal::Restore(key.clone()));
    assert_eq!(desktop.consequence(&removed[6]), ["3 rows would come back"]);
    desktop
        .engine
        .send(JobCommand::RestoreStatement(key.clone()));
    desktop.until(|event| matches!(event, Event::StatementTaken { .. }));
    let before = Track {
        id: "T3".into(),
        isrc: Some(isrc(3)),
        title: "Three".into(),
        artist: "Bo".into(),
        label: "South".into(),
        payee: "Payee A".into(),
        ..Track::default()
    };
    let after = Track {
        payee: "Payee C".into(),
        ..before.clone()
    };
    desktop.engine.send(JobCommand::EditTrack(Box::new(after)));
    desktop.until(|event| matches!(event, Event::TrackEdited(_)));

    let rows = desktop.rows();
    let sentences: Vec<&str> = rows.iter().map(|r| r.sentence.as_str()).collect();
    assert_eq!(
        sentences,
        [
            "Imported a catalog; it has 3 tracks since",
            "Imported august.csv: 3 rows, Columns recognized by their names",
            "Imported september.csv: 5 rows, Columns recognized by their names; taken all the same although 1 of 5 rows (20 %) is in quarantine, \
             with unknown money",
            "Assigned 1 item with ISRC QZAB12600009 at Spotify to T1",
            "Took 2 decisions at once: 1 held, 1 ignored",
            "Undid entry 4: assigned 1 item with ISRC QZAB12600009 at Spotify to T1",
            "Removed the statement august.csv",
            "Put the statement august.csv back: 3 rows",
            "Changed the track T3: payee from “Payee A” to “Payee C”",
        ]
    );
    let kinds: Vec<EntryKind> = rows.iter().map(|r| r.kind).collect();
    use EntryKind::{Bulk, Catalog, Decision as One, Import, Removal, Track as Edit, Undo};
    assert_eq!(
        kinds,
        [
            Catalog, Import, Import, One, Bulk, Undo, Removal, Import, Edit
        ]
    );
    let reversals: Vec<&Reversal> = rows.iter().map(|r| &r.reversal).collect();
    assert!(
        matches!(reversals[0], Reversal::Impossible(why) if why.contains("import the earlier file again"))
    );
    assert!(matches!(reversals[1], Reversal::Impossible(why) if why.contains("later entry")));
    assert!(matches!(reversals[2], Reversal::Remove(_)));
    assert_eq!(
        reversals[3..=5],
        [&Reversal::Redo(4), &Reversal::Undo(5), &Reversal::Redo(4)]
    );
    assert!(matches!(reversals[6], Reversal::Impossible(_)));
    assert_eq!(
        reversals[7..],
        [&Reversal::Remove(key), &Reversal::Edit(Box::new(before))]
    );
    assert_eq!(
        (rows[3].note.as_str(), rows[3].titles.as_slice()),
        ("by the contract", &["Nine – Cy".to_owned()][..])
    );
    assert_eq!(
        rows[3]
            .money
            .iter()
            .map(|(c, s)| (*c, s.amount))
            .collect::<Vec<_>>(),
        [(usd(), amount("1"))]
    );
    assert_eq!(
        desktop.consequence(&rows[3]),
        ["USD 1 in 1 row would go from unmatched to matched"]
    );
    assert_eq!(
        desktop.consequence(&rows[8]),
        ["payee from “Payee C” to “Payee A”"]
    );
    let undoing = desktop.consequence(&rows[4]);
    assert!(
        undoing.contains(&"USD 7 in 2 rows would go from held to matched".to_owned()),
        "{undoing:?}"
    );

    let found = |filter: &str| -> Vec<u64> {
        rows.iter()
            .filter(|r| HistoryFilter::parse(filter).fits(r))
            .map(|r| r.seq)
            .collect()
    };
    assert_eq!(found("kind:import august"), [2, 8]);
    assert_eq!(found("contract"), [4]);
    assert_eq!(found("who:ada kind:decision"), [4]);
    assert_eq!(found("since:2099"), [0u64; 0]);
    assert!(
        HistoryFilter::parse("kind:nonsense").fault.is_some()
            && HistoryFilter::parse("since:yesterday").fault.is_some()
    );
}

#[test]
fn what_a_reversal_is_said_to_move_is_what_it_moves() {
    let folder = tempfile::tempdir().unwrap();
    let desktop = Desktop::open(&small(folder.path()));
    desktop.decide(vec![about(isrc(1), None, Action::Hold)]);
    desktop.decide(vec![about(isrc(1), Some("Spotify"), Action::Ignore)]);
    for seq in [4, 5, 4, 5] {
        let before = desktop.engine.desk();
        let is_undone = desktop.engine.history()[seq as usize - 1].is_undone;
        let preview = before
            .preview_reversal(&desktop.engine.history(), seq)
            .unwrap();
        desktop.engine.send(if is_undone {
            ChangeCommand::Redo(seq)
        } else {
            ChangeCommand::Undo(seq)
        });
        desktop.until(|event| matches!(event, Event::Undone(_) | Event::Redone(_)));
        let mut sums: BTreeMap<(Currency, Status), Amount> = before
            .totals()
            .iter()
            .map(|(k, t)| (*k, t.amount))
            .collect();
        for moved in &preview.moves {
            let from = sums.entry((moved.currency, moved.from)).or_default();
            *from = from.minus(moved.sum.amount).unwrap();
            let to = sums.entry((moved.currency, moved.to)).or_default();
            *to = to.plus(moved.sum.amount).unwrap();
        }
        sums.retain(|_, sum| !sum.is_zero());
        let mut after: BTreeMap<(Currency, Status), Amount> = desktop
            .engine
            .desk()
            .totals()
            .iter()
            .map(|(k, t)| (*k, t.amount))
            .collect();
        after.retain(|_, sum| !sum.is_zero());
        assert_eq!(sums, after, "entry {seq}");
    }
}

/// A workspace with a catalog and two decisions, small enough to flip every byte.
fn noted(folder: &Path) -> (PathBuf, String) {
    let workspace = folder.join("workspace");
    let desktop = Desktop::open(&workspace);
    let files = vec![PathBuf::from(file(folder, "catalog.csv", CATALOG))];
    desktop.engine.send(JobCommand::ImportCatalog(files));
    desktop.until(|event| matches!(event, Event::CatalogImported(_)));
    for n in [1, 2] {
        desktop.decide(vec![about(isrc(n), None, Action::Ignore)]);
    }
    let head = desktop.engine.history().last().unwrap().entry.hash.clone();
    (workspace, head)
}

fn files_of(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path)
            } else {
                drop(all.insert(path.clone(), fs::read(path).unwrap()))
            }
        }
    }
    all
}

#[test]
fn every_flipped_byte_of_the_journal_is_found_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let (workspace, _) = noted(folder.path());
    let journal = workspace.join("journal.jsonl");
    let good = fs::read(&journal).unwrap();
    let before = files_of(&workspace);
    let audit = Workspace::audit_folder(&workspace).unwrap();
    assert_eq!((audit.entries.len(), audit.fault.clone()), (3, None));
    assert_eq!(
        files_of(&workspace),
        before,
        "a check must not change the workspace"
    );
    let lines: Vec<usize> = good
        .iter()
        .scan(1, |line, b| {
            Some(std::mem::replace(line, *line + usize::from(*b == b'\n')))
        })
        .collect();
    // Every byte is flipped in the journal's own test; here the whole way, with a database, for every seventh.
    for at in (0..good.len()).step_by(7) {
        let mut bad = good.clone();
        bad[at] ^= 1;
        fs::write(&journal, &bad).unwrap();
        let fault = Workspace::audit_folder(&workspace)
            .unwrap()
            .fault
            .unwrap_or_else(|| panic!("a flip at byte {at} went unnoticed"));
        assert_eq!(fault.line, lines[at], "a flip at byte {at}");
    }
    fs::write(&journal, &good).unwrap();
    assert_eq!(Workspace::audit_folder(&workspace).unwrap().fault, None);
}

/// A process that is being started holds the files of its parent for a moment, so a lock may outlive the workspace it belongs to.
#[test]
fn a_lock_that_is_let_go_in_a_moment_is_waited_for_and_another_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (workspace, _) = noted(folder.path());
    let lock = || fs::File::open(workspace.join("ledgerline.lock")).unwrap();
    let held = lock();
    held.lock().unwrap();
    let refused = Workspace::audit_folder(&workspace).unwrap_err().to_string();
    assert!(refused.contains("open in another"), "{refused}");
    let release = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(60));
        drop(held);
    });
    assert_eq!(
        Workspace::audit_folder(&workspace).unwrap().entries.len(),
        3
    );
    release.join().unwrap();
}

#[test]
fn the_command_line_verifies_lists_and_tells_a_cut_off_tail() {
    let folder = tempfile::tempdir().unwrap();
    let (workspace, head) = noted(folder.path());
    let shown = workspace.display().to_string();
    let verify = |more: &[&str]| run(&[&["audit", "verify", "--workspace", &shown], more].concat());
    let output = verify(&[]);
    let said = text(&output.stdout);
    assert!(
        output.status.success()
            && said.contains("entries: 3")
            && said.contains(&head)
            && said.ends_with("OK\n"),
        "{said}"
    );
    // What was noted stays true when more is decided, and is missed when the tail is gone from file and database alike.
    let cut_off = folder.path().join("cut-off");
    fs::create_dir(&cut_off).unwrap();
    for (path, content) in files_of(&workspace) {
        let target = cut_off.join(path.strip_prefix(&workspace).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(target, content).unwrap();
    }
    run_well(&["decide", "undo", "2", "--workspace", &shown, "--by", "Bo"]);
    let output = verify(&["--head", &head]);
    assert!(
        output.status.success()
            && text(&output.stdout).contains("entry 3 of 4: 1 were added since"),
        "{}",
        text(&output.stdout)
    );
    let later = Workspace::audit_folder(&workspace)
        .unwrap()
        .head()
        .to_owned();
    let output = run(&[
        "audit",
        "verify",
        "--workspace",
        &cut_off.display().to_string(),
        "--head",
        &later,
    ]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stdout).contains("cut off"),
        "{}",
        text(&output.stdout)
    );

    assert!(
        text(&run_well(&["decide", "list", "--workspace", &shown]).stdout).contains("[undone]")
    );
    run_well(&["decide", "redo", "2", "--workspace", &shown]);
    assert_eq!(
        run(&["decide", "redo", "2", "--workspace", &shown])
            .status
            .code(),
        Some(1),
        "it holds already"
    );
    let log = folder.path().join("log.csv");
    fs::write(
        &log,
        run_well(&["audit", "log", "--workspace", &shown]).stdout,
    )
    .unwrap();
    let lines = rows(&log);
    let what: Vec<&str> = lines.iter().map(|row| row[4].as_str()).collect();
    assert_eq!(
        what[1],
        "Ignored all items with ISRC QZAB12600001 at all DSPs"
    );
    assert_eq!(
        what[3],
        "Undid entry 2: ignored all items with ISRC QZAB12600001 at all DSPs"
    );
    assert_eq!(
        (lines[3][2].as_str(), lines[3][3].as_str(), lines.len()),
        ("Bo", "undo", 5)
    );

    let journal = workspace.join("journal.jsonl");
    let edited =
        fs::read_to_string(&journal)
            .unwrap()
            .replacen("\"who\":\"Bo\"", "\"who\":\"Cy\"", 1);
    fs::write(&journal, edited).unwrap();
    let output = verify(&[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stdout).contains("line 4 does not fit its hash"),
        "{}",
        text(&output.stdout)
    );
    assert_eq!(
        run(&["audit", "log", "--workspace", &shown]).status.code(),
        Some(1)
    );
}

#[test]
fn a_run_notes_the_head_of_the_journal() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = small(folder.path());
    let (shown, out) = (workspace.display().to_string(), folder.path().join("out"));
    let statements =
        ["august.csv", "september.csv"].map(|name| folder.path().join(name).display().to_string());
    run_well(&[
        "reconcile",
        "--workspace",
        &shown,
        "--statement",
        &statements[0],
        &statements[1],
        "--out",
        &out.display().to_string(),
    ]);
    let audit = Workspace::audit_folder(&workspace).unwrap();
    let head = crate::support::summary(&out)["run"]["journal_head"].clone();
    assert_eq!(
        head,
        serde_json::json!({ "hash": audit.head(), "entries": audit.entries.len() })
    );
}
