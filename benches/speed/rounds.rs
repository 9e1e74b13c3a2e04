//! What is compared with what, and the table.
//!
//! In: the names of trees. Out: lines on stdout.
//!
//! - on trees, with the PKCE rule and with all rules: against the floor, which reads the same files;
//! - with the PKCE rule: against `find -exec cat {} +`, `xmlstarlet` and `ast-grep`, each asked for the
//!   connected apps whose `isPkceRequired` is not `true`, where they are installed (`AST_GREP` names the
//!   last one if it is not on PATH);
//! - with all rules ten times over: against one time;
//! - on one file: against a process that does nothing.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use forcelint::project::MetadataType;
use forcelint::rule::{BUILT_IN, RuleSet, Selection};

use super::measure::{in_turn, median, peak, this_program};
use super::trees::{self, TREES, Tree};

/// What to ask: the rule about PKCE, or all.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rules {
    Pkce,
    All,
    TenTimes,
}

/// The most that a ratio or a difference may be.
#[derive(Clone, Copy)]
enum Target {
    Times(f64),
    Milliseconds(f64),
    None,
}

/// Runs the rounds on the trees of these names, or on all.
pub fn run(is_quick: bool, named: &[&str]) {
    println!(
        "{:<50} {:>10} {:>10} {:>13} {:>8} {:>9}  ",
        "forcelint / other", "forcelint", "other", "ratio", "target", "peak MiB"
    );
    for tree in &TREES {
        let is_wanted = named.is_empty() || named.contains(&tree.name);
        if is_wanted && !(is_quick && tree.files > 20_000) {
            on_tree(tree, is_quick);
        }
    }
}

fn on_tree(tree: &Tree, is_quick: bool) {
    let root = trees::made(tree);
    let runs = match (is_quick, tree.files) {
        (true, _) => 5,
        (false, 100_000..) => 11,
        (false, _) => 21,
    };
    if tree.name == "one" {
        let file = trees::one_file(&root);
        for (rules, what) in [(Rules::Pkce, "PKCE"), (Rules::All, "all rules")] {
            let mut nothing = Command::new(this_program());
            nothing.arg("--nothing");
            let what = format!("one file, {what} / nothing");
            compare(
                &what,
                forcelint(&file, rules),
                nothing,
                Target::Milliseconds(3.0),
                None,
                101,
            );
        }
        return;
    }
    let is_counted = tree.name != "profiles";
    for rules in [Rules::Pkce, Rules::All] {
        let (what, target, memory) = match rules {
            Rules::Pkce => ("PKCE", 1.25, 25.0),
            _ => ("all rules", 1.6, 40.0),
        };
        // With few files it is the start that counts, and no rule of PKCE reads a profile.
        let target = match tree.files {
            20_000.. => Target::Times(target),
            _ => Target::None,
        };
        let what = format!("{}, {what} / floor", tree.name);
        compare(
            &what,
            forcelint(&root, rules),
            floor(&root, rules),
            target,
            Some(memory),
            runs,
        );
    }
    let once = forcelint(&root, Rules::All);
    let what = format!("{}, all rules ten times / once", tree.name);
    compare(
        &what,
        forcelint(&root, Rules::TenTimes),
        once,
        Target::Times(10.0),
        None,
        5.min(runs),
    );
    if is_counted {
        for (name, other, target) in others(&root) {
            let what = format!("{}, PKCE / {name}", tree.name);
            let Some(other) = other else {
                println!("{what:<50} not installed");
                continue;
            };
            let runs = runs.min(if tree.files > 20_000 { 3 } else { 11 });
            compare(
                &what,
                forcelint(&root, Rules::Pkce),
                other,
                target,
                None,
                runs,
            );
        }
    }
}

fn compare(
    what: &str,
    ours: Command,
    other: Command,
    target: Target,
    memory: Option<f64>,
    runs: usize,
) {
    let used = peak(&ours);
    let times = in_turn(&mut [ours, other], runs);
    let (ours, others) = (&times[0], &times[1]);
    let pairs = || ours.iter().zip(others);
    let ratio = median(pairs().map(|(ours, other)| ours / other));
    let over = median(pairs().map(|(ours, other)| ours - other));
    let (shown, asked, is_met) = match target {
        Target::Times(most) => (format!("{ratio:.2}"), format!("{most:.2}"), ratio <= most),
        Target::Milliseconds(most) => (
            format!("+{over:.2} ms"),
            format!("{most:.1} ms"),
            over <= most,
        ),
        Target::None => (format!("{ratio:.2}"), "-".to_owned(), true),
    };
    let is_met = is_met && memory.is_none_or(|most| used <= most);
    let verdict = match (is_met, matches!(target, Target::None) && memory.is_none()) {
        (_, true) => "",
        (true, _) => "PASS",
        (false, _) => "over",
    };
    println!(
        "{what:<50} {:>7.1} ms {:>7.1} ms {shown:>13} {asked:>8} {used:>9.1}  {verdict}",
        median(ours.iter().copied()),
        median(others.iter().copied()),
    );
}

fn forcelint(path: &Path, rules: Rules) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_forcelint"));
    command.arg("check").arg(path);
    match rules {
        Rules::Pkce => {
            command.args(["--select", "pkce-required"]);
        }
        Rules::All => {}
        Rules::TenTimes => {
            command.arg("--config").arg(nine_copies());
        }
    }
    command
}

/// A config with every rule nine times more, under other ids.
fn nine_copies() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("speed-rules");
    let config = folder.join("forcelint.toml");
    if config.is_file() {
        return config;
    }
    let rules = folder.join("rules");
    fs::create_dir_all(&rules).expect("a folder");
    for rule in BUILT_IN
        .iter()
        .filter(|rule| rule.id != "malformed-metadata")
    {
        for copy in 1..10 {
            let id = format!("{}-copy-{copy}", rule.id);
            let text = rule.toml().replacen(rule.id, &id, 1);
            // The tests tell how the rule gets on with the others, by their ids.
            let end = text.find("\n[[test]]").unwrap_or(text.len());
            fs::write(rules.join(format!("{id}.toml")), &text[..end]).expect("a file");
        }
    }
    fs::write(&config, "rule-paths = [\"rules\"]\n").expect("a file");
    config
}

/// The floor reads the files of the types that the rules ask for.
fn floor(root: &Path, rules: Rules) -> Command {
    let mut selection = Selection::default();
    if rules == Rules::Pkce {
        selection.select.push("pkce-required".to_owned());
    }
    let rules = RuleSet::select(&selection).expect("the rule is there");
    let types = rules.judged_types().union(rules.read_types());
    let mut command = Command::new(this_program());
    command.arg("--floor").arg(root);
    for it in MetadataType::all().filter(|it| types.contains(*it)) {
        let name = it.file_name("");
        let name = name.strip_suffix("-meta.xml").unwrap_or(&name);
        command.arg(name.strip_prefix('.').unwrap_or(name));
    }
    command
}

/// Other programs with the same question: their names, commands (none for one that is not
/// installed) and targets.
fn others(root: &Path) -> Vec<(&'static str, Option<Command>, Target)> {
    let apps = ["-name", "*.connectedApp-meta.xml", "-exec"];
    let find = |of_each: &[&str]| {
        let mut find = Command::new("find");
        find.arg(root).args(apps).args(of_each);
        find
    };
    let asked = "/*[local-name()='ConnectedApp']/*[local-name()='oauthConfig'][not(*[local-name()='isPkceRequired']='true')]";
    let xmlstarlet = [
        "xmlstarlet",
        "sel",
        "-t",
        "-m",
        asked,
        "-f",
        "-n",
        "{}",
        "+",
    ];
    vec![
        ("find cat", Some(find(&["cat", "{}", "+"])), Target::None),
        (
            "xmlstarlet",
            is_there("xmlstarlet").then(|| find(&xmlstarlet)),
            Target::Times(1.0),
        ),
        ("ast-grep", ast_grep(root), Target::Times(1.0)),
    ]
}

fn is_there(program: &str) -> bool {
    let mut command = Command::new(program);
    command
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok()
}

/// ast-grep reads no XML; its HTML does for this question.
fn ast_grep(root: &Path) -> Option<Command> {
    let program = env::var("AST_GREP").unwrap_or_else(|_| "ast-grep".to_owned());
    if !is_there(&program) {
        return None;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("speed-ast-grep");
    fs::create_dir_all(folder.join("rules")).expect("a folder");
    let mut rule = String::from(
        "id: pkce-required\nlanguage: html\nseverity: error\nmessage: no PKCE\nrule:\n",
    );
    let _ = write!(
        rule,
        "  kind: element\n  has:\n    kind: start_tag\n    has: {{ kind: tag_name, regex: '^oauthConfig$' }}\n  not:\n    has:\n      kind: element\n      regex: '^<isPkceRequired>\\s*true\\s*</isPkceRequired>$'\n"
    );
    fs::write(folder.join("rules/pkce-required.yml"), rule).expect("a file");
    let config = "ruleDirs: [rules]\nlanguageGlobs:\n  html: ['*.connectedApp-meta.xml']\n";
    fs::write(folder.join("sgconfig.yml"), config).expect("a file");
    let mut command = Command::new(program);
    command
        .arg("scan")
        .arg("--config")
        .arg(folder.join("sgconfig.yml"));
    command
        .args(["--globs", "*.connectedApp-meta.xml"])
        .arg(root);
    Some(command)
}
