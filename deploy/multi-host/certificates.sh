#!/usr/bin/env bash
# One authority and one certificate for each host, for TLS between agents and to PostgreSQL.
#
# Usage: certificates.sh [--days N] [--renew] FOLDER NAME=HOST[,HOST...]...
#
#   FOLDER   gets ca.crt and ca.key, and one folder NAME for each host with host.crt, host.key
#            and a copy of ca.crt; copy only FOLDER/NAME to that host
#   NAME     the node's name, as in `peers`
#   HOST     what the others call that host, name or address: the first as in `peers`, then more
#            (localhost and 127.0.0.1 are always added, for commands on the host itself)
#   --days   how long certificates are valid; 825 without it; the authority's 10 years
#   --renew  makes new certificates where there are some, with new keys
#
# It may run again: the authority and certificates that are there stay as they are, what is missing
# is added. An authority is never overwritten: a new one would cut all hosts off from each other.
# Keep ca.key off the hosts; who has it can join the cluster.
#
# Exit codes: 0 done, 1 failed, 64 wrong use, 69 something is missing.
set -euo pipefail
umask 077

DAYS=825 RENEW=no FOLDER='' WORK=''

say() { printf '%s\n' "$*"; }

die() { # EXIT FOUND-AND-EXPECTED
    printf 'certificates.sh: %s\n' "$2" >&2
    exit "$1"
}

usage() { die 64 "$* Nothing was done. See the head of this script."; }

# Words on the command line: FOLDER, then HOSTS.
HOSTS=()
read_words() {
    while (($#)); do
        case $1 in
            --days)
                [[ ${2:-} =~ ^[1-9][0-9]{0,3}$ ]] || usage "--days wants 1 to 9999, not \"${2:-}\"."
                DAYS=$2
                shift
                ;;
            --renew) RENEW=yes ;;
            -h | --help)
                sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"
                exit 0
                ;;
            -*) usage "There is no option \"$1\"." ;;
            *)
                if [[ -z $FOLDER ]]; then
                    FOLDER=$1
                elif [[ $1 =~ ^[a-z0-9][a-z0-9-]*=[A-Za-z0-9.:,-]+$ ]]; then
                    HOSTS+=("$1")
                else
                    usage "Expected NAME=HOST, found \"$1\"."
                fi
                ;;
        esac
        shift
    done
    [[ -n $FOLDER ]] || usage "The folder is missing."
    ((${#HOSTS[@]})) || usage "No host is named."
}

# run COMMAND...: quiet unless it fails.
run() {
    local said
    said=$("$@" 2>&1) || die 1 "$1 $2 failed: $said"
}

new_key() { # FILE
    run openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"
    chmod 600 "$1"
}

authority() {
    if [[ -e $FOLDER/ca.crt && -e $FOLDER/ca.key ]]; then
        say "The authority is there and stays: $FOLDER/ca.crt"
        return
    fi
    [[ ! -e $FOLDER/ca.crt && ! -e $FOLDER/ca.key ]] || die 1 \
        "Only one of ca.crt and ca.key is in $FOLDER; expected both or none. Nothing was done. \
Bring the other one back; a new authority would cut the hosts off that trust the old one."
    new_key "$WORK/ca.key"
    run openssl req -x509 -new -key "$WORK/ca.key" -sha256 -days 3650 \
        -subj "/CN=Kumki cluster authority $(date -u +%Y-%m-%d)" \
        -addext basicConstraints=critical,CA:TRUE,pathlen:0 \
        -addext keyUsage=critical,keyCertSign,cRLSign -out "$WORK/ca.crt"
    chmod 644 "$WORK/ca.crt"
    mv "$WORK/ca.key" "$WORK/ca.crt" "$FOLDER/"
    say "Made the authority: $FOLDER/ca.crt, its key is $FOLDER/ca.key"
}

alternative_names() { # HOST,HOST...
    local host names='' seen=' '
    for host in ${1//,/ } localhost 127.0.0.1; do
        [[ $seen != *" $host "* ]] || continue
        seen+="$host "
        if [[ $host =~ ^[0-9.]+$ || $host == *:* ]]; then
            names+=",IP:$host"
        else
            names+=",DNS:$host"
        fi
    done
    printf '%s' "${names#,}"
}

certificate() { # NAME HOST,HOST...
    local folder=$FOLDER/$1 serial
    if [[ -e $folder/host.crt && $RENEW == no ]]; then
        say "$1: its certificate is there and stays; --renew makes a new one."
        return
    fi
    new_key "$WORK/host.key"
    run openssl req -new -key "$WORK/host.key" -subj "/CN=$1" -out "$WORK/host.csr"
    printf '%s\n' basicConstraints=critical,CA:FALSE keyUsage=critical,digitalSignature \
        extendedKeyUsage=serverAuth,clientAuth "subjectAltName=$(alternative_names "$2")" \
        >"$WORK/host.ext"
    serial=0x$(openssl rand -hex 16)
    run openssl x509 -req -in "$WORK/host.csr" -CA "$FOLDER/ca.crt" -CAkey "$FOLDER/ca.key" \
        -set_serial "$serial" -sha256 -days "$DAYS" -extfile "$WORK/host.ext" -out "$WORK/host.crt"
    mkdir -p "$folder"
    chmod 755 "$folder"
    cp "$FOLDER/ca.crt" "$WORK/host-ca.crt"
    chmod 644 "$WORK/host.crt" "$WORK/host-ca.crt"
    mv "$WORK/host.key" "$folder/host.key"
    mv "$WORK/host.crt" "$folder/host.crt"
    mv "$WORK/host-ca.crt" "$folder/ca.crt"
    say "$1: made $folder/host.crt for $(alternative_names "$2"), valid for $DAYS days"
}

read_words "$@"
command -v openssl >/dev/null || die 69 "there is no openssl. Nothing was done. Install it."
mkdir -p "$FOLDER"
WORK=$(mktemp -d "$FOLDER/.new.XXXXXX")
trap 'rm -rf "$WORK"' EXIT
authority
for host in "${HOSTS[@]}"; do
    certificate "${host%%=*}" "${host#*=}"
done
