//! Circles of things that depend on each other.

use std::collections::BTreeMap;

/// The strongly connected components that depend on nothing outside of them, of a graph in which everything depends on
/// something (Tarjan, "Depth-first search and linear graph algorithms", 1972; without recursion).
pub fn last_circles(needs: &BTreeMap<usize, Vec<usize>>) -> Vec<Vec<usize>> {
    let mut search = Search {
        needs,
        seen: BTreeMap::new(),
        component: BTreeMap::new(),
        stack: Vec::new(),
        found: Vec::new(),
    };
    for place in needs.keys() {
        if !search.seen.contains_key(place) {
            search.from(*place);
        }
    }
    let (component, found) = (&search.component, &search.found);
    let is_last = |(number, members): &(usize, &Vec<usize>)| {
        let mut reached = members.iter().flat_map(|member| &needs[member]);
        reached.all(|other| component[other] == *number)
    };
    let circles = found.iter().enumerate().filter(is_last);
    circles.map(|(_, members)| members.clone()).collect()
}

struct Search<'a> {
    needs: &'a BTreeMap<usize, Vec<usize>>,
    /// When each was seen, and the earliest that it leads to.
    seen: BTreeMap<usize, (usize, usize)>,
    component: BTreeMap<usize, usize>,
    stack: Vec<usize>,
    found: Vec<Vec<usize>>,
}

impl Search<'_> {
    fn from(&mut self, start: usize) {
        let mut path = vec![(start, 0)];
        self.enter(start);
        while let Some((place, next)) = path.pop() {
            let Some(&other) = self.needs[&place].get(next) else {
                self.leave(place);
                if let Some((parent, _)) = path.last() {
                    self.reaches(*parent, self.seen[&place].1);
                }
                continue;
            };
            path.push((place, next + 1));
            if !self.seen.contains_key(&other) {
                self.enter(other);
                path.push((other, 0));
            } else if !self.component.contains_key(&other) {
                self.reaches(place, self.seen[&other].0);
            }
        }
    }

    fn enter(&mut self, place: usize) {
        let now = self.seen.len();
        self.seen.insert(place, (now, now));
        self.stack.push(place);
    }

    fn reaches(&mut self, place: usize, earliest: usize) {
        let seen = self.seen.get_mut(&place).expect("it was entered");
        seen.1 = seen.1.min(earliest);
    }

    fn leave(&mut self, place: usize) {
        let (when, earliest) = self.seen[&place];
        if when != earliest {
            return;
        }
        let from = self.stack.iter().rposition(|on_stack| *on_stack == place);
        let mut members = self
            .stack
            .split_off(from.expect("it was entered and not left"));
        members.sort_unstable();
        for member in &members {
            self.component.insert(*member, self.found.len());
        }
        self.found.push(members);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circles(needs: &[(usize, &[usize])]) -> Vec<Vec<usize>> {
        let needs = needs
            .iter()
            .map(|(place, others)| (*place, others.to_vec()));
        last_circles(&needs.collect())
    }

    #[test]
    fn what_depends_on_a_circle_is_not_in_it() {
        assert_eq!(circles(&[]), Vec::<Vec<usize>>::new());
        assert_eq!(circles(&[(1, &[2]), (2, &[1]), (3, &[1])]), [[1, 2]]);
        assert_eq!(circles(&[(1, &[2]), (2, &[3]), (3, &[1])]), [[1, 2, 3]]);
        assert_eq!(
            circles(&[
                (1, &[2]),
                (2, &[1, 3]),
                (3, &[4]),
                (4, &[3]),
                (5, &[6]),
                (6, &[5])
            ]),
            [[3, 4], [5, 6]]
        );
    }

    #[test]
    fn a_long_circle_needs_no_deep_stack() {
        let needs: BTreeMap<usize, Vec<usize>> = (0..100_000)
            .map(|place| (place, vec![(place + 1) % 100_000]))
            .collect();
        assert_eq!(last_circles(&needs).len(), 1);
    }
}
