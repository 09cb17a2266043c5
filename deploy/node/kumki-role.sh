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

    # secret_text TEXT: in SECRET, without a byte order mark, and without blanks and line ends around it: files and
    # variables come from Windows too. The agent reads by the same rule (docs/CONFIGURATION.md).
    secret_text() {
        local blank=$' \t\r\n\v\f'
        SECRET=${1#$'\xef\xbb\xbf'}
        SECRET=${SECRET#"${SECRET%%[!"$blank"]*}"}
        SECRET=${SECRET%"${SECRET##*[!"$blank"]}"}
    }

    # secret NAME: its value, or the content of the file that NAME_FILE names.
    secret() {
        local file=${1}_FILE SECRET
        if [[ -n ${!1:-} ]]; then
            secret_text "${!1}"
        elif [[ -n ${!file:-} ]]; then
            [[ -r ${!file} ]] || refuse "$file names ${!file}, which cannot be read."
            secret_text "$(<"${!file}")"
        else
            refuse "Neither $1 nor $file is set: set one of them."
        fi
        [[ -n $SECRET ]] || refuse "$1 is empty: expected a password."
        printf '%s' "$SECRET"
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

    # An adopted server may have defaults for all sessions that would break this one.
    PGOPTIONS="${PGOPTIONS:-} -c default_transaction_isolation=read\\ committed -c default_transaction_read_only=off"
    PGOPTIONS+=' -c default_transaction_deferrable=off -c statement_timeout=0 -c lock_timeout=0 -c role=none'
    PGOPTIONS+=' -c idle_in_transaction_session_timeout=0 -c search_path=pg_catalog -c standard_conforming_strings=on'
    export PGOPTIONS

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
-- Only newer servers know these.
select set_config(name, '0', false) from pg_settings
 where name in ('idle_session_timeout', 'transaction_timeout') \g /dev/null

select format('create role %I', :'replication_role')
 where not exists (select from pg_roles where rolname = :'replication_role') \gexec
select format('create role %I', :'agent_role')
 where not exists (select from pg_roles where rolname = :'agent_role') \gexec

alter role :"replication_role" login replication password :'replication_password';
-- Replication, because the agent makes and drops slots.
alter role :"agent_role" login replication password :'agent_password';

-- Hardened servers take it from public.
grant connect on database postgres to :"replication_role", :"agent_role";

-- What pg_rewind reads on the source.
grant execute on function pg_catalog.pg_ls_dir(text, boolean, boolean) to :"replication_role";
grant execute on function pg_catalog.pg_stat_file(text, boolean) to :"replication_role";
grant execute on function pg_catalog.pg_read_binary_file(text) to :"replication_role";
grant execute on function pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean)
   to :"replication_role";

grant pg_monitor to :"agent_role";
select format('grant pg_checkpoint to %I', :'agent_role')
 where exists (select from pg_roles where rolname = 'pg_checkpoint') \gexec
-- Since 16: reserved_connections are for it, too.
select format('grant pg_use_reserved_connections to %I', :'agent_role')
 where exists (select from pg_roles where rolname = 'pg_use_reserved_connections') \gexec
SQL
        # The agent's write probe (the same variable) keeps one row there; else it is not made.
        [[ ${KUMKI_WRITE_PROBE:-off} == off ]] || printf '%s\n' \
            'create schema if not exists kumki authorization :"agent_role";'
    } | psql -v ON_ERROR_STOP=1 --no-psqlrc --no-password --quiet \
        -U "${PGUSER:-${POSTGRES_USER:-postgres}}" -d postgres
)
