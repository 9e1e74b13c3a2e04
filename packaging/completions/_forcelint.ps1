
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'forcelint' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'forcelint'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'forcelint' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check Salesforce metadata for insecure settings')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Show what a rule checks, why it matters, and how to fix its findings')
            [CompletionResult]::new('baseline', 'baseline', [CompletionResultType]::ParameterValue, 'Record the current findings, so that only new ones are reported')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Set up a project: write forcelint.toml, and the configuration for pre-commit and CI')
            [CompletionResult]::new('manifest', 'manifest', [CompletionResultType]::ParameterValue, 'Print a package.xml with all metadata that the rules read, to retrieve it from an org')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Print information about forcelint.toml')
            [CompletionResult]::new('lsp', 'lsp', [CompletionResultType]::ParameterValue, 'Start the language server for editors, on stdin and stdout')
            [CompletionResult]::new('rules', 'rules', [CompletionResultType]::ParameterValue, 'List and test rules')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Write the man pages')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'forcelint;check' {
            [CompletionResult]::new('--fix', '--fix', [CompletionResultType]::ParameterName, 'Apply fixes: safe ones, or with --fix=all also those that need a change in the client apps first')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Output format: pretty (default on a terminal), concise (default elsewhere), json, sarif, github, gitlab, junit, markdown, html; =FILE writes it to a file. Can be repeated')
            [CompletionResult]::new('--select', '--select', [CompletionResultType]::ParameterName, 'Check only these rules and tags')
            [CompletionResult]::new('--ignore', '--ignore', [CompletionResultType]::ParameterName, 'Do not check these rules and tags')
            [CompletionResult]::new('--min-severity', '--min-severity', [CompletionResultType]::ParameterName, 'Lowest severity to report [default: low, or --fail-on if that is lower]')
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'Lowest severity that fails the run, or `never` [default: low]')
            [CompletionResult]::new('--baseline', '--baseline', [CompletionResultType]::ParameterName, 'Suppress the findings in this file, which `forcelint baseline` writes')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Use this config file instead of forcelint.toml')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Report only findings that your changes affect: committed since the merge base with this branch, tag or commit, staged, unstaged and untracked ones')
            [CompletionResult]::new('--stdin-filename', '--stdin-filename', [CompletionResultType]::ParameterName, 'Check stdin as this file; --fix prints the fixed text to stdout')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Number of threads')
            [CompletionResult]::new('--diff', '--diff', [CompletionResultType]::ParameterName, 'Print the changes of --fix as a patch and write nothing')
            [CompletionResult]::new('--fail-on-unchecked', '--fail-on-unchecked', [CompletionResultType]::ParameterName, 'Fail the run also if a rule cannot be checked for a component')
            [CompletionResult]::new('--no-baseline', '--no-baseline', [CompletionResultType]::ParameterName, 'Ignore the baseline of forcelint.toml')
            [CompletionResult]::new('--show-config', '--show-config', [CompletionResultType]::ParameterName, 'Show the effective settings and where each one comes from, then exit')
            [CompletionResult]::new('--show-suppressed', '--show-suppressed', [CompletionResultType]::ParameterName, 'Also list the findings that exceptions, comments and the baseline suppress')
            [CompletionResult]::new('--staged', '--staged', [CompletionResultType]::ParameterName, 'Report only findings in staged files, as they are in git''s index. --fix changes the files in the working tree and does not stage them')
            [CompletionResult]::new('--force-exclude', '--force-exclude', [CompletionResultType]::ParameterName, 'Also skip named paths that ignore files exclude, or that are not metadata')
            [CompletionResult]::new('--allow-outside', '--allow-outside', [CompletionResultType]::ParameterName, 'Also read files that links lead to outside the repository and the package directory')
            [CompletionResult]::new('--allow-empty', '--allow-empty', [CompletionResultType]::ParameterName, 'Do not fail if a path has nothing to check')
            [CompletionResult]::new('--show-skipped', '--show-skipped', [CompletionResultType]::ParameterName, 'Also list the files and folders that were skipped, with the reason')
            [CompletionResult]::new('--audit', '--audit', [CompletionResultType]::ParameterName, 'Check a repository whose authors are not trusted: its config, baseline, comments and ignore files do not apply, PATH itself is walked, and what cannot be checked fails the run')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the report, and errors on stderr')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the report, and errors on stderr')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'forcelint;explain' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'forcelint;baseline' {
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The file to write [default: the baseline of forcelint.toml, or forcelint-baseline.json in the project''s root]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Use this config file instead of forcelint.toml')
            [CompletionResult]::new('--check', '--check', [CompletionResultType]::ParameterName, 'Write nothing, and fail if the baseline would grow')
            [CompletionResult]::new('--prune', '--prune', [CompletionResultType]::ParameterName, 'Only remove findings that no longer exist, and add none')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'forcelint;init' {
            [CompletionResult]::new('--baseline', '--baseline', [CompletionResultType]::ParameterName, 'Record the current findings in forcelint-baseline.json, so that only new ones are reported')
            [CompletionResult]::new('--pre-commit', '--pre-commit', [CompletionResultType]::ParameterName, 'Write .pre-commit-config.yaml at the root of the repository, or print the hook to add to it')
            [CompletionResult]::new('--github', '--github', [CompletionResultType]::ParameterName, 'Write a GitHub Actions workflow that checks pull requests, .github/workflows/forcelint.yml')
            [CompletionResult]::new('--gitlab', '--gitlab', [CompletionResultType]::ParameterName, 'Write .gitlab-ci.yml, or print the job to add to it')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Overwrite forcelint.toml, the baseline and the workflow if they exist. Files that other tools share are never overwritten')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'forcelint;manifest' {
            [CompletionResult]::new('--select', '--select', [CompletionResultType]::ParameterName, 'Only what these rules and tags read')
            [CompletionResult]::new('--api-version', '--api-version', [CompletionResultType]::ParameterName, 'The API version [default: that of the project, or the newest that forcelint knows]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write it to this file instead of stdout')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Use this config file instead of forcelint.toml')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'forcelint;config' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Print the JSON Schema of forcelint.toml, for completion in editors')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'forcelint;config;schema' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'forcelint;config;help' {
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Print the JSON Schema of forcelint.toml, for completion in editors')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'forcelint;config;help;schema' {
            break
        }
        'forcelint;config;help;help' {
            break
        }
        'forcelint;lsp' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'forcelint;rules' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the rules')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Run the tests of rules')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Print the JSON Schema of rule files, for completion in editors')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'forcelint;rules;list' {
            [CompletionResult]::new('--select', '--select', [CompletionResultType]::ParameterName, 'Only these rules and tags')
            [CompletionResult]::new('--metadata', '--metadata', [CompletionResultType]::ParameterName, 'Only rules that check this metadata type')
            [CompletionResult]::new('--severity', '--severity', [CompletionResultType]::ParameterName, 'Only rules of this severity')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'forcelint;rules;test' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'forcelint;rules;schema' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'forcelint;rules;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the rules')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Run the tests of rules')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Print the JSON Schema of rule files, for completion in editors')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'forcelint;rules;help;list' {
            break
        }
        'forcelint;rules;help;test' {
            break
        }
        'forcelint;rules;help;schema' {
            break
        }
        'forcelint;rules;help;help' {
            break
        }
        'forcelint;completions' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'forcelint;man' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'forcelint;help' {
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check Salesforce metadata for insecure settings')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Show what a rule checks, why it matters, and how to fix its findings')
            [CompletionResult]::new('baseline', 'baseline', [CompletionResultType]::ParameterValue, 'Record the current findings, so that only new ones are reported')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Set up a project: write forcelint.toml, and the configuration for pre-commit and CI')
            [CompletionResult]::new('manifest', 'manifest', [CompletionResultType]::ParameterValue, 'Print a package.xml with all metadata that the rules read, to retrieve it from an org')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Print information about forcelint.toml')
            [CompletionResult]::new('lsp', 'lsp', [CompletionResultType]::ParameterValue, 'Start the language server for editors, on stdin and stdout')
            [CompletionResult]::new('rules', 'rules', [CompletionResultType]::ParameterValue, 'List and test rules')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Write the man pages')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'forcelint;help;check' {
            break
        }
        'forcelint;help;explain' {
            break
        }
        'forcelint;help;baseline' {
            break
        }
        'forcelint;help;init' {
            break
        }
        'forcelint;help;manifest' {
            break
        }
        'forcelint;help;config' {
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Print the JSON Schema of forcelint.toml, for completion in editors')
            break
        }
        'forcelint;help;config;schema' {
            break
        }
        'forcelint;help;lsp' {
            break
        }
        'forcelint;help;rules' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the rules')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Run the tests of rules')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Print the JSON Schema of rule files, for completion in editors')
            break
        }
        'forcelint;help;rules;list' {
            break
        }
        'forcelint;help;rules;test' {
            break
        }
        'forcelint;help;rules;schema' {
            break
        }
        'forcelint;help;completions' {
            break
        }
        'forcelint;help;man' {
            break
        }
        'forcelint;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
