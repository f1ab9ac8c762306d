# A completion for bash: see help.awk. Takes program.

function listed(text) {
  return "mapfile -t COMPREPLY < <(compgen " text " -- \"$current\")"
}

function pattern(i) {
  return (i in short_name ? "-" short_name[i] "|" : "") "--" long_name[i]
}

END {
  name = "_impasto_" program
  print "# bash completion for " program ", made of what " program " --help prints."
  print name "() {"
  print "  local current=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]}"
  # bash takes --model=a and --set key=a apart at the equal sign.
  print "  if [[ $current == = ]]; then"
  print "    current="
  print "    option=${COMP_WORDS[COMP_CWORD - 1]}"
  print "  elif [[ $option == = ]]; then"
  print "    option=${COMP_WORDS[COMP_CWORD - 2]}"
  print "  fi"
  print "  case $option in"
  for (i = 1; i <= options; ++i) {
    if (!(i in argument)) continue
    wanted = argument_kind(i)
    print "    " pattern(i) ")"
    if (wanted == "file") {
      print "      compopt -o filenames"
      print "      " listed("-f")
    } else if (wanted == "folder") {
      print "      compopt -o filenames"
      print "      " listed("-d")
    } else if (wanted == "values") {
      print "      " listed("-W '" choices(about[i]) "'")
    } else if (wanted == "key") {
      print "      compopt -o nospace"
      text = ""
      for (k = 1; k <= keys; ++k) text = text (k > 1 ? " " : "") key[k] "="
      print "      " listed("-W '" text "'")
    }
    print "      return"
    print "      ;;"
  }
  for (k = 1; k <= keys; ++k) {
    if (key_choices(k) == "") continue
    print "    " key[k] ")"
    print "      " listed("-W '" key_choices(k) "'")
    print "      return"
    print "      ;;"
  }
  print "  esac"
  print "  if [[ $current == -* ]]; then"
  text = ""
  for (i = 1; i <= options; ++i) text = text (i > 1 ? " " : "") (i in short_name ? "-" short_name[i] " " : "") "--" long_name[i]
  print "    " listed("-W '" text "'")
  if (commands() != "") {
    print "  elif ((COMP_CWORD == 1)); then"
    print "    " listed("-W '" commands() "'")
  }
  print "  else"
  print "    compopt -o filenames"
  print "    " listed("-f")
  print "  fi"
  print "}"
  print "complete -F " name " " program
}
