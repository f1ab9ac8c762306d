# cmake -D STAGE=<prefix> -D WORK_DIR=<folder> -D VERSION=<of the project> -D TORCH=<ON|OFF> -P components_test.cmake
#
# What find_package(impasto) finds in the install tree, and what it says where it does not.

cmake_minimum_required(VERSION 3.22)

# find(<out> <arguments for find_package> [code afterwards]): empty where it went well, else what CMake said.
function(find out arguments)
  file(REMOVE_RECURSE "${WORK_DIR}")
  file(WRITE "${WORK_DIR}/CMakeLists.txt" "cmake_minimum_required(VERSION 3.22)
project(finder LANGUAGES NONE)
find_package(impasto ${arguments})
${ARGN}
")
  execute_process(
    COMMAND "${CMAKE_COMMAND}" -S "${WORK_DIR}" -B "${WORK_DIR}/build" -G Ninja "-DCMAKE_PREFIX_PATH=${STAGE}"
    RESULT_VARIABLE code OUTPUT_QUIET ERROR_VARIABLE text)
  if(code EQUAL 0)
    set(text "")
  endif()
  string(REGEX REPLACE "[ \n]+" " " text "${text}")
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

function(expect_found arguments code)
  find(text "${arguments}" "${code}")
  if(NOT text STREQUAL "")
    message(SEND_ERROR "find_package(impasto ${arguments}): expected it to be found, found\n${text}")
  endif()
endfunction()

function(expect_problem arguments message)
  find(text "${arguments}")
  string(FIND "${text}" "${message}" position)
  if(position EQUAL -1)
    message(SEND_ERROR "find_package(impasto ${arguments}): expected '${message}', found\n${text}")
  endif()
endfunction()

set(check [[
foreach(name core engine image impasto interop torch)
  if(name IN_LIST expected AND NOT TARGET impasto::${name})
    message(FATAL_ERROR "expected impasto::${name}")
  elseif(NOT name IN_LIST expected AND TARGET impasto::${name})
    message(FATAL_ERROR "expected no impasto::${name}")
  endif()
endforeach()
]])
expect_found("REQUIRED" "set(expected core engine image impasto)\n${check}")
expect_found("REQUIRED COMPONENTS engine image core" "set(expected core engine image impasto)\n${check}")
expect_found("REQUIRED COMPONENTS engine" "set(expected engine)\n${check}")
expect_found("REQUIRED COMPONENTS core" "set(expected core)\n${check}")
expect_found("REQUIRED COMPONENTS image" "set(expected core image impasto)\n${check}")
expect_found("REQUIRED COMPONENTS core OPTIONAL_COMPONENTS sound"
  "set(expected core)\n${check}\nif(impasto_sound_FOUND)\n  message(FATAL_ERROR \"found sound\")\nendif()")
expect_found("REQUIRED COMPONENTS core\)\nfind_package(impasto REQUIRED COMPONENTS engine"
  "set(expected core engine)\n${check}")
expect_found("COMPONENTS sound" "if(impasto_FOUND)\n  message(FATAL_ERROR \"found\")\nendif()")

expect_problem("REQUIRED COMPONENTS core sound"
  "there is no component 'sound'; expected one of core, image, engine, interop, torch")
if(NOT TORCH)
  expect_problem("REQUIRED COMPONENTS torch" "component 'torch' is not installed in ${STAGE}: Impasto was built without it")
endif()
expect_problem("999 REQUIRED" "version: ${VERSION}")
