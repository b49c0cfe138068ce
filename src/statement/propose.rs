//! A layout for a file that no layout fits: proposed from its names and first rows, and tried on the file before it is handed out.
//!
//! Invariant: what the proposal rests on stands beside it. A column that was taken by its values alone, money that could be another
//! column, and what only a person can say are marked where they stand; a proposal that would not read the file says so.

use std::fmt::Write;

use super::dims::DimTable;
use super::guess::{CurrencySource, Guess, Surety, guess};
use super::import;
use super::interpret::{Interpreter, RowVerdict};
use super::layout::{Layout, Layouts, header_key};
use super::likely::{Likely, likely_header};
use super::plan::Asks;
use super::records::RowReader;
use super::source::Part;
use super::{ReadOptions, StatementError, kind};
use crate::ident::{Currency, DateOrder, period_in_file_name};
use crate::money::DecimalMark;

/// A layout as text, with what there is to say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The layout, TOML with remarks.
    pub text: String,
    /// What a person should know or answer.
    pub notes: Vec<String>,
    /// Why the layout would not read the file as it stands.
    pub problem: Option<String>,
}

/// Rows that are looked at.
const ROWS: usize = 500;

/// Proposes a layout that reads this part of a file. Of the options the encoding and a currency for all files are heeded; `name` is the
/// layout's and the sender's name.
///
/// # Errors
/// [`StatementError`] when the file cannot be read, is known to be no statement, or has no columns.
pub fn propose(
    part: &Part,
    layouts: &Layouts,
    options: &ReadOptions,
    name: Option<&str>,
) -> Result<Proposal, StatementError> {
    let source = part.open(None, options.encoding, &options.limits)?;
    let head = source.head();
    if let Some(kind) = kind::of_text(head) {
        return Err(StatementError::of_kind(&part.shown(), kind));
    }
    let Some(likely) = likely_header(head, layouts) else {
        return Err(StatementError::Refused {
            file: part.shown(),
            reason: "no line has a tab, comma, semicolon or bar, so there are no columns".into(),
            remedy: "Ask the sender for the detail as CSV or tab-separated text".into(),
        });
    };
    let rows = first_rows(&head[likely.body..], &likely);
    let names = LayoutNames::of(part, layouts, name);
    let keys = likely.keys();
    let mut draft = LayoutDraft {
        likely: &likely,
        guess: guess(&likely, &rows, layouts),
        names: &names,
        part,
        questions: Vec::new(),
        given: given_currency(options),
        changes_money: changing_names(layouts)
            .find(|name| keys.contains(&header_key(name)))
            .map(str::to_owned),
    };
    let mut notes = draft.notes(&rows);
    let problem = if draft.guess.amount.is_some() {
        draft.try_it(layouts, options, &mut notes)
    } else {
        Some(draft.no_money())
    };
    Ok(Proposal {
        text: draft.text(),
        notes,
        problem,
    })
}

/// Names of columns that say whether money counts, or with which sign.
fn changing_names(layouts: &Layouts) -> impl Iterator<Item = &str> {
    let signs = layouts
        .generic
        .row
        .iter()
        .filter(|rule| rule.sign.is_some())
        .flat_map(|rule| rule.column.split('|'));
    layouts
        .generic
        .refuse_if
        .iter()
        .map(String::as_str)
        .chain(signs)
}

/// A currency that was given for all files.
fn given_currency(options: &ReadOptions) -> Option<Currency> {
    options
        .currencies
        .iter()
        .find(|(layout, _)| layout.is_none())
        .map(|(_, currency)| *currency)
}

/// The first rows below the header that have as many cells as it has.
fn first_rows(body: &[u8], likely: &Likely) -> Vec<Vec<String>> {
    let columns = likely.header.len();
    let mut reader = RowReader::new(body, &likely.dialect, columns);
    let mut rows = Vec::new();
    while let Some(row) = reader.next_row() {
        let has_extra = row.len() > columns && row.cells().skip(columns).all(<[u8]>::is_empty);
        if row.len() == columns || has_extra {
            rows.push(
                row.cells()
                    .take(columns)
                    .map(|cell| String::from_utf8_lossy(cell).trim().to_owned())
                    .collect::<Vec<_>>(),
            );
        }
        if rows.len() == ROWS {
            break;
        }
    }
    // Sums and other lines below the records have few of the cells that records have.
    let most = rows.iter().map(|row| filled(row)).max().unwrap_or(0);
    rows.retain(|row| filled(row) * 2 > most);
    rows
}

fn filled(row: &[String]) -> usize {
    row.iter().filter(|cell| !cell.is_empty()).count()
}

/// What the layout is called.
struct LayoutNames {
    id: String,
    name: String,
}

impl LayoutNames {
    fn of(part: &Part, layouts: &Layouts, name: Option<&str>) -> Self {
        let file = part.member_name().unwrap_or(&part.name);
        let file = file.rsplit('/').next().unwrap_or(file);
        let stem = file
            .split('.')
            .find(|s| !s.is_empty())
            .unwrap_or("statement");
        // The period in the name of a file is that of one statement, not of the sender.
        let words: Vec<String> = name
            .unwrap_or(stem)
            .split(|c: char| !c.is_alphanumeric())
            .filter(|w| !w.is_empty())
            .map(str::to_lowercase)
            .collect();
        let is_number = |word: &&String| word.chars().all(|c| c.is_ascii_digit());
        let sender: Vec<&str> = words
            .iter()
            .filter(|word| name.is_some() || !is_number(word))
            .map(String::as_str)
            .collect();
        let mut id = sender.join("-");
        if id.is_empty() {
            id = "statement".into();
        }
        if id == layouts.generic.id || layouts.layouts.iter().any(|layout| layout.id == id) {
            id.push_str("-own");
        }
        let name = name
            .map(str::trim)
            .filter(|n| !n.is_empty())
            .map_or_else(|| id.replace('-', " "), str::to_owned);
        Self { id, name }
    }
}

/// A proposal in the making.
struct LayoutDraft<'a> {
    likely: &'a Likely,
    guess: Guess,
    names: &'a LayoutNames,
    part: &'a Part,
    /// What only a person can say.
    questions: Vec<Asks>,
    given: Option<Currency>,
    /// A column by which money counts otherwise than it stands there.
    changes_money: Option<String>,
}

impl LayoutDraft<'_> {
    fn name(&self, column: usize) -> &str {
        &self.guess.columns[column].name
    }

    fn notes(&self, rows: &[Vec<String>]) -> Vec<String> {
        let mut notes = vec![format!(
            "line {} was taken for the header, because {}",
            self.likely.line + 1,
            self.likely.why()
        )];
        if rows.is_empty() {
            notes.push(
                "there is no row below the header, so the columns are known by their names alone"
                    .into(),
            );
        }
        if let Some((amount, surety)) = self.guess.amount {
            let others: Vec<String> = self
                .guess
                .rivals
                .iter()
                .map(|&c| format!("“{}”", shown(self.name(c))))
                .collect();
            if !others.is_empty() {
                notes.push(format!(
                    "the money is read from “{}”; it could also be {}: check it",
                    shown(self.name(amount)),
                    others.join(", ")
                ));
            } else if surety == Surety::Guessed {
                notes.push(format!(
                    "the money is read from “{}”: check it",
                    shown(self.name(amount))
                ));
            }
        }
        if let Some(column) = &self.changes_money {
            notes.push(format!("the column “{column}” changes what the money of a row means, and this layout does not heed it: ask the sender"));
        }
        if !self.names_a_thing() {
            notes.push("no column has an ISRC, a UPC or a title, so no row can be matched".into());
        }
        notes
    }

    fn names_a_thing(&self) -> bool {
        self.guess
            .taken
            .iter()
            .any(|t| matches!(t.field, "isrc" | "upc" | "title" | "dsp_id"))
    }

    fn no_money(&self) -> String {
        "no column of the file looks like money, so the layout reads nothing yet; write the name of the money column into [[amount]], or ask the sender for the statement with amounts".into()
    }

    /// Reads the head of the file by the proposal as `reconcile` would; answers that only a person can give are made up for the trial and
    /// become questions in the text.
    fn try_it(
        &mut self,
        layouts: &Layouts,
        options: &ReadOptions,
        notes: &mut Vec<String>,
    ) -> Option<String> {
        let mut trial = options.clone();
        for _ in 0..4 {
            let layout = match Layout::from_toml(&self.text(), &self.part.path) {
                Ok(layout) => layout,
                Err(error) => return Some(error.to_string()),
            };
            let mut with_it = layouts.clone();
            with_it.layouts.insert(0, layout);
            match import::open(self.part, &with_it, &trial, None) {
                Ok(opened) if opened.plan.layout != self.names.id => {
                    return Some(format!(
                        "the file is read by the layout “{}” all the same, which fits it too",
                        opened.plan.layout_name
                    ));
                }
                Ok(opened) => return self.read_head(&opened, notes),
                Err(StatementError::Asks {
                    asks,
                    reason,
                    remedy,
                    ..
                }) if !self.questions.contains(&asks) => {
                    self.questions.push(asks);
                    notes.push(format!("{reason}. {remedy}, or write it into the layout"));
                    if asks == Asks::Currency {
                        trial.currencies.push((None, Currency::NONE));
                    } else if asks == Asks::DecimalMark {
                        trial.decimal = Some(DecimalMark::Dot);
                    } else if asks == Asks::DateOrder {
                        trial.date_order = Some(DateOrder::Dmy);
                    }
                }
                Err(StatementError::Refused { reason, .. }) => return Some(reason),
                Err(error) => return Some(error.to_string()),
            }
        }
        None
    }

    fn read_head(&self, opened: &import::Opened, notes: &mut Vec<String>) -> Option<String> {
        let dims = DimTable::default();
        let mut interpreter = Interpreter::new(&opened.plan, &dims);
        let mut rows = RowReader::new(
            &opened.source.head()[opened.head_bytes..],
            &opened.plan.dialect,
            opened.plan.columns(),
        );
        let mut good = 0usize;
        let mut bad = 0usize;
        let mut first = None;
        while let Some(row) = rows.next_row() {
            match interpreter.read(&row) {
                RowVerdict::Good { .. } => good += 1,
                RowVerdict::Bad(fault) => {
                    bad += 1;
                    first.get_or_insert_with(|| {
                        format!("{}: {}", fault.reason.code(), fault.detail)
                    });
                }
                _ => {}
            }
            if good + bad == 20 * ROWS {
                break;
            }
        }
        let first = first?;
        if bad > good {
            return Some(format!(
                "{bad} of {} rows would not be read ({first})",
                good + bad
            ));
        }
        notes.push(format!(
            "{bad} of {} rows would not be read ({first})",
            good + bad
        ));
        None
    }

    /// The layout's text.
    fn text(&self) -> String {
        let mut text = String::new();
        let file = self.part.member_name().unwrap_or(&self.part.name);
        let mut line = |line: String| {
            text.push_str(&line);
            text.push('\n');
        };
        line(format!(
            "# A layout for {}, proposed from its names and its first rows. Look through it before it is used:",
            remark(file)
        ));
        line("# what says “check this” was found by a word in the name or by the values, not by a known name.".into());
        line(String::new());
        line(format!("id = {}", quoted(&self.names.id)));
        line(format!("name = {}", quoted(&self.names.name)));
        line(format!("sender = {}", quoted(&self.names.name)));
        line(format!("source = {}", quoted(&format!("the file {file}"))));
        line(format!(
            "require = {}",
            list(self.used().into_iter().filter(|name| !name.contains('|')))
        ));
        self.questions_text(&mut text);
        self.columns_text(&mut text);
        self.amount_text(&mut text);
        self.file_text(&mut text);
        self.unknown_text(&mut text);
        text
    }

    /// Names of the columns that are used, in the order of the file.
    fn used(&self) -> Vec<&str> {
        let currency = match self.guess.currency {
            CurrencySource::Column(column) => Some(column),
            _ => None,
        };
        let mut columns: Vec<usize> = self
            .guess
            .taken
            .iter()
            .map(|t| t.column)
            .chain(self.guess.amount.map(|(c, _)| c))
            .chain(currency)
            .collect();
        columns.sort_unstable();
        columns.dedup();
        columns
            .into_iter()
            .map(|column| self.name(column))
            .collect()
    }

    fn questions_text(&self, text: &mut String) {
        if self.questions.contains(&Asks::DecimalMark) {
            text.push_str(
                "# Its amounts could be read either way. Take the “#” off one of the two:\n",
            );
            text.push_str("# decimal = \".\" # 1.234 is a little more than one\n# decimal = \",\" # 1.234 is more than a thousand\n");
        }
        if self.questions.contains(&Asks::DateOrder) {
            text.push_str(
                "# Its dates could be read either way. Take the “#” off one of the two:\n",
            );
            text.push_str("# date_order = \"dmy\" # 03/04 is in April\n# date_order = \"mdy\" # 03/04 is in March\n");
        }
    }

    fn columns_text(&self, text: &mut String) {
        text.push_str("\n[columns]\n");
        let mut fields: Vec<&str> = self.guess.taken.iter().map(|t| t.field).collect();
        fields.dedup();
        for field in fields {
            let of_field = || self.guess.taken.iter().filter(|t| t.field == field);
            let names = list(of_field().map(|t| self.name(t.column)));
            let is_sure = of_field().all(|t| t.surety == Surety::Named);
            let _ = writeln!(
                text,
                "{field} = {names}{}",
                if is_sure { "" } else { " # check this" }
            );
        }
    }

    fn amount_text(&self, text: &mut String) {
        let Some((amount, surety)) = self.guess.amount else {
            text.push_str(
                "\n# No column looks like money. Without one nothing can be read; name it here:\n",
            );
            text.push_str("# [[amount]]\n# column = \"…\"\n# currency = \"EUR\"\n");
            return;
        };
        text.push('\n');
        if let Some(column) = &self.changes_money {
            let _ = writeln!(
                text,
                "# Careful: “{}” changes what the money of a row means, and this layout does not heed it.",
                remark(column)
            );
        }
        if !self.guess.rivals.is_empty() {
            let others: Vec<String> = self
                .guess
                .rivals
                .iter()
                .map(|&c| format!("“{}”", remark(self.name(c))))
                .collect();
            let _ = writeln!(text, "# The money could also be {}.", others.join(", "));
        }
        let check = if surety == Surety::Named && self.guess.rivals.is_empty() {
            ""
        } else {
            " # check this"
        };
        let _ = writeln!(
            text,
            "[[amount]]\ncolumn = {}{check}",
            quoted(self.name(amount))
        );
        match (&self.guess.currency, &self.given) {
            (CurrencySource::Column(column), _) => {
                let _ = writeln!(text, "currency_column = {}", quoted(self.name(*column)));
            }
            (CurrencySource::Fixed(currency), _) | (CurrencySource::Ask, Some(currency)) => {
                let _ = writeln!(text, "currency = \"{currency}\"");
            }
            (CurrencySource::Preamble(_), _) => {
                text.push_str("currency = \"ask\" # it stands above the header, see [preamble]\n")
            }
            (CurrencySource::Ask, None) => {
                let _ = writeln!(
                    text,
                    "currency = \"ask\" # the file does not say it: write it here, such as \"EUR\", or give --currency {}=EUR",
                    self.names.id
                );
            }
        }
    }

    fn file_text(&self, text: &mut String) {
        if let CurrencySource::Preamble(label) = &self.guess.currency {
            let _ = writeln!(
                text,
                "\n[preamble]\ncurrency = {}",
                list(std::iter::once(label.as_str()))
            );
        }
        let has_period = self
            .guess
            .taken
            .iter()
            .any(|t| t.field.starts_with("period"));
        if !has_period && period_in_file_name(&self.part.name).is_some() {
            text.push_str("\n# No column says the period; the name of the file does.\n[file_name]\nperiod = true\n");
        } else if !has_period {
            text.push_str("\n# No column says the period.\n");
        }
    }

    fn unknown_text(&self, text: &mut String) {
        let used = self.used();
        let unknown: Vec<_> = self
            .guess
            .columns
            .iter()
            .filter(|column| !used.contains(&column.name.as_str()) || !column.has_own_name)
            .collect();
        if unknown.is_empty() {
            return;
        }
        text.push_str("\n# Columns that are not read, with two of their values:\n");
        for column in unknown {
            let values: Vec<String> = column.samples().into_iter().map(masked).collect();
            let why = match (column.name.is_empty(), column.has_own_name) {
                (true, _) => " (no name, so no layout can name it)",
                (false, false) => {
                    " (several columns have this name, so no layout can tell them apart)"
                }
                (false, true) => "",
            };
            let _ = writeln!(
                text,
                "#   “{}”{why}: {}",
                remark(&column.name),
                if values.is_empty() {
                    "empty".into()
                } else {
                    values.join(", ")
                }
            );
        }
    }
}

/// A value as it may be shown: in one line, not too long, and without addresses of people.
fn masked(value: &str) -> String {
    let words: Vec<&str> = value
        .split_whitespace()
        .map(|word| if word.contains('@') { "…@…" } else { word })
        .collect();
    remark(&words.join(" ")).chars().take(30).collect()
}

/// A text that may stand in a remark: control characters would end it or are not allowed.
fn remark(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn shown(name: &str) -> String {
    remark(name).chars().take(60).collect()
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    format!("[{}]", names.map(quoted).collect::<Vec<_>>().join(", "))
}

/// A text as a string of TOML.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::job::Job;
    use crate::statement::import::{Imported, import};
    use crate::statement::source::parts;

    fn builtin() -> Layouts {
        let own: [&Path; 0] = [];
        Layouts::load(&own).unwrap()
    }

    fn proposed(name: &str, content: &str) -> Proposal {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        propose(
            &parts(&path).unwrap()[0],
            &builtin(),
            &ReadOptions::default(),
            None,
        )
        .unwrap()
    }

    /// Proposes, and reads the file by the proposal with these answers.
    fn read(content: &str, options: &ReadOptions) -> Imported {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("month.csv");
        std::fs::write(&path, content).unwrap();
        let part = &parts(&path).unwrap()[0];
        let proposal = propose(part, &builtin(), &ReadOptions::default(), None).unwrap();
        assert_eq!(proposal.problem, None, "{}", proposal.text);
        let layout = folder.path().join("layout.toml");
        std::fs::write(&layout, &proposal.text).unwrap();
        let read = import(
            part,
            &Layouts::load(&[layout]).unwrap(),
            options,
            &Job::new(1),
        )
        .unwrap();
        assert_eq!(read.plan.layout, "month", "{}", proposal.text);
        read
    }

    /// Records, money and currency, and what was taken for what.
    fn summary(read: &Imported) -> (u64, String, Vec<String>) {
        assert_eq!(read.quarantine.len(), 0, "{:?}", read.quarantine);
        let amount =
            crate::money::Amount::sum(read.cube.cells().iter().map(|cell| cell.amount)).unwrap();
        let currency = read.cube.dims[0].currency;
        (
            read.records,
            format!("{amount} {currency}"),
            read.plan
                .column_use()
                .into_iter()
                .map(|(field, name)| format!("{field}={name}"))
                .collect(),
        )
    }

    fn used(read: &Imported, wanted: &[&str]) {
        let (_, _, columns) = summary(read);
        for want in wanted {
            assert!(
                columns.iter().any(|c| c == want),
                "{want} is not in {columns:?}"
            );
        }
    }

    #[test]
    fn german_names_and_decimal_commas_are_read() {
        let text = "Abrechnung;Nordlicht\n\nISRC-Nr;Titel;Interpret;Land;Verkaufsmonat;Stückzahl;Vergütung;Währung\n\
            NLA1Z2600123;Tidewater;Mara Ellis;DE;2025-06;12;1,25;EUR\nNLA1Z2600124;Low Sun;Mara Ellis;AT;2025-06;3;0,5;EUR\n";
        let read = read(text, &ReadOptions::default());
        assert_eq!(
            (summary(&read).0, summary(&read).1.as_str()),
            (2, "1.75 EUR")
        );
        used(
            &read,
            &[
                "isrc=ISRC-Nr",
                "title=Titel",
                "artist=Interpret",
                "territory=Land",
                "quantity=Stückzahl",
                "sale_period=Verkaufsmonat",
            ],
        );
    }

    #[test]
    fn french_and_spanish_names_are_read() {
        let french = "Code ISRC;Titre;Artiste;Pays;Mois;Quantité;Prix unitaire;Montant net;Devise\n\
            NLA1Z2600123;Tidewater;Mara Ellis;FR;2025-06;2;0,50;1,00;EUR\nNLA1Z2600124;Low Sun;Mara Ellis;BE;2025-06;4;0,25;1,00;EUR\n";
        let found = read(french, &ReadOptions::default());
        assert_eq!(summary(&found).1, "2 EUR");
        used(
            &found,
            &[
                "title=Titre",
                "artist=Artiste",
                "territory=Pays",
                "amount=Montant net",
                "currency=Devise",
            ],
        );
        let spanish = "Código,Canción,Intérprete,País,Tienda,Fecha,Cantidad,Importe neto (USD)\n\
            NLA1Z2600123,Tidewater,Mara Ellis,MX,Spotify,2025-06-30,2,1.50\nNLA1Z2600124,Low Sun,Mara Ellis,AR,Deezer,2025-06-30,4,0.25\n";
        let found = read(spanish, &ReadOptions::default());
        assert_eq!(summary(&found).1, "1.75 USD");
        used(
            &found,
            &[
                "isrc=Código",
                "title=Canción",
                "artist=Intérprete",
                "dsp=Tienda",
                "quantity=Cantidad",
            ],
        );
    }

    #[test]
    fn japanese_names_below_a_preamble_are_read() {
        let text = "レポート\tノースライン\n通貨\tJPY\nコード\t曲名\t歌手\t国\t配信先\t利用月\t回数\t支払額\n\
            NLA1Z2600123\tTidewater\tMara Ellis\tJP\tSpotify\t2025/06\t12\t120.5\nNLA1Z2600124\tLow Sun\tMara Ellis\tJP\tApple Music\t2025/06\t3\t30.25\n";
        let read = read(text, &ReadOptions::default());
        assert_eq!(summary(&read).1, "150.75 JPY");
        used(
            &read,
            &[
                "isrc=コード",
                "title=曲名",
                "artist=歌手",
                "dsp=配信先",
                "amount=支払額",
            ],
        );
    }

    #[test]
    fn without_any_known_name_the_values_tell() {
        let text = "a1|a2|a3|a4|a5|a6|a7|a8\nNLA1Z2600123|0724384960650|Tidewater|DE|2025-06|12|1.25|EUR\nNLA1Z2600124|0724384960650|Low Sun|FR|2025-07|3|0.5|EUR\n";
        let read = read(text, &ReadOptions::default());
        assert_eq!(
            (summary(&read).0, summary(&read).1.as_str()),
            (2, "1.75 EUR")
        );
        used(
            &read,
            &[
                "isrc=a1",
                "upc=a2",
                "territory=a4",
                "sale_period=a5",
                "quantity=a6",
                "amount=a7",
                "currency=a8",
            ],
        );
        let proposal = proposed("x.csv", text);
        assert!(
            proposal.text.contains("column = \"a7\" # check this")
                && proposal.text.contains("#   “a3”: Tidewater, Low Sun"),
            "{}",
            proposal.text
        );
    }

    #[test]
    fn what_only_a_person_can_say_is_a_question_in_the_layout() {
        let text = "Code;Werk;Datum;Betrag\nNLA1Z2600123;Tidewater;03/04/2025;1.234\nNLA1Z2600124;Low Sun;05/06/2025;2.345\n";
        let proposal = proposed("x.csv", text);
        assert_eq!(proposal.problem, None);
        for words in [
            "# decimal = \".\"",
            "# decimal = \",\"",
            "# date_order = \"dmy\"",
            "--currency x=EUR",
        ] {
            assert!(proposal.text.contains(words), "{words}: {}", proposal.text);
        }
        let currencies = vec![(None, Currency::parse("EUR").unwrap())];
        let answers = ReadOptions {
            decimal: Some(DecimalMark::Comma),
            date_order: Some(DateOrder::Mdy),
            currencies,
            ..ReadOptions::default()
        };
        assert_eq!(summary(&read(text, &answers)).1, "3579 EUR");
    }

    #[test]
    fn a_price_of_one_unit_is_not_the_money() {
        let text = "Code,Titel,Monat,Units,royalty,sum\nNLA1Z2600123,Tidewater,2025-06,2,1.29,2.58\nNLA1Z2600124,Low Sun,2025-06,3,0.50,1.50\n";
        let proposal = proposed("x.csv", text);
        assert!(
            proposal.text.contains("column = \"sum\""),
            "{}",
            proposal.text
        );
    }

    #[test]
    fn a_column_that_changes_what_money_means_is_named() {
        let text = "ISRC Code,Track Title,Sale or Void,Count,Sum\nNLA1Z2600123,Tidewater,Sale,2,1.25\nNLA1Z2600124,Low Sun,Void,3,1.25\n";
        let proposal = proposed("x.csv", text);
        assert!(
            proposal.text.contains("# Careful: “Sale or Void”"),
            "{}",
            proposal.text
        );
        assert!(
            proposal
                .notes
                .iter()
                .any(|note| note.contains("“Sale or Void” changes")),
            "{:?}",
            proposal.notes
        );
    }

    #[test]
    fn a_share_is_money_only_when_nothing_else_is() {
        let text = "Code,Erlösanteil,Wert\nNLA1Z2600123,0.50,2.50\nNLA1Z2600124,0.25,1.25\n";
        assert!(
            proposed("x.csv", text).text.contains("column = \"Wert\""),
            "{}",
            proposed("x.csv", text).text
        );
        let alone = text
            .replace(",Wert", "")
            .replace(",2.50", "")
            .replace(",1.25", "");
        assert!(
            proposed("x.csv", &alone)
                .text
                .contains("column = \"Erlösanteil\" # check this"),
            "{}",
            proposed("x.csv", &alone).text
        );
    }

    #[test]
    fn ids_are_no_units() {
        let text = "Code,media id,copies,Sum\nNLA1Z2600123,4411,3,1.25\nNLA1Z2600124,4412,1,1.25\n";
        let proposal = proposed("x.csv", text);
        assert!(
            proposal.text.contains("quantity = [\"copies\"]"),
            "{}",
            proposal.text
        );
    }

    #[test]
    fn a_file_without_money_is_no_statement_yet() {
        let proposal = proposed("x.csv", "Code,Titel\nNLA1Z2600123,Tidewater\n");
        assert!(proposal.problem.unwrap().contains("looks like money"));
        assert!(proposal.text.contains("# [[amount]]"));
    }

    #[test]
    fn addresses_are_masked_and_names_are_quoted() {
        let text = "Code,\"Net \"\"pay\"\" EUR\",Kontakt,\"Zwei\nZeilen\"\nNLA1Z2600123,1.25,mara@example.org,x\nNLA1Z2600124,0.50,mara@example.org,y\n";
        let proposal = proposed("x.csv", text);
        assert!(
            !proposal.text.contains("example.org") && proposal.text.contains("…@…"),
            "{}",
            proposal.text
        );
        assert!(
            proposal.text.contains("column = \"Net \\\"pay\\\" EUR\"")
                && proposal.text.contains("“Zwei Zeilen”"),
            "{}",
            proposal.text
        );
        assert!(Layout::from_toml(&proposal.text, Path::new("x.toml")).is_ok());
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(200))]

        /// Whatever a file holds, it is refused or described in words, and the text that is handed out is TOML.
        #[test]
        fn no_text_breaks_a_proposal(lines in proptest::collection::vec("[A-Za-z0-9,;|\t\"'<>{}.é曲-]{0,40}", 0..12), start in "(HEAD\t|<|\\{|GRH|HDR|BEGIN:|)") {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("any.csv");
            std::fs::write(&path, format!("{start}{}", lines.join("\n"))).unwrap();
            let part = &parts(&path).unwrap()[0];
            if let Ok(proposal) = propose(part, &builtin(), &ReadOptions::default(), None) {
                let read = Layout::from_toml(&proposal.text, Path::new("x.toml"));
                proptest::prop_assert!(read.is_ok() || proposal.problem.is_some(), "{}", proposal.text);
            }
            let refused = import(part, &builtin(), &ReadOptions::default(), &Job::new(1));
            proptest::prop_assert!(refused.is_ok() || !refused.unwrap_err().to_string().is_empty());
        }
    }
}
