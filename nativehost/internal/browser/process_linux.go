package browser

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
)

// startOf identifies a process's start: the boot and the clock ticks since.
func startOf(pid int) (string, error) {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "", err
	}
	fields, err := statOf(pid)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s/%s", bytes.TrimSpace(boot), fields[19]), nil
}

// statOf gives the fields of /proc/PID/stat from the third (state) on; see proc_pid_stat(5).
func statOf(pid int) ([][]byte, error) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return nil, err
	}
	// The second field is a name in parentheses, which may hold anything.
	fields := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
	if len(fields) < 20 {
		return nil, fmt.Errorf("/proc/%d/stat has %d fields", pid, len(fields))
	}
	return fields, nil
}

// groupAlive says whether a process of the group runs. Zombies don't count:
// in a container whose first process reaps none they stay for ever.
func groupAlive(pgid int) bool {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return false
	}
	group := []byte(strconv.Itoa(pgid))
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		fields, err := statOf(pid)
		if err == nil && bytes.Equal(fields[2], group) && fields[0][0] != 'Z' && fields[0][0] != 'X' {
			return true
		}
	}
	return false
}
