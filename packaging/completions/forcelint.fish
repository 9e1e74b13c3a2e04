complete --keep-order --exclusive --command forcelint --arguments "(FORCELINT_COMPLETE=fish forcelint -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token))"
