# The proxy on every link, built from its Go module: for machines where no registry answers.
# BASE is Debian trixie; host-ca.crt holds the authorities this machine trusts (empty where it has no file of them),
# so that a Go module proxy behind a company's own authority is believed here as well.
ARG BASE
FROM ${BASE} AS build
COPY host-ca.crt /host-ca.crt
ARG VERSION
ARG GOPROXY
ARG GOSUMDB
# One step, and the compiler is gone at its end: to store it as a layer takes longer than to run it.
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends golang-go ca-certificates \
 && if [ -s /host-ca.crt ]; then export SSL_CERT_FILE=/host-ca.crt; fi \
 && export CGO_ENABLED=0 GOTOOLCHAIN=local GOFLAGS=-trimpath GOBIN=/out \
 && for name in GOPROXY GOSUMDB; do eval "[ -n \"\$$name\" ]" || unset "$name"; done \
 && go install -ldflags "-s -w -X github.com/Shopify/toxiproxy/v2.Version=${VERSION}" \
      "github.com/Shopify/toxiproxy/v2/cmd/server@v${VERSION}" \
 && rm -rf /root/go /root/.cache /usr/lib/go* /usr/share/go* /var/lib/apt/lists/* /var/cache/apt/archives/*.deb
ARG STAGE
LABEL swarmtwin.stage=${STAGE}

FROM scratch
LABEL swarmtwin.image=1
COPY --from=build /out/server /toxiproxy
EXPOSE 8474
ENTRYPOINT ["/toxiproxy"]
CMD ["-host=0.0.0.0"]
