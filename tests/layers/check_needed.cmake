# cmake -D READELF=<readelf> -D FILE=<library or program> -D FORBIDDEN=<regex> -P check_needed.cmake
#
# Fails when FILE names a shared library that matches FORBIDDEN among those it is loaded with.

execute_process(COMMAND "${READELF}" -d "${FILE}" OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "\\(NEEDED\\)[^\n]*" needed "${text}")
if(NOT needed)
  message(FATAL_ERROR "${FILE}: expected NEEDED entries, found none")
endif()
list(FILTER needed INCLUDE REGEX "${FORBIDDEN}")
if(needed)
  message(FATAL_ERROR "${FILE} must not need: ${needed}")
endif()
