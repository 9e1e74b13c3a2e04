fn main() {
    let rules = forcelint::rule::RuleSet::select(&Default::default()).unwrap();
    let linter = forcelint::lint::Linter::new(&rules, 0);
    let args: Vec<std::path::PathBuf> = std::env::args().skip(1).map(Into::into).collect();
    let t = forcelint::project::Targets::resolve(&args, std::path::Path::new("."), &linter.projects).unwrap();
    let r = linter.run(&t);
    for f in &r.findings { println!("{}:{}:{}: {}[{}] {}", f.location.path, f.location.start.line, f.location.start.column, f.severity, f.rule, f.message); }
    println!("{:?} {:?} {:?} {:?}", r.tally, r.not_judged, r.errors, r.notes);
}
