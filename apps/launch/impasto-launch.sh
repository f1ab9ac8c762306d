#!/bin/sh
# Starts several processes of a program on this host, such as `train` or `stylize`, that share its work. On several
# hosts it is called on each. Needs nothing but a shell; torchrun, mpirun and srun do the same and more.
set -eu

usage='impasto-launch --processes N [options] PROGRAM [ARGUMENT...]

  --processes N   Processes to start on this host
  --restarts N    When one has failed and all have ended, start all again, up to N times; default 0
  --hosts N       Hosts in all; default 1
  --host N        The number of this one, from 0; default 0
  --master HOST   The host numbered 0; default 127.0.0.1
  --port PORT     A free port of it, the same for all; default 29500
  --help          Print this text and stop

Examples:
  impasto-launch --processes 2 train --config configs/train.json --auto-resume
  impasto-launch --processes 4 --restarts 3 train --config configs/train.json --auto-resume
  impasto-launch --processes 4 stylize --model wave.safetensors --input photos --output painted --skip-existing

It sets RANK, WORLD_SIZE, LOCAL_RANK, LOCAL_WORLD_SIZE, MASTER_ADDR and MASTER_PORT for each process, and ends with
the exit code of the first that failed, or 0.'

fail() {
  echo "impasto-launch: $*" >&2
  exit 2
}

processes=
restarts=0
hosts=1
host=0
master=127.0.0.1
port=29500

while [ $# -gt 0 ]; do
  case $1 in
    --help) echo "$usage"; exit 0 ;;
    --processes | --restarts | --hosts | --host | --port)
      case ${2-} in '' | *[!0-9]*) fail "$1: expected a number, found '${2-}'" ;; esac
      case $1 in
        --processes) processes=$2 ;;
        --restarts) restarts=$2 ;;
        --hosts) hosts=$2 ;;
        --host) host=$2 ;;
        --port) port=$2 ;;
      esac
      shift 2 ;;
    --master)
      master=${2-}
      [ -n "$master" ] || fail "--master: expected a host, found none"
      shift 2 ;;
    -*) fail "unknown option '$1', see --help" ;;
    *) break ;;
  esac
done
[ -n "$processes" ] && [ "$processes" -gt 0 ] || fail "--processes: expected a number above 0; see --help"
[ "$host" -lt "$hosts" ] || fail "--host: expected a number below the $hosts of --hosts, found $host"
[ $# -gt 0 ] || fail "expected a program to start; see --help"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Each process leaves its exit code in a file, since `wait` cannot tell which of several has ended. Ctrl-C reaches
# them from the terminal; SIGTERM is handed on.
start_all() {
  ids=
  local_rank=0
  while [ $local_rank -lt "$processes" ]; do
    (
      RANK=$((host * processes + local_rank)) WORLD_SIZE=$((hosts * processes)) LOCAL_RANK=$local_rank \
        LOCAL_WORLD_SIZE=$processes MASTER_ADDR=$master MASTER_PORT=$port "$@" &
      child=$!
      trap 'kill -TERM $child' TERM
      code=0
      wait $child || code=$?
      # A trap ends `wait` before the process has ended.
      while kill -0 $child 2>/dev/null; do code=0; wait $child || code=$?; done
      echo $code >"$folder/$local_rank"
    ) &
    ids="$ids $!"
    local_rank=$((local_rank + 1))
  done
}

# Sets `result` to the exit code of the first that failed, or 0.
wait_for_all() {
  result=0
  while :; do
    ended=0
    local_rank=0
    while [ $local_rank -lt "$processes" ]; do
      if [ -s "$folder/$local_rank" ]; then
        ended=$((ended + 1))
        code=$(cat "$folder/$local_rank")
        if [ "$code" != 0 ] && [ $result = 0 ]; then result=$code; fi
      fi
      local_rank=$((local_rank + 1))
    done
    [ $ended -lt "$processes" ] || break
    sleep 0.2
  done
  wait
}

stopped=false
attempt=0
while :; do
  rm -f "$folder"/*
  start_all "$@"
  # shellcheck disable=SC2064  # the processes of this attempt
  trap "stopped=true; kill -TERM $ids 2>/dev/null" TERM
  trap 'stopped=true' INT
  wait_for_all
  trap - TERM INT
  # A wrong command line or config stays wrong.
  if [ $result = 0 ] || [ $result = 2 ] || $stopped || [ $attempt -ge "$restarts" ]; then exit $result; fi
  attempt=$((attempt + 1))
  echo "impasto-launch: a process ended with exit code $result; starting all again ($attempt of $restarts)" >&2
done
