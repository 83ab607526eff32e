// Forward writes a DLL for 64-bit Windows that exports one function, which it forwards to
// a function of another DLL. Go's runtime needs ProcessPrng, which Wine 8 does not have.
// SystemFunction036 of advapi32 takes the same arguments and does the same.
//
//	go run forward.go bcryptprimitives.dll ProcessPrng advapi32.SystemFunction036
//
// The file's format is described at https://learn.microsoft.com/windows/win32/debug/pe-format.
package main

import (
	"bytes"
	"debug/pe"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: forward FILE FUNCTION LIBRARY.FUNCTION")
		os.Exit(2)
	}
	file, function, target := os.Args[1], os.Args[2], os.Args[3]
	if err := os.WriteFile(file, library(filepath.Base(file), function, target), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, "forward:", err)
		os.Exit(1)
	}
}

const (
	alignment = 0x1000 // of sections in memory, in bytes
	onDisk    = 0x200  // of sections in the file
)

// library is the content of a DLL with one section, the exports.
func library(name, function, target string) []byte {
	exports := exports(alignment, name, function, target)
	size := uint32(len(exports))
	header := pe.OptionalHeader64{
		Magic: 0x20b, ImageBase: 0x180000000, SectionAlignment: alignment, FileAlignment: onDisk,
		MajorOperatingSystemVersion: 6, MajorSubsystemVersion: 6,
		SizeOfInitializedData: onDisk, SizeOfImage: 2 * alignment, SizeOfHeaders: onDisk,
		Subsystem: pe.IMAGE_SUBSYSTEM_WINDOWS_CUI, DllCharacteristics: pe.IMAGE_DLLCHARACTERISTICS_NX_COMPAT,
		NumberOfRvaAndSizes: 16,
	}
	header.DataDirectory[pe.IMAGE_DIRECTORY_ENTRY_EXPORT] = pe.DataDirectory{VirtualAddress: alignment, Size: size}
	section := pe.SectionHeader32{
		Name: [8]uint8{'.', 'e', 'd', 'a', 't', 'a'}, VirtualSize: size, VirtualAddress: alignment,
		SizeOfRawData: onDisk, PointerToRawData: onDisk,
		Characteristics: pe.IMAGE_SCN_CNT_INITIALIZED_DATA | pe.IMAGE_SCN_MEM_READ,
	}
	dos := make([]byte, 64)
	copy(dos, "MZ")
	dos[60] = 64 // the offset of the PE header, which follows at once
	return slab(onDisk, dos, []byte("PE\x00\x00"), pe.FileHeader{
		Machine: pe.IMAGE_FILE_MACHINE_AMD64, NumberOfSections: 1, SizeOfOptionalHeader: uint16(binary.Size(header)),
		Characteristics: pe.IMAGE_FILE_EXECUTABLE_IMAGE | pe.IMAGE_FILE_LARGE_ADDRESS_AWARE | pe.IMAGE_FILE_DLL,
	}, header, section, exports)
}

// exports is the section of exports, for the address at: a directory, three tables with
// one entry each, and the texts that they point to.
func exports(at uint32, name, function, target string) []byte {
	type directory struct {
		Characteristics, Time         uint32
		Major, Minor                  uint16
		Name, Base, Functions, Names  uint32
		AddressOfFunctions, AddressOf uint32
		AddressOfOrdinals             uint32
	}
	tables := at + uint32(binary.Size(directory{}))
	texts := tables + 4 + 4 + 2
	functionAt := texts + uint32(len(name)) + 1
	targetAt := functionAt + uint32(len(function)) + 1
	var b bytes.Buffer
	for _, part := range []any{
		directory{
			Name: texts, Base: 1, Functions: 1, Names: 1,
			AddressOfFunctions: tables, AddressOf: tables + 4, AddressOfOrdinals: tables + 8,
		},
		targetAt, functionAt, uint16(0),
		[]byte(name + "\x00" + function + "\x00" + target + "\x00"),
	} {
		binary.Write(&b, binary.LittleEndian, part) // cannot fail: it goes to memory, and sizes are fixed
	}
	return b.Bytes()
}

// slab writes the parts one after the other. The last one begins at a multiple of size, and
// zeros fill up the end to a multiple of size.
func slab(size int, parts ...any) []byte {
	var b bytes.Buffer
	fill := func() { b.Write(make([]byte, (size-b.Len()%size)%size)) }
	for i, part := range parts {
		if i == len(parts)-1 {
			fill()
		}
		binary.Write(&b, binary.LittleEndian, part)
	}
	fill()
	return b.Bytes()
}
