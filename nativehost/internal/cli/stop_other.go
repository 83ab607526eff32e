//go:build !unix

package cli

import "os"

// stops returns nothing: programs cannot be stopped and continued here.
func stops() (stop func() error, asked, continued <-chan os.Signal) { return nil, nil, nil }
