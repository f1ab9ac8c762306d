# cmake -D LIBRARIES=<folder> -D SOURCE_DIR=<project> -D WORK_DIR=<folder> -D PYTHON=<python3> -P embedding_test.cmake
#
# Runs the Python example of docs/embedding.md, where Python has numpy.

cmake_minimum_required(VERSION 3.22)

file(REMOVE_RECURSE "${WORK_DIR}")
file(MAKE_DIRECTORY "${WORK_DIR}")

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
set(ENV{LD_LIBRARY_PATH} "${LIBRARIES}")

execute_process(COMMAND "${PYTHON}" -c "import numpy" RESULT_VARIABLE no_numpy OUTPUT_QUIET ERROR_QUIET)
if(no_numpy)
  message(STATUS "The Python example was not run: there is no numpy")
else()
  example(code python)
  file(WRITE "${WORK_DIR}/example.py" "${code}")
  execute_process(COMMAND "${PYTHON}" example.py WORKING_DIRECTORY "${WORK_DIR}" COMMAND_ERROR_IS_FATAL ANY)
endif()
