//! The open period as it was settled last, so that screens that look at the same do not settle it twice.

use std::sync::Arc;

use super::OpenPeriod;
use crate::ident::SalePeriod;
use crate::session::desk::Desk;
use crate::session::{Session, SessionError};
use parking_lot::Mutex;

/// What is known: of which desk and period.
struct Known {
    generation: u64,
    wanted: Option<SalePeriod>,
    open: Arc<OpenPeriod>,
}

/// Keeps the open period of the latest desk that was asked for.
#[derive(Clone, Default)]
pub struct KnownPeriod(Arc<Mutex<Option<Known>>>);

impl KnownPeriod {
    /// The open period of a desk, settled when it is not known yet. Waits while another thread settles it.
    ///
    /// # Errors
    /// As for [`Session::open_period`].
    pub fn open(
        &self,
        session: &Session,
        desk: &Desk,
        wanted: Option<SalePeriod>,
    ) -> Result<Arc<OpenPeriod>, SessionError> {
        let mut known = self.0.lock();
        if let Some(known) = known
            .as_ref()
            .filter(|k| k.generation == desk.generation && k.wanted == wanted)
        {
            return Ok(Arc::clone(&known.open));
        }
        // Both at once would take twice the memory.
        *known = None;
        let open = Arc::new(session.open_period_of(desk, desk.terms(), desk.periods(), wanted)?);
        *known = Some(Known {
            generation: desk.generation,
            wanted,
            open: Arc::clone(&open),
        });
        Ok(open)
    }
}
