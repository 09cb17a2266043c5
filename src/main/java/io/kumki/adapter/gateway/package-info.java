/** The rw and ro doors: a proxy in front of the servers, which follows the routes. */
package io.kumki.adapter.gateway;
