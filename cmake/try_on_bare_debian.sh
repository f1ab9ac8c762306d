#!/bin/sh
# Makes a bare Debian 12 in a new folder, clones this repository's HEAD into it and runs a command in the clone: what
# somebody sees who has nothing but a shell.
#
#   sudo sh cmake/try_on_bare_debian.sh [--with PATH] FOLDER [COMMAND...]
#
# The command is 'sh cmake/test.sh' unless given. --with copies a file or folder of this machine into /root there.
# Needs root, debootstrap and git, and about 8 GB. The folder stays, to be looked at or removed. What this machine
# needs to reach the network (name servers, proxies, certificates, pip's and apt's settings) is passed on;
# DEBIAN_MIRROR replaces debootstrap's default.
set -eu

fail() {
  echo "try_on_bare_debian: $*" >&2
  exit 1
}

with=
if [ "${1-}" = --with ]; then
  [ -e "${2-}" ] || fail "--with: expected a file or folder, found '${2-}'"
  with=$2
  shift 2
fi
[ $# -ge 1 ] || fail "expected a folder, found no argument"
mkdir -p "$1"
system=$(cd "$1" && pwd)
shift
[ $# -gt 0 ] || set -- sh cmake/test.sh
[ "$(id -u)" = 0 ] || fail "only root can make a system and enter it; run it with sudo"
command -v debootstrap >/dev/null || fail "debootstrap is missing: apt-get install debootstrap"
[ -z "$(ls -A "$system")" ] || fail "expected an empty folder, found files in $system"
project=$(cd "$(dirname "$0")/.." && pwd)

# shellcheck disable=SC2086  # no argument when there is no mirror
debootstrap --variant=minbase bookworm "$system" ${DEBIAN_MIRROR-}
[ -z "$with" ] || cp -r "$with" "$system/root/"
git -c safe.directory="$project/.git" clone --quiet --no-hardlinks "$project" "$system/root/impasto"

cp /etc/resolv.conf /etc/hosts "$system/etc/"
if command -v apt-config >/dev/null; then
  apt-config dump Acquire | grep -iE '::(proxy|check-|verify|cainfo|timeout|retries)' \
    >"$system/etc/apt/apt.conf.d/80host" || true
fi
[ ! -e /etc/pip.conf ] || cp /etc/pip.conf "$system/etc/"
# The command, preceded by its environment: proxies, and pip's settings but those that name files of this machine.
set -- chroot "$system" sh -c 'cd /root/impasto && exec "$@"' sh "$@"
for name in $(env | sed -nE 's/^(https?_proxy|no_proxy|HTTPS?_PROXY|NO_PROXY|PIP_[A-Z_]+)=.*/\1/p'); do
  case $name in
    PIP_CERT | PIP_CLIENT_CERT | PIP_CONFIG_FILE | PIP_FIND_LINKS | PIP_CACHE_DIR) ;;
    *) value= && eval "value=\$$name" && set -- "$name=$value" "$@" ;;
  esac
done
certificates=/etc/ssl/certs/ca-certificates.crt
if [ -e $certificates ]; then
  cp $certificates "$system/root/host-certificates.crt"
  set -- PIP_CERT=/root/host-certificates.crt "$@"
fi

# In a mount namespace of its own: nothing stays mounted afterwards, however the command ends.
# shellcheck disable=SC2016  # for the inner shell
exec unshare --mount --pid --fork --kill-child sh -c '
  mount -t proc proc "$1/proc"
  mount --rbind /dev "$1/dev"
  shift
  exec env -i "$@"
' sh "$system" HOME=/root TERM="${TERM-dumb}" \
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
