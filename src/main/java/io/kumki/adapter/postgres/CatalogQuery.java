package io.kumki.adapter.postgres;

import com.fasterxml.jackson.databind.JsonNode;
import io.kumki.core.model.Archiving;
import io.kumki.core.model.Horizon;
import io.kumki.core.model.LocalServer;
import io.kumki.core.model.LocalServer.Activity;
import io.kumki.core.model.LocalServer.Primary;
import io.kumki.core.model.LocalServer.Receiver;
import io.kumki.core.model.LocalServer.Replica;
import io.kumki.core.model.LocalServer.Slot;
import io.kumki.core.model.LocalServer.Synchronous;
import io.kumki.core.model.LocalServer.Walsender;
import io.kumki.core.model.Lsn;
import io.kumki.core.model.Position;
import io.kumki.core.model.Replay;
import io.kumki.wire.Json;
import io.vertx.mutiny.sqlclient.Row;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** One look at the catalogs of PostgreSQL 13 to 18, in one statement and one row. */
final class CatalogQuery {
    /**
     * A primary's timeline comes from its WAL file name: after a promotion the control file still
     * shows the old one until the next checkpoint. A standby's comes from whatever knows the
     * newest.
     */
    static final String SQL =
            """
            select pg_is_in_recovery() as in_recovery,
                   current_setting('cluster_name') as cluster_name,
                   control.system_identifier::text as system_id,
                   checkpoint.timeline_id as control_timeline,
                   pg_postmaster_start_time()::text
                       || coalesce((select '|' || min(backend_start)::text from pg_stat_activity
                                     where backend_type = 'checkpointer'), '') as started_at,
                   case when pg_is_in_recovery()
                        then greatest(coalesce(receiver.received_tli, 0), checkpoint.timeline_id,
                                      recovery.min_recovery_end_timeline)
                        else ('x' || left(pg_walfile_name(pg_current_wal_flush_lsn()), 8))
                             ::bit(32)::int
                   end as timeline,
                   case when pg_is_in_recovery()
                        then coalesce(greatest(pg_last_wal_receive_lsn(),
                                               pg_last_wal_replay_lsn()), '0/0')
                        else pg_current_wal_flush_lsn()
                   end::text as position,
                   case when pg_is_in_recovery()
                        then coalesce(pg_last_wal_replay_lsn(), '0/0')
                   end::text as replayed,
                   case when pg_is_in_recovery()
                             and pg_last_wal_receive_lsn() > pg_last_wal_replay_lsn()
                        then greatest(extract(epoch from clock_timestamp()
                                 - coalesce(pg_last_xact_replay_timestamp(),
                                            pg_postmaster_start_time())) * 1000, 0)
                        else 0
                   end::bigint as lag_millis,
                   case when pg_is_in_recovery() then 0
                        else pg_current_wal_flush_lsn() - checkpoint.redo_lsn
                   end::bigint as wal_since_checkpoint,
                   current_setting('synchronous_standby_names') as sync_names,
                   activity.oldest_transaction,
                   activity.open_transactions,
                   case when pg_is_in_recovery() then pg_is_wal_replay_paused() else false end
                        as replay_paused,
                   coalesce(activity.replay_waits, '') as replay_waits,
                   concat_ws(', ',
                        'recovery_target = ' || nullif(current_setting('recovery_target'), ''),
                        'recovery_target_lsn = '
                             || nullif(current_setting('recovery_target_lsn'), ''),
                        'recovery_target_name = '
                             || nullif(current_setting('recovery_target_name'), ''),
                        'recovery_target_time = '
                             || nullif(current_setting('recovery_target_time'), ''),
                        'recovery_target_xid = '
                             || nullif(current_setting('recovery_target_xid'), ''))
                        as replay_target,
                   json_build_object(
                        'max_connections', current_setting('max_connections')::int,
                        'max_worker_processes', current_setting('max_worker_processes')::int,
                        'max_wal_senders', current_setting('max_wal_senders')::int,
                        'max_prepared_transactions',
                             current_setting('max_prepared_transactions')::int,
                        'max_locks_per_transaction',
                             current_setting('max_locks_per_transaction')::int)::text as settings,
                   coalesce(oldest.age, 0) as oldest_age,
                   coalesce(oldest.holder, '') as oldest_holder,
                   (select coalesce(json_agg(slot_name order by slot_name), '[]')
                      from pg_replication_slots as s
                     where pg_is_in_recovery() and slot_type = 'logical' and not temporary
                       and not active
                       and not coalesce((to_jsonb(s) ->> 'synced')::boolean, false))::text
                        as stranded,
                   (select count(*) from pg_replication_slots as s
                     where slot_type = 'logical' and not temporary
                       and not coalesce((to_jsonb(s) ->> 'failover')::boolean, false))::int
                        as logical_slots,
                   coalesce(has_table_privilege(to_regclass('kumki.write_probe'), 'select'),
                            false) as probed,
                   current_setting('archive_mode') = 'always'
                        or (current_setting('archive_mode') = 'on' and not pg_is_in_recovery())
                        as archives,
                   receiver.status as receiver_status,
                   receiver.sender_host,
                   receiver.sender_port,
                   (select coalesce(json_agg(concat(pid, ' ', query_start)), '[]')
                      from pg_stat_activity
                     where wait_event = 'SyncRep' and application_name <> 'kumki')::text
                        as waiting,
                   (select coalesce(json_agg(json_build_object(
                               'name', application_name, 'state', state,
                               'sync', sync_state, 'flushed', flush_lsn::text)), '[]')
                      from pg_stat_replication)::text as walsenders,
                   (select coalesce(json_agg(json_build_object(
                               'name', slot_name, 'active', active,
                               'lost', wal_status = 'lost', 'restart', restart_lsn::text,
                               'pins', coalesce(xmin, catalog_xmin) is not null)), '[]')
                      from pg_replication_slots where slot_type = 'physical')::text as slots
              from pg_control_system() as control,
                   pg_control_checkpoint() as checkpoint,
                   pg_control_recovery() as recovery
              left join pg_stat_wal_receiver as receiver on true
              left join (
                   select age(held)::bigint as age, holder
                     from (select xmin as held, 'slot ' || slot_name as holder
                             from pg_replication_slots
                           union all
                           select catalog_xmin, 'slot ' || slot_name from pg_replication_slots
                           union all
                           select transaction, 'prepared transaction ' || gid
                             from pg_prepared_xacts
                           union all
                           select backend_xmin,
                                  case backend_type
                                       when 'walsender' then 'standby ' || application_name
                                       else concat(backend_type, ' ', pid, ' of ' || usename)
                                  end
                             from pg_stat_activity
                            where pid <> pg_backend_pid()) as holders
                    where held is not null
                    order by 1 desc
                    limit 1) as oldest on true
             cross join (
                   select max(wait_event) filter (where backend_type = 'startup')
                              as replay_waits,
                          coalesce(extract(epoch from max(clock_timestamp() - xact_start)
                              filter (where client)), 0)::bigint as oldest_transaction,
                          (count(*) filter (where client and xact_start is not null))::int
                              as open_transactions
                     from (select *, backend_type = 'client backend'
                                     and application_name <> 'kumki' as client
                             from pg_stat_activity) as session) as activity
            """;

    /** Asked only where the table is. */
    static final String PROBE = "select number from " + WriteProbe.TABLE;

    private CatalogQuery() {}

    /**
     * @param probe what the write probe's table says; 0 if there is none
     */
    static LocalServer read(Row row, long probe, Archiving archiving) {
        return row.getBoolean("in_recovery")
                ? replica(row, probe, archiving)
                : primary(row, probe, archiving);
    }

    private static Primary primary(Row row, long probe, Archiving archiving) {
        var walsenders = new ArrayList<Walsender>();
        for (var sender : list(row, "walsenders")) {
            walsenders.add(
                    new Walsender(
                            text(sender, "name"),
                            text(sender, "state"),
                            text(sender, "sync"),
                            lsn(sender, "flushed"),
                            0));
        }
        return new Primary(
                row.getString("system_id"),
                position(row),
                row.getInteger("control_timeline"),
                row.getLong("wal_since_checkpoint"),
                row.getString("started_at"),
                new Synchronous(row.getString("sync_names"), 0),
                walsenders,
                slots(row),
                new Activity(
                        row.getLong("oldest_transaction"),
                        row.getInteger("open_transactions"),
                        row.getInteger("logical_slots")),
                probe,
                archiving,
                Optional.of(horizon(row)));
    }

    private static Replica replica(Row row, long probe, Archiving archiving) {
        return new Replica(
                row.getString("system_id"),
                position(row),
                Lsn.parse(row.getString("replayed")),
                Optional.ofNullable(row.getString("receiver_status"))
                        .map(
                                status ->
                                        new Receiver(
                                                status.equals("streaming"),
                                                Optional.ofNullable(row.getString("sender_host"))
                                                        .orElse(""),
                                                Optional.ofNullable(row.getInteger("sender_port"))
                                                        .orElse(0))),
                0,
                row.getLong("lag_millis"),
                slots(row),
                probe,
                archiving,
                Optional.of(replay(row)),
                Optional.of(horizon(row)));
    }

    /** Since when it stands still, and what its WAL asks for, is added by who remembers. */
    private static Replay replay(Row row) {
        var settings = new TreeMap<String, Integer>();
        list(row, "settings")
                .properties()
                .forEach(field -> settings.put(field.getKey(), field.getValue().asInt()));
        return new Replay(
                row.getBoolean("replay_paused"),
                row.getString("replay_target"),
                row.getString("replay_waits"),
                settings,
                "",
                0);
    }

    private static Horizon horizon(Row row) {
        var stranded = new ArrayList<String>();
        list(row, "stranded").forEach(name -> stranded.add(name.asText()));
        return new Horizon(row.getLong("oldest_age"), row.getString("oldest_holder"), stranded);
    }

    /** Commits of clients that wait for a standby; a session's next one has another text. */
    static Set<String> waiting(Row row) {
        var waiting = new HashSet<String>();
        list(row, "waiting").forEach(commit -> waiting.add(commit.asText()));
        return waiting;
    }

    private static Position position(Row row) {
        return new Position(row.getInteger("timeline"), Lsn.parse(row.getString("position")));
    }

    private static List<Slot> slots(Row row) {
        var slots = new ArrayList<Slot>();
        for (var slot : list(row, "slots")) {
            slots.add(
                    new Slot(
                            text(slot, "name"),
                            slot.path("active").asBoolean(),
                            slot.path("lost").asBoolean(),
                            lsn(slot, "restart"),
                            slot.path("pins").asBoolean()));
        }
        return slots;
    }

    private static JsonNode list(Row row, String column) {
        return Json.read(row.getString(column), JsonNode.class);
    }

    private static String text(JsonNode node, String field) {
        return node.path(field).asText("");
    }

    /** A column without a position is before all WAL. */
    private static Lsn lsn(JsonNode node, String field) {
        var text = node.path(field).asText("");
        return text.contains("/") ? Lsn.parse(text) : Lsn.ZERO;
    }
}
