//! One module for each screen. A screen has a state of its own, is shown with [`super::shared::Context`], and asks for what it wants done.
