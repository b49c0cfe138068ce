//! Matched statements into the cells that contracts are settled from.
//!
//! Invariant: what is reported is the money of the cells; what is ignored or in quarantine stands among them under a mark, because money that
//! was received for a statement is spread over all of it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::releases::tracks_of;
use crate::catalog::{self, Track};
use crate::contents::StatementRecord;
use crate::ident::{Currency, Upc, text_key, title_key};
use crate::matching::{Status, Why, dsp_of};
use crate::money::{Amount, AmountOverflow, split};
use crate::payout::reported;
use crate::settlement::{CellText, CellsBuilder, Work};
use crate::statement::cube::{Cell, Cube};
use crate::statement::item::Field;
use crate::statement::quarantine::Quarantined;
use crate::workspace::{Workspace, WorkspaceError};

/// Words in the name of a DSP or a usage type, and the flag that they give, by which contracts know a promotion programme. FUGA, for one,
/// reports Spotify's Discovery Mode as a service of its own.
const FLAGS: [(&str, &str); 1] = [("discovery mode", "discovery_mode")];

/// What became of an item: why, and the tracks with their shares.
pub(crate) type ItemOutcome<'a> = (Why, Vec<(&'a str, u32)>);

/// What the catalog says of tracks and releases.
#[derive(Debug, Default)]
pub(crate) struct Works {
    /// Releases and label.
    by_track: HashMap<String, (String, String)>,
    /// Keys of the titles under which a release is known.
    titles: HashMap<Upc, BTreeSet<String>>,
}

/// Gathers the cells of statements.
#[derive(Default)]
pub(crate) struct StatementCells {
    /// The cells.
    pub builder: CellsBuilder,
    /// Money that a decision ignores, by currency.
    pub ignored: BTreeMap<Currency, Amount>,
    /// What the statements report, by currency, computed from their cubes alone.
    pub reported: BTreeMap<Currency, Amount>,
}

impl Works {
    /// Reads what is not known yet of the tracks and releases that the items of a statement lead to.
    pub(crate) fn learn<'a>(
        &mut self,
        workspace: &Workspace,
        cube: &'a Cube,
        outcome: impl Fn(usize) -> ItemOutcome<'a>,
    ) -> Result<(), WorkspaceError> {
        let mut ids = BTreeSet::new();
        let mut upcs = BTreeSet::new();
        for item in 0..cube.items() {
            let (why, parts) = outcome(item);
            ids.extend(
                parts
                    .into_iter()
                    .map(|(track, _)| track)
                    .filter(|id| !self.by_track.contains_key(*id)),
            );
            upcs.extend(
                upc_of_release(why, cube, item).filter(|upc| !self.titles.contains_key(upc)),
            );
        }
        let ids: Vec<String> = ids.into_iter().map(str::to_owned).collect();
        let found = catalog::tracks(workspace, &ids)?;
        self.by_track.extend(
            ids.into_iter()
                .zip(found)
                .map(|(id, track)| (id, track.map(|t| texts(&t)).unwrap_or_default())),
        );
        for (upc, tracks) in tracks_of(workspace, upcs.into_iter().collect())? {
            self.titles.insert(
                upc,
                tracks.iter().map(|t| text_key(&t.release_title)).collect(),
            );
        }
        Ok(())
    }

    /// The release of an album line: one that is called as the release is, in the catalog or by the line itself. Whatever else has the code
    /// of a release and no title that is known may be one of its tracks under another name, and waits for a person.
    fn release(&self, why: Why, cube: &Cube, item: usize) -> String {
        let Some(upc) = upc_of_release(why, cube, item) else {
            return String::new();
        };
        let [title, version, release] =
            [Field::Title, Field::Version, Field::Release].map(|field| cube.field(item, field));
        let is_of_catalog = |key: &String| {
            self.titles
                .get(&upc)
                .is_some_and(|titles| titles.contains(key))
        };
        let release = text_key(release);
        let is_album = if title.trim().is_empty() {
            !release.is_empty() && is_of_catalog(&release)
        } else {
            let own = title_key(title, version);
            !own.is_empty() && (own == release || is_of_catalog(&own))
        };
        if is_album {
            upc.to_string()
        } else {
            String::new()
        }
    }

    fn of<'a>(&'a self, track: &'a str) -> [&'a str; 3] {
        let (release, label) = self
            .by_track
            .get(track)
            .map_or(("", ""), |(release, label)| (release, label));
        [track, release, label]
    }
}

fn texts(track: &Track) -> (String, String) {
    let releases: Vec<String> = track.upcs.iter().map(Upc::to_string).collect();
    (releases.join(";"), track.label.clone())
}

impl StatementCells {
    /// Adds a statement. Tracks that its items lead to must have been learned.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a sum leaves the exact range.
    pub(crate) fn add<'a>(
        &mut self,
        works: &Works,
        record: &StatementRecord,
        name: &str,
        cube: &'a Cube,
        outcome: impl Fn(usize) -> ItemOutcome<'a>,
    ) -> Result<(), AmountOverflow> {
        let usage_flags: Vec<String> = cube.dims.iter().map(|d| flags(&d.usage)).collect();
        for (spot, cells) in cube.cells().chunk_by(|a, b| a.item == b.item) {
            let item = spot.item as usize;
            let (why, parts) = outcome(item);
            let dsp = dsp_of(cube, item, &record.dsp);
            let dsp_flags = flags(dsp);
            let release = works.release(why, cube, item);
            for cell in cells {
                let dims = &cube.dims[cell.dim as usize];
                let more = usage_flags[cell.dim as usize].as_str();
                let flags = if dsp_flags.is_empty() {
                    more.into()
                } else {
                    std::borrow::Cow::from(format!("{dsp_flags};{more}"))
                };
                let text = CellText {
                    work: [""; 3],
                    territory: &dims.territory,
                    period: dims.period,
                    usage: &dims.usage,
                    dsp,
                    flags: &flags,
                    statement: name,
                };
                if why.status() == Status::Ignored {
                    let sum = self.ignored.entry(dims.currency).or_default();
                    *sum = sum.plus(cell.amount)?;
                    self.builder.push(
                        &CellText {
                            work: [Work::IGNORED, "", ""],
                            ..text
                        },
                        dims.currency,
                        cell.quantity,
                        cell.amount,
                    );
                } else {
                    self.push(works, &text, dims.currency, &cell, (&parts, &release));
                }
            }
        }
        Ok(())
    }

    /// Counts what a statement reports, to be held against the cells.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a sum leaves the exact range.
    pub(crate) fn count(
        &mut self,
        cube: &Cube,
        quarantine: &[Quarantined],
    ) -> Result<(), AmountOverflow> {
        for (currency, total) in reported(cube, quarantine)? {
            let sum = self.reported.entry(currency).or_default();
            *sum = sum.plus(total.amount)?;
        }
        Ok(())
    }

    /// Adds the money of a statement's rows in quarantine, as far as it can be read: money that was received for the statement is theirs, too.
    pub(crate) fn add_quarantine(
        &mut self,
        record: &StatementRecord,
        name: &str,
        rows: &[Quarantined],
    ) {
        for row in rows.iter().filter(|row| {
            row.currency != Currency::NONE && !(row.amount.is_zero() && row.quantity.is_zero())
        }) {
            let text = CellText {
                work: [Work::QUARANTINED, "", ""],
                dsp: &record.dsp,
                statement: name,
                ..CellText::default()
            };
            self.builder
                .push(&text, row.currency, row.quantity, row.amount);
        }
    }

    fn push(
        &mut self,
        works: &Works,
        text: &CellText<'_>,
        currency: Currency,
        cell: &Cell,
        (parts, release): (&[(&str, u32)], &str),
    ) {
        let mut add = |work, quantity, amount| {
            self.builder
                .push(&CellText { work, ..*text }, currency, quantity, amount)
        };
        match parts {
            // Candidates are nobody's yet; an album line is its release's.
            [] => add(["", release, ""], cell.quantity, cell.amount),
            [(track, _)] => add(works.of(track), cell.quantity, cell.amount),
            several => {
                // Cell by cell, as payouts without contracts do it.
                let shares: Vec<u32> = several.iter().map(|(_, share)| *share).collect();
                let parts = split(cell.quantity, &shares)
                    .into_iter()
                    .zip(split(cell.amount, &shares));
                for ((track, _), (quantity, amount)) in several.iter().zip(parts) {
                    add(works.of(track), quantity, amount);
                }
            }
        }
    }
}

/// The code of the release that an item names and of which it is no known track.
fn upc_of_release(why: Why, cube: &Cube, item: usize) -> Option<Upc> {
    if why == Why::UpcRelease {
        Upc::parse(cube.field(item, Field::Upc)).ok()
    } else {
        None
    }
}

fn flags(name: &str) -> String {
    let name = name.to_lowercase();
    FLAGS
        .iter()
        .filter(|(word, _)| name.contains(word))
        .map(|(_, flag)| *flag)
        .collect::<Vec<_>>()
        .join(";")
}
