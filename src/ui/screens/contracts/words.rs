//! Kinds, keys and values of contracts in plain words.

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
pub(super) fn clause_words(kind: &str) -> (&'static str, &'static str) {
    match kind {
        "split" => (
            "Split",
            "shares of payees, which sum to one whole; the first split that fits a sale counts",
        ),
        "fee" => (
            "Fee",
            "taken one after the other: 10 % and 20 % of 100 leave 72",
        ),
        "charge" => (
            "Charge",
            "taken from sales that carry a flag, one after the other",
        ),
        "rate" => ("Royalty rate", "the first rate that fits a sale counts"),
        "reserve" => ("Reserve", "held back of positive sales against returns"),
        "advance" => ("Advance", "paid back before anybody is paid"),
        "cost" => ("Cost", "paid back before anybody is paid"),
        "adjustment" => (
            "Adjustment",
            "a correction by hand, settled in the period that holds its day",
        ),
        _ => ("Clause", ""),
    }
}

/// Whether the order among clauses of a kind changes what is paid.
pub(super) fn order_matters(kind: &str) -> bool {
    matches!(kind, "split" | "fee" | "charge" | "rate")
}

/// The label of a key and a hint of how to fill it in.
pub(super) fn key_words(record: &str, key: &str) -> Option<(&'static str, &'static str)> {
    let words = match (record, key) {
        ("contract", "name") => ("Name", "by which statements, groups and balances know it"),
        ("payee", "name") => ("Name", "by which splits name them"),
        ("release", "name") => ("UPC", "by which statements know the release"),
        (_, "name") => ("Name", "any name, unique here"),
        ("contract", "currency") => ("Account in", "currency of its account, such as EUR"),
        ("payee", "currency") => ("Paid in", "such as EUR"),
        (_, "currency") => ("Currency", "such as EUR"),
        ("payee", "residence") => ("Tax residence", "country code, such as DE"),
        ("payee", "minimum") => (
            "Minimum payout",
            "less is carried forward; in the currency above",
        ),
        ("payee", "bank") => ("Bank", "account or reference"),
        ("payee", "forms") => ("Tax forms", "tax, and the day on which its form arrived"),
        ("tax", "rate") => ("Rate", "0.30, 30 % or 3/10"),
        ("tax", "territories") => ("On sales in", "country codes; empty for all"),
        ("tax", "residences") => ("For residents of", "country codes; empty for all"),
        ("tax", "not_residences") => ("Not for residents of", "country codes"),
        ("tax", "treaty") => ("Treaty rates", "residence, and its rate"),
        ("tax", "without_form") => ("Rate without a form", "as long as no form has arrived"),
        ("tax", "without_form_base") => (
            "… taken of",
            "all earnings, or those from the territories above",
        ),
        ("tax", "catch_up") => (
            "Make good",
            "what was withheld earlier in the year, when rate or base change",
        ),
        ("contract", "profile") => ("Profile", "the order of steps"),
        ("contract", "everything") => ("Covers everything", "all sales, whatever their track"),
        ("contract", "tracks") => ("Tracks", "ids of the catalog, with semicolons"),
        ("contract", "releases") => ("Releases", "UPCs, with semicolons"),
        ("contract", "labels") => ("Labels", "as in the catalog, with semicolons"),
        ("contract", "participation") => (
            "Participation",
            "its part of what it covers; empty for all of it",
        ),
        ("contract", "mid_period") => (
            "Partial periods",
            "sale periods that it covers only in part wait, or are parted by days",
        ),
        ("contract", "album_lines") => ("Album lines", "what becomes of money of a whole release"),
        (_, "from") => ("Sales from", "2026-01-01"),
        (_, "to") if matches!(record, "advance" | "cost") => (
            "Paid back to",
            "the payee who advanced it; empty for the house",
        ),
        (_, "to") => ("Sales until", "2026-12-31"),
        (_, "territories") => (
            "Territories",
            "country codes, with semicolons; empty for all",
        ),
        (_, "not_territories") => ("Without territories", "country codes, with semicolons"),
        (_, "usages") => ("Usage types", "stream; download; empty for all"),
        (_, "dsps") => ("DSPs", "Spotify; Apple Music; empty for all"),
        ("rate", "rate") => ("Royalty rate", "part of income: 0.50, 50 % or 1/2"),
        ("rate", "per_unit") => (
            "Price for each unit",
            "instead of a rate, in the account's currency",
        ),
        ("rate", "tiers") => ("Tiers", "until this many, this rate; the last is “rest”"),
        ("rate", "counts") => ("Tiers count", "units, or income"),
        ("rate", "tiers_per_unit") => (
            "Tiers are prices",
            "for each unit, instead of parts of income",
        ),
        ("reserve", "release") => (
            "Release",
            "months after the period, and which part: 6 = 0.5",
        ),
        ("charge", "flag") => ("Flag", "that the usage must carry, such as discovery_mode"),
        (_, "rate") => ("Rate", "0.15, 15 % or 3/20"),
        (_, "amount") => ("Amount", "in the account's currency"),
        (_, "date") => ("Date", "2026-09-30"),
        (_, "priority") => ("Priority", "lower numbers are recouped first"),
        (_, "borne") => ("Borne by", "all before the rate, or the royalty"),
        ("adjustment", "payee") => (
            "Payee",
            "whose share; empty for a split as sales of that day",
        ),
        (_, "payee") => ("From the share of", "one payee; empty for all"),
        (_, "reason") => ("Why", "for the payee's statement"),
        ("split", "shares") => ("Shares", "payee, and 0.5, 50 % or 1/2"),
        ("group", "members") => ("Members", "contracts or groups, with semicolons"),
        ("profile", "steps") => ("Steps", "first to last, with semicolons"),
        ("profile", "about") => ("About", "what it is for"),
        ("profile", "source") => ("Source", "where the order comes from"),
        ("release", "label") => ("Label", "of its tracks, where contracts cover labels"),
        ("release", "track_labels") => ("Other labels", "track id, and the label of that track"),
        ("release", "tracks") => (
            "Tracks",
            "track id, and a weight for each, such as its seconds, or for none",
        ),
        _ => return None,
    };
    Some(words)
}

/// The values that a key can have: as in files, and in words.
pub(super) fn choices(record: &str, key: &str) -> &'static [(&'static str, &'static str)] {
    match (record, key) {
        ("contract", "mid_period") => {
            &[("wait", "wait in suspense"), ("days", "are parted by days")]
        }
        ("contract", "album_lines") => &[
            ("wait", "waits in suspense"),
            ("whole", "is taken as it is"),
            ("equal", "goes to the tracks in equal parts"),
            ("weights", "goes to the tracks by their weights"),
            ("units", "goes to the tracks by their units in the period"),
        ],
        ("cost", "borne") => &[
            ("shared", "all, before the rate"),
            ("royalty", "the royalty"),
        ],
        ("rate", "counts") => &[("units", "units"), ("income", "income")],
        ("tax", "without_form_base") => &[
            ("all", "all earnings"),
            ("source", "earnings from its territories"),
        ],
        _ => &[],
    }
}

/// Whether a key is true or false.
pub(super) fn is_flag(record: &str, key: &str) -> bool {
    matches!(
        (record, key),
        ("contract", "everything") | ("tax", "catch_up") | ("rate", "tiers_per_unit")
    )
}

/// Whether a key narrows the sales that a clause is for.
pub(super) fn is_condition(record: &str, key: &str) -> bool {
    let narrows = matches!(
        key,
        "from" | "to" | "territories" | "not_territories" | "usages" | "dsps"
    );
    narrows && !matches!(record, "advance" | "cost" | "tax")
}

/// Whether what stands at a key, or in the names of its map, are payees.
pub(super) fn names_payees(record: &str, key: &str) -> bool {
    matches!(
        (record, key),
        ("split", "shares")
            | ("advance" | "cost" | "adjustment", "payee")
            | ("advance" | "cost", "to")
    )
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
