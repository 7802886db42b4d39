//! The query language: parse, print, evaluate, explain.
