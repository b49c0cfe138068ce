//! ISRCs that several tracks of the catalog share, with the money that hangs on them.
