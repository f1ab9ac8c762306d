# cmake -D SOURCE_DIR=<project> -P readme_test.cmake
#
# The C++ examples of README.md are, word for word, the programs that the consumer test builds and runs, and the C of
# docs/embedding.md is of an example; every file that the documentation links to is there, and README.md links to every
# page of it.

cmake_minimum_required(VERSION 3.22)

file(READ "${SOURCE_DIR}/README.md" readme)
foreach(example stylize_example train_example)
  file(READ "${SOURCE_DIR}/tests/consumer/${example}.cpp" code)
  string(FIND "${readme}" "```cpp\n${code}```" position)
  if(position EQUAL -1)
    message(SEND_ERROR "README.md: expected the text of tests/consumer/${example}.cpp as an example")
  endif()
endforeach()

# What docs/embedding.md shows in C are lines of an example that is built and run. Semicolons part CMake's lists.
file(READ "${SOURCE_DIR}/docs/embedding.md" page)
file(READ "${SOURCE_DIR}/docs/examples/stylize_ppm.c" code)
string(REGEX MATCH "```c\n([^`]+)```" block "${page}")
string(REPLACE ";" "@" code "${code}")
string(REPLACE ";" "@" block "${CMAKE_MATCH_1}")
string(REPLACE "\n" ";" lines "${block}")
if(NOT lines)
  message(SEND_ERROR "docs/embedding.md: expected lines in C, found none")
endif()
foreach(line IN LISTS lines)
  string(FIND "${code}" "${line}\n" position)
  if(position EQUAL -1)
    string(REPLACE "@" ";" line "${line}")
    message(SEND_ERROR "docs/embedding.md: '${line}' is not in docs/examples/stylize_ppm.c")
  endif()
endforeach()

file(GLOB pages "${SOURCE_DIR}/*.md" "${SOURCE_DIR}/docs/*.md" "${SOURCE_DIR}/data/*.md")
foreach(page IN LISTS pages)
  file(READ "${page}" text)
  get_filename_component(folder "${page}" DIRECTORY)
  # Brackets and semicolons mean something in CMake's lists.
  string(REPLACE "](" "@link(" text "${text}")
  string(REGEX MATCHALL "@link\\([^]() #;]+[)#]" links "${text}")
  foreach(link IN LISTS links)
    string(REGEX REPLACE "^@link.|.$" "" link "${link}")
    if(NOT link MATCHES "^https?://" AND NOT EXISTS "${folder}/${link}")
      message(SEND_ERROR "${page}: links to ${link}, which is not there")
    endif()
  endforeach()
endforeach()

file(GLOB pages RELATIVE "${SOURCE_DIR}" "${SOURCE_DIR}/docs/*.md")
foreach(page IN LISTS pages)
  string(FIND "${readme}" "](${page}" position)
  if(position EQUAL -1)
    message(SEND_ERROR "README.md: expected a link to ${page}")
  endif()
endforeach()
