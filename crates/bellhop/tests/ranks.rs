//! The house's rules about who may know whom, held against the manifests.

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};
use std::collections::BTreeMap;
use std::path::Path;

/// Each crate's rank; an arrow may only point to a lower one.
const RANKS: [(&str, u8); 19] = [
    ("call-model", 0),
    ("spoken-text", 0),
    ("dsp", 0),
    ("outside-line", 0),
    ("dialplan", 1),
    ("call-audio", 1),
    ("voice-activity", 1),
    ("sip-trunk", 1),
    ("speech", 1),
    ("intent-tier", 1),
    ("call-archive", 1),
    ("voice-emotion", 1),
    ("call-engine", 2),
    ("call-session", 3),
    ("call-simulator", 4),
    ("hearing-trials", 4),
    ("bellhop", 5),
    ("loadtest", 5),
    ("bellhop-setup", 5),
];

/// Crates in which nothing reads a clock, opens a socket, spawns or sleeps.
const PURE: [&str; 10] = [
    "call-model",
    "spoken-text",
    "dsp",
    "dialplan",
    "call-audio",
    "voice-activity",
    "voice-emotion",
    "call-engine",
    "call-session",
    "call-simulator",
];

/// What the black box may know of ours.
const LOADTEST_MAY_KNOW: [&str; 3] = ["dsp", "call-audio", "call-model"];

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml"))
        .no_deps()
        .exec()
        .expect("cargo metadata")
}

/// The crates of this workspace that a package's own code knows.
fn knows<'a>(package: &'a Package, ranks: &BTreeMap<&str, u8>) -> Vec<&'a str> {
    let normal = package
        .dependencies
        .iter()
        .filter(|d| d.kind == DependencyKind::Normal);
    normal
        .map(|d| d.name.as_str())
        .filter(|name| ranks.contains_key(name))
        .collect()
}

#[test]
fn arrows_point_down_only() {
    let ranks: BTreeMap<&str, u8> = RANKS.into_iter().collect();
    for package in &metadata().packages {
        let name = package.name.as_str();
        let own = *ranks
            .get(name)
            .unwrap_or_else(|| panic!("'{name}' has no rank: give it one"));
        for other in knows(package, &ranks) {
            let rank_0 = own == 0 && other == "call-model";
            assert!(
                ranks[other] < own || rank_0,
                "{name} (rank {own}) may not know {other}"
            );
        }
    }
}

#[test]
fn the_black_box_knows_only_signals_and_codecs() {
    let ranks: BTreeMap<&str, u8> = RANKS.into_iter().collect();
    let metadata = metadata();
    let loadtest = metadata
        .packages
        .iter()
        .find(|package| package.name.as_str() == "loadtest");
    for other in knows(loadtest.expect("loadtest"), &ranks) {
        assert!(
            LOADTEST_MAY_KNOW.contains(&other),
            "loadtest may not know {other}"
        );
    }
}

#[test]
fn the_setup_needs_nothing_but_the_standard_library() {
    let metadata = metadata();
    let setup = metadata
        .packages
        .iter()
        .find(|package| package.name.as_str() == "bellhop-setup");
    assert!(setup.expect("bellhop-setup").dependencies.is_empty());
}

#[test]
fn the_pure_crates_hold_the_same_lints() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let lints = |name: &str| std::fs::read_to_string(crates.join(name).join("clippy.toml"));
    let first = lints(PURE[0]).expect("clippy.toml");
    for name in PURE {
        let own = lints(name).unwrap_or_else(|error| panic!("{name}/clippy.toml: {error}"));
        assert_eq!(own, first, "{name}/clippy.toml differs from {}'s", PURE[0]);
    }
}

#[test]
fn every_crate_takes_the_workspace_lints() {
    for package in &metadata().packages {
        let manifest = std::fs::read_to_string(&package.manifest_path).expect("manifest");
        assert!(
            manifest.contains("[lints]\nworkspace = true"),
            "{} has no lints",
            package.name
        );
    }
}
