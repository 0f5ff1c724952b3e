// Package adminui is the operator's pages: find an account by anything, read in words why it has or lacks access, give back, grant and capture, see what waits in
// inbox and outbox, who owes, who changed what, and the numbers of the business. It reads and acts through package service alone.
package adminui
