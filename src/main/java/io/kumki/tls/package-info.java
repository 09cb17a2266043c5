/**
 * Who an agent is to others: certificates from PEM files, checked before they are used and read
 * again when they change. Uses the JDK only.
 */
package io.kumki.tls;
