package fabric

// For the table tests and the fuzz test.
var (
	ClassifyCall = classifyCall
	ClassifyCode = classifyCode
	Verify       = verify
)
