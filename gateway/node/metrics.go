package node

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/zegel/zegel/gateway/batcher"
	"github.com/zegel/zegel/gateway/fabric"
)

// metrics is what Prometheus hears of the road to the ledger. Labels name roles, stages and
// classes; never a member, a store or a till.
type metrics struct {
	calls    *prometheus.HistogramVec
	pooled   *prometheus.GaugeVec
	flushed  *prometheus.CounterVec
	batch    *prometheus.HistogramVec
	commit   *prometheus.HistogramVec
	attempts *prometheus.HistogramVec
	waited   *prometheus.HistogramVec
}

var (
	seconds = []float64{.002, .005, .01, .02, .04, .08, .15, .3, .6, 1.2, 2.5, 5, 10}
	sizes   = []float64{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000}
	tries   = []float64{1, 2, 3, 4, 6, 10}
)

func newMetrics(registry prometheus.Registerer) *metrics {
	histogram := func(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "zegel", Name: name, Help: help, Buckets: buckets}, labels)
	}
	m := &metrics{
		calls:    histogram("fabric_call_seconds", "Calls to peers, by stage and how they ended.", seconds, "stage", "end"),
		pooled:   prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "zegel", Name: "commands_pooled", Help: "Commands or profiles waiting or under way."}, []string{"lane"}),
		flushed:  prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "zegel", Name: "batches_total", Help: "Attempts at a transaction, by how they ended."}, []string{"lane", "end"}),
		batch:    histogram("batch_commands", "Commands or profiles in one transaction.", sizes, "lane"),
		commit:   histogram("batch_seconds", "From proposal to commit of one transaction.", seconds, "lane"),
		attempts: histogram("command_attempts", "Transactions that a command or profile was part of until it was answered.", tries, "lane"),
		waited:   histogram("command_seconds", "From the arrival of a command or profile to its answer.", seconds, "lane"),
	}
	registry.MustRegister(m.calls, m.pooled, m.flushed, m.batch, m.commit, m.attempts, m.waited)
	return m
}

const endedWell = "ok"

// called is the Observe of the fabric client.
func (m *metrics) called(stage fabric.Stage, took time.Duration, err error) {
	end := endedWell
	var failure *fabric.Error
	if errors.As(err, &failure) {
		end = failure.Class.String()
	} else if err != nil {
		end = "other"
	}
	m.calls.WithLabelValues(string(stage), end).Observe(took.Seconds())
}

// profilesLane stands behind a role's name where its batcher of profiles is meant.
const profilesLane = "-profiles"

// lane is the instrument of one batcher.
func (m *metrics) lane(name string) batcher.Metrics { return laneMetrics{m, name} }

type laneMetrics struct {
	*metrics
	lane string
}

// Pooled implements batcher.Metrics.
func (l laneMetrics) Pooled(items int) { l.pooled.WithLabelValues(l.lane).Set(float64(items)) }

// Flushed implements batcher.Metrics.
func (l laneMetrics) Flushed(items int, took time.Duration, ok bool, class batcher.Class) {
	end := endedWell
	if !ok {
		end = class.String()
	}
	l.flushed.WithLabelValues(l.lane, end).Inc()
	l.batch.WithLabelValues(l.lane).Observe(float64(items))
	l.commit.WithLabelValues(l.lane).Observe(took.Seconds())
}

// Answered implements batcher.Metrics.
func (l laneMetrics) Answered(attempts int, waited time.Duration) {
	l.attempts.WithLabelValues(l.lane).Observe(float64(attempts))
	l.waited.WithLabelValues(l.lane).Observe(waited.Seconds())
}
