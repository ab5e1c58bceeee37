package loyalty

import "fmt"

// enrol opens an empty account under a reference that the chain drew at random. Refusals, in
// order: member_already_enrolled.
func (w *work) enrol() error {
	a, err := w.ledger.Account(w.cmd.Member)
	if err != nil {
		return fmt.Errorf("account %s: %w", w.cmd.Member, err)
	}
	if a != nil {
		return Refuse(CodeMemberEnrolled, "There already is a member with this reference.")
	}
	a = &Account{Member: w.cmd.Member, Enroller: w.env.Caller.MSP, Opened: w.now, LastAt: w.now}
	w.accounts = append(w.accounts, a)
	return nil
}
