# A man page, in the language of man(7): see help.awk. Takes program, version, date (1998-12-31) and others, the
# programs to see also.

# `text` as roff takes it, with hyphens that stay what they are when they are copied.
function roff(text) {
  gsub(/\\/, "\\e", text)
  gsub(/-/, "\\-", text)
  gsub(/'/, "\\(aq", text)
  gsub(/`/, "\\(ga", text)
  if (text ~ /^\./) text = "\\\\&" text
  return text
}

# Below: lines that are set off stay as they are in the description and the examples, and are text elsewhere;
# "  0  done" is a number and what it means.
function print_section(s, i, text, keeps, open) {
  keeps = section[s] == "" || section[s] == "Examples"
  for (i = 1; i <= lines[s]; ++i) {
    text = line[s, i]
    if (open && text !~ /^  /) { print ".EE"; open = 0 }
    if (text ~ /^ *$/) {
      if (i < lines[s] && section[s] != "Examples") print ".PP"
    } else if (keeps && text ~ /^  /) {
      if (!open) { print ".EX"; open = 1 }
      print roff(substr(text, 3))
    } else if (text ~ /^  [0-9]  /) {
      print ".TP"
      print substr(text, 3, 1)
      print roff(trimmed(substr(text, 6)))
    } else {
      print roff(trimmed(text))
    }
  }
  if (open) print ".EE"
}

END {
  print ".\\\" Made of what " program " --help prints."
  print ".TH " toupper(program) " 1 \"" date "\" \"impasto " version "\" \"User Commands\""
  print ".SH NAME"
  name = tolower(substr(tagline, 1, 1)) substr(tagline, 2)
  sub(/\.$/, "", name)
  print program " \\- " roff(name)
  print ".SH SYNOPSIS"
  print ".B " program
  print roff(usage)
  print ".SH DESCRIPTION"
  print roff(tagline)
  for (s = 1; s <= sections; ++s) {
    if (section[s] != "") continue
    print ".PP"
    print_section(s)
  }
  print ".SH OPTIONS"
  for (i = 1; i <= options; ++i) {
    if (i in heads) print ".SS " heads[i]
    print ".TP"
    print (i in short_name ? "\\fB\\-" short_name[i] "\\fR, " : "") "\\fB\\-\\-" roff(long_name[i]) "\\fR" \
      (i in argument ? " \\fI" roff(argument[i]) "\\fR" : "")
    print roff(about[i])
  }
  for (s = 1; s <= sections; ++s) {
    if (section[s] == "") continue
    print ".SH " (section[s] == "Exit codes" ? "EXIT STATUS" : toupper(section[s]))
    print_section(s)
  }
  if (keys > 0) {
    print ".SH CONFIG KEYS"
    print "Of the JSON file that \\fB\\-\\-config\\fR names, and for \\fB\\-\\-set\\fR."
  }
  for (i = 1; i <= keys; ++i) {
    if (i in key_heads) print ".PP\n" roff(key_heads[i])
    print ".TP\n\\fB" roff(key[i]) "\\fR (" kind[i] ")"
    print roff(key_about[i])
  }
  print ".SH SEE ALSO"
  count = split(others, other, " ")
  for (i = 1; i <= count; ++i) {
    if (other[i] != program) seen = seen (seen == "" ? "" : ",\n") ".BR " other[i] " (1)"
  }
  print seen
}
