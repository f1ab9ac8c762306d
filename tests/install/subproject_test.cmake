# cmake -D SOURCE_DIR=<project> -D WORK_DIR=<folder> -D C_COMPILER=<cc> -D COMPILER=<c++>
#       -D "OPTIONS=<options for the project>" -D "PROGRAM=<program and arguments>" -D EXPECTED=<regex>
#       -D "INSTALLED=<names of files>" -P subproject_test.cmake
#
# Builds the project of tests/consumer/subproject, which has Impasto's sources inside; its program then fails with a
# message of Impasto's. Installed with it are the files INSTALLED and no other.

cmake_minimum_required(VERSION 3.22)

set(build "${WORK_DIR}/build")
file(REMOVE_RECURSE "${WORK_DIR}")
execute_process(
  COMMAND "${CMAKE_COMMAND}" -S "${SOURCE_DIR}/tests/consumer/subproject" -B "${build}" -G Ninja
    "-DIMPASTO_SOURCE_DIR=${SOURCE_DIR}" "-DCMAKE_C_COMPILER=${C_COMPILER}" "-DCMAKE_CXX_COMPILER=${COMPILER}" ${OPTIONS}
  COMMAND_ERROR_IS_FATAL ANY)
file(STRINGS "${build}/CMakeCache.txt" build_type REGEX "^CMAKE_BUILD_TYPE:")
if(NOT build_type MATCHES "=$")
  message(FATAL_ERROR "expected no build type, as the project gives none, found ${build_type}")
endif()
execute_process(COMMAND "${CMAKE_COMMAND}" --build "${build}" --parallel 2 COMMAND_ERROR_IS_FATAL ANY)

list(POP_FRONT PROGRAM program)
execute_process(
  COMMAND "${build}/${program}" ${PROGRAM} RESULT_VARIABLE code OUTPUT_VARIABLE text ERROR_VARIABLE text
  WORKING_DIRECTORY "${WORK_DIR}")
if(code EQUAL 0 OR NOT text MATCHES "${EXPECTED}")
  message(FATAL_ERROR "${program}: expected to fail with '${EXPECTED}', found ${code} and\n${text}")
endif()

execute_process(
  COMMAND "${CMAKE_COMMAND}" --install "${build}" --prefix "${WORK_DIR}/prefix" COMMAND_ERROR_IS_FATAL ANY)
file(GLOB_RECURSE installed "${WORK_DIR}/prefix/*")
list(TRANSFORM installed REPLACE ".*/" "")
list(SORT installed)
list(SORT INSTALLED)
if(NOT "${installed}" STREQUAL "${INSTALLED}")
  message(FATAL_ERROR "expected these files to be installed: ${INSTALLED}; found ${installed}")
endif()
