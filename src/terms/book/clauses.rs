//! Clauses of contracts from their records.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::contract::condition;
use super::there_already;
use crate::ident::Day;
use crate::money::{Amount, Ratio};
use crate::terms::contracts::{
    Adjustment, Bearer, Book, Contract, Counts, Deduction, PayeeNumber, Profile, Rate, RateRule,
    Recoupable, Reserve, Split, Step, Tiers,
};
use crate::terms::input::{Fault, Place, Record, amount_of};
use crate::terms::language::{Clause, Key};

/// Most charges, and most fees, of one contract.
const MOST_DEDUCTIONS: usize = 32;

/// Reads a clause into its contract.
///
/// # Errors
/// The first fault, also when the contract's profile has no step that would apply the clause.
pub(super) fn take_clause(
    book: &Book,
    contract: &mut Contract,
    clause: Clause,
    mut record: Record,
) -> Result<(), Fault> {
    let place = record.place.clone();
    let name = record.text(Key::Name)?;
    let step = match clause {
        Clause::Charge => {
            take_charge(contract, &mut record, name)?;
            Step::Charges
        }
        Clause::Fee => {
            take_fee(contract, &mut record, name)?;
            Step::Fees
        }
        Clause::Rate => {
            let name = name.unwrap_or_else(|| format!("rate {}", contract.rates.len() + 1));
            let rule = rate_rule(&mut record)?;
            contract.rates.push(Rate {
                name: name.into(),
                rule,
                condition: condition(&mut record)?,
            });
            Step::Rate
        }
        Clause::Reserve => {
            if contract.reserve.is_some() {
                let problem = "the contract has a reserve already";
                return Err(Fault::new(&place, "", problem, "join the two"));
            }
            contract.reserve = Some(reserve(&mut record)?);
            Step::Reserve
        }
        Clause::Advance => take_recoupable(book, contract, &mut record, name, false)?,
        Clause::Cost => take_recoupable(book, contract, &mut record, name, true)?,
        Clause::Adjustment => {
            let adjustment = adjustment(book, &mut record, name)?;
            contract.adjustments.push(adjustment);
            Step::Adjustments
        }
        Clause::Split => {
            take_split(book, contract, &mut record, name)?;
            Step::Split
        }
    };
    needs_step(&book.profiles[contract.profile], step, &place)?;
    record.end()
}

fn take_charge(
    contract: &mut Contract,
    record: &mut Record,
    name: Option<String>,
) -> Result<(), Fault> {
    let flag = record.needed(Key::Flag)?.to_lowercase();
    let name = name.unwrap_or_else(|| format!("charge {}", contract.charges.len() + 1));
    let charge = deduction(record, name, Some(flag))?;
    contract.charges.push(charge);
    check_number(&contract.charges, &record.place)
}

fn take_fee(
    contract: &mut Contract,
    record: &mut Record,
    name: Option<String>,
) -> Result<(), Fault> {
    let name = name.unwrap_or_else(|| format!("fee {}", contract.fees.len() + 1));
    let fee = deduction(record, name, None)?;
    contract.fees.push(fee);
    check_number(&contract.fees, &record.place)
}

fn deduction(record: &mut Record, name: String, flag: Option<String>) -> Result<Deduction, Fault> {
    let place = record.place.clone();
    let rate_place = record.place_of(Key::Rate);
    let rate = record.ratio(Key::Rate)?.ok_or_else(|| {
        let remedy = "add rate = \"0.10\"";
        Fault::new(&place, "rate", "it takes a part of income", remedy)
    })?;
    Ok(Deduction {
        name: name.into(),
        rate: part_of_one(rate, &rate_place, "rate", "it takes more than everything")?,
        condition: condition(record)?,
        flag,
    })
}

fn check_number(deductions: &[Deduction], place: &Place) -> Result<(), Fault> {
    if deductions.len() <= MOST_DEDUCTIONS {
        return Ok(());
    }
    let problem = format!("a contract has at most {MOST_DEDUCTIONS} of these");
    Err(Fault::new(place, "", problem, "join some of them"))
}

/// Takes an advance or a cost; gives back the step that recoups it.
fn take_recoupable(
    book: &Book,
    contract: &mut Contract,
    record: &mut Record,
    name: Option<String>,
    is_cost: bool,
) -> Result<Step, Fault> {
    let recoupable = recoupable(book, record, name, is_cost)?;
    let mut others = contract.recoupables.iter();
    if others.any(|other| other.name == recoupable.name) {
        return Err(there_already(&record.place, &recoupable.name));
    }
    let step = match recoupable.bearer {
        Bearer::Shared => Step::SharedCosts,
        Bearer::Royalty => Step::Recoup,
        Bearer::Payee => Step::PayeeRecoup,
    };
    contract.recoupables.push(recoupable);
    Ok(step)
}

fn adjustment(book: &Book, record: &mut Record, name: Option<String>) -> Result<Adjustment, Fault> {
    let amount = record.amount(Key::Amount)?.ok_or_else(|| {
        Fault::new(
            &record.place,
            "amount",
            "an adjustment has an amount",
            "add it",
        )
    })?;
    let date = needed_day(record)?;
    let name = name.unwrap_or_else(|| format!("adjustment of {date}"));
    Ok(Adjustment {
        name: name.into(),
        amount,
        date,
        reason: record.needed(Key::Reason)?,
        payee: named_payee(book, record, Key::Payee)?,
    })
}

fn take_split(
    book: &Book,
    contract: &mut Contract,
    record: &mut Record,
    name: Option<String>,
) -> Result<(), Fault> {
    let name = name.unwrap_or_else(|| format!("split {}", contract.splits.len() + 1));
    let split = split(book, record, name.into())?;
    if contract.splits.iter().any(|other| other.name == split.name) {
        let problem = format!("{:?} is there already", split.name);
        let remedy = "give each split a name of its own";
        return Err(Fault::new(&record.place, "name", problem, remedy));
    }
    contract.splits.push(split);
    Ok(())
}

fn needs_step(profile: &Profile, step: Step, place: &Place) -> Result<(), Fault> {
    if profile.position(step).is_some() {
        return Ok(());
    }
    let problem = format!(
        "the contract's profile {:?} has no step {}, so this would never be applied",
        profile.name,
        step.word()
    );
    Err(Fault::new(
        place,
        "profile",
        problem,
        "choose a profile that has it, or write one",
    ))
}

fn needed_day(record: &mut Record) -> Result<Day, Fault> {
    record.day(Key::Date)?.ok_or_else(|| {
        Fault::new(
            &record.place,
            "date",
            "it has a date",
            "add date = \"2026-09-30\"",
        )
    })
}

fn named_payee(book: &Book, record: &mut Record, key: Key) -> Result<Option<PayeeNumber>, Fault> {
    let place = record.place_of(key);
    let Some(name) = record.text(key)? else {
        return Ok(None);
    };
    let found = book.payee(name.trim());
    found.map(Some).ok_or_else(|| {
        Fault::new(
            &place,
            key.word(),
            format!("there is no payee {name:?}"),
            "correct the name, or add the payee",
        )
    })
}

/// What is wrong with a rate above one whole.
const PAYS_MORE: &str = "it pays more than all that comes in";

/// A part of one whole. `50` is more likely 50 % than fifty times as much; the remedy says how it is written.
fn part_of_one(part: Ratio, place: &Place, key: &str, problem: &str) -> Result<Ratio, Fault> {
    if part <= Ratio::ONE {
        return Ok(part);
    }
    let of_hundred = Ratio::new(1, 100).and_then(|percent| part.times(percent));
    let remedy = match of_hundred.filter(|of_hundred| *of_hundred <= Ratio::ONE) {
        Some(of_hundred) => {
            let decimal = of_hundred.to_string();
            let zero = if decimal.len() == 3 { "0" } else { "" };
            format!("write {part} % as {decimal}{zero} or \"{part} %\"")
        }
        None => "write a part of one whole, such as 0.50 or \"50 %\"".to_owned(),
    };
    Err(Fault::new(place, key, problem, remedy))
}

/// What a rate is: a part of income, a price for each unit, or tiers of either.
fn rate_rule(record: &mut Record) -> Result<RateRule, Fault> {
    let place = record.place.clone();
    let tiers_place = record.place_of(Key::Tiers);
    let rate_place = record.place_of(Key::Rate);
    let rate = record.ratio(Key::Rate)?;
    let per_unit = record.ratio(Key::PerUnit)?;
    let tiers = record.map(Key::Tiers)?;
    let counts = record.text(Key::Counts)?;
    let is_per_unit = record.flag(Key::TiersPerUnit)?;
    match (rate, per_unit, tiers.is_empty()) {
        (Some(rate), None, true) => {
            part_of_one(rate, &rate_place, "rate", PAYS_MORE).map(RateRule::Income)
        }
        (None, Some(price), true) => Ok(RateRule::PerUnit(price)),
        (None, None, false) => {
            let counts = counts_of(counts.as_deref(), is_per_unit, &tiers_place)?;
            let tiers = rising_tiers(tiers, &tiers_place)?;
            for (_, rate) in tiers.iter().filter(|_| !is_per_unit) {
                part_of_one(*rate, &tiers_place, "tiers", PAYS_MORE)?;
            }
            Ok(RateRule::Tiers(Tiers {
                counts,
                is_per_unit,
                tiers,
            }))
        }
        _ => Err(Fault::new(
            &place,
            "rate",
            "a rate is one of rate, per_unit and tiers",
            "write exactly one of them",
        )),
    }
}

fn counts_of(counts: Option<&str>, is_per_unit: bool, place: &Place) -> Result<Counts, Fault> {
    match counts {
        Some("units") => Ok(Counts::Units),
        Some("income") if is_per_unit => Err(Fault::new(
            place,
            "tiers_per_unit",
            "prices for a unit go with tiers of units",
            "write counts = \"units\"",
        )),
        Some("income") => Ok(Counts::Income),
        _ => Err(Fault::new(
            place,
            "counts",
            "tiers count units or income",
            "add counts = \"units\" or \"income\"",
        )),
    }
}

/// Tiers by their ends, which rise from above zero; the last has none.
fn rising_tiers(
    tiers: Vec<(String, String)>,
    place: &Place,
) -> Result<Vec<(Option<Amount>, Ratio)>, Fault> {
    let fault = |problem: String| {
        let remedy = "write { 10000 = \"0.10\", rest = \"0.15\" }";
        Fault::new(place, "tiers", problem, remedy)
    };
    let mut read = Vec::new();
    for (end, rate) in tiers {
        let end = match end.as_str() {
            "rest" => None,
            end => Some(amount_of(end).map_err(fault)?),
        };
        let rate = Ratio::parse(&rate).map_err(|e| fault(e.to_string()))?;
        read.push((end, rate));
    }
    read.sort_by_key(|(end, _)| (end.is_none(), *end));
    let is_rising = read.windows(2).all(|pair| pair[0].0 != pair[1].0)
        && read[0].0.is_none_or(|end| end > Amount::ZERO);
    if !is_rising || read.last().is_none_or(|(end, _)| end.is_some()) {
        let problem = "the ends of tiers rise from above zero, and the last is called rest";
        return Err(fault(problem.to_owned()));
    }
    Ok(read)
}

fn reserve(record: &mut Record) -> Result<Reserve, Fault> {
    let place = record.place.clone();
    let release_place = record.place_of(Key::Release);
    let rate = record.ratio(Key::Rate)?.ok_or_else(|| {
        Fault::new(
            &place,
            "rate",
            "a reserve holds a part of sales",
            "add rate = \"0.20\"",
        )
    })?;
    let rate = part_of_one(rate, &place, "rate", "it holds more than everything")?;
    let fault = |problem: String| {
        Fault::new(
            &release_place,
            "release",
            problem,
            "write { 6 = \"0.5\", 12 = \"0.5\" }: months and parts of one whole",
        )
    };
    let mut release = Vec::new();
    for (months, part) in record.map(Key::Release)? {
        let months: u32 = months
            .parse()
            .ok()
            .filter(|m| (1..=1200).contains(m))
            .ok_or_else(|| fault(format!("{months:?} is not a number of months")))?;
        release.push((
            months,
            Ratio::parse(&part).map_err(|e| fault(e.to_string()))?,
        ));
    }
    release.sort_unstable();
    let total = release
        .iter()
        .try_fold(Ratio::ZERO, |sum, (_, part)| sum.plus(*part));
    if total != Some(Ratio::ONE) {
        return Err(fault(
            "the parts that are released do not sum to one whole".into(),
        ));
    }
    Ok(Reserve { rate, release })
}

fn recoupable(
    book: &Book,
    record: &mut Record,
    name: Option<String>,
    is_cost: bool,
) -> Result<Recoupable, Fault> {
    let place = record.place.clone();
    let amount_place = record.place_of(Key::Amount);
    let amount = record
        .amount(Key::Amount)?
        .ok_or_else(|| Fault::new(&place, "amount", "it has an amount", "add it"))?;
    if amount.is_negative() {
        return Err(Fault::new(
            &amount_place,
            "amount",
            "it is below zero",
            "write what was advanced or spent as a positive amount",
        ));
    }
    let payee = named_payee(book, record, Key::Payee)?;
    let borne_place = record.place_of(Key::Borne);
    let borne = record.text(Key::Borne)?;
    let bearer = match (is_cost, borne.as_deref(), payee) {
        (true, Some("shared"), None) => Bearer::Shared,
        (true, Some("royalty"), None) | (false, None, None) => Bearer::Royalty,
        (true, Some("royalty"), Some(_)) | (false, None, Some(_)) => Bearer::Payee,
        (true, ..) => {
            let remedy = "write borne = \"shared\" (before the rate) or \"royalty\" (after it; with payee: by their share)";
            return Err(Fault::new(
                &borne_place,
                "borne",
                "a cost says who bears it",
                remedy,
            ));
        }
        (false, ..) => {
            return Err(Fault::new(
                &borne_place,
                "borne",
                "only costs say who bears them",
                "remove it",
            ));
        }
    };
    let name = name
        .filter(|n| !n.is_empty())
        .ok_or_else(|| Fault::new(&place, "name", "balances know it by its name", "add a name"))?;
    Ok(Recoupable {
        name: name.into(),
        amount,
        date: needed_day(record)?,
        priority: record.number(Key::Priority)?.unwrap_or(0),
        bearer,
        payee,
        to: named_payee(book, record, Key::To)?,
    })
}

fn split(book: &Book, record: &mut Record, name: Arc<str>) -> Result<Split, Fault> {
    let place = record.place_of(Key::Shares);
    let mut payees: BTreeMap<PayeeNumber, Ratio> = BTreeMap::new();
    for (payee, share) in record.map(Key::Shares)? {
        let fault = |problem: String, remedy: &str| Fault::new(&place, "shares", problem, remedy);
        let number = book.payee(&payee).ok_or_else(|| {
            fault(
                format!("there is no payee {payee:?}"),
                "correct the name, or add the payee",
            )
        })?;
        let share = Ratio::parse(&share)
            .map_err(|e| fault(e.to_string(), "write it as 0.25, 25 % or 1/4"))?;
        if payees.insert(number, share).is_some() {
            return Err(fault(format!("{payee} has two shares"), "add them up"));
        }
    }
    let total = payees
        .values()
        .try_fold(Ratio::ZERO, |sum, share| sum.plus(*share));
    if total != Some(Ratio::ONE) {
        let total = total.map_or_else(|| "a number with too many digits".into(), |t| t.to_string());
        let problem = format!("the shares of {name} sum to {total}, not to one whole");
        return Err(Fault::new(
            &place,
            "shares",
            problem,
            "correct the shares; write thirds as 1/3",
        ));
    }
    Ok(Split {
        name,
        payees: payees.into_iter().collect(),
        condition: condition(record)?,
    })
}
