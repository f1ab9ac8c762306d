#!/bin/sh
# Installs the packages that lie in FOLDER, one after the other, on a Debian 12 that has nothing yet, and uses them:
# paints a photo with each, builds the examples and runs a wheel. Run by cmake/release.sh in a system that is made for it.
#
#   sh cmake/try_packages.sh FOLDER     needs root; the pictures go to FOLDER/tried
set -eu
cd "$(dirname "$0")/.."

packages=$(cd "$1" && pwd)
tried=$packages/tried
photo=$PWD/data/photos/moose.jpg
mkdir -p "$tried"

fail() {
  echo "try_packages: $*" >&2
  exit 1
}

install() {
  DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends "$@" >/dev/null
  ! ldconfig -p | grep -q libtorch || fail "expected no libtorch, found one after installing $*"
}

# paint <name> <stylize> <folder with models>: the photo, to a PNG file of its size.
paint() {
  "$2" --model "$3/cafe_terrace.safetensors" --output "$tried/$1.png" "$photo"
  header=$(od -An -tx1 -N24 "$tried/$1.png" | tr -d ' \n')
  [ "$header" = 89504e470d0a1a0a0000000d49484452"$(printf %08x%08x 768 512)" ] ||
    fail "$1.png: expected a PNG file of 768x512, found $header"
}

# Nothing is installed for the archive: it brings its codecs along.
archive=$packages/archive
rm -rf "$archive"
mkdir "$archive"
tar xzf "$packages"/impasto-*.tar.gz -C "$archive" --strip-components=1
paint archive "$archive/bin/stylize" "$archive/share/impasto/models"
"$archive/bin/stylize" --model "$archive/share/impasto/models/cafe_terrace.safetensors" --output "$tried/archive.tif" "$photo"

apt-get update -qq
install "$packages"/impasto_*.deb
paint package stylize /usr/share/impasto/models
cmp "$tried/archive.png" "$tried/package.png"
impasto-convert info /usr/share/impasto/models/cafe_terrace.safetensors >/dev/null
"$archive/bin/impasto-convert" info /usr/share/impasto/models/cafe_terrace.safetensors >/dev/null

# OpenCV's part reads BMP files, which stylize writes by itself.
model=/usr/share/impasto/models/cafe_terrace.safetensors
stylize --model $model --strength 0 --output "$tried/photo.bmp" "$photo"
! stylize --model $model --output "$tried/bmp.png" "$tried/photo.bmp" || fail "expected BMP to take impasto-opencv"
install "$packages"/impasto-opencv_*.deb
stylize --model $model --output "$tried/bmp.png" "$tried/photo.bmp"
"$archive/bin/stylize" --model $model --output "$tried/archive_bmp.png" "$tried/photo.bmp"

# The examples, as an application finds an installed Impasto.
install "$packages"/libimpasto-engine_*.deb "$packages"/libimpasto-dev_*.deb g++ cmake ninja-build pkg-config
build=$packages/examples
rm -rf "$build"
cmake -S docs/examples -B "$build" -G Ninja >/dev/null
cmake --build "$build"
stylize --model $model --strength 0 --output "$tried/photo.ppm" "$photo"
"$build/stylize_ppm" $model <"$tried/photo.ppm" >"$tried/examples.ppm"
# shellcheck disable=SC2046  # several words
cc docs/examples/stylize_ppm.c $(pkg-config --cflags --libs impasto-engine) -o "$build/by_pkg_config"
"$build/by_pkg_config" $model <"$tried/photo.ppm" | cmp - "$tried/examples.ppm"

# The wheel, in a Python that has nothing but pip.
install python3-venv ca-certificates
python3 -m venv "$packages/venv"
"$packages/venv/bin/pip" install --quiet "$packages"/impasto-*.whl
IMPASTO_STYLIZE=/usr/bin/stylize "$packages/venv/bin/python" tests/python/engine_test.py "$PWD"

echo "try_packages: all of them work; pictures are in $tried"
