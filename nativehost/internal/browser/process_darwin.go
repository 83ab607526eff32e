package browser

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// startOf identifies a process's start by its time of day.
func startOf(pid int) (string, error) {
	info, err := unix.SysctlKinfoProc("kern.proc.pid", pid)
	if err != nil {
		return "", err
	}
	if int(info.Proc.P_pid) != pid {
		return "", fmt.Errorf("no process %d", pid)
	}
	t := info.Proc.P_starttime
	return fmt.Sprintf("%d.%06d", t.Sec, t.Usec), nil
}

// groupAlive says whether a process of the group is there.
func groupAlive(pgid int) bool { return unix.Kill(-pgid, 0) == nil }
