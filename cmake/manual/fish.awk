# A completion for fish: see help.awk. Takes program.

function quoted(text) {
  gsub(/\\/, "\\\\", text)
  gsub(/'/, "\\'", text)
  return "'" text "'"
}

function action(i, wanted, text) {
  wanted = argument_kind(i)
  if (wanted == "file") return " -r -F"
  if (wanted == "folder") return " -x -a '(__fish_complete_directories)'"
  if (wanted == "values") return " -x -a " quoted(choices(about[i]))
  if (wanted != "key") return " -x"
  for (k = 1; k <= keys; ++k) text = text (k > 1 ? " " : "") key[k] "="
  return " -x -a " quoted(text)
}

END {
  print "# fish completion for " program ", made of what " program " --help prints."
  for (i = 1; i <= options; ++i) {
    print "complete -c " program (i in short_name ? " -s " short_name[i] : "") " -l " long_name[i] \
      (i in argument ? action(i) : "") " -d " quoted(about[i])
  }
  if (commands() != "") {
    print "complete -c " program " -n __fish_is_first_token -f -a " quoted(commands())
  }
}
