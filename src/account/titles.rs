//! What tracks and releases are called. Cells know them by their ids alone; a catalog knows the names.

use std::borrow::Cow;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::ident::Upc;

/// Names of a track.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrackTitle {
    /// Title, with its version.
    pub title: String,
    /// Artist.
    pub artist: String,
}

/// Names of tracks and releases, as far as they are known.
#[derive(Debug, Clone, Default)]
pub struct Titles {
    tracks: HashMap<String, TrackTitle, FixedState>,
    releases: HashMap<String, String, FixedState>,
}

impl Titles {
    /// Adds a track.
    pub fn add_track(&mut self, id: &str, title: TrackTitle) {
        self.tracks.insert(id.to_owned(), title);
    }

    /// Adds a release by its UPC or its id.
    pub fn add_release(&mut self, code: &str, title: &str) {
        if !title.is_empty() {
            self.releases.insert(key(code), title.to_owned());
        }
    }

    /// The names of a track.
    #[must_use]
    pub fn track(&self, id: &str) -> Option<&TrackTitle> {
        self.tracks.get(id)
    }

    /// The names of releases that stand in one text, parted by `;`. Empty when none of them is known.
    #[must_use]
    pub fn releases(&self, codes: &str) -> Cow<'_, str> {
        let mut names: Vec<&str> = codes
            .split(';')
            .filter_map(|code| self.releases.get(&key(code)).map(String::as_str))
            .collect();
        names.dedup();
        match names.as_slice() {
            [] => Cow::Borrowed(""),
            [name] => Cow::Borrowed(*name),
            names => Cow::Owned(names.join("; ")),
        }
    }
}

/// A UPC is the same with and without leading zeros.
fn key(code: &str) -> String {
    let code = code.trim();
    Upc::parse(code).map_or_else(|_| code.to_owned(), |upc| upc.to_u64().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_known_by_any_form_of_their_upc() {
        let mut titles = Titles::default();
        titles.add_release("045555440796", "Slow Ferry");
        titles.add_release("LF-7", "Almanac");
        titles.add_release("LF-8", "");
        for (codes, want) in [
            ("045555440796", "Slow Ferry"),
            ("0045555440796", "Slow Ferry"),
            ("LF-7; 045555440796", "Almanac; Slow Ferry"),
            ("LF-8", ""),
            ("", ""),
        ] {
            assert_eq!(titles.releases(codes), want, "{codes}");
        }
    }
}
