package outbox

// What the tests see of the inside.
var (
	NewEntry  = newEntry
	OpenAny   = openStore
	Pragmas   = pragmas
	ErrNoRoom = errNoRoom
)

// Reaching has a function called whenever an outbox comes by a point at which the tests kill it.
func Reaching(c *Config, reached func(point string)) { c.reached = reached }
