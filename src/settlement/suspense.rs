//! Why money is in suspense: it waits for a person or for a rate, and is never resolved silently.

/// Why money is in suspense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SuspenseReason {
    /// No contract covers it.
    NoContract,
    /// Several contracts cover it.
    Overlap,
    /// A contract covers its sale period only in part.
    MidPeriod,
    /// Contracts cover it whose parts do not reach the whole.
    Uncovered,
    /// A rate is missing.
    NoRate,
    /// No rate clause of the contract holds for it.
    NoRateClause,
    /// No split of the contract holds for it.
    NoSplit,
    /// It is not matched to a track: ambiguous, unmatched or held.
    NotMatched,
    /// Its row is in quarantine.
    Quarantined,
    /// It does not wait for anybody: a decision says that it is not the label's.
    Ignored,
    /// It is of a release as a whole, and the contracts of its tracks do not say how it is spread.
    AlbumLine,
    /// It is of a release as a whole, and contracts name several rules for it.
    AlbumRules,
    /// It is to be spread over the tracks of a release of which none are known.
    NoTracks,
    /// It is to be spread by weights, and the tracks have none.
    NoWeights,
    /// It is to be spread by units, and none of the tracks has any.
    NoUnits,
}

impl SuspenseReason {
    /// All.
    pub const ALL: [Self; 15] = [
        Self::NoContract,
        Self::Overlap,
        Self::MidPeriod,
        Self::Uncovered,
        Self::NoRate,
        Self::NoRateClause,
        Self::NoSplit,
        Self::NotMatched,
        Self::Quarantined,
        Self::Ignored,
        Self::AlbumLine,
        Self::AlbumRules,
        Self::NoTracks,
        Self::NoWeights,
        Self::NoUnits,
    ];

    /// The word used in files.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NoContract => "no_contract",
            Self::Overlap => "overlap",
            Self::MidPeriod => "mid_period",
            Self::Uncovered => "uncovered",
            Self::NoRate => "no_exchange_rate",
            Self::NoRateClause => "no_rate_clause",
            Self::NoSplit => "no_split",
            Self::NotMatched => "not_matched",
            Self::Quarantined => "quarantined",
            Self::Ignored => "ignored",
            Self::AlbumLine => "album_line",
            Self::AlbumRules => "album_rules",
            Self::NoTracks => "no_tracks",
            Self::NoWeights => "no_weights",
            Self::NoUnits => "no_units",
        }
    }

    /// The reason of a word that files use.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }

    /// What to do.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            Self::NoContract => {
                "add a contract that covers the track or release, or widen the dates, territories, usage types or DSPs of one"
            }
            Self::Overlap => {
                "narrow one of the contracts, or give them participations that do not exceed one whole"
            }
            Self::MidPeriod => {
                "let the contract begin and end with sale periods, or write mid_period = \"days\" in it"
            }
            Self::Uncovered => {
                "let the participations of the contracts, or the days that they cover, reach the whole"
            }
            Self::NoRate => "give a file of rates that has it",
            Self::NoRateClause => "add a rate without conditions as the last",
            Self::NoSplit => "add a split without conditions as the last",
            Self::NotMatched => "decide about the items that wait",
            Self::Quarantined => {
                "have the sender correct the rows, and import the corrected statement"
            }
            Self::Ignored => "nothing: a decision says that it is not the label's",
            Self::AlbumLine => {
                "write album_lines = \"equal\", \"weights\" or \"units\" in the contracts, or let one that covers the release take it \"whole\""
            }
            Self::AlbumRules => {
                "let all contracts of the release name the same rule for album_lines"
            }
            Self::NoTracks => "say in a [[release]] record which tracks are on the release",
            Self::NoWeights => {
                "give the tracks weights in a [[release]] record, or choose another rule for album_lines"
            }
            Self::NoUnits => {
                "settle it together with cells of the tracks, or choose another rule for album_lines"
            }
        }
    }
}
