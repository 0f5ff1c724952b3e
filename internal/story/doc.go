// Package story holds the tests that live through a subscription as a person does: `dues dev` as a process of its own, a
// browser before it, and a machine that may lose power at any moment.
package story
