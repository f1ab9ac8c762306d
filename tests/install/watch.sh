# sh watch.sh <watch_folder> <model> <folder with photo.ppm and inbox/>: puts a photo into a folder that is watched,
# waits for what is made of it, and ends the program as Ctrl-C does.
set -eu
"$1" "$2" "$3/inbox" "$3/painted" &
watcher=$!
cp "$3/photo.ppm" "$3/inbox/photo.ppm"
until [ -e "$3/painted/photo.ppm" ]; do
  kill -0 $watcher
  sleep 0.1
done
kill -INT $watcher
wait $watcher
