//go:build !linux

package main

// bare is for the test of an empty root, which Linux alone can have.
func bare([]string) bool { return false }
