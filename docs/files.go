// Package docs is the documentation as files, for the pages that show them.
package docs

import "embed"

// Files are the documents in Markdown, and their pictures.
//
//go:embed *.md adr/*.md images
var Files embed.FS
