//! Writes the benchmark's input: a catalog and one month of a YouTube asset raw statement, from a seed alone.
//!
//! `bench-data --rows N --tracks M --seed S --out DIR [--catalog-only|--statement-only]` writes `DIR/catalog.csv` and
//! `DIR/youtube_N.csv`. The same arguments give the same bytes on any machine: every field is a function of the seed
//! and of an index, and nothing here is computed in floating point.
//!
//! What the data is like, because it decides what the benchmark measures:
//!
//! - **Items saturate.** One asset per 16 rows, but never more than 580,000 of them; 3 % of the assets are written in
//!   two spellings, so a statement holds at most about 600,000 distinct items however long it is.
//! - **Cells saturate.** An asset sells in 3 to 60 countries, fewer the less popular it is: at 580,000 assets that is
//!   about 3.6 million distinct (item, country) cells, and never more than 4 million. The whole file is one month.
//! - **Popularity** falls with the power 3/4 of the rank. The rows of an asset come in country and day order, cut into
//!   clusters of at most 32 rows, and the clusters of all assets are shuffled.
//! - **Duplicates.** 3 % of the tracks share their ISRC with another track: re-releases (another UPC, another label),
//!   compilations (another UPC, the same asset id), versions (the same UPC, another version title) and plain double
//!   entries, which nothing tells apart.
//! - **Money.** About 97 % of it is on ISRCs the catalog knows; the rest is on unknown or unreadable ISRCs, or on rows
//!   without an ISRC that have an asset id, a UPC and title, or nothing. Amounts have 8 to 15 decimals, 0.4 % of the
//!   rows are adjustments, most of them negative.
//! - **Spelling.** ISRCs are also in lower case or hyphenated, UPCs have 12, 13 or 14 digits, titles hold commas,
//!   quotes, apostrophes and letters beyond ASCII. All names are invented.
#![allow(
    clippy::print_stdout,
    clippy::float_arithmetic,
    missing_docs,
    reason = "a generator of data, run by hand"
)]
#![allow(
    clippy::cast_possible_truncation,
    reason = "indexes into word lists and digits of numbers are far below every bound"
)]

use std::{
    env,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

const USAGE: &str = "usage: bench-data --rows N --tracks M --seed S --out DIR [--decimals D] [--catalog-only|--statement-only]";

/// Bytes gathered before a write: large enough that the number of system calls does not matter.
const BUFFER_BYTES: usize = 4 << 20;
const ASSETS_MAX: u64 = 580_000;
const ROWS_PER_ASSET: u64 = 16;
const CLUSTER_ROWS_MAX: u64 = 32;
const DAYS: u64 = 30;
const TRACKS_PER_RELEASE: u64 = 10;
const RELEASES_PER_ARTIST: u64 = 4;
const ARTISTS_PER_PAYEE: u64 = 5;
const ARTISTS_PER_LABEL: u64 = 20;

const CATALOG_HEADER: &str = "track_id,isrc,upc,title,version,artist,label,duration,release_title,catalog_number,payee,youtube_asset_id\n";

/// The 27 columns of the asset raw report, in the order of the real files.
const STATEMENT_HEADER: &str = "Adjustment Type,Day,Country,Asset ID,Asset Title,Asset Labels,Asset Channel ID,Asset Type,Custom ID,ISRC,UPC,GRid,Artist,Album,Label,Administer Publish Rights,Owned Views,YouTube Revenue Split : Auction,YouTube Revenue Split : Reserved,YouTube Revenue Split : Partner Sold YouTube Served,YouTube Revenue Split : Partner Sold Partner Served,YouTube Revenue Split,Partner Revenue : Auction,Partner Revenue : Reserved,Partner Revenue : Partner Sold YouTube Served,Partner Revenue : Partner Sold Partner Served,Partner Revenue\n";

fn main() -> ExitCode {
    let arguments = match Arguments::parse(env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(problem) => {
            eprintln!("{problem}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!(
                "cannot write the benchmark data: {error}: {}",
                arguments.out.display()
            );
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> io::Result<()> {
    fs::create_dir_all(&arguments.out)?;
    let world = World {
        seed: arguments.seed,
        tracks: arguments.tracks,
        decimals: arguments.decimals,
    };
    if arguments.catalog {
        let path = arguments.out.join("catalog.csv");
        timed(&path, arguments.tracks, "tracks", |out| {
            world.write_catalog(out)
        })?;
    }
    if arguments.statement {
        let path = arguments
            .out
            .join(format!("youtube_{}.csv", arguments.rows));
        timed(&path, arguments.rows, "rows", |out| {
            world.write_statement(arguments.rows, out)
        })?;
    }
    Ok(())
}

fn timed(
    path: &Path,
    count: u64,
    unit: &str,
    write: impl FnOnce(&mut Output) -> io::Result<()>,
) -> io::Result<()> {
    let started = Instant::now();
    let mut out = Output::create(path)?;
    write(&mut out)?;
    let bytes = out.finish()?;
    let millis = started.elapsed().as_millis().max(1);
    eprintln!(
        "{}: {count} {unit}, {bytes} bytes, {} bytes each, {millis} ms",
        path.display(),
        bytes / count.max(1),
    );
    Ok(())
}

struct Arguments {
    rows: u64,
    tracks: u64,
    seed: u64,
    out: PathBuf,
    catalog: bool,
    statement: bool,
    /// Digits behind the point of what is paid; 0 for as many as the data has by itself.
    decimals: usize,
}

impl Arguments {
    fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut parsed = Self {
            rows: 1_000_000,
            tracks: 200_000,
            seed: 1,
            out: PathBuf::new(),
            catalog: true,
            statement: true,
            decimals: 0,
        };
        while let Some(word) = words.next() {
            match word.as_str() {
                "--catalog-only" => parsed.statement = false,
                "--statement-only" => parsed.catalog = false,
                "--out" => parsed.out = words.next().ok_or("--out needs a folder")?.into(),
                "--rows" => parsed.rows = number(&word, words.next())?,
                "--tracks" => parsed.tracks = number(&word, words.next())?,
                "--decimals" => parsed.decimals = number(&word, words.next())? as usize,
                "--seed" => parsed.seed = number(&word, words.next())?,
                _ => return Err(format!("unknown option {word}")),
            }
        }
        if parsed.out.as_os_str().is_empty() {
            return Err("--out is missing".to_owned());
        }
        if !parsed.catalog && !parsed.statement {
            return Err("--catalog-only and --statement-only rule each other out".to_owned());
        }
        if parsed.tracks == 0 || parsed.tracks > 100_000_000 {
            return Err("--tracks must be from 1 to 100000000".to_owned());
        }
        Ok(parsed)
    }
}

fn number(option: &str, value: Option<String>) -> Result<u64, String> {
    let value = value.ok_or_else(|| format!("{option} needs a number"))?;
    value
        .replace('_', "")
        .parse()
        .map_err(|_| format!("{option} needs a number, not {value}"))
}

/// Everything the files tell about, as functions of the seed.
struct World {
    seed: u64,
    tracks: u64,
    /// Digits behind the point of what is paid; 0 for as many as the data has by itself.
    decimals: usize,
}

/// How a track that shares its ISRC differs from the track it repeats.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Original,
    ReRelease,
    Compilation,
    Version,
    DoubleEntry,
}

/// What an asset's rows say about its identity.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Identity {
    KnownIsrc,
    UnknownIsrc,
    UnreadableIsrc,
    UpcAndTitle,
    UpcOfAlbum,
    UnknownUpc,
    NoCode,
}

impl World {
    fn draw(&self, domain: u64, index: u64) -> u64 {
        mix(self.seed ^ mix(domain.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ index))
    }

    // --- the catalog ---

    fn write_catalog(&self, out: &mut Output) -> io::Result<()> {
        out.bytes.extend_from_slice(CATALOG_HEADER.as_bytes());
        let mut scratch = Vec::with_capacity(128);
        for track in 0..self.tracks {
            self.catalog_line(track, &mut out.bytes, &mut scratch);
            out.flush_when_full()?;
        }
        Ok(())
    }

    fn catalog_line(&self, track: u64, line: &mut Vec<u8>, scratch: &mut Vec<u8>) {
        let release = track / TRACKS_PER_RELEASE;
        push_track_id(line, track);
        line.push(b',');
        line.extend_from_slice(&self.isrc(track));
        line.push(b',');
        line.extend_from_slice(upc_digits(&Self::upc(release), catalog_upc_length(release)));
        line.push(b',');
        push_cell(line, scratch, |cell| self.title(track, cell));
        line.push(b',');
        line.extend_from_slice(self.version(track).as_bytes());
        line.push(b',');
        push_cell(line, scratch, |cell| self.artist(track, cell));
        line.push(b',');
        push_cell(line, scratch, |cell| self.label(track, cell));
        line.push(b',');
        push_number(line, 95 + self.draw(3, self.original(track).0) % 260);
        line.push(b',');
        push_cell(line, scratch, |cell| self.release_title(release, cell));
        line.extend_from_slice(b",LDG-");
        push_padded(line, release, 8);
        line.push(b',');
        push_cell(line, scratch, |cell| self.payee(release, cell));
        line.push(b',');
        if self.has_asset(track) {
            push_asset_id(line, self.asset_number(track));
        }
        line.push(b'\n');
    }

    /// The track whose ISRC this one carries, and how it differs from it.
    ///
    /// Three tracks of every 200 repeat one of the others; no original is repeated twice.
    fn original(&self, track: u64) -> (u64, Kind) {
        if !matches!(track % 200, 67 | 133 | 199) {
            return (track, Kind::Original);
        }
        match self.draw(1, track) % 10 {
            0..=3 => (track - 37, Kind::ReRelease),
            4..=6 => (track - 53, Kind::Compilation),
            7 | 8 => (track - 1, Kind::Version),
            _ => (track - 2, Kind::DoubleEntry),
        }
    }

    fn isrc(&self, track: u64) -> [u8; 12] {
        let place =
            (self.original(track).0 * 716_151_937 + self.seed % 1_000_000_000) % 1_000_000_000;
        let registrant = place / 4_000_000;
        let mut isrc = [b'0'; 12];
        isrc[..2].copy_from_slice(ISRC_PREFIXES[registrant as usize % ISRC_PREFIXES.len()]);
        isrc[2] = b'A' + (registrant % 26) as u8;
        isrc[3] = BASE_36[(registrant * 7 % 36) as usize];
        isrc[4] = BASE_36[(registrant / 26 % 36) as usize];
        put_padded(&mut isrc[5..7], place / 100_000 % 40);
        put_padded(&mut isrc[7..], place % 100_000);
        isrc
    }

    /// The release's UPC as a GTIN-14 with a right check digit.
    fn upc(release: u64) -> [u8; 14] {
        let place = release * 387_420_489 % 1_000_000_000;
        let prefix = if release.is_multiple_of(3) {
            *b"0590"
        } else {
            *b"0086"
        };
        gtin(prefix, place)
    }

    fn title(&self, track: u64, cell: &mut Vec<u8>) {
        let (original, _) = self.original(track);
        let draw = self.draw(2, original);
        let (first, second, third) = (
            pick(ADJECTIVES, draw),
            pick(NOUNS, draw >> 8),
            pick(ENDINGS, draw >> 16),
        );
        match (draw >> 32) % 100 {
            0..=3 => push_all(
                cell,
                &[pick(BEYOND_ASCII, draw >> 24), " ", second, " ", third],
            ),
            4 => push_all(cell, &[first, ", ", second, " ", third]),
            5 => push_all(cell, &["The \"", first, "\" ", second]),
            6 | 7 => push_all(cell, &["Don't ", third, " the ", second]),
            _ => push_all(cell, &[first, " ", second, " ", third]),
        }
    }

    fn version(&self, track: u64) -> &'static str {
        let (original, kind) = self.original(track);
        let draw = self.draw(4, original);
        match kind {
            Kind::Version => "Live at the Harbor",
            _ if draw % 100 < 12 => pick(VERSIONS, draw >> 8),
            _ => "",
        }
    }

    fn artist(&self, track: u64, cell: &mut Vec<u8>) {
        let artist = self.original(track).0 / (TRACKS_PER_RELEASE * RELEASES_PER_ARTIST);
        let draw = self.draw(5, artist);
        let (first, second) = (pick(ADJECTIVES, draw), pick(NOUNS, draw >> 8));
        match (draw >> 32) % 50 {
            0 => push_all(cell, &[pick(BEYOND_ASCII, draw >> 16), " ", second]),
            1 => push_all(cell, &[first, ", ", second, " & Co"]),
            2..=14 => push_all(cell, &["The ", first, " ", second, "s"]),
            _ => push_all(cell, &[first, " ", second]),
        }
    }

    fn label(&self, track: u64, cell: &mut Vec<u8>) {
        let (original, kind) = self.original(track);
        // A double entry repeats everything; the others are what their own release says.
        let place = if kind == Kind::DoubleEntry {
            original
        } else {
            track
        };
        let label = place / (TRACKS_PER_RELEASE * RELEASES_PER_ARTIST * ARTISTS_PER_LABEL);
        let draw = self.draw(6, label);
        push_all(
            cell,
            &[pick(NOUNS, draw), " ", pick(LABEL_ENDINGS, draw >> 8)],
        );
        if kind == Kind::ReRelease {
            cell.extend_from_slice(b" Reissues");
        }
    }

    fn release_title(&self, release: u64, cell: &mut Vec<u8>) {
        let draw = self.draw(7, release);
        push_all(cell, &[pick(NOUNS, draw), " and ", pick(NOUNS, draw >> 8)]);
        if (draw >> 32).is_multiple_of(40) {
            cell.extend_from_slice(b", Vol. ");
            push_number(cell, 1 + (draw >> 40) % 9);
        }
    }

    /// About one payee for 200 tracks; one release in 1,000 has none.
    fn payee(&self, release: u64, cell: &mut Vec<u8>) {
        if self.draw(8, release).is_multiple_of(1_000) {
            return;
        }
        let payee = release / (RELEASES_PER_ARTIST * ARTISTS_PER_PAYEE);
        let draw = self.draw(9, payee);
        push_all(
            cell,
            &[pick(ADJECTIVES, draw), " ", pick(NOUNS, draw >> 8), " "],
        );
        match (draw >> 32) % 20 {
            0 => cell.extend_from_slice("Éditions ".as_bytes()),
            1 => cell.extend_from_slice(b"Music, Ltd "),
            _ => cell.extend_from_slice(b"Music "),
        }
        push_padded(cell, payee, 6);
    }

    fn has_asset(&self, track: u64) -> bool {
        !self.draw(10, self.original(track).0).is_multiple_of(4)
    }

    /// Which number the track's asset id is made of: a compilation is the same recording, so the same asset.
    fn asset_number(&self, track: u64) -> u64 {
        match self.original(track) {
            (original, Kind::Compilation) => original,
            _ => track,
        }
    }

    // --- the statement ---

    fn write_statement(&self, rows: u64, out: &mut Output) -> io::Result<()> {
        out.bytes.extend_from_slice(STATEMENT_HEADER.as_bytes());
        let popularity = Popularity::new(rows);
        let clusters = self.shuffled_clusters(&popularity);
        let mut asset = AssetText::default();
        for cluster in clusters {
            self.write_cluster(&popularity, cluster, &mut asset, &mut out.bytes);
            out.flush_when_full()?;
        }
        Ok(())
    }

    fn shuffled_clusters(&self, popularity: &Popularity) -> Vec<Cluster> {
        let mut clusters = Vec::new();
        for rank in 0..popularity.assets {
            let parts = popularity.rows(rank).div_ceil(CLUSTER_ROWS_MAX);
            for part in 0..parts {
                clusters.push(Cluster {
                    rank: rank as u32,
                    part: part as u32,
                });
            }
        }
        for place in (1..clusters.len()).rev() {
            let other = below(self.draw(20, place as u64), place as u64 + 1);
            clusters.swap(place, other as usize);
        }
        clusters
    }

    fn write_cluster(
        &self,
        popularity: &Popularity,
        cluster: Cluster,
        text: &mut AssetText,
        out: &mut Vec<u8>,
    ) {
        let rank = u64::from(cluster.rank);
        let first = u64::from(cluster.part) * CLUSTER_ROWS_MAX;
        let rows = popularity.rows(rank);
        let end = rows.min(first + CLUSTER_ROWS_MAX);
        let draw = self.draw(21, rank);
        self.describe_asset(rank, draw, cluster.part, text);
        let countries = Popularity::countries(rank);
        let (start, step) = (
            (draw >> 8) % 60 * ((draw >> 16) % 60) / 60,
            COUNTRY_STEPS[(draw >> 24) as usize % 4],
        );
        let rows_per_country = rows.div_ceil(countries);
        for row in first..end {
            let country = COUNTRIES[((start + row * countries / rows * step) % 60) as usize];
            let day = 1 + row % rows_per_country * DAYS / rows_per_country;
            let sale = self.draw(22, (rank << 32) | row);
            push_row(
                out,
                text,
                country,
                day.min(DAYS),
                countries,
                (sale, self.decimals),
            );
        }
    }

    /// The columns from the asset id to the publishing rights, which all rows of a cluster share.
    fn describe_asset(&self, rank: u64, draw: u64, part: u32, text: &mut AssetText) {
        let AssetText { cells, scratch } = text;
        cells.clear();
        let track = spread(rank, self.tracks, self.seed);
        let release = track / TRACKS_PER_RELEASE;
        let identity = identity(draw);
        // Beyond the catalog's size the assets are further uploads of the same recordings.
        let own_asset = match identity {
            Identity::KnownIsrc => rank < self.tracks && !(draw >> 40).is_multiple_of(5),
            Identity::NoCode | Identity::UpcAndTitle => (draw >> 40).is_multiple_of(3),
            Identity::UnknownIsrc | Identity::UnreadableIsrc => (draw >> 40).is_multiple_of(8),
            Identity::UpcOfAlbum | Identity::UnknownUpc => false,
        };
        push_asset_id(
            cells,
            if own_asset {
                self.asset_number(track)
            } else {
                200_000_000 + rank
            },
        );
        cells.push(b',');
        push_cell(cells, scratch, |cell| {
            if identity == Identity::UpcOfAlbum {
                self.release_title(release, cell);
                cell.extend_from_slice(b" (full album)");
                return;
            }
            self.title(track, cell);
            let version = self.version(track);
            if !version.is_empty() {
                push_all(cell, &[" (", version, ")"]);
            }
        });
        push_all(cells, &[",", pick(ASSET_LABELS, draw >> 12), ",UC"]);
        let channel = self.draw(23, track / 400);
        for place in 0..11 {
            cells.push(BASE_36[((channel >> (place * 5)) & 31) as usize]);
            cells.push(BASE_36[((channel >> (place * 4 + 3)) & 31) as usize].to_ascii_lowercase());
        }
        push_all(cells, &[",", pick(ASSET_TYPES, draw >> 14), ",LDG"]);
        push_padded(cells, track, 9);
        cells.push(b',');
        // 3 % of the assets change their spelling from cluster to cluster.
        let respelled = (draw >> 44) % 100 < 3 && part % 2 == 1;
        self.push_isrc(
            cells,
            identity,
            track,
            rank,
            (draw >> 52) + u64::from(respelled) * 50,
        );
        cells.push(b',');
        push_item_upc(
            cells,
            identity,
            release,
            rank,
            (draw >> 46) + u64::from(respelled),
        );
        cells.extend_from_slice(b",,");
        push_cell(cells, scratch, |cell| self.artist(track, cell));
        cells.push(b',');
        push_cell(cells, scratch, |cell| self.release_title(release, cell));
        cells.push(b',');
        push_cell(cells, scratch, |cell| self.label(track, cell));
        cells.extend_from_slice(if (draw >> 18).is_multiple_of(3) {
            b",Yes,"
        } else {
            b",No,"
        });
    }

    fn push_isrc(
        &self,
        cells: &mut Vec<u8>,
        identity: Identity,
        track: u64,
        rank: u64,
        spelling: u64,
    ) {
        let isrc = match identity {
            Identity::KnownIsrc => self.isrc(track),
            Identity::UnknownIsrc => {
                let mut unknown = *b"ZZX9A2600000";
                put_padded(&mut unknown[6..], rank);
                unknown
            }
            Identity::UnreadableIsrc => return cells.extend_from_slice(b"PENDING-2026"),
            _ => return,
        };
        match spelling % 100 {
            0..=5 | 50..=70 => cells.extend(isrc.iter().map(u8::to_ascii_lowercase)),
            6..=10 => {
                for (place, part) in [&isrc[..2], &isrc[2..5], &isrc[5..7], &isrc[7..]]
                    .into_iter()
                    .enumerate()
                {
                    if place > 0 {
                        cells.push(b'-');
                    }
                    cells.extend_from_slice(part);
                }
            }
            _ => cells.extend_from_slice(&isrc),
        }
    }
}

/// The text of the asset whose rows are being written; kept between clusters for its memory.
#[derive(Default)]
struct AssetText {
    cells: Vec<u8>,
    scratch: Vec<u8>,
}

/// Up to 32 rows of one asset that follow each other in the file.
#[derive(Clone, Copy)]
struct Cluster {
    rank: u32,
    part: u32,
}

/// How many rows an asset has, by its rank.
struct Popularity {
    assets: u64,
    rows: u64,
}

impl Popularity {
    /// Ranks before this one are about equally popular: without it the first asset would have a tenth of the rows.
    const HEAD: u64 = 200;
    const COUNTRY_HEAD: u64 = 2_000;

    fn new(rows: u64) -> Self {
        Self {
            assets: (rows / ROWS_PER_ASSET).clamp(u64::from(rows > 0), ASSETS_MAX),
            rows,
        }
    }

    /// At least one row, and a share of the others that falls with the power 3/4 of the rank.
    fn rows(&self, rank: u64) -> u64 {
        1 + self.rows_before(rank + 1) - self.rows_before(rank)
    }

    fn rows_before(&self, rank: u64) -> u64 {
        let root = |place: u64| (u128::from(place + Self::HEAD) << 80).isqrt().isqrt();
        let (low, here, high) = (root(0), root(rank), root(self.assets));
        (u128::from(self.rows - self.assets) * (here - low) / (high - low)) as u64
    }

    fn countries(rank: u64) -> u64 {
        (3_600 * Self::COUNTRY_HEAD / (Self::COUNTRY_HEAD + rank))
            .isqrt()
            .max(3)
    }
}

fn identity(draw: u64) -> Identity {
    match (draw >> 32) % 1_000 {
        0..=13 => Identity::UnknownIsrc,
        14 => Identity::UnreadableIsrc,
        15..=21 => Identity::UpcAndTitle,
        22 | 23 => Identity::UpcOfAlbum,
        24 => Identity::UnknownUpc,
        25..=29 => Identity::NoCode,
        _ => Identity::KnownIsrc,
    }
}

fn push_item_upc(cells: &mut Vec<u8>, identity: Identity, release: u64, rank: u64, spelling: u64) {
    let upc = match identity {
        Identity::NoCode => return,
        Identity::UnknownUpc => gtin(*b"0071", rank),
        Identity::KnownIsrc if spelling % 16 == 7 => return,
        _ => World::upc(release),
    };
    let shortest = if upc.starts_with(b"00") { 12 } else { 13 };
    let length = match spelling % 8 {
        0 => 14,
        1 => 13,
        _ => shortest,
    };
    cells.extend_from_slice(upc_digits(&upc, length));
}

fn push_row(
    out: &mut Vec<u8>,
    text: &AssetText,
    country: &str,
    day: u64,
    countries: u64,
    (sale, wanted): (u64, usize),
) {
    let adjustment = if sale % 1_000 < 4 {
        ADJUSTMENTS[(sale >> 10) as usize % ADJUSTMENTS.len()]
    } else {
        ("None", 0)
    };
    let (adjustment_type, sign) = adjustment;
    push_all(out, &[adjustment_type, ",202609"]);
    push_padded(out, day, 2);
    push_all(out, &[",", country, ","]);
    out.extend_from_slice(&text.cells);

    // Squaring a uniform number makes small counts common and large ones rare.
    let uniform = (sale >> 16) % 1_000;
    let views = 1 + uniform * uniform * countries / 100_000;
    let minus = sign < 0;
    if minus && sale >> 60 > 7 {
        out.push(b'-');
    }
    push_number(out, views);

    // In units of 10^-15 dollars, cut to the number of decimals the row is written with.
    let decimals = 8 + (sale >> 26) % 8;
    let unit = 10_u64.pow(15 - decimals as u32);
    let rate = 150_000_000_000 + (sale >> 29) % 2_600_000_000_000;
    let earns = !(sale >> 12).is_multiple_of(16);
    let auction = if earns { views * rate / unit } else { 0 };
    let reserved = if earns && (sale >> 40).is_multiple_of(3) {
        auction / 7
    } else {
        0
    };
    let sold_by_youtube = if earns && (sale >> 44).is_multiple_of(6) {
        auction / 11
    } else {
        0
    };
    let sold_by_partner = if earns && (sale >> 48).is_multiple_of(40) {
        auction / 3
    } else {
        0
    };
    let parts = [auction, reserved, sold_by_youtube, sold_by_partner];
    // The owner's part is 55 % of what the view earned.
    let gross = parts.map(|part| part * 20 / 11);
    for group in [gross, parts] {
        for part in group {
            push_amount(out, part, decimals as usize, minus);
        }
        push_amount(out, group.iter().sum(), decimals as usize, minus);
    }
    // Some senders write 27 to 33 digits: what the data has, and further ones behind it.
    if wanted > decimals as usize && parts.iter().sum::<u64>() > 0 {
        let mut digits = sale | 1;
        for _ in decimals as usize..wanted {
            digits = digits
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            out.push(b'0' + ((digits >> 33) % 10) as u8);
        }
    }
    out.push(b'\n');
}

/// A comma and the amount: `0` for zero, otherwise with exactly as many decimals as the row has.
fn push_amount(out: &mut Vec<u8>, amount: u64, decimals: usize, minus: bool) {
    out.push(b',');
    if amount == 0 {
        return out.push(b'0');
    }
    if minus {
        out.push(b'-');
    }
    let unit = 10_u64.pow(decimals as u32);
    push_number(out, amount / unit);
    out.push(b'.');
    push_padded(out, amount % unit, decimals);
}

// --- codes ---

/// Four digits, nine digits, and the check digit of ISO/IEC 15420.
fn gtin(prefix: [u8; 4], place: u64) -> [u8; 14] {
    let mut digits = [b'0'; 14];
    digits[..4].copy_from_slice(&prefix);
    put_padded(&mut digits[4..13], place % 1_000_000_000);
    let sum: u32 = digits[..13]
        .iter()
        .enumerate()
        .map(|(place, digit)| u32::from(digit - b'0') * if place % 2 == 0 { 3 } else { 1 })
        .sum();
    digits[13] = b'0' + ((10 - sum % 10) % 10) as u8;
    digits
}

fn catalog_upc_length(release: u64) -> usize {
    match release % 12 {
        0 => 14,
        3 | 6 | 9 | 10 => 13,
        _ => 12,
    }
}

fn upc_digits(gtin: &[u8; 14], length: usize) -> &[u8] {
    &gtin[14 - length..]
}

fn push_track_id(out: &mut Vec<u8>, track: u64) {
    out.push(b'T');
    push_padded(out, track, 8);
}

fn push_asset_id(out: &mut Vec<u8>, number: u64) {
    let place = u128::from(number) * 7_368_787_366_104_077 % 10_000_000_000_000_000;
    out.push(b'A');
    push_padded(out, place as u64, 16);
}

// --- bytes ---

/// A file written from one large buffer.
struct Output {
    file: File,
    bytes: Vec<u8>,
    written: u64,
}

impl Output {
    fn create(path: &Path) -> io::Result<Self> {
        Ok(Self {
            file: File::create(path)?,
            bytes: Vec::with_capacity(BUFFER_BYTES + (1 << 16)),
            written: 0,
        })
    }

    fn flush_when_full(&mut self) -> io::Result<()> {
        if self.bytes.len() >= BUFFER_BYTES {
            self.flush()
        } else {
            Ok(())
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.write_all(&self.bytes)?;
        self.written += self.bytes.len() as u64;
        self.bytes.clear();
        Ok(())
    }

    fn finish(mut self) -> io::Result<u64> {
        self.flush()?;
        Ok(self.written)
    }
}

/// Writes a text cell, quoted only where its content asks for it.
fn push_cell(out: &mut Vec<u8>, scratch: &mut Vec<u8>, text: impl FnOnce(&mut Vec<u8>)) {
    scratch.clear();
    text(scratch);
    if !scratch
        .iter()
        .any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r'))
    {
        return out.extend_from_slice(scratch);
    }
    out.push(b'"');
    for &byte in scratch.iter() {
        if byte == b'"' {
            out.push(b'"');
        }
        out.push(byte);
    }
    out.push(b'"');
}

fn push_all(out: &mut Vec<u8>, parts: &[&str]) {
    for part in parts {
        out.extend_from_slice(part.as_bytes());
    }
}

fn push_number(out: &mut Vec<u8>, number: u64) {
    let width = number.checked_ilog10().unwrap_or(0) as usize + 1;
    push_padded(out, number, width);
}

fn push_padded(out: &mut Vec<u8>, number: u64, width: usize) {
    let mut digits = [b'0'; 20];
    put_padded(&mut digits[..width], number);
    out.extend_from_slice(&digits[..width]);
}

/// Fills the whole slice with the number's last digits.
fn put_padded(digits: &mut [u8], mut number: u64) {
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

// --- random numbers ---

/// The output function of splitmix64: every bit of the result depends on every bit of the state.
fn mix(state: u64) -> u64 {
    let mut bits = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

fn below(draw: u64, bound: u64) -> u64 {
    ((u128::from(draw) * u128::from(bound)) >> 64) as u64
}

/// A permutation of `0..size` for indexes below it, so that popular assets lie anywhere in the catalog.
fn spread(index: u64, size: u64, seed: u64) -> u64 {
    let mut factor = size / 2 + size / 9 + 1;
    while common_divisor(factor, size) != 1 {
        factor += 1;
    }
    ((u128::from(index) * u128::from(factor) + u128::from(seed)) % u128::from(size)) as u64
}

fn common_divisor(left: u64, right: u64) -> u64 {
    if right == 0 {
        left
    } else {
        common_divisor(right, left % right)
    }
}

fn pick(words: &[&'static str], draw: u64) -> &'static str {
    words[(draw & 0xff) as usize % words.len()]
}

// --- words ---

const BASE_36: &[u8; 36] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const ISRC_PREFIXES: &[&[u8; 2]] = &[b"QZ", b"US", b"GB", b"DE", b"FR", b"SE", b"BR", b"JP"];
const COUNTRY_STEPS: [u64; 4] = [1, 7, 11, 13];

#[rustfmt::skip]
const COUNTRIES: &[&str; 60] = &[
    "US", "GB", "DE", "FR", "BR", "MX", "JP", "IN", "CA", "AU", "ES", "IT", "NL", "SE", "PL", "TR", "ID", "PH", "TH", "VN",
    "KR", "TW", "AR", "CO", "CL", "PE", "BE", "CH", "AT", "DK", "NO", "FI", "PT", "IE", "CZ", "HU", "RO", "GR", "IL", "SA",
    "AE", "EG", "ZA", "NG", "KE", "MA", "MY", "SG", "HK", "NZ", "UA", "BG", "HR", "RS", "SK", "EC", "GT", "CR", "PK", "BD",
];

/// The kinds of rows that correct earlier ones, with the sign of their money.
const ADJUSTMENTS: &[(&str, i8)] = &[
    ("Spam Adjustment", -1),
    ("Dispute Resolution", 1),
    ("Revenue Correction", -1),
    ("Conflict Resolution", -1),
];

const VERSIONS: &[&str] = &[
    "Acoustic",
    "Radio Edit",
    "Instrumental",
    "Night Mix",
    "Extended",
    "Demo",
    "Piano Version",
];
const ASSET_TYPES: &[&str] = &[
    "Sound Recording",
    "Sound Recording",
    "Art Track",
    "Music Video",
];
const ASSET_LABELS: &[&str] = &[
    "catalog|2024",
    "frontline",
    "catalog",
    "",
    "catalog|reissue",
    "frontline|2026",
];
const LABEL_ENDINGS: &[&str] = &[
    "Records",
    "Sound",
    "Recordings",
    "Music Group",
    "Tapes",
    "Editions",
];

#[rustfmt::skip]
const ADJECTIVES: &[&str] = &[
    "Amber", "Ancient", "Ashen", "Autumn", "Blue", "Bright", "Broken", "Burning", "Calm", "Cobalt", "Copper", "Coral", "Crimson",
    "Crystal", "Dark", "Distant", "Dusty", "Early", "Electric", "Empty", "Endless", "Faded", "Falling", "Fearless", "Fragile",
    "Frozen", "Gentle", "Gilded", "Golden", "Gray", "Hidden", "Hollow", "Indigo", "Inner", "Ivory", "Jade", "Late", "Little",
    "Lonely", "Lost", "Lucid", "Marble", "Mellow", "Midnight", "Modern", "Northern", "Open", "Pale", "Paper", "Plain", "Quiet",
    "Restless", "Rising", "Rusty", "Scarlet", "Secret", "Silent", "Silver", "Slow", "Southern", "Velvet", "Wandering", "Wild", "Winter",
];

#[rustfmt::skip]
const NOUNS: &[&str] = &[
    "Anchor", "Arrow", "Atlas", "Avenue", "Beacon", "Bell", "Bridge", "Canyon", "Castle", "Circle", "Cloud", "Compass", "Corner",
    "Current", "Desert", "Dream", "Echo", "Ember", "Engine", "Feather", "Field", "Fire", "Forest", "Garden", "Glass", "Harbor",
    "Heron", "Hill", "Horizon", "Island", "Journey", "Lantern", "Letter", "Lighthouse", "Machine", "Meadow", "Mirror", "Moon",
    "Mountain", "Ocean", "Orchard", "Pilot", "Pine", "Planet", "Prairie", "Rain", "River", "Road", "Shadow", "Signal", "Sparrow",
    "Spring", "Station", "Stone", "Storm", "Street", "Summer", "Thunder", "Tide", "Tower", "Valley", "Voyage", "Wave", "Window",
];

#[rustfmt::skip]
const ENDINGS: &[&str] = &[
    "Again", "Alone", "Anthem", "Ballad", "Blues", "Calling", "Chorus", "Dance", "Days", "Fever", "Forever", "Hymn", "Lines",
    "Lullaby", "March", "Nights", "Parade", "Prelude", "Reprise", "Rhythm", "Serenade", "Sessions", "Song", "Stories", "Swing",
    "Theme", "Tonight", "Tune", "Waltz", "Weather", "Whisper", "Years",
];

#[rustfmt::skip]
const BEYOND_ASCII: &[&str] = &[
    "Été", "Señal", "Übergang", "Łódź", "Mañana", "Ångström", "Élan", "Ночь", "夜の歌", "Nuit d’été", "Köprü", "Çiçek", "Fjäril",
    "Ελπίδα", "Sólarljós", "Café", "ガラス", "Naïve", "바람", "Coração",
];
