// Package adminui is the operator's pages: find an account, read in words why it has or lacks access, see what waits in
// inbox and outbox. It reads through package service alone; the one thing it changes is to fetch an account anew from Stripe.
package adminui
