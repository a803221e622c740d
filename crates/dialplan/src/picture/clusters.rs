//! What belongs together: the places that callers only come to by one way from a question.

use super::Arrow;

/// A question with at least so many ways parts a plan into topics.
const TOPICS_MIN: usize = 3;

/// For each node the one that every way to it passes last (its immediate dominator; K. Cooper,
/// T. Harvey and K. Kennedy, "A Simple, Fast Dominance Algorithm", 2001).
pub(super) struct Tree {
    above: Vec<Option<usize>>,
    /// Nodes in the order they are come to, the start first.
    order: Vec<usize>,
}

impl Tree {
    pub fn of(count: usize, start: usize, arrows: &[Arrow]) -> Self {
        let mut ahead = vec![Vec::new(); count];
        let mut behind = vec![Vec::new(); count];
        for arrow in arrows {
            ahead[arrow.from].push(arrow.to);
            behind[arrow.to].push(arrow.from);
        }
        let order = come_to(&ahead, start);
        let mut place = vec![usize::MAX; count];
        for (number, node) in order.iter().enumerate() {
            place[*node] = number;
        }
        let mut above: Vec<Option<usize>> = vec![None; count];
        if let Some(start) = order.first() {
            above[*start] = Some(*start);
        }
        let mut is_settled = false;
        while !is_settled {
            is_settled = true;
            for node in order.iter().skip(1) {
                let known = behind[*node]
                    .iter()
                    .copied()
                    .filter(|from| above[*from].is_some());
                let common = known.reduce(|one, other| meet(&above, &place, one, other));
                if above[*node] != common {
                    above[*node] = common;
                    is_settled = false;
                }
            }
        }
        if let Some(start) = order.first() {
            above[*start] = None;
        }
        Self { above, order }
    }

    /// The node that every way to this one passes last.
    pub fn above(&self, node: usize) -> Option<usize> {
        self.above[node]
    }

    /// Each topic: its first node and all of its nodes, where there are at least two.
    pub fn frames(&self) -> Vec<(usize, Vec<usize>)> {
        let Some(hub) = self.hub() else {
            return Vec::new();
        };
        let mut topic: Vec<Option<usize>> = vec![None; self.above.len()];
        for node in &self.order {
            topic[*node] = match self.above[*node] {
                Some(above) if above == hub => Some(*node),
                Some(above) => topic[above],
                None => None,
            };
        }
        let roots = self
            .order
            .iter()
            .filter(|node| self.above[**node] == Some(hub));
        let frame = |root: &usize| {
            let members = self
                .order
                .iter()
                .filter(|node| topic[**node] == Some(*root));
            (*root, members.copied().collect::<Vec<_>>())
        };
        roots
            .map(frame)
            .filter(|(_, members)| members.len() > 1)
            .collect()
    }

    /// The first question on every caller's way that parts the plan.
    fn hub(&self) -> Option<usize> {
        let mut below = vec![0_usize; self.above.len()];
        for above in self.above.iter().flatten() {
            below[*above] += 1;
        }
        self.order
            .iter()
            .copied()
            .find(|node| below[*node] >= TOPICS_MIN)
    }
}

/// The nearest node that both stand below.
fn meet(above: &[Option<usize>], place: &[usize], one: usize, other: usize) -> usize {
    let (mut one, mut other) = (one, other);
    while one != other {
        let later = if place[one] > place[other] {
            &mut one
        } else {
            &mut other
        };
        match above[*later] {
            Some(next) => *later = next,
            None => return one.min(other),
        }
    }
    one
}

/// Nodes in reverse postorder: none before all that lead to it, circles left out of account.
fn come_to(ahead: &[Vec<usize>], start: usize) -> Vec<usize> {
    let mut is_met = vec![false; ahead.len()];
    let mut order = Vec::new();
    let mut path = Vec::new();
    if start < ahead.len() {
        is_met[start] = true;
        path.push((start, 0));
    }
    while let Some((node, next)) = path.last_mut() {
        match ahead[*node].get(*next).copied() {
            Some(to) => {
                *next += 1;
                if !std::mem::replace(&mut is_met[to], true) {
                    path.push((to, 0));
                }
            }
            None => {
                order.push(*node);
                path.pop();
            }
        }
    }
    order.reverse();
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(count: usize, ways: &[(usize, usize)]) -> Tree {
        let arrow = |(from, to): &(usize, usize)| Arrow {
            from: *from,
            to: *to,
            word: String::new(),
            is_ladder: false,
            is_leap: false,
            is_aside: false,
            gone: 0,
            steps: Vec::new(),
        };
        let arrows: Vec<Arrow> = ways.iter().map(arrow).collect();
        Tree::of(count, 0, &arrows)
    }

    #[test]
    fn topics_are_what_one_way_from_the_menu_leads_to() {
        // 0 tells, 1 is the menu, 2 and 3 are a topic, 4 and 5 one in a circle, 6 is come to from both.
        let ways = [
            (0, 1),
            (1, 2),
            (2, 3),
            (1, 4),
            (4, 5),
            (5, 4),
            (3, 6),
            (5, 6),
            (6, 1),
            (1, 6),
        ];
        let tree = tree(7, &ways);
        assert_eq!(tree.above(3), Some(2));
        assert_eq!(tree.above(6), Some(1));
        let mut frames = tree.frames();
        frames.sort();
        assert_eq!(frames, [(2, vec![2, 3]), (4, vec![4, 5])]);
    }

    #[test]
    fn a_plan_without_a_menu_has_no_topics() {
        assert!(tree(3, &[(0, 1), (1, 2), (2, 0)]).frames().is_empty());
    }
}
