# A node image with the workload images inside, ready to be unpacked into a node's empty data root (entrypoint.sh).
ARG ENGINE_IMAGE
FROM ${ENGINE_IMAGE}
LABEL swarmtwin.image=1
COPY seed.tar /usr/local/lib/swarmtwin/
VOLUME /var/lib/docker
