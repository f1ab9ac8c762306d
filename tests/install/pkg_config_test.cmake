# cmake -D STAGE=<prefix> -D SOURCE_DIR=<project> -D WORK_DIR=<folder> -D PKG_CONFIG=<pkg-config> -D VERSION=<of the project>
#       -D C_COMPILER=<cc> -D COMPILER=<c++> -P pkg_config_test.cmake
#
# Compiles and links against the install tree with what pkg-config says; each file names a tree that is there.

cmake_minimum_required(VERSION 3.22)

file(REMOVE_RECURSE "${WORK_DIR}")
file(MAKE_DIRECTORY "${WORK_DIR}")
file(GLOB_RECURSE files "${STAGE}/*.pc")
list(LENGTH files count)
if(count LESS 4)
  message(FATAL_ERROR "${STAGE}: expected files of pkg-config, found '${files}'")
endif()
list(GET files 0 file)
get_filename_component(folder "${file}" DIRECTORY)
set(ENV{PKG_CONFIG_PATH} "${folder}")

function(ask out)
  execute_process(COMMAND "${PKG_CONFIG}" ${ARGN} OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
  string(STRIP "${text}" text)
  separate_arguments(text UNIX_COMMAND "${text}")
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

foreach(file IN LISTS files)
  get_filename_component(name "${file}" NAME_WLE)
  ask(version --modversion ${name})
  ask(flags --cflags --libs ${name})
  if(NOT version STREQUAL VERSION)
    message(SEND_ERROR "${name}: expected version ${VERSION}, found ${version}")
  endif()
  foreach(flag IN LISTS flags)
    if(flag MATCHES "^-[IL](.*)")
      get_filename_component(place "${CMAKE_MATCH_1}" REALPATH)
      string(FIND "${place}" "${STAGE}/" position)
      if(NOT position EQUAL 0 OR NOT IS_DIRECTORY "${place}")
        message(SEND_ERROR "${name}: expected folders in ${STAGE}, found ${flag}")
      endif()
    endif()
  endforeach()
endforeach()

# build(<package> <compiler and its options> <source>): a program that starts.
function(build package compiler source)
  ask(flags --cflags --libs ${package})
  execute_process(
    COMMAND ${compiler} "${source}" ${flags} -o "${WORK_DIR}/program" COMMAND_ERROR_IS_FATAL ANY)
  ask(libraries --variable=libdir impasto-engine)
  execute_process(
    COMMAND "${CMAKE_COMMAND}" -E env "LD_LIBRARY_PATH=${libraries}" "${WORK_DIR}/program" absent.safetensors
    RESULT_VARIABLE code OUTPUT_VARIABLE text ERROR_VARIABLE text)
  if(NOT text MATCHES "\\.safetensors")
    message(SEND_ERROR "${source}: expected a message about a model that is absent, found ${code} and\n${text}")
  endif()
endfunction()
build(impasto-engine "${C_COMPILER}" "${SOURCE_DIR}/docs/examples/stylize_ppm.c")
build(impasto "${COMPILER};-std=c++20" "${SOURCE_DIR}/tests/consumer/stylize_example.cpp")
