//! The decisions that hold now, found by an item's code, ISRC, release code and DSP.

use std::collections::{BTreeSet, HashMap};

use super::{Action, Decision, ItemCode, Target};
use crate::ident::{Isrc, Upc};

/// What holds for a target, and which entry of the journal said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    /// What is done.
    pub action: Action,
    /// The entry's number.
    pub seq: u64,
    /// Why.
    pub note: String,
}

/// What decisions are looked up by.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The item.
    pub item: ItemCode,
    /// Its ISRC, when it can be read.
    pub isrc: Option<Isrc>,
    /// Its release code, when it can be read.
    pub upc: Option<Upc>,
    /// The DSP as written.
    pub dsp: &'a str,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct IsrcRule {
    dsp: Option<String>,
    upc: Option<Upc>,
    ruling: Ruling,
}

impl IsrcRule {
    fn fits(&self, subject: &Subject<'_>) -> bool {
        self.dsp.as_deref().is_none_or(|dsp| dsp == subject.dsp)
            && self.upc.is_none_or(|upc| Some(upc) == subject.upc)
    }
}

/// The decisions that hold now.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Decisions {
    of_dsp: HashMap<(ItemCode, String), Ruling>,
    of_all: HashMap<ItemCode, Ruling>,
    /// For each ISRC, the narrowest rule first.
    of_isrc: HashMap<Isrc, Vec<IsrcRule>>,
}

impl Decisions {
    /// Applies one decision that stands in entry `seq`.
    pub fn apply(&mut self, decision: &Decision, seq: u64) {
        let ruling = (decision.action != Action::Clear).then(|| Ruling {
            action: decision.action.clone(),
            seq,
            note: decision.note.clone(),
        });
        match (&decision.target, ruling) {
            (
                Target::Item {
                    item,
                    dsp: Some(dsp),
                },
                Some(ruling),
            ) => {
                self.of_dsp.insert((*item, dsp.clone()), ruling);
            }
            (
                Target::Item {
                    item,
                    dsp: Some(dsp),
                },
                None,
            ) => {
                self.of_dsp.remove(&(*item, dsp.clone()));
            }
            (Target::Item { item, dsp: None }, Some(ruling)) => {
                self.of_all.insert(*item, ruling);
            }
            (Target::Item { item, dsp: None }, None) => {
                self.of_all.remove(item);
                self.of_dsp.retain(|(other, _), _| other != item);
            }
            (Target::Isrc { isrc, dsp, upc }, ruling) => {
                self.apply_isrc(*isrc, dsp.as_deref(), *upc, ruling)
            }
        }
    }

    fn apply_isrc(
        &mut self,
        isrc: Isrc,
        dsp: Option<&str>,
        upc: Option<Upc>,
        ruling: Option<Ruling>,
    ) {
        let rules = self.of_isrc.entry(isrc).or_default();
        // Clearing the whole ISRC clears the narrower rules with it, as clearing an item does.
        let clears_all = ruling.is_none() && dsp.is_none() && upc.is_none();
        rules.retain(|r| !(clears_all || (r.dsp.as_deref() == dsp && r.upc == upc)));
        if let Some(ruling) = ruling {
            rules.push(IsrcRule {
                dsp: dsp.map(str::to_owned),
                upc,
                ruling,
            });
            rules.sort_by_key(|r| (r.upc.is_none(), r.dsp.is_none()));
        }
        if rules.is_empty() {
            self.of_isrc.remove(&isrc);
        }
    }

    /// What holds for an item: for itself at its DSP, for itself, then for its ISRC: with the
    /// release code and the DSP, with the release code, at the DSP, anywhere.
    #[must_use]
    pub fn of(&self, subject: &Subject<'_>) -> Option<&Ruling> {
        self.of_item_at_dsp(subject)
            .or_else(|| self.of_all.get(&subject.item))
            .or_else(|| self.of_rules(subject))
    }

    fn of_item_at_dsp(&self, subject: &Subject<'_>) -> Option<&Ruling> {
        // Most workspaces have no such decision, and this is asked for every line.
        if self.of_dsp.is_empty() {
            return None;
        }
        self.of_dsp.get(&(subject.item, subject.dsp.to_owned()))
    }

    fn of_rules(&self, subject: &Subject<'_>) -> Option<&Ruling> {
        let rules = self.of_isrc.get(&subject.isrc?)?;
        // The narrowest stands first, so the first that fits holds.
        let rule = rules.iter().find(|rule| rule.fits(subject))?;
        Some(&rule.ruling)
    }

    /// The rules of an ISRC: DSP, release code and what holds, the narrowest first.
    pub fn rules(&self, isrc: Isrc) -> impl Iterator<Item = (Option<&str>, Option<Upc>, &Ruling)> {
        self.of_isrc
            .get(&isrc)
            .into_iter()
            .flatten()
            .map(|r| (r.dsp.as_deref(), r.upc, &r.ruling))
    }

    /// Whether nothing is decided.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.of_dsp.is_empty() && self.of_all.is_empty() && self.of_isrc.is_empty()
    }

    /// How many targets have a ruling.
    #[must_use]
    pub fn len(&self) -> usize {
        self.of_dsp.len() + self.of_all.len() + self.of_isrc.values().map(Vec::len).sum::<usize>()
    }

    /// All tracks that decisions name.
    #[must_use]
    pub fn tracks(&self) -> BTreeSet<&str> {
        let rules = self.of_isrc.values().flatten().map(|r| &r.ruling);
        self.of_all
            .values()
            .chain(self.of_dsp.values())
            .chain(rules)
            .flat_map(|r| r.action.tracks())
            .collect()
    }

    /// A digest of what holds now, for the fingerprint of a run.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut lines: Vec<String> = self
            .of_all
            .iter()
            .map(|(item, r)| format!("{item}||{:?}", r.action))
            .collect();
        lines.extend(
            self.of_dsp
                .iter()
                .map(|((item, dsp), r)| format!("{item}|{dsp}|{:?}", r.action)),
        );
        for (isrc, rules) in &self.of_isrc {
            lines.extend(rules.iter().map(|r| {
                format!(
                    "{isrc}|{:?}|{:?}|{:?}",
                    r.dsp,
                    r.upc.map(|u| u.to_string()),
                    r.ruling.action
                )
            }));
        }
        lines.sort_unstable();
        blake3::hash(lines.join("\n").as_bytes())
            .to_hex()
            .to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(n: u64) -> ItemCode {
        ItemCode::try_from(format!("{n:016x}")).unwrap()
    }

    fn about_item(n: u64, dsp: Option<&str>, action: Action) -> Decision {
        Decision {
            target: Target::Item {
                item: item(n),
                dsp: dsp.map(str::to_owned),
            },
            action,
            note: String::new(),
        }
    }

    fn action_of<'a>(all: &'a Decisions, n: u64, dsp: &str) -> Option<&'a Action> {
        all.of(&Subject {
            item: item(n),
            isrc: None,
            upc: None,
            dsp,
        })
        .map(|r| &r.action)
    }

    #[test]
    fn the_dsp_comes_before_all_and_clearing_undoes() {
        let mut all = Decisions::default();
        all.apply(&about_item(1, None, Action::Ignore), 1);
        all.apply(&about_item(1, Some("Spotify"), Action::Hold), 2);
        assert_eq!(action_of(&all, 1, "Spotify"), Some(&Action::Hold));
        assert_eq!(action_of(&all, 1, "Deezer"), Some(&Action::Ignore));
        all.apply(&about_item(1, Some("Spotify"), Action::Clear), 3);
        assert_eq!(action_of(&all, 1, "Spotify"), Some(&Action::Ignore));
        all.apply(&about_item(1, None, Action::Clear), 4);
        assert!(all.is_empty());
    }

    #[test]
    fn the_narrowest_rule_of_an_isrc_holds_whenever_it_was_decided() {
        let isrc = Isrc::parse("USX123000001").unwrap();
        let upc = Upc::parse("085365572676").unwrap();
        let mut all = Decisions::default();
        let rule = |dsp: Option<&str>, upc: Option<Upc>, track: &str| Decision {
            target: Target::Isrc {
                isrc,
                dsp: dsp.map(str::to_owned),
                upc,
            },
            action: Action::Assign {
                track: track.into(),
            },
            note: String::new(),
        };
        all.apply(&rule(Some("YouTube"), Some(upc), "both"), 1);
        all.apply(&rule(None, Some(upc), "upc"), 2);
        all.apply(&rule(Some("YouTube"), None, "dsp"), 3);
        all.apply(&rule(None, None, "any"), 4);
        let track = |all: &Decisions, dsp: &str, upc: Option<Upc>| {
            let ruling = all
                .of(&Subject {
                    item: item(1),
                    isrc: Some(isrc),
                    upc,
                    dsp,
                })
                .unwrap();
            ruling.action.tracks().next().unwrap().to_owned()
        };
        assert_eq!(track(&all, "YouTube", Some(upc)), "both");
        assert_eq!(track(&all, "Deezer", Some(upc)), "upc");
        assert_eq!(track(&all, "YouTube", None), "dsp");
        assert_eq!(track(&all, "Deezer", None), "any");
        all.apply(&about_item(1, None, Action::Ignore), 5);
        assert_eq!(action_of(&all, 1, "YouTube"), Some(&Action::Ignore));
        let clear = Decision {
            target: Target::Isrc {
                isrc,
                dsp: None,
                upc: None,
            },
            action: Action::Clear,
            note: String::new(),
        };
        all.apply(&clear, 6);
        assert_eq!(all.len(), 1);
    }
}
