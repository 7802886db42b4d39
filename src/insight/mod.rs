//! What can be told: timelines, boards, queues, sums, counts, search. It only reads.

mod aggregate;
mod blame;
mod board;
mod cases;
pub mod chance;
mod due;
mod dupes;
mod find;
mod lines;
mod list;
mod pace;
mod queue;
mod quote;
pub mod report;
pub mod score;
mod service;
mod timeline;

pub use aggregate::{By, Counted, Group, Summed, Total, count_by, is_summable, sum};
pub use blame::{Blamed, ImportedRow, Origin, blame};
pub use board::{Board, BoardRequest, Column, board};
pub use cases::{Case, cases, percentile, promoters};
pub use due::due_service;
pub use dupes::{Dupes, DupesRequest, MIN, Twin, compare_two, dupes};
pub use find::{Hit, find};
pub use lines::{Older, Reading, entry, lines, older};
pub use list::{COLUMNS, List, Listed, SORT, keep_list};
pub use pace::{ENOUGH, Neglect, Pace, Standing, at_stage_since, pace};
pub use queue::{KeptQueue, Pressing, Queue, Urgency, queue};
pub use quote::show_quote;
pub use service::{Chosen, Service, histories, service};
pub use timeline::{Entry, Timeline, TimelineRequest, What, timeline};
