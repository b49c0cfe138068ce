//! What a person took on purpose, and what a statement has in common with others: both stay with its record.

use serde::{Deserialize, Serialize};

use crate::statement::Again;
use crate::statement::likeness::Shared;
use crate::statement::loss::Loss;

/// What a person took on purpose although it looked wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// That so much of it is in quarantine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quarantine: Option<Loss>,
    /// That its rows are those of other statements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicate: Option<Again>,
}

impl Accepted {
    /// Whether nothing had to be accepted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What was accepted, in words; empty when nothing was.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        let quarantine = self
            .quarantine
            .as_ref()
            .map(|loss| format!("taken all the same although {}", loss.shares()));
        let duplicate = self
            .duplicate
            .as_ref()
            .map(|again| format!("counted on purpose although {}", again.sentence()));
        quarantine.into_iter().chain(duplicate).collect()
    }

    /// What was accepted, in a word each.
    #[must_use]
    pub fn words(&self) -> Vec<&'static str> {
        let words = [
            (self.quarantine.is_some(), "quarantine"),
            (self.duplicate.is_some(), "duplicate"),
        ];
        words
            .into_iter()
            .filter(|(is_accepted, _)| *is_accepted)
            .map(|(_, word)| word)
            .collect()
    }
}

/// An earlier statement that has more than half of the smaller one's rows, too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overlap {
    /// Its key.
    pub key: String,
    /// Its name.
    pub file: String,
    /// The rows in both.
    #[serde(flatten)]
    pub shared: Shared,
}

impl Overlap {
    /// What is in both, without a full stop.
    #[must_use]
    pub fn sentence(&self) -> String {
        let money: Vec<String> = self
            .shared
            .money
            .iter()
            .map(|m| format!("{} {}", m.amount, m.currency))
            .collect();
        let about = if self.shared.is_about { "about " } else { "" };
        let rows = if self.shared.rows == 1 {
            "row is"
        } else {
            "rows are"
        };
        let money = if money.is_empty() {
            String::new()
        } else {
            format!(", {about}{},", money.join(", "))
        };
        format!(
            "{about}{} {rows} also in {}{money} and count in both",
            self.shared.rows, self.file
        )
    }
}
