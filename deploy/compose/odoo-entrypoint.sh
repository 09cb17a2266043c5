#!/usr/bin/env bash
# Runs Odoo without addresses on its command line, where they would win over odoo.conf, and rings on: when the
# witness's agent touches /etc/odoo/reload, Odoo gets the SIGHUP with which it reads odoo.conf again.
set -euo pipefail

readonly BELL=/etc/odoo/reload

heard() {
    stat -c %y "$BELL" 2>/dev/null || printf 'never\n'
}

# shellcheck disable=SC2086 # arguments of the operator, split as a shell does
odoo --config "${ODOO_RC:-/etc/odoo/odoo.conf}" ${ODOO_ARGUMENTS:-} &
odoo=$!
# shellcheck disable=SC2064 # the pid as it is now
trap "kill -TERM $odoo 2>/dev/null || true" TERM INT

last=$(heard)
while kill -0 "$odoo" 2>/dev/null; do
    sleep 0.5 &
    wait $! || true
    now=$(heard)
    if [[ $now != "$last" ]]; then
        last=$now
        printf 'odoo-entrypoint: odoo.conf changed, SIGHUP to Odoo (%s)\n' "$odoo" >&2
        kill -HUP "$odoo" 2>/dev/null || true
    fi
done
wait "$odoo"
