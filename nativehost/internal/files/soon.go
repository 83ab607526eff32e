package files

import "time"

// Soon calls try again and again until it succeeds, fails for a reason that waiting does not
// help against, or limit is over. Windows does not replace or remove a file that some
// process has open, even for a moment; and no system removes a folder into which an ending
// process still writes. There is no event for the end of that.
func Soon(limit time.Duration, try func() error) error {
	for deadline := time.Now().Add(limit); ; time.Sleep(10 * time.Millisecond) {
		if err := try(); err == nil || !passing(err) || time.Now().After(deadline) {
			return err
		}
	}
}
