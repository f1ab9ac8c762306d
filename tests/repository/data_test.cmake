# cmake -D SOURCE_DIR=<project> -P data_test.cmake
#
# Every file in data/ has its checksum in SHA256SUMS and its source and licence in README.md, and is still that
# file.

cmake_minimum_required(VERSION 3.22)
set(data "${SOURCE_DIR}/data")

file(GLOB_RECURSE present RELATIVE "${data}" "${data}/*")
list(REMOVE_ITEM present README.md SHA256SUMS)
file(READ "${data}/README.md" readme)
file(STRINGS "${data}/SHA256SUMS" lines)

set(listed "")
foreach(line IN LISTS lines)
  if(NOT line MATCHES "^([0-9a-f]+)  (.+)$")
    message(SEND_ERROR "data/SHA256SUMS: expected '<sha256>  <file>', found '${line}'")
    continue()
  endif()
  set(expected "${CMAKE_MATCH_1}")
  set(file "${CMAKE_MATCH_2}")
  list(APPEND listed "${file}")
  file(SHA256 "${data}/${file}" found)
  if(NOT found STREQUAL expected)
    message(SEND_ERROR "data/${file}: expected SHA-256 ${expected}, found ${found}")
  endif()
  string(FIND "${readme}" "`${file}`" position)
  if(position EQUAL -1)
    message(SEND_ERROR "data/README.md does not name ${file}")
  endif()
endforeach()

list(SORT present)
list(SORT listed)
if(NOT present STREQUAL listed)
  message(SEND_ERROR "data/SHA256SUMS: expected\n  ${present}\nfound\n  ${listed}")
endif()
