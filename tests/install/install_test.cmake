# cmake -D BUILD=<build folder> -D STAGE=<prefix> -D PROGRAMS=<list> -P install_test.cmake
#
# Installs into another folder and moves it to STAGE: the tree has to work where it is moved to. Private headers
# stay out, and the programs start. The component `engine` is its library alone, with the licence.

cmake_minimum_required(VERSION 3.22)

file(REMOVE_RECURSE "${STAGE}" "${STAGE}.before")
execute_process(
  COMMAND "${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${STAGE}.before"
  OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
file(RENAME "${STAGE}.before" "${STAGE}")

file(GLOB_RECURSE headers "${STAGE}/include/*.h")
if(NOT headers)
  message(SEND_ERROR "${STAGE}/include: expected headers, found none")
endif()
foreach(header IN LISTS headers)
  file(STRINGS "${header}" private REGEX "^// Private: not installed")
  if(private)
    message(SEND_ERROR "${header} is private and was installed")
  endif()
endforeach()

foreach(file models/cafe_terrace.safetensors configs/stylize.json configs/schema/stylize.schema.json)
  if(NOT EXISTS "${STAGE}/share/impasto/${file}")
    message(SEND_ERROR "expected share/impasto/${file} to be installed")
  endif()
endforeach()

execute_process(
  COMMAND "${CMAKE_COMMAND}" --install "${BUILD}" --component engine --prefix "${STAGE}.before"
  OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
file(GLOB_RECURSE files RELATIVE "${STAGE}.before" "${STAGE}.before/*")
file(REMOVE_RECURSE "${STAGE}.before")
if(NOT files)
  message(SEND_ERROR "component engine: expected a library, found nothing")
endif()
foreach(file IN LISTS files)
  if(NOT file MATCHES "/libimpasto_engine[.0-9a-z]*$|/copyright$")
    message(SEND_ERROR "component engine: expected libimpasto_engine alone, found ${file}")
  endif()
endforeach()

foreach(program IN LISTS PROGRAMS)
  execute_process(COMMAND "${STAGE}/bin/${program}" --help OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
  if(NOT text MATCHES "${program}")
    message(SEND_ERROR "${program} --help: expected the program's name, found\n${text}")
  endif()
endforeach()
