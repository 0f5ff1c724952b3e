// Package billing holds the pure rules of Dues: what an account may use, when a license ends, which effects a change has.
//
// Nothing here does I/O, reads a clock or knows a database: now comes in as a value. Subscription states carry Stripe's
// words, for the whole field speaks them; see docs/adr.
package billing
