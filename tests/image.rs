//! The image: one suite for every kind of it, and what happens to it when its
//! files are damaged.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::ops::{Bound, ControlFlow};

use proptest::prelude::*;
use rolo::store::image::{Batch, Image, ImageFolder, Limits, MemoryImage};

type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

fn all(image: &dyn Image) -> Pairs {
    scanned(image, Bound::Unbounded, Bound::Unbounded, false, usize::MAX)
}

fn scanned(image: &dyn Image, from: Bound<&[u8]>, to: Bound<&[u8]>, reverse: bool, most: usize) -> Pairs {
    let mut found = Vec::new();
    if most > 0 {
        image
            .scan(from, to, reverse, &mut |key, value| {
                found.push((key.to_vec(), value.to_vec()));
                if found.len() == most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })
            .unwrap();
    }
    found
}

/// Short keys over few letters, so that changes meet.
fn a_key() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(prop_oneof![Just(0_u8), Just(1), Just(b'a'), Just(254), Just(255)], 0..5)
}

fn a_bound() -> impl Strategy<Value = Bound<Vec<u8>>> {
    prop_oneof![Just(Bound::Unbounded), a_key().prop_map(Bound::Included), a_key().prop_map(Bound::Excluded),]
}

#[derive(Debug, Clone)]
enum Step {
    Apply(Vec<(Vec<u8>, Option<Vec<u8>>)>),
    Flush,
    Scan(Bound<Vec<u8>>, Bound<Vec<u8>>, bool, usize),
    Reopen,
}

fn a_step() -> impl Strategy<Value = Step> {
    let change = (a_key(), proptest::option::weighted(0.7, proptest::collection::vec(any::<u8>(), 0..40)));
    prop_oneof![
        6 => proptest::collection::vec(change, 0..30).prop_map(Step::Apply),
        1 => Just(Step::Flush),
        4 => (a_bound(), a_bound(), any::<bool>(), 0..20_usize)
            .prop_map(|(from, to, reverse, most)| Step::Scan(from, to, reverse, most)),
        1 => Just(Step::Reopen),
    ]
}

/// Takes `steps` on an image and on a map and compares all that can be seen.
fn same_as_a_map(steps: &[Step], mut image: Box<dyn Image>, reopen: &dyn Fn(Box<dyn Image>) -> Box<dyn Image>) {
    let mut map = BTreeMap::<Vec<u8>, Vec<u8>>::new();
    for step in steps {
        match step {
            Step::Apply(changes) => {
                let mut batch = Batch::new();
                for (key, value) in changes {
                    match value {
                        Some(value) => {
                            batch.put(key.clone(), value.clone());
                            map.insert(key.clone(), value.clone());
                        }
                        None => {
                            batch.delete(key.clone());
                            map.remove(key);
                        }
                    }
                }
                image.apply(&batch).unwrap();
                for (key, _) in changes {
                    assert_eq!(image.get(key).unwrap().as_ref(), map.get(key));
                }
                let keys: Vec<&[u8]> = changes.iter().map(|(key, _)| key.as_slice()).collect();
                let expected: Vec<_> = keys.iter().map(|key| map.get(*key).cloned()).collect();
                assert_eq!(image.get_many(&keys).unwrap(), expected);
            }
            Step::Flush => image.flush().unwrap(),
            Step::Scan(from, to, reverse, most) => {
                let (from, to) = (as_slice(from), as_slice(to));
                let inside = map.iter().filter(|(key, _)| {
                    use std::ops::RangeBounds;
                    RangeBounds::<[u8]>::contains(&(from, to), key.as_slice())
                });
                let mut expected: Pairs = inside.map(|(k, v)| (k.clone(), v.clone())).collect();
                if *reverse {
                    expected.reverse();
                }
                expected.truncate(*most);
                assert_eq!(scanned(&*image, from, to, *reverse, *most), expected);
            }
            Step::Reopen => {
                image.flush().unwrap();
                image = reopen(image);
            }
        }
    }
    let expected: Pairs = map.into_iter().collect();
    assert_eq!(all(&*image), expected);
}

fn as_slice(bound: &Bound<Vec<u8>>) -> Bound<&[u8]> {
    match bound {
        Bound::Unbounded => Bound::Unbounded,
        Bound::Included(key) => Bound::Included(key),
        Bound::Excluded(key) => Bound::Excluded(key),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn memory_answers_as_a_map_does(steps in proptest::collection::vec(a_step(), 1..20)) {
        same_as_a_map(&steps, Box::new(MemoryImage::new()), &|image| image);
    }

    #[test]
    fn sled_answers_as_a_map_does(steps in proptest::collection::vec(a_step(), 1..20)) {
        let dir = tempfile::tempdir().unwrap();
        let folder = ImageFolder::new(&dir.path().join("image"), Limits::default()).unwrap();
        assert!(folder.open_newest().unwrap().is_none());
        let first = folder.next_generation().unwrap();
        same_as_a_map(&steps, Box::new(first), &|image| {
            drop(image);
            Box::new(folder.open_newest().unwrap().unwrap())
        });
    }
}
