#!/usr/bin/env bash
# Looks at .env before docker compose up -d does. Compose replaces the containers of a running stack first, and only
# then can these say what is wrong with a setting: until it is corrected nobody serves. Changes nothing.
#
#   deploy/compose/check.sh && docker compose up -d --wait
#
# Exit codes: 0 well, 64 wrong use, 65 something is wrong, 69 something is missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

PROBLEMS=0 CONFIG=''

say() { printf 'check: %s\n' "$*"; }

fail() { # EXIT-CODE TEXT...
    local code=$1
    shift
    printf 'check: %s\n' "$@" >&2
    exit "$code"
}

# problem FOUND EXPECTED: all of them are told.
problem() {
    PROBLEMS=$((PROBLEMS + 1))
    printf 'check: found: %s\n       expected: %s\n' "$1" "$2" >&2
}

# --- names -------------------------------------------------------------------------------------------------

known() { sed -nE 's/^#?([A-Z][A-Z0-9_]*)=.*/\1/p' .env.example; }

# nearest NAME: the known name that is fewest letters away, if that is at most three.
nearest() {
    known | awk -v a="$1" '
        {
            n = length(a); m = length($0)
            for (j = 0; j <= m; j++) row[j] = j
            for (i = 1; i <= n; i++) {
                left = row[0]; row[0] = i
                for (j = 1; j <= m; j++) {
                    cost = left + (substr(a, i, 1) != substr($0, j, 1))
                    left = row[j]
                    if (row[j] + 1 < cost) cost = row[j] + 1
                    if (row[j - 1] + 1 < cost) cost = row[j - 1] + 1
                    row[j] = cost
                }
            }
            if (row[m] <= 3 && (best == "" || row[m] < least)) { best = $0; least = row[m] }
        }
        END { print best }'
}

check_names() {
    local line number=0 name near
    local -A lines=()
    while IFS= read -r line || [[ -n $line ]]; do
        number=$((number + 1))
        [[ ! $line =~ ^[[:space:]]*(#|$) ]] || continue
        if [[ ! $line =~ ^[[:space:]]*(export[[:space:]]+)?([A-Za-z_][A-Za-z0-9_]*)[[:space:]]*= ]]; then
            problem ".env, line $number, is no setting" "NAME=VALUE, or # before a comment"
            continue
        fi
        name=${BASH_REMATCH[2]}
        [[ -z ${lines[$name]:-} ]] ||
            problem ".env sets $name in the lines ${lines[$name]} and $number" "one of them; the last one would count"
        lines[$name]=$number
        [[ $name != COMPOSE_* && $name != DOCKER_* ]] || continue
        if ! grep -qx "$name" < <(known); then
            near=$(nearest "$name")
            problem ".env, line $number, sets $name, which nothing reads" \
                "a name of .env.example${near:+; did you mean $near?}"
        fi
    done <.env
    say ".env: settings: ${#lines[@]}"
}

# --- values: as compose understands them ----------------------------------------------------------------------

read_config() {
    CONFIG=$(docker compose config 2>&1) ||
        fail 65 "found: docker compose can't read docker-compose.yml with .env:" "$CONFIG" \
            "Nothing was started or changed."
}

# must NAME PATTERN EXPECTED VALUE: NAME as in .env.
must() {
    [[ $4 =~ ^($2)$ ]] || problem "$1 is \"$4\"" "$3"
}

# A server's settings stand in its command, NAME=VALUE, or in its environment, NAME: VALUE.
argument() { sed -nE "s/^ *- \"?$1=([^\"]*)\"?$/\1/p" <<<"$CONFIG" | sed -n 1p; }
variable() { sed -nE "s/^ *$1: *\"?([^\"]*)\"?$/\1/p" <<<"$CONFIG" | sed -n 1p; }

check_values() {
    local size='-1|[0-9]+ ?(B|kB|MB|GB|TB)?' block='[0-9a-fA-F.:]+/[0-9]+|samenet'
    must LOG_STATEMENT 'none|ddl|mod|all' 'none, ddl, mod or all' "$(argument log_statement)"
    must ARCHIVE_MODE 'off|on|always' 'off or always' "$(argument archive_mode)"
    must ARCHIVE_TIMEOUT '[0-9]+ ?(ms|s|min|h|d)?' 'a time, such as 60s' "$(argument archive_timeout)"
    must WAL_KEEP_SIZE "$size" 'a size, such as 512MB' "$(argument wal_keep_size)"
    must SLOT_MAX_WAL "$size" 'a size, such as 16GB' "$(variable KUMKI_SLOT_MAX_WAL)"
    must KUMKI_NETWORK "($block)(,($block))*" 'samenet or ADDRESS/BITS, with commas between' \
        "$(variable KUMKI_NETWORK)"
}

check_ports() {
    local port
    while IFS= read -r port; do
        problem "two services have the port $port of this host" "one port for each (..._PORT in .env)"
    done < <(sed -nE 's/^ *published: *"?([0-9]+)"?$/\1/p' <<<"$CONFIG" | sort | uniq -d)
}

# --- what only the programs know --------------------------------------------------------------------------------

# missing SERVICE...: images of theirs, or of all services, that are not here.
missing() {
    local image
    while IFS= read -r image; do
        docker image inspect "$image" >/dev/null 2>&1 || printf '%s\n' "$image"
    done < <(docker compose config --images "$@" | sort -u)
}

check_images() {
    local image
    while IFS= read -r image; do
        say "note: the image $image is not here; docker compose up fetches it, or builds Kumki's"
    done < <(missing)
}

# once SERVICE ARGS...: in a container of its own that is removed, beside those that run.
once() {
    docker compose --progress quiet run --rm -T --no-deps "$@" </dev/null 2>&1
}

check_programs() {
    local service said
    if [[ -n $(missing secrets witness) ]]; then
        say "note: passwords and agents' settings are looked at when the images are here"
        return
    fi
    said=$(once secrets check) || problem "${said//$'\n'/$'\n'       }" "passwords as the stack was made with"
    if ! once secrets show >/dev/null; then
        say "note: the stack was not made yet; agents look at their settings when they start"
        return
    fi
    for service in agent-primary witness; do
        said=$(once "$service" agent --check) ||
            problem "$service: ${said//$'\n'/$'\n'       }" "settings that an agent takes"
    done
}

# --- all of it --------------------------------------------------------------------------------------------------

main() {
    (($# == 0)) || fail 64 "expected no arguments, found \"$1\". Nothing was done."
    docker compose version >/dev/null 2>&1 || fail 69 "docker compose is not here, or the engine does not run."
    if [[ -e .env ]]; then
        check_names
    else
        say "there is no .env: every setting has its default"
    fi
    read_config
    check_values
    check_ports
    check_images
    # Settings that are refused above would be refused there once more.
    ((PROBLEMS > 0)) || check_programs
    ((PROBLEMS == 0)) || fail 65 "$PROBLEMS thing(s) to correct in .env, see above. Nothing was started or changed."
    say "well. Go on with: docker compose up -d --wait"
}

# A test may read the words alone.
[[ ${BASH_SOURCE[0]} != "$0" ]] || main "$@"
