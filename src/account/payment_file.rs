//! Files of payments for banks and payment providers, by profiles that are data (`assets/payout-files.toml`).
//!
//! Invariant: a file has what is paid and nothing else, and its sum with what its profile leaves out is what is payable. A payment that
//! cannot be written refuses the whole file.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::ident::{Currency, CurrencyError, Day, SalePeriod};
use crate::money::{Amount, AmountOverflow, DecimalMark, SCALE};
use crate::settlement::payees::{PayableLine, PayableState};
use crate::settlement::settle::Settled;
use crate::terms::contracts::Payee;
use crate::terms::input::{Fault, Place};

/// The profiles that ship.
const PROFILES: &str = include_str!("../../assets/payout-files.toml");

/// The form of a payout file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutProfile {
    /// Its name, which stands in the name of the file.
    pub name: String,
    /// What it is for.
    pub about: String,
    /// Separator of cells.
    pub delimiter: u8,
    /// Whether the first line has the titles.
    pub has_header: bool,
    /// Columns, first to last.
    pub columns: Vec<PayoutColumn>,
    decimal: DecimalMark,
    date: String,
    currencies: Vec<Currency>,
    is_one_currency: bool,
    most_rows: usize,
}

/// A column of a payout file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutColumn {
    /// Its title.
    pub title: String,
    /// Whether it holds text, which a spreadsheet might run.
    pub is_text: bool,
    content: Content,
    most: usize,
    is_optional: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Content {
    Field(PaymentField),
    /// Text with fields in it.
    Text(Vec<TemplatePart>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum TemplatePart {
    Plain(String),
    Field(PaymentField),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PaymentField {
    Payee,
    Bank,
    Iban,
    Currency,
    Payable,
    Period,
    PeriodStart,
    PeriodEnd,
}

const FIELDS: [(&str, PaymentField); 7] = [
    ("payee", PaymentField::Payee),
    ("bank", PaymentField::Bank),
    ("currency", PaymentField::Currency),
    ("payable", PaymentField::Payable),
    ("period", PaymentField::Period),
    ("period_start", PaymentField::PeriodStart),
    ("period_end", PaymentField::PeriodEnd),
];

/// The control total of a file in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PayoutTotal {
    /// The file; empty for payments that the profile leaves out.
    pub file: String,
    /// Currency.
    pub currency: Currency,
    /// How many payments.
    pub payments: usize,
    /// Their sum.
    pub amount: Amount,
}

/// A file of payments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutFile {
    /// Its name.
    pub name: String,
    /// Cells of each payment, in the order of the profile's columns.
    pub rows: Vec<Vec<String>>,
}

/// All files of a profile, with their control totals, those of what the profile leaves out last.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PayoutFiles {
    /// The files.
    pub files: Vec<PayoutFile>,
    /// Control totals by file and currency.
    pub totals: Vec<PayoutTotal>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenProfiles {
    profile: Vec<Spanned<WrittenProfile>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenProfile {
    name: String,
    #[serde(default)]
    about: String,
    #[serde(default, rename = "source")]
    _source: String,
    delimiter: String,
    decimal: String,
    header: bool,
    #[serde(default = "iso_date")]
    date: String,
    #[serde(default)]
    currencies: Vec<String>,
    #[serde(default)]
    one_currency: bool,
    #[serde(default)]
    most_rows: Option<usize>,
    columns: Vec<WrittenColumn>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenColumn {
    title: String,
    #[serde(default)]
    field: Option<PaymentField>,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    most: Option<usize>,
    #[serde(default)]
    optional: bool,
}

fn iso_date() -> String {
    "YYYY-MM-DD".to_owned()
}

impl PayoutProfile {
    /// Reads profiles from files, and those that ship after them: one of your own goes before a built-in one of the same name.
    ///
    /// # Errors
    /// All faults, each with its place.
    pub fn read(files: &[(String, Vec<u8>)]) -> Result<Vec<Self>, Vec<Fault>> {
        let mut profiles = Vec::new();
        let mut faults = Vec::new();
        let built_in = ("payout-files.toml".to_owned(), PROFILES.as_bytes().to_vec());
        for (name, bytes) in files.iter().chain([&built_in]) {
            match profiles_of(name, bytes) {
                Ok(found) => profiles.extend(found),
                Err(found) => faults.extend(found),
            }
        }
        if faults.is_empty() {
            Ok(profiles)
        } else {
            Err(faults)
        }
    }

    /// The files of what is paid.
    ///
    /// # Errors
    /// A fault for each payment that cannot be written, with the payee's place in the contracts.
    pub fn files(&self, settled: &Settled) -> Result<PayoutFiles, Vec<Fault>> {
        let paid = settled
            .payables
            .iter()
            .filter(|l| l.state == PayableState::Paid && l.payable > Amount::ZERO);
        let (ours, others): (Vec<&PayableLine>, Vec<&PayableLine>) = paid.partition(|line| {
            self.currencies.is_empty() || self.currencies.contains(&line.currency)
        });
        let mut groups: BTreeMap<Option<Currency>, Vec<&PayableLine>> = BTreeMap::new();
        for line in ours {
            groups
                .entry(self.is_one_currency.then_some(line.currency))
                .or_default()
                .push(line);
        }
        let mut files = PayoutFiles::default();
        let mut faults = Vec::new();
        for (currency, lines) in &groups {
            for (number, lines) in (1..).zip(lines.chunks(self.most_rows)) {
                match self.file(self.file_name(*currency, number), lines, settled) {
                    Ok((file, totals)) => {
                        files.files.push(file);
                        files.totals.extend(totals);
                    }
                    Err(found) => faults.extend(found),
                }
            }
        }
        if groups.is_empty() {
            files.files.push(PayoutFile {
                name: self.file_name(None, 1),
                rows: Vec::new(),
            });
        }
        match totals("", &others) {
            Ok(left_out) => files.totals.extend(left_out),
            Err(fault) => faults.push(too_large(settled, &fault)),
        }
        if faults.is_empty() {
            Ok(files)
        } else {
            Err(faults)
        }
    }

    fn file_name(&self, currency: Option<Currency>, number: u32) -> String {
        let currency = currency.map(|c| format!("-{c}")).unwrap_or_default();
        let number = if number > 1 {
            format!("-{number}")
        } else {
            String::new()
        };
        format!("payout-{}{currency}{number}.csv", self.name)
    }

    fn file(
        &self,
        name: String,
        lines: &[&PayableLine],
        settled: &Settled,
    ) -> Result<(PayoutFile, Vec<PayoutTotal>), Vec<Fault>> {
        let mut rows = Vec::with_capacity(lines.len());
        let mut faults = Vec::new();
        for line in lines {
            match self.row(line, settled) {
                Ok(row) => rows.push(row),
                Err(fault) => faults.push(fault),
            }
        }
        let totals = totals(&name, lines).map_err(|e| vec![too_large(settled, &e)])?;
        if faults.is_empty() {
            Ok((PayoutFile { name, rows }, totals))
        } else {
            Err(faults)
        }
    }

    fn row(&self, line: &PayableLine, settled: &Settled) -> Result<Vec<String>, Fault> {
        let payment = Payment {
            profile: self,
            line,
            payee: &settled.inputs.book.payees[line.payee],
            period: settled.period,
        };
        let cell = |column: &PayoutColumn| {
            let text = match &column.content {
                Content::Field(PaymentField::Bank) if column.is_optional => {
                    payment.payee.bank.clone()
                }
                Content::Field(field) => payment.field(*field)?,
                Content::Text(pieces) => pieces
                    .iter()
                    .map(|piece| payment.piece(piece))
                    .collect::<Result<String, Fault>>()?,
            };
            Ok(if column.is_text {
                text.chars().take(column.most).collect()
            } else {
                text
            })
        };
        self.columns.iter().map(cell).collect()
    }
}

fn totals(file: &str, lines: &[&PayableLine]) -> Result<Vec<PayoutTotal>, AmountOverflow> {
    let mut sums: BTreeMap<Currency, (usize, Amount)> = BTreeMap::new();
    for line in lines {
        let (payments, amount) = sums.entry(line.currency).or_default();
        (*payments, *amount) = (*payments + 1, amount.plus(line.payable)?);
    }
    Ok(sums
        .into_iter()
        .map(|(currency, (payments, amount))| PayoutTotal {
            file: file.to_owned(),
            currency,
            payments,
            amount,
        })
        .collect())
}

fn too_large(settled: &Settled, error: &AmountOverflow) -> Fault {
    let place = settled.inputs.book.payees.first().map_or_else(
        || Place {
            file: "payout-files.toml".into(),
            line: 1,
        },
        |p| p.place.clone(),
    );
    Fault::new(
        &place,
        "",
        format!("the sum of the payments: {error}"),
        "settle parts of them on their own",
    )
}

/// A payment that is written.
struct Payment<'a> {
    profile: &'a PayoutProfile,
    line: &'a PayableLine,
    payee: &'a Payee,
    period: SalePeriod,
}

impl Payment<'_> {
    fn piece(&self, piece: &TemplatePart) -> Result<String, Fault> {
        match piece {
            TemplatePart::Plain(text) => Ok(text.clone()),
            TemplatePart::Field(field) => self.field(*field),
        }
    }

    fn field(&self, field: PaymentField) -> Result<String, Fault> {
        let day = |pick: fn((Day, Day)) -> Day| {
            self.period
                .days()
                .map(|days| self.day(pick(days)))
                .unwrap_or_default()
        };
        Ok(match field {
            PaymentField::Payee => self.payee.name.clone(),
            PaymentField::Bank => self.bank()?.to_owned(),
            PaymentField::Iban => self.iban()?,
            PaymentField::Currency => self.line.currency.code().to_owned(),
            PaymentField::Payable => self.payable(),
            PaymentField::Period => self.period.to_string(),
            PaymentField::PeriodStart => day(|days| days.0),
            PaymentField::PeriodEnd => day(|days| days.1),
        })
    }

    fn fault(&self, problem: &str, remedy: &str) -> Fault {
        let PayableLine {
            currency, payable, ..
        } = self.line;
        let problem = format!(
            "{} is to be paid {payable} {currency} and {problem}, which {:?} needs",
            self.payee.name, self.profile.name
        );
        Fault::new(&self.payee.place, "bank", problem, remedy)
    }

    fn bank(&self) -> Result<&str, Fault> {
        match self.payee.bank.trim() {
            "" => Err(self.fault("has no bank reference", "add bank = \"…\" to the payee")),
            bank => Ok(bank),
        }
    }

    fn iban(&self) -> Result<String, Fault> {
        let iban: String = self
            .bank()?
            .chars()
            .filter(|c| !c.is_whitespace())
            .map(|c| c.to_ascii_uppercase())
            .collect();
        if is_iban(&iban) {
            Ok(iban)
        } else {
            Err(self.fault(
                "their bank reference is not an IBAN",
                "correct its digits, or choose another profile",
            ))
        }
    }

    /// The amount with all digits of the currency and without groups.
    fn payable(&self) -> String {
        let digits = self.line.currency.minor_digits().min(SCALE);
        let units = self.line.payable.magnitude().units() / 10u128.pow(SCALE - digits);
        let scale = 10u128.pow(digits);
        let mark = if self.profile.decimal == DecimalMark::Comma {
            ','
        } else {
            '.'
        };
        match digits {
            0 => units.to_string(),
            _ => format!(
                "{}{mark}{:0>2$}",
                units / scale,
                units % scale,
                digits as usize
            ),
        }
    }

    fn day(&self, day: Day) -> String {
        let (year, month, day) = day.to_ymd();
        let date = self.profile.date.replace("YYYY", &format!("{year:04}"));
        date.replace("MM", &format!("{month:02}"))
            .replace("DD", &format!("{day:02}"))
    }
}

/// Whether check digits and form are those of an IBAN in electronic form (ISO 13616; ISO 7064, mod 97-10).
fn is_iban(text: &str) -> bool {
    let bytes = text.as_bytes();
    let has_form = (15..=34).contains(&bytes.len())
        && bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes[2..4].iter().all(u8::is_ascii_digit)
        && bytes.iter().all(u8::is_ascii_alphanumeric);
    has_form
        && bytes[4..]
            .iter()
            .chain(&bytes[..4])
            .fold(0, |rest: u32, byte: &u8| match byte {
                b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
                _ => (rest * 100 + u32::from(byte - b'A') + 10) % 97,
            })
            == 1
}

fn profiles_of(file: &str, bytes: &[u8]) -> Result<Vec<PayoutProfile>, Vec<Fault>> {
    let file: Arc<str> = file.into();
    let text = String::from_utf8_lossy(bytes);
    let place = |offset: usize| Place {
        file: Arc::clone(&file),
        line: 1 + text[..offset.min(text.len())].matches('\n').count(),
    };
    let written: WrittenProfiles = toml::from_str(&text).map_err(|e| {
        let at = place(e.span().map_or(0, |span| span.start));
        vec![Fault::new(
            &at,
            "",
            e.message(),
            "write it as the profiles that ship (assets/payout-files.toml), see: ledgerline help payment-files",
        )]
    })?;
    let mut profiles = Vec::new();
    let mut faults = Vec::new();
    for profile in written.profile {
        let at = place(profile.span().start);
        match sound(profile.into_inner()) {
            Ok(profile) => profiles.push(profile),
            Err((key, problem, remedy)) => faults.push(Fault::new(&at, key, problem, remedy)),
        }
    }
    if faults.is_empty() {
        Ok(profiles)
    } else {
        Err(faults)
    }
}

type Unsound = (&'static str, String, &'static str);

/// A profile as written, checked.
fn sound(written: WrittenProfile) -> Result<PayoutProfile, Unsound> {
    check_name(&written.name)?;
    let delimiter = delimiter_of(&written.delimiter)?;
    let decimal = match written.decimal.as_str() {
        "." => DecimalMark::Dot,
        "," => DecimalMark::Comma,
        other => {
            let problem = format!("{other:?} is not a decimal mark");
            return Err(("decimal", problem, "write \".\" or \",\""));
        }
    };
    check_date(&written.date)?;
    let columns: Vec<PayoutColumn> = written
        .columns
        .into_iter()
        .map(column)
        .collect::<Result<_, Unsound>>()?;
    if !columns
        .iter()
        .any(|column| column.content == Content::Field(PaymentField::Payable))
    {
        return Err((
            "columns",
            "no column has the amount".to_owned(),
            "add { title = \"Amount\", field = \"payable\" }",
        ));
    }
    let most_rows = written.most_rows.unwrap_or(usize::MAX);
    if most_rows == 0 {
        return Err((
            "most_rows",
            "a file with no rows pays nobody".to_owned(),
            "write 1 or more, or leave it out",
        ));
    }
    let currencies = written.currencies.iter().map(|code| {
        Currency::parse(code)
            .map_err(|e: CurrencyError| ("currencies", e.to_string(), "write codes, such as EUR"))
    });
    Ok(PayoutProfile {
        name: written.name,
        about: written.about,
        delimiter,
        has_header: written.header,
        columns,
        decimal,
        date: written.date,
        currencies: currencies.collect::<Result<_, Unsound>>()?,
        is_one_currency: written.one_currency,
        most_rows,
    })
}

/// The name of a profile is part of the name of its file.
fn check_name(name: &str) -> Result<(), Unsound> {
    if !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    {
        return Ok(());
    }
    let problem = format!("{name:?} cannot be part of a file name");
    Err(("name", problem, "use small letters, digits and -"))
}

fn delimiter_of(written: &str) -> Result<u8, Unsound> {
    match written.as_bytes() {
        [one]
            if !one.is_ascii_alphanumeric()
                && !matches!(one, b'"' | b'\n' | b'\r' | b'.' | b'-') =>
        {
            Ok(*one)
        }
        _ => {
            let problem = format!("{written:?} cannot part cells");
            let remedy = "write \",\", \";\", \"|\" or \"\\t\"";
            Err(("delimiter", problem, remedy))
        }
    }
}

fn check_date(written: &str) -> Result<(), Unsound> {
    let mut parts = ["YYYY", "MM", "DD"].into_iter();
    if parts.all(|part| written.matches(part).count() == 1) {
        return Ok(());
    }
    let problem = format!("{written:?} does not say how a day is written");
    Err(("date", problem, "write it with YYYY, MM and DD"))
}

fn column(written: WrittenColumn) -> Result<PayoutColumn, Unsound> {
    let WrittenColumn {
        title,
        field,
        text,
        most,
        optional,
    } = written;
    if optional && field != Some(PaymentField::Bank) {
        return Err((
            "columns",
            format!("column {title:?} cannot be optional"),
            "leave its optional out; only the bank reference may be missing",
        ));
    }
    let content = match (field, text) {
        (Some(field), None) => Content::Field(field),
        (None, Some(text)) => Content::Text(pieces(&text)?),
        _ => {
            return Err((
                "columns",
                format!("column {title:?} has a field and a text, or neither"),
                "give it one of the two",
            ));
        }
    };
    let is_text = matches!(
        content,
        Content::Text(_) | Content::Field(PaymentField::Payee)
    );
    if most.is_some() && !is_text {
        return Err((
            "columns",
            format!("column {title:?} cannot be cut"),
            "leave its most out; only payee and text may be cut",
        ));
    }
    Ok(PayoutColumn {
        title,
        is_text,
        content,
        most: most.unwrap_or(usize::MAX),
        is_optional: optional,
    })
}

fn pieces(text: &str) -> Result<Vec<TemplatePart>, Unsound> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let found = after.split_once('}').and_then(|(name, rest)| {
            FIELDS
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, field)| (*field, rest))
        });
        let Some((field, after)) = found else {
            let remedy = "write {payee}, {bank}, {currency}, {payable}, {period}, {period_start} or {period_end}";
            return Err((
                "columns",
                format!("the text {text:?} has a {{ that begins no field"),
                remedy,
            ));
        };
        pieces.extend([
            TemplatePart::Plain(before.to_owned()),
            TemplatePart::Field(field),
        ]);
        rest = after;
    }
    pieces.push(TemplatePart::Plain(rest.to_owned()));
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ibans_are_told_by_their_check_digits() {
        // The examples of the IBAN registry (swift.com, release 96), and each with one digit changed.
        for iban in [
            "DE89370400440532013000",
            "GB29NWBK60161331926819",
            "FR1420041010050500013M02606",
            "NO9386011117947",
        ] {
            assert!(is_iban(iban), "{iban}");
            let changed = iban.replacen('0', "1", 1);
            assert!(!is_iban(&changed), "{changed}");
        }
        assert!(!is_iban("") && !is_iban("DE") && !is_iban("me@example.org"));
    }

    #[test]
    fn the_profiles_that_ship_are_sound_and_one_of_your_own_goes_before_them() {
        let shipped = PayoutProfile::read(&[]).unwrap();
        assert_eq!(
            shipped.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(),
            ["payables", "sepa", "paypal"]
        );
        let own = "[[profile]]\nname = \"sepa\"\ndelimiter = \"|\"\ndecimal = \".\"\nheader = false\ncolumns = [{ title = \"a\", field = \"payable\" }]\n";
        let profiles = PayoutProfile::read(&[("own.toml".into(), own.into())]).unwrap();
        assert_eq!(
            profiles
                .iter()
                .find(|p| p.name == "sepa")
                .map(|p| p.delimiter),
            Some(b'|')
        );
    }

    #[test]
    fn a_profile_that_cannot_be_names_line_key_and_remedy() {
        let good = "\n[[profile]]\nname = \"own\"\ndelimiter = \";\"\ndecimal = \",\"\nheader = true\ndate = \"DD.MM.YYYY\"\ncolumns = [{ title = \"a\", field = \"payable\" }, { title = \"b\", text = \"x {payee}\" }]\n";
        let fault = |from: &str, to: &str| {
            assert!(good.contains(from), "{from}");
            let text = good.replacen(from, to, 1);
            PayoutProfile::read(&[("own.toml".into(), text.into_bytes())])
                .err()
                .map(|faults| faults[0].to_string())
                .unwrap_or_default()
        };
        assert_eq!(fault("own", "own"), "");
        for (from, to, want) in [
            ("\"own\"", "\"../x\"", "own.toml, line 2, name: "),
            ("\";\"", "\"ab\"", "own.toml, line 2, delimiter: "),
            ("\",\"", "\"x\"", "own.toml, line 2, decimal: "),
            ("DD.MM.YYYY", "DD.MM", "own.toml, line 2, date: "),
            ("\"payable\"", "\"bank\"", "no column has the amount"),
            ("{payee}", "{name}", "begins no field"),
            ("text =", "txt =", "own.toml, line 8"),
            ("\"payable\" }", "\"payable\", most = 3 }", "cannot be cut"),
            (
                "\"payable\" }",
                "\"payable\", optional = true }",
                "cannot be optional",
            ),
            (
                "header = true",
                "header = true\ncurrencies = [\"QQQ\"]",
                "currencies",
            ),
            ("header = true", "header = true\nmost_rows = 0", "most_rows"),
            ("text = \"x {payee}\"", "", "or neither"),
        ] {
            let fault = fault(from, to);
            assert!(fault.contains(want), "{to}: {fault}");
        }
    }
}
