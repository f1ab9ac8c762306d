# cmake -D SOURCE_DIR=<project> -P readme_test.cmake
#
# The C++ examples of README.md are, word for word, the programs that the consumer test builds and runs; and every
# file that the documentation links to is there, and README.md links to every page of it.

cmake_minimum_required(VERSION 3.22)

file(READ "${SOURCE_DIR}/README.md" readme)
foreach(example stylize_example train_example)
  file(READ "${SOURCE_DIR}/tests/consumer/${example}.cpp" code)
  string(FIND "${readme}" "```cpp\n${code}```" position)
  if(position EQUAL -1)
    message(SEND_ERROR "README.md: expected the text of tests/consumer/${example}.cpp as an example")
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
