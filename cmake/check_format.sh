#!/bin/sh
# Whether C and C++ files are formatted as .clang-format says, by the version that all use: others differ in details.
#
#   sh cmake/check_format.sh [FILE...]         all files unless some are given
#   sh cmake/check_format.sh --fix [FILE...]   formats them
#
# Exits with 77 where that version is not installed.
set -eu
cd "$(dirname "$0")/.."

version=14  # of Debian 12

for formatter in clang-format-$version clang-format; do
  "$formatter" --version 2>/dev/null | grep -q "version $version\." && break
  formatter=
done
if [ -z "$formatter" ]; then
  echo "format: no clang-format $version (sh cmake/setup.sh --tests installs it on Debian 12)" >&2
  exit 77
fi

fix=false
if [ "${1-}" = --fix ]; then
  fix=true
  shift
fi
if [ $# = 0 ]; then
  # shellcheck disable=SC2046  # a list of files
  set -- $(find apps lib tests docs -name '*.h' -o -name '*.cpp' -o -name '*.c')
fi

if $fix; then
  "$formatter" -i "$@"
elif ! "$formatter" --dry-run -Werror "$@"; then
  echo "format: sh cmake/check_format.sh --fix mends this" >&2
  exit 1
fi
