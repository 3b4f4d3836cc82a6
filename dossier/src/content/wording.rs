//! What must be typed and removed to turn the words of a text into others.
//!
//! Two people who changed different words of a text should both be heard, so as little as possible is replaced: the
//! common beginning and end stay, and between them a shortest edit (Myers 1986) is looked for up to [`MAX_DISTANCE`];
//! beyond that the middle is replaced. A letter and what is joined to it (combining marks, the parts of an emoji) are one.

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

/// The longest edit that is looked for: so many letters removed or typed between the first and the last that differ.
const MAX_DISTANCE: usize = 256;

/// Old letters that give way to new ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Splice {
    pub old: Range<usize>,
    pub new: Range<usize>,
}

/// Whether a letter begins with this character, given the one before.
pub fn begins_letter(before: Option<char>, character: char) -> bool {
    const JOINER: char = '\u{200d}';
    let joins = before == Some(JOINER)
        || character == JOINER
        || is_combining_mark(character)
        || matches!(character, '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}');
    before.is_none() || !joins
}

/// The letters of a text.
pub fn letters(text: &str) -> Vec<&str> {
    let mut before = None;
    let begins = text.char_indices().filter(|(_, character)| begins_letter(before.replace(*character), *character));
    let starts: Vec<usize> = begins.map(|(at, _)| at).collect();
    let ends = starts.iter().copied().skip(1).chain([text.len()]);
    starts.iter().zip(ends).map(|(from, to)| &text[*from..to]).collect()
}

/// What to replace, in order and apart from each other; nothing if both are the same.
pub fn splices(old: &[&str], new: &[&str]) -> Vec<Splice> {
    let shorter = old.len().min(new.len());
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let tail = old.iter().rev().zip(new.iter().rev()).take(shorter - head).take_while(|(a, b)| a == b).count();
    let (old_to, new_to) = (old.len() - tail, new.len() - tail);
    let (old_middle, new_middle) = (&old[head..old_to], &new[head..new_to]);
    if old_middle.is_empty() && new_middle.is_empty() {
        return Vec::new();
    }
    match kept(old_middle, new_middle) {
        Some(kept) => between(&kept, old_middle.len(), new_middle.len(), head),
        None => vec![Splice { old: head..old_to, new: head..new_to }],
    }
}

/// The splices between pairs of letters that stay.
fn between(kept: &[(usize, usize)], old_len: usize, new_len: usize, offset: usize) -> Vec<Splice> {
    let mut splices = Vec::new();
    let (mut old_from, mut new_from) = (0, 0);
    for (old, new) in kept.iter().copied().chain([(old_len, new_len)]) {
        if old > old_from || new > new_from {
            splices.push(Splice { old: offset + old_from..offset + old, new: offset + new_from..offset + new });
        }
        (old_from, new_from) = (old + 1, new + 1);
    }
    splices
}

/// Pairs of letters that stay in a shortest edit; `None` if it is longer than [`MAX_DISTANCE`].
///
/// `reach[k]` is how far in `old` an edit of `distance` steps can be on diagonal `k = old − new`, shifted by the distance
/// so that it is an index.
fn kept(old: &[&str], new: &[&str]) -> Option<Vec<(usize, usize)>> {
    let mut rounds: Vec<Vec<usize>> = Vec::new();
    for distance in 0..=MAX_DISTANCE.min(old.len() + new.len()) {
        let mut reach = vec![0; 2 * distance + 1];
        for place in (0..=2 * distance).step_by(2) {
            let from = rounds.last().map_or(0, |before| step(before, place, distance).0);
            let mut at = from;
            let mut to = at + distance - place;
            while at < old.len() && to < new.len() && old[at] == new[to] {
                (at, to) = (at + 1, to + 1);
            }
            reach[place] = at;
            if at >= old.len() && to >= new.len() {
                rounds.push(reach);
                return Some(trace(&rounds, place));
            }
        }
        rounds.push(reach);
    }
    None
}

/// Where an edit of `distance` steps enters diagonal `place`, and from which place of the round before: by removing a
/// letter, from the diagonal below, or by typing one, from the one above.
fn step(before: &[usize], place: usize, distance: usize) -> (usize, usize) {
    let last = 2 * distance;
    // Places of the round before are one less, since its diagonals are shifted by one less.
    let typing = (place + 1 < last).then(|| before[place]);
    let removing = place.checked_sub(2).map(|below| before[below] + 1);
    match (typing, removing) {
        (Some(typing), Some(removing)) if typing >= removing => (typing, place),
        (_, Some(removing)) => (removing, place - 2),
        (Some(typing), None) => (typing, place),
        (None, None) => (0, 0),
    }
}

/// The pairs on the way that reached `place` in the last round.
fn trace(rounds: &[Vec<usize>], mut place: usize) -> Vec<(usize, usize)> {
    let mut kept = Vec::new();
    for distance in (0..rounds.len()).rev() {
        let reached = rounds[distance][place];
        let (from, before) = match distance.checked_sub(1) {
            Some(last) => step(&rounds[last], place, distance),
            None => (0, 0),
        };
        kept.extend((from..reached).rev().map(|at| (at, at + distance - place)));
        place = before;
    }
    kept.reverse();
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn edited(old: &str, new: &str) -> (String, usize) {
        let (old, new) = (letters(old), letters(new));
        let (mut out, mut from, mut touched) = (String::new(), 0, 0);
        for splice in splices(&old, &new) {
            out.extend(old[from..splice.old.start].iter().copied());
            out.extend(new[splice.new.clone()].iter().copied());
            from = splice.old.end;
            touched += splice.old.len() + splice.new.len();
        }
        out.extend(old[from..].iter().copied());
        (out, touched)
    }

    #[test]
    fn a_letter_stays_whole() {
        assert_eq!(letters("Việt"), ["V", "i", "ệ", "t"]);
        assert_eq!(letters("e\u{323}\u{302}x"), ["e\u{323}\u{302}", "x"]);
        assert_eq!(letters("👩‍👧👍🏽"), ["👩‍👧", "👍🏽"]);
    }

    #[test]
    fn what_stays_between_two_edits_is_not_typed_again() {
        assert_eq!(edited("Mất giấy tờ do bão", "Bị mất giấy do mưa bão").1, 12);
        assert_eq!(edited("", "").1, 0);
        assert_eq!(splices(&letters("abc"), &letters("abc")), []);
        assert_eq!(splices(&letters("ab"), &letters("axb")), [Splice { old: 1..1, new: 1..2 }]);
    }

    proptest! {
        #[test]
        fn any_words_become_any_others(old in "[ab ệ👍🏽\u{301}]{0,40}", new in "[ab ệ👍🏽\u{301}]{0,40}") {
            prop_assert_eq!(edited(&old, &new).0, new);
        }

        #[test]
        fn far_apart_words_are_replaced_whole(old in "[a-m]{200,400}", new in "[n-z]{200,400}") {
            prop_assert_eq!(edited(&old, &new).0, new);
        }
    }
}
