# cmake -D COUNTER=<count_tests.awk> -D WORK_DIR=<folder> -P count_test.cmake
#
# cmake/count_tests.awk adds up logs of ctest as counted by hand.

cmake_minimum_required(VERSION 3.22)

find_program(AWK awk REQUIRED)
# 3 cases; 4 cases of 6, one of them failing as it should; a script; a crash; one that could not be started.
file(WRITE "${WORK_DIR}/a/LastTest.log" "1/5 Testing: good
All tests passed (12 assertions in 3 test cases)
2/5 Testing: bad
test cases: 6 | 4 passed | 1 failed | 1 failed as expected
assertions: 9 | 8 passed | 1 failed
3/5 Testing: script
4/5 Testing: crash
5/5 Testing: absent
")
file(WRITE "${WORK_DIR}/a/LastTestsFailed.log" "2:bad\n4:crash\n5:absent\n")
# Another build, where the test of the same name is well.
file(WRITE "${WORK_DIR}/b/LastTest.log" "1/1 Testing: bad
All tests passed (1 assertion in 1 test case)
")

function(expect_count expected)
  list(TRANSFORM ARGN PREPEND "${WORK_DIR}/")
  execute_process(COMMAND "${AWK}" -f "${COUNTER}" ${ARGN} OUTPUT_VARIABLE found COMMAND_ERROR_IS_FATAL ANY)
  if(NOT found STREQUAL "${expected}\n")
    message(SEND_ERROR "${ARGN}: expected '${expected}', found '${found}'")
  endif()
endfunction()
expect_count("8 passed, 3 failed" a/LastTestsFailed.log a/LastTest.log)
expect_count("1 passed, 0 failed" b/LastTest.log)
expect_count("9 passed, 3 failed" a/LastTestsFailed.log a/LastTest.log b/LastTest.log)
