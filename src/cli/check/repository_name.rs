//! The name of the checked repository, by which a report on many repositories lists it.

use std::env;
use std::path::{Path, PathBuf};

use crate::git::RemoteName;
use crate::output::{NameSource, RepositoryName};
use crate::project::is_zip;

/// For each CI system, a variable that only it sets, and the one that has the name of the repository.
const SYSTEMS: [(&str, &str); 4] = [
    ("GITHUB_ACTIONS", "GITHUB_REPOSITORY"),
    ("GITLAB_CI", "CI_PROJECT_PATH"),
    ("TF_BUILD", "BUILD_REPOSITORY_NAME"),
    ("BITBUCKET_BUILD_NUMBER", "BITBUCKET_REPO_FULL_NAME"),
];

/// The name: that of the option, else of the remote, else of CI, else of the folder or the only zip. The remote comes
/// before CI, because a job can check clones of other repositories.
pub(super) fn repository_name(
    named: Option<&str>,
    origin: Option<RemoteName>,
    targets: &[PathBuf],
    root: &Path,
) -> RepositoryName {
    let from = |source, name: String| RepositoryName {
        name,
        host: None,
        source,
    };
    if let Some(name) = named {
        return from(NameSource::Option, name.to_owned());
    }
    if let Some(origin) = origin {
        return RepositoryName {
            host: origin.host,
            ..from(NameSource::Remote, origin.path)
        };
    }
    let zip = match targets {
        [target] if is_zip(target) => target.file_stem(),
        _ => None,
    };
    // A zip can be of any repository.
    if zip.is_none()
        && let Some(name) = ci_repository(|name| env::var(name).ok())
    {
        return from(NameSource::CiVariable, name);
    }
    let name = zip.or(root.file_name()).unwrap_or_default();
    from(NameSource::Folder, name.to_string_lossy().into_owned())
}

fn ci_repository(variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let variable = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
    let (_, name) = SYSTEMS
        .iter()
        .find(|(marker, _)| variable(marker).is_some())?;
    variable(name)
}
