//! A made-up desk of any size; everything is a function of a fixed seed, and nothing is read or written.
//!
//! What it is like: one item a line, in four statements of one month each with 10 % of the items also reported in the next; about three
//! cells an item (territories), two currencies, 2,000 labels, 20 titles an artist; 85 % matched, 10 % unmatched, 5 % ambiguous. Money falls
//! with the rank, so a few lines hold most of it.

use std::sync::Arc;

use ledgerline::catalog::CatalogState;
use ledgerline::desk::{Desk, Loaded};
use ledgerline::ident::{Currency, SalePeriod};
use ledgerline::matching::{DecidedTracks, Outcomes, Why};
use ledgerline::money::Amount;
use ledgerline::review::Decisions;
use ledgerline::statement::cube::{Cell, Cube};
use ledgerline::statement::dims::Dims;

pub const STATEMENTS: u64 = 4;
const DSPS: [&str; 4] = ["YouTube", "Spotify", "Apple Music", "Deezer"];
const TERRITORIES: [&str; 12] = [
    "US", "DE", "GB", "FR", "NO", "SE", "BR", "MX", "JP", "IN", "CA", "AU",
];
const WORDS: [&str; 32] = [
    "moon", "river", "night", "drive", "glass", "heart", "golden", "summer", "shadow", "paper",
    "silver", "thunder", "velvet", "ocean", "desert", "lantern", "mirror", "winter", "electric",
    "garden", "hollow", "crystal", "canyon", "ember", "harbor", "willow", "café", "señor", "über",
    "remix", "live", "acoustic",
];

/// The statements of a desk with so many lines (a multiple of [`STATEMENTS`], or a little less).
pub fn statements(lines: u64) -> Vec<Arc<Loaded>> {
    (0..STATEMENTS)
        .map(|n| Arc::new(statement(n, lines)))
        .collect()
}

/// The tracks that decisions name.
pub fn tracks() -> DecidedTracks {
    DecidedTracks::of([("HQ-1".to_owned(), 0)].into_iter())
}

/// The desk of these statements, without decisions.
pub fn desk(statements: &[Arc<Loaded>]) -> Desk {
    let payees = (0..5000).map(|n| format!("Payee {n}")).collect();
    Desk::new(
        statements.to_vec(),
        payees,
        CatalogState::default(),
        Decisions::default(),
        &tracks(),
    )
    .expect("the sums fit")
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

fn word(n: u64) -> &'static str {
    WORDS[(n % WORDS.len() as u64) as usize]
}

/// The ten fields of an item.
fn fields(id: u64) -> [String; 10] {
    let h = mix(id);
    let artist = id / 20;
    [
        DSPS[(h >> 40) as usize % DSPS.len()].to_owned(),
        if h.is_multiple_of(50) {
            String::new()
        } else {
            format!("QZ{:03}{:07}", id / 10_000_000 % 1000, id % 10_000_000)
        },
        format!("{:013}", 4_000_000_000_000 + id / 10),
        format!("A{h:015x}"),
        format!("{} {} {}", word(h), word(h >> 8), id % 1000),
        if h.is_multiple_of(7) {
            word(h >> 16).to_owned()
        } else {
            String::new()
        },
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
    let mut all: Vec<Dims> = ["EUR", "USD"]
        .iter()
        .flat_map(|code| TERRITORIES.iter().map(move |territory| of(code, territory)))
        .collect();
    all.sort();
    all
}

fn statement(number: u64, lines: u64) -> Loaded {
    let (share, extra) = (lines / STATEMENTS, lines / STATEMENTS / 10);
    let ids: Vec<u64> = (number * share..(number + 1) * share)
        .chain(
            (0..extra)
                .filter(|_| number > 0)
                .map(|n| (number - 1) * share + n),
        )
        .collect();
    let mut cells = Vec::with_capacity(ids.len() * 3);
    for (item, id) in ids.iter().enumerate() {
        let h = mix(id ^ 0xCE11);
        // One item in four is reported in dollars; dimensions are sorted by currency first.
        let first = if h.is_multiple_of(4) {
            TERRITORIES.len() as u64
        } else {
            0
        };
        let mut territories: Vec<u64> = (0..1 + h % 5)
            .map(|n| mix(h + n) % TERRITORIES.len() as u64)
            .collect();
        territories.sort_unstable();
        territories.dedup();
        for territory in territories {
            let raw = i128::from(10_000_000u64 * (1 + h % 97) / (1 + mix(*id) % 1_000_000))
                * 10i128.pow(17)
                + i128::from(h >> 20);
            let amount = Amount::from_raw(if h.is_multiple_of(211) { -raw } else { raw });
            cells.push(Cell {
                item: item as u32,
                dim: (first + territory) as u32,
                rows: 1 + h % 40,
                quantity: Amount::from_integer((h % 900) as i64),
                amount,
            });
        }
    }
    let texts: Vec<[String; 10]> = ids.iter().map(|id| fields(*id)).collect();
    let cube = Cube::of_parts(
        texts.iter().map(|f| std::array::from_fn(|n| f[n].as_str())),
        dims(6 + number as u32),
        cells,
    );
    drop(texts);
    let names: Vec<String> = ids.iter().map(|id| format!("HQ-{id}")).collect();
    let outcome = |(id, name): (&u64, &'_ String)| match mix(id ^ 7) % 20 {
        0 | 1 => (Why::IsrcUnknown, Vec::new()),
        2 => (
            Why::IsrcShared,
            vec![(name.clone(), 0), (format!("{name}-B"), 1)],
        ),
        _ => (Why::Isrc, vec![(name.clone(), (id / 100 % 5000) as u32)]),
    };
    let outcomes: Vec<(Why, Vec<(String, u32)>)> = ids.iter().zip(&names).map(outcome).collect();
    let base = Outcomes::of_parts(
        outcomes
            .iter()
            .map(|(why, tracks)| (*why, tracks.iter().map(|(t, p)| (t.as_str(), *p)).collect())),
    );
    Loaded::of_cube(&format!("statement_{number}.csv"), "", cube, base).expect("the sums fit")
}
