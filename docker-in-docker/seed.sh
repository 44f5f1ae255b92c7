#!/bin/bash
# Loads the images of /images.tar (docker save) into an empty data root and leaves /seed.tar: what of /var/lib/docker
# a node needs to have those images from the start, so that no node ever has to load them.
# SWARMTWIN_TAGS: words LONG=SHORT; inside nodes images go by their short names.
# Waits to be read and removed, and for a minute at most: whoever started this may be gone.
set -euo pipefail

data_root=/var/lib/docker
dockerd --containerd /run/containerd/containerd.sock --storage-driver overlay2 --bridge none --iptables=false &
daemon=$!

for _ in $(seq 300); do
  if docker version > /dev/null 2>&1; then break; fi
  sleep 0.1
done
docker load --input /images.tar
for pair in $SWARMTWIN_TAGS; do
  docker tag "${pair%%=*}" "${pair##*=}"
  docker rmi "${pair%%=*}" > /dev/null
done
docker images
kill -TERM "$daemon"
wait "$daemon"

# Only the images: an identity (engine-id), a network store or a containerd state must not be shared by nodes.
tar -C "$data_root" --numeric-owner -cf /seed.part image overlay2
mv /seed.part /seed.tar
sleep 60
