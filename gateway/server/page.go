package server

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"time"

	"github.com/gin-gonic/gin"
)

// The bounds of the web page: bytes of one file, and folders in folders.
const (
	maxPageFile  = 4 << 20
	maxPageDepth = 4
)

// mediaTypes is spelt out because what the machine knows of them differs from one to the next.
var mediaTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8",
	".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8",
	".svg": "image/svg+xml", ".png": "image/png", ".ico": "image/x-icon", ".webp": "image/webp",
	".woff2": "font/woff2", ".json": "application/json", ".webmanifest": "application/manifest+json",
	".txt": "text/plain; charset=utf-8",
}

// page is the files of the web page, read once: index.html at /, everything else by its path.
type page map[string]pageFile

type pageFile struct {
	content []byte
	media   string
	tag     string
}

// newPage reads files, which hold index.html and assets/. Nil is no page.
func newPage(files http.FileSystem) (page, error) {
	read := page{}
	if files == nil {
		return read, nil
	}
	if err := read.add(files, "/", 0); err != nil {
		return nil, fmt.Errorf("web page: %w", err)
	}
	return read, nil
}

// add reads the file or folder called name. What has no known type is not part of the page.
func (p page) add(files http.FileSystem, name string, depth int) error {
	file, err := files.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if info.IsDir() {
		return p.addFolder(files, file, name, depth)
	}
	media := mediaTypes[path.Ext(name)]
	if media == "" {
		return nil
	}
	content, err := io.ReadAll(io.LimitReader(file, maxPageFile+1))
	if err != nil {
		return err
	}
	if len(content) > maxPageFile {
		return fmt.Errorf("%s has more than %d bytes", name, maxPageFile)
	}
	sum := sha256.Sum256(content)
	p[name] = pageFile{content, media, `"` + hex.EncodeToString(sum[:16]) + `"`}
	return nil
}

func (p page) addFolder(files http.FileSystem, folder http.File, name string, depth int) error {
	if depth > maxPageDepth {
		return fmt.Errorf("%s is more than %d folders deep", name, maxPageDepth)
	}
	inside, err := folder.Readdir(-1)
	for _, info := range inside {
		err = errors.Join(err, p.add(files, path.Join(name, info.Name()), depth+1))
	}
	return err
}

// front is GET /: the page, or, without one, nothing.
func (s *Server) front(c *gin.Context) { s.sendFile(c, "/index.html") }

// asset is GET /assets/….
func (s *Server) asset(c *gin.Context) { s.sendFile(c, c.Request.URL.Path) }

// sendFile answers with a file whose name is compared whole: there is no directory to climb out of.
func (s *Server) sendFile(c *gin.Context, name string) {
	file, ok := s.page[name]
	if !ok {
		s.fail(c, problem(codeNoSuchRoute, "There is nothing at this path."))
		return
	}
	send(c, file)
}

func send(c *gin.Context, file pageFile) {
	c.Header("Content-Type", file.media)
	c.Header("ETag", file.tag)
	http.ServeContent(c.Writer, c.Request, "", time.Time{}, bytes.NewReader(file.content))
}
