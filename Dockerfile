# The container image of this project: Python 3.13, TFX 1.21, and the CUDA libraries that TensorFlow loads.
#
#   make image                              builds it (make image CUDA=0: without CUDA)
#   docker run --gpus all mocogan run …     runs a command of this project
#
# Kubeflow, Vertex AI and Dataflow use the same image: see scripts/image/entrypoint.sh.
# It needs no BuildKit, because `tfx pipeline create --build-image` builds without it.

# The digests are those that docker-library/repo-info lists for these tags.
ARG BASE=debian:13.7-slim@sha256:a99cfc517144bc59b1978475ec53b46ecabec7e43635402ee5b77cc54cd1b20a
ARG GO=golang:1.26.8-trixie@sha256:771f3162219f7a66bb6be3fea1ba31f418932946a99ad9eac26ffd555dfcf393

# Beam's program that starts a worker in a container. Its version is that of the Beam in the lock.
FROM ${GO} AS boot
COPY locks/py313.txt /locks/
RUN version=$(sed -n 's/^apache-beam==\([^ ]*\).*/\1/p' /locks/py313.txt) && \
    CGO_ENABLED=0 GOBIN=/boot go install -trimpath -ldflags='-s -w' \
        "github.com/apache/beam/sdks/v2/python/container@v$version"

# All packages, then this project. A change of the code builds only the second layer again.
FROM ${BASE} AS packages
# python3-dev and g++ build pyfarmhash.
# hadolint ignore=DL3008
RUN apt-get update && \
    apt-get install -y --no-install-recommends ca-certificates g++ python3 python3-dev python3-venv && \
    rm -rf /var/lib/apt/lists/*
ARG CUDA=1
# Another package index, if you have one. It does not stay in the image.
ARG PIP_INDEX_URL
ARG UV_DEFAULT_INDEX
# The certificates are Debian's, for pip and uv too.
ENV STACK=py313 UV_NO_CACHE=1 \
    PIP_CERT=/etc/ssl/certs/ca-certificates.crt SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
WORKDIR /opt/mocogan
COPY locks locks
COPY scripts/install.sh scripts/
RUN scripts/install.sh --packages-only
COPY . .
RUN scripts/install.sh && \
    .venv/bin/python -m compileall -q components data evaluation pipeline trainer && \
    rm -rf .tools

FROM ${BASE}
# hadolint ignore=DL3008
RUN apt-get update && \
    apt-get install -y --no-install-recommends ca-certificates python3 && \
    rm -rf /var/lib/apt/lists/* && \
    useradd --uid 1000 --create-home mocogan
COPY --from=boot /boot/container /opt/apache/beam/boot
COPY --from=packages /opt/mocogan /opt/mocogan
# Clusters and Vertex AI put the GPU's driver into /usr/local/nvidia, Docker asks for it with the two NVIDIA variables.
# Beam must not make an environment of its own, because that one would lack these packages.
ENV PATH=/opt/mocogan/.venv/bin:/usr/local/nvidia/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    LD_LIBRARY_PATH=/usr/local/nvidia/lib:/usr/local/nvidia/lib64 \
    NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility \
    RUN_PYTHON_SDK_IN_DEFAULT_ENVIRONMENT=1 \
    PYTHONUNBUFFERED=1
# A number, so that Kubernetes can see that it is not root.
USER 1000
WORKDIR /home/mocogan
ENTRYPOINT ["/opt/mocogan/scripts/image/entrypoint.sh"]
CMD ["mocogan", "--help"]
