package server

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
)

// Config is what a Server is made of.
type Config struct {
	Teller Teller
	Keys   *Keyring
	Chain  Chain
	// Address is host:port for Run; Serve is given its listener.
	Address string
	// TLS makes Run and Serve speak TLS. Without it something in front has to.
	TLS *tls.Config
	// Web holds index.html and assets/, read once; nil leaves / empty.
	Web http.FileSystem
	// Probes are what /readyz looks at.
	Probes []Probe
	// Registry is what /metrics shows; others may register there too. Nil makes one.
	Registry *prometheus.Registry
	// Log is for one line per request and for what goes wrong. Nil is slog.Default.
	Log *slog.Logger
	// Limits: nil is DefaultLimits.
	Limits *Limits
	// Version of the program, for whoami.
	Version string
}

// Chain is the organisation whose gateway this is.
type Chain struct {
	MSP  string `json:"msp"`
	Name string `json:"name"`
}

// Server answers HTTP for one chain. Make one with New.
type Server struct {
	teller   Teller
	keys     *Keyring
	chain    Chain
	version  string
	log      *slog.Logger
	limits   Limits
	metrics  *metrics
	registry *prometheus.Registry
	doctor   doctor
	page     page
	slots    chan struct{} // one per request that may be in at once
	flights  flights
	draining atomic.Bool
	http     *http.Server
	address  string
}

// New makes a Server that does not listen yet.
func New(cfg Config) (*Server, error) {
	if cfg.Teller == nil || cfg.Keys == nil {
		return nil, errors.New("server: a teller and a keyring are needed")
	}
	s := &Server{
		teller: cfg.Teller, keys: cfg.Keys, chain: cfg.Chain, version: cfg.Version, address: cfg.Address,
		log: cfg.Log, registry: cfg.Registry, limits: DefaultLimits(),
	}
	if cfg.Limits != nil {
		s.limits = *cfg.Limits
	}
	if err := s.limits.check(); err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	if s.log == nil {
		s.log = slog.Default()
	}
	if s.registry == nil {
		s.registry = prometheus.NewRegistry()
	}
	var err error
	if s.metrics, err = newMetrics(s.registry); err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	if s.page, err = newPage(cfg.Web); err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	s.doctor.probes = append([]Probe{keysProbe(cfg.Keys)}, cfg.Probes...)
	s.slots = make(chan struct{}, s.limits.AtOnce)
	s.http = s.httpServer(cfg.TLS)
	return s, nil
}

// Handler is the server without its listener, for tests and for those who bring their own.
func (s *Server) Handler() http.Handler { return s.http.Handler }

// engine is Gin with everything that guesses switched off: no redirects, no trusted proxies, no
// cleaning of paths.
func (s *Server) engine() *gin.Engine {
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.RedirectTrailingSlash, e.RedirectFixedPath, e.HandleMethodNotAllowed = false, false, true
	e.ForwardedByClientIP = false
	_ = e.SetTrustedProxies(nil) // an empty list cannot be malformed
	e.Use(trace, s.observe, s.harden, s.recovered)
	e.NoRoute(func(c *gin.Context) { s.fail(c, problem(codeNoSuchRoute, "There is nothing at this path.")) })
	e.NoMethod(func(c *gin.Context) {
		s.fail(c, problem(codeMethodNotAllowed, "This path does not answer that method; Allow says which it does."))
	})
	for _, r := range routes {
		e.Handle(r.method, r.path, s.admit, s.guard(r))
	}
	e.GET("/", s.front)
	e.GET("/assets/*path", s.asset)
	e.GET("/openapi.yaml", contract)
	e.GET("/livez", live)
	e.GET("/readyz", s.ready)
	e.GET("/metrics", gin.WrapH(metricsHandler(s.registry)))
	return e
}
