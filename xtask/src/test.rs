//! `cargo xtask test`: the stages, in the order in which they fail soonest.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::setup::{self, Manner, Ready};
use crate::workspace::Workspace;
use crate::{arrows, bindings, deny, e2e, process, rust, tidy, ui};

/// One thing that is checked.
struct Stage {
    name: &'static str,
    needs: Ready,
    run: fn(&Workspace) -> Result<()>,
}

const STAGES: &[Stage] = &[
    Stage {
        name: "fmt",
        needs: Ready::Sources,
        run: rust::formatting,
    },
    Stage {
        name: "tidy",
        needs: Ready::Sources,
        run: tidy::check,
    },
    Stage {
        name: "arrows",
        needs: Ready::Sources,
        run: arrows::check,
    },
    Stage {
        name: "deny",
        needs: Ready::Sources,
        run: deny::check,
    },
    Stage {
        name: "ui",
        needs: Ready::Node,
        run: ui::check,
    },
    Stage {
        name: "clippy",
        needs: Ready::Build,
        run: rust::lints,
    },
    Stage {
        name: "rust",
        needs: Ready::Clients,
        run: rust::tests,
    },
    Stage {
        name: "bindings",
        needs: Ready::Build,
        run: bindings::check,
    },
    Stage {
        name: "e2e",
        needs: Ready::Window,
        run: e2e::check,
    },
    Stage {
        name: "browser",
        needs: Ready::Window,
        run: e2e::check_in_browser,
    },
];

/// How a stage ended.
struct Outcome {
    name: &'static str,
    error: Option<anyhow::Error>,
    took: Duration,
}

/// `cargo xtask test`.
pub fn command(workspace: &Workspace, names: &[String]) -> Result<ExitCode> {
    run(workspace, names, Manner::Ask)
}

/// `cargo xtask ci`: the same with nobody there, on a machine that builds once and throws everything away.
pub fn ci(workspace: &Workspace, names: &[String]) -> Result<ExitCode> {
    if std::env::var_os("CARGO_INCREMENTAL").is_some() {
        return run(workspace, names, Manner::Never);
    }
    let mut again = workspace.program(&std::env::current_exe()?.to_string_lossy(), &["ci"]);
    let status = again.args(names).env("CARGO_INCREMENTAL", "0").status()?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn run(workspace: &Workspace, names: &[String], manner: Manner) -> Result<ExitCode> {
    let stages = chosen(names)?;
    let needs = stages
        .iter()
        .map(|stage| stage.needs)
        .max()
        .unwrap_or(Ready::Sources);
    let begin = Instant::now();
    let mut outcomes = Vec::new();
    if needs > Ready::Sources {
        outcomes.push(outcome("setup", || {
            setup::prepare(workspace, needs, manner)
        }));
    }
    let is_ready = outcomes.iter().all(|setup| setup.error.is_none());
    for stage in stages {
        outcomes.push(outcome(stage.name, || match stage.needs {
            Ready::Sources => (stage.run)(workspace),
            _ if is_ready => (stage.run)(workspace),
            _ => bail!("not run, since the set-up failed"),
        }));
    }
    Ok(report(&outcomes, begin.elapsed()))
}

fn chosen(names: &[String]) -> Result<Vec<&'static Stage>> {
    if names.is_empty() {
        return Ok(STAGES.iter().collect());
    }
    for name in names {
        let known = || {
            STAGES
                .iter()
                .map(|stage| stage.name)
                .collect::<Vec<_>>()
                .join(" ")
        };
        let is_known = STAGES.iter().any(|stage| stage.name == name);
        is_known
            .then_some(())
            .with_context(|| format!("there is no stage `{name}`; there are {}", known()))?;
    }
    Ok(STAGES
        .iter()
        .filter(|stage| names.iter().any(|name| name == stage.name))
        .collect())
}

fn outcome(name: &'static str, work: impl FnOnce() -> Result<()>) -> Outcome {
    eprintln!("\n=== {name}");
    let begin = Instant::now();
    let error = work().err();
    let took = begin.elapsed();
    if let Some(error) = &error {
        eprintln!("{error:#}");
    }
    eprintln!(
        "=== {name}: {} in {}",
        verdict(error.is_none()),
        process::seconds(took)
    );
    Outcome { name, error, took }
}

fn verdict(is_passed: bool) -> &'static str {
    if is_passed { "passed" } else { "FAILED" }
}

/// A table of the stages, then one line with their number, which people and programs look for.
fn report(outcomes: &[Outcome], took: Duration) -> ExitCode {
    println!("\n{:<10} {:>13}  result", "stage", "time");
    for outcome in outcomes {
        let time = process::seconds(outcome.took);
        let result = verdict(outcome.error.is_none());
        match outcome.error.as_ref().map(|error| format!("{error:#}")) {
            None => println!("{:<10} {time:>13}  {result}", outcome.name),
            Some(error) => {
                let first = error.lines().next().unwrap_or_default();
                println!("{:<10} {time:>13}  {result}: {first}", outcome.name);
            }
        }
    }
    println!("{:<10} {:>13}", "total", process::seconds(took));
    let failed = outcomes
        .iter()
        .filter(|outcome| outcome.error.is_some())
        .count();
    println!("\n{} passed, {failed} failed", outcomes.len() - failed);
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_chosen_by_name_and_keep_their_order() -> Result<()> {
        let names = ["arrows", "fmt"].map(str::to_owned);
        let stages = chosen(&names)?;
        assert_eq!(
            stages.iter().map(|stage| stage.name).collect::<Vec<_>>(),
            ["fmt", "arrows"]
        );
        assert_eq!(chosen(&[])?.len(), STAGES.len());
        Ok(())
    }

    #[test]
    fn an_unknown_stage_is_refused_by_name() {
        let error = chosen(&["lint".to_owned()])
            .err()
            .expect("there is no such stage");
        assert!(
            error
                .to_string()
                .starts_with("there is no stage `lint`; there are fmt tidy"),
            "{error}"
        );
    }
}
