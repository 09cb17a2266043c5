package io.kumki.core.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AcceptorTest {

    private static final Ballot ONE = new Ballot(1, "n1/a");
    private static final Ballot TWO = new Ballot(2, "n1/a");
    private static final Ballot THREE = new Ballot(3, "n2/b");

    private final SimulatedDisk disk = new SimulatedDisk();
    private long issued;
    private Acceptor acceptor = formed();

    @Test
    void promisesOnlyUpwards() {
        assertThat(acceptor.handle(new Message.Prepare(TWO), 0))
                .isEqualTo(new Reply.Promised(Ballot.ZERO, ""));
        assertThat(acceptor.handle(new Message.Prepare(ONE), 0)).isEqualTo(new Reply.Rejected(TWO));
        assertThat(acceptor.handle(new Message.Accept(ONE, "v", ONE), 0))
                .isEqualTo(new Reply.Rejected(TWO));
    }

    @Test
    void anAcceptCarriesTheNextPromise() {
        assertThat(acceptor.handle(new Message.Accept(ONE, "v", THREE), 0))
                .isEqualTo(new Reply.Accepted());
        assertThat(acceptor.handle(new Message.Prepare(TWO), 0))
                .isEqualTo(new Reply.Rejected(THREE));
        assertThat(restarted(0).state()).isEqualTo(new AcceptorState(THREE, ONE, "v"));
    }

    @Test
    void aDoubledAcceptIsAnsweredAlike() {
        acceptor.handle(new Message.Accept(ONE, "v", TWO), 0);
        assertThat(acceptor.handle(new Message.Accept(ONE, "v", TWO), 0))
                .isEqualTo(new Reply.Accepted());
    }

    @Test
    void abstainsWhileTheDiskIsFullAndKeepsWhatItHad() {
        acceptor.handle(new Message.Accept(ONE, "v", ONE), 0);
        disk.full(true);
        assertThat(acceptor.handle(new Message.Accept(TWO, "w", TWO), 0))
                .isInstanceOf(Reply.Abstained.class);
        assertThat(acceptor.status().reason()).contains("no space left");
        assertThat(acceptor.state()).isEqualTo(new AcceptorState(ONE, ONE, "v"));
        disk.full(false);
        assertThat(acceptor.handle(new Message.Accept(TWO, "w", TWO), 0))
                .isEqualTo(new Reply.Accepted());
        assertThat(acceptor.status()).isEqualTo(new Status(Standing.VOTING, ""));
    }

    @Test
    void abstainsWithoutAFileAndWithADamagedOne() {
        disk.change(AcceptorStore.FILE, content -> new byte[content.length]);
        acceptor = restarted(0);
        assertThat(acceptor.status().standing()).isEqualTo(Standing.ABSTAINING);
        assertThat(acceptor.handle(new Message.Prepare(ONE), 0))
                .isInstanceOf(Reply.Abstained.class);
        disk.lose(AcceptorStore.FILE);
        acceptor = restarted(0);
        assertThat(acceptor.status().standing()).isEqualTo(Standing.FRESH);
        assertThat(acceptor.handle(new Message.Prepare(ONE), 0))
                .isInstanceOf(Reply.Abstained.class);
    }

    @Test
    void abstainsUntilEveryVoterHasFormed() {
        acceptor = restarted(0);
        assertThat(acceptor.handle(new Message.Prepare(ONE), 0))
                .isEqualTo(new Reply.Abstained("waits until every voter has formed"));
    }

    @Test
    void refusesAReadmissionBelowABallotThatItsProcessIssued() {
        issued = 5;
        assertThat(acceptor.handle(new Message.Readmit(new Ballot(5, "n3/r")), 0))
                .isEqualTo(new Reply.Rejected(new Ballot(5, "issued")));
        assertThat(acceptor.handle(new Message.Readmit(new Ballot(6, "n3/r")), 0))
                .isInstanceOf(Reply.Promised.class);
    }

    @Test
    void countsARenewalsAgeFromItsFirstSight() {
        assertThat(acceptor.renewalAgeMillis(0)).isEmpty();
        acceptor.handle(new Message.Accept(ONE, "r1", ONE), 100);
        acceptor.handle(new Message.Accept(TWO, "r1", TWO), 300);
        assertThat(acceptor.renewalAgeMillis(400)).hasValue(300);
        acceptor.handle(new Message.Accept(THREE, "r2", THREE), 500);
        assertThat(acceptor.renewalAgeMillis(600)).hasValue(100);
        assertThat(restarted(700).renewalAgeMillis(710)).hasValue(10);
    }

    private Acceptor formed() {
        var fresh = restarted(0);
        fresh.follow(new Formation.Form("all fresh"));
        fresh.follow(new Formation.Open("all formed"));
        return fresh;
    }

    private Acceptor restarted(long now) {
        return new Acceptor(new AcceptorStore(disk), value -> value, () -> issued, now);
    }
}
