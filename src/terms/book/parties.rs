//! Payees, taxes and profiles from their records.

use crate::ident::Territory;
use crate::money::Ratio;
use crate::terms::contracts::{Payee, Profile, Step, Tax, TaxBase};
use crate::terms::input::{Fault, Record, day_of};
use crate::terms::language::Key;

pub(super) fn payee(mut record: Record) -> Result<Payee, Fault> {
    let place = record.place.clone();
    let name = record.needed(Key::Name)?;
    if name.starts_with('(') {
        return Err(Fault::new(
            &place,
            "name",
            "names in parentheses are the program's own",
            "give the payee another name",
        ));
    }
    let currency = record.currency(Key::Currency)?;
    let currency = currency.ok_or_else(|| {
        Fault::new(
            &place,
            "currency",
            "a payee is paid in a currency",
            "add currency = \"EUR\"",
        )
    })?;
    let minimum = record.amount(Key::Minimum)?.unwrap_or_default();
    if minimum.is_negative() {
        return Err(Fault::new(
            &place,
            "minimum",
            "the least that is paid is below zero",
            "write 0 or more",
        ));
    }
    let forms_place = record.place_of(Key::Forms);
    let forms = record
        .map(Key::Forms)?
        .into_iter()
        .map(|(tax, day)| Ok((tax, day_of(&day)?)));
    let forms = forms
        .collect::<Result<_, String>>()
        .map_err(|p| Fault::new(&forms_place, "forms", p, "write { us = \"2026-03-01\" }"))?;
    let residence = record
        .text(Key::Residence)?
        .map(|t| territory(&t))
        .unwrap_or_default();
    let payee = Payee {
        name,
        currency,
        residence,
        minimum,
        bank: record.text(Key::Bank)?.unwrap_or_default(),
        forms,
        place,
    };
    record.end()?;
    Ok(payee)
}

fn territory(text: &str) -> String {
    Territory::parse(text).as_str().to_owned()
}

pub(super) fn territories(record: &mut Record, key: Key) -> Result<Vec<String>, Fault> {
    Ok(record
        .list(key)?
        .unwrap_or_default()
        .iter()
        .map(|t| territory(t))
        .collect())
}

pub(super) fn tax(mut record: Record) -> Result<Tax, Fault> {
    let place = record.place.clone();
    let name = record.needed(Key::Name)?;
    let rate = record
        .ratio(Key::Rate)?
        .ok_or_else(|| Fault::new(&place, "rate", "a tax has a rate", "add rate = \"0.30\""))?;
    let treaty_place = record.place_of(Key::Treaty);
    let treaty = record
        .map(Key::Treaty)?
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
    let base_place = record.place_of(Key::WithoutFormBase);
    let without_form = match (
        record.ratio(Key::WithoutForm)?,
        record.text(Key::WithoutFormBase)?.as_deref(),
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
        territories: territories(&mut record, Key::Territories)?,
        residences: territories(&mut record, Key::Residences)?,
        not_residences: territories(&mut record, Key::NotResidences)?,
        rate,
        treaty,
        without_form,
        has_catch_up: record.flag(Key::CatchUp)?,
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

pub(super) fn profile(mut record: Record) -> Result<Profile, Fault> {
    let place = record.place_of(Key::Steps);
    let name = record.needed(Key::Name)?;
    let words = record.list(Key::Steps)?.unwrap_or_default();
    for key in [Key::About, Key::Source] {
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
            .ok_or_else(|| fault(format!("{word:?} is not a step")))?;
        if steps.contains(&step) {
            return Err(fault(format!("{word} stands there twice")));
        }
        steps.push(step);
    }
    let profile = Profile { name, steps };
    match misplaced_step(&profile) {
        Some(problem) => Err(fault(problem.to_owned())),
        None => Ok(profile),
    }
}

/// What is wrong with the order of a profile's steps.
fn misplaced_step(profile: &Profile) -> Option<&'static str> {
    let index = |step| profile.position(step);
    let Some(split) = index(Step::Split) else {
        return Some("without a split nobody is paid");
    };
    if index(Step::Exchange) != Some(0) {
        return Some("exchange is not first");
    }
    let is_late = Step::ALL
        .iter()
        .filter(|(step, _)| *step != Step::PayeeRecoup)
        .any(|(step, _)| index(*step).is_some_and(|index| index > split));
    if is_late || index(Step::PayeeRecoup).is_some_and(|index| index < split) {
        return Some("only payee_recoup comes after the split, and never before it");
    }
    let rate = index(Step::Rate);
    (rate.is_some() && index(Step::SharedCosts) > rate)
        .then_some("shared costs come before the rate; costs after it are borne by the royalty")
}
