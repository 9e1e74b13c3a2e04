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
complete -c forcelint -n "__fish_forcelint_needs_command" -f -a "check" -d 'Check Salesforce metadata for insecure settings'
complete -c forcelint -n "__fish_forcelint_needs_command" -f -a "explain" -d 'Show what a rule checks, why it matters, and how to fix its findings'
complete -c forcelint -n "__fish_forcelint_needs_command" -f -a "baseline" -d 'Record the current findings, so that only new ones are reported'
complete -c forcelint -n "__fish_forcelint_needs_command" -f -a "init" -d 'Set up a project: write forcelint.toml, and the configuration for pre-commit and CI'
complete -c forcelint -n "__fish_forcelint_needs_command" -f -a "manifest" -d 'Print a package.xml with all metadata that the rules read, to retrieve it from an org'
complete -c forcelint -n "__fish_forcelint_needs_command" -f -a "config" -d 'Print information about forcelint.toml'
complete -c forcelint -n "__fish_forcelint_needs_command" -f -a "lsp" -d 'Start the language server for editors, on stdin and stdout'
complete -c forcelint -n "__fish_forcelint_needs_command" -f -a "rules" -d 'List and test rules'
complete -c forcelint -n "__fish_forcelint_needs_command" -f -a "completions" -d 'Print the completion script for a shell'
complete -c forcelint -n "__fish_forcelint_needs_command" -f -a "man" -d 'Write the man pages'
complete -c forcelint -n "__fish_forcelint_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -l fix -d 'Apply fixes: safe ones, or with --fix=all also those that need a change in the client apps first' -r -f -a "safe\t'Safe fixes'
all\t'Also fixes that need a change in the client apps first'"
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -l format -d 'Output format: pretty (default on a terminal), concise (default elsewhere), json, sarif, github, gitlab, junit, markdown, html; =FILE writes it to a file. Can be repeated' -r
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -l select -d 'Check only these rules and tags' -r
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -l ignore -d 'Do not check these rules and tags' -r
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -l min-severity -d 'Lowest severity to report [default: low, or --fail-on if that is lower]' -r
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -l fail-on -d 'Lowest severity that fails the run, or `never` [default: low]' -r
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -l baseline -d 'Suppress the findings in this file, which `forcelint baseline` writes' -r -F
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -l config -d 'Use this config file instead of forcelint.toml' -r -F
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -l since -d 'Report only findings that your changes affect: committed since the merge base with this branch, tag or commit, staged, unstaged and untracked ones' -r
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -l stdin-filename -d 'Check stdin as this file; --fix prints the fixed text to stdout' -r -F
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -l jobs -d 'Number of threads' -r
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -l diff -d 'Print the changes of --fix as a patch and write nothing'
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -l fail-on-unchecked -d 'Fail the run also if a rule cannot be checked for a component'
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -l no-baseline -d 'Ignore the baseline of forcelint.toml'
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -l show-config -d 'Show the effective settings and where each one comes from, then exit'
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -l show-suppressed -d 'Also list the findings that exceptions, comments and the baseline suppress'
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -l staged -d 'Report only findings in staged files, as they are in git\'s index. --fix changes the files in the working tree and does not stage them'
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -l force-exclude -d 'Also skip named paths that ignore files exclude, or that are not metadata'
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -l allow-outside -d 'Also read files that links lead to outside the repository and the package directory'
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -l allow-empty -d 'Do not fail if a path has nothing to check'
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -l show-skipped -d 'Also list the files and folders that were skipped, with the reason'
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -l audit -d 'Check a repository whose authors are not trusted: its config, baseline, comments and ignore files do not apply, PATH itself is walked, and what cannot be checked fails the run'
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -s q -l quiet -d 'Print only the report, and errors on stderr'
complete -c forcelint -n "__fish_forcelint_using_subcommand check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c forcelint -n "__fish_forcelint_using_subcommand explain" -l format -d 'Output format' -r -f -a "text\t'For a terminal'
markdown\t'Markdown'
json\t'A JSON object'"
complete -c forcelint -n "__fish_forcelint_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c forcelint -n "__fish_forcelint_using_subcommand baseline" -l output -d 'The file to write [default: the baseline of forcelint.toml, or forcelint-baseline.json in the project\'s root]' -r -F
complete -c forcelint -n "__fish_forcelint_using_subcommand baseline" -l config -d 'Use this config file instead of forcelint.toml' -r -F
complete -c forcelint -n "__fish_forcelint_using_subcommand baseline" -l check -d 'Write nothing, and fail if the baseline would grow'
complete -c forcelint -n "__fish_forcelint_using_subcommand baseline" -l prune -d 'Only remove findings that no longer exist, and add none'
complete -c forcelint -n "__fish_forcelint_using_subcommand baseline" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c forcelint -n "__fish_forcelint_using_subcommand init" -l baseline -d 'Record the current findings in forcelint-baseline.json, so that only new ones are reported'
complete -c forcelint -n "__fish_forcelint_using_subcommand init" -l pre-commit -d 'Write .pre-commit-config.yaml at the root of the repository, or print the hook to add to it'
complete -c forcelint -n "__fish_forcelint_using_subcommand init" -l github -d 'Write a GitHub Actions workflow that checks pull requests, .github/workflows/forcelint.yml'
complete -c forcelint -n "__fish_forcelint_using_subcommand init" -l gitlab -d 'Write .gitlab-ci.yml, or print the job to add to it'
complete -c forcelint -n "__fish_forcelint_using_subcommand init" -l force -d 'Overwrite forcelint.toml, the baseline and the workflow if they exist. Files that other tools share are never overwritten'
complete -c forcelint -n "__fish_forcelint_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c forcelint -n "__fish_forcelint_using_subcommand manifest" -l select -d 'Only what these rules and tags read' -r
complete -c forcelint -n "__fish_forcelint_using_subcommand manifest" -l api-version -d 'The API version [default: that of the project, or the newest that forcelint knows]' -r
complete -c forcelint -n "__fish_forcelint_using_subcommand manifest" -l output -d 'Write it to this file instead of stdout' -r -F
complete -c forcelint -n "__fish_forcelint_using_subcommand manifest" -l config -d 'Use this config file instead of forcelint.toml' -r -F
complete -c forcelint -n "__fish_forcelint_using_subcommand manifest" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c forcelint -n "__fish_forcelint_using_subcommand config; and not __fish_seen_subcommand_from schema help" -s h -l help -d 'Print help'
complete -c forcelint -n "__fish_forcelint_using_subcommand config; and not __fish_seen_subcommand_from schema help" -f -a "schema" -d 'Print the JSON Schema of forcelint.toml, for completion in editors'
complete -c forcelint -n "__fish_forcelint_using_subcommand config; and not __fish_seen_subcommand_from schema help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c forcelint -n "__fish_forcelint_using_subcommand config; and __fish_seen_subcommand_from schema" -s h -l help -d 'Print help'
complete -c forcelint -n "__fish_forcelint_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "schema" -d 'Print the JSON Schema of forcelint.toml, for completion in editors'
complete -c forcelint -n "__fish_forcelint_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c forcelint -n "__fish_forcelint_using_subcommand lsp" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c forcelint -n "__fish_forcelint_using_subcommand rules; and not __fish_seen_subcommand_from list test schema help" -s h -l help -d 'Print help'
complete -c forcelint -n "__fish_forcelint_using_subcommand rules; and not __fish_seen_subcommand_from list test schema help" -f -a "list" -d 'List the rules'
complete -c forcelint -n "__fish_forcelint_using_subcommand rules; and not __fish_seen_subcommand_from list test schema help" -f -a "test" -d 'Run the tests of rules'
complete -c forcelint -n "__fish_forcelint_using_subcommand rules; and not __fish_seen_subcommand_from list test schema help" -f -a "schema" -d 'Print the JSON Schema of rule files, for completion in editors'
complete -c forcelint -n "__fish_forcelint_using_subcommand rules; and not __fish_seen_subcommand_from list test schema help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c forcelint -n "__fish_forcelint_using_subcommand rules; and __fish_seen_subcommand_from list" -l select -d 'Only these rules and tags' -r
complete -c forcelint -n "__fish_forcelint_using_subcommand rules; and __fish_seen_subcommand_from list" -l metadata -d 'Only rules that check this metadata type' -r
complete -c forcelint -n "__fish_forcelint_using_subcommand rules; and __fish_seen_subcommand_from list" -l severity -d 'Only rules of this severity' -r -f -a "critical\t''
high\t''
medium\t''
low\t''
info\t''"
complete -c forcelint -n "__fish_forcelint_using_subcommand rules; and __fish_seen_subcommand_from list" -l format -d 'Output format' -r -f -a "table\t'A table for a terminal'
json\t'A JSON array'"
complete -c forcelint -n "__fish_forcelint_using_subcommand rules; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c forcelint -n "__fish_forcelint_using_subcommand rules; and __fish_seen_subcommand_from test" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c forcelint -n "__fish_forcelint_using_subcommand rules; and __fish_seen_subcommand_from schema" -s h -l help -d 'Print help'
complete -c forcelint -n "__fish_forcelint_using_subcommand rules; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the rules'
complete -c forcelint -n "__fish_forcelint_using_subcommand rules; and __fish_seen_subcommand_from help" -f -a "test" -d 'Run the tests of rules'
complete -c forcelint -n "__fish_forcelint_using_subcommand rules; and __fish_seen_subcommand_from help" -f -a "schema" -d 'Print the JSON Schema of rule files, for completion in editors'
complete -c forcelint -n "__fish_forcelint_using_subcommand rules; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c forcelint -n "__fish_forcelint_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c forcelint -n "__fish_forcelint_using_subcommand man" -s h -l help -d 'Print help'
complete -c forcelint -n "__fish_forcelint_using_subcommand help; and not __fish_seen_subcommand_from check explain baseline init manifest config lsp rules completions man help" -f -a "check" -d 'Check Salesforce metadata for insecure settings'
complete -c forcelint -n "__fish_forcelint_using_subcommand help; and not __fish_seen_subcommand_from check explain baseline init manifest config lsp rules completions man help" -f -a "explain" -d 'Show what a rule checks, why it matters, and how to fix its findings'
complete -c forcelint -n "__fish_forcelint_using_subcommand help; and not __fish_seen_subcommand_from check explain baseline init manifest config lsp rules completions man help" -f -a "baseline" -d 'Record the current findings, so that only new ones are reported'
complete -c forcelint -n "__fish_forcelint_using_subcommand help; and not __fish_seen_subcommand_from check explain baseline init manifest config lsp rules completions man help" -f -a "init" -d 'Set up a project: write forcelint.toml, and the configuration for pre-commit and CI'
complete -c forcelint -n "__fish_forcelint_using_subcommand help; and not __fish_seen_subcommand_from check explain baseline init manifest config lsp rules completions man help" -f -a "manifest" -d 'Print a package.xml with all metadata that the rules read, to retrieve it from an org'
complete -c forcelint -n "__fish_forcelint_using_subcommand help; and not __fish_seen_subcommand_from check explain baseline init manifest config lsp rules completions man help" -f -a "config" -d 'Print information about forcelint.toml'
complete -c forcelint -n "__fish_forcelint_using_subcommand help; and not __fish_seen_subcommand_from check explain baseline init manifest config lsp rules completions man help" -f -a "lsp" -d 'Start the language server for editors, on stdin and stdout'
complete -c forcelint -n "__fish_forcelint_using_subcommand help; and not __fish_seen_subcommand_from check explain baseline init manifest config lsp rules completions man help" -f -a "rules" -d 'List and test rules'
complete -c forcelint -n "__fish_forcelint_using_subcommand help; and not __fish_seen_subcommand_from check explain baseline init manifest config lsp rules completions man help" -f -a "completions" -d 'Print the completion script for a shell'
complete -c forcelint -n "__fish_forcelint_using_subcommand help; and not __fish_seen_subcommand_from check explain baseline init manifest config lsp rules completions man help" -f -a "man" -d 'Write the man pages'
complete -c forcelint -n "__fish_forcelint_using_subcommand help; and not __fish_seen_subcommand_from check explain baseline init manifest config lsp rules completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c forcelint -n "__fish_forcelint_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "schema" -d 'Print the JSON Schema of forcelint.toml, for completion in editors'
complete -c forcelint -n "__fish_forcelint_using_subcommand help; and __fish_seen_subcommand_from rules" -f -a "list" -d 'List the rules'
complete -c forcelint -n "__fish_forcelint_using_subcommand help; and __fish_seen_subcommand_from rules" -f -a "test" -d 'Run the tests of rules'
complete -c forcelint -n "__fish_forcelint_using_subcommand help; and __fish_seen_subcommand_from rules" -f -a "schema" -d 'Print the JSON Schema of rule files, for completion in editors'
