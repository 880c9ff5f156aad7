// Verifies a log that was copied into a folder, with golang.org/x/mod/sumdb/tlog and note and nothing of ours.
//
//	verify FOLDER VKEY OLD
//
// FOLDER holds what a hub serves under /log/ (C2SP tlog-tiles): checkpoint, tile/LEVEL/N, tile/entries/N. VKEY is the
// log's key as the trust file gives it. OLD is a file with an older checkpoint, from which the log must go on.
//
// What these packages do not know: cosignatures (their note keys are of one kind only), the heads tree in the
// checkpoint's fourth line, and what an entry says.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	height = 8
	width  = 1 << height
)

func must(err error, what string) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
		os.Exit(1)
	}
}

func read(parts ...string) []byte {
	data, err := os.ReadFile(filepath.Join(parts...))
	must(err, "reading")
	return data
}

// checkpoint opens a note with the log's key, and gives the tree that it speaks of.
func checkpoint(data []byte, key note.Verifier) tlog.Tree {
	opened, err := note.Open(data, note.VerifierList(key))
	must(err, "the checkpoint's signature")
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != key.Name() {
		must(fmt.Errorf("not a checkpoint of this log"), "the checkpoint")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err, "the checkpoint's size")
	root, err := base64.StdEncoding.DecodeString(lines[2])
	must(err, "the checkpoint's root")
	tree := tlog.Tree{N: size}
	if copy(tree.Hash[:], root) != tlog.HashSize || len(root) != tlog.HashSize {
		must(fmt.Errorf("%d bytes", len(root)), "the checkpoint's root")
	}
	return tree
}

// folder reads tiles by the names that C2SP gives them: those of the package without the height.
type folder struct {
	path string
	read int
}

func (f *folder) Height() int                     { return height }
func (f *folder) SaveTiles([]tlog.Tile, [][]byte) {}

func (f *folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range tiles {
		name := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", height), "tile/", 1)
		data, err := os.ReadFile(filepath.Join(f.path, name))
		if err != nil {
			return nil, err
		}
		f.read++
		found = append(found, data)
	}
	return found, nil
}

// bundle gives the entries of a bundle: two bytes of length before each.
func bundle(path string, n int64, count int64) [][]byte {
	tile := tlog.Tile{H: height, L: 0, N: n, W: int(count)}
	name := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/0/", height), "tile/entries/", 1)
	data := read(path, name)
	var found [][]byte
	for len(data) > 0 {
		if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
			must(fmt.Errorf("cut short"), "an entry")
		}
		end := 2 + int(binary.BigEndian.Uint16(data))
		found, data = append(found, data[2:end]), data[end:]
	}
	if int64(len(found)) != count {
		must(fmt.Errorf("%d instead of %d", len(found), count), "the entries of a bundle")
	}
	return found
}

// leaves compares every entry with its leaf hash, which is authenticated by the root on the way.
func leaves(path string, tree tlog.Tree, hashes tlog.HashReader) {
	for start := int64(0); start < tree.N; start += width {
		count := tree.N - start
		if count > width {
			count = width
		}
		var indexes []int64
		for i := start; i < start+count; i++ {
			indexes = append(indexes, tlog.StoredHashIndex(0, i))
		}
		found, err := hashes.ReadHashes(indexes)
		must(err, "tile hashes")
		for i, entry := range bundle(path, start/width, count) {
			if tlog.RecordHash(entry) != found[i] {
				must(fmt.Errorf("entry %d is not the one in the tree", start+int64(i)), "entries")
			}
		}
	}
}

// inclusion proves records one by one and checks the proofs.
func inclusion(path string, tree tlog.Tree, hashes tlog.HashReader) int {
	checked := 0
	for i := int64(0); i < tree.N; i += 1 + tree.N/997 {
		proof, err := tlog.ProveRecord(tree.N, i, hashes)
		must(err, "an inclusion proof")
		count := tree.N - i/width*width
		if count > width {
			count = width
		}
		entry := bundle(path, i/width, count)[i%width]
		must(tlog.CheckRecord(proof, tree.N, tree.Hash, i, tlog.RecordHash(entry)), "inclusion")
		checked++
	}
	return checked
}

// consistency checks that the log goes on from the older checkpoint and from prefixes of its own.
func consistency(old, tree tlog.Tree, hashes tlog.HashReader) int {
	proof, err := tlog.ProveTree(tree.N, old.N, hashes)
	must(err, "a consistency proof")
	must(tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash), "consistency")
	checked := 1
	for n := int64(1); n < tree.N; n = n*3 + 1 {
		root, err := tlog.TreeHash(n, hashes)
		must(err, "an older root")
		proof, err := tlog.ProveTree(tree.N, n, hashes)
		must(err, "a consistency proof")
		must(tlog.CheckTree(proof, tree.N, tree.Hash, n, root), "consistency")
		checked++
	}
	return checked
}

func main() {
	if len(os.Args) != 4 {
		must(fmt.Errorf("verify FOLDER VKEY OLD"), "usage")
	}
	path := os.Args[1]
	key, err := note.NewVerifier(os.Args[2])
	must(err, "the log's key")
	tree, old := checkpoint(read(path, "checkpoint"), key), checkpoint(read(os.Args[3]), key)
	tiles := &folder{path: path}
	hashes := tlog.TileHashReader(tree, tiles)
	leaves(path, tree, hashes)
	included, consistent := inclusion(path, tree, hashes), consistency(old, tree, hashes)
	fmt.Printf("size %d old %d included %d consistent %d\n", tree.N, old.N, included, consistent)
}
