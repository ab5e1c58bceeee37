package identity

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Folder is where one organisation keeps its material on disk.
type Folder struct {
	// Path holds ca, tlsca, msp, peers, orderers and users.
	Path   string
	MSPID  string
	Domain string
}

// In is the folder of an organisation below root: root/korenaar.example.
func In(root, mspID, domain string) Folder {
	return Folder{Path: filepath.Join(root, domain), MSPID: mspID, Domain: domain}
}

// MSP is the public MSP folder of the organisation.
func (f Folder) MSP() string { return filepath.Join(f.Path, "msp") }

// MemberMSP is the MSP folder of one member.
func (f Folder) MemberMSP(m Member) string { return filepath.Join(f.Path, m.path(f.Domain), "msp") }

// MemberTLS is the TLS folder of one member. It exists for nodes and admins only.
func (f Folder) MemberTLS(m Member) string { return filepath.Join(f.Path, m.path(f.Domain), "tls") }

// SignFiles are the files with a member's enrolment certificate and its key.
func (f Folder) SignFiles(m Member) (certificate, key string) {
	return filepath.Join(f.MemberMSP(m), folderCert, m.FullName(f.Domain)+"-cert.pem"),
		filepath.Join(f.MemberMSP(m), folderKeys, fileKey)
}

// TLSFiles are the files with a member's TLS certificate and its key.
func (f Folder) TLSFiles(m Member) (certificate, key string) {
	certificate, key = tlsNames(m.Kind)
	return filepath.Join(f.MemberTLS(m), certificate), filepath.Join(f.MemberTLS(m), key)
}

// TLSRoot is the file with the organisation's TLS root certificate.
func (f Folder) TLSRoot() string {
	return filepath.Join(f.MSP(), folderTLSRoots, "tlsca."+f.Domain+"-cert.pem")
}

// Ensure makes what is missing in the folder and leaves what is there untouched, so it can be
// called again after a crash, or with one member more. Each root and each member appears by one
// rename: there is never a key without its certificate.
func (f Folder) Ensure(members ...Member) (*Organisation, error) {
	o, err := f.ensureRoots()
	if err != nil {
		return nil, err
	}
	if err := place(f.MSP(), o.VerifyingMSP()); err != nil {
		return nil, err
	}
	for _, m := range members {
		if err := f.ensureMember(o, m); err != nil {
			return nil, err
		}
	}
	return o, nil
}

func (f Folder) ensureMember(o *Organisation, m Member) error {
	if err := m.validate(); err != nil {
		return err
	}
	target := filepath.Join(f.Path, m.path(f.Domain))
	if found, err := exists(target); found || err != nil {
		return err
	}
	c, err := o.Issue(m)
	if err != nil {
		return err
	}
	return place(target, o.memberFiles(m, c))
}

// ensureRoots writes both roots in one folder each. A crash between the two leaves the first,
// which the next call keeps.
func (f Folder) ensureRoots() (*Organisation, error) {
	if err := checkNames(f.MSPID, f.Domain); err != nil {
		return nil, err
	}
	fresh, err := New(f.MSPID, f.Domain)
	if err != nil {
		return nil, err
	}
	if err := place(filepath.Join(f.Path, "ca"), rootFiles("ca."+f.Domain, fresh.signing.pair)); err != nil {
		return nil, err
	}
	if err := place(filepath.Join(f.Path, "tlsca"), rootFiles("tlsca."+f.Domain, fresh.tls.pair)); err != nil {
		return nil, err
	}
	return f.Open()
}

func rootFiles(name string, pair Pair) Files {
	return Files{name + "-cert.pem": pair.Certificate, fileKey: pair.Key}
}

// place writes files into a folder of that name, all or nothing. It does nothing when the folder
// holds something: material is never overwritten, since the certificates already issued hang on
// it. An empty folder counts as absent: container engines make those for mounts.
func place(target string, files Files) error {
	if found, err := exists(target); found || err != nil {
		return err
	}
	parent := filepath.Dir(target)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return fmt.Errorf("make %s: %w", parent, err)
	}
	temporary, err := os.MkdirTemp(parent, ".new-")
	if err != nil {
		return fmt.Errorf("make a folder in %s: %w", parent, err)
	}
	defer func() { _ = os.RemoveAll(temporary) }() // after the rename it is gone already
	if err := os.Chmod(temporary, 0o755); err != nil {
		return fmt.Errorf("open %s for reading: %w", temporary, err)
	}
	for name, content := range files {
		if err := writeFile(filepath.Join(temporary, filepath.FromSlash(name)), content); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return rename(temporary, target)
}

// rename puts the finished folder in its place, unless somebody else was faster: theirs stands.
func rename(temporary, target string) error {
	_ = os.Remove(target) // only an empty folder goes
	err := os.Rename(temporary, target)
	if err == nil {
		return nil
	}
	if found, _ := exists(target); found {
		return nil
	}
	return fmt.Errorf("put %s in place: %w", target, err)
}

// writeFile keeps private keys from everybody but their owner.
func writeFile(name string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	mode := fs.FileMode(0o644)
	if isKey(name) {
		mode = 0o600
	}
	return os.WriteFile(name, content, mode)
}

func isKey(name string) bool {
	return filepath.Base(name) == fileKey || filepath.Ext(name) == ".key"
}

// exists tells whether a folder is there and holds something.
func exists(dir string) (bool, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look into %s: %w", dir, err)
	}
	return len(entries) > 0, nil
}
