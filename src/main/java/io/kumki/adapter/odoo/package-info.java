/**
 * Points Odoo at the writer and at a replica: rewrites odoo.conf, signals Odoo, looks whether it
 * followed. JDK only; blocking, so to be called from a worker thread. Nothing here logs.
 */
package io.kumki.adapter.odoo;
