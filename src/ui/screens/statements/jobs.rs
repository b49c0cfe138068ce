//! Jobs that run or wait, and the form for files that ask for something.

use std::path::{Path, PathBuf};

use eframe::egui::{self, RichText, TextEdit, Ui};

use crate::contents::StatementRecord;
use crate::ident::{Currency, DateOrder, SalePeriod};
use crate::money::DecimalMark;
use crate::session::engine::{FailedImport, JobCommand, JobView};
use crate::statement::plan::{Asks, PeriodSource};
use crate::statement::{Accept, ReadOptions};
use crate::ui::kit::theme::{self, Tone};
use crate::ui::kit::{numbers, widgets};
use crate::ui::shared::Context;

/// Jobs with progress, rate, time left and a button that stops them.
pub(super) fn jobs_ui(ui: &mut Ui, context: &mut Context<'_>) {
    for job in context.engine.jobs() {
        let permille = job
            .per_mille()
            .and_then(|p| u16::try_from(p).ok())
            .filter(|_| job.is_running);
        let note = note_of(&job);
        let progress = widgets::ProgressBar {
            title: &job.title,
            note: &note,
            permille,
            can_cancel: !job.is_cancelled,
        };
        if ui
            .push_id(job.id, |ui| widgets::progress_row_ui(ui, progress))
            .inner
        {
            context.engine.cancel(job.id);
        }
        ui.add_space(4.0);
    }
}

fn note_of(job: &JobView) -> String {
    if job.is_cancelled {
        return "Stops at the next batch".into();
    }
    if !job.is_running {
        return "Waits for its turn".into();
    }
    let mut parts = Vec::new();
    if job.rows > 0 {
        parts.push(numbers::counted(job.rows, "row", "rows"));
        parts.push(format!("{} rows/s", numbers::count(job.rows_per_second())));
    }
    if let Some(left) = job.left_ms().filter(|_| job.elapsed_ms > 1000) {
        parts.push(format!("{} left", numbers::seconds(left.div_ceil(1000))));
    }
    parts.join(" · ")
}

/// Answers for files, by file.
#[derive(Default)]
pub(super) struct Answers {
    open: Vec<FileAnswer>,
}

/// What a person says about a file.
struct FileAnswer {
    file: PathBuf,
    asks: Option<Asks>,
    /// Whether the file failed; otherwise it is read again because somebody wants it.
    is_failed: bool,
    currency: String,
    period: String,
    decimal: Option<DecimalMark>,
    date_order: Option<DateOrder>,
    encoding: Option<&'static encoding_rs::Encoding>,
    accept: Accept,
}

/// Encodings that reports without a byte order mark were seen in.
const ENCODINGS: [&encoding_rs::Encoding; 8] = [
    encoding_rs::WINDOWS_1252,
    encoding_rs::WINDOWS_1250,
    encoding_rs::WINDOWS_1251,
    encoding_rs::WINDOWS_1254,
    encoding_rs::ISO_8859_2,
    encoding_rs::SHIFT_JIS,
    encoding_rs::GB18030,
    encoding_rs::EUC_KR,
];

impl FileAnswer {
    fn new(file: &Path, options: &ReadOptions, asks: Option<Asks>, is_failed: bool) -> Self {
        Self {
            file: file.to_owned(),
            asks,
            is_failed,
            currency: options
                .currencies
                .last()
                .map(|(_, c)| c.code().to_owned())
                .unwrap_or_default(),
            period: options
                .periods
                .last()
                .map(|(_, p)| p.to_string())
                .unwrap_or_default(),
            decimal: options.decimal,
            date_order: options.date_order,
            encoding: options.encoding.filter(|e| ENCODINGS.contains(e)),
            accept: options.accept,
        }
    }

    /// The period that is said; `None` when it cannot be read.
    fn periods(&self) -> Option<Vec<(Option<String>, SalePeriod)>> {
        let text = self.period.trim();
        let canonical = || SalePeriod::from_canonical(text).filter(|p| p.days().is_some());
        if text.is_empty() {
            Some(Vec::new())
        } else {
            Some(vec![(
                None,
                canonical().or_else(|| SalePeriod::parse(text, None).ok())?,
            )])
        }
    }

    /// The options; `None` when the currency or the period cannot be read.
    fn options(&self) -> Option<ReadOptions> {
        let code = self.currency.trim().to_ascii_uppercase();
        let currencies = if code.is_empty() {
            Vec::new()
        } else {
            vec![(None, Currency::parse(&code).ok()?)]
        };
        Some(ReadOptions {
            currencies,
            periods: self.periods()?,
            decimal: self.decimal,
            date_order: self.date_order,
            encoding: self.encoding,
            accept: self.accept,
            ..ReadOptions::default()
        })
    }

    /// Whether what the file asks for has been said.
    fn is_answered(&self) -> bool {
        match self.asks {
            Some(Asks::Currency) => !self.currency.trim().is_empty(),
            Some(Asks::DecimalMark) => self.decimal.is_some(),
            Some(Asks::DateOrder) => self.date_order.is_some(),
            // It may be read again in another way; to take it as it is has a button of its own.
            Some(Asks::Quarantine | Asks::Duplicate) => true,
            None => true,
        }
    }
}

/// What became of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FormOutcome {
    Again,
    Dismissed,
}

impl Answers {
    /// Opens the form for a file that was taken before.
    pub(super) fn begin(&mut self, record: &StatementRecord) {
        self.open.retain(|a| a.file != record.path);
        let mut answer = FileAnswer::new(&record.path, &ReadOptions::default(), None, false);
        answer.currency = record
            .currency
            .map(|c| c.code().to_owned())
            .unwrap_or_default();
        if record.period_source == PeriodSource::Person {
            answer.period.clone_from(&record.default_period);
        }
        self.open.push(answer);
    }

    /// Shows why files could not be taken, each with a form to import it again.
    pub(super) fn failed_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        let failed = context.engine.failed_imports();
        self.open
            .retain(|a| !a.is_failed || failed.iter().any(|f| f.file == a.file));
        for file in &failed {
            if !self.open.iter().any(|a| a.file == file.file && a.is_failed) {
                self.open.retain(|a| a.file != file.file);
                self.open
                    .push(FileAnswer::new(&file.file, &file.options, file.asks, true));
            }
        }
        if self.open.is_empty() {
            return;
        }
        let mut done = None;
        egui::ScrollArea::vertical()
            .id_salt("files that ask")
            .max_height(280.0)
            .show(ui, |ui| {
                for (index, answer) in self.open.iter_mut().enumerate() {
                    let failure = failed.iter().find(|f| f.file == answer.file);
                    let outcome = ui.push_id(index, |ui| answer_ui(ui, answer, failure)).inner;
                    done = outcome.map(|outcome| (index, outcome)).or(done);
                    ui.add_space(6.0);
                }
            });
        if let Some((index, outcome)) = done {
            let answer = self.open.remove(index);
            context.engine.forget_failed(&answer.file);
            if let Some(options) = answer.options().filter(|_| outcome == FormOutcome::Again) {
                context.send(JobCommand::ImportStatements {
                    files: vec![answer.file],
                    options: Box::new(options),
                });
            }
        }
    }
}

fn answer_ui(
    ui: &mut Ui,
    answer: &mut FileAnswer,
    failure: Option<&FailedImport>,
) -> Option<FormOutcome> {
    let name = answer.file.file_name().map_or_else(
        || answer.file.display().to_string(),
        |n| n.to_string_lossy().into_owned(),
    );
    let tokens = theme::tokens(ui);
    let frame = egui::Frame::NONE
        .stroke(egui::Stroke::new(1.0, tokens.line))
        .fill(tokens.panel)
        .corner_radius(6.0)
        .inner_margin(10);
    frame
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            match failure {
                Some(failure) => {
                    let what = format!("{name} was not imported");
                    widgets::error_panel_ui(
                        ui,
                        widgets::ErrorPanel {
                            what: &what,
                            cause: &cause_of(failure),
                            remedy: remedy_of(failure.asks),
                            guide: "bad-input",
                        },
                    );
                }
                None => {
                    ui.label(
                        RichText::new(format!("Import {name} again, with these answers")).strong(),
                    );
                }
            }
            ui.add_space(6.0);
            form_ui(ui, answer, &name)
        })
        .inner
}

/// The cause without the sentence that names an option of the command line: the form below takes its place.
fn cause_of(failure: &FailedImport) -> String {
    let cut = failure.asks.and_then(|_| failure.cause.find(". Say "));
    cut.map_or_else(
        || failure.cause.clone(),
        |at| failure.cause[..at].to_owned(),
    )
}

fn remedy_of(asks: Option<Asks>) -> &'static str {
    match asks {
        Some(Asks::Currency) => "Type the currency of its amounts below, then import it again",
        Some(Asks::DecimalMark) => {
            "Choose the decimal mark of its amounts below, then import it again"
        }
        Some(Asks::DateOrder) => "Choose the order of day and month below, then import it again",
        Some(Asks::Quarantine) => {
            "Choose other answers below and import it again, ask the sender for a sound file, or take what could be read of it"
        }
        Some(Asks::Duplicate) => {
            "Dismiss it, or take it all the same if two accounts really have the same figures"
        }
        None => "",
    }
}

fn form_ui(ui: &mut Ui, answer: &mut FileAnswer, name: &str) -> Option<FormOutcome> {
    ui.horizontal_wrapped(|ui| {
        currency_ui(ui, answer);
        period_ui(ui, answer);
        decimal_ui(ui, answer);
        date_order_ui(ui, answer);
        encoding_ui(ui, answer);
        let is_ready = answer.is_answered() && answer.options().is_some();
        let again = ui
            .add_enabled(is_ready, egui::Button::new("Import again"))
            .on_hover_text(format!("Read {name} with these answers"));
        if again
            .on_disabled_hover_text("Say first what the file asks for")
            .clicked()
        {
            return Some(FormOutcome::Again);
        }
        if take_anyway_ui(ui, answer) {
            return Some(FormOutcome::Again);
        }
        let other = if answer.is_failed {
            "Dismiss"
        } else {
            "Cancel"
        };
        ui.button(other)
            .on_hover_text("Nothing is imported")
            .clicked()
            .then_some(FormOutcome::Dismissed)
    })
    .inner
}

/// The button that takes a file although it looks wrong; what is missing stands above it.
fn take_anyway_ui(ui: &mut Ui, answer: &mut FileAnswer) -> bool {
    let hint = match answer.asks {
        Some(Asks::Quarantine) => {
            "Count what could be read; the rows in quarantine and their unknown money stay out, and the journal says who took it"
        }
        Some(Asks::Duplicate) => "Count its rows once more; the journal says who took it",
        _ => return false,
    };
    let is_taken = ui
        .add_enabled(
            answer.options().is_some(),
            egui::Button::new("Take it all the same"),
        )
        .on_hover_text(hint)
        .clicked();
    if is_taken {
        answer.accept.quarantine |= answer.asks == Some(Asks::Quarantine);
        answer.accept.duplicate |= answer.asks == Some(Asks::Duplicate);
    }
    is_taken
}

/// A label that stands out when this is what the file asks for.
fn label_ui(ui: &mut Ui, text: &str, is_asked: bool) -> egui::Response {
    let tokens = theme::tokens(ui);
    let color = tokens.tone(if is_asked { Tone::Warn } else { Tone::Subdued });
    ui.label(
        RichText::new(if is_asked {
            format!("▲ {text}")
        } else {
            text.to_owned()
        })
        .color(color),
    )
}

fn currency_ui(ui: &mut Ui, answer: &mut FileAnswer) {
    let label = label_ui(ui, "Currency", answer.asks == Some(Asks::Currency));
    let field = ui
        .add(
            TextEdit::singleline(&mut answer.currency)
                .desired_width(52.0)
                .hint_text("EUR")
                .char_limit(3),
        )
        .labelled_by(label.id);
    ui.ctx()
        .accesskit_node_builder(field.id, |node| node.set_label("Currency"));
    field.on_hover_text("For amounts of which the file does not say the currency");
    let code = answer.currency.trim();
    if !code.is_empty() && Currency::parse(&code.to_ascii_uppercase()).is_err() {
        ui.label(RichText::new("✗ no currency of ISO 4217").color(theme::tokens(ui).err));
    }
}

fn period_ui(ui: &mut Ui, answer: &mut FileAnswer) {
    let label = label_ui(ui, "Sale period", false);
    let field = ui
        .add(
            TextEdit::singleline(&mut answer.period)
                .desired_width(120.0)
                .hint_text("2026-Q3"),
        )
        .labelled_by(label.id);
    ui.ctx()
        .accesskit_node_builder(field.id, |node| node.set_label("Sale period"));
    field.on_hover_text(
        "For files that do not say it: a month, a quarter, or a range such as 2026-07..2026-09",
    );
    if answer.periods().is_none() {
        ui.label(RichText::new("✗ no period").color(theme::tokens(ui).err));
    }
}

fn choice_ui<T: Copy + PartialEq>(
    ui: &mut Ui,
    name: &str,
    is_asked: bool,
    value: &mut Option<T>,
    choices: &[(Option<T>, &str)],
) {
    label_ui(ui, name, is_asked);
    let shown = choices
        .iter()
        .find(|(v, _)| v == value)
        .map_or("", |(_, text)| text);
    let combo = egui::ComboBox::from_id_salt(name)
        .selected_text(shown)
        .show_ui(ui, |ui| {
            for (choice, text) in choices {
                ui.selectable_value(value, *choice, *text);
            }
        });
    ui.ctx()
        .accesskit_node_builder(combo.response.id, |node| node.set_label(name));
}

fn decimal_ui(ui: &mut Ui, answer: &mut FileAnswer) {
    let choices = [
        (None, "Found out"),
        (Some(DecimalMark::Dot), "Point: 1,234.56"),
        (Some(DecimalMark::Comma), "Comma: 1.234,56"),
    ];
    choice_ui(
        ui,
        "Decimal mark",
        answer.asks == Some(Asks::DecimalMark),
        &mut answer.decimal,
        &choices,
    );
}

fn date_order_ui(ui: &mut Ui, answer: &mut FileAnswer) {
    let choices = [
        (None, "Found out"),
        (Some(DateOrder::Dmy), "Day first: 31/12/2026"),
        (Some(DateOrder::Mdy), "Month first: 12/31/2026"),
        (Some(DateOrder::Ymd), "Year first: 2026/12/31"),
    ];
    choice_ui(
        ui,
        "Date order",
        answer.asks == Some(Asks::DateOrder),
        &mut answer.date_order,
        &choices,
    );
}

fn encoding_ui(ui: &mut Ui, answer: &mut FileAnswer) {
    let named = ENCODINGS.iter().map(|e| (Some(*e), e.name()));
    let choices: Vec<(Option<&'static encoding_rs::Encoding>, &str)> =
        std::iter::once((None, "Found out")).chain(named).collect();
    choice_ui(ui, "Encoding", false, &mut answer.encoding, &choices);
}
