//! Defaults, the file, the environment, flags: each goes before those that stand before it here.

use std::path::{Path, PathBuf};

use clap::Args;
use figment::{
    Figment, Metadata, Profile, Provider,
    error::{Error, Kind},
    providers::Serialized,
    util::nest,
    value::{Dict, Map, Value},
};

use super::{
    Config, file, own_dirs,
    settings::{SETTINGS, Setting, Shape},
    suggest::advice,
};
use crate::failure::{Exit, Failure};

/// Says where the file is; an empty text that there is none.
const FILE_VARIABLE: &str = "TALLY_RELAY_CONFIG";

/// The file of a relay that is a service of the machine.
const MACHINE_FILE: &str = "/etc/tally-relay/tally-relay.toml";

/// What variables of the environment begin with.
const PREFIX: &str = "TALLY_RELAY_";

/// What is configured by flags.
#[derive(Args, Clone, Debug, Default)]
pub struct Flags {
    /// The file with the configuration; by default tally-relay.toml in the user's folder of configurations, or else in
    /// /etc/tally-relay, if it is there.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Where to listen, such as 0.0.0.0:7825 for the whole network.
    /// Loopback (127.0.0.1) and everywhere (0.0.0.0) are listened to in IPv6 too.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,

    /// Where rooms are kept.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<String>,

    /// How much to say, such as warn or relay=debug.
    #[arg(long, value_name = "FILTER")]
    log: Option<String>,

    /// A device whose rooms are kept here, by its id. May be given several times.
    #[arg(long, value_name = "DEVICE")]
    owner: Vec<String>,

    /// Keep everybody's rooms.
    #[arg(long)]
    anyone: bool,

    /// Let others on the network into open rooms, too, as earlier versions made them: anybody may then read and write any
    /// whose name he knows. For tests and demonstrations.
    #[arg(long)]
    insecure_lan: bool,

    /// Serve bare links, on which nobody proves who he is and everything can be read on the way. On this machine only, for
    /// tests. Otherwise links are TLS 1.3 between the keys of devices.
    #[arg(long)]
    plain: bool,

    /// Do not tell the network by mDNS that this relay is here.
    #[arg(long)]
    no_announce: bool,

    /// Anything else that can be configured, such as limits.rooms=100. May be given several times.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
}

/// Which relay a command is about.
#[derive(Args, Clone, Debug, Default)]
pub struct Place {
    /// The file with the configuration of the relay.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Where the relay keeps its rooms.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<String>,
}

impl Place {
    /// The configuration of the relay there.
    ///
    /// # Errors
    /// As in [`load`].
    pub fn load(self) -> Result<Loaded, Failure> {
        let flags = Flags {
            config: self.config,
            data_dir: self.data_dir,
            ..Flags::default()
        };
        load(&flags, environment())
    }
}

/// A configuration, and where each value of it comes from.
pub struct Loaded {
    pub config: Config,
    /// The file that was read, if one was.
    pub file: Option<PathBuf>,
    figment: Figment,
    contents: file::Contents,
}

/// Reads everything.
///
/// # Errors
/// The first thing that is wrong, with its file and line, its variable or its flag.
pub fn load(
    flags: &Flags,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<Loaded, Failure> {
    let mut variables: Vec<_> = environment
        .into_iter()
        .filter(|(name, _)| name.starts_with(PREFIX))
        .collect();
    variables.sort();
    let place = variables.iter().position(|(name, _)| name == FILE_VARIABLE);
    let named = place.map(|place| variables.remove(place).1);
    let file = flags.file(named);
    let contents = match &file {
        Some(path) => file::read(path)?,
        None => file::Contents::default(),
    };
    let mut figment = Figment::from(Layer {
        name: "default".to_owned(),
        ..Layer::of(Serialized::defaults(Config::default()))?
    });
    if let Some(path) = &file {
        figment = figment.merge(Layer {
            name: path.display().to_string(),
            values: contents.values.clone(),
        });
    }
    for (name, text) in variables {
        let setting = Setting::of_variable(&name).ok_or_else(|| no_variable(&name))?;
        figment = figment.merge(Layer::one(name, setting, &text));
    }
    for (flag, setting, text) in flags.values()? {
        figment = figment.merge(Layer::one(flag, setting, &text));
    }
    let config = figment.extract();
    let config: Config = config.map_err(|error| wrong_value(&error, &contents))?;
    let loaded = Loaded {
        config,
        file,
        figment,
        contents,
    };
    SETTINGS.iter().try_for_each(|it| loaded.bound(it))?;
    loaded.config.check()?;
    Ok(loaded)
}

/// What the environment says, as far as it is text.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

impl Loaded {
    /// The file for a sentence.
    pub fn file_name(&self) -> String {
        match &self.file {
            Some(path) => path.display().to_string(),
            None => "a configuration without a file".to_owned(),
        }
    }

    /// A value.
    pub fn value(&self, setting: &Setting) -> Value {
        let found = self.figment.find_value(setting.key);
        found.expect("every setting has a default")
    }

    /// Refuses a number that is too small or too large.
    fn bound(&self, setting: &Setting) -> Result<(), Failure> {
        let Shape::Number(least, most) = setting.shape else {
            return Ok(());
        };
        // TOML has signed numbers, variables and flags have not.
        let value = self.value(setting);
        let unsigned = || value.to_u128().and_then(|it| i128::try_from(it).ok());
        let number = value.to_i128().or_else(unsigned).unwrap_or(i128::MAX);
        if (i128::from(least)..=i128::from(most)).contains(&number) {
            return Ok(());
        }
        let (key, words) = (setting.key, setting.shape.words());
        let why = format!(
            "{}: {key} takes {words}, not {number}",
            self.origin(setting)
        );
        Err(Failure::new(Exit::Config, "CONFIG_VALUE_WRONG", why))
    }

    /// Where a value comes from: `default`, a file with a line, a variable or a flag.
    pub fn origin(&self, setting: &Setting) -> String {
        let metadata = self.figment.find_metadata(setting.key);
        let name = metadata.map_or("default", |it| &it.name);
        place(name, setting.key, &self.contents)
    }
}

impl Flags {
    /// The file that was named, which has to be there, or else the usual one if it is.
    fn file(&self, named: Option<String>) -> Option<PathBuf> {
        match (&self.config, named.as_deref()) {
            (Some(path), _) => Some(path.clone()),
            (None, Some("")) => None,
            (None, Some(path)) => Some(path.into()),
            (None, None) => usual_file(),
        }
    }

    /// The same without a file, whichever it is.
    pub fn without_file(&self) -> Self {
        Self {
            config: None,
            ..self.clone()
        }
    }

    /// Where `init` writes.
    pub fn file_to_write(&self, named: Option<String>) -> Option<PathBuf> {
        let named = named.filter(|it| !it.is_empty());
        self.file(named).or_else(own_file)
    }

    /// What was said, as text, with the flag that said it.
    pub fn values(&self) -> Result<Vec<(String, &'static Setting, String)>, Failure> {
        let switch = |is_on: bool, value: &str| is_on.then(|| value.to_owned());
        let own = [
            ("listen", self.listen.clone()),
            ("data_dir", self.data_dir.clone()),
            ("log", self.log.clone()),
            (
                "access.owners",
                switch(!self.owner.is_empty(), &self.owner.join(",")),
            ),
            ("access.anyone", switch(self.anyone, "true")),
            ("access.insecure_lan", switch(self.insecure_lan, "true")),
            ("plain", switch(self.plain, "true")),
            ("announce", switch(self.no_announce, "false")),
        ];
        let mut values = Vec::new();
        for (key, value) in own {
            let setting = Setting::of(key).expect("flags are of settings");
            let flag = setting.flag.expect("it has one").to_owned();
            values.extend(value.map(|value| (flag, setting, value)));
        }
        for set in &self.set {
            let (key, value) = set.split_once('=').unwrap_or((set, ""));
            let setting = Setting::of(key).ok_or_else(|| no_key(key))?;
            values.push((format!("--set {key}"), setting, value.to_owned()));
        }
        Ok(values)
    }
}

/// The file that is there unless somebody names one: the user's, or else the machine's.
pub fn usual_file() -> Option<PathBuf> {
    let machine = cfg!(unix).then(|| PathBuf::from(MACHINE_FILE));
    let files = own_file().into_iter().chain(machine);
    files.into_iter().find(|it| it.exists())
}

/// Where a user's file is.
fn own_file() -> Option<PathBuf> {
    own_dirs().map(|it| it.config_dir().join("tally-relay.toml"))
}

/// Values from one place.
struct Layer {
    name: String,
    values: Dict,
}

impl Layer {
    fn of(provider: impl Provider) -> Result<Self, Failure> {
        let data = provider.data();
        let mut data = data.map_err(|error| wrong_value(&error, &file::Contents::default()))?;
        Ok(Self {
            name: String::new(),
            values: data.remove(&Profile::Default).unwrap_or_default(),
        })
    }

    fn one(name: String, setting: &Setting, text: &str) -> Self {
        let values = nest(setting.key, read_text(setting.shape, text));
        Self {
            name,
            values: values.into_dict().unwrap_or_default(),
        }
    }
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.name.clone())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        Ok(Profile::Default.collect(self.values.clone()))
    }
}

/// What a text means. What it cannot mean stays a text, and is refused as one.
fn read_text(shape: Shape, text: &str) -> Value {
    let number = || text.parse::<u64>().ok().map(Value::from);
    let switch = || text.parse::<bool>().ok().map(Value::from);
    let list = || {
        let items = text.split(',').map(str::trim).filter(|it| !it.is_empty());
        Value::from(items.map(str::to_owned).collect::<Vec<_>>())
    };
    let read = match shape {
        Shape::Text => None,
        Shape::Switch => switch(),
        Shape::Number(..) => number(),
        Shape::List => Some(list()),
    };
    read.unwrap_or_else(|| Value::from(text))
}

/// The name of a layer, with the line if it is the file.
fn place(name: &str, key: &str, contents: &file::Contents) -> String {
    let is_file = name != "default" && !name.starts_with("--") && !name.starts_with(PREFIX);
    match contents.lines.get(key) {
        Some(line) if is_file => format!("{name}:{line}"),
        _ => name.to_owned(),
    }
}

fn wrong_value(error: &Error, contents: &file::Contents) -> Failure {
    // A place within a list is no key.
    let path = error.path.iter().map(String::as_str);
    let path: Vec<&str> = path.filter(|it| it.parse::<usize>().is_err()).collect();
    let key = path.join(".");
    let name = error.metadata.as_ref().map_or("default", |it| &it.name);
    let place = place(name, &key, contents);
    let why = match (&error.kind, Setting::of(&key)) {
        (Kind::InvalidType(found, _) | Kind::InvalidValue(found, _), Some(setting)) => {
            format!("{key} takes {}, not {found}", setting.shape.words())
        }
        (kind, _) => format!("{key}: {kind}"),
    };
    Failure::new(
        Exit::Config,
        "CONFIG_VALUE_WRONG",
        format!("{place}: {why}"),
    )
}

fn no_key(key: &str) -> Failure {
    let keys = SETTINGS.iter().map(|it| it.key);
    let why = format!("--set {key}: there is no {key}; {}", advice(key, keys));
    Failure::new(Exit::Config, "CONFIG_KEY_UNKNOWN", why)
}

fn no_variable(name: &str) -> Failure {
    let variables: Vec<String> = SETTINGS.iter().map(Setting::variable).collect();
    let variables = variables.iter().map(String::as_str).chain([FILE_VARIABLE]);
    let why = format!(
        "the environment has {name}, which means nothing here; {}",
        advice(name, variables)
    );
    Failure::new(Exit::Config, "CONFIG_KEY_UNKNOWN", why)
}

/// The flag that leads a command to this file, or nothing if it finds it by itself.
pub fn flag_for(path: &Path) -> String {
    match usual_file() {
        Some(usual) if usual == path => String::new(),
        _ => format!(" --config {}", path.display()),
    }
}
