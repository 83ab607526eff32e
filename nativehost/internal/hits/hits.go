// Package hits finds out what a page passed on to tracking systems because of calls of its
// function: it decodes the content of a request or queue, finds values of calls in it, and
// decides which calls it belongs to.
//
//	candidate ─ decode ─▶ Data (a tree, as the hit will have it, and every text in it)
//	calls ───── index ──▶ their values, plain and hashed
//	                      └─ match ─▶ found values ─ attribute ─▶ the calls, and why
//
// It has no clock and stores nothing: callers say when to decide on a candidate, and store
// the hits. The size of everything that comes from a page is limited at every step.
package hits
