package native

import (
	"os"
	"strconv"
	"strings"
	"syscall"
)

// attributes puts the process into a group of its own, so that Ctrl-C reaches it only through us,
// and ties its life to ours unless it is to outlive us.
func attributes(detach bool) *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Setpgid: true}
	if !detach {
		a.Pdeathsig = syscall.SIGKILL
	}
	return a
}

// born is when a process started, in the kernel's ticks since boot; empty when it has ended. A process
// of many threads can be called a zombie while some of them still hold its ports.
func born(pid int) string {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return ""
	}
	// The name of the program stands in parentheses and may hold anything, so count from its end.
	_, rest, _ := strings.Cut(string(text[strings.LastIndexByte(string(text), ')')+1:]), " ")
	fields := strings.Fields(rest)
	const state, threads, start = 0, 17, 19
	if len(fields) <= start || fields[state] == "Z" && fields[threads] <= "1" {
		return ""
	}
	return fields[start]
}

func interrupt(pid int) error { return syscall.Kill(pid, syscall.SIGTERM) }

func kill(pid int) error { return syscall.Kill(pid, syscall.SIGKILL) }
