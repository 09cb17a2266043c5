#!/usr/bin/env bash
# The entrypoint of a PostgreSQL container on one host of several: initialises with TLS required between
# hosts, then goes on as in the stack of one host, with TLS switched on.
set -euo pipefail

own=/usr/local/lib/kumki-host
for file in "$own"/initdb/*.{sql,sh}; do
    ln -sf "$file" /docker-entrypoint-initdb.d/
done
ln -sf "$own/hba.sh" /docker-entrypoint-initdb.d/04-hba-tls.sh

exec bash /usr/local/lib/kumki/node-entrypoint.sh "$@" \
    -c ssl=on \
    -c ssl_cert_file=/run/secrets/host.crt \
    -c ssl_key_file=/run/secrets/host.key \
    -c ssl_min_protocol_version=TLSv1.2
