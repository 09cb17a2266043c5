/** Tells people through webhooks what happened, once per event, and never holds up the loop. */
package io.kumki.adapter.alert;
