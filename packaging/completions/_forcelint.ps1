
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
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Lint files and folders')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Tell what a rule checks, why, and how to fix and roll out what it finds')
            [CompletionResult]::new('baseline', 'baseline', [CompletionResultType]::ParameterValue, 'Record today''s findings, so that only new ones count')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Set a project up: write forcelint.toml, and the entries of pre-commit and CI')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'The config, forcelint.toml')
            [CompletionResult]::new('lsp', 'lsp', [CompletionResultType]::ParameterValue, 'Tell an editor what `check` finds, while somebody types: a language server on stdin and stdout')
            [CompletionResult]::new('rules', 'rules', [CompletionResultType]::ParameterValue, 'The rules')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the script that completes forcelint''s arguments in a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Write the man pages, for packages')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'forcelint;check' {
            [CompletionResult]::new('--fix', '--fix', [CompletionResultType]::ParameterName, 'Apply fixes: safe ones, or with --fix=all also those that need a roll-out to the clients')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to report: pretty (on a terminal), concise (else), json, sarif, github, gitlab, junit, markdown, html; with =FILE into a file. May be given several times')
            [CompletionResult]::new('--select', '--select', [CompletionResultType]::ParameterName, 'Only these rules and tags')
            [CompletionResult]::new('--ignore', '--ignore', [CompletionResultType]::ParameterName, 'Not these rules and tags')
            [CompletionResult]::new('--min-severity', '--min-severity', [CompletionResultType]::ParameterName, 'The mildest severity that is reported; whatever fails the run always is [default: low]')
            [CompletionResult]::new('--fail-on', '--fail-on', [CompletionResultType]::ParameterName, 'The mildest severity that fails the run, or `never` [default: low]')
            [CompletionResult]::new('--baseline', '--baseline', [CompletionResultType]::ParameterName, 'Findings of this file do not count; `forcelint baseline` writes it')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Use this config, and look for no other')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Only findings in files that differ from where HEAD and this branch, tag or commit parted: committed, staged, unstaged and untracked changes; and those in other files that a changed one had a part in')
            [CompletionResult]::new('--stdin-filename', '--stdin-filename', [CompletionResultType]::ParameterName, 'Lint stdin as if it were this file; with --fix the fixed text goes to stdout')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Number of threads')
            [CompletionResult]::new('--diff', '--diff', [CompletionResultType]::ParameterName, 'Print the patch of what --fix would do, and write nothing')
            [CompletionResult]::new('--no-baseline', '--no-baseline', [CompletionResultType]::ParameterName, 'All findings count: the baseline of forcelint.toml is not looked at')
            [CompletionResult]::new('--show-config', '--show-config', [CompletionResultType]::ParameterName, 'Print what holds for this run and where each value came from, and lint nothing')
            [CompletionResult]::new('--show-suppressed', '--show-suppressed', [CompletionResultType]::ParameterName, 'List the findings too that exceptions, comments and the baseline hide')
            [CompletionResult]::new('--staged', '--staged', [CompletionResultType]::ParameterName, 'Only findings in what is staged, read from git''s index, other files as they are there. With --fix files of the working tree are fixed, and not staged again')
            [CompletionResult]::new('--force-exclude', '--force-exclude', [CompletionResultType]::ParameterName, 'Ignore files hold for the named paths as well')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'The report alone, nothing on stderr but what could not be done')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'The report alone, nothing on stderr but what could not be done')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'forcelint;explain' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to write it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'forcelint;baseline' {
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The file. Without it: that of forcelint.toml, else forcelint-baseline.json in the folder of the project')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Use this config, and look for no other')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'forcelint;init' {
            [CompletionResult]::new('--baseline', '--baseline', [CompletionResultType]::ParameterName, 'Record today''s findings in forcelint-baseline.json, so that only new ones count')
            [CompletionResult]::new('--pre-commit', '--pre-commit', [CompletionResultType]::ParameterName, 'A hook for pre-commit, in .pre-commit-config.yaml at the top of the repository')
            [CompletionResult]::new('--github', '--github', [CompletionResultType]::ParameterName, 'A check of pull requests for GitHub Actions, .github/workflows/forcelint.yml')
            [CompletionResult]::new('--gitlab', '--gitlab', [CompletionResultType]::ParameterName, 'A job for GitLab CI, in .gitlab-ci.yml')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Write forcelint.toml, the baseline and the workflow anew where they are there already. Files in which others have entries too are never written over')
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
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Hold rules against the tests in their own files')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Print the JSON Schema of rule files, for completion in editors')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'forcelint;rules;list' {
            [CompletionResult]::new('--select', '--select', [CompletionResultType]::ParameterName, 'Only these rules and tags')
            [CompletionResult]::new('--metadata', '--metadata', [CompletionResultType]::ParameterName, 'Only rules that look at this metadata type')
            [CompletionResult]::new('--severity', '--severity', [CompletionResultType]::ParameterName, 'Only rules of this severity')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to write it')
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
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Hold rules against the tests in their own files')
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
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Lint files and folders')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Tell what a rule checks, why, and how to fix and roll out what it finds')
            [CompletionResult]::new('baseline', 'baseline', [CompletionResultType]::ParameterValue, 'Record today''s findings, so that only new ones count')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Set a project up: write forcelint.toml, and the entries of pre-commit and CI')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'The config, forcelint.toml')
            [CompletionResult]::new('lsp', 'lsp', [CompletionResultType]::ParameterValue, 'Tell an editor what `check` finds, while somebody types: a language server on stdin and stdout')
            [CompletionResult]::new('rules', 'rules', [CompletionResultType]::ParameterValue, 'The rules')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the script that completes forcelint''s arguments in a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Write the man pages, for packages')
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
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Hold rules against the tests in their own files')
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
