//! One track and its record in the database.

use serde::{Deserialize, Serialize};

use crate::ident::{Isrc, Upc};

/// A track of the catalog.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Track {
    /// The label's own id.
    pub id: String,
    /// Its recording's code.
    #[serde(serialize_with = "shown", deserialize_with = "read_isrc")]
    pub isrc: Option<Isrc>,
    /// Codes of the releases it is on.
    #[serde(serialize_with = "shown", deserialize_with = "read_upcs")]
    pub upcs: Vec<Upc>,
    /// Title.
    pub title: String,
    /// Version.
    pub version: String,
    /// Artist.
    pub artist: String,
    /// Label.
    pub label: String,
    /// Duration in milliseconds.
    pub duration_ms: Option<u64>,
    /// Title of the release.
    pub release_title: String,
    /// Catalog number.
    pub catalog_number: String,
    /// Who is paid.
    pub payee: String,
    /// Ids of DSPs: namespace and id.
    pub dsp_ids: Vec<(String, String)>,
}

/// Codes as people write them.
fn shown<'a, T, S>(codes: &'a T, serializer: S) -> Result<S::Ok, S::Error>
where
    &'a T: IntoIterator<Item: std::fmt::Display>,
    S: serde::Serializer,
{
    serializer.collect_seq(codes.into_iter().map(|code| code.to_string()))
}

fn read_isrc<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Isrc>, D::Error> {
    let codes = Vec::<String>::deserialize(deserializer)?;
    codes
        .first()
        .map(|code| Isrc::parse(code).map_err(serde::de::Error::custom))
        .transpose()
}

fn read_upcs<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Upc>, D::Error> {
    let codes = Vec::<String>::deserialize(deserializer)?;
    codes
        .iter()
        .map(|code| Upc::parse(code).map_err(serde::de::Error::custom))
        .collect()
}

/// First byte of a record: its version.
const VERSION: u8 = 1;

impl Track {
    /// All fields but the id, named and written for people, in the order in which they are shown. What is not given is empty.
    #[must_use]
    pub fn shown_fields(&self) -> [(&'static str, String); 11] {
        let list = |codes: Vec<String>| codes.join("; ");
        [
            ("ISRC", self.isrc.map(|i| i.to_string()).unwrap_or_default()),
            ("UPC", list(self.upcs.iter().map(Upc::to_string).collect())),
            ("Title", self.title.clone()),
            ("Version", self.version.clone()),
            ("Artist", self.artist.clone()),
            ("Label", self.label.clone()),
            ("Release", self.release_title.clone()),
            ("Catalog number", self.catalog_number.clone()),
            (
                "Duration",
                self.duration_ms
                    .map(super::duration_text)
                    .unwrap_or_default(),
            ),
            ("Payee", self.payee.clone()),
            (
                "DSP ids",
                list(
                    self.dsp_ids
                        .iter()
                        .map(|(namespace, id)| format!("{namespace} {id}"))
                        .collect(),
                ),
            ),
        ]
    }

    /// The record, without the id.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(96);
        out.push(VERSION);
        push_number(&mut out, self.isrc.map_or(0, |i| i.to_u64() + 1));
        push_number(
            &mut out,
            self.duration_ms.map_or(0, |d| d.saturating_add(1)),
        );
        push_number(&mut out, self.upcs.len() as u64);
        for upc in &self.upcs {
            push_number(&mut out, upc.to_u64());
        }
        for text in [
            &self.title,
            &self.version,
            &self.artist,
            &self.label,
            &self.release_title,
            &self.catalog_number,
            &self.payee,
        ] {
            push_text(&mut out, text);
        }
        push_number(&mut out, self.dsp_ids.len() as u64);
        for (namespace, id) in &self.dsp_ids {
            push_text(&mut out, namespace);
            push_text(&mut out, id);
        }
        out
    }

    /// Reads a record; `None` when it is damaged or of an unknown version.
    #[must_use]
    pub fn decode(id: &str, record: &[u8]) -> Option<Self> {
        let (&version, rest) = record.split_first()?;
        if version != VERSION {
            return None;
        }
        let mut at = Reader(rest);
        let isrc = at
            .number()?
            .checked_sub(1)
            .map(|packed| Isrc::from_u64(packed).ok_or(()))
            .transpose()
            .ok()?;
        let duration_ms = at.number()?.checked_sub(1);
        let upcs = (0..at.number()?)
            .map(|_| Upc::from_u64(at.number()?))
            .collect::<Option<Vec<_>>>()?;
        let mut text = || at.text();
        let title = text()?;
        let version = text()?;
        let artist = text()?;
        let label = text()?;
        let release_title = text()?;
        let catalog_number = text()?;
        let payee = text()?;
        let dsp_ids = (0..at.number()?)
            .map(|_| Some((at.text()?, at.text()?)))
            .collect::<Option<Vec<_>>>()?;
        at.0.is_empty().then(|| Self {
            id: id.to_owned(),
            isrc,
            upcs,
            title,
            version,
            artist,
            label,
            duration_ms,
            release_title,
            catalog_number,
            payee,
            dsp_ids,
        })
    }
}

/// What the indexes need of a record, without copying it.
pub(super) struct IndexFacts<'a> {
    pub isrc: Option<Isrc>,
    pub upcs: Vec<Upc>,
    pub payee: &'a str,
    pub dsp_ids: Vec<(&'a str, &'a str)>,
}

impl<'a> IndexFacts<'a> {
    /// Reads a record; `None` when it is damaged or of an unknown version.
    pub(super) fn of(record: &'a [u8]) -> Option<Self> {
        let (&version, rest) = record.split_first()?;
        if version != VERSION {
            return None;
        }
        let mut at = Reader(rest);
        let isrc = at
            .number()?
            .checked_sub(1)
            .map(|packed| Isrc::from_u64(packed).ok_or(()))
            .transpose()
            .ok()?;
        at.number()?;
        let upcs = (0..at.number()?)
            .map(|_| Upc::from_u64(at.number()?))
            .collect::<Option<Vec<_>>>()?;
        // Title, version, artist, label, release and catalog number are passed over.
        for _ in 0..6 {
            at.bytes()?;
        }
        let payee = at.str()?;
        let dsp_ids = (0..at.number()?)
            .map(|_| Some((at.str()?, at.str()?)))
            .collect::<Option<Vec<_>>>()?;
        Some(Self {
            isrc,
            upcs,
            payee,
            dsp_ids,
        })
    }
}

/// The part of a record that begins with its title: all of its texts with their lengths. `None` when it is damaged.
pub(super) fn texts(record: &[u8]) -> Option<&[u8]> {
    let mut at = Reader(record.split_first()?.1);
    at.number()?;
    at.number()?;
    for _ in 0..at.number()? {
        at.number()?;
    }
    Some(at.0)
}

pub(super) fn push_number(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(super) fn push_text(out: &mut Vec<u8>, text: &str) {
    push_number(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

pub(super) struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn number(&mut self) -> Option<u64> {
        let mut value = 0u64;
        let mut shift = 0;
        loop {
            let (&byte, rest) = self.0.split_first()?;
            self.0 = rest;
            value |= u64::from(byte & 0x7F).checked_shl(shift)?;
            if byte < 0x80 {
                return Some(value);
            }
            shift += 7;
        }
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let len = usize::try_from(self.number()?).ok()?;
        let (bytes, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(bytes)
    }

    pub(super) fn str(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    fn text(&mut self) -> Option<String> {
        self.str().map(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_read_back_as_they_were_and_damage_is_noticed() {
        let track = Track {
            id: "T1".into(),
            isrc: Isrc::parse("USX123000001").ok(),
            upcs: vec![Upc::parse("085365572676").unwrap()],
            title: "Tøilette & Café".into(),
            duration_ms: Some(0),
            payee: "P".into(),
            dsp_ids: vec![("youtube".into(), "A1".into())],
            ..Track::default()
        };
        let record = track.encode();
        assert_eq!(Track::decode("T1", &record), Some(track.clone()));
        let facts = IndexFacts::of(&record).unwrap();
        assert_eq!(
            (facts.isrc, facts.payee, facts.dsp_ids.as_slice()),
            (track.isrc, "P", &[("youtube", "A1")][..])
        );
        assert_eq!(facts.upcs, track.upcs);
        for len in 0..record.len() {
            assert_eq!(Track::decode("T1", &record[..len]), None);
        }
        for track in [&track, &Track::default()] {
            let json = serde_json::to_value(track).unwrap();
            assert_eq!(serde_json::from_value::<Track>(json).unwrap(), *track);
        }
        assert_eq!(
            Track::decode("T1", &Track::default().encode()),
            Some(Track {
                id: "T1".into(),
                ..Track::default()
            })
        );
    }
}
