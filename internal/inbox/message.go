package inbox

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
	"time"
)

// A Message is a mail as its reader sees it.
type Message struct {
	ID      int       `json:"id"`
	From    string    `json:"from"`
	To      []string  `json:"to"` // who got it, from the envelope
	Subject string    `json:"subject"`
	Date    time.Time `json:"date"` // as the sender says; zero when it says nothing that can be read
	Text    string    `json:"text"`
	HTML    string    `json:"html"`
	Headers []Header  `json:"headers"`
	Problem string    `json:"problem,omitempty"` // what is wrong with the message as mail, if anything
}

// A Header is one line of a message's head.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// parse reads a message. What cannot be read is said in Problem: an inbox for development must show broken mail too.
func parse(id int, raw []byte) Message {
	m := Message{ID: id}
	msg, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		m.Problem = "the head of the message cannot be read: " + err.Error()
		m.Text = string(raw)
		return m
	}
	m.From = decoded(msg.Header.Get("From"))
	m.To = msg.Header["Delivered-To"]
	m.Subject = decoded(msg.Header.Get("Subject"))
	m.Headers = headers(raw)
	if m.Date, err = msg.Header.Date(); err != nil {
		m.Problem = "no date that can be read"
	}
	if err := m.readPart(textproto.MIMEHeader(msg.Header), msg.Body, partDepthMax); err != nil {
		m.Problem = "the body cannot be read: " + err.Error()
	}
	return m
}

// partDepthMax is how deep parts may hold parts: mixed, related and alternative inside one another make three.
const partDepthMax = 5

// readPart takes the first text and the first HTML part it meets, and leaves attachments alone.
func (m *Message) readPart(header textproto.MIMEHeader, body io.Reader, depth int) error {
	kind, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		kind = "text/plain" // what the standard says of a message without a type
	}
	if strings.HasPrefix(kind, "multipart/") {
		if depth == 0 {
			return fmt.Errorf("parts inside parts, more than %d deep", partDepthMax)
		}
		return m.readParts(multipart.NewReader(body, params["boundary"]), depth-1)
	}
	target := map[string]*string{"text/plain": &m.Text, "text/html": &m.HTML}[kind]
	if target == nil || *target != "" {
		return nil
	}
	text, err := io.ReadAll(transferDecoded(header, body))
	*target = string(text)
	return err
}

func (m *Message) readParts(parts *multipart.Reader, depth int) error {
	for {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := m.readPart(part.Header, part, depth); err != nil {
			return err
		}
	}
}

func transferDecoded(header textproto.MIMEHeader, body io.Reader) io.Reader {
	switch strings.ToLower(header.Get("Content-Transfer-Encoding")) {
	case "quoted-printable":
		return quotedprintable.NewReader(body)
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, body)
	}
	return body
}

// headers returns the head's lines in the order in which they stand.
func headers(raw []byte) []Header {
	head, _, _ := bytes.Cut(bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")), []byte("\n\n"))
	var list []Header
	for line := range strings.SplitSeq(string(head), "\n") {
		if folded := strings.TrimLeft(line, " \t"); folded != line && len(list) > 0 {
			list[len(list)-1].Value += " " + folded
			continue
		}
		if name, value, ok := strings.Cut(line, ":"); ok {
			list = append(list, Header{name, strings.TrimSpace(value)})
		}
	}
	for i := range list {
		list[i].Value = decoded(list[i].Value)
	}
	return list
}

// decoded turns =?UTF-8?q?…?= into text; what is malformed stays as it is.
func decoded(value string) string {
	text, err := new(mime.WordDecoder).DecodeHeader(value)
	if err != nil {
		return value
	}
	return text
}
