package io.kumki.core.consensus;

import static org.assertj.core.api.Assertions.assertThat;

import io.kumki.adapter.register.PosixDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PosixDiskTest {

    @TempDir Path folder;

    @Test
    void keepsAnAcceptorsStateForItsOwnerOnly() throws IOException {
        var store = new AcceptorStore(new PosixDisk(folder));
        assertThat(store.load()).isEqualTo(new AcceptorStore.Absent());
        var state = new AcceptorState(new Ballot(2, "n1/a"), new Ballot(1, "n1/a"), "v");
        store.save(AcceptorState.BLANK);
        store.save(state);
        assertThat(new AcceptorStore(new PosixDisk(folder)).load())
                .isEqualTo(new AcceptorStore.Loaded(state));
        var file = folder.resolve(AcceptorStore.FILE);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(folder.resolve(AcceptorStore.DRAFT)).doesNotExist();
    }

    @Test
    void withoutItsFolderAVoterStaysFreshAndSaysWhy() {
        var store = new AcceptorStore(new PosixDisk(folder.resolve("gone")));
        assertThat(store.load()).isEqualTo(new AcceptorStore.Absent());
        var acceptor = new Acceptor(store, value -> "", () -> 0, 0);
        assertThat(acceptor.follow(new Formation.Form("all fresh")).standing())
                .isEqualTo(Standing.FRESH);
    }
}
