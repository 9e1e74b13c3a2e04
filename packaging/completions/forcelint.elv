
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
            cand check 'Lint files and folders'
            cand explain 'Tell what a rule checks, why, and how to fix and roll out what it finds'
            cand baseline 'Record today''s findings, so that only new ones count'
            cand init 'Set a project up: write forcelint.toml, and the entries of pre-commit and CI'
            cand config 'The config, forcelint.toml'
            cand lsp 'Tell an editor what `check` finds, while somebody types: a language server on stdin and stdout'
            cand rules 'The rules'
            cand completions 'Print the script that completes forcelint''s arguments in a shell'
            cand man 'Write the man pages, for packages'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'forcelint;check'= {
            cand --fix 'Apply fixes: safe ones, or with --fix=all also those that need a roll-out to the clients'
            cand --format 'How to report: pretty (on a terminal), concise (else), json, sarif, github, gitlab, junit, markdown, html; with =FILE into a file. May be given several times'
            cand --select 'Only these rules and tags'
            cand --ignore 'Not these rules and tags'
            cand --min-severity 'The mildest severity that is reported; whatever fails the run always is [default: low]'
            cand --fail-on 'The mildest severity that fails the run, or `never` [default: low]'
            cand --baseline 'Findings of this file do not count; `forcelint baseline` writes it'
            cand --config 'Use this config, and look for no other'
            cand --since 'Only findings in files that differ from where HEAD and this branch, tag or commit parted: committed, staged, unstaged and untracked changes; and those in other files that a changed one had a part in'
            cand --stdin-filename 'Lint stdin as if it were this file; with --fix the fixed text goes to stdout'
            cand --jobs 'Number of threads'
            cand --diff 'Print the patch of what --fix would do, and write nothing'
            cand --no-baseline 'All findings count: the baseline of forcelint.toml is not looked at'
            cand --show-config 'Print what holds for this run and where each value came from, and lint nothing'
            cand --show-suppressed 'List the findings too that exceptions, comments and the baseline hide'
            cand --staged 'Only findings in what is staged, read from git''s index, other files as they are there. With --fix files of the working tree are fixed, and not staged again'
            cand --force-exclude 'Ignore files hold for the named paths as well'
            cand -q 'The report alone, nothing on stderr but what could not be done'
            cand --quiet 'The report alone, nothing on stderr but what could not be done'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'forcelint;explain'= {
            cand --format 'How to write it'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'forcelint;baseline'= {
            cand --output 'The file. Without it: that of forcelint.toml, else forcelint-baseline.json in the folder of the project'
            cand --config 'Use this config, and look for no other'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'forcelint;init'= {
            cand --baseline 'Record today''s findings in forcelint-baseline.json, so that only new ones count'
            cand --pre-commit 'A hook for pre-commit, in .pre-commit-config.yaml at the top of the repository'
            cand --github 'A check of pull requests for GitHub Actions, .github/workflows/forcelint.yml'
            cand --gitlab 'A job for GitLab CI, in .gitlab-ci.yml'
            cand --force 'Write forcelint.toml, the baseline and the workflow anew where they are there already. Files in which others have entries too are never written over'
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
            cand test 'Hold rules against the tests in their own files'
            cand schema 'Print the JSON Schema of rule files, for completion in editors'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'forcelint;rules;list'= {
            cand --select 'Only these rules and tags'
            cand --metadata 'Only rules that look at this metadata type'
            cand --severity 'Only rules of this severity'
            cand --format 'How to write it'
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
            cand test 'Hold rules against the tests in their own files'
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
            cand check 'Lint files and folders'
            cand explain 'Tell what a rule checks, why, and how to fix and roll out what it finds'
            cand baseline 'Record today''s findings, so that only new ones count'
            cand init 'Set a project up: write forcelint.toml, and the entries of pre-commit and CI'
            cand config 'The config, forcelint.toml'
            cand lsp 'Tell an editor what `check` finds, while somebody types: a language server on stdin and stdout'
            cand rules 'The rules'
            cand completions 'Print the script that completes forcelint''s arguments in a shell'
            cand man 'Write the man pages, for packages'
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
        &'forcelint;help;config'= {
            cand schema 'Print the JSON Schema of forcelint.toml, for completion in editors'
        }
        &'forcelint;help;config;schema'= {
        }
        &'forcelint;help;lsp'= {
        }
        &'forcelint;help;rules'= {
            cand list 'List the rules'
            cand test 'Hold rules against the tests in their own files'
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
