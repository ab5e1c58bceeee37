package loyalty

// printable are the code points that a text may have, as ranges with both ends. They are written
// out here and never taken from a library, whose tables grow with every version of Unicode: two
// endorsers built with different versions would decide differently.
//
// Left out are controls, format characters (soft hyphen, directions, joiners, tags, byte order
// mark), every space but U+0020, surrogates, private use, noncharacters and U+FFFD, which also
// stands for bytes that are no UTF-8. Code points that are not assigned yet are let in.
var printable = [...]struct{ first, last rune }{
	{0x0020, 0x007E}, {0x00A1, 0x00AC}, {0x00AE, 0x05FF}, {0x0606, 0x061B}, {0x061D, 0x06DC}, {0x06DE, 0x070E},
	{0x0710, 0x088F}, {0x0892, 0x08E1}, {0x08E3, 0x167F}, {0x1681, 0x180D}, {0x180F, 0x1FFF}, {0x2010, 0x2027},
	{0x2030, 0x205E}, {0x2070, 0x2FFF}, {0x3001, 0xD7FF}, {0xF900, 0xFDCF}, {0xFDF0, 0xFEFE}, {0xFF00, 0xFFEF},
	{0x10000, 0x110BC}, {0x110BE, 0x110CC}, {0x110CE, 0x1342F}, {0x13440, 0x1BC9F}, {0x1BCA4, 0x1D172},
	{0x1D17B, 0x1FFFD}, {0x20000, 0x2FFFD}, {0x30000, 0x3FFFD},
}

// isText reports whether s is printable text of least to MaxTextSize bytes. Anything else could
// look alike and be different, or change when it is written as JSON.
func isText(s string, least int) bool {
	if len(s) < least || len(s) > MaxTextSize {
		return false
	}
	for _, r := range s {
		if !isPrintable(r) {
			return false
		}
	}
	return true
}

func isPrintable(r rune) bool {
	for _, p := range printable {
		if r <= p.last {
			return r >= p.first
		}
	}
	return false
}
