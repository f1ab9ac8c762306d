#!/bin/sh
# Makes everything that a release consists of from a clean clone of HEAD, and tries it on a bare Debian 12: Debian
# packages, an archive, a Python wheel, the API reference. By hand, on Debian 12, before a version is tagged.
#
#   sudo sh cmake/release.sh FOLDER
#
# FOLDER must be empty or absent. What is to be published lies in FOLDER/packages and FOLDER/docs afterwards. Needs root
# for the bare Debian, debootstrap, dpkg-dev, doxygen, Python's venv, and what cmake/setup.sh installs.
set -eu

fail() {
  echo "release: $*" >&2
  exit 1
}

[ $# -eq 1 ] || fail "expected a folder"
mkdir -p "$1"
folder=$(cd "$1" && pwd)
[ -z "$(ls -A "$folder")" ] || fail "expected an empty folder, found files in $folder"
project=$(cd "$(dirname "$0")/.." && pwd)
[ "$(id -u)" = 0 ] || fail "only root can make a bare system to try the packages in"
for program in debootstrap dpkg-shlibdeps doxygen; do
  command -v $program >/dev/null || fail "there is no $program"
done

git -c safe.directory="$project/.git" clone --quiet --no-hardlinks "$project" "$folder/impasto"
cd "$folder/impasto"
packages=$folder/packages
mkdir "$packages"

cmake --preset package
cmake --build --preset package
(cd build/package && cpack)
mv build/package/*.deb build/package/*.tar.gz "$packages"

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" wheel --quiet --no-deps --wheel-dir "$packages" lib/python

sh cmake/docs.sh "$folder/docs"

sh cmake/try_on_bare_debian.sh --with "$packages" "$folder/debian" sh cmake/try_packages.sh /root/packages
(cd "$packages" && sha256sum -- * >SHA256SUMS)
echo "release: made and tried; to be published are $packages and $folder/docs"
