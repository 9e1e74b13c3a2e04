//! The Rust sources of the workspace, parsed.

use std::fs;
use std::path::Path;

use walkdir::WalkDir;

/// A parsed file. Its path is relative to the workspace and has forward slashes.
pub struct Source {
    pub path: String,
    pub tree: syn::File,
}

impl Source {
    pub fn new(path: &str, text: &str) -> Self {
        let tree = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}"));
        Self {
            path: path.to_owned(),
            tree,
        }
    }

    pub fn file_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}

/// A package of the workspace: the name of its library in Rust code, and its `src` folder.
pub struct Package {
    pub name: String,
    pub src: String,
}

/// All packages of the workspace and their sources. `build.rs` is the last source and belongs to no
/// package.
pub fn workspace(root: &Path) -> (Vec<Package>, Vec<Source>) {
    let mut folders = vec![String::new()];
    if root.join("xtask").is_dir() {
        folders.push("xtask/".to_owned());
    }
    if let Ok(entries) = fs::read_dir(root.join("crates")) {
        for entry in entries {
            let name = entry.unwrap().file_name().into_string().unwrap();
            folders.push(format!("crates/{name}/"));
        }
    }
    folders.sort();
    let mut packages = Vec::new();
    let mut sources = Vec::new();
    for folder in folders {
        let manifest = root.join(&folder).join("Cargo.toml");
        let manifest: toml::Table = fs::read_to_string(manifest).unwrap().parse().unwrap();
        let name = manifest["package"]["name"].as_str().unwrap();
        let src = format!("{folder}src");
        read_folder(root, &src, &mut sources);
        packages.push(Package {
            name: name.replace('-', "_"),
            src,
        });
    }
    let build_script = fs::read_to_string(root.join("build.rs")).unwrap();
    sources.push(Source::new("build.rs", &build_script));
    (packages, sources)
}

fn read_folder(root: &Path, src: &str, sources: &mut Vec<Source>) {
    for entry in WalkDir::new(root.join(src)).sort_by_file_name() {
        let path = entry.unwrap().into_path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap();
            let text = fs::read_to_string(&path).unwrap();
            sources.push(Source::new(&name.replace('\\', "/"), &text));
        }
    }
}
