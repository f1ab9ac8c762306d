# cmake -D BUILD=<build folder> -D SOURCE_DIR=<project> -D WORK_DIR=<folder> -D CC=<C compiler> -D PYTHON=<python3>
#       -P embedding_test.cmake
#
# Installs the component `engine` alone, and builds and runs the C example of docs/embedding.md against it; the
# Python example too where Python has numpy.

cmake_minimum_required(VERSION 3.22)

file(REMOVE_RECURSE "${WORK_DIR}")
file(MAKE_DIRECTORY "${WORK_DIR}")
set(prefix "${WORK_DIR}/prefix")
execute_process(
  COMMAND "${CMAKE_COMMAND}" --install "${BUILD}" --component engine --prefix "${prefix}"
  OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
file(GLOB_RECURSE files RELATIVE "${prefix}" "${prefix}/*")
foreach(file IN LISTS files)
  if(NOT file MATCHES "/libimpasto_engine\\.so[.0-9]*$" AND NOT file STREQUAL "include/impasto/engine/impasto.h")
    message(SEND_ERROR "component engine: expected libimpasto_engine and impasto.h alone, found ${file}")
  endif()
endforeach()
file(GLOB_RECURSE library "${prefix}/libimpasto_engine.so")
get_filename_component(library_dir "${library}" DIRECTORY)

# example(<out> <language>): the page's first block of code in that language.
function(example out language)
  file(READ "${SOURCE_DIR}/docs/embedding.md" page)
  set(mark "```${language}\n")
  string(FIND "${page}" "${mark}" begin)
  string(LENGTH "${mark}" length)
  math(EXPR begin "${begin} + ${length}")
  string(SUBSTRING "${page}" ${begin} -1 page)
  string(FIND "${page}" "```" end)
  string(SUBSTRING "${page}" 0 ${end} code)
  set(${out} "${code}" PARENT_SCOPE)
endfunction()

file(COPY_FILE "${SOURCE_DIR}/tests/golden/style_v1.safetensors" "${WORK_DIR}/great_wave.safetensors")
set(ENV{LD_LIBRARY_PATH} "${library_dir}")

example(code c)
file(WRITE "${WORK_DIR}/example.c" "${code}")
execute_process(
  COMMAND "${CC}" -Wall -Werror -I "${prefix}/include" example.c -L "${library_dir}" -limpasto_engine -o example
  WORKING_DIRECTORY "${WORK_DIR}" COMMAND_ERROR_IS_FATAL ANY)
execute_process(
  COMMAND ./example WORKING_DIRECTORY "${WORK_DIR}" ERROR_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
if(NOT text MATCHES "100 %$")
  message(FATAL_ERROR "example.c: expected its progress to end at 100 %, found\n${text}")
endif()

execute_process(COMMAND "${PYTHON}" -c "import numpy" RESULT_VARIABLE no_numpy OUTPUT_QUIET ERROR_QUIET)
if(no_numpy)
  message(STATUS "The Python example was not run: there is no numpy")
else()
  example(code python)
  file(WRITE "${WORK_DIR}/example.py" "${code}")
  execute_process(COMMAND "${PYTHON}" example.py WORKING_DIRECTORY "${WORK_DIR}" COMMAND_ERROR_IS_FATAL ANY)
endif()
