package io.kumki.adapter.runner;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Functions of the runner in states that a real server is in for microseconds only. */
class RunnerFunctionsTest {
    private static final String RUNNER = "deploy/node/kumki-runner";

    /** A process listed may be gone before it is looked at; the server must not pay for that. */
    @Test
    void aServersProcessThatEndsMeanwhileDoesNotEndTheRunner() throws Exception {
        var said =
                bash(
                        """
                        set -uo pipefail
                        PGDATA=/nowhere
                        server_processes() { PROCESSES=(%s); }
                        %s
                        streaming || echo "the runner lives"
                        """
                                .formatted(ended(), function("streaming")));
        assertThat(said).isEqualTo("the runner lives\n");
    }

    /** A child that was killed, or never forked, prints nothing. */
    @Test
    void aHistoryThatCannotBeReadDoesNotEndTheRunner() throws Exception {
        var said =
                bash(
                        """
                        set -uo pipefail
                        declare -A FACTS=([timeline]=3) PROMOTED=()
                        PID=1 PROBE_PID=0
                        log() { echo "$*"; }
                        print_history() { :; }
                        %s%s
                        came_up primary
                        echo "the runner lives"
                        """
                                .formatted(function("pairs"), function("came_up")));
        assertThat(said).contains("timeline=3").endsWith("the runner lives\n");
    }

    @Test
    void anOrderWithoutANumberForItsTermIsRefused() throws Exception {
        var said =
                bash(
                        """
                        set -uo pipefail
                        declare -A FACTS=() ORDER=([kind]=primary [term]=soon)
                        RESULT=running
                        finish() { RESULT=$1; }
                        %s
                        check_order
                        echo "$RESULT"
                        """
                                .formatted(function("check_order")));
        assertThat(said).isEqualTo("refused\n");
    }

    /** Without `control` a standby's directory would pass for a primary's. */
    @Test
    void aProbeThatWasCutShortChangesNothing() throws Exception {
        var said =
                bash(
                        """
                        set -uo pipefail
                        declare -A FACTS=([control]='in archive recovery')
                        NOW=1 AWAITED=0 SERVER=crashed JOB=other STOP_MODE=''
                        %s%s
                        take_probe <(echo system_id=1)
                        echo "${FACTS[control]:-unknown}"
                        take_probe <(printf 'control=shut down\\ndisk_total=1\\n')
                        echo "${FACTS[control]:-unknown}"
                        """
                                .formatted(function("pairs"), function("take_probe")));
        assertThat(said).isEqualTo("in archive recovery\nshut down\n");
    }

    /** With a full KUMKI_RUN nothing can be reported, and half a rewind must not look like none. */
    @Test
    void aRewindThatBeganIsKnownWithoutRoomForAReport() throws Exception {
        var said =
                bash(
                        """
                        set -uo pipefail
                        declare -A REPORT=()
                        declare -a JOB_GUARD=()
                        KUMKI_RUN=/nowhere TOUCHED=1
                        %s%s%s
                        follow echo 'no words of a rewind' >&2
                        echo "touched=$TOUCHED"
                        follow bash -c 'echo need to copy 1 MB >&2; exit 3'
                        echo "code=$? touched=$TOUCHED"
                        """
                                .formatted(
                                        function("pairs"), function("report"), function("follow")));
        assertThat(said).contains("touched=0\n").contains("code=3 touched=1\n");
    }

    /** Three renames make room for a clone beside one that never streamed; each can be the last. */
    @ParameterizedTest
    @CsvSource({"data data.kept, data data.before-clone", "data.kept data.discarded.1, data"})
    void aDirectoryThatWasPutAsideIsFoundAgain(String before, String after) throws Exception {
        var said =
                bash(
                        """
                        set -uo pipefail
                        cd "$(mktemp -d)"
                        mkdir -p %s
                        for one in *; do : >"$one/$one"; done
                        PGDATA=$PWD/data
                        log() { :; }
                        %s%s
                        heal_swap
                        rm -rf data.discarded.1
                        echo *
                        rm -rf "$PWD"
                        """
                                .formatted(before, function("vacant"), function("heal_swap")));
        assertThat(said).isEqualTo(after + "\n");
    }

    /** Of what lies outside of a directory only what nobody else leads to goes, and is ours. */
    @Test
    void deletesOutsideOnlyWhatIsItsOwn() throws Exception {
        var said =
                bash(
                        """
                        set -uo pipefail
                        cd "$(mktemp -d)"
                        PGDATA=$PWD/data
                        mkdir -p data/pg_tblspc old/pg_tblspc far/PG_15_1 far/PG_16_1 far/mine
                        mkdir -p far.kumki-n1-20260101-010101/PG_15_1
                        mkdir -p shared/PG_15_1 wal/archive_status
                        : >wal/000000010000000000000001 : >wal/lost+found
                        echo 15 >old/PG_VERSION
                        ln -s "$PWD/far" old/pg_tblspc/1
                        ln -s "$PWD/far.kumki-n1-20260101-010101" old/pg_tblspc/2
                        ln -s "$PWD/shared" old/pg_tblspc/3
                        ln -s "$PWD/shared" data/pg_tblspc/3
                        ln -s "$PWD/wal" old/pg_wal
                        %s
                        %s%s%s
                        delete_outside "$PWD/old"
                        rm -rf old data
                        find . -mindepth 1 | sort | tr '\n' ' '
                        rm -rf "$PWD"
                        """
                                .formatted(
                                        "STAMPED='^(.+)[./]kumki-[A-Za-z0-9_-]+-[0-9]{8}-[0-9]{6}$'",
                                        function("outside"),
                                        function("used"),
                                        function("delete_outside")));
        assertThat(said)
                .isEqualTo(
                        "./far ./far/PG_16_1 ./far/mine ./shared ./shared/PG_15_1 ./wal ./wal/lost+found ");
    }

    /** No file descriptor is left: nothing can be opened, and /proc cannot be listed. */
    @Test
    void withoutDescriptorsTimeGoesOnAndNoServerIsTakenForEnded() throws Exception {
        var said =
                bash(
                        """
                        set -uo pipefail
                        NOW=100
                        %s%s
                        ulimit -n 3
                        now
                        echo "$NOW"
                        server_processes / || echo "cannot tell"
                        PGDATA=/ PID=7
                        kill() { echo "signalled $2"; }
                        signal_all QUIT
                        """
                                .formatted(
                                        function("now"),
                                        function("server_processes") + function("signal_all")));
        assertThat(said.lines()).contains("110", "cannot tell", "signalled 7");
    }

    /**
     * The history says where the new timeline begins. Below what was asked for that is a loss,
     * unless just the record that begins there never came whole: of 40 bytes, of which 24 came.
     */
    @ParameterizedTest
    @CsvSource({
        "0/3000100, 0, false",
        "0/30000F8, 0, true",
        "0/3000100, 40, false",
        "0/3000118, 40, false",
        "0/3000128, 40, true",
        "0/3002000, 9000, false",
        "0/3002430, 9000, false",
        "0/3002440, 9000, true",
        "0/6000000, 0, true",
        "0/6000000, 7, true",
    })
    void aPromotionThatEndedBelowWhatWasReceivedIsTold(
            String least, int recordLength, boolean isShort) throws Exception {
        var begins = recordLength == 0 && !least.equals("0/3000100") ? "0/30000F0" : "0/3000100";
        var said =
                bash(
                        """
                        set -uo pipefail
                        KUMKI_RUN=$(mktemp -d)
                        cd "$KUMKI_RUN" && mkdir pg_wal
                        WAL=pg_wal/000000020000000000000003
                        printf 'least=%s\nafter=00000002.history\nsegment=16777216\n' >.opening
                        printf '1\t0/2000000\told\n' >pg_wal/00000002.history
                        %s
                        opened_short . && echo early
                        : >pg_wal/00000003.history
                        printf '1\t0/2000000\told\n\n2\t%s\tnew\n' >pg_wal/00000004.history
                        dd if=/dev/zero of=$WAL bs=8k count=4 status=none
                        perl -e 'print pack "V", %d' |
                            dd of=$WAL bs=1 seek=256 conv=notrunc status=none
                        opened_short . && echo "short at $FORK" || echo whole
                        rm -rf "$KUMKI_RUN"
                        """
                                .formatted(
                                        least,
                                        function("lsn")
                                                + function("pairs")
                                                + function("opened_short")
                                                + function("record_end"),
                                        begins,
                                        recordLength));
        assertThat(said).isEqualTo(isShort ? "short at " + begins + "\n" : "whole\n");
    }

    /** Any user can make one; it is no reason to wait for ever for a server to end. */
    @Test
    void aProcessWithoutANameIsNoneThatCannotBeLookedAt() throws Exception {
        var nameless = new ProcessBuilder("perl", "-e", "$0 = ''; print 1; close STDOUT; sleep 60");
        var process = nameless.start();
        try {
            assertThat(process.getInputStream().readAllBytes()).hasSize(1);
            assertThat(Path.of("/proc", "" + process.pid(), "comm")).hasContent("\n");
            var said =
                    bash(
                            """
                            set -uo pipefail
                            %s
                            server_processes /nowhere && echo "all were looked at"
                            """
                                    .formatted(function("server_processes")));
            assertThat(said).isEqualTo("all were looked at\n");
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    /** What the log of a failed start comes down to; server 10, its startup process 12. */
    @ParameterizedTest
    @MethodSource("failedStarts")
    void theReasonOfAFailedStartIsFoundInItsLog(String log, String reason) throws Exception {
        var said =
                bash(
                        """
                        set -uo pipefail
                        %s
                        %s
                        mapfile -t rows <<'LOG'
                        %s
                        LOG
                        complaint 10 "${rows[@]}"
                        echo "$COMPLAINT"
                        """
                                .formatted(words(), function("complaint"), log));
        assertThat(said.strip()).isEqualTo(reason);
    }

    static Stream<Arguments> failedStarts() {
        var stop = "requested recovery stop point is before consistent recovery point";
        return Stream.of(
                Arguments.of(
                        """
                        2026-11-25 13:00:00.000 UTC [10] LOG:  starting PostgreSQL 15.14
                        2026-11-25 13:00:00.010 UTC [12] LOG:  entering standby mode
                        2026-11-25 13:00:00.020 UTC [12] FATAL:  %s
                        2026-11-25 13:00:00.021 UTC [31] FATAL:  role "nobody" is not permitted
                        13:00:00.030 UTC [10] LOG:  startup process (PID 12) exited with exit
                        2026-11-25 13:00:00.031 UTC [10] LOG:  database system is shut down"""
                                .formatted(stop),
                        "FATAL: " + stop),
                Arguments.of(
                        """
                        [10] LOG:  could not bind IPv4 address "127.0.0.1": Address in use
                        UTC [10] HINT:  Is another postmaster already running on port 5432?
                        UTC [10] WARNING:  could not create listen socket for "*"
                        UTC [10] FATAL:  could not create any TCP/IP sockets""",
                        "FATAL: could not create any TCP/IP sockets; could not bind IPv4 address"
                                + " \"127.0.0.1\": Address in use; could not create listen"
                                + " socket for \"*\""),
                Arguments.of(
                        """
                        LOG:  unrecognized configuration parameter "bufers" in file "p.conf" line 3
                        FATAL:  configuration file "p.conf" contains errors""",
                        "FATAL: configuration file \"p.conf\" contains errors; unrecognized"
                                + " configuration parameter \"bufers\" in file \"p.conf\""
                                + " line 3"),
                Arguments.of(
                        """
                        UTC [12] FATAL:  Wiederherstellung abgebrochen
                        UTC [12] DETAIL:  max_connections = 40 ist zu klein.
                        UTC [12] TIPP:  Erhöhen Sie es.
                        UTC [10] LOG:  Startprozess (PID 12) beendete mit Status 1""",
                        "FATAL: Wiederherstellung abgebrochen; max_connections = 40 ist zu klein.;"
                                + " Erhöhen Sie es."),
                Arguments.of(
                        "2026-11-25 13:00:00 UTC,,,12,,67f.1,3,,2026-11-25,,0,FATAL,58P01,"
                                + "\"no such file\",,,\n"
                                + "2026-11-25 13:00:00 UTC,,,10,,67f.1,,,,,0,LOG,00000,\"startup"
                                + " process (PID 12) exited\"",
                        "FATAL: 58P01,\"no such file\",,,"),
                Arguments.of("[10] ODDWORD:  why it ended", "why it ended"));
    }

    private static String words() throws IOException {
        return Files.readAllLines(Path.of(RUNNER)).stream()
                .filter(row -> row.matches("(FATAL|SESSIONS)=.*"))
                .collect(Collectors.joining("\n"));
    }

    /** The pid of a process that is gone. */
    private static long ended() throws IOException, InterruptedException {
        var process = new ProcessBuilder("true").start();
        process.waitFor();
        return process.pid();
    }

    private static String function(String name) throws IOException {
        var found =
                Pattern.compile(
                                "^" + name + "\\(\\) \\{\\n.*?^}\\n",
                                Pattern.MULTILINE | Pattern.DOTALL)
                        .matcher(Files.readString(Path.of(RUNNER)));
        assertThat(found.find()).as(name).isTrue();
        return found.group();
    }

    private static String bash(String script) throws IOException {
        var process = new ProcessBuilder("bash", "-c", script).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
