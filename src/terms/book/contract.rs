//! A contract from its record and the records of its clauses, checked as a whole.

use super::clauses::take_clause;
use super::parties::territories;
use crate::ident::{Currency, Day};
use crate::money::Ratio;
use crate::terms::contracts::{AlbumLines, Book, Condition, Contract, MidPeriod, RateRule, Step};
use crate::terms::input::{Fault, Place, Record, releases_of};
use crate::terms::language::{Clause, Key};

/// Reads a contract.
///
/// # Errors
/// The first fault of the record, of a clause, or of the contract as a whole.
pub(super) fn contract(
    book: &Book,
    name: &str,
    record: Record,
    clauses: Vec<(Clause, Record)>,
) -> Result<Contract, Fault> {
    let splits = names_given(&clauses, Clause::Split);
    let rates = names_given(&clauses, Clause::Rate);
    let mut contract = head(book, name, record)?;
    for (clause, record) in clauses {
        take_clause(book, &mut contract, clause, record)?;
    }
    check_names(&contract, &splits, &rates)?;
    check_contract(book, &contract)?;
    contract
        .recoupables
        .sort_by(|a, b| (a.priority, &a.name).cmp(&(b.priority, &b.name)));
    Ok(contract)
}

/// Of each clause of a kind whether it has a name, and where it stands.
fn names_given(clauses: &[(Clause, Record)], kind: Clause) -> Vec<(bool, Place)> {
    let of_kind = clauses.iter().filter(|(clause, _)| *clause == kind);
    of_kind
        .map(|(_, record)| (record.has(Key::Name), record.place.clone()))
        .collect()
}

/// The contract's own record; its clauses are empty.
fn head(book: &Book, name: &str, mut record: Record) -> Result<Contract, Fault> {
    let place = record.place.clone();
    let profile = profile_of(book, &mut record)?;
    let currency = record.currency(Key::Currency)?;
    let mid_period = mid_period(&mut record)?;
    let album_place = record.place_of(Key::AlbumLines);
    let album_lines = album_lines(&mut record)?;
    let participation_place = record.place_of(Key::Participation);
    let contract = Contract {
        name: name.into(),
        profile,
        currency: account_currency(currency, &place)?,
        covers_all: record.flag(Key::Everything)?,
        tracks: record.list(Key::Tracks)?.unwrap_or_default(),
        releases: each(record.list(Key::Releases)?, releases_of),
        labels: each(record.list(Key::Labels)?, str::to_lowercase),
        condition: condition(&mut record)?,
        participation: record.ratio(Key::Participation)?.unwrap_or(Ratio::ONE),
        mid_period,
        album_lines,
        charges: Vec::new(),
        fees: Vec::new(),
        rates: Vec::new(),
        reserve: None,
        recoupables: Vec::new(),
        adjustments: Vec::new(),
        splits: Vec::new(),
        group: None,
        place,
    };
    record.end()?;
    check_coverage(&contract, &participation_place, &album_place)?;
    Ok(contract)
}

fn each(list: Option<Vec<String>>, read: impl Fn(&str) -> String) -> Vec<String> {
    list.unwrap_or_default().iter().map(|t| read(t)).collect()
}

fn profile_of(book: &Book, record: &mut Record) -> Result<usize, Fault> {
    let place = record.place_of(Key::Profile);
    let name = record.needed(Key::Profile)?;
    let found = book.profiles.iter().position(|p| p.name == name);
    found.ok_or_else(|| {
        let known: Vec<&str> = book.profiles.iter().map(|p| p.name.as_str()).collect();
        let remedy = format!("the profiles are {}", known.join(", "));
        Fault::new(&place, "profile", "there is no such profile", remedy)
    })
}

fn account_currency(given: Option<Currency>, place: &Place) -> Result<Currency, Fault> {
    given.ok_or_else(|| {
        Fault::new(
            place,
            "currency",
            "a contract's account has a currency",
            "add currency = \"EUR\"",
        )
    })
}

fn mid_period(record: &mut Record) -> Result<MidPeriod, Fault> {
    let place = record.place_of(Key::MidPeriod);
    match record.text(Key::MidPeriod)?.as_deref() {
        None | Some("wait") => Ok(MidPeriod::Wait),
        Some("days") => Ok(MidPeriod::Days),
        Some(other) => Err(Fault::new(
            &place,
            "mid_period",
            format!("{other:?} is not a rule"),
            "write wait or days",
        )),
    }
}

/// A contract covers something, and can do what it says of lines of whole releases.
fn check_coverage(
    contract: &Contract,
    participation_place: &Place,
    album_place: &Place,
) -> Result<(), Fault> {
    if contract.participation > Ratio::ONE || contract.participation.is_zero() {
        return Err(Fault::new(
            participation_place,
            "participation",
            "it is nothing, or more than the whole",
            "write 15 % as 0.15",
        ));
    }
    let name = &contract.name;
    let covers_releases =
        contract.covers_all || !contract.releases.is_empty() || !contract.labels.is_empty();
    if !covers_releases && contract.tracks.is_empty() {
        return Err(Fault::new(
            &contract.place,
            "",
            format!("contract {name:?} covers nothing"),
            "add tracks, releases, labels, or everything = true",
        ));
    }
    if !covers_releases && contract.album_lines == Some(AlbumLines::Whole) {
        let problem = format!(
            "contract {name:?} covers tracks alone, so it can take no line of a release whole"
        );
        let remedy = "add the release to releases, or write wait, equal, weights or units";
        return Err(Fault::new(album_place, "album_lines", problem, remedy));
    }
    Ok(())
}

pub(super) fn condition(record: &mut Record) -> Result<Condition, Fault> {
    let place = record.place_of(Key::To);
    let lower = |list: Option<Vec<String>>| {
        list.unwrap_or_default()
            .iter()
            .map(|t| t.to_lowercase())
            .collect()
    };
    let condition = Condition {
        from: record.day(Key::From)?,
        to: record.day(Key::To)?,
        territories: territories(record, Key::Territories)?,
        not_territories: territories(record, Key::NotTerritories)?,
        usages: lower(record.list(Key::Usages)?),
        dsps: lower(record.list(Key::Dsps)?),
    };
    if let (Some(from), Some(to)) = (condition.from, condition.to)
        && to < from
    {
        return Err(Fault::new(
            &place,
            "to",
            format!("{to} is before {from}"),
            "correct the dates",
        ));
    }
    Ok(condition)
}

fn album_lines(record: &mut Record) -> Result<Option<AlbumLines>, Fault> {
    let place = record.place_of(Key::AlbumLines);
    let Some(word) = record.text(Key::AlbumLines)? else {
        return Ok(None);
    };
    match AlbumLines::ALL
        .into_iter()
        .find(|(_, known)| *known == word)
    {
        Some((rule, _)) => Ok(Some(rule)),
        None => {
            let words = AlbumLines::ALL.map(|(_, word)| word).join(", ");
            Err(Fault::new(
                &place,
                "album_lines",
                format!("{word:?} is not a rule"),
                format!("write one of {words}"),
            ))
        }
    }
}

/// What balances know by name must not be known by its place: a clause that is written before it later would take its balance.
fn check_names(
    contract: &Contract,
    splits: &[(bool, Place)],
    rates: &[(bool, Place)],
) -> Result<(), Fault> {
    let has_tiers = contract
        .rates
        .iter()
        .any(|r| matches!(r.rule, RateRule::Tiers(_)));
    let needs = [
        (splits, contract.reserve.is_some(), "reserves are released"),
        (rates, has_tiers, "units and income are counted"),
    ];
    for (clauses, matters, why) in needs {
        if let Some((_, place)) = clauses
            .iter()
            .find(|(is_named, _)| !is_named)
            .filter(|_| matters && clauses.len() > 1)
        {
            return Err(Fault::new(
                place,
                "name",
                format!("of several each needs a name, by which {why}"),
                "add a name to each of them",
            ));
        }
    }
    Ok(())
}

fn check_contract(book: &Book, contract: &Contract) -> Result<(), Fault> {
    let place = &contract.place;
    if contract.splits.is_empty() {
        return Err(Fault::new(
            place,
            "split",
            format!(
                "contract {:?} has no split, so nobody is paid",
                contract.name
            ),
            "add a split",
        ));
    }
    let hidden = |conditions: Vec<&Condition>| {
        conditions
            .iter()
            .rev()
            .skip(1)
            .any(|c| **c == Condition::default())
    };
    if hidden(contract.splits.iter().map(|s| &s.condition).collect())
        || hidden(contract.rates.iter().map(|r| &r.condition).collect())
    {
        let problem =
            "a split or rate without conditions stands before others, which would never count";
        return Err(Fault::new(
            place,
            "",
            problem,
            "write it last: the first whose conditions hold counts",
        ));
    }
    for adjustment in contract.adjustments.iter().filter(|a| a.payee.is_none()) {
        if general_split(contract, adjustment.date).is_none() {
            let problem = format!(
                "no split without territory, usage type and DSP covers {} of {:?}",
                adjustment.date, adjustment.name
            );
            return Err(Fault::new(
                place,
                "adjustment",
                problem,
                "name a payee in the adjustment, or add such a split",
            ));
        }
    }
    if book.profiles[contract.profile]
        .position(Step::Rate)
        .is_some()
        && contract.rates.is_empty()
    {
        let problem = format!(
            "its profile {:?} has a rate and contract {:?} names none",
            book.profiles[contract.profile].name, contract.name
        );
        return Err(Fault::new(
            place,
            "rate",
            problem,
            "add a rate (all of it is rate = 1), or choose a profile without",
        ));
    }
    Ok(())
}

/// The split of sales that are of no territory, usage type and DSP.
pub(crate) fn general_split(contract: &Contract, day: Day) -> Option<usize> {
    contract
        .splits
        .iter()
        .position(|s| s.condition.is_general() && s.condition.holds_on(day))
}
