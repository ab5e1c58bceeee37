package outbox

// What the tests see of the inside.
var (
	NewEntry  = newEntry
	OpenAny   = openStore
	Pragmas   = pragmas
	ErrNoRoom = errNoRoom
)
