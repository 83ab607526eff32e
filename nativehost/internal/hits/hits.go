// Package hits finds out what a page handed to tracking systems because of calls
// of its function: it decodes what a request or a queue holds, finds in it what is
// of a call, and says which calls it belongs to.
//
//	candidate ─ decode ─▶ Data (a tree, as the hit will have it, and every text in it)
//	calls ───── index ──▶ their values, plain and hashed
//	                      └─ match ─▶ found values ─ attribute ─▶ the calls, and why
//
// It has no clock and keeps nothing on disk: whoever uses it says when a candidate
// is decided, and stores the hits. What comes from a page is bounded at every step.
package hits
