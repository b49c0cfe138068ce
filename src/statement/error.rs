//! What can go wrong with a file as a whole. Bad rows are no errors: they go to quarantine.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// A file that cannot be taken, with the cause and the remedy.
#[derive(Debug, Error)]
pub enum StatementError {
    /// The file cannot be opened.
    #[error("cannot open {}", file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The file broke off or is damaged.
    #[error("{} cannot be read to its end: {source}; nothing of it was taken. {remedy}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// The cause.
        source: io::Error,
        /// What to do.
        remedy: &'static str,
    },
    /// The file changed while it was read.
    #[error("{} changed while it was read; nothing of it was taken. Import it again when its download or export has ended", file.display())]
    Changed {
        /// The file.
        file: PathBuf,
    },
    /// The file is not something that can be imported.
    #[error("{}: {reason}. {remedy}", file.display())]
    Refused {
        /// The file.
        file: PathBuf,
        /// Why.
        reason: String,
        /// What to do.
        remedy: String,
    },
    /// The file leaves something open that only a person can say.
    #[error("{}: {reason}. {remedy}", file.display())]
    Asks {
        /// The file.
        file: PathBuf,
        /// What cannot be known from it.
        reason: String,
        /// The option that answers it.
        remedy: String,
        /// What is asked for.
        asks: super::plan::Asks,
    },
    /// A file of results cannot be written.
    #[error("cannot write {}: {source}; what stood there before is unchanged. Make room on the disk and try again", file.display())]
    Output {
        /// The file.
        file: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A layout file is wrong.
    #[error("layout {}: {reason}", file.display())]
    Layout {
        /// The layout file.
        file: PathBuf,
        /// Why.
        reason: String,
    },
    /// A sum left the exact range.
    #[error("{}: {source}", file.display())]
    Overflow {
        /// The file.
        file: PathBuf,
        /// The cause.
        source: crate::money::AmountOverflow,
    },
    /// The person stopped the job.
    #[error("stopped; the workspace is as it was")]
    Cancelled,
    /// The cube could not be written or read.
    #[error("{}: {reason}", file.display())]
    Cube {
        /// The file.
        file: PathBuf,
        /// Why.
        reason: String,
    },
}

impl StatementError {
    pub(crate) fn io(file: &Path, source: io::Error) -> Self {
        Self::Io { file: file.to_owned(), source }
    }

    /// A file that is known by its kind and not read.
    pub(crate) fn of_kind(file: &Path, kind: super::kind::Kind) -> Self {
        Self::Refused { file: file.to_owned(), reason: kind.reason(), remedy: kind.remedy }
    }

    pub(crate) fn read(file: &Path, source: io::Error) -> Self {
        let remedy = match source.kind() {
            io::ErrorKind::UnexpectedEof => "The file is cut off: download it again",
            io::ErrorKind::Other => "",
            _ => "Download it again, or check the disk",
        };
        Self::Read { file: file.to_owned(), source, remedy }
    }

    pub(crate) fn archive(file: &Path, error: &zip::result::ZipError) -> Self {
        Self::Refused {
            file: file.to_owned(),
            reason: format!("the zip archive cannot be read ({error})"),
            remedy: "Download it again, or unpack it and import the statement itself".into(),
        }
    }
}
