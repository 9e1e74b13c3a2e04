//! The web address of the checked commit's files, from the environment of GitHub Actions or GitLab CI.
//!
//! Markdown reports need it, because relative links do not work on the page of a job or pull request.

use std::env;

/// The address, which ends with `/`; `None` outside CI.
pub(crate) fn source_url() -> Option<String> {
    let variable = |name: &str| env::var(name).ok().filter(|value| is_part(value));
    let url = if variable("GITHUB_ACTIONS").is_some() {
        let server = variable("GITHUB_SERVER_URL")?;
        let repository = variable("GITHUB_REPOSITORY")?;
        format!("{server}/{repository}/blob/{}/", variable("GITHUB_SHA")?)
    } else if variable("GITLAB_CI").is_some() {
        let project = variable("CI_PROJECT_URL")?;
        format!("{project}/-/blob/{}/", variable("CI_COMMIT_SHA")?)
    } else {
        return None;
    };
    (url.starts_with("https://") || url.starts_with("http://")).then_some(url)
}

/// Whether a value is safe in a URL and in Markdown.
fn is_part(value: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b":/.-_~%@+".contains(&byte);
    !value.is_empty() && value.bytes().all(fits)
}
