# The proxy on every link, built from its Go module: for machines where no registry answers.
# BASE is Debian trixie; host-ca.crt holds the authorities this machine trusts (empty where it has no file of them),
# so that a Go module proxy behind a company's own authority is believed here as well.
ARG BASE
FROM ${BASE} AS build
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends golang-go ca-certificates \
 && apt-get clean && rm -rf /var/lib/apt/lists/*
COPY host-ca.crt /host-ca.crt
ARG VERSION
ARG GOPROXY
ARG GOSUMDB
RUN if [ -s /host-ca.crt ]; then export SSL_CERT_FILE=/host-ca.crt; fi \
 && export CGO_ENABLED=0 GOTOOLCHAIN=local GOFLAGS=-trimpath GOBIN=/out \
 && for name in GOPROXY GOSUMDB; do eval "[ -n \"\$$name\" ]" || unset "$name"; done \
 && go install -ldflags "-s -w -X github.com/Shopify/toxiproxy/v2.Version=${VERSION}" \
      "github.com/Shopify/toxiproxy/v2/cmd/server@v${VERSION}" \
 && rm -rf /root/go /root/.cache
ARG STAGE
LABEL swarmtwin.stage=${STAGE}

FROM scratch
LABEL swarmtwin.image=1
COPY --from=build /out/server /toxiproxy
EXPOSE 8474
ENTRYPOINT ["/toxiproxy"]
CMD ["-host=0.0.0.0"]
