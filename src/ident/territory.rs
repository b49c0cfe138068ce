//! Territories of sale: ISO 3166-1 codes, alpha-3 codes and English country names become alpha-2 codes.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::territory_table::TERRITORIES;

/// A territory as alpha-2 code where it is known, else the sender's own word (`OU`, `Worldwide`, a region).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Territory {
    name: String,
    known: bool,
}

static BY_NAME: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    TERRITORIES
        .iter()
        .flat_map(|(code, _, names)| names.iter().map(move |name| (*name, *code)))
        .collect()
});

static BY_CODE: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    TERRITORIES
        .iter()
        .flat_map(|(two, three, _)| [(*two, *two), (*three, *two)])
        .collect()
});

impl Territory {
    /// Reads what a report writes in its country column. An unknown word is kept as it is: a territory never costs a row.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        if matches!(text.len(), 2 | 3)
            && let Some(code) = BY_CODE.get(text.to_ascii_uppercase().as_str())
        {
            return Self {
                name: (*code).to_owned(),
                known: true,
            };
        }
        match BY_NAME.get(text.to_lowercase().as_str()) {
            Some(code) => Self {
                name: (*code).to_owned(),
                known: true,
            },
            None => Self {
                name: text.to_owned(),
                known: text.is_empty(),
            },
        }
    }

    /// The alpha-2 code, or the sender's word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// Whether it is a territory of ISO 3166-1 (or none was given).
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_become_alpha_2() {
        let cases = [
            ("us", "US", true),
            ("USA", "US", true),
            ("Germany", "DE", true),
            ("united states", "US", true),
            ("XK", "XK", true),
            ("OU", "OU", false),
            ("Worldwide", "Worldwide", false),
            ("", "", true),
        ];
        for (text, want, known) in cases {
            let territory = Territory::parse(text);
            assert_eq!(
                (territory.as_str(), territory.is_known()),
                (want, known),
                "{text}"
            );
        }
    }
}
