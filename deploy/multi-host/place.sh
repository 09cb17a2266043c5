#!/usr/bin/env bash
# The one-shot service `files`: copies this host's certificate and passwords to whoever may see them, under the
# account that reads them. Each gets only its own. May run again; what changed is replaced by a rename.
#
#   place.sh [server] [agent]
set -euo pipefail
umask 077

readonly GIVEN=/given PLACED=/placed
readonly AGENT=${KUMKI_UID:-185}

refuse() { # FOUND TODO
    printf 'files: %s Nothing was started. %s\n' "$1" "$2" >&2
    exit 64
}

# secret_text TEXT: in SECRET, without a byte order mark, and without blanks and line ends around it: files and
# variables come from Windows too. The agent reads by the same rule (docs/CONFIGURATION.md).
secret_text() {
    local blank=$' \t\r\n\v\f'
    SECRET=${1#$'\xef\xbb\xbf'}
    SECRET=${SECRET#"${SECRET%%[!"$blank"]*}"}
    SECRET=${SECRET%"${SECRET##*[!"$blank"]}"}
}

place() { # FOLDER OWNER NAME...
    local folder=$1 owner=$2 name file
    shift 2
    chmod 755 "$folder"
    for name in "$@"; do
        case $name in
            host.* | ca.crt) file=$GIVEN/tls/$name ;;
            *) file=$GIVEN/secrets/$name ;;
        esac
        [[ -s $file ]] || refuse "${file#"$GIVEN"/} is missing or empty." \
            "Make this host's files with prepare.sh and copy them beside the compose file."
        case $file in
            "$GIVEN"/tls/*) cp "$file" "$folder/.new" ;;
            *)
                secret_text "$(<"$file")"
                printf '%s' "$SECRET" >"$folder/.new"
                ;;
        esac
        chown "$owner" "$folder/.new"
        chmod 400 "$folder/.new"
        mv -f "$folder/.new" "$folder/$name"
    done
}

for reader in "$@"; do
    case $reader in
        server)
            place "$PLACED/server" "$(id -u postgres):$(id -g postgres)" \
                postgres replication kumki odoo host.crt host.key ca.crt
            ;;
        agent)
            place "$PLACED/agent" "$AGENT" token host.crt host.key ca.crt
            [[ " $* " != *" server "* ]] || place "$PLACED/agent" "$AGENT" kumki
            # The base configuration names this file; an empty one means no webhook.
            cp /dev/null "$PLACED/agent/webhook"
            [[ ! -s $GIVEN/secrets/webhook ]] || cp "$GIVEN/secrets/webhook" "$PLACED/agent/webhook"
            chown "$AGENT" "$PLACED/agent/webhook"
            ;;
        *) refuse "\"$reader\" is unknown; expected server or agent." "Correct the compose file." ;;
    esac
done
chown "$AGENT" /state
chmod 700 /state
