// An implementation we did not write checks what ours wrote: golang.org/x/mod/sumdb/{tlog,note}, Go's crypto/ed25519.
// Reads one JSON question a line, answers "ok" or why not.
package main

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type question struct {
	Ask       string
	Entry     []byte
	Index     int64
	Old, Size int64
	OldRoot   []byte
	Root      []byte
	Proof     [][]byte
	Note      []byte
	Log       string   // vkey
	Witnesses []string // vkeys of type 04
	Entries   [][]byte
}

// cosigner verifies cosignature/v1, which x/mod does not know, by Go's own Ed25519.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.hash }
func (c cosigner) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(sig), msg)
	return ed25519.Verify(c.key, []byte(signed), sig[8:])
}

func newCosigner(vkey string) (note.Verifier, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("malformed vkey")
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 33 || key[0] != 4 {
		return nil, errors.New("not a cosigner's vkey")
	}
	var hash uint32
	if _, err := fmt.Sscanf(parts[1], "%08x", &hash); err != nil {
		return nil, err
	}
	return cosigner{parts[0], hash, key[1:]}, nil
}

func hash(b []byte) (h tlog.Hash) {
	copy(h[:], b)
	return h
}

func hashes(list [][]byte) (found []tlog.Hash) {
	for _, b := range list {
		found = append(found, hash(b))
	}
	return found
}

func answer(q question) error {
	switch q.Ask {
	case "inclusion":
		return tlog.CheckRecord(tlog.RecordProof(hashes(q.Proof)), q.Size, hash(q.Root), q.Index, tlog.RecordHash(q.Entry))
	case "consistency":
		return tlog.CheckTree(tlog.TreeProof(hashes(q.Proof)), q.Size, hash(q.Root), q.Old, hash(q.OldRoot))
	case "root":
		var stored []tlog.Hash
		read := tlog.HashReaderFunc(func(at []int64) (found []tlog.Hash, err error) {
			for _, i := range at {
				found = append(found, stored[i])
			}
			return found, nil
		})
		for n, entry := range q.Entries {
			more, err := tlog.StoredHashes(int64(n), entry, read)
			if err != nil {
				return err
			}
			stored = append(stored, more...)
		}
		root, err := tlog.TreeHash(int64(len(q.Entries)), read)
		if err == nil && !bytes.Equal(root[:], q.Root) {
			err = errors.New("another root")
		}
		return err
	case "checkpoint":
		log, err := note.NewVerifier(q.Log)
		if err != nil {
			return err
		}
		known := []note.Verifier{log}
		for _, vkey := range q.Witnesses {
			witness, err := newCosigner(vkey)
			if err != nil {
				return err
			}
			known = append(known, witness)
		}
		opened, err := note.Open(q.Note, note.VerifierList(known...))
		if err != nil {
			return err
		}
		if len(opened.Sigs) != len(known) {
			return fmt.Errorf("%d of %d signatures", len(opened.Sigs), len(known))
		}
		lines := strings.Split(opened.Text, "\n")
		if len(lines) < 4 || lines[0] != log.Name() || lines[1] != fmt.Sprint(q.Size) {
			return errors.New("not this checkpoint")
		}
		if lines[2] != base64.StdEncoding.EncodeToString(q.Root) {
			return errors.New("another root")
		}
		return nil
	}
	return errors.New("unknown question")
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<28)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for in.Scan() {
		var q question
		err := json.Unmarshal(in.Bytes(), &q)
		if err == nil {
			err = answer(q)
		}
		if err != nil {
			fmt.Fprintln(out, strings.ReplaceAll(err.Error(), "\n", " "))
		} else {
			fmt.Fprintln(out, "ok")
		}
		out.Flush()
	}
}
