//go:build !unix

package cli

import "os"

// stops has nothing where programs can't be stopped and continued.
func stops() (stop func() error, continued <-chan os.Signal) { return nil, nil }
