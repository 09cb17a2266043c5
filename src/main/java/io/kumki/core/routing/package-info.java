/** Where clients are led: pure values, and the fold from views to them. */
package io.kumki.core.routing;
