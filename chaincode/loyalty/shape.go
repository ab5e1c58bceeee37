package loyalty

// fields is a set of fields of a Command.
type fields uint8

const (
	fieldPrint fields = 1 << iota
	fieldMember
	fieldTo
	fieldReceipt
	fieldSale
	fieldHold
	fieldPoints
	fieldSeconds
)

// shapes says which fields each kind needs and which others it may have.
var shapes = map[Kind]struct{ must, may fields }{
	KindEnrol:    {fieldPrint | fieldMember, 0},
	KindEarn:     {fieldPrint | fieldMember | fieldReceipt, 0},
	KindHold:     {fieldPrint | fieldMember | fieldPoints, fieldReceipt | fieldSeconds},
	KindCapture:  {fieldPrint | fieldHold, fieldPoints | fieldReceipt},
	KindVoid:     {fieldPrint | fieldHold, 0},
	KindRedeem:   {fieldPrint | fieldMember | fieldPoints, fieldReceipt},
	KindReturn:   {fieldPrint | fieldMember | fieldReceipt | fieldSale, 0},
	KindTransfer: {fieldPrint | fieldMember | fieldTo | fieldPoints, 0},
	KindCancel:   {0, 0},
}

// Check refuses a command that says too little or too much for its kind: malformed_command,
// points_must_be_positive, points_too_large.
func (c Command) Check() *Error {
	s, known := shapes[c.Kind]
	if !known {
		return Refuse(CodeMalformedCommand, "There is no such kind of command.")
	}
	if !c.Op.Valid() {
		return Refuse(CodeMalformedCommand, "An operation is named by %d hexadecimal digits.", idDigits)
	}
	if (s.must|s.may)&fieldPoints != 0 {
		if refusal := checkPoints(c.Points, s.must&fieldPoints != 0); refusal != nil {
			return refusal
		}
	}
	given := c.fields()
	switch {
	case s.must&^given != 0:
		return Refuse(CodeMalformedCommand, "A field that this kind of command needs is missing.")
	case given&^(s.must|s.may) != 0:
		return Refuse(CodeMalformedCommand, "A field is set that this kind of command does not have.")
	case !c.wellFormed():
		return Refuse(CodeMalformedCommand, "A reference must be hexadecimal digits in lower case, of its full length.")
	case c.Seconds < 0:
		return Refuse(CodeMalformedCommand, "A hold cannot end before it begins.")
	case c.Receipt != "" && c.Receipt == c.Sale:
		return Refuse(CodeMalformedCommand, "A return needs a slip of its own.")
	}
	return nil
}

func checkPoints(n Points, needed bool) *Error {
	switch {
	case n < 0 || needed && n == 0:
		return Refuse(CodePointsNotPositive, "The number of points must be positive.")
	case n > MaxPoints:
		return Refuse(CodePointsTooLarge, "At most %d points can be counted.", MaxPoints)
	}
	return nil
}

// fields is the set of fields that are not empty.
func (c Command) fields() fields {
	var f fields
	for _, field := range []struct {
		set bool
		bit fields
	}{
		{c.Print != "", fieldPrint}, {c.Member != "", fieldMember}, {c.To != "", fieldTo}, {c.Receipt != "", fieldReceipt},
		{c.Sale != "", fieldSale}, {c.Hold != "", fieldHold}, {c.Points != 0, fieldPoints}, {c.Seconds != 0, fieldSeconds},
	} {
		if field.set {
			f |= field.bit
		}
	}
	return f
}

func (c Command) wellFormed() bool {
	return (c.Print == "" || c.Print.Valid()) && (c.Member == "" || c.Member.Valid()) &&
		(c.To == "" || c.To.Valid()) && (c.Receipt == "" || c.Receipt.Valid()) &&
		(c.Sale == "" || c.Sale.Valid()) && (c.Hold == "" || c.Hold.Valid())
}

// Check refuses details that do not belong to the kind or are no sale or return at all:
// malformed_command, basket_missing, and what Basket.Check and Taken.Check refuse.
func (d Details) Check(kind Kind) *Error {
	switch {
	case d.Basket != nil && kind != KindEarn, d.Return != nil && kind != KindReturn:
		return Refuse(CodeMalformedCommand, "This kind of command takes no such details.")
	case d.Basket == nil && kind == KindEarn, d.Return == nil && kind == KindReturn:
		return Refuse(CodeBasketMissing, "The details of the sale or return are missing.")
	case kind == KindEarn:
		return d.Basket.Check()
	case kind == KindReturn:
		return d.Return.Check()
	}
	return nil
}
