//! The branch that a CI system checks. CI systems check out a commit, so that git does not know its branch.

use std::env;

/// For each CI system, a variable that only it sets, and the variables that can have the branch, the most
/// specific first: that of a pull request before that of the pipeline.
const SYSTEMS: [(&str, &[&str]); 6] = [
    ("GITHUB_ACTIONS", &["GITHUB_HEAD_REF", "GITHUB_REF_NAME"]),
    (
        "GITLAB_CI",
        &[
            "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME",
            "CI_COMMIT_BRANCH",
            "CI_COMMIT_REF_NAME",
        ],
    ),
    (
        "TF_BUILD",
        &["SYSTEM_PULLREQUEST_SOURCEBRANCH", "BUILD_SOURCEBRANCH"],
    ),
    (
        "JENKINS_URL",
        &["CHANGE_BRANCH", "BRANCH_NAME", "GIT_BRANCH"],
    ),
    (
        "BITBUCKET_BUILD_NUMBER",
        &["BITBUCKET_BRANCH", "BITBUCKET_TAG"],
    ),
    ("CIRCLECI", &["CIRCLE_BRANCH", "CIRCLE_TAG"]),
];

/// A branch or tag, and the variable that has its name.
pub(crate) fn ci_branch() -> Option<(String, &'static str)> {
    branch_in(|name| env::var(name).ok())
}

fn branch_in(variable: impl Fn(&str) -> Option<String>) -> Option<(String, &'static str)> {
    let variable = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
    let (_, names) = SYSTEMS
        .iter()
        .find(|(marker, _)| variable(marker).is_some())?;
    names.iter().find_map(|name| {
        let value = variable(name)?;
        let value = value.trim();
        let short = ["refs/heads/", "refs/tags/", "refs/"]
            .iter()
            .find_map(|prefix| value.strip_prefix(prefix));
        Some((short.unwrap_or(value).to_owned(), *name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_branch_of_a_pull_request_comes_first() {
        for (variables, expected) in [
            (
                &[
                    "GITHUB_ACTIONS=true",
                    "GITHUB_HEAD_REF=fix",
                    "GITHUB_REF_NAME=7/merge",
                ][..],
                Some(("fix", "GITHUB_HEAD_REF")),
            ),
            (
                // GitHub sets the variable to an empty text outside pull requests.
                &[
                    "GITHUB_ACTIONS=true",
                    "GITHUB_HEAD_REF=",
                    "GITHUB_REF_NAME=main",
                ],
                Some(("main", "GITHUB_REF_NAME")),
            ),
            (
                &["GITLAB_CI=true", "CI_COMMIT_BRANCH=main"],
                Some(("main", "CI_COMMIT_BRANCH")),
            ),
            (
                &["TF_BUILD=True", "BUILD_SOURCEBRANCH=refs/heads/feature/a"],
                Some(("feature/a", "BUILD_SOURCEBRANCH")),
            ),
            (
                &[
                    "JENKINS_URL=https://ci.example",
                    "CHANGE_BRANCH=fix",
                    "BRANCH_NAME=PR-7",
                ],
                Some(("fix", "CHANGE_BRANCH")),
            ),
            (
                &["BITBUCKET_BUILD_NUMBER=1", "BITBUCKET_BRANCH=main"],
                Some(("main", "BITBUCKET_BRANCH")),
            ),
            (
                &["CIRCLECI=true", "CIRCLE_TAG=v1"],
                Some(("v1", "CIRCLE_TAG")),
            ),
            // A variable of another system is not evidence.
            (&["GITHUB_ACTIONS=true", "BRANCH_NAME=main"], None),
            (&["BRANCH_NAME=main"], None),
        ] {
            let found = branch_in(|name| {
                let mut values = variables.iter().filter_map(|it| it.split_once('='));
                values
                    .find(|(it, _)| *it == name)
                    .map(|(_, value)| value.to_owned())
            });
            let found = found
                .as_ref()
                .map(|(branch, name)| (branch.as_str(), *name));
            assert_eq!(found, expected, "{variables:?}");
        }
    }
}
