//! A store of each format, kept for ever.
