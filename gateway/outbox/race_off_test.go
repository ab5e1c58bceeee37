//go:build !race

package outbox_test

// raceEnabled makes the slow tests smaller: the race detector costs a factor of ten.
const raceEnabled = false
