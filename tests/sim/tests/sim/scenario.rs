//! Stories of closed rooms, told on whole applications.

use std::collections::BTreeSet;

use app::project::Ask;
use app::request::Request;
use app::room::members::Saying;
use graph::command::{Command, Place, Position};
use graph::id::{CommentId, NodeId};
use trust::record::Role;
use uuid::Uuid;

use crate::world::{Broken, World};

const ANA: usize = 0;
const BEN: usize = 1;
const CLEO: usize = 2;
const DORA: usize = 3;

/// Worlds in which each story is told.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=10;

/// Ana owns the room, everybody is linked to her, and Cleo to Ben as well. All is calm.
fn begin(seed: u64) -> Result<World, Broken> {
    let mut world = World::new(seed, 4, 0)?;
    world.reach = BTreeSet::from([(ANA, BEN), (ANA, CLEO), (ANA, DORA), (BEN, CLEO)]);
    world.come_to_rest()?;
    Ok(world)
}

fn set(
    world: &mut World,
    at: usize,
    name: Option<&str>,
    currency: Option<&str>,
) -> Result<(), Broken> {
    let command = Command::SetProject {
        name: name.map(str::to_owned),
        currency: currency.map(str::to_owned),
    };
    apply(world, at, command)
}

fn apply(world: &mut World, at: usize, command: Command) -> Result<(), Broken> {
    let now = world.now;
    let desk = world.desk(at).ok_or("no application")?;
    let project = desk.id();
    desk.ask(now, Request::Apply { project, command })??;
    world.send_out(at)?;
    world.settle()
}

const NODE: NodeId = NodeId(Uuid::from_u128(7));

fn create_node(world: &mut World, at: usize) -> Result<(), Broken> {
    let desk = world.desk(at).ok_or("no application")?;
    let graph = desk.graph().ok_or("no application")?;
    let types = &graph.view().frame().schema.template().types;
    let top = types.iter().find(|it| it.top_level);
    let command = Command::CreateNode {
        node: NODE,
        node_type: top.ok_or("no type is at the top")?.id.clone(),
        place: Place {
            parent: None,
            at: Position::Last,
        },
        values: Vec::new(),
    };
    apply(world, at, command)
}

fn comment_of(author: usize) -> CommentId {
    CommentId(Uuid::from_u128(author as u128))
}

fn comment(world: &mut World, at: usize) -> Result<(), Broken> {
    let command = Command::AddComment {
        comment: comment_of(at),
        node: NODE,
        reply_to: None,
        body: "And this?".to_owned(),
    };
    apply(world, at, command)
}

fn has_comment(world: &mut World, at: usize, author: usize) -> bool {
    let graph = world.desk(at).and_then(|desk| desk.graph());
    graph.is_some_and(|it| it.view().comment(comment_of(author)).is_some())
}

fn shown(world: &mut World, at: usize) -> Option<(String, String)> {
    let frame = world.desk(at)?.graph()?.view().frame();
    Some((frame.name.clone(), frame.currency.clone()))
}

fn say(world: &mut World, at: usize, saying: Saying) -> Result<(), Broken> {
    let now = world.now;
    let desk = world.desk(at).ok_or("no application")?;
    desk.put(now, Ask::Say(saying))??;
    world.send_out(at)?;
    world.settle()
}

/// Ben and Cleo are away from the others. He writes, and Ana removes him, which neither of them hears.
fn remove_who_is_away(world: &mut World) -> Result<(), Broken> {
    world.part(BTreeSet::from([BEN, CLEO]))?;
    set(world, BEN, Some("By Ben"), None)?;
    let ben = world.device(BEN).ok_or("Ben is down")?;
    say(world, ANA, Saying::Role(ben, None))?;
    assert_eq!(shown(world, CLEO).unwrap().0, "By Ben");
    assert_ne!(shown(world, ANA).unwrap().0, "By Ben");
    Ok(())
}

fn on_all(tell: impl Fn(&mut World) -> Result<(), Broken>) {
    for seed in SEEDS {
        let told = begin(seed).and_then(|mut world| tell(&mut world));
        told.unwrap_or_else(|broken| panic!("seed {seed}: {broken}"));
    }
}

#[test]
fn an_honest_member_who_builds_on_a_removed_ones_frame_before_she_learns_of_it_strands_nobody() {
    on_all(|world| {
        remove_who_is_away(world)?;
        set(world, CLEO, None, Some("USD"))?;
        world.partition = None;
        world.come_to_rest()?;
        for at in [ANA, CLEO, DORA] {
            let wanted = ("By Ben".to_owned(), "USD".to_owned());
            assert_eq!(shown(world, at), Some(wanted));
        }
        assert!(world.counts["beyond-the-cut"] > 0);
        // What he writes from now on is his alone.
        let now = world.now;
        let refused = {
            let ben = world.desk(BEN).ok_or("no application")?;
            let command = Command::SetProject {
                name: Some("Again by Ben".to_owned()),
                currency: None,
            };
            let project = ben.id();
            ben.ask(now, Request::Apply { project, command })?
        };
        assert_eq!(refused.err().as_deref(), Some("NOT_A_MEMBER_HERE"));
        Ok(())
    });
}

#[test]
fn what_a_removed_one_wrote_meanwhile_counts_once_somebody_who_has_it_writes() {
    on_all(|world| {
        remove_who_is_away(world)?;
        world.partition = None;
        world.come_to_rest()?;
        for at in [ANA, CLEO, DORA] {
            // Whoever wrote last has named the project.
            assert_eq!(shown(world, at), shown(world, ANA));
        }
        assert!(world.counts["built-on"] > 0 && world.counts["beyond-the-cut"] > 0);
        Ok(())
    });
}

#[test]
fn r13_who_comments_beside_a_removed_ones_comment_strands_nobody() {
    on_all(|world| {
        create_node(world, ANA)?;
        let [ben, cleo] = [BEN, CLEO].map(|at| world.device(at));
        let (ben, cleo) = (ben.ok_or("Ben is down")?, cleo.ok_or("Cleo is down")?);
        say(world, ANA, Saying::Role(cleo, Some(Role::Commenter)))?;
        // Ben and Cleo are away. His comment stands behind a change of the project, for which her word is not enough.
        world.part(BTreeSet::from([BEN, CLEO]))?;
        set(world, BEN, Some("By Ben"), None)?;
        comment(world, BEN)?;
        comment(world, CLEO)?;
        say(world, ANA, Saying::Role(ben, None))?;
        world.partition = None;
        world.come_to_rest()?;
        for at in [ANA, CLEO, DORA] {
            assert_eq!(shown(world, at).unwrap().0 == "By Ben", at == CLEO);
            for author in [BEN, CLEO] {
                assert!(has_comment(world, at, author), "{at}, {author}");
            }
        }
        Ok(())
    });
}

#[test]
fn r12_who_was_removed_by_one_who_could_not_reads_what_was_sealed_without_her() {
    on_all(|world| {
        world.reach.insert((BEN, DORA));
        world.join_all()?;
        let [ben, cleo] = [BEN, CLEO].map(|at| world.device(at));
        let (ben, cleo) = (ben.ok_or("Ben is down")?, cleo.ok_or("Cleo is down")?);
        for owner in [cleo, ben] {
            say(world, ANA, Saying::Role(owner, Some(Role::Owner)))?;
        }
        // Ben and Dora are away. He removes Cleo and begins an epoch without her, in which Dora writes. Cleo, who was an owner
        // before him, removes him: what he has said falls.
        world.part(BTreeSet::from([BEN, DORA]))?;
        say(world, BEN, Saying::Role(cleo, None))?;
        set(world, DORA, Some("By Dora"), None)?;
        say(world, CLEO, Saying::Role(ben, None))?;
        world.partition = None;
        world.come_to_rest()?;
        for at in [ANA, CLEO, DORA] {
            assert_eq!(shown(world, at).unwrap().0, "By Dora");
        }
        Ok(())
    });
}

#[test]
fn r12_what_no_owner_is_given_the_key_of_is_framed_once_more_by_an_editor() {
    on_all(|world| {
        world.reach.insert((BEN, DORA));
        world.join_all()?;
        let [ana, ben] = [ANA, BEN].map(|at| world.device(at));
        let (ana, ben) = (ana.ok_or("Ana is down")?, ben.ok_or("Ben is down")?);
        say(world, ANA, Saying::Role(ben, Some(Role::Owner)))?;
        // Ben and Dora are away. He removes Ana and begins an epoch without her, in which Dora writes. Ana removes him, and was
        // an owner before him: of who is given that epoch's key nobody is an owner.
        world.part(BTreeSet::from([BEN, DORA]))?;
        say(world, BEN, Saying::Role(ana, None))?;
        set(world, DORA, Some("By Dora"), None)?;
        say(world, ANA, Saying::Role(ben, None))?;
        world.partition = None;
        world.come_to_rest()?;
        for at in [ANA, CLEO, DORA] {
            assert_eq!(shown(world, at).unwrap().0, "By Dora");
        }
        Ok(())
    });
}
