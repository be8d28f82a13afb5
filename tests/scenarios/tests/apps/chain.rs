//! Machines of which only neighbours reach each other.

use testkit::netns::Lab;

use crate::desk::{Desk, PROGRAM, assert_equal};

/// A desk on each machine of a chain, each invited by the one before it.
fn chain(lab: &Lab, names: &[&str]) -> Vec<Desk> {
    let mut desks: Vec<Desk> = Vec::new();
    for name in names {
        let mut desk = Desk::everywhere(lab.machine(name).command(PROGRAM));
        match desks.last_mut() {
            Some(before) => {
                desk.join(&before.invitation());
                desk.is_let_in();
            }
            None => desk.share(),
        }
        desks.push(desk);
    }
    desks
}

#[test]
fn what_is_written_at_one_end_of_four_machines_reaches_the_other() {
    let names = ["ana", "c", "d", "ben"];
    let Some(lab) = Lab::chain(&names) else {
        return;
    };
    let mut desks = chain(&lab, &names);
    let [ana, c, d, ben] = &mut desks[..] else {
        unreachable!("four machines")
    };
    let from_ana = ana.write("From Ana");
    ben.has(&[from_ana]);
    let from_ben = ben.write("From Ben");
    ana.has(&[from_ben]);
    // All at once, also those in between.
    let all = [ana.write("A"), c.write("C"), d.write("D"), ben.write("B")];
    for desk in [&mut *ana, c, d, ben] {
        desk.has(&all);
        desk.is_live();
    }
    assert_equal(&mut [ana, c, d, ben]);
    // Nobody found a shorter way.
    assert_eq!((ana.neighbours().len(), ben.neighbours().len()), (1, 1));
}

#[test]
fn the_one_in_the_middle_joins_two_who_do_not_reach_each_other() {
    let names = ["ana", "middle", "ben"];
    let Some(lab) = Lab::chain(&names) else {
        return;
    };
    let mut desks = chain(&lab, &names);
    let mut ben = desks.pop().unwrap();
    let middle = desks.pop().unwrap();
    let mut ana = desks.pop().unwrap();
    let before = ana.write("Before");
    ben.has(&[before]);
    // While it is away both go on, and it brings them together again.
    let mut middle = {
        let command = lab.machine("middle").command(PROGRAM);
        let mut middle = middle;
        middle.kill();
        ana.is_offline();
        ben.is_offline();
        let apart = [ana.write("Ana apart"), ben.write("Ben apart")];
        let mut middle = middle.killed_and_restarted(command);
        ana.has(&apart);
        ben.has(&apart);
        middle.has(&apart);
        middle
    };
    assert_equal(&mut [&mut ana, &mut middle, &mut ben]);
}
