
set edit:completion:arg-completer[forcelint] = { |@words|
    var index = (count $words)
    set index = (- $index 1)

    put (env _CLAP_IFS="\n" _CLAP_COMPLETE_INDEX=(to-string $index) FORCELINT_COMPLETE="elvish" forcelint -- $@words) | to-lines
}

