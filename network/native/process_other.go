//go:build !linux

package native

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// attributes cannot tie a process's life to ours on this system: a crash leaves it to `down`.
func attributes(bool) *syscall.SysProcAttr { return nil }

// born is when a process started, as ps tells; empty when it has ended.
func born(pid int) string {
	text, err := exec.Command("ps", "-o", "lstart=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

func interrupt(pid int) error { return signal(pid, syscall.SIGTERM) }

func kill(pid int) error { return signal(pid, syscall.SIGKILL) }

func signal(pid int, s syscall.Signal) error {
	p, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	return errors.Join(p.Signal(s), p.Release())
}
