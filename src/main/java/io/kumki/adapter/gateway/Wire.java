package io.kumki.adapter.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslContext;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.impl.NetSocketInternal;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * One socket. It takes the bytes before Vert.x copies them: Vert.x opens and closes, the bytes go
 * from channel to channel. Used by its event loop only.
 */
final class Wire extends ChannelInboundHandlerAdapter {
    private static final int FLUSH_SECONDS = 30;

    /** Who listens to a socket at this moment. */
    interface Ear {
        /** Bytes came; the receiver releases them. */
        void heard(ByteBuf bytes);

        /** No more bytes are at hand: what was written for them can be flushed. */
        default void heardAll() {}

        /** The socket takes bytes again. */
        default void drained() {}

        /** The other side sends no more, but may still read. */
        void ended();

        /** The socket is closed. */
        void gone();
    }

    private final Channel channel;
    private Ear ear;
    private ChannelHandlerContext context;

    private Wire(Channel channel, Ear ear) {
        this.channel = channel;
        this.ear = ear;
    }

    /** Takes a socket over. The ear may be told at once that it is gone. */
    static Wire on(NetSocket socket, Ear ear) {
        var below = ((NetSocketInternal) socket).channelHandlerContext();
        var wire = new Wire(below.channel(), ear);
        below.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        below.pipeline().addBefore(below.name(), "kumki", wire);
        return wire;
    }

    /** Keeps its local end in the books for as long as it is open. */
    void note(Ledger ledger) {
        var end = channel.localAddress();
        var other = channel.remoteAddress();
        ledger.dialled(end, other);
        channel.closeFuture().addListener(closed -> ledger.hungUp(end, other));
    }

    void listen(Ear other) {
        ear = other;
    }

    SocketAddress local() {
        return channel.localAddress();
    }

    SocketAddress remote() {
        return channel.remoteAddress();
    }

    boolean open() {
        return channel.isActive();
    }

    /** Turns it into a TLS server's end; bytes that were read already go through TLS then. */
    void secure(SslContext terms, ByteBuf early) {
        channel.pipeline().addFirst("ssl", terms.newHandler(channel.alloc()));
        if (early.isReadable()) {
            channel.pipeline().fireChannelRead(early);
        } else {
            early.release();
        }
    }

    /** Gives the bytes away. They leave with the next flush. */
    void write(ByteBuf bytes) {
        context.write(bytes, context.voidPromise());
    }

    void flush() {
        context.flush();
    }

    /** Whether enough is waiting to be sent. */
    boolean full() {
        return !channel.isWritable();
    }

    /** Whether all that was written is with the kernel. */
    boolean sent() {
        var waiting = channel.unsafe().outboundBuffer();
        return waiting == null || waiting.totalPendingWriteBytes() == 0;
    }

    void read(boolean wanted) {
        channel.config().setAutoRead(wanted);
    }

    /** No more bytes will follow what was written; the other direction stays open. */
    void endOutput() {
        context.writeAndFlush(Unpooled.EMPTY_BUFFER)
                .addListener(
                        done -> {
                            if (channel instanceof SocketChannel socket && channel.isActive()) {
                                socket.shutdownOutput();
                            }
                        });
    }

    /** Closes when all that was written is sent, but waits for that only so long. */
    void finish() {
        var end = context.writeAndFlush(Unpooled.EMPTY_BUFFER);
        end.addListener(ChannelFutureListener.CLOSE);
        if (!end.isDone()) {
            var last = channel.eventLoop().schedule(this::abort, FLUSH_SECONDS, TimeUnit.SECONDS);
            channel.closeFuture().addListener(closed -> last.cancel(false));
        }
    }

    /** Closes now with a reset: what was not sent is lost. */
    void abort() {
        if (channel.isOpen()) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            context.close();
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
    }

    @Override
    public void channelRead(ChannelHandlerContext from, Object message) {
        if (message instanceof ByteBuf bytes) {
            ear.heard(bytes);
        } else {
            from.fireChannelRead(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext from) {
        ear.heardAll();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext from) {
        if (channel.isWritable()) {
            ear.drained();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext from, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            ear.ended();
        } else if (!(event instanceof ChannelInputShutdownReadComplete)) {
            from.fireUserEventTriggered(event);
        }
    }

    /** A reset, a refused TLS handshake: nothing that a person could do anything about. */
    @Override
    public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
        from.close();
    }

    /** Vert.x keeps books of its sockets. */
    @Override
    public void channelInactive(ChannelHandlerContext from) {
        ear.gone();
        from.fireChannelInactive();
    }
}
