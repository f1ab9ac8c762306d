# cmake -D CHECKER=<CheckLayers.cmake> -D WORK_DIR=<folder> -P checker_test.cmake
#
# The layer checker accepts a small tree in order, and names each kind of offence in one that is not.

cmake_minimum_required(VERSION 3.22)

# A host layer `low`, a host layer `high` and OpenCV's `image` above it, a torch layer `nn`, and a program.
function(write_tree)
  file(REMOVE_RECURSE "${WORK_DIR}")
  set(lib "${WORK_DIR}/lib/impasto")
  file(WRITE "${WORK_DIR}/docs/architecture.md"
    "| host | `low` | x | none |\n| host | `high` | x | low |\n| host | `image` | x | low |\n"
    "| torch | `nn` | x | high |\n")
  file(WRITE "${lib}/low/CMakeLists.txt" "impasto_layer(low\n  SOURCES low.cpp)\n")
  file(WRITE "${lib}/high/CMakeLists.txt" "impasto_layer(high\n  SOURCES high.cpp\n  USES low)\n")
  file(WRITE "${lib}/image/CMakeLists.txt" "impasto_layer(image SOURCES image.cpp USES low)\n")
  file(WRITE "${lib}/nn/CMakeLists.txt" "impasto_layer(nn TORCH\n  SOURCES nn.cpp\n  USES high)\n")
  file(WRITE "${lib}/low/low.h" "#include <string>\n")
  file(WRITE "${lib}/low/secret.h" "// Private: not installed.\n#include <nlohmann/json.hpp>\n")
  file(WRITE "${lib}/low/low.cpp" "#include \"impasto/low/low.h\"\n#include \"impasto/low/secret.h\"\n")
  file(WRITE "${lib}/high/high.h" "#include \"impasto/low/low.h\"\n")
  file(WRITE "${lib}/image/image.cpp" "#include <opencv2/core.hpp>\n")
  file(WRITE "${lib}/nn/nn.h" "#include <ATen/core/Tensor.h>\n#include \"impasto/low/low.h\"\n")
  file(WRITE "${lib}/nn/nn.cpp" "#include <torch/torch.h>\n")
  file(WRITE "${WORK_DIR}/apps/app/main.cpp" "#include <cxxopts.hpp>\n#include \"impasto/nn/nn.h\"\n")
endfunction()

function(check out_code out_text)
  execute_process(
    COMMAND "${CMAKE_COMMAND}" -D "SOURCE_DIR=${WORK_DIR}" -P "${CHECKER}"
    RESULT_VARIABLE code OUTPUT_VARIABLE text ERROR_VARIABLE text)
  set(${out_code} "${code}" PARENT_SCOPE)
  set(${out_text} "${text}" PARENT_SCOPE)
endfunction()

# expect_offence(<file under the tree> <text added to it> <message>)
function(expect_offence file addition message)
  write_tree()
  file(APPEND "${WORK_DIR}/${file}" "${addition}\n")
  check(code text)
  string(FIND "${text}" "${message}" position)
  if(code EQUAL 0 OR position EQUAL -1)
    message(FATAL_ERROR "${file} with ${addition}: expected '${message}', found exit code ${code} and\n${text}")
  endif()
endfunction()

write_tree()
check(code text)
if(NOT code EQUAL 0)
  message(FATAL_ERROR "A tree in order was refused:\n${text}")
endif()

expect_offence(lib/impasto/low/low.cpp "#include \"impasto/high/high.h\""
  "layer 'low' may not include impasto/high/high.h")
expect_offence(lib/impasto/image/image.cpp "#include \"impasto/high/high.h\""
  "layer 'image' may not include impasto/high/high.h")
expect_offence(lib/impasto/low/low.cpp "#include \"low.h\""
  "write \"impasto/<layer>/...\" instead of \"low.h\"")
expect_offence(lib/impasto/low/low.cpp "#include \"impasto/low/gone.h\""
  "there is no impasto/low/gone.h")
expect_offence(lib/impasto/low/low.cpp "#  include <c10/util/Exception.h>"
  "the host half may not include c10/util/Exception.h")
expect_offence(lib/impasto/high/high.h "#include <opencv2/core.hpp>"
  "OpenCV is for the layers image and video")
expect_offence(lib/impasto/image/image.h "#include <opencv2/core.hpp>"
  "a public header may not include opencv2/core.hpp")
expect_offence(lib/impasto/low/low.h "#include <nlohmann/json.hpp>"
  "a public header may not include nlohmann/json.hpp")
expect_offence(lib/impasto/high/high.h "#include \"impasto/low/secret.h\""
  "high.h: impasto/low/secret.h is private")
expect_offence(apps/app/main.cpp "#include \"impasto/low/secret.h\""
  "main.cpp: impasto/low/secret.h is private")
expect_offence(lib/impasto/nn/nn.h "#include <torch/torch.h>"
  "include what is used instead of <torch/torch.h>")
expect_offence(lib/impasto/low/low.cpp "#include <cxxopts.hpp>"
  "cxxopts is for the programs")
expect_offence(docs/architecture.md "| host | `high` | x | image |"
  "'high' may use 'image', its CMakeLists.txt says 'low'")
expect_offence(docs/architecture.md "| host | `nn` | x | high |"
  "layer 'nn' is in the wrong half, 'host'")
expect_offence(lib/impasto/new/CMakeLists.txt "impasto_layer(new SOURCES new.cpp)"
  "layer 'new' has no row in the table")
