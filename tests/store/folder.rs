//! The store in a folder of a real disk: its lock, its privacy, its image in sled.
