#!/bin/bash
# Loads the images on stdin (docker save) into an empty data root and leaves /seed.tar: what of /var/lib/docker
# a node needs to have those images from the start. Docker copies it into each node's fresh volume.
# SWARMTWIN_TAGS: lines "long-name short-name"; inside nodes images go by their short names.
set -euo pipefail

data_root=/var/lib/docker
dockerd --containerd /run/containerd/containerd.sock --storage-driver overlay2 --bridge none --iptables=false --host unix:///var/run/docker.sock &
daemon=$!

for _ in $(seq 300); do
  if docker version > /dev/null 2>&1; then break; fi
  sleep 0.1
done
docker load
while read -r long short; do
  docker tag "$long" "$short"
  docker rmi "$long" > /dev/null
done <<< "$SWARMTWIN_TAGS"
docker images
kill -TERM "$daemon"
wait "$daemon"

# Only the images: an identity (engine-id), a network store or a containerd state must not be shared by nodes.
tar -C "$data_root" --numeric-owner -cf /seed.tar image overlay2
