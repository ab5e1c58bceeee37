package bench

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// Result is what a run came to.
type Result struct {
	Backend   string   `json:"backend"`
	Chains    int      `json:"chains"`
	Tills     int      `json:"tills"`
	Members   int      `json:"members"`
	Rate      float64  `json:"rate,omitempty"` // asked for, in an open loop
	Seconds   float64  `json:"seconds"`
	PerSecond float64  `json:"perSecond"` // answered, reads included
	Written   float64  `json:"written"`   // committed operations a second
	All       Figures  `json:"all"`
	Writes    Figures  `json:"writes"`
	Kinds     []Kind   `json:"kinds"`
	CPU       []Usage  `json:"cpu,omitempty"`
	CPUPerOp  float64  `json:"cpuMicrosPerWrite,omitempty"` // all processes together
	Notes     []string `json:"notes,omitempty"`
}

// Figures are counts, and times to a committed answer in milliseconds.
type Figures struct {
	Count   int     `json:"count"`
	Refused int     `json:"refused"`
	Failed  int     `json:"failed"`
	P50     float64 `json:"p50"`
	P95     float64 `json:"p95"`
	P99     float64 `json:"p99"`
	Max     float64 `json:"max"`
}

// Kind is the figures of one kind of operation.
type Kind struct {
	Name string `json:"name"`
	Figures
}

func summarise(o Options, perTill [][]sample, begin, end time.Time, cpu []Usage) *Result {
	seconds := end.Sub(begin).Seconds()
	r := &Result{
		Backend: o.Directory.Backend, Chains: len(o.Directory.Chains), Tills: o.Tills, Members: o.Members, Rate: o.Rate, Seconds: seconds, CPU: cpu,
	}
	var all, writes []sample
	byKind := make([][]sample, kinds)
	for _, s := range slices.Concat(perTill...) {
		if s.from.Before(begin) {
			continue
		}
		all = append(all, s)
		byKind[s.kind] = append(byKind[s.kind], s)
		if s.kind != read {
			writes = append(writes, s)
		}
	}
	r.All, r.Writes = figuresOf(all), figuresOf(writes)
	for k, samples := range byKind {
		if len(samples) > 0 {
			r.Kinds = append(r.Kinds, Kind{kindNames[k], figuresOf(samples)})
		}
	}
	r.PerSecond = float64(r.All.Count-r.All.Failed) / seconds
	committed := float64(r.Writes.Count - r.Writes.Failed)
	r.Written = committed / seconds
	for _, u := range cpu {
		r.CPUPerOp += u.Seconds * 1e6 / max(committed, 1)
	}
	return r
}

func figuresOf(samples []sample) Figures {
	f := Figures{Count: len(samples)}
	took := make([]time.Duration, 0, len(samples))
	for _, s := range samples {
		if s.refused {
			f.Refused++
		}
		if s.failed {
			f.Failed++
		}
		took = append(took, s.took)
	}
	if len(took) == 0 {
		return f
	}
	slices.Sort(took)
	at := func(percent int) float64 {
		return float64(took[min(len(took)-1, len(took)*percent/100)]) / float64(time.Millisecond)
	}
	f.P50, f.P95, f.P99, f.Max = at(50), at(95), at(99), at(100)
	return f
}

// Print writes the result as a table for people.
func (r *Result) Print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\t\n", args...) }
	_, _ = fmt.Fprintf(out, "%s, %d chains, %d tills, %d members, %.0f s: %.0f operations/s, %.0f committed/s\n\n",
		r.Backend, r.Chains, r.Tills, r.Members, r.Seconds, r.PerSecond, r.Written)
	line("\tcount\trefused\tfailed\tp50 ms\tp95 ms\tp99 ms\tmax ms")
	for _, k := range append(slices.Clone(r.Kinds), Kind{"writes", r.Writes}, Kind{"all", r.All}) {
		line("%s\t%d\t%d\t%d\t%.1f\t%.1f\t%.1f\t%.1f", k.Name, k.Count, k.Refused, k.Failed, k.P50, k.P95, k.P99, k.Max)
	}
	if len(r.CPU) > 0 {
		line("\t\t\t\t\t\t\t")
		for _, u := range r.CPU {
			line("%s\t%.2f cores\t%.0f us/write\t\t\t\t\t", u.Name, u.Seconds/r.Seconds, u.Seconds*1e6/max(float64(r.Writes.Count-r.Writes.Failed), 1))
		}
	}
	return w.Flush()
}
