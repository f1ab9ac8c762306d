# Which headers are for those who use the libraries: all without the line "// Private: not installed".
#
# As a script it prints those below a folder, a line each:  cmake -D FOLDER=lib/impasto -P cmake/PublicHeaders.cmake

cmake_minimum_required(VERSION 3.22)

# impasto_is_public(<out> <header>)
function(impasto_is_public out header)
  file(STRINGS "${header}" private REGEX "^// Private: not installed" LIMIT_COUNT 1)
  if(private)
    set(${out} FALSE PARENT_SCOPE)
  else()
    set(${out} TRUE PARENT_SCOPE)
  endif()
endfunction()

if(FOLDER AND CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  file(GLOB_RECURSE headers RELATIVE "${CMAKE_CURRENT_SOURCE_DIR}" "${FOLDER}/*/*.h")
  foreach(header IN LISTS headers)
    impasto_is_public(public "${header}")
    if(public)
      execute_process(COMMAND "${CMAKE_COMMAND}" -E echo "${header}")
    endif()
  endforeach()
endif()
