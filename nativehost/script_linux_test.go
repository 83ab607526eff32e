package main

import "testing"

// TestLinux runs the sessions in testdata/linux, which take its tools and folders for
// granted.
func TestLinux(t *testing.T) { runScripts(t, "testdata/linux") }
