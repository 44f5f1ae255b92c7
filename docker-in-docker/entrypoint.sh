#!/bin/bash
# Starts a node. SWARMTWIN_SUBJECT says what answers the Engine API on it:
#   swarm  dockerd itself, with its own Swarm mode
#   twin   the twin's daemon; dockerd stands behind it on /run/dockerd-engine.sock
#   seed   nothing: makes the seed of a data root with the workload images in it (seed.sh, image build only)
# Extra words for dockerd come in DOCKERD_ARGS, for the twin in SWARMTWIN_ARGS, for its Node in SWARMTWIN_NODE_FLAGS.
# tini is PID 1: it reaps zombies, passes signals on, and ends the node when this script's process ends.
set -euo pipefail

here=/usr/local/lib/swarmtwin
subject="${SWARMTWIN_SUBJECT:-swarm}"
engine_socket=/run/dockerd-engine.sock

# Docker mounts /sys and the control groups read-only for a container without --privileged: the mount, the
# file system below it, or both, by kind. So both are asked for, and what counts is that a directory can be made.
make_writable() {
  mount -o remount,rw "$1" 2> /dev/null || true # refused where only the mount itself is read-only
  mount -o remount,bind,rw "$1"
}

open_kernel_views() {
  local controller
  make_writable /sys
  make_writable /sys/fs/cgroup
  if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    open_cgroup_v2
  else
    for controller in /sys/fs/cgroup/*/; do
      if mountpoint -q "$controller"; then mount -o remount,bind,rw "$controller"; fi
    done
  fi
}

# A cgroup v2 group that hands controllers down may hold no process itself, so ours move to a leaf first.
open_cgroup_v2() {
  local root=/sys/fs/cgroup process
  mkdir -p "$root/node"
  while read -r process; do
    echo "$process" > "$root/node/cgroup.procs" 2> /dev/null || true # it has ended meanwhile
  done < "$root/cgroup.procs"
  sed 's/\(^\| \)/ +/g' "$root/cgroup.controllers" > "$root/cgroup.subtree_control"
}

# A machine boots with an empty /run; a killed container comes back with what it had there,
# and a left-over docker.pid keeps dockerd from starting.
forget_last_run() {
  rm -rf /run/docker /run/docker.pid /run/docker.sock /run/containerd /run/runc "$engine_socket"
}

# A node that starts for the first time finds the workload images in its data root. `image` comes last: it marks
# that all is there, whatever kills the node on the way.
unpack_images() {
  local root=/var/lib/docker
  if [ ! -e "$here/seed.tar" ] || [ -e "$root/image" ]; then return; fi
  rm -rf "$root/overlay2" "$root/.seed"
  mkdir "$root/.seed"
  tar -C "$root/.seed" -xf "$here/seed.tar"
  mv "$root/.seed/overlay2" "$root/"
  mv "$root/.seed/image" "$root/"
  rmdir "$root/.seed"
}

# As Debian's units do: containerd first, as a daemon of its own. (A dockerd that starts its own waits about a second for it.)
start_containerd() {
  local tries=0
  mkdir -p /run/containerd
  containerd --config "$here/containerd.toml" --log-level warn &
  until [ -S /run/containerd/containerd.sock ]; do
    tries=$((tries + 1))
    if [ "$tries" -gt 1500 ]; then
      echo "containerd did not open its socket in 30 s" >&2
      exit 70
    fi
    sleep 0.02
  done
}

run_dockerd() {
  # shellcheck disable=SC2086 # DOCKERD_ARGS is a list of words
  exec "$@" --containerd /run/containerd/containerd.sock --storage-driver overlay2 ${DOCKERD_ARGS:-}
}

# A daemon at rest should be small: one malloc arena, and a young generation that does not grow to the 16 MiB of a busy server.
run_twin() {
  export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-1}"
  # shellcheck disable=SC2086 # SWARMTWIN_NODE_FLAGS and SWARMTWIN_ARGS are lists of words
  exec /opt/swarmtwin/node "--max-old-space-size=${SWARMTWIN_HEAP_MB:-64}" --max-semi-space-size=1 \
    ${SWARMTWIN_NODE_FLAGS:-} /opt/swarmtwin/twin.mjs \
    --host unix:///var/run/docker.sock --host tcp://0.0.0.0:2375 \
    --engine "unix://$engine_socket" --data-root /var/lib/docker/swarmtwin ${SWARMTWIN_ARGS:-}
}

# Ends a child as an init system would: asks, and waits for as long as it takes.
stop_child() {
  kill -TERM "$1" 2> /dev/null || true # it has ended already
  while kill -0 "$1" 2> /dev/null; do wait "$1" || true; done
}

# The twin goes before its engine, so that it can still say goodbye to its containers and its swarm.
run_twin_with_engine() {
  local code=0
  (run_dockerd dockerd --host "unix://$engine_socket") &
  engine=$!
  (run_twin) &
  twin=$!
  trap 'stop_child $twin; stop_child $engine; exit 0' TERM INT
  wait -n "$engine" "$twin" || code=$?
  stop_child "$twin"
  stop_child "$engine"
  exit "$code"
}

open_kernel_views
forget_last_run
unpack_images
start_containerd
case "$subject" in
  swarm) run_dockerd perl "$here/listen.pl" 2375 dockerd --host unix:///var/run/docker.sock --host fd:// ;;
  twin) run_twin_with_engine ;;
  seed) exec "$here/seed.sh" ;;
  *)
    echo "SWARMTWIN_SUBJECT is '$subject', it must be swarm or twin" >&2
    exit 64
    ;;
esac
