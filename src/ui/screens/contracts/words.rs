//! Kinds, keys and values of contracts in plain words.

use crate::terms::language::{Clause, Key, RecordKind};
use crate::terms::pieces::TermKind;

/// What a kind is called where several are meant, and one of it.
pub(super) fn kind_words(kind: TermKind) -> (&'static str, &'static str) {
    match kind {
        TermKind::Contract => ("Contracts", "contract"),
        TermKind::Payee => ("Payees", "payee"),
        TermKind::Tax => ("Taxes", "tax"),
        TermKind::Group => ("Groups", "group"),
        TermKind::Profile => ("Profiles", "profile"),
        TermKind::Release => ("Releases", "release"),
        TermKind::Rates => ("Rates", "file of rates"),
        TermKind::Balances => ("Balances", "file of balances"),
    }
}

/// The kinds in the order in which they are shown.
pub(super) const KINDS: [TermKind; 8] = [
    TermKind::Contract,
    TermKind::Payee,
    TermKind::Tax,
    TermKind::Group,
    TermKind::Profile,
    TermKind::Release,
    TermKind::Rates,
    TermKind::Balances,
];

/// What a kind is for, in one sentence.
pub(super) fn kind_about(kind: TermKind) -> &'static str {
    match kind {
        TermKind::Contract => "What it covers, what is taken off, and who shares the rest",
        TermKind::Payee => "Who is paid, in what currency and from which sum on",
        TermKind::Tax => "What is withheld from payees",
        TermKind::Group => {
            "Contracts whose accounts are joined: one recoups what another has advanced"
        }
        TermKind::Profile => "The order of steps that a contract names",
        TermKind::Release => "The tracks that share the money of a whole release",
        TermKind::Rates => "Exchange rates, each with its source and date",
        TermKind::Balances => {
            "What the first period opens with: advances not yet recouped, reserves, amounts carried forward"
        }
    }
}

/// A kind of clause: its title, and what it does.
pub(super) fn clause_words(clause: Clause) -> (&'static str, &'static str) {
    match clause {
        Clause::Split => (
            "Split",
            "shares of payees, which sum to one whole; the first split that fits a sale counts",
        ),
        Clause::Fee => (
            "Fee",
            "taken one after the other: 10 % and 20 % of 100 leave 72",
        ),
        Clause::Charge => (
            "Charge",
            "taken from sales that carry a flag, one after the other",
        ),
        Clause::Rate => ("Royalty rate", "the first rate that fits a sale counts"),
        Clause::Reserve => ("Reserve", "held back of positive sales against returns"),
        Clause::Advance => ("Advance", "paid back before anybody is paid"),
        Clause::Cost => ("Cost", "paid back before anybody is paid"),
        Clause::Adjustment => (
            "Adjustment",
            "a correction by hand, settled in the period that holds its day",
        ),
    }
}

/// The label of a key and a hint of how to fill it in.
pub(super) fn key_words(record: RecordKind, key: Key) -> (&'static str, &'static str) {
    match record {
        RecordKind::Payee => payee_words(key),
        RecordKind::Tax => tax_words(key),
        RecordKind::Contract => contract_words(key),
        RecordKind::Release => release_words(key),
        RecordKind::Profile | RecordKind::Group => None,
        RecordKind::Clause(clause) => words_in_clause(clause, key),
    }
    .unwrap_or_else(|| common_words(key))
}

/// Words of keys that mean something else in records of payees than elsewhere.
fn payee_words(key: Key) -> Option<(&'static str, &'static str)> {
    match key {
        Key::Name => Some(("Name", "by which splits name them")),
        Key::Currency => Some(("Paid in", "such as EUR")),
        _ => None,
    }
}

fn tax_words(key: Key) -> Option<(&'static str, &'static str)> {
    match key {
        Key::Rate => Some(("Rate", "0.30, 30 % or 3/10")),
        Key::Territories => Some(("On sales in", "country codes; empty for all")),
        _ => None,
    }
}

fn contract_words(key: Key) -> Option<(&'static str, &'static str)> {
    match key {
        Key::Name => Some(("Name", "by which statements, groups and balances know it")),
        Key::Currency => Some(("Account in", "currency of its account, such as EUR")),
        Key::Tracks => Some(("Tracks", "ids of the catalog, with semicolons")),
        _ => None,
    }
}

fn release_words(key: Key) -> Option<(&'static str, &'static str)> {
    match key {
        Key::Name => Some(("UPC", "by which statements know the release")),
        _ => None,
    }
}

fn words_in_clause(clause: Clause, key: Key) -> Option<(&'static str, &'static str)> {
    match (clause, key) {
        (Clause::Advance | Clause::Cost, Key::To) => Some((
            "Paid back to",
            "the payee who advanced it; empty for the house",
        )),
        (Clause::Rate, Key::Rate) => Some(("Royalty rate", "part of income: 0.50, 50 % or 1/2")),
        (Clause::Adjustment, Key::Payee) => Some((
            "Payee",
            "whose share; empty for a split as sales of that day",
        )),
        _ => None,
    }
}

/// Words of every key, where nothing above says otherwise.
#[expect(
    clippy::too_many_lines,
    reason = "a table; one match keeps it whole: a key without words does not compile"
)]
fn common_words(key: Key) -> (&'static str, &'static str) {
    match key {
        Key::Name => ("Name", "any name, unique here"),
        Key::Currency => ("Currency", "such as EUR"),
        Key::Residence => ("Tax residence", "country code, such as DE"),
        Key::Minimum => (
            "Minimum payout",
            "less is carried forward; in the currency above",
        ),
        Key::Bank => ("Bank", "account or reference"),
        Key::Forms => ("Tax forms", "tax, and the day on which its form arrived"),
        Key::Rate => ("Rate", "0.15, 15 % or 3/20"),
        Key::Territories => (
            "Territories",
            "country codes, with semicolons; empty for all",
        ),
        Key::Residences => ("For residents of", "country codes; empty for all"),
        Key::NotResidences => ("Not for residents of", "country codes"),
        Key::Treaty => ("Treaty rates", "residence, and its rate"),
        Key::WithoutForm => ("Rate without a form", "as long as no form has arrived"),
        Key::WithoutFormBase => (
            "… taken of",
            "all earnings, or those from the territories above",
        ),
        Key::CatchUp => (
            "Make good",
            "what was withheld earlier in the year, when rate or base change",
        ),
        Key::Profile => ("Profile", "the order of steps"),
        Key::Everything => ("Covers everything", "all sales, whatever their track"),
        Key::Tracks => (
            "Tracks",
            "track id, and a weight for each, such as its seconds, or for none",
        ),
        Key::Releases => ("Releases", "UPCs, with semicolons"),
        Key::Labels => ("Labels", "as in the catalog, with semicolons"),
        Key::Participation => (
            "Participation",
            "its part of what it covers; empty for all of it",
        ),
        Key::MidPeriod => (
            "Partial periods",
            "sale periods that it covers only in part wait, or are parted by days",
        ),
        Key::AlbumLines => ("Album lines", "what becomes of money of a whole release"),
        Key::From => ("Sales from", "2026-01-01"),
        Key::To => ("Sales until", "2026-12-31"),
        Key::NotTerritories => ("Without territories", "country codes, with semicolons"),
        Key::Usages => ("Usage types", "stream; download; empty for all"),
        Key::Dsps => ("DSPs", "Spotify; Apple Music; empty for all"),
        Key::PerUnit => (
            "Price for each unit",
            "instead of a rate, in the account's currency",
        ),
        Key::Tiers => ("Tiers", "until this many, this rate; the last is “rest”"),
        Key::Counts => ("Tiers count", "units, or income"),
        Key::TiersPerUnit => (
            "Tiers are prices",
            "for each unit, instead of parts of income",
        ),
        Key::Release => (
            "Release",
            "months after the period, and which part: 6 = 0.5",
        ),
        Key::Flag => ("Flag", "that the usage must carry, such as discovery_mode"),
        Key::Amount => ("Amount", "in the account's currency"),
        Key::Date => ("Date", "2026-09-30"),
        Key::Priority => ("Priority", "lower numbers are recouped first"),
        Key::Borne => ("Borne by", "all before the rate, or the royalty"),
        Key::Payee => ("From the share of", "one payee; empty for all"),
        Key::Reason => ("Why", "for the payee's statement"),
        Key::Shares => ("Shares", "payee, and 0.5, 50 % or 1/2"),
        Key::Members => ("Members", "contracts or groups, with semicolons"),
        Key::Steps => ("Steps", "first to last, with semicolons"),
        Key::About => ("About", "what it is for"),
        Key::Source => ("Source", "where the order comes from"),
        Key::Label => ("Label", "of its tracks, where contracts cover labels"),
        Key::TrackLabels => ("Other labels", "track id, and the label of that track"),
    }
}

/// The values that a key can have: as in files, and in words.
pub(super) fn choices(record: RecordKind, key: Key) -> &'static [(&'static str, &'static str)] {
    match key {
        Key::MidPeriod => &[("wait", "wait in suspense"), ("days", "are parted by days")],
        Key::AlbumLines => &[
            ("wait", "waits in suspense"),
            ("whole", "is taken as it is"),
            ("equal", "goes to the tracks in equal parts"),
            ("weights", "goes to the tracks by their weights"),
            ("units", "goes to the tracks by their units in the period"),
        ],
        // An advance has no bearer but the royalty.
        Key::Borne if record != RecordKind::Clause(Clause::Cost) => &[],
        Key::Borne => &[
            ("shared", "all, before the rate"),
            ("royalty", "the royalty"),
        ],
        Key::Counts => &[("units", "units"), ("income", "income")],
        Key::WithoutFormBase => &[
            ("all", "all earnings"),
            ("source", "earnings from its territories"),
        ],
        _ => &[],
    }
}

/// Whether a key is true or false.
pub(super) fn is_flag(key: Key) -> bool {
    matches!(key, Key::Everything | Key::CatchUp | Key::TiersPerUnit)
}

/// Whether what stands at a key, or in the names of its map, are payees.
pub(super) fn names_payees(record: RecordKind, key: Key) -> bool {
    let RecordKind::Clause(clause) = record else {
        return false;
    };
    match clause {
        Clause::Split => key == Key::Shares,
        Clause::Advance | Clause::Cost => matches!(key, Key::Payee | Key::To),
        Clause::Adjustment => key == Key::Payee,
        Clause::Fee | Clause::Charge | Clause::Rate | Clause::Reserve => false,
    }
}

/// A step in words.
pub(super) fn step_words(step: &str) -> &'static str {
    match step {
        "exchange" => "into the account's currency",
        "charges" => "charges",
        "fees" => "fees",
        "shared_costs" => "shared costs",
        "rate" => "royalty rate",
        "reserve" => "reserve",
        "recoup" => "advances and costs",
        "adjustments" => "adjustments",
        "split" => "split",
        "payee_recoup" => "advances of one payee",
        _ => "?",
    }
}
