//! Paths, files, precedence, and diagnostics with line and column.
