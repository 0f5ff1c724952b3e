// Package demo is Fieldnotes, a small product that sells itself through Dues, for `dues dev` and for whoever writes his
// own integration: everything it knows of plans and payments comes over Dues' HTTP API, with a server key for sign-up and
// with tokens it signs for its users for all the rest. It imports nothing of Dues but how a page looks.
//
// At the bottom of each page stands the emulator's clock, to live through months of a subscription in minutes.
package demo
