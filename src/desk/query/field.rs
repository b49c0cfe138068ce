//! What a filter can ask about a line: the fields with their names, kinds, operators and an example each.

/// What a filter can ask about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FilterField {
    /// Matched, ambiguous, …
    Status,
    /// Why it has its status.
    Reason,
    /// Where the use happened.
    Dsp,
    /// Title.
    Title,
    /// Version.
    Version,
    /// Artist.
    Artist,
    /// Label as reported.
    Label,
    /// Title of the release.
    Release,
    /// ISRC.
    Isrc,
    /// Release code.
    Upc,
    /// The DSP's own id.
    DspId,
    /// Track of the catalog: the one it is matched to, otherwise its candidates.
    Track,
    /// Who is paid.
    Payee,
    /// Money.
    Amount,
    /// Currency.
    Currency,
    /// Rows of the statements.
    Rows,
    /// Units.
    Quantity,
    /// How many tracks could be meant, or are.
    Candidates,
    /// Territory of sale.
    Territory,
    /// Sale period.
    Period,
    /// Usage type.
    Usage,
    /// Name of the statement.
    File,
    /// The item's code.
    Item,
}

/// What the values of a field are; it decides how they are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// Words, compared without case, accents and punctuation.
    Text,
    /// ISRC and UPC, compared without hyphens, blanks and case; UPC also without zeros in front.
    Code,
    /// One of a fixed list of words.
    Word,
    /// An exact decimal.
    Decimal,
    /// A whole number.
    Count,
    /// A time span.
    Period,
}

impl FilterField {
    /// All fields, in the order of the help.
    pub const ALL: [Self; 23] = [
        Self::Status,
        Self::Reason,
        Self::Dsp,
        Self::Title,
        Self::Version,
        Self::Artist,
        Self::Label,
        Self::Release,
        Self::Isrc,
        Self::Upc,
        Self::DspId,
        Self::Track,
        Self::Payee,
        Self::Amount,
        Self::Currency,
        Self::Rows,
        Self::Quantity,
        Self::Candidates,
        Self::Territory,
        Self::Period,
        Self::Usage,
        Self::File,
        Self::Item,
    ];

    /// The name that is typed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Reason => "reason",
            Self::Dsp => "dsp",
            Self::Title => "title",
            Self::Version => "version",
            Self::Artist => "artist",
            Self::Label => "label",
            Self::Release => "release",
            Self::Isrc => "isrc",
            Self::Upc => "upc",
            Self::DspId => "dsp_id",
            Self::Track => "track",
            Self::Payee => "payee",
            Self::Amount => "amount",
            Self::Currency => "currency",
            Self::Rows => "rows",
            Self::Quantity => "quantity",
            Self::Candidates => "candidates",
            Self::Territory => "territory",
            Self::Period => "period",
            Self::Usage => "usage",
            Self::File => "file",
            Self::Item => "item",
        }
    }

    /// Its name in a sentence.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Dsp => "DSP",
            Self::Isrc => "ISRC",
            Self::Upc => "UPC",
            Self::DspId => "DSP id",
            Self::Period => "sale period",
            Self::Usage => "usage type",
            other => other.name(),
        }
    }

    /// The field of a name, in any case; a few other words of the trade are understood too.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        const ALSO: [(&str, FilterField); 8] = [
            ("country", FilterField::Territory),
            ("month", FilterField::Period),
            ("sale_period", FilterField::Period),
            ("track_id", FilterField::Track),
            ("units", FilterField::Quantity),
            ("usage_type", FilterField::Usage),
            ("statement", FilterField::File),
            ("money", FilterField::Amount),
        ];
        let own = Self::ALL
            .into_iter()
            .find(|field| field.name().eq_ignore_ascii_case(name));
        own.or_else(|| {
            ALSO.iter()
                .find(|(other, _)| other.eq_ignore_ascii_case(name))
                .map(|(_, field)| *field)
        })
    }

    /// What its values are.
    #[must_use]
    pub fn kind(self) -> ValueKind {
        match self {
            Self::Status | Self::Reason => ValueKind::Word,
            Self::Isrc | Self::Upc => ValueKind::Code,
            Self::Amount | Self::Quantity => ValueKind::Decimal,
            Self::Rows | Self::Candidates => ValueKind::Count,
            Self::Period => ValueKind::Period,
            _ => ValueKind::Text,
        }
    }

    /// Whether the field is one of a line's cells and not of the line itself: all such terms must hold for one and the same cell.
    #[must_use]
    pub fn is_of_cells(self) -> bool {
        matches!(
            self,
            Self::Territory | Self::Period | Self::Usage | Self::File
        )
    }
}

/// One field in the table of help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldHelp {
    /// The field.
    pub field: FilterField,
    /// An example that can be typed as it is.
    pub example: &'static str,
    /// What the example finds.
    pub meaning: &'static str,
}

/// All fields with an example each, for the help.
#[must_use]
pub fn help() -> [FieldHelp; FilterField::ALL.len()] {
    FilterField::ALL.map(|field| {
        let (example, meaning) = example(field);
        FieldHelp {
            field,
            example,
            meaning,
        }
    })
}

fn example(field: FilterField) -> (&'static str, &'static str) {
    match field {
        FilterField::Status => (
            "status:unmatched|ambiguous",
            "no track, or several that could be meant",
        ),
        FilterField::Reason => ("reason:isrc_shared", "several tracks share the ISRC"),
        FilterField::Dsp => ("dsp:spotify|deezer", "used at Spotify or at Deezer"),
        FilterField::Title => ("title~remix", "“remix” occurs in the title"),
        FilterField::Version => ("-version:\"\"", "a version is given"),
        FilterField::Artist => (
            "artist:bjork",
            "the artist is Björk, in any spelling of case and accents",
        ),
        FilterField::Label => (
            "-label:tidewater*",
            "the reported label does not begin with “Tidewater”",
        ),
        FilterField::Release => (
            "release~\"night drive\"",
            "“night drive” occurs in the title of the release",
        ),
        FilterField::Isrc => ("isrc:US*", "the ISRC begins with US"),
        FilterField::Upc => (
            "upc:085365572676",
            "this release, with or without zeros in front",
        ),
        FilterField::DspId => ("dsp_id:A123*", "the DSP's own id begins with A123"),
        FilterField::Track => ("track:HQ-1", "matched to track HQ-1, or it is a candidate"),
        FilterField::Payee => ("payee:\"Ada B\"", "Ada B is paid"),
        FilterField::Amount => (
            "amount<=-5",
            "taken back: minus 5 or less, in the line's own currency",
        ),
        FilterField::Currency => ("currency:usd", "reported in US dollars"),
        FilterField::Rows => ("rows>=1000", "at least 1,000 rows"),
        FilterField::Quantity => ("quantity>0", "more than no units"),
        FilterField::Candidates => ("candidates>1", "several tracks could be meant"),
        FilterField::Territory => ("territory:NO|SE", "sold in Norway or Sweden"),
        FilterField::Period => ("period:2026-09", "sold in September 2026"),
        FilterField::Usage => ("usage:stream", "the usage type is “stream”"),
        FilterField::File => (
            "file:spotify*",
            "reported in a statement whose name begins with “spotify”",
        ),
        FilterField::Item => ("item:1286c67f75d4ed77", "the item with this code"),
    }
}

/// A column of the table of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LineColumn {
    /// Status.
    Status,
    /// Reason.
    Reason,
    /// ISRC.
    Isrc,
    /// Release code.
    Upc,
    /// Title.
    Title,
    /// Version.
    Version,
    /// Artist.
    Artist,
    /// Label.
    Label,
    /// Title of the release.
    Release,
    /// DSP.
    Dsp,
    /// The DSP's own id.
    DspId,
    /// Rows.
    Rows,
    /// Units.
    Quantity,
    /// Money.
    Amount,
    /// Currency.
    Currency,
    /// The matched track.
    Track,
    /// Who is paid.
    Payee,
    /// Candidate tracks.
    Candidates,
    /// The item's code.
    Item,
}

impl LineColumn {
    /// All columns, in the order of the file.
    pub const ALL: [Self; 19] = [
        Self::Status,
        Self::Reason,
        Self::Isrc,
        Self::Upc,
        Self::Title,
        Self::Version,
        Self::Artist,
        Self::Label,
        Self::Release,
        Self::Dsp,
        Self::DspId,
        Self::Rows,
        Self::Quantity,
        Self::Amount,
        Self::Currency,
        Self::Track,
        Self::Payee,
        Self::Candidates,
        Self::Item,
    ];

    /// Its name in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Reason => "reason",
            Self::Isrc => "isrc",
            Self::Upc => "upc",
            Self::Title => "title",
            Self::Version => "version",
            Self::Artist => "artist",
            Self::Label => "label",
            Self::Release => "release",
            Self::Dsp => "dsp",
            Self::DspId => "dsp_id",
            Self::Rows => "rows",
            Self::Quantity => "quantity",
            Self::Amount => "amount",
            Self::Currency => "currency",
            Self::Track => "track",
            Self::Payee => "payee",
            Self::Candidates => "candidates",
            Self::Item => "item",
        }
    }
}
