# The base needs Python >= 3.11 with venv. Both stages use the same one, because the
# virtual environment points at the interpreter of the stage it was made in.
ARG BASE=python:3.13-slim

FROM ${BASE} AS build
# pip and the build backend stay in /opt/build; the product's environment gets neither.
RUN python3 -m venv /opt/build && python3 -m venv --without-pip /opt/venv
WORKDIR /src
COPY requirements/build.txt requirements/run.txt requirements/
RUN /opt/build/bin/pip install --no-cache-dir --require-hashes -r requirements/build.txt \
 && /opt/build/bin/pip --python /opt/venv/bin/python install --no-cache-dir --require-hashes -r requirements/run.txt
COPY pyproject.toml README.md LICENSE ./
COPY exporter exporter
# Every dependency was installed above and checked against its hash; nothing more is fetched here.
RUN /opt/build/bin/pip wheel --no-cache-dir --no-index --no-build-isolation --no-deps --wheel-dir dist . \
 && /opt/build/bin/pip --python /opt/venv/bin/python install --no-cache-dir --no-index --no-deps dist/*.whl

FROM ${BASE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="contact-center-exporter" \
      org.opencontainers.image.description="Prometheus exporter for hosted contact-center platforms" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    EXPORTER_REVISION=${REVISION}
COPY --from=build /opt/venv /opt/venv
# A named volume mounted at /data takes over this directory's owner, so that a ledger can be
# kept there. It is not declared as a VOLUME: a run without a ledger would leave one behind.
RUN install -d -o 65532 -g 65532 -m 0750 /data
# `run` reads exporter.yml here, unless --config.file says otherwise.
WORKDIR /etc/contact-center-exporter
USER 65532:65532
EXPOSE 10710
ENTRYPOINT ["contact-center-exporter"]
CMD ["run"]
