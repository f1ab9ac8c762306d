#!/bin/sh
# sh without_plugins_test.sh STYLIZE CORE IMAGE DATA
#
# `stylize` beside the two libraries that it is linked with, and none of those that are loaded when they are needed:
# pictures are painted, the sheet of styles has no names and says so, and what cannot be read or written names the library.
set -eu

stylize=$1
core=$2
image=$3
data=$4
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp "$core" "$image" "$folder"
export LD_LIBRARY_PATH="$folder${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
model="$data/models/great_wave_mobile.safetensors"
photo="$data/examples/cat.jpg"
status=0

# try <words that it prints> <exit status> <arguments>...
try() {
  words=$1
  expected=$2
  shift 2
  code=0
  "$stylize" "$@" --max-side 100 >"$folder/said" 2>&1 || code=$?
  if [ "$code" -ne "$expected" ] || ! grep -q "$words" "$folder/said"; then
    echo "without_plugins: expected $expected and '$words', found $code:"
    cat "$folder/said"
    status=1
  fi
}

try "painted.png: 100x67" 0 --model "$model" --output "$folder/painted.png" "$photo"
try "libimpasto_opencv.*the sheet is without names" 0 --model "$data/models" --style-grid --output "$folder/sheet.png" "$photo"
try "cannot load the codec for TIFF: libimpasto_tiff" 1 --model "$model" --output "$folder/painted.tif" "$photo"
cp "$photo" "$folder/film.mkv"
try "cannot load what reads and writes films: libimpasto_video" 1 --model "$model" --output "$folder/film.mp4" "$folder/film.mkv"
exit $status
