#!/bin/sh
# Two network namespaces joined by a pair of virtual cables stand for two hosts: one run of `train` over both, on a
# good network, on a narrow one where packets wait, on one that drops packets, on one with delay and loss where the
# kernel can do that (netem), and on one that is cut. Needs root, ip and tc; without them it is skipped (exit code 77).
#
#   sudo sh tests/dist/two_hosts.sh TRAIN SOURCE_DIR
set -eu

train=$1
source=$2
a=impasto-a-$$
b=impasto-b-$$
folder=$(mktemp -d)

skip() {
  echo "skipped: $*"
  exit 77
}

clean_up() {
  for pid in ${first-} ${second-}; do kill -KILL "$pid" 2>/dev/null || true; done
  ip netns del $a 2>/dev/null || true
  ip netns del $b 2>/dev/null || true
  rm -rf "$folder"
}
trap clean_up EXIT

command -v ip >/dev/null && command -v tc >/dev/null || skip "no ip or tc on this machine"
ip netns add $a 2>/dev/null && ip netns add $b 2>/dev/null || skip "no right to make network namespaces"
nsenter --net="/run/netns/$a" true 2>/dev/null || skip "no right to enter network namespaces"
ip link add cable netns $a type veth peer name cable netns $b 2>/dev/null || skip "no virtual cables here"
ip -n $a addr add 10.77.0.1/24 dev cable
ip -n $b addr add 10.77.0.2/24 dev cable
for host in $a $b; do
  ip -n $host link set lo up
  ip -n $host link set cable up
done

# Painting and photos are what the repository has; a narrow network and small crops.
start() {  # HOST RANK STEPS: in the background, its id in $!
  (
    cd "$folder"
    export RANK=$2 WORLD_SIZE=2 LOCAL_RANK=0 MASTER_ADDR=10.77.0.1 MASTER_PORT=29511 OMP_NUM_THREADS=1
    exec nsenter --net="/run/netns/$1" "$train" --config "$source/configs/train_quick.json" --auto-resume \
      --set data.image_size=32 --set style.image_size=32 --set data.batch_size=2 --set generator.base_channels=4 \
      --set generator.residual_blocks=1 --set schedule.kind=constant --set schedule.warmup_steps=0 --set run.device=cpu \
      --set run.precision=float32 --set run.sample_every=0 --set run.checkpoint_every=5 --set run.log_every=1 \
      --set data.hold_out=0 --set distributed.timeout=20 --set schedule.steps="$3" --set output.dir=run \
      >"$folder/out$2" 2>&1
  ) &
}

expect() {  # WORDS FILE
  grep -q "$1" "$2" || {
    echo "expected '$1' in:"
    cat "$2"
    exit 1
  }
}

run() {  # STEPS: both to their end
  start $a 0 "$1"
  first=$!
  start $b 1 "$1"
  second=$!
  wait $first || { cat "$folder/out0" "$folder/out1"; exit 1; }
  wait $second || { cat "$folder/out1"; exit 1; }
  first= second=
  expect "trained $1 of $1 steps" "$folder/out0"
}

on_both() {
  for host in $a $b; do tc -n $host qdisc "$@"; done
}

echo "a good network"
run 10
echo "a narrow one: 20 Mbit/s, where packets wait up to 100 ms"
on_both add dev cable root tbf rate 20mbit burst 16kb latency 100ms
run 20
echo "one that drops packets, as its queue is short"
on_both replace dev cable root tbf rate 20mbit burst 3000b limit 6000b
run 30
dropped=$(tc -n $a -s qdisc show dev cable | sed -n 's/.*dropped \([0-9]*\),.*/\1/p')
[ "$dropped" -gt 0 ] || { echo "no packet was dropped"; exit 1; }
echo "  $dropped packets"
on_both del dev cable root
if on_both add dev cable root netem delay 20ms loss 2% 2>/dev/null; then
  echo "one with 20 ms of delay each way and 2 % loss"
  run 40
  on_both del dev cable root
else
  echo "no delay and loss by netem: this kernel has none"
fi

echo "one that is cut"
start $a 0 100000
first=$!
start $b 1 100000
second=$!
waited=0
until grep -q '"step":50,' "$folder/run/metrics.jsonl" 2>/dev/null; do
  sleep 0.2
  waited=$((waited + 1))
  [ $waited -lt 600 ] || { echo "no progress"; cat "$folder/out0"; exit 1; }
done
ip -n $a link set cable down
code=0
wait $first || code=$?
[ $code = 1 ] || { echo "process 0 ended with $code"; cat "$folder/out0"; exit 1; }
code=0
wait $second || code=$?
[ $code = 1 ] || { echo "process 1 ended with $code"; cat "$folder/out1"; exit 1; }
first= second=
expect "process 0 stops: process 1 on .* was lost" "$folder/out0"
expect "process 1 stops: process 0 at 10.77.0.1, port 29511 was lost" "$folder/out1"

echo "and mended: the run goes on"
ip -n $a link set cable up
newest=$(ls "$folder/run/checkpoints" | tail -n 1 | tr -dc 0-9 | sed 's/^0*//')
run $((newest + 10))
expect "going on after step" "$folder/out0"
