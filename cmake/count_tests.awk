# awk -f cmake/count_tests.awk Testing/Temporary/LastTestsFailed.log Testing/Temporary/LastTest.log ...
#
# Adds up what ctest has run, a Catch2 program by its test cases and any other test as one, and prints
# "N passed, N failed". A program that ended badly counts as at least one failure, whatever it printed.

/^[0-9]+:/ && FILENAME ~ /LastTestsFailed/ { failed_tests[folder() substr($0, index($0, ":") + 1)] = 1 }
/^[0-9]+\/[0-9]+ Testing: / { test = folder() $3; passes[test] = 0; failures[test] = 0 }
/^All tests passed \(/ { for (i = 1; i < NF; ++i) if ($(i + 1) ~ /^test$/) passes[test] += $i }
/^test cases:/ {
  count = split($0, part, "|")
  for (i = 2; i <= count; ++i) {
    split(part[i], word, " ")
    if (word[2] == "passed") passes[test] += word[1]
    if (word[2] == "failed" && word[3] == "") failures[test] += word[1]
  }
}

# Several builds have tests of one name.
function folder(path) {
  path = FILENAME
  sub(/[^\/]*$/, "", path)
  return path
}

END {
  for (test in passes) {
    if (test in failed_tests) {
      passed += passes[test]
      failed += failures[test] > 0 ? failures[test] : 1
    } else {
      passed += passes[test] > 0 ? passes[test] : 1
    }
  }
  print passed + 0 " passed, " failed + 0 " failed"
}
