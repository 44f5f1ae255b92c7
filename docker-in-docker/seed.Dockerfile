# A node image with the workload images inside: Docker copies what an image has at a volume's path into each fresh
# volume, so a new node finds them there and loads nothing. (VOLUME ends what can be added at that path.)
ARG ENGINE_IMAGE
FROM ${ENGINE_IMAGE}
LABEL swarmtwin.image=1
ADD seed.tar /var/lib/docker/
VOLUME /var/lib/docker
