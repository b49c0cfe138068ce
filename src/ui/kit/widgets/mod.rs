//! Small pieces that all screens share, so that the same thing looks and reads the same everywhere.
//!
//! Invariants: no piece computes; numbers come as texts or as whole numbers. Whatever can be clicked or typed into has a name for screen
//! readers, and no meaning is carried by a color alone: beside it stands a sign or a word.

mod controls;
mod panels;
mod status;

pub use controls::{
    SearchOutput, command_button_ui, keys_ui, main_button_ui, search_box_ui, tooltip_with_keys,
};
pub use panels::{
    EmptyState, ErrorPanel, Notice, NoticeAnswer, confirm_strip_ui, empty_state_ui, error_panel_ui,
    fill_panel, key_values_ui, name_as_heading, notice_ui, right_cell_ui, section_header_ui,
};
pub use status::{
    BarShare, PillStatus, ProgressBar, busy_ui, grouped, pill_ui, progress_row_ui, share_bar_ui,
};
