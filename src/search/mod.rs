//! Finding records by a few letters of what they are called.
//!
//! Texts are folded once and kept in one buffer; words are looked for in any order.
//! A look at every line, on all processors, tells where the words stand, and only the best
//! of them are scored. This room knows lines and ids: neither the store that the lines come
//! from nor the screen that the hits go to.

mod index;
mod lines;
mod looking;
mod marks;
mod place;
mod scorer;
mod top;
mod words;

pub use index::{Found, Hit, Index};
pub use lines::{Entry, Lines};
pub use looking::{Limits, Looking};
pub use marks::Marks;
pub use place::{Place, place};
pub use scorer::{Scorer, Skim, letters};
pub use top::Top;
pub use words::Words;
