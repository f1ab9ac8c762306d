#!/bin/sh
# sh manual_test.sh FOLDER PROGRAM...
#
# The man pages and completions in FOLDER, made of what the programs print for --help, hold every option, are
# without errors for the programs that read them, and complete what they should.
set -eu

folder=$1
shift
status=0

fail() {
  echo "manual: $*"
  status=1
}

# without_words <what> <command>...: the command prints nothing and ends with 0; nothing is checked where it is absent.
without_words() {
  what=$1
  shift
  if ! command -v "$1" >/dev/null; then
    echo "manual: no $1, so $what is not checked by it"
    return
  fi
  words=$("$@" 2>&1) || fail "$what: $1 failed"
  [ -z "$words" ] || fail "$what: $words"
}

for program; do
  name=$(basename "$program")
  "$program" --help | sed -n 's/^  -., --\([a-z-]*\).*/\1/p; s/^      --\([a-z-]*\).*/\1/p' >"$folder/$name.options"
  [ "$(wc -l <"$folder/$name.options")" -ge 5 ] || fail "$name: expected options in --help"
  while read -r option; do
    grep -qF -e "--$option" "$folder/$name.bash" || fail "$name.bash: no --$option"
    grep -qF -e "--$option" "$folder/$name.zsh" || fail "$name.zsh: no --$option"
    grep -qF -e "-l $option " "$folder/$name.fish" || fail "$name.fish: no --$option"
    escaped=$(echo "--$option" | sed 's/-/\\-/g')
    grep -qF -e "$escaped" "$folder/$name.1" || fail "$name.1: no --$option"
  done <"$folder/$name.options"
  without_words "$name.1" mandoc -T lint -W warning "$folder/$name.1"
  without_words "$name.1" groff -ww -man -Tutf8 -z "$folder/$name.1"
  without_words "$name.bash" bash -n "$folder/$name.bash"
  without_words "$name.zsh" zsh -n "$folder/$name.zsh"
  without_words "$name.fish" fish --no-execute "$folder/$name.fish"
done

# completes <expected> <word>...: what bash offers for the last of the words, as it takes them apart.
completes() {
  expected=$1
  shift
  found=$(cd "$folder/place" && bash -c '
    compopt() { :; }  # is for bash itself, when it asks
    source "$0"
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    complete -p "$1" >/dev/null && "_impasto_$1" && printf "%s\n" "${COMPREPLY[@]}"' "../$1.bash" "$@" |
    LC_ALL=C sort | paste -s -d ' ' -)
  [ "$found" = "$expected" ] || fail "bash, '$*': expected '$expected', found '$found'"
}

mkdir -p "$folder/place/a folder"
: >"$folder/place/a file.jpg"
completes '--precision --preserve-color' stylize --pre
completes 'auto bfloat16 float16 float32' stylize --precision ''
completes 'bfloat16' stylize --precision = b
completes 'auto cpu cuda' stylize --device ''
completes 'a file.jpg a folder' stylize a
completes 'a folder' stylize --scratch a
completes 'temporal= temporal_input= temporal_output=' stylize --set temp
completes 'auto h264 mjpeg' stylize --set video_codec =
completes 'true' stylize --set compare = t
completes '' stylize --strength ''
if [ -e "$folder/convert.bash" ]; then
  completes 'export import info' convert ''
  completes 'a file.jpg a folder' convert import a
fi
exit $status
