//! Kinds, records, fields and values: pure, no I/O, no clock.
