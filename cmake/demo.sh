#!/bin/sh
# From nothing to a restyled photo: installs what is missing, builds, trains a small style of a few minutes on the
# photos in data/, and applies it to photos that are not among them.
#
#   sh cmake/demo.sh
set -eu
cd "$(dirname "$0")/.."

sh cmake/setup.sh
cmake --preset release
cmake --build --preset release --target train stylize

run=runs/demo
build/release/bin/train --config configs/train_quick.json --set output.dir="$run" --overwrite

for photo in data/examples/*.jpg; do
  build/release/bin/stylize --model "$run/model.safetensors" --compare \
    --input "$photo" --output "$run/demo_$(basename "$photo" .jpg).png"
done
echo "The photos beside what the style makes of them:"
ls "$PWD/$run"/demo_*.png
