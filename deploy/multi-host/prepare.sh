#!/usr/bin/env bash
# Makes what each host of a cluster needs: .env, compose.yaml, tls/ and secrets/, one folder for each. Run it once, on a
# machine that is none of the hosts, then copy FOLDER/NAME/. into deploy/multi-host/ on that host.
#
# Usage: prepare.sh --network ADDRESS/BITS[,...] FOLDER NAME=HOST NAME=HOST... witness=HOST
#
#   --network   from where servers, agents and gateways reach the servers; goes into pg_hba.conf
#   FOLDER      gets the authority too (ca.crt, ca.key): keep that off the hosts
#   NAME=HOST   a node and the address or name by which the others reach it; the first one founds the
#               cluster. The one called witness gets a vote and no server
#
# It may run again, with more hosts too: passwords, authority and certificates that are there stay.
# Exit codes: 0 done, 64 wrong use; else as certificates.sh.
set -euo pipefail
umask 077
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
FOLDER='' NETWORK='' HOSTS=()

usage() {
    printf 'prepare.sh: %s Nothing was done. See the head of this script.\n' "$*" >&2
    exit 64
}

read_words() {
    while (($#)); do
        case $1 in
            --network)
                NETWORK=${2:-}
                shift
                ;;
            -h | --help)
                sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"
                exit 0
                ;;
            -*) usage "There is no option \"$1\"." ;;
            *)
                if [[ -z $FOLDER ]]; then
                    FOLDER=$1
                elif [[ $1 =~ ^[a-z0-9][a-z0-9-]*=[A-Za-z0-9.-]+$ ]]; then
                    HOSTS+=("$1")
                else
                    usage "Expected NAME=HOST, found \"$1\"."
                fi
                ;;
        esac
        (($#)) && shift
    done
    [[ $NETWORK =~ ^[0-9a-fA-F.:]+/[0-9]+(,[0-9a-fA-F.:]+/[0-9]+)*$ && $NETWORK/ != */0[,/]* ]] ||
        usage "--network wants ADDRESS/BITS, not everybody; found \"$NETWORK\"."
    [[ -n $FOLDER ]] || usage "The folder is missing."
    ((${#HOSTS[@]} >= 3)) || usage "A cluster needs three hosts, one of them the witness; ${#HOSTS[@]} named."
    [[ ${HOSTS[0]} != witness=* ]] || usage "The first host founds the cluster and can't be the witness."
}

# The same on all hosts that have it.
secret() { # NAME
    [[ -s $FOLDER/secrets/$1 ]] || openssl rand -hex 24 >"$FOLDER/secrets/$1"
}

settings() { # NAME HOST FOUNDER
    printf '%s\n' "# Made by prepare.sh. Other variables: .env.example." \
        "NODE=$1" "ADDRESS=$2" "NETWORK=$NETWORK" "PEERS=$PEERS" "API=$API" "BOOTSTRAP=$3"
}

host() { # NAME HOST FOUNDER
    local name kind=witness secrets=(token)
    [[ $1 == witness ]] || kind=node secrets+=(postgres replication kumki odoo)
    mkdir -p "$FOLDER/$1/tls" "$FOLDER/$1/secrets"
    for name in "${secrets[@]}"; do
        cp "$FOLDER/secrets/$name" "$FOLDER/$1/secrets/$name"
    done
    for name in host.crt host.key ca.crt; do
        cp -p "$FOLDER/tls/$1/$name" "$FOLDER/$1/tls/$name"
    done
    # What the operator added stays.
    {
        settings "$@"
        [[ ! -e $FOLDER/$1/.env ]] || grep -vE '^(#|(NODE|ADDRESS|NETWORK|PEERS|API|BOOTSTRAP)=)' "$FOLDER/$1/.env" || true
    } >"$FOLDER/$1/.env.new"
    mv -f "$FOLDER/$1/.env.new" "$FOLDER/$1/.env"
    printf '%s\n' "# Made by prepare.sh: so that docker compose finds the right file of the two." \
        "name: kumki-$1" "include: [$kind.yml]" >"$FOLDER/$1/compose.yaml"
}

read_words "$@"
"$HERE/certificates.sh" "$FOLDER/tls" "${HOSTS[@]}"
mkdir -p "$FOLDER/secrets"
for name in token postgres replication kumki odoo; do
    secret "$name"
done
PEERS=$(printf ',%s:8008' "${HOSTS[@]}")
PEERS=${PEERS#,}
API=$(printf ',%s:8008' "${HOSTS[@]#*=}")
API=${API#,}
founder=true
for entry in "${HOSTS[@]}"; do
    host "${entry%%=*}" "${entry#*=}" "$founder"
    founder=false
    printf '%s: copy %s into deploy/multi-host/ on %s\n' "${entry%%=*}" "$FOLDER/${entry%%=*}/." "${entry#*=}"
done
