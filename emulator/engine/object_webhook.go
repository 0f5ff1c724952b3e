package engine

// WebhookEndpoint is where events go.
type WebhookEndpoint struct {
	ID             string
	Created        int64
	URL            string
	Secret         string // answered by the create only
	OldSecret      string // before the secret was rolled,
	OldSecretUntil int64  // which is good until then
	APIVersion     string
	Description    string
	EnabledEvents  []string
	Disabled       bool
	Metadata       map[string]string

	Destination bool   // made as an event destination of the second version of the API, with
	Name        string // a name,
	Thin        bool   // and thin events in place of those that carry their object
	Updated     int64
}
