#!/bin/sh
# Which lines of the host half the tests reach: a page in build/coverage/report, and the share of each file.
#
#   sh cmake/coverage.sh             by all tests
#   sh cmake/coverage.sh LAYER...    of some layers, such as base style, by their own tests: quicker to build
#
# Needs gcovr (apt-get install gcovr).
set -eu
cd "$(dirname "$0")/.."

command -v gcovr >/dev/null || {
  echo "coverage: no gcovr: apt-get install gcovr" >&2
  exit 1
}

targets=all tests=. filters='--filter lib/ --filter apps/'
if [ $# -gt 0 ]; then
  targets=$(printf '%s_test ' "$@")
  tests="^($(echo "$*" | tr ' ' '|'))\$"
  filters=$(printf -- '--filter lib/impasto/%s/ ' "$@")
fi

cmake --preset coverage
# shellcheck disable=SC2086  # a list of targets
cmake --build --preset coverage --target $targets
find build/coverage -name '*.gcda' -delete  # of earlier runs
ctest --preset coverage --tests-regex "$tests" || echo "coverage: a test failed; the report is of what ran" >&2
mkdir -p build/coverage/report
# shellcheck disable=SC2086  # a list of options
gcovr --root . $filters --exclude-throw-branches \
  --html-details build/coverage/report/index.html --txt - build/coverage
echo "build/coverage/report/index.html"
