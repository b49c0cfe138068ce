//! How well a track fits a query: the rule that both ways of searching share.

use std::collections::BTreeSet;
use std::ops::Bound;

use crate::catalog::Track;
use crate::ident::text_key;

/// Words of a query that count; what comes after them is passed over.
const MAX_WORDS: usize = 16;

/// A query, understood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// As typed, without blanks around it.
    pub text: String,
    /// Its distinct words, folded and sorted.
    pub words: Vec<String>,
}

/// How well a track fits; less is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rank {
    /// The query is its title and artist, with or without the version.
    TitleAndArtist,
    /// The query is its title, with or without the version.
    Title,
    /// It has all words.
    All,
    /// It lacks so many words.
    Some(u8),
}

impl Query {
    /// Reads what was typed.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let words: BTreeSet<String> = text_key(text)
            .split(' ')
            .filter(|w| !w.is_empty())
            .take(MAX_WORDS)
            .map(str::to_owned)
            .collect();
        Self {
            text: text.trim().to_owned(),
            words: words.into_iter().collect(),
        }
    }

    /// Whether nothing was typed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// How well a track's words fit; `None` when it has none of the query's.
    #[must_use]
    pub fn rank(&self, words: &TrackWords) -> Option<Rank> {
        let count = self
            .words
            .iter()
            .filter(|word| words.has_beginning(word))
            .count();
        if count == 0 {
            return None;
        }
        let lacking = self.words.len() - count;
        Some(match lacking {
            0 if self.is_one_of(&words.title_and_artist) => Rank::TitleAndArtist,
            0 if self.is_one_of(&words.title) => Rank::Title,
            0 => Rank::All,
            _ => Rank::Some(lacking as u8),
        })
    }

    /// Whether the query is one of these names, word by word.
    fn is_one_of(&self, names: &[BTreeSet<String>; 2]) -> bool {
        names.iter().any(|name| name.iter().eq(self.words.iter()))
    }
}

impl Rank {
    /// Whether a track of this rank has all words.
    #[must_use]
    pub fn is_whole(self) -> bool {
        !matches!(self, Self::Some(_))
    }
}

/// The words of a track.
#[derive(Debug, Default)]
pub struct TrackWords {
    /// All of them.
    pub all: BTreeSet<String>,
    /// Those of the title: without and with the version.
    pub title: [BTreeSet<String>; 2],
    /// Those of title and artist: without and with the version.
    pub title_and_artist: [BTreeSet<String>; 2],
}

impl TrackWords {
    /// Folds the texts of a track.
    #[must_use]
    pub fn of(track: &Track) -> Self {
        let title = words_of(&track.title);
        let artist = words_of(&track.artist);
        let with_version = &title | &words_of(&track.version);
        let mut all = &with_version | &artist;
        for text in [
            &track.label,
            &track.release_title,
            &track.catalog_number,
            &track.payee,
        ] {
            all.extend(words_of(text));
        }
        Self {
            all,
            title_and_artist: [&title | &artist, &with_version | &artist],
            title: [title, with_version],
        }
    }

    /// Whether one of the words begins with `beginning`.
    fn has_beginning(&self, beginning: &str) -> bool {
        // Words are sorted, so the first that is not before it begins with it if any does.
        self.all
            .range::<str, _>((Bound::Included(beginning), Bound::Unbounded))
            .next()
            .is_some_and(|word| word.starts_with(beginning))
    }
}

fn words_of(text: &str) -> BTreeSet<String> {
    text_key(text)
        .split(' ')
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_name_comes_before_all_words_before_some() {
        let track = |title: &str, version: &str, artist: &str, label: &str| Track {
            title: title.into(),
            version: version.into(),
            artist: artist.into(),
            label: label.into(),
            ..Track::default()
        };
        let cases = [
            (track("Café", "", "Björk", "x"), Some(Rank::TitleAndArtist)),
            (
                track("Café", "Live", "Björk", "x"),
                Some(Rank::TitleAndArtist),
            ),
            (track("Bjork cafe", "", "Nobody", "x"), Some(Rank::Title)),
            (track("Cafeteria", "", "Björk", "x"), Some(Rank::All)),
            (track("Café", "", "", "Björk Records"), Some(Rank::All)),
            (track("Café", "", "", ""), Some(Rank::Some(1))),
            (track("Tea", "", "", ""), None),
        ];
        let query = Query::new(" cafe BJÖRK ");
        for (track, want) in cases {
            assert_eq!(query.rank(&TrackWords::of(&track)), want, "{track:?}");
        }
    }
}
