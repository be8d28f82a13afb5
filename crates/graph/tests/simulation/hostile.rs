//! What a program that knows none of the rules may write: any legal change of a document.

use automerge::transaction::{Transactable, Transaction};
use automerge::{ActorId, Automerge, ObjId, ObjType, ROOT, ReadDoc, ScalarValue, Value};

use graph::generate::Random;

/// Keys that mean something somewhere.
const KEYS: [&str; 28] = [
    "@pos",
    "@pos",
    "@del",
    "@del",
    "@type",
    "@purge",
    "title",
    "status",
    "notes",
    "size",
    "labels",
    "labels/red",
    "elsewhere",
    "from",
    "to",
    "relation",
    "lag",
    "node",
    "body",
    "at",
    "label",
    "kind",
    "order",
    "name",
    "role",
    "@",
    "",
    "/",
];

/// A change by an actor that nobody knows, on top of a saved document.
pub fn change(saved: &[u8], random: &mut Random) -> Vec<Vec<u8>> {
    let mut doc = Automerge::load(saved).expect("what was saved loads");
    let actor = [random.draw().to_be_bytes(), random.draw().to_be_bytes()].concat();
    doc.set_actor(ActorId::from(actor));
    let before = doc.get_heads();
    let mut tx = doc.transaction();
    for _ in 0..1 + random.below(4) {
        let objects = objects(&tx);
        Scribbler {
            tx: &mut tx,
            random,
            objects,
        }
        .scribble();
    }
    tx.commit();
    let changes = doc.get_changes(&before).into_iter();
    changes.map(|change| change.raw_bytes().to_vec()).collect()
}

/// Everything that can be reached, what is full more often than what is empty.
fn objects(tx: &Transaction<'_>) -> Vec<(ObjId, ObjType)> {
    let mut found = vec![(ROOT, ObjType::Map)];
    let mut at = 0;
    while let Some((object, kind)) = found.get(at).cloned() {
        at += 1;
        if !matches!(kind, ObjType::Map | ObjType::Table) {
            continue;
        }
        for key in tx.keys(&object).collect::<Vec<_>>() {
            for (value, inner) in tx.get_all(&object, key).expect("it is a map") {
                if let Value::Object(kind) = value {
                    found.push((inner, kind));
                }
            }
        }
    }
    found.retain(|(object, _)| *object == ROOT || tx.length(object) > 0);
    found
}

struct Scribbler<'r, 't> {
    tx: &'r mut Transaction<'t>,
    random: &'r mut Random,
    objects: Vec<(ObjId, ObjType)>,
}

impl Scribbler<'_, '_> {
    fn scribble(&mut self) {
        let (object, kind) = self.some_object();
        match kind {
            ObjType::Map | ObjType::Table => self.in_map(&object),
            ObjType::List => self.in_list(&object),
            ObjType::Text => self.in_text(&object),
        }
    }

    /// The root and the sharded maps come up as often as all others together would hide them.
    fn some_object(&mut self) -> (ObjId, ObjType) {
        let texts = |(_, kind): &&(ObjId, ObjType)| *kind == ObjType::Text;
        match self.random.below(20) {
            0 => self.objects[0].clone(),
            1..4 => {
                let texts: Vec<_> = self.objects.iter().filter(texts).cloned().collect();
                let text = self.random.pick(&texts).cloned();
                text.unwrap_or_else(|| self.objects[0].clone())
            }
            _ => {
                let at = self.random.below(self.objects.len());
                self.objects[at].clone()
            }
        }
    }

    fn in_map(&mut self, map: &ObjId) {
        let key = self.key(map);
        if key == "schema" {
            return; // a newer schema is refused, and rightly so
        }
        let is_counter = matches!(
            self.tx.get(map, key.as_str()),
            Ok(Some((Value::Scalar(scalar), _))) if matches!(*scalar, ScalarValue::Counter(_))
        );
        match self.random.below(10) {
            0..2 => {
                let _ = self.tx.delete(map, key.as_str());
            }
            2..4 if is_counter => {
                let _ = self.tx.increment(map, key.as_str(), 3);
            }
            2..4 => self.object(map, &key),
            _ => {
                let value = self.scalar(map);
                let _ = self.tx.put(map, key.as_str(), value);
            }
        }
    }

    fn key(&mut self, map: &ObjId) -> String {
        let known: Vec<String> = self.tx.keys(map).collect();
        match (self.random.below(10), self.random.pick(&known)) {
            (0..6, Some(key)) => key.clone(),
            (6, Some(key)) => key.to_uppercase(),
            (7, _) => {
                let field = *self
                    .random
                    .pick(&["assignees", "uses", "hours"])
                    .expect("some");
                format!("{field}/{}", self.some_id())
            }
            (8, _) => self.some_operation(),
            _ => (*self.random.pick(&KEYS).expect("there are keys")).to_owned(),
        }
    }

    /// A map, list or text, sometimes with something in it.
    fn object(&mut self, map: &ObjId, key: &str) {
        let kinds = [ObjType::Map, ObjType::Map, ObjType::Text, ObjType::List];
        let kind = *self.random.pick(&kinds).expect("there are kinds");
        let Ok(made) = self.tx.put_object(map, key, kind) else {
            return;
        };
        match kind {
            ObjType::Text => {
                let _ = self.tx.splice_text(&made, 0, 0, &self.random.word());
            }
            ObjType::List => self.in_list(&made),
            _ => {
                for _ in 0..self.random.below(4) {
                    let key = *self.random.pick(&KEYS).expect("there are keys");
                    let value = self.scalar(&made);
                    let _ = self.tx.put(&made, key, value);
                }
            }
        }
    }

    fn scalar(&mut self, near: &ObjId) -> ScalarValue {
        match self.random.below(16) {
            0 => ScalarValue::Null,
            1 => ScalarValue::Boolean(self.random.chance(50)),
            2 => ScalarValue::Int(i64::MIN),
            3 => ScalarValue::Uint(u64::MAX),
            4 => ScalarValue::F64(f64::NAN),
            5 => ScalarValue::F64(1e300),
            6 => ScalarValue::Bytes(vec![0xff, 0]),
            7 => ScalarValue::Timestamp(i64::MAX),
            8 => ScalarValue::counter(5),
            9 => ScalarValue::Unknown {
                type_code: 12,
                bytes: vec![1],
            },
            10 => format!("{}/a{}", self.some_id(), self.random.below(9))
                .as_str()
                .into(),
            11 => format!(
                "{}/{}|{}/Zz",
                self.some_id(),
                self.random.word(),
                self.some_id()
            )
            .as_str()
            .into(),
            12 => {
                let position = self.tx.get(near, "@pos").ok().flatten();
                let seen = position.map_or_else(String::new, |(_, op)| operation(&op));
                let root = if self.random.chance(50) {
                    self.some_id()
                } else {
                    String::new()
                };
                format!("{seen}|{root}").as_str().into()
            }
            13 => self.some_id().as_str().into(),
            14 => self.some_operation().as_str().into(),
            _ => self.random.word().as_str().into(),
        }
    }

    fn some_id(&mut self) -> String {
        let keys: Vec<String> = self
            .objects
            .iter()
            .filter(|(_, kind)| *kind == ObjType::Map)
            .flat_map(|(object, _)| self.tx.keys(object).collect::<Vec<_>>())
            .filter(|key| key.len() == 36)
            .collect();
        let known = self.random.pick(&keys).cloned();
        match known {
            Some(id) if self.random.chance(90) => id,
            _ => self.random.uuid().to_string(),
        }
    }

    fn some_operation(&mut self) -> String {
        let (object, _) = self.some_object();
        let key = self.tx.keys(&object).next();
        let values = key.map(|key| self.tx.get_all(&object, key).unwrap_or_default());
        let op = values.and_then(|values| values.first().map(|(_, op)| op.clone()));
        operation(&op.unwrap_or(object))
    }

    fn in_list(&mut self, list: &ObjId) {
        let at = self.random.below(self.tx.length(list) + 1);
        let value = self.scalar(list);
        let _ = match self.random.below(3) {
            0 => self.tx.insert(list, at, value),
            1 => self.tx.insert_object(list, at, ObjType::Map).map(|_| ()),
            _ => self.tx.delete(list, at),
        };
    }

    fn in_text(&mut self, text: &ObjId) {
        let length = self.tx.length(text);
        let at = self.random.below(length + 1);
        let delete = self.random.below((length - at).min(4) + 1) as isize;
        let value = self.scalar(text);
        let _ = match self.random.below(5) {
            0 => self.tx.insert(text, at, value),
            1 => self.tx.split_block(text, at).map(|_| ()),
            2 => self.tx.insert(text, at, "three"),
            _ => self.tx.splice_text(text, at, delete, &self.random.word()),
        };
    }
}

fn operation(op: &ObjId) -> String {
    match op {
        ObjId::Root => "0@".into(),
        ObjId::Id(counter, actor, _) => format!("{counter}@{}", actor.to_hex_string()),
    }
}
