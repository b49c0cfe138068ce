//! Writes the sample: the catalog of one imaginary label and one month of its statements.
//!
//! Usage: `sample-data [DIR]` (default `sample-data`). Every name, code and amount is invented; codes begin
//! with country and number prefixes that are never assigned. The same bytes come out of every run: there is
//! one seed, no clock, no hash order and no floating point.
//!
//! The statements hold every trouble that real ones were seen to have: codes in other spellings or damaged by
//! a spreadsheet, rows without any code, amounts that cannot be read, dates that do not exist, stray quotes,
//! repeated headers, footers, and four encodings.
#![allow(
    clippy::print_stdout,
    clippy::float_arithmetic,
    missing_docs,
    reason = "a generator of data, run by hand"
)]

use std::collections::BTreeMap;
use std::collections::HashSet;
use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

const SEED: u64 = 0x5eed_2026_0009_0001;

fn main() -> io::Result<()> {
    let folder = env::args_os()
        .nth(1)
        .map_or_else(|| PathBuf::from("sample-data"), PathBuf::from);
    let world = World::new();
    let statements = folder.join("statements");
    fs::create_dir_all(&statements)?;
    fs::write(folder.join("catalog.csv"), catalog_csv(&world))?;
    let mut rng = Rng(SEED ^ 0x57a7);
    for (name, write) in STATEMENTS {
        let bytes = write(&world, &mut rng);
        write_statement(&statements, name, &bytes)?;
    }
    Ok(())
}

fn write_statement(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    println!("{:>8} bytes  {name}", bytes.len());
    fs::write(folder.join(name), bytes)
}

type Writer = fn(&World, &mut Rng) -> Vec<u8>;

const STATEMENTS: &[(&str, Writer)] = &[
    (
        "YouTube_HalvorsenQuill_M_20260901_20260930_asset_raw_v1-1.csv",
        youtube,
    ),
    (
        "halvorsen-quill-spotify-track-for-streaming-202609.txt",
        spotify,
    ),
    ("apple_itunes_80012345_0926_ZZ.txt", apple_itunes),
    ("S1_80012345_0926_apple_music.txt", apple_music),
    ("distrokid_2026-09.tsv", distrokid_13),
    ("distrokid_2026-09_nord.csv", distrokid_15),
    ("tunecore_2026-09.csv", tunecore),
    ("tunecore_2026-09_unicode.csv", tunecore_utf16),
    ("cdbaby_2026-09.txt", cd_baby),
    ("believe_2026-09.csv", believe),
    (
        "September2026StatementRun_HQ001-royalty_product_and_asset.csv",
        fuga,
    ),
    ("orchard_2026-09.csv", orchard),
    ("soundcloud_2026-09.csv", soundcloud),
    ("nordlys_salgsrapport_2026-09.csv", nordlys),
];

// ------------------------------------------------------------------------------------------------ chance

/// splitmix64, which is small enough to be right at a glance.
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).expect("less than `end`")
    }

    fn between(&mut self, low: i64, high: i64) -> i64 {
        low + i64::try_from(self.next() % (high - low + 1) as u64).expect("a small span")
    }

    fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    fn pick<'a, T>(&mut self, values: &'a [T]) -> &'a T {
        &values[self.below(values.len())]
    }

    fn digits(&mut self, count: usize) -> String {
        (0..count)
            .map(|_| char::from(b'0' + self.below(10) as u8))
            .collect()
    }

    fn letters(&mut self, count: usize) -> String {
        const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
        (0..count)
            .map(|_| char::from(*self.pick(ALPHABET)))
            .collect()
    }

    fn shuffle<T>(&mut self, values: &mut [T]) {
        for end in (1..values.len()).rev() {
            values.swap(end, self.below(end + 1));
        }
    }
}

// ----------------------------------------------------------------------------------------------- catalog

#[derive(Clone, Default)]
struct Track {
    isrc: String,
    upcs: Vec<String>,
    title: String,
    version: String,
    artist: String,
    label: String,
    seconds: i64,
    release: String,
    catalog_number: String,
    payee: String,
    apple: String,
    spotify: String,
    youtube: Vec<String>,
    deezer: String,
    soundcloud: String,
}

struct World {
    tracks: Vec<Track>,
    /// Tracks that most statements report, so that items have several rows.
    popular: Vec<usize>,
    /// Tracks that share their ISRC with another one.
    shared: Vec<usize>,
    /// Tracks without an ISRC.
    codeless: Vec<usize>,
}

const LABELS: &[&str] = &[
    "Halvorsen & Quill",
    "Lanternfish Editions",
    "Quill Nord",
    "Тихий Якорь",
    "みなも灯工房",
    "نغمة المنارة",
];

const ARTISTS: &[&str] = &[
    "Odrun Velskaja",
    "Telvik Marrowen",
    "Marisbet Ostrava-Lind",
    "Quenlo Brisketh",
    "The Ferrow Almanac",
    "Ysolde Tarnquist",
    "Bram Ødegrav",
    "Søljefolket",
    "Ångermo Kvartett",
    "Élodine Vaucreux",
    "Les Frères Tambourel",
    "Zdeňka Hořavská",
    "Łucjan Brzoskwa",
    "Ümit Gölyazan",
    "Concha Riveñal",
    "João Trigueirão",
    "Kettle & Thimbleby",
    "DJ Pendlewick",
    "Harrow Minsk",
    "Nana Quartey-Osei",
    "Ida Fjærskov",
    "Torvald Ljungsten",
    "Wren Castlemayne",
    "Paloma Dresdeña",
    "Ярвен Толмикин",
    "Ансамбль «Чёрный Якорь»",
    "Мила Зорянская",
    "Йолка Снегурова",
    "ソラミ・ケタヅ",
    "霧窓カルテット",
    "ほしぐも楽団",
    "ミナヅキ・レルカ",
    "ميراد الزنفوري",
    "فرقة آخر المرفأ",
    "ليان السمكري",
    "Halvor & The Quills",
    "Oskar Bjelland-Moe",
    "Petronella Vann",
    "Grimsby Underlight",
    "Silas Overmantel",
    "Aurélie Quenot",
    "Béla Szőlőhegyi",
    "Čeněk Rulík",
    "Dagfinn Ruud-Aasen",
    "Esben Klitgård",
    "Fiammetta Rovigno",
    "Gøril Tangstad",
    "Hervé L’Anglois",
    "Ingvill Sætre-Holm",
    "Jorunn O'Tangen",
];

const PAYEES: &[&str] = &[
    "Odrun Velskaja Music",
    "Marrowen Family Trust",
    "Ostrava-Lind Publishing Ltd",
    "Brisketh & Daughters",
    "Ferrow Almanac LLC",
    "Tarnquist Productions",
    "Ødegrav Musikk AS",
    "Søljefolket DA",
    "Ångermo Kvartett HB",
    "Éditions Vaucreux",
    "Frères Tambourel SARL",
    "Zdeňka Hořavská",
    "Brzoskwa Sp. z o.o.",
    "Gölyazan Müzik",
    "Riveñal Hermanos, S.L.",
    "Trigueirão Lda",
    "Kettle, Thimbleby & Co.",
    "Pendlewick Audio",
    "Harrow Minsk",
    "Quartey-Osei Estate",
    "Ida Fjærskov",
    "Ljungsten Ljud AB",
    "Castlemayne Songs",
    "Dresdeña Discos",
    "Ярвен Толмикин",
    "ООО «Чёрный Якорь»",
    "Зорянская М.",
    "Йолка Снегурова",
    "合同会社ソラミ",
    "霧窓カルテット",
    "ほしぐも楽団",
    "レルカ企画",
    "ميراد الزنفوري",
    "شركة آخر المرفأ",
    "ليان السمكري",
    "The \"Low Tide\" Partnership",
    "Bjelland-Moe Musikk",
    "Petronella Vann",
    "Underlight Collective",
    "Overmantel & Sons",
    "Aurélie Quenot",
    "Szőlőhegyi Bt.",
    "Čeněk Rulík",
    "Ruud-Aasen ANS",
    "Klitgård ApS",
    "Rovigno Edizioni",
    "Gøril Tangstad",
    "Atelier L’Anglois",
    "Sætre-Holm Studio",
    "O'Tangen Heirs",
    "(re)Collected Voices",
    "aardvark & anchor",
];

const ENGLISH: (&[&str], &[&str]) = (
    &[
        "Quiet",
        "Copper",
        "Paper",
        "Northern",
        "Hollow",
        "Salt",
        "Velvet",
        "Borrowed",
        "Slow",
        "Amber",
        "Winter",
        "Glass",
        "Second",
        "Crooked",
        "Silver",
        "Low",
        "Early",
        "Distant",
        "Painted",
        "Wooden",
        "The Last",
        "My Other",
        "Half a",
        "Sea-Glass",
    ],
    &[
        "Harbor",
        "Lantern",
        "Orchard",
        "Staircase",
        "Ferry",
        "Meridian",
        "Window",
        "Compass",
        "Garden",
        "Signal",
        "Bridge",
        "Almanac",
        "Weather",
        "Tram",
        "Mirror",
        "Atlas",
        "Echo",
        "Kettle",
        "Island",
        "Feather",
        "Sailor's Knot",
        "Railway, Again",
        "Arithmetic",
    ],
);
const ACCENTED: (&[&str], &[&str]) = (
    &[
        "Ménagerie",
        "Überfahrt",
        "Ångström",
        "Café",
        "Élégie",
        "Sjømannens sang",
        "Łódka",
        "Příběh",
        "Canción",
        "Coração",
        "Tøilette",
        "Être",
        "Gölge",
        "Hvalfjörður",
    ],
    &[
        "d’hiver",
        "am Fluß",
        "på øya",
        "über Nacht",
        "del río",
        "à Fjærland",
        "z Gdyni",
        "bez konce",
        "não dorme",
        "& Café",
        "naïve",
    ],
);
const CYRILLIC: (&[&str], &[&str]) = (
    &[
        "Тихий",
        "Северный",
        "Медный",
        "Чёрный",
        "Поздний",
        "Далёкий",
        "Синий",
        "Мой",
    ],
    &[
        "причал",
        "фонарь",
        "поезд",
        "снег",
        "берег",
        "трамвай",
        "чай",
        "маяк",
    ],
);
const JAPANESE: (&[&str], &[&str]) = (
    &[
        "夜明けの",
        "ガラスの",
        "静かな",
        "最後の",
        "銀色の",
        "どこかの",
        "ぼくの",
    ],
    &[
        "灯台",
        "バス停",
        "カレンダー",
        "ひまわり",
        "電話",
        "パズル",
        "手紙",
    ],
);
const ARABIC: (&[&str], &[&str]) = (
    &["ليل", "قمر", "صوت", "طريق", "آخر", "أغنية"],
    &["المدينة", "البحر", "الغريب", "الشتاء", "المرفأ", "الطائر"],
);

/// Titles that a spreadsheet would run, or that a careless reader of quotes would stumble over.
const AWKWARD_TITLES: &[&str] = &[
    "=SUM(A1:A9)",
    "+1 More Night",
    "@home again",
    "-40 in Vardø",
    "Crooked Ferry 12\" Mix",
    "7\" of Rain",
    "Don't Wake the Kettle",
    "It's Only Tuesday, Isn't It?",
    "“Lantern” – Reprise",
    "100 % Wool; 0 % Sheep",
];

const VERSIONS: &[&str] = &[
    "Radio Edit",
    "Acoustic",
    "Live at Quill Hall",
    "Instrumental",
    "2019 Remaster",
    "Harbor Remix",
    "Sped Up",
];

impl World {
    fn new() -> Self {
        let mut rng = Rng(SEED);
        let mut titles = Titles::default();
        let mut tracks = base_tracks(&mut rng, &mut titles);
        let base_count = tracks.len();
        add_codeless(&mut rng, &mut titles, &mut tracks);
        let first_shared = tracks.len();
        let mut originals = Vec::new();
        add_rereleases(&mut rng, &mut titles, &mut tracks, &mut originals);
        add_compilations(
            &mut rng,
            &mut titles,
            &mut tracks,
            base_count,
            &mut originals,
        );
        add_versions_under_one_code(&mut rng, &mut tracks, base_count, &mut originals);
        add_wrong_codes(
            &mut rng,
            &mut titles,
            &mut tracks,
            base_count,
            &mut originals,
        );
        share_asset_ids(&mut tracks, base_count);
        let mut shared: Vec<usize> = (first_shared..tracks.len()).collect();
        shared.extend(originals);
        let mut popular: Vec<usize> = (0..250).map(|_| rng.below(base_count)).collect();
        popular.extend((0..SHARED_ASSETS).map(shared_asset_owner));
        let codeless = (0..tracks.len())
            .filter(|&index| tracks[index].isrc.is_empty())
            .collect();
        Self {
            tracks,
            popular,
            shared,
            codeless,
        }
    }
}

#[derive(Default)]
struct Titles {
    used: HashSet<String>,
}

impl Titles {
    fn fresh(&mut self, rng: &mut Rng) -> String {
        let (first, second, gap) = match rng.below(100) {
            0..=56 => (ENGLISH.0, ENGLISH.1, " "),
            57..=74 => (ACCENTED.0, ACCENTED.1, " "),
            75..=84 => (CYRILLIC.0, CYRILLIC.1, " "),
            85..=93 => (JAPANESE.0, JAPANESE.1, ""),
            _ => (ARABIC.0, ARABIC.1, " "),
        };
        let base = format!("{}{gap}{}", rng.pick(first), rng.pick(second));
        self.unused(base)
    }

    fn unused(&mut self, base: String) -> String {
        const PARTS: &[&str] = &[
            "", " II", " III", " IV", " V", " VI", " VII", " VIII", " IX", " X", " XI", " XII",
            " XIII", " XIV",
        ];
        for part in PARTS {
            let title = format!("{base}{part}");
            if self.used.insert(title.clone()) {
                return title;
            }
        }
        unreachable!("fourteen parts of one title are enough for the sample")
    }
}

fn base_tracks(rng: &mut Rng, titles: &mut Titles) -> Vec<Track> {
    let mut tracks = Vec::new();
    for release_number in 1..=182 {
        let main_artist = rng.below(ARTISTS.len());
        let label = LABELS[if rng.percent(50) {
            0
        } else {
            rng.below(LABELS.len())
        }];
        let release = Track {
            upcs: release_upcs(rng),
            label: label.to_owned(),
            release: titles.fresh(rng),
            catalog_number: format!("HQ{release_number:04}"),
            ..Track::default()
        };
        for _ in 0..rng.between(7, 11) {
            let number = tracks.len() + 1;
            let artist = if rng.percent(90) {
                main_artist
            } else {
                rng.below(ARTISTS.len())
            };
            let mut track = Track {
                title: titles.fresh(rng),
                ..release.clone()
            };
            fill_track(rng, &mut track, artist, number);
            tracks.push(track);
        }
    }
    for (offset, title) in AWKWARD_TITLES.iter().enumerate() {
        tracks[5 + offset * 11].title = (*title).to_owned();
    }
    tracks
}

fn fill_track(rng: &mut Rng, track: &mut Track, artist: usize, number: usize) {
    track.isrc = isrc(number);
    if rng.percent(12) {
        track.version = (*rng.pick(VERSIONS)).to_owned();
    }
    track.artist = ARTISTS[artist].to_owned();
    track.payee = match rng.below(100) {
        0 => String::new(),
        1..=5 => (*rng.pick(PAYEES)).to_owned(),
        _ => PAYEES[artist].to_owned(),
    };
    track.seconds = if rng.percent(95) {
        rng.between(95, 420)
    } else {
        0
    };
    give_store_ids(rng, track);
}

fn give_store_ids(rng: &mut Rng, track: &mut Track) {
    track.apple = if rng.percent(70) {
        format!("19{}", rng.digits(8))
    } else {
        String::new()
    };
    track.spotify = if rng.percent(80) {
        format!("spotify:track:{}", rng.letters(22))
    } else {
        String::new()
    };
    track.youtube.clear();
    for chance in [60, 15] {
        if rng.percent(chance) {
            track.youtube.push(format!("A{}", rng.digits(15)));
        }
    }
    track.deezer = if rng.percent(30) {
        format!("31{}", rng.digits(7))
    } else {
        String::new()
    };
    track.soundcloud = if rng.percent(45) {
        format!("27{}", rng.digits(8))
    } else {
        String::new()
    };
}

/// Registrants of country codes that ISO 3166 leaves to users, so that no real recording has one of these.
fn isrc(number: usize) -> String {
    let registrant = ["ZZHQ1", "XAQN2", "ZZ3LF", "XHHV0"][number % 4];
    let year = 10 + number % 17;
    format!("{registrant}{year:02}{:05}", number * 7 % 100_000)
}

fn release_upcs(rng: &mut Rng) -> Vec<String> {
    let mut upcs = vec![upc(rng)];
    if rng.percent(8) {
        upcs.push(upc(rng));
    }
    upcs
}

/// EAN-13 or UPC-12, most out of the ranges that are kept for use inside a company, some with a leading zero.
fn upc(rng: &mut Rng) -> String {
    let body = match rng.below(10) {
        0..=5 => format!("29{}", rng.digits(9)) + "7",
        6..=7 => format!("4{}", rng.digits(9)) + "3",
        _ => format!("04{}", rng.digits(8)) + "9",
    };
    let check = check_digit(&body);
    body + &check.to_string()
}

fn check_digit(body: &str) -> u32 {
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, digit)| u32::from(digit - b'0') * if place % 2 == 0 { 3 } else { 1 })
        .sum();
    (10 - sum % 10) % 10
}

fn add_codeless(rng: &mut Rng, titles: &mut Titles, tracks: &mut Vec<Track>) {
    for release_number in 0..6 {
        let artist = rng.below(ARTISTS.len());
        let release = Track {
            upcs: release_upcs(rng),
            label: LABELS[release_number % LABELS.len()].to_owned(),
            release: titles.fresh(rng),
            catalog_number: format!("HQ9{release_number:03}"),
            ..Track::default()
        };
        let mut names: Vec<String> = (0..7).map(|_| titles.fresh(rng)).collect();
        // Two tracks of one release under one title: nothing but a person can tell them apart.
        names.extend(["Interlude".to_owned(), "Interlude".to_owned()]);
        for title in names {
            let mut track = Track {
                title,
                ..release.clone()
            };
            fill_track(rng, &mut track, artist, 0);
            track.isrc.clear();
            track.version.clear();
            tracks.push(track);
        }
    }
}

/// The same recordings once more under another UPC: at times for another label or another payee.
fn add_rereleases(
    rng: &mut Rng,
    titles: &mut Titles,
    tracks: &mut Vec<Track>,
    originals: &mut Vec<usize>,
) {
    for number in 0..10_usize {
        let numbered = format!("HQ{:04}", 3 + number * 17);
        let members: Vec<usize> = (0..tracks.len())
            .filter(|&index| tracks[index].catalog_number == numbered)
            .collect();
        let upcs = release_upcs(rng);
        let name = titles.unused(format!("{} (Deluxe)", tracks[members[0]].release));
        let label = LABELS[number % 2].to_owned();
        let payee = (number % 2 == 0).then(|| (*rng.pick(PAYEES)).to_owned());
        for &index in &members {
            let mut copy = Track {
                upcs: upcs.clone(),
                release: name.clone(),
                label: label.clone(),
                catalog_number: format!("{numbered}X"),
                ..tracks[index].clone()
            };
            copy.payee = payee.clone().unwrap_or(copy.payee);
            give_store_ids(rng, &mut copy);
            tracks.push(copy);
        }
        originals.extend(members);
    }
}

fn add_compilations(
    rng: &mut Rng,
    titles: &mut Titles,
    tracks: &mut Vec<Track>,
    base_count: usize,
    originals: &mut Vec<usize>,
) {
    for number in 0..8 {
        let upcs = release_upcs(rng);
        let name = titles.unused(format!("Quill Collected, Vol. {}", number + 1));
        for _ in 0..10 {
            let index = rng.below(base_count);
            let mut copy = Track {
                upcs: upcs.clone(),
                release: name.clone(),
                label: LABELS[1].to_owned(),
                catalog_number: format!("HQC{number:03}"),
                ..tracks[index].clone()
            };
            give_store_ids(rng, &mut copy);
            tracks.push(copy);
            originals.push(index);
        }
    }
}

/// One code on two recordings of one release: told apart by version words, by duration, by label, or not at all.
fn add_versions_under_one_code(
    rng: &mut Rng,
    tracks: &mut Vec<Track>,
    base_count: usize,
    originals: &mut Vec<usize>,
) {
    for number in 0..48 {
        let index = rng.below(base_count);
        let mut copy = tracks[index].clone();
        copy.payee = (*rng.pick(PAYEES)).to_owned();
        give_store_ids(rng, &mut copy);
        match number % 6 {
            0..=2 => {
                copy.version = if copy.version == "Acoustic" {
                    "Instrumental".to_owned()
                } else {
                    "Acoustic".to_owned()
                }
            }
            3 => {
                copy.seconds = if copy.seconds == 0 {
                    200
                } else {
                    copy.seconds + 31
                }
            }
            4 => {
                copy.label = if copy.label == LABELS[2] {
                    LABELS[0].to_owned()
                } else {
                    LABELS[2].to_owned()
                }
            }
            _ => {}
        }
        tracks.push(copy);
        originals.push(index);
    }
}

/// A typing error in the catalog: a track that carries the code of another one.
fn add_wrong_codes(
    rng: &mut Rng,
    titles: &mut Titles,
    tracks: &mut Vec<Track>,
    base_count: usize,
    originals: &mut Vec<usize>,
) {
    for _ in 0..20 {
        let victim = rng.below(base_count);
        let neighbor = rng.below(base_count);
        let mut track = Track {
            title: titles.fresh(rng),
            version: String::new(),
            ..tracks[neighbor].clone()
        };
        track.isrc = tracks[victim].isrc.clone();
        give_store_ids(rng, &mut track);
        tracks.push(track);
        originals.push(victim);
    }
}

const SHARED_ASSETS: usize = 12;

fn shared_asset_owner(number: usize) -> usize {
    20 + number * 90
}

/// One YouTube asset that two tracks of the catalog claim.
fn share_asset_ids(tracks: &mut [Track], base_count: usize) {
    for number in 0..SHARED_ASSETS {
        let first = shared_asset_owner(number);
        let second = (first + 451) % base_count;
        if tracks[first].youtube.is_empty() {
            tracks[first].youtube.push(format!("A77{number:013}"));
        }
        let id = tracks[first].youtube[0].clone();
        tracks[second].youtube.push(id);
    }
}

fn catalog_csv(world: &World) -> String {
    let mut text = String::from(
        "track_id,isrc,upc,title,version,artist,label,duration,release_title,catalog_number,payee,apple_id,spotify_uri,youtube_asset_id,deezer_id,soundcloud_id\n",
    );
    for (index, track) in world.tracks.iter().enumerate() {
        let cells = [
            track_id(index),
            if index % 97 == 5 {
                hyphenated(&track.isrc)
            } else {
                track.isrc.clone()
            },
            track.upcs.join(";"),
            track.title.clone(),
            track.version.clone(),
            track.artist.clone(),
            track.label.clone(),
            if index % 5 == 0 && track.seconds > 0 {
                track.seconds.to_string()
            } else {
                minutes(track.seconds)
            },
            track.release.clone(),
            track.catalog_number.clone(),
            track.payee.clone(),
            track.apple.clone(),
            track.spotify.clone(),
            track.youtube.join(";"),
            track.deezer.clone(),
            track.soundcloud.clone(),
        ];
        text += &joined(&cells, ',', Quotes::WhereNeeded);
        text.push('\n');
    }
    text
}

fn track_id(index: usize) -> String {
    format!("HQ-{:05}", index + 1)
}

fn minutes(seconds: i64) -> String {
    if seconds == 0 {
        String::new()
    } else {
        format!("{}:{:02}", seconds / 60, seconds % 60)
    }
}

fn hyphenated(isrc: &str) -> String {
    if isrc.len() != 12 {
        return isrc.to_owned();
    }
    format!(
        "{}-{}-{}-{}",
        &isrc[..2],
        &isrc[2..5],
        &isrc[5..7],
        &isrc[7..]
    )
}

// -------------------------------------------------------------------------------------- what is reported

/// One thing as a sender reports it, before a layout gives it columns.
#[derive(Clone, Default)]
struct Reported {
    isrc: String,
    upc: String,
    title: String,
    version: String,
    artist: String,
    label: String,
    release: String,
    duration: String,
    apple: String,
    spotify: String,
    youtube: String,
    soundcloud: String,
    /// A line for a whole release: no ISRC, and the title is the release's.
    is_album: bool,
}

impl Reported {
    /// A text about the track; empty on a line for a whole release.
    fn of_track(&self, text: &str) -> String {
        if self.is_album {
            String::new()
        } else {
            text.to_owned()
        }
    }
}

/// What a layout can show, which decides the troubles that make sense in it.
#[derive(Clone, Copy, Default)]
struct Layout {
    rows: usize,
    has_upc: bool,
    has_version: bool,
    /// Inch marks are kept away where the sender quotes other cells of the row and does not double quotes.
    refuses_inch_marks: bool,
}

/// The rows of a statement: every identity once, then more rows of the same ones, in a random order.
fn reported_rows(world: &World, rng: &mut Rng, layout: Layout) -> Vec<Reported> {
    let identities: Vec<Reported> = (0..layout.rows * 55 / 100)
        .map(|_| reported(world, rng, layout))
        .collect();
    let mut rows = identities.clone();
    while rows.len() < layout.rows {
        rows.push(rng.pick(&identities).clone());
    }
    rng.shuffle(&mut rows);
    rows
}

fn reported(world: &World, rng: &mut Rng, layout: Layout) -> Reported {
    loop {
        let mut line = reported_any(world, rng, layout);
        if !layout.has_version && !line.version.is_empty() {
            line.title = if rng.percent(70) {
                format!("{} ({})", line.title, line.version)
            } else {
                format!("{} - {}", line.title, line.version)
            };
            line.version.clear();
        }
        if !(layout.refuses_inch_marks && line.title.contains('"')) {
            return line;
        }
    }
}

const NOT_GIVEN: &[&str] = &[
    "", "", "N/A", "none", "-", "0", "unknown", "no isrc", "NULL",
];

fn reported_any(world: &World, rng: &mut Rng, layout: Layout) -> Reported {
    let index = match rng.below(100) {
        0..=66 => *rng.pick(&world.popular),
        67..=84 => *rng.pick(&world.shared),
        _ => rng.below(world.tracks.len()),
    };
    let mut line = as_cataloged(rng, &world.tracks[index]);
    if rng.percent(20) {
        line.upc.clear();
    }
    match rng.below(100) {
        0..=57 => {}
        58..=62 => line.isrc = other_isrc_spelling(rng, &line.isrc),
        63..=70 => line.upc = other_upc_spelling(rng, &line.upc),
        71..=75 => line.title = other_title_spelling(rng, &line.title),
        76..=80 => line = without_isrc(world, rng),
        81..=84 => line.isrc = format!("ZZUNK{}{:05}", 10 + rng.below(17), rng.below(100_000)),
        85..=86 => {
            line.isrc =
                (*rng.pick(&["TBA", "ZZHQ1-26-0001", "ZZHQ126000012", "see UPC"])).to_owned()
        }
        87..=89 => line = album(rng, &world.tracks[index]),
        90 => {
            line.isrc.clear();
            line.upc = format!("2{}", rng.digits(12));
        }
        91..=92 => {
            line.isrc = (*rng.pick(NOT_GIVEN)).to_owned();
            line.upc = if rng.percent(50) {
                exponent_upc(rng)
            } else {
                rounded_upc(rng)
            };
        }
        93..=95 => {
            line.isrc = (*rng.pick(NOT_GIVEN)).to_owned();
            line.upc = (*rng.pick(&["", "", "N/A", "no upc"])).to_owned();
        }
        _ => line = foreign(rng),
    }
    if !layout.has_upc {
        line.upc.clear();
    }
    line
}

fn as_cataloged(rng: &mut Rng, track: &Track) -> Reported {
    Reported {
        isrc: track.isrc.clone(),
        upc: rng.pick(&track.upcs).clone(),
        title: track.title.clone(),
        version: track.version.clone(),
        artist: track.artist.clone(),
        label: track.label.clone(),
        release: track.release.clone(),
        duration: reported_duration(rng, track.seconds),
        apple: track.apple.clone(),
        spotify: track.spotify.clone(),
        youtube: if track.youtube.is_empty() {
            format!("A{}", rng.digits(15))
        } else {
            rng.pick(&track.youtube).clone()
        },
        soundcloud: track.soundcloud.clone(),
        is_album: false,
    }
}

/// Senders measure a recording a second or so differently.
fn reported_duration(rng: &mut Rng, seconds: i64) -> String {
    if seconds == 0 || rng.percent(10) {
        return String::new();
    }
    let measured = seconds + rng.between(-2, 2);
    if rng.percent(25) {
        format!("PT{}M{:02}S", measured / 60, measured % 60)
    } else {
        minutes(measured)
    }
}

fn other_isrc_spelling(rng: &mut Rng, isrc: &str) -> String {
    match rng.below(4) {
        0 => hyphenated(isrc),
        1 => isrc.to_lowercase(),
        2 => hyphenated(isrc).replace('-', " "),
        _ if isrc.is_empty() => String::new(),
        _ => format!("ISRC {}", hyphenated(isrc)),
    }
}

fn other_upc_spelling(rng: &mut Rng, upc: &str) -> String {
    if upc.is_empty() {
        return String::new();
    }
    match rng.below(7) {
        0 => format!("=\"{upc}\""),
        1 => format!("{upc:0>14}"),
        2 => upc.strip_prefix('0').unwrap_or(upc).to_owned(),
        3 => format!("{} {}", &upc[..6], &upc[6..]),
        4 => format!("empty:{upc}"),
        5 => format!("{upc}.0"),
        _ => format!("{}-{}", &upc[..1], &upc[1..]),
    }
}

/// Still the same title by its key, except the last, which is not.
fn other_title_spelling(rng: &mut Rng, title: &str) -> String {
    match rng.below(5) {
        0 if !title.contains('ß') => title.to_uppercase(),
        1 => decomposed(title),
        2 => title.replace('\'', "ʼ").replace('’', "'"),
        3 => title.replace(' ', "  ").replace(" II", " - II"),
        _ => plain_ascii(title),
    }
}

/// The same letters as base letter and combining mark, as file names from a Mac have them.
fn decomposed(title: &str) -> String {
    const PAIRS: &[(char, &str)] = &[
        ('é', "e\u{301}"),
        ('É', "E\u{301}"),
        ('è', "e\u{300}"),
        ('ü', "u\u{308}"),
        ('Ü', "U\u{308}"),
        ('å', "a\u{30a}"),
        ('Å', "A\u{30a}"),
        ('ö', "o\u{308}"),
        ('í', "i\u{301}"),
        ('ã', "a\u{303}"),
        ('ç', "c\u{327}"),
        ('ř', "r\u{30c}"),
        ('й', "и\u{306}"),
        ('ё', "е\u{308}"),
        ('ガ', "カ\u{3099}"),
        ('バ', "ハ\u{3099}"),
        ('パ', "ハ\u{309a}"),
        ('أ', "ا\u{654}"),
        ('آ', "ا\u{653}"),
    ];
    title
        .chars()
        .map(|letter| {
            PAIRS
                .iter()
                .find(|pair| pair.0 == letter)
                .map_or_else(|| letter.to_string(), |pair| pair.1.to_owned())
        })
        .collect()
}

/// How a sender spells who has no keys for these letters.
fn plain_ascii(title: &str) -> String {
    title
        .replace('ø', "o")
        .replace('æ', "ae")
        .replace('ß', "ss")
        .replace('Ł', "L")
        .replace('ð', "d")
        .replace('é', "e")
        .replace('å', "aa")
        .replace('&', "and")
}

fn without_isrc(world: &World, rng: &mut Rng) -> Reported {
    let index = if rng.percent(60) {
        *rng.pick(&world.codeless)
    } else {
        *rng.pick(&world.popular)
    };
    let mut line = as_cataloged(rng, &world.tracks[index]);
    line.isrc = (*rng.pick(NOT_GIVEN)).to_owned();
    // An id that the catalog does not know leaves the way to UPC and title open.
    if rng.percent(60) {
        line.apple = format!("18{}", rng.digits(8));
        line.spotify = format!("spotify:track:{}", rng.letters(22));
        line.youtube = format!("A5{}", rng.digits(14));
        line.soundcloud = String::new();
    }
    if rng.percent(25) {
        line.title = other_title_spelling(rng, &line.title);
    }
    if rng.percent(15) {
        line.upc = other_upc_spelling(rng, &line.upc);
    }
    line
}

fn album(rng: &mut Rng, track: &Track) -> Reported {
    Reported {
        isrc: String::new(),
        title: track.release.clone(),
        version: String::new(),
        duration: String::new(),
        apple: format!("17{}", rng.digits(8)),
        spotify: format!("spotify:album:{}", rng.letters(22)),
        youtube: String::new(),
        soundcloud: String::new(),
        is_album: true,
        ..as_cataloged(rng, track)
    }
}

const FOREIGN: &[(&str, &str, &str)] = &[
    (
        "=HYPERLINK(\"sample\")",
        "Nimbus Cartwheel",
        "Foreign Shore Audio",
    ),
    (
        "+46 Minutes of Rain",
        "Nimbus Cartwheel",
        "Foreign Shore Audio",
    ),
    (
        "@midnight, actually",
        "Vesper Ploughman",
        "Foreign Shore Audio",
    ),
    ("-273 Degrees", "Vesper Ploughman", "Tin Rooster"),
    ("Staircase 12\" Mix", "Tin Rooster All-Stars", "Tin Rooster"),
    ("Toilette & Cafe", "Tin Rooster All-Stars", "Tin Rooster"),
    ("Чужой вокзал", "Гость Неведов", "Чужие Берега"),
    ("知らない駅", "トオリスガリ", "よその工房"),
    ("محطة مجهولة", "ضيف العابر", "شاطئ آخر"),
    ("“Ferry” – 5 € Ticket", "Œuvre Perdue", "Tin Rooster"),
];

fn foreign(rng: &mut Rng) -> Reported {
    let number = rng.below(FOREIGN.len());
    let (title, artist, label) = FOREIGN[number];
    Reported {
        isrc: if rng.percent(75) {
            format!("XQFOR26{:05}", number * 31 + 7)
        } else {
            String::new()
        },
        upc: if rng.percent(50) {
            format!("28{:010}5", number * 977)
        } else {
            String::new()
        },
        title: title.to_owned(),
        artist: artist.to_owned(),
        label: label.to_owned(),
        release: format!("{title} EP"),
        duration: "3:33".to_owned(),
        apple: format!("16{number:08}"),
        spotify: format!("spotify:track:0000000000000000000{number:03}"),
        youtube: format!("A66{number:013}"),
        soundcloud: format!("26{number:08}"),
        ..Reported::default()
    }
}

fn exponent_upc(rng: &mut Rng) -> String {
    if rng.percent(50) {
        "8.59E+11".to_owned()
    } else {
        format!("2.9{}E+12", rng.digits(4))
    }
}

/// Digits that a spreadsheet rounded away, so that the check digit is wrong.
fn rounded_upc(rng: &mut Rng) -> String {
    loop {
        let head = format!("4{}", rng.digits(5));
        let body = format!("{head}00000");
        if check_digit(&body) != 0 {
            return body + "0";
        }
    }
}

// ------------------------------------------------------------------------------------------------- sheets

#[derive(Clone, Copy, PartialEq)]
enum Quotes {
    Never,
    WhereNeeded,
    Always,
}

enum Row {
    Cells(Vec<String>),
    /// Cells that are written without any quoting, as a careless sender writes them.
    Bare(Vec<String>),
    /// A line exactly as given: blank lines, repeated headers, footers.
    Line(String),
}

struct Sheet {
    separator: char,
    quotes: Quotes,
    line_end: &'static str,
    preamble: Vec<String>,
    header: Vec<&'static str>,
    rows: Vec<Row>,
}

impl Sheet {
    fn new(
        header: &[&'static str],
        separator: char,
        quotes: Quotes,
        line_end: &'static str,
    ) -> Self {
        Self {
            separator,
            quotes,
            line_end,
            preamble: Vec::new(),
            header: header.to_vec(),
            rows: Vec::new(),
        }
    }

    /// Adds a row of named cells; the columns that are not named stay empty.
    fn push(&mut self, named: &[(&str, String)]) {
        let mut cells = vec![String::new(); self.header.len()];
        for (name, value) in named {
            cells[self.column(name)].clone_from(value);
        }
        self.rows.push(Row::Cells(cells));
    }

    fn column(&self, name: &str) -> usize {
        self.header
            .iter()
            .position(|header| *header == name)
            .expect("the layout has this column")
    }

    fn cells(&mut self, row: usize) -> &mut Vec<String> {
        match &mut self.rows[row] {
            Row::Cells(cells) | Row::Bare(cells) => cells,
            Row::Line(_) => panic!("row {row} is a line without cells"),
        }
    }

    fn set(&mut self, row: usize, name: &str, value: &str) {
        let column = self.column(name);
        self.cells(row)[column] = value.to_owned();
    }

    fn get(&mut self, row: usize, name: &str) -> String {
        let column = self.column(name);
        self.cells(row)[column].clone()
    }

    fn cut(&mut self, row: usize, count: usize) {
        let left = self.header.len() - count;
        self.cells(row).truncate(left);
    }

    fn widen(&mut self, row: usize) {
        self.cells(row)
            .extend(["surplus".to_owned(), "cells".to_owned()]);
    }

    /// Writes the row without quoting, with `value` in one column. Separators inside cells would cut
    /// the row into more cells, so they become blanks.
    fn bare(&mut self, row: usize, name: &str, value: &str) {
        self.set(row, name, value);
        let separator = self.separator;
        let cells = self
            .cells(row)
            .iter()
            .map(|cell| cell.replace(separator, " "))
            .collect();
        self.rows[row] = Row::Bare(cells);
    }

    fn insert_line(&mut self, row: usize, line: String) {
        self.rows.insert(row, Row::Line(line));
    }

    fn header_line(&self) -> String {
        let cells: Vec<String> = self.header.iter().map(|name| (*name).to_owned()).collect();
        joined(&cells, self.separator, self.quotes)
    }

    fn text(&self) -> String {
        let mut lines = self.preamble.clone();
        lines.push(self.header_line());
        lines.extend(self.rows.iter().map(|row| match row {
            Row::Cells(cells) => joined(cells, self.separator, self.quotes),
            Row::Bare(cells) => cells.join(&self.separator.to_string()),
            Row::Line(line) => line.clone(),
        }));
        lines.join(self.line_end) + self.line_end
    }
}

fn joined(cells: &[String], separator: char, quotes: Quotes) -> String {
    let cells: Vec<String> = cells
        .iter()
        .map(|cell| quoted(cell, separator, quotes))
        .collect();
    cells.join(&separator.to_string())
}

fn quoted(cell: &str, separator: char, quotes: Quotes) -> String {
    let needs = cell.contains([separator, '"', '\n', '\r']);
    if quotes == Quotes::Always || quotes == Quotes::WhereNeeded && needs {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

fn utf8_with_mark(text: &str) -> Vec<u8> {
    let mut bytes = vec![0xef, 0xbb, 0xbf];
    bytes.extend_from_slice(text.as_bytes());
    bytes
}

fn utf16_with_mark(text: &str) -> Vec<u8> {
    "\u{feff}"
        .encode_utf16()
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect()
}

/// What the code page does not hold becomes `?`, as it does at the senders who use it.
fn windows_1252(text: &str) -> Vec<u8> {
    text.chars()
        .map(|letter| match letter {
            '€' => 0x80,
            'Š' => 0x8a,
            'Œ' => 0x8c,
            'Ž' => 0x8e,
            '‘' => 0x91,
            '’' => 0x92,
            '“' => 0x93,
            '”' => 0x94,
            '–' => 0x96,
            'š' => 0x9a,
            'œ' => 0x9c,
            'ž' => 0x9e,
            letter if letter.is_ascii() || ('\u{a0}'..='\u{ff}').contains(&letter) => letter as u8,
            _ => b'?',
        })
        .collect()
}

// ------------------------------------------------------------------------------------------------ amounts

/// An amount as digits and the place of its decimal point.
#[derive(Clone, Copy)]
struct Amount {
    digits: i128,
    scale: usize,
}

impl Amount {
    fn text(self, decimal: char) -> String {
        let sign = if self.digits < 0 { "-" } else { "" };
        let digits = format!(
            "{:0>width$}",
            self.digits.unsigned_abs(),
            width = self.scale + 1
        );
        let (whole, fraction) = digits.split_at(digits.len() - self.scale);
        if self.scale == 0 {
            format!("{sign}{whole}")
        } else {
            format!("{sign}{whole}{decimal}{fraction}")
        }
    }

    fn dot(self) -> String {
        self.text('.')
    }
}

/// Units and what one of them earns; one row in forty takes something back.
fn units_and_price(rng: &mut Rng, units_max: i64, price_digits: usize) -> (i64, i128) {
    let units = if rng.percent(55) {
        rng.between(1, 9)
    } else {
        rng.between(1, units_max)
    };
    let end = 10_u64.pow(u32::try_from(price_digits).expect("a few digits"));
    let price = i128::from(1 + rng.next() % end);
    if rng.below(40) == 0 {
        (-units, price)
    } else {
        (units, price)
    }
}

struct Country {
    code: &'static str,
    name: &'static str,
    currency: &'static str,
}

const COUNTRIES: &[Country] = &[
    Country {
        code: "US",
        name: "United States",
        currency: "USD",
    },
    Country {
        code: "GB",
        name: "United Kingdom",
        currency: "GBP",
    },
    Country {
        code: "DE",
        name: "Germany",
        currency: "EUR",
    },
    Country {
        code: "FR",
        name: "France",
        currency: "EUR",
    },
    Country {
        code: "NO",
        name: "Norway",
        currency: "NOK",
    },
    Country {
        code: "SE",
        name: "Sweden",
        currency: "SEK",
    },
    Country {
        code: "JP",
        name: "Japan",
        currency: "JPY",
    },
    Country {
        code: "CA",
        name: "Canada",
        currency: "CAD",
    },
    Country {
        code: "AU",
        name: "Australia",
        currency: "AUD",
    },
    Country {
        code: "CH",
        name: "Switzerland",
        currency: "CHF",
    },
    Country {
        code: "BR",
        name: "Brazil",
        currency: "BRL",
    },
    Country {
        code: "MX",
        name: "Mexico",
        currency: "MXN",
    },
];

const STORES: &[&str] = &[
    "Spotify",
    "Apple Music",
    "Deezer",
    "Amazon Music",
    "TIDAL",
    "YouTube Music",
    "Napster",
];

// --------------------------------------------------------------------------------------------- statements

const YOUTUBE_COLUMNS: &[&str] = &[
    "Adjustment Type",
    "Day",
    "Country",
    "Asset ID",
    "Asset Title",
    "Asset Labels",
    "Asset Channel ID",
    "Asset Type",
    "Custom ID",
    "ISRC",
    "UPC",
    "GRid",
    "Artist",
    "Album",
    "Label",
    "Administer Publish Rights",
    "Owned Views",
    "YouTube Revenue Split : Auction",
    "YouTube Revenue Split : Reserved",
    "YouTube Revenue Split : Partner Sold YouTube Served",
    "YouTube Revenue Split : Partner Sold Partner Served",
    "YouTube Revenue Split",
    "Partner Revenue : Auction",
    "Partner Revenue : Reserved",
    "Partner Revenue : Partner Sold YouTube Served",
    "Partner Revenue : Partner Sold Partner Served",
    "Partner Revenue",
];

fn youtube(world: &World, rng: &mut Rng) -> Vec<u8> {
    let mut sheet = Sheet::new(YOUTUBE_COLUMNS, ',', Quotes::WhereNeeded, "\n");
    let layout = Layout {
        rows: 360,
        has_upc: true,
        ..Layout::default()
    };
    for line in reported_rows(world, rng, layout) {
        let (views, price) = units_and_price(rng, 4_000, 5);
        let auction = Amount {
            digits: i128::from(views) * price,
            scale: 9,
        };
        let reserved = Amount {
            digits: auction.digits / 7,
            scale: 9,
        };
        let total = Amount {
            digits: auction.digits + reserved.digits,
            scale: 9,
        };
        let zero = "0.000000000".to_owned();
        let adjustment = if views < 0 { "Spam Adjustment" } else { "None" };
        sheet.push(&[
            ("Adjustment Type", adjustment.to_owned()),
            ("Day", format!("202609{:02}", rng.between(1, 30))),
            ("Country", rng.pick(COUNTRIES).code.to_owned()),
            ("Asset ID", line.youtube),
            ("Asset Title", line.title),
            ("Asset Labels", "HQ|Catalog".to_owned()),
            ("Asset Channel ID", "UCsampleHalvorsenQuill00".to_owned()),
            (
                "Asset Type",
                (*rng.pick(&["Sound Recording", "Music Video", "Art Track"])).to_owned(),
            ),
            ("ISRC", line.isrc),
            ("UPC", line.upc),
            ("Artist", line.artist),
            ("Album", line.release),
            ("Label", line.label),
            ("Administer Publish Rights", "No".to_owned()),
            ("Owned Views", views.to_string()),
            ("YouTube Revenue Split : Auction", auction.dot()),
            ("YouTube Revenue Split : Reserved", reserved.dot()),
            (
                "YouTube Revenue Split : Partner Sold YouTube Served",
                zero.clone(),
            ),
            (
                "YouTube Revenue Split : Partner Sold Partner Served",
                zero.clone(),
            ),
            ("YouTube Revenue Split", total.dot()),
            ("Partner Revenue : Auction", auction.dot()),
            ("Partner Revenue : Reserved", reserved.dot()),
            (
                "Partner Revenue : Partner Sold YouTube Served",
                zero.clone(),
            ),
            ("Partner Revenue : Partner Sold Partner Served", zero),
            ("Partner Revenue", total.dot()),
        ]);
    }
    plant_youtube_faults(world, &mut sheet);
    sheet.text().into_bytes()
}

/// Rows that a reader may stumble over, and assets that several tracks share.
fn plant_youtube_faults(world: &World, sheet: &mut Sheet) {
    sheet.set(11, "Partner Revenue", "0E-18");
    sheet.set(29, "Partner Revenue", "8.59E+11");
    sheet.set(43, "Partner Revenue", "");
    sheet.set(57, "Day", "20260931");
    sheet.set(71, "Owned Views", "many");
    sheet.set(85, "Asset Title", "Two Lines,\nOne Song");
    sheet.set(99, "Artist", "A Name\n\nwith a \"gap\" inside");
    sheet.set(99, "ISRC", "ZZUNK2699999");
    sheet.set(99, "Asset ID", "A609999999999999");
    for (number, row) in [183, 197, 211].into_iter().enumerate() {
        let asset = world.tracks[shared_asset_owner(number)].youtube[0].clone();
        sheet.set(row, "Asset ID", &asset);
        sheet.set(row, "ISRC", "");
    }
    sheet.cut(113, 4);
    sheet.widen(127);
    sheet.bare(141, "Asset Title", "Slow Ferry 12\" mix");
    sheet.bare(155, "Album", "\"The Shore That Never Closes");
    sheet.set(
        169,
        "Partner Revenue",
        "123456789012345678901234567890123456789",
    );
    let header = sheet.header_line();
    sheet.insert_line(240, String::new());
    sheet.insert_line(241, header);
}

const SPOTIFY_COLUMNS: &[&str] = &[
    "Country",
    "Product",
    "URI",
    "UPC",
    "EAN",
    "ISRC",
    "Track name",
    "Artist name",
    "Composer name",
    "Album name",
    "Quantity",
    "Label",
    "Payable",
    "Payable currency",
];

fn spotify(world: &World, rng: &mut Rng) -> Vec<u8> {
    let mut sheet = Sheet::new(SPOTIFY_COLUMNS, '\t', Quotes::Never, "\n");
    sheet.preamble = vec![
        "Format version\tStart date\tEnd date\tSender\tDPID\tRecipient\tDisclaimer".to_owned(),
        "1.3\t2026-09-01\t2026-09-30\tSpotify\tPADPIDAZZZ0000000X\tHalvorsen & Quill\tSample data"
            .to_owned(),
    ];
    for line in reported_rows(
        world,
        rng,
        Layout {
            rows: 260,
            has_upc: true,
            ..Layout::default()
        },
    ) {
        let (streams, price) = units_and_price(rng, 9_000, 9);
        let payable = Amount {
            digits: i128::from(streams) * price,
            scale: 12,
        };
        // A code of 13 digits is an EAN, and some of them come without the UPC.
        let is_ean = line.upc.len() == 13 && line.upc.bytes().all(|byte| byte.is_ascii_digit());
        sheet.push(&[
            ("Country", rng.pick(COUNTRIES).code.to_owned()),
            (
                "Product",
                (*rng.pick(&["P", "A", "FAM6", "DUO", "PDS"])).to_owned(),
            ),
            ("URI", line.spotify),
            (
                "UPC",
                if is_ean {
                    String::new()
                } else {
                    line.upc.clone()
                },
            ),
            ("EAN", if is_ean { line.upc } else { String::new() }),
            ("ISRC", line.isrc),
            ("Track name", line.title),
            ("Artist name", line.artist),
            ("Album name", line.release),
            ("Quantity", streams.to_string()),
            ("Label", line.label),
            ("Payable", payable.dot()),
            (
                "Payable currency",
                (*rng.pick(&["EUR", "EUR", "EUR", "GBP", "USD"])).to_owned(),
            ),
        ]);
    }
    sheet.set(17, "Payable", "#VALUE!");
    sheet.set(33, "Payable", "0E-18");
    sheet.set(49, "Payable currency", "??");
    sheet.bare(65, "Track name", "Amber Signal 7\" edit");
    sheet.bare(81, "Album name", "\"An Album Without an End");
    sheet.cut(97, 3);
    sheet.set(113, "Quantity", "");
    sheet.set(129, "Quantity", "12 plays");
    sheet.insert_line(150, String::new());
    sheet.insert_line(151, "\t".repeat(SPOTIFY_COLUMNS.len() - 1));
    sheet.text().into_bytes()
}

const APPLE_ITUNES_COLUMNS: &[&str] = &[
    "Start Date",
    "End Date",
    "UPC",
    "ISRC/ISBN",
    "Vendor Identifier",
    "Quantity",
    "Partner Share",
    "Extended Partner Share",
    "Partner Share Currency",
    "Sales or Return",
    "Apple Identifier",
    "Artist/Show/Developer/Author",
    "Title",
    "Label/Studio/Network/Developer/Publisher",
    "Grid",
    "Product Type Identifier",
    "ISAN/Other Identifier",
    "Country Of Sale",
    "Pre-order Flag",
    "Promo Code",
    "Customer Price",
    "Customer Currency",
];

fn apple_itunes(world: &World, rng: &mut Rng) -> Vec<u8> {
    let mut sheet = Sheet::new(APPLE_ITUNES_COLUMNS, '\t', Quotes::Never, "\n");
    sheet.preamble = vec![
        "Vendor Name\tHalvorsen & Quill".to_owned(),
        "Start Date\t08/30/2026".to_owned(),
        "End Date\t09/26/2026".to_owned(),
    ];
    let mut per_country: BTreeMap<(&str, &str), (i64, i128)> = BTreeMap::new();
    let mut overall = (0_i64, 0_i128, 0_i128);
    for line in reported_rows(
        world,
        rng,
        Layout {
            rows: 200,
            has_upc: true,
            ..Layout::default()
        },
    ) {
        let country = rng.pick(COUNTRIES);
        let (units, price) = units_and_price(rng, 12, 2);
        let scale = if country.currency == "JPY" { 0 } else { 2 };
        let share = Amount {
            digits: price,
            scale,
        };
        let extended = Amount {
            digits: price * i128::from(units),
            scale,
        };
        let sum = per_country
            .entry((country.code, country.currency))
            .or_default();
        let cents = extended.digits * if scale == 0 { 100 } else { 1 };
        *sum = (sum.0 + units, sum.1 + cents);
        overall = (
            overall.0 + 1,
            overall.1 + cents,
            overall.2 + i128::from(units),
        );
        sheet.push(&[
            ("Start Date", "08/30/2026".to_owned()),
            ("End Date", "09/26/2026".to_owned()),
            ("UPC", line.upc),
            ("ISRC/ISBN", line.isrc),
            ("Vendor Identifier", format!("HQ_{}", line.apple)),
            ("Quantity", units.to_string()),
            ("Partner Share", share.dot()),
            ("Extended Partner Share", extended.dot()),
            ("Partner Share Currency", country.currency.to_owned()),
            (
                "Sales or Return",
                if units < 0 { "R" } else { "S" }.to_owned(),
            ),
            ("Apple Identifier", line.apple),
            ("Artist/Show/Developer/Author", line.artist),
            ("Title", line.title),
            ("Label/Studio/Network/Developer/Publisher", line.label),
            (
                "Product Type Identifier",
                if line.is_album { "A" } else { "S" }.to_owned(),
            ),
            ("Country Of Sale", country.code.to_owned()),
            ("Customer Price", "1.29".to_owned()),
            ("Customer Currency", country.currency.to_owned()),
        ]);
    }
    plant_itunes_faults(&mut sheet, &mut overall, &mut per_country);
    push_itunes_totals(&mut sheet, overall, per_country);
    sheet.text().into_bytes()
}

/// Two rows whose dates do not exist. The totals of the footer know what one of them holds.
fn plant_itunes_faults(
    sheet: &mut Sheet,
    totals: &mut (i64, i128, i128),
    per_country: &mut BTreeMap<(&str, &str), (i64, i128)>,
) {
    // A row in quarantine may hold a small part of a currency's money only: a statement that loses more is not taken.
    sheet.set(19, "Partner Share", "0.23");
    sheet.set(19, "Extended Partner Share", "2.07");
    let taken_off = 702 - 207;
    totals.1 -= taken_off;
    if let Some(sum) = per_country.get_mut(&("GB", "GBP")) {
        sum.1 -= taken_off;
    }
    sheet.set(19, "End Date", "09/31/2026");
    sheet.set(47, "End Date", "02/30/2026");
}

/// The footer: rows, money in hundredths and units in all, then units and money by country.
fn push_itunes_totals(
    sheet: &mut Sheet,
    overall: (i64, i128, i128),
    per_country: BTreeMap<(&str, &str), (i64, i128)>,
) {
    let hundredths = Amount {
        digits: overall.1,
        scale: 2,
    };
    sheet
        .rows
        .push(Row::Line(format!("Total_Rows\t{}", overall.0)));
    sheet
        .rows
        .push(Row::Line(format!("Total_Amount\t{}", hundredths.dot())));
    sheet
        .rows
        .push(Row::Line(format!("Total_Units\t{}", overall.2)));
    sheet.rows.push(Row::Line(String::new()));
    sheet.rows.push(Row::Line(
        "Country Of Sale\tPartner Share Currency\tQuantity\tExtended Partner Share".to_owned(),
    ));
    for ((country, currency), (units, cents)) in per_country {
        let amount = Amount {
            digits: cents,
            scale: 2,
        };
        sheet.rows.push(Row::Line(format!(
            "{country}\t{currency}\t{units}\t{}",
            amount.dot()
        )));
    }
}

const APPLE_MUSIC_COLUMNS: &[&str] = &[
    "Storefront Name",
    "Apple Identifier",
    "Membership Type",
    "Quantity",
    "Net Royalty",
    "Net Royalty Total",
    "Currency",
    "ISRC",
    "Item Title",
    "Item Artist",
    "Item Type",
    "Media Type",
    "Vendor Identifier",
    "Offline Indicator",
    "Label/Studio/Network",
    "Grid",
];

fn apple_music(world: &World, rng: &mut Rng) -> Vec<u8> {
    let mut sheet = Sheet::new(APPLE_MUSIC_COLUMNS, '\t', Quotes::Never, "\n");
    sheet.preamble = vec![
        "Start Date\t08/30/2026".to_owned(),
        "End Date\t09/26/2026".to_owned(),
        "Report Type\tApple Music Detail".to_owned(),
    ];
    let layout = Layout {
        rows: 200,
        ..Layout::default()
    };
    for line in reported_rows(world, rng, layout) {
        let country = rng.pick(COUNTRIES);
        let (plays, price) = units_and_price(rng, 3_000, 4);
        let royalty = Amount {
            digits: price,
            scale: 6,
        };
        let total = Amount {
            digits: price * i128::from(plays),
            scale: 6,
        };
        sheet.push(&[
            ("Storefront Name", country.name.to_owned()),
            ("Apple Identifier", line.apple.clone()),
            (
                "Membership Type",
                (*rng.pick(&["Individual", "Family", "Student"])).to_owned(),
            ),
            ("Quantity", plays.to_string()),
            ("Net Royalty", royalty.dot()),
            ("Net Royalty Total", total.dot()),
            (
                "Currency",
                if rng.percent(75) {
                    "USD"
                } else {
                    country.currency
                }
                .to_owned(),
            ),
            ("ISRC", line.isrc),
            ("Item Title", line.title),
            ("Item Artist", line.artist),
            ("Item Type", "1".to_owned()),
            ("Media Type", "Song".to_owned()),
            ("Vendor Identifier", format!("HQ_{}", line.apple)),
            ("Offline Indicator", "0".to_owned()),
            ("Label/Studio/Network", line.label),
        ]);
    }
    sheet.set(23, "Net Royalty Total", "tbd");
    sheet.set(41, "Net Royalty Total", "(12.34)");
    sheet.set(59, "Currency", "Dollars");
    sheet.widen(77);
    let count = sheet.rows.len();
    sheet.rows.push(Row::Line(format!("Row Count\t{count}")));
    sheet.text().into_bytes()
}

const DISTROKID_13_COLUMNS: &[&str] = &[
    "Reporting Date",
    "Sale Month",
    "Store",
    "Artist",
    "Title",
    "ISRC",
    "UPC",
    "Quantity",
    "Team Percentage",
    "Song/Album",
    "Country of Sale",
    "Songwriter Royalties Withheld",
    "Earnings (USD)",
];

fn distrokid_13(world: &World, rng: &mut Rng) -> Vec<u8> {
    let mut sheet = Sheet::new(DISTROKID_13_COLUMNS, '\t', Quotes::Never, "\r\n");
    for line in reported_rows(
        world,
        rng,
        Layout {
            rows: 190,
            has_upc: true,
            ..Layout::default()
        },
    ) {
        let (quantity, price) = units_and_price(rng, 800, 6);
        let earnings = Amount {
            digits: price * i128::from(quantity),
            scale: 8,
        };
        sheet.push(&[
            ("Reporting Date", "2026-10-15".to_owned()),
            (
                "Sale Month",
                (*rng.pick(&["2026-09", "2026-09", "2026-09", "2026-08"])).to_owned(),
            ),
            ("Store", (*rng.pick(STORES)).to_owned()),
            ("Artist", line.artist),
            ("Title", line.title),
            ("ISRC", line.isrc),
            ("UPC", line.upc),
            ("Quantity", quantity.to_string()),
            ("Team Percentage", "100".to_owned()),
            (
                "Song/Album",
                if line.is_album { "Album" } else { "Song" }.to_owned(),
            ),
            ("Country of Sale", rng.pick(COUNTRIES).code.to_owned()),
            ("Songwriter Royalties Withheld", "0".to_owned()),
            ("Earnings (USD)", earnings.dot()),
        ]);
    }
    sheet.set(9, "Title", "“Ferry” – 5 € Ticket, så klart");
    sheet.set(31, "Sale Month", "2026-13");
    sheet.set(53, "Earnings (USD)", "0.00O31");
    sheet.set(75, "Country of Sale", "OU");
    sheet.set(75, "Earnings (USD)", "0");
    sheet.cut(97, 2);
    sheet.insert_line(120, String::new());
    windows_1252(&sheet.text())
}

const DISTROKID_15_COLUMNS: &[&str] = &[
    "Date Inserted",
    "Reporting Date",
    "Sale Month",
    "Store",
    "Artist",
    "Title",
    "ISRC",
    "UPC",
    "Quantity",
    "Team Percentage",
    "Source Type",
    "Country of Sale",
    "Songwriter Royalties Withheld (USD)",
    "Earnings (USD)",
    "Recoup (USD)",
];

fn distrokid_15(world: &World, rng: &mut Rng) -> Vec<u8> {
    let mut sheet = Sheet::new(DISTROKID_15_COLUMNS, ',', Quotes::Always, "\r\n");
    for line in reported_rows(
        world,
        rng,
        Layout {
            rows: 150,
            has_upc: true,
            ..Layout::default()
        },
    ) {
        let (quantity, price) = units_and_price(rng, 800, 6);
        let earnings = Amount {
            digits: price * i128::from(quantity),
            scale: 8,
        };
        sheet.push(&[
            ("Date Inserted", "2026-10-16".to_owned()),
            ("Reporting Date", "2026-10-15".to_owned()),
            ("Sale Month", "2026-09".to_owned()),
            ("Store", (*rng.pick(STORES)).to_owned()),
            ("Artist", line.artist),
            ("Title", line.title),
            ("ISRC", line.isrc),
            ("UPC", line.upc),
            ("Quantity", quantity.to_string()),
            ("Team Percentage", (*rng.pick(&["100", "30"])).to_owned()),
            (
                "Source Type",
                if line.is_album { "Album" } else { "Song" }.to_owned(),
            ),
            ("Country of Sale", rng.pick(COUNTRIES).code.to_owned()),
            ("Songwriter Royalties Withheld (USD)", "0".to_owned()),
            ("Earnings (USD)", earnings.dot()),
            ("Recoup (USD)", "0".to_owned()),
        ]);
    }
    sheet.set(13, "Earnings (USD)", "");
    sheet.set(37, "Sale Month", "2026-00");
    sheet.set(61, "Quantity", "three");
    let header = sheet.header_line();
    sheet.insert_line(100, header.clone());
    sheet.insert_line(130, header);
    sheet.text().into_bytes()
}

const TUNECORE: &[&str] = &[
    "Sales Period",
    "Posted Date",
    "Store Name",
    "Country Of Sale",
    "Artist",
    "Release Type",
    "Release Title",
    "Song Title",
    "Label",
    "UPC",
    "Optional UPC",
    "TC Song ID",
    "Optional ISRC",
    "Sales Type",
    "# Units Sold",
    "Per Unit Price",
    "Net Sales",
    "Net Sales Currency",
    "Exchange Rate",
    "Total Earned",
    "Currency",
];

fn tunecore_sheet(world: &World, rng: &mut Rng, rows: usize, currency: &str) -> Sheet {
    let mut sheet = Sheet::new(TUNECORE, ',', Quotes::WhereNeeded, "\r\n");
    for line in reported_rows(
        world,
        rng,
        Layout {
            rows,
            has_upc: true,
            ..Layout::default()
        },
    ) {
        let (units, price) = units_and_price(rng, 500, 5);
        let net = Amount {
            digits: price * i128::from(units),
            scale: 6,
        };
        let earned = Amount {
            digits: net.digits * 79,
            scale: 8,
        };
        sheet.push(&[
            ("Sales Period", "2026-09-01".to_owned()),
            ("Posted Date", "2026-11-01".to_owned()),
            ("Store Name", (*rng.pick(STORES)).to_owned()),
            ("Country Of Sale", rng.pick(COUNTRIES).code.to_owned()),
            ("Artist", line.artist),
            (
                "Release Type",
                if line.is_album { "Album" } else { "Song" }.to_owned(),
            ),
            ("Release Title", line.release),
            ("Song Title", line.title),
            ("Label", line.label),
            ("UPC", line.upc),
            ("TC Song ID", format!("TC{}", rng.digits(8))),
            ("Optional ISRC", line.isrc),
            (
                "Sales Type",
                (*rng.pick(&["Streaming", "Download"])).to_owned(),
            ),
            ("# Units Sold", units.to_string()),
            (
                "Per Unit Price",
                Amount {
                    digits: price,
                    scale: 6,
                }
                .dot(),
            ),
            ("Net Sales", net.dot()),
            ("Net Sales Currency", "USD".to_owned()),
            ("Exchange Rate", "0.79".to_owned()),
            ("Total Earned", earned.dot()),
            ("Currency", currency.to_owned()),
        ]);
    }
    sheet
}

fn tunecore(world: &World, rng: &mut Rng) -> Vec<u8> {
    let mut sheet = tunecore_sheet(world, rng, 180, "GBP");
    sheet.set(15, "Sales Period", "2026-02-30");
    sheet.set(35, "Total Earned", "(12.34)");
    sheet.set(55, "Total Earned", "£0.42");
    sheet.set(75, "Total Earned", "GBP 1,234.56");
    let wrapped = format!("=\"{}\"", world.tracks[world.popular[0]].upcs[0]);
    sheet.bare(95, "UPC", &wrapped);
    sheet.bare(115, "Release Title", "\"Opened, Never Closed");
    sheet.cut(135, 6);
    sheet.set(155, "Currency", "GBX");
    sheet.insert_line(60, ",".repeat(TUNECORE.len() - 1));
    sheet.insert_line(61, String::new());
    sheet.text().into_bytes()
}

fn tunecore_utf16(world: &World, rng: &mut Rng) -> Vec<u8> {
    let mut sheet = tunecore_sheet(world, rng, 80, "EUR");
    sheet.set(21, "Total Earned", "€ 3.10");
    sheet.set(42, "Total Earned", "0E-18");
    sheet.set(63, "Total Earned", "pending");
    utf16_with_mark(&sheet.text())
}

const CD_BABY_COLUMNS: &[&str] = &[
    "Report Date",
    "Sales Date",
    "Quantity",
    "Price",
    "Subtotal",
    "Isrc",
    "Barcode",
    "CDBabySku",
    "Album Name",
    "Artist Name",
    "Track Name",
    "Partner Name",
    "Transaction Type",
    "Delivery Country",
];

fn cd_baby(world: &World, rng: &mut Rng) -> Vec<u8> {
    let mut sheet = Sheet::new(CD_BABY_COLUMNS, '\t', Quotes::Never, "\r\n");
    let layout = Layout {
        rows: 150,
        has_upc: true,
        refuses_inch_marks: true,
        ..Layout::default()
    };
    for line in reported_rows(world, rng, layout) {
        let (quantity, price) = units_and_price(rng, 60, 7);
        // The barcode alone is quoted, and a quote inside it doubled.
        let barcode = format!("\"{}\"", line.upc.replace('"', "\"\""));
        sheet.push(&[
            ("Report Date", "10/15/2026 12:00:00 AM".to_owned()),
            (
                "Sales Date",
                format!("9/{}/2026 12:00:00 AM", rng.between(1, 30)),
            ),
            ("Quantity", quantity.to_string()),
            (
                "Price",
                Amount {
                    digits: price,
                    scale: 8,
                }
                .dot(),
            ),
            (
                "Subtotal",
                Amount {
                    digits: price * i128::from(quantity) * 97,
                    scale: 10,
                }
                .dot(),
            ),
            ("Isrc", line.isrc.to_lowercase()),
            ("Barcode", barcode),
            ("CDBabySku", format!("hq{}", rng.digits(4))),
            ("Album Name", line.release),
            ("Artist Name", line.artist),
            ("Track Name", line.title),
            ("Partner Name", (*rng.pick(STORES)).to_owned()),
            ("Transaction Type", "Stream".to_owned()),
            ("Delivery Country", rng.pick(COUNTRIES).code.to_owned()),
        ]);
    }
    sheet.set(25, "Sales Date", "2/30/2026 12:00:00 AM");
    sheet.set(50, "Subtotal", "12.5*");
    sheet.cut(75, 1);
    sheet.text().into_bytes()
}

const BELIEVE_COLUMNS: &[&str] = &[
    "Reporting month",
    "Sales Month",
    "Platform",
    "Country / Region",
    "Label Name",
    "Artist Name",
    "Release title",
    "Track title",
    "UPC",
    "ISRC",
    "Release Catalog nb",
    "Streaming Subscription Type",
    "Release type",
    "Sales Type",
    "Quantity",
    "Client Payment Currency",
    "Unit Price",
    "Mechanical Fee",
    "Gross Revenue",
    "Client share rate",
    "Net Revenue",
];

fn believe(world: &World, rng: &mut Rng) -> Vec<u8> {
    let mut sheet = Sheet::new(BELIEVE_COLUMNS, ';', Quotes::Always, "\n");
    for line in reported_rows(
        world,
        rng,
        Layout {
            rows: 180,
            has_upc: true,
            ..Layout::default()
        },
    ) {
        let (quantity, price) = units_and_price(rng, 900, 7);
        let gross = Amount {
            digits: price * i128::from(quantity),
            scale: 9,
        };
        let net = Amount {
            digits: gross.digits * 85,
            scale: 11,
        };
        let is_plain = line.upc.bytes().all(|byte| byte.is_ascii_digit());
        let upc = if is_plain && rng.percent(30) {
            format!("Empty:{}", line.upc)
        } else {
            line.upc
        };
        sheet.push(&[
            ("Reporting month", "2026/10/01".to_owned()),
            ("Sales Month", "2026/09/01".to_owned()),
            ("Platform", (*rng.pick(STORES)).to_owned()),
            ("Country / Region", rng.pick(COUNTRIES).name.to_owned()),
            ("Label Name", line.label),
            ("Artist Name", line.artist),
            ("Release title", line.release),
            ("Track title", line.title),
            ("UPC", upc),
            ("ISRC", line.isrc),
            (
                "Release Catalog nb",
                format!("{}.0", 4_100_000 + rng.below(900)),
            ),
            ("Streaming Subscription Type", "PREMIUM".to_owned()),
            ("Release type", "Music Release".to_owned()),
            ("Sales Type", "Stream".to_owned()),
            ("Quantity", quantity.to_string()),
            ("Client Payment Currency", "EUR".to_owned()),
            (
                "Unit Price",
                Amount {
                    digits: price,
                    scale: 9,
                }
                .text(','),
            ),
            ("Gross Revenue", gross.text(',')),
            ("Client share rate", "85%".to_owned()),
            ("Net Revenue", net.text(',')),
        ]);
    }
    plant_believe_faults(&mut sheet);
    sheet.text().into_bytes()
}

/// Amounts in all European ways, and rows that cannot be read.
fn plant_believe_faults(sheet: &mut Sheet) {
    sheet.set(14, "Net Revenue", "1.234,56");
    sheet.set(28, "Net Revenue", "2\u{a0}345,67");
    sheet.set(42, "Net Revenue", "€ 12,34");
    sheet.set(56, "Net Revenue", "(0,75)");
    sheet.set(70, "Net Revenue", "0,1x5");
    sheet.set(84, "Sales Month", "2026/02/30");
    sheet.set(98, "Track title", "Zwei Zeilen;\nein Lied");
    sheet.cut(112, 5);
    sheet.set(126, "Client Payment Currency", "Euro?");
    sheet.set(133, "ISRC", "");
    sheet.set(133, "UPC", "8,59E+11");
    sheet.insert_line(150, String::new());
}

const FUGA_COLUMNS: &[&str] = &[
    "Sale ID",
    "Sale Start date",
    "Sale End date",
    "DSP",
    "Sale Store Name",
    "Sale Type",
    "Sale User Type",
    "Territory",
    "Product UPC",
    "Product Reference",
    "Product Catalog Number",
    "Product Label",
    "Product Artist",
    "Product Title",
    "Asset Artist",
    "Asset Title",
    "Asset Version",
    "Asset Duration",
    "Asset ISRC",
    "Asset Reference",
    "Asset/Product",
    "Product Quantity",
    "Asset Quantity",
    "Original Gross Income",
    "Original currency",
    "Exchange Rate",
    "Converted Gross Income",
    "Contract deal term",
    "Reported Royalty",
    "Currency",
    "Report Run ID",
    "Report ID",
];

fn fuga(world: &World, rng: &mut Rng) -> Vec<u8> {
    let mut sheet = Sheet::new(FUGA_COLUMNS, ',', Quotes::WhereNeeded, "\n");
    let layout = Layout {
        rows: 190,
        has_upc: true,
        has_version: true,
        ..Layout::default()
    };
    for (number, line) in reported_rows(world, rng, layout).into_iter().enumerate() {
        let (quantity, price) = units_and_price(rng, 700, 17);
        let royalty = Amount {
            digits: price * i128::from(quantity),
            scale: 19,
        };
        let store = *rng.pick(STORES);
        sheet.push(&[
            ("Sale ID", format!("S{:07}", number + 1)),
            ("Sale Start date", "2026-09-01".to_owned()),
            ("Sale End date", "2026-09-30".to_owned()),
            ("DSP", store.to_owned()),
            ("Sale Store Name", store.to_owned()),
            (
                "Sale Type",
                if line.is_album { "Download" } else { "Stream" }.to_owned(),
            ),
            ("Sale User Type", "Premium".to_owned()),
            ("Territory", rng.pick(COUNTRIES).code.to_owned()),
            ("Product UPC", line.upc.clone()),
            ("Product Label", line.label.clone()),
            ("Product Artist", line.artist.clone()),
            ("Product Title", line.release.clone()),
            ("Asset Artist", line.of_track(&line.artist)),
            ("Asset Title", line.of_track(&line.title)),
            ("Asset Version", line.of_track(&line.version)),
            ("Asset Duration", line.of_track(&line.duration)),
            ("Asset ISRC", line.of_track(&line.isrc)),
            (
                "Asset/Product",
                if line.is_album { "Product" } else { "Asset" }.to_owned(),
            ),
            (
                "Product Quantity",
                if line.is_album {
                    quantity.to_string()
                } else {
                    String::new()
                },
            ),
            ("Asset Quantity", line.of_track(&quantity.to_string())),
            ("Original Gross Income", royalty.dot()),
            ("Original currency", "EUR".to_owned()),
            ("Exchange Rate", "1".to_owned()),
            ("Converted Gross Income", royalty.dot()),
            ("Contract deal term", "85%".to_owned()),
            ("Reported Royalty", royalty.dot()),
            ("Currency", "EUR".to_owned()),
            ("Report Run ID", "R202609".to_owned()),
            ("Report ID", "HQ001".to_owned()),
        ]);
    }
    plant_fuga_faults(&mut sheet);
    sheet.text().into_bytes()
}

/// Amounts at the edge of what can be read, and beyond it.
fn plant_fuga_faults(sheet: &mut Sheet) {
    sheet.set(18, "Reported Royalty", "0E-19");
    sheet.set(36, "Reported Royalty", "see sheet 2");
    sheet.set(54, "Sale End date", "2026-09-31");
    sheet.widen(72);
    sheet.set(90, "Reported Royalty", "-0.0031969879629411800");
    sheet.bare(108, "Asset Title", "Copper Tram 10\" version");
}

const ORCHARD_COLUMNS: &[&str] = &[
    "STATEMENT PERIOD",
    "ORIGINAL STATEMENT PERIOD",
    "ACCOUNT ID",
    "ACCOUNT NAME",
    "CONTRACT ID",
    "SALE COUNTRY",
    "STORE",
    "SERVICE DETAIL",
    "LABEL IMPRINT",
    "PRODUCT ARTIST",
    "PRODUCT",
    "PRODUCT VERSION",
    "PRODUCT CODE",
    "DISPLAY UPC",
    "TRACK ARTIST",
    "TRACK",
    "TRACK VERSION",
    "ISRC",
    "YOUTUBE VIDEO ID",
    "TRANSACTION DATE",
    "TRANSACTION TYPE",
    "TRANSACTION SUBTYPE",
    "ROYALTY TYPE",
    "QUANTITY",
    "UNIT PRICE SALE CURRENCY",
    "GROSS REVENUE SALE CURRENCY",
    "SALE CURRENCY",
    "CURRENCY CONVERSION RATE",
    "GROSS REVENUE ACCOUNT CURRENCY",
    "NET SHARE ACCOUNT CURRENCY",
    "ACCOUNT CURRENCY",
];

fn orchard(world: &World, rng: &mut Rng) -> Vec<u8> {
    let mut sheet = Sheet::new(ORCHARD_COLUMNS, ',', Quotes::WhereNeeded, "\n");
    let layout = Layout {
        rows: 190,
        has_upc: true,
        has_version: true,
        ..Layout::default()
    };
    for line in reported_rows(world, rng, layout) {
        let (quantity, price) = units_and_price(rng, 400, 6);
        let gross = Amount {
            digits: price * i128::from(quantity),
            scale: 8,
        };
        let net = Amount {
            digits: gross.digits.abs() * 82,
            scale: 10,
        };
        let net_text = if gross.digits < 0 {
            format!("({})", net.dot())
        } else {
            net.dot()
        };
        sheet.push(&[
            ("STATEMENT PERIOD", "September 2026".to_owned()),
            ("ORIGINAL STATEMENT PERIOD", "September 2026".to_owned()),
            ("ACCOUNT ID", "HQ-77".to_owned()),
            ("ACCOUNT NAME", "Halvorsen & Quill".to_owned()),
            ("SALE COUNTRY", rng.pick(COUNTRIES).code.to_owned()),
            ("STORE", (*rng.pick(STORES)).to_owned()),
            ("LABEL IMPRINT", line.label.clone()),
            ("PRODUCT ARTIST", line.artist.clone()),
            ("PRODUCT", line.release.clone()),
            ("DISPLAY UPC", line.upc.clone()),
            ("TRACK ARTIST", line.of_track(&line.artist)),
            ("TRACK", line.of_track(&line.title)),
            ("TRACK VERSION", line.of_track(&line.version)),
            ("ISRC", line.of_track(&line.isrc)),
            (
                "TRANSACTION DATE",
                format!("2026-09-{:02}", rng.between(1, 30)),
            ),
            (
                "TRANSACTION TYPE",
                if line.is_album { "PS" } else { "ST" }.to_owned(),
            ),
            ("QUANTITY", quantity.to_string()),
            ("GROSS REVENUE SALE CURRENCY", gross.dot()),
            ("SALE CURRENCY", "USD".to_owned()),
            ("CURRENCY CONVERSION RATE", "1".to_owned()),
            ("GROSS REVENUE ACCOUNT CURRENCY", gross.dot()),
            ("NET SHARE ACCOUNT CURRENCY", net_text),
            ("ACCOUNT CURRENCY", "USD".to_owned()),
        ]);
    }
    plant_orchard_faults(&mut sheet);
    // A byte that is not UTF-8 in a file that says it is.
    let mut bytes = utf8_with_mark(&sheet.text());
    let place = bytes
        .iter()
        .position(|&byte| byte == 0x1a)
        .expect("it was set above");
    bytes[place] = 0xe9;
    bytes
}

/// Amounts with signs and brackets, and rows that cannot be read.
fn plant_orchard_faults(sheet: &mut Sheet) {
    sheet.set(16, "NET SHARE ACCOUNT CURRENCY", "$1,234.56");
    sheet.set(34, "NET SHARE ACCOUNT CURRENCY", "($12.34)");
    sheet.set(52, "NET SHARE ACCOUNT CURRENCY", "see note");
    sheet.set(70, "TRANSACTION DATE", "2026-09-31");
    let title = sheet.get(88, "TRACK");
    sheet.set(88, "TRACK", &format!("{title}\nfrom \"{}\"", LABELS[0]));
    sheet.set(106, "PRODUCT", "Broken\u{1a}Byte");
    sheet.set(124, "QUANTITY", "0x10");
    sheet.insert_line(140, String::new());
}

const SOUNDCLOUD_COLUMNS: &[&str] = &[
    "Partner ID",
    "Partner Name",
    "Label Name",
    "Account ID",
    "Account Name",
    "Artist Name",
    "Album Title",
    "Track Name",
    "Track ID",
    "Track Classification",
    "ISRC",
    "UPC",
    "Reporting Period",
    "Territory",
    "Total Plays",
    "Total Revenue",
    "Revenue Currency",
    "Monetisation Type",
    "Usage Type",
    "Version",
];

fn soundcloud(world: &World, rng: &mut Rng) -> Vec<u8> {
    let mut sheet = Sheet::new(SOUNDCLOUD_COLUMNS, ',', Quotes::WhereNeeded, "\n");
    for line in reported_rows(
        world,
        rng,
        Layout {
            rows: 150,
            has_upc: true,
            ..Layout::default()
        },
    ) {
        let (plays, price) = units_and_price(rng, 2_500, 7);
        sheet.push(&[
            ("Partner ID", "9001".to_owned()),
            ("Partner Name", "Halvorsen & Quill".to_owned()),
            ("Label Name", line.label),
            ("Artist Name", line.artist),
            ("Album Title", line.release),
            ("Track Name", line.title),
            ("Track ID", line.soundcloud),
            ("Track Classification", "Original".to_owned()),
            ("ISRC", line.isrc),
            ("UPC", line.upc),
            ("Reporting Period", "09-2026".to_owned()),
            ("Territory", rng.pick(COUNTRIES).code.to_owned()),
            ("Total Plays", plays.to_string()),
            (
                "Total Revenue",
                Amount {
                    digits: price * i128::from(plays),
                    scale: 10,
                }
                .dot(),
            ),
            (
                "Revenue Currency",
                (*rng.pick(&["USD", "USD", "AUD"])).to_owned(),
            ),
            (
                "Monetisation Type",
                (*rng.pick(&["AVOD", "SUBSCRIPTION"])).to_owned(),
            ),
            ("Usage Type", "Stream".to_owned()),
        ]);
    }
    sheet.set(22, "Total Revenue", "");
    // As with iTunes: not much of the Australian money.
    sheet.set(44, "Total Revenue", "0.1962366352");
    sheet.set(44, "Reporting Period", "13-2026");
    sheet.set(66, "Track ID", "unknown");
    sheet.cut(88, 3);
    sheet.text().into_bytes()
}

const NORDLYS_COLUMNS: &[&str] = &[
    "Sales Month",
    "Store",
    "Territory",
    "ISRC",
    "UPC",
    "Track Title",
    "Artist",
    "Label",
    "Quantity",
    "Amount",
    "Currency",
];

/// A sender that no layout knows: it is read by the names of its columns.
fn nordlys(world: &World, rng: &mut Rng) -> Vec<u8> {
    let mut sheet = Sheet::new(NORDLYS_COLUMNS, '|', Quotes::WhereNeeded, "\n");
    for line in reported_rows(
        world,
        rng,
        Layout {
            rows: 110,
            has_upc: true,
            ..Layout::default()
        },
    ) {
        let (quantity, price) = units_and_price(rng, 300, 5);
        // A dinar has a thousand parts.
        let currency = *rng.pick(&["NOK", "NOK", "SEK", "KWD"]);
        sheet.push(&[
            ("Sales Month", "2026-09".to_owned()),
            ("Store", (*rng.pick(STORES)).to_owned()),
            ("Territory", rng.pick(COUNTRIES).code.to_owned()),
            ("ISRC", line.isrc),
            ("UPC", line.upc),
            ("Track Title", line.title),
            ("Artist", line.artist),
            ("Label", line.label),
            ("Quantity", quantity.to_string()),
            (
                "Amount",
                Amount {
                    digits: price * i128::from(quantity),
                    scale: 5,
                }
                .text(','),
            ),
            ("Currency", currency.to_owned()),
        ]);
    }
    sheet.set(20, "Amount", "1.234,56");
    sheet.set(40, "Amount", "ukjent");
    sheet.set(60, "Sales Month", "2026-14");
    sheet.cut(80, 4);
    sheet.insert_line(55, "Sub Totals:||||||||||".to_owned());
    sheet.rows.push(Row::Line(String::new()));
    sheet.rows.push(Row::Line("Total||||||||||".to_owned()));
    sheet.text().into_bytes()
}
