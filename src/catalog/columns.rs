//! Which column of a catalog file is what, and a row into a track.

use serde::Deserialize;

use super::import::{CatalogReport, SHOWN, trimmed};
use super::{CatalogError, Track};
use crate::ident::{Isrc, Upc, UpcError, is_not_given};
use crate::statement::kind::{self, Kind};
use crate::statement::layout::header_key;
use crate::statement::records::{Dialect, Row, RowReader};

#[derive(Debug, Deserialize)]
struct Synonyms {
    track_id: Vec<String>,
    isrc: Vec<String>,
    upc: Vec<String>,
    title: Vec<String>,
    version: Vec<String>,
    artist: Vec<String>,
    label: Vec<String>,
    duration: Vec<String>,
    release_title: Vec<String>,
    catalog_number: Vec<String>,
    payee: Vec<String>,
    track_number: Vec<String>,
    dsp_ids: std::collections::BTreeMap<String, Vec<String>>,
}

/// Which column is what.
#[derive(Debug, Default)]
pub(super) struct CatalogColumns {
    track_id: Option<usize>,
    isrc: Option<usize>,
    upc: Option<usize>,
    title: Option<usize>,
    version: Option<usize>,
    artist: Option<usize>,
    label: Option<usize>,
    duration: Option<usize>,
    release_title: Option<usize>,
    catalog_number: Option<usize>,
    payee: Option<usize>,
    track_number: Option<usize>,
    dsp_ids: Vec<(String, usize)>,
    pub(super) count: usize,
}

/// The header is the first line with the most known names, among the first fifty.
pub(super) fn find_header(
    file: &str,
    head: &[u8],
) -> Result<(Dialect, Vec<String>, usize), CatalogError> {
    let known = all_names();
    let mut best: Option<(usize, Dialect, Vec<String>, usize)> = None;
    for delimiter in [b'\t', b',', b';', b'|'] {
        let dialect = Dialect::new(delimiter).decided(head);
        let mut at = 0;
        for _ in 0..50 {
            if at >= head.len() {
                break;
            }
            let end =
                memchr::memchr(dialect.line_end(), &head[at..]).map_or(head.len(), |n| at + n);
            let mut reader = RowReader::new(trimmed(head, at, end), &dialect, 0);
            let cells: Vec<String> = reader
                .next_row()
                .map(|row| {
                    row.cells()
                        .map(|c| String::from_utf8_lossy(c).trim().to_owned())
                        .collect()
                })
                .unwrap_or_default();
            let score = cells
                .iter()
                .filter(|c| known.contains(&header_key(c)))
                .count();
            at = (end + 1).min(head.len());
            if score > best.as_ref().map_or(1, |b| b.0) {
                best = Some((score, dialect.clone(), cells, at));
            }
        }
    }
    if let Some(kind) = kind::of_dsr(head) {
        return Err(of_kind(file, &kind));
    }
    let Some((_, mut dialect, header, body)) = best else {
        if let Some(kind) = kind::of_text(head) {
            return Err(of_kind(file, &kind));
        }
        let first: String = String::from_utf8_lossy(head)
            .lines()
            .next()
            .unwrap_or_default()
            .chars()
            .take(200)
            .collect();
        return Err(CatalogError::Header {
            file: file.to_owned(),
            reason: if head.is_empty() {
                "the file is empty".into()
            } else {
                format!(
                    "none of its first 50 lines has two names of catalog columns, separated by tab, comma, semicolon or bar (looked for were \
                     “{}” and others); the first line is “{first}”",
                    looked_for().join("”, “")
                )
            },
            remedy: REMEDY.into(),
        });
    };
    dialect.columns = Some(header.len());
    Ok((dialect, header, body))
}

const REMEDY: &str = "Give the columns the names track_id, isrc, upc, title, artist, payee (see: ledgerline help catalog)";

/// A file that is no table: what it is, and what a catalog is read from.
fn of_kind(file: &str, kind: &Kind) -> CatalogError {
    let remedy = "Export the tracks as CSV or tab-separated text with one row for each and the columns track_id, isrc, upc, title, artist, payee";
    CatalogError::Header {
        file: file.to_owned(),
        reason: kind.reason_of_catalog(),
        remedy: remedy.into(),
    }
}

/// The usual name of each fact that a catalog has.
fn looked_for() -> Vec<String> {
    let s = synonyms();
    let lists = [
        s.track_id,
        s.isrc,
        s.upc,
        s.title,
        s.version,
        s.artist,
        s.label,
        s.release_title,
        s.catalog_number,
        s.payee,
    ];
    lists
        .into_iter()
        .filter_map(|names| names.into_iter().next())
        .collect()
}

fn synonyms() -> Synonyms {
    toml::from_str(include_str!("../../assets/catalog.toml"))
        .expect("the built-in list of names is tested to be readable")
}

/// The names under which catalogs give ids of DSPs, sorted.
pub(crate) fn dsp_namespaces() -> Vec<String> {
    synonyms().dsp_ids.into_keys().collect()
}

fn all_names() -> std::collections::HashSet<String> {
    let s = synonyms();
    let lists = [
        s.track_id,
        s.isrc,
        s.upc,
        s.title,
        s.version,
        s.artist,
        s.label,
        s.duration,
        s.release_title,
        s.catalog_number,
        s.payee,
        s.track_number,
    ];
    lists
        .into_iter()
        .chain(s.dsp_ids.into_values())
        .flatten()
        .map(|n| header_key(&n))
        .collect()
}

pub(super) fn columns_of(file: &str, header: &[String]) -> Result<CatalogColumns, CatalogError> {
    let keys: Vec<String> = header.iter().map(|h| header_key(h)).collect();
    let find = |names: &[String]| {
        names
            .iter()
            .find_map(|n| keys.iter().position(|k| *k == header_key(n)))
    };
    let s = synonyms();
    let columns = CatalogColumns {
        track_id: find(&s.track_id),
        isrc: find(&s.isrc),
        upc: find(&s.upc),
        title: find(&s.title),
        version: find(&s.version),
        artist: find(&s.artist),
        label: find(&s.label),
        duration: find(&s.duration),
        release_title: find(&s.release_title),
        catalog_number: find(&s.catalog_number),
        payee: find(&s.payee),
        track_number: find(&s.track_number),
        dsp_ids: s
            .dsp_ids
            .iter()
            .filter_map(|(namespace, names)| Some((namespace.clone(), find(names)?)))
            .collect(),
        count: header.len(),
    };
    let fail = |reason: String| CatalogError::Header {
        file: file.to_owned(),
        reason,
        remedy: REMEDY.into(),
    };
    if columns.track_id.is_none() && columns.isrc.is_none() {
        return Err(fail(format!(
            "the catalog has neither a track id nor an ISRC column; its columns are {}",
            header.join(", ")
        )));
    }
    if let Some(twice) = keys
        .iter()
        .enumerate()
        .find(|(i, k)| !k.is_empty() && keys[..*i].contains(k))
    {
        return Err(fail(format!(
            "the column “{}” is there twice",
            header[twice.0]
        )));
    }
    Ok(columns)
}

impl CatalogColumns {
    /// What a column is taken for, for people; `None` when it is passed over.
    pub(super) fn meaning(&self, column: usize) -> Option<String> {
        let names = [
            (self.track_id, "track id"),
            (self.isrc, "ISRC"),
            (self.upc, "UPC"),
            (self.title, "title"),
            (self.version, "version"),
            (self.artist, "artist"),
            (self.label, "label"),
            (self.duration, "duration"),
            (self.release_title, "release"),
            (self.catalog_number, "catalog number"),
            (self.payee, "payee"),
            (self.track_number, "track number"),
        ];
        let known = names
            .iter()
            .find(|(place, _)| *place == Some(column))
            .map(|(_, name)| (*name).to_owned());
        known.or_else(|| {
            self.dsp_ids
                .iter()
                .find(|(_, place)| *place == column)
                .map(|(namespace, _)| format!("id at {namespace}"))
        })
    }

    pub(super) fn track(
        &self,
        row: &Row<'_>,
        is_clean: bool,
        place: &dyn Fn() -> String,
        report: &mut CatalogReport,
    ) -> Result<Track, String> {
        if row.flags.is_ragged {
            return Err(format!(
                "the row has {} cells, the header has {}",
                row.len(),
                self.count
            ));
        }
        if !is_clean && row.cells().any(|cell| std::str::from_utf8(cell).is_err()) {
            return Err("the row is not valid UTF-8".to_owned());
        }
        let mut warn = |what: String| {
            report.warnings += 1;
            if report.first_warnings.len() < SHOWN {
                report.first_warnings.push(format!("{}: {what}", place()));
            }
        };
        let text = |column: Option<usize>| {
            column.map_or("", |c| {
                std::str::from_utf8(row.cell(c)).unwrap_or_default().trim()
            })
        };
        let isrc_text = text(self.isrc);
        let isrc = match Isrc::parse(isrc_text) {
            Ok(isrc) => Some(isrc),
            Err(_) if is_not_given(isrc_text) => None,
            Err(error) => {
                warn(format!("ISRC “{isrc_text}” was left out: {error}"));
                None
            }
        };
        let upcs = upcs_of(text(self.upc), &mut warn);
        let duration_text = text(self.duration);
        let duration_ms = parse_duration(duration_text);
        if duration_ms.is_none() && !is_not_given(duration_text) {
            warn(format!(
                "duration “{duration_text}” was left out: seconds, minutes:seconds or PT3M20S are read"
            ));
        }
        let id = self.id(text(self.track_id), isrc, &upcs, text(self.track_number))?;
        let dsp_ids = self
            .dsp_ids
            .iter()
            .flat_map(|(namespace, column)| {
                text(Some(*column))
                    .split(';')
                    .map(str::trim)
                    .filter(|id| !is_not_given(id))
                    .map(|id| (namespace.clone(), id.to_owned()))
            })
            .collect();
        Ok(Track {
            id,
            isrc,
            upcs,
            title: text(self.title).to_owned(),
            version: text(self.version).to_owned(),
            artist: text(self.artist).to_owned(),
            label: text(self.label).to_owned(),
            duration_ms,
            release_title: text(self.release_title).to_owned(),
            catalog_number: text(self.catalog_number).to_owned(),
            payee: text(self.payee).to_owned(),
            dsp_ids,
        })
    }

    /// The track's id; a catalog without ids gets them from ISRC, release and place on it.
    fn id(
        &self,
        given: &str,
        isrc: Option<Isrc>,
        upcs: &[Upc],
        track_number: &str,
    ) -> Result<String, String> {
        if self.track_id.is_some() {
            if given.is_empty() || given.contains('\0') || given.contains(';') {
                return Err(format!(
                    "“{given}” cannot be a track id: it must not be empty or hold a semicolon"
                ));
            }
            return Ok(given.to_owned());
        }
        let isrc = isrc.ok_or("the row has no ISRC, and the catalog has no track ids")?;
        let upc = upcs.first().map(|u| format!("-{u}")).unwrap_or_default();
        let number = if track_number.is_empty() {
            String::new()
        } else {
            format!("-{track_number}")
        };
        Ok(format!("{isrc}{upc}{number}"))
    }
}

/// Seconds (`215`, `215.5`), `3:35`, `1:02:03` or `PT3M35.2S` in milliseconds.
pub(crate) fn parse_duration(text: &str) -> Option<u64> {
    let text = text.trim();
    if let Some(iso) = text.strip_prefix("PT") {
        let mut total = 0u64;
        let mut number = String::new();
        for c in iso.chars() {
            let unit = match c {
                'H' => 3_600_000,
                'M' => 60_000,
                'S' => 1000,
                _ => {
                    number.push(c);
                    continue;
                }
            };
            total = total.checked_add(
                thousandths(&std::mem::take(&mut number))?.checked_mul(unit)? / 1000,
            )?;
        }
        return number.is_empty().then_some(total);
    }
    let mut total = 0u64;
    for part in text.split(':') {
        total = total.checked_mul(60)?.checked_add(thousandths(part)?)?;
    }
    Some(total)
}

/// A duration as people write it and [`parse_duration`] reads it: `3:35`, `1:02:03`, `0:07.250`.
pub(crate) fn duration_text(ms: u64) -> String {
    let seconds = ms / 1000;
    let rest = ms % 1000;
    let hours = seconds / 3600;
    let minutes = seconds / 60 % 60;
    let seconds = seconds % 60;
    let whole = if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    };
    if rest == 0 {
        whole
    } else {
        format!("{whole}.{rest:03}")
    }
}

/// A decimal number times a thousand; further digits are cut, a duration is no amount.
fn thousandths(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if whole.is_empty()
        || whole.len() > 9
        || !whole
            .bytes()
            .chain(fraction.bytes())
            .all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let padded: String = fraction.chars().chain("000".chars()).take(3).collect();
    Some(whole.parse::<u64>().ok()? * 1000 + padded.parse::<u64>().ok()?)
}

/// The UPCs of a cell, sorted, each once.
fn upcs_of(text: &str, warn: &mut impl FnMut(String)) -> Vec<Upc> {
    let mut upcs = Vec::new();
    for upc in text.split([';', '|']) {
        match Upc::parse(upc) {
            Ok(upc) => upcs.push(upc),
            Err(UpcError::NotGiven) => {}
            Err(error) => warn(format!("UPC “{upc}” was left out: {error}")),
        }
    }
    upcs.sort_unstable();
    upcs.dedup();
    upcs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_in_every_form() {
        for (text, want) in [
            ("215", Some(215_000)),
            ("215.5", Some(215_500)),
            ("3:35", Some(215_000)),
            ("1:02:03", Some(3_723_000)),
            ("PT3M26.2S", Some(206_200)),
            ("PT0H0M0S", Some(0)),
            ("", None),
            ("x", None),
            ("-1", None),
        ] {
            assert_eq!(parse_duration(text), want, "{text}");
        }
    }

    #[test]
    fn durations_read_back_as_they_are_shown() {
        for ms in [0, 7_250, 215_000, 3_723_000, 36_000_001] {
            assert_eq!(parse_duration(&duration_text(ms)), Some(ms));
        }
        assert_eq!(duration_text(215_000), "3:35");
    }

    #[test]
    fn the_list_of_names_is_readable() {
        assert!(all_names().contains("isrc"));
    }
}
