//! What can go wrong with a file as a whole. Bad rows are no errors: they go to quarantine.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::likeness::Money;
use super::loss::Loss;
use super::plan::Asks;

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
        asks: Asks,
    },
    /// The file was read, and is taken only when a person says so.
    #[error("{}: {}. {}", file.display(), why.sentence(), why.remedy())]
    NotTaken {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        why: Box<NotTaken>,
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

/// Why a statement that was read is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotTaken {
    /// Much of it is in quarantine.
    Quarantine(Loss),
    /// Its rows are those of other statements.
    Duplicate(Again),
}

/// Statements that have all the rows of another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Again {
    /// Their names.
    pub files: Vec<String>,
    /// Rows that would count twice, those in quarantine left out.
    pub rows: u64,
    /// Their money.
    pub money: Vec<Money>,
    /// Whether a sample of the rows says so, and not all of them.
    pub is_about: bool,
}

impl NotTaken {
    /// What is wrong, without a full stop.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Quarantine(loss) => format!(
                "{}. So its money is unknown, and it was not taken",
                loss.sentence()
            ),
            Self::Duplicate(again) => format!(
                "{}. It was not taken, so that nothing is paid twice",
                again.sentence()
            ),
        }
    }

    /// What to do.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Quarantine(_) => {
                "Say --accept-quarantine to take the rest of it all the same, with these rows in quarantine.csv; \
                 or give a layout that fits it with --layout, or ask the sender for a sound file"
            }
            Self::Duplicate(_) => {
                "Say --accept-duplicate to count it all the same, if two accounts really have the same figures"
            }
        }
    }

    /// What is asked for.
    #[must_use]
    pub fn asks(&self) -> Asks {
        match self {
            Self::Quarantine(_) => Asks::Quarantine,
            Self::Duplicate(_) => Asks::Duplicate,
        }
    }
}

impl Again {
    /// What is there already, without a full stop.
    #[must_use]
    pub fn sentence(&self) -> String {
        let rows = if self.rows == 1 {
            "its only row is".to_owned()
        } else {
            format!("all its {} rows are", self.rows)
        };
        let sample = if self.is_about {
            " (as a sample of them shows)"
        } else {
            ""
        };
        let money: Vec<String> = self
            .money
            .iter()
            .map(|m| format!("{} {}", m.amount, m.currency))
            .collect();
        let money = if money.is_empty() {
            String::new()
        } else {
            format!(", {}", money.join(", "))
        };
        format!(
            "{rows} already in {}{sample}{money}: the same statement again, or a part of it, saved in another way",
            self.files.join(" and ")
        )
    }
}

impl StatementError {
    /// What is asked for, when an answer is all that is missing.
    #[must_use]
    pub fn asks(&self) -> Option<Asks> {
        match self {
            Self::Asks { asks, .. } => Some(*asks),
            Self::NotTaken { why, .. } => Some(why.asks()),
            _ => None,
        }
    }

    pub(crate) fn io(file: &Path, source: io::Error) -> Self {
        Self::Io {
            file: file.to_owned(),
            source,
        }
    }

    /// A file that is known by its kind and not read.
    pub(crate) fn of_kind(file: &Path, kind: super::kind::Kind) -> Self {
        Self::Refused {
            file: file.to_owned(),
            reason: kind.reason(),
            remedy: kind.remedy,
        }
    }

    pub(crate) fn read(file: &Path, source: io::Error) -> Self {
        let remedy = match source.kind() {
            io::ErrorKind::UnexpectedEof => "The file is cut off: download it again",
            io::ErrorKind::Other => "",
            _ => "Download it again, or check the disk",
        };
        Self::Read {
            file: file.to_owned(),
            source,
            remedy,
        }
    }

    pub(crate) fn archive(file: &Path, error: &zip::result::ZipError) -> Self {
        Self::Refused {
            file: file.to_owned(),
            reason: format!("the zip archive cannot be read ({error})"),
            remedy: "Download it again, or unpack it and import the statement itself".into(),
        }
    }
}
