//! The session behind the window against the command line: the same workspace, the same figures, after any sequence of decisions.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use ledgerline::desk::choice::Scope;
use ledgerline::desk::{Desk, LineId};
use ledgerline::matching::Status;
use ledgerline::review::{Action, Decision, SplitPart, Target};
use ledgerline::session::engine::{
    ChangeCommand, Engine, Event, JobCommand, latest_redoable, latest_undoable,
};
use ledgerline::statement::layout::Layouts;

use crate::support::{rows, run_well, sample_dir, sample_statements, summary};

/// An engine whose events a test waits for.
pub struct Opened {
    pub engine: Engine,
    woken: Receiver<()>,
}

impl Opened {
    /// Opens a workspace and waits until it is open.
    pub fn new(workspace: &Path) -> Self {
        let (wake, woken) = channel();
        let wake = std::sync::Mutex::new(wake);
        let wake = Arc::new(move || wake.lock().unwrap().send(()).unwrap_or_default());
        let layouts = Layouts::load(&Vec::<PathBuf>::new()).unwrap();
        let opened = Self {
            engine: Engine::open(workspace.to_owned(), layouts, "Ada".into(), wake),
            woken,
        };
        opened.wait(|event| matches!(event, Event::Opened));
        opened
    }

    /// Waits for an event that fits; a failure is a failure of the test.
    pub fn wait(&self, fits: impl Fn(&Event) -> bool) -> Vec<Event> {
        let mut seen = Vec::new();
        loop {
            for event in self.engine.events() {
                let is_it = fits(&event);
                if let (Event::Failed(failure) | Event::NotOpened(failure), false) = (&event, is_it)
                {
                    panic!("{}: {}", failure.what, failure.cause);
                }
                seen.push(event);
                if is_it {
                    return seen;
                }
            }
            self.woken
                .recv_timeout(Duration::from_secs(60))
                .expect("the engine says what has happened");
        }
    }

    /// Imports the sample label.
    pub fn import_sample(&self) {
        self.engine.send(JobCommand::ImportCatalog(vec![
            sample_dir().join("catalog.csv"),
        ]));
        self.wait(|e| matches!(e, Event::CatalogImported(_)));
        let files: Vec<PathBuf> = sample_statements().into_iter().map(PathBuf::from).collect();
        let count = files.len();
        self.engine.send(JobCommand::ImportStatements {
            files,
            options: Box::default(),
        });
        for _ in 0..count {
            self.wait(|e| matches!(e, Event::StatementTaken { .. }));
        }
    }

    pub fn desk(&self) -> Arc<Desk> {
        self.engine.desk()
    }

    fn decide(&self, decisions: Vec<Decision>) -> u64 {
        self.engine.send(ChangeCommand::Decide(decisions));
        let events = self.wait(|e| matches!(e, Event::Decided { .. }));
        let Some(Event::Decided { seq, .. }) = events.last() else {
            unreachable!()
        };
        *seq
    }
}

/// A workspace with the sample label in it.
pub fn sample_workspace(folder: &Path) -> PathBuf {
    let workspace = folder.join("label");
    Opened::new(&workspace).import_sample();
    workspace
}

/// Totals, payables and whether the proof holds, as text.
fn figures(desk: &Desk) -> (Vec<String>, Vec<Vec<String>>) {
    let totals = desk
        .totals()
        .iter()
        .map(|((c, s), t)| {
            format!(
                "{c} {} {} {} {} {}",
                s.code(),
                t.rows,
                t.items,
                t.quantity,
                t.amount
            )
        })
        .collect();
    let payout = desk.payout().unwrap();
    assert!(
        payout.proof.iter().all(|line| line.holds()),
        "{:?}",
        payout.proof
    );
    let payables = payout.payables.iter().map(|p| {
        [
            p.payee.clone(),
            p.currency.to_string(),
            p.rows.to_string(),
            p.quantity.to_string(),
            p.exact.to_string(),
            p.payable.to_string(),
        ]
        .to_vec()
    });
    (totals, payables.collect())
}

/// The same from the files that the command line writes.
fn figures_of_the_command_line(workspace: &Path, out: &Path) -> (Vec<String>, Vec<Vec<String>>) {
    let statements = sample_statements();
    let mut arguments = vec![
        "reconcile",
        "--workspace",
        workspace.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
        "--statement",
    ];
    arguments.extend(statements.iter().map(String::as_str));
    run_well(&arguments);
    let text = |v: &serde_json::Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    let summary = summary(out);
    let totals = summary["totals"].as_array().unwrap().iter().map(|t| {
        ["currency", "status", "rows", "items", "quantity", "amount"]
            .map(|k| text(&t[k]))
            .join(" ")
    });
    (totals.collect(), rows(&out.join("payouts.csv")))
}

fn lines_with(desk: &Desk, status: Status) -> Vec<LineId> {
    (0..desk.lines().len() as LineId)
        .filter(|line| desk.status(*line) == status)
        .collect()
}

fn decision(desk: &Desk, line: LineId, scope: Scope, action: Action) -> Decision {
    Decision {
        target: scope
            .target(desk, line)
            .unwrap_or_else(|| Scope::Item.target(desk, line).unwrap()),
        action,
        note: "because".into(),
    }
}

#[test]
fn the_desk_has_the_figures_of_the_command_line_and_undo_brings_them_back() {
    let folder = tempfile::tempdir().unwrap();
    let workspace = sample_workspace(folder.path());
    let before = {
        let opened = Opened::new(&workspace);
        figures(&opened.desk())
    };
    assert_eq!(
        before,
        figures_of_the_command_line(&workspace, &folder.path().join("a"))
    );

    let after = {
        let opened = Opened::new(&workspace);
        let desk = opened.desk();
        let unmatched = lines_with(&desk, Status::Unmatched);
        let ambiguous = lines_with(&desk, Status::Ambiguous);
        let two: Vec<SplitPart> = desk
            .track_ids(ambiguous[0])
            .iter()
            .zip([1, 2])
            .map(|(t, share)| SplitPart {
                track: (*t).to_owned(),
                share,
            })
            .collect();
        let many = vec![
            decision(
                &desk,
                unmatched[0],
                Scope::Item,
                Action::Assign {
                    track: "HQ-00936".into(),
                },
            ),
            decision(&desk, unmatched[1], Scope::Everywhere, Action::Ignore),
            decision(&desk, unmatched[2], Scope::Item, Action::Hold),
        ];
        opened.decide(many);
        opened.decide(vec![decision(
            &desk,
            ambiguous[0],
            Scope::IsrcAtDsp,
            Action::Split { parts: two },
        )]);
        opened.decide(vec![decision(
            &desk,
            ambiguous[1],
            Scope::Everywhere,
            Action::Assign {
                track: desk.track_ids(ambiguous[1])[0].to_owned(),
            },
        )]);
        let after = figures(&opened.desk());
        assert_ne!(after, before);
        after
    };
    assert_eq!(
        figures(&Opened::new(&workspace).desk()),
        after,
        "a desk that is opened anew is the one that grew by decisions"
    );
    assert_eq!(
        after,
        figures_of_the_command_line(&workspace, &folder.path().join("b"))
    );

    let opened = Opened::new(&workspace);
    while let Some(seq) = latest_undoable(&opened.engine.history()) {
        opened.engine.send(ChangeCommand::Undo(seq));
        opened.wait(|e| matches!(e, Event::Undone(_)));
    }
    assert_eq!(
        figures(&opened.desk()),
        before,
        "undoing everything brings back the figures from before"
    );
    while let Some(seq) = latest_redoable(&opened.engine.history()) {
        opened.engine.send(ChangeCommand::Redo(seq));
        opened.wait(|e| matches!(e, Event::Redone(_)));
    }
    assert_eq!(
        figures(&opened.desk()),
        after,
        "and taking it all again those from after"
    );
}

#[test]
fn a_preview_says_what_the_decision_then_moves() {
    let folder = tempfile::tempdir().unwrap();
    let opened = Opened::new(&sample_workspace(folder.path()));
    for (turn, scope) in Scope::ALL.into_iter().cycle().take(12).enumerate() {
        let desk = opened.desk();
        let open = [
            lines_with(&desk, Status::Unmatched),
            lines_with(&desk, Status::Ambiguous),
        ]
        .concat();
        let line = open[turn * 7 % open.len()];
        let action = [
            Action::Ignore,
            Action::Hold,
            Action::Assign {
                track: "HQ-00936".into(),
            },
        ][turn % 3]
            .clone();
        let decisions = vec![decision(&desk, line, scope, action)];
        let preview = desk.preview(&decisions).unwrap();
        assert!(preview.lines > 0, "an open line changes");
        opened.decide(decisions);
        let after = opened.desk();
        let changed: Vec<LineId> = (0..desk.lines().len() as LineId)
            .filter(|l| desk.why(*l) != after.why(*l))
            .collect();
        assert_eq!(changed.len() as u64, preview.lines, "turn {turn}");
        assert_eq!(
            changed
                .iter()
                .map(|l| desk.lines().sum(*l).rows)
                .sum::<u64>(),
            preview.rows,
            "turn {turn}"
        );
        let moved: usize = changed
            .iter()
            .filter(|l| {
                preview.moves.iter().any(|m| {
                    (m.currency, m.from, m.to)
                        == (
                            desk.lines().currency(**l),
                            desk.status(**l),
                            after.status(**l),
                        )
                })
            })
            .count();
        assert_eq!(
            moved,
            changed.len(),
            "turn {turn}: every changed line is part of a move that was announced"
        );
    }
}

#[test]
fn a_statement_can_be_removed_and_put_back() {
    let folder = tempfile::tempdir().unwrap();
    let opened = Opened::new(&sample_workspace(folder.path()));
    let before = figures(&opened.desk());
    let key = opened.desk().statements()[3].key.clone();
    opened.engine.send(JobCommand::RemoveStatement(key.clone()));
    opened.wait(|e| matches!(e, Event::StatementRemoved(_)));
    assert_ne!(figures(&opened.desk()), before);
    opened.engine.send(JobCommand::RestoreStatement(key));
    opened.wait(|e| matches!(e, Event::StatementTaken { .. }));
    assert_eq!(figures(&opened.desk()), before);
    opened
        .engine
        .send(JobCommand::RestoreStatement("no such key".into()));
    opened.wait(|e| matches!(e, Event::Failed(_)));
}

#[test]
fn a_rule_for_an_isrc_goes_before_the_cascade_and_a_decision_for_an_item_before_the_rule() {
    let folder = tempfile::tempdir().unwrap();
    let opened = Opened::new(&sample_workspace(folder.path()));
    let desk = opened.desk();
    let line = lines_with(&desk, Status::Matched)
        .into_iter()
        .find(|l| desk.isrc(*l).is_some())
        .unwrap();
    let isrc = desk.isrc(line).unwrap();
    let rule = Decision {
        target: Target::Isrc {
            isrc,
            dsp: None,
            upc: None,
        },
        action: Action::Ignore,
        note: String::new(),
    };
    opened.decide(vec![rule]);
    assert_eq!(opened.desk().status(line), Status::Ignored);
    opened.decide(vec![decision(&desk, line, Scope::Item, Action::Hold)]);
    assert_eq!(opened.desk().status(line), Status::Held);
    opened.decide(vec![decision(&desk, line, Scope::Item, Action::Clear)]);
    assert_eq!(opened.desk().status(line), Status::Ignored);
}

#[test]
fn an_unknown_track_is_refused_and_nothing_changes() {
    let folder = tempfile::tempdir().unwrap();
    let opened = Opened::new(&sample_workspace(folder.path()));
    let before = figures(&opened.desk());
    let line = lines_with(&opened.desk(), Status::Unmatched)[0];
    opened.engine.send(ChangeCommand::Decide(vec![decision(
        &opened.desk(),
        line,
        Scope::Item,
        Action::Assign {
            track: "nobody".into(),
        },
    )]));
    let events = opened.wait(|e| matches!(e, Event::Failed(_)));
    assert!(matches!(events.last(), Some(Event::Failed(f)) if f.cause.contains("nobody")));
    assert_eq!(figures(&opened.desk()), before);
}

#[test]
fn an_import_that_is_cancelled_while_it_waits_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let opened = Opened::new(&folder.path().join("label"));
    let files: Vec<PathBuf> = sample_statements().into_iter().map(PathBuf::from).collect();
    opened.engine.send(JobCommand::ImportStatements {
        files,
        options: Box::default(),
    });
    while let Some(job) = opened.engine.jobs().last() {
        opened.engine.cancel(job.id);
        std::thread::yield_now();
    }
    let taken = opened.desk().statements().len();
    assert!(
        taken < sample_statements().len(),
        "what waited was taken out of the queue"
    );
    drop(opened);
    assert_eq!(
        Opened::new(&folder.path().join("label"))
            .desk()
            .statements()
            .len(),
        taken
    );
}
