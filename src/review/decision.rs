//! One decision: which items it is about, and what becomes of their money.

use serde::{Deserialize, Serialize};

use super::ItemCode;
use crate::ident::{Isrc, Upc};

/// Which items a decision is about. A narrower target goes before a wider one, whenever it was
/// decided.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Target {
    /// One item.
    Item {
        /// The item.
        item: ItemCode,
        /// The DSP it holds for, as written in reports; for all when not given.
        dsp: Option<String>,
    },
    /// All items that are reported with an ISRC.
    Isrc {
        /// The code.
        isrc: Isrc,
        /// The DSP it holds for; for all when not given.
        dsp: Option<String>,
        /// Only where this release code is reported with it.
        upc: Option<Upc>,
    },
}

/// What a decision does with an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "lowercase")]
pub enum Action {
    /// Its money goes to a track.
    Assign {
        /// The track's id.
        track: String,
    },
    /// Its money is split over several tracks.
    Split {
        /// The tracks with their shares.
        parts: Vec<SplitPart>,
    },
    /// It is not the label's: its money is not paid out.
    Ignore,
    /// It waits.
    Hold,
    /// It stays as the cascade leaves it, on purpose.
    Leave,
    /// Earlier decisions no longer hold.
    Clear,
}

/// One part of a split.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitPart {
    /// The track's id.
    pub track: String,
    /// Its share, in proportion to the sum of all shares.
    pub share: u32,
}

/// One decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Data", into = "Data")]
pub struct Decision {
    /// The items.
    pub target: Target,
    /// What is done.
    pub action: Action,
    /// Why.
    pub note: String,
}

impl Action {
    /// The tracks that it names.
    pub fn tracks(&self) -> impl Iterator<Item = &str> {
        let (one, many) = match self {
            Self::Assign { track } => (Some(track.as_str()), &[][..]),
            Self::Split { parts } => (None, parts.as_slice()),
            _ => (None, &[][..]),
        };
        one.into_iter().chain(many.iter().map(|p| p.track.as_str()))
    }

    /// Whether the shares of a split divide something.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let Self::Split { parts } = self else {
            return true;
        };
        let mut tracks: Vec<&str> = parts.iter().map(|p| p.track.as_str()).collect();
        tracks.sort_unstable();
        tracks.dedup();
        parts.len() > 1 && tracks.len() == parts.len() && parts.iter().all(|p| p.share > 0)
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let dsp = match self {
            Self::Item { item, dsp } => {
                write!(f, "{item}")?;
                dsp
            }
            Self::Isrc { isrc, dsp, upc } => {
                write!(f, "ISRC {isrc}")?;
                if let Some(upc) = upc {
                    write!(f, " with UPC {upc}")?;
                }
                dsp
            }
        };
        write!(f, " ({})", dsp.as_deref().unwrap_or("all DSPs"))
    }
}

impl std::fmt::Display for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Assign { track } => write!(f, "assign to {track}"),
            Self::Split { parts } => {
                let parts: Vec<String> = parts
                    .iter()
                    .map(|p| format!("{} {}", p.share, p.track))
                    .collect();
                write!(f, "split over {}", parts.join(" : "))
            }
            Self::Ignore => f.write_str("ignore"),
            Self::Hold => f.write_str("hold"),
            Self::Leave => f.write_str("leave as it is"),
            Self::Clear => f.write_str("clear"),
        }
    }
}

impl std::fmt::Display for Decision {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // As the first version wrote it: who scripts the list finds it as it was.
        match &self.target {
            Target::Item { item, dsp } => {
                let dsp = dsp.as_deref().unwrap_or("all DSPs");
                write!(f, "{item} {} ({dsp})", self.action)
            }
            Target::Isrc { .. } => write!(f, "{}: {}", self.target, self.action),
        }
    }
}

/// A decision as it stands in the journal.
#[derive(Clone, Serialize, Deserialize)]
struct Data {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    item: Option<ItemCode>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    isrc: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    upc: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    dsp: Option<String>,
    #[serde(flatten)]
    action: Action,
    #[serde(skip_serializing_if = "String::is_empty", default)]
    note: String,
}

impl From<Decision> for Data {
    fn from(decision: Decision) -> Self {
        let Decision {
            target,
            action,
            note,
        } = decision;
        match target {
            Target::Item { item, dsp } => Self {
                item: Some(item),
                isrc: None,
                upc: None,
                dsp,
                action,
                note,
            },
            Target::Isrc { isrc, dsp, upc } => Self {
                item: None,
                isrc: Some(isrc.to_string()),
                upc: upc.map(|u| u.to_string()),
                dsp,
                action,
                note,
            },
        }
    }
}

impl TryFrom<Data> for Decision {
    type Error = String;

    fn try_from(data: Data) -> Result<Self, String> {
        let upc = data
            .upc
            .map(|text| Upc::parse(&text).map_err(|e| e.to_string()))
            .transpose()?;
        let target = match (data.item, data.isrc) {
            (Some(item), None) => Target::Item {
                item,
                dsp: data.dsp,
            },
            (None, Some(isrc)) => Target::Isrc {
                isrc: Isrc::parse(&isrc).map_err(|e| e.to_string())?,
                dsp: data.dsp,
                upc,
            },
            _ => return Err("a decision is about an item or an ISRC".into()),
        };
        Ok(Self {
            target,
            action: data.action,
            note: data.note,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_read_back_from_the_journal_as_they_were() {
        let item = ItemCode::try_from("00000000000000ff".to_owned()).unwrap();
        let isrc = Isrc::parse("USX123000001").unwrap();
        let split = split(&[("A", 1), ("B", 2)]);
        let cases = [
            (
                Target::Item { item, dsp: None },
                Action::Assign { track: "T".into() },
                "",
            ),
            (
                Target::Item {
                    item,
                    dsp: Some("Deezer".into()),
                },
                Action::Ignore,
                "not ours",
            ),
            (
                Target::Isrc {
                    isrc,
                    dsp: Some("YouTube".into()),
                    upc: Upc::parse("085365572676").ok(),
                },
                split,
                "",
            ),
            (
                Target::Isrc {
                    isrc,
                    dsp: None,
                    upc: None,
                },
                Action::Leave,
                "",
            ),
        ];
        for (target, action, note) in cases {
            let decision = Decision {
                target,
                action,
                note: note.into(),
            };
            let json = serde_json::to_value(&decision).unwrap();
            assert_eq!(serde_json::from_value::<Decision>(json).unwrap(), decision);
        }
        let of_nothing = serde_json::json!({ "action": "ignore" });
        assert!(serde_json::from_value::<Decision>(of_nothing).is_err());
    }

    fn split(parts: &[(&str, u32)]) -> Action {
        let parts = parts.iter().map(|(track, share)| SplitPart {
            track: (*track).into(),
            share: *share,
        });
        Action::Split {
            parts: parts.collect(),
        }
    }

    #[test]
    fn a_split_needs_two_tracks_and_shares() {
        assert!(split(&[("A", 1), ("B", 3)]).is_sound());
        for bad in [
            &[("A", 1)][..],
            &[("A", 1), ("A", 1)],
            &[("A", 1), ("B", 0)],
            &[],
        ] {
            assert!(!split(bad).is_sound(), "{bad:?}");
        }
    }
}
