//! Duplicates, and clippings within a project.

use expect_test::expect;

use crate::dsl::nodes;
use crate::peer::{ann, check, check_refused};
use crate::say::*;

const TREE: &str = r#"
person "Ana" #ana
phase "P" #p
  task "A" #a assignees=#ana notes="Words" hours=#ana@2026-03-02:4
    step "S" #s status=done
  task "B" #b
#a blocks #b +1d
#s relates #b
"#;

#[test]
fn duplicate_nodes_beside_their_originals() {
    check(
        TREE,
        duplicate("a"),
        expect![[r#"
        person "Ana" #ana
        phase "P" #p
          task "A" #a assignees=#ana hours=#ana@2026-03-02:4 notes="Words"
            step "S" #s status=done
          task "A" #new1 assignees=#ana hours=#ana@2026-03-02:4 notes="Words"
            step "S" #new2 status=done
          task "B" #b
        #a blocks #b +1d
        #s relates #b
    "#]],
    );
    check(
        TREE,
        duplicate("p"),
        expect![[r#"
        person "Ana" #ana
        phase "P" #p
          task "A" #a assignees=#ana hours=#ana@2026-03-02:4 notes="Words"
            step "S" #s status=done
          task "B" #b
        phase "P" #new1
          task "A" #new2 assignees=#ana hours=#ana@2026-03-02:4 notes="Words"
            step "S" #new3 status=done
          task "B" #new4
        #a blocks #b +1d
        #new2 blocks #new4 +1d
        #new3 relates #new4
        #s relates #b
    "#]],
    );
    check(
        TREE,
        duplicate("s a b"),
        expect![[r#"
        person "Ana" #ana
        phase "P" #p
          task "A" #a assignees=#ana hours=#ana@2026-03-02:4 notes="Words"
            step "S" #s status=done
          task "A" #new1 assignees=#ana hours=#ana@2026-03-02:4 notes="Words"
            step "S" #new2 status=done
          task "B" #b
          task "B" #new3
        #a blocks #b +1d
        #s relates #b
    "#]],
    );
}

#[test]
fn duplicating_people_and_their_work_leads_to_the_copies() {
    check(
        "phase \"P\" #p\nperson \"Ana\" #ana\n",
        batch([
            create(r#"task "A" #a assignees=#ana"#, last("p")),
            duplicate("p ana"),
        ]),
        expect![[r#"
            phase "P" #p
              task "A" #a assignees=#ana
            phase "P" #new1
              task "A" #new2 assignees=#ana
            person "Ana" #ana
            person "Ana" #new3
        "#]],
    );
}

#[test]
fn paste_nodes_within_the_project() {
    let mut ann = ann(TREE);
    let clipping = ann.project.clip(&nodes("a b"));
    ann.check(
        paste(clipping, first("p")),
        expect![[r#"
        person "Ana" #ana
        phase "P" #p
          task "A" #new1 assignees=#ana hours=#ana@2026-03-02:4 notes="Words"
            step "S" #new2 status=done
          task "B" #new3
          task "A" #a assignees=#ana hours=#ana@2026-03-02:4 notes="Words"
            step "S" #s status=done
          task "B" #b
        #a blocks #b +1d
        #new1 blocks #new3 +1d
        #new2 relates #new3
        #s relates #b
    "#]],
    );
}

#[test]
fn paste_of_a_clipping_whose_originals_are_gone() {
    let mut ann = ann(TREE);
    let clipping = ann.project.clip(&nodes("a"));
    ann.does(trash("ana p"));
    ann.check(
        paste(clipping, last("")),
        expect![[r#"
        task "A" #new1 notes="Words"
          step "S" #new2 status=done
        trash:
          person "Ana" #ana
        trash:
          phase "P" #p
          task "A" #a assignees=#ana hours=#ana@2026-03-02:4 notes="Words"
          task "B" #b
          step "S" #s status=done
    "#]],
    );
}

#[test]
fn paste_twice_with_one_seed_is_refused() {
    let mut ann = ann("task \"A\" #a");
    let clipping = ann.project.clip(&nodes("a"));
    ann.does(paste(clipping.clone(), last("")));
    let again = ann.try_to(&paste(clipping, last("")));
    assert_eq!(again.map_err(|it| it.code()), Err("NODE_EXISTS"));
}

#[test]
fn refused_pastes() {
    let project = ann(TREE).project;
    let step = || project.clip(&nodes("s"));
    let mut foreign_type = step();
    foreign_type.nodes[0].node_type = "gone".into();
    let mut later_parent = project.clip(&nodes("a"));
    later_parent.nodes[0].parent = Some(1);
    let mut long = project.clip(&nodes("b"));
    let title = graph::value::Value::Text("x".repeat(100_000));
    long.nodes[0].values = vec![("title".into(), title)];
    for (command, message) in [
        (
            paste(step(), last("")),
            expect![
                "TYPE_NOT_ALLOWED: Steps cannot be placed at the top level; possible there: Phases, Tasks, People, Tools"
            ],
        ),
        (
            paste(step(), last("s")),
            expect![
                "TYPE_NOT_ALLOWED: Steps cannot be placed under “Step”; nothing can be placed there"
            ],
        ),
        (
            paste(step(), last("gone")),
            expect![
                "NODE_NOT_FOUND: there is no node 676f6e65-0000-0000-0000-000000000000; it may have been deleted"
            ],
        ),
        (
            paste(foreign_type, last("a")),
            expect!["TYPE_NOT_FOUND: there is no node type gone in this project's template"],
        ),
        (
            paste(Default::default(), last("")),
            expect!["NOTHING_CHOSEN: nothing was chosen"],
        ),
        (
            paste(later_parent, last("")),
            expect!["PLACE_NOT_FOUND: the place is not among the children of the parent"],
        ),
        (
            paste(long, last("")),
            expect!["TOO_LONG: Title has 100000 characters; at most 5000 are kept"],
        ),
        (duplicate(""), expect!["NOTHING_CHOSEN: nothing was chosen"]),
        (
            duplicate("gone"),
            expect![
                "NODE_NOT_FOUND: there is no node 676f6e65-0000-0000-0000-000000000000; it may have been deleted"
            ],
        ),
    ] {
        check_refused(TREE, command, message);
    }
}

/// A clipping comes from a file or another program: its links are held to the rules too.
#[test]
fn pasted_links_keep_the_rules() {
    let mut ann = ann("task \"A\" #a\ntask \"B\" #b\n#a blocks #b");
    let mut clipping = ann.project.clip(&nodes("a b"));
    let mut back = clipping.links[0].clone();
    (back.from, back.to) = (back.to, back.from);
    let mut own = clipping.links[0].clone();
    own.to = own.from;
    clipping.links.extend([back, own.clone(), own]);
    clipping.links.push(clipping.links[0].clone());
    ann.does(paste(clipping, last("")));
    expect![[r#"
        task "A" #a
        task "B" #b
        task "A" #new1
        task "B" #new2
        #a blocks #b
        #new1 blocks #new2
        #new2 blocks #new1
        ! BlockingCycle #new2: These block each other in a circle: “B” → “A” → “B”.
            Remove the newest link
    "#]]
    .assert_eq(&ann.show());
}
