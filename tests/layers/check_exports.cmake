# cmake -D NM=<nm> -D FILE=<library> -P check_exports.cmake
#
# Fails when FILE exports a symbol that is not of the namespace impasto.

execute_process(COMMAND "${NM}" -D --defined-only "${FILE}" OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^ \n]+\n" exported "${text}")
list(TRANSFORM exported STRIP)
set(foreign "${exported}")
list(FILTER foreign EXCLUDE REGEX "^_Z(T[ISTV]|T[hvc][^_]*_([^N]*_)?|GV|GVZ|Z)?NK?7impasto")
if(foreign)
  list(JOIN foreign "\n  " text)
  message(FATAL_ERROR "${FILE} exports what is not of the namespace impasto:\n  ${text}")
endif()
