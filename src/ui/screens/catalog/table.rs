//! Tracks as rows of a table.

use crate::catalog::{Track, duration_text};
use crate::ident::Upc;
use crate::ui::kit::table::{Column, TableCell, TableSource};

/// The columns, in the order in which they are declared. The order of rows is that of the catalog or of the search.
pub(super) const COLUMNS: [Column; 11] = [
    Column::text("id", "Track id", 110.0).unsortable(),
    Column::text("title", "Title", 210.0).unsortable(),
    Column::text("version", "Version", 110.0).unsortable(),
    Column::text("artist", "Artist", 160.0).unsortable(),
    Column::text("isrc", "ISRC", 118.0).unsortable(),
    Column::text("upc", "UPC", 130.0).unsortable(),
    Column::number("duration", "Duration", 72.0).unsortable(),
    Column::text("payee", "Payee", 150.0).unsortable(),
    Column::text("label", "Label", 150.0).unsortable(),
    Column::text("release", "Release", 170.0).unsortable(),
    Column::text("catalog_number", "Catalog number", 110.0)
        .hidden()
        .unsortable(),
];

/// The rows.
pub(super) struct TrackRows<'a>(pub &'a [Track]);

impl TableSource for TrackRows<'_> {
    fn row_count(&self) -> u64 {
        self.0.len() as u64
    }

    fn cell(&self, row: u64, column: usize) -> TableCell<'_> {
        let track = &self.0[row as usize];
        match COLUMNS[column].id {
            "id" => TableCell::new(&track.id).code(),
            "title" => TableCell::new(&track.title),
            "version" => TableCell::new(&track.version),
            "artist" => TableCell::new(&track.artist),
            "isrc" => TableCell::new(track.isrc.map(|i| i.to_string()).unwrap_or_default()).code(),
            "upc" => TableCell::new(
                track
                    .upcs
                    .iter()
                    .map(Upc::to_string)
                    .collect::<Vec<_>>()
                    .join("; "),
            )
            .code(),
            "duration" => TableCell::new(track.duration_ms.map(duration_text).unwrap_or_default()),
            "payee" => TableCell::new(&track.payee),
            "label" => TableCell::new(&track.label),
            "release" => TableCell::new(&track.release_title),
            _ => TableCell::new(&track.catalog_number).code(),
        }
    }
}
