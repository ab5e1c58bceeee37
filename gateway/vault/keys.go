package vault

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/zegel/zegel/chaincode/loyalty"
)

// The errors of a member's key.
var (
	// ErrNoKey says that this vault has never had a key for the member: another chain's member, or
	// a vault restored from too old a copy.
	ErrNoKey = errors.New("vault: no key for this member")
	// ErrErased says that the key was destroyed at the member's wish.
	ErrErased = errors.New("vault: the key of this member was destroyed")
)

// keySize is AES-256.
const keySize = 32

// key is the member's key, in the clear, for the time of one call.
func (v *Vault) key(ctx context.Context, member loyalty.MemberID) ([]byte, error) {
	var wrapped []byte
	err := v.db.QueryRowContext(ctx, `SELECT wrapped FROM member_key WHERE member = ?`, string(member)).Scan(&wrapped)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, ErrNoKey
	case err != nil:
		return nil, fmt.Errorf("vault: read key: %w", err)
	case wrapped == nil:
		return nil, ErrErased
	}
	return open(v.wrap, wrapped, purposeKey, member)
}

// keyOrNew is the member's key, made and on disk before it is used for the first time. Two callers
// at once get the same key, and made is true for one of them.
func (v *Vault) keyOrNew(ctx context.Context, member loyalty.MemberID) (key []byte, made bool, err error) {
	if key, err = v.key(ctx, member); !errors.Is(err, ErrNoKey) {
		return key, false, err
	}
	fresh := make([]byte, keySize)
	_, _ = rand.Read(fresh) // cannot fail: crypto/rand ends the process instead
	wrapped, err := seal(v.wrap, fresh, purposeKey, member)
	if err != nil {
		return nil, false, err
	}
	done, err := v.db.ExecContext(ctx,
		`INSERT INTO member_key (member, wrapped) VALUES (?, ?) ON CONFLICT DO NOTHING`, string(member), wrapped)
	if err != nil {
		return nil, false, fmt.Errorf("vault: write key: %w", err)
	}
	inserted, err := done.RowsAffected()
	if err != nil {
		return nil, false, fmt.Errorf("vault: write key: %w", err)
	}
	if inserted == 1 {
		return fresh, true, nil
	}
	key, err = v.key(ctx, member) // somebody else was quicker
	return key, false, err
}

// Has reports whether there is a key of the member.
func (v *Vault) Has(ctx context.Context, member loyalty.MemberID) (bool, error) {
	_, err := v.key(ctx, member)
	if errors.Is(err, ErrNoKey) || errors.Is(err, ErrErased) {
		return false, nil
	}
	return err == nil, err
}

// ErrKeyRemains says that a key was struck out, but may still be readable in the vault's files:
// somebody else is reading them. Destroying it again finishes it.
var ErrKeyRemains = errors.New("vault: a destroyed key may still be on the disk; destroy it again")

// Destroy destroys the member's key: whatever was sealed under it is noise from now on, in every
// file and every backup of a peer. It reports whether there was a key to destroy, or one whose
// destruction was not finished. The row stays as a grave, so that the member never gets a key again.
//
// The wrapped key is overwritten in the database (secure_delete) and the write-ahead log is
// folded in and cut to nothing; only then is the grave closed. A backup of the vault itself still
// has it: how long those are kept is for the chain to say.
func (v *Vault) Destroy(ctx context.Context, member loyalty.MemberID) (bool, error) {
	_, err := v.db.ExecContext(ctx, `UPDATE member_key SET wrapped = NULL WHERE member = ? AND wrapped IS NOT NULL`, string(member))
	if err != nil {
		return false, fmt.Errorf("vault: destroy key: %w", err)
	}
	if err := v.fold(ctx); err != nil {
		return false, err
	}
	done, err := v.db.ExecContext(ctx,
		`UPDATE member_key SET destroyed = ? WHERE member = ? AND destroyed IS NULL`, time.Now().UnixMilli(), string(member))
	if err != nil {
		return false, fmt.Errorf("vault: destroy key: %w", err)
	}
	changed, err := done.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("vault: destroy key: %w", err)
	}
	return changed > 0, nil
}

// A reader in another process keeps the log from being folded in for as long as it reads. It is
// waited for this often and this long each time, with a pause in which the vault serves others.
const (
	foldAttempts = 10
	foldWait     = 100 * time.Millisecond
)

// fold moves the write-ahead log into the database and cuts it to nothing.
func (v *Vault) fold(ctx context.Context) error {
	for range foldAttempts {
		busy, err := v.checkpoint(ctx)
		if err != nil {
			return fmt.Errorf("vault: fold the log in: %w", err)
		}
		if !busy {
			return nil
		}
		select {
		case <-time.After(foldWait):
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ErrKeyRemains, context.Cause(ctx))
		}
	}
	return ErrKeyRemains
}

// checkpoint folds the log in once. SQLite tells in a row, not in an error, that somebody was in the
// way.
func (v *Vault) checkpoint(ctx context.Context) (busy bool, err error) {
	conn, err := v.db.Conn(ctx)
	if err != nil {
		return false, err
	}
	defer func() {
		_, back := conn.ExecContext(context.WithoutCancel(ctx), busyPragma(busyWithin))
		err = errors.Join(err, back, conn.Close())
	}()
	if _, err := conn.ExecContext(ctx, busyPragma(foldWait)); err != nil {
		return false, err
	}
	var log, moved int
	err = conn.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &log, &moved)
	return busy, err
}

// busyWithin is how long a statement waits for another process's lock.
const busyWithin = 5 * time.Second

func busyPragma(wait time.Duration) string {
	return fmt.Sprintf("PRAGMA busy_timeout = %d", wait.Milliseconds())
}
