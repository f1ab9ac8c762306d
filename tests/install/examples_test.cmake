# cmake -D SOURCE_DIR=<project> -D STAGE=<prefix> -D WORK_DIR=<folder> -D C_COMPILER=<cc> -D COMPILER=<c++> -P examples_test.cmake
#
# Builds the programs of docs/examples against the install tree. Those that need no display paint a photo, to the
# bytes that `stylize` writes.

cmake_minimum_required(VERSION 3.22)

set(build "${WORK_DIR}/build")
set(model "${SOURCE_DIR}/tests/golden/style_v1.safetensors")
file(REMOVE_RECURSE "${WORK_DIR}")
execute_process(
  COMMAND "${CMAKE_COMMAND}" -S "${SOURCE_DIR}/docs/examples" -B "${build}" -G Ninja
    "-DCMAKE_C_COMPILER=${C_COMPILER}" "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCMAKE_PREFIX_PATH=${STAGE}"
    "-DCMAKE_C_FLAGS=-Wall -Wextra -Werror" "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror"
  COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${CMAKE_COMMAND}" --build "${build}" COMMAND_ERROR_IS_FATAL ANY)

if(NOT EXISTS "${build}/viewer")
  message(SEND_ERROR "expected the viewer to be built")
endif()

# A photo in PPM, and what is expected of it.
file(MAKE_DIRECTORY "${WORK_DIR}/inbox")
execute_process(
  COMMAND "${STAGE}/bin/stylize" --model "${model}" --strength 0 --output "${WORK_DIR}/photo.ppm"
    "${SOURCE_DIR}/data/examples/cat.jpg"
  OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
execute_process(
  COMMAND "${STAGE}/bin/stylize" --model "${model}" --output "${WORK_DIR}/expected.ppm" "${WORK_DIR}/photo.ppm"
  OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
file(SHA256 "${WORK_DIR}/photo.ppm" photo)
file(SHA256 "${WORK_DIR}/expected.ppm" expected)
if(photo STREQUAL expected)
  message(FATAL_ERROR "expected a picture that is painted, found the photo")
endif()

function(check program file)
  file(SHA256 "${file}" found)
  if(NOT found STREQUAL expected)
    message(SEND_ERROR "${program}: ${file} is another picture than ${WORK_DIR}/expected.ppm")
  endif()
endfunction()

execute_process(
  COMMAND "${build}/stylize_ppm" "${model}"
  INPUT_FILE "${WORK_DIR}/photo.ppm" OUTPUT_FILE "${WORK_DIR}/ppm.ppm" ERROR_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
if(NOT text MATCHES "100 %\n$")
  message(SEND_ERROR "stylize_ppm: expected its progress to end at 100 %, found\n${text}")
endif()
check(stylize_ppm "${WORK_DIR}/ppm.ppm")

execute_process(
  COMMAND "${build}/stylize_ppm" "${model}" INPUT_FILE "${model}" RESULT_VARIABLE code ERROR_VARIABLE text OUTPUT_QUIET)
if(code EQUAL 0 OR NOT text MATCHES "expected a PPM picture")
  message(SEND_ERROR "stylize_ppm: expected a model to be refused as a picture, found ${code} and\n${text}")
endif()

# The watcher skips what is no picture, survives one that is damaged, and ends at Ctrl-C.
file(WRITE "${WORK_DIR}/inbox/notes.txt" "no picture")
file(WRITE "${WORK_DIR}/inbox/damaged.png" "no picture")
execute_process(
  COMMAND sh "${SOURCE_DIR}/tests/install/watch.sh" "${build}/watch_folder" "${model}" "${WORK_DIR}"
  ERROR_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
if(NOT text MATCHES "damaged\\.png")
  message(SEND_ERROR "watch_folder: expected a message about the damaged picture, found\n${text}")
endif()
check(watch_folder "${WORK_DIR}/painted/photo.ppm")
file(GLOB painted RELATIVE "${WORK_DIR}/painted" "${WORK_DIR}/painted/*")
if(NOT painted STREQUAL "photo.ppm")
  message(SEND_ERROR "watch_folder: expected photo.ppm alone, found ${painted}")
endif()
