// Package sim lets the whole of Dues live through random years, and judges what is left: several processes of the service on one
// database, an emulator, and a network between them that loses, doubles, delays and reorders, with power cuts after any SQL
// statement. Time is that of testing/synctest: it stands still while anybody works, so a year costs milliseconds.
//
// A seed is a story. After the last trouble is over the mirror equals the provider, each effect has happened once, and access was
// never wrong for longer than the leeway.
//
//	make sim SEED=42        one story, told as it happens
//	make sim SEEDS=100000   as many as you like
package sim
