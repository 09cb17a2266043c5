package io.kumki.core.consensus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AcceptorStoreTest {

    private static final int OPERATIONS_OF_A_SAVE = 4;
    private static final AcceptorState OLD =
            new AcceptorState(new Ballot(2, "n1/a"), new Ballot(1, "n1/a"), "ông voi\nold");
    private static final AcceptorState NEW =
            new AcceptorState(new Ballot(4, "n2/b"), new Ballot(3, "n2/b"), "new");

    @Test
    void loadsWhatWasSaved() throws IOException {
        var disk = holding(OLD);
        assertThat(new AcceptorStore(disk).load()).isEqualTo(new AcceptorStore.Loaded(OLD));
        assertThat(new AcceptorStore(new SimulatedDisk()).load())
                .isEqualTo(new AcceptorStore.Absent());
    }

    @Test
    void aCrashBetweenAnyTwoOperationsLeavesTheOldStateOrTheNewOne() throws IOException {
        for (int operation = 0; operation < OPERATIONS_OF_A_SAVE; operation++) {
            for (int seed = 0; seed < 200; seed++) {
                var disk = holding(OLD);
                disk.killAfter(operation);
                assertThatThrownBy(() -> new AcceptorStore(disk).save(NEW))
                        .isInstanceOf(SimulatedDisk.Killed.class);
                disk.losePower(new Random(seed));
                assertThat(new AcceptorStore(disk).load())
                        .as("operation %d, seed %d", operation, seed)
                        .isIn(new AcceptorStore.Loaded(OLD), new AcceptorStore.Loaded(NEW));
            }
        }
    }

    @Test
    void whatWasSavedSurvivesAPowerFailure() throws IOException {
        for (int seed = 0; seed < 200; seed++) {
            var disk = holding(OLD);
            new AcceptorStore(disk).save(NEW);
            disk.losePower(new Random(seed));
            assertThat(new AcceptorStore(disk).load()).isEqualTo(new AcceptorStore.Loaded(NEW));
        }
    }

    @Test
    void whatWasLoadedSurvivesAPowerFailureToo() throws IOException {
        for (int seed = 0; seed < 200; seed++) {
            var disk = holding(OLD);
            disk.killAfter(OPERATIONS_OF_A_SAVE - 1);
            assertThatThrownBy(() -> new AcceptorStore(disk).save(NEW))
                    .isInstanceOf(SimulatedDisk.Killed.class);
            // Only the process died: the next one sees the rename, and may answer with it.
            var seen = new AcceptorStore(disk).load();
            disk.losePower(new Random(seed));
            assertThat(seen).isEqualTo(new AcceptorStore.Loaded(NEW));
            assertThat(new AcceptorStore(disk).load()).isEqualTo(seen);
        }
    }

    @Test
    void noticesEveryFlippedBit() throws IOException {
        var content = AcceptorStore.format(OLD);
        for (int bit = 0; bit < content.length * 8; bit++) {
            var flipped = content.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(AcceptorStore.parse(flipped))
                    .as("bit %d", bit)
                    .isInstanceOf(AcceptorStore.Damaged.class);
        }
    }

    @Test
    void noticesEveryTruncationZeroesAndAnythingAppended() {
        var content = AcceptorStore.format(OLD);
        for (int length = 0; length < content.length; length++) {
            var cut = Arrays.copyOf(content, length);
            assertThat(AcceptorStore.parse(cut)).isInstanceOf(AcceptorStore.Damaged.class);
            assertThat(AcceptorStore.parse(Arrays.copyOf(cut, content.length)))
                    .isInstanceOf(AcceptorStore.Damaged.class);
        }
        assertThat(AcceptorStore.parse(Arrays.copyOf(content, content.length + 1)))
                .isInstanceOf(AcceptorStore.Damaged.class);
    }

    @Test
    void doesNotReadAnUnknownVersion() {
        var content = "kumki-acceptor 2 length=0 crc32c=00000000\n".getBytes();
        assertThat(AcceptorStore.parse(content))
                .isInstanceOfSatisfying(
                        AcceptorStore.Damaged.class,
                        damaged -> assertThat(damaged.reason()).contains("unknown version"));
    }

    @Test
    void refusesOnAFullDiskAndKeepsTheOldState() throws IOException {
        var disk = holding(OLD);
        disk.full(true);
        assertThatThrownBy(() -> new AcceptorStore(disk).save(NEW)).isInstanceOf(IOException.class);
        assertThat(new AcceptorStore(disk).load()).isEqualTo(new AcceptorStore.Loaded(OLD));
    }

    private static SimulatedDisk holding(AcceptorState state) throws IOException {
        var disk = new SimulatedDisk();
        new AcceptorStore(disk).save(state);
        return disk;
    }
}
