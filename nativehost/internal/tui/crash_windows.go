package tui

// keepTerminal does nothing on Windows. The console is restored at all ends that the program
// notices; it is not after a crash in a library's goroutine.
func keepTerminal() (ended func()) { return func() {} }
