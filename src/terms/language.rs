//! The words of the contract language: kinds of records and clauses, and the keys that each may have.
//!
//! A new clause or key begins here. Reading a clause, its keys and its words in the window are
//! exhaustive matches of these enums, so the compiler asks for them. What is not a table of everything
//! (which values a key offers, which keys name payees) is not asked for.

/// A key of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(
    missing_docs,
    reason = "what a key means depends on the record; the guide and the window say it"
)]
pub enum Key {
    Name,
    Currency,
    Residence,
    Minimum,
    Bank,
    Forms,
    Rate,
    Territories,
    Residences,
    NotResidences,
    Treaty,
    WithoutForm,
    WithoutFormBase,
    CatchUp,
    Profile,
    Everything,
    Tracks,
    Releases,
    Labels,
    Participation,
    MidPeriod,
    AlbumLines,
    From,
    To,
    NotTerritories,
    Usages,
    Dsps,
    PerUnit,
    Tiers,
    Counts,
    TiersPerUnit,
    Flag,
    Release,
    Amount,
    Date,
    Priority,
    Borne,
    Payee,
    Reason,
    Shares,
    Label,
    TrackLabels,
    Members,
    Steps,
    About,
    Source,
}

impl Key {
    /// All keys.
    pub const ALL: [Self; 46] = [
        Self::Name,
        Self::Currency,
        Self::Residence,
        Self::Minimum,
        Self::Bank,
        Self::Forms,
        Self::Rate,
        Self::Territories,
        Self::Residences,
        Self::NotResidences,
        Self::Treaty,
        Self::WithoutForm,
        Self::WithoutFormBase,
        Self::CatchUp,
        Self::Profile,
        Self::Everything,
        Self::Tracks,
        Self::Releases,
        Self::Labels,
        Self::Participation,
        Self::MidPeriod,
        Self::AlbumLines,
        Self::From,
        Self::To,
        Self::NotTerritories,
        Self::Usages,
        Self::Dsps,
        Self::PerUnit,
        Self::Tiers,
        Self::Counts,
        Self::TiersPerUnit,
        Self::Flag,
        Self::Release,
        Self::Amount,
        Self::Date,
        Self::Priority,
        Self::Borne,
        Self::Payee,
        Self::Reason,
        Self::Shares,
        Self::Label,
        Self::TrackLabels,
        Self::Members,
        Self::Steps,
        Self::About,
        Self::Source,
    ];

    /// The word that files use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Currency => "currency",
            Self::Residence => "residence",
            Self::Minimum => "minimum",
            Self::Bank => "bank",
            Self::Forms => "forms",
            Self::Rate => "rate",
            Self::Territories => "territories",
            Self::Residences => "residences",
            Self::NotResidences => "not_residences",
            Self::Treaty => "treaty",
            Self::WithoutForm => "without_form",
            Self::WithoutFormBase => "without_form_base",
            Self::CatchUp => "catch_up",
            Self::Profile => "profile",
            Self::Everything => "everything",
            Self::Tracks => "tracks",
            Self::Releases => "releases",
            Self::Labels => "labels",
            Self::Participation => "participation",
            Self::MidPeriod => "mid_period",
            Self::AlbumLines => "album_lines",
            Self::From => "from",
            Self::To => "to",
            Self::NotTerritories => "not_territories",
            Self::Usages => "usages",
            Self::Dsps => "dsps",
            Self::PerUnit => "per_unit",
            Self::Tiers => "tiers",
            Self::Counts => "counts",
            Self::TiersPerUnit => "tiers_per_unit",
            Self::Flag => "flag",
            Self::Release => "release",
            Self::Amount => "amount",
            Self::Date => "date",
            Self::Priority => "priority",
            Self::Borne => "borne",
            Self::Payee => "payee",
            Self::Reason => "reason",
            Self::Shares => "shares",
            Self::Label => "label",
            Self::TrackLabels => "track_labels",
            Self::Members => "members",
            Self::Steps => "steps",
            Self::About => "about",
            Self::Source => "source",
        }
    }

    /// The key of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.word() == word)
    }
}

/// A kind of clause of a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Clause {
    /// Shares of payees.
    Split,
    /// A part of income that the label takes.
    Fee,
    /// A part of income from sales that carry a flag.
    Charge,
    /// The royalty rate.
    Rate,
    /// A reserve against returns.
    Reserve,
    /// Money that was paid in advance.
    Advance,
    /// Money that was spent and is paid back.
    Cost,
    /// An amount that somebody enters by hand.
    Adjustment,
}

impl Clause {
    /// All, in the order in which they are written.
    pub const ALL: [Self; 8] = [
        Self::Split,
        Self::Fee,
        Self::Charge,
        Self::Rate,
        Self::Reserve,
        Self::Advance,
        Self::Cost,
        Self::Adjustment,
    ];

    /// The word that files use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Split => "split",
            Self::Fee => "fee",
            Self::Charge => "charge",
            Self::Rate => "rate",
            Self::Reserve => "reserve",
            Self::Advance => "advance",
            Self::Cost => "cost",
            Self::Adjustment => "adjustment",
        }
    }

    /// The kind of clause of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|clause| clause.word() == word)
    }

    /// Whether the order among clauses of the kind changes what is paid.
    #[must_use]
    pub fn has_order(self) -> bool {
        match self {
            Self::Split | Self::Fee | Self::Charge | Self::Rate => true,
            Self::Reserve | Self::Advance | Self::Cost | Self::Adjustment => false,
        }
    }
}

/// A kind of record in a file of contracts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordKind {
    /// Who is paid.
    Payee,
    /// A tax.
    Tax,
    /// An order of steps.
    Profile,
    /// The tracks of a release.
    Release,
    /// A contract.
    Contract,
    /// Contracts whose accounts are joined.
    Group,
    /// A clause of a contract.
    Clause(Clause),
}

impl RecordKind {
    /// Records that are no clauses, in the order in which they are written.
    pub const PARTIES: [Self; 6] = [
        Self::Payee,
        Self::Tax,
        Self::Profile,
        Self::Release,
        Self::Contract,
        Self::Group,
    ];

    /// All kinds, clauses last.
    pub fn all() -> impl Iterator<Item = Self> {
        let clauses = Clause::ALL.into_iter().map(Self::Clause);
        Self::PARTIES.into_iter().chain(clauses)
    }

    /// The word that files use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Payee => "payee",
            Self::Tax => "tax",
            Self::Profile => "profile",
            Self::Release => "release",
            Self::Contract => "contract",
            Self::Group => "group",
            Self::Clause(clause) => clause.word(),
        }
    }

    /// The kind of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::all().find(|kind| kind.word() == word)
    }

    /// The keys that a record of the kind may have, in the order in which they are written.
    #[must_use]
    pub const fn keys(self) -> &'static [KeyShape] {
        match self {
            Self::Payee => &PAYEE,
            Self::Tax => &TAX,
            Self::Profile => &PROFILE,
            Self::Release => &RELEASE,
            Self::Contract => &CONTRACT,
            Self::Group => &GROUP,
            Self::Clause(clause) => match clause {
                Clause::Split => &SPLIT,
                Clause::Fee => &FEE,
                Clause::Charge => &CHARGE,
                Clause::Rate => &RATE,
                Clause::Reserve => &RESERVE,
                Clause::Advance | Clause::Cost => &RECOUPABLE,
                Clause::Adjustment => &ADJUSTMENT,
            },
        }
    }

    /// How the value of a key is written; `None` when the kind has no such key.
    #[must_use]
    pub fn shape_of(self, key: Key) -> Option<Shape> {
        let found = self.keys().iter().find(|known| known.key == key);
        found.map(|known| known.shape)
    }

    /// Whether a key narrows the sales that a contract or clause is for.
    #[must_use]
    pub fn is_condition(self, key: Key) -> bool {
        let narrows = CONDITIONS.iter().any(|condition| condition.key == key);
        narrows && self.has_conditions()
    }

    fn has_conditions(self) -> bool {
        match self {
            Self::Contract => true,
            Self::Payee | Self::Tax | Self::Profile | Self::Release | Self::Group => false,
            Self::Clause(clause) => match clause {
                Clause::Split | Clause::Fee | Clause::Charge | Clause::Rate => true,
                Clause::Reserve | Clause::Advance | Clause::Cost | Clause::Adjustment => false,
            },
        }
    }
}

/// How the value of a key is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One text, number, date or `true`.
    One,
    /// Several texts.
    List,
    /// Names with values.
    Map,
    /// Names that all have values, or none.
    Names,
}

/// A key that a record may have, with how its value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyShape {
    /// The key.
    pub key: Key,
    /// How its value is written.
    pub shape: Shape,
}

const fn one(key: Key) -> KeyShape {
    KeyShape {
        key,
        shape: Shape::One,
    }
}

const fn list(key: Key) -> KeyShape {
    KeyShape {
        key,
        shape: Shape::List,
    }
}

const fn map(key: Key) -> KeyShape {
    KeyShape {
        key,
        shape: Shape::Map,
    }
}

const CONDITIONS: [KeyShape; 6] = [
    one(Key::From),
    one(Key::To),
    list(Key::Territories),
    list(Key::NotTerritories),
    list(Key::Usages),
    list(Key::Dsps),
];

const fn with_conditions<const N: usize, const M: usize>(keys: [KeyShape; N]) -> [KeyShape; M] {
    let mut all = [one(Key::Name); M];
    let mut index = 0;
    while index < M {
        all[index] = if index < N {
            keys[index]
        } else {
            CONDITIONS[index - N]
        };
        index += 1;
    }
    all
}

const PAYEE: [KeyShape; 6] = [
    one(Key::Name),
    one(Key::Currency),
    one(Key::Residence),
    one(Key::Minimum),
    one(Key::Bank),
    map(Key::Forms),
];
const TAX: [KeyShape; 9] = [
    one(Key::Name),
    one(Key::Rate),
    list(Key::Territories),
    list(Key::Residences),
    list(Key::NotResidences),
    map(Key::Treaty),
    one(Key::WithoutForm),
    one(Key::WithoutFormBase),
    one(Key::CatchUp),
];
const PROFILE: [KeyShape; 4] = [
    one(Key::Name),
    list(Key::Steps),
    one(Key::About),
    one(Key::Source),
];
const RELEASE: [KeyShape; 4] = [
    one(Key::Name),
    one(Key::Label),
    map(Key::TrackLabels),
    KeyShape {
        key: Key::Tracks,
        shape: Shape::Names,
    },
];
const CONTRACT: [KeyShape; 16] = with_conditions([
    one(Key::Name),
    one(Key::Profile),
    one(Key::Currency),
    one(Key::Everything),
    list(Key::Tracks),
    list(Key::Releases),
    list(Key::Labels),
    one(Key::Participation),
    one(Key::MidPeriod),
    one(Key::AlbumLines),
]);
const GROUP: [KeyShape; 2] = [one(Key::Name), list(Key::Members)];
const SPLIT: [KeyShape; 8] = with_conditions([one(Key::Name), map(Key::Shares)]);
const FEE: [KeyShape; 8] = with_conditions([one(Key::Name), one(Key::Rate)]);
const CHARGE: [KeyShape; 9] = with_conditions([one(Key::Name), one(Key::Flag), one(Key::Rate)]);
const RATE: [KeyShape; 12] = with_conditions([
    one(Key::Name),
    one(Key::Rate),
    one(Key::PerUnit),
    map(Key::Tiers),
    one(Key::Counts),
    one(Key::TiersPerUnit),
]);
const RESERVE: [KeyShape; 3] = [one(Key::Name), one(Key::Rate), map(Key::Release)];
const RECOUPABLE: [KeyShape; 7] = [
    one(Key::Name),
    one(Key::Amount),
    one(Key::Date),
    one(Key::Priority),
    one(Key::Borne),
    one(Key::Payee),
    one(Key::To),
];
const ADJUSTMENT: [KeyShape; 5] = [
    one(Key::Name),
    one(Key::Amount),
    one(Key::Date),
    one(Key::Reason),
    one(Key::Payee),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back_and_no_key_stands_twice_in_a_record() {
        for key in Key::ALL {
            assert_eq!(Key::of_word(key.word()), Some(key));
        }
        for kind in RecordKind::all() {
            assert_eq!(RecordKind::of_word(kind.word()), Some(kind));
            let mut keys: Vec<Key> = kind.keys().iter().map(|known| known.key).collect();
            keys.sort_unstable();
            keys.dedup();
            assert_eq!(keys.len(), kind.keys().len(), "{kind:?}");
        }
    }
}
