//! Measures settlement: cells by contracts with three payees each; settling again with one contract that has changed: its fee, its
//! territories, or that it is there at all; and the statements of all payees.
//!
//! `bench-settle [CELLS [CONTRACTS]]` (1,000,000 and 10,000 without any) prints a table of medians. Everything is a function of a fixed
//! seed. `bench-settle CELLS CONTRACTS DIR` also writes the inputs as files, for `ledgerline settle`.
//!
//! What the money is like: ten tracks a contract, eight territories, five DSPs, three months, streams and downloads, two currencies; a
//! twentieth are returns. Contracts take two fees, a rate and a reserve, half of them recoup an advance, and all split over three payees,
//! each of whom is in about as many contracts.
#![allow(
    clippy::print_stdout,
    missing_docs,
    reason = "a measurement, run by hand"
)]

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ledgerline::account::{PayeeStatement, prove_statements};
use ledgerline::export::{Letterhead, statement_csv, statement_pdf};
use ledgerline::results::read_cells;
use ledgerline::settlement::{Inputs, Settled};
use ledgerline::terms::{Balances, Book, Rates};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

const RUNS: usize = 5;
const TERRITORIES: [&str; 8] = ["US", "DE", "GB", "FR", "NO", "BR", "JP", "AU"];
const DSPS: [&str; 5] = ["Spotify", "Apple Music", "YouTube", "Deezer", "TikTok"];
const RATES: &str = "period,from,to,rate,source\n2026-07..2026-09,USD,EUR,0.9217,bank\n2026-07..2026-09,EUR,USD,1.0850,bank\n";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, otherwise: u64| {
        arguments.get(at).map_or(otherwise, |n| {
            n.replace([',', '_'], "")
                .parse()
                .expect("the first arguments are numbers")
        })
    };
    let (cells, contracts) = (number(0, 1_000_000), number(1, 10_000));
    let (cells_text, contracts_text) = (
        cells_csv(cells, contracts),
        contracts_toml(contracts, &None),
    );
    if let Some(folder) = arguments.get(2) {
        let folder = Path::new(folder);
        std::fs::create_dir_all(folder).expect("the folder can be made");
        for (name, text) in [
            ("cells.csv", cells_text.as_str()),
            ("contracts.toml", &contracts_text),
            ("rates.csv", RATES),
        ] {
            std::fs::write(folder.join(name), text).expect("the folder can be written");
        }
    }
    measure(&cells_text, &contracts_text, contracts);
}

/// A number from 64 bits, the same everywhere.
fn mix(seed: u64) -> u64 {
    let mut z = seed
        .wrapping_mul(0x9E37_79B9_7F4A_7C15)
        .wrapping_add(0x1234_5678_9ABC_DEF1);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

fn cells_csv(cells: u64, contracts: u64) -> String {
    let mut text = "track,territory,period,usage,dsp,quantity,amount,currency\n".to_owned();
    for cell in 0..cells {
        let h = mix(cell);
        let sign = if h.is_multiple_of(20) { "-" } else { "" };
        let track = mix(h) % (contracts * 10);
        let usage = if h >> 8 & 7 == 0 {
            "download"
        } else {
            "stream"
        };
        let currency = if h >> 12 & 3 == 0 { "EUR" } else { "USD" };
        let (territory, dsp) = (
            TERRITORIES[(h >> 16) as usize % 8],
            DSPS[(h >> 24) as usize % 5],
        );
        let (month, whole, fraction) = (7 + h % 3, (h >> 32) % 90, mix(h ^ 1) % 1_000_000_000);
        writeln!(text, "T{track:07},{territory},2026-{month:02},{usage},{dsp},{sign}{},{sign}{whole}.{fraction:09},{currency}", (h >> 40) % 5000)
            .expect("writing to memory does not fail");
    }
    text
}

/// A change of one contract.
enum Changed {
    Fee(u64),
    Territories(u64),
    Removed(u64),
}

/// The contracts; one of them may be changed.
fn contracts_toml(contracts: u64, changed: &Option<Changed>) -> String {
    let mut text = String::new();
    for payee in 0..contracts {
        let currency = if payee.is_multiple_of(4) {
            "USD"
        } else {
            "EUR"
        };
        writeln!(text, "[[payee]]\nname = \"P{payee:06}\"\ncurrency = \"{currency}\"\nresidence = \"DE\"\nminimum = 10").expect("to memory");
    }
    text.push_str(
        "[[tax]]\nname = \"us\"\nterritories = [\"US\"]\nrate = 0.30\ntreaty = { DE = 0.05 }\n",
    );
    for contract in 0..contracts {
        let tracks: Vec<String> = (0..10)
            .map(|t| format!("\"T{:07}\"", contract * 10 + t))
            .collect();
        let payee = |k: u64| format!("P{:06}", (contract + k * k * 17) % contracts);
        let (mut fee, mut scope) = ("0.15", "");
        match changed {
            Some(Changed::Fee(one)) if *one == contract => fee = "0.18",
            Some(Changed::Territories(one)) if *one == contract => {
                scope = "not_territories = [\"US\"]\n"
            }
            Some(Changed::Removed(one)) if *one == contract => continue,
            _ => {}
        }
        write!(
            text,
            "[[contract]]\nname = \"C{contract:06}\"\nprofile = \"royalty\"\ncurrency = \"EUR\"\ntracks = [{}]\n{scope}\
             [[contract.fee]]\nname = \"distribution\"\nrate = {fee}\n[[contract.fee]]\nname = \"marketing\"\nrate = 0.03\n\
             [[contract.rate]]\nname = \"downloads\"\nusages = [\"download\"]\nrate = 0.4\n[[contract.rate]]\nname = \"streams\"\nrate = 0.5\n\
             [[contract.reserve]]\nrate = 0.1\nrelease = {{ 6 = 1 }}\n\
             [[contract.split]]\nshares = {{ {} = \"1/3\", {} = \"1/3\", {} = \"1/3\" }}\n",
            tracks.join(", "),
            payee(0),
            payee(1),
            payee(2)
        )
        .expect("to memory");
        if contract.is_multiple_of(2) {
            text.push_str(
                "[[contract.advance]]\nname = \"advance\"\namount = 500\ndate = 2026-01-01\n",
            );
        }
    }
    text
}

fn book(text: &str) -> Book {
    Book::read(&[("contracts.toml".to_owned(), text.as_bytes().to_vec())])
        .expect("the contracts are sound")
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn timed<T>(mut work: impl FnMut() -> T) -> (Duration, T) {
    let mut times = Vec::new();
    let mut last = None;
    for _ in 0..RUNS {
        let start = Instant::now();
        last = Some(work());
        times.push(start.elapsed());
    }
    (median(times), last.expect("there is at least one run"))
}

/// Makes all statements once, on all threads; what they come to is counted and not kept.
fn written(
    statements: &[PayeeStatement<'_>],
    make: impl Fn(&PayeeStatement<'_>) -> Vec<u8> + Sync,
) -> (Duration, usize) {
    let start = Instant::now();
    let bytes = statements
        .par_iter()
        .map(|statement| make(statement).len())
        .sum();
    (start.elapsed(), bytes)
}

/// How long it takes to settle again after a change of one contract.
fn settle_again(settled: &Settled, contracts: u64) -> Vec<(&'static str, Duration)> {
    let one = contracts / 2;
    let mut again = Vec::new();
    for (what, changed) in [
        (
            "settle again with another fee in one contract",
            Changed::Fee(one),
        ),
        (
            "settle again with fewer territories in one contract",
            Changed::Territories(one),
        ),
        ("settle again without one contract", Changed::Removed(one)),
    ] {
        let changed = book(&contracts_toml(contracts, &Some(changed)));
        let mut books: Vec<Book> = (0..RUNS).map(|_| changed.clone()).collect();
        let (time, after) = timed(|| {
            settled
                .with_contracts(books.pop().expect("one for each run"))
                .expect("the money settles")
        });
        assert_ne!(
            settled.payables, after.payables,
            "a changed contract changes what is paid"
        );
        again.push((what, time));
    }
    again
}

fn measure(cells_text: &str, contracts_text: &str, contracts: u64) {
    let (reading, cells) =
        timed(|| read_cells("cells.csv", cells_text.as_bytes()).expect("the cells are sound"));
    let (terms, first) = timed(|| book(contracts_text));
    let rates = Rates::read(&[("rates.csv".to_owned(), RATES.as_bytes().to_vec())])
        .expect("the rates are sound");
    let inputs = Inputs {
        book: first,
        cells: cells.into(),
        rates,
        opening: Balances::default(),
        releases: Arc::default(),
        period: None,
    };
    let mut copies: Vec<Inputs> = (0..RUNS).map(|_| inputs.clone()).collect();
    let (settling, settled) =
        timed(|| Settled::of(copies.pop().expect("one for each run")).expect("the money settles"));
    let again = settle_again(&settled, contracts);
    let (telling, statements) = timed(|| {
        let statements = settled.statements().expect("the sums fit");
        assert!(
            prove_statements(&settled, &statements)
                .expect("the sums fit")
                .iter()
                .all(ledgerline::settlement::ProofLine::holds)
        );
        statements
    });
    let letterhead = Letterhead::default();
    let (tables, table_bytes) = written(&statements, |s| statement_csv(s, &letterhead));
    let (papers, paper_bytes) = written(&statements, |s| {
        statement_pdf(s, &letterhead, "statement.csv").expect("the sums fit")
    });
    let movements = settled.movements().count();
    println!(
        "{} cells, {contracts} contracts with three payees each, {} payables, {movements} movements",
        settled.inputs.cells.lines.len(),
        settled.payables.len()
    );
    println!(
        "{} statements: {table_bytes} bytes as CSV, {paper_bytes} as PDF",
        statements.len()
    );
    println!("| measure | ms |\n| --- | ---: |");
    let telling = [
        ("statements of all payees, proven", telling),
        ("statements as CSV", tables),
        ("statements as PDF", papers),
    ];
    for (what, time) in [
        ("read cells", reading),
        ("read contracts", terms),
        ("settle", settling),
    ]
    .into_iter()
    .chain(again)
    .chain(telling)
    {
        println!("| {what} | {} |", time.as_millis());
    }
}
