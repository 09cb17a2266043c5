#!/usr/bin/env bash
# Makes or alters the two roles that Kumki needs: for streaming and rewind, and for the agent.
# Run once after initdb as superuser, by the official image from docker-entrypoint-initdb.d (run or
# sourced) or by kumki-runner. Doing it again is harmless. In parentheses: nothing leaks when sourced.
(
    set -euo pipefail

    refuse() {
        printf 'kumki-role: %s Nothing was changed.\n' "$1" >&2
        exit 64
    }

    # secret NAME: its value, or the content of the file that NAME_FILE names.
    secret() {
        local file=${1}_FILE
        if [[ -n ${!1:-} ]]; then
            printf '%s' "${!1}"
        elif [[ -n ${!file:-} ]]; then
            [[ -r ${!file} ]] || refuse "$file names ${!file}, which cannot be read."
            printf '%s' "$(<"${!file}")"
        else
            refuse "Neither $1 nor $file is set: set one of them."
        fi
    }

    # psql's \set reads a quoted word: a backslash and a quote in it need a backslash.
    quoted() {
        local text=${1//\\/\\\\}
        [[ $text != *$'\n'* ]] || refuse "A password or role name has a line break."
        printf "'%s'" "${text//\'/\\\'}"
    }

    replication_password=$(secret KUMKI_REPLICATION_PASSWORD)
    agent_password=$(secret KUMKI_POSTGRES_PASSWORD)
    # Here, for only a failed assignment ends the script: one in an argument would go on with nothing.
    replication_password=$(quoted "$replication_password")
    agent_password=$(quoted "$agent_password")
    replication_role=$(quoted "${KUMKI_REPLICATION_USER:-replicator}")
    agent_role=$(quoted "${KUMKI_POSTGRES_USER:-kumki}")

    # Everything goes in by standard input: arguments would show in the process list.
    {
        printf '\\set replication_role %s\n' "$replication_role"
        printf '\\set replication_password %s\n' "$replication_password"
        printf '\\set agent_role %s\n' "$agent_role"
        printf '\\set agent_password %s\n' "$agent_password"
        cat <<'SQL'
set log_statement = 'none';
set log_min_duration_statement = -1;
set log_min_error_statement = 'panic';
set log_duration = off;
set password_encryption = 'scram-sha-256';
set synchronous_commit = local;

select format('create role %I', :'replication_role')
 where not exists (select from pg_roles where rolname = :'replication_role') \gexec
select format('create role %I', :'agent_role')
 where not exists (select from pg_roles where rolname = :'agent_role') \gexec

alter role :"replication_role" login replication password :'replication_password';
-- Replication, because the agent makes and drops slots.
alter role :"agent_role" login replication password :'agent_password';

-- What pg_rewind reads on the source.
grant execute on function pg_catalog.pg_ls_dir(text, boolean, boolean) to :"replication_role";
grant execute on function pg_catalog.pg_stat_file(text, boolean) to :"replication_role";
grant execute on function pg_catalog.pg_read_binary_file(text) to :"replication_role";
grant execute on function pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean)
   to :"replication_role";

grant pg_monitor to :"agent_role";
select format('grant pg_checkpoint to %I', :'agent_role')
 where exists (select from pg_roles where rolname = 'pg_checkpoint') \gexec
SQL
        # The agent's write probe (the same variable) keeps one row there; else it is not made.
        [[ ${KUMKI_WRITE_PROBE:-off} == off ]] || printf '%s\n' \
            'create schema if not exists kumki authorization :"agent_role";'
    } | psql -v ON_ERROR_STOP=1 --no-psqlrc --no-password --quiet \
        -U "${PGUSER:-${POSTGRES_USER:-postgres}}" -d postgres
)
