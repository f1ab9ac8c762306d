# cmake -D SOURCE_DIR=<project> -D NATIVE_LIB=<folder of libimpasto_engine> -D WRITE_MODEL=<write_random_model>
#       -D WORK_DIR=<folder> -D CC=<C compiler> -P arm_test.cmake
#
# Compiles the engine for 64-bit ARM with Debian's cross compiler, stylizes a picture in an emulator and compares it
# with this machine's. Skipped, with a message that says what to install, where the compiler or the emulator is missing.

cmake_minimum_required(VERSION 3.22)

find_program(ARM_CXX aarch64-linux-gnu-g++)
find_program(ARM_CC aarch64-linux-gnu-gcc)
find_program(EMULATOR NAMES qemu-aarch64 qemu-aarch64-static)
if(NOT ARM_CXX OR NOT ARM_CC OR NOT EMULATOR)
  message("skipped: install g++-aarch64-linux-gnu and qemu-user-static")
  return()
endif()

set(build "${WORK_DIR}/build")
execute_process(
  COMMAND "${CMAKE_COMMAND}" -S "${SOURCE_DIR}" -B "${build}" -G Ninja -DCMAKE_BUILD_TYPE=Release
    -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 "-DCMAKE_CXX_COMPILER=${ARM_CXX}"
    -DIMPASTO_ENGINE_ONLY=ON -DIMPASTO_WERROR=ON
  OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${CMAKE_COMMAND}" --build "${build}" COMMAND_ERROR_IS_FATAL ANY)

# stylize_gradient(<name> <compiler> <folder of the library> <what runs it>...)
function(stylize_gradient name compiler library_dir)
  execute_process(
    COMMAND "${compiler}" -Wall -Werror -I "${SOURCE_DIR}/lib" "${SOURCE_DIR}/tests/arm/stylize_gradient.c"
      -L "${library_dir}" "-Wl,-rpath,${library_dir}" -limpasto_engine -o "${WORK_DIR}/${name}"
    COMMAND_ERROR_IS_FATAL ANY)
  execute_process(
    COMMAND ${ARGN} "${WORK_DIR}/${name}" model.safetensors ${name}.raw ${expected}
    WORKING_DIRECTORY "${WORK_DIR}"
    COMMAND_ERROR_IS_FATAL ANY)
endfunction()

execute_process(COMMAND "${WRITE_MODEL}" "${WORK_DIR}/model.safetensors" COMMAND_ERROR_IS_FATAL ANY)
set(expected "")
stylize_gradient(native "${CC}" "${NATIVE_LIB}")
set(expected native.raw)
stylize_gradient(arm "${ARM_CC}" "${build}/lib" "${EMULATOR}" -L /usr/aarch64-linux-gnu)
