//! Formats in and out: tables, JSON, mapping files, rejects.
