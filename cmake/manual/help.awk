# Reads what a program of Impasto prints for --help, for the scripts beside this one, which print a man page or
# a shell completion of it:
#
#   stylize --help | awk -f help.awk -f man.awk -v program=stylize ...
#
# tagline, usage                               the first sentence; the line below "Usage:" without the program
# options, and by number from 1: short_name, long_name, argument, about, heads (a group that begins there)
# keys, and by number from 1: key, kind, key_about, key_heads      the table below "Config keys:"
# sections, and by number from 1: section ("" for text without a heading), lines and line[section,number]

function trimmed(text) {
  gsub(/^ +| +$/, "", text)
  return text
}

# The values that `text` begins with: "auto, h264 or mjpeg (default: auto)" is for "auto h264 mjpeg".
function choices(text) {
  gsub(/ \([^)]*\)/, "", text)
  if (!match(text, /^[A-Za-z0-9_:]+(, [A-Za-z0-9_:]+)* or [A-Za-z0-9_:]+/)) return ""
  text = substr(text, 1, RLENGTH)
  gsub(/, | or /, " ", text)
  gsub(/ [a-z]+:N/, "", text)
  return text
}

# The values of config key number `i`: of "... [auto, h264, mjpeg; default auto]" likewise.
function key_choices(i, text) {
  if (kind[i] == "true/false") return "true false"
  if (kind[i] != "name" || !match(key_about[i], /\[[^;\]]+;[^\]]*\]$/)) return ""
  text = substr(key_about[i], RSTART + 1)
  sub(/;.*/, "", text)
  gsub(/, /, " ", text)
  return text
}

# What the argument of option number `i` is: file, folder, key or values, or text that nothing is known of.
function argument_kind(i) {
  if (argument[i] == "DIR") return "folder"
  if (argument[i] == "KEY=VALUE") return "key"
  if (argument[i] ~ /FILE|PATH|PHOTO|PAINTING|MODEL|MASK/) return "file"
  return choices(about[i]) == "" ? "text" : "values"
}

# The commands that the usage line begins its alternatives with: "import IN OUT | info FILE" has import and info.
function commands(parts, count, i, word, found) {
  if (usage !~ / \| /) return ""
  count = split(usage, parts, / \| /)
  for (i = 1; i <= count; ++i) {
    split(parts[i], word, " ")
    found = found (i > 1 ? " " : "") word[1]
  }
  return found
}

function begin_section(name) {
  section[++sections] = name
  lines[sections] = 0
}

NR == 1 { tagline = $0; next }
/^Usage:$/ { place = "usage"; next }
place == "usage" && NF { usage = trimmed($0); sub(/^[^ ]+ /, "", usage); place = ""; next }
/^ [A-Z].* options:$/ {
  place = "options"
  heads[options + 1] = trimmed($0)
  sub(/:$/, "", heads[options + 1])
  next
}
/^Config keys:$/ { place = "keys"; next }
/^[A-Z][a-z]+( [a-z]+)*:$/ { place = "text"; begin_section(substr($0, 1, length($0) - 1)); next }
place == "options" && /^(  -[a-z], |      )--/ {
  text = trimmed($0)
  about_at = match(text, /  +/) ? RSTART : length(text) + 1
  names = substr(text, 1, about_at - 1)
  about[++options] = trimmed(substr(text, about_at))
  if (match(names, /^-[a-z], /)) {
    short_name[options] = substr(names, 2, 1)
    names = substr(names, RLENGTH + 1)
  }
  long_name[options] = substr(names, 3)
  if (match(names, / /)) {
    long_name[options] = substr(names, 3, RSTART - 3)
    argument[options] = substr(names, RSTART + 1)
  }
  next
}
place == "options" && NF && /^  / { about[options] = trimmed(about[options] " " trimmed($0)); next }
place == "options" && NF { place = "text"; begin_section("") }
place == "keys" && /^[a-z]/ { key_heads[keys + 1] = $0; next }
place == "keys" && /^  [a-z]/ {
  text = trimmed($0)
  match(text, /  +/)
  key[++keys] = substr(text, 1, RSTART - 1)
  text = substr(text, RSTART + RLENGTH)
  match(text, /  +/)
  kind[keys] = substr(text, 1, RSTART - 1)
  key_about[keys] = substr(text, RSTART + RLENGTH)
  next
}
place == "keys" && NF { key_about[keys] = key_about[keys] " " trimmed($0); next }
# Text that follows what is set off below a heading, from the margin on, is the description's again.
place == "text" && section[sections] != "" && /^[A-Za-z]/ { begin_section("") }
place == "text" { line[sections, ++lines[sections]] = $0 }
