# docker build -t borderless .
FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ARG TARGETARCH
WORKDIR /borderless-build
COPY . .
RUN scripts/publish.sh "linux-$(echo "${TARGETARCH:-amd64}" | sed s/amd64/x64/)" --out /out \
 && mv /out/linux-* /out/app \
 && mkdir /out/data

FROM mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled
COPY --from=build /out/app/borderless-web /out/app/libe_sqlite3.so /app/
COPY --from=build --chown=1654:1654 --chmod=700 /out/data /data
ENV IP_ADDR=0.0.0.0:8080 \
    DATA_DIR=/data \
    DOTNET_EnableDiagnostics=0
USER 1654
EXPOSE 8080
VOLUME /data
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["/app/borderless-web", "health"]
ENTRYPOINT ["/app/borderless-web"]
