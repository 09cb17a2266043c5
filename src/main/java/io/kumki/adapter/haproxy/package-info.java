/** Tells HAProxy at once what its own checks would find out a second later. */
package io.kumki.adapter.haproxy;
