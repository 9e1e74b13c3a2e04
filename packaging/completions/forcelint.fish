# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_forcelint_global_optspecs
    string join \n h/help V/version
end

function __fish_forcelint_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_forcelint_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_forcelint_using_subcommand
    set -l cmd (__fish_forcelint_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c forcelint -n "__fish_forcelint_needs_command" -s h -l help -d 'Print help'
complete -c forcelint -n "__fish_forcelint_needs_command" -s V -l version -d 'Print version'
complete -c forcelint -n "__fish_forcelint_needs_command" -f -a "check" -d 'Lint files and folders'
complete -c forcelint -n "__fish_forcelint_needs_command" -f -a "explain" -d 'Tell what a rule checks, why, and how to fix and roll out what it finds'
complete -c forcelint -n "__fish_forcelint_needs_command" -f -a "baseline" -d 'Record today\'s findings, so that only new ones count'
complete -c forcelint -n "__fish_forcelint_needs_command" -f -a "init" -d 'Set a project up: write forcelint.toml, and the entries of pre-commit and CI'
complete -c forcelint -n "__fish_forcelint_needs_command" -f -a "config" -d 'The config, forcelint.toml'
complete -c forcelint -n "__fish_forcelint_needs_command" -f -a "lsp" -d 'Tell an editor what `check` finds, while somebody types: a language server on stdin and stdout'
complete -c forcelint -n "__fish_forcelint_needs_command" -f -a "rules" -d 'The rules'
complete -c forcelint -n "__fish_forcelint_needs_command" -f -a "completions" -d 'Print the script that completes forcelint\'s arguments in a shell'
complete -c forcelint -n "__fish_forcelint_needs_command" -f -a "man" -d 'Write the man pages, for packages'
complete -c forcelint -n "__fish_forcelint_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -l fix -d 'Apply fixes: safe ones, or with --fix=all also those that need a roll-out to the clients' -r -f -a "safe\t'Those that break no client'
all\t'Those too that need a roll-out'"
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -l format -d 'How to report: pretty (on a terminal), concise (else), json, sarif, github, gitlab, junit, markdown, html; with =FILE into a file. May be given several times' -r
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -l select -d 'Only these rules and tags' -r
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -l ignore -d 'Not these rules and tags' -r
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -l min-severity -d 'The mildest severity that is reported; whatever fails the run always is [default: low]' -r
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -l fail-on -d 'The mildest severity that fails the run, or `never` [default: low]' -r
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -l baseline -d 'Findings of this file do not count; `forcelint baseline` writes it' -r -F
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -l config -d 'Use this config, and look for no other' -r -F
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -l since -d 'Only findings in files that differ from where HEAD and this branch, tag or commit parted: committed, staged, unstaged and untracked changes; and those in other files that a changed one had a part in' -r
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -l stdin-filename -d 'Lint stdin as if it were this file; with --fix the fixed text goes to stdout' -r -F
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -l jobs -d 'Number of threads' -r
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -l diff -d 'Print the patch of what --fix would do, and write nothing'
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -l no-baseline -d 'All findings count: the baseline of forcelint.toml is not looked at'
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -l show-config -d 'Print what holds for this run and where each value came from, and lint nothing'
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -l show-suppressed -d 'List the findings too that exceptions, comments and the baseline hide'
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -l staged -d 'Only findings in what is staged, read from git\'s index, other files as they are there. With --fix files of the working tree are fixed, and not staged again'
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -l force-exclude -d 'Ignore files hold for the named paths as well'
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -s q -l quiet -d 'The report alone, nothing on stderr but what could not be done'
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c forcelint -n "__fish_forcelint_using_subcommand explain" -l format -d 'How to write it' -r -f -a "text\t'For a terminal'
markdown\t'Markdown'
json\t'A JSON object'"
complete -c forcelint -n "__fish_forcelint_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c forcelint -n "__fish_forcelint_using_subcommand baseline" -l output -d 'The file. Without it: that of forcelint.toml, else forcelint-baseline.json in the folder of the project' -r -F
complete -c forcelint -n "__fish_forcelint_using_subcommand baseline" -l config -d 'Use this config, and look for no other' -r -F
complete -c forcelint -n "__fish_forcelint_using_subcommand baseline" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c forcelint -n "__fish_forcelint_using_subcommand init" -l baseline -d 'Record today\'s findings in forcelint-baseline.json, so that only new ones count'
complete -c forcelint -n "__fish_forcelint_using_subcommand init" -l pre-commit -d 'A hook for pre-commit, in .pre-commit-config.yaml at the top of the repository'
complete -c forcelint -n "__fish_forcelint_using_subcommand init" -l github -d 'A check of pull requests for GitHub Actions, .github/workflows/forcelint.yml'
complete -c forcelint -n "__fish_forcelint_using_subcommand init" -l gitlab -d 'A job for GitLab CI, in .gitlab-ci.yml'
complete -c forcelint -n "__fish_forcelint_using_subcommand init" -l force -d 'Write forcelint.toml, the baseline and the workflow anew where they are there already. Files in which others have entries too are never written over'
complete -c forcelint -n "__fish_forcelint_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c forcelint -n "__fish_forcelint_using_subcommand config; and not __fish_seen_subcommand_from schema help" -s h -l help -d 'Print help'
complete -c forcelint -n "__fish_forcelint_using_subcommand config; and not __fish_seen_subcommand_from schema help" -f -a "schema" -d 'Print the JSON Schema of forcelint.toml, for completion in editors'
complete -c forcelint -n "__fish_forcelint_using_subcommand config; and not __fish_seen_subcommand_from schema help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c forcelint -n "__fish_forcelint_using_subcommand config; and __fish_seen_subcommand_from schema" -s h -l help -d 'Print help'
complete -c forcelint -n "__fish_forcelint_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "schema" -d 'Print the JSON Schema of forcelint.toml, for completion in editors'
complete -c forcelint -n "__fish_forcelint_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c forcelint -n "__fish_forcelint_using_subcommand lsp" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c forcelint -n "__fish_forcelint_using_subcommand rules; and not __fish_seen_subcommand_from list test schema help" -s h -l help -d 'Print help'
complete -c forcelint -n "__fish_forcelint_using_subcommand rules; and not __fish_seen_subcommand_from list test schema help" -f -a "list" -d 'List the rules'
complete -c forcelint -n "__fish_forcelint_using_subcommand rules; and not __fish_seen_subcommand_from list test schema help" -f -a "test" -d 'Hold rules against the tests in their own files'
complete -c forcelint -n "__fish_forcelint_using_subcommand rules; and not __fish_seen_subcommand_from list test schema help" -f -a "schema" -d 'Print the JSON Schema of rule files, for completion in editors'
complete -c forcelint -n "__fish_forcelint_using_subcommand rules; and not __fish_seen_subcommand_from list test schema help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c forcelint -n "__fish_forcelint_using_subcommand rules; and __fish_seen_subcommand_from list" -l select -d 'Only these rules and tags' -r
complete -c forcelint -n "__fish_forcelint_using_subcommand rules; and __fish_seen_subcommand_from list" -l metadata -d 'Only rules that look at this metadata type' -r
complete -c forcelint -n "__fish_forcelint_using_subcommand rules; and __fish_seen_subcommand_from list" -l severity -d 'Only rules of this severity' -r -f -a "critical\t''
high\t''
medium\t''
low\t''
info\t''"
complete -c forcelint -n "__fish_forcelint_using_subcommand rules; and __fish_seen_subcommand_from list" -l format -d 'How to write it' -r -f -a "table\t'A table for a terminal'
json\t'A JSON array'"
complete -c forcelint -n "__fish_forcelint_using_subcommand rules; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c forcelint -n "__fish_forcelint_using_subcommand rules; and __fish_seen_subcommand_from test" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c forcelint -n "__fish_forcelint_using_subcommand rules; and __fish_seen_subcommand_from schema" -s h -l help -d 'Print help'
complete -c forcelint -n "__fish_forcelint_using_subcommand rules; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the rules'
complete -c forcelint -n "__fish_forcelint_using_subcommand rules; and __fish_seen_subcommand_from help" -f -a "test" -d 'Hold rules against the tests in their own files'
complete -c forcelint -n "__fish_forcelint_using_subcommand rules; and __fish_seen_subcommand_from help" -f -a "schema" -d 'Print the JSON Schema of rule files, for completion in editors'
complete -c forcelint -n "__fish_forcelint_using_subcommand rules; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c forcelint -n "__fish_forcelint_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c forcelint -n "__fish_forcelint_using_subcommand man" -s h -l help -d 'Print help'
complete -c forcelint -n "__fish_forcelint_using_subcommand help; and not __fish_seen_subcommand_from check explain baseline init config lsp rules completions man help" -f -a "check" -d 'Lint files and folders'
complete -c forcelint -n "__fish_forcelint_using_subcommand help; and not __fish_seen_subcommand_from check explain baseline init config lsp rules completions man help" -f -a "explain" -d 'Tell what a rule checks, why, and how to fix and roll out what it finds'
complete -c forcelint -n "__fish_forcelint_using_subcommand help; and not __fish_seen_subcommand_from check explain baseline init config lsp rules completions man help" -f -a "baseline" -d 'Record today\'s findings, so that only new ones count'
complete -c forcelint -n "__fish_forcelint_using_subcommand help; and not __fish_seen_subcommand_from check explain baseline init config lsp rules completions man help" -f -a "init" -d 'Set a project up: write forcelint.toml, and the entries of pre-commit and CI'
complete -c forcelint -n "__fish_forcelint_using_subcommand help; and not __fish_seen_subcommand_from check explain baseline init config lsp rules completions man help" -f -a "config" -d 'The config, forcelint.toml'
complete -c forcelint -n "__fish_forcelint_using_subcommand help; and not __fish_seen_subcommand_from check explain baseline init config lsp rules completions man help" -f -a "lsp" -d 'Tell an editor what `check` finds, while somebody types: a language server on stdin and stdout'
complete -c forcelint -n "__fish_forcelint_using_subcommand help; and not __fish_seen_subcommand_from check explain baseline init config lsp rules completions man help" -f -a "rules" -d 'The rules'
complete -c forcelint -n "__fish_forcelint_using_subcommand help; and not __fish_seen_subcommand_from check explain baseline init config lsp rules completions man help" -f -a "completions" -d 'Print the script that completes forcelint\'s arguments in a shell'
complete -c forcelint -n "__fish_forcelint_using_subcommand help; and not __fish_seen_subcommand_from check explain baseline init config lsp rules completions man help" -f -a "man" -d 'Write the man pages, for packages'
complete -c forcelint -n "__fish_forcelint_using_subcommand help; and not __fish_seen_subcommand_from check explain baseline init config lsp rules completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c forcelint -n "__fish_forcelint_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "schema" -d 'Print the JSON Schema of forcelint.toml, for completion in editors'
complete -c forcelint -n "__fish_forcelint_using_subcommand help; and __fish_seen_subcommand_from rules" -f -a "list" -d 'List the rules'
complete -c forcelint -n "__fish_forcelint_using_subcommand help; and __fish_seen_subcommand_from rules" -f -a "test" -d 'Hold rules against the tests in their own files'
complete -c forcelint -n "__fish_forcelint_using_subcommand help; and __fish_seen_subcommand_from rules" -f -a "schema" -d 'Print the JSON Schema of rule files, for completion in editors'
