package assembly

import (
	"context"
	"fmt"
	"time"
)

// The pace of polling: quick at first, since most steps take a fraction of a second.
const (
	firstPause = 20 * time.Millisecond
	lastPause  = 500 * time.Millisecond
)

// await calls attempt until it succeeds. When ctx ends first, the error says what was awaited and
// why the last attempt failed.
func await(ctx context.Context, what string, attempt func(context.Context) error) error {
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		err := attempt(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: %w", what, err)
		case <-time.After(pause):
		}
	}
}
