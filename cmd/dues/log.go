package main

import (
	"io"
	"log/slog"
	"os"

	"github.com/lmittmann/tint"
	"github.com/mattn/go-isatty"
)

// logging are the flags of every command that runs for long.
type logging struct {
	LogLevel  slog.Level `help:"debug, info, warn or error." env:"DUES_LOG_LEVEL" default:"info" group:"log"`
	LogFormat string     `help:"text, json, or auto: colours on a terminal, else text." env:"DUES_LOG_FORMAT" enum:"auto,text,json" default:"auto" group:"log"`
}

func (l logging) logger(w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: l.LogLevel}
	if l.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	if f, ok := w.(*os.File); ok && l.LogFormat == "auto" && isatty.IsTerminal(f.Fd()) {
		return slog.New(tint.NewTextHandler(w, &tint.Options{Level: l.LogLevel}))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
