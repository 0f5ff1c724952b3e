// Package accountui is what an application's customers see of Dues: a page of their account (plan, usage, invoices, card; change, cancel, resume) and a
// table of prices. Each is a page, an HTML fragment for a page of the application's own, and a web component (components.js). They speak the four
// languages, need no JavaScript as pages, and set no cookie: who has the address of an account's page, which the application asks for and which holds
// for an hour, is let in.
package accountui
