//! How well a track fits a query: the rule that both ways of searching share.

use std::collections::BTreeSet;

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
        let fits = |wanted: &&String| {
            words
                .all
                .range((*wanted).clone()..)
                .next()
                .is_some_and(|word| word.starts_with(wanted.as_str()))
        };
        let count = self.words.iter().filter(fits).count();
        if count == 0 {
            return None;
        }
        let lacking = self.words.len() - count;
        let is = |name: &[BTreeSet<String>; 2]| name.iter().any(|n| n.iter().eq(self.words.iter()));
        Some(match lacking {
            0 if is(&words.title_and_artist) => Rank::TitleAndArtist,
            0 if is(&words.title) => Rank::Title,
            0 => Rank::All,
            _ => Rank::Some(lacking as u8),
        })
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
        let words = |text: &str| {
            text_key(text)
                .split(' ')
                .filter(|w| !w.is_empty())
                .map(str::to_owned)
                .collect::<BTreeSet<String>>()
        };
        let join = |a: &BTreeSet<String>, b: &BTreeSet<String>| {
            a.union(b).cloned().collect::<BTreeSet<String>>()
        };
        let (title, version, artist) = (
            words(&track.title),
            words(&track.version),
            words(&track.artist),
        );
        let with_version = join(&title, &version);
        let mut all = join(&with_version, &artist);
        for text in [
            &track.label,
            &track.release_title,
            &track.catalog_number,
            &track.payee,
        ] {
            all.extend(words(text));
        }
        Self {
            all,
            title_and_artist: [join(&title, &artist), join(&with_version, &artist)],
            title: [title, with_version],
        }
    }
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
