//! Many lines at once: their sums, settling them together, and the table as a file.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use eframe::egui::{self, RichText, Ui};

use crate::contents::{Contents, ReadError};
use crate::desk::query::{LinesView, export_view};
use crate::desk::{Desk, LineId, LineSum, choice};
use crate::ident::Currency;
use crate::job::{Latest, Wake};
use crate::review::Decision;
use crate::ui::kit::dialogs::Request;
use crate::ui::kit::{numbers, theme};
use crate::ui::picker::{Pick, Picker};
use crate::ui::shared::{Context, Go};
use crate::ui::text;

/// Work on many lines that goes on elsewhere.
pub(super) struct Bulk {
    settles: Latest<(Contents, Arc<Desk>, Vec<LineId>), Result<Vec<Decision>, ReadError>>,
    exports: Latest<(Arc<Desk>, Arc<Vec<LineId>>, PathBuf), Result<PathBuf, String>>,
    picker: Picker,
    /// The lines that wait for a place.
    to_write: Option<(Arc<Desk>, Arc<Vec<LineId>>)>,
}

impl Bulk {
    pub fn new(wake: &Wake) -> Self {
        let for_settles = Arc::clone(wake);
        let for_exports = Arc::clone(wake);
        Self {
            settles: Latest::new(
                "settle",
                move || for_settles(),
                |(contents, desk, lines): (Contents, Arc<Desk>, Vec<LineId>),
                 is_stale: &dyn Fn() -> bool| {
                    choice::settle_all(&contents, &desk, &lines, is_stale)
                },
            ),
            exports: Latest::new(
                "table export",
                move || for_exports(),
                |(desk, rows, path): (Arc<Desk>, Arc<Vec<LineId>>, PathBuf),
                 _: &dyn Fn() -> bool| {
                    export_view(&desk, &rows, &path)
                        .map(|()| path)
                        .map_err(|e| e.to_string())
                },
            ),
            picker: Picker::default(),
            to_write: None,
        }
    }

    pub fn is_busy(&self) -> bool {
        self.settles.is_busy() || self.exports.is_busy()
    }

    /// Finds the best candidate of each line.
    pub fn settle(&self, contents: Contents, desk: Arc<Desk>, lines: Vec<LineId>) {
        self.settles.ask((contents, desk, lines));
    }

    /// Asks where the table shall be written.
    pub fn export(&mut self, context: &mut Context<'_>, view: Option<&LinesView>) {
        let Some(view) = view else { return };
        let request = Request {
            file_name: "review.csv".into(),
            ..Request::titled("Export the table")
        };
        self.picker.ask(context.dialogs, Pick::Save, request);
        self.to_write = Some((Arc::clone(&view.desk), Arc::clone(&view.rows)));
    }

    /// Decisions that are ready to be shown, with a title.
    pub fn answer(
        &mut self,
        ctx: &egui::Context,
        context: &mut Context<'_>,
    ) -> Option<(String, Vec<Decision>)> {
        if let Some(path) = self
            .picker
            .poll(ctx)
            .and_then(|paths| paths.into_iter().next())
            && let Some((desk, rows)) = self.to_write.take()
        {
            self.exports.ask((desk, rows, path));
        }
        match self.exports.take() {
            Some(Ok(path)) => context.go(Go::Notice(format!("The table is in {}", path.display()))),
            Some(Err(cause)) => context.go(Go::Fault {
                what: "writing the table".into(),
                cause,
            }),
            None => {}
        }
        match self.settles.take()? {
            Ok(decisions) => Some((
                format!(
                    "Settle {}",
                    numbers::counted(decisions.len() as u64, "item", "items")
                ),
                decisions,
            )),
            Err(error) => {
                context.go(Go::Fault {
                    what: "finding the best candidates".into(),
                    cause: error.to_string(),
                });
                None
            }
        }
    }
}

/// Draws what lines add up to, by currency.
pub(super) fn sums_ui(ui: &mut Ui, desk: &Desk, lines: &[LineId]) {
    // Sums of a screenful are drawn each frame; those of more lines come with the preview of a decision.
    if lines.len() > 10_000 {
        return;
    }
    let mut sums: BTreeMap<Currency, LineSum> = BTreeMap::new();
    for &line in lines {
        if sums
            .entry(desk.lines().currency(line))
            .or_default()
            .add(desk.lines().sum(line))
            .is_err()
        {
            return;
        }
    }
    for (currency, sum) in sums {
        let words = format!(
            "{}  in {}",
            text::money(sum.amount, currency),
            numbers::counted(sum.rows, "row", "rows")
        );
        ui.label(RichText::new(words).font(theme::number_font()))
            .on_hover_text(text::exact_money(sum.amount, currency));
    }
}
