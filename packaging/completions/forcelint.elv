
use builtin;
use str;

set edit:completion:arg-completer[forcelint] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'forcelint'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'forcelint'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand check 'Check Salesforce metadata for insecure settings'
            cand explain 'Show what a rule checks, why it matters, and how to fix its findings'
            cand baseline 'Record the current findings, so that only new ones are reported'
            cand init 'Set up a project: write forcelint.toml, and the configuration for pre-commit and CI'
            cand manifest 'Print a package.xml with all metadata that the rules read, to retrieve it from an org'
            cand config 'Print information about forcelint.toml'
            cand lsp 'Start the language server for editors, on stdin and stdout'
            cand rules 'List and test rules'
            cand completions 'Print the completion script for a shell'
            cand man 'Write the man pages'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'forcelint;check'= {
            cand --fix 'Apply fixes: safe ones, or with --fix=all also those that need a change in the client apps first'
            cand --format 'Output format: pretty (default on a terminal), concise (default elsewhere), json, sarif, github, gitlab, junit, markdown, html; =FILE writes it to a file. Can be repeated'
            cand --select 'Check only these rules and tags'
            cand --ignore 'Do not check these rules and tags'
            cand --min-severity 'Lowest severity to report [default: low, or --fail-on if that is lower]'
            cand --fail-on 'Lowest severity that fails the run, or `never` [default: low]'
            cand --baseline 'Suppress the findings in this file, which `forcelint baseline` writes'
            cand --config 'Use this config file instead of forcelint.toml'
            cand --since 'Report only findings that your changes affect: committed since the merge base with this branch, tag or commit, staged, unstaged and untracked ones'
            cand --stdin-filename 'Check stdin as this file; --fix prints the fixed text to stdout'
            cand --jobs 'Number of threads'
            cand --diff 'Print the changes of --fix as a patch and write nothing'
            cand --fail-on-unchecked 'Fail the run also if a rule cannot be checked for a component'
            cand --no-baseline 'Ignore the baseline of forcelint.toml'
            cand --show-config 'Show the effective settings and where each one comes from, then exit'
            cand --show-suppressed 'Also list the findings that exceptions, comments and the baseline suppress'
            cand --staged 'Report only findings in staged files, as they are in git''s index. --fix changes the files in the working tree and does not stage them'
            cand --force-exclude 'Also skip named paths that ignore files exclude, or that are not metadata'
            cand --allow-outside 'Also read files that links lead to outside the repository and the package directory'
            cand --allow-empty 'Do not fail if a path has nothing to check'
            cand --show-skipped 'Also list the files and folders that were skipped, with the reason'
            cand --audit 'Check a repository whose authors are not trusted: its config, baseline, comments and ignore files do not apply, PATH itself is walked, and what cannot be checked fails the run'
            cand -q 'Print only the report, and errors on stderr'
            cand --quiet 'Print only the report, and errors on stderr'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'forcelint;explain'= {
            cand --format 'Output format'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'forcelint;baseline'= {
            cand --output 'The file to write [default: the baseline of forcelint.toml, or forcelint-baseline.json in the project''s root]'
            cand --config 'Use this config file instead of forcelint.toml'
            cand --check 'Write nothing, and fail if the baseline would grow'
            cand --prune 'Only remove findings that no longer exist, and add none'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'forcelint;init'= {
            cand --baseline 'Record the current findings in forcelint-baseline.json, so that only new ones are reported'
            cand --pre-commit 'Write .pre-commit-config.yaml at the root of the repository, or print the hook to add to it'
            cand --github 'Write a GitHub Actions workflow that checks pull requests, .github/workflows/forcelint.yml'
            cand --gitlab 'Write .gitlab-ci.yml, or print the job to add to it'
            cand --force 'Overwrite forcelint.toml, the baseline and the workflow if they exist. Files that other tools share are never overwritten'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'forcelint;manifest'= {
            cand --select 'Only what these rules and tags read'
            cand --api-version 'The API version [default: that of the project, or the newest that forcelint knows]'
            cand --output 'Write it to this file instead of stdout'
            cand --config 'Use this config file instead of forcelint.toml'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'forcelint;config'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand schema 'Print the JSON Schema of forcelint.toml, for completion in editors'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'forcelint;config;schema'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'forcelint;config;help'= {
            cand schema 'Print the JSON Schema of forcelint.toml, for completion in editors'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'forcelint;config;help;schema'= {
        }
        &'forcelint;config;help;help'= {
        }
        &'forcelint;lsp'= {
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'forcelint;rules'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand list 'List the rules'
            cand test 'Run the tests of rules'
            cand schema 'Print the JSON Schema of rule files, for completion in editors'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'forcelint;rules;list'= {
            cand --select 'Only these rules and tags'
            cand --metadata 'Only rules that check this metadata type'
            cand --severity 'Only rules of this severity'
            cand --format 'Output format'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'forcelint;rules;test'= {
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'forcelint;rules;schema'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'forcelint;rules;help'= {
            cand list 'List the rules'
            cand test 'Run the tests of rules'
            cand schema 'Print the JSON Schema of rule files, for completion in editors'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'forcelint;rules;help;list'= {
        }
        &'forcelint;rules;help;test'= {
        }
        &'forcelint;rules;help;schema'= {
        }
        &'forcelint;rules;help;help'= {
        }
        &'forcelint;completions'= {
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'forcelint;man'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'forcelint;help'= {
            cand check 'Check Salesforce metadata for insecure settings'
            cand explain 'Show what a rule checks, why it matters, and how to fix its findings'
            cand baseline 'Record the current findings, so that only new ones are reported'
            cand init 'Set up a project: write forcelint.toml, and the configuration for pre-commit and CI'
            cand manifest 'Print a package.xml with all metadata that the rules read, to retrieve it from an org'
            cand config 'Print information about forcelint.toml'
            cand lsp 'Start the language server for editors, on stdin and stdout'
            cand rules 'List and test rules'
            cand completions 'Print the completion script for a shell'
            cand man 'Write the man pages'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'forcelint;help;check'= {
        }
        &'forcelint;help;explain'= {
        }
        &'forcelint;help;baseline'= {
        }
        &'forcelint;help;init'= {
        }
        &'forcelint;help;manifest'= {
        }
        &'forcelint;help;config'= {
            cand schema 'Print the JSON Schema of forcelint.toml, for completion in editors'
        }
        &'forcelint;help;config;schema'= {
        }
        &'forcelint;help;lsp'= {
        }
        &'forcelint;help;rules'= {
            cand list 'List the rules'
            cand test 'Run the tests of rules'
            cand schema 'Print the JSON Schema of rule files, for completion in editors'
        }
        &'forcelint;help;rules;list'= {
        }
        &'forcelint;help;rules;test'= {
        }
        &'forcelint;help;rules;schema'= {
        }
        &'forcelint;help;completions'= {
        }
        &'forcelint;help;man'= {
        }
        &'forcelint;help;help'= {
        }
    ]
    $completions[$command]
}
