# cmake -D NM=<nm> -D FILE=<library> -P check_exports.cmake
#
# Fails when FILE exports a symbol that is not of the C API, or not all that impasto.h declares.

cmake_minimum_required(VERSION 3.22)

execute_process(COMMAND "${NM}" -D --defined-only "${FILE}" OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^ \n]+\n" exported "${text}")
list(TRANSFORM exported STRIP)

file(STRINGS "${CMAKE_CURRENT_LIST_DIR}/../../lib/impasto/engine/impasto.h" lines REGEX "^IMPASTO_API")
set(declared "")
foreach(line IN LISTS lines)
  string(REGEX MATCH "(impasto_[a-z_]+)\\(" name "${line}")
  list(APPEND declared "${CMAKE_MATCH_1}")
endforeach()
if(NOT declared)
  message(FATAL_ERROR "impasto.h: expected declarations, found none")
endif()

set(foreign "${exported}")
list(REMOVE_ITEM foreign ${declared})
set(missing "${declared}")
list(REMOVE_ITEM missing ${exported})
if(foreign OR missing)
  message(FATAL_ERROR "${FILE} exports ${foreign} and does not export ${missing}")
endif()
