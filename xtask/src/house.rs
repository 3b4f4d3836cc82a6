//! House rules that no compiler checks.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::{
    programs::{cargo, read, root},
    say,
    stage::{Count, Failed},
};

/// A module is a room; twice the usual size is the most that a newcomer can hold in their head.
const MAX_LINES: usize = 600;
/// Where the product's code lies.
const HOUSES: [&str; 4] = ["dossier", "client-core", "sync-server", "mobile"];
/// Everything written by hand.
const WRITTEN: [&str; 12] = [
    "dossier",
    "client-core",
    "sync-server",
    "mobile",
    "tests",
    "xtask",
    "docs",
    "migrations",
    "catalogue",
    ".ci",
    "README.md",
    "Cargo.toml",
];

/// Folders of what is made or fetched, not written.
const MADE: [&str; 3] = ["node_modules", "dist", "pkg"];

/// Which crates a crate must not depend on, at any distance, except in its tests.
const FORBIDDEN: [(&str, &[&str]); 5] = [
    (
        "dossier",
        &["client-core", "sync-server", "tram", "stories", "tokio", "rusqlite", "sqlx", "reqwest", "automerge"],
    ),
    ("client-core", &["sync-server", "tram", "stories", "automerge"]),
    ("sync-server", &["client-core", "tram", "stories", "automerge"]),
    ("tram", &["sync-server", "stories", "automerge"]),
    ("tram-browser", &["sync-server", "stories", "tram", "automerge"]),
];

/// Checks them all; every broken rule is named with its place.
pub fn check() -> Result<Count, Failed> {
    let written = written_files().map_err(|error| error.to_string())?;
    let metadata = read(cargo(&["metadata", "--format-version", "1", "--all-features"]))?;
    let metadata: Value = serde_json::from_str(&metadata).map_err(|error| error.to_string())?;
    let rules = [
        ("no file is too long", long_files(&written)),
        ("nothing is left to do", leftovers(&written)),
        ("no path of a machine", machine_paths(&written)),
        ("the arrows between crates point one way", arrows(&graph(&metadata))),
    ];
    let mut count = Count::default();
    for (rule, broken) in rules {
        if broken.is_empty() {
            count.passed += 1;
            say::line(&format!("✓ {rule}"));
        } else {
            count.failed += 1;
            say::line(&format!("✗ {rule}"));
            broken.iter().for_each(|place| say::line(&format!("    {place}")));
        }
    }
    Ok(count)
}

/// A file's path in the project, and its text.
type Written = (PathBuf, String);

fn written_files() -> std::io::Result<Vec<Written>> {
    let mut files = Vec::new();
    let mut left: Vec<PathBuf> = WRITTEN.iter().map(|name| root().join(name)).collect();
    while let Some(path) = left.pop() {
        if path.is_dir() {
            if path.file_name().is_some_and(|name| MADE.iter().any(|made| name == *made)) {
                continue;
            }
            for entry in std::fs::read_dir(&path)? {
                left.push(entry?.path());
            }
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            files.push((path.strip_prefix(root()).unwrap_or(&path).to_owned(), text));
        }
    }
    files.sort();
    Ok(files)
}

fn is_code(path: &Path) -> bool {
    path.extension().is_some_and(|extension| ["rs", "ts", "js", "svelte", "css"].iter().any(|code| extension == *code))
}

fn long_files(files: &[Written]) -> Vec<String> {
    let ours = |path: &Path| is_code(path) && HOUSES.iter().any(|house| path.starts_with(house));
    files
        .iter()
        .filter(|(path, text)| ours(path) && text.lines().count() > MAX_LINES)
        .map(|(path, text)| format!("{}: {} lines", path.display(), text.lines().count()))
        .collect()
}

/// Lines that hold one of the words, outside this file, which must name them.
fn lines_with(files: &[Written], words: &[&str], only_code: bool) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in files.iter().filter(|(path, _)| !path.ends_with(file!()) && (is_code(path) || !only_code)) {
        for (number, line) in text.lines().enumerate() {
            if let Some(word) = words.iter().find(|word| line.contains(**word)) {
                found.push(format!("{}:{}: {word}", path.display(), number + 1));
            }
        }
    }
    found
}

fn leftovers(files: &[Written]) -> Vec<String> {
    lines_with(files, &["TODO", "FIXME", "todo!", "unimplemented!", "dbg!"], true)
}

fn machine_paths(files: &[Written]) -> Vec<String> {
    lines_with(files, &["/home/", "/root/", "/work/", "/Users/", "C:\\"], false)
}

/// Which packages each package depends on to run (not to be tested or built), by name.
fn graph(metadata: &Value) -> BTreeMap<String, Vec<String>> {
    let empty = Vec::new();
    let packages = metadata["packages"].as_array().unwrap_or(&empty);
    let names: BTreeMap<&str, &str> =
        packages.iter().filter_map(|package| Some((package["id"].as_str()?, package["name"].as_str()?))).collect();
    let nodes = metadata["resolve"]["nodes"].as_array().unwrap_or(&empty);
    let runs = |dependency: &Value| {
        let kinds = dependency["dep_kinds"].as_array();
        kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind["kind"].is_null()))
    };
    let name = |id: &Value| id.as_str().and_then(|id| names.get(id)).map(|name| (*name).to_owned());
    nodes
        .iter()
        .filter_map(|node| {
            let dependencies = node["deps"].as_array().unwrap_or(&empty);
            let on = dependencies.iter().filter(|dependency| runs(dependency)).filter_map(|on| name(&on["pkg"]));
            Some((name(&node["id"])?, on.collect()))
        })
        .collect()
}

fn arrows(graph: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let mut broken = Vec::new();
    for (from, forbidden) in FORBIDDEN {
        let Some(direct) = graph.get(from) else {
            broken.push(format!("there is no crate {from}"));
            continue;
        };
        let mut reached: Vec<&String> = Vec::new();
        let mut left: Vec<&String> = direct.iter().collect();
        while let Some(on) = left.pop() {
            if !reached.contains(&on) {
                reached.push(on);
                left.extend(graph.get(on).into_iter().flatten());
            }
        }
        let wrong = reached.iter().filter(|on| forbidden.contains(&on.as_str()));
        broken.extend(wrong.map(|on| format!("{from} depends on {on}")));
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> Vec<Written> {
        vec![(PathBuf::from(path), text.to_owned())]
    }

    #[test]
    fn a_broken_rule_is_named_with_its_place() {
        assert_eq!(long_files(&file("dossier/src/a.rs", &"x\n".repeat(601))), ["dossier/src/a.rs: 601 lines"]);
        assert!(long_files(&file("tests/src/a.rs", &"x\n".repeat(601))).is_empty());
        let left = format!("fine\n// {}: later\n", "TO".to_owned() + "DO");
        assert_eq!(leftovers(&file("dossier/src/a.rs", &left)).len(), 1);
        assert_eq!(machine_paths(&file("README.md", "see /home/x")), ["README.md:1: /home/"]);
    }

    #[test]
    fn an_arrow_that_turns_back_is_found_at_any_distance() {
        let on = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let mut graph: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for name in ["dossier", "client-core", "sync-server", "tram", "tram-browser"] {
            graph.insert(name.to_owned(), vec![]);
        }
        assert!(arrows(&graph).is_empty());
        graph.insert("client-core".to_owned(), on(&["between"]));
        graph.insert("between".to_owned(), on(&["sync-server"]));
        assert_eq!(arrows(&graph), ["client-core depends on sync-server"]);
    }
}
