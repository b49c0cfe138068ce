//! Records of contract files into a [`Book`], checked as a whole: every fault is found before any money moves.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::ident::{Day, Territory};
use crate::money::{Amount, Ratio};
use crate::terms::contracts::{
    Adjustment, AlbumLines, Bearer, Book, Condition, Contract, Counts, Deduction, MidPeriod, Payee,
    Profile, Rate, RateRule, Recoupable, Reserve, Split, Step, Tax, TaxBase, Tiers,
};
use crate::terms::input::{Fault, Place, Record, amount_of, contract_records, day_of, releases_of};
use crate::terms::releases::Releases;

/// The profiles that ship.
const PROFILES: &str = include_str!("../../assets/profiles.toml");
/// Most charges, and most fees, of one contract.
const MOST_DEDUCTIONS: usize = 32;

impl Book {
    /// Reads contract files, in any order.
    ///
    /// # Errors
    /// All faults, each with its place and what to do.
    pub fn read(files: &[(String, Vec<u8>)]) -> Result<Self, Vec<Fault>> {
        let mut reading = Reading::default();
        reading.take_all(contract_records("profiles.toml", PROFILES.as_bytes())?);
        for (name, bytes) in files {
            match contract_records(name, bytes) {
                Ok(records) => reading.take_all(records),
                Err(faults) => reading.faults.extend(faults),
            }
        }
        reading.finish()
    }
}

#[derive(Default)]
struct Reading {
    faults: Vec<Fault>,
    payees: BTreeMap<String, Payee>,
    taxes: Vec<Tax>,
    profiles: Vec<Profile>,
    /// Groups with the names of their members.
    groups: BTreeMap<String, (Vec<String>, Place)>,
    /// Contracts with the records of their clauses. They are read last, when all payees and profiles are known.
    contracts: BTreeMap<String, (Record, Vec<Record>)>,
    clauses: Vec<Record>,
    releases: Releases,
}

impl Reading {
    fn take_all(&mut self, records: Vec<Record>) {
        for record in records {
            if let Err(fault) = self.take(record) {
                self.faults.push(fault);
            }
        }
    }

    fn take(&mut self, mut record: Record) -> Result<(), Fault> {
        let place = record.place.clone();
        let twice = |name: &str| {
            Fault::new(
                &place,
                "name",
                format!("{name:?} is there already"),
                "give each a name of its own",
            )
        };
        match record.kind.as_str() {
            "payee" => {
                let payee = payee(record)?;
                if self.payees.contains_key(&payee.name) {
                    return Err(twice(&payee.name));
                }
                self.payees.insert(payee.name.clone(), payee);
            }
            "tax" => {
                let tax = tax(record)?;
                if self.taxes.iter().any(|t| t.name == tax.name) {
                    return Err(twice(&tax.name));
                }
                self.taxes.push(tax);
            }
            "profile" => {
                let profile = profile(record)?;
                if self.profiles.iter().any(|p| p.name == profile.name) {
                    return Err(twice(&profile.name));
                }
                self.profiles.push(profile);
            }
            "group" => {
                let name = record.needed("name")?;
                let members = record.list("members")?.unwrap_or_default();
                record.end()?;
                if self
                    .groups
                    .insert(name.clone(), (members, place.clone()))
                    .is_some()
                {
                    return Err(twice(&name));
                }
            }
            "release" => self.releases.take(record)?,
            "contract" => {
                let name = record.needed("name")?;
                if self.contracts.contains_key(&name) {
                    return Err(twice(&name));
                }
                self.contracts.insert(name, (record, Vec::new()));
            }
            "charge" | "fee" | "rate" | "reserve" | "advance" | "cost" | "adjustment" | "split" => {
                self.clauses.push(record)
            }
            other => {
                return Err(Fault::new(
                    &place,
                    "record",
                    format!("{other:?} is no kind of record"),
                    "see the README for the form of contracts",
                ));
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Book, Vec<Fault>> {
        for clause in std::mem::take(&mut self.clauses) {
            match self.contracts.get_mut(&clause.owner) {
                Some((_, clauses)) => clauses.push(clause),
                None => {
                    let problem = format!(
                        "the contract {:?} of this {} is in none of the files",
                        clause.owner, clause.kind
                    );
                    self.faults.push(Fault::new(
                        &clause.place,
                        "contract",
                        problem,
                        "correct the name, or give the file that has it",
                    ));
                }
            }
        }
        let mut book = Book {
            payees: self.payees.into_values().collect(),
            taxes: self.taxes,
            profiles: self.profiles,
            releases: self.releases,
            ..Book::default()
        };
        for payee in &book.payees {
            if let Some((form, _)) = payee
                .forms
                .iter()
                .find(|(form, _)| !book.taxes.iter().any(|t| t.name == *form))
            {
                let fault = Fault::new(
                    &payee.place,
                    "forms",
                    format!("there is no tax {form:?}"),
                    "correct the name, or add the tax",
                );
                self.faults.push(fault);
            }
        }
        for (name, (record, clauses)) in self.contracts {
            match contract(&book, &name, record, clauses) {
                Ok(contract) => book.contracts.push(contract),
                Err(fault) => self.faults.push(fault),
            }
        }
        if self.faults.is_empty() {
            self.faults = join_groups(&mut book, &self.groups);
        }
        self.faults.sort();
        if self.faults.is_empty() {
            Ok(book)
        } else {
            Err(self.faults)
        }
    }
}

fn payee(mut record: Record) -> Result<Payee, Fault> {
    let place = record.place.clone();
    let name = record.needed("name")?;
    if name.starts_with('(') {
        return Err(Fault::new(
            &place,
            "name",
            "names in parentheses are the program's own",
            "give the payee another name",
        ));
    }
    let currency = record.currency("currency")?;
    let currency = currency.ok_or_else(|| {
        Fault::new(
            &place,
            "currency",
            "a payee is paid in a currency",
            "add currency = \"EUR\"",
        )
    })?;
    let minimum = record.amount("minimum")?.unwrap_or_default();
    if minimum.is_negative() {
        return Err(Fault::new(
            &place,
            "minimum",
            "the least that is paid is below zero",
            "write 0 or more",
        ));
    }
    let forms_place = record.place_of("forms");
    let forms = record
        .map("forms")?
        .into_iter()
        .map(|(tax, day)| Ok((tax, day_of(&day)?)));
    let forms = forms
        .collect::<Result<_, String>>()
        .map_err(|p| Fault::new(&forms_place, "forms", p, "write { us = \"2026-03-01\" }"))?;
    let residence = record
        .text("residence")?
        .map(|t| territory(&t))
        .unwrap_or_default();
    let payee = Payee {
        name,
        currency,
        residence,
        minimum,
        bank: record.text("bank")?.unwrap_or_default(),
        forms,
        place,
    };
    record.end()?;
    Ok(payee)
}

fn territory(text: &str) -> String {
    Territory::parse(text).as_str().to_owned()
}

fn territories(record: &mut Record, key: &str) -> Result<Vec<String>, Fault> {
    Ok(record
        .list(key)?
        .unwrap_or_default()
        .iter()
        .map(|t| territory(t))
        .collect())
}

fn tax(mut record: Record) -> Result<Tax, Fault> {
    let place = record.place.clone();
    let name = record.needed("name")?;
    let rate = record
        .ratio("rate")?
        .ok_or_else(|| Fault::new(&place, "rate", "a tax has a rate", "add rate = \"0.30\""))?;
    let treaty_place = record.place_of("treaty");
    let treaty = record
        .map("treaty")?
        .into_iter()
        .map(|(residence, rate)| Ok((territory(&residence), Ratio::parse(&rate)?)));
    let treaty: Vec<(String, Ratio)> = treaty
        .collect::<Result<_, crate::money::RatioError>>()
        .map_err(|e| {
            Fault::new(
                &treaty_place,
                "treaty",
                e.to_string(),
                "write { DE = \"0\", IN = \"0.15\" }",
            )
        })?;
    let base_place = record.place_of("without_form_base");
    let without_form = match (
        record.ratio("without_form")?,
        record.text("without_form_base")?.as_deref(),
    ) {
        (None, None) => None,
        (Some(rate), Some("all")) => Some((rate, TaxBase::All)),
        (Some(rate), Some("source")) => Some((rate, TaxBase::Source)),
        _ => {
            let problem = "without_form has a rate, and without_form_base is all or source";
            return Err(Fault::new(
                &base_place,
                "without_form_base",
                problem,
                "write both or neither",
            ));
        }
    };
    let tax = Tax {
        name,
        territories: territories(&mut record, "territories")?,
        residences: territories(&mut record, "residences")?,
        not_residences: territories(&mut record, "not_residences")?,
        rate,
        treaty,
        without_form,
        has_catch_up: record.flag("catch_up")?,
        place,
    };
    record.end()?;
    let rates = tax
        .treaty
        .iter()
        .map(|(_, rate)| *rate)
        .chain(tax.without_form.map(|(rate, _)| rate))
        .chain([tax.rate]);
    if rates.into_iter().any(|rate| rate > Ratio::ONE) {
        return Err(Fault::new(
            &tax.place,
            "rate",
            "a tax takes more than everything",
            "write 30 % as 0.30",
        ));
    }
    Ok(tax)
}

fn profile(mut record: Record) -> Result<Profile, Fault> {
    let place = record.place_of("steps");
    let name = record.needed("name")?;
    let words = record.list("steps")?.unwrap_or_default();
    for key in ["about", "source"] {
        record.text(key)?;
    }
    record.end()?;
    let known = || {
        Step::ALL
            .iter()
            .map(|(_, word)| *word)
            .collect::<Vec<_>>()
            .join(", ")
    };
    let fault = |problem: String| {
        Fault::new(
            &place,
            "steps",
            problem,
            format!("the steps are {}; each at most once", known()),
        )
    };
    let mut steps = Vec::new();
    for word in words {
        let step = Step::ALL
            .iter()
            .find(|(_, w)| *w == word)
            .map(|(step, _)| *step)
            .ok_or_else(|| fault(format!("{word:?} is no step")))?;
        if steps.contains(&step) {
            return Err(fault(format!("{word} stands there twice")));
        }
        steps.push(step);
    }
    let profile = Profile { name, steps };
    let at = |step| profile.position(step);
    let split = at(Step::Split).ok_or_else(|| fault("without a split nobody is paid".into()))?;
    if at(Step::Exchange) != Some(0) {
        return Err(fault("exchange is not first".into()));
    }
    let is_late = |step: Step| at(step).is_some_and(|place| place > split);
    if Step::ALL
        .iter()
        .any(|(step, _)| *step != Step::PayeeRecoup && is_late(*step))
        || at(Step::PayeeRecoup).is_some_and(|p| p < split)
    {
        return Err(fault(
            "only payee_recoup comes after the split, and never before it".into(),
        ));
    }
    if at(Step::SharedCosts) > at(Step::Rate) && at(Step::Rate).is_some() {
        return Err(fault(
            "shared costs come before the rate; costs after it are borne by the royalty".into(),
        ));
    }
    Ok(profile)
}

fn condition(record: &mut Record) -> Result<Condition, Fault> {
    let place = record.place_of("to");
    let lower = |list: Option<Vec<String>>| {
        list.unwrap_or_default()
            .iter()
            .map(|t| t.to_lowercase())
            .collect()
    };
    let condition = Condition {
        from: record.day("from")?,
        to: record.day("to")?,
        territories: territories(record, "territories")?,
        not_territories: territories(record, "not_territories")?,
        usages: lower(record.list("usages")?),
        dsps: lower(record.list("dsps")?),
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

fn contract(
    book: &Book,
    name: &str,
    mut record: Record,
    clauses: Vec<Record>,
) -> Result<Contract, Fault> {
    let place = record.place.clone();
    let profile_place = record.place_of("profile");
    let profile = record.needed("profile")?;
    let known = || {
        book.profiles
            .iter()
            .map(|p| p.name.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let profile = book.profiles.iter().position(|p| p.name == profile);
    let profile = profile.ok_or_else(|| {
        Fault::new(
            &profile_place,
            "profile",
            "there is no such profile",
            format!("the profiles are {}", known()),
        )
    })?;
    let currency = record.currency("currency")?;
    let mid_place = record.place_of("mid_period");
    let mid_period = match record.text("mid_period")?.as_deref() {
        None | Some("wait") => MidPeriod::Wait,
        Some("days") => MidPeriod::Days,
        Some(other) => {
            return Err(Fault::new(
                &mid_place,
                "mid_period",
                format!("{other:?} is no rule"),
                "write wait or days",
            ));
        }
    };
    let album_place = record.place_of("album_lines");
    let album_lines = album_lines(&mut record)?;
    let participation_place = record.place_of("participation");
    let mut contract = Contract {
        name: name.into(),
        profile,
        currency: currency.ok_or_else(|| {
            Fault::new(
                &place,
                "currency",
                "a contract's account has a currency",
                "add currency = \"EUR\"",
            )
        })?,
        covers_all: record.flag("everything")?,
        tracks: record.list("tracks")?.unwrap_or_default(),
        releases: record
            .list("releases")?
            .unwrap_or_default()
            .iter()
            .map(|r| releases_of(r))
            .collect(),
        labels: record
            .list("labels")?
            .unwrap_or_default()
            .iter()
            .map(|l| l.to_lowercase())
            .collect(),
        condition: condition(&mut record)?,
        participation: record.ratio("participation")?.unwrap_or(Ratio::ONE),
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
        place: place.clone(),
    };
    record.end()?;
    if contract.participation > Ratio::ONE || contract.participation.is_zero() {
        return Err(Fault::new(
            &participation_place,
            "participation",
            "it is nothing, or more than the whole",
            "write 15 % as 0.15",
        ));
    }
    if !contract.covers_all
        && contract.tracks.is_empty()
        && contract.releases.is_empty()
        && contract.labels.is_empty()
    {
        return Err(Fault::new(
            &place,
            "",
            format!("contract {name:?} covers nothing"),
            "add tracks, releases, labels, or everything = true",
        ));
    }
    let unnamed = |kind: &str| {
        clauses
            .iter()
            .filter(|c| c.kind == kind)
            .map(|c| (c.has("name"), c.place.clone()))
            .collect::<Vec<_>>()
    };
    let (splits, rates) = (unnamed("split"), unnamed("rate"));
    if album_lines == Some(AlbumLines::Whole)
        && !contract.covers_all
        && contract.releases.is_empty()
        && contract.labels.is_empty()
    {
        let problem = format!(
            "contract {name:?} covers tracks alone, so it can take no line of a release whole"
        );
        let remedy = "add the release to releases, or write wait, equal, weights or units";
        return Err(Fault::new(&album_place, "album_lines", problem, remedy));
    }
    for clause in clauses {
        take_clause(book, &mut contract, clause)?;
    }
    check_names(&contract, &splits, &rates)?;
    check_contract(book, &contract)?;
    contract
        .recoupables
        .sort_by(|a, b| (a.priority, &a.name).cmp(&(b.priority, &b.name)));
    Ok(contract)
}

fn album_lines(record: &mut Record) -> Result<Option<AlbumLines>, Fault> {
    let place = record.place_of("album_lines");
    let Some(word) = record.text("album_lines")? else {
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
                format!("{word:?} is no rule"),
                format!("write one of {words}"),
            ))
        }
    }
}

fn take_clause(book: &Book, contract: &mut Contract, mut record: Record) -> Result<(), Fault> {
    let place = record.place.clone();
    let profile = &book.profiles[contract.profile];
    let name = record.text("name")?;
    match record.kind.as_str() {
        "charge" | "fee" => {
            let is_charge = record.kind == "charge";
            let flag = if is_charge {
                Some(record.needed("flag")?.to_lowercase())
            } else {
                None
            };
            let rate_place = record.place_of("rate");
            let rate = record.ratio("rate")?.ok_or_else(|| {
                Fault::new(
                    &place,
                    "rate",
                    "it takes a part of income",
                    "add rate = \"0.10\"",
                )
            })?;
            if rate > Ratio::ONE {
                return Err(Fault::new(
                    &rate_place,
                    "rate",
                    "it takes more than everything",
                    "write 10 % as 0.10",
                ));
            }
            let list = if is_charge {
                &mut contract.charges
            } else {
                &mut contract.fees
            };
            let name = name
                .unwrap_or_else(|| format!("{} {}", record.kind, list.len() + 1))
                .into();
            list.push(Deduction {
                name,
                rate,
                condition: condition(&mut record)?,
                flag,
            });
            if list.len() > MOST_DEDUCTIONS {
                return Err(Fault::new(
                    &place,
                    "",
                    format!("a contract has at most {MOST_DEDUCTIONS} of these"),
                    "join some of them",
                ));
            }
            needs_step(
                profile,
                if is_charge { Step::Charges } else { Step::Fees },
                &place,
            )?;
        }
        "rate" => {
            let name = name
                .unwrap_or_else(|| format!("rate {}", contract.rates.len() + 1))
                .into();
            let rule = rate_rule(&mut record)?;
            contract.rates.push(Rate {
                name,
                rule,
                condition: condition(&mut record)?,
            });
            needs_step(profile, Step::Rate, &place)?;
        }
        "reserve" => {
            if contract.reserve.is_some() {
                return Err(Fault::new(
                    &place,
                    "",
                    "the contract has a reserve already",
                    "join the two",
                ));
            }
            contract.reserve = Some(reserve(&mut record)?);
            needs_step(profile, Step::Reserve, &place)?;
        }
        "advance" | "cost" => {
            let recoupable = recoupable(book, &mut record, name)?;
            if contract
                .recoupables
                .iter()
                .any(|r| r.name == recoupable.name)
            {
                return Err(Fault::new(
                    &place,
                    "name",
                    format!("{:?} is there already", recoupable.name),
                    "give each a name of its own",
                ));
            }
            let step = match recoupable.bearer {
                Bearer::Shared => Step::SharedCosts,
                Bearer::Royalty => Step::Recoup,
                Bearer::Payee => Step::PayeeRecoup,
            };
            contract.recoupables.push(recoupable);
            needs_step(profile, step, &place)?;
        }
        "adjustment" => {
            let amount = record.amount("amount")?.ok_or_else(|| {
                Fault::new(&place, "amount", "an adjustment has an amount", "add it")
            })?;
            let date = needed_day(&mut record)?;
            let adjustment = Adjustment {
                name: name
                    .unwrap_or_else(|| format!("adjustment of {date}"))
                    .into(),
                amount,
                date,
                reason: record.needed("reason")?,
                payee: named_payee(book, &mut record, "payee")?,
            };
            contract.adjustments.push(adjustment);
            needs_step(profile, Step::Adjustments, &place)?;
        }
        _ => {
            let name = name
                .unwrap_or_else(|| format!("split {}", contract.splits.len() + 1))
                .into();
            let split = split(book, &mut record, name)?;
            if contract.splits.iter().any(|s| s.name == split.name) {
                return Err(Fault::new(
                    &place,
                    "name",
                    format!("{:?} is there already", split.name),
                    "give each split a name of its own",
                ));
            }
            contract.splits.push(split);
        }
    }
    record.end()
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
    record.day("date")?.ok_or_else(|| {
        Fault::new(
            &record.place,
            "date",
            "it has a date",
            "add date = \"2026-09-30\"",
        )
    })
}

fn named_payee(book: &Book, record: &mut Record, key: &str) -> Result<Option<usize>, Fault> {
    let place = record.place_of(key);
    let Some(name) = record.text(key)? else {
        return Ok(None);
    };
    let found = book.payee(name.trim());
    found.map(Some).ok_or_else(|| {
        Fault::new(
            &place,
            key,
            format!("there is no payee {name:?}"),
            "correct the name, or add the payee",
        )
    })
}

fn rate_rule(record: &mut Record) -> Result<RateRule, Fault> {
    let place = record.place.clone();
    let tiers_place = record.place_of("tiers");
    let (rate, per_unit, tiers) = (
        record.ratio("rate")?,
        record.ratio("per_unit")?,
        record.map("tiers")?,
    );
    let (counts, is_per_unit) = (record.text("counts")?, record.flag("tiers_per_unit")?);
    let count = usize::from(rate.is_some())
        + usize::from(per_unit.is_some())
        + usize::from(!tiers.is_empty());
    if count != 1 {
        return Err(Fault::new(
            &place,
            "rate",
            "a rate is one of rate, per_unit and tiers",
            "write exactly one of them",
        ));
    }
    if let Some(rate) = rate {
        return Ok(RateRule::Income(rate));
    }
    if let Some(price) = per_unit {
        return Ok(RateRule::PerUnit(price));
    }
    let counts = match counts.as_deref() {
        Some("units") => Counts::Units,
        Some("income") => Counts::Income,
        _ => {
            return Err(Fault::new(
                &tiers_place,
                "counts",
                "tiers count units or income",
                "add counts = \"units\" or \"income\"",
            ));
        }
    };
    if is_per_unit && counts == Counts::Income {
        return Err(Fault::new(
            &tiers_place,
            "tiers_per_unit",
            "prices for a unit go with tiers of units",
            "write counts = \"units\"",
        ));
    }
    let fault = |problem: String| {
        Fault::new(
            &tiers_place,
            "tiers",
            problem,
            "write { 10000 = \"0.10\", rest = \"0.15\" }",
        )
    };
    let mut read = Vec::new();
    for (end, rate) in tiers {
        let end = if end == "rest" {
            None
        } else {
            Some(amount_of(&end).map_err(fault)?)
        };
        read.push((end, Ratio::parse(&rate).map_err(|e| fault(e.to_string()))?));
    }
    read.sort_by_key(|(end, _)| (end.is_none(), *end));
    let is_rising = read.windows(2).all(|pair| pair[0].0 != pair[1].0)
        && read[0].0.is_none_or(|end| end > Amount::ZERO);
    if !is_rising || read.last().is_none_or(|(end, _)| end.is_some()) {
        return Err(fault(
            "the ends of tiers rise from above zero, and the last is called rest".into(),
        ));
    }
    Ok(RateRule::Tiers(Tiers {
        counts,
        is_per_unit,
        tiers: read,
    }))
}

fn reserve(record: &mut Record) -> Result<Reserve, Fault> {
    let (place, release_place) = (record.place.clone(), record.place_of("release"));
    let rate = record.ratio("rate")?.ok_or_else(|| {
        Fault::new(
            &place,
            "rate",
            "a reserve holds a part of sales",
            "add rate = \"0.20\"",
        )
    })?;
    if rate > Ratio::ONE {
        return Err(Fault::new(
            &place,
            "rate",
            "it holds more than everything",
            "write 20 % as 0.20",
        ));
    }
    let fault = |problem: String| {
        Fault::new(
            &release_place,
            "release",
            problem,
            "write { 6 = \"0.5\", 12 = \"0.5\" }: months and parts of one whole",
        )
    };
    let mut release = Vec::new();
    for (months, part) in record.map("release")? {
        let months: u32 = months
            .parse()
            .ok()
            .filter(|m| (1..=1200).contains(m))
            .ok_or_else(|| fault(format!("{months:?} is no number of months")))?;
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

fn recoupable(book: &Book, record: &mut Record, name: Option<String>) -> Result<Recoupable, Fault> {
    let place = record.place.clone();
    let is_cost = record.kind == "cost";
    let amount_place = record.place_of("amount");
    let amount = record
        .amount("amount")?
        .ok_or_else(|| Fault::new(&place, "amount", "it has an amount", "add it"))?;
    if amount.is_negative() {
        return Err(Fault::new(
            &amount_place,
            "amount",
            "it is below zero",
            "write what was advanced or spent as a positive amount",
        ));
    }
    let payee = named_payee(book, record, "payee")?;
    let borne_place = record.place_of("borne");
    let borne = record.text("borne")?;
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
        priority: record.number("priority")?.unwrap_or(0),
        bearer,
        payee,
        to: named_payee(book, record, "to")?,
    })
}

fn split(book: &Book, record: &mut Record, name: Arc<str>) -> Result<Split, Fault> {
    let place = record.place_of("shares");
    let mut payees: BTreeMap<usize, Ratio> = BTreeMap::new();
    for (payee, share) in record.map("shares")? {
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

/// Groups may have groups as members. A group that contains itself, and a contract in two groups, are faults.
fn join_groups(book: &mut Book, groups: &BTreeMap<String, (Vec<String>, Place)>) -> Vec<Fault> {
    let mut faults = Vec::new();
    let inner: BTreeSet<&String> = groups
        .values()
        .flat_map(|(members, _)| members)
        .filter(|m| groups.contains_key(*m))
        .collect();
    for (name, (_, place)) in groups {
        let mut path = vec![name.as_str()];
        if let Some(cycle) = cycle(name, groups, &mut path) {
            faults.push(Fault::new(
                place,
                "members",
                format!("the group contains itself: {cycle}"),
                "take one of them out of the other",
            ));
        }
    }
    if !faults.is_empty() {
        return faults;
    }
    for (name, (_, place)) in groups.iter().filter(|(name, _)| !inner.contains(name)) {
        let number = book.groups.len();
        book.groups.push(name.clone());
        let mut currency = None;
        for member in flat(name, groups) {
            let Some(at) = book.contract(member) else {
                let remedy = "correct the name, or give the file that has it";
                faults.push(Fault::new(
                    place,
                    "members",
                    format!("there is no contract {member:?}"),
                    remedy,
                ));
                continue;
            };
            let contract = &mut book.contracts[at];
            if let Some(other) = contract.group.replace(number) {
                let problem = format!(
                    "contract {member:?} is in the groups {:?} and {name:?}",
                    book.groups[other]
                );
                faults.push(Fault::new(
                    place,
                    "members",
                    problem,
                    "leave it in one of them",
                ));
            }
            let first = *currency.get_or_insert(contract.currency);
            if first != contract.currency {
                let problem = format!(
                    "accounts of the group are kept in {first} and {}",
                    contract.currency
                );
                faults.push(Fault::new(
                    place,
                    "members",
                    problem,
                    "keep accounts that are joined in one currency",
                ));
            }
        }
    }
    faults
}

fn cycle<'a>(
    name: &'a str,
    groups: &'a BTreeMap<String, (Vec<String>, Place)>,
    path: &mut Vec<&'a str>,
) -> Option<String> {
    for member in groups
        .get(name)
        .map(|(members, _)| members.as_slice())
        .unwrap_or_default()
    {
        if let Some(start) = path.iter().position(|p| p == member) {
            return Some(
                path[start..]
                    .iter()
                    .copied()
                    .chain([member.as_str()])
                    .collect::<Vec<_>>()
                    .join(" > "),
            );
        }
        path.push(member);
        if let Some(found) = cycle(member, groups, path) {
            return Some(found);
        }
        path.pop();
    }
    None
}

fn flat<'a>(name: &str, groups: &'a BTreeMap<String, (Vec<String>, Place)>) -> Vec<&'a str> {
    let members = groups
        .get(name)
        .map(|(members, _)| members.as_slice())
        .unwrap_or_default();
    members
        .iter()
        .flat_map(|m| {
            if groups.contains_key(m) {
                flat(m, groups)
            } else {
                vec![m.as_str()]
            }
        })
        .collect()
}
