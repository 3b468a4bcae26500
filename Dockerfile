# The command mmstep with everything it needs.
#
#   docker build -t mmstep .
#   docker run --rm -v "$PWD:/work" mmstep detect video.mp4 --out out.mp4
#
# With CUDA: a base image that has a CUDA build of torch and nvcc; its torch is kept and all of mmcv's operators are
# built, which takes long. --gpus all when it is run.
#
#   docker build -t mmstep:cuda --build-arg BASE=pytorch/pytorch:2.9.1-cuda12.8-cudnn9-devel --build-arg FORCE_CUDA=1 .
ARG BASE=python:3.12-slim-bookworm
# BASE is pinned above; whoever gives another one pins that.
# hadolint ignore=DL3006
FROM ${BASE}

# The compiler is for mmcv's operators. Its version is the distribution's.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends g++ \
    && rm -rf /var/lib/apt/lists/*

# Where pip finds torch for CPUs, without the CUDA libraries of PyPI's; a torch of the base image comes first.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
# 1 builds mmcv's CUDA operators on a machine without a GPU, for these architectures.
ARG FORCE_CUDA=0
ARG TORCH_CUDA_ARCH_LIST="7.5;8.0;8.6;8.9;9.0+PTX"
ENV FORCE_CUDA=${FORCE_CUDA} TORCH_CUDA_ARCH_LIST=${TORCH_CUDA_ARCH_LIST}

WORKDIR /tmp/mmstep
COPY setup.py setup.cfg README.md LICENSE model-index.yml ./
COPY configs configs
COPY tools tools
COPY mmstep mmstep
COPY mmstep_command mmstep_command
# First mmstep alone, whose set-up brings the versions that were tested together, then what its extras add to them.
RUN export PIP_NO_CACHE_DIR=1 PIP_EXTRA_INDEX_URL="${TORCH_INDEX}" \
    && python3 -m venv --system-site-packages /opt/mmstep \
    && /opt/mmstep/bin/pip install --no-deps . \
    && /opt/mmstep/bin/mmstep setup \
    && /opt/mmstep/bin/pip install '.[web,archive]' \
    && rm -rf /root/.cache /tmp/mmstep

ENV PATH=/opt/mmstep/bin:${PATH}
WORKDIR /work
ENTRYPOINT ["mmstep"]
CMD ["--help"]
