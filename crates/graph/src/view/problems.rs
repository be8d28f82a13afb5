//! Flaws in words, with ways out.

use std::collections::BTreeSet;

use super::record::TOP;
use super::{Flaw, Slot, View};
use crate::codec::{decode, split_key};
use crate::command::{Command, Place, Position};
use crate::id::{FieldId, LinkId, NodeId};
use crate::problem::{Fix, Problem, ProblemKind};
use crate::value::Value;

impl View {
    /// Everything that is wrong, in the order of the outline. When a side of a conflict was made, the
    /// documents know: [`crate::Project::problems`].
    pub fn problems(&self) -> Vec<Problem> {
        let mut all: Vec<(Slot, &Flaw)> = self.all_flaws().collect();
        all.sort_by_key(|(slot, flaw)| (self.record(*slot).id, (*flaw).clone()));
        let mut cycles_told = BTreeSet::new();
        let of_nodes = all
            .into_iter()
            .filter_map(|(slot, flaw)| self.problem(slot, flaw, &mut cycles_told));
        self.containers_removed()
            .into_iter()
            .chain(of_nodes)
            .collect()
    }

    /// Number of things that are wrong, without putting them into words.
    pub fn problem_count(&self) -> usize {
        self.all_flaws().count() + usize::from(self.lost_containers().next().is_some())
    }

    /// One problem for all parts of the documents that do not stand under their names.
    fn containers_removed(&self) -> Option<Problem> {
        let containers: Vec<String> = self.lost_containers().map(ToString::to_string).collect();
        let named = match containers.as_slice() {
            [] => return None,
            [first, second, _, ..] => format!("“{first}”, “{second}” and others"),
            few => few
                .iter()
                .map(|path| format!("“{path}”"))
                .collect::<Vec<_>>()
                .join(" and "),
        };
        Some(Problem {
            kind: ProblemKind::RecordRemoved,
            node: None,
            field: None,
            link: None,
            others: vec![],
            sides: vec![],
            message: format!(
                "Another program removed parts of the project from where they belong: {named}. Nothing is lost here, but programs that look there find nothing. A duplicate of the project is sound."
            ),
            fixes: vec![Fix {
                label: "Keep everything".into(),
                command: Command::KeepRemoved {
                    nodes: vec![],
                    containers,
                },
            }],
        })
    }

    fn record_removed(&self, id: NodeId, problem: Problem) -> Problem {
        let keep = Fix {
            label: "Keep it".into(),
            command: Command::KeepRemoved {
                nodes: vec![id],
                containers: vec![],
            },
        };
        let trash = Fix {
            label: "Move it to the trash".into(),
            command: Command::TrashNodes { nodes: vec![id] },
        };
        Problem {
            fixes: vec![keep, trash],
            ..problem
        }
    }

    fn problem(
        &self,
        slot: Slot,
        flaw: &Flaw,
        cycles_told: &mut BTreeSet<BTreeSet<NodeId>>,
    ) -> Option<Problem> {
        let id = self.record(slot).id;
        let title = self.title_of(slot);
        let label = |field: &FieldId| self.label_of(field);
        let problem = |kind, message: String| Problem {
            kind,
            node: Some(id),
            field: None,
            link: None,
            others: vec![],
            sides: self.sides(slot, flaw),
            message,
            fixes: vec![],
        };
        let accept = || Fix {
            label: "Keep it here".into(),
            command: Command::MoveNodes {
                nodes: vec![id],
                place: self.place_of(slot),
            },
        };
        let mut problem = match flaw {
            Flaw::MoveCycle => Problem {
                fixes: vec![accept()],
                ..problem(
                    ProblemKind::MoveCycle,
                    format!(
                        "“{title}” was moved below an item that somebody moved below it at the same time. The older move was set aside."
                    ),
                )
            },
            Flaw::RecordRemoved => self.record_removed(
                id,
                problem(
                    ProblemKind::RecordRemoved,
                    format!("“{title}” was removed by another program. It is kept here."),
                ),
            ),
            Flaw::ParentMissing => Problem {
                fixes: vec![accept()],
                ..problem(
                    ProblemKind::RecordRemoved,
                    format!(
                        "Another program put “{title}” below an item that is not there. “{title}” went back to where it was before."
                    ),
                )
            },
            Flaw::MoveRace => Problem {
                fixes: vec![accept()],
                ..problem(
                    ProblemKind::MoveRace,
                    format!(
                        "“{title}” was moved to different places at the same time. The latest move counts."
                    ),
                )
            },
            Flaw::ParentDeleted => self.parent_deleted(
                slot,
                problem(ProblemKind::ParentDeleted, String::new()),
                accept(),
            ),
            Flaw::TypeMissing => problem(
                ProblemKind::TypeNotAllowed,
                format!(
                    "The type of “{title}” is not in the template any more. Convert it to another type, or bring the type back."
                ),
            ),
            Flaw::TypeNotAllowed => problem(ProblemKind::TypeNotAllowed, self.not_allowed(slot)),
            Flaw::RequiredMissing(field) => Problem {
                field: Some(field.clone()),
                ..problem(
                    ProblemKind::RequiredMissing,
                    format!("“{title}” has no {}.", label(field)),
                )
            },
            Flaw::Unmapped(field) => Problem {
                field: Some(field.clone()),
                fixes: vec![Fix {
                    label: "Remove the value".into(),
                    command: Command::SetField {
                        nodes: vec![id],
                        field: field.clone(),
                        value: None,
                    },
                }],
                ..problem(
                    ProblemKind::Unmapped,
                    format!(
                        "“{title}” has a value for {} that has no place in the template. It is kept.",
                        label(field)
                    ),
                )
            },
            Flaw::DeadReference(field) => self.dead_reference(
                slot,
                field,
                problem(
                    ProblemKind::DeadReference,
                    format!(
                        "{} of “{title}” refers to something that is not there any more.",
                        label(field)
                    ),
                ),
            ),
            Flaw::FieldRace(key) => {
                self.field_race(slot, key, problem(ProblemKind::FieldRace, String::new()))?
            }
            Flaw::BlockingCycle(link) => self.blocking_cycle(
                *link,
                problem(ProblemKind::BlockingCycle, String::new()),
                cycles_told,
            )?,
            Flaw::EditedAfterDelete => Problem {
                fixes: vec![Fix {
                    label: "Restore".into(),
                    command: Command::RestoreNodes {
                        nodes: vec![self.record(slot).dead.unwrap_or(id)],
                    },
                }],
                ..problem(
                    ProblemKind::EditedAfterDelete,
                    format!(
                        "“{title}” is in the trash, but somebody edited it while it was being deleted."
                    ),
                )
            },
        };
        problem.fixes.extend(self.swaps(slot, flaw));
        problem.fixes.extend(dismissal(id, flaw));
        Some(problem)
    }

    /// What a field is called.
    pub(crate) fn label_of(&self, field: &FieldId) -> String {
        let known = self.frame.schema.field(field);
        known.map_or(field.to_string(), |field| field.label.clone())
    }

    /// Where a node is shown, as a place to move it to.
    pub(super) fn place_of(&self, slot: Slot) -> Place {
        let shown = self.record(slot).shown.unwrap_or(TOP);
        let siblings = self.children_of(shown);
        let index = siblings
            .iter()
            .position(|sibling| *sibling == slot)
            .unwrap_or(0);
        let at = match index.checked_sub(1) {
            Some(above) => Position::After(self.record(siblings[above]).id),
            None => Position::First,
        };
        Place {
            parent: (shown != TOP).then(|| self.record(shown).id),
            at,
        }
    }

    fn parent_deleted(&self, slot: Slot, problem: Problem, accept: Fix) -> Problem {
        let parent = self.record(slot).seat.parent;
        let title = self.title_of(slot);
        let deleted = self.record(parent);
        let mut fixes = vec![accept];
        if let Some(root) = deleted.dead.filter(|_| !deleted.purged) {
            fixes.insert(
                0,
                Fix {
                    label: "Restore the parent".into(),
                    command: Command::RestoreNodes { nodes: vec![root] },
                },
            );
        }
        let message = format!(
            "“{title}” stood below “{}”, which was deleted. It was lifted to the nearest item that is left.",
            self.title_of(parent)
        );
        Problem {
            others: vec![deleted.id],
            message,
            fixes,
            ..problem
        }
    }

    fn not_allowed(&self, slot: Slot) -> String {
        let record = self.record(slot);
        let name = |node_type| {
            self.frame
                .schema
                .node_type(node_type)
                .map_or("Unknown type".into(), |t| t.label.clone())
        };
        let parent = record.shown.filter(|shown| *shown != TOP);
        let place = parent.map_or("at the top level".into(), |parent| {
            format!("below {}", name(&self.record(parent).node_type))
        });
        format!(
            "“{}” is a {}, which the template does not allow {place}.",
            self.title_of(slot),
            name(&record.node_type)
        )
    }

    fn dead_reference(&self, slot: Slot, field: &FieldId, problem: Problem) -> Problem {
        let record = self.record(slot);
        let Some(definition) = self.frame.schema.field(field) else {
            return problem;
        };
        let dead = |node: &NodeId| !self.is_target(definition, *node);
        let value = match decode(definition, &record.field_registers(field)) {
            Ok(Some(Value::Nodes(mut nodes))) => {
                nodes.retain(dead);
                Value::Nodes(nodes)
            }
            Ok(Some(Value::Hours(mut hours))) => {
                hours.retain(|person, _| dead(person));
                Value::Hours(hours)
            }
            _ => {
                return Problem {
                    field: Some(field.clone()),
                    ..problem
                };
            }
        };
        let others = match &value {
            Value::Hours(hours) => hours.keys().copied().collect(),
            Value::Nodes(nodes) => nodes.iter().copied().collect(),
            _ => vec![],
        };
        let remove = Command::EditMembers {
            nodes: vec![record.id],
            field: field.clone(),
            add: None,
            remove: Some(value),
        };
        Problem {
            field: Some(field.clone()),
            others,
            fixes: vec![Fix {
                label: "Remove the reference".into(),
                command: remove,
            }],
            ..problem
        }
    }

    fn blocking_cycle(
        &self,
        link: LinkId,
        problem: Problem,
        told: &mut BTreeSet<BTreeSet<NodeId>>,
    ) -> Option<Problem> {
        let link = self.link(link)?;
        let path = self.blocking_path(link.to, link.from)?;
        if !told.insert(path.iter().copied().collect()) {
            return None;
        }
        let message = format!("These block each other in a circle: {}.", self.chain(&path));
        let newest = self.newest_link_among(&path)?;
        let fixes = vec![Fix {
            label: "Remove the newest link".into(),
            command: Command::Unlink {
                links: vec![newest],
            },
        }];
        Some(Problem {
            node: path.first().copied(),
            link: Some(newest),
            others: path,
            message,
            fixes,
            ..problem
        })
    }

    /// Titles along a cycle, the first one repeated at the end.
    pub(crate) fn chain(&self, path: &[NodeId]) -> String {
        let titles = path
            .iter()
            .chain(path.first())
            .filter_map(|node| Some(format!("“{}”", self.title_of(self.slot(*node)?))));
        titles.collect::<Vec<_>>().join(" → ")
    }

    fn newest_link_among(&self, path: &[NodeId]) -> Option<LinkId> {
        let next = path.iter().cycle().skip(1);
        let edges: BTreeSet<(NodeId, NodeId)> = path.iter().copied().zip(next.copied()).collect();
        let among = self.links.values().filter(|record| {
            self.shows_link(record)
                && record.link.relation.blocks()
                && edges.contains(&(record.link.from, record.link.to))
        });
        among
            .max_by_key(|record| record.object.clone())
            .map(|record| record.link.id)
    }
}

/// Taking note of a conflict.
fn dismissal(node: NodeId, flaw: &Flaw) -> Option<Fix> {
    let field = match flaw {
        Flaw::FieldRace(key) => split_key(key).map(|(field, _)| field),
        _ => None,
    };
    Some(Fix {
        label: "Dismiss".into(),
        command: Command::SettleConflict {
            node,
            conflict: flaw.conflict()?,
            field,
        },
    })
}

/// The beginning of a text, on one line.
pub(crate) fn shorten(text: &str) -> String {
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
