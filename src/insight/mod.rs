//! What can be told: timelines, sums, counts. It only reads.
