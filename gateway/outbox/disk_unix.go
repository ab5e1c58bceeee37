//go:build linux || darwin

package outbox

import "syscall"

// freeDisk is how many bytes this user may still write to the disk that holds path; -1 if nobody
// can tell.
func freeDisk(path string) int64 {
	var stat syscall.Statfs_t
	if syscall.Statfs(path, &stat) != nil {
		return -1
	}
	return int64(stat.Bavail) * int64(stat.Bsize)
}
