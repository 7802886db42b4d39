//! What a key in the finder costs, in allocations.

use rolo::domain::{Kind, RecordId};
use rolo::search::{Index, Limits, Lines, Skim, Words};
use stats_alloc::Region;

use crate::{ALLOCATOR, alone};

fn index(count: u64) -> Index {
    let mut lines = Lines::default();
    for n in 1..=count {
        let name = format!("{} {}", ["Ada", "Björn", "Chloé", "Иван"][n as usize % 4], ["Novák", "Hägg", "Brandt"][n as usize % 3]);
        lines.push(RecordId::new(Kind::Contact, n), &name, &format!("c{n} p{n}@example.com Firm {}", n % 5_000));
    }
    Index::new(lines, 1)
}

/// Types a text and returns how many bytes each key has allocated.
fn typed(index: &Index, text: &str) -> Vec<usize> {
    let scorer = Skim::default();
    let mut before = None;
    let ends: Vec<usize> = text.char_indices().map(|(at, c)| at + c.len_utf8()).collect();
    let mut bytes = Vec::with_capacity(ends.len());
    for end in ends {
        let region = Region::new(ALLOCATOR);
        let words = Words::of(&text[..end]);
        let limits = Limits { most: 100, within: before.as_ref(), stop: &|| false };
        let found = index.search(&words, &scorer, &limits).unwrap();
        assert!(found.looking.total() > 0, "{}", &text[..end]);
        before = Some(found.looking.into_marks());
        bytes.push(region.change().bytes_allocated);
    }
    bytes
}

#[test]
fn a_key_allocates_the_same_however_many_lines_there_are() {
    let _alone = alone();
    let (few, many) = (index(50_000), index(200_000));
    for text in ["novak", "ada nov", "example", "иван"] {
        // What is needed once is there after the first time.
        typed(&few, text);
        typed(&many, text);
        let (few, many) = (typed(&few, text), typed(&many, text));
        for (key, (few, many)) in few.iter().zip(&many).enumerate() {
            assert!(*many <= few + few / 4 + 16_384, "{text}, key {key}: {few} bytes of 50,000 lines, {many} of 200,000");
        }
    }
}

#[test]
fn a_line_takes_little_more_than_its_text() {
    let _alone = alone();
    let index = index(50_000);
    assert!(index.bytes() < 50_000 * 82, "{}", index.bytes());
}
