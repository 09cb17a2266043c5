-- The role that standbys stream with, and the slot of the first one. May run again.
-- The password comes from the environment (a value, or the file that ..._FILE names), never from here.
set log_statement = 'none';
set log_min_error_statement = 'panic';
set password_encryption = 'scram-sha-256';

\set user `printf '%s' "${KUMKI_REPLICATION_USER:-replicator}"`
\set password `printf '%s' "${KUMKI_REPLICATION_PASSWORD:-$(cat "${KUMKI_REPLICATION_PASSWORD_FILE:?set it or KUMKI_REPLICATION_PASSWORD}")}"`

select format('create role %I', :'user')
 where not exists (select from pg_roles where rolname = :'user') \gexec
alter role :"user" login replication password :'password';

-- Named as Kumki names it: the node is pg-replica. Kumki makes the others, and keeps them.
select pg_create_physical_replication_slot('kumki_pg_replica')
 where not exists (select from pg_replication_slots where slot_name = 'kumki_pg_replica')
\g /dev/null
