// Package loyalty is the programme's rules and nothing else: pure functions of what is on the
// ledger and what is asked. It knows no Fabric, no clock and no I/O, so that every endorser, the
// auditor and a person with a pencil come to the same result.
//
// # Nouns
//
//   - A member is a random reference without personal data; an [Account] is all of its points.
//   - A chain issues points and owes for them. Every point lies in a [Lot] that says who issued
//     it, under which version of that chain's [Terms], and the last month it can be spent in.
//   - A [Hold] takes points out of their lots for one redeeming chain until that chain captures
//     or voids it, or until it lapses.
//   - A [Receipt] is the public record of a sale or of a return slip, in points. What was sold is
//     private: its [Opening] stays with the selling chain, its hash is on the ledger.
//   - A [Command] asks for one change. Its [Outcome] is final and kept in an [Operation], under a
//     key that the asking organisation chose, so that a repeat hears the same answer.
//   - A [Posting] is one movement of points of one lot. Points move by postings alone.
//   - The [Programme] is what all organisations agreed on: at first all of them, later a quorum.
//
// # What holds after every command
//
//  1. For each issuer on an account: lots + held − debt = earned + received + restored −
//     redeemed − clawed − sent − expired. [CheckAccount] proves it from the account alone.
//  2. An account never holds a lot that is empty, negative, expired or listed twice, nor a lot
//     and a debt of the same issuer, nor a lapsed hold.
//  3. Redeem, hold and transfer never take more than lots − debts: nobody spends what is owed.
//  4. After R of a sale's T has been returned, floor(P·R/T) of its P points have been clawed back
//     and floor(S·R/T) of the S points spent on it have been given back, however R was split.
//  5. What an account has and holds, and what it owes, never exceeds [MaxPoints]; nothing is
//     rounded but by the floor above.
//  6. A refused command leaves its Operation and nothing else.
//
// # Order of refusal
//
// [Apply] looks at a command in this order and stops at the first no:
//
//  1. shape: [Command.Check], then [Details.Check]. Not recorded.
//  2. authority: [Authorise]. Not recorded.
//  3. the Operation under the command's key: a repeat is answered, another content is refused.
//  4. for an earn or a return, the Receipt: the same slip under a new key is still a repeat.
//  5. the rules of the command, in the order its file gives.
//  6. the limits of an account: balance_limit, too_many_lots.
//
// Refusals by 4 to 6 are recorded and final, but for those of [ClassRetry].
//
// # Time
//
// An account has a clock that never goes back: the later of the transaction's time and the
// account's last entry. Every command first lets go what time has ended: lapsed holds go back to
// their lots, lots of past months expire, and what is left repays debts. Nobody has to run a job.
// A lapsed or voided hold gets no grace: otherwise holding points over the end of a month would
// make them younger. Points restored by a return do, for the member could not have spent them.
package loyalty
