/** Holds PgBouncer's clients while nobody leads, and leads them to the one who does. */
package io.kumki.adapter.pgbouncer;
