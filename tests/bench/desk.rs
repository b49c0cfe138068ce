//! Measures the desk: how long the review waits for lines, filters, orders, facets and decisions, on a made-up workspace.
//!
//! `bench-desk [LINES …]` (1,000,000 and 10,000,000 without any) prints a table of medians. Everything is a function of a fixed seed;
//! nothing is read or written.
//!
//! What the desk is like: one item a line, in four statements of one month each with 10 % of the items also reported in the next; about
//! three cells an item (territories), two currencies, 2,000 labels, 20 titles an artist; 85 % matched, 10 % unmatched, 5 % ambiguous.
//! Money falls with the rank, so a few lines hold most of it.
#![allow(clippy::print_stdout, missing_docs, reason = "a measurement, run by hand")]

use std::sync::Arc;
use std::time::Instant;

use ledgerline::catalog::CatalogState;
use ledgerline::ident::{Currency, SalePeriod};
use ledgerline::matching::{DecidedTracks, Outcomes, Why};
use ledgerline::money::Amount;
use ledgerline::review::{Action, Decision, Decisions, Target};
use ledgerline::session::desk::{Desk, LineId, Loaded};
use ledgerline::session::query::{Direction, Filter, Question, Scope, SearchIndex, Searcher, SortKey, View};
use ledgerline::statement::cube::{Cell, Cube};
use ledgerline::statement::dims::Dims;

const RUNS: usize = 5;
const STATEMENTS: u64 = 4;
const DSPS: [&str; 4] = ["YouTube", "Spotify", "Apple Music", "Deezer"];
const TERRITORIES: [&str; 12] = ["US", "DE", "GB", "FR", "NO", "SE", "BR", "MX", "JP", "IN", "CA", "AU"];
const WORDS: [&str; 32] = [
    "moon", "river", "night", "drive", "glass", "heart", "golden", "summer", "shadow", "paper", "silver", "thunder", "velvet", "ocean", "desert",
    "lantern", "mirror", "winter", "electric", "garden", "hollow", "crystal", "canyon", "ember", "harbor", "willow", "café", "señor", "über",
    "remix", "live", "acoustic",
];

fn main() {
    let sizes: Vec<u64> = std::env::args().skip(1).map(|n| n.replace([',', '_'], "").parse().expect("the arguments are numbers of lines")).collect();
    let sizes = if sizes.is_empty() { vec![1_000_000, 10_000_000] } else { sizes };
    for lines in sizes {
        measure(lines);
    }
}

/// A number from 64 bits, the same everywhere.
fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(0x1234_5678_9ABC_DEF1);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

fn word(n: u64) -> &'static str {
    WORDS[(n % WORDS.len() as u64) as usize]
}

/// The ten fields of an item.
fn fields(id: u64) -> [String; 10] {
    let h = mix(id);
    let artist = id / 20;
    [
        DSPS[(h >> 40) as usize % DSPS.len()].to_owned(),
        if h % 50 == 0 { String::new() } else { format!("QZ{:03}{:07}", id / 10_000_000 % 1000, id % 10_000_000) },
        format!("{:013}", 4_000_000_000_000 + id / 10),
        format!("A{h:015x}"),
        format!("{} {} {}", word(h), word(h >> 8), id % 1000),
        if h % 7 == 0 { word(h >> 16).to_owned() } else { String::new() },
        format!("{} {} {artist}", word(mix(artist)), word(mix(artist) >> 8)),
        format!("Label {} {}", word(mix(artist / 100)), artist % 2000),
        format!("{} {}", word(mix(id / 10)), id / 10),
        "180".to_owned(),
    ]
}

fn dims(month: u32) -> Vec<Dims> {
    let period = SalePeriod::month(2026, month).expect("the month exists");
    let of = |code: &str, territory: &str| Dims {
        currency: Currency::parse(code).expect("the code exists"),
        territory: territory.to_owned(),
        period,
        usage: "stream".to_owned(),
    };
    let mut all: Vec<Dims> = ["EUR", "USD"].iter().flat_map(|code| TERRITORIES.iter().map(move |territory| of(code, territory))).collect();
    all.sort();
    all
}

fn statement(number: u64, lines: u64) -> Loaded {
    let (share, extra) = (lines / STATEMENTS, lines / STATEMENTS / 10);
    let ids: Vec<u64> = (number * share..(number + 1) * share).chain((0..extra).filter(|_| number > 0).map(|n| (number - 1) * share + n)).collect();
    let mut cells = Vec::with_capacity(ids.len() * 3);
    for (item, id) in ids.iter().enumerate() {
        let h = mix(id ^ 0xCE11);
        // One item in four is reported in dollars; dimensions are sorted by currency first.
        let first = if h % 4 == 0 { TERRITORIES.len() as u64 } else { 0 };
        let mut territories: Vec<u64> = (0..1 + h % 5).map(|n| mix(h + n) % TERRITORIES.len() as u64).collect();
        territories.sort_unstable();
        territories.dedup();
        for territory in territories {
            let raw = i128::from(10_000_000u64 * (1 + h % 97) / (1 + mix(*id) % 1_000_000)) * 10i128.pow(17) + i128::from(h >> 20);
            let amount = Amount::from_raw(if h % 211 == 0 { -raw } else { raw });
            cells.push(Cell { item: item as u32, dim: (first + territory) as u32, rows: 1 + h % 40, quantity: Amount::from_integer((h % 900) as i64), amount });
        }
    }
    let texts: Vec<[String; 10]> = ids.iter().map(|id| fields(*id)).collect();
    let cube = Cube::of_parts(texts.iter().map(|f| std::array::from_fn(|n| f[n].as_str())), dims(6 + number as u32), cells);
    drop(texts);
    let names: Vec<String> = ids.iter().map(|id| format!("HQ-{id}")).collect();
    let outcome = |(id, name): (&u64, &'_ String)| match mix(id ^ 7) % 20 {
        0 | 1 => (Why::IsrcUnknown, Vec::new()),
        2 => (Why::IsrcShared, vec![(name.clone(), 0), (format!("{name}-B"), 1)]),
        _ => (Why::Isrc, vec![(name.clone(), (id / 100 % 5000) as u32)]),
    };
    let outcomes: Vec<(Why, Vec<(String, u32)>)> = ids.iter().zip(&names).map(outcome).collect();
    let base = Outcomes::of_parts(outcomes.iter().map(|(why, tracks)| (*why, tracks.iter().map(|(t, p)| (t.as_str(), *p)).collect())));
    Loaded::of_cube(&format!("statement_{number}.csv"), "", cube, base).expect("the sums fit")
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
    fn ask(&self, searcher: &mut Searcher, filter: &str, scope: Scope, sort: &[(SortKey, Direction)], want_facets: bool) -> View {
        let filter = Filter::parse(filter);
        assert!(filter.issues.is_empty());
        let question = Question { generation: 0, desk: Arc::clone(&self.desk), filter, scope, sort: sort.to_vec(), want_facets };
        searcher.answer(&question, &|| false).expect("no newer question waits")
    }

    /// A searcher that has shown the desk once, as the screen has.
    fn searcher(&self) -> Searcher {
        let mut searcher = Searcher::with_index(Arc::clone(&self.index));
        self.ask(&mut searcher, "", Scope::All, &[], false);
        searcher
    }

    /// Types words letter by letter; gives the median and the longest of all keystrokes.
    fn type_words(&self, scope: Scope) -> (u128, u128) {
        let mut all = Vec::new();
        for word in ["moon", "qz0000012", "café", "label glass"] {
            let mut searcher = self.searcher();
            for end in (1..=word.len()).filter(|end| word.is_char_boundary(*end)) {
                all.push(timed(|| self.ask(&mut searcher, &format!("\"{}\"", &word[..end]), scope, &[], false)).0);
            }
        }
        let longest = all.iter().copied().max().unwrap_or(0);
        (median(all), longest)
    }

    fn first(&self, what: &str, filter: &str, scope: Scope, sort: &[(SortKey, Direction)], want_facets: bool) {
        let run = |_| {
            let mut searcher = self.searcher();
            timed(|| self.ask(&mut searcher, filter, scope, sort, want_facets)).0
        };
        show(what, median((0..RUNS).map(run).collect()));
    }

    fn filter_sorted(&self, what: &str, scope: Scope) {
        let sort = [(SortKey::Title, Direction::Ascending)];
        let mut searcher = self.searcher();
        self.ask(&mut searcher, "", scope, &sort, false);
        let filters = ["dsp:deezer", "dsp:spotify", "moon", "rows>20", "territory:NO"];
        show(what, median(filters.iter().map(|filter| timed(|| self.ask(&mut searcher, filter, scope, &sort, false)).0).collect()));
    }
}

fn measure(lines: u64) {
    println!("\n| {lines} lines | median |\n| --- | ---: |");
    let (made, statements) = timed(|| (0..STATEMENTS).map(|n| Arc::new(statement(n, lines))).collect::<Vec<_>>());
    eprintln!("made up in {} ms", made / 1000);
    let tracks = DecidedTracks::of([("HQ-1".to_owned(), 0)].into_iter());
    let payees: Vec<String> = (0..5000).map(|n| format!("Payee {n}")).collect();
    let build = || Desk::new(statements.clone(), payees.clone(), CatalogState::default(), Decisions::default(), &tracks).expect("the sums fit");
    let (built, desk) = timed(build);
    show("building the lines and totals of a desk", built);
    assert_eq!(desk.lines().len() as u64, lines / STATEMENTS * STATEMENTS);
    let desk = Arc::new(desk);
    let (indexed, index) = timed(|| Arc::new(SearchIndex::of(&desk)));
    show("preparing the search, once", indexed);
    let bench = Bench { desk: Arc::clone(&desk), index };
    for (scope, name) in [(Scope::All, "all lines"), (Scope::NeedsPerson, "lines that need a person")] {
        let (half, longest) = bench.type_words(scope);
        show(&format!("a keystroke in a word, {name}"), half);
        show(&format!("the slowest keystroke in a word, {name}"), longest);
        bench.first(&format!("no filter, {name}"), "", scope, &[], false);
        bench.first(&format!("`dsp:youtube amount>10`, {name}"), "dsp:youtube amount>10", scope, &[], false);
        bench.first(&format!("`title~moon -label~glass`, {name}"), "title~moon -label~glass", scope, &[], false);
        bench.first(&format!("`territory:NO period:2026-07`, {name}"), "territory:NO period:2026-07", scope, &[], false);
        bench.first(&format!("no filter, with all facets, {name}"), "", scope, &[], true);
        bench.first(&format!("“moon”, with all facets, {name}"), "moon", scope, &[], true);
        for (key, column) in [(SortKey::Title, "title"), (SortKey::Rows, "rows"), (SortKey::Artist, "artist")] {
            let sort = [(key, Direction::Ascending)];
            bench.first(&format!("sort by {column}, the first time, {name}"), "", scope, &sort, false);
        }
        bench.filter_sorted(&format!("a filter while sorted by title, {name}"), scope);
    }
    decide(&bench, &tracks);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("unknown").trim().to_owned();
    println!("| peak memory of the whole | {peak} |");
}

/// One decision after 1,000 others, and the first answer after it.
fn decide(bench: &Bench, tracks: &DecidedTracks) {
    let assign = |line: u64| {
        let code = bench.desk.lines().code((line * 7919 % bench.desk.lines().len() as u64) as LineId);
        Decision { target: Target::Item { item: code, dsp: None }, action: Action::Assign { track: "HQ-1".into() }, note: String::new() }
    };
    let (mut decisions, first): (Decisions, Vec<Decision>) = (Decisions::default(), (0..1000).map(assign).collect());
    first.iter().for_each(|d| decisions.apply(d, 1));
    let targets: Vec<Target> = first.into_iter().map(|d| d.target).collect();
    let mut desk = bench.desk.with_decisions(decisions.clone(), tracks, &targets).expect("the sums fit");
    let mut searcher = bench.searcher();
    let (mut decided, mut answered) = (Vec::new(), Vec::new());
    for n in 0..RUNS as u64 {
        let decision = assign(5000 + n);
        decisions.apply(&decision, 2);
        let (micros, next) = timed(|| desk.with_decisions(decisions.clone(), tracks, &[decision.target]).expect("the sums fit"));
        decided.push(micros);
        desk = next;
        let after = Bench { desk: Arc::new(desk.clone()), index: Arc::clone(&bench.index) };
        answered.push(timed(|| after.ask(&mut searcher, "moon", Scope::NeedsPerson, &[], false)).0);
    }
    show("a decision, totals included", median(decided));
    show("the review after a decision, with a filter", median(answered));
}
