#!/bin/sh
# Writes the API reference, of the headers that are installed, as HTML. A public symbol without a comment is an error.
#
#   sh cmake/docs.sh [FOLDER]   into FOLDER, build/docs unless given
#   sh cmake/docs.sh --check    nowhere: looks for errors alone; exits with 77 where there is no doxygen
set -eu
cd "$(dirname "$0")/.."

folder=${1-build/docs}
if ! command -v doxygen >/dev/null; then
  echo "docs: no doxygen (sh cmake/setup.sh --tests installs it)" >&2
  exit 77
fi

temporary=
trap 'rm -rf "$temporary"' EXIT
format=HTML
if [ "$folder" = --check ]; then
  # Without any output doxygen warns of just that.
  temporary=$(mktemp -d)
  folder=$temporary
  format=XML
fi

mkdir -p "$folder"
headers=$(cmake -D FOLDER=lib/impasto -P cmake/PublicHeaders.cmake | sort)
{
  cat cmake/Doxyfile
  echo "GENERATE_HTML = NO"
  echo "GENERATE_$format = YES"
  echo "OUTPUT_DIRECTORY = \"$folder\""
  # shellcheck disable=SC2086  # a list of files
  echo "INPUT = docs/api.md" $headers
} | doxygen -
[ -n "$temporary" ] || echo "$folder/html/index.html"
