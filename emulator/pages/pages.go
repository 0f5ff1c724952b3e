// Package pages are the emulator's hosted pages: Checkout, the 3-D Secure
// challenge, the customer portal, the hosted invoice, and the dashboard with
// the clock. They work without JavaScript, change nothing on GET, answer a POST
// with a redirect, and act on a world only through commands, so what a person
// does here is journalled and delivered like what a program does by the API.
//
// Each page is a pure mapping from the engine's state to a view struct, and a
// template of that view. [Gallery] shows every page in every state.
package pages

func worldPath(account string) string { return "/_emulator/" + account }
