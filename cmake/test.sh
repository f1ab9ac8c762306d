#!/bin/sh
# Installs what is missing, builds everything and runs every test. The last line counts them.
#
#   sh cmake/test.sh [options for CMake, such as -DIMPASTO_WERROR=ON]
set -eu
cd "$(dirname "$0")/.."

# build <preset> <target> <options for CMake>...
build() {
  preset=$1 target=$2
  shift 2
  cmake --preset "$preset" "$@"
  cmake --build --preset "$preset" --target "$target"
}

# run <preset> <options for ctest>...: goes on after a failure, so that one run shows all of them.
status=0
logs=
run() {
  preset=$1
  shift
  log=build/$preset/Testing/Temporary
  rm -f "$log/LastTestsFailed.log"
  ctest --preset "$preset" --parallel "$(nproc)" "$@" || status=1
  [ ! -e "$log/LastTestsFailed.log" ] || logs="$logs $log/LastTestsFailed.log"
  logs="$logs $log/LastTest.log"
}

sh cmake/setup.sh --tests

build release all "$@"
run release

# Memory errors and undefined behaviour: every test of the host half, and one way through the torch half.
build sanitize all "$@"
run sanitize
build sanitize_torch smoke "$@"
run sanitize_torch --tests-regex '^smoke_'

# What reads files from elsewhere, on inputs that nobody thought of.
if command -v clang++ >/dev/null; then
  build fuzz fuzz_targets "$@"
  run fuzz --tests-regex '^fuzz_'
else
  echo "test: no clang++, so nothing is fuzzed" >&2
fi

# shellcheck disable=SC2086  # a list of files
awk -f cmake/count_tests.awk $logs
exit $status
