/** What of the Engine API's swarm part the twin has not, or has otherwise, for docs/conformance.md. */
export const NOT_THERE: readonly string[] = [
  '**The data plane.** Overlay networks, virtual addresses and the ports of the routing mesh are made, allocated, shown, checked and removed, but nothing flows through them. A task that needs an overlay or a port of the mesh stays New, with the reason in its status. Ports in host mode, and services on the `host` and `bridge` networks, work.',
  '**`docker run --network` with an attachable overlay**, and `docker network connect` of one: the node’s dockerd does not know these networks. Tasks of network attachments (`NetworkAttachmentSpec`) do not exist.',
  '**Networks that dockerd makes for itself**: no node gets a `docker_gwbridge`, and workers do not list `ingress`.',
  '**Cluster volumes** (`POST /volumes/create` with `ClusterVolumeSpec`, `PUT /volumes/{name}`, `Type: cluster` in mounts): the node’s dockerd answers, which is in no swarm.',
  '**Plugins as services** (`Runtime: plugin`): refused in the words of an engine without experimental features.',
  '**Secrets from a driver**: there are no plugins, and a driver is answered as one that is not installed.',
  '**Addresses of the data plane** (`--data-path-addr`): read, checked and not used.',
  '**A rotation away from a root** whose key only an external certificate authority has.',
  '**A raft group shared with real managers**: managers of the two kinds do not mix; workers do.',
  '**`docker swarm init --force-new-cluster` under autolock**: Swarm refuses and forgets its swarm until dockerd is started again; the twin has the key and goes on.',
  '**Containers of a machine whose daemon is stopped gracefully**: real Swarm begins to remove them and may be ended before it has; then they are found again as ended, and their tasks read Complete. The twin always removes them, and their tasks read Failed for want of a container.',
];
