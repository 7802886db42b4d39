//! The store: one log is the truth, sled is its image.
