package fabric

// For the table tests.
var (
	ClassifyCall = classifyCall
	ClassifyCode = classifyCode
)
