//! A second settlement, cell by cell in exact fractions, written from the guide alone: it knows nothing of strands, masks or postings.
//!
//! What it says and what the program says must be the same number wherever the program needs at most twenty digits, and must never be
//! further apart than 10^-15.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_rational::Ratio;
use proptest::prelude::*;

use super::{Texts, amount};
use ledgerline::money::Amount;
use ledgerline::settlement::{PayableState, SuspenseReason};
use ledgerline::terms::{ClauseKey, ReleaseTrack, Releases};

pub type Number = Ratio<BigInt>;

fn number(text: &str) -> Number {
    if let Some((upper, lower)) = text.split_once('/') {
        return number(upper) / number(lower);
    }
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let upper: BigInt = format!("{whole}{fraction}").parse().unwrap();
    Number::new(upper * sign, BigInt::from(10).pow(fraction.len() as u32))
}

fn zero() -> Number {
    number("0")
}

fn of_amount(amount: Amount) -> Number {
    number(&amount.to_string())
}

fn max0(value: Number) -> Number {
    if value < zero() { zero() } else { value }
}

// ------------------------------------------------------------------------------------------------ a made-up label

#[derive(Debug, Clone)]
pub struct Party {
    pub name: String,
    pub currency: &'static str,
    pub minimum: &'static str,
    pub residence: &'static str,
    pub has_form: bool,
}

#[derive(Debug, Clone)]
pub enum RateTerm {
    Income(&'static str),
    PerUnit(&'static str),
    ByIncome(&'static str, &'static str, &'static str),
    ByUnits(&'static str, &'static str, &'static str),
}

/// Places of payees with their shares.
pub type Shares = Vec<(usize, &'static str)>;

#[derive(Debug, Clone, Default)]
pub struct Deal {
    pub name: String,
    pub profile: &'static str,
    pub currency: &'static str,
    pub tracks: Vec<String>,
    pub releases: Vec<String>,
    pub album_lines: Option<&'static str>,
    pub not_in: Option<&'static str>,
    pub from_month: Option<&'static str>,
    pub fees: Vec<&'static str>,
    pub charge: Option<&'static str>,
    pub rates: Vec<RateTerm>,
    pub reserve: Option<&'static str>,
    pub advances: Vec<(&'static str, u32)>,
    pub shared_cost: Option<&'static str>,
    /// An advance to one payee, by their place.
    pub payee_advance: Option<(usize, &'static str)>,
    pub adjustment: Option<&'static str>,
    /// Shares in sales of one territory, where there are any.
    pub local: Option<(&'static str, Shares)>,
    pub shares: Shares,
}

#[derive(Debug, Clone)]
pub struct Sale {
    /// The track, or empty when a release was sold as a whole.
    pub track: String,
    /// The release, when it was sold as a whole.
    pub album: Option<String>,
    pub territory: String,
    pub period: &'static str,
    pub units: String,
    pub amount: String,
    pub currency: String,
    pub is_flagged: bool,
}

/// A release: its tracks with weights, and whether a record says so or a catalog.
#[derive(Debug, Clone)]
pub struct Shelved {
    pub tracks: Vec<(String, Option<String>)>,
    pub is_written: bool,
}

#[derive(Debug, Clone)]
pub struct Label {
    /// What is on releases, where it is known.
    pub releases: BTreeMap<String, Shelved>,
    pub parties: Vec<Party>,
    pub deals: Vec<Deal>,
    /// Places of the deals whose accounts are joined.
    pub joined: Vec<usize>,
    pub has_catch_up: bool,
    pub sales: Vec<Sale>,
    pub carried: Vec<Option<&'static str>>,
    /// From, to, rate; where a pair is not in it the money waits.
    pub rates: &'static [(&'static str, &'static str, &'static str)],
}

const PERIOD: &str = "2026-09";
/// Each pair of currencies has its rates in both directions, so that none has to be turned round.
const RATES: [(&str, &str, &str); 12] = [
    ("USD", "EUR", "0.92"),
    ("EUR", "USD", "1.087"),
    ("USD", "JPY", "149.5"),
    ("JPY", "USD", "0.0067"),
    ("USD", "KWD", "0.308"),
    ("KWD", "USD", "3.25"),
    ("EUR", "JPY", "162.25"),
    ("JPY", "EUR", "0.0062"),
    ("EUR", "KWD", "0.334"),
    ("KWD", "EUR", "2.99"),
    ("JPY", "KWD", "0.0021"),
    ("KWD", "JPY", "485"),
];

fn pick(values: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(values)
}

fn party() -> impl Strategy<Value = Party> {
    (
        pick(&["USD", "EUR", "JPY", "KWD"]),
        pick(&["0", "5", "25.00"]),
        pick(&["DE", "IN", "US", ""]),
        any::<bool>(),
    )
        .prop_map(|(currency, minimum, residence, has_form)| Party {
            name: String::new(),
            currency,
            minimum,
            residence,
            has_form,
        })
}

fn rate_term() -> impl Strategy<Value = RateTerm> {
    prop_oneof![
        pick(&["0.25", "0.5", "1", "0.125"]).prop_map(RateTerm::Income),
        pick(&["0.091", "1.5"]).prop_map(RateTerm::PerUnit),
        (
            pick(&["50", "200"]),
            pick(&["0.1", "0.5"]),
            pick(&["0.2", "0.75"])
        )
            .prop_map(|(a, b, c)| RateTerm::ByIncome(a, b, c)),
        (
            pick(&["10", "64"]),
            pick(&["0.1", "0.5"]),
            pick(&["0.2", "0.75"])
        )
            .prop_map(|(a, b, c)| RateTerm::ByUnits(a, b, c)),
    ]
}

fn shares(parties: usize) -> impl Strategy<Value = Shares> {
    let two: &'static [&'static [&'static str]] = &[
        &["1", "0"],
        &["0.5", "0.5"],
        &["1/3", "2/3"],
        &["0.85", "0.15"],
    ];
    let three: &'static [&'static [&'static str]] = &[
        &["1/3", "1/3", "1/3"],
        &["0.5", "0.3", "0.2"],
        &["0.1", "0.1", "0.8"],
    ];
    prop::sample::select(if parties == 2 { two } else { three })
        .prop_map(|shares| shares.iter().copied().enumerate().collect())
}

pub fn deal(parties: usize) -> impl Strategy<Value = Deal> {
    let head = (
        pick(&["royalty", "royalty-pre-reserve", "net-receipts"]),
        pick(&["USD", "EUR", "USD"]),
        prop::collection::vec(0..6usize, 1..4),
    );
    let scope = (
        prop::option::weighted(0.2, pick(&["US", "FR"])),
        prop::option::weighted(0.2, Just("2026-09")),
        album_terms(),
    );
    let cuts = (
        prop::collection::vec(pick(&["0.1", "0.2", "0.15"]), 0..3),
        prop::option::of(Just("0.3")),
        prop::option::of(Just("0.2")),
    );
    let rates = prop::collection::vec(rate_term(), 1..3);
    let debts = (
        prop::collection::vec((pick(&["10", "100", "1000.5"]), 0..3u32), 0..3),
        prop::option::weighted(0.4, pick(&["20", "77.7"])),
        prop::option::weighted(0.3, pick(&["5", "60"])),
        prop::option::weighted(0.3, pick(&["12.5", "-12.5"])),
    );
    let splits = (
        prop::option::weighted(0.4, (pick(&["US", "DE"]), shares(parties))),
        shares(parties),
    );
    (head, scope, cuts, rates, debts, splits).prop_map(
        |(head, scope, cuts, rates, debts, splits)| {
            let (profile, currency, mut tracks) = head;
            tracks.sort_unstable();
            tracks.dedup();
            let is_plain = profile == "net-receipts";
            let rates = match profile {
                "net-receipts" => Vec::new(),
                // Where the reserve is computed before the rate, "as far as the royalty reaches" is per clause; prices for units hide it.
                "royalty-pre-reserve" => vec![RateTerm::Income(if rates.len() > 1 {
                    "0.25"
                } else {
                    "0.5"
                })],
                _ => rates,
            };
            Deal {
                name: String::new(),
                profile,
                currency,
                tracks: tracks.into_iter().map(|t| format!("T{t}")).collect(),
                releases: scope.2.0,
                album_lines: scope.2.1,
                not_in: scope.0,
                from_month: scope.1,
                fees: cuts.0,
                charge: cuts.1,
                rates,
                reserve: if is_plain { None } else { cuts.2 },
                advances: debts.0,
                shared_cost: if is_plain { None } else { debts.1 },
                payee_advance: debts.2.map(|advance| (0, advance)),
                adjustment: debts.3,
                local: splits.0,
                shares: splits.1,
            }
        },
    )
}

pub fn album_terms() -> impl Strategy<Value = (Vec<String>, Option<&'static str>)> {
    // One rule is frequent, so that contracts often agree.
    let rule = pick(&[
        "equal", "weights", "units", "equal", "equal", "units", "weights", "whole", "wait",
    ]);
    (
        prop_oneof![3 => Just(Vec::new()), 1 => (0..3usize).prop_map(|release| vec![format!("R{release}")])],
        prop::option::weighted(0.8, rule),
    )
}

pub fn shelved(is_written: bool, is_weighted: bool) -> impl Strategy<Value = Shelved> {
    let tracks = prop::collection::btree_map(0..7usize, pick(&["1", "2", "183.5", "240"]), 1..4);
    tracks.prop_map(move |tracks| Shelved {
        tracks: tracks
            .into_iter()
            .map(|(track, weight)| (format!("T{track}"), is_weighted.then(|| weight.to_owned())))
            .collect(),
        is_written,
    })
}

fn releases() -> impl Strategy<Value = BTreeMap<String, Shelved>> {
    let catalog = prop_oneof![shelved(false, true), shelved(false, false)];
    (
        shelved(true, true),
        prop::option::of(shelved(true, true)),
        prop::option::of(catalog),
    )
        .prop_map(|(first, second, third)| {
            let releases = [Some(first), second, third].into_iter().enumerate();
            releases
                .filter_map(|(at, release)| Some((format!("R{at}"), release?)))
                .collect()
        })
}

fn sale() -> impl Strategy<Value = Sale> {
    let amount = prop_oneof![(1..2_000_000i64).boxed(), (-300_000..1i64).boxed()];
    let work = (
        0..7usize,
        prop::option::weighted(0.3, (0..3usize).prop_map(|release| format!("R{release}"))),
    );
    (
        work,
        pick(&["US", "DE", "FR", ""]),
        pick(&["2026-08", "2026-09"]),
        0..200i32,
        amount,
        pick(&["USD", "EUR", "JPY", "USD"]),
        any::<bool>(),
    )
        .prop_map(
            |((track, album), territory, period, units, mills, currency, is_flagged)| {
                let sign = if mills < 0 { "-" } else { "" };
                let amount = format!("{sign}{}.{:03}", mills.abs() / 1000, mills.abs() % 1000);
                let units = if mills < 0 { -units } else { units };
                let track = if album.is_some() {
                    String::new()
                } else {
                    format!("T{track}")
                };
                let (territory, currency) = (territory.to_owned(), currency.to_owned());
                Sale {
                    track,
                    album,
                    territory,
                    period,
                    units: units.to_string(),
                    amount,
                    currency,
                    is_flagged,
                }
            },
        )
}

pub fn label() -> impl Strategy<Value = Label> {
    (2..4usize).prop_flat_map(|parties| {
        (
            prop::collection::vec(party(), parties),
            prop::collection::vec(deal(parties), 1..5),
            any::<bool>(),
            any::<bool>(),
            prop::collection::vec(sale(), 0..24),
            prop::collection::vec(
                prop::option::weighted(0.3, pick(&["3", "-7", "24.996"])),
                parties,
            ),
            releases(),
        )
            .prop_map(
                |(mut parties, mut deals, is_joined, has_catch_up, sales, carried, releases)| {
                    parties
                        .iter_mut()
                        .enumerate()
                        .for_each(|(at, party)| party.name = format!("P{at}"));
                    deals
                        .iter_mut()
                        .enumerate()
                        .for_each(|(at, deal)| deal.name = format!("C{at}"));
                    if is_joined {
                        deals.iter_mut().for_each(|deal| deal.currency = "EUR");
                    }
                    let joined = if is_joined {
                        (0..deals.len()).collect()
                    } else {
                        Vec::new()
                    };
                    Label {
                        releases,
                        parties,
                        deals,
                        joined,
                        has_catch_up,
                        sales,
                        carried,
                        rates: &RATES,
                    }
                },
            )
    })
}

impl Label {
    fn shares_text(&self, shares: &[(usize, &str)]) -> String {
        let pairs: Vec<String> = shares
            .iter()
            .map(|(at, share)| format!("{:?} = \"{share}\"", self.parties[*at].name))
            .collect();
        format!("shares = {{ {} }}\n", pairs.join(", "))
    }

    fn rate_text(rate: &RateTerm) -> String {
        match rate {
            RateTerm::Income(rate) => format!("rate = {rate}\n"),
            RateTerm::PerUnit(price) => format!("per_unit = {price}\n"),
            RateTerm::ByIncome(end, low, high) => {
                format!("counts = \"income\"\ntiers = {{ {end} = {low}, rest = {high} }}\n")
            }
            RateTerm::ByUnits(end, low, high) => {
                format!("counts = \"units\"\ntiers = {{ {end} = {low}, rest = {high} }}\n")
            }
        }
    }

    pub fn contracts(&self) -> String {
        let mut text = format!(
            "[[tax]]\nname = \"us\"\nterritories = [\"US\"]\nnot_residences = [\"US\"]\nrate = 0.30\ntreaty = {{ DE = 0, IN = 0.15 }}\nwithout_form = 0.24\nwithout_form_base = \"all\"\ncatch_up = {}\n",
            self.has_catch_up
        );
        for party in &self.parties {
            let form = if party.has_form {
                "forms = { us = 2026-09-30 }\n"
            } else {
                ""
            };
            text.push_str(&format!(
                "[[payee]]\nname = {:?}\ncurrency = \"{}\"\nminimum = {}\nresidence = \"{}\"\n{form}",
                party.name, party.currency, party.minimum, party.residence
            ));
        }
        if self.joined.len() > 1 {
            let names: Vec<String> = self
                .joined
                .iter()
                .map(|at| format!("{:?}", self.deals[*at].name))
                .collect();
            text.push_str(&format!(
                "[[group]]\nname = \"joined\"\nmembers = [{}]\n",
                names.join(", ")
            ));
        }
        for deal in &self.deals {
            let tracks: Vec<String> = deal.tracks.iter().map(|t| format!("{t:?}")).collect();
            text.push_str(&format!(
                "[[contract]]\nname = {:?}\nprofile = \"{}\"\ncurrency = \"{}\"\ntracks = [{}]\n",
                deal.name,
                deal.profile,
                deal.currency,
                tracks.join(", ")
            ));
            if !deal.releases.is_empty() {
                let releases: Vec<String> =
                    deal.releases.iter().map(|r| format!("{r:?}")).collect();
                text.push_str(&format!("releases = [{}]\n", releases.join(", ")));
            }
            text.push_str(
                &deal
                    .rule()
                    .map(|rule| format!("album_lines = \"{rule}\"\n"))
                    .unwrap_or_default(),
            );
            text.push_str(
                &deal
                    .not_in
                    .map(|t| format!("not_territories = [\"{t}\"]\n"))
                    .unwrap_or_default(),
            );
            text.push_str(
                &deal
                    .from_month
                    .map(|m| format!("from = {m}-01\n"))
                    .unwrap_or_default(),
            );
            text.push_str(&deal.clauses(self));
        }
        for (code, release) in self
            .releases
            .iter()
            .filter(|(_, release)| release.is_written)
        {
            let tracks: Vec<String> = release
                .tracks
                .iter()
                .map(|(track, weight)| format!("{track:?} = {}", weight.as_deref().unwrap()))
                .collect();
            text.push_str(&format!(
                "[[release]]\nname = {code:?}\ntracks = {{ {} }}\n",
                tracks.join(", ")
            ));
        }
        text
    }

    fn catalog(&self) -> Releases {
        let mut catalog = Releases::default();
        for (code, release) in self
            .releases
            .iter()
            .filter(|(_, release)| !release.is_written)
        {
            let track = |(track, weight): &(String, Option<String>)| ReleaseTrack {
                id: track.clone(),
                label: String::new(),
                weight: weight.as_deref().map(amount),
            };
            catalog
                .add(code, release.tracks.iter().map(track).collect())
                .unwrap();
        }
        catalog
    }

    pub fn rows(&self) -> Vec<String> {
        let row = |s: &Sale| {
            let flag = if s.is_flagged { "discovery_mode" } else { "" };
            let release = s.album.as_deref().unwrap_or_default();
            format!(
                "{},{},{},stream,DSP,{},{},{},{flag},{release}",
                s.track, s.territory, s.period, s.units, s.amount, s.currency
            )
        };
        self.sales.iter().map(row).collect()
    }

    pub fn texts(&self) -> Texts {
        let rows = self.rows();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let carried = self.carried_rows();
        let balances: Vec<&str> = carried.iter().map(String::as_str).collect();
        let texts = Texts::new(&self.contracts(), &rows)
            .with_rates(&self.rates_text("test"))
            .with_balances(&balances)
            .of(PERIOD);
        Texts {
            catalog: self.catalog(),
            ..texts
        }
    }

    pub fn rates_text(&self, source: &str) -> String {
        let row = |(from, to, rate): &(&str, &str, &str)| {
            format!("2026-01..2026-12,{from},{to},{rate},{source}\n")
        };
        "period,from,to,rate,source\n".to_owned() + &self.rates.iter().map(row).collect::<String>()
    }

    pub fn carried_rows(&self) -> Vec<String> {
        let carried = self.carried.iter().zip(&self.parties);
        carried
            .filter_map(|(c, party)| {
                Some(format!(
                    "carried_forward,,{},,,{},{},",
                    party.name,
                    party.currency,
                    (*c)?
                ))
            })
            .collect()
    }
}

impl Deal {
    fn clauses(&self, label: &Label) -> String {
        let mut text = String::new();
        for (at, fee) in self.fees.iter().enumerate() {
            text.push_str(&format!(
                "[[contract.fee]]\nname = \"fee {at}\"\nrate = {fee}\n"
            ));
        }
        if let Some(charge) = self.charge {
            text.push_str(&format!("[[contract.charge]]\nname = \"promotion\"\nflag = \"discovery_mode\"\nrate = {charge}\n"));
        }
        for (at, rate) in self.rates.iter().enumerate() {
            // The first of two rates is for one territory, the last for all.
            let only = if at + 1 < self.rates.len() {
                "territories = [\"US\"]\n"
            } else {
                ""
            };
            text.push_str(&format!(
                "[[contract.rate]]\nname = \"rate {at}\"\n{only}{}",
                Label::rate_text(rate)
            ));
        }
        if let Some(reserve) = self.reserve {
            text.push_str(&format!(
                "[[contract.reserve]]\nrate = {reserve}\nrelease = {{ 6 = 0.5, 12 = 0.5 }}\n"
            ));
        }
        for (at, (amount, priority)) in self.advances.iter().enumerate() {
            text.push_str(&format!("[[contract.advance]]\nname = \"advance {at}\"\namount = {amount}\ndate = 2026-02-01\npriority = {priority}\n"));
        }
        if let Some(cost) = self.shared_cost {
            text.push_str(&format!("[[contract.cost]]\nname = \"cost\"\namount = {cost}\ndate = 2026-02-01\nborne = \"shared\"\n"));
        }
        if let Some((payee, advance)) = self.payee_advance {
            let payee = &label.parties[payee].name;
            text.push_str(&format!("[[contract.advance]]\nname = \"own advance\"\namount = {advance}\ndate = 2026-02-01\npayee = {payee:?}\n"));
        }
        if let Some(adjustment) = self.adjustment {
            text.push_str(&format!("[[contract.adjustment]]\namount = {adjustment}\ndate = 2026-09-15\nreason = \"agreed\"\n"));
        }
        if let Some((territory, shares)) = &self.local {
            text.push_str(&format!(
                "[[contract.split]]\nname = \"local\"\nterritories = [\"{territory}\"]\n{}",
                label.shares_text(shares)
            ));
        }
        text + "[[contract.split]]\nname = \"all\"\n" + &label.shares_text(&self.shares)
    }
}

// ------------------------------------------------------------------------------------------------ settled slowly

/// A sum of money with where it was earned and by which shares it is split.
#[derive(Clone)]
struct Bit {
    value: Number,
    units: Number,
    is_us: bool,
    is_local: bool,
    is_sale: bool,
    is_flagged: bool,
}

#[derive(Default)]
pub struct Expected {
    /// Payee and currency: earned, tax, exact.
    pub lines: BTreeMap<usize, (Number, Number, Number)>,
    /// What is still open, by contract and name.
    pub open: BTreeMap<(String, String), Number>,
    /// What no contract has, by currency.
    pub waits: BTreeMap<String, Number>,
    /// Reserves by contract.
    pub held: BTreeMap<usize, Number>,
    /// Album lines that wait, by the word of their reason and currency.
    pub albums: BTreeMap<(&'static str, String), Number>,
}

fn convert(label: &Label, value: &Number, from: &str, to: &str) -> Option<Number> {
    if from == to {
        return Some(value.clone());
    }
    let (_, _, rate) = label
        .rates
        .iter()
        .find(|(a, b, _)| (*a, *b) == (from, to))?;
    Some(value * number(rate))
}

fn sum(bits: &[Bit]) -> Number {
    bits.iter().fold(zero(), |sum, b| sum + &b.value)
}

/// Takes from all bits alike.
fn take(bits: &mut [Bit], open: &mut Number) {
    let pool = sum(bits);
    if pool <= zero() || *open <= zero() {
        return;
    }
    let taken = if *open < pool {
        open.clone()
    } else {
        pool.clone()
    };
    let left = (&pool - &taken) / &pool;
    bits.iter_mut().for_each(|b| b.value = &b.value * &left);
    *open = &*open - taken;
}

/// What marginal tiers make of a count that goes from nothing to `count`.
fn tiers(count: &Number, end: &str, low: &str, high: &str) -> Number {
    let end = number(end);
    if *count <= end {
        count * number(low)
    } else {
        &end * number(low) + (count - &end) * number(high)
    }
}

fn royalty(rate: &RateTerm, bits: &mut [Bit]) {
    let income = sum(bits);
    let units = bits.iter().fold(zero(), |sum, b| sum + &b.units);
    let scale = |bits: &mut [Bit], total: Number, base: &Number, cancelled: &str| {
        for bit in bits {
            bit.value = if *base == zero() {
                &bit.value * number(cancelled)
            } else {
                &bit.value * &total / base
            };
        }
    };
    match rate {
        RateTerm::Income(rate) => bits
            .iter_mut()
            .for_each(|b| b.value = &b.value * number(rate)),
        RateTerm::PerUnit(price) => bits
            .iter_mut()
            .for_each(|b| b.value = &b.units * number(price)),
        RateTerm::ByIncome(end, low, high) => {
            scale(bits, tiers(&income, end, low, high), &income, low)
        }
        RateTerm::ByUnits(end, low, high) => {
            let total = if units == zero() {
                &income * number(low)
            } else {
                &income * tiers(&units, end, low, high) / &units
            };
            scale(bits, total, &income, low);
        }
    }
}

struct Running<'a> {
    deal: &'a Deal,
    bits: Vec<Bit>,
    open: BTreeMap<String, Number>,
    held: Number,
}

impl Running<'_> {
    fn until_recoupment(&mut self) {
        let deal = self.deal;
        for bit in self.bits.iter_mut().filter(|b| b.is_flagged) {
            bit.value = &bit.value * (number("1") - number(deal.charge.unwrap_or("0")));
        }
        for fee in &deal.fees {
            self.bits
                .iter_mut()
                .for_each(|b| b.value = &b.value * (number("1") - number(fee)));
        }
        if let Some(open) = self.open.get_mut("cost") {
            take(&mut self.bits, open);
        }
        let reserve = number(deal.reserve.unwrap_or("0"));
        let before: Vec<Number> = self
            .bits
            .iter()
            .map(|b| {
                if b.is_sale {
                    max0(b.value.clone()) * &reserve
                } else {
                    zero()
                }
            })
            .collect();
        if deal.rates.len() == 2 {
            let (mut us, mut others): (Vec<Bit>, Vec<Bit>) =
                self.bits.drain(..).partition(|b| b.is_us);
            royalty(&deal.rates[0], &mut us);
            royalty(&deal.rates[1], &mut others);
            self.bits.extend(us.into_iter().chain(others));
        } else if let Some(rate) = deal.rates.first() {
            royalty(rate, &mut self.bits);
        }
        for (at, bit) in self.bits.iter_mut().enumerate() {
            let royalty = max0(bit.value.clone());
            let wanted = match (deal.profile, bit.is_sale) {
                ("royalty", true) => &royalty * &reserve,
                ("royalty-pre-reserve", true) => before[at].clone(),
                _ => zero(),
            };
            let held = if wanted < royalty { wanted } else { royalty };
            bit.value = &bit.value - &held;
            self.held = &self.held + held;
        }
        for name in deal.advance_order() {
            take(&mut self.bits, self.open.get_mut(&name).unwrap());
        }
    }
}

impl Deal {
    fn advance_order(&self) -> Vec<String> {
        let mut order: Vec<(u32, String)> = self
            .advances
            .iter()
            .enumerate()
            .map(|(at, (_, p))| (*p, format!("advance {at}")))
            .collect();
        order.sort();
        order.into_iter().map(|(_, name)| name).collect()
    }

    /// A contract of tracks alone cannot take lines whole.
    fn rule(&self) -> Option<&'static str> {
        self.album_lines
            .filter(|rule| *rule != "whole" || !self.releases.is_empty())
    }

    fn holds_for(&self, sale: &Sale) -> bool {
        self.not_in != Some(sale.territory.as_str())
            && self.from_month.is_none_or(|m| m <= sale.period)
    }
}

/// A sale of a track, or of a release as a whole, or the part of such a sale that falls to a track.
struct Piece<'a> {
    sale: &'a Sale,
    track: Option<String>,
    value: Number,
    units: Number,
}

impl Piece<'_> {
    fn is_covered_by(&self, deal: &Deal) -> bool {
        let by_track = self
            .track
            .as_ref()
            .is_some_and(|track| deal.tracks.contains(track));
        let by_release = self
            .sale
            .album
            .as_ref()
            .is_some_and(|release| deal.releases.contains(release));
        (by_track || by_release) && deal.holds_for(self.sale)
    }
}

/// The pieces of a sale, or why it waits.
fn pieces<'a>(label: &Label, sale: &'a Sale) -> Result<Vec<Piece<'a>>, &'static str> {
    let (value, units) = (number(&sale.amount), number(&sale.units));
    let Some(album) = &sale.album else {
        return Ok(vec![Piece {
            sale,
            track: Some(sale.track.clone()),
            value,
            units,
        }]);
    };
    let release = label.releases.get(album);
    let tracks: Vec<(String, Option<String>)> =
        release.map(|r| r.tracks.clone()).unwrap_or_default();
    let holding = || label.deals.iter().filter(|d| d.holds_for(sale));
    let mut rules: Vec<&str> = holding()
        .filter(|d| d.releases.contains(album))
        .map(|d| d.rule().unwrap_or("whole"))
        .collect();
    if rules.is_empty() {
        let of_tracks =
            holding().filter(|d| tracks.iter().any(|(track, _)| d.tracks.contains(track)));
        rules = of_tracks
            .map(|d| d.rule().filter(|rule| *rule != "whole").unwrap_or("wait"))
            .collect();
    }
    let Some(rule) = rules.first() else {
        return Err("");
    };
    if rules.iter().any(|other| other != rule) {
        return Err("album_rules");
    }
    let weights: Vec<Number> = match *rule {
        "whole" => {
            return Ok(vec![Piece {
                sale,
                track: None,
                value,
                units,
            }]);
        }
        "wait" => return Err("album_line"),
        _ if tracks.is_empty() => return Err("no_tracks"),
        "equal" => tracks.iter().map(|_| number("1")).collect(),
        "weights" if tracks[0].1.is_none() => return Err("no_weights"),
        "weights" => tracks
            .iter()
            .map(|(_, weight)| number(weight.as_deref().unwrap()))
            .collect(),
        _ => tracks.iter().map(|(track, _)| sold(label, track)).collect(),
    };
    let total = weights.iter().fold(zero(), |sum, weight| sum + weight);
    if total == zero() {
        return Err("no_units");
    }
    let part = |((track, _), weight): (&(String, Option<String>), &Number)| Piece {
        sale,
        track: Some(track.clone()),
        value: &value * weight / &total,
        units: &units * weight / &total,
    };
    Ok(tracks
        .iter()
        .zip(&weights)
        .filter(|(_, weight)| **weight > zero())
        .map(part)
        .collect())
}

/// Net units of a track, never below zero.
fn sold(label: &Label, track: &str) -> Number {
    let sales = label
        .sales
        .iter()
        .filter(|s| s.album.is_none() && s.track == track);
    max0(sales.fold(zero(), |sum, s| sum + number(&s.units)))
}

pub fn settle_slowly(label: &Label) -> Expected {
    let mut expected = Expected::default();
    let mut running: Vec<Running<'_>> = Vec::new();
    for deal in &label.deals {
        let mut open: BTreeMap<String, Number> = BTreeMap::new();
        for (at, (amount, _)) in deal.advances.iter().enumerate() {
            open.insert(format!("advance {at}"), number(amount));
        }
        open.extend(deal.shared_cost.map(|c| ("cost".to_owned(), number(c))));
        open.extend(
            deal.payee_advance
                .map(|(_, c)| ("own advance".to_owned(), number(c))),
        );
        running.push(Running {
            deal,
            bits: Vec::new(),
            open,
            held: zero(),
        });
    }
    for sale in &label.sales {
        let mut wait = |value: &Number| {
            let waits = expected
                .waits
                .entry(sale.currency.to_owned())
                .or_insert_with(zero);
            *waits = &*waits + value;
        };
        match pieces(label, sale) {
            Ok(pieces) => pieces
                .iter()
                .for_each(|piece| take_piece(label, piece, &mut running, &mut wait)),
            Err(reason) => {
                wait(&number(&sale.amount));
                let waits = expected
                    .albums
                    .entry((reason, sale.currency.clone()))
                    .or_insert_with(zero);
                *waits = &*waits + number(&sale.amount);
            }
        }
    }
    running.iter_mut().for_each(Running::until_recoupment);
    cross(&mut running, &label.joined);
    pay(label, running, &mut expected);
    expected
}

fn take_piece(
    label: &Label,
    piece: &Piece<'_>,
    running: &mut [Running<'_>],
    wait: &mut impl FnMut(&Number),
) {
    let covering: Vec<usize> = (0..label.deals.len())
        .filter(|d| piece.is_covered_by(&label.deals[*d]))
        .collect();
    let [only] = covering[..] else {
        return wait(&piece.value);
    };
    let (deal, sale) = (&label.deals[only], piece.sale);
    let Some(value) = convert(label, &piece.value, &sale.currency, deal.currency) else {
        return wait(&piece.value);
    };
    running[only].bits.push(Bit {
        value,
        units: piece.units.clone(),
        is_us: sale.territory == "US",
        is_local: deal
            .local
            .as_ref()
            .is_some_and(|(territory, _)| *territory == sale.territory),
        is_sale: !sale.amount.starts_with('-'),
        is_flagged: sale.is_flagged,
    });
}

/// What an account has left pays back the others', by priority, contract and name.
fn cross(running: &mut [Running<'_>], joined: &[usize]) {
    let mut order = Vec::new();
    for &owner in joined {
        let r = &running[owner];
        order.extend(
            r.deal
                .advances
                .iter()
                .enumerate()
                .map(|(at, (_, priority))| (*priority, owner, format!("advance {at}"))),
        );
    }
    // Within a contract the program's order is that of priority and name.
    order.sort();
    for &from in joined {
        for (_, owner, name) in order.iter().filter(|(_, owner, _)| *owner != from) {
            let mut open = running[*owner].open[name].clone();
            take(&mut running[from].bits, &mut open);
            running[*owner].open.insert(name.clone(), open);
        }
    }
}

fn pay(label: &Label, running: Vec<Running<'_>>, expected: &mut Expected) {
    let mut earned = vec![(zero(), zero()); label.parties.len()];
    let mut touched = vec![false; label.parties.len()];
    for (at, mut r) in running.into_iter().enumerate() {
        let deal = r.deal;
        if let Some(adjustment) = deal.adjustment {
            let (value, units) = (number(adjustment), zero());
            r.bits.push(Bit {
                value,
                units,
                is_us: false,
                is_local: false,
                is_sale: false,
                is_flagged: false,
            });
        }
        let mut shares = vec![(zero(), zero()); label.parties.len()];
        for bit in &r.bits {
            let split = if bit.is_local {
                &deal.local.as_ref().unwrap().1
            } else {
                &deal.shares
            };
            for &(payee, share) in split {
                touched[payee] = true;
                let part = &bit.value * number(share);
                let place = if bit.is_us {
                    &mut shares[payee].0
                } else {
                    &mut shares[payee].1
                };
                *place = &*place + part;
            }
        }
        if let (Some(open), Some((payee, _))) = (r.open.get_mut("own advance"), deal.payee_advance)
        {
            let bit = |value: &Number, is_us| Bit {
                value: value.clone(),
                units: zero(),
                is_us,
                is_local: false,
                is_sale: false,
                is_flagged: false,
            };
            let mut bits = [bit(&shares[payee].0, true), bit(&shares[payee].1, false)];
            take(&mut bits, open);
            shares[payee] = (bits[0].value.clone(), bits[1].value.clone());
        }
        for (payee, (us, rest)) in shares.into_iter().enumerate() {
            let into = label.parties[payee].currency;
            let shares = (
                convert(label, &us, deal.currency, into),
                convert(label, &rest, deal.currency, into),
            );
            let (Some(us), Some(rest)) = shares else {
                panic!(
                    "{} is paid in {into}, and {} has no rate to it",
                    label.parties[payee].name, deal.name
                )
            };
            earned[payee].0 = &earned[payee].0 + us;
            earned[payee].1 = &earned[payee].1 + rest;
        }
        expected.open.extend(
            r.open
                .into_iter()
                .map(|(name, open)| ((deal.name.clone(), name), open)),
        );
        expected.held.insert(at, r.held);
    }
    for (at, (us, rest)) in earned.into_iter().enumerate() {
        let party = &label.parties[at];
        let total = &us + &rest;
        let tax = match (party.residence, party.has_form) {
            ("US", _) => zero(),
            (_, false) => max0(total.clone()) * number("0.24"),
            ("DE", true) => zero(),
            ("IN", true) => max0(us) * number("0.15"),
            (_, true) => max0(us) * number("0.30"),
        };
        let carried = label.carried[at].map_or_else(zero, number);
        let exact = &total - &tax + carried;
        if touched[at] || label.carried[at].is_some() {
            expected.lines.insert(at, (total, tax, exact));
        }
    }
}

/// What is wrong between the program and the slow settlement of a label; the second value is whether all of it was exactly equal.
pub fn disagreement(label: &Label) -> (Option<String>, bool) {
    disagreement_with(label, &label.texts().settle())
}

/// The same for a settlement that was made elsewhere.
pub fn disagreement_with(
    label: &Label,
    settled: &ledgerline::settlement::Settled,
) -> (Option<String>, bool) {
    let expected = settle_slowly(label);
    let mut is_equal = true;
    let mut wrong = Vec::new();
    let near = number("0.000000000000001");
    let mut compare = |what: String, got: Amount, want: &Number| {
        let difference = of_amount(got) - want;
        is_equal &= difference == zero();
        if difference > near || difference < -near.clone() {
            wrong.push(format!("{what}: {got} is not {want}"));
        }
    };
    for (at, (earned, tax, exact)) in &expected.lines {
        let found = settled.payables.iter().find(|l| l.payee.index() == *at);
        let line = found.map_or((Amount::ZERO, Amount::ZERO, Amount::ZERO), |l| {
            (l.earned, l.tax, l.exact)
        });
        compare(format!("P{at} earned"), line.0, earned);
        compare(format!("P{at} tax"), line.1, tax);
        compare(format!("P{at} exact"), line.2, exact);
    }
    for ((contract, name), open) in &expected.open {
        let key = ClauseKey {
            contract: contract.clone(),
            clause: name.clone(),
        };
        compare(
            format!("{contract} {name}"),
            settled
                .closing
                .unrecouped
                .get(&key)
                .map(|(_, a)| *a)
                .unwrap_or_default(),
            open,
        );
    }
    for (at, held) in &expected.held {
        let of_contract = settled
            .closing
            .reserves
            .iter()
            .filter(|(key, _)| key.contract == label.deals[*at].name);
        compare(
            format!("C{at} held"),
            Amount::sum(of_contract.map(|(_, a)| *a)).unwrap(),
            held,
        );
    }
    let waits = settled.suspense().unwrap();
    for (currency, want) in &expected.waits {
        let got = Amount::sum(
            waits
                .iter()
                .filter(|((_, c), _)| c.code() == currency)
                .map(|(_, a)| *a),
        )
        .unwrap();
        compare(format!("waits in {currency}"), got, want);
    }
    for why in [
        SuspenseReason::AlbumLine,
        SuspenseReason::AlbumRules,
        SuspenseReason::NoTracks,
        SuspenseReason::NoWeights,
        SuspenseReason::NoUnits,
    ] {
        for currency in ["USD", "EUR", "JPY"] {
            let want = expected
                .albums
                .get(&(why.code(), currency.to_owned()))
                .cloned()
                .unwrap_or_else(zero);
            let got = waits
                .get(&(why, super::currency(currency)))
                .copied()
                .unwrap_or_default();
            compare(format!("{} in {currency}", why.code()), got, &want);
        }
    }
    let more = settled
        .payables
        .iter()
        .filter(|l| !expected.lines.contains_key(&(l.payee.index())) && !l.exact.is_zero())
        .count();
    if more > 0 {
        wrong.push(format!("{more} payees get something that they should not"));
    }
    if is_equal {
        wrong.extend(payable_disagreement(label, settled, &expected));
    }
    ((!wrong.is_empty()).then(|| wrong.join("\n")), is_equal)
}

/// What is paid to each party: below the minimum or below one unit nothing; the others rounded down, and what is missing from the rounded
/// total goes to the largest remainders, in the order of the payees.
pub fn payables(label: &Label, expected: &Expected) -> BTreeMap<usize, Number> {
    let digits = |currency: &str| match currency {
        "JPY" => 0u32,
        "KWD" => 3,
        _ => 2,
    };
    let mut all = BTreeMap::new();
    for currency in ["USD", "EUR", "GBP", "JPY", "KWD"] {
        let scale = Number::from(BigInt::from(10).pow(digits(currency)));
        let of_currency = expected
            .lines
            .iter()
            .filter(|(at, _)| label.parties[**at].currency == currency);
        let paid: Vec<(usize, Number)> = of_currency
            .map(|(at, (_, _, exact))| (*at, exact * &scale))
            .filter(|(at, units)| {
                *units >= number("1") && *units >= number(label.parties[*at].minimum) * &scale
            })
            .collect();
        let total = paid.iter().fold(zero(), |sum, (_, units)| sum + units);
        let missing = (total + number("0.5")).floor()
            - paid
                .iter()
                .fold(zero(), |sum, (_, units)| sum + units.floor());
        let mut order: Vec<usize> = (0..paid.len()).collect();
        order.sort_by(|a, b| {
            (paid[*b].1.clone() - paid[*b].1.floor())
                .cmp(&(paid[*a].1.clone() - paid[*a].1.floor()))
        });
        for (rank, place) in order.into_iter().enumerate() {
            let (at, units) = &paid[place];
            let more = if Number::from(BigInt::from(rank)) < missing {
                number("1")
            } else {
                zero()
            };
            all.insert(*at, (units.floor() + more) / &scale);
        }
    }
    all
}

fn payable_disagreement(
    label: &Label,
    settled: &ledgerline::settlement::Settled,
    expected: &Expected,
) -> Vec<String> {
    let want = payables(label, expected);
    let mut wrong = Vec::new();
    for (at, want) in &want {
        match settled
            .payables
            .iter()
            .find(|l| l.payee.index() == *at && l.state == PayableState::Paid)
        {
            Some(line) if of_amount(line.payable) == *want => {}
            other => wrong.push(format!(
                "{} gets {other:?}, not {want}",
                label.parties[*at].name
            )),
        }
    }
    let count = settled
        .payables
        .iter()
        .filter(|l| l.state == PayableState::Paid)
        .count();
    if count != want.len() {
        wrong.push(format!("{count} are paid, not {}", want.len()));
    }
    wrong
}

#[test]
fn the_slow_settlement_agrees_on_random_contracts() {
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 2_000,
        ..ProptestConfig::default()
    });
    let equal = std::cell::Cell::new(0);
    let result = runner.run(&label(), |label| {
        let (wrong, is_equal) = disagreement(&label);
        equal.set(equal.get() + u32::from(is_equal));
        prop_assert!(
            wrong.is_none(),
            "{}\n{}",
            wrong.unwrap_or_default(),
            label.contracts()
        );
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    assert!(
        equal.get() > 500,
        "only {} of the cases were exactly equal, so payables were hardly compared",
        equal.get()
    );
}

/// The comparison finds a cent that is missing and a fee that is forgotten.
#[test]
fn a_settlement_that_differs_is_found() {
    let party = |name: &str| Party {
        name: name.into(),
        currency: "USD",
        minimum: "0",
        residence: "US",
        has_form: false,
    };
    let deal = Deal {
        name: "C0".into(),
        profile: "net-receipts",
        currency: "USD",
        tracks: vec!["T0".into()],
        fees: vec!["0.1"],
        shares: vec![(0, "0.5"), (1, "0.5")],
        ..Deal::default()
    };
    let (track, territory, units, amount_text) =
        ("T0".into(), "US".into(), "1".into(), "100.01".into());
    let sale = Sale {
        track,
        album: None,
        territory,
        period: "2026-09",
        units,
        amount: amount_text,
        currency: "USD".into(),
        is_flagged: false,
    };
    let label = Label {
        releases: BTreeMap::new(),
        parties: vec![party("P0"), party("P1")],
        deals: vec![deal],
        joined: Vec::new(),
        has_catch_up: false,
        sales: vec![sale],
        carried: vec![None, None],
        rates: &RATES,
    };
    assert_eq!(disagreement(&label), (None, true));
    let settled = label.texts().settle();
    let mut forgotten = label.clone();
    forgotten.deals[0].fees.clear();
    let want = &settle_slowly(&forgotten).lines[&0].2;
    assert_ne!(of_amount(settled.payables[0].exact), *want);
    assert_eq!(settled.payables[0].exact, amount("45.0045"));
    assert_eq!(
        payable_disagreement(&forgotten, &settled, &settle_slowly(&forgotten)).len(),
        2
    );
}
