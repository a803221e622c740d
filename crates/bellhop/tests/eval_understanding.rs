//! `bellhop eval understanding`, as a designer or a build runs it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

const PLAN: &str = "\
plan: bakery
languages: [en, zh]
start: menu
recording: off
people: { otherwise: callback }
nodes:
  menu:
    ask: { en: How can I help?, zh: 您好 }
    routes:
      cake: { en: [order a cake, birthday cake], zh: [订蛋糕, 生日蛋糕] }
      bread: { en: [sliced bread], zh: [切片面包] }
    no_input: [{ then: person }]
  cake: { end: }
  bread: { end: }
";

const SET: &str = "\
plan,language,expected,text
bakery,en,cake,uh i would like to order a cake
bakery,en,bread,a birthday cake no wait
bakery,en,bread,something with seeds
bakery,en,none,when is the next train
bakery,en,person,put me through to an agent
bakery,zh,cake,我想订蛋糕
bakery,zh,none,下一班火车几点
";

const MENTIONS: &str = "\
language,expected,text
en,stay,i am not going to complain
en,stay,you have a nice cake
zh,demand,我要投诉
zh,ask,转人工
";

struct Bench(TempDir);

impl Bench {
    fn new(set: &str) -> Self {
        let bench = Self(tempfile::tempdir().expect("a folder"));
        std::fs::create_dir_all(bench.file("plans/bakery")).expect("a plan's folder");
        for (name, text) in [
            ("plans/bakery/flow.yaml", PLAN),
            ("set.csv", set),
            ("mentions.csv", MENTIONS),
        ] {
            std::fs::write(bench.file(name), text).expect("a file");
        }
        bench
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn eval(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_bellhop"))
            .current_dir::<&Path>(self.0.path())
            .args([
                "eval",
                "understanding",
                "--plans",
                "plans",
                "--set",
                "set.csv",
            ])
            .args(arguments)
            .output()
            .expect("bellhop runs")
    }
}

fn json(output: &Output) -> serde_json::Value {
    let told = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{told}"))
}

#[test]
fn right_wrong_and_not_sure_are_counted_by_plan_and_language() {
    let output = Bench::new(SET).eval(&["--json", "--misses"]);
    assert_eq!(output.status.code(), Some(0));
    let told = json(&output);
    let count = |place: usize, of: &str| told["plans"][place]["count"][of]["count"].clone();
    assert_eq!(told["plans"][0]["language"], "en");
    assert_eq!(
        (count(0, "right"), count(0, "wrong"), count(0, "not_sure")),
        (3.into(), 1.into(), 1.into())
    );
    assert_eq!(told["plans"][1]["language"], "zh");
    assert_eq!(count(1, "right"), 2);
    assert_eq!(told["misses"][0]["given"], "cake by 'birthday cake'");
    assert_eq!(told["misses"][1]["given"], "not sure");
    let micros = &told["understand_micros"];
    assert!(micros["median"].as_f64() > Some(0.0));
    assert!(micros["p95"].as_f64() >= micros["median"].as_f64());
}

#[test]
fn mentions_that_lead_to_a_person_are_told_beside_demands_that_do() {
    let output = Bench::new(SET).eval(&["--json", "--mentions", "mentions.csv"]);
    let told = json(&output);
    let pulls = |place: usize, of: &str| told["mentions"][place]["pulls"][of]["count"].clone();
    assert_eq!(pulls(0, "escalated"), 0, "{told:#}");
    assert_eq!(pulls(1, "demanded"), 1);
    assert_eq!(pulls(1, "asked"), 1);
}

#[test]
fn what_is_required_of_a_language_decides_the_status() {
    let bench = Bench::new(SET);
    let status = |arguments: &[&str]| bench.eval(arguments).status.code();
    assert_eq!(status(&["--require-right", "60"]), Some(0));
    assert_eq!(status(&["--require-right", "61"]), Some(1));
    assert_eq!(status(&["--require-wrong", "20"]), Some(0));
    assert_eq!(status(&["--require-wrong", "19"]), Some(1));
    // Nobody stays in the Mandarin half, so it proves nothing.
    let mentions = ["--mentions", "mentions.csv", "--require-escalated", "5"];
    assert_eq!(status(&mentions), Some(1));
}

#[test]
fn a_set_that_asks_for_an_unknown_route_or_plan_measures_nothing() {
    let complaint = |row: &str| {
        let bench = Bench::new(&format!("plan,language,expected,text\n{row}\n"));
        let output = bench.eval(&[]);
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).expect("UTF-8")
    };
    let told = complaint("bakery,en,cakes,order a cake");
    assert!(
        told.contains("'menu' of the plan 'bakery' has no route to 'cakes'"),
        "{told}"
    );
    let told = complaint("butcher,en,cake,order a cake");
    assert!(
        told.contains("'butcher' is no plan here; there are: bakery"),
        "{told}"
    );
    let told = complaint("bakery,fr,cake,un gâteau");
    assert!(told.contains("a row is odd"), "{told}");
}
