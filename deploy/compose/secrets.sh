#!/usr/bin/env bash
# The compose stack's one-shot service `secrets`. Servers, agents, pooler, tools (pgAdmin and Grafana) and Odoo have
# a volume each and find there only what they need. A value comes from ./secrets/NAME, else from the variable NAME (.env), else it is generated.
#
#   make      what is missing is made, nothing is changed (docker compose up does this)
#   replace   what is given replaces what is there: after ALTER ROLE ... PASSWORD on the leader
#   check     compares what is given with what is there, changes nothing (deploy/compose/check.sh)
#   show      prints names and values
set -euo pipefail
umask 077

readonly GIVEN=/given SECRETS=/secrets STATE=/state DATA=/data BACKUP=/backup
readonly AGENT=${KUMKI_UID:-185}

refuse() { # EXIT-CODE TEXT...
    local code=$1
    shift
    printf 'secrets: %s\n' "$@" >&2
    exit "$code"
}

# secret_text TEXT: in SECRET, without a byte order mark, and without blanks and line ends around it: files and
# variables come from Windows too. The agent reads by the same rule (docs/CONFIGURATION.md).
secret_text() {
    local blank=$' \t\r\n\v\f'
    SECRET=${1#$'\xef\xbb\xbf'}
    SECRET=${SECRET#"${SECRET%%[!"$blank"]*}"}
    SECRET=${SECRET%"${SECRET##*[!"$blank"]}"}
}

# given NAME: what the operator set, in VALUE; fails if nothing was.
given() {
    local file=$GIVEN/${1,,}
    secret_text "${!1:-}"
    [[ ! -s $file ]] || secret_text "$(<"$file")"
    VALUE=$SECRET
    [[ $VALUE != *[[:cntrl:]]* ]] || refuse 64 "$1 has a line break or another control character." \
        "Expected one line. Nothing was changed; correct it in .env or secrets/${1,,}."
    [[ -n $VALUE ]]
}

# store FILE OWNER TEXT: by a rename, so that nobody reads half of it.
store() {
    printf '%s' "$3" >"$1.new"
    chown "$2" "$1.new"
    chmod 400 "$1.new"
    # A power loss must not leave an empty one, which would be generated anew.
    sync "$1.new"
    mv -f "$1.new" "$1"
}

refuse_other() { # NAME
    local text=("found: $1 in .env or secrets/${1,,} differs from the one that this stack was made with."
        "To go on with the old one, take it out there. To change it: alter the role on the leader, then"
        "docker compose run --rm secrets replace (README, Passwords). No password was changed.")
    [[ $MODE == check ]] ||
        text+=("No service starts until then: docker compose up -d --wait once it is corrected.")
    refuse 65 "${text[@]}"
}

# The same question, and nothing else.
check_given() {
    local name file
    while read -r name file; do
        if given "$name" && [[ -s $SECRETS/$file && $VALUE != "$(<"$SECRETS/$file")" ]]; then
            refuse_other "$name"
        fi
    done <<'END'
POSTGRES_PASSWORD server/postgres
REPL_PASSWORD server/replication
KUMKI_PASSWORD server/kumki
KUMKI_TOKEN agent/token
ODOO_PASSWORD server/odoo
PGADMIN_PASSWORD tool/pgadmin
GRAFANA_PASSWORD tool/grafana
END
}

# keep NAME OWNER FILE...: the value of NAME in each file; in VALUE.
keep() {
    local name=$1 owner=$2 file asked=''
    shift 2
    given "$name" && asked=$VALUE
    if [[ -s $1 ]]; then
        VALUE=$(<"$1")
        if [[ -n $asked && $asked != "$VALUE" ]]; then
            [[ $MODE == replace ]] || refuse_other "$name"
            VALUE=$asked
            printf 'secrets: %s replaced\n' "$name"
        fi
    else
        [[ -n $asked ]] || asked=$(od -An -N 24 -tx1 /dev/urandom | tr -d ' \n')
        VALUE=$asked
    fi
    for file in "$@"; do
        store "$file" "$owner" "$VALUE"
    done
}

# A first odoo.conf; from then on it is yours, but for the four keys that the witness's agent keeps right.
odoo_conf() { # PASSWORD
    local file=$SECRETS/odoo/odoo.conf row
    if [[ -e $file ]]; then
        [[ $MODE == replace ]] || return 0
        while IFS= read -r row || [[ -n $row ]]; do
            [[ ! $row =~ ^db_password[[:space:]]*= ]] || row="db_password = $1"
            printf '%s\n' "$row"
        done <"$file" >"$file.new"
        chown --reference="$file" "$file.new"
        chmod --reference="$file" "$file.new"
        mv -f "$file.new" "$file"
        return 0
    fi
    keep ODOO_ADMIN_PASSWORD root "$SECRETS/tool/odoo_admin"
    cat >"$file.new" <<END
[options]
admin_passwd = $VALUE
data_dir = /var/lib/odoo
proxy_mode = False
list_db = True

; Kumki keeps db_host, db_port, db_replica_host and db_replica_port right.
db_host = witness
db_port = 5436
db_replica_host = witness
db_replica_port = 5437
db_user = ${ODOO_DB_USER:-odoo}
db_password = $1
db_maxconn = 32
END
    chown "$AGENT:$AGENT" "$file.new"
    # Odoo's own account differs from image to image; only Odoo and the witness have this volume.
    chmod 644 "$file.new"
    mv -f "$file.new" "$file"
}

# Data of a stack without Kumki that adopt.sh has not readied. Said here, before any secret is made and before any
# other service starts, for all of them wait for this one.
refuse_strangers() {
    local folder
    for folder in "$DATA"/*; do
        [[ ! -e $folder/PG_VERSION || -e $folder/kumki-adopt ]] || refuse 65 \
            "found: the volume ${folder##*/}_data holds data of a stack without Kumki." \
            "Expected: data that was readied, or an empty volume. Nothing was started, no data was touched." \
            "Start the old stack again, run deploy/compose/adopt.sh, then come back: docs/ADOPTION.md, Wrong order."
    done
}

# The agents refuse a shorter one, and then no service would come up healthy.
refuse_short_token() {
    ! given KUMKI_TOKEN || ((${#VALUE} >= 16)) || refuse 64 \
        "found: a KUMKI_TOKEN of ${#VALUE} characters in .env or secrets/kumki_token. Expected: 16 or more." \
        "Make one with: openssl rand -hex 32; or leave it empty, and one is generated. Nothing was changed."
}

make_all() {
    local folder server
    refuse_short_token
    server=$(id -u postgres):$(id -g postgres)
    mkdir -p "$SECRETS"/{server,agent,tool,pooler,odoo}
    chmod 755 "$SECRETS"/{server,agent,tool,pooler}
    keep POSTGRES_PASSWORD "$server" "$SECRETS/server/postgres"
    keep REPL_PASSWORD "$server" "$SECRETS/server/replication"
    keep KUMKI_PASSWORD "$server" "$SECRETS/server/kumki"
    store "$SECRETS/agent/kumki" "$AGENT" "$VALUE"
    keep KUMKI_TOKEN "$AGENT" "$SECRETS/agent/token"
    if given WEBHOOK_URL || [[ ! -e $SECRETS/agent/webhook || $MODE == replace ]]; then
        store "$SECRETS/agent/webhook" "$AGENT" "$VALUE"
    fi
    # Whoever runs pgAdmin and Grafana: their images' accounts, which differ.
    keep PGADMIN_PASSWORD root "$SECRETS/tool/pgadmin"
    keep GRAFANA_PASSWORD root "$SECRETS/tool/grafana"
    chmod 444 "$SECRETS"/tool/{pgadmin,grafana}
    keep ODOO_PASSWORD "$server" "$SECRETS/server/odoo"
    userlist "$VALUE"
    odoo_conf "$VALUE"
    # What the agent writes there gets the folder's group, so that it can replace the file with one like it. A folder of
    # the host (ODOO_CONF_DIR) with the file of another account stays as it is.
    if [[ $(stat -c %u "$SECRETS/odoo/odoo.conf") == "$AGENT" ]]; then
        chown "$AGENT:$(stat -c %g "$SECRETS/odoo/odoo.conf")" "$SECRETS/odoo"
        chmod 2755 "$SECRETS/odoo"
    fi
    # The servers archive there, and the profile backup puts its base backups there.
    if [[ -d $BACKUP ]]; then
        chown "$server" "$BACKUP"
        chmod 700 "$BACKUP"
    fi
    for folder in "$STATE"/*; do
        chown "$AGENT" "$folder"
        chmod 700 "$folder"
    done
}

# PgBouncer's list of users, which has to know the very passwords.
userlist() { # ODOO-PASSWORD
    printf '"%s" "%s"\n' "${ODOO_DB_USER:-odoo}" "${1//\"/\"\"}" >"$SECRETS/pooler/userlist.txt"
    chmod 444 "$SECRETS/pooler/userlist.txt"
}

show() {
    local file
    [[ -s $SECRETS/server/postgres ]] || refuse 69 "nothing was made yet: docker compose up secrets"
    printf '%-30s %s\n' "${POSTGRES_USER:-postgres} (superuser)" "$(<"$SECRETS/server/postgres")" \
        replicator "$(<"$SECRETS/server/replication")" "kumki (agents)" "$(<"$SECRETS/server/kumki")" \
        "${ODOO_DB_USER:-odoo} (Odoo)" "$(<"$SECRETS/server/odoo")"
    for file in odoo_admin pgadmin grafana; do
        [[ ! -s $SECRETS/tool/$file ]] || printf '%-30s %s\n' "$file" "$(<"$SECRETS/tool/$file")"
    done
    printf '%-30s %s\n' "token of agents and operators" "$(<"$SECRETS/agent/token")"
}

MODE=${1:-make}
case $MODE in
    make)
        refuse_strangers
        make_all
        ;;
    # adopt.sh too, before the data is ready.
    replace) make_all ;;
    check)
        refuse_strangers
        refuse_short_token
        check_given
        ;;
    show) show ;;
    *) refuse 64 "\"$MODE\" is unknown; expected make, replace, check or show. Nothing was done." ;;
esac
