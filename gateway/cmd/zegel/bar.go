package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/zegel/zegel/gateway/importer"
)

// bar shows how far an import is: one line that redraws itself on a terminal, a line every five
// seconds elsewhere.
type bar struct {
	w        io.Writer
	terminal bool
	total    int
	started  time.Time

	mu   sync.Mutex // guards last: progress is reported by many workers
	last time.Time
}

const (
	barWidth     = 28
	redrawEvery  = 100 * time.Millisecond
	lineEvery    = 5 * time.Second
	clearLine    = "\r\x1b[K"
	fullProgress = 100
)

func newBar(w io.Writer, total int) *bar {
	b := &bar{w: w, total: total, started: time.Now()}
	if f, ok := w.(*os.File); ok {
		info, err := f.Stat()
		b.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return b
}

func (b *bar) show(p importer.Progress) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	every := lineEvery
	if b.terminal {
		every = redrawEvery
	}
	if now.Sub(b.last) < every {
		return
	}
	b.last = now
	if b.terminal {
		_, _ = io.WriteString(b.w, clearLine+b.line(p, now))
		return
	}
	_, _ = io.WriteString(b.w, b.line(p, now)+"\n")
}

func (b *bar) line(p importer.Progress, now time.Time) string {
	done := p.Done()
	full := 0
	percent := 0
	if b.total > 0 {
		full, percent = done*barWidth/b.total, done*fullProgress/b.total
	}
	drawn := strings.Repeat("█", full) + strings.Repeat("░", barWidth-full)
	rate := float64(done) / max(now.Sub(b.started).Seconds(), 0.001)
	line := fmt.Sprintf("%s %3d%%  %d/%d  %.0f/s", drawn, percent, done, b.total, rate)
	if left := b.total - done; left > 0 && rate > 1 {
		line += fmt.Sprintf("  %s left", (time.Duration(float64(left)/rate) * time.Second).Round(time.Second))
	}
	if p.Refused > 0 {
		line += fmt.Sprintf("  %d refused", p.Refused)
	}
	return line
}

func (b *bar) end() {
	if b.terminal {
		_, _ = io.WriteString(b.w, clearLine)
	}
}

func (b *bar) elapsed() time.Duration { return time.Since(b.started) }
