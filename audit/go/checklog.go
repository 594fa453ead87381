// Command checklog verifies a published Lethe log with the Go project's own packages for transparency logs,
// golang.org/x/mod/sumdb/note and golang.org/x/mod/sumdb/tlog, which know nothing of Lethe.
//
// usage: checklog -vkey KEY [-witness KEY]… [-known FILE]… [-minimum-index N] DIRECTORY
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight, tileWidth = 8, 256

// texts is an option that may be given several times.
type texts []string

func (t *texts) String() string         { return strings.Join(*t, ",") }
func (t *texts) Set(value string) error { *t = append(*t, value); return nil }

// cosigner verifies the signatures of a witness, type 0x04, which the package note does not know.
type cosigner struct {
	name   string
	hash   uint32
	public ed25519.PublicKey
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.hash }

func (c cosigner) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	head := fmt.Sprintf("cosignature/v1\ntime %d\n", binary.BigEndian.Uint64(signature))
	return ed25519.Verify(c.public, append([]byte(head), text...), signature[8:])
}

func newCosigner(vkey string) (cosigner, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return cosigner{}, fmt.Errorf("not a verifier key: %q", vkey)
	}
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(raw) != 1+ed25519.PublicKeySize || raw[0] != 0x04 {
		return cosigner{}, fmt.Errorf("not the key of a witness: %q", vkey)
	}
	digest := sha256.Sum256(append([]byte(parts[0]+"\n"), raw...))
	if hex.EncodeToString(digest[:4]) != parts[1] {
		return cosigner{}, fmt.Errorf("the key ID of %q is wrong", vkey)
	}
	return cosigner{parts[0], binary.BigEndian.Uint32(digest[:4]), raw[1:]}, nil
}

// directory reads tiles below a published log; tlog decides which, and checks what it gets.
type directory string

func (d directory) Height() int                         { return tileHeight }
func (d directory) SaveTiles(_ []tlog.Tile, _ [][]byte) {}

// read finds a tile or entry bundle; a partial one may have been replaced by the full one.
func (d directory) read(tile tlog.Tile) ([]byte, tlog.Tile, error) {
	path := strings.Replace(strings.Replace(tile.Path(), "tile/8/", "tile/", 1), "/data/", "/entries/", 1)
	data, err := os.ReadFile(filepath.Join(string(d), filepath.FromSlash(path)))
	if os.IsNotExist(err) && tile.W < tileWidth {
		tile.W = tileWidth
		return d.read(tile)
	}
	return data, tile, err
}

func (d directory) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		data, _, err := d.read(tile)
		if err != nil {
			return nil, err
		}
		if len(data) < tile.W*tlog.HashSize {
			return nil, fmt.Errorf("%s is too short", tile.Path())
		}
		all = append(all, data[:tile.W*tlog.HashSize])
	}
	return all, nil
}

// entries cuts a bundle into its entries.
func (d directory) entries(tile tlog.Tile) ([][]byte, error) {
	data, stored, err := d.read(tile)
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for len(data) >= 2 {
		end := 2 + int(binary.BigEndian.Uint16(data))
		if end > len(data) {
			break
		}
		entries, data = append(entries, data[2:end]), data[end:]
	}
	if len(data) != 0 || len(entries) != stored.W {
		return nil, fmt.Errorf("%s is not a bundle of %d entries", stored.Path(), stored.W)
	}
	return entries[:tile.W], nil
}

// open verifies a checkpoint and returns its tree; every verifier must have signed.
func open(path string, verifiers []note.Verifier) (tree tlog.Tree, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return tree, err
	}
	signed, err := note.Open(data, note.VerifierList(verifiers...))
	if err != nil {
		return tree, fmt.Errorf("%s: %w", path, err)
	}
	if len(signed.Sigs) != len(verifiers) {
		return tree, fmt.Errorf("%s: %d of %d keys have signed", path, len(signed.Sigs), len(verifiers))
	}
	lines := strings.Split(signed.Text, "\n")
	if len(lines) < 4 || lines[0] != verifiers[0].Name() {
		return tree, fmt.Errorf("%s: not a checkpoint of this log", path)
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, err
}

// checkEntries compares every entry with its leaf hash, which tlog proves to be in the tree.
func checkEntries(d directory, tree tlog.Tree, hashes tlog.HashReader, minimum int64) (checked int64, err error) {
	for first := int64(0); first < tree.N; first += tileWidth {
		width := tree.N - first
		if width > tileWidth {
			width = tileWidth
		}
		entries, err := d.entries(tlog.Tile{H: tileHeight, L: -1, N: first / tileWidth, W: int(width)})
		if os.IsNotExist(err) && first+width <= minimum {
			continue
		}
		if err != nil {
			return checked, err
		}
		indexes := make([]int64, len(entries))
		for i := range entries {
			indexes[i] = tlog.StoredHashIndex(0, first+int64(i))
		}
		leaves, err := hashes.ReadHashes(indexes)
		if err != nil {
			return checked, err
		}
		for i, entry := range entries {
			leaf := tlog.RecordHash(entry)
			if !bytes.Equal(leaf[:], leaves[i][:]) {
				return checked, fmt.Errorf("entry %d does not hash to its leaf hash", first+int64(i))
			}
			checked++
		}
	}
	return checked, nil
}

// checkContinues proves that a tree continues an older one.
func checkContinues(tree, old tlog.Tree, hashes tlog.HashReader) error {
	if old.N == 0 {
		return nil
	}
	proof, err := tlog.ProveTree(tree.N, old.N, hashes)
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash)
}

func run() error {
	var witnesses, known texts
	vkey := flag.String("vkey", "", "the log's verifier key")
	minimum := flag.Int64("minimum-index", 0, "entries below may be gone")
	flag.Var(&witnesses, "witness", "key of a witness that must have cosigned")
	flag.Var(&known, "known", "checkpoint kept from before")
	flag.Parse()
	if *vkey == "" || flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	logKey, err := note.NewVerifier(*vkey)
	if err != nil {
		return err
	}
	verifiers := []note.Verifier{logKey}
	for _, text := range witnesses {
		witness, err := newCosigner(text)
		if err != nil {
			return err
		}
		verifiers = append(verifiers, witness)
	}
	d := directory(flag.Arg(0))
	tree, err := open(filepath.Join(string(d), "checkpoint"), verifiers)
	if err != nil {
		return err
	}
	hashes := tlog.TileHashReader(tree, d)
	checked, err := checkEntries(d, tree, hashes, *minimum)
	if err != nil {
		return err
	}
	for _, path := range known {
		old, err := open(path, verifiers[:1])
		if err != nil {
			return err
		}
		if err := checkContinues(tree, old, hashes); err != nil {
			return fmt.Errorf("%s is not continued: %w", path, err)
		}
	}
	// Every older size must lead to this one, whether or not somebody kept its checkpoint.
	proofs := len(known)
	for _, size := range []int64{1, 2, 255, 256, 257, tree.N / 3, tree.N / 2, tree.N - 1} {
		if size < 1 || size >= tree.N {
			continue
		}
		root, err := tlog.TreeHash(size, hashes)
		if err != nil {
			return err
		}
		if err := checkContinues(tree, tlog.Tree{N: size, Hash: root}, hashes); err != nil {
			return fmt.Errorf("size %d: %w", size, err)
		}
		proofs++
	}
	fmt.Printf("checklog: %d of %d entries, %d consistency proofs, %d cosignatures\n",
		checked, tree.N, proofs, len(witnesses))
	return nil
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "checklog:", err)
		os.Exit(1)
	}
}
