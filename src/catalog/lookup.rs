//! Many codes at once into the tracks that carry them: sorted codes against the sorted index, on all threads.

use rayon::iter::ParallelIterator;
use rayon::slice::ParallelSlice;

use super::prefix;
use super::track::{Reader, Track};
use crate::ident::{Isrc, Upc, text_key, title_key};
use crate::workspace::{Scan, Workspace, WorkspaceError, family};

/// A track that carries a code: numbers into [`Ids`] and the list of payees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hit {
    /// Number of the track's id among the ids of the same list.
    pub track: u32,
    /// Number of its payee.
    pub payee: u32,
}

/// The tracks found for a list of codes, in the order of the list. Ids stand in one piece of text: there may be millions.
#[derive(Debug, Default)]
pub struct Hits {
    ends: Vec<u32>,
    hits: Vec<Hit>,
    ids: Ids,
}

/// Ids of tracks by number.
#[derive(Debug, Default)]
pub struct Ids {
    text: String,
    ends: Vec<u64>,
}

impl Ids {
    /// Adds an id and gives its number.
    pub(crate) fn push(&mut self, id: &str) -> u32 {
        self.text.push_str(id);
        self.ends.push(self.text.len() as u64);
        u32::try_from(self.ends.len() - 1).expect("fewer than 2^32 tracks are found at once")
    }

    /// The id of a number.
    #[must_use]
    pub fn of(&self, number: u32) -> &str {
        let number = number as usize;
        let start = if number == 0 {
            0
        } else {
            self.ends[number - 1] as usize
        };
        &self.text[start..self.ends[number] as usize]
    }

    /// Appends other ids; their numbers grow by what is given back.
    pub(crate) fn append(&mut self, other: &Self) -> u32 {
        let numbers = self.ends.len() as u32;
        let bytes = self.text.len() as u64;
        self.text.push_str(&other.text);
        self.ends.extend(other.ends.iter().map(|end| end + bytes));
        numbers
    }
}

impl Hits {
    /// The tracks of the code at this place of the list, sorted by id.
    #[must_use]
    pub fn of(&self, place: usize) -> &[Hit] {
        let start = if place == 0 {
            0
        } else {
            self.ends[place - 1] as usize
        };
        &self.hits[start..self.ends[place] as usize]
    }

    /// The id of a hit's track.
    #[must_use]
    pub fn id(&self, hit: Hit) -> &str {
        self.ids.of(hit.track)
    }

    /// Joins lists; the numbers of tracks are those of the joined ids.
    fn concat(parts: Vec<Self>) -> Self {
        let mut all = Self::default();
        for part in parts {
            let base = all.hits.len() as u32;
            let first = all.ids.append(&part.ids);
            all.ends.extend(part.ends.iter().map(|e| e + base));
            all.hits.extend(part.hits.iter().map(|hit| Hit {
                track: hit.track + first,
                ..*hit
            }));
        }
        all
    }

    /// Moves the ids to the end of a list of all, renumbering the hits.
    pub(crate) fn give_ids(&mut self, all: &mut Ids) {
        let first = all.append(&self.ids);
        self.ids = Ids::default();
        for hit in &mut self.hits {
            hit.track += first;
        }
    }
}

/// Keys that are stepped over before it is cheaper to seek.
const STEPS: usize = 24;
/// Most codes that one thread looks up in one go.
const CHUNK: usize = 8192;

/// The tracks of each ISRC; the list must be sorted.
///
/// # Errors
/// [`WorkspaceError`] when the index cannot be read.
pub fn lookup_isrcs(workspace: &Workspace, isrcs: &[Isrc]) -> Result<Hits, WorkspaceError> {
    lookup(workspace, isrcs, |isrc| isrc_prefix(*isrc).to_vec())
}

/// The tracks of each release code; the list must be sorted.
///
/// # Errors
/// [`WorkspaceError`] when the index cannot be read.
pub fn lookup_upcs(workspace: &Workspace, upcs: &[Upc]) -> Result<Hits, WorkspaceError> {
    lookup(workspace, upcs, |upc| upc_prefix(*upc).to_vec())
}

/// The tracks of each pair of namespace and DSP id; the list must be sorted.
///
/// # Errors
/// [`WorkspaceError`] when the index cannot be read.
pub fn lookup_dsp_ids(
    workspace: &Workspace,
    ids: &[(String, String)],
) -> Result<Hits, WorkspaceError> {
    lookup(workspace, ids, |(namespace, id)| {
        dsp_id_prefix(namespace, id)
    })
}

fn lookup<T: Sync>(
    workspace: &Workspace,
    codes: &[T],
    key_of: impl Fn(&T) -> Vec<u8> + Sync,
) -> Result<Hits, WorkspaceError> {
    debug_assert!(
        codes
            .windows(2)
            .all(|pair| key_of(&pair[0]) <= key_of(&pair[1])),
        "codes are looked up in key order"
    );
    let parts = codes
        .par_chunks(chunk(codes.len()))
        .map(|codes| lookup_chunk(workspace, codes, &key_of))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Hits::concat(parts))
}

fn lookup_chunk<T>(
    workspace: &Workspace,
    codes: &[T],
    key_of: &impl Fn(&T) -> Vec<u8>,
) -> Result<Hits, WorkspaceError> {
    let mut hits = Hits::default();
    let Some(first) = codes.first() else {
        return Ok(hits);
    };
    let first_key = key_of(first);
    let mut scan = workspace.scan(family::CATALOG, &first_key[..1])?;
    scan.seek(&first_key);
    for code in codes {
        let wanted = key_of(code);
        go_to(&mut scan, &wanted)?;
        while let Some((key, value)) = scan.entry()?
            && let Some(track) = key.strip_prefix(wanted.as_slice())
        {
            let payee = Reader(value).number().and_then(|n| u32::try_from(n).ok());
            let (track, payee) = std::str::from_utf8(track)
                .ok()
                .zip(payee)
                .ok_or_else(|| workspace.damaged("an index entry of the catalog"))?;
            let track = hits.ids.push(track);
            hits.hits.push(Hit { track, payee });
            scan.step();
        }
        hits.ends.push(hits.hits.len() as u32);
    }
    Ok(hits)
}

/// Moves forward to the first key that is not before `wanted`: step by step when it is near. Codes may repeat, so it also moves back.
fn go_to(scan: &mut Scan<'_>, wanted: &[u8]) -> Result<(), WorkspaceError> {
    for step in 0..STEPS {
        match scan.entry()? {
            Some((key, _)) if key < wanted => scan.step(),
            Some((key, _)) if step == 0 && key > wanted && !key.starts_with(wanted) => break,
            _ => return Ok(()),
        }
    }
    scan.seek(wanted);
    Ok(())
}

pub(super) fn isrc_prefix(isrc: Isrc) -> [u8; 8] {
    // An ISRC has 49 bits, so the first of the eight bytes is free for the prefix.
    let mut key = isrc.to_u64().to_be_bytes();
    key[0] = prefix::ISRC;
    key
}

pub(super) fn upc_prefix(upc: Upc) -> [u8; 7] {
    let bytes = upc.to_u64().to_be_bytes();
    let mut key = [0u8; 7];
    key[0] = prefix::UPC;
    key[1..].copy_from_slice(&bytes[2..]);
    key
}

pub(super) fn dsp_id_prefix(namespace: &str, id: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(namespace.len() + id.len() + 3);
    key.push(prefix::DSP_ID);
    key.extend_from_slice(namespace.as_bytes());
    key.push(0x1F);
    key.extend_from_slice(id.as_bytes());
    key.push(0);
    key
}

pub(super) fn split_isrc_key(key: &[u8]) -> Option<(Isrc, String)> {
    Some((
        isrc_of_key(key)?,
        String::from_utf8(key.get(8..)?.to_vec()).ok()?,
    ))
}

pub(super) fn isrc_of_key(key: &[u8]) -> Option<Isrc> {
    let mut packed = *key.first_chunk::<8>()?;
    packed[0] = 0;
    Isrc::from_u64(u64::from_be_bytes(packed))
}

pub(super) fn track_key(id: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(id.len() + 1);
    key.push(prefix::TRACK);
    key.extend_from_slice(id.as_bytes());
    key
}

/// What matching needs of a track, in comparable form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackFacts {
    /// Key of title and version together.
    pub title: String,
    /// Duration in milliseconds.
    pub duration_ms: Option<u64>,
    /// Key of the label.
    pub label: String,
}

/// Reads tracks by id; the list must be sorted. A missing track gives `None`.
///
/// # Errors
/// [`WorkspaceError`] when a record cannot be read.
pub fn tracks(workspace: &Workspace, ids: &[String]) -> Result<Vec<Option<Track>>, WorkspaceError> {
    records(workspace, ids, Track::decode)
}

/// Reads what matching needs of tracks; the list must be sorted. A missing track gives `None`.
///
/// # Errors
/// [`WorkspaceError`] when a record cannot be read.
pub fn track_facts(
    workspace: &Workspace,
    ids: &[&str],
) -> Result<Vec<Option<TrackFacts>>, WorkspaceError> {
    records(workspace, ids, |id, record| {
        Track::decode(id, record).map(|track| TrackFacts::from(&track))
    })
}

fn records<T: Send>(
    workspace: &Workspace,
    ids: &[impl AsRef<str> + Sync],
    decode: impl Fn(&str, &[u8]) -> Option<T> + Sync,
) -> Result<Vec<Option<T>>, WorkspaceError> {
    let read = |scan: &mut Scan<'_>, id: &str| {
        let wanted = track_key(id);
        go_to(scan, &wanted)?;
        match scan.entry()? {
            Some((key, record)) if key == wanted => decode(id, record)
                .map(Some)
                .ok_or_else(|| workspace.damaged(format!("track {id}"))),
            _ => Ok(None),
        }
    };
    let parts = ids.par_chunks(chunk(ids.len())).map(|ids| {
        let mut scan = workspace.scan(family::CATALOG, &[prefix::TRACK])?;
        ids.iter()
            .map(|id| read(&mut scan, id.as_ref()))
            .collect::<Result<Vec<_>, WorkspaceError>>()
    });
    Ok(parts
        .collect::<Result<Vec<_>, _>>()?
        .into_iter()
        .flatten()
        .collect())
}

/// How many codes of a list one thread looks up in one go: all threads shall have some.
fn chunk(codes: usize) -> usize {
    (codes / (4 * rayon::current_num_threads())).clamp(512, CHUNK)
}

impl From<&Track> for TrackFacts {
    fn from(track: &Track) -> Self {
        Self {
            title: title_key(&track.title, &track.version),
            duration_ms: track.duration_ms,
            label: text_key(&track.label),
        }
    }
}

/// The names of all payees by number.
///
/// # Errors
/// [`WorkspaceError`] when the list cannot be read.
pub fn payees(workspace: &Workspace) -> Result<Vec<String>, WorkspaceError> {
    let mut names = Vec::new();
    let mut scan = workspace.scan(family::CATALOG, &[prefix::PAYEE])?;
    while let Some((key, value)) = scan.entry()? {
        let number = key[1..].try_into().map(u32::from_be_bytes).ok();
        if number != u32::try_from(names.len()).ok() {
            return Err(workspace.damaged("the list of payees"));
        }
        names.push(
            String::from_utf8(value.to_vec()).map_err(|_| workspace.damaged("a payee's name"))?,
        );
        scan.step();
    }
    Ok(names)
}
