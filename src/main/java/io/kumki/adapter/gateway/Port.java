package io.kumki.adapter.gateway;

/** What a client asked for by the port that it came to. */
enum Port {
    RW("rw"),
    RO("ro");

    private final String word;

    Port(String word) {
        this.word = word;
    }

    String word() {
        return word;
    }
}
