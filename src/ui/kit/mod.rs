//! What every screen of the window is made of: colors, fonts, the big table and small widgets.
//!
//! Nothing here knows what a statement is: the kit uses no other module of the library, so that a screen can be changed without touching it,
//! and it without touching a screen.

pub mod bidi;
pub mod dialogs;
pub mod fonts;
pub mod frame_time;
pub mod guide_link;
pub mod markdown;
pub mod numbers;
pub mod palette;
pub mod shortcuts;
pub mod table;
pub mod theme;
pub mod widgets;
