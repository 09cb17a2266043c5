package io.kumki.adapter.gateway;

import io.kumki.core.model.HostPort;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import java.util.ArrayList;
import java.util.List;

/**
 * One CancelRequest on its way. The client learns that it arrived when its connection is closed, as
 * a server would do it.
 */
final class Cancellation implements Wire.Ear {
    private static final int PATIENCE_MILLIS = 5000;

    private final Vertx vertx;
    private final NetClient connector;
    private final Wire client;
    private final List<NetSocket> open = new ArrayList<>();
    private int outstanding;
    private boolean over;

    Cancellation(Vertx vertx, NetClient connector, Wire client) {
        this.vertx = vertx;
        this.connector = connector;
        this.client = client;
        client.listen(this);
    }

    void send(byte[] packet, List<HostPort> servers) {
        outstanding = servers.size();
        long timer = vertx.setTimer(PATIENCE_MILLIS, late -> finish());
        for (var server : servers) {
            connector
                    .connect(server.port(), server.host())
                    .onSuccess(socket -> give(socket, packet, timer))
                    .onFailure(e -> done(timer));
        }
        if (servers.isEmpty()) {
            outstanding = 1;
            done(timer);
        }
    }

    private void give(NetSocket socket, byte[] packet, long timer) {
        if (over) {
            socket.close();
            return;
        }
        open.add(socket);
        socket.closeHandler(closed -> done(timer));
        socket.write(Buffer.buffer(packet));
    }

    private void done(long timer) {
        outstanding--;
        if (outstanding == 0) {
            vertx.cancelTimer(timer);
            finish();
        }
    }

    private void finish() {
        if (!over) {
            over = true;
            open.forEach(NetSocket::close);
            client.finish();
        }
    }

    @Override
    public void heard(ByteBuf bytes) {
        bytes.release();
    }

    @Override
    public void ended() {
        // The request is on its way.
    }

    @Override
    public void gone() {
        // The request is on its way.
    }
}
