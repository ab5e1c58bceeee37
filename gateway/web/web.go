// Package web is the till that a person can try: one page of plain HTML, CSS and ES modules,
// embedded in the gateway, without a build step. It uses the same HTTP interface as any till.
package web

import (
	"embed"
	"io/fs"
	"net/http"
)

//go:embed page
var files embed.FS

// Files is the page: index.html and assets/.
func Files() http.FileSystem {
	page, err := fs.Sub(files, "page")
	if err != nil {
		panic("web: the embedded page is missing: " + err.Error()) // a build without it cannot exist
	}
	return http.FS(page)
}
