//! Measures the desk: how long the review waits for lines, filters, orders, facets and decisions, on a made-up workspace.
//!
//! `bench-desk [LINES …]` (1,000,000 and 10,000,000 without any) prints a table of medians. Everything is a function of a fixed seed;
//! nothing is read or written.
//!
//! `made_up` says what the desk is like.
#![allow(
    clippy::print_stdout,
    missing_docs,
    reason = "a measurement, run by hand"
)]

mod made_up;

use std::sync::Arc;
use std::time::Instant;

use ledgerline::desk::query::{
    Direction, Filter, LineScope, LinesView, SearchIndex, Searcher, SortKey, ViewQuestion,
};
use ledgerline::desk::{Desk, LineId};
use ledgerline::matching::DecidedTracks;
use ledgerline::review::{Action, Decision, Decisions, Target};

use made_up::STATEMENTS;

const RUNS: usize = 5;
fn main() {
    let sizes: Vec<u64> = std::env::args()
        .skip(1)
        .map(|n| {
            n.replace([',', '_'], "")
                .parse()
                .expect("the arguments are numbers of lines")
        })
        .collect();
    let sizes = if sizes.is_empty() {
        vec![1_000_000, 10_000_000]
    } else {
        sizes
    };
    for lines in sizes {
        measure(lines);
    }
}

/// The median of some times.
fn median(mut micros: Vec<u128>) -> u128 {
    micros.sort_unstable();
    micros[micros.len() / 2]
}

fn timed<T>(work: impl FnOnce() -> T) -> (u128, T) {
    let start = Instant::now();
    let result = work();
    (start.elapsed().as_micros(), result)
}

fn show(what: &str, micros: u128) {
    println!("| {what} | {}.{} ms |", micros / 1000, micros % 1000 / 100);
}

/// What is asked of a desk, again and again with a searcher that remembers nothing but the index.
struct Bench {
    desk: Arc<Desk>,
    index: Arc<SearchIndex>,
}

impl Bench {
    fn ask(
        &self,
        searcher: &mut Searcher,
        filter: &str,
        scope: LineScope,
        sort: &[(SortKey, Direction)],
        want_facets: bool,
    ) -> LinesView {
        let filter = Filter::parse(filter);
        assert!(filter.issues.is_empty());
        let question = ViewQuestion {
            generation: 0,
            desk: Arc::clone(&self.desk),
            filter,
            scope,
            sort: sort.to_vec(),
            want_facets,
        };
        searcher
            .answer(&question, &|| false)
            .expect("no newer question waits")
    }

    /// A searcher that has shown the desk once, as the screen has.
    fn searcher(&self) -> Searcher {
        let mut searcher = Searcher::with_index(Arc::clone(&self.index));
        self.ask(&mut searcher, "", LineScope::All, &[], false);
        searcher
    }

    /// Types words letter by letter; gives the median and the longest of all keystrokes.
    fn type_words(&self, scope: LineScope) -> (u128, u128) {
        let mut all = Vec::new();
        for word in ["moon", "qz0000012", "café", "label glass"] {
            let mut searcher = self.searcher();
            for end in (1..=word.len()).filter(|end| word.is_char_boundary(*end)) {
                all.push(
                    timed(|| {
                        self.ask(
                            &mut searcher,
                            &format!("\"{}\"", &word[..end]),
                            scope,
                            &[],
                            false,
                        )
                    })
                    .0,
                );
            }
        }
        let longest = all.iter().copied().max().unwrap_or(0);
        (median(all), longest)
    }

    fn first(
        &self,
        what: &str,
        filter: &str,
        scope: LineScope,
        sort: &[(SortKey, Direction)],
        want_facets: bool,
    ) {
        let run = |_| {
            let mut searcher = self.searcher();
            timed(|| self.ask(&mut searcher, filter, scope, sort, want_facets)).0
        };
        show(what, median((0..RUNS).map(run).collect()));
    }

    fn filter_sorted(&self, what: &str, scope: LineScope) {
        let sort = [(SortKey::Title, Direction::Ascending)];
        let mut searcher = self.searcher();
        self.ask(&mut searcher, "", scope, &sort, false);
        let filters = [
            "dsp:deezer",
            "dsp:spotify",
            "moon",
            "rows>20",
            "territory:NO",
        ];
        show(
            what,
            median(
                filters
                    .iter()
                    .map(|filter| timed(|| self.ask(&mut searcher, filter, scope, &sort, false)).0)
                    .collect(),
            ),
        );
    }
}

fn measure(lines: u64) {
    println!("\n| {lines} lines | median |\n| --- | ---: |");
    let (made, statements) = timed(|| made_up::statements(lines));
    eprintln!("made up in {} ms", made / 1000);
    let tracks = made_up::tracks();
    let (built, desk) = timed(|| made_up::desk(&statements));
    show("building the lines and totals of a desk", built);
    assert_eq!(desk.lines().len() as u64, lines / STATEMENTS * STATEMENTS);
    let desk = Arc::new(desk);
    let (indexed, index) = timed(|| Arc::new(SearchIndex::of(&desk)));
    show("preparing the search, once", indexed);
    let bench = Bench {
        desk: Arc::clone(&desk),
        index,
    };
    for (scope, name) in [
        (LineScope::All, "all lines"),
        (LineScope::NeedsPerson, "lines that need a person"),
    ] {
        measure_scope(&bench, scope, name);
    }
    decide(&bench, &tracks);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap_or("unknown")
        .trim()
        .to_owned();
    println!("| peak memory of the whole | {peak} |");
}

/// Keystrokes, filters, facets and orders over some of the lines.
fn measure_scope(bench: &Bench, scope: LineScope, name: &str) {
    let (half, longest) = bench.type_words(scope);
    show(&format!("a keystroke in a word, {name}"), half);
    show(&format!("the slowest keystroke in a word, {name}"), longest);
    bench.first(&format!("no filter, {name}"), "", scope, &[], false);
    bench.first(
        &format!("`dsp:youtube amount>10`, {name}"),
        "dsp:youtube amount>10",
        scope,
        &[],
        false,
    );
    bench.first(
        &format!("`title~moon -label~glass`, {name}"),
        "title~moon -label~glass",
        scope,
        &[],
        false,
    );
    bench.first(
        &format!("`territory:NO period:2026-07`, {name}"),
        "territory:NO period:2026-07",
        scope,
        &[],
        false,
    );
    bench.first(
        &format!("no filter, with all facets, {name}"),
        "",
        scope,
        &[],
        true,
    );
    bench.first(
        &format!("“moon”, with all facets, {name}"),
        "moon",
        scope,
        &[],
        true,
    );
    for (key, column) in [
        (SortKey::Title, "title"),
        (SortKey::Rows, "rows"),
        (SortKey::Artist, "artist"),
    ] {
        let sort = [(key, Direction::Ascending)];
        bench.first(
            &format!("sort by {column}, the first time, {name}"),
            "",
            scope,
            &sort,
            false,
        );
    }
    bench.filter_sorted(&format!("a filter while sorted by title, {name}"), scope);
}

/// One decision after 1,000 others, and the first answer after it.
fn decide(bench: &Bench, tracks: &DecidedTracks) {
    let assign = |line: u64| {
        let code = bench
            .desk
            .lines()
            .code((line * 7919 % bench.desk.lines().len() as u64) as LineId);
        Decision {
            target: Target::Item {
                item: code,
                dsp: None,
            },
            action: Action::Assign {
                track: "HQ-1".into(),
            },
            note: String::new(),
        }
    };
    let (mut decisions, first): (Decisions, Vec<Decision>) =
        (Decisions::default(), (0..1000).map(assign).collect());
    first.iter().for_each(|d| decisions.apply(d, 1));
    let targets: Vec<Target> = first.into_iter().map(|d| d.target).collect();
    let mut desk = bench
        .desk
        .with_decisions(decisions.clone(), tracks, &targets)
        .expect("the sums fit");
    let mut searcher = bench.searcher();
    let (mut decided, mut answered) = (Vec::new(), Vec::new());
    for n in 0..RUNS as u64 {
        let decision = assign(5000 + n);
        decisions.apply(&decision, 2);
        let (micros, next) = timed(|| {
            desk.with_decisions(decisions.clone(), tracks, &[decision.target])
                .expect("the sums fit")
        });
        decided.push(micros);
        desk = next;
        let after = Bench {
            desk: Arc::new(desk.clone()),
            index: Arc::clone(&bench.index),
        };
        answered
            .push(timed(|| after.ask(&mut searcher, "moon", LineScope::NeedsPerson, &[], false)).0);
    }
    show("a decision, totals included", median(decided));
    show(
        "the review after a decision, with a filter",
        median(answered),
    );
}
