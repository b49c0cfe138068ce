//! Statement layouts: what a sender's columns mean. Layouts are data (`assets/formats/*.toml`), never code.

use std::path::Path;

use serde::Deserialize;

use super::StatementError;
pub use super::names::header_key;
use crate::ident::DateOrder;
use crate::money::DecimalMark;

/// What one sender's report looks like, as read from its TOML file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// Stable name, kebab-case; the name of its file.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Who sends the statement: a DSP or a distributor.
    pub sender: String,
    /// The DSP of every row when no column says it.
    #[serde(default)]
    pub dsp: String,
    /// Whose ids `columns.dsp_id` holds (`spotify`, `apple`, `youtube`, …).
    #[serde(default)]
    pub dsp_id_namespace: String,
    /// Where the layout is known from.
    #[serde(default)]
    pub source: String,
    /// Header names that must all be there; `|` separates alternatives.
    #[serde(default)]
    pub require: Vec<String>,
    /// Header names of which none may be there.
    #[serde(default)]
    pub refuse_if: Vec<String>,
    /// Decimal mark to take when the amounts of the file cannot tell.
    #[serde(default)]
    decimal: Option<String>,
    /// Order of day and month in dates such as 03/04/2026.
    #[serde(default)]
    pub date_order: Option<DateOrder>,
    /// A known file that must not be imported, and why.
    #[serde(default)]
    pub not_income: Option<String>,
    /// Which columns mean what.
    #[serde(default)]
    pub columns: LayoutColumns,
    /// Money columns in order of preference.
    #[serde(default)]
    pub amount: Vec<AmountColumn>,
    /// Labels above the header.
    #[serde(default)]
    pub preamble: Preamble,
    /// What the file's name tells.
    #[serde(default)]
    pub file_name: FileName,
    /// Labels of lines that are not records.
    #[serde(default)]
    pub footer: Vec<Footer>,
    /// What a row is, by one of its columns; the first rule that holds decides.
    #[serde(default)]
    pub row: Vec<RowRule>,
    /// Totals that stand above the header.
    #[serde(default)]
    pub control: Vec<Control>,
    /// BLAKE3 of the file's text: a changed layout is another reading of a statement.
    #[serde(skip)]
    pub digest: String,
}

/// Header names by field; in each row the first cell that is not empty counts.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LayoutColumns {
    /// International Standard Recording Code.
    pub isrc: Vec<String>,
    /// Release code: UPC, EAN or GTIN.
    pub upc: Vec<String>,
    /// The DSP's own id of track or asset.
    pub dsp_id: Vec<String>,
    /// Title of the track (or of the release on album lines).
    pub title: Vec<String>,
    /// Version, where it stands apart from the title.
    pub version: Vec<String>,
    /// Artist.
    pub artist: Vec<String>,
    /// Label.
    pub label: Vec<String>,
    /// Title of the release.
    pub release: Vec<String>,
    /// Duration.
    pub duration: Vec<String>,
    /// Store column of a distributor's statement.
    pub dsp: Vec<String>,
    /// Territory.
    pub territory: Vec<String>,
    /// Usage type.
    pub usage: Vec<String>,
    /// Appended to the usage type.
    pub usage_also: Vec<String>,
    /// Values in both that mean nothing.
    pub usage_blank: Vec<String>,
    /// Units.
    pub quantity: Vec<String>,
    /// Sale period in one column.
    pub period: Vec<String>,
    /// First day of the sale period.
    pub period_start: Vec<String>,
    /// Last day of the sale period.
    pub period_end: Vec<String>,
    /// Free text in which the sale period stands (`Beatport 2025 Q3 - 30 Sep 2025`).
    pub period_in: Vec<String>,
}

/// A money column with its currency.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AmountColumn {
    /// Header name.
    pub column: String,
    /// Column with the currency.
    #[serde(default)]
    pub currency_column: Option<String>,
    /// ISO 4217 code, or `ask` when the file does not say and nobody may guess.
    #[serde(default)]
    pub currency: Option<String>,
    /// Further columns of the same money, which are added; an empty cell adds nothing.
    #[serde(default)]
    pub plus: Vec<String>,
}

/// What a row is, by the value of a column. A rule whose column the file lacks is passed over.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowRule {
    /// Header name; `|` separates alternatives.
    pub column: String,
    /// The rule holds when the cell is one of these, compared as names are.
    #[serde(default)]
    pub values: Vec<String>,
    /// The rule holds when the cell is filled, or is empty.
    #[serde(default)]
    pub filled: Option<bool>,
    /// What the row is then.
    pub what: RuleKind,
    /// Ends the sentence “… rows are set aside: ”.
    #[serde(default)]
    pub because: String,
    /// How amount and units of a record count.
    #[serde(default)]
    pub sign: Option<Sign>,
}

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleKind {
    /// A sale or a return.
    Record,
    /// No sale: counted, and said with its money.
    Aside,
    /// Its amount is a control total.
    Total,
}

/// How amount and units of a record count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sign {
    /// What is above zero is taken as below zero.
    Minus,
}

/// A total that stands above the header, to the right of its label or below it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// The label.
    pub label: String,
    /// What its value counts.
    pub control: ControlKind,
}

/// Labels looked for above the header; the value is the cell to the right or the one below.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Preamble {
    /// First day of the period.
    pub period_start: Vec<String>,
    /// Last day of the period.
    pub period_end: Vec<String>,
    /// The whole period in one cell.
    pub period: Vec<String>,
    /// Currency of the file.
    pub currency: Vec<String>,
}

/// What the file's name tells.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FileName {
    /// The month is in the name.
    pub period: bool,
}

/// A line that is not a record, known by its first cell.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Footer {
    /// First cell that is not empty, in any case.
    pub label: String,
    /// What its value counts.
    #[serde(default)]
    pub control: Option<ControlKind>,
    /// Whether everything after it is footer.
    #[serde(default)]
    pub stop: bool,
}

/// What a control total counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ControlKind {
    /// Records of the file.
    Rows,
    /// The sum of amounts.
    Amount,
    /// The sum of units.
    Quantity,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Common {
    footer: Vec<Footer>,
}

impl Layout {
    /// Whether it knows columns by their names alone, whoever sent the file.
    #[must_use]
    pub fn is_generic(&self) -> bool {
        self.id == "generic"
    }

    /// The decimal mark that the sender is known to write.
    #[must_use]
    pub fn decimal_mark(&self) -> Option<DecimalMark> {
        match self.decimal.as_deref() {
            Some(".") => Some(DecimalMark::Dot),
            Some(",") => Some(DecimalMark::Comma),
            _ => None,
        }
    }

    /// Reads a layout; `origin` is its file for messages.
    ///
    /// # Errors
    /// [`StatementError::Layout`] when the text is no layout.
    pub fn from_toml(text: &str, origin: &Path) -> Result<Self, StatementError> {
        let fail = |reason: String| StatementError::Layout {
            file: origin.to_owned(),
            reason,
        };
        let mut layout: Self = toml::from_str(text).map_err(|e| fail(e.to_string()))?;
        layout.digest = blake3::hash(text.as_bytes()).to_hex().to_string();
        if layout.id.is_empty() || layout.sender.is_empty() {
            return Err(fail("id and sender must not be empty".into()));
        }
        if layout.not_income.is_none() && layout.amount.is_empty() {
            return Err(fail(
                "it names no [[amount]] column, so no line of it could ever be paid".into(),
            ));
        }
        if layout
            .decimal
            .as_deref()
            .is_some_and(|d| d != "." && d != ",")
        {
            return Err(fail("decimal is \".\" or \",\"".into()));
        }
        for rule in &layout.row {
            if rule.values.is_empty() == rule.filled.is_none() {
                return Err(fail(format!(
                    "the rule for rows of column {:?} needs either values or filled",
                    rule.column
                )));
            }
            if rule.what == RuleKind::Aside && rule.because.is_empty() {
                return Err(fail(format!(
                    "the rule for rows of column {:?} sets rows aside and needs to say why: because",
                    rule.column
                )));
            }
        }
        for amount in &layout.amount {
            if let Some(code) = amount.currency.as_deref().filter(|c| *c != "ask") {
                crate::ident::Currency::parse(code).map_err(|e| fail(e.to_string()))?;
            }
        }
        Ok(layout)
    }
}

static FORMATS: include_dir::Dir<'static> =
    include_dir::include_dir!("$CARGO_MANIFEST_DIR/assets/formats");

/// All layouts that are known, the user's own before the built-in ones.
#[derive(Debug, Clone)]
pub struct Layouts {
    /// In order of their ids, the user's own first.
    pub layouts: Vec<Layout>,
    /// Recognises columns by synonyms when nothing else fits.
    pub generic: Layout,
    /// Footer labels that all layouts share.
    pub common_footers: Vec<Footer>,
}

impl Layouts {
    /// The built-in layouts and those of `own` files.
    ///
    /// # Errors
    /// [`StatementError`] when one of the user's own cannot be read.
    pub fn load(own: &[impl AsRef<Path>]) -> Result<Self, StatementError> {
        let mut layouts = Vec::new();
        for path in own {
            let path = path.as_ref();
            let text = std::fs::read_to_string(path).map_err(|e| StatementError::io(path, e))?;
            layouts.push(Layout::from_toml(&text, path)?);
        }
        let mut generic = None;
        let mut common_footers = Vec::new();
        let mut common_digest = String::new();
        let mut files: Vec<_> = FORMATS.files().collect();
        files.sort_by_key(|f| f.path());
        for file in files {
            let text = file.contents_utf8().unwrap_or_default();
            if file.path().as_os_str() == "common.toml" {
                let common: Common = toml::from_str(text).map_err(|e| StatementError::Layout {
                    file: file.path().to_owned(),
                    reason: e.to_string(),
                })?;
                common_footers = common.footer;
                common_digest = blake3::hash(text.as_bytes()).to_hex().to_string();
                continue;
            }
            let layout = Layout::from_toml(text, file.path())?;
            if layout.id == "generic" {
                generic = Some(layout);
            } else {
                layouts.push(layout);
            }
        }
        let mut generic = generic.ok_or_else(|| StatementError::Layout {
            file: "generic.toml".into(),
            reason: "it is missing".into(),
        })?;
        for layout in layouts.iter_mut().chain([&mut generic]) {
            layout.digest.push_str(&common_digest);
        }
        Ok(Self {
            layouts,
            generic,
            common_footers,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_layouts_are_sound_and_unique() {
        let own: [&Path; 0] = [];
        let all = Layouts::load(&own).unwrap();
        let mut ids: Vec<_> = all.layouts.iter().map(|l| l.id.as_str()).collect();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count);
        for wanted in [
            "youtube-asset-raw",
            "spotify",
            "apple-itunes",
            "apple-music",
            "distrokid",
            "tunecore",
            "cdbaby",
            "believe",
            "fuga",
            "orchard",
            "deezer",
            "soundcloud",
        ] {
            assert!(ids.contains(&wanted), "{wanted}");
        }
        for layout in &all.layouts {
            assert!(
                !layout.require.is_empty(),
                "{} would fit every file",
                layout.id
            );
        }
    }
}
