// Userlike Inspector shows what a site sends through its Userlike chat widget.
//
// One binary is everything but the extension, which it carries: the native
// messaging host when a browser starts it, the terminal UI and the command
// line when a person does.
package main

import (
	"os"

	"userlike-inspector/nativehost/internal/cli"
)

func main() { os.Exit(cli.Run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
