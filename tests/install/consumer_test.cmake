# cmake -D CONSUMER=<its sources> -D STAGE=<prefix> -D WORK_DIR=<folder> -D TRAIN=<ON|OFF> -D MODEL=<style model>
#       -D COMPILER=<C++ compiler> -P consumer_test.cmake
#
# Configures and builds an application against the install tree; then its examples train a style in WORK_DIR/run
# and apply it to a photo there. Without the torch half, MODEL is applied.

cmake_minimum_required(VERSION 3.22)

set(build "${WORK_DIR}/build")
file(REMOVE_RECURSE "${build}")
execute_process(
  COMMAND "${CMAKE_COMMAND}" -S "${CONSUMER}" -B "${build}" -G Ninja
    "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCMAKE_PREFIX_PATH=${STAGE}" "-DTRAIN=${TRAIN}"
  COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${CMAKE_COMMAND}" --build "${build}" COMMAND_ERROR_IS_FATAL ANY)

file(REMOVE "${WORK_DIR}/run/great_wave.safetensors" "${WORK_DIR}/run/harbour_wave.png")
if(TRAIN)
  execute_process(
    COMMAND "${build}/train_example" WORKING_DIRECTORY "${WORK_DIR}/run"
    OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
  if(NOT text MATCHES "1 of 2: loss [0-9.]+\n2 of 2: loss [0-9.]+\n")
    message(FATAL_ERROR "train_example: expected a line for each of two steps, found\n${text}")
  endif()
else()
  file(COPY_FILE "${MODEL}" "${WORK_DIR}/run/great_wave.safetensors")
endif()

execute_process(
  COMMAND "${build}/stylize_example" WORKING_DIRECTORY "${WORK_DIR}/run" COMMAND_ERROR_IS_FATAL ANY)
file(READ "${WORK_DIR}/run/harbour_wave.png" header LIMIT 24 HEX)
# The photo is 451x300; a PNG file has its size in bytes 16 to 23.
if(NOT header MATCHES "^89504e470d0a1a0a0000000d49484452000001c30000012c$")
  message(FATAL_ERROR "harbour_wave.png: expected a PNG file of 451x300, found ${header}")
endif()
