package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// httpServer is the listener's half of the server, with every limit set: net/http has none of its own.
func (s *Server) httpServer(config *tls.Config) *http.Server {
	return &http.Server{
		Handler:           s.engine(),
		TLSConfig:         config,
		ReadHeaderTimeout: s.limits.HeaderWithin,
		ReadTimeout:       s.limits.BodyWithin,
		WriteTimeout:      s.limits.WriteWithin,
		IdleTimeout:       s.limits.IdleFor,
		MaxHeaderBytes:    s.limits.HeaderBytes,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug), // a scanner's bad handshakes
	}
}

// Run listens on the configured address and serves until ctx ends; see Serve.
func (s *Server) Run(ctx context.Context) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.address)
	if err != nil {
		return fmt.Errorf("server: %w", err)
	}
	return s.Serve(ctx, listener)
}

// Serve answers on listener until ctx ends. Then it says "not ready" for DrainFor, so that nothing
// new is sent here, takes no new lines, and lets what is under way finish within FinishWithin. It
// returns nil if everything finished. Serve closes listener; a Server serves once.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	ended := make(chan error, 1)
	go func() { ended <- s.listen(listener) }()
	s.log.Info("serving", "address", listener.Addr().String(), "chain", s.chain.Name)
	select {
	case err := <-ended:
		return fmt.Errorf("server: %w", err)
	case <-ctx.Done():
	}
	s.drain(ended)
	// The caller's ctx has ended; finishing has a time of its own.
	finish, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.limits.FinishWithin)
	defer cancel()
	if err := s.http.Shutdown(finish); err != nil {
		return fmt.Errorf("server: requests were cut off: %w", errors.Join(err, s.http.Close()))
	}
	s.log.Info("stopped", "chain", s.chain.Name)
	return nil
}

func (s *Server) listen(listener net.Listener) error {
	if s.http.TLSConfig != nil {
		return s.http.ServeTLS(listener, "", "")
	}
	return s.http.Serve(listener)
}

// drain stays up but not ready for a while.
func (s *Server) drain(ended <-chan error) {
	s.draining.Store(true)
	s.log.Info("stopping", "chain", s.chain.Name)
	timer := time.NewTimer(s.limits.DrainFor)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ended:
	}
}
