#!/bin/sh
# Installs what Impasto is built from: packages of the distribution, and libtorch into .deps/libtorch.
# Only what is missing; run again it does nothing.
#
#   sh cmake/setup.sh          libtorch for CPU
#   sh cmake/setup.sh --cuda   and the CUDA libraries that it loads at run time (3.8 GiB instead of 1.2)
#   sh cmake/setup.sh --tests  and what the tests alone use: clang to fuzz with, a compiler and an emulator for
#                              64-bit ARM, what reads comments, man pages, completions and format,
#                              a launcher of several processes and networks to try them on
#
# A libtorch of your own is used instead where IMPASTO_TORCH_DIR or CMAKE_PREFIX_PATH names it.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
libtorch=$root/.deps/libtorch

fail() {
  echo "setup: $*" >&2
  exit 1
}

variant=cpu
for_tests=false
for option; do
  case $option in
    --cuda) variant=cuda ;;
    --tests) for_tests=true ;;
    *) fail "expected --cuda, --tests or nothing, found '$option'" ;;
  esac
done
requirements=$root/cmake/libtorch_$variant.txt

# Whether $1 is a libtorch, or holds one in a folder of the usual name.
holds_libtorch() {
  for candidate in "$1" "$1/torch" "$1/libtorch"; do
    if [ -f "$candidate/include/ATen/ATen.h" ] && [ -f "$candidate/lib/libtorch_cpu.so" ]; then return 0; fi
  done
  return 1
}

find_own_libtorch() {
  if [ -n "${IMPASTO_TORCH_DIR-}" ]; then
    holds_libtorch "$IMPASTO_TORCH_DIR" ||
      fail "IMPASTO_TORCH_DIR: expected include/ATen/ATen.h and lib/libtorch_cpu.so in $IMPASTO_TORCH_DIR"
    echo "$IMPASTO_TORCH_DIR"
    return
  fi
  echo "${CMAKE_PREFIX_PATH-}" | tr ':;' '\n\n' | while read -r folder; do
    if [ -n "$folder" ] && holds_libtorch "$folder"; then
      echo "$folder"
      break
    fi
  done
}

# The requirement file that an install was made from is copied into it last, and so tells a whole,
# current install from a broken or an older one. The CUDA set holds the CPU set.
libtorch_is_installed() {
  cmp -s "$libtorch/requirements.txt" "$requirements" ||
    cmp -s "$libtorch/requirements.txt" "$root/cmake/libtorch_cuda.txt"
}

can_install() {
  [ "$(id -u)" = 0 ] || command -v sudo >/dev/null
}

list_missing_packages() {
  command -v g++ >/dev/null || echo g++
  command -v cmake >/dev/null || echo cmake
  command -v ninja >/dev/null || echo ninja-build
  for package in libopencv-dev libjpeg-dev libpng-dev libtiff-dev libwebp-dev liblcms2-dev nlohmann-json3-dev catch2 libcxxopts-dev libzip-dev libonnx-dev libprotobuf-dev libgloo-dev; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' $package 2>/dev/null)" = installed ] || echo $package
  done
  # Without them their tests are skipped and say so: no reason to fail where nothing else is missing.
  if $for_tests && can_install; then
    /usr/bin/python3 -c 'import numpy' 2>/dev/null || echo python3-numpy
    command -v pkg-config >/dev/null || echo pkg-config
    command -v clang++ >/dev/null || echo clang libclang-rt-dev
    command -v mpirun >/dev/null || echo openmpi-bin
    [ -e /sbin/tc ] || echo iproute2
    for reader in doxygen mandoc zsh fish clang-format; do
      command -v $reader >/dev/null || echo $reader
    done
  fi
  if $for_tests && [ "$(uname -m)" = x86_64 ] && can_install; then
    command -v aarch64-linux-gnu-g++ >/dev/null || echo g++-aarch64-linux-gnu
    command -v qemu-aarch64 >/dev/null || command -v qemu-aarch64-static >/dev/null || echo qemu-user-static
  fi
  if $fetch_libtorch; then
    command -v python3 >/dev/null || echo python3
    python3 -m pip --version >/dev/null 2>&1 || echo python3-pip
    [ -e /etc/ssl/certs/ca-certificates.crt ] || echo ca-certificates
  fi
}

install_packages() {
  echo "setup: installing" "$@"
  if [ "$(id -u)" = 0 ]; then
    as_root=
  elif command -v sudo >/dev/null; then
    as_root=sudo
  else
    fail "these packages are missing and only root can install them: $*
  As root, run: apt-get install --no-install-recommends $*"
  fi
  $as_root apt-get update
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}

# The wheel is taken for what it contains, whatever this machine's Python: only its C++ side is used, and no
# dependency of its Python side is installed.
install_libtorch() {
  machine=$(uname -m)
  case "$(uname -s) $machine" in
    'Linux x86_64' | 'Linux aarch64') ;;
    *) fail "expected Linux on x86_64 or aarch64 for the libtorch that is pinned here, found $(uname -s) on $machine
  Unpack a libtorch for this machine and name its folder in IMPASTO_TORCH_DIR." ;;
  esac
  echo "setup: fetching libtorch ($variant) into $libtorch"
  rm -rf "$libtorch.new"
  mkdir -p "$libtorch.new/tmp"
  # Newer versions of glibc run what was built for older ones.
  set --
  for glibc in 2_28 2_27 2_25 2_18 2_17; do set -- "$@" --platform "manylinux_${glibc}_$machine"; done
  PIP_ROOT_USER_ACTION=ignore TMPDIR=$libtorch.new/tmp python3 -m pip install --quiet --no-cache-dir --no-deps \
    --require-hashes --only-binary=:all: --python-version 3.11 --implementation cp "$@" \
    --platform "manylinux2014_$machine" \
    --target "$libtorch.new" --requirement "$requirements"
  rm -rf "$libtorch.new/tmp"
  cp "$requirements" "$libtorch.new/requirements.txt"
  rm -rf "$libtorch"
  mv "$libtorch.new" "$libtorch"
}

own_libtorch=$(find_own_libtorch)
fetch_libtorch=false
if [ -z "$own_libtorch" ] && ! libtorch_is_installed; then fetch_libtorch=true; fi

if command -v dpkg-query >/dev/null && command -v apt-get >/dev/null; then
  packages=$(list_missing_packages)
  # shellcheck disable=SC2086  # a list of package names
  [ -z "$packages" ] || install_packages $packages
else
  echo "setup: not a Debian system: a C++20 compiler, CMake 3.22, Ninja, OpenCV, libjpeg, libpng, libtiff, libwebp, lcms2, libzip, ONNX, Gloo, nlohmann-json," \
    "Catch2, cxxopts and Python's pip have to be there already"
fi

if $fetch_libtorch; then install_libtorch; fi
echo "setup: ready, with libtorch from ${own_libtorch:-$libtorch}"
