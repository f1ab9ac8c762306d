# A completion for zsh: see help.awk. Takes program.

# `text` within single quotes, where brackets and colons mean something to _arguments.
function quoted(text) {
  gsub(/\\/, "\\\\", text)
  gsub(/\[/, "\\[", text)
  gsub(/\]/, "\\]", text)
  gsub(/:/, "\\:", text)
  gsub(/'/, "'\\''", text)
  return text
}

function action(i, wanted, text) {
  wanted = argument_kind(i)
  if (wanted == "file") return "_files"
  if (wanted == "folder") return "_files -/"
  if (wanted == "values") return "(" choices(about[i]) ")"
  if (wanted == "key") return "_impasto_" program "_keys"
  return " "
}

END {
  print "#compdef " program
  print "# Made of what " program " --help prints."
  if (keys > 0) {
    print "\n_impasto_" program "_keys() {"
    print "  local -a keys=("
    for (k = 1; k <= keys; ++k) print "    '" key[k] "'"
    print "  )"
    print "  if compset -P '*='; then"
    print "    case ${IPREFIX%=} in"
    for (k = 1; k <= keys; ++k) {
      if (key_choices(k) != "") print "      *" key[k] ") compadd -- " key_choices(k) " ;;"
    }
    print "    esac"
    print "  else"
    print "    compadd -S = -a keys"
    print "  fi"
    print "}"
  }
  print "\n_impasto_" program "() {"
  print "  _arguments -s \\"
  for (i = 1; i <= options; ++i) {
    name = "--" long_name[i]
    if (i in short_name) name = "'{-" short_name[i] "," name "}'"
    repeats = about[i] ~ /may be repeated/ ? "*" : ""
    print "    '" repeats name "[" quoted(about[i]) "]" \
      (i in argument ? ":" quoted(argument[i]) ":" action(i) : "") "' \\"
  }
  if (commands() != "") print "    '1:command:(" commands() ")' \\"
  print "    '*:file:_files'"
  print "}"
  # The file is run when it is completed for the first time, or else is sourced.
  print "\nif [[ $funcstack[1] == _" program " ]]; then"
  print "  _impasto_" program " \"$@\""
  print "else"
  print "  compdef _impasto_" program " " program
  print "fi"
}
