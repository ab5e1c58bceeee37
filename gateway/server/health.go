package server

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
)

// Probe is one thing that readiness depends on, or at least should tell about.
type Probe struct {
	Name string // "ledger", "database"
	// Vital says that the gateway is of no use without it. What is not vital is told and no more.
	Vital bool
	// Check is nil when all is well. Its text is public: it explains, and names nobody.
	Check func(context.Context) error
}

// health answers /readyz; status is pass, warn or fail.
type health struct {
	Status string        `json:"status"`
	Checks []healthCheck `json:"checks"`
}

type healthCheck struct {
	Name   string `json:"name"`
	Status string `json:"status"`
	Detail string `json:"detail,omitempty"`
}

// How long a probe may take, and how long its answer stands: anybody may ask, so asking must be cheap.
const (
	probeWithin = 2 * time.Second
	healthStays = time.Second
)

// doctor keeps the latest examination.
type doctor struct {
	probes []Probe
	mu     sync.Mutex // guards the rest, held while probing, so that probes run once at a time
	at     time.Time
	last   health
}

// examine runs the probes side by side, unless it just did. A caller that leaves does not spoil the
// answer for the next one.
func (d *doctor) examine() health {
	d.mu.Lock()
	defer d.mu.Unlock()
	if time.Since(d.at) < healthStays {
		return d.last
	}
	ctx, cancel := context.WithTimeout(context.Background(), probeWithin)
	defer cancel()
	checks := make([]healthCheck, len(d.probes))
	var all sync.WaitGroup
	for i, probe := range d.probes {
		all.Go(func() { checks[i] = probe.run(ctx) })
	}
	all.Wait()
	d.last, d.at = health{Status: worst(checks), Checks: checks}, time.Now()
	return d.last
}

func (p Probe) run(ctx context.Context) healthCheck {
	err := p.Check(ctx)
	switch {
	case err == nil:
		return healthCheck{Name: p.Name, Status: "pass"}
	case p.Vital:
		return healthCheck{Name: p.Name, Status: "fail", Detail: err.Error()}
	}
	return healthCheck{Name: p.Name, Status: "warn", Detail: err.Error()}
}

func worst(checks []healthCheck) string {
	status := "pass"
	for _, c := range checks {
		if c.Status == "fail" || (c.Status == "warn" && status == "pass") {
			status = c.Status
		}
	}
	return status
}

// live is GET /livez: the process answers.
func live(c *gin.Context) {
	_ = writeJSON(c, http.StatusOK, "application/json", health{Status: "pass", Checks: []healthCheck{}})
}

// ready is GET /readyz: should requests be sent here, and if not, why not?
func (s *Server) ready(c *gin.Context) {
	h := s.doctor.examine()
	if s.draining.Load() {
		stopping := healthCheck{Name: "server", Status: "fail", Detail: "the gateway is stopping"}
		h = health{Status: "fail", Checks: append([]healthCheck{stopping}, h.Checks...)}
	}
	status := http.StatusOK
	if h.Status == "fail" {
		status = http.StatusServiceUnavailable
	}
	if err := writeJSON(c, status, "application/json", h); err != nil {
		s.fail(c, err)
	}
}

// keysProbe warns when the API keys in use are older than their file.
func keysProbe(keys *Keyring) Probe {
	return Probe{Name: "keys", Check: func(context.Context) error {
		if keys.Err() != nil {
			return errors.New("the keys file cannot be read; the keys of before stay in use")
		}
		return nil
	}}
}
